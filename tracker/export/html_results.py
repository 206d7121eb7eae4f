"""`--format html`: one page that stands alone, with search, sorting, filters, every runner's splits and a plot of the race.

It asks for nothing over the network and forbids it to itself; the results are JSON inside it, in which nothing can end the element that
they stand in, and its script makes text of them, never markup.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import orjson

from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.export.lines import STATUS_WORDS, Line, lines, shown, stood_still
from tracker.export.results import Results

_COLUMNS = (
    *("bib", "name", "sex", "category", "country", "club", "status", "words", "place", "placeSex", "placeCategory"),
    *("time", "gap", "start", "still", "splits"),
)
_NEVER_MARKUP = {char.encode(): f"\\u{ord(char):04x}".encode() for char in "<>&\u2028\u2029"}


def write(results: Results) -> bytes:
    """The page, UTF-8, with its provenance in the head of it and above the table."""
    folder = Path(__file__).with_name("page")
    style, script, page = (
        "".join((folder / name).read_text(encoding="utf-8") for name in names)
        for names in (("page.css",), ("plot.js", "page.js"), ("page.html",))
    )
    made = results.made()
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; base-uri 'none'; form-action 'none'"
    provenance = "".join(f'<meta name="{name}" content="{escape(value)}">\n' for name, value in made.items())
    event = shown(results.field.event.name)
    words = {"policy": policy, "provenance": provenance, "title": escape(f"{event}: {results.provenance.state} results")}
    return Template(page).substitute(words, style=style, script=script, data=_data(results, event, made)).encode()


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(results: Results, event: str, made: dict[str, str]) -> str:
    """The results as JSON that no HTML parser sees anything in."""
    field = results.field
    found = {
        **made,
        "state": results.provenance.state,
        "event": event,
        "timezone": field.event.timezone,
        "at": results.at_ms,
        "statuses": {status.value: words for status, words in STATUS_WORDS.items()},
        "races": [_race(field, race) for race in results.races],
    }
    content = orjson.dumps(found)
    for char, escaped in _NEVER_MARKUP.items():
        content = content.replace(char, escaped)
    return content.decode()


def _race(field: Field, race: str) -> dict[str, Any]:
    of = field.event.by_id[race]
    start_ms = field.starts(race).race_ms
    return {
        "id": race,
        "name": shown(of.name),
        "start": start_ms,
        "points": [{"name": shown(point.name), "km": point.km} for point in of.checkpoints],
        "columns": _COLUMNS,
        "runners": [_runner(field, race, line, start_ms) for line in lines(field, race)],
    }


def _runner(field: Field, race: str, line: Line, start_ms: int) -> list[object]:
    """As `_COLUMNS` says. Moments are milliseconds after the race's start; a split is an arrival, or arrival and departure."""
    standing = line.standing
    entrant, verdict = standing.entrant, standing.verdict
    still = [[from_ms - start_ms, until_ms - start_ms] for from_ms, until_ms in stood_still(field, race, standing)]
    who = (entrant.bib, line.name, *map(shown, (entrant.sex, entrant.category, entrant.country, entrant.club)))
    ranks = (standing.rank, standing.rank_sex, standing.rank_category)
    times = (line.time_ms, line.gap_ms, verdict.start_ms - start_ms if verdict.started else None, still)
    return [*who, line.status.value, line.status_words, *ranks, *times, _splits(standing, start_ms)]


def _splits(standing: Standing, start_ms: int) -> list[int | list[int] | None]:
    found: list[int | list[int] | None] = []
    for split in standing.verdict.splits:
        if split is None:
            found.append(None)
        elif split.out_ms is None or split.out_ms == split.in_ms:
            found.append(split.in_ms - start_ms)
        else:
            found.append([split.in_ms - start_ms, split.out_ms - start_ms])
    return found
