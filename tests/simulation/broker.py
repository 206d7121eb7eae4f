"""A simulated MQTT 3.1.1 broker, as Mosquitto is one: sessions, retained messages, last wills, QoS 1 with redelivery.

It answers PUBACK before anything is on its disk, and may lose what it holds; it may also drop, repeat and reorder what waits for a session.
"""

import itertools
from collections import deque
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from zlib import crc32

from tests.simulation.network import Connection
from tests.simulation.trace import Trace
from tracker.mqtt.topics import Subscription, Subscriptions, matches

_MIDS = 65_535


class Message(NamedTuple):
    """What is delivered to a subscriber."""

    topic: str
    payload: bytes
    retain: bool = False

    def __str__(self) -> str:
        return f"{self.topic} {crc32(self.payload):08x}"


class Greeting(NamedTuple):
    """What a client says when it connects."""

    identifier: str
    clean: bool
    will: Message | None
    client: "Client"


class Client:
    """What a broker's answers reach; each is called in the client's own process."""

    def connected(self, resumed: bool) -> None:
        """CONNACK."""

    def subscribed(self, mid: int) -> None:
        """SUBACK."""

    def published(self, mid: int) -> None:
        """PUBACK."""

    def message(self, mid: int, message: Message) -> None:
        """PUBLISH."""


@dataclass(slots=True)
class _Session:
    identifier: str
    clean: bool
    filters: dict[str, None] = field(default_factory=dict)
    queue: deque[Message] = field(default_factory=deque)
    flying: dict[int, Message] = field(default_factory=dict)
    mids: int = 0


class SimBroker:
    """`lossy`, `repeating`, `shuffling`: how likely it drops, doubles or reorders what it passes on."""

    def __init__(self, trace: Trace, chance: Random, window: int) -> None:
        self.up = True
        self.lossy = self.repeating = self.shuffling = 0.0
        self._trace, self._chance, self._window = trace, chance, window
        self._sessions: dict[str, _Session] = {}
        self._retained: dict[str, Message] = {}
        self._routes: Subscriptions[str] = Subscriptions()
        self._online: dict[str, Connection] = {}
        self._greetings: dict[Connection, Greeting] = {}
        self._saved: tuple[dict[str, _Session], dict[str, Message]] = ({}, {})

    def greet(self, connection: Connection, greeting: Greeting) -> None:
        """CONNECT: the client's session is there again, or a new one; an older connection of the same client is closed."""
        if not self.up:
            connection.closed_by_broker()
            return
        name = greeting.identifier
        older = self._online.get(name)
        if older is not None:
            older.closed_by_broker()
            self._left(older, gracefully=False)
        session = self._sessions.get(name)
        resumed = True
        if session is None or session.clean or greeting.clean:
            resumed = False
            self._end(name)
            session = self._sessions[name] = _Session(name, greeting.clean)
        session.clean = greeting.clean
        self._online[name] = connection
        self._greetings[connection] = greeting
        self._trace("broker", f"welcomes {name}: {len(session.flying)} in flight, {len(session.queue)} waiting")
        connection.down.send(lambda: greeting.client.connected(resumed))
        if self._chance.random() < self.shuffling:
            waiting = list(session.queue)
            self._chance.shuffle(waiting)
            session.queue = deque(waiting)
        for mid, message in session.flying.items():
            self._send(connection, mid, message)
        self._pump(session)

    def subscribe(self, connection: Connection, mid: int, pattern: str) -> None:
        """SUBSCRIBE: what is retained comes at once."""
        session = self._session(connection)
        if session is None:
            return
        session.filters[pattern] = None
        self._routes.add(session.identifier, pattern, Subscription(1))
        client = self._greetings[connection].client
        connection.down.send(lambda: client.subscribed(mid))
        session.queue.extend(message._replace(retain=True) for topic, message in self._retained.items() if matches(pattern, topic))
        self._pump(session)

    def publish(self, connection: Connection, mid: int, message: Message) -> None:
        """PUBLISH at QoS 1: passed on, and acknowledged at once."""
        if self._session(connection) is None:
            return
        client = self._greetings[connection].client
        self.accept(message)
        connection.down.send(lambda: client.published(mid))

    def accept(self, message: Message) -> None:
        """Pass on a message of whoever."""
        if message.retain:
            self._retained[message.topic] = message
        for name, _ in self._routes.route(message.topic):
            session = self._sessions[name]
            if self._chance.random() < self.lossy:
                self._trace("broker", f"drops for {name}: {message}")
                continue
            passed_on = message._replace(retain=False)
            session.queue.append(passed_on)
            if self._chance.random() < self.repeating:
                session.queue.append(passed_on)
            if len(session.queue) > 1 and self._chance.random() < self.shuffling:
                session.queue.rotate(self._chance.randrange(len(session.queue)))
            self._pump(session)

    def acknowledge(self, connection: Connection, mid: int) -> None:
        """PUBACK: the session forgets the message."""
        session = self._session(connection)
        if session is not None and session.flying.pop(mid, None) is not None:
            self._pump(session)

    def leave(self, connection: Connection) -> None:
        """DISCONNECT: no last will."""
        self._left(connection, gracefully=True)

    def lost(self, connection: Connection) -> None:
        """A connection broke."""
        self._left(connection, gracefully=False)

    def save(self) -> None:
        """What is on the broker's disk from now on."""
        self._saved = deepcopy((self._kept(), self._retained))

    def stop(self, keeps: str) -> None:
        """The broker is gone. It comes back with `everything`, with what it `saved` last, or with `nothing`."""
        self.up = False
        for connection in list(self._greetings):
            connection.break_now()
        self._online.clear()
        self._greetings.clear()
        kept = {"everything": (self._kept(), self._retained), "saved": deepcopy(self._saved), "nothing": ({}, {})}[keeps]
        self._sessions, self._retained = kept
        self._routes = Subscriptions()
        for session in self._sessions.values():
            for pattern in session.filters:
                self._routes.add(session.identifier, pattern, Subscription(1))

    def _kept(self) -> dict[str, _Session]:
        return {name: session for name, session in self._sessions.items() if not session.clean}

    def _session(self, connection: Connection) -> _Session | None:
        greeting = self._greetings.get(connection)
        return None if greeting is None else self._sessions[greeting.identifier]

    def _left(self, connection: Connection, *, gracefully: bool) -> None:
        greeting = self._greetings.pop(connection, None)
        if greeting is None:
            return
        name = greeting.identifier
        del self._online[name]
        if greeting.clean:
            self._end(name)
        self._trace("broker", f"{name} {'left' if gracefully else 'is lost'}")
        if not gracefully and greeting.will is not None:
            self.accept(greeting.will)

    def _end(self, name: str) -> None:
        self._routes.leave(name)
        self._sessions.pop(name, None)

    def _pump(self, session: _Session) -> None:
        connection = self._online.get(session.identifier)
        while connection is not None and session.queue and len(session.flying) < self._window:
            session.mids = next(mid % _MIDS + 1 for mid in itertools.count(session.mids) if mid % _MIDS + 1 not in session.flying)
            message = session.queue.popleft()
            session.flying[session.mids] = message
            self._send(connection, session.mids, message)

    def _send(self, connection: Connection, mid: int, message: Message) -> None:
        client = self._greetings[connection].client
        connection.down.send(lambda: client.message(mid, message))
