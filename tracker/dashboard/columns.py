"""A table's columns, and the board's: which of them fit a width, how wide each is, and a line of text from a line's cells.

Pure, without Textual. Widths are terminal cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

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
    Column("move", "+/-", 4, 5),
    Column("bib", "Bib", 4, 6, right=True),
    Column("name", "Name", 12, 30),
    Column("class", "Class", 9, 13),
    Column("state", "State", 16, 22),
    Column("last", "Last seen", 10, 22),
    Column("time", "At", 9, 9),
    Column("age", "Ago", 5, 5, right=True),
    Column("next", "Expected next", 13, 29),
    Column("margin", "Margin", 10, 10),
    Column("elapsed", "Elapsed", 8, 9, right=True),
    Column("gap", "Gap", 9, 10, right=True),
    Column("cutoff", "Cutoff", 6, 6, right=True),
    Column("score", "Est.", 5, 5, right=True),
)
_KEPT_LONGEST = (
    *("bib", "name", "state", "place", "last", "time", "cutoff"),
    *("margin", "next", "gap", "move", "age", "elapsed", "class", "score"),
)
_WHO = ("bib", "name", "state", "place")
VIEWS: tuple[tuple[str, ...], ...] = ((), ("next", "age", "move"), ("class", "score", "elapsed", "gap"))
"""What may be asked for in turn, so that everything can be read where not everything fits."""
_READABLE = 17
"""So wide is the next checkpoint at least where it was asked for, since the time takes half of that; and there is still room for a gap."""
_GROW_FIRST = ("bib", "name", "state", "class", "last", "next", "place", "elapsed", "gap")


@cache
def columns_for(width: int, asked: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """The columns that fit, each with its width as both `least` and `most`; what room is left goes to names and words.

    One that does not fit makes room for a narrower one, once it is clear who is what; those `asked` for come right after that.
    """
    kept_longest = sorted(_KEPT_LONGEST, key=lambda key: key not in _WHO and key not in asked)
    columns = [replace(column, least=_READABLE) if column.key == "next" and "next" in asked else column for column in COLUMNS]
    return fitting(width, columns, kept_longest, _GROW_FIRST, firm=_WHO)


def fitting(
    width: int, columns: Sequence[Column], kept_longest: Sequence[str], grow_first: Sequence[str], firm: Sequence[str] | None = None
) -> tuple[Column, ...]:
    """Those of any table's columns that fit, as `columns_for` does; by key, which are kept longest and which grow first.

    Where one of the `firm` ones (None: all) does not fit, no other comes in its place.
    """
    by_key = {column.key: column for column in columns}
    widths: dict[str, int] = {}
    room = width + 1  # a space before each column but the first
    for key in kept_longest:
        if by_key[key].least + 1 <= room:
            widths[key] = by_key[key].least
            room -= by_key[key].least + 1
        elif firm is None or key in firm:
            break
    growing = [key for key in grow_first if key in widths]
    while room > 0 and (growing := [key for key in growing if widths[key] < by_key[key].most]):
        for key in growing[:room]:
            widths[key] += 1
            room -= 1
    return tuple(Column(c.key, c.title, widths[c.key], widths[c.key], c.right) for c in columns if c.key in widths)


def line_of(columns: tuple[Column, ...], cells: Mapping[str, str]) -> str:
    """One line, every cell in its column."""
    return " ".join(fit(cells[column.key], column.least, right=column.right) for column in columns)


def titles(columns: tuple[Column, ...], others: Mapping[str, str] | None = None) -> str:
    """The line above the board; `others` are titles by key that stand in place of the columns' own."""
    return line_of(columns, {column.key: column.title for column in columns} | dict(others or {}))
