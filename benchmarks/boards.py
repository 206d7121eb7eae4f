"""A board on a terminal, twice: ours, and the same board built on Textual's DataTable; `python -m benchmarks.boards` is one of them.

Both follow one runner in the middle of the field, and twice a second both take the next passages of the same race. The table is kept as
well as it can be: only cells that changed are set, of the runners who changed and of the rows in sight, then its rows are sorted. (To clear
it and to add the rows again takes several times as long.) Cells off the screen may be old there; ours has none.
"""

import asyncio
import gc
import os
import sys
from collections.abc import Iterator
from itertools import islice
from time import perf_counter, process_time
from typing import ClassVar

import orjson
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.synthetic import RACE, SyntheticRace
from tracker.core.facts import Passage
from tracker.core.field import Field
from tracker.core.look_back import LookBack
from tracker.core.runner import Verdict
from tracker.dashboard.board import Board
from tracker.dashboard.columns import columns_for
from tracker.dashboard.sheet import Sheet, cells, make_sheet

OURS, TABLE = "ours", "datatable"
CHECKPOINTS = 20
TICK_S = 0.5
_PASSAGES = 50
_SETTLING = 3
_BEAT_S = 0.002


class Live(App[None]):
    """A race that goes on, on one board: told of it twice a second, and measured meanwhile. The figures go to the file `told`."""

    BINDINGS: ClassVar = []
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, runners: int, ticks: int, told: int) -> None:
        super().__init__()
        self.animation_level = "none"
        self.ticks = ticks
        self.told = told
        race = SyntheticRace(runners, CHECKPOINTS)
        self.field = Field(race.event, race.roster)
        self._facts: Iterator[Passage] = race.facts()
        self._take(race.count // 2)
        order = self.field.leaders(RACE, runners)
        self.followed = order[len(order) // 2]
        self._longest_s = 0.0

    def on_mount(self) -> None:
        """Begin as soon as there is something to see."""
        self.begin(make_sheet(self.field, RACE))
        gc.collect()
        gc.freeze()
        self.run_worker(self._live())

    def begin(self, sheet: Sheet) -> None:
        """Show the race for the first time."""
        raise NotImplementedError

    def tell(self, sheet: Sheet) -> None:
        """Show the race again."""
        raise NotImplementedError

    def _take(self, passages: int) -> None:
        facts = list(islice(self._facts, passages))
        self.field.extend(facts)
        self.field.advance(facts[-1].at_ms)
        self.field.refresh()

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        began_s = cpu_s = 0.0
        beat = asyncio.create_task(self._beat())
        due_s = loop.time()
        for tick in range(_SETTLING + self.ticks):
            if tick == _SETTLING:
                os.write(self.told, b"begin\n")
                self._longest_s, began_s, cpu_s = 0.0, perf_counter(), process_time()
            self._take(_PASSAGES)
            self.tell(make_sheet(self.field, RACE))
            due_s += TICK_S
            await asyncio.sleep(due_s - loop.time())
        seconds = perf_counter() - began_s
        beat.cancel()
        found = {"stall_s": self._longest_s, "seconds": seconds, "cpu": (process_time() - cpu_s) / seconds}
        os.write(self.told, orjson.dumps(found) + b"\n")
        self.exit()

    async def _beat(self) -> None:
        """For how long at most nothing else could run, a key that was pressed for one."""
        while True:
            before_s = perf_counter()
            await asyncio.sleep(_BEAT_S)
            self._longest_s = max(self._longest_s, perf_counter() - before_s - _BEAT_S)


class Ours(Live):
    """The dashboard's own board."""

    def compose(self) -> ComposeResult:
        """It alone."""
        yield Board(id="board")

    def begin(self, sheet: Sheet) -> None:
        """Show the race for the first time."""
        board = self.query_one(Board)
        board.focus()
        board.show_sheet(sheet, self.field.now_ms)
        board.go_to(self.followed)

    def tell(self, sheet: Sheet) -> None:
        """Show the race again."""
        self.query_one(Board).show_sheet(sheet, self.field.now_ms)


class OnDataTable(Live):
    """The same board as a DataTable."""

    def __init__(self, runners: int, ticks: int, told: int) -> None:
        super().__init__(runners, ticks, told)
        self._known: dict[str, dict[str, str]] = {}
        self._verdicts: list[Verdict] = []
        self._keys: list[str] = []
        self._before = LookBack(self.field.races[RACE], self.field.now_ms)

    def compose(self) -> ComposeResult:
        """It alone."""
        yield DataTable(id="board", cursor_type="row", cell_padding=0)

    def begin(self, sheet: Sheet) -> None:
        """Fill the table."""
        table = self._table
        table.focus()
        for column in columns_for(self.size.width - 2):
            table.add_column(column.title, key=column.key, width=column.least + 1)
            self._keys.append(column.key)
        for no, line in enumerate(sheet.lines):
            row = cells(sheet, no, self.field.now_ms, before=self._before, keys=self._keys)
            self._known[line.entrant.bib] = row
            table.add_row(*row.values(), key=line.entrant.bib)
        self._verdicts = [runner.verdict for runner in sheet.state.runners]
        self._follow()

    def tell(self, sheet: Sheet) -> None:
        """Set what changed, and sort."""
        self._before.look(self.field.now_ms)
        table, runners = self._table, sheet.state.runners
        changed = [runner.no for runner, before in zip(runners, self._verdicts, strict=True) if runner.verdict is not before]
        self._verdicts = [runner.verdict for runner in runners]
        order = {runners[sheet.lines.no(line)].entrant.bib: line for line in range(len(sheet.lines))}
        top = max(order[self.followed] - self.size.height, 0)
        in_sight = range(top, min(top + 2 * self.size.height, len(sheet.lines)))
        for line in {*in_sight, *map(sheet.lines.line_of_no, changed)}:
            bib = sheet.lines[line].entrant.bib
            row, known = cells(sheet, line, self.field.now_ms, before=self._before, keys=self._keys), self._known[bib]
            for key, text in row.items():
                if known[key] != text:
                    table.update_cell(bib, key, text)
            self._known[bib] = row
        table.sort("bib", key=order.__getitem__)
        self._follow()

    @property
    def _table(self) -> DataTable[str]:
        table: DataTable[str] = self.query_one(DataTable)
        return table

    def _follow(self) -> None:
        self._table.move_cursor(row=self._table.get_row_index(self.followed), animate=False)


if __name__ == "__main__":
    kind, size, measured, file = sys.argv[1:]
    (Ours if kind == OURS else OnDataTable)(int(size), int(measured), int(file)).run()
