"""Reading along in a journal: a field that follows what another process writes.

The dashboard's only way to the disk, and it never writes. No Textual here.
"""

import gc
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tracker.clock import RaceClock
from tracker.files.finding import FileError
from tracker.fold import Fold
from tracker.journal import Journal, JournalError

CANNOT_READ = (JournalError, FileError, sqlite3.Error, OSError, ValueError)
"""What reading a journal may raise: all of it is shown and tried again. The journal does not put its read errors in words itself."""


class Tail:
    """A journal being followed. `fold` is None until it could be opened and read; after that it only moves on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fold: Fold | None = None
        self.clock = RaceClock()
        self.facts = 0
        self.quarantined = 0
        self.heard_ms: int | None = None
        self._journal: Journal | None = None
        self._file: tuple[int, int] | None = None
        self._last_quarantined = 0

    async def read(self, said: Callable[[int], None] | None = None) -> None:
        """Fold what is new, and move the field's clock on. `said` hears how many facts there are so far. Raises one of `CANNOT_READ`.

        Another file under the same name (a race begun anew) is opened and read from its beginning.
        """
        if self._journal is None or self._file != _identity(self.path):
            await self._open()
        journal, fold = self._journal, self.fold
        assert journal is not None and fold is not None  # _open gives both, or raises
        fresh = self.facts == 0
        self.clock = await journal.clock()
        async for rows in journal.facts(fold.last_no):
            fold.take(rows)
            self.facts += len(rows)
            self.heard_ms = rows[-1].received_ms
            if said is not None:
                said(self.facts)
        for row in await journal.quarantined(self._last_quarantined):
            self._last_quarantined = row.no
            self.quarantined += 1
        fold.field.advance(max(self.clock.now_ms(), fold.field.now_ms))
        if fresh and self.facts:
            gc.collect()
            gc.freeze()  # what was just loaded stays: scanning it again and again costs tens of milliseconds each time

    async def close(self) -> None:
        """Let go of the file."""
        journal, self._journal = self._journal, None
        if journal is not None:
            await journal.close()

    async def _open(self) -> None:
        await self.close()
        journal = await Journal.open(self.path)
        try:
            fold = Fold(journal.sources)
        except BaseException:
            await journal.close()
            raise
        self._journal, self.fold, self._file = journal, fold, _identity(self.path)
        self.facts = self.quarantined = self._last_quarantined = 0
        self.heard_ms = None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands under the name now; None: none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
