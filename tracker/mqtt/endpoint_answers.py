"""What the endpoint sends, as bytes: answers, forwarded messages, goodbyes, each in the form of MQTT 3.1.1 or 5.0.

Pure functions from values to bytes; whether and when something is sent is not decided here.
"""

from struct import Struct

from tracker.mqtt.packets import V5
from tracker.mqtt.properties import Reason

PINGRESP = b"\xd0\x00"

_PUBACK = Struct(">HH").pack
_PUBACK_HEAD = 0x4002
_RETURN_CODES = {Reason.UNSUPPORTED_VERSION: 1, Reason.CLIENT_ID_INVALID: 2, Reason.QUOTA_EXCEEDED: 3}
_SUBACK_FAILED = b"\x80"


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + _varint(len(body)) + body


def _reason_words(words: str) -> bytes:
    return b"\x1f" + _text(words) if words else b""


def accepted(version: int, *, assigned_id: str | None, max_packet_bytes: int, expiry_asked_s: int) -> bytes:
    """CONNACK, session not present. In 5.0 it says what the endpoint offers, and that a session ends with its connection."""
    if version != V5:
        return b"\x20\x02\x00\x00"
    offers = [
        b"\x21\xff\xff",  # receive maximum: as many as there are packet ids; the ingest's pace is kept by not reading
        b"\x24\x01",  # maximum QoS
        b"\x25\x01",  # retain
        b"\x27" + max_packet_bytes.to_bytes(4, "big"),
        b"\x22\x00\x00",  # topic aliases
        b"\x28\x01",  # wildcards
        b"\x29\x00",  # subscription identifiers
        b"\x2a\x00",  # shared subscriptions
    ]
    if assigned_id is not None:
        offers.append(b"\x12" + _text(assigned_id))
    if expiry_asked_s:
        offers.append(b"\x11\x00\x00\x00\x00")
    properties = b"".join(offers)
    return _packet(0x20, b"\x00\x00" + _varint(len(properties)) + properties)


def refused(version: int, reason: Reason, words: str) -> bytes:
    """CONNACK for a client that may not come in; empty where 3.1.1, which also stands for a version not known (0), has no code for it."""
    if version != V5:
        return bytes((0x20, 2, 0, _RETURN_CODES[reason])) if reason in _RETURN_CODES else b""
    properties = _reason_words(words)
    return _packet(0x20, bytes((0, reason)) + _varint(len(properties)) + properties)


def pubacks(packet_ids: list[int]) -> bytes:
    """PUBACK for each, in this order: the short form, which is the same in both versions."""
    return b"".join([_PUBACK(_PUBACK_HEAD, packet_id) for packet_id in packet_ids])


def puback_refused(packet_id: int, reason: Reason) -> bytes:
    """PUBACK of 5.0 that says no."""
    return b"\x40\x03" + packet_id.to_bytes(2, "big") + bytes((reason,))


def suback(version: int, packet_id: int, codes: list[int]) -> bytes:
    """SUBACK: a granted QoS or a `Reason` for each filter; 3.1.1 knows only one kind of no."""
    head = packet_id.to_bytes(2, "big")
    if version == V5:
        return _packet(0x90, head + b"\x00" + bytes(codes))
    return _packet(0x90, head + b"".join(bytes((code,)) if code < 0x80 else _SUBACK_FAILED for code in codes))


def unsuback(version: int, packet_id: int, codes: list[int]) -> bytes:
    """UNSUBACK, in 5.0 with a code for each filter."""
    head = packet_id.to_bytes(2, "big")
    return _packet(0xB0, head + b"\x00" + bytes(codes)) if version == V5 else _packet(0xB0, head)


def publish(version: int, topic: str, payload: bytes, packet_id: int | None, *, retain: bool) -> bytes:
    """A message to a subscriber, at QoS 1 when it has a packet id."""
    head = _text(topic)
    if packet_id is not None:
        head += packet_id.to_bytes(2, "big")
    if version == V5:
        head += b"\x00"
    first = 0x30 | (0 if packet_id is None else 2) | retain
    return b"".join((bytes((first,)), _varint(len(head) + len(payload)), head, payload))


def disconnect(reason: Reason, words: str) -> bytes:
    """DISCONNECT of 5.0; 3.1.1 has none from a server."""
    properties = _reason_words(words)
    return _packet(0xE0, bytes((reason,)) + _varint(len(properties)) + properties)
