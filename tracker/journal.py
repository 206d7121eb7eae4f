"""The race on disk: one SQLite file with every fact, every message that was none, the event file and the roster.

The only room that knows SQL. Rows are only ever added; the payloads are kept byte for byte as they came.
"""

import asyncio
import fcntl
import os
import sqlite3
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple, Self
from uuid import uuid4

import aiosqlite

from tracker.clock import RaceClock
from tracker.link import Ingesting, Link

SCHEMA_VERSION, BATCH = 1, 2000
_KEYS_AT_ONCE, _LOCK_TRIES, _LOCK_PAUSE_S = 500, 3, 0.02
_EVER_MS = 1 << 62
_ADD_FACT = "INSERT OR IGNORE INTO fact (key, received_ms, topic, payload) VALUES (?, ?, ?, ?)"
_ADD_QUARANTINED = "INSERT OR IGNORE INTO quarantine (received_ms, topic, payload, reason) VALUES (?, ?, ?, ?)"
_RECEIVED = "CAST(received_ms AS INTEGER)"  # SQLite holds any type in any column
_MESSAGE = f"{_RECEIVED}, CAST(topic AS TEXT), CAST(payload AS BLOB)"
_FACTS = f"SELECT no, CAST(key AS BLOB), {_MESSAGE} FROM fact"  # noqa: S608  words of this file

_SCHEMA = """
CREATE TABLE race (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE fact (
    no INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE quarantine (
    no INTEGER PRIMARY KEY,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (topic, payload)
);
"""


class JournalError(Exception):
    """The journal cannot be used: which file, what is wrong, what to do, in one line."""


class FactRow(NamedTuple):
    """A fact as it came. `no` rises by one a fact, in order of arrival (0 before it is stored)."""

    no: int
    key: bytes
    received_ms: int
    topic: str
    payload: bytes


class QuarantineRow(NamedTuple):
    """A message that is no fact, and why."""

    no: int
    received_ms: int
    topic: str
    payload: bytes
    reason: str


class Sources(NamedTuple):
    """The files that a journal is about, as they were read, with their names for messages."""

    event_name: str
    event_toml: str
    roster_name: str
    roster_csv: str
    root: str


class Journal:
    """An open journal. One process writes it (`writable` holds a lock file); any number read it meanwhile."""

    def __init__(self, path: Path, db: aiosqlite.Connection, sources: Sources, lock: int | None) -> None:
        self.path = path
        self.sources = sources
        self._db = db
        self._lock = lock
        self._one_write = asyncio.Lock()

    @classmethod
    async def create(cls, path: Path, sources: Sources) -> "Journal":
        """Make a new journal, open for writing. JournalError when there is a file already, or none can be made."""
        lock = _take_lock(path)
        try:
            await _make(path, sources)
            return await cls._opened(path, lock)
        except JournalError:
            os.close(lock)
            raise

    @classmethod
    async def open(cls, path: Path, *, writable: bool = False) -> "Journal":
        """Open a journal that exists. JournalError when it is none, is damaged, is newer than this program, or has a writer already."""
        if not path.is_file():
            raise JournalError(f"{path}: there is no such file; tracker run or tracker feed makes a journal")
        lock = _take_lock(path) if writable else None
        try:
            return await cls._opened(path, lock)
        except JournalError:
            if lock is not None:
                os.close(lock)
            raise

    @classmethod
    async def _opened(cls, path: Path, lock: int | None) -> "Journal":
        unusable = "is no journal, or is damaged ({}); take the copy from another machine"
        with _in_words(path, unusable):
            db = await _connect(path, "ro" if lock is None else "rw")
        try:
            with _in_words(path, unusable):
                sources = await _read_sources(path, db)
                if lock is not None:  # only now: what is no journal is left as it is
                    await db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        except JournalError:
            await db.close()
            raise
        return cls(path, db, sources, lock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file and give the lock back."""
        await self._db.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def append(self, facts: Sequence[FactRow], quarantined: Sequence[QuarantineRow] = ()) -> int:
        """Put facts and quarantine on the disk in one commit, and return how many facts were new. JournalError: nothing was stored."""
        async with self._one_commit("nothing is acknowledged until it can"):
            before = self._db.total_changes
            await self._db.executemany(_ADD_FACT, [row[1:] for row in facts])
            new = self._db.total_changes - before
            if quarantined:
                await self._db.executemany(_ADD_QUARANTINED, [row[1:] for row in quarantined])
        return new

    async def facts(
        self, since: int = 0, until_received_ms: int | None = None, after_received_ms: int | None = None
    ) -> AsyncGenerator[list[FactRow], None]:
        """The facts after number `since`, in order of arrival, in batches; only those received by `until_received_ms`, and only those
        received after `after_received_ms`, where these are given (a merged journal does not hold them in order of receipt).
        """
        until = _EVER_MS if until_received_ms is None else until_received_ms
        after = -_EVER_MS if after_received_ms is None else after_received_ms
        query = f"{_FACTS} WHERE no > ? AND {_RECEIVED} <= ? AND {_RECEIVED} > ? ORDER BY no"
        with self._in_words():
            async with self._db.execute(query, (since, until, after)) as cursor:
                while rows := await cursor.fetchmany(BATCH):
                    yield [FactRow._make(row) for row in rows]

    async def facts_before(self, no: int, count: int, until_received_ms: int | None = None) -> list[FactRow]:
        """The last `count` facts before number `no`, in order of arrival; with `until_received_ms`, of those received by then."""
        values = (no, _EVER_MS if until_received_ms is None else until_received_ms, count)
        with self._in_words():
            async with self._db.execute(f"{_FACTS} WHERE no < ? AND {_RECEIVED} <= ? ORDER BY no DESC LIMIT ?", values) as cursor:
                return [FactRow._make(row) for row in reversed([*await cursor.fetchall()])]

    async def facts_of(self, keys: Sequence[bytes]) -> list[FactRow]:
        """The facts with these keys, in the order of the keys."""
        found: dict[bytes, FactRow] = {}
        with self._in_words():
            for first in range(0, len(keys), _KEYS_AT_ONCE):
                some = keys[first : first + _KEYS_AT_ONCE]
                async with self._db.execute(f"{_FACTS} WHERE key IN ({','.join('?' * len(some))})", some) as cursor:
                    found.update((row[1], FactRow._make(row)) for row in await cursor.fetchall())
        return [found[key] for key in keys if key in found]

    async def received_span(self) -> tuple[int, int] | None:
        """When the first and the last fact were received; None while there is none."""
        with self._in_words():
            async with self._db.execute("SELECT min(received_ms), max(received_ms) FROM fact") as cursor:
                ((first, last),) = await cursor.fetchall()
        return None if first is None else (first, last)

    async def quarantined(
        self, since: int = 0, most: int = BATCH, until_received_ms: int | None = None, *, newest: bool = False
    ) -> list[QuarantineRow]:
        """Messages that were no facts, in order of arrival: of those after number `since` and received by then the first, or the newest."""
        values = (since, _EVER_MS if until_received_ms is None else until_received_ms, most)
        query = f"SELECT no, {_MESSAGE}, CAST(reason AS TEXT) FROM quarantine WHERE no > ? AND {_RECEIVED} <= ? ORDER BY no"  # noqa: S608  as above
        with self._in_words():
            async with self._db.execute(f"{query} {'DESC' if newest else 'ASC'} LIMIT ?", values) as cursor:
                found = [QuarantineRow._make(row) for row in await cursor.fetchall()]
        return found[::-1] if newest else found

    async def count_quarantined(self, since: int = 0, until_received_ms: int | None = None) -> tuple[int, int]:
        """How many there are after number `since`, received by then, and the highest number (`since`: there are none)."""
        query = f"SELECT count(*), coalesce(max(no), ?) FROM quarantine WHERE no > ? AND {_RECEIVED} <= ?"  # noqa: S608  as above
        with self._in_words():
            async with self._db.execute(query, (since, since, _EVER_MS if until_received_ms is None else until_received_ms)) as cursor:
                ((found, last),) = await cursor.fetchall()
        return found, last

    async def counts(self) -> tuple[int, int]:
        """How many facts and how many quarantined messages there are."""
        with self._in_words():
            async with self._db.execute("SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM quarantine)") as cursor:
                ((facts, quarantined),) = await cursor.fetchall()
        return facts, quarantined

    async def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Which of these facts are there, by their keys."""
        return {row.key for row in await self.facts_of(keys)}

    async def why_quarantined(self, messages: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], str]:
        """Which of these messages (topic, payload) are in quarantine, and why."""
        found: dict[tuple[str, bytes], str] = {}
        with self._in_words():
            for first in range(0, len(messages), _KEYS_AT_ONCE):
                asked = messages[first : first + _KEYS_AT_ONCE]
                query = (
                    f"WITH asked (topic, payload) AS (VALUES {', '.join(['(?, ?)'] * len(asked))})"  # noqa: S608  only question marks
                    " SELECT topic, payload, reason FROM asked CROSS JOIN quarantine USING (topic, payload)"
                )
                async with self._db.execute(query, [part for message in asked for part in message]) as cursor:
                    found.update({(topic, payload): reason for topic, payload, reason in await cursor.fetchall()})
        return found

    async def session(self) -> str:
        """A name of this journal's own, under which a broker keeps its messages."""
        return (await self._named("session")).get("session", "")

    async def clock(self) -> RaceClock:
        """The clock that the race runs on."""
        with self._in_words():
            named = await _read_named(self._db, ("clock",))
            return RaceClock.parse(named["clock"]) if "clock" in named else RaceClock()

    async def set_clock(self, clock: RaceClock) -> None:
        """Write down the clock that the race runs on, for every process that looks at it."""
        await self._set(clock=str(clock))

    async def ingest(self) -> Ingesting | None:
        """The process that said last that it takes in this race's messages; it runs if it is `writer_pid`. None: there was none yet."""
        named = await self._named("ingest", "address")
        return Ingesting(int(named["ingest"]), named.get("address")) if named.get("ingest", "").isdecimal() else None

    async def set_ingest(self, address: str | None = None) -> None:
        """Write down that this process takes in the messages, and where (no password in it; None: as it was, until it is known)."""
        await self._set(ingest=str(os.getpid()), link=str(Link()), **({} if address is None else {"address": address}))

    async def link(self) -> Link | None:
        """What the ingest that runs now said last of its way in; None: none runs. The word of one that is gone tells nothing."""
        named = await self._named("ingest", "link")
        if "link" not in named or str(writer_pid(self.path)) != named.get("ingest"):
            return None
        return Link.parse(named["link"])

    async def set_link(self, link: Link) -> None:
        """Write down how this process finds its way in. JournalError when it cannot be written now."""
        await self._set(link=str(link))

    async def _named(self, *names: str) -> dict[str, str]:
        with self._in_words():
            return await _read_named(self._db, names)

    async def _set(self, **named: str) -> None:
        async with self._one_commit("make room on its disk, or check it"):
            await self._db.executemany("INSERT OR REPLACE INTO race VALUES (?, ?)", named.items())

    @asynccontextmanager
    async def _one_commit(self, otherwise: str) -> AsyncIterator[None]:
        """All that is written within, or nothing and a JournalError; two writers on one connection would commit half of each other's."""
        async with self._one_write:
            try:
                yield
                await self._db.commit()
            except sqlite3.Error as error:
                await self._db.rollback()
                raise JournalError(f"{self.path}: could not be written ({error}); {otherwise}") from error

    def _in_words(self) -> AbstractContextManager[None]:
        return _in_words(self.path, "cannot be read or written ({}); check the disk, or take the copy of another machine")


@contextmanager
def _in_words(path: Path, words: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(f"{path}: {words.format(error)}") from error


def _connect(path: Path, mode: str) -> aiosqlite.Connection:
    return aiosqlite.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)


async def _make(path: Path, sources: Sources) -> None:
    """Put an empty journal there under the lock: whole, or, when the power goes meanwhile, not at all."""
    if path.exists():
        raise JournalError(f"{path}: there is a file already; choose another name, or leave out the event to go on with it")
    draft = path.with_name(f".{path.name}.new")
    try:
        for remains in (draft, Path(f"{draft}-journal"), Path(f"{path}-wal"), Path(f"{path}-shm")):
            remains.unlink(missing_ok=True)  # SQLite would take those of a journal that is gone for this one's
        async with _connect(draft, "rwc") as db:
            await db.executescript(_SCHEMA)
            named = [("schema", str(SCHEMA_VERSION)), ("session", uuid4().hex[:12]), *sources._asdict().items()]
            await db.executemany("INSERT INTO race VALUES (?, ?)", named)
            await db.commit()
        draft.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{path}: cannot be written ({error}); choose a folder on a disk with space") from error


async def _read_named(db: aiosqlite.Connection, names: Sequence[str]) -> dict[str, str]:
    query = f"SELECT name, CAST(value AS TEXT) FROM race WHERE name IN ({', '.join('?' * len(names))})"  # noqa: S608  only question marks
    async with db.execute(query, names) as cursor:
        return {name: value async for name, value in cursor}


async def _read_sources(path: Path, db: aiosqlite.Connection) -> Sources:
    async with db.execute("SELECT count(*) FROM sqlite_master") as cursor:
        if await cursor.fetchone() == (0,):
            raise JournalError(f"{path}: is empty, so there is no race in it; delete it, and it will be made anew")
    named = await _read_named(db, ("schema", *Sources._fields))
    schema = named.get("schema", "0")[:20]
    if not schema.isdecimal() or int(schema) > SCHEMA_VERSION:
        raise JournalError(f"{path}: was written by a newer tracker (schema {schema}, this one knows {SCHEMA_VERSION}); use that one")
    missing = [name for name in ("schema", *Sources._fields) if name not in named]
    if missing:
        raise JournalError(f"{path}: holds no race ({', '.join(missing)} missing); it was never finished being made, so make it anew")
    return Sources(*(named[name] for name in Sources._fields))


def is_being_written(path: Path) -> bool:
    """Whether a process has the journal open for writing now."""
    try:
        lock = os.open(_lock_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def writer_pid(path: Path) -> int | None:
    """Which process has the journal open for writing now; None: none, or one of an older tracker."""
    if not is_being_written(path):
        return None
    try:
        said = _lock_path(path).read_bytes().strip()
    except OSError:
        return None  # gone since a moment ago
    return int(said) if said.isdigit() else None


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _take_lock(path: Path) -> int:
    """One writer a journal: two would take the broker's session from each other for ever."""
    lock_path = _lock_path(path)
    try:
        lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise JournalError(f"{lock_path}: cannot be made ({error.strerror}); choose a folder that you may write to") from error
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOCK_PAUSE_S)  # a look by is_being_written takes microseconds; a writer keeps the lock
        else:
            break
    else:
        os.close(lock)
        raise JournalError(f"{path}: another tracker is writing it; stop that one, or give this one a journal of its own")
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    except OSError as error:
        os.close(lock)
        raise JournalError(f"{lock_path}: cannot be written ({error.strerror}); make room on the disk") from error
    return lock
