"""From a key to the outbox: the menu, the form, what a decision would change, and the sending of it."""

from collections.abc import Callable

from textual.app import App

from tracker.core.alerts import alerts
from tracker.core.facts import AlertWord, DeskWord
from tracker.core.field import Field
from tracker.core.saying import said_at
from tracker.core.trial import trial
from tracker.core.trial_lines import trial_lines
from tracker.core.undoing import Said
from tracker.dashboard.deciding.acts import VOID, Act
from tracker.dashboard.deciding.form import UNREAD, Decided, Form, RefusedError, Weighed
from tracker.dashboard.deciding.menu import Menu
from tracker.dashboard.deciding.undo import UndoScreen
from tracker.dashboard.scene import About, Scene
from tracker.dashboard.tail import Tail
from tracker.desk import Desk
from tracker.files.times import format_elapsed, format_local
from tracker.fold import Fold
from tracker.outbox import OutboxError
from tracker.text import clean_text, count
from tracker.wire import WireError

_TRIED = "what if"
"""The id of a fact that is only tried."""


class Decisions:
    """What is decided at one dashboard, of the race as `tail` has it. The author is asked once, and stands in every form after that."""

    def __init__(self, app: App[bool], scene: Scene, tail: Tail, desk: Desk, tell: Callable[[str], None]) -> None:
        self._app = app
        self._scene = scene
        self._tail = tail
        self._desk = desk
        self._tell = tell
        self._author = ""

    def decide(self, about: About) -> None:
        """Ask which decision it is to be, and then for that one. What is typed ahead never lands on the screen below."""
        self._app.push_screen(Menu(about), lambda act: None if act is None else self._ask(act, about))

    def undo(self) -> None:
        """Ask what is to be undone, of all that was said."""
        if (fold := self._scene.fold) is not None:
            self._app.push_screen(UndoScreen(self._field(fold), fold.event.timezone), self._undo)

    def _undo(self, said: Said | None) -> None:
        if said is not None:
            self._ask(VOID._replace(name="Let it count again" if said.voided else "Undo"), About(fact=said.void[0]))

    def _ask(self, act: Act, about: About) -> None:
        if (race := self._scene.race) is not None:
            form = Form(act, about, race, self._tail.at_present, self._author, self._weigh, self._send)
            self._app.push_screen(form, self._decided)

    def _decided(self, decided: Decided | None) -> None:
        if decided is not None:
            self._author = clean_text(str(decided.fields["author"]))
            self._tell(f"{decided.act.name}: on its way")

    async def _weigh(self, kind: str, fields: dict[str, object], said_ms: int | None = None) -> Weighed:
        """What would change, in words, if it were said now, or had been at `said_ms`. RefusedError when the race could not follow."""
        fold = self._fold()
        field = self._field(fold)
        fact = self._fact(fold, field, kind, fields, said_ms)
        found = trial(field, [fact], fold.offsets(), fold.news)
        if found.refused:
            raise RefusedError(f"not sent: {'; '.join(refusal.text for refusal in found.refused)}")
        zone = fold.event.timezone
        lines = trial_lines(fold.event, found, lambda at_ms: format_local(at_ms, zone), format_elapsed)
        if waiting := len(self._desk.pending):
            lines.append(f"(counted as done: {count(waiting, 'decision')} that {'is' if waiting == 1 else 'are'} pending)")
        return Weighed("\n".join(lines), found.gist, fact.at_ms)

    async def _send(self, kind: str, fields: dict[str, object], weighed: Weighed) -> Weighed | None:
        """Into the outbox, if it changes what was weighed; else what it would change now. RefusedError when it cannot be kept there.

        It is said as of the look: a cutoff that is in force from then on is so from the moment that was agreed to.
        """
        now = await self._weigh(kind, fields, weighed.at_ms)
        if now.gist != weighed.gist:
            return await self._weigh(kind, fields)
        try:
            await self._desk.say(kind, {**fields, "time": now.at_ms})
        except (OutboxError, WireError) as error:
            raise RefusedError(str(error)) from error
        return None

    def _field(self, fold: Fold) -> Field:
        """What is known, and what will be when everything that is pending has arrived. Only to be looked at, and at once."""
        pending = [one.fact for one in self._desk.pending if isinstance(one.fact, DeskWord)]
        return fold.field.supposing(pending) if pending else fold.field

    def _fact(self, fold: Fold, field: Field, kind: str, fields: dict[str, object], said_ms: int | None) -> DeskWord:
        """The fact as it would be said now, or at `said_ms`: later than all that it answers."""
        fact = self._decoded(fold, kind, {**fields, "time": field.now_ms if said_ms is None else said_ms})
        at_ms = said_at(field, fact, alerts(field, fold.offsets(), fold.news) if isinstance(fact, AlertWord) else ())
        return self._decoded(fold, kind, {**fields, "time": at_ms})

    def _decoded(self, fold: Fold, kind: str, fields: dict[str, object]) -> DeskWord:
        try:
            fact = fold.wire.decode(*fold.wire.said(kind, {"id": _TRIED, **fields}))
        except WireError as error:
            raise RefusedError(str(error)) from error
        assert isinstance(fact, DeskWord)  # as `said` makes them
        return fact

    def _fold(self) -> Fold:
        """What is known now: to what was last shown, what is said now may be of the future, which is no time to decide at."""
        fold = self._tail.at_present()
        if fold is None:
            raise RefusedError(UNREAD)
        return fold
