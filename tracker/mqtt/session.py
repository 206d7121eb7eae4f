"""The way in through a broker: a persistent session, in which nothing is acknowledged before the ingest says so.

The only place that reaches into aiomqtt: manual acknowledgement and the raw receive callback are paho's, not in its public face.
"""

import asyncio
import logging
import math
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Self

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import MQTTMessage
from paho.mqtt.reasoncodes import ReasonCode

from tracker.mqtt.address import Broker
from tracker.mqtt.inlet import Delivery
from tracker.mqtt.refusals import in_words
from tracker.mqtt.resuming import tell_whether_resumed

log = logging.getLogger(__name__)

_KEEPALIVE_S = 20
_LONGEST_PAUSE_S = 15.0
_HELD_S = 10.0
"""A connection that broke sooner was perhaps taken away; longer than the pause after it, since whoever takes it away pauses as well."""
_PAUSE_AFTER_SHORT_S = 4.0
_TAKEN_AWAY = 3
_GOODBYE_S = 2.0
_MUTE_S = 10.0
"""So long after what we said was acknowledged something of it must have come back."""


class Token(NamedTuple):
    """Which connection a message came over (`epoch`), and its number there. QoS 0 has nothing to acknowledge."""

    epoch: int
    mid: int
    qos: int


class BrokerSession:
    """An `Inlet` on a broker: reconnects by itself, and lets the broker keep what is not acknowledged.

    `identifier` names the session; two clients with one identifier would take it from each other for ever. `known`: it has been there
    before. At most about `waiting_max` messages wait in memory; then the socket is left alone until the ingest has caught up.
    """

    def __init__(self, broker: Broker, *, root: str, event: str, identifier: str, known: bool = False, waiting_max: int = 20_000) -> None:
        self._broker = broker
        self._filter = f"{root}/{event}/+/+"
        self._own = f"{root}/{event}/live/"
        self._identifier = identifier
        self._waiting_max = waiting_max
        self._waiting: deque[Delivery] = deque()
        self._arrived = asyncio.Event()
        self._epoch = self._connections = self._losses = 0
        self._known = known
        self._room = asyncio.Event()
        self._room.set()
        self._client: aiomqtt.Client | None = None
        self._outgoing: dict[str, bytes] = {}
        self._to_send = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._answered = asyncio.Event()
        self._delivered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._state = "connecting"
        self._fault: str | None = None
        self._mute: str | None = None
        self._since_s = 0.0
        self._short = 0
        """So many connections in a row were accepted, and broke within seconds."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay_connected())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._task is not None  # entered
        if self._state == "connected to" and self._outgoing:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_sent.wait(), _GOODBYE_S)
        while not self._task.done():
            self._task.cancel()  # more than once: the wait_for of Python 3.11, and an error in aiomqtt's goodbye, can swallow one
            await asyncio.wait({self._task}, timeout=_GOODBYE_S)

    async def next_batch(self, limit: int) -> list[Delivery]:
        """Wait until something came, then return all that waits, at most `limit` messages."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        waiting = self._waiting
        batch = [waiting.popleft() for _ in range(min(limit, len(waiting)))]
        if not self._room.is_set() and len(waiting) <= self._waiting_max // 2:
            self._room.set()
            self._go_on()
        return batch

    def ack(self, batch: list[Delivery]) -> None:
        """Acknowledge what is on the disk; what came over an older connection is the broker's to send again."""
        client, epoch = self._client, self._epoch
        if client is None:
            return
        paho = client._client  # noqa: SLF001
        for delivery in batch:
            token = delivery.token
            assert isinstance(token, Token)  # our own
            if token.epoch == epoch and token.qos:
                paho.ack(token.mid, token.qos)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish a live topic, retained; while the broker is away only the newest payload of a topic is kept."""
        self._outgoing[topic] = payload
        self._all_sent.clear()
        self._to_send.set()

    @property
    def address(self) -> str:
        """The broker's address, without user and password."""
        return str(self._broker)

    @property
    def connections(self) -> int:
        """How often the broker was met."""
        return self._connections

    @property
    def losses(self) -> int:
        """How often the broker was met without the session, and so without all that it had kept for it."""
        return self._losses

    @property
    def fault(self) -> str | None:
        """Why the broker is away: what ended the last connection, or refused the next; None: it is there, or not tried yet. A session
        that another client takes away again and again is away as well, and so is one for which nothing is delivered.
        """
        if self._state != "connected to":
            return self._fault
        held = self._short < _TAKEN_AWAY or _now_s() - self._since_s > _HELD_S
        return self._mute if held else self._fault

    @property
    def link(self) -> str:
        """The state of the connection, for a person."""
        return f"{self._state} {self._broker}"

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            await self._room.wait()  # while the disk is slow or full, a new connection would only bring the same again
            try:
                await self._one_connection()
            except (aiomqtt.MqttError, OSError, UnicodeError) as error:  # UnicodeError: a host that can be no name
                if self._state == "connected to":
                    failures, self._short = 0, 0 if _now_s() - self._since_s > _HELD_S else self._short + 1
                else:
                    failures += 1
                pause_s = max(min(_LONGEST_PAUSE_S, 0.25 * 2**failures), min(_PAUSE_AFTER_SHORT_S, 0.25 * 2**self._short))
                fault = in_words(error, self._broker) if self._short < _TAKEN_AWAY else self._taken_away()
                self._state, self._fault = "no connection to", fault
                log.warning("broker %s: %s; trying again in %.1f s", self._broker, fault, pause_s)
                await asyncio.sleep(pause_s)

    async def _one_connection(self) -> None:
        """Connect, receive and publish until the connection breaks; raises what broke it."""
        client = self._broker.client(self._identifier, clean_session=False, keepalive=_KEEPALIVE_S)
        paho = client._client  # noqa: SLF001
        # Both before connecting: messages of a resumed session come with the first bytes after CONNACK.
        paho.manual_ack_set(True)
        self._answered.clear()
        self._delivered.clear()
        self._mute = None
        self._epoch += 1
        paho.on_message = self._receiver(self._epoch)
        tell_whether_resumed(client, self._let_in)
        self._client = client  # before connecting, too: what comes that early is acknowledged, and read on after a brake
        try:
            async with client:
                await self._until_broken(client)
        finally:
            self._client = None

    async def _until_broken(self, client: aiomqtt.Client) -> None:
        """Subscribe, and send what is to go out, until the connection breaks; raises what broke it."""
        tasks = {asyncio.create_task(one) for one in (self._subscribe_and_send(client), _broken(client), self._doubt_silence())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _doubt_silence(self) -> None:
        """Mosquitto grants a subscription for which it delivers nothing, and acknowledges what it throws away: then all seems well, and
        no fact comes. But a live topic of ours comes back to us, unless this account may not read, or not write it.
        """
        await self._answered.wait()
        try:
            async with asyncio.timeout(_MUTE_S):  # wait_for can swallow the end of the connection
                await self._delivered.wait()
        except TimeoutError:
            self._mute = f"it delivers nothing of {self._filter}: give the account of the ingest, or allow this one to read it"
            log.warning("broker %s: %s", self._broker, self._mute)
        await self._delivered.wait()
        self._mute = None
        await asyncio.Event().wait()  # nothing more is doubted while the connection holds

    def _taken_away(self) -> str:
        return (
            f"it broke {self._short} times within seconds: another client takes the session {self._identifier} away "
            "(a tracker on a copy of this journal? end one of them, and merge), or the network fails"
        )

    def _let_in(self, resumed: bool) -> None:
        """Said of each connection at once: a session that is made anew is there with the next one."""
        if self._known and not resumed:
            self._losses += 1
            log.warning("broker %s: no longer had the session %s, nor what it kept for it", self._broker, self._identifier)
        self._known = True

    def _receiver(self, epoch: int) -> Callable[[PahoClient, object, MQTTMessage], None]:
        """What paho calls with each message, in the event loop's thread."""
        waiting, arrived, own, most = self._waiting, self._arrived, self._own, self._waiting_max
        delivered = self._delivered

        def receive(paho: PahoClient, _: object, message: MQTTMessage) -> None:
            delivered.set()
            topic = _topic_of(message)
            if topic.startswith(own):
                paho.ack(message.mid, message.qos)
                return
            waiting.append(Delivery(topic, bytes(message.payload), Token(epoch, message.mid, message.qos)))
            arrived.set()
            if len(waiting) >= most:
                self._brake(paho)

        return receive

    def _brake(self, paho: PahoClient) -> None:
        """Leave the socket alone: the broker keeps the rest. (aiomqtt's own limit would throw messages away.)"""
        sock = paho.socket()
        if sock is not None and self._room.is_set():
            self._room.clear()
            asyncio.get_running_loop().remove_reader(sock)

    def _go_on(self) -> None:
        client = self._client
        sock = None if client is None else client._client.socket()  # noqa: SLF001
        if client is not None and sock is not None:
            asyncio.get_running_loop().add_reader(sock, _read, client._client)  # noqa: SLF001

    async def _subscribe_and_send(self, client: aiomqtt.Client) -> None:
        """Without limits of time: an answer comes behind all that waited at the broker, and to give up would bring that again from the
        start, for ever where the disk is slow. Whether the connection is still there is for its keep-alive to find out.
        """
        codes = await client.subscribe(self._filter, qos=1, timeout=math.inf)
        if any(isinstance(code, ReasonCode) and code.is_failure for code in codes):
            raise aiomqtt.MqttError(f"it refuses {self._identifier} the subscription to {self._filter}; allow it there")
        self._state, self._since_s = "connected to", _now_s()
        self._connections += 1
        log.info("connected to broker %s as %s", self._broker, self._identifier)
        self._to_send.set()
        await self._send(client)

    async def _send(self, client: aiomqtt.Client) -> None:
        """Publish what is waiting to go out; a payload that could not be sent waits for the next connection."""
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            for topic in list(self._outgoing):
                payload = self._outgoing[topic]
                await client.publish(topic, payload, qos=1, retain=True, timeout=math.inf)
                if topic.count("/") == self._filter.count("/"):  # it is one of those that we hear
                    self._answered.set()
                if self._outgoing.get(topic) is payload:
                    del self._outgoing[topic]
            if not self._outgoing:
                self._all_sent.set()


def _topic_of(message: MQTTMessage) -> str:
    """A broker that does not check its topics may hand on one that is no UTF-8: that is for the quarantine, and no reason to break."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return message._topic.decode(errors="backslashreplace")  # noqa: SLF001


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _broken(client: aiomqtt.Client) -> None:
    """Raise MqttError when the connection breaks. (No message comes this way: `on_message` is ours.)"""
    async for _ in client.messages:
        pass


def _read(paho: PahoClient) -> None:
    """Read what the socket has, and what TLS has read of it already."""
    paho.loop_read()
    sock = paho.socket()
    while isinstance(sock, ssl.SSLSocket) and sock.pending() > 0:
        paho.loop_read()
        sock = paho.socket()
