"""Whether a course that reads well can be a race: what contradicts itself is a fault, what hardly can be meant is a doubt.

Pure: races in, findings out. Categories have rules of their own (`ages`).
"""

from collections.abc import Iterable, Iterator

from tracker.core.course import FASTEST_EFFORT_KMH, CutoffFrom, Race
from tracker.files.ages import findings_in_categories
from tracker.files.finding import Finding, doubt, fault
from tracker.files.printed import read_printed, read_printed_distance, weekday_and_date
from tracker.files.times import DAY_MS, HOUR_MS, format_duration, local_datetime

WINNER_EFFORT_KMH = 14.0
"""km-effort an hour of a winner over hours: a leg whose cutoffs ask for more is hardly meant."""
CRAWL_KMH = 1.5
WAVE_SPREAD_MS = 12 * HOUR_MS
_OUT_OF_ORDER = "Correct it, or the one before; both run from the start of the race"


def findings_between_races(races: Iterable[Race], source: str) -> Iterator[Finding]:
    """What is wrong between the races of an event."""
    yield from _said_twice("race", [race.id for race in races], source)


def findings_in_race(race: Race, timezone: str, where: str, dated: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """What is wrong in one race; local times are said in `timezone`, `where` is the race's place in the file.

    `dated` are the checkpoints whose cutoff is written as a date-time.
    """
    yield from _said_twice("checkpoint", [checkpoint.id for checkpoint in race.checkpoints], where)
    yield from _said_twice("wave", [wave.id for wave in race.waves], where)
    yield from _lengths(race, where)
    yield from _waves(race, where)
    yield from findings_in_categories(race, where)
    for index, checkpoint in enumerate(race.checkpoints):
        place = f'{where}, checkpoint "{checkpoint.id}"'
        yield from _rising(race, index, place)
        yield from _cutoff(race, index, timezone, place, dated=checkpoint.id in dated)
        yield from _printed_row(race, index, timezone, place)


def _said_twice(kind: str, ids: list[str], where: str) -> Iterator[Finding]:
    for number, name in enumerate(ids, 1):
        first = ids.index(name) + 1
        if first != number:
            yield fault(where, f'the {kind} id "{name}" stands twice ({kind}s {first} and {number})', "Give each an id of its own")


def _lengths(race: Race, where: str) -> Iterator[Finding]:
    start, finish = race.checkpoints[0], race.checkpoints[-1]
    if race.distance_km == 0:
        yield fault(where, "distance_km is 0", "Write the length of the course, for example distance_km = 105.0")
    if start.km != 0:
        yield doubt(where, f'the start, "{start.id}", is at km {start.km:g}', "Let the first checkpoint be the start, at km 0")
    if _far(finish.km, race.distance_km):
        yield doubt(where, f"the finish is at km {finish.km:g} and distance_km is {race.distance_km:g}", "Correct one of them")
    if finish.gain_m is not None and _far(finish.gain_m, race.gain_m):
        yield doubt(where, f"the finish has gain_m {finish.gain_m:g} and the race {race.gain_m:g}", "Correct one of them")
    if race.max_birth_year is not None and race.max_birth_year > race.year:
        yield fault(where, f"max_birth_year {race.max_birth_year} is after the race", "Write the latest year of birth that may start")
    if race.printed_distance is not None:
        yield from _printed_distance(race, race.printed_distance, where)


def _far(found: float, expected: float) -> bool:
    return abs(found - expected) > 0.02 * expected


def _printed_distance(race: Race, printed: str, where: str) -> Iterator[Finding]:
    km, gain_m = read_printed_distance(printed)
    wrong: list[str] = []
    if km is not None and _far(km, race.distance_km):
        wrong.append(f"{km:g} km for {race.distance_km:g} km")
    if gain_m is not None and _far(gain_m, race.gain_m):
        wrong.append(f"{gain_m:g} m of climb for {race.gain_m:g} m")
    if wrong:
        what = f'printed_distance "{printed}" does not fit distance_km and gain_m: {", ".join(wrong)}'
        yield doubt(where, what, "The file's figures count: tell the organiser, or correct them")
    if km is None and gain_m is None:
        yield doubt(where, f'printed_distance "{printed}" has nothing to compare', 'Write it as printed, for example "50km / +3600m"')


def _waves(race: Race, where: str) -> Iterator[Finding]:
    for wave in race.waves:
        place = f'{where}, wave "{wave.id}"'
        late_ms = wave.start_ms - race.start_ms
        if late_ms < 0:
            yield doubt(place, f"it starts {format_duration(-late_ms)} before the race", "Let the race start with its first wave")
        elif late_ms > WAVE_SPREAD_MS:
            yield doubt(place, f"it starts {format_duration(late_ms)} after the race", "Check the day")
    if race.cutoff_from is CutoffFrom.WAVE and not race.waves:
        yield doubt(where, 'cutoff_from is "wave" and there is no wave', 'Add the [[race.wave]], or write cutoff_from = "race"')


def _rising(race: Race, index: int, place: str) -> Iterator[Finding]:
    """Kilometres rise strictly, climb does not fall."""
    if index == 0:
        return
    here, before = race.checkpoints[index], race.checkpoints[index - 1]
    if here.km <= before.km:
        what = f'km {here.km:g} is not after km {before.km:g} of "{before.id}" before it'
        yield fault(place, what, "Write km from the start, and the checkpoints in course order")
    climbed = [(earlier.gain_m, earlier.id) for earlier in race.checkpoints[:index] if earlier.gain_m is not None]
    if here.gain_m is not None and climbed and here.gain_m < climbed[-1][0]:
        what = f'gain_m {here.gain_m:g} is less than {climbed[-1][0]:g} of "{climbed[-1][1]}" before it'
        yield fault(place, what, "Write all the climb from the start, not the leg's alone")


def _cutoff(race: Race, index: int, timezone: str, place: str, *, dated: bool) -> Iterator[Finding]:
    """Cutoffs rise along the course, at speeds that people run."""
    cutoff = race.checkpoints[index].cutoff
    if cutoff is None:
        return
    offset_ms = cutoff.offset_ms
    before, before_ms = _cutoff_before(race, index)
    remedy = (dated and _days_later(race, index, offset_ms, timezone)) or _OUT_OF_ORDER
    if offset_ms <= 0:
        which = "before the start" if offset_ms < 0 else "the start itself"
        what = f"cutoff {_local(race, offset_ms, timezone)} is {which} ({_local(race, 0, timezone)})"
        yield fault(place, what, remedy)
    elif offset_ms <= before_ms:
        what = (
            f"cutoff {format_duration(offset_ms)} ({_local(race, offset_ms, timezone)}) is not after the one before, "
            f'{format_duration(before_ms)} ({_local(race, before_ms, timezone)}) at "{race.checkpoints[before].id}"'
        )
        yield fault(place, what, remedy)
    elif _kmh(race, 0, index, offset_ms) > FASTEST_EFFORT_KMH:
        asked = f"{_kmh(race, 0, index, offset_ms):.0f} km-effort an hour from the start"
        what = f"cutoff {format_duration(offset_ms)} asks for {asked}, and nobody runs {FASTEST_EFFORT_KMH:.0f}"
        yield fault(place, what, f"Correct the cutoff, or km {race.checkpoints[index].km:g}")
    else:
        yield from _odd_speeds(race, index, offset_ms, place)


def _odd_speeds(race: Race, index: int, offset_ms: int, place: str) -> Iterator[Finding]:
    do = "Check the cutoff and the kilometres"
    before, before_ms = _cutoff_before(race, index)
    leg_kmh = _kmh(race, before, index, offset_ms - before_ms)
    if leg_kmh > WINNER_EFFORT_KMH:
        left = f'leaves {format_duration(offset_ms - before_ms)} from "{race.checkpoints[before].id}"'
        what = f"cutoff {format_duration(offset_ms)} {left}: {leg_kmh:.0f} km-effort an hour, faster than winners run"
        yield doubt(place, what, do)
    km = race.checkpoints[index].km
    km_an_hour = km / (offset_ms / HOUR_MS)
    if 0 < km_an_hour < CRAWL_KMH:
        what = f"cutoff {format_duration(offset_ms)} is for km {km:g}: {km_an_hour:.1f} km an hour, slower than people walk"
        yield doubt(place, what, do)


def _days_later(race: Race, index: int, offset_ms: int, timezone: str) -> str | None:
    """What to write where a date some days later makes a leg that people run in that time: the usual slip is one past midnight."""
    before, before_ms = _cutoff_before(race, index)
    days = (before_ms - offset_ms) // DAY_MS + 1
    meant_ms = offset_ms + days * DAY_MS
    if days < 1 or not CRAWL_KMH < _kmh(race, before, index, meant_ms - before_ms) < WINNER_EFFORT_KMH:
        return None
    duration = format_duration(meant_ms)
    return f'Start + {duration} would be {_local(race, meant_ms, timezone)}: write cutoff = "{duration}", or correct the date'


def _cutoff_before(race: Race, index: int) -> tuple[int, int]:
    """The checkpoint with the last cutoff before `index`, and its milliseconds from the start; the start and 0 where there is none."""
    for before in range(index - 1, -1, -1):
        cutoff = race.checkpoints[before].cutoff
        if cutoff is not None and cutoff.offset_ms > 0:
            return before, cutoff.offset_ms
    return 0, 0


def _kmh(race: Race, from_index: int, to_index: int, duration_ms: int) -> float:
    """km-effort an hour."""
    return (race.efforts_km[to_index] - race.efforts_km[from_index]) / (duration_ms / HOUR_MS)


def _local(race: Race, offset_ms: int, timezone: str) -> str:
    return f"{local_datetime(race.start_ms + offset_ms, timezone):%Y-%m-%d %H:%M}"


def _printed_row(race: Race, index: int, timezone: str, place: str) -> Iterator[Finding]:
    checkpoint = race.checkpoints[index]
    if checkpoint.printed is None:
        return
    printed = read_printed(checkpoint.printed)
    if printed.says_nothing:
        what = f'printed "{checkpoint.printed}" has no day, date, time or start + offset to compare'
        yield doubt(place, what, 'Write it as printed, for example "Saturday 3:00:00 25-jun"')
        return
    if checkpoint.cutoff is None and index > 0:
        yield doubt(place, f'there is no cutoff, and "{checkpoint.printed}" is printed', "Write the cutoff from the start")
        return
    offset_ms = checkpoint.cutoff.offset_ms if checkpoint.cutoff else 0
    moment = local_datetime(race.start_ms + offset_ms, timezone)
    wrong = printed.contradictions(moment, offset_ms)
    if wrong:
        which = f"start + {format_duration(offset_ms)}" if offset_ms else "the start"
        what = f'printed "{checkpoint.printed}" does not fit {which}, {weekday_and_date(moment)}: {", ".join(wrong)}'
        yield doubt(place, what, "The file's time counts: tell the organiser, or correct it")
