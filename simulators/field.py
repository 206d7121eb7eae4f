"""Runners who never were: a start list, and for each runner on it the true story of their race.

What a scanner makes of the truth is `scanners`; here nothing is misread, late or lost. All chance comes from the seed: the same event,
roster and seed give the same stories.
"""

import csv
import io
import random
from collections.abc import Mapping
from dataclasses import dataclass

from simulators.calibration import ENTERED, Calibration, calibration, finish_share
from simulators.names import club, family_name, given_name
from simulators.pace import MINUTE_MS, Course, lay_course, run
from simulators.papers import PAPER_COLUMNS, show
from tracker.core.course import Event, Race
from tracker.core.facts import WithdrawalReason
from tracker.core.roster import Entrant, EntryStatus, Roster
from tracker.files.times import local_datetime

INDEX_SHARE = 0.8
"""Of the entries have a performance index (354 of 446 in the 105 km of Andorra 2022)."""
INDEX_CORRELATION = 0.84
"""Between the index and the finish time, both as logarithms (the same race, 252 finishers with an index)."""
INDEX_MEDIAN, INDEX_LOG_SD = 550.0, 0.163
LISTED_DNS_SHARE = 0.3
"""Of those who do not start are marked on the start list already; the others just never come."""
LET_GO_SHARE = 0.012
"""Of the finishers came too late somewhere and were let go on (UTMB 2024: 29 of 1,760)."""
SWEPT_SHARE = 0.25
"""Of those out of time never reach the checkpoint where time ran out."""
LAST_ACROSS_S = 90.0
"""Seconds after the gun at which the last runner crosses the start line, about."""

_COUNTRIES = {"FR": 37, "ES": 35, "AD": 8, "PT": 2, "US": 2, "GB": 2, "SE": 2, "IT": 1.5, "BE": 1.5, "PL": 1.5, "DE": 1, "CZ": 1, "JP": 1}
_REASONS = {
    WithdrawalReason.FATIGUE: 40,
    WithdrawalReason.INJURY: 26,
    WithdrawalReason.ILLNESS: 20,
    WithdrawalReason.TIME: 6,
    WithdrawalReason.MEDICAL: 4,
    WithdrawalReason.OTHER: 4,
}
_COLUMNS = ("bib", "race", "first_name", "last_name", "sex", "birth_year", "country", "club", "index", "status")


class SimulationError(Exception):
    """The simulation cannot be made or sent: what, and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A runner at a checkpoint (its index in the race), in true time, UTC milliseconds. `left_ms` None: never went on from here."""

    checkpoint: int
    arrived_ms: int
    left_ms: int | None


@dataclass(frozen=True, slots=True)
class Quit:
    """Where (checkpoint index), when (UTC ms) and why a runner gave up."""

    checkpoint: int
    at_ms: int
    reason: WithdrawalReason


@dataclass(frozen=True, slots=True)
class Journey:
    """One runner's true story. No visits: did not start. `quit` None and the finish not among the visits: ran out of time."""

    bib: str
    race: str
    visits: tuple[Visit, ...]
    quit: Quit | None = None

    @property
    def started(self) -> bool:
        """Whether the runner crossed the start line."""
        return bool(self.visits)


def simulate_roster(event: Event, seed: int, entered: Mapping[str, int] | None = None) -> str:
    """A start list as CSV text (contract, section 2). `entered`: race id → entries, where it is not the usual number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_COLUMNS, *PAPER_COLUMNS))
    first_bib = 1
    for race in event.races:
        count = (entered or {}).get(race.id, ENTERED.get(race.id, 300))
        rng, shown = random.Random(f"{seed}/roster/{race.id}"), random.Random(f"{seed}/papers/{race.id}")
        on = local_datetime(race.start_ms, event.timezone).date()
        for bib in range(first_bib, first_bib + count):
            row = dict(zip(_COLUMNS, _roster_row(race, bib, rng), strict=True))
            status = EntryStatus(row["status"])
            writer.writerow((*row.values(), *show(race, on, row["last_name"], int(row["birth_year"]), status, shown)))
        first_bib = (first_bib + count + 149) // 100 * 100 + 1
    return out.getvalue()


def _roster_row(race: Race, bib: int, rng: random.Random) -> tuple[str, ...]:
    sex = "F" if rng.random() < (0.10 if race.effort_km > 60 else 0.3) else "M"
    index = ""
    if rng.random() < INDEX_SHARE:
        index = str(round(min(940.0, max(250.0, INDEX_MEDIAN * (0.94 if sex == "F" else 1.0) * _lognormal(rng, INDEX_LOG_SD)))))
    status = EntryStatus.CONFIRMED
    if rng.random() < calibration(race.effort_km).dns * LISTED_DNS_SHARE:
        status = EntryStatus.DNS
    elif rng.random() < 0.04:
        status = EntryStatus.PENDING
    return (
        str(bib),
        race.id,
        given_name(rng, sex),
        family_name(rng),
        sex,
        str(_birth_year(race, rng)),
        rng.choices(list(_COUNTRIES), list(_COUNTRIES.values()))[0],
        club(rng),
        index,
        status.value,
    )


def _birth_year(race: Race, rng: random.Random) -> int:
    youngest = race.min_age if race.min_age is not None else 11
    if race.max_birth_year is not None:
        youngest = max(youngest, race.year - race.max_birth_year)
    if race.effort_km < 20 and youngest < 18 and rng.random() < 0.7:  # a family race: the young, and those who run with them
        return race.year - rng.randint(youngest, 17)
    return race.year - max(youngest, min(76, round(rng.gauss(45.6, 8.5))))


def _lognormal(rng: random.Random, sigma: float) -> float:
    return rng.lognormvariate(0.0, sigma)


def simulate_field(event: Event, roster: Roster, seed: int) -> list[Journey]:
    """Every entrant's story, in the roster's order. How many start, finish and give up follows `calibration`, give or take a few."""
    found: dict[str, Journey] = {}
    for race in event.races:
        rng = random.Random(f"{seed}/field/{race.id}")
        for journey in _run_race(event, race, roster.of_race(race.id), rng):
            found[journey.bib] = journey
    return [found[entrant.bib] for entrant in roster.entrants]


def _run_race(event: Event, race: Race, entrants: tuple[Entrant, ...], rng: random.Random) -> list[Journey]:
    figures = calibration(race.effort_km)
    starters = _starters(entrants, figures, rng)
    journeys = [Journey(entrant.bib, race.id, ()) for entrant in entrants if entrant not in starters]
    ranked = _by_form(starters, rng)
    outs = _about(len(ranked) * figures.out_of_time, rng)
    quits = _about(len(ranked) * figures.withdrawn, rng)
    late = set(rng.sample(ranked[int(len(ranked) * 0.85) :], min(outs, len(ranked) - int(len(ranked) * 0.85))))
    others = [entrant for entrant in ranked if entrant not in late]
    quitting = set(rng.sample(others, min(quits, len(others))))
    finishers = len(others) - len(quitting)
    courses = {wave: lay_course(event, race, wave) for wave in {entrant.wave for entrant in ranked}}
    ahead = 0
    for entrant in ranked:
        quantile = min(1.0, (ahead + rng.random()) / max(1, finishers))
        course = courses[entrant.wave]
        story = _Story(course, entrant, course.limit_ms * finish_share(figures, quantile), quantile, rng)
        if entrant in late:
            journeys.append(story.run_out_of_time())
        elif entrant in quitting:
            journeys.append(story.give_up())
        else:
            ahead += 1
            journeys.append(story.finish())
    return journeys


def _starters(entrants: tuple[Entrant, ...], figures: Calibration, rng: random.Random) -> list[Entrant]:
    able = [entrant for entrant in entrants if entrant.status is not EntryStatus.DNS]
    absent = max(0, _about(len(entrants) * figures.dns, rng) - (len(entrants) - len(able)))
    away = {entrant.bib for entrant in rng.sample(able, min(absent, len(able)))}
    return [entrant for entrant in able if entrant.bib not in away]


def _about(expected: float, rng: random.Random) -> int:
    """A count near `expected`: real fields vary less than coins, since the same people come for the same reasons."""
    return max(0, round(rng.gauss(expected, 0.3 * expected**0.5)))


def _by_form(starters: list[Entrant], rng: random.Random) -> list[Entrant]:
    """The starters, strongest of the day first: mostly by index, and by what the index does not know."""
    known = sorted((entrant.index for entrant in starters if entrant.index is not None), reverse=True)
    middle = known[len(known) // 2] if known else INDEX_MEDIAN
    noise = (1 - INDEX_CORRELATION**2) ** 0.5

    def form(entrant: Entrant) -> float:
        if entrant.index is None:
            return rng.gauss(-0.15, 1.0)
        return INDEX_CORRELATION * (entrant.index - middle) / (middle * INDEX_LOG_SD) + rng.gauss(0.0, noise)

    return [entrant for _, entrant in sorted(((form(entrant), entrant) for entrant in starters), key=lambda pair: -pair[0])]


class _Story:
    """One starter's race in the making: `time_ms` is the finish time that the day's form is good for, `quantile` its place in the field."""

    def __init__(self, course: Course, entrant: Entrant, time_ms: float, quantile: float, rng: random.Random) -> None:
        self.course, self.entrant, self.rng, self.quantile = course, entrant, rng, quantile
        self.crossed_ms = course.gun_ms + round((rng.uniform(0.2, 8.0) + quantile * LAST_ACROSS_S) * 1000)
        from_ms = course.gun_ms if course.gun else self.crossed_ms
        self.total_ms = from_ms + time_ms - self.crossed_ms

    def _visits(self, total_ms: float) -> list[Visit]:
        times = run(self.course, self.crossed_ms, total_ms, self.quantile, self.rng)
        last = len(times) - 1
        return [Visit(index, arrived, None if index == last else left) for index, (arrived, left) in enumerate(times)]

    def finish(self) -> Journey:
        """To the finish in time; a few are late somewhere and let go on."""
        visits = self._visits(self.total_ms)
        if self.quantile > 0.8 and self.rng.random() < LET_GO_SHARE / 0.2:
            visits = self._let_go(visits)
        return Journey(self.entrant.bib, self.course.race.id, tuple(visits))

    def _let_go(self, visits: list[Visit]) -> list[Visit]:
        limits = [(self.course.limits_ms[visit.checkpoint], visit) for visit in visits[1:-1]]
        tight = [(limit - visit.arrived_ms, visit.checkpoint) for limit, visit in limits if limit is not None]
        if not tight:
            return visits
        margin_ms, where = min(tight)
        held_ms = margin_ms + round(self.rng.uniform(0.1, 15.0) * MINUTE_MS)
        finish_limit_ms = self.course.limits_ms[-1]
        if held_ms < 0 or (finish_limit_ms is not None and visits[-1].arrived_ms + held_ms > finish_limit_ms):
            return visits
        return visits[:where] + [
            Visit(v.checkpoint, v.arrived_ms + held_ms, None if v.left_ms is None else v.left_ms + held_ms) for v in visits[where:]
        ]

    def give_up(self) -> Journey:
        """Slower than the form was good for, and signing off at an aid station; before the next one where it would come too late."""
        visits = self._visits(self.total_ms * self.rng.uniform(1.0, 1.12))
        where = self.course.where_to_give_up(self.rng)
        reason = self.rng.choices(list(_REASONS), list(_REASONS.values()))[0]
        late = next((v.checkpoint for v in visits[: where + 1] if self._too_late(v)), None)
        if late is not None:
            where, reason = max(0, late - 1), WithdrawalReason.TIME
        last = visits[where]
        rest_ms = round(self.rng.uniform(3.0, 45.0) * MINUTE_MS)
        at_ms = last.arrived_ms + rest_ms
        kept = (*visits[:where], Visit(where, last.arrived_ms, None))
        return Journey(self.entrant.bib, self.course.race.id, kept, Quit(where, at_ms, reason))

    def run_out_of_time(self) -> Journey:
        """Too late at some cutoff, and stopped there (or swept up before it)."""
        cutoffs = [index for index, limit in enumerate(self.course.limits_ms) if limit is not None and index > 0]
        if not cutoffs:
            return self.give_up()
        where = self.rng.choice(cutoffs)
        visits = self._visits(self.total_ms)
        limit_ms = self.course.limits_ms[where] or 0
        late_ms = limit_ms + round(self.rng.uniform(1.0, 40.0) * MINUTE_MS) - self.crossed_ms
        slower = max(1.0, late_ms / max(1, visits[where].arrived_ms - self.crossed_ms))
        visits = [self._slowed(visit, slower) for visit in visits]
        stop = next(visit.checkpoint for visit in visits if visit.checkpoint == where or self._too_late(visit))
        kept = visits[:stop]
        if stop == self.course.race.finish or self.rng.random() >= SWEPT_SHARE:
            kept = [*kept, Visit(stop, visits[stop].arrived_ms, None)]
        return Journey(self.entrant.bib, self.course.race.id, tuple(kept))

    def _slowed(self, visit: Visit, factor: float) -> Visit:
        def later(at_ms: int) -> int:
            return self.crossed_ms + round((at_ms - self.crossed_ms) * factor)

        return Visit(visit.checkpoint, later(visit.arrived_ms), None if visit.left_ms is None else later(visit.left_ms))

    def _too_late(self, visit: Visit) -> bool:
        limit_ms = self.course.limits_ms[visit.checkpoint]
        if limit_ms is None or visit.checkpoint == 0:
            return False
        by_departure = visit.left_ms is not None and self.course.on_departure(visit.checkpoint)
        return (visit.left_ms if by_departure and visit.left_ms else visit.arrived_ms) > limit_ms
