"""A journal as a file: its tables, how it is made, and how it is known to be a journal that this program can read."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import aiosqlite

from tracker.durable import put_in_place
from tracker.journal.rows import JournalError, Sources, rescue

SCHEMA_VERSION = 1
TIMEOUT_S = 30
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


def connect(path: Path, mode: str) -> aiosqlite.Connection:
    """To be awaited. `mode`: `ro`, `rw`, or `rwc`, which makes the file."""
    return aiosqlite.connect(address(path, mode), uri=True, timeout=TIMEOUT_S)


def address(path: Path, mode: str) -> str:
    """A journal as SQLite is told of it."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def side_files(path: Path) -> list[Path]:
    """The files that SQLite keeps beside a journal: its log, the log's index, and what an older way of writing leaves."""
    return [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]


async def make(path: Path, sources: Sources) -> None:
    """Put an empty journal there under the lock: whole, or, when the power goes meanwhile, not at all."""
    if path.exists():
        raise JournalError(f"{path}: there is a file already; choose another name, or leave out the event to go on with it")
    draft = path.with_name(f".{path.name}.new")
    try:
        for remains in (draft, *side_files(draft), *side_files(path)):
            remains.unlink(missing_ok=True)  # SQLite would take those of a journal that is gone for this one's
        async with connect(draft, "rwc") as db:
            await db.executescript(_SCHEMA)
            named = [("schema", str(SCHEMA_VERSION)), ("session", uuid4().hex[:12]), ("sum", sources.sum), *sources._asdict().items()]
            await db.executemany("INSERT INTO race VALUES (?, ?)", named)
            await db.commit()
        put_in_place(draft, path)
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{path}: cannot be written ({error}); choose a folder on a disk with space") from error


async def read_named(db: aiosqlite.Connection, names: Sequence[str]) -> dict[str, str]:
    """The values that stand under these names in a journal."""
    query = f"SELECT name, CAST(value AS TEXT) FROM race WHERE name IN ({', '.join('?' * len(names))})"  # noqa: S608  only question marks
    async with db.execute(query, names) as cursor:
        return {name: value async for name, value in cursor}


async def read_sources(path: Path, db: aiosqlite.Connection) -> Sources:
    """What a journal was made from. JournalError when it is none, or none that this program can read."""
    async with db.execute("SELECT name FROM sqlite_master WHERE type = 'table'") as cursor:
        tables = {name async for (name,) in cursor}
    if not tables:
        raise JournalError(f"{path}: is empty, so there is no race in it; delete it, and it will be made anew")
    if not {"race", "fact", "quarantine"} <= tables:
        raise JournalError(f"{path}: is no journal (it holds other tables); check the name")
    named = await read_named(db, ("schema", "sum", *Sources._fields))
    missing = [name for name in ("schema", *Sources._fields) if name not in named]
    if missing:
        raise JournalError(f"{path}: holds no race ({', '.join(missing)} missing); it was never finished being made, so make it anew")
    schema = named["schema"]
    if not schema.isdecimal():
        raise JournalError(f"{path}: is damaged (its schema is {schema[:20]!r}, which is no number); {rescue(path)}")
    knows = f"schema {schema}, this one knows {SCHEMA_VERSION}"
    if int(schema) > SCHEMA_VERSION:
        raise JournalError(f"{path}: was written by a newer tracker ({knows}); use that one")
    if int(schema) < SCHEMA_VERSION:
        raise JournalError(f"{path}: was written by an older tracker ({knows}); tracker recover {path} NEW.db makes a new one of it")
    sources = Sources(*(named[name] for name in Sources._fields))
    if named.get("sum", sources.sum) != sources.sum:
        raise JournalError(f"{path}: is damaged (its event file or its roster is not as it was read); {rescue(path)}")
    return sources
