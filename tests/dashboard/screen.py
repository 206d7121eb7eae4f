"""The dashboard under a test's fingers: keys in, the screen as text out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Never

from textual.pilot import Pilot

from tracker.dashboard.app import Dashboard
from tracker.dashboard.rows import CURSOR
from tracker.desk import Desk
from tracker.series.of_runner import Series

SMALL, LARGE = (80, 24), (160, 50)


class Eyes:
    """One running dashboard."""

    def __init__(self, app: Dashboard, pilot: Pilot[bool]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until their work is done."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Press the keys of a text."""
        await self.press(*text)

    async def look(self) -> None:
        """Read what is new in the journal, and show it."""
        await self.app.refresh_now()
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        """The screen's lines, without the spaces at their ends."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """The whole screen, with single spaces and no line breaks."""
        return " ".join(self.text.split())

    @property
    def under_cursor(self) -> str:
        """The line of the board with the cursor."""
        found = [line for line in self.lines if line.startswith(CURSOR)]
        assert len(found) == 1, self.text
        return found[0]

    def line_with(self, *words: str) -> str:
        """The one line in which all the words stand."""
        found = [line for line in self.lines if all(word in line for word in words)]
        assert len(found) == 1, f"{words} in {len(found)} lines of:\n{self.text}"
        return found[0]


@asynccontextmanager
async def dashboard(
    path: Path, size: tuple[int, int] = SMALL, desk: Desk | None = None, *, asks: bool = False, series: Series | None = None
) -> AsyncIterator[Eyes]:
    """A dashboard on a journal, that has read it once."""
    app = Dashboard(path, desk, asks=asks, series=series)
    async with app.run_test(size=size, notifications=True) as pilot:
        eyes = Eyes(app, pilot)
        await eyes.look()
        yield eyes


def failing(words: str) -> Callable[..., Never]:
    """What stands, in a test, where some part of the dashboard has a fault: it raises ZeroDivisionError with these words."""

    def fails(*_: object, **__: object) -> Never:
        raise ZeroDivisionError(words)

    return fails
