"""The dashboard: follows a journal that another process writes, and shows the race in a terminal until somebody quits.

Screens, regions and texts have their own files; here are only the following, the modes, and what all screens share.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tracker.dashboard.alerts_screen import AlertsScreen
from tracker.dashboard.bell import Bell
from tracker.dashboard.deciding.decisions import Decisions
from tracker.dashboard.driver import REDRAW, TerminalDriver
from tracker.dashboard.following import Following
from tracker.dashboard.guard import alone
from tracker.dashboard.help_screen import HelpScreen, keys_of
from tracker.dashboard.leaving import left_on_signals
from tracker.dashboard.ledger_screen import LedgerScreen
from tracker.dashboard.log_screen import LogScreen
from tracker.dashboard.quit_screen import QuitScreen
from tracker.dashboard.race_screen import RaceScreen
from tracker.dashboard.replay import LEAP_MS, STEP_MS
from tracker.dashboard.runner_screen import RunnerScreen
from tracker.dashboard.scene import Scene
from tracker.dashboard.scrubbing import Scrubbing
from tracker.dashboard.stations_screen import StationsScreen
from tracker.dashboard.tail import DashboardError, Tail
from tracker.dashboard.typed import Typed
from tracker.desk import Desk
from tracker.series.of_runner import Series
from tracker.text import count

POLL_S = 0.5
_BELOW_S = 10.0
"""How often the screen below a dialog is shown anew: each time all of both is drawn, tens of milliseconds, and 9 kB for a browser."""
HOME = "race"
LOOKS = ("textual-dark", "textual-light", "ansi-dark", "textual-ansi")
"""The colours, the last of them the terminal's own: one theme by the names that it has in different versions of the library."""
_WORTH_SAYING = 20_000
"""So many facts take long enough to say so, and again after so many more: saying it takes time too."""


class Dashboard(App[bool]):
    """The screens of one journal."""

    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        HOME: RaceScreen,
        "alerts": AlertsScreen,
        "stations": StationsScreen,
        "runner": RunnerScreen,
        "ledger": LedgerScreen,
        "log": LogScreen,
    }
    DEFAULT_MODE = HOME
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  Textual declares it, and not as a ClassVar
    VERTICAL_BREAKPOINTS = [(0, "-low"), (21, "-high")]  # noqa: RUF012  as above; beside a full ledger there must be room for an alert
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    ToastRack { margin: 0; }
    Toast { width: auto; max-width: 100%; margin: 0; padding: 0 1; }
    """  # on the line of the keys alone: neither a count nor the line of a dialog that says which key sends is ever below it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "mode('race')", "Race"),
        Binding("2", "mode('alerts')", "Alerts"),
        Binding("3", "mode('stations')", "Stations"),
        Binding("4", "mode('runner')", "Runner"),
        Binding("5", "mode('ledger')", "Ledger"),
        Binding("6", "mode('log')", "Log"),
        Binding("left_square_bracket", f"scrub({-STEP_MS})", "Replay: 10 min back", show=False),
        Binding("right_square_bracket", f"scrub({STEP_MS})", "10 min on, then live", show=False),
        Binding("left_curly_bracket", f"scrub({-LEAP_MS})", "Replay: 1 h back", show=False),
        Binding("right_curly_bracket", f"scrub({LEAP_MS})", "Replay: 1 h on", show=False),
        Binding("escape", "step_out", "Back", show=False, key_display="esc"),
        Binding("backspace", "back", "Back, in a replay too", show=False),
        Binding("a", "decide", "Act"),
        Binding("u", "undo", "Undo", show=False),
        Binding("t", "look", "Colours", show=False),
        Binding(REDRAW, "draw_anew", "Draw all of it anew", show=False, priority=True),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "leave", "Quit"),
        Binding("ctrl+c,ctrl+q", "leave", "Quit", show=False, priority=True),
    ]

    def __init__(self, path: Path, desk: Desk | None = None, *, asks: bool = False, series: Series | None = None) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)  # else the library only makes all colours grey
        self.desk = desk
        self._asks = asks
        self.animation_level = "none"
        self.title = f"tracker {path.name}"
        self.tail = Tail(path)
        self.scene = Scene(self.tail, read_only=desk is None, series=series)
        self._decisions = None if desk is None else Decisions(self, self.scene, self.tail, desk, self.tell)
        self.scrubbing = Scrubbing(self.scene, self.tail, self.show_now)
        self._before: list[str] = []
        self._pending: set[bytes] = set()
        self._notice = ""
        self._told = ""
        self._reading = asyncio.Lock()
        self._shown_s = 0.0
        self._counted = 0
        self._bell = Bell()
        self._typed = Typed(self, super().on_event)

    def get_driver_class(self) -> type[Driver]:
        """Where the library would take its own for terminals, the one that sends what has changed."""
        found = super().get_driver_class()
        return TerminalDriver if found is LinuxDriver else found

    def on_mount(self) -> None:
        """Follow the journal from now on. Who comes back to a dashboard that was stopped sees it at once."""
        self.app_resume_signal.subscribe(self, lambda _: self.action_draw_anew())
        self.run_worker(self._typed.run(), name="typed")
        self.run_worker(self._follow(), name="follow")
        if self.desk is not None:
            self.run_worker(self._send(self.desk), name="send")

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for each other; all else is the library's business. What is still on its way when the dashboard ends means nothing."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.add(event)
        elif self.is_running or not isinstance(event, events.InputEvent):  # else there are no screens any more
            await super().on_event(event)

    async def refresh_now(self) -> None:
        """Read what is new and show it. Trouble is shown in words, and tried again the next time."""
        self._notice = self._told
        self._counted = 0
        async with self._reading:
            with alone(self._trouble):
                try:
                    await self.tail.read(self._say_progress)
                    said = self.tail.doubt or self._told
                    if self.desk is not None:
                        said = await self._settle(self.desk) or said
                    self._notice = "\n".join(filter(None, (self.tail.cut_off, said)))
                except DashboardError as error:
                    self._notice = "\n".join(filter(None, (self.tail.cut_off, f"! {error}")))
        with alone(self._trouble):
            if self._bell.is_due(self.scene):
                self.bell()
        self.show_now()

    def show_now(self) -> None:
        """Show what was last read on the screen that is in front; below a dialog now and then, for a question that waits is no reason
        to look at an old race.
        """
        if not self.is_running:  # the screens are being taken down already
            return
        screen = self.screen_stack[0]
        if screen is not self.screen and monotonic() - self._shown_s < _BELOW_S:
            return
        if isinstance(screen, Following) and screen.is_mounted:  # else it asks as soon as it is there
            self._shown_s = monotonic()
            with alone(self._show_failure):  # a screen that is being taken down has no line for it
                screen.say(self._notice)
                with alone(lambda failure: screen.say(f"! this screen {failure}")):
                    screen.follow(self.scene)

    def on_following_resumed(self) -> None:
        """A screen came to the front."""
        self.show_now()

    async def on_following_opened(self, message: Following.Opened) -> None:
        """A runner in full."""
        await self.action_mode("runner")
        self.scene.choose(message.bib)
        self.show_now()

    async def on_following_station_opened(self, message: Following.StationOpened) -> None:
        """A station in full."""
        self.scene.station = message.station
        await self.action_mode("stations")

    async def on_unmount(self) -> None:
        """Let go of the journal."""
        await self.scrubbing.close()
        async with self._reading:
            await self.tail.close()

    async def action_mode(self, mode: str) -> None:
        """Another screen, about the same runner; Back leads to this one."""
        screen = self.screen
        if isinstance(screen, Following) and (bib := screen.about().bib) is not None:
            self.scene.bib = bib
        if mode != self.current_mode:
            self._before = [*(before for before in self._before if before != mode), self.current_mode]
            await self.switch_mode(mode)

    async def action_back(self) -> None:
        """The screen before this one; at last the first."""
        mode = self._before.pop() if self._before else HOME
        if mode != self.current_mode:
            await self.switch_mode(mode)

    def action_decide(self) -> None:
        """Take a decision about what the screen is about."""
        screen = self.screen
        if isinstance(screen, Following) and (decisions := self._may_decide()) is not None:
            decisions.decide(screen.about())

    def action_undo(self) -> None:
        """Undo what the desk has said."""
        if (decisions := self._may_decide()) is not None:
            decisions.undo()

    def action_look(self) -> None:
        """The next of the colour schemes; the last leaves the colours to the terminal."""
        looks = [look for look in LOOKS if look in self.available_themes]
        self.theme = looks[(looks.index(self.theme) + 1) % len(looks)] if self.theme in looks else looks[0]

    def action_draw_anew(self) -> None:
        """Something else has written on the terminal."""
        self.refresh()

    def action_leave(self) -> None:
        """Leave; where that could take the ingest down too, ask."""
        if self._asks:
            self.push_screen(QuitScreen(), self._left)
        else:
            self.exit(False)

    def _left(self, stop: bool | None) -> None:
        if stop is not None:
            self.exit(stop)

    @property
    def _front(self) -> Following | None:
        """The screen in front if it shows the race and is there yet; None too while all of them are being taken down."""
        screen = self.screen if self.is_running else None
        return screen if isinstance(screen, Following) and screen.is_mounted else None

    def tell(self, words: str, *, severity: SeverityLevel = "information") -> None:
        """Say something for a few seconds, instead of what was said before."""
        self.clear_notifications()
        self.notify(words, severity=severity, markup=False)

    def _may_decide(self) -> Decisions | None:
        """Who takes decisions; None, and said why: nobody here, or not now."""
        why = (
            "it was started for looking only"
            if self._decisions is None
            else ""
            if self.scene.source.live
            else "this is a replay; Esc leaves it"
        )
        if why:
            self.tell(f"nothing can be sent from here: {why}", severity="warning")
        return None if why else self._decisions

    async def action_scrub(self, step_ms: int) -> None:
        """Replay: back by a step of the race's time, or on; past the end the race is shown as it is now."""
        self._told = ""
        try:
            await self.scrubbing.step(step_ms)
        except DashboardError as error:
            self._notice = self._told = f"! {error}"
            self.show_now()

    async def action_step_out(self) -> None:
        """Out of the replay; else back to the screen before this one."""
        self._told = ""
        if not await self.scrubbing.leave():
            await self.action_back()

    def action_help(self) -> None:
        """Which key does what."""
        bindings = self.screen.active_bindings.values()
        self.push_screen(HelpScreen(keys_of((self.get_key_display(found.binding), found.binding) for found in bindings)))

    async def _follow(self) -> None:
        while True:
            await self.refresh_now()
            await asyncio.sleep(POLL_S)

    async def _send(self, desk: Desk) -> None:
        """Send what is pending; what fails there is said, and tried again."""
        while True:
            with alone(lambda failure: self.tell(f"! sending {failure}", severity="error")):
                await desk.run()
            await asyncio.sleep(POLL_S)

    async def _settle(self, desk: Desk) -> str:
        """Look what of the desk's words has arrived; returns what must be said of those that have not."""
        if self.tail.journal is not None:
            await desk.settle(self.tail.journal)
        pending = {one.fact.key for one in desk.pending}
        stuck, self._pending, self.scene.pending = len(pending & self._pending), pending, len(pending)
        if desk.refused:
            return f"! {count(len(desk.refused), 'decision')} not taken in: {desk.refused[-1].reason}"
        return desk.doubt or (f"! {count(stuck, 'decision')} pending: {desk.link}" if stuck else "")

    def _trouble(self, failure: str) -> None:
        self._notice = f"! reading the journal {failure}"

    def _show_failure(self, failure: str) -> None:
        self._told = f"! this screen {failure}"

    def _say_progress(self, facts: int) -> None:
        if facts - self._counted >= _WORTH_SAYING and (screen := self._front) is not None:
            self._counted = facts
            screen.say(f"reading the journal: {facts:,} facts")


def run_dashboard(path: Path, desk: Desk | None = None, *, asks: bool = False, series: Series | None = None) -> bool:
    """Show the journal at `path` until somebody quits; a journal that is not there yet is waited for. `desk` None: nothing can be said.

    `asks`: whether the ingest is to be stopped too; returns the answer (False too when a signal has ended the dashboard). `series`: what
    the Runner screen tells of each runner besides. SystemExit: it failed, and has said how.
    """
    app = Dashboard(path, desk, asks=asks, series=series)
    with asyncio.Runner() as runner, left_on_signals(app, runner.get_loop()):
        app.run(loop=runner.get_loop())
    if app.return_code:
        raise SystemExit(app.return_code)
    return app.return_code == 0 and app.return_value is True
