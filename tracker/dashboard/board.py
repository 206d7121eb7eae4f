"""The standings board: a race's sheet as lines, with the columns that fit and how each runner's line is drawn."""

from rich.style import Style

from tracker.core.runner import RANKED, Status
from tracker.dashboard.columns import columns_for, line_of, titles
from tracker.dashboard.rows import Rows
from tracker.dashboard.sheet import Sheet, cells

_STYLES = {Status.FINISHED: Style(bold=True), Status.OUT_OF_TIME: Style(color="red")}
_OUT = Style(dim=True)


class Standings:
    """A sheet at a moment, as a table: a runner a line, by bib."""

    def __init__(self, sheet: Sheet, now_ms: int) -> None:
        self.sheet = sheet
        self.now_ms = now_ms
        self.keys = [line.entrant.bib for line in sheet.lines]

    def number(self, key: str) -> int | None:
        """The line of a bib."""
        return self.sheet.line_of.get(key)

    def titles(self, width: int) -> str:
        """The columns' titles."""
        return titles(columns_for(width))

    def text(self, no: int, width: int) -> str:
        """A runner's line."""
        return line_of(columns_for(width), cells(self.sheet, no, self.now_ms))

    def style(self, no: int) -> Style:
        """Finishers stand out, who is out stands back."""
        status = self.sheet.lines[no].verdict.status
        return _OUT if status not in RANKED and status is not Status.OUT_OF_TIME else _STYLES.get(status, Style.null())


class Board(Rows):
    """One race's standings; `key` is the bib of the runner under the cursor."""

    def show_sheet(self, sheet: Sheet, now_ms: int) -> None:
        """Show a sheet at a moment."""
        self.show(Standings(sheet, now_ms))
