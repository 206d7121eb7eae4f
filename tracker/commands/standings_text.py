"""A race's standings as text: the board's columns, of which as many as fit stand in a runner's line, and the others in words below it.

Pure: lines from plain values. Place, bib and status are never cut; names and words give way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tracker.core.field import Field
from tracker.core.look_back import LookBack
from tracker.dashboard.columns import COLUMNS, Column, fitting, line_of, titles
from tracker.dashboard.format import status_words
from tracker.dashboard.sheet import cells, make_sheet

_KEPT_LONGEST = (
    *("place", "bib", "state", "name", "last", "time", "margin", "cutoff"),
    *("next", "gap", "elapsed", "move", "age", "class", "score"),
)
_GROW_FIRST = ("name", "last", "next", "class", "gap", "elapsed")
_NEVER_CUT = ("place", "move", "bib", "state")
_INDENT = 11
_WRAPPING = Console()
"""Rich wraps no text without one."""


def standings_lines(field: Field, race: str, width: int, most: int | None = None) -> Iterator[str]:
    """The first `most` of a race, under the columns' titles, in lines of at most `width` cells as far as nothing must be cut for it."""
    sheet, now_ms = make_sheet(field, race), field.now_ms
    before = LookBack(sheet.state, now_ms)
    shown = range(len(sheet.lines))[:most]
    found = [cells(sheet, no, now_ms, before=before) for no in shown]
    flags = []
    for no, line in zip(shown, found, strict=True):
        verdict = sheet.lines.runner(no).verdict
        line["state"] = status_words(verdict)
        flags.append(" ".join(flag for flag in verdict.flags if flag != "provisional"))
    columns = _columns(found, width)
    keys = {column.key for column in columns}
    others = [column for column in COLUMNS if column.key not in keys]
    yield titles(columns).rstrip()
    for line, flagged in zip(found, flags, strict=True):
        told = f"{line_of(columns, line).rstrip()} {flagged}".rstrip()
        more = [f"{column.title} {line[column.key]}" for column in others if line[column.key]]
        if cell_len(told) > width and flagged:
            told, more = line_of(columns, line).rstrip(), [flagged, *more]
        yield told
        if more:
            indent = min(_INDENT, width // 4)
            yield from (" " * indent + part.plain.rstrip() for part in Text(", ".join(more)).wrap(_WRAPPING, width - indent))


def _columns(found: Sequence[dict[str, str]], width: int) -> tuple[Column, ...]:
    """Those that fit; what is never cut is as wide as its widest cell."""
    wide = {key: max((cell_len(line[key]) for line in found), default=0) for key in _NEVER_CUT}
    columns = [
        replace(column, least=at_least, most=at_least)
        if column.key in wide and (at_least := max(wide[column.key], cell_len(column.title)))
        else column
        for column in COLUMNS
    ]
    return fitting(width, columns, _KEPT_LONGEST, _GROW_FIRST, firm=("place", "bib", "state", "name"))
