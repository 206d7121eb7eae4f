"""The journal alone: rows onto the disk in commits of several sizes, beside sqlite3 with the same table and the same pragmas."""

import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.measuring import Row, Scale, compare, quiet, rate
from benchmarks.synthetic import EVENT, SyntheticRace
from tracker.journal import BATCH, FactRow, Journal, Sources
from tracker.wire import Offline, Wire

_BATCHES = (10, 100, BATCH)
_INSERT = "INSERT INTO fact (key, received_ms, topic, payload) VALUES (?, ?, ?, ?)"


async def measure(scale: Scale) -> list[Row]:
    """Rows a second for each size of commit."""
    race = SyntheticRace(scale.commits * BATCH // 9, 10)
    rows = rows_of(race, scale.commits * BATCH)
    return [await _measure_batch(scale, race.sources, rows[: scale.commits * size], size) for size in _BATCHES]


async def _measure_batch(scale: Scale, sources: Sources, rows: list[FactRow], size: int) -> Row:
    batches = [rows[first : first + size] for first in range(0, len(rows), size)]

    async def ours() -> float:
        with TemporaryDirectory() as folder, quiet():
            async with await Journal.create(Path(folder) / "journal.db", sources) as journal:
                began_s = perf_counter()
                for batch in batches:
                    await journal.append(batch)
                return perf_counter() - began_s

    async def bare() -> float:
        with TemporaryDirectory() as folder, quiet(), closing(await bare_journal(Path(folder) / "bare.db", sources)) as db:
            began_s = perf_counter()
            for batch in batches:
                store_bare(db, batch)
            return perf_counter() - began_s

    found = await compare(scale.rounds, ours, bare)
    beside = f"sqlite3: {rate(len(rows), found.baseline_s, 'rows')}"
    return Row(f"journal, commits of {size:,}", rate(len(rows), found.seconds, "rows"), beside, found.speed)


def rows_of(race: SyntheticRace, count: int) -> list[FactRow]:
    """The race's first `count` passages as rows of a journal."""
    decode = Wire(EVENT).decode
    rows: list[FactRow] = []
    for topic, payload in islice(race.messages(), count):
        fact = decode(topic, payload)
        if not isinstance(fact, Offline):
            rows.append(FactRow(0, fact.key, fact.at_ms, topic, payload))
    return rows


async def bare_journal(path: Path, sources: Sources) -> sqlite3.Connection:
    """A file with the journal's own tables, opened with nothing but sqlite3, and its pragmas."""
    await (await Journal.create(path, sources)).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


def store_bare(db: sqlite3.Connection, rows: list[FactRow]) -> None:
    """One commit."""
    db.executemany(_INSERT, [row[1:] for row in rows])
    db.commit()
