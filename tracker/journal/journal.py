"""An open journal: what is added to it, and what is read from it."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Self
from uuid import uuid4

import aiosqlite

from tracker.clock import RaceClock, wall_ms
from tracker.journal.file import TIMEOUT_S, address, connect, make, read_named, read_sources
from tracker.journal.health import prove_sound
from tracker.journal.lock import WriterLock, writer_pid
from tracker.journal.rows import FactRow, JournalError, PlainRow, QuarantineRow, Sources, in_words, rescue
from tracker.journal.upkeep import Upkeep
from tracker.link import Ingesting, Link

log = logging.getLogger(__name__)

BATCH = 2000
_ASKED_AT_ONCE = 500
_EVER_MS = 1 << 62
_RECEIVED = "CAST(received_ms AS INT)"
_ADD_FACT = "INSERT OR IGNORE INTO fact (key, received_ms, topic, payload) VALUES (?, ?, ?, ?)"
_ADD_QUARANTINED = "INSERT OR IGNORE INTO quarantine (received_ms, topic, payload, reason) VALUES (?, ?, ?, ?)"
_FACTS = "SELECT no, CAST(key AS BLOB), CAST(received_ms AS INT), CAST(topic AS TEXT), CAST(payload AS BLOB) FROM fact"
"""The types are SQLite's to see to: on a damaged page they are not always those of the table."""
_SINCE = f"{_FACTS} WHERE no > ? AND {_RECEIVED} <= ? AND {_RECEIVED} > ? ORDER BY no"
_QUARANTINE = "SELECT no, CAST(received_ms AS INT), CAST(topic AS TEXT), CAST(payload AS BLOB), CAST(reason AS TEXT) FROM quarantine"


class Journal:
    """An open journal. One process writes it (`writable` holds a lock file); any number read it meanwhile."""

    def __init__(self, path: Path, db: aiosqlite.Connection, sources: Sources, lock: WriterLock | None) -> None:
        self.path = path
        self._file = _file_at(path)
        self.sources = sources
        self._db = db
        self._lock = lock
        self._upkeep = Upkeep()
        self._one_write = asyncio.Lock()

    @classmethod
    async def create(cls, path: Path, sources: Sources) -> "Journal":
        """Make a new journal, open for writing. JournalError when there is a file already, or none can be made."""
        lock = WriterLock(path)
        try:
            await make(path, sources)
            return await cls._opened(path, lock)
        except BaseException:  # whatever it is, a cancellation too: the lock is given back
            lock.release()
            raise

    @classmethod
    async def open(cls, path: Path, *, writable: bool = False) -> "Journal":
        """Open a journal that exists. JournalError when it is none, is damaged, is newer than this program, or has a writer already."""
        if not path.is_file():
            raise JournalError(f"{path}: there is no such file; tracker run or tracker feed makes a journal")
        lock = WriterLock(path) if writable else None
        try:
            return await cls._opened(path, lock)
        except BaseException:  # as above
            if lock is not None:
                lock.release()
            raise

    @classmethod
    async def _opened(cls, path: Path, lock: WriterLock | None) -> "Journal":
        if lock is not None:
            await prove_sound(path)
        with in_words(path):
            db = await connect(path, "ro" if lock is None else "rw")
        try:
            with in_words(path):
                sources = await read_sources(path, db)
                if lock is not None:  # only now: what is no journal is left as it is
                    await db.execute("PRAGMA journal_mode = WAL")
                    await db.execute("PRAGMA synchronous = FULL")
        except BaseException:  # as above: the file is closed
            await db.close()
            raise
        return cls(path, db, sources, lock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file and give the lock back."""
        async with self._one_write:  # what is being written by a task that nobody waits for any more is written first
            await self._db.close()
        if self._lock is not None:
            self._lock.release()

    async def append(self, facts: Sequence[FactRow], quarantined: Sequence[QuarantineRow] = ()) -> int:
        """Put facts and quarantine on the disk in one commit, and return how many facts were new. JournalError: nothing was stored."""
        async with self._one_commit("nothing is acknowledged until it can"):
            added = await self._db.executemany(_ADD_FACT, [row[1:] for row in facts])
            new = added.rowcount
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
        with self._in_words():
            async with self._db.execute(_SINCE, (since, until, after)) as cursor:
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
            for first in range(0, len(keys), _ASKED_AT_ONCE):
                some = keys[first : first + _ASKED_AT_ONCE]
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
        query = f"{_QUARANTINE} WHERE no > ? AND {_RECEIVED} <= ? ORDER BY no"
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

    async def last_no(self) -> int:
        """The number of the last fact; 0: there is none."""
        with self._in_words():
            async with self._db.execute("SELECT coalesce(max(no), 0) FROM fact") as cursor:
                ((last,),) = await cursor.fetchall()
        return int(last)

    async def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Which of these facts are there, by their keys."""
        return {row.key for row in await self.facts_of(keys)}

    async def why_quarantined(self, messages: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], str]:
        """Which of these messages (topic, payload) are in quarantine, and why."""
        found: dict[tuple[str, bytes], str] = {}
        with self._in_words():
            for first in range(0, len(messages), _ASKED_AT_ONCE):
                asked = messages[first : first + _ASKED_AT_ONCE]
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

    async def home(self) -> str | None:
        """Where the session's tracker ran last: a machine and a place on it. None: nowhere yet."""
        return (await self._named("home")).get("home")

    async def settle(self, home: str, *, anew: bool = False) -> None:
        """Write down that its tracker runs here; `anew`: under a session of its own, since the one it has is another tracker's."""
        await self._set(home=home, **({"session": uuid4().hex[:12]} if anew else {}))

    async def clock(self) -> RaceClock:
        """The clock that the race runs on."""
        named = await self._named("clock")
        try:
            return RaceClock.parse(named["clock"]) if "clock" in named else RaceClock()
        except ValueError as error:
            raise JournalError(f"{self.path}: is damaged (its clock: {error}); {rescue(self.path)}") from error

    async def set_clock(self, clock: RaceClock) -> None:
        """Write down the clock that the race runs on, for every process that looks at it."""
        await self._set(clock=str(clock))

    async def ingest(self) -> Ingesting | None:
        """The process that said last that it takes in this race's messages; it runs if it is `writer_pid`. None: there was none yet."""
        named = await self._named("ingest", "address")
        pid = named.get("ingest", "")
        return Ingesting(int(pid), named.get("address")) if pid.isdecimal() else None

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

    async def take_over(self, named: Mapping[str, str]) -> None:
        """Write down what another journal of the same race had written down under these names."""
        await self._set(**named)

    async def _named(self, *names: str) -> dict[str, str]:
        with self._in_words():
            return await read_named(self._db, names)

    async def _set(self, **named: str) -> None:
        async with self._one_commit("make room on its disk, or check it"):
            await self._db.executemany("INSERT OR REPLACE INTO race VALUES (?, ?)", named.items())

    @asynccontextmanager
    async def _one_commit(self, otherwise: str) -> AsyncIterator[None]:
        """All that is written within, or nothing and a JournalError; two writers on one connection would commit half of each other's.

        Whoever is cancelled within leaves a statement behind that goes on in the connection's thread. The rollback stands in that thread's
        queue right after it, before anything that another task writes, even when nobody waits for it any more.
        """
        async with self._one_write:
            try:
                yield
                self._prove_place()
                await self._db.commit()
                self._say(self._upkeep.written(None, wall_ms()))
            except sqlite3.Error as error:
                await self._db.rollback()
                self._say(self._upkeep.written(str(error), wall_ms()))
                raise JournalError(f"{self.path}: could not be written ({error}); {otherwise}") from error
            except JournalError:
                await self._db.rollback()
                self._say(self._upkeep.written("its file was moved, deleted, or replaced", wall_ms()))
                raise
            except BaseException:  # a cancellation, mostly: half a commit must not wait for the next one
                await self._db.rollback()
                raise

    def _prove_place(self) -> None:
        """JournalError when another file stands at the journal's name, or none: what is written now, nobody would ever find."""
        if _file_at(self.path) != self._file:
            raise JournalError(
                f"{self.path}: was moved, deleted, or replaced while the tracker had it open, so nothing is written or acknowledged; "
                "put it back, or end the tracker and start it again with the file that is to be gone on with"
            )

    def set_backup(self, fault: str | None) -> None:
        """Let every process that shows the race know that a backup was made, or why none could be."""
        self._say(self._upkeep.backed_up(fault, wall_ms()))

    def _say(self, upkeep: Upkeep) -> None:
        """Where there is another word than before: the lock file takes it on a full disk too."""
        if upkeep == self._upkeep or self._lock is None:
            return
        self._upkeep = upkeep
        try:
            self._lock.say(bytes(upkeep))
        except OSError as error:
            log.error("%s: no screen hears how the journal is kept (%s); %s", self._lock.path, error.strerror, upkeep)  # noqa: TRY400  the sentence says it

    def _in_words(self) -> AbstractContextManager[None]:
        return in_words(self.path)


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file has this name now; None: none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def read_facts(path: Path, session: str, until_received_ms: int | None = None) -> Iterator[list[PlainRow]]:
    """All that `Journal.facts` has of the journal with this session, for a process that does nothing else. JournalError as there."""
    with in_words(path), closing(sqlite3.connect(address(path, "ro"), uri=True, timeout=TIMEOUT_S)) as db:
        if db.execute("SELECT CAST(value AS TEXT) FROM race WHERE name = 'session'").fetchall() != [(session,)]:
            raise JournalError(f"{path}: holds another race by now; begin again")
        cursor = db.execute(_SINCE, (0, _EVER_MS if until_received_ms is None else until_received_ms, -_EVER_MS))
        while rows := cursor.fetchmany(BATCH):
            yield rows
