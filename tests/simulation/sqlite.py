"""The disk of a tracker, under its journal: the real SQLite on real files; a power cut leaves what was synced and a part of the rest.

A commit appends to the write-ahead log and syncs it. A power cut leaves the log up to the last sync, and any number of bytes beyond that,
the last page perhaps torn; a disk that lies says that it has synced and has not. No checkpoint happens but at an orderly end.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import aiosqlite

from tests.simulation.loop import PowerCut, Process, current
from tests.simulation.trace import Trace

_PAGE = 4096
_WRITES = ("executemany", "commit")
Row = tuple[str, bytes]


class JournalDisk:
    """The journal's file of one tracker through all its lives. `told`: the messages that the tracker was told are on the disk.

    `lies`: syncs are not done; `full`: writes fail; `dies_in_commit`: the process is killed within the next commit.
    """

    def __init__(self, folder: Path, template: Path, chance: Random, trace: Trace, name: str) -> None:
        self.told: set[Row] = set()
        self.ever_told: set[Row] = set()
        self.lies = self.full = self.dies_in_commit = False
        self.facts = 0
        """How many facts the journal holds."""
        self.lost = 0
        """How many messages a power cut took though the tracker was told that they were on the disk."""
        self.slow_s = 0.002
        self._chance, self._trace, self._name = chance, trace, name
        self._folder, self._life = folder, 0
        self._move()
        self._synced = 0
        self._unsynced = self._may_lack = False
        self._free_s = 0.0
        self._raw: sqlite3.Connection | None = None
        self.connections: list[sqlite3.Connection] = []
        self._last = self._last_aside = 0
        shutil.copyfile(template, self.path)

    def _move(self) -> None:
        """A new life has a folder of its own: what the old one had open reaches nothing there."""
        self._life += 1
        self.path = self._folder / f"{self._name}-{self._life}" / "race.db"
        self._log = self.path.with_name("race.db-wal")
        self.path.parent.mkdir()

    def _log_bytes(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def opened(self, raw: sqlite3.Connection) -> None:
        """A new life reads the file: all is there that the disk took, if it kept its word."""
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        self._raw, self._last, self._last_aside = raw, 0, 0
        found = set(self._news())
        gone = self.told - found
        if gone and not self._may_lack:
            self._trace.violated(f"{self._name}: the journal has lost {sorted(gone)} though the disk had it")
        self.lost += len(gone)
        self.told &= found
        self._may_lack = False
        self._last = self._last_aside = 0

    def _news(self) -> list[Row]:
        assert self._raw is not None
        facts = self._raw.execute("SELECT no, topic, payload FROM fact WHERE no > ? ORDER BY no", (self._last,)).fetchall()
        aside = self._raw.execute("SELECT no, topic, payload FROM quarantine WHERE no > ? ORDER BY no", (self._last_aside,)).fetchall()
        self._last = self.facts = facts[-1][0] if facts else self._last
        self._last_aside = aside[-1][0] if aside else self._last_aside
        return [row[1:] for row in (*facts, *aside)]

    def run(self, function: partial[Any]) -> Any:
        """One call to SQLite, as its thread makes it."""
        name = function.func.__name__
        if self.full and name in _WRITES and self._chance.random() < 0.7:
            self._trace(self._name, f"disk full in {name}")
            raise sqlite3.OperationalError("database or disk is full")
        if name != "commit":
            return function()
        before = self._log_bytes()
        function()
        if self.dies_in_commit and self._log_bytes() > before:
            self.dies_in_commit = False
            self._trace(self._name, "dies within a commit")
            current().kill()
            raise PowerCut
        self._unsynced = self.lies
        if not self.lies:
            self._synced = self._log_bytes()
        news = self._news()
        self.told.update(news)
        self.ever_told.update(news)
        if news:
            self._trace(self._name, f"commits {len(news)}{' (the disk lies)' if self.lies else ''}")
        return None

    def closed(self) -> None:
        """An orderly end: everything is in the file itself."""
        self._raw = None
        self._synced, self._unsynced = 0, False

    def crash(self, *, power: bool) -> None:
        """The process is dead. What the next life finds: all that was written, or what a power cut leaves of it."""
        old, old_log = self.path, self._log
        self._move()
        shutil.copyfile(old, self.path)
        if old_log.exists():
            content = old_log.read_bytes()
            if power:
                content = self._left_of(content)
                self._synced = len(content)
                self._may_lack, self._unsynced = self._may_lack or self._unsynced, False
            self._log.write_bytes(content)
        self.let_go()
        shutil.rmtree(old.parent)

    def let_go(self) -> None:
        """What the dead process had open is closed by its system."""
        for connection in self.connections:
            connection.close()
        self.connections.clear()
        self._raw = None

    def _left_of(self, content: bytes) -> bytes:
        left = content[: self._chance.randint(min(self._synced, len(content)), len(content))]
        torn = min(len(left) - self._synced, _PAGE)
        if torn > 0 and self._chance.random() < 0.5:
            left = left[:-torn] + self._chance.randbytes(torn)
        self._trace(self._name, f"power cut: log of {len(content)} bytes, {self._synced} synced, {len(left)} left")
        return left

    def due_s(self, now_s: float) -> float:
        """When the next call is done: one after the other, as SQLite's thread does them."""
        self._free_s = max(now_s, self._free_s) + self._chance.random() * self.slow_s
        return self._free_s


class SimConnection(aiosqlite.Connection):
    """aiosqlite's connection, whose thread is simulated: each call is done a little later, in its turn."""

    disks: ClassVar[dict[Process, JournalDisk]] = {}

    def __init__(self, connector: Callable[[], sqlite3.Connection], *, writes: bool) -> None:
        super().__init__(connector, 64)
        self._disk = self.disks[current()]
        self._writes = writes  # one that only looks may not see the log, and leaves all as it is

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()

    def __del__(self) -> None: ...

    async def _connect(self) -> aiosqlite.Connection:
        self._connection = await self._call(partial(self._connector))
        self._disk.connections.append(self._connection)
        if self._writes:
            self._disk.opened(self._connection)
        return self

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        return await self._call(partial(fn, *args, **kwargs))

    async def _call(self, function: partial[Any]) -> Any:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_at(self._disk.due_s(loop.time()), self._do, future, function)
        return await future

    def _do(self, future: "asyncio.Future[Any]", function: partial[Any]) -> None:
        try:
            result = self._disk.run(function)
        except sqlite3.Error as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(result)

    def stop(self) -> None:
        """There is no thread to end."""

    async def close(self) -> None:
        """An orderly end."""
        await super().close()
        if self._writes:
            self._disk.closed()


def connect(database: str, **options: Any) -> SimConnection:
    """`aiosqlite.connect`, for the process that runs now."""
    return SimConnection(lambda: sqlite3.connect(database, **options), writes=database.endswith("mode=rw"))
