"""The standings board: which of a race's runners are shown, with which gaps and arrows, by the keys that say so.

What a line says is `sheet` and `columns`, who is shown `filters` and `shown`; the drawing and the cursor are those of all `Rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, overload

from rich.style import Style
from textual.binding import Binding, BindingType

from tracker.core.look_back import LookBack
from tracker.core.race_state import Runner
from tracker.core.runner import RANKED, Status
from tracker.dashboard.columns import VIEWS, columns_for, line_of, titles
from tracker.dashboard.filter_screen import FilterScreen
from tracker.dashboard.filters import EVERYBODY, Concern, Expectations, Filter, lines_of
from tracker.dashboard.rows import Rows
from tracker.dashboard.sheet import Sheet, cells
from tracker.dashboard.shown import Shown, gap_title, heading
from tracker.files.times import MINUTE_MS

_PLAIN = Style.null()
_STYLES = {Status.FINISHED: Style(bold=True), Status.OUT_OF_TIME: Style(color="red")}
_OUT = Style(dim=True)


class _Bibs(Sequence[str]):
    """The bibs of those who are shown, each found when it is asked for."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def __len__(self) -> int:
        return len(self._shown.lines)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        return self._shown.runner(row).entrant.bib


@dataclass(frozen=True)
class Standings:
    """Those of a sheet who are shown, at a moment, as a table by bib.

    `asked`: the columns that must be there. `rival`: to whom the gaps are, if not to the first.
    """

    shown: Shown
    now_ms: int
    before: LookBack
    asked: tuple[str, ...]
    rival: Runner | None

    @property
    def keys(self) -> Sequence[str]:
        """The bibs."""
        return _Bibs(self.shown)

    def number(self, key: str) -> int | None:
        """The line of a bib."""
        return self.shown.row_of(key)

    def titles(self, width: int) -> str:
        """The columns' titles."""
        return titles(columns_for(width, self.asked), {"gap": gap_title(self.rival)})

    def text(self, no: int, width: int) -> str:
        """A runner's line."""
        columns = columns_for(width, self.asked)
        keys = frozenset(column.key for column in columns)
        return line_of(columns, cells(self.shown.sheet, self.shown.lines[no], self.now_ms, self.rival, self.before, keys))

    def style(self, no: int) -> Style:
        """Finishers stand out, who is out stands back."""
        status = self.shown.runner(no).verdict.status
        return _OUT if status not in RANKED and status is not Status.OUT_OF_TIME else _STYLES.get(status, _PLAIN)


class Board(Rows):
    """One race's standings; `key` is the bib of the runner who has the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter", "Filter", show=False),
        Binding("F", "everybody", "Show everybody", show=False),
        Binding("g", "gap", "Gaps to 1st or the cursor", show=False),
        Binding("c", "columns", "Other columns", show=False),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self._sheet: Sheet | None = None
        self._shown: Shown | None = None
        self._filters: dict[str, Filter] = {}
        self._expectations = Expectations()
        self._before: LookBack | None = None
        self._to_cursor = False
        self._view = VIEWS[0]
        self._now_ms = 0

    @property
    def only(self) -> Filter:
        """Whom of the race that is shown the board shows."""
        return EVERYBODY if self._sheet is None else self._filters.get(self._sheet.race.id, EVERYBODY)

    def show_sheet(self, sheet: Sheet, now_ms: int) -> None:
        """Show a sheet at a moment."""
        old, self._sheet = self._shown, sheet
        only = self.only
        is_later = only.concern is Concern.AT_RISK and now_ms // MINUTE_MS != self._now_ms // MINUTE_MS
        if old is None or old.sheet is not sheet or old.only != only or is_later:
            self._shown = Shown(sheet, only, lines_of(sheet, only, self._expectations, now_ms))
        if self._before is None or self._before.state is not sheet.state:
            self._before = LookBack(sheet.state, now_ms)
        self._before.look(now_ms)
        self._now_ms = now_ms
        self._show(anew=old is None or old.sheet.race is not sheet.race or old.only != only)

    def filter_by(self, only: Filter) -> None:
        """Show only these runners of the race. Who has the cursor keeps it, and is said to be hidden where that is so."""
        if self._sheet is not None:
            self._filters[self._sheet.race.id] = only
            self.show_sheet(self._sheet, self._now_ms)

    def go_to(self, key: str | None) -> None:
        """As everywhere; gaps to the cursor's runner are to another one then."""
        super().go_to(key)
        if self._to_cursor:
            self._show()

    def said(self) -> str:
        """Who is left out, and that the cursor's runner is."""
        return "" if self._shown is None else heading(self._shown, self.key)

    def near(self, down: bool) -> int:
        """Where the cursor's runner would stand."""
        return 0 if self._shown is None else self._shown.rows_before(self.key or "") - down

    def action_filter(self) -> None:
        """Ask whom to show."""
        if self._sheet is not None:
            sheet, now_ms = self._sheet, self._now_ms
            count = lambda only: len(lines_of(sheet, only, self._expectations, now_ms))  # noqa: E731  too small for a name of its own
            self.app.push_screen(FilterScreen(sheet.state, self.only, count), self._filtered)

    def action_everybody(self) -> None:
        """Leave nobody out."""
        self.filter_by(EVERYBODY)

    def action_gap(self) -> None:
        """Tell gaps to the cursor's runner, or to the first again."""
        self._to_cursor = not self._to_cursor
        self._show()

    def action_columns(self) -> None:
        """Swap in other columns, after the last of them the first again; where all fit there are no others."""
        at = VIEWS.index(self._view)
        shown = {column.key for column in columns_for(self._width - 1, self._asked(self._view))}
        others = (view for view in (*VIEWS[at + 1 :], *VIEWS[:at]) if not view or not shown.issuperset(view))
        self._view = next(others, self._view)
        self._show()

    def _asked(self, view: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that must be there."""
        return (*view, "gap") if self._to_cursor else view

    def _filtered(self, only: Filter | None) -> None:
        if only is not None:
            self.filter_by(only)

    def _show(self, *, anew: bool = False) -> None:
        if self._shown is not None and self._before is not None:
            self.show(Standings(self._shown, self._now_ms, self._before, self._asked(self._view), self._rival(self._shown)), anew=anew)

    def _rival(self, shown: Shown) -> Runner | None:
        """To whom the gaps are, if not to the first: the cursor's runner, shown or not."""
        if not self._to_cursor:
            return None
        line = shown.sheet.line_of.get(self.key or self.under_cursor or "")
        return None if line is None else shown.sheet.lines.runner(line)
