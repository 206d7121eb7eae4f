"""Which lines of a sheet are on the board, where a runner stands among them, and the words above them.

Pure, without Textual. A row is a number among the lines that are shown; a line is a number in the sheet.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.core.race_state import Runner
from tracker.dashboard.filters import Filter, filter_words
from tracker.dashboard.sheet import Sheet


@dataclass(frozen=True)
class Shown:
    """A sheet, what is asked for, and the lines that fit, in order."""

    sheet: Sheet
    only: Filter
    lines: Sequence[int]

    def row_of(self, bib: str) -> int | None:
        """The row of a runner; None for who is not shown, or not in the race."""
        line = self.sheet.line_of.get(bib)
        if line is None:
            return None
        row = bisect_left(self.lines, line)
        return row if row < len(self.lines) and self.lines[row] == line else None

    def rows_before(self, bib: str) -> int:
        """How many rows stand before a runner, shown or not; all of them stand after who is not in the race."""
        line = self.sheet.line_of.get(bib)
        return 0 if line is None else bisect_left(self.lines, line)

    def runner(self, row: int) -> Runner:
        """Who stands in a row."""
        return self.sheet.lines.runner(self.lines[row])


def heading(shown: Shown, bib: str | None) -> str:
    """What must be said above the board: who has the cursor and is not on it, and who is left out; empty: nothing."""
    parts = []
    if bib is not None and shown.row_of(bib) is None:
        where = "is not among these" if bib in shown.sheet.line_of else f"is not in {shown.sheet.race.name}"
        parts.append(f"! bib {bib} {where}: nobody has the cursor")
    if shown.only:
        parts.append(f"{len(shown.lines):,} of {len(shown.sheet.lines):,}: {filter_words(shown.only, shown.sheet.race)} (F: all)")
    return " · ".join(parts)


def gap_title(rival: Runner | None) -> str:
    """The title over the gaps: to whom they are."""
    return "Gap 1st" if rival is None else f"Gap {rival.entrant.bib}"
