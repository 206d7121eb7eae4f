"""Many lines with a cursor: drawn line by line, so that ten thousand cost no more than the forty that are seen.

What a line says is its table's business; here are only the drawing, the scrolling and the cursor, which stays with its line's key: when
that line is gone, nobody has it, so that no key can mean another one.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tracker.dashboard.format import changed_cells
from tracker.dashboard.guard import alone
from tracker.text import fit

CURSOR = "▸"
"""Stands before the cursor's line, since nothing is said by colour alone."""
_UNDER_CURSOR = Style(reverse=True)
_HEAD = Style(bold=True, underline=True)
_SAID = Style(bold=True, reverse=True)


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


class _Drawn(NamedTuple):
    """A line of the screen: what it says, and how."""

    text: str
    style: Style


class Rows(ScrollView, can_focus=True, inherit_bindings=False):
    """A table's lines. `key` is that of the cursor's line (None: whichever stands first), `under_cursor` the one seen to have it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Rows { scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "first", "First, and stay there", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("enter", "choose", "Open", show=False),
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
        self._heads: list[_Drawn] = []
        self._made: dict[int, str] = {}

    @property
    def cursor(self) -> int | None:
        """The number of the line under the cursor; None: no line has it."""
        if self._table is None or not self._table.keys:
            return None
        return 0 if self.key is None else self._table.number(self.key)

    @property
    def under_cursor(self) -> str | None:
        """The key of the line under the cursor; None: no line has it, so that no key can mean another one."""
        return None if self._table is None or self.cursor is None else self._table.keys[self.cursor]

    def show(self, table: Table, *, anew: bool = False) -> None:
        """Show a table. The cursor stays with its key and at its height, unless it is `anew` another one; only what changed is drawn."""
        old, old_cursor, before = self._table, self.cursor, self._seen()
        self._table = table
        self._made.clear()
        if old is None or anew:
            self._begin_anew()
            return
        cursor = self.cursor
        if cursor is not None and old_cursor is not None and cursor != old_cursor and self.key is not None:
            top = self.scroll_offset.y
            if top <= old_cursor < top + self._page:
                self.scroll_to(y=top + cursor - old_cursor, animate=False)
        self._draw_changes(before)

    def go_to(self, key: str | None) -> None:
        """Put the cursor on a line (None: on the first, whichever that is) and bring it into sight."""
        before = self._seen()
        self.key = key
        self._made.clear()
        self._draw_changes(before)
        self._reveal()
        self.post_message(self.Moved())

    def text_of(self, no: int) -> str:
        """The text of a line as it is drawn."""
        if no not in self._made:
            with alone(lambda failure: self._made.update({no: fit(f"! this line {failure}", self._width - 1)})):
                assert self._table is not None  # lines are asked for only while there is a table
                self._made[no] = fit(self._table.text(no, self._width - 1), self._width - 1)
        return self._made[no]

    def said(self) -> str:
        """What must be said above the titles; empty: nothing."""
        return ""

    def near(self, down: bool) -> int:
        """From where the cursor moves when its line is gone: on the side from which the next step leads to a neighbour."""
        return -1 if down else 0

    def render_line(self, y: int) -> Strip:
        """A line of the screen: what must be said, the titles, then the lines from where the table is scrolled to."""
        drawn = self._drawn(y, self.cursor)
        if drawn is None:
            return Strip.blank(self._width, self.rich_style)
        return Strip([Segment(drawn.text, self.rich_style + drawn.style)], self._width)

    def on_resize(self, _: events.Resize) -> None:
        """Another width, other lines."""
        self._made.clear()
        self._begin_anew()

    def on_click(self, event: events.Click) -> None:
        """A click chooses the line."""
        no = self.scroll_offset.y + event.y - len(self._heads)
        if self._table is not None and event.y >= len(self._heads) and no < len(self._table.keys):
            self.go_to(self._table.keys[no])
            self.action_choose()

    def action_move(self, lines: int) -> None:
        """The cursor, so many lines further down; from a line that is gone, to a neighbour."""
        if self._table is not None and self._table.keys:
            at = self.near(lines > 0) if self.cursor is None else self.cursor
            self.go_to(self._table.keys[min(max(at + lines, 0), len(self._table.keys) - 1)])

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
        return max(1, self.size.height - len(self._heads))

    def _make_heads(self) -> None:
        """What stands above the lines; when that is a line more or less, everything moves."""
        said = self.said()
        over = "" if self._table is None else self._table.titles(self._width - 1)
        heads = [_Drawn(fit(said, self._width), _SAID)] if said else []
        self._heads = [*heads, _Drawn(" " + fit(over, self._width - 1), _HEAD)]

    def _drawn(self, y: int, cursor: int | None) -> _Drawn | None:
        """A line of the screen; None: an empty one."""
        if y < len(self._heads):
            return self._heads[y]
        no = self.scroll_offset.y + y - len(self._heads)
        if self._table is None or no >= len(self._table.keys):
            return None
        style = self._table.style(no)
        if no == cursor:
            return _Drawn(CURSOR + self.text_of(no), style + _UNDER_CURSOR)
        return _Drawn(" " + self.text_of(no), style)

    def _seen(self) -> list[_Drawn | None]:
        """What the screen's lines say now."""
        cursor = self.cursor
        return [self._drawn(y, cursor) for y in range(self.size.height)]

    def _draw_changes(self, before: list[_Drawn | None]) -> None:
        """Draw again what is not as it was: over a slow link every cell counts."""
        heads = len(self._heads)
        self._make_heads()
        if len(self._heads) != heads or self._set_height():
            self._begin_anew()
            return
        for y, (was, line) in enumerate(zip(before, self._seen(), strict=False)):
            if was != line:
                self.refresh(_changed(was, line, y, self._width))

    def _begin_anew(self) -> None:
        self._make_heads()
        self._set_height()
        self._reveal()
        self.refresh()

    def _set_height(self) -> bool:
        """Let the scroll bar know how many lines there are; returns whether that is another number."""
        height = len(self._heads) + (0 if self._table is None else len(self._table.keys))
        if self.virtual_size.height == height:
            return False
        self.virtual_size = Size(0, height)
        return True

    def _reveal(self) -> None:
        """Scroll to the cursor, or to where there are lines."""
        top, cursor = self.scroll_offset.y, self.cursor
        last_top = max((0 if self._table is None else len(self._table.keys)) - self._page, 0)
        if cursor is not None and cursor < top:
            self.scroll_to(y=cursor, animate=False)
        elif cursor is not None and cursor >= top + self._page:
            self.scroll_to(y=cursor - self._page + 1, animate=False)
        elif top > last_top:
            self.scroll_to(y=last_top, animate=False)


def _changed(was: _Drawn | None, line: _Drawn | None, y: int, width: int) -> Region:
    """The cells of a line of the screen that are not as they were."""
    if was is None or line is None or was.style != line.style:
        return Region(0, y, width, 1)
    start, end = changed_cells(was.text, line.text)
    return Region(start, y, end - start, 1)
