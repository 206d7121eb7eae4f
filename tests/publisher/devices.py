"""A device with its outbox, as the tests of the publisher have it, and what of it the tracker has."""

import asyncio
from collections import Counter
from pathlib import Path

import orjson

from tests.conftest import PATIENCE_S, race_day, until
from tests.ingest.running import Running, on_disk
from tracker.journal import Journal
from tracker.publisher import Broker, Publisher

DAY = race_day(3)
AT_MS = 1_656_136_800_000


def scanner(port: int, folder: Path, device: str = "col-1", heartbeat_s: float = 0.5) -> Publisher:
    there = Broker("127.0.0.1", port)
    return Publisher(there, event="hill", station="col", device=device, folder=folder, heartbeat_s=heartbeat_s)


def read(publisher: Publisher, count: int, first: int = 1) -> list[str]:
    return [publisher.passage(str(bib), AT_MS + bib) for bib in range(first, first + count)]


async def acknowledged(publisher: Publisher) -> None:
    """Wait until the tracker has everything. `settled` is seconds later: a device first hears if a second tracker lacks something."""
    await until(lambda: publisher.owed == 0, "everything is acknowledged")


async def settled(publisher: Publisher) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await publisher.settled()
    assert publisher.owed == 0


async def ids(ingest: Running) -> Counter[str]:
    """How many facts of each id are on the disk, heartbeats aside."""
    async with await Journal.open(ingest.journal) as journal:
        return Counter(orjson.loads(payload)["id"] for topic, payload in await on_disk(journal) if not topic.endswith("/heartbeat"))
