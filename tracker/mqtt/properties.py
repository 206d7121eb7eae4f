"""The parts that packets are made of: numbers, texts, and the properties of MQTT 5, read with every bound checked.

No packet is known here, and nothing is written: only what a field must look like, and `PacketFault` for one that does not.
"""

from enum import Enum, IntEnum

from tracker.mqtt.inlet import MqttFault


class Reason(IntEnum):
    """MQTT 5 reason codes that the tracker gives or acts on."""

    SUCCESS = 0x00
    NO_SUBSCRIPTION = 0x11
    UNSPECIFIED = 0x80
    MALFORMED = 0x81
    PROTOCOL_ERROR = 0x82
    UNSUPPORTED_VERSION = 0x84
    CLIENT_ID_INVALID = 0x85
    NOT_AUTHORIZED = 0x87
    SHUTTING_DOWN = 0x8B
    BAD_AUTH_METHOD = 0x8C
    KEEP_ALIVE_TIMEOUT = 0x8D
    TAKEN_OVER = 0x8E
    FILTER_INVALID = 0x8F
    TOPIC_INVALID = 0x90
    TOPIC_ALIAS_INVALID = 0x94
    TOO_LARGE = 0x95
    QUOTA_EXCEEDED = 0x97
    QOS_NOT_SUPPORTED = 0x9B
    NO_SHARED_SUBSCRIPTIONS = 0x9E
    NO_SUBSCRIPTION_IDS = 0xA1


class PacketFault(MqttFault):
    """A packet breaks the standard or a limit: `reason` for the client, the text for a person."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


class Allowed(Enum):
    """The properties that a client may send with each packet."""

    CONNECT = frozenset({0x11, 0x15, 0x16, 0x17, 0x19, 0x21, 0x22, 0x26, 0x27})
    WILL = frozenset({0x01, 0x02, 0x03, 0x08, 0x09, 0x18, 0x26})
    PUBLISH = frozenset({0x01, 0x02, 0x03, 0x08, 0x09, 0x23, 0x26})
    PUBACK = frozenset({0x1F, 0x26})
    SUBSCRIBE = frozenset({0x0B, 0x26})
    UNSUBSCRIBE = frozenset({0x26})
    DISCONNECT = frozenset({0x11, 0x1F, 0x26})


_FLAGS = frozenset({0x01, 0x17, 0x19})
_U16 = frozenset({0x21, 0x22, 0x23})
_U32 = frozenset({0x02, 0x11, 0x18, 0x27})
_VARINT = frozenset({0x0B})
_TEXT = frozenset({0x03, 0x08, 0x15, 0x1F})
_BINARY = frozenset({0x09, 0x16})
_USER = 0x26
_TOPIC_ALIAS = 0x23


class Properties(dict[int, int | str | bytes]):
    """Properties by number; user properties are read for their shape and left out."""

    def number(self, key: int, default: int) -> int:
        value = self.get(key, default)
        return value if isinstance(value, int) else default

    def positive(self, key: int, default: int) -> int:
        """As `number`, and PacketFault for a 0, which the standard forbids where this is asked."""
        if (value := self.number(key, default)) == 0:
            raise PacketFault(Reason.PROTOCOL_ERROR, f"property {key:#04x} is 0")
        return value

    def words(self, key: int) -> str | None:
        value = self.get(key)
        return value if isinstance(value, str) else None


def checked_text(raw: bytes) -> str:
    """UTF-8 as MQTT wants it. PacketFault for anything else, and for NUL."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise PacketFault(Reason.MALFORMED, f"a text that is no UTF-8: {raw[:40]!r}") from None
    if "\0" in text:
        raise PacketFault(Reason.MALFORMED, f"a text with a NUL in it: {raw[:40]!r}")
    return text


class Body:
    """What follows a packet's header, read from front to back. Every method raises PacketFault when the bytes end too soon."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.at = 0

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self._raw) - self.at

    def _take(self, count: int) -> bytes:
        if count > self.left:
            raise PacketFault(Reason.MALFORMED, "a packet that is shorter than it says")
        self.at += count
        return self._raw[self.at - count : self.at]

    def u8(self) -> int:
        return self._take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def packet_id(self) -> int:
        """A packet's number. PacketFault for 0, which is none."""
        if (number := self.u16()) == 0:
            raise PacketFault(Reason.MALFORMED, "a packet id of 0")
        return number

    def varint(self) -> int:
        value = 0
        for n in range(4):
            byte = self.u8()
            value |= (byte & 0x7F) << 7 * n
            if byte < 0x80:
                return value
        raise PacketFault(Reason.MALFORMED, "a number of more than four bytes")

    def binary(self) -> bytes:
        return self._take(self.u16())

    def text(self) -> str:
        return checked_text(self.binary())

    def properties(self, allowed: Allowed) -> Properties:
        """The properties of a packet. PacketFault for one that does not belong there, or comes twice."""
        end = self.varint() + self.at
        if end > len(self._raw):
            raise PacketFault(Reason.MALFORMED, "properties that are longer than their packet")
        found = Properties()
        while self.at < end:
            key = self.varint()
            if key not in allowed.value:
                raise PacketFault(Reason.PROTOCOL_ERROR, f"property {key:#04x}, which a client may not send with its {allowed.name}")
            if key == _TOPIC_ALIAS:
                raise PacketFault(Reason.TOPIC_ALIAS_INVALID, "a topic alias; the tracker allows none")
            if key in found:
                raise PacketFault(Reason.PROTOCOL_ERROR, f"property {key:#04x} comes twice")
            value = self._value(key)
            if key != _USER:
                found[key] = value
        if self.at != end:
            raise PacketFault(Reason.MALFORMED, "properties that do not end where they say")
        return found

    def _value(self, key: int) -> int | str | bytes:
        if key in _FLAGS:
            if (flag := self.u8()) > 1:
                raise PacketFault(Reason.PROTOCOL_ERROR, f"property {key:#04x} is neither 0 nor 1")
            return flag
        if key in _U16:
            return self.u16()
        if key in _U32:
            return int.from_bytes(self._take(4), "big")
        if key in _VARINT:
            return self.varint()
        if key in _TEXT:
            return self.text()
        if key in _BINARY:
            return self.binary()
        return f"{self.text()}={self.text()}"
