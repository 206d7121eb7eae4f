"""What stands on a terminal after all that was written to it, as a plain terminal would have it: one cell after the other.

It knows what goes to it from here and no more: the cursor's moves, styles, text, and that the rest draws nothing. Lines do not wrap.
"""

import re
import unicodedata
from collections import Counter

JUNK = "#"
"""Stands in every cell that was not written since the terminal has this size: nobody can tell what a window leaves there."""
HALF = "half"
"""Stands where half of a wide character is left: each terminal has its own way with it."""
READ = re.compile(
    r"\x1b\[(\d*)(?:;(\d+))?(?P<kind>[HC])|\x1b\[(?P<style>[\d;]*)m|(?P<line>[\r\n])|(?P<text>[^\x00-\x1f\x7f])"
    r"|\x1b\[[^@-~]*[@-~]|\x1b\][^\x07]*\x07|."
)
NUMBER = re.compile(r"([34])8;5;\d+|([34])8;2;\d+;\d+;\d+|\d+")
OFF = {"22": ("1", "2"), "24": ("4",), "27": ("7",), "39": ("3x",), "49": ("4x",)}

Style = dict[str, str]


class Glass:
    """So many cells. `cells` has each one's text and style, `written` how many were written in each line."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.cells = [[(JUNK, "")] * columns for _ in range(lines)]
        self.written: Counter[int] = Counter()
        self.style: Style = {}
        self.x = self.y = 0

    def write(self, data: str) -> None:
        """Obey."""
        for found in READ.finditer(data):
            if found["kind"] == "H":
                self.x, self.y = int(found[2] or 1) - 1, int(found[1] or 1) - 1
            elif found["kind"] == "C":
                self.x += int(found[1] or 1)
            elif found["style"] is not None:
                self._choose(found["style"])
            elif found["line"] == "\r":
                self.x = 0
            elif found["line"] == "\n":
                self.y += 1
            elif found["text"] is not None:
                self._put(found["text"])

    @property
    def text(self) -> list[str]:
        """The lines."""
        return ["".join(text for text, _ in line) for line in self.cells]

    def _choose(self, numbers: str) -> None:
        for found in NUMBER.finditer(numbers or "0"):
            number = found[0]
            if number == "0":
                self.style = {}
            elif number in OFF:
                self.style = {name: value for name, value in self.style.items() if name not in OFF[number]}
            else:
                self.style = {**self.style, _name(number): number}

    def _put(self, char: str) -> None:
        if self.y >= self.lines:
            return
        line = self.cells[self.y]
        wide = 0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if not wide:
            at = min(self.x, self.columns) - 1
            at -= not line[at][0]
            line[at] = (line[at][0] + char, line[at][1])
            return
        self.x = min(self.x, self.columns - wide)
        for at, half in ((self.x, self.x - 1), (self.x + wide, self.x + wide)):
            if at < self.columns and not line[at][0]:
                line[half] = (HALF, "")
        style = ";".join(sorted(self.style.values()))
        line[self.x : self.x + wide] = [(char, style), ("", style)][:wide]
        self.x += wide
        self.written[self.y] += wide


def _name(number: str) -> str:
    """What a style's number is about: the letters' colour, what is behind them, or itself."""
    if number.startswith(("38;", "48;")):
        return f"{number[0]}x"
    no = int(number)
    return "3x" if 30 <= no < 38 or 90 <= no < 98 else "4x" if 40 <= no < 48 or 100 <= no < 108 else number
