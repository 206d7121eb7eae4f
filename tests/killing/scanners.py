"""A process that hosts some scanners, each a `Publisher` with its outbox: it reads runners at a steady pace, until it is killed or ended.

`python -m tests.killing.scanners PORT FOLDER STATION RATE RUNNERS OWED DEVICE…`. What it has said is written down in `FOLDER/said`
only when `passages` has returned, and what it takes for acknowledged in `FOLDER/acknowledged`, a line each, so that a kill leaves both as
they are. A device of which OWED facts are not acknowledged waits with its next read: what is measured is what arrives.
SIGUSR1: read no more, and say when all is acknowledged. SIGTERM: leave at once.
"""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from tests.conftest import GUN_MS, MINUTE_MS, STATIONS
from tracker.publisher import Broker, Publisher
from tracker.wire import Acknowledged

HEARTBEAT_S = 15.0
EVENT = "hill"
SETTLED = "everything is acknowledged"


class Written:
    """A file to which whole lines are added, each in one write: a killed process leaves no half of one."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def line(self, words: str) -> None:
        """Add a line."""
        os.write(self._file, f"{words}\n".encode())


class Scanner:
    """A device, and where its next runners are. What it counts as acknowledged is written down."""

    def __init__(self, publisher: Publisher, station: str, runners: int, folder: Path) -> None:
        self.publisher = publisher
        self._start_ms = GUN_MS + STATIONS.index(station) * 90 * MINUTE_MS
        self._runners = runners
        self._said, self._acknowledged = Written(folder / "said"), Written(folder / "acknowledged")
        self._take = publisher._take
        publisher._take = self._hear  # type: ignore[method-assign]

    def read_some(self, count: int) -> None:
        """So many runners come by at once."""
        first = self.publisher._outbox.last
        bibs = [number * 7 % self._runners + 1 for number in range(first, first + count)]
        reads = [(str(bib), self._start_ms + bib * 6_000 + first % 1_000) for bib in bibs]
        said = self.publisher.passages(reads, source="chip")
        self._said.line("\n".join(said))

    def _hear(self, ack: Acknowledged, *, live: bool) -> None:
        before = set(self.publisher._sender)
        self._take(ack, live=live)
        if done := before.difference(self.publisher._sender):
            self._acknowledged.line("\n".join(f"{self.publisher.device} {seq}" for seq in done))


async def read_on(scanners: list[Scanner], per_s: float, owed_max: int, end: asyncio.Event) -> None:
    """Read runners, from one to seventeen at once, as over a mat: `per_s` of them a second, or as many as the disk takes."""
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    turn = 0
    while not end.is_set():
        count = turn * 5 % 17 + 1
        scanner = scanners[turn % len(scanners)]
        turn += 1
        if scanner.publisher.owed < owed_max:
            scanner.read_some(count)
        due_s = max(due_s + count / per_s, loop.time() - 0.5)  # what half a second could not be read is never read
        await asyncio.sleep(max(0.0, due_s - loop.time()))


async def main(port: str, folder: str, station: str, per_s: str, runners: str, owed_max: str, *devices: str) -> None:
    """Host the devices."""
    loop = asyncio.get_running_loop()
    enough, leave = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, enough.set)
    loop.add_signal_handler(signal.SIGTERM, leave.set)
    where = Path(folder)
    async with AsyncExitStack() as stack:
        scanners = []
        for device in devices:
            broker = Broker("127.0.0.1", int(port))
            publisher = Publisher(broker, event=EVENT, station=station, device=device, folder=where, heartbeat_s=HEARTBEAT_S)
            scanners.append(Scanner(publisher, station, int(runners), where))
            await stack.enter_async_context(publisher)
        reading = asyncio.create_task(read_on(scanners, float(per_s), int(owed_max), enough))
        leaving = asyncio.create_task(leave.wait())
        await asyncio.wait((reading, leaving), return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
            for scanner in scanners:
                await scanner.publisher.settled()
            print(SETTLED, flush=True)
            await leaving  # as a device that is left on: a second tracker may lack something yet
        reading.cancel()
        leaving.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
