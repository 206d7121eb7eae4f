"""What the dashboard sends to a terminal of 80 by 24 over a slow line: at rest, for its dialogs, and from screen to screen.

Each beside one whole painting of what the terminal shows then, as Ctrl+L asks for it.
"""

import asyncio
import os
import pty
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.board import read_terminal
from benchmarks.measuring import Row, Scale
from docs.picture import MOMENT, journal_at
from tracker.clock import RaceClock
from tracker.files.times import parse_moment

_SIZE = (80, 24)
_SHOWN = b"finished"
_SETTLED_S, _REST_S = 1.2, 12.0
"""After a key all is drawn by then, with a second of the clock among it; and so long nothing is touched."""
_PATIENCE_S = 60
_REDRAW = "\x0c"
_KB = 1000


class _Step(NamedTuple):
    """A key, what it does, and how many bytes it may cost."""

    keys: str
    what: str
    most: int


_STEPS = (
    _Step("?", "? opens", 8 * _KB),
    _Step("\x1b", "? closes", 6 * _KB),
    _Step("a", "the Act menu opens", 8 * _KB),
    _Step("q", "a form comes in its place", 8 * _KB),
    _Step("x", "a letter in the form", 500),
    _Step("\x1b", "the form closes", 6 * _KB),
    _Step("3", "Stations, from Race", 8 * _KB),
    _Step("2", "Alerts, from Stations", 8 * _KB),
    _Step("1", "Race, from Alerts", 8 * _KB),
)


async def measure(scale: Scale) -> list[Row]:
    """Bytes at rest, then for each step; a small run takes the first dialog alone."""
    steps, rest_s = (_STEPS, _REST_S) if scale.rounds >= 5 else (_STEPS[:2], _REST_S / 2)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "race.db"
        async with await journal_at(path, RaceClock.starting_at(parse_moment(MOMENT, "Europe/Andorra"), 1)), _watched(path) as line:
            at_rest = 60 / rest_s * await line.costs("", rest_s)
            rows = [_row("at rest, a minute", at_rest, await line.costs(_REDRAW), 4 * _KB)]
            for step in steps:
                cost = await line.costs(step.keys)
                rows.append(_row(step.what, cost, await line.costs(_REDRAW), step.most))
            return rows


def _row(what: str, cost: float, whole: float, most: int) -> Row:
    return Row(
        f"to a terminal of 80 by 24: {what}",
        f"{cost / _KB:.2f} kB",
        f"the whole screen: {whole / _KB:.2f} kB",
        cost / whole,
        f"<= {most / _KB:g} kB",
        cost <= most,
    )


class _Line:
    """A dashboard on a terminal, and what it has written there."""

    def __init__(self, terminal: int) -> None:
        self.written = bytearray()
        self._terminal = terminal

    def read(self) -> None:
        """What has come."""
        chunk = read_terminal(self._terminal)
        if not chunk:
            asyncio.get_running_loop().remove_reader(self._terminal)
        self.written += chunk

    async def costs(self, keys: str, seconds: float = _SETTLED_S) -> int:
        """Press keys; returns how many bytes come."""
        before = len(self.written)
        os.write(self._terminal, keys.encode())
        await asyncio.sleep(seconds)
        return len(self.written) - before


@asynccontextmanager
async def _watched(path: Path) -> AsyncIterator[_Line]:
    """A dashboard that has read the journal."""
    terminal, its_side = pty.openpty()
    termios.tcsetwinsize(its_side, (_SIZE[1], _SIZE[0]))
    words = (sys.executable, "-m", "tracker", "watch", str(path), "--broker", "mqtt://127.0.0.1:1")
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLORTERM")} | {"TERM": "xterm-256color"}
    child = await asyncio.create_subprocess_exec(*words, stdin=its_side, stdout=its_side, stderr=its_side, env=env, start_new_session=True)
    os.close(its_side)
    line, loop = _Line(terminal), asyncio.get_running_loop()
    loop.add_reader(terminal, line.read)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while _SHOWN not in line.written:
                await line.costs("")
        yield line
    finally:
        child.kill()
        await child.wait()
        loop.remove_reader(terminal)
        os.close(terminal)
