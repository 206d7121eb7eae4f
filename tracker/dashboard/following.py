"""What every screen of a race has in common: the head, the race tabs, the journal's state, the finder, and that it follows the race."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer

from tracker.core.course import Race
from tracker.core.finals import finality
from tracker.dashboard import lines
from tracker.dashboard.detail import Detail
from tracker.dashboard.finder import Finder
from tracker.dashboard.panel import Panel
from tracker.dashboard.race_tabs import RaceTabs
from tracker.dashboard.scene import About, Scene
from tracker.fold import Fold


class Following(Screen[None], inherit_bindings=False):
    """A screen that follows the race; `body` is what it adds, and `show` fills it."""

    DEFAULT_CSS = """
    Following { layout: vertical; overflow: hidden; }
    Following #second { height: 1; }
    Following #tabs { width: 1fr; }
    Following #journal { width: 56; max-width: 100%; text-align: right; }
    Following.-wide #journal { width: 50%; }
    Following #replay { display: none; color: $text-error; }
    Following:nocolor #replay { color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", key_display="/"),
        Binding("n", "find_next", "Next match", show=False),
        Binding("space", "read_on", "Read on", show=False),
        Binding("right,tab", "race(1)", "Next race", show=False),
        Binding("left,shift+tab", "race(-1)", "Previous race", show=False),
    ]

    class Resumed(Message):
        """The screen came to the front, and wants to be told at once."""

    class Opened(Message):
        """Somebody wants to see a runner in full."""

        def __init__(self, bib: str) -> None:
            super().__init__()
            self.bib = bib

    class StationOpened(Message):
        """Somebody wants to see a station in full."""

        def __init__(self, station: str) -> None:
            super().__init__()
            self.station = station

    def __init__(self) -> None:
        super().__init__()
        self.scene: Scene | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Panel(id="head")
        with Horizontal(id="second"):
            yield RaceTabs(id="tabs")
            yield Panel(id="journal")
        yield Panel(id="replay")
        yield Notice(id="notice")
        yield from self.body()
        yield Finder(id="finder")
        yield Footer(show_command_palette=False, compact=True)

    def body(self) -> ComposeResult:
        """What stands between the head and the footer."""
        raise NotImplementedError

    def show(self, scene: Scene, fold: Fold) -> None:
        """Fill the body with the race as it is now."""
        raise NotImplementedError

    def take_keys(self) -> None:
        """Give the keys to the body."""
        raise NotImplementedError

    def about(self) -> About:
        """What a decision would be about that is taken now."""
        return About(bib=None if self.scene is None else self.scene.bib)

    def on_mount(self) -> None:
        """The body has the keys."""
        self.take_keys()

    def on_screen_resume(self) -> None:
        """Ask to be told what came meanwhile."""
        self._fit()
        self.post_message(self.Resumed())

    def follow(self, scene: Scene) -> None:
        """Show the race as the scene has it now."""
        self.scene = scene
        self._show_banner(scene)
        fold, race = scene.fold, scene.race
        if fold is None or race is None:
            self.panel("head", lambda _: Text(f"waiting for {scene.source.path}", "bold", no_wrap=True))
            return
        self._show_head(scene, fold, race)
        self.show(scene, fold)

    def say(self, notice: str) -> None:
        """Show what is wrong, or going on, with the reading; empty: nothing."""
        bar = self.query_one(Notice)
        if bar.display != bool(notice):  # setting it lays the whole screen out again
            bar.display = bool(notice)
        bar.show(lambda _: Text(notice))

    def panel(self, name: str, make: Callable[[int], Text]) -> None:
        """Fill one panel."""
        self.query_one(f"#{name}", Panel).show(make)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's own signature
        """While somebody is being sought, the key that begins a search is a letter like any other."""
        return action != "find" or not self.query_one(Finder).display

    def action_find(self) -> None:
        """Look for a runner."""
        scene = self.scene
        if scene is not None and (fold := scene.fold) is not None and scene.race is not None:
            self.query_one(Finder).open(scene.index(fold), scene.race.id)

    def action_find_next(self) -> None:
        """The next runner who fits what was sought."""
        self.query_one(Finder).action_next()

    def action_read_on(self) -> None:
        """The next page of what is told in full, where something is."""
        for detail in self.query(Detail):
            detail.read_on()

    def action_race(self, step: int) -> None:
        """The next race, after the last the first again."""
        if self.scene is not None and (fold := self.scene.fold) is not None:
            self.go_to_race((self.scene.race_no + step) % len(fold.event.races))

    def go_to_race(self, no: int) -> None:
        """Look at another race."""
        if self.scene is not None and no != self.scene.race_no:
            self.scene.race_no = no
            self.follow(self.scene)

    def on_race_tabs_picked(self, message: RaceTabs.Picked) -> None:
        """A tab was clicked on."""
        self.go_to_race(message.no)

    def on_finder_found(self, message: Finder.Found) -> None:
        """Somebody was found: he is looked at, in whatever race."""
        if self.scene is not None:
            self.scene.choose(message.entrant.bib)
            self.follow(self.scene)
            self.found(message.entrant.bib)

    def found(self, bib: str) -> None:
        """The screen shows who was found, if it shows runners."""

    def on_finder_left(self, message: Finder.Left) -> None:
        """The body has the keys again; who was settled on is opened."""
        self.take_keys()
        self.refresh_bindings()
        if message.bib is not None:
            self.settle_on(message.bib)

    def settle_on(self, bib: str) -> None:
        """Enter in the finder: that is the one."""
        self.post_message(self.Opened(bib))

    def _fit(self) -> None:
        """Take the layout for the terminal's size: the library does so only when it has drawn the screen in the other one."""
        app = self.app
        for steps, cells in ((app.HORIZONTAL_BREAKPOINTS, app.size.width), (app.VERTICAL_BREAKPOINTS, app.size.height)):
            fitting = [step for step in steps or () if step[0] <= cells]
            for step in steps or ():
                self.set_class(step == max(fitting), step[1])

    def _show_banner(self, scene: Scene) -> None:
        banner = self.query_one("#replay", Panel)
        if banner.display is scene.source.live:  # setting it lays the whole screen out again
            banner.display = not scene.source.live
        banner.show(scene.source.banner)

    def _show_head(self, scene: Scene, fold: Fold, race: Race) -> None:
        source, field = scene.source, fold.field
        now_ms, zone = field.now_ms, fold.event.timezone
        age_ms = None if source.heard_ms is None else now_ms - source.heard_ms
        start_ms = field.starts(race.id).race_ms
        self.panel(
            "head", lambda width: lines.head(fold.event.name, race.name, start_ms, now_ms, zone, source.clock, width, live=source.live)
        )
        self.query_one(RaceTabs).show_races(
            fold.event.races, scene.race_no, [lines.results_state(finality(fold.field, one.id)) for one in fold.event.races]
        )

        def journal(_: int) -> Text:
            to_act_on = len(scene.to_act_on(fold))
            return lines.journal_state(source.facts, source.quarantined, age_ms, scene.pending, to_act_on, written=source.written)

        self.panel("journal", journal)


class Notice(Panel):
    """The line of a screen that is there only when something is wrong."""

    DEFAULT_CSS = "Notice { display: none; height: auto; max-height: 3; text-wrap: wrap; text-style: bold reverse; }"
