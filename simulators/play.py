"""Messages sent as devices send them: over real MQTT, each device a client of its own, and again until they are acknowledged.

What is sent, and when, was decided elsewhere; here is only the sending, and writing the same messages to a file.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiomqtt
import orjson
from aiomqtt.exceptions import MqttConnectError

from simulators.field import SimulationError
from simulators.scanners import Emission
from tracker.clock import RaceClock
from tracker.mqtt.address import NOBODY, Access, Broker
from tracker.mqtt.refusals import in_words
from tracker.wire import line_of_message

IN_FLIGHT_MAX = 200
"""Messages of one client that are sent and not yet acknowledged."""
BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
KEEPALIVE_S = 30


@dataclass(frozen=True, slots=True)
class Played:
    """How many messages were published (repeats counted), and how many of them the broker has acknowledged."""

    published: int
    acknowledged: int


@dataclass(slots=True)
class _Tally:
    published: int = 0
    acknowledged: int = 0


async def play(
    emissions: Sequence[Emission],
    url: str,
    clock: RaceClock | None,
    *,
    access: Access = NOBODY,
    on_sent: Callable[[Emission], None] | None = None,
    patience_s: float = 30.0,
) -> Played:
    """Publish everything, at its time by `clock` (None: as fast as it goes, over one client), until all is acknowledged.

    `on_sent` is called with each message once it is acknowledged. SimulationError when the broker has been away for longer than
    `patience_s`, or refuses: it says how much is unsent. MqttFault when `url` is no address.
    """
    broker, tally = Broker.parse(url, access), _Tally()
    if clock is None:
        senders = [_Sender("simulator", list(emissions), broker, None, tally, on_sent, patience_s)]
    else:
        by_device: dict[str, list[Emission]] = {}
        for emission in emissions:
            by_device.setdefault(emission.device, []).append(emission)
        senders = [_Sender(name, waiting, broker, clock, tally, on_sent, patience_s) for name, waiting in by_device.items()]
    try:
        async with asyncio.TaskGroup() as group:
            for sender in senders:
                group.create_task(sender.run())
    except* SimulationError as failed:
        unsent = len(emissions) - tally.acknowledged
        raise SimulationError(f"{failed.exceptions[0]} {unsent} of {len(emissions)} messages are unsent.") from None
    return Played(tally.published, tally.acknowledged)


class _Sender:
    """One client: what waits, in order, and what of it is not acknowledged yet."""

    def __init__(
        self,
        name: str,
        waiting: list[Emission],
        broker: Broker,
        clock: RaceClock | None,
        tally: _Tally,
        on_sent: Callable[[Emission], None] | None,
        patience_s: float,
    ) -> None:
        self.name, self.broker, self.clock, self.tally = name, broker, clock, tally
        self.on_sent, self.patience_s = on_sent, patience_s
        self.waiting = waiting
        self.unacknowledged = dict(enumerate(waiting))

    async def run(self) -> None:
        """Connect and send, again and again, until nothing is left."""
        failures, away_since_s = 0, None
        while self.unacknowledged:
            before, connected_s = len(self.unacknowledged), None
            try:
                async with self._client() as client:
                    connected_s = monotonic()
                    await self._send(client)
            except* aiomqtt.MqttError as group:
                fault = _first(group)
            else:
                continue
            now_s = monotonic()
            if len(self.unacknowledged) < before or (connected_s is not None and now_s - connected_s > self.patience_s):
                failures, away_since_s = 0, None
            away_since_s = now_s if away_since_s is None else away_since_s
            self._give_up_if_hopeless(fault, now_s - away_since_s)
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1

    def _give_up_if_hopeless(self, fault: aiomqtt.MqttError, away_s: float) -> None:
        where = f"the broker at {self.broker.host}:{self.broker.port}"
        if isinstance(fault, MqttConnectError) and "unavailable" not in str(fault).lower():
            raise SimulationError(f"{where} refuses {self.name}: {in_words(fault, self.broker)}.")
        if away_s > self.patience_s:
            why = in_words(fault, self.broker)
            raise SimulationError(f"{where} has been away for {self.patience_s:g} s ({why}). Start it, or correct the address.")

    def _client(self) -> aiomqtt.Client:
        will = None
        if self.clock is not None and self.waiting:
            root_event_station, _, _ = self.waiting[0].topic.rpartition("/")
            if not root_event_station.endswith("/desk"):
                offline = orjson.dumps({"device": self.name, "offline": True})
                will = aiomqtt.Will(f"{root_event_station}/heartbeat", offline, qos=1, retain=True)
        client = self.broker.client(self.name, clean_session=True, will=will, keepalive=KEEPALIVE_S, max_inflight_messages=IN_FLIGHT_MAX)
        client.pending_calls_threshold = IN_FLIGHT_MAX + 1
        return client

    async def _send(self, client: aiomqtt.Client) -> None:
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(_watch(client))
            room = asyncio.Semaphore(IN_FLIGHT_MAX)
            async with asyncio.TaskGroup() as sending:
                for order, emission in list(self.unacknowledged.items()):
                    if self.clock is not None and (wait_s := self.clock.seconds_until(emission.send_ms)) > 0:
                        await asyncio.sleep(wait_s)
                    await room.acquire()
                    sending.create_task(self._publish(client, order, emission, room))
            watch.cancel()

    async def _publish(self, client: aiomqtt.Client, order: int, emission: Emission, room: asyncio.Semaphore) -> None:
        self.tally.published += 1
        beat = emission.topic.endswith("/heartbeat")  # retained, so that it takes the place of a last will
        await client.publish(emission.topic, emission.payload, qos=1, retain=beat, timeout=self.patience_s)
        del self.unacknowledged[order]
        self.tally.acknowledged += 1
        room.release()
        if self.on_sent is not None:
            self.on_sent(emission)


async def _watch(client: aiomqtt.Client) -> None:
    """Raise MqttError as soon as the connection is gone; a publish alone would find out by its time limit."""
    async for _ in client.messages:
        pass


def _first(group: BaseExceptionGroup[aiomqtt.MqttError]) -> aiomqtt.MqttError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def write_messages(emissions: Iterable[Emission], path: Path) -> None:
    """One line a message: `{"topic": …, "payload": {…}}`, as `tracker feed` reads it."""
    with path.open("wb") as out:
        for emission in emissions:
            out.write(line_of_message(emission.topic, emission.payload))
