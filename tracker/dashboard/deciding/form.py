"""The dialog of one decision: its questions, then what it would change, and only then it is sent.

Enter leads to the next question without an answer; after the last it is looked at, and the next Enter sends it. Esc goes one step back.
"""

from collections.abc import Awaitable, Callable
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tracker.core.course import Race
from tracker.dashboard.deciding.acts import Act, Ask, Kind
from tracker.dashboard.deciding.answers import AnswerError, first, hint, read
from tracker.dashboard.panel import Panel
from tracker.dashboard.scene import About
from tracker.fold import Fold

AUTHOR = Ask("author", "author", Kind.TEXT)
REASON = Ask("reason", "reason", Kind.TEXT)
_KEYS = "Enter: next, then look, then send · Shift+Tab: back · Esc: leave"
_LOOKED = "Enter SENDS this · Esc: back to the questions"

Weigh = Callable[[str, dict[str, object]], Awaitable[Text]]
"""What a desk message of a kind, with these fields, would change. RefusedError: it fits nothing."""
Send = Callable[[str, dict[str, object]], Awaitable[None]]
"""Puts a desk message into the outbox. RefusedError: it could not be written."""


class RefusedError(Exception):
    """A decision that cannot be sent as it is: why, and what to do, in one line."""


class Decided(NamedTuple):
    """A decision as it was sent."""

    act: Act
    fields: dict[str, object]


class Form(ModalScreen[Decided | None]):
    """Asks for one decision; None: it was left."""

    CSS = """
    Form { align: center middle; }
    #form-box { width: 92%; max-width: 110; height: auto; max-height: 96%; border: round; padding: 0 1; }
    #form-box .question { height: 1; }
    #form-box Label { width: 24; text-style: bold; }
    #form-box Input { width: 1fr; }
    #form-hint, #form-weighed { height: auto; text-wrap: wrap; }
    #form-looked { height: auto; max-height: 14; display: none; }
    #form-keys { text-style: bold; }
    """
    AUTO_FOCUS = ""  # the first question without an answer has the keys from the first moment on
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc"),
        Binding("enter", "send", "Send", show=False),
        Binding("tab,down", "app.focus_next", "Next question", show=False),
        Binding("shift+tab,up", "app.focus_previous", "Question before", show=False),
    ]

    def __init__(self, act: Act, about: About, race: Race, fold: Callable[[], Fold | None], author: str, weigh: Weigh, send: Send) -> None:
        super().__init__()
        self._act = act
        self._fold = fold
        self._weigh = weigh
        self._send = send
        self._asks = [*(ask for ask in act.asks if ask.kind is not Kind.VERDICT), AUTHOR, REASON]
        self._first = {ask.field: first(ask, about, race) for ask in self._asks} | {"author": author}
        self._ready: dict[str, object] | None = None
        self._complaint = ""

    def compose(self) -> ComposeResult:
        """The questions, what the answer means, and what the decision would change."""
        with Vertical(id="form-box") as box:
            box.border_title = Text(f"{self._act.name} (desk {self._act.kind})").plain
            for ask in self._asks:
                with Horizontal(classes="question"):
                    yield Label(Text(ask.label if ask.needed else f"{ask.label} (or empty)"))
                    yield Input(self._first[ask.field], id=f"ask-{ask.field}", compact=True, select_on_focus=False)
            yield Panel(id="form-hint")
            with VerticalScroll(id="form-looked"):
                yield Panel(id="form-weighed")
            yield Panel(id="form-keys")

    def on_mount(self) -> None:
        """The first question without an answer is asked first."""
        self._keys(_KEYS)
        self.set_focus(next((line for line in self._lines() if not line.value), None) or self._lines()[-1])

    def on_descendant_focus(self) -> None:
        """Another question, another hint."""
        self._hint()

    def on_input_changed(self) -> None:
        """What is typed means something, or does not yet."""
        self._complaint = ""
        self._hint()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: the next question without an answer, else the last; and after that a look at what would change."""
        event.stop()
        lines = self._lines()
        after = lines[lines.index(event.input) + 1 :]
        if after:
            next((line for line in after if not line.value), after[-1]).focus()
        else:
            await self._look()

    def action_back(self) -> None:
        """From the look back to the questions, and from there out."""
        if self._ready is None:
            self.dismiss(None)
        else:
            self._ask_again()

    async def action_send(self) -> None:
        """Send what was looked at."""
        if self._ready is None:
            return
        try:
            await self._send(self._act.kind, self._ready)
        except RefusedError as error:
            self._ask_again()
            self._complain(str(error))
            return
        self.dismiss(Decided(self._act, self._ready))

    async def _look(self) -> None:
        """All answers are read; what they would change is shown. The first that is none gets the keys instead."""
        fields = self._read()
        if fields is None:
            return
        try:
            weighed = await self._weigh(self._act.kind, fields)
        except RefusedError as error:
            self._complain(str(error))
            return
        self._ready = fields
        for line in self._lines():
            line.disabled = True
        self.query_one("#form-looked").display = True
        self.query_one("#form-weighed", Panel).show(lambda _: weighed)
        self.query_one("#form-looked").focus()
        self._keys(_LOOKED)

    def _read(self) -> dict[str, object] | None:
        """The payload's fields, or None where an answer is missing or wrong."""
        fold = self._fold()
        if fold is None:
            self._complain("the journal cannot be read now; what you wrote stays here")
            return None
        fields: dict[str, object] = dict(self._act.fixed)
        for ask in (*self._act.asks, AUTHOR, REASON):
            line = None if ask.kind is Kind.VERDICT else self._line(ask)
            try:
                fields.update(read(ask, "" if line is None else line.value, fields, fold).fields)
            except AnswerError as error:
                (line or self._lines()[0]).focus()
                self._complain(str(error))
                return None
        return fields

    def _ask_again(self) -> None:
        self._ready = None
        self.query_one("#form-looked").display = False
        for line in self._lines():
            line.disabled = False
        self._lines()[-1].focus()
        self._keys(_KEYS)

    def _hint(self) -> None:
        fold = self._fold()
        asked = next((ask for ask in self._asks if self._line(ask).has_focus), None)
        if fold is None or asked is None or self._complaint:
            return
        words = hint(asked, self._line(asked).value, self._so_far(fold, asked), fold)
        self.query_one("#form-hint", Panel).show(lambda _: Text(f"  {words}", "dim"))

    def _so_far(self, fold: Fold, until: Ask) -> dict[str, object]:
        """What the answers before a question say, as far as they do."""
        fields: dict[str, object] = {}
        for ask in self._asks[: self._asks.index(until)]:
            try:
                fields.update(read(ask, self._line(ask).value, fields, fold).fields)
            except AnswerError:
                continue  # it is said when its own line has the keys, and before anything is sent
        return fields

    def _complain(self, words: str) -> None:
        self._complaint = words
        self.query_one("#form-hint", Panel).show(lambda _: Text(f"! {words}", "bold"))

    def _keys(self, words: str) -> None:
        self.query_one("#form-keys", Panel).show(lambda _: Text(words, no_wrap=True))

    def _line(self, ask: Ask) -> Input:
        return self.query_one(f"#ask-{ask.field}", Input)

    def _lines(self) -> list[Input]:
        return [self._line(ask) for ask in self._asks]
