"""One thing in full, beside or below the list that it is from: a text of any length, read on page by page while the list keeps the keys."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tracker.dashboard.panel import Panel


class Detail(VerticalScroll, can_focus=False):
    """The panel `#detail`, as long as its text is."""

    DEFAULT_CSS = """
    Detail { height: 1fr; scrollbar-gutter: stable; }
    Detail #detail { height: auto; text-wrap: wrap; }
    """

    def compose(self) -> ComposeResult:
        """The text."""
        yield Panel(id="detail")

    def begin(self) -> None:
        """It is another thing: from its beginning."""
        self.scroll_home(animate=False)

    def read_on(self) -> None:
        """The next page, and after the last the first again."""
        if self.scroll_offset.y >= self.max_scroll_y:
            self.begin()
        else:
            self.scroll_page_down(animate=False)
