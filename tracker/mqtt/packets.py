"""MQTT 3.1.1 and 5.0 packets as a server meets them: bytes in, packets out (the other way: endpoint_answers).

Everything that the two standards say about the shape of a packet lives here. No socket, no clock, no log, no meaning of a topic:
`Decoder` is fed whatever the network gave and returns what is complete; what breaks the standard comes out as one last `Broken`, never
as an exception. Properties of MQTT 5 that the tracker does not act on are checked and left out.
"""

from enum import IntEnum
from functools import lru_cache

import msgspec

from tracker.mqtt.properties import Allowed, Body, PacketFault, Properties, Reason, checked_text
from tracker.mqtt.topics import has_wildcard

V311 = 4
V5 = 5


class Publish(msgspec.Struct, frozen=True, gc=False):
    """A message. `packet_id` is None for QoS 0 and a number for QoS 1; QoS 2 comes out as `Broken`."""

    topic: str
    payload: bytes
    packet_id: int | None
    retain: bool


class Connect(msgspec.Struct, frozen=True):
    """The first packet of a client. `will` is published when the connection ends without a goodbye."""

    version: int
    client_id: str
    clean: bool
    keep_alive_s: int
    will: Publish | None = None
    will_qos: int = 0
    session_expiry_s: int = 0
    receive_maximum: int = 65_535
    max_packet_bytes: int | None = None
    auth_method: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """One filter of a SUBSCRIBE with its options; the last three are always at rest in 3.1.1."""

    filter: str
    qos: int
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0


class Subscribe(msgspec.Struct, frozen=True):
    """A client wants what its filters match."""

    packet_id: int
    asked: tuple[Asked, ...]


class Unsubscribe(msgspec.Struct, frozen=True):
    """A client wants it no more."""

    packet_id: int
    filters: tuple[str, ...]


class Puback(msgspec.Struct, frozen=True):
    """A client has what was sent at QoS 1."""

    packet_id: int


class Pingreq(msgspec.Struct, frozen=True):
    """Is anybody there?"""


class Disconnect(msgspec.Struct, frozen=True):
    """The client says goodbye. `with_will`: it asks for its last will to be published all the same (5.0 only)."""

    with_will: bool = False


class Broken(msgspec.Struct, frozen=True):
    """The stream breaks the standard, or a limit, here; nothing after it is read."""

    reason: Reason
    words: str


Packet = Publish | Connect | Subscribe | Unsubscribe | Puback | Pingreq | Disconnect | Broken


class _Kind(IntEnum):
    """The high half of a packet's first byte, for what a client may send."""

    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10
    PINGREQ = 12
    DISCONNECT = 14


_FLAGS = {_Kind.SUBSCRIBE: 2, _Kind.UNSUBSCRIBE: 2}
_CONNECT_BYTE = _Kind.CONNECT << 4


class Decoder:
    """The packets of one client's stream. `version` is 0 until its CONNECT has said which MQTT it speaks."""

    def __init__(self, max_packet_bytes: int) -> None:
        self.version = 0
        self._max_packet_bytes = max_packet_bytes
        self._held = bytearray()  # the beginning of a packet whose end has not come
        self._wanted = 0  # bytes that it needs at least; so a packet that drips in is looked at once, not at every drop
        self._broken = False

    def feed(self, chunk: bytes) -> list[Packet]:
        """All packets that are complete with `chunk`, in order. After a `Broken`, which is then the last, nothing comes any more."""
        if self._broken:
            return []
        data = chunk
        if self._held:
            self._held += chunk
            if len(self._held) < self._wanted:
                return []
            data = bytes(self._held)
            self._held.clear()
        packets: list[Packet] = []
        try:
            self._split(data, packets)
        except PacketFault as fault:
            self._broken = True
            packets.append(Broken(fault.reason, str(fault)))
        return packets

    def _split(self, data: bytes, packets: list[Packet]) -> None:
        start, end = 0, len(data)
        wanted = 2
        while end - start >= 2:
            first = data[start]
            if self.version == 0 and first != _CONNECT_BYTE:
                raise PacketFault(Reason.PROTOCOL_ERROR, "the first packet is no MQTT CONNECT")
            length = data[start + 1]
            body = start + 2
            if length & 0x80:
                if end == body:
                    wanted = 3
                    break
                length, body = _length(data, start + 1)
                if body < 0:
                    wanted = end - start + 1
                    break
            stop = body + length
            if stop - start > self._max_packet_bytes:
                raise PacketFault(
                    Reason.TOO_LARGE, f"a packet of {stop - start} bytes; the limit is {self._max_packet_bytes}: send smaller messages"
                )
            if stop > end:
                wanted = stop - start
                break
            packets.append(self._publish(first, data, body, stop) if first >> 4 == 3 else self._packet(first, data[body:stop]))
            start = stop
        if start < end:
            self._held += data[start:]
            self._wanted = wanted

    def _publish(self, first: int, data: bytes, body: int, stop: int) -> Publish:
        """The packet that comes a hundred thousand times a second: indices instead of a `Body`."""
        if stop - body < 2:
            raise PacketFault(Reason.MALFORMED, "a PUBLISH without a topic")
        topic_start = body + 2
        topic_end = after = topic_start + (data[body] << 8 | data[body + 1])
        qos = first & 0b110
        if qos:
            after += 2
        if after > stop:
            raise PacketFault(Reason.MALFORMED, "a PUBLISH that is shorter than it says")
        packet_id = None
        if qos:
            if qos != 0b010:
                raise _wrong_qos(qos)
            packet_id = data[topic_end] << 8 | data[topic_end + 1]
            if packet_id == 0:
                raise PacketFault(Reason.MALFORMED, "a PUBLISH at QoS 1 with packet id 0")
        elif first & 0b1000:
            raise PacketFault(Reason.MALFORMED, "a PUBLISH at QoS 0 marked as sent again")
        if self.version == V5:
            if after < stop and data[after] == 0:
                after += 1
            else:
                properties = Body(data[after:stop])
                properties.properties(Allowed.PUBLISH)
                after += properties.at
        raw = data[topic_start:topic_end]
        topic = _known_topic(raw) if len(raw) <= 200 else checked_topic(raw)
        return Publish(topic, data[after:stop], packet_id, first & 1 == 1)

    def _packet(self, first: int, raw: bytes) -> Packet:
        try:
            kind = _Kind(first >> 4)
        except ValueError:
            raise PacketFault(Reason.PROTOCOL_ERROR, f"a packet of type {first >> 4}, which a client never sends here") from None
        if first & 0xF != _FLAGS.get(kind, 0):
            raise PacketFault(Reason.MALFORMED, f"a {kind.name} with wrong flags")
        body = Body(raw)
        packet = self._parse(kind, body)
        if body.left:
            raise PacketFault(Reason.MALFORMED, f"a {kind.name} that is longer than it should be")
        return packet

    def _parse(self, kind: _Kind, body: Body) -> Packet:
        if kind is _Kind.CONNECT:
            if self.version:
                raise PacketFault(Reason.PROTOCOL_ERROR, "a second CONNECT on one connection")
            self.version = _version(body)
            return _connect(body, self.version)
        if kind is _Kind.SUBSCRIBE:
            return _subscribe(body, self.version)
        if kind is _Kind.UNSUBSCRIBE:
            return _unsubscribe(body, self.version)
        if kind is _Kind.PUBACK:
            return _puback(body, self.version)
        if kind is _Kind.DISCONNECT:
            return _disconnect(body, self.version)
        return Pingreq()


def _wrong_qos(bits: int) -> PacketFault:
    if bits == 0b100:
        return PacketFault(Reason.QOS_NOT_SUPPORTED, "a PUBLISH at QoS 2; the tracker takes QoS 0 and 1: set QoS 1")
    return PacketFault(Reason.MALFORMED, "a PUBLISH at QoS 3")


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The remaining length that starts at `at`, and where the body starts; -1 there when its last byte has not come."""
    length = 0
    for n in range(4):
        if at + n == len(data):
            return 0, -1
        byte = data[at + n]
        length |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return length, at + n + 1
    raise PacketFault(Reason.MALFORMED, "a remaining length of more than four bytes")


def checked_topic(raw: bytes) -> str:
    """The name of a topic to publish to. PacketFault when it is no UTF-8, is empty, or holds NUL or a wildcard."""
    topic = checked_text(raw)
    if not topic:
        raise PacketFault(Reason.PROTOCOL_ERROR, "an empty topic")
    if has_wildcard(topic):
        raise PacketFault(Reason.TOPIC_INVALID, f"a message to a topic with a wildcard: {topic[:80]!r}")
    return topic


_known_topic = lru_cache(maxsize=4096)(checked_topic)  # a race has a few hundred topics: decode and check each once


def checked_filter(text: str) -> str:
    """A filter to subscribe to. PacketFault when it is empty or a wildcard does not stand alone in its level, `#` last."""
    if not text:
        raise PacketFault(Reason.PROTOCOL_ERROR, "an empty topic filter")
    levels = text.split("/")
    for n, level in enumerate(levels):
        alone = level in ("+", "#") or not has_wildcard(level)
        if not alone or (level == "#" and n < len(levels) - 1):
            raise PacketFault(Reason.FILTER_INVALID, f"a topic filter with a wildcard out of place: {text[:80]!r}")
    return text


def _version(body: Body) -> int:
    name = body.binary()
    level = body.u8()
    if name == b"MQTT" and level in (V311, V5):
        return level
    if name in (b"MQTT", b"MQIsdp"):
        raise PacketFault(Reason.UNSUPPORTED_VERSION, f"MQTT protocol level {level}; the tracker speaks 3.1.1 (4) and 5.0 (5)")
    raise PacketFault(Reason.MALFORMED, f"a CONNECT of the protocol {name[:20]!r}")


def _connect(body: Body, version: int) -> Connect:
    flags = body.u8()
    qos = flags >> 3 & 3
    has_will = flags & 0b100
    if flags & 1 or qos == 3 or (not has_will and flags & 0b11_1000):
        raise PacketFault(Reason.MALFORMED, "a CONNECT with wrong flags")
    if version == V311 and flags & 0b1100_0000 == 0b0100_0000:
        raise PacketFault(Reason.MALFORMED, "a CONNECT with a password and no user name")
    keep_alive_s = body.u16()
    asked = body.properties(Allowed.CONNECT) if version == V5 else Properties()
    client_id = body.text()
    will = None
    if has_will:
        if version == V5:
            body.properties(Allowed.WILL)
        will = Publish(checked_topic(body.binary()), body.binary(), None, bool(flags & 0b10_0000))
    if flags & 0x80:
        body.text()  # user name and password are read for their shape and not kept
    if flags & 0x40:
        body.binary()
    return Connect(
        version,
        client_id,
        bool(flags & 0b10),
        keep_alive_s,
        will,
        qos,
        session_expiry_s=asked.number(0x11, 0),
        receive_maximum=asked.positive(0x21, 65_535),
        max_packet_bytes=asked.positive(0x27, 268_435_460) if 0x27 in asked else None,
        auth_method=asked.words(0x15),
    )


def _subscribe(body: Body, version: int) -> Subscribe:
    packet_id = body.packet_id()
    if version == V5 and 0x0B in body.properties(Allowed.SUBSCRIBE):
        raise PacketFault(Reason.NO_SUBSCRIPTION_IDS, "a SUBSCRIBE with a subscription identifier, which the tracker does not offer")
    asked = []
    while body.left:
        text = checked_filter(body.text())
        options = body.u8()
        qos, handling = options & 3, options >> 4
        if qos == 3 or handling == 3 or options > (0b11_1111 if version == V5 else 2):
            raise PacketFault(Reason.MALFORMED, f"a SUBSCRIBE with wrong options for {text[:80]!r}")
        asked.append(Asked(text, qos, bool(options & 4), bool(options & 8), handling))
    if not asked:
        raise PacketFault(Reason.PROTOCOL_ERROR, "a SUBSCRIBE without a topic filter")
    return Subscribe(packet_id, tuple(asked))


def _unsubscribe(body: Body, version: int) -> Unsubscribe:
    packet_id = body.packet_id()
    if version == V5:
        body.properties(Allowed.UNSUBSCRIBE)
    filters = []
    while body.left:
        filters.append(checked_filter(body.text()))
    if not filters:
        raise PacketFault(Reason.PROTOCOL_ERROR, "an UNSUBSCRIBE without a topic filter")
    return Unsubscribe(packet_id, tuple(filters))


def _puback(body: Body, version: int) -> Puback:
    packet_id = body.packet_id()
    if version == V5 and body.left:
        body.u8()
        if body.left:
            body.properties(Allowed.PUBACK)
    return Puback(packet_id)


def _disconnect(body: Body, version: int) -> Disconnect:
    reason = 0
    if version == V5 and body.left:
        reason = body.u8()
        if body.left:
            body.properties(Allowed.DISCONNECT)
    return Disconnect(with_will=reason != 0)
