"""The ingest as the program runs it, started on a way in and a new journal, and watched until so many facts are in the field."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.measuring import quiet
from benchmarks.synthetic import RACE, SyntheticRace
from tracker.fold import Fold
from tracker.ingest import Ingest
from tracker.journal import Journal
from tracker.mqtt.inlet import Delivery, Inlet

_LONGEST_S = 120


class WatchedIngest(Ingest):
    """An ingest that says when `expected` facts are on the disk, acknowledged and folded. `began_s`: before its way in was opened."""

    expected = 0
    began_s = 0.0
    done: asyncio.Event

    async def take(self, batch: list[Delivery]) -> None:
        await super().take(batch)
        if self.intake.counts.facts >= self.expected:
            self.done.set()

    async def standings_s(self) -> float:
        """Wait for the facts, compute the standings, and return the moment by the monotonic clock."""
        async with asyncio.timeout(_LONGEST_S):
            await self.done.wait()
        self.fold.field.standings(RACE)
        return monotonic()


@asynccontextmanager
async def ingesting(inlet: Inlet, race: SyntheticRace, expected: int) -> AsyncIterator[WatchedIngest]:
    """An ingest that runs, with its live topics and all, and is stopped in the end."""
    with TemporaryDirectory() as folder:
        async with await Journal.create(Path(folder) / "journal.db", race.sources) as journal:
            ingest = WatchedIngest(inlet, journal, Fold(race.sources), race.clock)
            ingest.expected, ingest.done = expected, asyncio.Event()
            stop = asyncio.Event()
            with quiet():
                ingest.began_s = monotonic()
                async with inlet, asyncio.TaskGroup() as tasks:
                    tasks.create_task(ingest.run(stop))
                    yield ingest
                    stop.set()
