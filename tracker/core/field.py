"""All runners of an event: facts in, verdicts, places and the ledger out.

A fact marks its runner dirty and costs nothing more; whoever reads a view pays for the evaluation of the dirty ones. The same set of
facts at the same moment gives the same field, in whatever order and however often the facts came.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from tracker.core.course import Event, Race
from tracker.core.facts import (
    Accounted,
    AlertWord,
    BibSwap,
    ClockCorrection,
    CutoffMove,
    Decision,
    Fact,
    HandTime,
    Heartbeat,
    Neutralise,
    Passage,
    Penalty,
    RaceMove,
    Reroute,
    Start,
    StationChange,
    Void,
    Withdrawal,
)
from tracker.core.identities import Identities
from tracker.core.ranking import Ranking, rank_key
from tracker.core.roster import Entrant, Roster
from tracker.core.runner import Evidence, Starts, Status, Verdict, evaluate
from tracker.core.score import KEstimate, estimate_k
from tracker.core.voids import effective_voids

_WITHOUT_EFFECT: dict[type[Fact], str] = {
    CutoffMove: "moved cutoff",
    Neutralise: "neutralisation",
    Reroute: "change of the course",
    BibSwap: "change of bib",
    ClockCorrection: "clock correction",
    StationChange: "word on a station",
    Accounted: "word that a runner is accounted for",
    RaceMove: "move to another race",
    AlertWord: "word on an alert",
}
_TO_LOOK_AT = frozenset(("provisional", "conflict", "suspect"))


class Standing(NamedTuple):
    """One runner's line in the standings. Ranks are None for who has no place."""

    entrant: Entrant
    verdict: Verdict
    rank: int | None
    rank_sex: int | None
    rank_category: int | None


@dataclass(frozen=True, slots=True)
class Oddity:
    """A fact that says nothing about any runner, and why. `kind` is one of the alert kinds."""

    kind: str
    fact: Fact
    text: str


class _Runner:
    __slots__ = ("dirty", "due_ms", "entrant", "no", "passages", "race", "seen", "verdict")

    def __init__(self, entrant: Entrant, race: "_RaceState", no: int) -> None:
        self.entrant = entrant
        self.race = race
        self.no = no
        self.seen = Evidence()
        self.passages = self.seen.passages
        self.verdict = Verdict(Status.ENTERED)
        self.due_ms: int | None = None
        self.dirty = True


class _RaceState:
    """One race's runners, their ranking, and when it started."""

    def __init__(self, race: Race, entrants: Iterable[Entrant]) -> None:
        self.race = race
        self.runners = [_Runner(entrant, self, no) for no, entrant in enumerate(entrants)]
        self.ranking = Ranking(len(self.runners), len(race.checkpoints))
        self.starts = Starts(race.start_ms, dict(race.wave_starts))
        self.start_facts: list[Start] = []
        self.version = 0
        self.sexes = [runner.entrant.sex for runner in self.runners]
        self.categories = [_category(runner.entrant) for runner in self.runners]
        self.k: tuple[int, KEstimate] | None = None


class Field:
    """The whole event at a moment. `now_ms` only moves forward (`advance`); facts may come in any order (`add`)."""

    def __init__(self, event: Event, roster: Roster, now_ms: int = 0) -> None:
        self.event = event
        self.roster = roster
        self.now_ms = now_ms
        self._races = {race.id: _RaceState(race, roster.of_race(race.id)) for race in event.races}
        self._runners = {runner.entrant.bib: runner for state in self._races.values() for runner in state.runners}
        self._identities = Identities()
        self._unread = self._identities.unread
        self._voids: list[Void] = []
        self._voided: frozenset[str] = frozenset()
        self._oddities: dict[bytes, Oddity] = {}
        self._heartbeats: dict[str, Heartbeat] = {}
        self._due: dict[int, list[_Runner]] = {}
        self._moments: list[int] = []
        self._dirty: list[_Runner] = list(self._runners.values())

    def add(self, fact: Fact) -> None:
        """Take a fact into the set; one that is there already changes nothing, and one that fits nobody becomes an oddity, never lost."""
        self.extend((fact,))

    def extend(self, facts: Iterable[Fact]) -> None:
        """Take many facts, as `add` does."""
        runners, unread, dirty = self._runners, self._unread, self._dirty
        for fact in facts:
            if type(fact) is Passage:
                unread.append(fact)
                runner = runners.get(fact.bib)
                if runner is None:
                    self._odd("unknown_bib", fact, f"bib {fact.bib} is not on the roster, read at {fact.station}")
                    continue
                runner.passages.append(fact)
                if not runner.dirty:  # as _soil does; a call for every passage would be felt
                    runner.dirty = True
                    dirty.append(runner)
            elif type(fact) is Heartbeat:
                self._hear(fact)
            else:
                unread.append(fact)
                self._add_rare(fact)

    def advance(self, now_ms: int) -> None:
        """Move the clock. Only runners for whom a cutoff strikes by then are evaluated again. ValueError when it would go back."""
        if now_ms < self.now_ms:
            raise ValueError(f"the field's clock cannot go back from {self.now_ms} to {now_ms}: build a new field")
        self.now_ms = now_ms
        while self._moments and self._moments[0] <= now_ms:
            due_ms = heappop(self._moments)
            for runner in self._due.pop(due_ms):
                if runner.due_ms == due_ms:  # else it was due there before a later read
                    self._soil(runner)

    def verdict(self, bib: str) -> Verdict:
        """What a runner is now. KeyError when the bib is not on the roster."""
        self._refresh()
        return self._runners[bib].verdict

    def evidence(self, bib: str) -> Evidence:
        """Every fact about a runner that counts. KeyError when the bib is not on the roster."""
        return self._counting(self._runners[bib])

    def rank(self, bib: str) -> int | None:
        """The runner's overall place now."""
        self._refresh()
        runner = self._runners[bib]
        return runner.race.ranking.rank(runner.no)

    def leaders(self, race: str, count: int) -> list[str]:
        """The bibs of the first `count` runners of a race."""
        self._refresh()
        state = self._races[race]
        return [state.runners[no].entrant.bib for no in state.ranking.order(count)]

    def standings(self, race: str) -> list[Standing]:
        """Every entrant of a race: those with a place in order, then the others, the furthest first."""
        self._refresh()
        state = self._races[race]
        ranks = state.ranking.ranks()
        by_sex = state.ranking.ranks(state.sexes)
        by_category = state.ranking.ranks(state.categories)
        placed = state.ranking.order()
        others = [runner.no for runner in state.runners if ranks[runner.no] is None]
        others.sort(key=lambda no: (-state.runners[no].verdict.furthest, state.runners[no].verdict.reached_ms, no))
        return [
            Standing(state.runners[no].entrant, state.runners[no].verdict, ranks[no], by_sex[no], by_category[no])
            for no in (*placed, *others)
        ]

    def ledger(self, race: str) -> dict[Status, int]:
        """How many entrants of a race are what; the numbers sum to the entrants."""
        self._refresh()
        counts = dict.fromkeys(Status, 0)
        for runner in self._races[race].runners:
            counts[runner.verdict.status] += 1
        return counts

    def flagged(self, race: str) -> list[tuple[str, Verdict]]:
        """The runners of a race that somebody should look at: a provisional verdict, or evidence that does not fit."""
        self._refresh()
        runners = self._races[race].runners
        return [(runner.entrant.bib, runner.verdict) for runner in runners if _TO_LOOK_AT.intersection(runner.verdict.flags)]

    def starts(self, race: str) -> Starts:
        """When the race and its waves really started."""
        return self._races[race].starts

    def k(self, race: str) -> KEstimate:
        """The race's score factor as estimated from its finishers so far."""
        self._refresh()
        state = self._races[race]
        if state.k is None or state.k[0] != state.version:
            finishers = [
                (runner.verdict.official_ms, runner.entrant.index)
                for runner in state.runners
                if runner.verdict.status is Status.FINISHED and runner.verdict.official_ms is not None
            ]
            state.k = (state.version, estimate_k(state.race, finishers))
        return state.k[1]

    @property
    def oddities(self) -> list[Oddity]:
        """The facts that fit nobody, and those that bear another fact's id; unless voided."""
        reused = (Oddity("id_reused", fact, f"the id {fact.id} names different facts; all count") for fact in self._identities.reused())
        return [oddity for oddity in (*self._oddities.values(), *reused) if oddity.fact.id not in self._voided]

    @property
    def heartbeats(self) -> dict[str, Heartbeat]:
        """The newest heartbeat of each device."""
        return dict(self._heartbeats)

    def version(self, race: str) -> int:
        """A number that changes whenever a verdict of the race does."""
        self._refresh()
        return self._races[race].version

    def digest(self) -> str:
        """A hash of every verdict and place: the same facts give the same digest, in whatever order they came."""
        digest = hashlib.sha256(self.event.id.encode())
        for race in sorted(self._races):
            for line in sorted(self.standings(race), key=lambda line: line.entrant.bib):
                digest.update(repr(_fingerprint(race, line)).encode())
        return digest.hexdigest()

    def check(self) -> None:
        """Prove that the field is sound. AssertionError says what is not: a stale verdict, a ledger that does not sum, a wrong place."""
        self._refresh()
        for race, state in self._races.items():
            assert sum(self.ledger(race).values()) == len(state.runners), f"{race}: the ledger does not sum"
            for runner in state.runners:
                fresh = evaluate(state.race, runner.entrant, self._counting(runner), state.starts, self.now_ms)
                assert fresh == runner.verdict, f"{race}: bib {runner.entrant.bib} has a stale verdict"
            lines = self.standings(race)
            keys = [rank_key(state.race, line.verdict) for line in lines]
            placed = [key for key in keys if key is not None]
            assert placed == sorted(placed), f"{race}: the standings are out of order"
            for line, key in zip(lines, keys, strict=True):
                want = None if key is None else 1 + sum(1 for other in placed if other < key)
                assert line.rank == want, f"{race}: bib {line.entrant.bib} has rank {line.rank}, not {want}"

    def _refresh(self) -> None:
        if not self._dirty:
            return
        dirty = self._dirty.copy()
        self._dirty.clear()
        for runner in dirty:
            runner.dirty = False
            state = runner.race
            verdict = evaluate(state.race, runner.entrant, self._counting(runner), state.starts, self.now_ms)
            if verdict.due_ms is not None and verdict.due_ms != runner.due_ms:
                self._await(verdict.due_ms, runner)
            runner.due_ms = verdict.due_ms
            runner.verdict = verdict
            state.version += 1
            state.ranking.place(runner.no, rank_key(state.race, verdict))

    def _await(self, due_ms: int, runner: _Runner) -> None:
        """The clock will change the runner's verdict then. Many runners share a moment: a cutoff is the same for all."""
        waiting = self._due.get(due_ms)
        if waiting is None:
            heappush(self._moments, due_ms)
            waiting = self._due[due_ms] = []
        waiting.append(runner)

    def _soil(self, runner: _Runner) -> None:
        """What is known of the runner, or the moment, has changed: whoever looks next evaluates again."""
        if not runner.dirty:
            runner.dirty = True
            self._dirty.append(runner)

    def _counting(self, runner: _Runner) -> Evidence:
        if not self._voided:
            return runner.seen
        voided, seen = self._voided, runner.seen
        return Evidence(
            [fact for fact in seen.passages if fact.id not in voided],
            tuple(fact for fact in seen.withdrawals if fact.id not in voided),
            tuple(fact for fact in seen.decisions if fact.id not in voided),
            tuple(fact for fact in seen.hand_times if fact.id not in voided),
            tuple(fact for fact in seen.penalties if fact.id not in voided),
        )

    def _add_rare(self, fact: Fact) -> None:
        """Everything but passages and heartbeats: a few hundred in a race."""
        match fact:
            case Void():
                self._voids.append(fact)
                self._void()
            case Start():
                self._start(fact)
            case Withdrawal() | Decision() | Penalty() | HandTime():
                runner = self._runners.get(fact.bib)
                if runner is None:
                    self._odd("unknown_bib", fact, f"bib {fact.bib} is not on the roster")
                    return
                if isinstance(fact, HandTime) and fact.checkpoint not in runner.race.race.index_of:
                    self._odd("unknown_checkpoint", fact, f"race {runner.race.race.id} has no checkpoint {fact.checkpoint}")
                    return
                _note(runner.seen, fact)
                self._soil(runner)
            case _ if (kind := _WITHOUT_EFFECT.get(type(fact))) is not None:
                self._odd("recorded_only", fact, f"the desk's {kind} is on record, but this version does not apply it")

    def _start(self, fact: Start) -> None:
        state = self._races.get(fact.race)
        if state is None:
            self._odd("unknown_race", fact, f"there is no race {fact.race}")
        elif fact.wave is not None and fact.wave not in state.race.wave_starts:
            self._odd("unknown_wave", fact, f"race {fact.race} has no wave {fact.wave}")
        else:
            state.start_facts.append(fact)
            self._restart(state)

    def _restart(self, state: _RaceState) -> None:
        race_ms, waves_ms = state.race.start_ms, dict(state.race.wave_starts)
        for fact in sorted(state.start_facts, key=lambda fact: (fact.at_ms, fact.key)):
            if fact.id in self._voided:
                continue
            if fact.wave is None:
                race_ms = fact.start_ms
            else:
                waves_ms[fact.wave] = fact.start_ms
        starts = Starts(race_ms, waves_ms)
        if starts != state.starts:
            state.starts = starts
            for runner in state.runners:
                self._soil(runner)

    def _void(self) -> None:
        voided = effective_voids(self._voids)
        for identity in voided ^ self._voided:
            for fact in self._identities.facts(identity):
                bib = getattr(fact, "bib", None)
                if bib in self._runners:
                    self._soil(self._runners[bib])
        self._voided = voided
        for state in self._races.values():
            self._restart(state)

    def _hear(self, fact: Heartbeat) -> None:
        last = self._heartbeats.get(fact.device)
        if last is None or (last.at_ms, last.key) < (fact.at_ms, fact.key):
            self._heartbeats[fact.device] = fact

    def _odd(self, kind: str, fact: Fact, text: str) -> None:
        self._oddities[fact.key] = Oddity(kind, fact, text)


def _category(entrant: Entrant) -> str | None:
    """Results rank O40 men and O40 women apart, whether or not the code names the sex."""
    return None if entrant.category is None else f"{entrant.category}/{entrant.sex}"


def _note(seen: Evidence, fact: Withdrawal | Decision | Penalty | HandTime) -> None:
    match fact:
        case Withdrawal():
            seen.withdrawals = (*seen.withdrawals, fact)
        case Decision():
            seen.decisions = (*seen.decisions, fact)
        case Penalty():
            seen.penalties = (*seen.penalties, fact)
        case HandTime():
            seen.hand_times = (*seen.hand_times, fact)


def _fingerprint(race: str, line: Standing) -> tuple[object, ...]:
    verdict = line.verdict
    splits = tuple((split.in_ms, split.out_ms) if split is not None else None for split in verdict.splits)
    ranks = (line.rank, line.rank_sex, line.rank_category)
    return (race, line.entrant.bib, verdict.status.value, verdict.flags, splits, verdict.official_ms, ranks)
