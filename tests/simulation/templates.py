"""An empty journal of the simulated race for each tracker, made once by the real code and then copied."""

import asyncio
import atexit
import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.conftest import EVENT_TOML
from tracker.journal import Journal, Sources


@cache
def template(name: str, runners: int) -> Path:
    """The journal of a race of so many runners; each tracker has a session of its own."""
    folder = Path(mkdtemp(prefix="journals-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    roster = "bib,race,name,sex\n" + "".join(f"{n},40k,Runner {n},{'MF'[n % 2]}\n" for n in range(1, runners + 1))
    path = folder / f"{name}.db"

    async def make() -> None:
        async with await Journal.create(path, Sources("hill.toml", EVENT_TOML, "roster.csv", roster, "tracker")):
            pass

    asyncio.run(make())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE race SET value = ? WHERE name = 'session'", (name,))  # else a race would not go the same way twice
    return path
