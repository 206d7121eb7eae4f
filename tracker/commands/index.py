"""`tracker index`: the index of each runner of a list of past scores, and what a journal's race makes of it. All of it estimates."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from rich.text import Text

from tracker.clock import wall_ms
from tracker.commands.opening import UsageError, read_text
from tracker.commands.status import printer, read_state
from tracker.core.field import Field
from tracker.core.score import KEstimate, Score
from tracker.files.scores import read_scores
from tracker.files.series import read_series
from tracker.series.index import Index, Scored, index_of, no_index
from tracker.series.qualification import Progress, RaceResults
from tracker.series.results import results_of
from tracker.series.rules import IndexRule, Rules
from tracker.text import count

_YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True)
class _Run:
    """A finish in a race of the journal, of a day and a category; `listed` is its score in the list, which goes before the estimate."""

    race: str
    day: date
    category: str
    score: Score | None
    why: str
    listed: float | None

    @property
    def scored(self) -> list[Scored]:
        """As a score beside others; none where the race gives none."""
        points = self.listed if self.listed is not None else None if self.score is None else self.score.points
        return [] if points is None else [Scored(self.day, self.category, points)]


@dataclass(frozen=True, slots=True)
class _Runner:
    """A runner's scores without those of the journal's race, and that (None: the runner has not finished it)."""

    bib: str
    name: str
    past: list[Scored]
    run: _Run | None


@dataclass(frozen=True, slots=True)
class _Report:
    """All runners, the day on which their indexes are, how many scores are of later days, and each race with its score factor."""

    rules: Rules
    at: date
    later: int
    runners: list[_Runner]
    races: list[tuple[RaceResults, KEstimate]]


async def run(args: Namespace) -> int:
    """Print every runner's index, as text or as JSON."""
    rules = read_series(read_text(args.series), str(args.series))
    state = None if args.journal is None else await read_state(args.journal)
    today = datetime.fromtimestamp(wall_ms() / 1000, UTC).astimezone().date()
    races = [] if state is None else list(results_of(rules, state.field).races)
    at = args.at or max((race.day for race in races), default=today)
    if at.year not in _YEARS:
        raise UsageError(f"--at {at}: {at.year:04} is no year of a race; correct it")
    bibs = None if state is None else state.field.runners
    scores = read_scores(read_text(args.scores), str(args.scores), rules, max(at, today), bibs)
    report = _report(rules, at, scores, races, None if state is None else state.field)
    if args.json:
        print(orjson.dumps(_as_json(report), option=orjson.OPT_INDENT_2).decode())
    else:
        console = printer()
        for line in _lines(report):
            console.print(Text(line), soft_wrap=True)
    return 0


def _report(rules: Rules, at: date, scores: Mapping[str, list[Scored]], races: list[RaceResults], field: Field | None) -> _Report:
    later = sum(one.day > at and one.points is not None for listed in scores.values() for one in listed)
    if field is None:
        return _Report(rules, at, later, [_Runner(bib, "", listed, None) for bib, listed in scores.items()], [])
    runs = {bib: run for race in races if race.day <= at for bib, run in _runs(race, scores)}
    runners = [
        _runner(bib, runner.entrant.name, scores.get(bib, []), runs.get(bib))
        for bib, runner in field.runners.items()
        if bib in scores or bib in runs
    ]
    return _Report(rules, at, later, runners, [(race, field.k(race.race)) for race in races])


def _runs(race: RaceResults, scores: Mapping[str, list[Scored]]) -> Iterator[tuple[str, _Run]]:
    """Each finisher's, by bib; of a race without a category nobody's."""
    for one in race.results:
        if one.progress is Progress.FINISHED and race.category is not None:
            its = (listed.points for listed in scores.get(one.bib, []) if (listed.day, listed.category) == (race.day, race.category))
            listed = next((points for points in its if points is not None), None)
            yield one.bib, _Run(race.race, race.day, race.category, one.score, one.why, listed)


def _runner(bib: str, name: str, listed: list[Scored], run: _Run | None) -> _Runner:
    past = [one for one in listed if run is None or (one.day, one.category) != (run.day, run.category)]
    return _Runner(bib, name, past, run)


@dataclass(frozen=True, slots=True)
class _Standing:
    """One index of a runner, general or in a category: with the journal's race, and `before` without it. None: not valid, and `why`."""

    now: Index | None
    why: str
    before: Index | None = None
    moved: bool = False

    @classmethod
    def of(cls, rule: IndexRule, runner: _Runner, at: date, category: str | None) -> "_Standing":
        """As of a day."""
        scored = [*runner.past, *(runner.run.scored if runner.run is not None else ())]
        now = index_of(rule, scored, at, category)
        why = "" if now is not None else no_index(rule, scored, at, category)
        moved = runner.run is not None and any(category in (None, one.category) for one in runner.run.scored)
        return cls(now, why, index_of(rule, runner.past, at, category), moved)

    @property
    def last_day(self) -> date | None:
        """The last day on which the index is valid."""
        return None if self.now is None else self.now.valid_until - timedelta(days=1)


def _standings(report: _Report, runner: _Runner) -> dict[str, _Standing]:
    """General first, then by category."""
    named: dict[str, str | None] = {"general": None} | {one.name: one.name for one in report.rules.categories}
    return {name: _Standing.of(report.rules.index, runner, report.at, category) for name, category in named.items()}


def _lines(report: _Report) -> Iterator[str]:
    yield f"Index by the rules of the {report.rules.name}, as of {report.at}. Every index is an estimate (~): the weights are not public."
    if report.later:
        verbs = "is of a later day, and counts" if report.later == 1 else "are of later days, and count"
        yield f"{count(report.later, 'score')} of the list {verbs} for nothing here."
    for race, factor in report.races:
        yield f"Race {race.race}, {race.day}, {race.category or 'no category'}: {_race_words(report, race, factor)}"
    for runner in report.runners:
        yield ""
        yield f"bib {runner.bib} {runner.name}".rstrip()
        if runner.run is not None:
            yield f"  race {runner.run.race}: {_run_words(runner.run)}"
        none: dict[str, list[str]] = {}
        for name, one in _standings(report, runner).items():
            if one.now is None:
                none.setdefault(one.why, []).append(name)
            else:
                yield f"  {name}: {_index_words(one, runner.run)}"
        yield from (f"  {', '.join(names)}: no index: {why}" for why, names in none.items())


def _race_words(report: _Report, race: RaceResults, factor: KEstimate) -> str:
    if race.day > report.at:
        return f"after {report.at}, and counts for nothing here"
    if race.category is None:
        return "too short for any category of the series, and without scores"
    if factor.k is None:
        return f"no scores: {factor.why}"
    unsettled = "" if factor.final else "; not all are in yet, so they may change"
    return f"scores are estimates, but for those that the list has of that day and category{unsettled}"


def _run_words(run: _Run) -> str:
    if run.listed is not None:
        return f"score {run.listed:g}, by the list"
    return f"no score: {run.why}" if run.score is None else f"score ~{run.score.points} ({run.score.low} to {run.score.high})"


def _index_words(one: _Standing, run: _Run | None) -> str:
    assert one.now is not None
    points = f"~{one.now.points:.0f}"
    if one.moved and run is not None:
        before = "none" if one.before is None else f"~{one.before.points:.0f}"
        points = f"{before} → {points} with race {run.race}"
    return f"index {points}, on {count(one.now.scores, 'score')}, valid through {one.last_day}"


def _as_json(report: _Report) -> dict[str, Any]:
    return {
        "series": report.rules.name,
        "at": report.at.isoformat(),
        "estimate": True,
        "later_scores": report.later,
        "races": [_race_as_json(report, race, factor) for race, factor in report.races],
        "runners": [
            {
                "bib": runner.bib,
                "name": runner.name,
                "race": None if runner.run is None else _run_as_json(runner.run),
                "index": {name: _standing_as_json(one) for name, one in _standings(report, runner).items()},
            }
            for runner in report.runners
        ],
    }


def _race_as_json(report: _Report, race: RaceResults, factor: KEstimate) -> dict[str, Any]:
    said = {"race": race.race, "date": race.day.isoformat(), "category": race.category, "final": factor.final}
    return said | {"counts": race.day <= report.at and race.category is not None, "reason": factor.why or None}


def _run_as_json(run: _Run) -> dict[str, Any]:
    score = None
    if run.listed is not None:
        score = {"estimate": False, "points": run.listed}
    elif run.score is not None:
        score = {"estimate": True, "points": run.score.points, "low": run.score.low, "high": run.score.high}
    return {"race": run.race, "score": score, "reason": None if score is not None else run.why}


def _standing_as_json(one: _Standing) -> dict[str, Any]:
    return {
        "estimate": True,
        "points": None if one.now is None else round(one.now.points),
        "scores": 0 if one.now is None else one.now.scores,
        "last_valid_day": None if one.last_day is None else one.last_day.isoformat(),
        "reason": one.why or None,
        "before": {"points": None if one.before is None else round(one.before.points)} if one.moved else None,
    }
