"""The tabs of the event's races: a click goes to one."""

from collections.abc import Iterable, Sequence

from textual import events
from textual.message import Message

from tracker.core.course import Race
from tracker.dashboard.lines import tab_spans, tabs
from tracker.dashboard.panel import Panel


class RaceTabs(Panel):
    """One tab a race, by name where all names fit, else by id."""

    class Picked(Message):
        """A race was clicked on, by its number."""

        def __init__(self, no: int) -> None:
            super().__init__()
            self.no = no

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self._races: Sequence[Race] = ()
        self._current = 0
        self._states: Sequence[str] = ()

    def show_races(self, races: Sequence[Race], current: int, states: Sequence[str]) -> None:
        """Show the races, one of them as the current one, each with the state of its results, if there is one to tell."""
        self._races, self._current, self._states = races, current, states
        self.show(lambda width: tabs(self._labels(width), current, width))

    def on_click(self, event: events.Click) -> None:
        """Which race stands under the mouse."""
        width = self.size.width
        for start, end, no in tab_spans(self._labels(width), self._current, width):
            if start <= event.x < end:
                self.post_message(self.Picked(no))

    def _labels(self, width: int) -> list[str]:
        names = self._with_states(race.name for race in self._races)
        spans = tab_spans(names, self._current, width)
        return names if len(spans) == len(names) and spans and spans[-1][1] <= width else self._with_states(race.id for race in self._races)

    def _with_states(self, names: Iterable[str]) -> list[str]:
        return [f"{name} {state}".rstrip() for name, state in zip(names, self._states, strict=True)]
