"""The parts of a race as processes of their own, each of which can be killed and started again: scanners, trackers, the dashboard."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from tests.ingest.running import Running
from tests.killing.scanners import SETTLED
from tests.terminal import Terminal

DEVICES = 5
PATIENCE_S = 90.0
PATIENCE_FOR_ALL_S = 600.0
"""A backlog of a hundred thousand facts takes minutes on a machine that others use as well."""
SCREEN = "Hill 40K"


class PartError(Exception):
    """A part did not do what it must: which, and what it last said."""


async def until(happened: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait for something; PartError when it does not come."""
    deadline_s = monotonic() + patience_s
    while not happened():
        if monotonic() > deadline_s:
            raise PartError(f"waited {patience_s:g} s in vain until {what}")
        await asyncio.sleep(0.02)


def peak_bytes(pid: int | None) -> int:
    """The most memory that a process ever had; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


class Scanners:
    """A process of scanners at one station."""

    def __init__(self, folder: Path, number: int, station: str, port: int, per_s: float, runners: int, owed_max: int) -> None:
        self.folder = folder / f"scanners-{number}"
        self.folder.mkdir()
        self.name = f"scanners {number}"
        names = [f"{station}-{number}-{device}" for device in range(DEVICES)]
        self._command = [sys.executable, "-m", "tests.killing.scanners", str(port), str(self.folder), station, str(per_s), str(runners)]
        self._command += [str(owed_max), *names]
        self._child: subprocess.Popen[bytes] | None = None
        self.log = self.folder / "log"

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    @property
    def said_bytes(self) -> int:
        """How much was said, by the size of what is written down."""
        said = self.folder / "said"
        return said.stat().st_size if said.exists() else 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._child is not None
        self._child.send_signal(number)

    async def settles(self) -> None:
        """Read no more; wait until it takes everything for acknowledged."""
        await self.reads()  # until then a signal would kill it
        self.tell(signal.SIGUSR1)
        await until(lambda: SETTLED in self.log.read_text(), f"{self.name} has nothing left to send", PATIENCE_FOR_ALL_S)

    async def ended(self) -> None:
        """Tell it to leave; it leaves well. PartError otherwise."""
        child = self._child
        assert child is not None
        self.tell(signal.SIGTERM)
        await until(lambda: child.poll() is not None, f"{self.name} has left")
        if child.returncode:
            raise PartError(f"{self.name} ended with {child.returncode}: {self.log.read_text()[-2000:]}")
        self._child = None

    async def reads(self) -> None:
        """Wait until it says something new."""
        before = self.said_bytes
        await until(lambda: self.said_bytes > before, f"{self.name} reads runners; its log: {self.log.read_text()[-500:]}")


class Ingest(Running):
    """A tracker that takes in; `name` for words."""

    name = "the ingest"

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def kill(self) -> None:
        if self._child is not None:
            super().kill()

    def mark(self) -> int:
        """Where its log ends now."""
        return self.log.stat().st_size if self.log.exists() else 0

    async def takes(self, since: int) -> None:
        """Wait until it has said since then that it takes messages."""

        def said() -> bool:
            text = self.log.read_bytes()[since:]
            return b"connected to broker" in text or b", listening on " in text

        await until(said, f"{self.name} takes messages; it said: {self.said[-300:]}")

    async def ended(self) -> None:
        """Tell it to stop once it is at work; it leaves well. PartError otherwise."""
        await self.takes(self._said_before)
        child = self._child
        assert child is not None
        child.terminate()
        await until(lambda: child.poll() is not None, f"{self.name} has stopped")
        self._child = None
        if child.returncode:
            raise PartError(f"{self.name}, told to stop, ended with {child.returncode}: {self.said[-1000:]}")


class Dashboard:
    """`tracker watch` on a terminal."""

    name = "the dashboard"

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._terminal: Terminal | None = None

    async def start(self) -> None:
        self._terminal = Terminal("watch", self._journal)
        await self._terminal.__aenter__()

    async def shows(self) -> None:
        """Wait until the race stands on it."""
        terminal = self._terminal
        assert terminal is not None
        await until(lambda: SCREEN.encode() in terminal.shown, "the dashboard shows the race")

    async def end(self, number: signal.Signals) -> int:
        """End it by a signal; returns its exit code, as a shell has it."""
        terminal = self._terminal
        if terminal is None:
            return 0
        code = await terminal.end(number)
        failed = b"Traceback" in terminal.shown
        await terminal.__aexit__()
        self._terminal = None
        if failed:
            raise PartError("the dashboard failed: " + terminal.shown[-2000:].decode(errors="replace"))
        return code
