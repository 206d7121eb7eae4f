"""What all clients of the endpoint share: who is connected, what waits for the ingest, who subscribes, what is retained.

No bytes and no sockets here: a client is what `Client` says. Everything runs in one event loop, and no method waits except `next_batch`.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import Protocol, cast

from tracker.mqtt.endpoint_turns import Turns
from tracker.mqtt.inlet import Delivery
from tracker.mqtt.packets import Asked, Publish
from tracker.mqtt.properties import Reason
from tracker.mqtt.retained import Retained
from tracker.mqtt.topics import Subscription, Subscriptions

log = logging.getLogger(__name__)

_WARNINGS_MAX = 1000
_NEWCOMERS_MAX = 100
_GOODBYE_S = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what clients can make the endpoint hold. A bound on each thing that grows; the defaults fit some hundred devices.

    `max_waiting`, `max_waiting_bytes`: messages that the ingest has not taken; at that many, the sockets of those who sent most are no
    longer read (each may bring one read more), and nobody else waits for them.
    `max_outgoing_bytes`: what a subscriber may leave unread before it is cut off; more than all retained messages together.
    `max_retained_bytes`: what clients, not the tracker, can have retained.
    """

    max_packet_bytes: int = 64 * 1024
    max_sessions: int = 1000
    max_waiting: int = 50_000
    max_waiting_bytes: int = 64 * 1024 * 1024
    max_outgoing_bytes: int = 32 * 1024 * 1024
    max_retained_bytes: int = 8 * 1024 * 1024
    max_subscriptions: int = 100
    connect_timeout_s: float = 10.0


class Client(Protocol):
    """A connection, as far as the others need to know it. It is compared by identity: a new connection is a new client."""

    @property
    def client_id(self) -> str: ...

    def puback(self, packet_ids: list[int]) -> None:
        """Acknowledge; nothing when the connection is gone."""

    def forward(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Make a message ready to be sent; nothing when the connection is gone."""

    def flush(self) -> None:
        """Send what is ready."""

    def end(self, reason: Reason, words: str) -> None:
        """Close the connection from this side."""

    def resume(self) -> None:
        """Read the socket again."""

    def watch(self, now_s: float) -> None:
        """End what is over its time; `now_s` by the monotonic clock."""

    def shut_down(self) -> None:
        """Say goodbye and close: the tracker stops."""

    def abort(self) -> None:
        """Drop the connection without a word."""


Token = tuple[Client, int | None, bool]
"""Of a delivery: whom to acknowledge, its packet id (None: QoS 0), and whether it is to be retained.

The connection itself is the epoch: a packet id means nothing on another one. A plain tuple, as it is made for every message.
"""


class Hub:
    """The shared state of one endpoint that serves `{root}/{event}/…`."""

    def __init__(self, root: str, event: str, limits: Limits) -> None:
        self.limits = limits
        self.facts_prefix = f"{root}/{event}/"
        self.live_prefix = f"{root}/{event}/live/"
        self.waiting: Turns[Client] = Turns(limits.max_waiting, limits.max_waiting_bytes)
        self.connections: set[Client] = set()  # every socket, also before its CONNECT and after its end
        self.sessions: dict[str, Client] = {}
        self._closing = False
        self._all_gone = asyncio.Event()
        self.refused = 0
        self._warned: set[tuple[str, str]] = set()
        self._arrived = asyncio.Event()
        self._paused: set[Client] = set()
        self._subscriptions: Subscriptions[Client] = Subscriptions()
        self._retained = Retained(limits.max_retained_bytes)

    def came(self, client: Client) -> bool:
        """A socket was opened. False when it is to be dropped at once."""
        if self._closing:
            return False
        if len(self.connections) >= self.limits.max_sessions + _NEWCOMERS_MAX:
            log.warning("%s: dropped: %d connections are open, far more than there are clients", client, len(self.connections))
            return False
        if self.waiting.overrun:
            log.warning("%s: dropped: %d messages wait for the journal; it may come back when it has taken them", client, len(self.waiting))
            return False
        self.connections.add(client)
        return True

    def gone(self, client: Client) -> None:
        """Its socket is closed."""
        self.connections.discard(client)
        if not self.connections:
            self._all_gone.set()

    async def close(self) -> None:
        """Send everybody away, and wait until the sockets are closed."""
        self._closing = True
        for client in list(self.connections):
            client.shut_down()
        if self.connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone_now(), _GOODBYE_S)
        for client in list(self.connections):
            client.abort()
        await self._all_gone_now()

    async def _all_gone_now(self) -> None:
        self._all_gone.clear()
        if self.connections:
            await self._all_gone.wait()

    def join(self, client: Client) -> bool:
        """Let a client in; it takes over from an older connection with its id. False when there is no room."""
        older = self.sessions.get(client.client_id)
        if older is not None:
            older.end(Reason.TAKEN_OVER, "another connection came with the same client id; give each device its own")
        elif len(self.sessions) >= self.limits.max_sessions:
            return False
        self.sessions[client.client_id] = client
        return True

    def leave(self, client: Client, will: Publish | None) -> None:
        """A client's connection ended; its last will, if it has one, is published as it would have done itself, at QoS 0."""
        if self.sessions.get(client.client_id) is client:
            del self.sessions[client.client_id]
        self._subscriptions.leave(client)
        self._paused.discard(client)
        if will is None:
            return
        if self.takes(will.topic):
            self.waiting.put(client, [Delivery(will.topic, will.payload, (client, None, will.retain))])
            self._arrived.set()
        else:
            self.refuse(client, will.topic)

    def takes(self, topic: str) -> bool:
        """Whether clients may publish there: the event's topics except the tracker's own live ones."""
        return topic.startswith(self.facts_prefix) and not topic.startswith(self.live_prefix)

    def refuse(self, client: Client, topic: str) -> None:
        """Count a message to a topic that is not for clients; log the first of each client and topic."""
        self.refused += 1
        self._warn_once(client, topic, f"refused: this tracker takes {self.facts_prefix}… (not live/); set the device's topic")

    def _warn_once(self, client: Client, topic: str, words: str) -> None:
        key = (client.client_id, topic)
        if key in self._warned or len(self._warned) >= _WARNINGS_MAX:
            return
        self._warned.add(key)
        log.warning("%s: message to %.120r %s", client, topic, words)
        if len(self._warned) == _WARNINGS_MAX:
            log.warning("%d clients and topics gave such a warning; further ones are only counted", _WARNINGS_MAX)

    def arrived(self, client: Client, read: list[Delivery]) -> bool:
        """Messages of the client, in its order. False: it has sent too many, and is to be read again only after its `resume`."""
        self.waiting.put(client, read)
        self._arrived.set()
        if not self.waiting.crowded_by(client):
            return True
        self._paused.add(client)
        return False

    @property
    def full(self) -> bool:
        """Whether clients wait for the ingest."""
        return bool(self._paused)

    async def next_batch(self, limit: int) -> list[Delivery]:
        """Wait for messages, then return at most `limit` of them, of each client in turn."""
        while not self.waiting:
            self._arrived.clear()
            await self._arrived.wait()
        batch = self.waiting.take(limit)
        if self._paused and self.waiting.roomy:
            paused, self._paused = self._paused, set()
            for client in paused:
                client.resume()
        return batch

    def ack(self, batch: list[Delivery]) -> None:
        """The batch is on the disk: acknowledge it to its senders, and show it to those who subscribe to facts."""
        replies: dict[Client, list[int]] = {}
        touched: set[Client] = set()
        watched = bool(self._subscriptions)
        for topic, payload, (client, packet_id, retain) in cast("list[tuple[str, bytes, Token]]", batch):
            if packet_id is not None:
                if client in replies:
                    replies[client].append(packet_id)
                else:
                    replies[client] = [packet_id]
            if retain and not self._retained.keep_for_client(topic, payload):
                self._warn_once(client, topic, f"not retained: {self.limits.max_retained_bytes} bytes are taken")
            if watched:
                self._forward(topic, payload, 0 if packet_id is None else 1, touched, retain=retain, sender=client.client_id)
        for client, packet_ids in replies.items():
            client.puback(packet_ids)
        for client in touched | replies.keys():
            client.flush()

    def publish(self, topic: str, payload: bytes) -> None:
        """A live topic of the tracker: retained, and sent to who subscribes."""
        self._retained.keep(topic, payload)
        touched: set[Client] = set()
        self._forward(topic, payload, 1, touched, retain=True, sender=None)
        for client in touched:
            client.flush()

    def _forward(self, topic: str, payload: bytes, qos: int, touched: set[Client], *, retain: bool, sender: str | None) -> None:
        """Make a message ready at who subscribes; they are added to `touched`, to be flushed."""
        for client, wish in self._subscriptions.route(topic):
            if not (wish.no_local and client.client_id == sender):
                client.forward(topic, payload, min(qos, wish.qos), retain=retain and wish.retain_as_published)
                touched.add(client)

    def subscribe(self, client: Client, asked: tuple[Asked, ...]) -> tuple[list[int], dict[str, tuple[bytes, int]]]:
        """Subscribe. Returns a code for each filter, and the retained messages to send: topic, payload and QoS."""
        codes: list[int] = []
        snapshot: dict[str, tuple[bytes, int]] = {}
        for ask in asked:
            known = self._subscriptions.has(client, ask.filter)
            if ask.filter.startswith("$share/"):
                codes.append(Reason.NO_SHARED_SUBSCRIPTIONS)
                continue
            if not known and self._subscriptions.count(client) >= self.limits.max_subscriptions:
                log.warning("%s: subscription to %.120r refused: it has %d already", client, ask.filter, self.limits.max_subscriptions)
                codes.append(Reason.QUOTA_EXCEEDED)
                continue
            qos = min(ask.qos, 1)
            self._subscriptions.add(client, ask.filter, Subscription(qos, ask.no_local, ask.retain_as_published))
            codes.append(qos)
            if ask.retain_handling == 0 or (ask.retain_handling == 1 and not known):
                for topic, payload in self._retained.matching(ask.filter):
                    snapshot[topic] = (payload, max(qos, snapshot.get(topic, (b"", 0))[1]))
        return codes, snapshot

    def unsubscribe(self, client: Client, filters: tuple[str, ...]) -> list[int]:
        """Unsubscribe. Returns a code for each filter."""
        return [Reason.SUCCESS if self._subscriptions.remove(client, pattern) else Reason.NO_SUBSCRIPTION for pattern in filters]
