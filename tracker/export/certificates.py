"""Finishers' certificates: what the template of one is given. Who has not finished has none, and only final results have any but drafts."""

import io
from collections.abc import Container
from pathlib import Path
from typing import Any

from tracker.core.runner import Status
from tracker.export.lines import Line, lines, shown
from tracker.export.results import Results
from tracker.files.times import format_elapsed, local_datetime

FINAL = "final"


def shipped_template() -> bytes:
    """The template that comes with the tracker."""
    return Path(__file__).with_name("certificate.typ").read_bytes()


def values(results: Results, bibs: Container[str] | None, *, draft: bool, score: bool) -> dict[str, Any]:
    """What the template is given, in words: of the finishers among `bibs` (None: of all), race by race in the order of their places."""
    made, event = results.made(), results.field.event
    return {
        **made,
        "event": shown(event.name),
        "draft": draft,
        "qr": _qr(results.provenance.digest),
        "runners": [runner for race in results.races for runner in _of_race(results, race, bibs, score=score)],
    }


def _of_race(results: Results, race: str, bibs: Container[str] | None, *, score: bool) -> list[dict[str, str]]:
    finishers = [line for line in lines(results.field, race) if line.status is Status.FINISHED]
    asked = [line for line in finishers if bibs is None or line.standing.entrant.bib in bibs]
    return [_runner(results, race, line, len(finishers), score=score) for line in asked]


def _runner(results: Results, race: str, line: Line, finishers: int, *, score: bool) -> dict[str, str]:
    standing, of = line.standing, results.field.event.by_id[race]
    entrant = standing.entrant
    found = results.field.score(entrant.bib) if score else None
    day = local_datetime(results.field.starts(race).race_ms, results.field.event.timezone)
    return {
        "name": line.name or f"Bib {shown(entrant.bib)}",
        "bib": shown(entrant.bib),
        "race": shown(of.name),
        "distance": f"{of.distance_km:g} km",
        "date": f"{day.day} {day:%B %Y}",
        "time": "" if line.time_ms is None else format_elapsed(line.time_ms),
        "place": _number(standing.rank),
        "of": _number(finishers),
        "sex": shown(entrant.sex),
        "place_sex": _number(standing.rank_sex),
        "category": shown(entrant.category),
        "place_category": _number(standing.rank_category),
        "club": shown(entrant.club),
        "country": shown(entrant.country),
        "score": "" if found is None else _number(found[0]),
    }


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _qr(text: str) -> str:
    """A QR code as SVG."""
    import segno  # noqa: PLC0415  only certificates have one

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()
