"""One device's publisher: what it reads is on its disk at once, is sent until the tracker acknowledges it, and survives any restart.

It listens to the tracker's `live/ack/{device}`, sends heartbeats, and leaves a last will, as the contract (section 3) asks of a device.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from tracker.mqtt.sender import Sender
from tracker.mqtt.session import Broker
from tracker.outbox import OutboxError
from tracker.publisher.numbered import NumberedOutbox
from tracker.text import count
from tracker.wire import DEFAULT_ROOT, Acknowledged, Wire, WireError, encode, read_ack

log = logging.getLogger(__name__)

HEARTBEAT_S = 60.0
_INTRODUCED_WITHIN_S = 1.0
"""So long a device waits for what the tracker knows of it before it sends for the first time; a broker answers at once if it knows."""
_AGAIN_S = 5.0
"""Of two trackers one may be a little behind the other: what the first has acknowledged is not sent at once when the second lacks it."""


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Publisher:
    """A device at a station of an event; `folder` is where its outbox is kept, `{event}-{device}.outbox`.

    Used as an async context manager: entered, it sends by itself until it is left. `now_ms`: the device's clock.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        event: str,
        station: str,
        device: str,
        folder: Path,
        root: str = DEFAULT_ROOT,
        heartbeat_s: float = HEARTBEAT_S,
        now_ms: Callable[[], int] = _wall_ms,
    ) -> None:
        """OutboxError when the outbox cannot be had: another process has it, it is another device's, or its disk is full."""
        self.device = device
        self.doubt = ""
        """What a person must look at, in words; empty: nothing."""
        self._wire = Wire(event, root)
        self._station = station
        self._ack_topic = self._wire.topic("live", f"ack/{device}")
        self._beat_topic = self._wire.topic(station, "heartbeat")
        self._heartbeat_s = heartbeat_s
        self._now_ms = now_ms
        self._outbox = NumberedOutbox(folder / f"{event}-{device}.outbox", device)
        self._ack = Acknowledged(device, 0, [])
        self._settled = asyncio.Event()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        will = aiomqtt.Will(self._beat_topic, encode({"device": device, "offline": True}), qos=1, retain=True)
        self._sender = Sender(broker, device, self, will)

    async def __aenter__(self) -> Self:
        self._owe_all()
        self._look_whether_settled()
        self._task = asyncio.create_task(self._sender.run(self._stop))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._task is not None  # entered
        self._stop.set()
        try:
            await self._task
        finally:
            self._outbox.close()

    def passage(self, bib: str, time_ms: int | None = None, **said: object) -> str:
        """A runner was read (`way`, `source` as in the contract); returns the fact's id once it is on the disk. `time_ms` None: now.

        WireError says which field is wrong, OutboxError why it cannot be kept: then nothing was said, and a person must write it down.
        """
        return self._say("passage", bib, time_ms, said)

    def withdrawal(self, bib: str, reason: str, time_ms: int | None = None, **said: object) -> str:
        """A runner gives up (`signed`, `by`, `note`, `transport` as in the contract); as `passage`."""
        return self._say("withdrawal", bib, time_ms, {"reason": reason, **said})

    @property
    def owed(self) -> int:
        """How many facts the tracker has not acknowledged."""
        return len(self._sender)

    @property
    def link(self) -> str:
        """The state of the connection and what waits, for a person."""
        return f"{self._sender.link}; {count(self.owed, 'fact')} not acknowledged{f'; ! {self.doubt}' if self.doubt else ''}"

    async def settled(self) -> None:
        """Wait until everything that was said is acknowledged."""
        await self._settled.wait()

    async def meet(self, client: aiomqtt.Client) -> None:
        """Listen to the acknowledgements; a fresh outbox first asks from where on its numbers are free."""
        codes = await client.subscribe(self._ack_topic, qos=1)
        if any(isinstance(code, ReasonCode) and code.is_failure for code in codes):
            self.doubt = f"it may not read {self._ack_topic} there, so nothing is ever acknowledged; allow it"
        if not self._outbox.fresh:
            return
        known = 0
        with suppress(TimeoutError):  # then nobody knows the device
            async with asyncio.timeout(_INTRODUCED_WITHIN_S):
                known = self._read((await anext(client.messages)).payload).through
        try:
            self._outbox.begin_after(known)
        except OutboxError as error:
            raise aiomqtt.MqttError(str(error)) from error  # tried again with the next connection, like everything else
        for seq in self._sender:
            self._sender.done(seq)
        self._owe_all()
        if known:
            log.warning("%s: %s of an earlier outbox are known; what is said now follows on them", self.device, count(known, "fact"))

    async def accompany(self, client: aiomqtt.Client) -> None:
        """Hear what is acknowledged, and say now and then that the device is there."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat(client))
            async for message in client.messages:
                self._take(self._read(message.payload))

    async def _beat(self, client: aiomqtt.Client) -> None:
        while True:
            beat = {"device": self.device, "time": self._now_ms(), "seq": self._outbox.last, "queued": self.owed}
            await client.publish(self._beat_topic, encode(beat), qos=1, retain=True)
            await asyncio.sleep(self._heartbeat_s)

    def _read(self, payload: object) -> Acknowledged:
        """An acknowledgement; of what is none, nothing is taken."""
        try:
            ack = read_ack(payload if isinstance(payload, bytes) else b"")
        except WireError as error:
            self.doubt = f"what came on {self._ack_topic} {error}"
            return self._ack
        return ack if ack.device == self.device else self._ack

    def _take(self, ack: Acknowledged) -> None:
        """Owe what is not on the tracker's disk, and nothing else; it may have lost what it had, or another one took its place."""
        if ack.through > self._outbox.last:
            self.doubt = (
                f"the tracker knows facts of {self.device} up to number {ack.through:,}, and this outbox gave {self._outbox.last:,}: "
                "another device bears the name, so nothing counts as acknowledged; give one of them another name"
            )
            return
        before, self._ack = self._ack, ack
        missing = frozenset(ack.missing)
        for seq in self._sender:
            if isinstance(seq, int) and seq <= ack.through and seq not in missing:
                self._sender.done(seq)
        for seq in (*ack.missing, *range(ack.through + 1, before.through + 1)):
            if seq in self._outbox.messages:
                self._sender.add(seq, *self._outbox.messages[seq], after_s=_AGAIN_S)
        self._look_whether_settled()

    def _say(self, kind: str, bib: str, time_ms: int | None, said: dict[str, object]) -> str:
        identity, seq = uuid4().hex, self._outbox.last + 1
        at_ms = self._now_ms() if time_ms is None else time_ms
        topic = self._wire.topic(self._station, kind)
        payload = encode({**said, "id": identity, "bib": bib, "time": at_ms, "device": self.device, "seq": seq})
        self._wire.decode(topic, payload)
        self._outbox.add(topic, payload)
        self._sender.add(seq, topic, payload)
        self._settled.clear()
        return identity

    def _owe_all(self) -> None:
        for seq, (topic, payload) in self._outbox.messages.items():
            self._sender.add(seq, topic, payload)

    def _look_whether_settled(self) -> None:
        (self._settled.clear if self.owed else self._settled.set)()
