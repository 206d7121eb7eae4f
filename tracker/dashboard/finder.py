"""The line in which a runner is sought, by bib or by name."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tracker.core.roster import Entrant
from tracker.dashboard.find import Index
from tracker.dashboard.panel import Panel
from tracker.dashboard.question_line import QuestionLine
from tracker.text import count


class Finder(Horizontal):
    """Hidden until `open`. Says `Found` at every change that finds somebody, and at `next`; `Left` when it is done."""

    DEFAULT_CSS = """
    Finder { height: 1; display: none; }
    Finder Input { width: 1fr; }
    Finder #found { width: 28; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("down,ctrl+n", "next", "Next match", show=False),
    ]

    class Found(Message):
        """Somebody was found."""

        def __init__(self, entrant: Entrant) -> None:
            super().__init__()
            self.entrant = entrant

    class Left(Message):
        """The search is over; who was settled on, if anybody."""

        def __init__(self, bib: str | None) -> None:
            super().__init__()
            self.bib = bib

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self._index: Index | None = None
        self._race = ""
        self._matches: list[Entrant] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        """The input, and how many were found."""
        yield QuestionLine(placeholder="bib or name", id="sought", compact=True)
        yield Panel(id="found")

    def open(self, index: Index, race: str) -> None:
        """Begin a search with an empty line; the runners of `race` are found first."""
        self._index, self._race = index, race
        self.display = True
        line = self.query_one(Input)
        line.clear()
        line.focus()

    def action_leave(self) -> None:
        """Give the keys back."""
        self._leave(None)

    def action_next(self) -> None:
        """The next match, and after the last the first again."""
        if self._matches:
            self._at = (self._at + 1) % len(self._matches)
            self._say()
            self.post_message(self.Found(self._matches[self._at]))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look at once."""
        event.stop()
        self._matches = self._index.matches(event.value, self._race) if self._index is not None else []
        self._at = 0
        self._say()
        if self._matches:
            self.post_message(self.Found(self._matches[0]))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: that is the one."""
        event.stop()
        self._leave(self._matches[self._at].bib if self._matches else None)

    def _leave(self, bib: str | None) -> None:
        self.display = False
        self.post_message(self.Left(bib))

    def _say(self) -> None:
        found = f"{self._at + 1} of {count(len(self._matches), 'match', 'matches')}" if self._matches else "nobody"
        blank = not self.query_one(Input).value.strip()
        self.query_one("#found", Panel).show(lambda _: Text("" if blank else f" {found}", no_wrap=True))
