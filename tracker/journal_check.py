"""Whether a journal's file is whole, page by page: SQLite's own check, which reads all of it and writes nothing."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tracker.journal import JournalError


async def damage(path: Path) -> str | None:
    """What SQLite finds wrong with the file, in its words; None: nothing. Others may read and write it meanwhile.

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
