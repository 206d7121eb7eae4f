"""All runners of an event: facts in, verdicts, places and the ledger out.

A fact marks its runner dirty and costs nothing more; whoever reads a view pays for the evaluation of the dirty ones. The same set of
facts at the same moment gives the same field, in whatever order and however often the facts came.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from operator import attrgetter

from tracker.core.course import Event
from tracker.core.devices import Devices
from tracker.core.due import Due
from tracker.core.evidence import EvidenceStore
from tracker.core.facts import (
    Accounted,
    AlertWord,
    BibSwap,
    ClockCorrection,
    CutoffMove,
    Decision,
    DeskWord,
    DeviceWord,
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
from tracker.core.overdue import overdue_ms, with_overdue
from tracker.core.passings import Evidence
from tracker.core.race_state import RaceState, Runner, Standing
from tracker.core.roster import Roster
from tracker.core.rules import RaceFact, Starts
from tracker.core.runner import ALWAYS_MS, Conditions, Place, Status, Verdict, evaluate
from tracker.core.score import KEstimate, Score
from tracker.core.transfers import entered
from tracker.core.words import newest, retired, vouches

_RACING = Status.RACING
_NO = attrgetter("no")


class Field:
    """The whole event at a moment. `now_ms` only moves forward (`advance`); facts may come in any order (`add`)."""

    def __init__(self, event: Event, roster: Roster, now_ms: int = 0) -> None:
        self.event = event
        self.roster = roster
        self.now_ms = now_ms
        self.store = EvidenceStore(entrant.bib for entrant in roster.entrants)
        self.devices = Devices()
        self.station_words: list[StationChange] = []
        self.alert_words: list[AlertWord] = []
        self._device_words: list[DeviceWord] = []
        self._unread = self.store.identities.unread
        self._unheard: list[Passage | Withdrawal] = []
        self._unfiled: dict[str, list[Passage]] = {}
        """Reads by bib, until somebody looks: a runner's record is then touched once, and judged while it is at hand."""
        self._moves: list[RaceMove] = []
        self._moved = False
        self._unvoided: list[Void] = []
        self.said: list[Fact] = []
        """Everything but passages and heartbeats, as it came."""
        self._doubts: dict[str, int] = {}
        self._beat_ms: int | None = None
        self._race_facts: dict[str, list[RaceFact]] = {race.id: [] for race in event.races}
        self.refused: dict[bytes, tuple[str, Fact, str]] = {}
        """What fits nothing of this event, by key: the kind of alert, the fact, and why."""
        self.races: dict[str, RaceState] = {}
        self._build()

    def _build(self) -> None:
        """Put every runner into the race where the desk has him, and judge everybody anew."""
        self._moved = False
        runners = entered(self.event, self.roster, self._moves, self.store.voided)
        before = {race: state.version for race, state in self.races.items()}
        self.races = {
            race.id: RaceState(race, ((one, self.store.raw(one.bib)) for one in runners if one.race == race.id), self._race_facts[race.id])
            for race in self.event.races
        }
        self.runners = {runner.entrant.bib: runner for state in self.races.values() for runner in state.runners}
        self._due = Due()
        self._dirty: list[Runner] = list(self.runners.values())
        for race, state in self.races.items():
            state.version = before.get(race, 0) + 1
            state.rule(self.store.voided)
        self._hear_all()

    def supposing(self, said: Sequence[DeskWord]) -> "Field":
        """What this field would be if the desk had said this too. Only to be looked at, and at once: it shares the reads with this one."""
        self.refresh()
        other: Field = copy(self)
        vars(other).update({name: value.copy() for name, value in vars(self).items() if isinstance(value, list | dict)})
        bibs = {bib for fact in said if isinstance(bib := getattr(fact, "bib", None), str)}
        other.store, other.devices = self.store.twin(bibs), self.devices.twin()
        other._unread, other._due = other.store.identities.unread, Due()
        other._race_facts = {race: facts.copy() for race, facts in self._race_facts.items()}
        other.races = {race: state.twin(other._race_facts[race]) for race, state in self.races.items()}
        twins = (runner for state in other.races.values() for runner in state.runners)
        other.runners = dict(zip(self.runners, twins, strict=True))
        for bib in bibs & self.runners.keys():
            other.runners[bib].record = other.store.raw(bib)
        other.extend(said)
        other.refresh()
        return other

    def add(self, fact: Fact) -> None:
        """Take a fact into the set; one that is there already changes nothing, and one that fits nobody becomes an oddity, never lost."""
        self.extend((fact,))

    def extend(self, facts: Iterable[Fact]) -> None:
        """Take many facts, as `add` does."""
        unread, unheard, unfiled = self._unread, self._unheard, self._unfiled
        for fact in facts:
            if type(fact) is Passage:
                unread.append(fact)
                unheard.append(fact)
                reads = unfiled.get(fact.bib)
                if reads is None:
                    unfiled[fact.bib] = [fact]
                else:
                    reads.append(fact)
            elif type(fact) is Heartbeat:
                self.devices.hear(fact)
            else:
                unread.append(fact)
                self._add_rare(fact)

    def advance(self, now_ms: int) -> None:
        """Move the clock. Only runners for whom a cutoff strikes by then are evaluated again. ValueError when it would go back."""
        if now_ms < self.now_ms:
            raise ValueError(f"the field's clock cannot go back from {self.now_ms} to {now_ms}: build a new field")
        self.now_ms = now_ms
        if self._beat_ms is not None and now_ms >= self._beat_ms:
            self._hear_all()
        self._soil_all(self._due.take(now_ms))

    def doubt(self, device: str, doubt_ms: int) -> None:
        """The clock of a device may be off by so much (0: it is known to be right). No part of the facts: `too_close` stands on it."""
        if self._doubts.get(device, 0) != doubt_ms:
            self._doubts[device] = doubt_ms
            self._set_doubts()

    def verdict(self, bib: str) -> Verdict:
        """What a runner is now. KeyError when the bib is not on the roster."""
        self.refresh()
        return self.runners[bib].verdict

    def evidence(self, bib: str) -> Evidence:
        """Every fact about a runner that counts. KeyError when the bib is not on the roster."""
        self.refresh()
        return self.store.counting(self.runners[bib].entrant.bib)

    def leaders(self, race: str, count: int) -> list[str]:
        """The bibs of the first `count` runners of a race."""
        self.refresh()
        state = self.races[race]
        return [state.runners[no].entrant.bib for no in state.ranking.order(count)]

    def standings(self, race: str) -> list[Standing]:
        """Every entrant of a race: those with a place in order, then the others, the furthest first."""
        self.refresh()
        return self.races[race].standings()

    def ledger(self, race: str) -> dict[Status, int]:
        """How many entrants of a race are what; the numbers sum to the entrants."""
        self.refresh()
        return {status: self.races[race].statuses[status] for status in Status}

    def places(self, race: str) -> dict[Place, int]:
        """How many entrants of a race are where; the numbers sum to the entrants."""
        self.refresh()
        return {place: len(there) for place, there in self.races[race].places.items() if there}

    def starts(self, race: str) -> Starts:
        """When the race and its waves really started."""
        self.refresh()
        return self.races[race].rules.starts

    def conditions(self, race: str) -> Conditions:
        """What the verdicts of a race stand on."""
        self.refresh()
        return self.races[race].under

    def k(self, race: str) -> KEstimate:
        """The race's score factor as estimated by now."""
        self.refresh()
        return self.races[race].factor()

    def score(self, bib: str) -> Score | None:
        """The estimated score of a finisher, or of the finish that who is racing is expected to have; None for everybody else."""
        self.refresh()
        runner = self.runners[bib]
        return runner.race.score(runner.no, self.now_ms)

    def version(self, race: str) -> int:
        """A number that changes whenever a verdict of the race does."""
        self.refresh()
        return self.races[race].version

    def refresh(self) -> None:
        """Evaluate everybody about whom something new is known. Every view calls it."""
        if self._unfiled:
            self._file()
        if self._unvoided:
            self._void()
        if self._moved:
            self._build()
        if self._unheard:
            self._count()
        changed = self.devices.take_changes()
        for station in changed:
            self._set_through(station)
        if changed:
            self._beat_ms = self.devices.next_ms(self.store.right_moment, self.now_ms)
            self._set_doubts()
        while self._dirty:
            dirty = sorted(self._dirty, key=_NO)  # as they lie in memory: in a field of 100,000 that is a tenth of the time
            self._dirty.clear()
            try:
                self._judge(dirty)
            except Exception:  # whatever it was: who is not judged yet stays to be judged, and the error is told
                self._dirty.extend(runner for runner in dirty if runner.dirty and runner not in self._dirty)
                raise
            for state in self.races.values():
                anew, sooner = state.look_ahead([runner for runner in dirty if runner.race is state] if len(self.races) > 1 else dirty)
                self._soil_all(anew)
                for runner in sooner:
                    self._expect(state, runner)

    def _judge(self, runners: list[Runner]) -> None:
        store, now_ms = self.store, self.now_ms
        plain = store.plain
        for runner in runners:
            state = runner.race
            seen = runner.record if plain else store.counting(runner.entrant.bib)
            verdict = evaluate(state.under, runner.entrant, seen, now_ms, hasty=runner.no in state.hasty)
            runner.dirty = False
            if verdict.due_ms is not None and verdict.due_ms != runner.due_ms:
                self._due.put(verdict.due_ms, runner)
            runner.due_ms = verdict.due_ms
            if state.settle(runner, verdict):
                self._soil_all(other for other in state.runners if not other.verdict.started)
            if verdict.status is _RACING or runner.overdue_ms is not None:
                self._expect(state, runner)

    def _expect(self, state: RaceState, runner: Runner) -> None:
        """The runner is overdue now, or from a moment on."""
        from_ms = overdue_ms(state.under, state.forecaster, runner.no, runner.entrant.wave, runner.verdict)
        before_ms, runner.overdue_ms = runner.overdue_ms, from_ms
        if from_ms is None:
            return
        if self.now_ms < from_ms:
            if from_ms != before_ms:
                self._due.put(from_ms, runner)
        elif "overdue" not in runner.verdict.flags:
            state.settle(runner, with_overdue(state.under, runner.verdict, from_ms, self.now_ms))

    def _soil(self, runner: Runner) -> None:
        """What is known of the runner, or the moment, has changed: whoever looks next evaluates again."""
        if not runner.dirty:
            runner.dirty = True
            self._dirty.append(runner)

    def _soil_all(self, runners: Iterable[Runner]) -> None:
        for runner in runners:
            self._soil(runner)

    def _soil_bibs(self, *bibs: str) -> None:
        self._soil_all(runner for bib in bibs if (runner := self.runners.get(bib)) is not None)

    def _file(self) -> None:
        """Put the reads that have come on the records of their bibs."""
        for bib, reads in self._unfiled.items():
            runner = self.runners.get(bib)
            if runner is None:
                self.store.raw(bib).passages.extend(reads)  # whose bib it is, the desk may yet say
                self._soil_bibs(self.store.owner(bib))
            else:
                runner.passages.extend(reads)
                self._soil(runner)
        self._unfiled.clear()

    def _count(self) -> None:
        """Tell the devices' records which of their facts have come; a read of a swapped bib concerns who wears it."""
        self.devices.take_all(self._unheard)
        if self.store.swapped:
            for fact in self._unheard:
                self._soil_bibs(self.store.owner(fact.bib))
        self._unheard.clear()
        self._set_doubts()

    def _set_through(self, station: str) -> None:
        """A station is heard further, or no longer so far: those wait for it whom the clock could not judge without it."""
        word = newest((word for word in self.station_words if word.station == station), self.store.voided)
        heard_ms = None if vouches(word) else self.devices.through_ms(station, self.store.right_moment, self.now_ms)
        through_ms = ALWAYS_MS if heard_ms is None else heard_ms
        for state in self.races.values():
            for at in state.race.visits.get(station, ()):
                self._soil_all(state.hear(at, through_ms))

    def _set_doubts(self) -> None:
        """At a checkpoint the clock counts that may be off most."""
        if not self._doubts:
            return
        worst: dict[str, int] = {}
        for device in self.devices.states(self.store.right_moment, self.now_ms):
            worst[device.station] = max(worst.get(device.station, 0), self._doubts.get(device.device, 0))
        for state in self.races.values():
            points = state.race.checkpoints
            doubt_ms = {at: worst[point.station] for at, point in enumerate(points) if worst.get(point.station)}
            if doubt_ms != state.under.doubt_ms:
                state.under.doubt_ms = doubt_ms
                self._soil_all(runner for runner in state.runners if runner.verdict.started)

    def _hear_all(self) -> None:
        """Every station, since a clock was corrected, or a heartbeat from the future counts by now."""
        self.devices.retired = retired(self._device_words, self.store.voided)
        for station in self.event.stations:
            self._set_through(station)
        self._beat_ms = self.devices.next_ms(self.store.right_moment, self.now_ms)
        self._set_doubts()

    def _add_rare(self, fact: Fact) -> None:
        """Everything but passages and heartbeats: a few hundred in a race."""
        self.said.append(fact)
        match fact:
            case Void():
                self._unvoided.append(fact)
            case Start() | CutoffMove() | Neutralise() | Reroute():
                self._rule(fact)
            case Withdrawal() | Decision() | Penalty() | HandTime() | Accounted():
                self._about_runner(fact)
            case BibSwap() | ClockCorrection():
                self._soil_bibs(*self.store.amend(fact))
                self._hear_all()
            case RaceMove():
                if fact.race not in self.races:
                    self._odd("unknown_race", fact, f"there is no race {fact.race}")
                elif fact.bib not in self.runners:
                    self._odd("unknown_bib", fact, f"bib {fact.bib} is not on the roster")
                else:
                    self._moves.append(fact)
                    self._moved = True
            case StationChange():
                if fact.station not in self.event.stations:
                    self._odd("unknown_station", fact, f"there is no station {fact.station}")
                else:
                    self.station_words.append(fact)
                    self._set_through(fact.station)
            case DeviceWord():
                self._device_words.append(fact)
                self._hear_all()
            case AlertWord():
                self.alert_words.append(fact)

    def _about_runner(self, fact: Withdrawal | Decision | Penalty | HandTime | Accounted) -> None:
        runner = self.runners.get(fact.bib)
        if runner is None and not isinstance(fact, Withdrawal):
            self._odd("unknown_bib", fact, f"bib {fact.bib} is not on the roster")
            return
        self.store.note(fact)
        if isinstance(fact, Withdrawal):
            self._unheard.append(fact)
            self._soil_bibs(self.store.owner(fact.bib))
        self._soil_bibs(fact.bib)

    def _rule(self, fact: RaceFact) -> None:
        state = self.races.get(fact.race)
        if state is None:
            self._odd("unknown_race", fact, f"there is no race {fact.race}")
            return
        state.facts.append(fact)
        if state.rule(self.store.voided):
            self._soil_all(state.runners)

    def _void(self) -> None:
        """Take the voids that have come, all at once."""
        voids, self._unvoided = self._unvoided, []
        before = self.store.voided
        self._soil_bibs(*self.store.void(voids))
        changed = before ^ self.store.voided
        self._moved = self._moved or any(move.id in changed for move in self._moves)
        for state in self.races.values():
            if state.facts and state.rule(self.store.voided):
                self._soil_all(state.runners)
        self._hear_all()

    def _odd(self, kind: str, fact: Fact, text: str) -> None:
        self.refused[fact.key] = kind, fact, text
