"""A commit that is cancelled: the whole of it is on the disk or nothing is, and the next one holds its own facts and no other's."""

import asyncio
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest

from tests.journal.test_journal import DAY, facts_of, rows
from tracker.journal import Journal, QuarantineRow

BAD = QuarantineRow(0, 5, "tracker/hill/col/passage", b"\xff", "no JSON")
MANY = 5_000
"""Enough that a statement still runs in its thread when whoever waits for it is cancelled."""


class CancelledAt:
    """Awaits a coroutine, and cancels it where it waits for the `wait`-th time; `reached`: it waited as often as that."""

    def __init__(self, coroutine: Coroutine[Any, Any, object], wait: int) -> None:
        self._coroutine = coroutine
        self._wait = wait
        self.reached = False

    def __await__(self) -> Generator[Any, Any, object]:
        waits = 0
        step = self._coroutine.send
        sent: Any = None
        while True:
            try:
                future = step(sent)
            except StopIteration as done:
                return done.value
            waits += 1
            if waits == self._wait:
                self.reached = True
                future._asyncio_future_blocking = False  # as a task does when it takes what it is given to wait for
                step, sent = self._coroutine.throw, asyncio.CancelledError()
            else:
                step = self._coroutine.send
                sent = yield future


def many(tag: bytes) -> list[Any]:
    return [row._replace(key=b"%s %10d" % (tag, n)) for n, row in enumerate(rows(0, 0) * MANY)]


async def cancelled_at(journal: Journal, wait: int) -> bool:
    """Whether an append waits so often; it is cancelled there."""
    cancelled = CancelledAt(journal.append(many(b"gone"), [BAD]), wait)
    try:
        await cancelled
    except asyncio.CancelledError:
        assert cancelled.reached
    return cancelled.reached


@pytest.mark.parametrize("wait", range(1, 5))
async def test_an_append_that_is_cancelled_wherever_it_waits_is_stored_whole_or_not_at_all(tmp_path: Path, wait: int) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal, await Journal.open(tmp_path / "race.db") as dashboard:
        await journal.append(rows(0, 4))
        reached = await cancelled_at(journal, wait)
        assert reached is (wait <= 3), "it waits for two statements and the commit; a wait more would want a test of its own"
        assert await journal.append(rows(5, 9)) == 5, "what is new is counted of its own facts alone"
        stored = await facts_of(dashboard)
        gone = [row for row in stored if row.key.startswith(b"gone")]
        _, quarantined = await dashboard.counts()
        assert (len(gone), quarantined) in {(0, 0), (MANY, 1)}
        assert (len(gone), quarantined) == ((0, 0) if wait < 3 else (MANY, 1))
        assert [row.key for row in stored if row not in gone] == [row.key for row in rows(0, 9)]
        assert not journal._db.in_transaction


async def test_a_task_that_is_cancelled_twice_leaves_nothing_open_either(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        for round_no in range(20):
            writing = asyncio.create_task(journal.append(many(b"%4d" % round_no), [BAD]))
            for _ in range(1 + round_no % 5):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.sleep(0)
            writing.cancel()  # while it rolls back
            with pytest.raises(asyncio.CancelledError):
                await writing
        assert await journal.append(rows(0, 4)) == 5
        async with await Journal.open(journal.path) as dashboard:
            assert [row.key for row in await facts_of(dashboard)] == [row.key for row in rows(0, 4)]
            assert (await dashboard.counts())[1] == 0


async def test_a_journal_that_is_closed_behind_a_cancelled_append_is_sound_and_free(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    journal = await Journal.create(path, DAY.sources)
    writing = asyncio.create_task(journal.append(many(b"gone")))
    await asyncio.sleep(0)
    writing.cancel()
    await journal.close()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with await Journal.open(path, writable=True) as again:
        assert await again.append(rows(0, 4)) == 5
        assert await again.counts() == (5, 0)
