"""Messages sent as devices send them: over real MQTT, each device a client of its own, and again until they are acknowledged.

What is sent, and when, was decided elsewhere (the seed is the outbox that survives everything); here is only the sending, and writing the
same messages to a file.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiomqtt
import orjson
from aiomqtt.exceptions import MqttConnectError

from simulators.confirming import Confirming, is_beat
from simulators.field import SimulationError
from simulators.scanners import Emission
from tracker.clock import RaceClock
from tracker.mqtt.address import NOBODY, Access, Broker
from tracker.mqtt.refusals import in_words
from tracker.wire import line_of_message

FIRST_WORD_S = 2.0
"""So long after the last message a tracker that has said nothing yet is taken for none."""
AGAIN_AFTER_S = 5.0
"""So long after the tracker's last word what it lacks is sent again."""
IN_FLIGHT_MAX = 200
"""Messages of one client that are sent and not yet acknowledged."""
BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
KEEPALIVE_S = 30


@dataclass(frozen=True, slots=True)
class Played:
    """How many messages were published (repeats counted), how many of them the broker has acknowledged, and how many of these the tracker
    has not, though it should (0 where none is there, or nobody waited for it).
    """

    published: int
    acknowledged: int
    unconfirmed: int = 0


@dataclass(slots=True)
class _Tally:
    published: int = 0
    acknowledged: int = 0
    unconfirmed: int = 0


async def play(
    emissions: Sequence[Emission],
    url: str,
    clock: RaceClock | None,
    *,
    access: Access = NOBODY,
    on_sent: Callable[[Emission], None] | None = None,
    patience_s: float = 30.0,
    end_to_end: bool = False,
) -> Played:
    """Publish everything, at its time by `clock` (None: as fast as it goes, over one client), until all is acknowledged.

    `on_sent` is called with each message once it is acknowledged. `end_to_end`: where a tracker is there, until that has it on its disk;
    what it lacks is sent again, and it is waited for as long as it gets on, or `patience_s`. SimulationError when the broker has been
    away for longer than that, or refuses: it says how much is unsent. MqttFault when `url` is no address.
    """
    broker, tally = Broker.parse(url, access), _Tally()
    if clock is None:
        senders = [_Sender("simulator", list(emissions), broker, None, tally, on_sent, patience_s, end_to_end)]
    else:
        by_device: dict[str, list[Emission]] = {}
        for emission in emissions:
            by_device.setdefault(emission.device, []).append(emission)
        senders = [_Sender(name, waiting, broker, clock, tally, on_sent, patience_s, end_to_end) for name, waiting in by_device.items()]
    try:
        async with asyncio.TaskGroup() as group:
            for sender in senders:
                group.create_task(sender.run())
    except* SimulationError as failed:
        unsent = len(emissions) - tally.acknowledged
        raise SimulationError(f"{failed.exceptions[0]} {unsent} of {len(emissions)} messages are unsent.") from None
    return Played(tally.published, tally.acknowledged, tally.unconfirmed)


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
        end_to_end: bool,
    ) -> None:
        self.name, self.broker, self.clock, self.tally = name, broker, clock, tally
        self.on_sent, self.patience_s = on_sent, patience_s
        self.waiting = waiting
        self.unacknowledged = dict(enumerate(waiting))
        self.confirming = Confirming(self.unacknowledged if end_to_end else {})
        self.confirmed = asyncio.Event()
        self.sent: set[int] = set()

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
                self._send_again()  # a broker that died may have lost all that it acknowledged
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
            watch = group.create_task(self._watch(client))
            if self.confirming.numbered:
                await client.subscribe(self._acknowledgements(), qos=1)
            await self._send_all(client)
            if self.confirming.numbered and not self.confirming.heard:
                await self._wait(FIRST_WORD_S)
            since_s, lacking = monotonic(), len(self.confirming.lacking(self.sent))
            while lacking and monotonic() - since_s < self.patience_s:
                await self._wait(AGAIN_AFTER_S)
                before, lacking = lacking, len(self.confirming.lacking(self.sent))
                if lacking < before:
                    since_s = monotonic()
                elif not self.confirmed.is_set():
                    self._send_again()
                    await self._send_all(client)
            self.tally.unconfirmed += lacking
            watch.cancel()

    async def _wait(self, at_most_s: float) -> None:
        """Until the tracker says something."""
        self.confirmed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self.confirmed.wait()

    async def _send_all(self, client: aiomqtt.Client) -> None:
        room = asyncio.Semaphore(IN_FLIGHT_MAX)
        async with asyncio.TaskGroup() as sending:
            for order, emission in list(self.unacknowledged.items()):
                if self.clock is not None and (wait_s := self.clock.seconds_until(emission.send_ms)) > 0:
                    await asyncio.sleep(wait_s)
                await room.acquire()
                sending.create_task(self._publish(client, order, emission, room))

    def _send_again(self) -> None:
        """What the tracker lacks is to be sent once more, before what has not been sent yet."""
        again = {order: self.waiting[order] for order in self.confirming.lacking(sorted(self.sent))}
        self.unacknowledged = again | self.unacknowledged

    def _acknowledgements(self) -> str:
        """The topic on which the tracker tells this client's devices what it has: one client's alone, or all."""
        root, event, *_ = self.waiting[0].topic.split("/")
        return f"{root}/{event}/live/ack/{'+' if self.clock is None else self.name}"

    async def _publish(self, client: aiomqtt.Client, order: int, emission: Emission, room: asyncio.Semaphore) -> None:
        self.tally.published += 1
        beat = is_beat(emission)  # retained, so that it takes the place of a last will
        await client.publish(emission.topic, emission.payload, qos=1, retain=beat, timeout=self.patience_s)
        room.release()
        del self.unacknowledged[order]
        if order in self.sent:
            return
        self.sent.add(order)
        self.tally.acknowledged += 1
        if self.on_sent is not None:
            self.on_sent(emission)

    async def _watch(self, client: aiomqtt.Client) -> None:
        """Hear what the tracker acknowledges; raise MqttError as soon as the connection is gone (a publish alone would find out late)."""
        async for message in client.messages:
            self.confirming.take(message.payload)
            self.confirmed.set()


def _first(group: BaseExceptionGroup[aiomqtt.MqttError]) -> aiomqtt.MqttError:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def write_messages(emissions: Iterable[Emission], path: Path) -> None:
    """One line a message: `{"topic": …, "payload": {…}}`, as `tracker feed` reads it."""
    with path.open("wb") as out:
        for emission in emissions:
            out.write(line_of_message(emission.topic, emission.payload))
