"""The home screen: who is missing, the standings of one race, and beside or below them the ledger, the open alerts and the stations."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tracker.core.missing import missing
from tracker.core.stations import stations
from tracker.dashboard import lines
from tracker.dashboard.board import Board
from tracker.dashboard.following import Following
from tracker.dashboard.guard import alone
from tracker.dashboard.panel import Panel
from tracker.dashboard.rows import Rows
from tracker.dashboard.scene import About, Scene
from tracker.fold import Fold


class RaceScreen(Following):
    """The standings of one race at a time."""

    CSS = """
    RaceScreen #body { height: 1fr; }
    RaceScreen #board { width: 1fr; height: 1fr; }
    RaceScreen #side { width: 44; padding: 0 0 0 1; }
    RaceScreen #ledger { height: auto; padding: 0 0 1 0; }
    RaceScreen #alerts { height: 1fr; text-wrap: wrap; }
    RaceScreen #ticker { height: auto; }
    RaceScreen.-narrow #side, RaceScreen.-low #side { display: none; }
    RaceScreen.-wide.-high #ticker { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._race_id = ""
        self._cursors: dict[str, str | None] = {}

    def body(self) -> ComposeResult:
        """Who is missing, the board, what stands beside it on a large screen, and below it on a small one."""
        yield Panel(id="missing")
        with Horizontal(id="body"):
            yield Board(id="board")
            with Vertical(id="side"):
                yield Panel(id="ledger")
                yield Panel(id="alerts")
        with Vertical(id="ticker"):
            yield Panel(id="counts")
            yield Panel(id="places")
            yield Panel(id="first")
        yield Panel(id="stations")

    @property
    def board(self) -> Board:
        """The standings."""
        return self.query_one(Board)

    def take_keys(self) -> None:
        """The board has them."""
        self.board.focus()

    def show(self, scene: Scene, fold: Fold) -> None:
        """The board and what stands around it. In each race the cursor is where it was there, unless somebody was chosen."""
        field, race, offline = fold.field, fold.event.races[scene.race_no], scene.offline(fold)
        zone = fold.event.timezone
        if race.id != self._race_id:
            self._cursors[self._race_id] = self.board.key
            self._race_id, self.board.key = race.id, self._cursors.get(race.id)
        self.panel("missing", lambda width: lines.missing_line(missing(field, field.races), stations(field), field.now_ms, width))
        with alone(lambda failure: self.say(f"! the board {failure}")):
            self.board.show_sheet(scene.sheet(fold, race.id), field.now_ms)
        self.panel("ledger", lambda _: lines.ledger(field.ledger(race.id), field.places(race.id)))
        self.panel("counts", lambda width: lines.ticker(field.ledger(race.id), width))
        self.panel("places", lambda width: lines.places_line(field.places(race.id), width))
        alerts = self.query_one("#alerts", Panel)
        alerts.show(lambda width: lines.alert_list(scene.open_alerts(fold), zone, width, alerts.size.height))
        self.panel("first", lambda width: lines.first_alert(scene.open_alerts(fold), zone, width))
        self.panel("stations", lambda width: lines.station_strip(stations(field), field.now_ms, width, offline))

    def about(self) -> About:
        """The runner under the cursor."""
        return About(bib=self.board.under_cursor)

    def settle_on(self, bib: str) -> None:
        """The cursor is there already; the next Enter opens the runner."""

    def found(self, bib: str) -> None:
        """The cursor goes to who was found."""
        self.board.go_to(bib)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """One runner in full."""
        self.post_message(self.Opened(message.key))
