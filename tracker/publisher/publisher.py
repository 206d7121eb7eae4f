"""One device's publisher: what it reads is on its disk at once, is sent until the tracker acknowledges it, and survives any restart.

It listens to the tracker's `live/ack/{device}`, sends heartbeats, and leaves a last will, as the contract (section 3) asks of a device.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count as count_from
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from tracker.mqtt.address import Broker
from tracker.mqtt.sender import Sender
from tracker.outbox import OutboxError
from tracker.publisher.numbered import NumberedOutbox
from tracker.publisher.words import Words
from tracker.text import count
from tracker.wire import DEFAULT_ROOT, Acknowledged, Wire, WireError, encode, prove_name, read_ack

log = logging.getLogger(__name__)

HEARTBEAT_S = 60.0
_ANSWERED_WITHIN_S = 2.5
"""So long a device waits for what the trackers know of it, which answer its heartbeat within two seconds: before it numbers its first
fact, and before it believes that all is acknowledged, since a second tracker may lack what the first one has.
"""
_AGAIN_AFTER_S = (30.0, 60.0, 120.0, 300.0)
"""A tracker that has much to take in is slow to answer: to send everything once more meanwhile would only make it slower. What is lost
without a broken connection is named in the answer to a heartbeat, and sent at once.
"""
_PAYLOAD_MAX = 60_000
"""Bytes: whoever takes no more closes the connection, and all that is said after it would wait behind it for ever."""
_SILENT_BEATS = 3
"""A tracker that has answered so many heartbeats less than another is gone."""


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
        """OutboxError when the outbox cannot be had: another process has it, it is another device's, or its disk is full. WireError when
        the device, its station or the event has a name that no topic can have.
        """
        for what, said in (("device", device), ("station", station), ("event", event)):
            prove_name(what, said)
        self.device = device
        self._wire = Wire(event, root)
        self._station = station
        self._ack_topic = self._wire.topic("live", f"ack/{device}")
        self._beat_topic = self._wire.topic(station, "heartbeat")
        self._heartbeat_s = heartbeat_s
        self._now_ms = now_ms
        self._outbox = NumberedOutbox(folder / f"{event}-{device}.outbox", device)
        self.doubt = self._outbox.doubt
        """What a person must look at, in words; empty: nothing."""
        self._words = Words(_SILENT_BEATS * heartbeat_s + _ANSWERED_WITHIN_S)
        self._beat_s = 0.0
        self._introduced = False
        self._namesake = False
        self._unsure_until_s = inf if self._outbox.unsure else 0.0
        """An acknowledgement counts for what was taken after this moment: what is told of before may be an earlier outbox's."""
        self._settled = asyncio.Event()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        will = aiomqtt.Will(self._beat_topic, encode({"device": device, "offline": True}), qos=1, retain=True)
        self._sender = Sender(broker, device, self, will, _AGAIN_AFTER_S)

    async def __aenter__(self) -> Self:
        self._owe_all()
        self._look_whether_settled()
        self._task = asyncio.create_task(self._sender.run(self._stop))
        self._task.add_done_callback(self._ended)
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
        return self._say("passage", [(bib, time_ms, said)])[0]

    def passages(self, reads: Sequence[tuple[str, int | None]], **said: object) -> list[str]:
        """Runners were read, (bib, `time_ms`) each, as by a mat that many cross at once; as `passage`, but all or none is said."""
        return self._say("passage", [(bib, time_ms, said) for bib, time_ms in reads])

    def withdrawal(self, bib: str, reason: str, time_ms: int | None = None, **said: object) -> str:
        """A runner gives up (`signed`, `by`, `note`, `transport` as in the contract); as `passage`."""
        return self._say("withdrawal", [(bib, time_ms, {"reason": reason, **said})])[0]

    @property
    def owed(self) -> int:
        """How many facts the tracker has not acknowledged."""
        return len(self._sender)

    @property
    def link(self) -> str:
        """The state of the connection and what waits, for a person."""
        return f"{self._sender.link}; {count(self.owed, 'fact')} not acknowledged{f'; ! {self.doubt}' if self.doubt else ''}"

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Whatever ends the sending but its user, a person must hear of it: what is read from now on is kept, and not sent."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.doubt = f"nothing is sent any more ({type(error).__name__}: {error}); start it again"
            log.error("%s: %s", self.device, self.doubt)

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
        await self._say_there(client)
        known, answered = 0, False
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWERED_WITHIN_S):
                async for message in client.messages:  # one that is retained, and what each tracker answers; none: nobody knows it
                    ack = self._read(message.payload)
                    if ack is not None:
                        known, answered = max(known, ack.through), answered or not message.retain
        try:
            self._outbox.begin_after(known, sure=answered)
        except OutboxError as error:
            raise aiomqtt.MqttError(str(error)) from error  # tried again with the next connection, like everything else
        self._unsure_until_s = 0.0 if answered else inf
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
                ack = self._read(message.payload)
                if ack is not None:
                    self._take(ack, live=not message.retain)

    async def _beat(self, client: aiomqtt.Client) -> None:
        while True:
            await self._say_there(client)
            if not self._introduced:
                await asyncio.sleep(_ANSWERED_WITHIN_S)
                self._introduced = True
            self._look_whether_settled()
            await asyncio.sleep(self._heartbeat_s)

    async def _say_there(self, client: aiomqtt.Client) -> None:
        given = 0 if self._outbox.fresh else self._outbox.last  # the numbers of a fresh outbox may yet become others
        beat = {"device": self.device, "time": self._now_ms(), "seq": given, "queued": self.owed}
        before_s = asyncio.get_running_loop().time()
        await client.publish(self._beat_topic, encode(beat), qos=1, retain=True)
        self._beat_s = before_s

    def _read(self, payload: object) -> Acknowledged | None:
        """An acknowledgement of this device; None for what is none."""
        try:
            ack = read_ack(payload if isinstance(payload, bytes) else b"")
        except WireError as error:
            self.doubt = f"what came on {self._ack_topic} {error}"
            return None
        return ack if ack.device == self.device else None

    def _take(self, ack: Acknowledged, *, live: bool) -> None:
        """Owe what is not on every tracker's disk, and nothing else; one may have lost what it had, or another one took its place."""
        if ack.through > self._outbox.last:
            self._namesake = True  # also when this device has given as many numbers by and by: they may be the other's
            self.doubt = (
                f"the tracker knows facts of {self.device} up to number {ack.through:,}, and this outbox gave {self._outbox.last:,}: "
                "another device bears the name, so nothing counts as acknowledged; give one of them another name"
            )
        if self._namesake:
            return
        now_s = asyncio.get_running_loop().time()
        self._words.take(ack, now_s, live=live)
        if live and self._unsure_until_s == inf:  # somebody is there: now each fact is told once more, whatever its number
            self._unsure_until_s = now_s
            for seq in self._sender:
                self._sender.hurry(seq, now_s)
        through, missing = self._words.through, self._words.missing
        for seq in self._sender:
            told = not self._unsure_until_s or self._sender.was_taken(seq, self._unsure_until_s)
            if told and isinstance(seq, int) and seq <= through and seq not in missing:
                self._sender.done(seq)
        for seq in (*sorted(missing), *range(through + 1, self._outbox.last + 1)):
            if seq in self._outbox.messages:
                self._sender.add(seq, *self._outbox.messages[seq])
        if live:
            for seq in ack.missing:
                self._sender.hurry(seq, self._beat_s)  # the tracker heard that it was given, after it was taken, and has it not
        if 0.0 < self._unsure_until_s < inf and not self.owed:
            self._unsure_until_s = 0.0
            self._outbox.trust()
        self._look_whether_settled()

    def _say(self, kind: str, what: Sequence[tuple[str, int | None, Mapping[str, object]]]) -> list[str]:
        topic, first = self._wire.topic(self._station, kind), self._outbox.last + 1
        identities = [uuid4().hex for _ in what]
        messages = []
        for seq, identity, (bib, time_ms, said) in zip(count_from(first), identities, what, strict=False):
            at_ms = self._now_ms() if time_ms is None else time_ms
            payload = encode({**said, "id": identity, "bib": bib, "time": at_ms, "device": self.device, "seq": seq})
            self._wire.decode(topic, payload)
            if len(payload) > _PAYLOAD_MAX:
                raise WireError(f"{kind} message: has {len(payload):,} bytes, and no more than {_PAYLOAD_MAX:,} are taken; say less in it")
            messages.append((topic, payload))
        self._outbox.add(messages)
        for seq, message in enumerate(messages, first):
            self._sender.add(seq, *message)
        self._look_whether_settled()
        return identities

    def _owe_all(self) -> None:
        for seq, (topic, payload) in self._outbox.messages.items():
            self._sender.add(seq, topic, payload)

    def _look_whether_settled(self) -> None:
        heard = not self._outbox.last or (self._introduced and self._words.live)
        (self._settled.set if heard and not self.owed else self._settled.clear)()
