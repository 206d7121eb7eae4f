"""The race as it was at a moment of the past: a journal folded up to there, and moved back and on. It only reads.

As it was known then (the facts received by the moment); or, where all was put into the journal at once, as with a recording, as it
happened, by what is known now. No Textual here.
"""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

from rich.text import Text

from tracker.clock import RaceClock
from tracker.core.field import Field
from tracker.dashboard.recent import KEPT, Recent
from tracker.dashboard.replay_lines import banner
from tracker.dashboard.tail import DashboardError, Tail
from tracker.files.times import HOUR_MS, MINUTE_MS
from tracker.fold import Fold, whole_receipts
from tracker.journal import FactRow, Journal, JournalError

STEP_MS = 10 * MINUTE_MS
LEAP_MS = HOUR_MS
_AT_ONCE = 10
"""A journal whose facts came in less than this part of the time in which they happened was not there when they did."""
_OVER_MS = 6 * HOUR_MS
"""When nothing has come for so long, nothing more is to be seen of the race by its clock alone."""
_NEWEST = 1 << 62


class Replay:
    """What a tail follows, at a moment: `moment_ms` is asked for (`aim`), `shown_ms` is what `fold` shows (`go`).

    Until the first `go` is done `shown_ms` is None, and `fold` the tail's own. `trouble` says why it could not go; empty: nothing.
    """

    live = False
    link = None
    troubles: frozenset[str] = frozenset()
    """How the way in is now is no part of what was."""

    def __init__(self, tail: Tail, fold: Fold, session: str, received: tuple[int, int]) -> None:
        self.path: Path = tail.path
        self.fold = fold
        self.facts, self.quarantined, self.recent = tail.facts, tail.quarantined, tail.recent
        self.shown_ms: int | None = None
        self.trouble = ""
        self._tail = tail
        self._session = session
        self._received = received
        self._own: Fold | None = None
        self._read = 0
        self._stopped = False
        happened = happenings(fold.field)
        self.as_known = happened is None or (received[1] - received[0]) * _AT_ONCE >= happened[1] - happened[0]
        self._first_ms = received[0] if self.as_known or happened is None else happened[0]
        self.moment_ms = self._end_ms

    @classmethod
    async def begin(cls, tail: Tail) -> "Replay | None":
        """A replay that stands at the end of what a tail has read; None while that is nothing. DashboardError when it cannot be read."""
        if tail.fold is None:
            return None
        try:
            async with await Journal.open(tail.path) as journal:
                session, received = await journal.session(), await journal.received_span()
        except JournalError as error:
            raise DashboardError(str(error)) from error
        return None if received is None else cls(tail, tail.fold, session, received)

    @property
    def clock(self) -> RaceClock:
        """The clock that the race runs on."""
        return self._tail.clock

    @property
    def heard_ms(self) -> int | None:
        """When a device was last heard by the moment; None: never."""
        return self.fold.heard_ms

    @property
    def written(self) -> bool:
        """Whether the journal is being written, behind what is shown."""
        return self._tail.written

    def aim(self, step_ms: int) -> bool:
        """Ask for a step back (below 0) or on, to a full step of the clock; False: that would be now, where there is nothing to replay."""
        size_ms, at_ms, self.trouble = abs(step_ms), self.moment_ms, ""
        if step_ms < 0:
            first_ms = self._first_ms // STEP_MS * STEP_MS
            self.moment_ms = min(at_ms, max((at_ms - 1) // size_ms * size_ms, first_ms))
            return True
        on_ms = (at_ms // size_ms + 1) * size_ms
        if on_ms >= self._end_ms:
            return False
        self.moment_ms = on_ms
        return True

    @property
    def arrived(self) -> bool:
        """Whether what is shown is what was asked for."""
        return self.shown_ms == self.moment_ms

    async def go(self) -> None:
        """Show the moment that was asked for: on by what came in between, back by all of it anew. DashboardError when it cannot be read."""
        to_ms, self.trouble, self._read = self.moment_ms, "", 0
        fold, self._own = self._own, None  # what is interrupted on its way is no place to go on from
        try:
            if fold is None or self.shown_ms is None or to_ms < self.shown_ms or self._has_grown(fold):
                fold, seen = await self._aside(to_ms)
            else:
                seen = await self._on(fold, self.shown_ms, to_ms)
        except JournalError as error:
            raise DashboardError(str(error)) from error
        self._own = self.fold = fold
        self.shown_ms = to_ms
        self.facts, (self.quarantined, self.recent) = fold.counted, seen

    async def before(self, no: int, count: int) -> list[FactRow]:
        """As of a tail; only what was known by the moment. What happened is not in the journal's order, so that there it is none."""
        if not self.as_known or self.shown_ms is None:
            return []
        try:
            async with await Journal.open(self.path) as journal:
                return await journal.facts_before(no, count, self.shown_ms)
        except JournalError as error:
            raise DashboardError(str(error)) from error

    def banner(self, width: int) -> Text:
        """What stands over every screen, in so many cells."""
        total, zone = self._tail.facts, self.fold.event.timezone
        return banner(self.moment_ms, self.shown_ms, zone, self._read, total, self.trouble, width, as_known=self.as_known)

    @property
    def _end_ms(self) -> int:
        """The present, or, when nothing has come for long, the end of what came; the tail follows it meanwhile."""
        fold = self._tail.fold or self.fold
        happened = happenings(fold.field)
        came = self._tail.recent.facts
        end_ms = happened[1] if happened is not None and not self.as_known else max(self._received[1], came[-1].received_ms if came else 0)
        now_ms = fold.field.now_ms
        return now_ms if end_ms < now_ms <= end_ms + _OVER_MS else end_ms

    def _has_grown(self, fold: Fold) -> bool:
        """Whether more was put into a recording meanwhile, some of which may have happened by a moment that was shown."""
        tailed = self._tail.fold
        return not self.as_known and tailed is not None and tailed.last_no > fold.last_no

    async def _aside(self, to_ms: int) -> "tuple[Fold, _Seen]":
        """All of it anew, in a thread: judging a whole field at once takes too long for the screens to wait. No other has seen the fold."""
        self._stopped = False
        try:
            return await asyncio.to_thread(lambda: asyncio.run(self._back(to_ms)))
        finally:
            self._stopped = True  # a thread cannot be cancelled: it ends by itself with its next rows

    async def _back(self, to_ms: int) -> "tuple[Fold, _Seen]":
        until_ms, known_ms = (None, to_ms) if self.as_known else (to_ms, None)
        async with await self._open() as journal:
            fold = Fold(journal.sources, until_ms, live=not self.clock.simulated, now_ms=to_ms)
            await fold.catch_up(journal, known_ms, self._count)
            fold.field.advance(max(to_ms, fold.field.now_ms))
            fold.field.refresh()
            return fold, await self._look(journal, fold, to_ms)

    async def _on(self, fold: Fold, from_ms: int, to_ms: int) -> "_Seen":
        async with await self._open() as journal:
            if not self.as_known:
                fold.go_on(to_ms)
            else:
                async with aclosing(journal.facts(0, to_ms, from_ms)) as batches:
                    async for rows in whole_receipts(batches):
                        fold.take(rows, to_ms)
                        self._read += len(rows)
            fold.field.advance(max(to_ms, fold.field.now_ms))
            return await self._look(journal, fold, to_ms)

    async def _look(self, journal: Journal, fold: Fold, to_ms: int) -> "_Seen":
        """The messages of the log."""
        known_ms = to_ms if self.as_known else None
        quarantined, _ = await journal.count_quarantined(until_received_ms=known_ms)
        rejected = await journal.quarantined(0, KEPT, known_ms, newest=True)
        if self.as_known:
            rows = await journal.facts_before(_NEWEST, KEPT, to_ms)
        else:
            rows = await journal.facts_of([fact.key for fact in fold.newest(KEPT)])
        return _Seen(quarantined, Recent(rows, rejected))

    async def _open(self) -> Journal:
        journal = await Journal.open(self.path)
        if await journal.session() == self._session:
            return journal
        await journal.close()
        raise JournalError(f"{self.path}: another race has begun there; Esc shows it")

    def _count(self, facts: int) -> None:
        if self._stopped:
            raise _StoppedError
        self._read += facts


class _Seen(NamedTuple):
    """How much is in quarantine by a moment, and the newest messages by then."""

    quarantined: int
    recent: Recent


class _StoppedError(Exception):
    """Nobody waits for the fold any more."""


def happenings(field: Field) -> tuple[int, int] | None:
    """From the first gun of those races in which anybody was read until the last arrival; None while nobody was."""
    field.refresh()
    seen = [runner for runner in field.runners.values() if runner.verdict.started]
    if not seen:
        return None
    begun = {runner.race.race.id for runner in seen}
    return min(field.starts(race).race_ms for race in begun), max(runner.verdict.reached_ms for runner in seen)
