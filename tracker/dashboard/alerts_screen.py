"""Triage: every alert, the one under the cursor in full with its evidence and what to do, and where Enter leads from there."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tracker.core.alert import Alert
from tracker.core.stations import stations
from tracker.dashboard.alert_text import alert_text
from tracker.dashboard.detail import Detail
from tracker.dashboard.following import Following
from tracker.dashboard.guard import alone
from tracker.dashboard.panel import Panel
from tracker.dashboard.rows import Rows
from tracker.dashboard.scene import About, Scene
from tracker.dashboard.triage import Held, Line, Triage, counts, fold_key, triage
from tracker.fold import Fold


class AlertsScreen(Following):
    """The alerts of all races. The cursor stays with its alert, and says so when that has gone."""

    CSS = """
    AlertsScreen #body { height: 1fr; }
    AlertsScreen #triage { width: 3fr; height: 1fr; }
    AlertsScreen Detail { width: 2fr; height: 1fr; padding: 0 0 0 1; }
    AlertsScreen.-narrow #body { layout: vertical; }
    AlertsScreen.-narrow #triage { width: 1fr; }
    AlertsScreen.-narrow Detail { width: 1fr; padding: 0; border-top: solid $foreground 50%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "handled", "Seen too", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._held: Held | None = None
        self._held_in: Fold | None = None
        self._unfolded: set[str] = set()
        self._handled = False

    def body(self) -> ComposeResult:
        """How many there are, the list, and beside or below it the one under the cursor."""
        with Vertical():
            yield Panel(id="counts")
            with Horizontal(id="body"):
                yield Rows(id="triage")
                yield Detail()

    @property
    def rows(self) -> Rows:
        """The list."""
        return self.query_one("#triage", Rows)

    def take_keys(self) -> None:
        """The list has them."""
        self.rows.focus()

    def about(self) -> About:
        """The alert under the cursor, and whom or what it speaks of."""
        line = self._line()
        one = None if line is None else line.alert
        return About() if one is None else About(one.bib, one.station, one.device, one.id, one.fact, one.checkpoint)

    def show(self, scene: Scene, fold: Fold) -> None:
        """The list and the alert under the cursor as they are now."""
        found = scene.alerts(fold)
        with alone(lambda failure: self.say(f"! the alerts {failure}")):
            self._hold(fold, found)
            self._lines = triage(found, self._held, self._unfolded, handled=self._handled)
            self.rows.show(Triage(self._lines, fold.field.now_ms, fold.event.timezone))
            self._pin()
        self.panel("counts", lambda _: Text(counts(found, handled=self._handled), "bold", no_wrap=True))
        self._show_detail(scene, fold)

    def found(self, bib: str) -> None:
        """The cursor goes to the first alert about who was found, if there is one."""
        scene = self.scene
        if scene is None:
            return
        one = next((one for line in self._lines for one in line.of if one.bib == bib), None)
        if one is not None:
            self._held = Held(one, open=one.word is None)
            self.follow(scene)
            self.rows.go_to(one.id)

    def action_handled(self) -> None:
        """Show what the desk has seen or shelved too, or hide it again."""
        self._handled = not self._handled
        self._again()

    def on_rows_moved(self, _: Rows.Moved) -> None:
        """Another alert is held from now on; whom it speaks of is who the other screens speak of."""
        line, scene = self._line(), self.scene
        if line is None or scene is None or (fold := scene.fold) is None:
            return
        one = line.alert
        if one is None or self._held is None or one.id != self._held.alert.id:
            self._held = None if one is None else Held(one, open=one.word is None)
            self.query_one(Detail).begin()
            self._again()
        if one is not None and one.bib in fold.field.runners:
            scene.bib = one.bib
        if one is not None and one.station is not None:
            scene.station = one.station
        self._show_detail(scene, fold)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """The runner or the station that it is about; of many, each of them."""
        line, scene = self._line(), self.scene
        if line is None or scene is None or (fold := scene.fold) is None:
            return
        one = line.alert
        if one is None:
            self._unfolded ^= {message.key}
            self._again()
        elif one.bib in fold.field.runners:
            self.post_message(self.Opened(one.bib or ""))
        elif one.station is not None:
            self.post_message(self.StationOpened(one.station))

    def _hold(self, fold: Fold, found: list[Alert]) -> None:
        """The alert under the cursor as it is by now. One that is not in a replay, or only there, has not settled: it is let go."""
        held, is_another, self._held_in = self._held, fold is not self._held_in, fold
        if held is not None and (now := next((one for one in found if one.id == held.alert.id), None)) is not None:
            self._held = Held(now, open=held.open or now.word is None)
        elif is_another:
            self._held = None

    def _pin(self) -> None:
        """Whoever looks at the first line looks at that one, and not at whatever is first next. Who has many no more has those left."""
        rows = self.rows
        if rows.under_cursor != rows.key:
            left = (line.key for line in self._lines if fold_key(line.of[0]) == rows.key)
            rows.go_to(next(left, rows.under_cursor))

    def _line(self) -> Line | None:
        """The line under the cursor."""
        key = self.rows.under_cursor
        return next((line for line in self._lines if line.key == key), None)

    def _again(self) -> None:
        if self.scene is not None:
            self.follow(self.scene)

    def _show_detail(self, scene: Scene, fold: Fold) -> None:
        line = self._line()
        if line is None:
            self.panel("detail", lambda _: Text("nothing to look at", "dim"))
            return
        self.panel("detail", lambda _: alert_text(fold.field, stations(fold.field), fold.offsets(), scene.offline(fold), line))
