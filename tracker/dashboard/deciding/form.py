"""The dialog of one decision: its questions, then what it would change, and only then it is sent.

Enter leads to the next question without an answer, and after the last one to the look. There another key sends it, which no held Enter is:
who sends has read. Esc goes one step back.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Label

from tracker.core.course import Race
from tracker.dashboard.deciding.acts import AUTHOR, REASON, Act, Ask, Kind
from tracker.dashboard.deciding.answers import AnswerError, first, hint, read
from tracker.dashboard.dialog import Dialog
from tracker.dashboard.guard import alone
from tracker.dashboard.panel import Panel
from tracker.dashboard.question_line import QuestionLine
from tracker.dashboard.scene import About
from tracker.fold import Fold
from tracker.text import clean_text, fit

_KEYS = "Enter: next question, at last a look · Shift+Tab: back · Esc: leave"
_LOOKED = "y SENDS this · Esc: back to the questions"
_OTHERWISE = "! NOT SENT: the race has gone on since you looked. What it would change now:\n\n"
_LABEL = 28
UNREAD = "the journal has not been read to its end yet; what you wrote stays here until it has"


class Weighed(NamedTuple):
    """What a decision would change: in words, what of it must not be otherwise when it is sent, and the moment at which it was said so."""

    text: str
    gist: object
    at_ms: int


Weigh = Callable[[str, dict[str, object]], Awaitable[Weighed]]
"""What a desk message of a kind, with these fields, would change. RefusedError: it fits nothing."""
Send = Callable[[str, dict[str, object], Weighed], Awaitable[Weighed | None]]
"""Puts a desk message into the outbox if it still changes what was weighed; else it says what it would change now, and nothing is sent.
RefusedError: it could not be written, or fits nothing any more.
"""


class RefusedError(Exception):
    """A decision that cannot be sent as it is: why, and what to do, in one line."""


class Decided(NamedTuple):
    """A decision as it was sent."""

    act: Act
    fields: dict[str, object]


class Line(QuestionLine):
    """A line to write in; what is pasted of several lines becomes one."""

    def on_paste(self, event: events.Paste) -> None:
        """All of it, and not the first line alone."""
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.split()), *sorted(self.selection))


class Form(Dialog[Decided | None]):
    """Asks for one decision; None: it was left."""

    CSS = """
    Form { align: center middle; }
    #form-box { width: 92%; max-width: 110; height: auto; max-height: 100%; border: round; padding: 0 1; }
    #form-questions { height: auto; max-height: 50vh; }
    #form-box .question { height: 1; }
    #form-box Label { width: 28; text-style: bold; }
    #form-box Input { width: 1fr; }
    #form-hint, #form-weighed { height: auto; text-wrap: wrap; }
    #form-looked { height: auto; max-height: 70vh; display: none; }
    #form-keys { text-style: bold; }
    Form.-looked #form-questions, Form.-looked #form-hint { display: none; }
    Form.-looked #form-looked { display: block; }
    """
    AUTO_FOCUS = ""  # the first question without an answer has the keys from the first moment on
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", key_display="esc"),
        Binding("enter", "next", "Next question", show=False, priority=True),  # before the keys that come after it are given to anybody
        Binding("y", "send", "Send", show=False),
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
        now = fold()
        entrants = () if now is None else now.roster.by_bib
        self._first = {ask.field: first(ask, about, race, entrants) for ask in self._asks} | {"author": author}
        self._fields: dict[str, object] = {}
        self._answers: list[str] = []
        self._weighed: Weighed | None = None
        self._complaint = ""

    def compose(self) -> ComposeResult:
        """The questions, what the answer means, and what the decision would change."""
        with Vertical(id="form-box") as box:
            box.border_title = Text(f"{self._act.name} (desk {self._act.kind})").plain
            with VerticalScroll(id="form-questions", can_focus=False):
                for ask in self._asks:
                    with Horizontal(classes="question"):
                        yield Label(Text(ask.label if ask.needed and not ask.of else f"({ask.label})"))
                        known = ask.kind is not Kind.TEXT  # what is typed over a bib that stands there must not become another one
                        yield Line(self._first[ask.field], id=f"ask-{ask.field}", compact=True, select_on_focus=known, max_length=ask.most)
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

    def action_next(self) -> None:
        """The next question without an answer, else the last; of that one the line is asked for the look, when it has all that was typed
        before. Nothing leads past an answer that is none.
        """
        at = next((no for no, ask in enumerate(self._asks) if self._line(ask).has_focus), None)
        last = self._line(self._asks[-1])
        if at is None:
            return
        if self._line(self._asks[at]) is last:
            last.post_message(Input.Submitted(last, last.value))
        elif self._is_answered(self._asks[at]):
            after = (self._line(ask) for ask in self._asks[at + 1 :] if self._is_asked(ask))
            self.set_focus(next((line for line in after if not line.value), last))

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """After the last question, a look at what would change."""
        event.stop()
        await self._look()

    def action_back(self) -> None:
        """From the look back to the questions, and from there out."""
        if self._weighed is None:
            self.dismiss(None)
        else:
            self._ask_again()

    async def action_send(self) -> None:
        """Send what was looked at, once; if it would change something else by now, that is to be looked at first."""
        weighed, self._weighed = self._weighed, None
        if weighed is None:
            return
        with self._alone():
            otherwise = await self._send(self._act.kind, self._fields, weighed)
            if otherwise is None:
                self.dismiss(Decided(self._act, self._fields))
            else:
                self._show(otherwise, _OTHERWISE)

    async def _look(self) -> None:
        """All answers are read; what they would change is shown. The first that is none gets the keys instead."""
        with self._alone():
            if self._weighed is None and self._read():
                self._show(await self._weigh(self._act.kind, self._fields))

    def _show(self, weighed: Weighed, before: str = "") -> None:
        self._weighed = weighed
        self.add_class("-looked")
        asked, by_whom = self._answers[:-2], self._answers[-2:]  # why is known to who wrote it: it must not hide what changes
        text = Text.assemble((before, "bold reverse"), "\n".join([*asked, "", weighed.text, "", *by_whom]))
        self.query_one("#form-weighed", Panel).show(lambda _: text)
        looked = self.query_one("#form-looked", VerticalScroll)
        looked.focus()
        looked.scroll_home(animate=False)
        self._keys(_LOOKED)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """What fails in weighing or sending is said, and what was written stays."""
        said: list[str] = []
        with alone(said.append):
            try:
                yield
            except RefusedError as error:
                said.append(str(error))
        if said:
            self._ask_again()
            self._complain(said[0])

    def _read(self) -> bool:
        """Take the payload's fields and the answers in words; False where an answer is missing or wrong."""
        fold = self._fold()
        if fold is None:
            raise RefusedError(UNREAD)
        self._fields, self._answers = dict(self._act.fixed), []
        for ask in (*self._act.asks, AUTHOR, REASON):
            line = None if ask.kind is Kind.VERDICT else self._line(ask)
            try:
                answer = read(ask, "" if line is None else line.value, self._fields, fold)
            except AnswerError as error:
                (line or self._lines()[0]).focus()
                self._complain(str(error))
                return False
            self._fields.update(answer.fields)
            typed = "" if line is None else clean_text(line.value, ask.most)
            if said := ", ".join(dict.fromkeys(filter(None, (typed, answer.words)))):
                self._answers.append(f"{fit(ask.label, _LABEL)}{said}")
        return True

    def _ask_again(self) -> None:
        self._weighed = None
        self.remove_class("-looked")
        self._lines()[-1].focus()
        self._keys(_KEYS)

    def _is_answered(self, ask: Ask) -> bool:
        """Whether what is written is an answer; if not, it is said why."""
        fold, said = self._fold(), list[str]()
        with alone(said.append):
            try:
                if fold is not None:  # else the look says it
                    read(ask, self._line(ask).value, self._so_far(fold, ask), fold)
            except AnswerError as error:
                said.append(str(error))
        if said:
            self._complain(said[0])
        return not said

    def _is_asked(self, ask: Ask) -> bool:
        """Whether a question is to be answered at all: some only mean something where another was answered."""
        return not ask.of or any(self._line(other).value for other in self._asks if other.field == ask.of)

    def _hint(self) -> None:
        fold = self._fold()
        asked = next((ask for ask in self._asks if self._line(ask).has_focus), None)
        if fold is None or asked is None or self._complaint:
            return
        with alone(self._complain):
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

    def _line(self, ask: Ask) -> Line:
        return self.query_one(f"#ask-{ask.field}", Line)

    def _lines(self) -> list[Line]:
        return [self._line(ask) for ask in self._asks]
