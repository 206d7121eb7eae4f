"""Many lines with a cursor: drawn line by line, so that ten thousand cost no more than the forty that are seen.

What a line says is its table's business; here are only the drawing, the scrolling and the cursor, which stays with its line's key.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker.dashboard.guard import alone
from tracker.text import fit

CURSOR = "▸"
"""Stands before the cursor's line, since nothing is said by colour alone."""
_UNDER_CURSOR = Style(reverse=True)
_HEAD = Style(bold=True, underline=True)


class Table(Protocol):
    """What is shown: a key a line, the titles, and each line's text and style. Lines are asked for only while they are seen."""

    @property
    def keys(self) -> Sequence[str]:
        """A key a line, each once."""

    def number(self, key: str) -> int | None:
        """The number of a key's line; None: there is none."""

    def titles(self, width: int) -> str:
        """The line above the others."""

    def text(self, no: int, width: int) -> str:
        """A line in so many cells."""

    def style(self, no: int) -> Style:
        """How a line is drawn."""


class Rows(ScrollView, can_focus=True, inherit_bindings=False):
    """A table's lines. `key` is that of the cursor's line (None: whichever stands first)."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Rows { scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First, and stay with the first", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("enter", "choose", "Open"),
    ]

    class Chosen(Message):
        """A line was chosen."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Moved(Message):
        """The cursor went to another line."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self.key: str | None = None
        self._table: Table | None = None
        self._made: dict[int, str] = {}

    @property
    def cursor(self) -> int:
        """The number of the line under the cursor."""
        if self._table is None or self.key is None:
            return 0
        return self._table.number(self.key) or 0

    @property
    def under_cursor(self) -> str | None:
        """The key of the line under the cursor; None: there is no line."""
        if self._table is None or not self._table.keys:
            return None
        return self._table.keys[self.cursor]

    def show(self, table: Table) -> None:
        """Show a table. The cursor stays with its key and at its height; only lines that changed are drawn again."""
        old, old_cursor, before = self._table, self.cursor, self._seen()
        self._table = table
        self._made.clear()
        if old is None or len(old.keys) != len(table.keys):
            self.virtual_size = Size(0, len(table.keys) + 1)
            self._reveal()
            self.refresh()
            return
        moved = self.cursor - old_cursor
        top = self.scroll_offset.y
        if moved and self.key is not None and top <= old_cursor < top + self._page:
            self.scroll_to(y=top + moved, animate=False)
        self.refresh(Region(0, 0, self.size.width, 1))
        for y, (was, line) in enumerate(zip(before, self._seen(), strict=False)):
            if was != line:
                self.refresh(Region(0, y + 1, self.size.width, 1))

    def go_to(self, key: str | None) -> None:
        """Put the cursor on a line (None: on the first, whichever that is) and bring it into sight."""
        was = self.cursor
        self.key = key
        self.refresh_line(was + 1)
        self.refresh_line(self.cursor + 1)
        self._reveal()
        self.post_message(self.Moved())

    def text_of(self, no: int) -> str:
        """The text of a line as it is drawn."""
        if no not in self._made:
            with alone(lambda failure: self._made.update({no: fit(f"! this line {failure}", self._width - 1)})):
                assert self._table is not None  # lines are asked for only while there is a table
                self._made[no] = fit(self._table.text(no, self._width - 1), self._width - 1)
        return self._made[no]

    def render_line(self, y: int) -> Strip:
        """A line of the screen: the titles, then the lines from where the table is scrolled to."""
        style, table = self.rich_style, self._table
        if table is None:
            return Strip.blank(self._width, style)
        if y == 0:
            return Strip([Segment(" " + fit(table.titles(self._width - 1), self._width - 1), style + _HEAD)], self._width)
        no = self.scroll_offset.y + y - 1
        if no >= len(table.keys):
            return Strip.blank(self._width, style)
        style += table.style(no)
        if no == self.cursor:
            style += _UNDER_CURSOR
        return Strip([Segment((CURSOR if no == self.cursor else " ") + self.text_of(no), style)], self._width)

    def on_resize(self, _: events.Resize) -> None:
        """Another width, other lines."""
        self._made.clear()
        self._reveal()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the line."""
        no = self.scroll_offset.y + event.y - 1
        if self._table is not None and event.y > 0 and no < len(self._table.keys):
            self.go_to(self._table.keys[no])
            self.action_choose()

    def action_move(self, lines: int) -> None:
        """The cursor, so many lines further down."""
        if self._table is not None and self._table.keys:
            no = min(max(self.cursor + lines, 0), len(self._table.keys) - 1)
            self.go_to(self._table.keys[no])

    def action_page(self, pages: int) -> None:
        """The cursor, so many screens further down."""
        self.action_move(pages * self._page)

    def action_first(self) -> None:
        """The cursor on the first line, whichever that will be."""
        self.go_to(None)

    def action_last(self) -> None:
        """The cursor on the last line."""
        self.action_move(len(self._table.keys) if self._table is not None else 0)

    def action_choose(self) -> None:
        """Say which line is under the cursor."""
        key = self.under_cursor
        if key is not None:
            self.post_message(self.Chosen(key))

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _seen(self) -> list[tuple[str, bool]]:
        """What the screen's lines say now, and which of them has the cursor."""
        if self._table is None:
            return []
        top = self.scroll_offset.y
        return [(self.text_of(no), no == self.cursor) for no in range(top, min(top + self._page, len(self._table.keys)))]

    def _reveal(self) -> None:
        top, cursor = self.scroll_offset.y, self.cursor
        if cursor < top:
            self.scroll_to(y=cursor, animate=False)
        elif cursor >= top + self._page:
            self.scroll_to(y=cursor - self._page + 1, animate=False)
