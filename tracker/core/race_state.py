"""One race of the field: its runners, the conditions their verdicts stand on, their places, and the sums over them.

The sums are kept as verdicts change, so that a look at the ledger costs no pass over the runners.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.overdue import expected_finish, forecaster_for, learn
from tracker.core.passings import Evidence
from tracker.core.ranking import Ranking, key_on_the_way, no_of, rank_key
from tracker.core.roster import Entrant
from tracker.core.rules import RaceFact, RuleFault, Rules, rules_of
from tracker.core.runner import Conditions, Place, Status, Verdict, Where
from tracker.core.score import LEAST_EFFORT_KM, LEAST_FINISHERS, STOPPED_SHARE, KEstimate, Score
from tracker.core.score_fit import MOST_AHEAD, Ahead, Finish, ScoreFit

_TO_LOOK_AT = frozenset(("provisional", "conflict", "suspect", "overdue", "too_close", "unconfirmed"))

_LEAST_SHARE = 0.25
"""Of the km-effort: who has done less tells no more of the race's score factor than its course."""
_NOT_STARTED = frozenset((Status.ENTERED, Status.DNS))
_OF_THE_FORECAST = frozenset(("overdue", "unconfirmed"))


class Runner:
    """An entrant of a race with the newest verdict. `record` is what is known of the bib as it was read."""

    __slots__ = ("dirty", "due_ms", "entrant", "no", "overdue_ms", "passages", "race", "record", "verdict")

    def __init__(self, entrant: Entrant, race: "RaceState", no: int, record: Evidence) -> None:
        self.entrant = entrant
        self.race = race
        self.no = no
        self.record = record
        self.passages = record.passages
        self.verdict = Verdict(Status.ENTERED)
        self.due_ms: int | None = None
        self.overdue_ms: int | None = None
        self.dirty = True

    def twin(self, race: "RaceState") -> "Runner":
        """The same runner in another state of the race, judged as he is."""
        other = object.__new__(Runner)
        other.entrant, other.no, other.race = self.entrant, self.no, race
        other.record, other.passages = self.record, self.passages
        other.verdict, other.due_ms, other.overdue_ms, other.dirty = self.verdict, self.due_ms, self.overdue_ms, self.dirty
        return other


class Standing(NamedTuple):
    """One runner's line in the standings. Ranks are None for who has no place."""

    entrant: Entrant
    verdict: Verdict
    rank: int | None
    rank_sex: int | None
    rank_category: int | None


class RaceState:
    """One race's runners in the roster's order, and everything that is summed over them."""

    def __init__(self, race: Race, entrants: Iterable[tuple[Entrant, Evidence]], facts: list[RaceFact]) -> None:
        self.race = race
        self.runners = [Runner(entrant, self, no, record) for no, (entrant, record) in enumerate(entrants)]
        self.sexes = [runner.entrant.sex for runner in self.runners]
        self.categories = [_category(runner.entrant) for runner in self.runners]
        self.facts = facts
        self.under = Conditions.of(rules_of(race)[0])
        self.faults: list[RuleFault] = []
        self.ranking = Ranking(len(self.runners), len(race.checkpoints))
        self.others = Ranking(len(self.runners), len(race.checkpoints) + 1)
        self.statuses: Counter[Status] = Counter({Status.ENTERED: len(self.runners)})
        self.places: dict[Place, set[int]] = {Verdict(Status.ENTERED).place: set(range(len(self.runners)))}
        self.forecaster = forecaster_for(self.under.rules)
        self.hasty: set[int] = set()
        self.to_look_at: set[int] = set()
        self.waiting: dict[int, set[int]] = {}
        self.version = 0
        self._fit = ScoreFit(max(race.effort_km, LEAST_EFFORT_KM))
        self._finished_anew: set[int] = set()
        self._k: tuple[int, KEstimate] | None = None
        self.results: tuple[int, str] | None = None
        """Of which version a digest of the results is known (`finals.results_digest`)."""
        self._expected: Counter[str | None] = Counter(runner.entrant.wave for runner in self.runners if runner.entrant.expected)
        self._started: Counter[str | None] = Counter()

    def twin(self, facts: list[RaceFact]) -> "RaceState":
        """The same race in a state of its own, over the same records of the bibs and another list of the same facts."""
        other: RaceState = copy(self)
        other.runners = [runner.twin(other) for runner in self.runners]
        other.facts = facts
        other.under = replace(self.under, quick_ms=self.under.quick_ms.copy(), through_ms=self.under.through_ms.copy())
        other.ranking, other.others, other.forecaster = self.ranking.twin(), self.others.twin(), self.forecaster.twin()
        other.statuses, other._started = self.statuses.copy(), self._started.copy()
        other._fit, other._finished_anew = self._fit.twin(), self._finished_anew.copy()
        other.places = {place: there.copy() for place, there in self.places.items()}
        other.hasty, other.to_look_at = self.hasty.copy(), self.to_look_at.copy()
        other.waiting = {at: waiting.copy() for at, waiting in self.waiting.items()}
        return other

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.under.rules

    def rule(self, voided: frozenset[str]) -> bool:
        """Make the rules anew from the desk's facts; returns whether they changed, so that every verdict is to be looked at again."""
        rules, self.faults = rules_of(self.race, (fact for fact in self.facts if fact.id not in voided))
        if rules == self.rules:
            return False
        if (rules.finish, rules.skipped) != (self.rules.finish, self.rules.skipped):
            self.forecaster, self.hasty = forecaster_for(rules), set()
        fresh = Conditions.of(rules)
        fresh.through_ms, fresh.doubt_ms, fresh.worked = self.under.through_ms, self.under.doubt_ms, self.under.worked
        self.under = fresh
        self.version += 1
        self._requicken()
        return True

    def hear(self, at: int, through_ms: int) -> list[Runner]:
        """The station of a checkpoint is heard through a moment, further or less far; returns whose verdicts are to be made anew."""
        before_ms = self.under.through_ms[at]
        self.under.through_ms[at] = through_ms
        if through_ms > before_ms:  # who waits for an earlier station may be struck by this one
            waited = [self.waiting.pop(earlier) for earlier in [index for index in self.waiting if index <= at]]
            return [self.runners[no] for waiting in waited for no in waiting]
        return [runner for runner in self.runners if _by_absence(runner.verdict, at)] if through_ms < before_ms else []

    def settle(self, runner: Runner, verdict: Verdict) -> bool:
        """Put a runner's new verdict in; returns whether that changed which start mats have worked."""
        old = runner.verdict
        runner.verdict = verdict
        self.version += 1
        key = rank_key(self.rules.finish, verdict)
        had_place = self.ranking.place(runner.no, key)
        if key is None or not had_place:
            self.others.place(runner.no, None if key is not None else self._key_of_others(verdict))
        if old.status is not verdict.status:
            self.statuses[old.status] -= 1
            self.statuses[verdict.status] += 1
        if old.place is not verdict.place:
            self.places[old.place].discard(runner.no)
            there = self.places.get(verdict.place)
            if there is None:
                there = self.places[verdict.place] = set()
            there.add(runner.no)
        if old.official_ms is not None or verdict.official_ms is not None:
            self._finished_anew.add(runner.no)
        if old.flags or verdict.flags:
            (self.to_look_at.add if _TO_LOOK_AT.intersection(verdict.flags) else self.to_look_at.discard)(runner.no)
        if verdict.unheard is not None:
            self.waiting.setdefault(verdict.unheard, set()).add(runner.no)
        if verdict.furthest >= 0 or old.furthest >= 0:
            rules, wave = self.under.rules, runner.entrant.wave
            if wave is None and not rules.standstills and verdict.plain is None:  # as `learn` does; a call for every passing would be felt
                self.forecaster.learn(runner.no, rules.starts.race_ms, verdict.splits, verdict.furthest)
            else:
                learn(self.forecaster, rules, runner.no, wave, verdict)
        was, now = old.splits, verdict.splits
        if was and now and was[0] is not None and now[0] is not None:
            return False
        was_there, is_there = bool(was) and was[0] is not None, bool(now) and now[0] is not None
        if was_there is is_there:
            return False
        wave = runner.entrant.wave
        self._started[wave] += 1 if is_there else -1
        return self._judge_mat(wave)

    def standings(self) -> list[Standing]:
        """Every entrant: those with a place in order, then the others, the furthest first."""
        ranks, by_sex, by_category = (self.ranking.ranks(groups) for groups in (None, self.sexes, self.categories))
        others = [runner.no for runner in self.runners if ranks[runner.no] is None]
        others.sort(key=lambda no: (-self.runners[no].verdict.furthest, self.runners[no].verdict.reached_ms, no))
        return [
            Standing(self.runners[no].entrant, self.runners[no].verdict, ranks[no], by_sex[no], by_category[no])
            for no in (*self.ranking.order(), *others)
        ]

    def _key_of_others(self, verdict: Verdict) -> int:
        """Those without a place: the furthest first, then by their arrival there."""
        return key_on_the_way(self.race.finish, verdict.furthest, verdict.reached_ms)

    @cached_property
    def no_of(self) -> dict[str, int]:
        """Bib → the runner's number."""
        return {runner.entrant.bib: runner.no for runner in self.runners}

    @cached_property
    def sex_letters(self) -> str:
        """A letter for each runner by number, the same for those of one sex."""
        return _letters(self.sexes)

    @cached_property
    def category_letters(self) -> str:
        """A letter for each runner by number, the same for those whom one category ranks."""
        return _letters(self.categories)

    def factor(self) -> KEstimate:
        """The race's score factor as estimated by now, made anew when a verdict has changed; none where its rules give no scores."""
        if self._k is None or self._k[0] != self.version:
            self._k = (self.version, self._estimate())
        return self._k[1]

    def score(self, no: int, now_ms: int) -> Score | None:
        """The score of a finisher, or the one that who is racing is on the way to; None for everybody else."""
        runner, factor = self.runners[no], self.factor()
        verdict = runner.verdict
        if verdict.status is Status.FINISHED and verdict.official_ms is not None:
            return factor.score(verdict.official_ms)
        if verdict.status is not Status.RACING or verdict.furthest < 1 or factor.k is None:  # of the start alone, all would score alike
            return None
        finish = expected_finish(self.forecaster, self.rules, no, runner.entrant.wave, verdict, now_ms)
        if finish is None:
            return None
        start_ms = verdict.start_ms
        return factor.projected(finish.expected_ms - start_ms, finish.early_ms - start_ms, finish.late_ms - start_ms)

    def _estimate(self) -> KEstimate:
        over = self._is_over()
        if why := self._why_unscored(over=over):
            return KEstimate(None, 0.0, 0.0, 0, final=over, why=why)
        for no in self._finished_anew:
            self._fit.put(no, self._finish(no))
        self._finished_anew.clear()
        times = (self.runners[no_of(packed)].verdict.official_ms for packed in self.ranking.rung(0))
        first = [*islice((official_ms for official_ms in times if official_ms is not None and official_ms > 0), 3)]
        return self._fit.estimate(first[-1] if first else None, [*self._ahead()])._replace(final=over)

    def _is_over(self) -> bool:
        """Whether somebody has finished and nobody is on the course, nor waits for the gun of a wave that has not gone."""
        if self.statuses[Status.RACING] or not self.statuses[Status.FINISHED]:
            return False
        gone = {runner.entrant.wave for runner in self.runners if runner.verdict.status not in _NOT_STARTED}
        return all(runner.entrant.wave in gone for runner in self.runners if runner.verdict.status is Status.ENTERED)

    def _why_unscored(self, *, over: bool) -> str:
        """Why the series gives no scores; empty: it does."""
        if self.race.effort_km < LEAST_EFFORT_KM:
            return f"the race has under {LEAST_EFFORT_KM:g} km-effort"
        if self.rules.skipped or self.rules.finish != self.race.finish:
            return "the course was changed"
        started, stopped = len(self.runners) - sum(self.statuses[status] for status in _NOT_STARTED), self.statuses[Status.STOPPED]
        if stopped and stopped >= STOPPED_SHARE * started:
            return f"the race was stopped midway: {stopped} of {started} starters were stopped"
        if over and self.statuses[Status.FINISHED] < LEAST_FINISHERS:
            return f"fewer than {LEAST_FINISHERS} have finished"
        return ""

    def _finish(self, no: int) -> Finish | None:
        """What a runner's finish tells of the score factor, if there is one that counts and the index is known."""
        verdict, index = self.runners[no].verdict, self.runners[no].entrant.index_for(self.race.series_category)
        official_ms = verdict.official_ms if verdict.status is Status.FINISHED else None
        return Finish(index, official_ms) if index and official_ms is not None and official_ms > 0 else None

    def _ahead(self) -> Iterator[Ahead]:
        """The first on the course with a known index, as many as still tell something beside those who have finished."""
        most = MOST_AHEAD - self.statuses[Status.FINISHED]
        efforts_km = self.race.efforts_km
        for rung in range(1, len(self.race.checkpoints)):
            for packed in self.ranking.rung(rung):
                if most <= 0:
                    return
                no = no_of(packed)
                runner = self.runners[no]
                share = efforts_km[runner.verdict.furthest] / efforts_km[-1]
                index = runner.entrant.index_for(self.race.series_category)
                if not index or share < _LEAST_SHARE:
                    continue
                finish = expected_finish(self.forecaster, self.rules, no, runner.entrant.wave, runner.verdict, 0)
                if finish is not None:
                    most -= 1
                    yield Ahead(index, finish.expected_ms - runner.verdict.start_ms, share)

    def flagged(self) -> list[Runner]:
        """The runners that somebody should look at, in the roster's order."""
        return [self.runners[no] for no in sorted(self.to_look_at)]

    def at(self, where: Where) -> list[Runner]:
        """The runners on a leg, in a station, or wherever else, in the roster's order."""
        return [self.runners[no] for no in sorted(no for place, there in self.places.items() if place.where is where for no in there)]

    def look_ahead(self, evaluated: list[Runner]) -> tuple[list[Runner], list[Runner]]:
        """What the field's own times say of its runners: whose verdicts are to be made anew, and who may be overdue sooner than he was."""
        quickened, shifted = self.forecaster.quickened(), self.forecaster.shifted()
        if quickened:
            self._requicken()
        anew: list[Runner] = []
        if self.hasty or self.forecaster.somebody_is_hasty:
            for runner in self.runners if quickened else evaluated:
                hasty = self.forecaster.hasty(runner.no)
                if hasty is not (runner.no in self.hasty):
                    (self.hasty.add if hasty else self.hasty.discard)(runner.no)
                    anew.append(runner)
        if not shifted:
            return anew, []
        anew.extend(runner for runner in self.flagged() if _OF_THE_FORECAST.intersection(runner.verdict.flags))
        ahead = self.rules.ahead
        there = [runners for place, runners in self.places.items() if shifted.get(_leads_to(place, ahead) or 0)]
        return anew, [self.runners[no] for no in sorted(no for runners in there for no in runners)]

    def _requicken(self) -> None:
        total_ms, least_ms = 0, self.under.least_ms
        for end in range(1, len(least_ms)):
            total_ms += max(least_ms[end] - least_ms[end - 1], self.forecaster.quick_ms(end))
            self.under.quick_ms[end] = total_ms

    def _judge_mat(self, wave: str | None) -> bool:
        """A wave's start mat has worked when it read at least half of those who were expected there; returns whether that changed."""
        started, under = self._started[wave], self.under
        worked = started > 0 and 2 * started >= self._expected[wave]
        if worked is (wave in under.worked):
            return False
        under.worked = under.worked | {wave} if worked else under.worked - {wave}
        return True


def _by_absence(verdict: Verdict, at: int) -> bool:
    """Whether the verdict stands on nobody having been read at a checkpoint."""
    by_clock = at in (verdict.at_cutoff, verdict.unheard) or "overdue" in verdict.flags
    return by_clock or (at == 0 and verdict.status is Status.DNS)


def _leads_to(place: Place, ahead: tuple[int | None, ...]) -> int | None:
    """The checkpoint that who is there should be seen at next."""
    if place.at is None or place.where not in (Where.ON_LEG, Where.IN_STATION):
        return None
    return place.at if place.where is Where.ON_LEG else ahead[place.at]


def _category(entrant: Entrant) -> str | None:
    """Results rank O40 men and O40 women apart, whether or not the code names the sex."""
    return None if entrant.category is None else f"{entrant.category}/{entrant.sex}"


def _letters(groups: Iterable[str | None]) -> str:
    letters: dict[str | None, str] = {}
    return "".join(letters.setdefault(group, chr(len(letters))) for group in groups)
