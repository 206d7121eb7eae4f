"""Sends what must arrive, to a broker or to the tracker's own endpoint, again and again until it is told that it has.

A PUBACK does not say so: a broker's means only that the broker has it. Who knows says `done`: the journal for the desk, the tracker's
acknowledgement for a device.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol

import aiomqtt

from tracker.mqtt.address import Broker
from tracker.mqtt.refusals import in_words
from tracker.text import count

log = logging.getLogger(__name__)

IN_FLIGHT_MAX = 20
"""Messages that are sent and not yet acknowledged by whoever takes them."""
_AGAIN_AFTER_S = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_CONNECT_AFTER_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
_HELD_S = 10.0
"""A connection that broke sooner counts as one more that failed: whatever breaks it may do so again."""
_TAKEN_AWAY = 3
_ANSWER_S = 30.0
_GOODBYE_S = 2.0
_KEEPALIVE_S = 20


@dataclass(slots=True)
class _Owed:
    topic: str
    payload: bytes
    acknowledged: int = 0
    taken_s: float = 0.0
    """When whoever it was sent to took it last."""
    hurried_s: float = 0.0
    plan: int = 0
    """Of its entries in the plan the one that holds."""


class Companion(Protocol):
    """What else happens on a connection than sending. It may be broken at any moment: both are then cancelled, or raise MqttError."""

    async def meet(self, client: aiomqtt.Client) -> None:
        """Before anything is sent on a new connection."""
        ...

    async def accompany(self, client: aiomqtt.Client) -> None:
        """Beside the sending, as long as the connection holds."""
        ...


class Sender:
    """A client that publishes at QoS 1 what it owes, in the order in which that was added: at once on every new connection, then with
    growing pauses. `key` is whatever names a message to who says that it is done.
    """

    def __init__(
        self,
        broker: Broker,
        identifier: str,
        companion: Companion | None = None,
        will: aiomqtt.Will | None = None,
        again_after_s: Sequence[float] = (),
    ) -> None:
        self._broker = broker
        self._again_after_s = again_after_s or _AGAIN_AFTER_S
        self._identifier = identifier
        self._companion = companion or _Alone()
        self._will = will
        self._owed: dict[object, _Owed] = {}
        self._ready: deque[object] = deque()
        self._later: list[tuple[float, int, object]] = []
        self._number = 0
        self._added = asyncio.Event()
        self._state = f"connecting to {broker}"
        self._since_s: float | None = None

    def __len__(self) -> int:
        return len(self._owed)

    def __iter__(self) -> Iterator[object]:
        return iter(list(self._owed))

    def __contains__(self, key: object) -> bool:
        return key in self._owed

    def add(self, key: object, topic: str, payload: bytes, *, after_s: float = 0.0) -> None:
        """Owe a message until it is done, and send it (after a while); nothing new when it is owed already."""
        if key not in self._owed:
            self._owed[key] = _Owed(topic, payload)
            self._plan(key, after_s)

    def hurry(self, key: object, before_s: float) -> None:
        """What was taken before a moment (of the event loop's clock) is lost: send it now."""
        owed = self._owed.get(key)
        if owed is not None and owed.acknowledged and max(owed.taken_s, owed.hurried_s) < before_s:
            owed.hurried_s = _now_s()
            self._plan(key, 0.0)

    def was_taken(self, key: object, after_s: float) -> bool:
        """Whether what is owed was taken after a moment (of the event loop's clock)."""
        owed = self._owed.get(key)
        return owed is not None and owed.taken_s > after_s

    def done(self, key: object) -> None:
        """It has arrived, or nobody wants it any more: it is sent no more."""
        self._owed.pop(key, None)

    @property
    def link(self) -> str:
        """The state of the connection, for a person, and how much has not arrived though it was taken more than once."""
        stuck = sum(owed.acknowledged > 1 for owed in self._owed.values())
        return self._state + (f", which took {count(stuck, 'message')} that did not arrive yet" if stuck and self._since_s else "")

    async def run(self, stop: asyncio.Event) -> None:
        """Stay connected and send until `stop` is set."""
        tasks = {asyncio.create_task(self._stay_connected()), asyncio.create_task(stop.wait())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                while not task.done():
                    task.cancel()  # more than once: an error in aiomqtt's goodbye can swallow one
                    await asyncio.wait({task}, timeout=_GOODBYE_S)

    async def _stay_connected(self) -> None:
        failures = short = 0
        while True:
            try:
                await self._one_connection()
            except* (aiomqtt.MqttError, OSError, UnicodeError) as group:  # UnicodeError: a host that can be no name
                fault = _first(group)
                held_s = 0.0 if self._since_s is None else _now_s() - self._since_s
                failures = 0 if held_s > _HELD_S else failures + 1
                short = short + 1 if 0.0 < held_s <= _HELD_S else short if failures else 0
            self._since_s = None
            pause_s = _CONNECT_AFTER_S[min(failures, len(_CONNECT_AFTER_S) - 1)]
            why = in_words(fault, self._broker)
            if short >= _TAKEN_AWAY:
                why = f"it broke {short} times within seconds: either another client is called {self._identifier} too, or the network fails"
            self._state = f"no connection to {self._broker} ({why}); it is tried again"
            log.info("%s", self._state)
            await asyncio.sleep(pause_s)

    async def _one_connection(self) -> None:
        """Connect, and send what is due until the connection breaks; raises what broke it."""
        client = self._broker.client(
            self._identifier, clean_session=True, keepalive=_KEEPALIVE_S, max_inflight_messages=IN_FLIGHT_MAX, will=self._will
        )
        client.pending_calls_threshold = IN_FLIGHT_MAX + 1  # more than that aiomqtt takes for a mistake, and warns
        async with client:
            self._state, self._since_s = f"connected to {self._broker}", _now_s()
            await self._companion.meet(client)
            self._later.clear()
            self._ready = deque(self._owed)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._companion.accompany(client))
                await self._send(client, group)

    async def _send(self, client: aiomqtt.Client, group: asyncio.TaskGroup) -> None:
        room = asyncio.Semaphore(IN_FLIGHT_MAX)
        while True:
            await self._until_ready()
            await room.acquire()
            key = self._ready.popleft()
            owed = self._owed.get(key)
            if owed is None:
                room.release()
            else:
                group.create_task(self._publish(client, key, owed, room))

    async def _until_ready(self) -> None:
        """Wait until something is to be sent."""
        while True:
            self._added.clear()
            while self._later and self._later[0][0] <= _now_s():
                _, number, key = heappop(self._later)
                if (owed := self._owed.get(key)) is not None and owed.plan == number:
                    self._ready.append(key)
            if self._ready:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._later[0][0] if self._later else None):
                    await self._added.wait()

    async def _publish(self, client: aiomqtt.Client, key: object, owed: _Owed, room: asyncio.Semaphore) -> None:
        await client.publish(owed.topic, owed.payload, qos=1, timeout=_ANSWER_S)
        room.release()
        pause_s = self._again_after_s[min(owed.acknowledged, len(self._again_after_s) - 1)]
        owed.acknowledged += 1
        owed.taken_s = _now_s()
        if self._owed.get(key) is owed:
            self._plan(key, pause_s)

    def _plan(self, key: object, after_s: float) -> None:
        self._number += 1  # of two that are due at one moment the first goes first
        self._owed[key].plan = self._number
        if after_s:
            heappush(self._later, (_now_s() + after_s, self._number, key))
        else:
            self._ready.append(key)
        self._added.set()


class _Alone:
    """Nothing but sending."""

    async def meet(self, client: aiomqtt.Client) -> None: ...

    async def accompany(self, client: aiomqtt.Client) -> None:
        """Raise MqttError as soon as the connection is gone; a publish alone would find out by its time limit."""
        async for _ in client.messages:
            pass


def _now_s() -> float:
    """By the clock that the event loop's pauses go by."""
    return asyncio.get_running_loop().time()


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
