"""What stands on a terminal, cell by cell, so that only what is to become otherwise is sent to it.

The library sends whole regions for one digit, and a new screen several times over until it has settled. Each drawing is read here as a
terminal would read it, and set beside what stands there: over a bad link every byte counts. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len

from tracker.dashboard.pen import change

Cell = tuple[str, str]
"""What stands in a cell (nothing: the right half of the wide character before it), and in which style."""
Row = list[Cell | None]
"""The cells of a line; None: nobody knows what stands there."""
_READ = re.compile(
    r"\x1b\[(?P<line>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<style>[\d;]*)m"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<down>\n)"
    r"|(?P<begin>\x1b\[\?2026h)|(?P<end>\x1b\[\?2026l)"
    r"|(?P<other>\x1b\[[^@-~]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[^\[\]]|[\x00-\x1f\x7f])"
)
_OTHER_SCREEN = "\x1b[?1049"
_NEAR = 4
"""Over so many cells that are as they were it costs less to write them again than to go past them."""


class Picture:
    """A terminal as far as it is known, of so many cells; nothing is when it begins."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self.forget()

    def forget(self) -> None:
        """Nobody knows what stands there: whatever is drawn next is sent."""
        self._rows: list[Row] = [[None] * self._width for _ in range(self._height)]
        self._pen: str | None = None
        self._at: tuple[int, int] | None = None
        self._begin = ""

    def drawn(self, data: str) -> str:
        """What to send so that the terminal shows what it would after `data`: nothing, where it shows that already."""
        sent: list[str] = []
        rows: dict[int, Row] = {}
        x, y, style = 0, 0, ""
        moved = False
        for found in _READ.finditer(data):
            kind, words = found.lastgroup, found[0]
            if kind == "column":
                x, y, moved = int(found["column"]) - 1, int(found["line"]) - 1, True
            elif kind == "style":
                style = "" if found["style"] in ("", "0") else f"{style};{found['style']}".lstrip(";")
            elif kind == "text":
                if y < self._height:
                    x = _write(rows.setdefault(y, self._rows[y].copy()), x, words, style)
            elif kind == "down":
                y += 1
            elif kind == "begin":
                self._begin = words
            else:
                self._send_changes(rows, sent)
                self._pass_on(words, sent, ends=kind == "end")
        self._send_changes(rows, sent)
        if moved and (sent or self._at != (x, y)):
            self._go(x, y, sent)
        if sent and self._begin:
            sent.insert(0, self._begin)
            self._begin = ""
        return "".join(sent)

    def _pass_on(self, words: str, sent: list[str], *, ends: bool) -> None:
        """What draws nothing goes to the terminal as it is, and finds no style there; but for the end of an update (`ends`) of nothing."""
        if ends and self._begin:
            self._begin = ""
            return
        if not ends:
            sent.append(change(self._pen, ""))
            self._pen = ""
        if words.startswith(_OTHER_SCREEN):
            self.forget()
        sent.append(words)

    def _send_changes(self, rows: dict[int, Row], sent: list[str]) -> None:
        """Write what is not as it was, and know it from now on."""
        for y in sorted(rows):
            row, before = rows[y], self._rows[y]
            if row != before:
                for x in _to_write(before, row):
                    self._put(x, y, row[x], sent)
                self._rows[y] = row
        rows.clear()

    def _put(self, x: int, y: int, cell: Cell | None, sent: list[str]) -> None:
        """Write one cell."""
        if cell is None or not cell[0]:
            return
        text, style = cell
        if self._at != (x, y):
            self._go(x, y, sent)
        if self._pen != style:
            sent.append(change(self._pen, style))
            self._pen = style
        sent.append(text)
        # terminals have their own minds about the width of what is not one plain character: whatever comes after it is told where
        self._at = (x + 1, y) if text.isascii() or (len(text) == 1 and cell_len(text) == 1) else None

    def _go(self, x: int, y: int, sent: list[str]) -> None:
        """Bring the cursor to a cell, in the fewest bytes."""
        if self._at is not None and self._at[1] == y and self._at[0] < x:
            sent.append(f"\x1b[{x - self._at[0]}C")
        elif self._at is not None and (self._at[1] + 1, 0) == (y, x):
            sent.append("\r\n")
        elif self._at != (x, y):
            sent.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H")
        self._at = (x, y)


def _to_write(before: Row, row: Row) -> Iterator[int]:
    """The cells of a line that must be written, in their order: those that are otherwise, and the few between two of them."""
    last = len(row)
    for x, (was, cell) in enumerate(zip(before, row, strict=True)):
        if was == cell:
            continue
        between = row[last + 1 : x]
        if len(between) <= _NEAR and cell is not None and all(one is not None and one[1] == cell[1] for one in between):
            yield from range(last + 1, x)
        yield x
        last = x


def _write(row: Row, x: int, text: str, style: str) -> int:
    """Write into a line; returns the cell after the text. What is beyond the line's end is lost, as on the terminal."""
    width = len(row)
    cells = [(each, style) for each in _cells(text)]
    end = x + len(cells)
    for at, half in ((x, x - 1), (end, end)):
        if at < width and (one := row[at]) is not None and not one[0]:
            row[half] = None  # of a wide character that is written over only half of it is left, and nobody knows what that looks like
    row[x:end] = cells
    del row[width:]
    return end


@lru_cache(4096)
def _cells(text: str) -> Sequence[str]:
    """A text in cells: what has no width stands with the character before it, and the right half of a wide one is empty."""
    if text.isascii():
        return text
    cells: list[str] = []
    for char in text:
        if cell_len(char):
            cells += [char, *[""] * (cell_len(char) - 1)]
        elif cells:
            at = len(cells) - 1 if cells[-1] else len(cells) - 2
            held = cells[at] + char
            cells[at:] = [held, *[""] * (cell_len(held) - 1)]
    return cells
