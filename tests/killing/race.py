"""One race of the kill rounds: all parts start, something is killed again and again under load, all settle, and the account is closed."""

import asyncio
import random
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.conftest import STATIONS, Mosquitto, free_port, needs, race_day
from tests.killing.account import Account, AccountError, Known, Totals
from tests.killing.parts import Dashboard, Ingest, PartError, Scanners, peak_bytes, until

RUNNERS = 2_000
PROCESSES = 4
OWED_MAX = 100_000
MEMORY_MAX_BYTES = 700 << 20
"""Far above what a tracker of such a race has: a queue without a bound would pass it."""
_NOT_AWAITED = 0.4


class Result(NamedTuple):
    """How a race went: its account, facts a second while it was under load, and the most memory of a tracker and of a scanner process."""

    totals: Totals
    per_s: float
    tracker_peak_bytes: int
    scanner_peak_bytes: int


class Race:
    """A race in a folder. `way`: "broker", "standby" (the broker, and two trackers), "listen" (the tracker itself)."""

    def __init__(self, folder: Path, way: str, per_s: float, chance: random.Random, owed_max: int = OWED_MAX) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder, self._chance = folder, chance
        self.day = race_day(RUNNERS)
        self._broker: Mosquitto | None = None
        port = free_port()
        words = ["--listen", f"127.0.0.1:{port}"]
        if way != "listen":
            (folder / "mosquitto").mkdir()
            self._broker = Mosquitto(needs("mosquitto"), folder / "mosquitto")
            port, words = self._broker.port, ["--broker", self._broker.url]
        self._ingest = Ingest(self.day, folder, *words)
        self._standby: Ingest | None = None
        if way == "standby":
            (folder / "standby").mkdir()
            self._standby = Ingest(self.day, folder / "standby", *words)
            self._standby.name = "the standby"
        self._trackers = [one for one in (self._ingest, self._standby) if one is not None]
        self._scanners = [Scanners(folder, n, STATIONS[n % 4], port, per_s / PROCESSES, RUNNERS, owed_max) for n in range(PROCESSES)]
        self._dashboard = Dashboard(self._ingest.journal)
        self._account = Account(folder, [one.journal for one in self._trackers], [one.folder for one in self._scanners])
        self._peaks = {"tracker": 0, "scanner": 0}
        self.kinds = self._kinds()
        """What can be killed, by its words."""
        self.stops: dict[str, Callable[[], Awaitable[None]]] = {
            "the ingest, told to stop": self._stop_ingest,
            "a scanner process, told to leave": self._stop_scanners,
        }
        """What can be told to stop, and started again, by its words."""
        if self._broker is not None:
            self.stops["the broker, told to stop"] = self._stop_broker

    def _kinds(self) -> dict[str, Callable[[], Awaitable[None]]]:
        kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "the ingest": lambda: self._kill(tracker=self._ingest),
            "a scanner process": lambda: self._kill(scanners=self._any_scanners()),
            "the dashboard": lambda: self._kill(dashboard=True),
            "the ingest and a scanner process": lambda: self._kill(tracker=self._ingest, scanners=self._any_scanners()),
            "the ingest and the dashboard": lambda: self._kill(tracker=self._ingest, dashboard=True),
        }
        if self._broker is not None:
            kinds |= {
                "the broker": lambda: self._kill(broker="kill"),
                "the broker, and an empty one in its place": lambda: self._kill(broker="forget"),
                "the broker, which is down for a while": lambda: self._kill(broker="kill", down_s=self._chance.uniform(1, 4)),
                "the broker and the ingest": lambda: self._kill(broker="kill", tracker=self._ingest),
                "the broker for an empty one, and the ingest": lambda: self._kill(broker="forget", tracker=self._ingest),
                "the broker and a scanner process": lambda: self._kill(broker="kill", scanners=self._any_scanners()),
            }
        if self._standby is not None:
            standby = self._standby
            kinds |= {
                "the standby": lambda: self._kill(tracker=standby),
                "the standby and the broker": lambda: self._kill(tracker=standby, broker="kill"),
            }
        return kinds

    async def run(self, kinds: list[str], said: Callable[[str], None]) -> Result:
        """All rounds. `said` hears what each one killed. PartError, AccountError: something is not as it must be."""
        try:
            await self._start()
            began_s, before = monotonic(), self._said_count()
            for kind in kinds:
                await asyncio.sleep(self._chance.uniform(0.1, 0.8))
                await (self.kinds | self.stops)[kind]()
                await asyncio.to_thread(self._account.look)
                self._look_at_memory()
                said(kind)
            per_s = (self._said_count() - before) / (monotonic() - began_s)
            await self._settle()
            totals = await asyncio.to_thread(self._account.close, self.day)
            return Result(totals, per_s, self._peaks["tracker"], self._peaks["scanner"])
        finally:
            await self._end()

    async def _start(self) -> None:
        if self._broker is not None:
            await asyncio.to_thread(self._broker.start)
        for tracker in self._trackers:
            tracker.start()
        for tracker in self._trackers:
            await tracker.takes(0)
        for scanners in self._scanners:
            scanners.start()
        await self._dashboard.start()
        for scanners in self._scanners:
            await scanners.reads()
        await self._dashboard.shows()

    async def _kill(
        self,
        *,
        tracker: Ingest | None = None,
        scanners: Scanners | None = None,
        broker: str = "",
        down_s: float = 0.0,
        dashboard: bool = False,
    ) -> None:
        """Kill -9 these at one moment, start them again, and (mostly) wait until everybody is back at work."""
        marks = [(one, one.mark()) for one in self._trackers if one is tracker or broker]
        parts = [part for part in (tracker, scanners) if part is not None]
        if broker and self._broker is not None:
            await asyncio.to_thread(self._broker.forget if broker == "forget" else self._broker.kill)
        for part in parts:
            part.kill()
        if dashboard:
            await self._dashboard.end(signal.SIGKILL)
        await asyncio.sleep(down_s)
        if broker and self._broker is not None:
            await asyncio.to_thread(self._broker.start)
        for part in parts:
            part.start()
        if dashboard:
            await self._dashboard.start()
        if self._chance.random() < _NOT_AWAITED:
            return  # the next is killed while these still begin
        for one, mark in marks:
            await one.takes(mark)
        if scanners is not None:
            await scanners.reads()
        if dashboard:
            await self._dashboard.shows()

    async def _stop_ingest(self) -> None:
        mark = self._ingest.mark()
        await self._ingest.ended()
        self._ingest.start()
        await self._ingest.takes(mark)

    async def _stop_scanners(self) -> None:
        scanners = self._any_scanners()
        await scanners.reads()  # until then the signal would kill it
        await scanners.ended()
        scanners.start()
        await scanners.reads()

    async def _stop_broker(self) -> None:
        assert self._broker is not None  # or it is not among the kinds
        marks = [(tracker, tracker.mark()) for tracker in self._trackers]
        await asyncio.to_thread(self._broker.stop)
        await asyncio.to_thread(self._broker.start)
        for tracker, mark in marks:
            await tracker.takes(mark)

    async def _settle(self) -> None:
        """Nobody reads any more; everybody sends what he has, both trackers get it, and all leave well."""
        await asyncio.gather(*(scanners.settles() for scanners in self._scanners))
        await asyncio.to_thread(self._account.look)
        for known in self._account.known:
            await self._until_whole(known)
        for scanners in self._scanners:
            await scanners.ended()
        if code := await self._dashboard.end(signal.SIGTERM):
            raise PartError(f"the dashboard, told to stop, ended with {code}")
        for tracker in self._trackers:
            await tracker.ended()
            if "Traceback" in tracker.said:
                raise PartError(f"{tracker.name} failed: {tracker.log}")

    async def _until_whole(self, known: Known) -> None:
        """Wait until a journal has all that was said: of two trackers only one may have it when a device settles."""

        def whole() -> bool:
            known.look()
            return len(known.ids) >= len(self._account.said) and self._account.said <= known.ids.keys()

        await until(whole, f"{known.journal} has every fact")

    def _any_scanners(self) -> Scanners:
        return self._chance.choice(self._scanners)

    def _said_count(self) -> int:
        return sum(one.said_bytes for one in self._scanners) // 33

    def _look_at_memory(self) -> None:
        peaks = {
            "tracker": max(peak_bytes(one.pid) for one in self._trackers),
            "scanner": max(peak_bytes(one.pid) for one in self._scanners),
        }
        self._peaks = {name: max(peak, self._peaks[name]) for name, peak in peaks.items()}
        if max(self._peaks.values()) > MEMORY_MAX_BYTES:
            raise AccountError(f"a process had {max(self._peaks.values()) >> 20} MiB, more than {MEMORY_MAX_BYTES >> 20} MiB")

    async def _end(self) -> None:
        """Leave nothing running, whatever happened."""
        await self._dashboard.end(signal.SIGKILL)
        for scanners in self._scanners:
            scanners.kill()
        for tracker in self._trackers:
            tracker.kill()
        if self._broker is not None:
            await asyncio.to_thread(self._broker.kill)
