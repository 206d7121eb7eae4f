"""The tabs of the event's races: a click goes to one."""

from collections.abc import Sequence

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

    def show_races(self, races: Sequence[Race], current: int) -> None:
        """Show the races, one of them as the current one."""
        self._races, self._current = races, current
        self.show(lambda width: tabs(self._labels(width), current, width))

    def on_click(self, event: events.Click) -> None:
        """Which race stands under the mouse."""
        width = self.size.width
        for start, end, no in tab_spans(self._labels(width), self._current, width):
            if start <= event.x < end:
                self.post_message(self.Picked(no))

    def _labels(self, width: int) -> list[str]:
        names = [race.name for race in self._races]
        spans = tab_spans(names, self._current, width)
        return names if len(spans) == len(names) and spans and spans[-1][1] <= width else [race.id for race in self._races]
