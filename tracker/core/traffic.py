"""Who comes through each station: who is expected there next and when, who passed unread, who is out of the race and was last known there.

Made of the verdicts alone, so it stands until one of them changes; the moment comes in only where somebody asks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.core.course import CutoffFrom
from tracker.core.cutoffs import limits_from, stood
from tracker.core.facts import Passage, Way, Withdrawal
from tracker.core.field import Field
from tracker.core.overdue import expected
from tracker.core.race_state import RaceState
from tracker.core.runner import Status, Verdict, Where, limits_of

_OUT = frozenset((Status.WITHDRAWN, Status.OUT_OF_TIME, Status.DISQUALIFIED, Status.STOPPED))
_MISSED = "missed:"


class Coming(NamedTuple):
    """A runner whose next checkpoint is at a station. Moments are UTC milliseconds, `at` is that checkpoint's index.

    Expected between `early_ms` and `late_ms`, four in five; `last_ms` is the last moment that is in time there, None without a cutoff.
    """

    expected_ms: int
    race: str
    bib: str
    at: int
    early_ms: int
    late_ms: int
    last_ms: int | None

    def margin_ms(self, now_ms: int) -> int | None:
        """How long before the cutoff the runner will be there, as far as can be said now; None without one."""
        return None if self.last_ms is None else self.last_ms - max(self.expected_ms, now_ms)

    def is_over(self, now_ms: int) -> bool:
        """Whether the runner should have been there by now: when he will be, nobody knows any more."""
        return self.late_ms < now_ms


class Bound(NamedTuple):
    """A race's cutoff at a station: the last moments in time, from the first to the last of those who are on the way there.

    They differ where runners have cutoffs of their own: by wave, by start, or because time stood still for some. By the gun while nobody
    is on the way.
    """

    first_ms: int
    last_ms: int
    race: str
    at: int


@dataclass(frozen=True)
class Traffic:
    """One station's runners. `coming` are in order of the expected time, `cutoffs` of the moment; `missed` and `out` are bibs.

    `missed` were seen further on and not there. `out` are out of the race, whatever the reason, and were last known there.

    `says_in`: whether anybody was read there going in, so that who is inside can be told from who has left; None: nobody was read there.
    """

    coming: tuple[Coming, ...]
    cutoffs: tuple[Bound, ...]
    missed: tuple[str, ...]
    out: tuple[str, ...]
    says_in: bool | None

    def due_by(self, until_ms: int) -> int:
        """How many are expected by a moment, those who should have been there long ago among them."""
        return bisect_right(self.coming, until_ms, key=_expected_ms)

    def at_risk(self, now_ms: int) -> int:
        """How many are expected after their cutoff there, or have not come though it has passed."""
        late, ends = self._ends
        return late + bisect_left(ends, now_ms)

    @cached_property
    def _ends(self) -> tuple[int, list[int]]:
        """How many are expected too late, and the last moments of all others, in order."""
        limited = [(one.expected_ms, one.last_ms) for one in self.coming if one.last_ms is not None]
        ends = sorted(last_ms for expected_ms, last_ms in limited if expected_ms <= last_ms)
        return len(limited) - len(ends), ends


def traffic(field: Field) -> dict[str, Traffic]:
    """The traffic of every station of the event. Costs a few microseconds a runner on the course."""
    field.refresh()
    coming: dict[str, list[Coming]] = {station: [] for station in field.event.stations}
    cutoffs: dict[str, list[Bound]] = {station: [] for station in field.event.stations}
    missed: dict[str, list[str]] = {station: [] for station in field.event.stations}
    out: dict[str, list[str]] = {station: [] for station in field.event.stations}
    says_in: dict[str, bool | None] = dict.fromkeys(field.event.stations)
    for state in field.races.values():
        stations = [point.station for point in state.race.checkpoints]
        on_the_way = list(_coming(state))
        _learn_ways(says_in, state)
        for one in on_the_way:
            coming[stations[one.at]].append(one)
        for bound in _bounds(state, on_the_way):
            cutoffs[stations[bound.at]].append(bound)
        for runner in state.runners:
            verdict, bib = runner.verdict, runner.entrant.bib
            for flag in verdict.flags:
                if flag.startswith(_MISSED):
                    missed[stations[state.race.index_of[flag.removeprefix(_MISSED)]]].append(bib)
            if verdict.status in _OUT and (where := _out_at(stations, verdict)) in out:
                out[where].append(bib)
    return {
        station: Traffic(
            tuple(sorted(coming[station])), tuple(sorted(cutoffs[station])), tuple(missed[station]), tuple(out[station]), says_in[station]
        )
        for station in field.event.stations
    }


def _learn_ways(says_in: dict[str, bool | None], state: RaceState) -> None:
    """Which stations have read somebody of a race, and somebody going in."""
    for at, point in enumerate(state.race.checkpoints):
        if says_in[point.station]:
            continue
        splits = [runner.verdict.splits[at] for runner in state.runners if runner.verdict.splits]
        reads = [split.reading for split in splits if split is not None and isinstance(split.reading, Passage)]
        if reads:
            says_in[point.station] = any(read.way is Way.IN for read in reads)


def _coming(state: RaceState) -> Iterator[Coming]:
    """Everybody who is on the way to a checkpoint of a race, or in a station and to go on to one."""
    race, rules, under = state.race.id, state.rules, state.under
    for where in (Where.ON_LEG, Where.IN_STATION):
        for runner in state.at(where):
            entrant, verdict = runner.entrant, runner.verdict
            at = rules.ahead[verdict.furthest]
            found = expected(state.forecaster, rules, runner.no, entrant.wave, verdict)
            if at is not None and found is not None:
                last_ms = next((limit.last_ms for limit in limits_of(under, entrant, verdict.splits) if limit.at == at), None)
                yield Coming(found.expected_ms, race, entrant.bib, at, found.early_ms, found.late_ms, last_ms)


def _bounds(state: RaceState, on_the_way: list[Coming]) -> Iterator[Bound]:
    """Every cutoff of a race, for those who are on the way there; by the gun where nobody is."""
    rules, race = state.rules, state.race
    guns_ms = {rules.starts.race_ms} if race.cutoff_from is CutoffFrom.RACE or not race.waves else set(rules.starts.waves_ms.values())
    found: dict[int, set[int]] = {}
    for gun_ms in guns_ms:
        for limit in limits_from(rules, gun_ms, gun_ms, stood(rules, gun_ms, ())):
            found.setdefault(limit.at, set()).add(limit.last_ms)
    own: dict[int, set[int]] = {}
    for one in on_the_way:
        if one.last_ms is not None:
            own.setdefault(one.at, set()).add(one.last_ms)
    for at, moments in (found | own).items():
        yield Bound(min(moments), max(moments), race.id, at)


def _out_at(stations: list[str], verdict: Verdict) -> str | None:
    """Where a runner who is out of the race was last known: where he gave up, or was last seen."""
    if isinstance(verdict.by, Withdrawal):
        return verdict.by.station
    at = verdict.furthest if verdict.place.at is None else verdict.place.at
    return stations[at] if at >= 0 else None


def _expected_ms(one: Coming) -> int:
    return one.expected_ms
