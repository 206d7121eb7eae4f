"""The dialog that asks whom the board shall show."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tracker.core.race_state import RaceState
from tracker.dashboard.dialog import Dialog
from tracker.dashboard.filters import EVERYBODY, LINES, Filter, choices, filter_lines, with_next
from tracker.dashboard.panel import Panel


class FilterScreen(Dialog[Filter | None]):
    """A line for each thing that can be asked for; ends with the filter, or with None when it shall stay as it was.

    `count` says how many runners a filter shows.
    """

    CSS = """
    FilterScreen { align: center middle; }
    #filter-box { width: 72; max-width: 100%; height: auto; max-height: 100%; border: round; padding: 0 1; }
    #filter { height: 10; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("right,space", "change(1)", "Next choice"),
        Binding("left", "change(-1)", "Choice before"),
        Binding("s", "take('sex')", "Sex"),
        Binding("c", "take('category')", "Category"),
        Binding("t", "take('status')", "Status"),
        Binding("r", "take('concern')", "At risk, unaccounted, overdue"),
        Binding("p", "take('station')", "Station"),
        Binding("x,F", "clear", "Everybody"),
        Binding("enter", "done", "Show"),
        Binding("escape", "dismiss", "As it was"),
    ]

    def __init__(self, state: RaceState, only: Filter, count: Callable[[Filter], int]) -> None:
        super().__init__()
        self._race = state.race
        self._runners = len(state.runners)
        self._choices = choices(state)
        self._only = only
        self._count = count
        self._at = 0

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(id="filter-box"):
            yield Panel(id="filter")

    def on_mount(self) -> None:
        """Show where it stands."""
        self._show()

    def action_move(self, lines: int) -> None:
        """Another line."""
        self._at = (self._at + lines) % len(LINES)
        self._show()

    def action_change(self, step: int) -> None:
        """Another choice on the line."""
        field = LINES[self._at].name
        self._only = with_next(self._only, field, self._choices[field], step)
        self._show()

    def action_take(self, field: str) -> None:
        """The line by its key, and the next choice on it."""
        self._at = [each.name for each in LINES].index(field)
        self.action_change(1)

    def action_clear(self) -> None:
        """Nobody left out."""
        self._only = EVERYBODY
        self._show()

    def action_done(self) -> None:
        """That is it."""
        self.dismiss(self._only)

    def _show(self) -> None:
        shown = self._count(self._only)
        text = filter_lines(self._only, self._at, self._race, shown, self._runners)
        self.query_one("#filter", Panel).show(lambda _: text)
