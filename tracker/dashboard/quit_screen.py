"""Asks before the dashboard takes the ingest down with it: at night a `q` must not end a race's timing."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tracker.dashboard.dialog import Dialog

_WORDS = """Leave the dashboard?

  k    leave, and keep taking messages in (back by tracker watch)
  S    leave, and STOP taking messages in: the capital letter; the
       same tracker run takes them in again
  esc  stay"""


class QuitScreen(Dialog[bool | None]):
    """Whether the ingest is to be stopped too; None: nobody leaves."""

    CSS = """
    QuitScreen { align: center middle; }
    #quit-box { width: auto; max-width: 90%; height: auto; border: round; padding: 0 2; }
    #quit { width: auto; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "dismiss(False)", "Keep taking in"),
        Binding("S", "dismiss(True)", "Stop"),  # no letter that means something on a screen: nobody ends a race's timing by the way
        Binding("escape,q", "dismiss(None)", "Stay"),
    ]

    def compose(self) -> ComposeResult:
        """The question."""
        with Vertical(id="quit-box"):
            yield Static(Text(_WORDS), id="quit")
