"""`--format parquet`: every starter in one row with typed columns, the splits as a list, the roster's own columns as a map.

The provenance is in the file's key-value metadata.
"""

import io
from datetime import date
from typing import Any

from tracker import views
from tracker.core.course import Race
from tracker.core.race_state import Standing
from tracker.export.results import Results
from tracker.series.of_runner import of_race


def write(results: Results) -> bytes:
    """The results as Parquet; with what the series says, in columns of their own, where it is given."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    field, series = results.field, results.series
    rows: list[dict[str, Any]] = []
    for race in results.races:
        of = None if series is None else of_race(series, field, race)
        rows += [_row(results, field.event.by_id[race], line) | views.in_series(of, field, line) for line in field.standings(race)]
    said = {"event": field.event.id, "event_name": field.event.name, **results.made()}
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=_schema(results).with_metadata(said)), out, compression="zstd")
    return out.getvalue()


def _schema(results: Results) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    text, whole, moment = pa.string(), pa.int32(), pa.timestamp("ms", tz=results.field.event.timezone)
    split = pa.struct([("checkpoint", text), ("name", text), ("km", pa.float64()), ("in", moment), ("out", moment)])
    columns = [
        *((name, text) for name in ("race", "bib", "name", "first_name", "last_name", "sex")),
        ("birthdate", pa.date32()),
        ("birth_year", whole),
        *((name, text) for name in ("category", "country", "club", "wave", "status")),
        ("flags", pa.list_(text)),
        *((name, whole) for name in ("rank", "rank_sex", "rank_category")),
        ("elapsed_ms", pa.int64()),
        *((name, whole) for name in ("score_estimate", "score_low", "score_high")),
        ("pending", pa.list_(text)),
        ("splits", pa.list_(split)),
        ("extra", pa.map_(text, text)),
    ]
    if results.series is not None:
        final = pa.struct([("final", text), ("year", whole), ("result", text), ("reasons", pa.list_(text))])
        columns += [("series_category", text), ("stones", whole), ("qualification", pa.list_(final))]
    return pa.schema(columns)


def _row(results: Results, race: Race, line: Standing) -> dict[str, Any]:
    entrant, verdict, field = line.entrant, line.verdict, results.field
    elapsed_s = views.elapsed_s(line)
    estimate, low, high = views.score(field, entrant.bib).values()
    return {
        "race": race.id,
        "bib": entrant.bib,
        "name": entrant.name,
        "first_name": entrant.first_name,
        "last_name": entrant.last_name,
        "sex": entrant.sex,
        "birthdate": None if entrant.birthdate is None else date.fromisoformat(entrant.birthdate),
        "birth_year": entrant.birth_year,
        "category": entrant.category,
        "country": entrant.country,
        "club": entrant.club,
        "wave": entrant.wave,
        "status": verdict.status.value,
        "flags": list(verdict.flags),
        "rank": line.rank,
        "rank_sex": line.rank_sex,
        "rank_category": line.rank_category,
        "elapsed_ms": None if elapsed_s is None else round(elapsed_s * 1000),
        "score_estimate": estimate,
        "score_low": low,
        "score_high": high,
        "pending": views.pending(field, race.id, entrant),
        "splits": _splits(race, line),
        "extra": entrant.extra,
    }


def _splits(race: Race, line: Standing) -> list[dict[str, Any]]:
    """One for each checkpoint where the runner was seen."""
    seen = zip(race.checkpoints, line.verdict.splits, strict=False)
    return [
        {"checkpoint": point.id, "name": point.name, "km": point.km, "in": split.in_ms, "out": split.out_ms}
        for point, split in seen
        if split is not None
    ]
