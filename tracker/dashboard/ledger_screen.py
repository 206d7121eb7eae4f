"""The ledger: where everybody of a race is, in groups that can be opened, with the proof that nobody is left out; and on paper."""

import asyncio
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tracker.core.runner import Place, Where
from tracker.dashboard.following import Following
from tracker.dashboard.guard import alone
from tracker.dashboard.ledger_table import Group, LedgerTable, bib_of, groups, ledger_text, runner_key, sum_line
from tracker.dashboard.panel import Panel
from tracker.dashboard.rows import Rows
from tracker.dashboard.scene import About, Scene, Source
from tracker.dashboard.sheet import Sheet
from tracker.durable import write_whole
from tracker.files.times import format_local
from tracker.fold import Fold

_SAID_S = 20.0
"""How long it is said where the ledger was printed: long enough to copy the name, and gone before it could pass for the screen's age."""


class LedgerScreen(Following):
    """One race's ledger at a time. At first those groups are open of whose runners nobody knows where they are."""

    CSS = """
    LedgerScreen #rows { height: 1fr; }
    LedgerScreen #sum { height: auto; text-wrap: wrap; }
    LedgerScreen #printed { display: none; height: auto; text-wrap: wrap; text-overflow: fold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open_all", "Open all", show=False),
        Binding("p", "print", "Print", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._race_id = ""
        self._cursors: dict[str, str | None] = {}
        self._turned: dict[str, set[Place]] = {}
        self._sheet: Sheet | None = None
        self._groups: list[Group] = []
        self._table: LedgerTable | None = None
        self._printed_of: Source | None = None
        self._said_until: Timer | None = None

    def body(self) -> ComposeResult:
        """The sum over the groups, and whether and where it was printed."""
        yield Panel(id="sum")
        yield Panel(id="printed")
        yield Rows(id="rows")

    @property
    def rows(self) -> Rows:
        """The groups and their runners."""
        return self.query_one(Rows)

    def take_keys(self) -> None:
        """The groups have them."""
        self.rows.focus()

    def about(self) -> About:
        """The runner under the cursor; or the checkpoint of the group."""
        key = self.rows.under_cursor
        place = None if self._table is None or key is None else self._table.place_of(key)
        if self._sheet is None or place is None or place.at is None:
            return About(bib=bib_of(key))
        point = self._sheet.race.checkpoints[place.at]
        return About(station=point.station, checkpoint=point.id)

    def show(self, scene: Scene, fold: Fold) -> None:
        """The groups as they are now; in each race the cursor is where it was there."""
        race = fold.event.races[scene.race_no]
        if self._printed_of is not None and self._printed_of is not scene.source:
            self._unsay_printed()  # else a replay would show when the race was printed, or the race when the replay was
        if race.id != self._race_id:
            self._cursors[self._race_id] = self.rows.key
            self._race_id, self.rows.key = race.id, self._cursors.get(race.id)
        with alone(lambda failure: self.say(f"! the ledger {failure}")):
            sheet = scene.sheet(fold, race.id)
            if sheet is not self._sheet:
                self._sheet, self._groups = sheet, groups(sheet)
            self._table = LedgerTable(fold, sheet, self._groups, self._opened())
            self.rows.show(self._table)
        entries = sum(fold.field.ledger(race.id).values())
        self.panel("sum", lambda width: Text(sum_line(self._groups, entries, width), "bold"))

    def found(self, bib: str) -> None:
        """The cursor goes to who was found, whose group is opened."""
        for group in self._groups:
            if any(runner.entrant.bib == bib for runner in group.runners):
                self._open(group.place, wanted=True)
        self._show_again()
        self.rows.go_to(runner_key(bib))

    def settle_on(self, bib: str) -> None:
        """The cursor is there already; the next Enter opens the runner."""

    def on_rows_moved(self, _: Rows.Moved) -> None:
        """Who is under the cursor is who the other screens speak of."""
        bib = bib_of(self.rows.under_cursor)
        if self.scene is not None and bib is not None:
            self.scene.bib = bib

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """A runner in full; a group opens, or closes."""
        bib = bib_of(message.key)
        if bib is not None:
            self.post_message(self.Opened(bib))
            return
        place = None if self._table is None else self._table.place_of(message.key)
        if place is not None:
            self._open(place, wanted=place not in self._opened())
            self._show_again()

    def action_open_all(self) -> None:
        """Every group with its runners; where all are open, none."""
        wanted = len(self._opened()) < len(self._groups)
        for group in self._groups:
            self._open(group.place, wanted=wanted)
        self._show_again()

    async def action_print(self) -> None:
        """The ledger of every race as plain text beside the journal, written whole or not at all."""
        if self.scene is None or (fold := self.scene.fold) is None:
            return
        if self.scene.read_only:
            self.notify("nothing is written from here: it was started for looking only", severity="warning", markup=False)
            return
        source = self.scene.source
        path = source.path.with_name(f"{source.path.name}.ledger{'' if source.live else '-replay'}.txt")
        now = format_local(fold.field.now_ms, fold.event.timezone)
        with alone(lambda failure: self._say_printed(f"! the ledger could not be printed: {failure}")):
            sheets = [self.scene.sheet(fold, race.id) for race in fold.event.races]
            text = ledger_text(fold, sheets, live=source.live)
            try:
                await asyncio.to_thread(write_whole, path, text.encode())
            except OSError as error:
                self._say_printed(f"! {path}: cannot be written ({error.strerror}); make room on the disk, or give it to whoever may write")
            else:
                self._say_printed(f"the ledger as it stood at {now} is in the file {path}")

    def _say_printed(self, words: str) -> None:
        """Say it for a while, on the screens of what was printed."""
        self._unsay_printed()
        self._printed_of = None if self.scene is None else self.scene.source
        self._said_until = self.set_timer(_SAID_S, self._unsay_printed)
        self.query_one("#printed").display = True
        self.panel("printed", lambda _: Text(words))

    def _unsay_printed(self) -> None:
        if self._said_until is not None:
            self._said_until.stop()
        self._said_until = self._printed_of = None
        self.query_one("#printed").display = False

    def _opened(self) -> set[Place]:
        turned = self._turned.get(self._race_id, set())
        return {group.place for group in self._groups if (group.place.where is Where.OUT) is not (group.place in turned)}

    def _open(self, place: Place, *, wanted: bool) -> None:
        turned = self._turned.setdefault(self._race_id, set())
        ((turned.discard) if (place.where is Where.OUT) is wanted else turned.add)(place)

    def _show_again(self) -> None:
        if self.scene is not None:
            self.follow(self.scene)
