"""A network that is cut, silent or slow, between the devices and the broker and between the broker and the tracker: nothing is lost.

Every part comes back by itself, a silent connection within its keep-alive (shorter here, or the tests would take minutes).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import PATIENCE_S, Mosquitto, race_day, until
from tests.ingest.cable import Cable
from tracker.clock import RaceClock
from tracker.fold import Fold
from tracker.ingest import Ingest
from tracker.journal import Journal
from tracker.mqtt import sender, session
from tracker.mqtt.address import Broker
from tracker.mqtt.session import BrokerSession
from tracker.publisher import Publisher

DAY = race_day(3)
AT_MS = 1_656_136_800_000
KEEPALIVE_S = 2
PATIENTLY_S = 3 * PATIENCE_S


class Line(NamedTuple):
    """A device, the cable from it to the broker, the cable from there to the tracker, the tracker's way in, and its journal."""

    device: Publisher
    near: Cable
    far: Cable
    inlet: BrokerSession
    journal: Journal

    async def arrives(self, count: int) -> None:
        """Wait until so many facts are in the journal, and the device knows it."""

        async def all_there() -> bool:
            rows = [row async for some in self.journal.facts() for row in some]
            return sum(row.topic.endswith("/passage") for row in rows) == count and self.device.owed == 0

        await until(all_there, f"{count} facts have arrived ({self.device.link}; {self.inlet.link})", PATIENTLY_S)

    def read(self, count: int) -> None:
        """The device reads runners."""
        for _ in range(count):
            self.device.passage("1", AT_MS)


@pytest.fixture(autouse=True)
def short_keepalive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_KEEPALIVE_S", KEEPALIVE_S)
    monkeypatch.setattr(sender, "_KEEPALIVE_S", KEEPALIVE_S)


@asynccontextmanager
async def line(folder: Path, mosquitto: Mosquitto) -> AsyncIterator[Line]:
    stop = asyncio.Event()
    async with (
        await Journal.create(folder / "race.db", DAY.sources) as journal,
        Cable(mosquitto.port) as near,
        Cable(mosquitto.port) as far,
    ):
        broker = Broker("127.0.0.1", near.port)
        device = Publisher(broker, event="hill", station="col", device="col-1", folder=folder, heartbeat_s=1.0)
        inlet = BrokerSession(Broker("127.0.0.1", far.port), root="tracker", event="hill", identifier="tracker-hill")
        async with inlet:
            ingest = asyncio.create_task(Ingest(inlet, journal, Fold(DAY.sources), RaceClock(), "a").run(stop))
            await until(lambda: inlet.link.startswith("connected to"), "the tracker is connected")
            async with device:
                yield Line(device, near, far, inlet, journal)
            stop.set()
            await ingest


@pytest.mark.parametrize("which", ["near", "far"])
async def test_a_connection_that_falls_silent_is_given_up_and_made_anew(tmp_path: Path, mosquitto: Mosquitto, which: str) -> None:
    async with line(tmp_path, mosquitto) as one:
        one.read(20)
        await one.arrives(20)
        cable = one.near if which == "near" else one.far
        cable.silence()
        one.read(20)
        silent = one.device if which == "near" else one.inlet
        await until(lambda: silent.link.startswith("no connection to"), f"the silence is noticed ({silent.link})", PATIENTLY_S)
        assert one.device.owed == 20
        cable.mend()
        one.read(20)
        await one.arrives(60)


async def test_a_network_that_is_cut_again_and_again_loses_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with line(tmp_path, mosquitto) as one:
        for turn in range(6):
            one.read(50)
            cable = (one.near, one.far)[turn % 2]
            cable.cut()
            await asyncio.sleep(0.2)
            one.read(50)
            cable.mend()
        await one.arrives(600)


async def test_a_slow_network_is_no_reason_to_begin_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with line(tmp_path, mosquitto) as one:
        one.near.slow(0.1)
        one.far.slow(0.1)
        one.read(500)
        await one.arrives(500)
        assert one.inlet.connections == 1


async def test_a_backlog_that_takes_longer_than_any_answer_does_not_break_the_connection(
    tmp_path: Path, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with line(tmp_path, mosquitto) as one:
        one.far.cut()
        await until(lambda: one.inlet.link.startswith("no connection to"), "the tracker is cut off")
        one.read(1_500)
        await until(lambda: "which took 1,500 messages" in one.device.link, "the broker has them all, twice", PATIENTLY_S)
        one.far.mend()
        one.far.slow(0.2)  # what waits comes in many seconds, and what the tracker asks for is answered behind it
        await one.arrives(1_500)
        assert one.inlet.connections == 2
