"""What all dialogs have in common: they close once."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A screen above another one, which asks something."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """End with a result. A second time, by a key that came with the first, it would end what is below, so it does nothing then."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
