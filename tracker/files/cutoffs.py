"""Whether people can run to a race's cutoffs: what contradicts itself is a fault, a pace that is hardly meant is a doubt.

Pure: a race in, findings out. What is printed beside a cutoff is compared in `rows`.
"""

from collections.abc import Iterator

from tracker.core.course import FASTEST_EFFORT_KMH, Checkpoint, Cutoff, CutoffFrom, CutoffOn, Race
from tracker.files.finding import Finding, doubt, fault
from tracker.files.times import DAY_MS, HOUR_MS, format_duration, local_datetime

WINNER_EFFORT_KMH = 14.0
"""km-effort an hour of a winner over hours: a leg whose cutoffs ask for more is hardly meant."""
FIRST_FEW_EFFORT_KMH = 12.0
"""km-effort an hour that one finisher in twenty makes (24 races of the series, 30 km-effort and more: 8 to 12)."""
EVERYBODY_EFFORT_KMH = 2.5
"""km-effort an hour below the last finisher of every race of the series (3.4 to 7.2)."""
CRAWL_KMH = 1.5
WAVE_SPREAD_MS = 12 * HOUR_MS
STARTS = {CutoffFrom.RACE: "the start of the race", CutoffFrom.WAVE: "each wave's own start", CutoffFrom.RUNNER: "each runner's own start"}
_CHECK = "Check the cutoff and the kilometres"


def findings_in_cutoffs(race: Race, where: str) -> Iterator[Finding]:
    """What is wrong with the cutoffs as a whole; `where` is the race's place in the file."""
    yield from _late_waves(race, where)
    finish = race.checkpoints[-1]
    if finish.cutoff is not None:
        yield from _time_limit(race, finish.cutoff, where)
    elif race.cutoffs:
        last = race.checkpoints[max(race.cutoffs)].id
        what = f'the finish, "{finish.id}", has no cutoff: nobody is out of time after "{last}"'
        yield doubt(where, what, "Write the time limit of the race there")


def findings_at_cutoff(race: Race, index: int, timezone: str, place: str, *, dated: bool) -> Iterator[Finding]:
    """What is wrong with one checkpoint's cutoff; `dated`: it is written as a date-time, which can be a day off."""
    cutoff = race.checkpoints[index].cutoff
    if cutoff is None:
        return
    faults = list(_impossible(race, index, timezone, place, dated=dated))
    yield from faults
    if faults:
        return
    if index == 0:
        yield _at_the_start(cutoff, place)
    yield from _odd_speeds(race, index, cutoff.offset_ms, timezone, place, dated=dated)
    yield from _long_grace(race, index, cutoff, place)
    if index == race.finish and cutoff.on is not CutoffOn.ARRIVAL:
        what = f'cutoff_on is "{cutoff.on}", and nobody has to leave the finish: the arrival counts'
        yield doubt(place, what, "Take cutoff_on out here")


def _late_waves(race: Race, where: str) -> Iterator[Finding]:
    """Waves that the first cutoff they meet leaves less than a winner's time, where it runs from the start of the race."""
    first = next((index for index in race.cutoffs if index > 0), None)
    cutoff = None if first is None else race.checkpoints[first].cutoff
    if first is None or cutoff is None or race.cutoff_from is not CutoffFrom.RACE:
        return
    for wave in race.waves:
        late_ms = wave.start_ms - race.start_ms
        if not 0 < late_ms <= WAVE_SPREAD_MS or _kmh(race, 0, first, cutoff.offset_ms) > WINNER_EFFORT_KMH:
            continue
        left_ms = cutoff.offset_ms - late_ms
        named = f'cutoff {format_duration(cutoff.offset_ms)} at "{race.checkpoints[first].id}"'
        do = 'Write a later cutoff, or cutoff_from = "wave"'
        if left_ms <= 0:
            yield doubt(
                f'{where}, wave "{wave.id}"', f"it starts {format_duration(late_ms)} after the race, and {named} is over by then", do
            )
        elif (kmh := _kmh(race, 0, first, left_ms)) > WINNER_EFFORT_KMH:
            what = f"{named} leaves it {format_duration(left_ms)}: {kmh:.0f} km-effort an hour, faster than winners run"
            yield doubt(f'{where}, wave "{wave.id}"', what, do)


def _time_limit(race: Race, cutoff: Cutoff, where: str) -> Iterator[Finding]:
    """A limit of the whole race that hardly anybody makes, or that nobody can miss; single cutoffs have doubts of their own."""
    if cutoff.offset_ms <= 0:
        return
    kmh = _kmh(race, 0, race.finish, cutoff.offset_ms)
    if FIRST_FEW_EFFORT_KMH < kmh <= WINNER_EFFORT_KMH:
        what = f"the time limit, {format_duration(cutoff.offset_ms)}, asks for {kmh:.0f} km-effort an hour: the first few alone run that"
        yield doubt(where, what, "Check the limit, distance_km and gain_m")
    elif 0 < kmh < EVERYBODY_EFFORT_KMH and _walked_kmh(race, race.finish, cutoff.offset_ms) >= CRAWL_KMH:
        what = (
            f"the time limit, {format_duration(cutoff.offset_ms)}, asks for {kmh:.1f} km-effort an hour: the last of every race is faster"
        )
        yield doubt(where, what, "Check the limit, distance_km and gain_m")


def _impossible(race: Race, index: int, timezone: str, place: str, *, dated: bool) -> Iterator[Finding]:
    """Cutoffs rise along the course, and nobody is asked for more than anybody runs."""
    cutoff = race.checkpoints[index].cutoff
    offset_ms = cutoff.offset_ms if cutoff else 0
    before, before_ms = _cutoff_before(race, index)
    days = (before_ms - offset_ms) // DAY_MS + 1
    remedy = dated and days > 0 and _on_another_day(race, index, offset_ms + days * DAY_MS, timezone)
    in_order = f"Correct it, or the one before; both run from {STARTS[race.cutoff_from]}"
    if offset_ms <= 0:
        which = "before the start" if offset_ms < 0 else "the start itself"
        what = f"cutoff {_local(race, offset_ms, timezone)} is {which} ({_local(race, 0, timezone)})"
        yield fault(place, what, remedy or in_order)
    elif offset_ms <= before_ms:
        what = (
            f"cutoff {format_duration(offset_ms)} ({_local(race, offset_ms, timezone)}) is not after the one before, "
            f'{format_duration(before_ms)} ({_local(race, before_ms, timezone)}) at "{race.checkpoints[before].id}"'
        )
        yield fault(place, what, remedy or in_order)
    elif (kmh := _kmh(race, 0, index, offset_ms)) > FASTEST_EFFORT_KMH:
        asked = f"{kmh:.0f} km-effort an hour from the start"
        what = f"cutoff {format_duration(offset_ms)} asks for {asked}, and nobody runs {FASTEST_EFFORT_KMH:.0f}"
        remedy = dated and _a_day_later(race, index, offset_ms, timezone)
        yield fault(place, what, remedy or f"Correct the cutoff, or km {race.checkpoints[index].km:g}")


def _at_the_start(cutoff: Cutoff, place: str) -> Finding:
    what = f"cutoff {format_duration(cutoff.offset_ms)} stands at the start, and whoever starts after it is out of time"
    return doubt(place, what, "Take it out, unless the start line closes then")


def _odd_speeds(race: Race, index: int, offset_ms: int, timezone: str, place: str, *, dated: bool) -> Iterator[Finding]:
    """A leg faster than winners run (so also a cutoff before the winner: one of the legs up to it is), or slower than people walk.

    A leg that is slow because the cutoff before it is too early is not said: that one is.
    """
    before, before_ms = _cutoff_before(race, index)
    leg_ms = offset_ms - before_ms
    leg_kmh = _leg_kmh(race, index, offset_ms)
    leaves = f'cutoff {format_duration(offset_ms)} leaves {format_duration(leg_ms)} from "{race.checkpoints[before].id}"'
    a_day_earlier = (dated and _on_another_day(race, index, offset_ms - DAY_MS, timezone)) or _CHECK
    if leg_kmh > WINNER_EFFORT_KMH:
        a_day_later = (dated and _a_day_later(race, index, offset_ms, timezone)) or _CHECK
        yield doubt(place, f"{leaves}: {leg_kmh:.0f} km-effort an hour, faster than winners run", a_day_later)
    km = race.checkpoints[index].km
    if 0 < (walked_kmh := _walked_kmh(race, index, offset_ms)) < CRAWL_KMH:
        what = f"cutoff {format_duration(offset_ms)} is for km {km:g}: {walked_kmh:.1f} km an hour, slower than people walk"
        yield doubt(place, what, a_day_earlier)
    elif 0 < leg_kmh < CRAWL_KMH and not (before_ms and _leg_kmh(race, before, before_ms) > WINNER_EFFORT_KMH):
        yield doubt(place, f"{leaves}: {leg_kmh:.1f} km-effort an hour, slower than people walk", a_day_earlier)


def _long_grace(race: Race, index: int, cutoff: Cutoff, place: str) -> Iterator[Finding]:
    """A grace in which the next cutoff passes."""
    after, after_ms = _cutoff_after(race, index)
    if after is not None and cutoff.offset_ms < after_ms <= cutoff.limit_ms:
        until = f"grace {format_duration(cutoff.grace_ms)} lets runners through until start + {format_duration(cutoff.limit_ms)}"
        what = f'{until}, and the cutoff at "{after.id}" is start + {format_duration(after_ms)}'
        yield doubt(place, what, 'Write a shorter one; grace = "2m" is usual')


def _on_another_day(race: Race, index: int, meant_ms: int, timezone: str) -> str | None:
    """What to write where a date some days off makes a leg that people run in that time: the usual slip is one past midnight."""
    before_ms = _cutoff_before(race, index)[1]
    if meant_ms <= before_ms or not CRAWL_KMH < _leg_kmh(race, index, meant_ms) < WINNER_EFFORT_KMH:
        return None
    duration = format_duration(meant_ms)
    return f'Start + {duration} would be {_local(race, meant_ms, timezone)}: write cutoff = "{duration}", or correct the date'


def _a_day_later(race: Race, index: int, offset_ms: int, timezone: str) -> str | None:
    """What to write where the date may be a day early, unless the next cutoff is before that."""
    after, after_ms = _cutoff_after(race, index)
    meant_ms = offset_ms + DAY_MS
    return None if after is not None and after_ms <= meant_ms else _on_another_day(race, index, meant_ms, timezone)


def _cutoff_after(race: Race, index: int) -> tuple[Checkpoint | None, int]:
    """The next checkpoint with a cutoff, and its milliseconds from the start."""
    return next(((point, point.cutoff.offset_ms) for point in race.checkpoints[index + 1 :] if point.cutoff), (None, 0))


def _cutoff_before(race: Race, index: int) -> tuple[int, int]:
    """The checkpoint with the last cutoff before `index`, and its milliseconds from the start; the start and 0 where there is none."""
    for before in range(index - 1, -1, -1):
        cutoff = race.checkpoints[before].cutoff
        if cutoff is not None and cutoff.offset_ms > 0:
            return before, cutoff.offset_ms
    return 0, 0


def _leg_kmh(race: Race, index: int, offset_ms: int) -> float:
    """km-effort an hour from the cutoff before to one at `offset_ms`."""
    before, before_ms = _cutoff_before(race, index)
    return _kmh(race, before, index, offset_ms - before_ms)


def _kmh(race: Race, from_index: int, to_index: int, duration_ms: int) -> float:
    """km-effort an hour."""
    return (race.efforts_km[to_index] - race.efforts_km[from_index]) / (duration_ms / HOUR_MS)


def _walked_kmh(race: Race, index: int, offset_ms: int) -> float:
    """km an hour from the start."""
    return race.checkpoints[index].km / (offset_ms / HOUR_MS)


def _local(race: Race, offset_ms: int, timezone: str) -> str:
    return f"{local_datetime(race.start_ms + offset_ms, timezone):%Y-%m-%d %H:%M}"
