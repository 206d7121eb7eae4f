"""What the stations told of runners, as the formats of single passages write it: every passage and withdrawal, whoever it is of.

It is the evidence as it came, by the devices' own clocks and under the bib that was read; the race, the checkpoint, and whether the desk
has voided it stand beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker.core.course import Race
from tracker.core.facts import Passage, Withdrawal
from tracker.core.passings import Splits
from tracker.export.results import Results


@dataclass(frozen=True, slots=True)
class Passed:
    """A passage or a withdrawal; the race of the runner it is of (None: the bib is nobody's), the checkpoint of that race that it is most
    likely of (None: the race never passes there), and whether the desk has voided it.
    """

    fact: Passage | Withdrawal
    race: Race | None
    at: int | None
    voided: bool


def passed(results: Results) -> list[Passed]:
    """All of them, in order of time: of the runners of the races that are written; where that is every race, of unknown bibs too."""
    field = results.field
    field.refresh()
    every = set(results.races) == set(field.races)
    found = []
    for bib in field.store.bibs():
        runner = field.runners.get(field.store.owner(bib))
        if runner is None and not every:
            continue
        race = None if runner is None else runner.race.race
        if race is None or race.id in results.races:
            found += [_told(results, one, race, () if runner is None else runner.verdict.splits) for one in _once(results, bib)]
    return sorted(found, key=lambda one: (one.fact.at_ms, one.fact.key))


def _once(results: Results, bib: str) -> Iterator[Passage | Withdrawal]:
    """What is on the record of a bib as it was read, each once."""
    record = results.field.store.raw(bib)
    both: Iterable[Passage | Withdrawal] = (*record.passages, *record.withdrawals)
    yield from {fact.key: fact for fact in both}.values()


def _told(results: Results, fact: Passage | Withdrawal, race: Race | None, splits: Splits) -> Passed:
    store = results.field.store
    at_ms = fact.at_ms if fact.device is None else store.right_moment(fact.device, fact.at_ms)
    at = None if race is None else _at(race, splits, fact.station, at_ms)
    return Passed(fact, race, at, fact.id in store.voided)


def _at(race: Race, splits: Splits, station: str, at_ms: int) -> int | None:
    """Of the checkpoints at a station the one that the runner passed nearest to the moment; the first where he passed none of them."""
    stops = race.visits.get(station)
    if stops is None or len(stops) == 1:
        return None if stops is None else stops[0]
    return min(stops, key=lambda at: _off_ms(splits, at, at_ms))


def _off_ms(splits: Splits, at: int, at_ms: int) -> float:
    """By how much a moment is outside of a runner's time at a checkpoint."""
    split = splits[at] if at < len(splits) else None
    if split is None:
        return float("inf")
    return max(split.in_ms - at_ms, at_ms - (split.in_ms if split.out_ms is None else split.out_ms), 0)
