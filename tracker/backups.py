"""Copies of the journal every few minutes, while the ingest runs: the last few are kept, and a copy that fails is said and tried again.

Each copy is made in a thread of its own; the ingest waits for none.
"""

import asyncio
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from tracker.journal import Journal, JournalError, back_up

log = logging.getLogger(__name__)

KEPT = 12
_RETRY_S = 30.0


class Backups:
    """The copies of one journal in a folder, numbered: `race-3f9a12bc4d5e-00017-20220625T033000Z.db`.

    The journal's session stands in the name, so that another race's copies in the folder are never touched.
    """

    def __init__(self, journal: Journal, session: str, folder: Path, every_s: float) -> None:
        self._journal = journal
        self._folder = folder
        self._every_s = every_s
        self._stem = f"{journal.path.stem}-{session}"
        self._stopped = Event()

    async def run(self) -> None:
        """Make one now, and then again and again, until cancelled."""
        try:
            while True:
                made = await self._make()
                await asyncio.sleep(self._every_s if made else min(self._every_s, _RETRY_S))
        finally:
            self._stopped.set()

    async def _make(self) -> bool:
        try:
            made = await asyncio.to_thread(self._copy)
        except (JournalError, OSError) as error:
            why = str(error) if isinstance(error, JournalError) else f"{self._folder}: {error.strerror}"
            log.error("no backup: %s", why)  # noqa: TRY400  the sentence says it
            self._journal.set_backup(why)
            return False
        log.info("backup: %s", made)
        self._journal.set_backup(None)
        return True

    def _copy(self) -> Path:
        there = self._there()
        number = 1 + max(there, default=0)
        path = self._folder / f"{self._stem}-{number:05}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
        for draft in self._folder.glob(f".{self._stem}-*.db.draft*"):
            draft.unlink(missing_ok=True)  # of a tracker that was killed meanwhile
        back_up(self._journal.path, path, self._stopped.is_set)
        for old in sorted(there)[: max(0, len(there) + 1 - KEPT)]:
            there[old].unlink(missing_ok=True)
        return path

    def _there(self) -> dict[int, Path]:
        """The copies of this journal, by their numbers."""
        name = re.compile(rf"{re.escape(self._stem)}-(\d{{5,}})-\d{{8}}T\d{{6}}Z\.db")
        return {int(found[1]): path for path in self._folder.iterdir() if (found := name.fullmatch(path.name))}
