"""Reading along in a journal: a field that follows what another process writes.

The dashboard's only way to the disk, and it never writes. No Textual here.
"""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from rich.text import Text

from tracker.clock import RaceClock
from tracker.dashboard.recent import KEPT, Recent
from tracker.files.finding import FileError
from tracker.fold import Fold, whole_receipts
from tracker.journal import FactRow, Journal, JournalError, Keeping, is_being_written, keeping
from tracker.link import Link
from tracker.memory import loading
from tracker.sentences import broker_line, flood_lines, keeping_lines
from tracker.text import count


class DashboardError(Exception):
    """What keeps the dashboard from showing the race as it is, in one line: where, what, what to do."""


class Tail:
    """A journal being followed. `fold` is None until it could be opened and read; after that it only moves on."""

    live = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fold: Fold | None = None
        self.clock = RaceClock()
        self.facts = 0
        self.quarantined = 0
        self.written = False
        self.link: Link | None = None
        self.keeping = Keeping(path)
        self.recent = Recent()
        self._journal: Journal | None = None
        self._file: tuple[int, int] | None = None
        self._last_quarantined = 0
        self._whole = False

    async def read(self, said: Callable[[int], None] | None = None) -> None:
        """Fold what is new, and move the field's clock on. `said` hears how many facts that were so far. Another file under the
        same name (a race begun anew) is read from its beginning. DashboardError when it cannot be read now; the next call tries again.
        """
        try:
            await self._read(said)
        except (JournalError, FileError) as error:
            first, *others = str(error).splitlines()
            more = f" (and {len(others)} more; tracker check names them)" if others else ""
            raise DashboardError(first + more) from error
        except (OSError, ValueError) as error:
            raise DashboardError(f"{self.path}: cannot be read ({error}); it is tried again, look at the disk if this stays") from error

    async def _read(self, said: Callable[[int], None] | None) -> None:
        self.keeping = keeping(self.path)
        journal, fold = self._journal, self.fold
        if journal is None or fold is None or self._file != _identity(self.path):
            journal, fold = await self._open()
        clock = await journal.clock()
        if clock != self.clock and clock.now_ms() < fold.field.now_ms:  # the race was given another clock, and a field's never goes back
            journal, fold = await self._open()
        self.clock = clock
        self.written = is_being_written(self.path)
        self.link = await journal.link()
        with loading() if self.facts == 0 else nullcontext():
            await self._follow(journal, fold, said)

    async def _follow(self, journal: Journal, fold: Fold, said: Callable[[int], None] | None) -> None:
        """Fold what is new."""
        before = self.facts
        async for rows in whole_receipts(journal.facts(fold.last_no)):
            fold.take(rows, self.clock.now_ms())
            self.facts += len(rows)
            self.recent.facts.extend(rows)
            if said is not None:
                said(self.facts - before)
        more, last = await journal.count_quarantined(self._last_quarantined)
        if more:  # of a flood only the newest are read
            newest = await journal.quarantined(max(self._last_quarantined, last - KEPT), KEPT)
            self.recent.quarantined.extend(row for row in newest if row.no <= last)
            self.quarantined += more
            self._last_quarantined = last
        self._whole = True
        self.at_present()

    def at_present(self) -> Fold | None:
        """What is known, at this very moment, however long ago the last reading was. None while not all of it was ever read."""
        fold = self.fold if self._whole else None
        if fold is not None:
            fold.field.advance(max(self.clock.now_ms(), fold.field.now_ms))
        return fold

    @property
    def heard_ms(self) -> int | None:
        """When a device was last heard; None: never, or nothing was read yet."""
        return None if self.fold is None else self.fold.heard_ms

    @property
    def journal(self) -> Journal | None:
        """The journal that is followed; None while it cannot be."""
        return self._journal

    @property
    def doubt(self) -> str:
        """What of the journal is not in the field, in words; empty: nothing."""
        if self.fold is None or not self.fold.unreadable:
            return ""
        first = self.fold.unreadable[0]
        facts = count(len(self.fold.unreadable), "fact")
        return f"! {facts} of {self.path} cannot be read (no. {first.row.no}: {first.reason}); use the version of the tracker that wrote it"

    @property
    def troubles(self) -> frozenset[str]:
        """What is amiss in how the journal is kept, each by a word of its own."""
        upkeep, room = self.keeping.upkeep, self.keeping.room
        amiss = {"unwritten": upkeep.fault is not None, "room": room is not None and room.low, "backup": upkeep.backup_fault is not None}
        return frozenset(word for word, is_so in amiss.items() if is_so)

    @property
    def cut_off(self) -> str:
        """What keeps facts from coming in, or soon may, a line each: the disk, the backups, the broker, a flood; empty: nothing."""
        if self.fold is None:
            return ""
        zone, floods = self.fold.event.timezone, flood_lines(self.link)
        more = f" (and {len(floods) - 1} more: tracker status)" if len(floods) > 1 else ""
        lines = (*keeping_lines(self.keeping, self.clock, zone), broker_line(self.link, zone), *(f"{line}{more}" for line in floods[:1]))
        return "\n".join(f"! {line}" for line in lines if line)

    def banner(self, _: int) -> Text:
        """Nothing stands over the screens that show the race as it is now."""
        return Text()

    async def before(self, no: int, count: int) -> list[FactRow]:
        """The facts before number `no`, the last `count` of them, in order of arrival. DashboardError when they cannot be read now."""
        if self._journal is None:
            return []
        try:
            return await self._journal.facts_before(no, count)
        except JournalError as error:
            raise DashboardError(str(error)) from error

    async def close(self) -> None:
        """Let go of the file."""
        journal, self._journal = self._journal, None
        if journal is not None:
            await journal.close()

    async def _open(self) -> tuple[Journal, Fold]:
        await self.close()
        journal = await Journal.open(self.path)
        try:
            clock = await journal.clock()
            fold = Fold(journal.sources, live=not clock.simulated, now_ms=clock.now_ms())
        except BaseException:  # whatever ends this, a cancelled task too, must not leave the file open; and it is told
            await journal.close()
            raise
        self._journal, self.fold, self._file = journal, fold, _identity(self.path)
        self.facts = self.quarantined = self._last_quarantined = 0
        self.recent = Recent()
        self._whole = False
        return journal, fold


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands under the name now; None: none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
