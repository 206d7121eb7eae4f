"""Whether a course that reads well can be a race: what contradicts itself is a fault, what hardly can be meant is a doubt.

Pure: races in, findings out. Categories (`ages`), cutoffs and printed rows have rules of their own.
"""

from collections.abc import Iterable, Iterator

from tracker.core.course import CutoffFrom, Race
from tracker.files.ages import findings_in_categories
from tracker.files.cutoffs import WAVE_SPREAD_MS, findings_at_cutoff, findings_in_cutoffs
from tracker.files.finding import Finding, doubt, fault
from tracker.files.rows import far, findings_in_distance, findings_in_row
from tracker.files.times import format_duration


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
    yield from findings_in_cutoffs(race, where)
    for index, checkpoint in enumerate(race.checkpoints):
        place = f'{where}, checkpoint "{checkpoint.id}"'
        yield from _rising(race, index, place)
        yield from findings_at_cutoff(race, index, timezone, place, dated=checkpoint.id in dated)
        yield from findings_in_row(race, index, timezone, place)


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
    if far(finish.km, race.distance_km):
        yield doubt(where, f"the finish is at km {finish.km:g} and distance_km is {race.distance_km:g}", "Correct one of them")
    if finish.gain_m is not None and far(finish.gain_m, race.gain_m):
        yield doubt(where, f"the finish has gain_m {finish.gain_m:g} and the race {race.gain_m:g}", "Correct one of them")
    if race.max_birth_year is not None and race.max_birth_year > race.year:
        yield fault(where, f"max_birth_year {race.max_birth_year} is after the race", "Write the latest year of birth that may start")
    yield from findings_in_distance(race, where)


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
