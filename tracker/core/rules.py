"""The rules of a race as they stand: what the organiser fixed, and what the desk has moved since.

A moved cutoff, a stop of the race's time, a changed course and a corrected start are facts; `rules_of` makes of them what a verdict needs,
whatever order they came in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tracker.core.course import CutoffFrom, CutoffOn, Race
from tracker.core.facts import CutoffMove, Neutralise, Reroute, Start

_EVER_MS = -(1 << 60)
_NEVER_MS = -_EVER_MS
RaceFact = Start | CutoffMove | Neutralise | Reroute
Span = tuple[int, int]
"""From when until when the race's time stood still for a runner, UTC milliseconds."""


@dataclass(frozen=True, slots=True)
class Starts:
    """When a race and its waves really started, UTC milliseconds: as scheduled, or as the desk said."""

    race_ms: int
    waves_ms: dict[str, int]

    def gun_ms(self, wave: str | None) -> int:
        """The start of a runner's wave, or of the race."""
        return self.race_ms if wave is None else self.waves_ms.get(wave, self.race_ms)


class Version(NamedTuple):
    """A cutoff as it is from a moment on: `limit_ms` after the start (`absolute`: a moment, named at `named_ms`), grace included."""

    from_ms: int
    limit_ms: int
    absolute: bool
    named_ms: int = _EVER_MS

    def last_ms(self, base_ms: int, spans: Sequence[Span] = ()) -> int:
        """The last moment that is in time, of a race that runs from `base_ms`; later by as long as time stood still before it.

        Who names a moment after a stop has counted that in.
        """
        if not self.absolute:
            return later(base_ms + self.limit_ms, spans)
        return later(self.limit_ms, [span for span in spans if span[1] > self.named_ms])


class Limit(NamedTuple):
    """A cutoff as a verdict needs it: at which checkpoint, the last moment in time, and which passing must be in time.

    `first_ms` is the least `last_ms` of this cutoff and all after it: moved ones need not rise along the course.
    """

    at: int
    last_ms: int
    on_arrival: bool
    on_departure: bool
    first_ms: int


class Standstill(NamedTuple):
    """The race's time stood still; `at` the indices of the checkpoints concerned, None for all of them."""

    from_ms: int
    until_ms: int
    at: frozenset[int] | None


@dataclass(frozen=True)
class Rules:
    """One race's rules. `versions` has every cutoff's history by checkpoint; `finish` is where the race ends, as was said at `ends_ms`."""

    race: Race
    starts: Starts
    finish: int
    ends_ms: int
    skipped: frozenset[int]
    versions: dict[int, tuple[Version, ...]]
    standstills: tuple[Standstill, ...]
    _limits: dict[int, tuple[Limit, ...]] = field(default_factory=dict, compare=False, repr=False)

    def limits(self, base_ms: int, spans: Sequence[Span] = ()) -> tuple[Limit, ...]:
        """Every cutoff in course order, for a race that runs from `base_ms`, and stood still for a runner in `spans`."""
        if spans:
            return self._all_limits(base_ms, spans)
        found = self._limits.get(base_ms)
        if found is None:
            found = self._all_limits(base_ms, ())
            if self.race.cutoff_from is not CutoffFrom.RUNNER:  # else there are as many starts as runners
                self._limits[base_ms] = found
        return found

    @cached_property
    def ahead(self) -> tuple[int | None, ...]:
        """For each checkpoint the one to which a runner goes from there; None from the finish on."""
        points = range(len(self.race.checkpoints))
        return tuple(next((ahead for ahead in range(at + 1, self.finish + 1) if ahead not in self.skipped), None) for at in points)

    def _all_limits(self, base_ms: int, spans: Sequence[Span]) -> tuple[Limit, ...]:
        found: list[Limit] = []
        first_ms = _NEVER_MS
        for at, versions in sorted(self.versions.items(), reverse=True):
            if at <= self.finish and at not in self.skipped:
                cutoff = self.race.checkpoints[at].cutoff
                on = CutoffOn.ARRIVAL if at == self.finish else cutoff.on if cutoff is not None else CutoffOn.DEPARTURE
                last_ms = _last_ms(versions, base_ms, spans)
                first_ms = min(first_ms, last_ms)
                found.append(Limit(at, last_ms, on is not CutoffOn.DEPARTURE, on is not CutoffOn.ARRIVAL, first_ms))
        return tuple(reversed(found))


def later(last_ms: int, spans: Sequence[Span]) -> int:
    """A moment of the race's own time by the clock: as much later as time had stood still by then."""
    for from_ms, until_ms in spans:
        if from_ms <= last_ms:
            last_ms += until_ms - from_ms
    return last_ms


def stood_ms(spans: Sequence[Span], moment_ms: int) -> int:
    """For how long time had stood still by a moment."""
    return sum(min(until_ms, moment_ms) - from_ms for from_ms, until_ms in spans if from_ms < moment_ms)


def _last_ms(versions: tuple[Version, ...], base_ms: int, spans: Sequence[Span]) -> int:
    """The last moment in time under all versions of a cutoff.

    A passing is measured against the version in force then, or a later one that is kinder: nobody is late by a rule that came after him,
    and who was late by the old one is not by the new. So the first moment too late is the least over the versions of the later of two:
    when the version came into force, and the end of it and of all after it.
    """
    kindest_ms = versions[-1].last_ms(base_ms, spans)
    struck_ms = max(versions[-1].from_ms, kindest_ms + 1)
    for version in reversed(versions[:-1]):
        kindest_ms = max(kindest_ms, version.last_ms(base_ms, spans))
        struck_ms = min(struck_ms, max(version.from_ms, kindest_ms + 1))
    return struck_ms - 1


class RuleFault(NamedTuple):
    """A fact of the desk that the race cannot follow, and why."""

    fact: RaceFact
    text: str


def rules_of(race: Race, facts: Iterable[RaceFact] = ()) -> tuple[Rules, list[RuleFault]]:
    """The race's rules under the desk's facts about it, and which of those say nothing that can be done."""
    said = sorted(set(facts), key=lambda fact: (fact.at_ms, fact.key))
    faults: list[RuleFault] = []
    starts = _starts(race, [fact for fact in said if isinstance(fact, Start)], faults)
    finish, ends_ms, skipped = _course(race, [fact for fact in said if isinstance(fact, Reroute)], faults)
    versions = _versions(race, starts.race_ms, [fact for fact in said if isinstance(fact, CutoffMove)], faults)
    standstills = _standstills(race, [fact for fact in said if isinstance(fact, Neutralise)], faults)
    return Rules(race, starts, finish, ends_ms, skipped, versions, standstills), faults


def _starts(race: Race, said: list[Start], faults: list[RuleFault]) -> Starts:
    race_ms, waves_ms = race.start_ms, dict(race.wave_starts)
    for fact in said:
        if fact.wave is None:
            race_ms = fact.start_ms
        elif fact.wave in waves_ms:
            waves_ms[fact.wave] = fact.start_ms
        else:
            faults.append(RuleFault(fact, f"race {race.id} has no wave {fact.wave}"))
    return Starts(race_ms, waves_ms)


def _course(race: Race, said: list[Reroute], faults: list[RuleFault]) -> tuple[int, int, frozenset[int]]:
    finish, ends_ms, skipped = race.finish, _EVER_MS, frozenset[int]()
    for fact in said:
        named = (*fact.skip, *([fact.finish] if fact.finish else []))
        unknown = [name for name in named if name not in race.index_of]
        moved = race.index_of.get(fact.finish or "", finish)
        without = skipped | {race.index_of[name] for name in fact.skip if name in race.index_of}
        if unknown:
            faults.append(RuleFault(fact, f"race {race.id} has no checkpoint {', '.join(unknown)}"))
        elif moved == 0 or without & {0, moved}:
            what = "end at its start" if moved == 0 else "skip its start or its finish"
            faults.append(RuleFault(fact, f"race {race.id} cannot {what}"))
        else:
            if moved != finish:
                ends_ms = fact.at_ms
            finish, skipped = moved, without
    return finish, ends_ms, skipped


def _versions(race: Race, start_ms: int, said: list[CutoffMove], faults: list[RuleFault]) -> dict[int, tuple[Version, ...]]:
    found = {index: [Version(_EVER_MS, cutoff.limit_ms, absolute=False)] for index, cutoff in race.cutoffs.items()}
    named: dict[int, list[tuple[CutoffMove, Version]]] = {}
    for fact in sorted(said, key=lambda fact: (_from_ms(fact), fact.at_ms, fact.key)):
        at = race.index_of.get(fact.checkpoint)
        if at is None:
            faults.append(RuleFault(fact, f"race {race.id} has no checkpoint {fact.checkpoint}"))
            continue
        cutoff = race.checkpoints[at].cutoff
        grace_ms = 0 if cutoff is None else cutoff.grace_ms
        over = _said_later(fact, named.get(at, ()))
        before = next((one for one in reversed(found.get(at, ())) if one not in over and one.limit_ms != _NEVER_MS), None)
        if before is None and (fact.extend_ms is not None or fact.onward):
            faults.append(RuleFault(fact, f"{fact.checkpoint} of race {race.id} has no cutoff to move from: say when it is"))
            continue
        moved = _moved(fact, before, grace_ms)
        if not over:
            found.setdefault(at, [Version(_EVER_MS, _NEVER_MS, absolute=True)]).append(moved)
            if fact.extend_ms is None:
                named.setdefault(at, []).append((fact, moved))
        if fact.onward and before is not None:
            for later in range(at + 1, len(race.checkpoints)):
                if later in found and not _said_later(fact, named.get(later, ())):
                    found[later].append(_as_far(_from_ms(fact), before, moved, found[later][-1], start_ms))
    return {index: tuple(versions) for index, versions in found.items()}


def _said_later(fact: CutoffMove, named: Iterable[tuple[CutoffMove, Version]]) -> list[Version]:
    """Of the times that are in force before a word would be, those that were named after it was said: they stand over it."""
    return [version for one, version in named if (one.at_ms, one.key) > (fact.at_ms, fact.key)]


def _as_far(from_ms: int, before: Version, moved: Version, last: Version, start_ms: int) -> Version:
    """A later cutoff moved as far as an earlier one was. To a moment, that is farther for who started sooner: then it is a moment too."""
    if moved.absolute and not before.absolute and not last.absolute:
        return Version(from_ms, moved.limit_ms + last.limit_ms - before.limit_ms, absolute=True, named_ms=moved.named_ms)
    return last._replace(from_ms=from_ms, limit_ms=last.limit_ms + moved.last_ms(start_ms) - before.last_ms(start_ms))


def _from_ms(fact: CutoffMove) -> int:
    return fact.at_ms if fact.from_ms is None else fact.from_ms


def _moved(fact: CutoffMove, before: Version | None, grace_ms: int) -> Version:
    if fact.limit_at_ms is not None:
        return Version(_from_ms(fact), fact.limit_at_ms + grace_ms, absolute=True, named_ms=fact.at_ms)
    if fact.offset_ms is not None:
        return Version(_from_ms(fact), fact.offset_ms + grace_ms, absolute=False)
    assert before is not None, "who extends a cutoff that is not there was refused before"
    return before._replace(from_ms=_from_ms(fact), limit_ms=before.limit_ms + (fact.extend_ms or 0))


def _standstills(race: Race, said: list[Neutralise], faults: list[RuleFault]) -> tuple[Standstill, ...]:
    found: list[Standstill] = []
    for fact in said:
        unknown = [name for name in fact.checkpoints or () if name not in race.index_of]
        if unknown:
            faults.append(RuleFault(fact, f"race {race.id} has no checkpoint {', '.join(unknown)}"))
        elif fact.until_ms <= fact.from_ms:
            faults.append(RuleFault(fact, f"the stop of race {race.id} ends before it begins"))
        else:
            at = None if fact.checkpoints is None else frozenset(race.index_of[name] for name in fact.checkpoints)
            found.append(Standstill(fact.from_ms, fact.until_ms, at))
    return tuple(sorted(found, key=lambda still: (still.from_ms, still.until_ms, sorted(still.at or ()))))
