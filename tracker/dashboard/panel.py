"""A screen region that shows text: made by a function of its width, drawn again only when it changed, and alone in its failures."""

from collections.abc import Callable

from rich.text import Text
from textual import events
from textual.widgets import Static

from tracker.dashboard.guard import alone


class Panel(Static):
    """Shows what `make(width)` returns; where that fails, the failure in words."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Panel { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self._make: Callable[[int], Text] = lambda _: Text()
        self._text = Text()

    def show(self, make: Callable[[int], Text]) -> None:
        """Show what `make` returns for the panel's width in cells, now and after every resize."""
        self._make = make
        self._make_again()

    def on_resize(self, _: events.Resize) -> None:
        """Another width, another text; and another height, which is not looked at again while the screen is being laid out."""
        before = self._text
        self._make_again()
        if self._text is not before and self._grows:
            self.call_after_refresh(self.refresh, layout=True)

    @property
    def _grows(self) -> bool:
        return self.styles.is_auto_width or self.styles.is_auto_height

    def _make_again(self) -> None:
        if not self.size.width:  # not on the screen: made when it gets its size
            return
        with alone(lambda failure: self._put(Text(f"! {self.id} {failure}"))):
            self._put(self._make(self.size.width))

    def _put(self, text: Text) -> None:
        if text != self._text:
            self._text = text
            self.update(text, layout=self._grows)
