"""Sends what must arrive, to a broker or to the tracker's own endpoint, again and again until it is told that it has.

A PUBACK does not say so: a broker's means only that the broker has it. Who knows (the journal, for the desk) says `done`.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from time import monotonic

import aiomqtt

from tracker.mqtt.refusals import in_words
from tracker.mqtt.session import Broker
from tracker.text import count

log = logging.getLogger(__name__)

IN_FLIGHT_MAX = 20
"""Messages that are sent and not yet acknowledged by whoever takes them."""
_AGAIN_AFTER_S = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_CONNECT_AFTER_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
_HELD_S = 10.0
"""A connection that broke sooner counts as one more that failed: whatever breaks it may do so again."""
_LOOK_EVERY_S = 1.0
_ANSWER_S = 30.0
_GOODBYE_S = 2.0
_KEEPALIVE_S = 20


@dataclass(slots=True)
class _Owed:
    topic: str
    payload: bytes
    due_s: float = 0.0
    acknowledged: int = 0


class Sender:
    """A client that publishes at QoS 1 what it owes, in the order in which that was added: at once on every new connection, then with
    growing pauses. `key` is whatever names a message to who says that it is done.
    """

    def __init__(self, broker: Broker, identifier: str) -> None:
        self._broker = broker
        self._identifier = identifier
        self._owed: dict[object, _Owed] = {}
        self._added = asyncio.Event()
        self._state = f"connecting to {broker}"
        self._since_s: float | None = None

    def add(self, key: object, topic: str, payload: bytes) -> None:
        """Owe a message until it is done; nothing new when it is owed already."""
        if key not in self._owed:
            self._owed[key] = _Owed(topic, payload)
            self._added.set()

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
        failures = 0
        while True:
            try:
                await self._one_connection()
            except* (aiomqtt.MqttError, OSError, UnicodeError) as group:  # UnicodeError: a host that can be no name
                fault = _first(group)
                held_s = 0.0 if self._since_s is None else monotonic() - self._since_s
                failures = 0 if held_s > _HELD_S else failures + 1
            self._since_s = None
            pause_s = _CONNECT_AFTER_S[min(failures, len(_CONNECT_AFTER_S) - 1)]
            self._state = f"no connection to {self._broker} ({in_words(fault, self._broker)}); it is tried again"
            log.info("%s", self._state)
            await asyncio.sleep(pause_s)

    async def _one_connection(self) -> None:
        """Connect, and send what is due until the connection breaks; raises what broke it."""
        client = self._broker.client(self._identifier, clean_session=True, keepalive=_KEEPALIVE_S, max_inflight_messages=IN_FLIGHT_MAX)
        client.pending_calls_threshold = IN_FLIGHT_MAX + 1  # more than that aiomqtt takes for a mistake, and warns
        async with client:
            self._state, self._since_s = f"connected to {self._broker}", monotonic()
            for owed in self._owed.values():
                owed.due_s = 0.0
            async with asyncio.TaskGroup() as group:
                group.create_task(_broken(client))
                await self._send(client, group)

    async def _send(self, client: aiomqtt.Client, group: asyncio.TaskGroup) -> None:
        room = asyncio.Semaphore(IN_FLIGHT_MAX)
        while True:
            self._added.clear()
            for key, owed in list(self._owed.items()):
                if owed.due_s > monotonic():
                    continue
                await room.acquire()
                if key in self._owed:
                    owed.due_s = inf  # until it is answered
                    group.create_task(self._publish(client, owed, room))
                else:
                    room.release()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._added.wait()

    async def _publish(self, client: aiomqtt.Client, owed: _Owed, room: asyncio.Semaphore) -> None:
        await client.publish(owed.topic, owed.payload, qos=1, timeout=_ANSWER_S)
        room.release()
        owed.due_s = monotonic() + _AGAIN_AFTER_S[min(owed.acknowledged, len(_AGAIN_AFTER_S) - 1)]
        owed.acknowledged += 1


async def _broken(client: aiomqtt.Client) -> None:
    """Raise MqttError as soon as the connection is gone; a publish alone would find out by its time limit."""
    async for _ in client.messages:
        pass


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
