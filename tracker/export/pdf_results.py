"""`--format pdf`: a result list to print, A4: who finished in order, then who is still out, who did not finish, and who did not start.

A name with a sign that no font here has is said on standard error, with the packages that have it.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tracker.core.course import Race
from tracker.core.runner import Status
from tracker.export.lines import Line, lines, shown
from tracker.export.results import Results
from tracker.export.typeset import Typeset, pdf
from tracker.files.times import format_elapsed, format_local

FONTS = "on Debian fonts-noto-core and fonts-noto-cjk have nearly every script"
_WORD = 24
"""A longer word may be broken anywhere, or it would run into the next column."""
_Cell = Callable[[Line], str]
_WHO: tuple[tuple[str, str, bool, _Cell], ...] = (
    ("Bib", "", True, lambda line: breakable(shown(line.standing.entrant.bib))),
    ("Name", "*", False, lambda line: breakable(line.name)),
    ("Sex", "", False, lambda line: _with_place(line.standing.entrant.sex, line.standing.rank_sex)),
    ("Category", "", False, lambda line: _with_place(line.standing.entrant.category, line.standing.rank_category)),
    ("Country", "", False, lambda line: breakable(shown(line.standing.entrant.country))),
)
_NOT_FINISHED = (Status.WITHDRAWN, Status.OUT_OF_TIME, Status.STOPPED, Status.DISQUALIFIED)


def write(results: Results) -> bytes:
    """The list as PDF, with its provenance in the head and foot of every page and in the document's properties."""
    typeset = pdf(Path(__file__).with_name("results.typ").read_bytes(), values(results), results.provenance.made_ms)
    names = {entrant.bib: entrant.name for entrant in results.field.roster.entrants}
    for line in unseen_lines(typeset, names):
        print(f"tracker: {line}", file=sys.stderr)
    return typeset.content


def values(results: Results) -> dict[str, Any]:
    """What the template is given."""
    event = results.field.event
    return {
        **results.made(),
        "event": shown(event.name),
        "title": f"{shown(event.name)}: {results.provenance.state} results",
        "headline": f"{results.provenance.state.upper()} RESULTS",
        "races": [{"title": _title(event.by_id[race]), "sections": list(_sections(results, event.by_id[race]))} for race in results.races],
    }


def unseen_lines(typeset: Typeset, names: dict[str, str]) -> list[str]:
    """What to say of the names, by bib, that no font here can show whole; nothing when there is none."""
    found = typeset.unseen_in(names)
    if found:
        return [f"no font here can show the name of bib {name}; {FONTS}" for name in found]
    signs = " ".join(f"U+{ord(sign):04X}" for sign in sorted(typeset.unseen))
    return [f"no font here can show {signs}; {FONTS}"] if signs else []


def breakable(text: str) -> str:
    """The text with places in its long words where a line may end."""
    if len(text) <= _WORD:
        return text
    return " ".join("\u200b".join(word[at : at + _WORD] for at in range(0, len(word), _WORD)) for word in text.split(" "))


def _title(race: Race) -> str:
    return f"{shown(race.name)}, {race.distance_km:g} km"


def _sections(results: Results, race: Race) -> Iterator[dict[str, Any]]:
    """A section a group of runners, those with nobody left out."""
    of = lines(results.field, race.id)
    zone, points = results.field.event.timezone, race.checkpoints

    def last_seen(line: Line) -> str:
        verdict = line.standing.verdict
        return f"{shown(points[verdict.furthest].name)} ({points[verdict.furthest].km:g} km)" if verdict.started else "–"

    def at(line: Line) -> str:
        verdict = line.standing.verdict
        return format_local(verdict.reached_ms, zone, seconds=True) if verdict.started else ""

    place = ("Place", "", True, lambda line: "" if line.standing.rank is None else str(line.standing.rank))
    times = (
        ("Time", "", True, lambda line: "" if line.time_ms is None else format_elapsed(line.time_ms)),
        ("Gap", "", True, lambda line: f"+{format_elapsed(line.gap_ms)}" if line.gap_ms else ""),
    )
    seen = (("Last seen", "", False, last_seen), ("At", "", True, at))
    status = ("Status", "", False, lambda line: line.status_words)
    groups: tuple[tuple[str, tuple[Status, ...], Sequence[tuple[str, str, bool, _Cell]]], ...] = (
        ("Finished", (Status.FINISHED,), (place, *_WHO, *times)),
        ("On the course", (Status.RACING,), (place, *_WHO, *seen)),
        ("Did not finish", _NOT_FINISHED, (*_WHO, status, *seen)),
        ("Did not start", (Status.DNS,), (*_WHO, status)),
        ("Entered", (Status.ENTERED,), _WHO),
    )
    for title, statuses, columns in groups:
        there = [line for line in of if line.status in statuses]
        if there:
            yield {
                "title": f"{title} ({len(there):,})",
                "head": [column[0] for column in columns],
                "widths": [column[1] for column in columns],
                "right": [column[2] for column in columns],
                "rows": [[cell(line) for _, _, _, cell in columns] for line in there],
            }


def _with_place(group: str | None, place: int | None) -> str:
    group = breakable(shown(group))
    return group if place is None else f"{group} {place}."
