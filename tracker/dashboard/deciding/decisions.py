"""From a key to the outbox: the menu, the form, what a decision would change, and the sending of it."""

from rich.text import Text
from textual.app import App

from tracker.core.facts import DeskFact
from tracker.core.trial import trial
from tracker.core.trial_lines import trial_lines
from tracker.dashboard.deciding.acts import VOID, Act
from tracker.dashboard.deciding.form import Decided, Form, RefusedError
from tracker.dashboard.deciding.menu import Menu
from tracker.dashboard.deciding.undo import UndoScreen
from tracker.dashboard.scene import About, Scene
from tracker.desk import Desk
from tracker.files.times import format_elapsed, format_local
from tracker.fold import Fold
from tracker.outbox import OutboxError
from tracker.text import clean_text
from tracker.wire import DESK, WireError, encode

_TRIED = "what if"
"""The id of a fact that is only tried."""


class Decisions:
    """What is decided at one dashboard. The author is asked once, and stands in every form after that."""

    def __init__(self, app: App[bool], scene: Scene, desk: Desk) -> None:
        self._app = app
        self._scene = scene
        self._desk = desk
        self._author = ""

    def decide(self, about: About) -> None:
        """Ask which decision it is to be, and then for that one. What is typed ahead never lands on the screen below."""
        self._app.push_screen(Menu(about), lambda act: None if act is None else self._ask(act, about))

    def undo(self) -> None:
        """Ask which of the desk's facts is to be undone."""
        if (fold := self._scene.fold) is not None:
            self._app.push_screen(UndoScreen(fold), lambda fact: None if fact is None else self._ask(VOID, About(fact=fact)))

    def _ask(self, act: Act, about: About) -> None:
        if (race := self._scene.race) is not None:
            form = Form(act, about, race, lambda: self._scene.fold, self._author, self._weigh, self._send)
            self._app.push_screen(form, self._decided)

    def _decided(self, decided: Decided | None) -> None:
        if decided is not None:
            self._author = clean_text(str(decided.fields["author"]))
            self._app.notify(f"{decided.act.name}: on the disk, and on its way to the race", markup=False)

    async def _weigh(self, kind: str, fields: dict[str, object]) -> Text:
        """What would change, in words. RefusedError when the race could not follow."""
        fold = self._fold()
        found = trial(fold.field, [self._fact(fold, kind, fields)], fold.offsets(), fold.news)
        if found.refused:
            raise RefusedError(f"not sent: {'; '.join(refusal.text for refusal in found.refused)}")
        zone = fold.event.timezone
        lines = trial_lines(fold.event, found, lambda at_ms: format_local(at_ms, zone), format_elapsed)
        return Text("\n".join(lines))

    async def _send(self, kind: str, fields: dict[str, object]) -> None:
        """Into the outbox. RefusedError when it cannot be kept there."""
        try:
            await self._desk.say(kind, {"time": self._fold().field.now_ms, **fields})
        except (OutboxError, WireError) as error:
            raise RefusedError(str(error)) from error

    def _fact(self, fold: Fold, kind: str, fields: dict[str, object]) -> DeskFact:
        payload = encode({"id": _TRIED, "time": fold.field.now_ms, **fields})
        try:
            fact = fold.wire.decode(fold.wire.topic(DESK, kind), payload)
        except WireError as error:
            raise RefusedError(str(error)) from error
        assert isinstance(fact, DeskFact)  # of the desk's topic
        return fact

    def _fold(self) -> Fold:
        fold = self._scene.fold
        if fold is None:
            raise RefusedError("the journal cannot be read now; what you wrote stays here")
        return fold
