"""`tracker run --headless` as its user starts it: a process of its own, which a test can kill."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import PATIENCE_S, Message, RaceDay, until
from tracker.journal import Journal


class Running:
    """The ingest of a race day, taking its messages by `way`: `--broker URL` or `--listen ADDRESS`."""

    def __init__(self, day: RaceDay, folder: Path, *way: str) -> None:
        _, event, _, roster = day.files(folder)
        self.journal, self.log = folder / "race.db", folder / "race.log"
        self.command = [
            sys.executable,
            "-m",
            "tracker",
            "run",
            event,
            "--roster",
            roster,
            "--journal",
            str(self.journal),
            "--headless",
            *way,
        ]
        self._child: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def start(self) -> None:
        """Start it; it goes on with the journal that is there."""
        with self.log.open("ab") as log:
            self._said_before = log.tell()
            self._child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        """End it between two instructions, as a power cut would."""
        assert self._child is not None
        self._child.kill()
        assert self._child.wait(PATIENCE_S) == -signal.SIGKILL, self.said
        self._child = None

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self._child is not None
        self._child.terminate()
        code = self._child.wait(PATIENCE_S)
        self._child = None
        return code

    @property
    def said(self) -> str:
        """Its log, of all its lives."""
        return self.log.read_text()

    async def up(self) -> None:
        """Wait until it takes messages; before, a broker keeps none for it."""

        def takes() -> bool:
            said = self.said[self._said_before :]
            return "connected to broker" in said or ", listening on " in said

        await until(takes, "the ingest takes messages")

    async def opened(self) -> Journal:
        """Its journal, open for reading as a dashboard has it, once it takes messages."""
        await self.up()
        return await Journal.open(self.journal)

    def end(self) -> None:
        """After a test: whatever its state."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(PATIENCE_S)


@contextmanager
def running(day: RaceDay, folder: Path, *way: str) -> Iterator[Running]:
    """The ingest, started."""
    ingest = Running(day, folder, *way)
    ingest.start()
    try:
        yield ingest
    finally:
        ingest.end()


async def on_disk(journal: Journal) -> list[Message]:
    """Every fact in a journal."""
    return [(row.topic, row.payload) async for rows in journal.facts() for row in rows]


async def holds(journal: Journal, count: int) -> int:
    """Wait until a journal holds so many facts; returns how many there are."""
    found = 0

    async def enough() -> bool:
        nonlocal found
        found, _ = await journal.counts()
        return found >= count

    await until(enough, f"{count} facts are in the journal")
    return found
