"""`--format json`: every starter with status, places, and times per checkpoint, under their provenance.

`results.schema.json` beside this file describes it, for whoever reads it by a program.
"""

from typing import Any

import orjson

from tracker import views
from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.export.results import Results
from tracker.series.of_runner import OfRace, of_race

SCHEMA = "results.schema.json"


def write(results: Results) -> bytes:
    """The results as one JSON object, UTF-8, with their provenance; with what the series says where it is given."""
    field, series = results.field, results.series
    found = {
        "$schema": SCHEMA,
        "event": field.event.id,
        "name": field.event.name,
        "at": views.rfc3339(results.at_ms, field.event.timezone),
        **results.made(),
        "races": {race: _race(field, race, None if series is None else of_race(series, field, race)) for race in results.races},
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def _race(field: Field, race: str, of: OfRace | None) -> dict[str, Any]:
    return {
        "name": field.event.by_id[race].name,
        "results": views.results(field, race),
        "ledger": views.ledger(field, race),
        "score": views.score_basis(field, race),
        **views.race_in_series(of),
        "runners": [
            views.runner(field, race, line)
            | {"pending": views.pending(field, race, line.entrant)}
            | views.score(field, line.entrant.bib)
            | {"country": line.entrant.country, "club": line.entrant.club}
            | {"splits": _splits(field, race, line), "extra": line.entrant.extra}
            | views.in_series(of, field, line)
            for line in field.standings(race)
        ],
    }


def _splits(field: Field, race: str, line: Standing) -> dict[str, dict[str, str | None]]:
    zone = field.event.timezone
    found: dict[str, dict[str, str | None]] = {}
    left: str | None
    for point, split in zip(field.event.by_id[race].checkpoints, line.verdict.splits, strict=False):
        if split is not None:
            came = left = views.rfc3339(split.in_ms, zone)
            if split.out_ms != split.in_ms:
                left = None if split.out_ms is None else views.rfc3339(split.out_ms, zone)
            found[point.id] = {"in": came, "out": left}
    return found
