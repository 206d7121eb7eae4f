"""`--format csv`: every starter in one row, with status, places, times per checkpoint, and the roster's own columns.

Cells that a spreadsheet would take for a formula are written with a leading apostrophe.
"""

import csv
import io
from collections.abc import Sequence

from tracker import views
from tracker.core.course import Race
from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.export.cells import guarded
from tracker.export.results import Results
from tracker.series.of_runner import OfRunner, of_race

_FIXED = (
    "race",
    "bib",
    "name",
    "sex",
    "category",
    "country",
    "club",
    "status",
    "flags",
    "rank",
    "rank_sex",
    "rank_category",
    "elapsed_s",
    "score_estimate",
    "score_low",
    "score_high",
    "pending",
)
_OF_SERIES = ("series_category", "stones", "qualification")


def write(results: Results) -> bytes:
    """The results as CSV, UTF-8, each row with their provenance; with what the series says, in the last columns, where it is given."""
    field, races, series, made = results.field, results.races, results.series, results.made()
    points = [f"{race}:{point.id}" for race in races for point in field.event.by_id[race].checkpoints]
    extras = list(dict.fromkeys(column for entrant in field.roster.entrants for column in entrant.extra))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    ways = (f"{point} {way}" for point in points for way in ("in", "out"))
    writer.writerow([*_FIXED, *ways, *map(guarded, extras), *made, *([] if series is None else _OF_SERIES)])
    for race in races:
        of = None if series is None else of_race(series, field, race)
        for line in field.standings(race):
            row = [*_row(field, field.event.by_id[race], line), *_splits(field, race, races, line), *_extras(line, extras), *made.values()]
            writer.writerow(row if of is None else [*row, *_in_series(of.of_line(field, line))])
    return out.getvalue().encode()


def _row(field: Field, race: Race, line: Standing) -> list[object]:
    entrant, verdict = line.entrant, line.verdict
    texts = (race.id, entrant.bib, entrant.name, entrant.sex, entrant.category, entrant.country, entrant.club)
    score = views.score(field, entrant.bib).values()
    missing = guarded("; ".join(views.pending(field, race.id, entrant)))
    ranks = (line.rank, line.rank_sex, line.rank_category)
    return [*map(guarded, texts), verdict.status.value, " ".join(verdict.flags), *ranks, views.elapsed_s(line), *score, missing]


def _splits(field: Field, race: str, races: Sequence[str], line: Standing) -> list[str]:
    """In and out of every checkpoint of every race that is written; those of other races are empty."""
    cells: list[str] = []
    zone = field.event.timezone
    for other in races:
        if other != race or not line.verdict.splits:
            cells += [""] * (2 * len(field.event.by_id[other].checkpoints))
            continue
        for split in line.verdict.splits:
            if split is None:
                cells += "", ""
            else:
                arrived = views.rfc3339(split.in_ms, zone)
                same = split.out_ms == split.in_ms  # a station with one mat
                cells += arrived, arrived if same else "" if split.out_ms is None else views.rfc3339(split.out_ms, zone)
    return cells


def _extras(line: Standing, columns: list[str]) -> list[str]:
    return [guarded(line.entrant.extra.get(column)) for column in columns]


def _in_series(said: OfRunner) -> list[object]:
    finals = (f"{each.final} {each.year}: {each.outcome.verdict}" for each in said.finals)
    return [said.category, said.stones, guarded("; ".join(finals))]
