"""The standings board: drawn line by line, so that ten thousand runners cost no more than the forty that are seen.

What a line says is `sheet` and `columns`; here are only the drawing, the scrolling and the cursor, which stays with its runner.
"""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker.core.runner import RANKED, Status
from tracker.dashboard.columns import Column, columns_for, line_of, titles
from tracker.dashboard.format import fit
from tracker.dashboard.guard import alone
from tracker.dashboard.sheet import Sheet, cells

CURSOR = "▸"
"""Stands before the cursor's line, since nothing is said by colour alone."""
_UNDER_CURSOR = Style(reverse=True)
_HEAD = Style(bold=True, underline=True)
_STYLES = {Status.FINISHED: Style(bold=True), Status.OUT_OF_TIME: Style(color="red")}
_OUT = Style(dim=True)


class Board(ScrollView, can_focus=True, inherit_bindings=False):
    """One race's standings. `bib` is the runner under the cursor (None: whoever stands first)."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Board { scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First, and stay with the first", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("enter", "choose", "Runner"),
    ]

    class Chosen(Message):
        """A runner was chosen."""

        def __init__(self, bib: str) -> None:
            super().__init__()
            self.bib = bib

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self.bib: str | None = None
        self._sheet: Sheet | None = None
        self._now_ms = 0
        self._columns: tuple[Column, ...] = ()
        self._made: dict[int, str] = {}

    @property
    def cursor(self) -> int:
        """The number of the line under the cursor."""
        if self._sheet is None or self.bib is None:
            return 0
        return self._sheet.line_of.get(self.bib, 0)

    def show(self, sheet: Sheet, now_ms: int) -> None:
        """Show a sheet at a moment. The cursor stays with its runner and at its height; only lines that changed are drawn again."""
        old, old_cursor, before = self._sheet, self.cursor, self._seen()
        self._sheet, self._now_ms = sheet, now_ms
        self._made.clear()
        if old is None or old.race is not sheet.race or len(old.lines) != len(sheet.lines):
            self.virtual_size = Size(0, len(sheet.lines) + 1)
            self._reveal()
            self.refresh()
            return
        moved = self.cursor - old_cursor
        top = self.scroll_offset.y
        if moved and self.bib is not None and top <= old_cursor < top + self._page:
            self.scroll_to(y=top + moved, animate=False)
        for y, (was, line) in enumerate(zip(before, self._seen(), strict=False)):
            if was != line:
                self.refresh(Region(0, y + 1, self.size.width, 1))

    def go_to(self, bib: str | None) -> None:
        """Put the cursor on a runner (None: on the first, whoever that is) and bring the line into sight."""
        was = self.cursor
        self.bib = bib
        self.refresh_line(was + 1)
        self.refresh_line(self.cursor + 1)
        self._reveal()

    def text_of(self, no: int) -> str:
        """The text of a line as it is drawn."""
        if no not in self._made:
            with alone(lambda failure: self._made.update({no: fit(f"! this line {failure}", self._width - 1)})):
                self._made[no] = self._make(no)
        return self._made[no]

    def render_line(self, y: int) -> Strip:
        """A line of the screen: the titles, then the runners from where the board is scrolled to."""
        style = self.rich_style
        if y == 0:
            return Strip([Segment(" " + fit(titles(self._columns), self._width - 1), style + _HEAD)], self._width)
        no = self.scroll_offset.y + y - 1
        if self._sheet is None or no >= len(self._sheet.lines):
            return Strip.blank(self._width, style)
        style += _OUT if self._is_out(no) else _STYLES.get(self._sheet.lines[no].verdict.status, Style.null())
        if no == self.cursor:
            style += _UNDER_CURSOR
        return Strip([Segment((CURSOR if no == self.cursor else " ") + self.text_of(no), style)], self._width)

    def on_resize(self, _: events.Resize) -> None:
        """Another width, other columns."""
        self._columns = columns_for(self._width - 1)
        self._made.clear()
        self._reveal()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the runner."""
        no = self.scroll_offset.y + event.y - 1
        if self._sheet is not None and event.y > 0 and no < len(self._sheet.lines):
            self.go_to(self._sheet.lines[no].entrant.bib)
            self.action_choose()

    def action_move(self, lines: int) -> None:
        """The cursor, so many lines further down."""
        if self._sheet is not None and self._sheet.lines:
            no = min(max(self.cursor + lines, 0), len(self._sheet.lines) - 1)
            self.go_to(self._sheet.lines[no].entrant.bib)

    def action_page(self, pages: int) -> None:
        """The cursor, so many screens further down."""
        self.action_move(pages * self._page)

    def action_first(self) -> None:
        """The cursor on the first, whoever that will be."""
        self.go_to(None)

    def action_last(self) -> None:
        """The cursor on the last line."""
        self.action_move(len(self._sheet.lines) if self._sheet is not None else 0)

    def action_choose(self) -> None:
        """Say who is under the cursor."""
        if self._sheet is not None and self._sheet.lines:
            self.post_message(self.Chosen(self._sheet.lines[self.cursor].entrant.bib))

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _make(self, no: int) -> str:
        assert self._sheet is not None  # lines are asked for only while there is a sheet
        return fit(line_of(self._columns, cells(self._sheet, no, self._now_ms)), self._width - 1)

    def _is_out(self, no: int) -> bool:
        assert self._sheet is not None
        status = self._sheet.lines[no].verdict.status
        return status not in RANKED and status is not Status.OUT_OF_TIME

    def _seen(self) -> list[tuple[str, bool]]:
        """What the screen's lines say now, and which of them has the cursor."""
        if self._sheet is None:
            return []
        top = self.scroll_offset.y
        return [(self.text_of(no), no == self.cursor) for no in range(top, min(top + self._page, len(self._sheet.lines)))]

    def _reveal(self) -> None:
        top, cursor = self.scroll_offset.y, self.cursor
        if cursor < top:
            self.scroll_to(y=cursor, animate=False)
        elif cursor >= top + self._page:
            self.scroll_to(y=cursor - self._page + 1, animate=False)
