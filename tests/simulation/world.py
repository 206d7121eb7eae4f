"""The trackers, the devices and the broker of one simulated race as processes that are started, killed and started again.

Everything that runs in a process is the real thing: `Journal`, `Fold`, `Ingest`, `BrokerSession`, `Publisher`, `Sender`, aiomqtt.
"""

import asyncio
import os
from collections.abc import Coroutine
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import orjson

from tests.conftest import GUN_MS, MINUTE_MS
from tests.simulation.broker import Message, SimBroker
from tests.simulation.files import DeviceDisk, SimOs
from tests.simulation.loop import Process, SimLoop
from tests.simulation.network import Host, Network
from tests.simulation.paho import SimPaho, Site
from tests.simulation.script import Read, Script
from tests.simulation.sqlite import JournalDisk, SimConnection
from tests.simulation.trace import Trace
from tracker.clock import RaceClock
from tracker.fold import Fold
from tracker.ingest import Ingest
from tracker.journal import Journal, JournalError
from tracker.mqtt.address import Broker
from tracker.mqtt.session import BrokerSession
from tracker.publisher import OutboxError, Publisher
from tracker.wire import number_of, read_ack

ROOT, EVENT = "tracker", "hill"
BEGIN_MS = GUN_MS - 10 * MINUTE_MS
_PLACE = Broker("broker", 1883)
_AGAIN_S = 3.0
_LIVE = f"{ROOT}/{EVENT}/live/"
_ACK = f"{_LIVE}ack/"


class World:
    """All of a race. `now_ms` of a process: the simulated time, by that process's own clock."""

    def __init__(self, script: Script, loop: SimLoop, trace: Trace, folder: Path, templates: dict[str, Path]) -> None:
        self.script, self.loop, self.trace, self.folder = script, loop, trace, folder
        self.chance: Random = script.chance
        self.net = Network(loop, self.chance, script.slow_s)
        self.broker = SimBroker(trace, self.chance, script.window)
        self.calm = False
        """The faults are over: whoever is down comes back soon."""
        self.trackers = [Tracker(self, name, templates[name]) for name in script.trackers]
        self.devices = [Device(self, name, station) for name, station in script.devices.items()]
        self.machines: dict[str, Machine] = {machine.name: machine for machine in (*self.trackers, *self.devices)}

    def said(self) -> set[str]:
        """The ids of all facts that a publisher took."""
        return {identity for device in self.devices for identity in device.said}

    def kept(self) -> set[str | None]:
        """The ids of all that is in the outboxes: of what was being said when a device died, some was kept."""
        outboxes = [device.publisher._outbox for device in self.devices if device.publisher is not None]
        return {identity_of(payload) for outbox in outboxes for _, payload in outbox.messages.values()}

    def look(self) -> None:
        """What must hold at any moment of those who owe."""
        ever = set().union(*(tracker.ever_told for tracker in self.trackers))
        for device in self.devices:
            for identity in device.forgotten():
                if identity not in ever:
                    self.trace.violated(f"{device.name}: owes fact {identity} no more, and it is on no tracker's disk")

    def settled(self) -> bool:
        """Whether everybody has said everything, and everything is everywhere."""
        said = self.said()
        return all(not device.reads and device.publisher is not None and not device.publisher.owed for device in self.devices) and all(
            tracker.ingest is not None and said <= tracker.ids() and self.heard_last(tracker) for tracker in self.trackers
        )

    def heard_last(self, tracker: "Tracker") -> bool:
        """Of two trackers both must have heard how each device stands, to be of one mind."""
        return len(self.trackers) == 1 or all(not device.last_beats.isdisjoint(tracker.disk.told) for device in self.devices)

    def close(self) -> None:
        """Give back what the processes still have open."""
        for machine in self.machines.values():
            machine.end()
        for tracker in self.trackers:
            tracker.disk.let_go()


class Machine:
    """A host with one process on it, which is started again when it is no more."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.host = Host(name)
        self.clock_off_ms = 0
        self.dies_by_power = False
        """Whether a death between two steps is a power cut."""
        self.process: Process | None = None
        self.lives = 0

    def now_ms(self) -> int:
        """By this machine's clock."""
        return BEGIN_MS + round(self.world.loop.time() * 1000) + self.clock_off_ms

    def start(self) -> None:
        """A new life."""
        world = self.world
        process = self.process = Process(self.name)
        process.kill = lambda: self.kill(power=self.dies_by_power)
        self.lives += 1
        world.trace(self.name, f"starts, life {self.lives}")
        SimPaho.sites[process] = Site(world.loop, world.net, world.broker, self.host, self.acknowledges, self.publishes, self.now_ms)
        self.prepare(process)
        world.loop.call_soon(lambda: world.loop.create_task(self._live(process), context=process.context), context=process.context)

    def start_later(self) -> None:
        """It is started again after a while, by whoever looks after it."""
        after_s = self.world.chance.uniform(0.1, 1.0 if self.world.calm else 20.0)
        self.world.loop.call_later(after_s, self.start, context=self.world.loop.nothing)

    async def _live(self, process: Process) -> None:
        try:
            await self.main()
        except Exception as error:  # noqa: BLE001  whatever it is, it must not end that way
            if not process.alive:
                return  # this is only the end of the simulation
            self.world.trace.violated(f"{self.name}: died of {error!r}")
        self.world.trace(self.name, "has ended")
        self._forget(process)
        self.start_later()

    def kill(self, *, power: bool) -> None:
        """No instruction of it is executed any more."""
        process = self.process
        if process is None or not process.alive:
            return
        self.world.trace(self.name, f"{'power cut' if power else 'killed'} at step {process.steps}")
        for connection in list(self.host.connections):
            connection.abandoned(noticed=not power)
        self._forget(process)
        self.crashed(power=power)
        self.start_later()

    def _forget(self, process: Process) -> None:
        process.alive = False
        for file in process.files:
            os.close(file)
        process.files.clear()
        SimPaho.sites.pop(process, None)
        SimConnection.disks.pop(process, None)
        SimOs.disks.pop(process, None)
        self.process = None

    def end(self) -> None:
        """After the race."""
        if self.process is not None:
            self._forget(self.process)

    def prepare(self, process: Process) -> None:
        """Give a new life its disk."""

    def crashed(self, *, power: bool) -> None:
        """The disk is what the crash has left."""

    def main(self) -> Coroutine[Any, Any, None]:
        """What the process does."""
        raise NotImplementedError

    def acknowledges(self, message: Message) -> None:
        """A PUBACK leaves the process."""

    def publishes(self, message: Message) -> None:
        """A PUBLISH leaves the process."""


class Tracker(Machine):
    """`tracker run --headless --broker`."""

    def __init__(self, world: World, name: str, template: Path) -> None:
        super().__init__(world, name)
        self.disk = JournalDisk(world.folder, template, world.chance, world.trace, name)
        self.clock = RaceClock() if world.script.speed == 1.0 else RaceClock(BEGIN_MS, BEGIN_MS, world.script.speed)
        self.ingest: Ingest | None = None
        self.acknowledged: dict[str, bytes] = {}
        """What it told each device last, in this life."""
        self._stop = asyncio.Event()

    def prepare(self, process: Process) -> None:
        SimConnection.disks[process] = self.disk
        self.ingest = None
        self.acknowledged = {}

    def crashed(self, *, power: bool) -> None:
        self.ingest = None
        self.disk.crash(power=power)

    def restart(self) -> None:
        """Ask it to end in order."""
        self._stop.set()

    def ids(self) -> set[str | None]:
        """The ids of what it was told is on its disk."""
        return {identity_of(payload) for _, payload in self.disk.told}

    @property
    def ever_told(self) -> set[str | None]:
        """The ids of what it was ever told is on its disk: a disk that lied may have lost some of them."""
        return {identity_of(payload) for _, payload in self.disk.ever_told}

    async def main(self) -> None:
        """As `tracker.commands.serve.run_headless`."""
        self._stop = asyncio.Event()
        try:
            journal = await Journal.open(self.disk.path, writable=True)
        except JournalError as error:
            self.world.trace.violated(f"{self.name}: {error}")
            return
        try:
            await journal.set_ingest()
            await journal.set_clock(self.clock)
            folded = Fold(journal.sources, live=not self.clock.simulated, now_ms=self.clock.now_ms())
            await folded.catch_up(journal)
            identifier = f"tracker-{EVENT}-{await journal.session()}"
            waiting_max = self.world.script.waiting_max
            inlet = BrokerSession(_PLACE, root=ROOT, event=EVENT, identifier=identifier, waiting_max=waiting_max)
            async with inlet:
                await journal.set_ingest(inlet.address)
                self.ingest = Ingest(inlet, journal, folded, self.clock)
                await self.ingest.run(self._stop)
        except JournalError as error:
            self.world.trace(self.name, f"gives up: {error}")
        finally:
            await journal.close()

    def acknowledges(self, message: Message) -> None:
        if message.topic.startswith(_LIVE) or b'"offline":true' in message.payload:
            return
        self.world.trace(self.name, f"acknowledges {message}")
        if (message.topic, message.payload) not in self.disk.told:
            self.world.trace.violated(f"{self.name}: acknowledges to the broker what is not on its disk: {message} {message.payload!r}")

    def publishes(self, message: Message) -> None:
        self.world.trace(self.name, f"publishes {message}")
        if not message.topic.startswith(_ACK):
            return
        ack = read_ack(message.payload)
        self.acknowledged[ack.device] = message.payload
        numbers = {number for _, payload in self.disk.told if (number := number_of(payload)) and number[0] == ack.device}
        missing = set(ack.missing)
        for seq in range(1, ack.through + 1):
            if seq not in missing and (ack.device, seq) not in numbers:
                self.world.trace.violated(f"{self.name}: tells {ack.device} that number {seq} is on its disk, and it is not")


class Device(Machine):
    """A scanner with its outbox, and who holds it."""

    def __init__(self, world: World, name: str, station: str) -> None:
        super().__init__(world, name)
        self.station = station
        self.disk = DeviceDisk(world.folder / name, world.chance, world.trace, name)
        self.reads: list[Read] = list(world.script.reads[name])
        self.said: list[str] = []
        """The ids of the facts that the publisher took."""
        self.publisher: Publisher | None = None
        self.last_beats: set[tuple[str, bytes]] = set()
        """Its heartbeats that say that nothing is owed any more."""
        self._ends = asyncio.Event()

    def prepare(self, process: Process) -> None:
        SimOs.disks[process] = self.disk
        self.publisher = None

    def crashed(self, *, power: bool) -> None:
        self.publisher = None
        if power:
            self.disk.cut_power()

    def forgotten(self) -> list[str | None]:
        """The ids of what it has kept and does not owe (any more)."""
        publisher = self.publisher
        if publisher is None or publisher._task is None:
            return []
        return [identity_of(payload) for seq, (_, payload) in publisher._outbox.messages.items() if seq not in publisher._sender]

    def publishes(self, message: Message) -> None:
        world = self.world
        world.trace(self.name, f"publishes {message}")
        world.look()
        done = world.calm and not self.reads and self.publisher is not None and not self.publisher.owed
        if done and message.topic.endswith("/heartbeat"):
            self.last_beats.add((message.topic, message.payload))

    def restart(self) -> None:
        """Ask it to end in order."""
        self._ends.set()

    def now_race_ms(self) -> int:
        """The race's time by this device's clock."""
        return round(BEGIN_MS + (self.now_ms() - BEGIN_MS) * self.world.script.speed)

    async def main(self) -> None:
        """Read whoever passes; who could not be kept is read again."""
        self._ends = asyncio.Event()
        world = self.world
        try:
            publisher = Publisher(
                _PLACE,
                event=EVENT,
                station=self.station,
                device=self.name,
                folder=self.disk.folder,
                heartbeat_s=world.script.heartbeat_s,
                now_ms=self.now_race_ms,
            )
        except OutboxError as error:
            world.trace(self.name, f"gives up: {error}")
            return
        self.publisher = publisher
        await publisher.__aenter__()
        reading = asyncio.create_task(self._read(publisher))
        ending = asyncio.create_task(self._ends.wait())
        await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
        reading.cancel()
        await publisher.__aexit__(None, None, None)

    async def _read(self, publisher: Publisher) -> None:
        world = self.world
        while self.reads:
            read = self.reads[0]
            await asyncio.sleep(max(0.0, read.at_s - world.loop.time()))
            try:
                identity = self._say(publisher, read)
            except OutboxError as error:
                world.trace(self.name, f"could not say it: {error}")
                await asyncio.sleep(_AGAIN_S)
            else:
                self.said.append(identity)
                del self.reads[0]
                world.trace(self.name, f"says {identity} of {read.bib}")
        await asyncio.Event().wait()

    def _say(self, publisher: Publisher, read: Read) -> str:
        at_ms = read.race_ms if self.world.script.speed == 1.0 else None
        if read.reason is None:
            return publisher.passage(read.bib, at_ms)
        return publisher.withdrawal(read.bib, read.reason, at_ms)


@lru_cache(maxsize=4096)
def identity_of(payload: bytes) -> str | None:
    """The id of a message, if it has one."""
    try:
        said = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    return said.get("id") if isinstance(said, dict) else None
