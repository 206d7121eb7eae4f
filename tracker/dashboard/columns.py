"""The board's columns: which of them fit a width, how wide each is, and a line of text from a line's cells.

Pure, without Textual. Widths are terminal cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.text import fit


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in a line's cells, its title, and how wide it is at least and at most."""

    key: str
    title: str
    least: int
    most: int
    right: bool = False


COLUMNS = (
    Column("place", "#", 4, 5, right=True),
    Column("bib", "Bib", 4, 6, right=True),
    Column("name", "Name", 13, 30),
    Column("class", "Class", 9, 13),
    Column("state", "State", 16, 22),
    Column("last", "Last seen", 11, 22),
    Column("time", "At", 9, 9),
    Column("elapsed", "Elapsed", 8, 9, right=True),
    Column("gap", "Gap", 9, 9, right=True),
    Column("cutoff", "Cutoff", 6, 6, right=True),
    Column("score", "Est.", 5, 5, right=True),
)
_KEPT_LONGEST = ("bib", "name", "state", "place", "last", "time", "elapsed", "cutoff", "class", "gap", "score")
_GROW_FIRST = ("bib", "name", "state", "class", "last", "place", "elapsed")


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns that fit, each with its width as both `least` and `most`; what room is left goes to names and words."""
    by_key = {column.key: column for column in COLUMNS}
    widths: dict[str, int] = {}
    room = width + 1  # a space before each column but the first
    for key in _KEPT_LONGEST:
        if by_key[key].least + 1 > room:
            break
        widths[key] = by_key[key].least
        room -= by_key[key].least + 1
    growing = [key for key in _GROW_FIRST if key in widths]
    while room > 0 and (growing := [key for key in growing if widths[key] < by_key[key].most]):
        for key in growing[:room]:
            widths[key] += 1
            room -= 1
    return tuple(Column(c.key, c.title, widths[c.key], widths[c.key], c.right) for c in COLUMNS if c.key in widths)


def line_of(columns: tuple[Column, ...], cells: Mapping[str, str]) -> str:
    """One line of the board, every cell in its column."""
    return " ".join(fit(cells[column.key], column.least, right=column.right) for column in columns)


def titles(columns: tuple[Column, ...]) -> str:
    """The line above the board."""
    return line_of(columns, {column.key: column.title for column in columns})
