"""Whether a journal is sound: asked whenever one is opened to be written, so that no fact is put into a damaged file.

SQLite's quick check takes 0.2 s for a million facts (220 MB), next to nothing beside folding them, so it is asked always. Behind a tracker
that did not end well there is a log, which that check does not hold against the indexes; then the whole check is asked, in 1.8 s.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite

from tracker.journal.file import connect, read_named, read_sources
from tracker.journal.rows import JournalError, in_words, rescue
from tracker.journal.wal import log_path, read_log
from tracker.text import clean_text


async def damage(path: Path) -> str | None:
    """What SQLite's quick check finds wrong with a journal, in its words; None: nothing. Others may read and write it meanwhile.

    JournalError when the file cannot be read now: that says nothing of whether it is whole.
    """
    return await asyncio.to_thread(_damage, path.absolute())


def _damage(path: Path) -> str | None:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            [found] = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        raise JournalError(f"{path}: cannot be read ({error}); see whose it is, and whether the folder can be written") from error
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else str(found).replace("\n", " ")


async def prove_sound(path: Path) -> None:
    """JournalError when a journal is damaged, or none. Nothing is written meanwhile, in its log neither."""
    logged = _prove_log(path)
    own = await _session_without_log(path) if logged else None
    with in_words(path):
        db = await connect(path, "ro")  # what may write puts the log into the file when it is closed, of a damaged journal too
    try:
        with in_words(path):
            await read_sources(path, db)
            session = (await read_named(db, ("session",))).get("session")
            async with db.execute("PRAGMA integrity_check(1)" if logged else "PRAGMA quick_check(1)") as cursor:
                found = [str(word) async for (word,) in cursor]
    finally:
        await db.close()
    if own not in {None, session}:
        raise JournalError(f"{log_path(path)}: is the log of another journal; {rescue(path)}")
    if found != ["ok"]:
        said = clean_text(" ".join(found).replace("*** in database main ***", ""), 160)
        raise JournalError(f"{path}: is damaged ({said}); {rescue(path)}")


async def _session_without_log(path: Path) -> str | None:
    """A journal keeps its session for ever. What the file says alone; None where it does not, for then the log may rightly say it."""
    try:
        async with aiosqlite.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True) as db:
            return (await read_named(db, ("session",))).get("session")
    except sqlite3.Error:
        return None


def _prove_log(path: Path) -> bool:
    """Whether there is something in a journal's log. JournalError when the log is damaged."""
    log = log_path(path)
    try:
        content = log.read_bytes()
    except FileNotFoundError:
        return False  # it was closed well
    except OSError as error:
        raise JournalError(f"{log}: cannot be read ({error.strerror}); check the disk") from error
    if (frame := read_log(content).damaged_at) is not None:
        raise JournalError(f"{log}: is damaged (frame {frame}, and commits come after it); {rescue(path)}")
    return bool(content)
