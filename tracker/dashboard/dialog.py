"""What all dialogs have in common: they close once, and leave what they do not cover as it is."""

from typing import ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A screen above another one, which asks something. To dim that one would be to send all of it, and again when it is back."""

    DEFAULT_CSS: ClassVar[str] = """
    Dialog { background: transparent; }
    Dialog > Vertical, Dialog > VerticalScroll { background: $surface; }
    Dialog:ansi > Vertical, Dialog:ansi > VerticalScroll { background: ansi_default; }
    """

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """End with a result. A second time, by a key that came with the first, it would end what is below, so it does nothing then."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
