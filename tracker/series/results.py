"""A field's standings as the series' results: of a whole event, of one race, and of one runner.

The one place where a race director's words become the series'; reports, screens and exports all begin here.
"""

from collections.abc import Mapping
from dataclasses import replace

from tracker.core.course import Event
from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.core.runner import Status
from tracker.core.score import Score
from tracker.files.times import local_datetime
from tracker.series.categories import category_of
from tracker.series.qualification import EventResults, Progress, RaceResults, Result
from tracker.series.rules import Rules
from tracker.text import count

_PROGRESS = {
    Status.FINISHED: Progress.FINISHED,
    Status.RACING: Progress.ON_THE_WAY,
    Status.ENTERED: Progress.ON_THE_WAY,
}


def event_of(rules: Rules, event: Event, starts_ms: Mapping[str, int] | None = None) -> EventResults:
    """The races of an event as the series has them, without any result. A race's day is that of its start, by its own clocks: the
    scheduled one, unless `starts_ms` has another by the race's id.
    """
    known_ms = starts_ms or {}
    days = {race.id: local_datetime(known_ms.get(race.id, race.start_ms), event.timezone).date() for race in event.races}
    return EventResults(event.id, event.tier, [RaceResults(race.id, days[race.id], category_of(rules, race), ()) for race in event.races])


def event_as_run(rules: Rules, field: Field) -> EventResults:
    """The same of a field's event: a race that was put off counts by the day on which it was started."""
    return event_of(rules, field.event, {race.id: field.starts(race.id).race_ms for race in field.event.races})


def results_of(rules: Rules, field: Field) -> EventResults:
    """A field's standings as the series' results."""
    event = event_as_run(rules, field)
    races = [replace(race, results=[result_of(field, race.race, line) for line in field.standings(race.race)]) for race in event.races]
    return replace(event, races=races)


def result_of(field: Field, race: str, line: Standing) -> Result:
    """One runner's line in the standings of a race as a result. Looks at nobody else."""
    status = line.verdict.status
    points, why = _score(field, race, line)
    words = status.value.replace("_", " ")
    return Result(line.entrant.bib, line.entrant.sex, _PROGRESS.get(status, Progress.OUT), words, line.rank_sex, points, why)


def _score(field: Field, race: str, line: Standing) -> tuple[Score | None, str]:
    """A finisher's score; or None, and why there is none."""
    if line.verdict.status is not Status.FINISHED:
        return None, "not finished"
    found = field.score(line.entrant.bib)
    return found, "" if found is not None else field.k(race).why or "the official time is nothing"


def unsettled(field: Field, race: str) -> str | None:
    """That places may still change, in words; None once nobody is on the way."""
    ledger = field.ledger(race)
    waiting = ledger[Status.RACING] + ledger[Status.ENTERED]
    return f"{count(waiting, 'runner is', 'runners are')} not in yet: places and scores may change" if waiting else None
