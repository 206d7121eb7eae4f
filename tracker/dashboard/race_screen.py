"""The first screen: the head, the race tabs, the board, and beside or below it the ledger and the alerts."""

from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer

from tracker.core.alerts import Alert
from tracker.core.course import Race
from tracker.core.field import Field
from tracker.dashboard import lines
from tracker.dashboard.board import Board
from tracker.dashboard.find import Index
from tracker.dashboard.finder import Finder
from tracker.dashboard.following import Following, Notice
from tracker.dashboard.guard import alone
from tracker.dashboard.panel import Panel
from tracker.dashboard.race_tabs import RaceTabs
from tracker.dashboard.runner_screen import RunnerScreen
from tracker.dashboard.sheet import Sheet, make_sheet
from tracker.dashboard.tail import Tail
from tracker.fold import Fold

_ALERTS_AGE_S = 5


class RaceScreen(Following):
    """The standings of one race at a time."""

    CSS = """
    RaceScreen { layout: vertical; overflow: hidden; }
    #second { height: 1; }
    #tabs { width: 1fr; }
    #journal { width: 50; text-align: right; }
    #body { height: 1fr; }
    #board { width: 1fr; height: 1fr; }
    #side { width: 44; padding: 0 0 0 1; }
    #ledger { height: auto; padding: 0 0 1 0; }
    #alerts { height: 1fr; text-wrap: wrap; }
    #ticker { height: auto; }
    RaceScreen.-narrow #side, RaceScreen.-low #side { display: none; }
    RaceScreen.-wide.-high #ticker { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", key_display="/"),
        Binding("n", "find_next", "Next match"),
        Binding("right,tab", "race(1)", "Next race"),
        Binding("left,shift+tab", "race(-1)", "Previous race", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._no = 0
        self._fold: Fold | None = None
        self._sheet: Sheet | None = None
        self._index: Index | None = None
        self._alerts: list[Alert] = []
        self._alerts_of: object = None
        self._cursors: dict[str, str | None] = {}
        self._tail: Tail | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Panel(id="head")
        with Horizontal(id="second"):
            yield RaceTabs(id="tabs")
            yield Panel(id="journal")
        yield Notice(id="notice")
        with Horizontal(id="body"):
            yield Board(id="board")
            with Vertical(id="side"):
                yield Panel(id="ledger")
                yield Panel(id="alerts")
        with Vertical(id="ticker"):
            yield Panel(id="counts")
            yield Panel(id="places")
            yield Panel(id="first")
        yield Finder(id="finder")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The board has the keys."""
        self.board.focus()

    @property
    def board(self) -> Board:
        """The standings."""
        return self.query_one(Board)

    @property
    def race(self) -> Race | None:
        """The race that is shown; None while there is no journal."""
        return None if self._fold is None else self._fold.event.races[self._no]

    def follow(self, tail: Tail) -> None:
        """Show the race as the tail has it now."""
        self._tail = tail
        if tail.fold is None:
            self._panel("head", lambda _: Text(f"waiting for {tail.path}", "bold", no_wrap=True))
            return
        if tail.fold is not self._fold:
            self._fold, self._index, self._sheet, self._alerts_of = tail.fold, None, None, None
            self._no = min(self._no, len(tail.fold.event.races) - 1)
        self._show(tail, tail.fold)

    def action_race(self, step: int) -> None:
        """The next race, after the last the first again."""
        if self._fold is not None:
            self.go_to_race((self._no + step) % len(self._fold.event.races))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  Textual's own signature
        """While somebody is being sought, the key that begins a search is a letter like any other."""
        return action != "find" or not self.query_one(Finder).display

    def action_find(self) -> None:
        """Look for a runner."""
        if self._fold is not None and self.race is not None:
            if self._index is None:
                self._index = Index(self._fold.roster)
            self.query_one(Finder).open(self._index, self.race.id)

    def action_find_next(self) -> None:
        """The next runner who fits what was sought."""
        self.query_one(Finder).action_next()

    def go_to_race(self, no: int) -> None:
        """Show another race; the cursor is where it was there."""
        if self._fold is None or no == self._no:
            return
        assert self.race is not None  # there is a fold
        self._cursors[self.race.id] = self.board.bib
        self._no = no
        self.board.bib = self._cursors.get(self.race.id)
        self._show_again()

    def on_race_tabs_picked(self, message: RaceTabs.Picked) -> None:
        """A tab was clicked on."""
        self.go_to_race(message.no)

    def on_finder_found(self, message: Finder.Found) -> None:
        """The cursor goes to who was found, in whatever race."""
        if self._fold is not None:
            race = self._fold.field.runners[message.entrant.bib].race.race  # the desk may have moved him
            self.go_to_race([each.id for each in self._fold.event.races].index(race.id))
            self.board.go_to(message.entrant.bib)

    def on_finder_left(self) -> None:
        """The board has the keys again."""
        self.board.focus()
        self.refresh_bindings()

    def on_board_chosen(self, message: Board.Chosen) -> None:
        """One runner in full."""
        self.app.push_screen(RunnerScreen(message.bib))

    def _show_again(self) -> None:
        if self._tail is not None:
            self.follow(self._tail)

    def _show(self, tail: Tail, fold: Fold) -> None:
        field, race = fold.field, fold.event.races[self._no]
        now_ms, zone = field.now_ms, fold.event.timezone
        age_ms = None if tail.heard_ms is None else now_ms - tail.heard_ms
        with alone(lambda failure: self.say(f"! the board {failure}")):
            self.board.show(self._sheet_now(field, race), now_ms)
        start_ms = field.starts(race.id).race_ms
        self._panel("head", lambda width: lines.head(fold.event.name, race.name, start_ms, now_ms, zone, tail.clock, width))
        self.query_one(RaceTabs).show_races(fold.event.races, self._no)
        self._panel("journal", lambda _: lines.journal_state(tail.facts, tail.quarantined, age_ms, written=tail.written))
        self._panel("ledger", lambda _: lines.ledger(field.ledger(race.id), field.places(race.id)))
        self._panel("counts", lambda width: lines.ticker(field.ledger(race.id), width))
        self._panel("places", lambda width: lines.places_line(field.places(race.id), width))
        alerts = self.query_one("#alerts", Panel)
        alerts.show(lambda width: lines.alert_list(self._alerts_now(fold), zone, width, alerts.size.height))
        self._panel("first", lambda width: lines.first_alert(self._alerts_now(fold), zone, width))

    def _sheet_now(self, field: Field, race: Race) -> Sheet:
        """The race's sheet, made anew only when a verdict changed."""
        if self._sheet is None or self._sheet.race is not race or self._sheet.version != field.version(race.id):
            self._sheet = make_sheet(field, race.id)
        return self._sheet

    def _alerts_now(self, fold: Fold) -> list[Alert]:
        """The alerts of which the desk has said nothing yet, made anew when a verdict changed, when the desk said something of one, and
        every few seconds of the race and of the wall: silence grows, and a clock that stands still does not stop what comes in.
        """
        field = fold.field
        versions = (field.version(race.id) for race in field.event.races)
        of = (*versions, len(field.alert_words), field.now_ms // (_ALERTS_AGE_S * 1000), int(monotonic()) // _ALERTS_AGE_S)
        if of != self._alerts_of:
            self._alerts, self._alerts_of = [alert for alert in fold.alerts() if alert.word is None], of
        return self._alerts

    def _panel(self, name: str, make: Callable[[int], Text]) -> None:
        self.query_one(f"#{name}", Panel).show(make)
