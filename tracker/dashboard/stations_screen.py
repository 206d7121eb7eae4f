"""The stations of the event in course order, the one under the cursor in full, and who is still behind it."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tracker.core.stations import Station, stations
from tracker.dashboard.behind_table import BehindTable
from tracker.dashboard.detail import Detail
from tracker.dashboard.following import Following
from tracker.dashboard.guard import alone
from tracker.dashboard.panel import Panel
from tracker.dashboard.rows import Rows
from tracker.dashboard.scene import About, Scene
from tracker.dashboard.station_table import StationTable
from tracker.dashboard.station_text import station_text
from tracker.fold import Fold
from tracker.text import count


class BehindRows(Rows):
    """The runners behind a station, instead of the stations, until somebody leaves them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,backspace", "screen.leave", "Stations", key_display="esc")]


class StationsScreen(Following):
    """A line a station. Enter leads to those who are behind it, and from there to a runner."""

    CSS = """
    StationsScreen #stations, StationsScreen #behind { max-height: 60%; }
    StationsScreen #behind { height: 60%; }
    StationsScreen #behind, StationsScreen #who { display: none; }
    StationsScreen.-behind #behind, StationsScreen.-behind #who { display: block; }
    StationsScreen.-behind #stations { display: none; }
    StationsScreen Detail { border-top: solid $foreground 50%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "device", "Choose a device", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._device: str | None = None
        self._found: dict[str, Station] = {}
        self._behind: BehindTable | None = None

    def body(self) -> ComposeResult:
        """The stations, or who is behind one of them; below that the station in full."""
        with Vertical():
            yield Rows(id="stations")
            yield Panel(id="who")
            yield BehindRows(id="behind")
            yield Detail()

    @property
    def rows(self) -> Rows:
        """The stations' lines."""
        return self.query_one("#stations", Rows)

    @property
    def behind(self) -> BehindRows:
        """The lines of those who are behind the station."""
        return self.query_one(BehindRows)

    @property
    def lists_runners(self) -> bool:
        """Whether the runners behind a station are listed, and not the stations."""
        return self.has_class("-behind")

    def take_keys(self) -> None:
        """The list that is shown has them."""
        (self.behind if self.lists_runners else self.rows).focus()

    def about(self) -> About:
        """The station under the cursor, the device that was chosen there, and the runner if the runners are listed."""
        return About(bib=self.behind.under_cursor if self.lists_runners else None, station=self._station(), device=self._device)

    def show(self, scene: Scene, fold: Fold) -> None:
        """The stations as they are now, and the one under the cursor."""
        field, found, traffic = fold.field, stations(fold.field), scene.traffic(fold)
        self._found = {one.id: one for one in found}
        with alone(lambda failure: self.say(f"! the stations {failure}")):
            if scene.station is not None and scene.station != self.rows.key and scene.station in self._found:
                self._leave_runners()
                self._device = None
                self.rows.go_to(scene.station)
            table = StationTable(field, found, traffic, fold.offsets(), fold.event.races[scene.race_no].id, scene.offline(fold))
            if self.rows.styles.height is None or self.rows.styles.height.value != len(found) + 1:
                self.rows.styles.height = len(found) + 1
            self.rows.show(table)
        self._show_detail(scene, fold)

    def action_device(self) -> None:
        """Choose the next device of the station; after the last, none."""
        station = self._found.get(self._station() or "")
        if station is not None:
            names = [None, *(device.device for device in station.devices)]
            at = names.index(self._device) if self._device in names else 0
            self._device = names[(at + 1) % len(names)]
            self._again()

    def action_leave(self) -> None:
        """Back to the stations."""
        self._leave_runners()
        self.take_keys()
        self._again()

    def found(self, bib: str) -> None:
        """The cursor goes to who was found, if the runners are listed."""
        if self.lists_runners:
            self.behind.go_to(bib)

    def on_rows_moved(self, _: Rows.Moved) -> None:
        """Another station, or another runner: of that one the other screens speak."""
        scene = self.scene
        if scene is None:
            return
        if self.lists_runners:
            scene.bib = self.behind.under_cursor
            return
        station = self._station()
        if station != scene.station:
            scene.station, self._device = station, None
            self.query_one(Detail).begin()
        self._again()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Who is behind the station; of those, one in full."""
        if self.lists_runners:
            self.post_message(self.Opened(message.key))
            return
        self.add_class("-behind")
        self.behind.key = None
        self._again()
        self.take_keys()

    def _station(self) -> str | None:
        return self.rows.under_cursor

    def _leave_runners(self) -> None:
        self.remove_class("-behind")

    def _again(self) -> None:
        if self.scene is not None:
            self.follow(self.scene)

    def _show_detail(self, scene: Scene, fold: Fold) -> None:
        one = self._found.get(self._station() or "")
        if one is None:
            return
        field, there, device = fold.field, scene.traffic(fold)[one.id], self._device
        self.panel("detail", lambda _: station_text(field, one, there, fold.offsets(), device, scene.offline(fold)))
        if not self.lists_runners:
            return
        with alone(lambda failure: self.say(f"! the runners {failure}")):
            table = self._behind
            if table is None or table.there is not there or table.station != one.id:
                table = self._behind = BehindTable(field, one.id, there)
            self.behind.show(table.keeping(self.behind.key))
            if self.behind.key is None and table.keys:
                self.behind.go_to(self.behind.under_cursor)
            words = f"{one.name}: {count(table.awaited, 'runner')} still to come or to leave"
            self.panel("who", lambda _: Text(words, "bold", no_wrap=True))
