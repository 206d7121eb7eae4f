"""One client's connection to the endpoint: its handshake, what it publishes, what it is sent, and how it ends.

What concerns more than one client is the hub's; what concerns the form of a packet is the codec's. Nothing is acknowledged from here
except at the hub's word. A connection is closed in two steps, so that its peer reads why: the goodbye and an end of writing first, then
whatever still comes is read and thrown away until the peer closes too, or its time is up.
"""

import asyncio
import contextlib
import logging
import socket
import time
import uuid
from collections import deque
from enum import Enum, auto
from typing import cast

from tracker.mqtt import endpoint_answers as answers
from tracker.mqtt.endpoint_hub import Hub
from tracker.mqtt.inlet import Delivery
from tracker.mqtt.packets import (
    V5,
    V311,
    Broken,
    Connect,
    Decoder,
    Disconnect,
    Packet,
    Pingreq,
    Puback,
    Publish,
    Subscribe,
    Unsubscribe,
)
from tracker.mqtt.properties import Reason

log = logging.getLogger(__name__)

_LINGER_S = 2.0
_UNACKNOWLEDGED_MAX = 1000


class _Stage(Enum):
    NEW = auto()  # no CONNECT yet
    OPEN = auto()
    ENDED = auto()  # the hub has forgotten it; perhaps the socket is still there


class Connection(asyncio.BufferedProtocol):
    """`buffer` is shared by all connections: what was read into it is copied before the next read."""

    def __init__(self, hub: Hub, buffer: bytearray) -> None:
        self.client_id = ""
        self._hub = hub
        self._buffer = buffer
        self._decoder = Decoder(hub.limits.max_packet_bytes)
        self._stage = _Stage.NEW
        self._since_s = self._heard_s = time.monotonic()
        self._keep_alive_s = 0
        self._paused = False
        self._will: Publish | None = None
        self._out: list[bytes] = []
        self._client_max_packet_bytes: int | None = None
        self._window = _UNACKNOWLEDGED_MAX
        self._last_packet_id = 0
        self._unacknowledged: set[int] = set()
        self._held: deque[tuple[str, bytes, bool]] = deque()  # QoS 1, waiting until the client has acknowledged others
        self._held_bytes = 0
        self._peer = "?"
        self._transport: asyncio.Transport

    def __str__(self) -> str:
        return f"{self.client_id[:60]!r} at {self._peer}" if self.client_id else self._peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._peer = f"{peer[0]}:{peer[1]}" if peer else "?"
        # a device that lost its network without a word and asked for no keep-alive is noticed by the kernel
        with contextlib.suppress(OSError):  # some systems refuse it when the peer is gone already
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not self._hub.came(self):
            self.abort()

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 (asyncio's signature)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._stage is _Stage.ENDED:
            return
        self._heard_s = time.monotonic()
        takes = self._hub.takes
        facts: list[Delivery] = []
        for packet in self._decoder.feed(bytes(memoryview(self._buffer)[:nbytes])):
            if type(packet) is Publish and self._stage is _Stage.OPEN and takes(packet.topic):
                facts.append(Delivery(packet.topic, packet.payload, (self, packet.packet_id, packet.retain)))
                continue
            if facts:  # before a goodbye is handled, which may bring a last will
                self._hub.arrived(self, facts)
                facts = []
            self._handle(packet)
        self.flush()
        if facts and not self._hub.arrived(self, facts) and self._stage is _Stage.OPEN:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._lost("closed without DISCONNECT")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(exc)
        self._hub.gone(self)

    def _lost(self, reason: object) -> None:
        if self._stage is _Stage.OPEN:
            log.info("%s: connection lost (%s)", self, reason)
        self._leave()

    def resume(self) -> None:
        """Read the socket again, after the hub had no room."""
        self._paused = False
        self._heard_s = time.monotonic()  # it could not be heard
        self._transport.resume_reading()

    def end(self, reason: Reason, words: str) -> None:
        """Close the connection from this side, saying why: in the log, and to the client where its MQTT can."""
        if self._stage is _Stage.ENDED:
            return
        log.warning("%s: %s; connection closed", self, words)
        version = self._decoder.version
        if self._stage is _Stage.NEW:
            self._out.append(answers.refused(version, reason, words))
        elif version == V5:
            self._out.append(answers.disconnect(reason, words))
        self._close()

    def _close(self) -> None:
        """End the session and the writing. The socket stays until the peer closes it, or `watch` does."""
        self.flush()
        self._leave()
        if self._transport.is_closing():
            return
        if self._paused:
            self._transport.resume_reading()
        try:
            self._transport.write_eof()
        except OSError:  # the peer has reset the connection, and asyncio has not told yet
            self._transport.abort()

    def _leave(self) -> None:
        """End the session. A last will that is still there is published."""
        if self._stage is _Stage.ENDED:
            return
        was_open = self._stage is _Stage.OPEN
        self._stage = _Stage.ENDED
        self._since_s = time.monotonic()
        self._held.clear()
        self._out.clear()
        if was_open:
            self._hub.leave(self, self._will)

    def abort(self) -> None:
        """Drop the socket without a word."""
        self._leave()
        self._transport.abort()

    def shut_down(self) -> None:
        """The tracker stops: no last will is published, since nobody would take it; the device has not gone."""
        self._will = None
        if self._stage is _Stage.OPEN and self._decoder.version == V5:
            self._out.append(answers.disconnect(Reason.SHUTTING_DOWN, "the tracker stops"))
        self._close()

    def watch(self, now_s: float) -> None:
        """End it when its time is up: no CONNECT in time, silent for longer than it promised, or closed and not gone."""
        if self._stage is _Stage.ENDED:
            if now_s - self._since_s > _LINGER_S:
                self._transport.abort()
        elif self._stage is _Stage.NEW:
            if now_s - self._since_s > self._hub.limits.connect_timeout_s:
                self.end(Reason.PROTOCOL_ERROR, f"no CONNECT within {self._hub.limits.connect_timeout_s:g} s")
        elif self._keep_alive_s and not self._paused and now_s - self._heard_s > 1.5 * self._keep_alive_s:
            self.end(Reason.KEEP_ALIVE_TIMEOUT, f"silent for longer than 1.5 x its keep-alive of {self._keep_alive_s} s")

    def _handle(self, packet: Packet) -> None:
        if self._stage is _Stage.ENDED:
            return
        match packet:
            case Publish():
                self._refuse(packet)
            case Puback():
                self._acknowledged(packet.packet_id)
            case Pingreq():
                self._out.append(answers.PINGRESP)
            case Subscribe():
                self._subscribe(packet)
            case Unsubscribe():
                codes = self._hub.unsubscribe(self, packet.filters)
                self._out.append(answers.unsuback(self._decoder.version, packet.packet_id, codes))
            case Connect():
                self._connect(packet)
            case Disconnect():
                self._will = self._will if packet.with_will else None
                self._close()
            case Broken():
                self.end(packet.reason, packet.words)

    def _connect(self, packet: Connect) -> None:
        if packet.auth_method is not None:
            self.end(Reason.BAD_AUTH_METHOD, f"authentication method {packet.auth_method[:60]!r}, which the tracker does not know")
            return
        if packet.will_qos == 2 and packet.version == V5:
            self.end(Reason.QOS_NOT_SUPPORTED, "a last will at QoS 2; the tracker takes QoS 0 and 1")
            return
        if not packet.client_id and packet.version == V311 and not packet.clean:
            self.end(Reason.CLIENT_ID_INVALID, "a CONNECT with neither a client id nor a clean session")
            return
        self.client_id = packet.client_id or f"tracker-{uuid.uuid4()}"
        if not self._hub.join(self):
            self.end(Reason.QUOTA_EXCEEDED, f"{self._hub.limits.max_sessions} clients are connected, which is the limit")
            return
        self._stage = _Stage.OPEN
        self._keep_alive_s = packet.keep_alive_s
        self._will = packet.will
        self._window = min(packet.receive_maximum, _UNACKNOWLEDGED_MAX)
        self._client_max_packet_bytes = packet.max_packet_bytes
        self._out.append(
            answers.accepted(
                packet.version,
                assigned_id=None if packet.client_id else self.client_id,
                max_packet_bytes=self._hub.limits.max_packet_bytes,
                expiry_asked_s=packet.session_expiry_s,
            )
        )

    def _refuse(self, packet: Publish) -> None:
        """A message to a topic that is not for clients. MQTT 3.1.1 has no way to say no: there it is acknowledged, counted, and logged."""
        self._hub.refuse(self, packet.topic)
        if packet.packet_id is None:
            return
        if self._decoder.version == V5:
            self._out.append(answers.puback_refused(packet.packet_id, Reason.NOT_AUTHORIZED))
        else:
            self._out.append(answers.pubacks([packet.packet_id]))

    def _subscribe(self, packet: Subscribe) -> None:
        codes, snapshot = self._hub.subscribe(self, packet.asked)
        self._out.append(answers.suback(self._decoder.version, packet.packet_id, codes))
        for topic, (payload, qos) in snapshot.items():
            self.forward(topic, payload, qos, retain=True)

    def puback(self, packet_ids: list[int]) -> None:
        """Acknowledge what is on the disk; `flush` sends it."""
        if self._stage is _Stage.OPEN:
            self._out.append(answers.pubacks(packet_ids))

    def forward(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Make a message ready; `flush` sends it. At QoS 1 only so many go out before the client acknowledges."""
        if self._stage is not _Stage.OPEN:
            return
        if qos == 0:
            self._frame(topic, payload, None, retain=retain)
        elif len(self._unacknowledged) < self._window:
            self._frame(topic, payload, self._new_packet_id(), retain=retain)
        elif self._held_bytes > self._hub.limits.max_outgoing_bytes:
            self._too_slow(self._held_bytes)
        else:
            self._held.append((topic, payload, retain))
            self._held_bytes += len(topic) + len(payload)

    def _frame(self, topic: str, payload: bytes, packet_id: int | None, *, retain: bool) -> None:
        frame = answers.publish(self._decoder.version, topic, payload, packet_id, retain=retain)
        if self._client_max_packet_bytes is not None and len(frame) > self._client_max_packet_bytes:
            log.warning("%s: %.120r is not sent: %d bytes, and it takes at most %d", self, topic, len(frame), self._client_max_packet_bytes)
            return
        if packet_id is not None:
            self._unacknowledged.add(packet_id)
        self._out.append(frame)

    def _new_packet_id(self) -> int:
        packet_id = self._last_packet_id % 65_535 + 1
        while packet_id in self._unacknowledged:
            packet_id = packet_id % 65_535 + 1
        self._last_packet_id = packet_id
        return packet_id

    def _acknowledged(self, packet_id: int) -> None:
        self._unacknowledged.discard(packet_id)
        while self._held and len(self._unacknowledged) < self._window:
            topic, payload, retain = self._held.popleft()
            self._held_bytes -= len(topic) + len(payload)
            self._frame(topic, payload, self._new_packet_id(), retain=retain)

    def flush(self) -> None:
        """Send what is ready, in one write. A client that leaves too much unread is cut off; back again, it gets the retained topics."""
        if not self._out or self._transport.is_closing():
            return
        unread_bytes = self._transport.get_write_buffer_size()
        if unread_bytes > self._hub.limits.max_outgoing_bytes:
            self._too_slow(unread_bytes)
            return
        self._transport.write(b"".join(self._out))
        self._out.clear()

    def _too_slow(self, waiting_bytes: int) -> None:
        log.warning("%s: too slow: %d bytes wait for it; connection closed", self, waiting_bytes)
        self.abort()
