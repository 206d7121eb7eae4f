"""MQTT written by hand, as a device writes it: packets as bytes, and a device that sends them and looks at every answer.

The tests' own encoder: it shares nothing with the tracker's, so that an error in one cannot hide in the other.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from tracker.mqtt.endpoint import Endpoint, Limits
from tracker.mqtt.inlet import Delivery

PATIENCE_S = 60.0


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes((low | 0x80,)) + varint(rest) if rest else bytes((low,))


def binary(raw: bytes) -> bytes:
    return len(raw).to_bytes(2, "big") + raw


def text(words: str) -> bytes:
    return binary(words.encode())


def packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + varint(len(body)) + body


class LastWill(NamedTuple):
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


def connect(
    client_id: str = "device",
    version: int = 4,
    *,
    clean: bool = True,
    keep_alive_s: int = 0,
    will: LastWill | None = None,
    user: str | None = None,
    properties: bytes = b"",
) -> bytes:
    flags = clean << 1
    tail = text(client_id)
    if will is not None:
        flags |= 0b100 | will.qos << 3 | will.retain << 5
        tail += (b"\0" if version == 5 else b"") + text(will.topic) + binary(will.payload)
    if user is not None:
        flags |= 0b1100_0000
        tail += text(user) + binary(b"secret")
    extra = varint(len(properties)) + properties if version == 5 else b""
    return packet(0x10, text("MQTT") + bytes((version, flags)) + keep_alive_s.to_bytes(2, "big") + extra + tail)


def publish(
    topic: str,
    payload: bytes,
    packet_id: int | None = None,
    *,
    version: int = 4,
    qos: int | None = None,
    again: bool = False,
    retain: bool = False,
    properties: bytes = b"",
) -> bytes:
    if qos is None:
        qos = 0 if packet_id is None else 1
    number = b"" if packet_id is None else packet_id.to_bytes(2, "big")
    extra = varint(len(properties)) + properties if version == 5 else b""
    return packet(0x30 | again << 3 | qos << 1 | retain, text(topic) + number + extra + payload)


def subscribe(packet_id: int, *asked: tuple[str, int], version: int = 4, properties: bytes = b"") -> bytes:
    """`asked` are filters, each with its options byte."""
    extra = varint(len(properties)) + properties if version == 5 else b""
    return packet(0x82, packet_id.to_bytes(2, "big") + extra + b"".join(text(f) + bytes((options,)) for f, options in asked))


def unsubscribe(packet_id: int, *filters: str, version: int = 4) -> bytes:
    return packet(0xA2, packet_id.to_bytes(2, "big") + (b"\0" if version == 5 else b"") + b"".join(map(text, filters)))


def puback(packet_id: int) -> bytes:
    return packet(0x40, packet_id.to_bytes(2, "big"))


PINGREQ = packet(0xC0, b"")
DISCONNECT = packet(0xE0, b"")


class Answer(NamedTuple):
    """A packet from the endpoint: its type and flags apart, and all that follows the header."""

    kind: str
    flags: int
    body: bytes

    @property
    def packet_id(self) -> int:
        return int.from_bytes(self.body[:2], "big")


_KINDS = {2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 9: "SUBACK", 11: "UNSUBACK", 13: "PINGRESP", 14: "DISCONNECT"}


class Message(NamedTuple):
    topic: str
    payload: bytes
    qos: int
    retain: bool
    packet_id: int | None


class Device:
    """A connection to the endpoint that does nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: int) -> None:
        self.reader = reader
        self.writer = writer
        self.version = version

    def send(self, *packets: bytes) -> None:
        self.writer.write(b"".join(packets))

    async def answer(self) -> Answer:
        """The next packet from the endpoint."""
        async with asyncio.timeout(PATIENCE_S):
            first = (await self.reader.readexactly(1))[0]
            length = shift = 0
            while True:
                byte = (await self.reader.readexactly(1))[0]
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            return Answer(_KINDS[first >> 4], first & 0xF, await self.reader.readexactly(length))

    async def message(self) -> Message:
        """The next packet, which is a PUBLISH."""
        answer = await self.answer()
        assert answer.kind == "PUBLISH", answer
        end = 2 + int.from_bytes(answer.body[:2], "big")
        qos = answer.flags >> 1 & 3
        packet_id = int.from_bytes(answer.body[end : end + 2], "big") if qos else None
        payload = answer.body[end + (2 if qos else 0) :]
        if self.version == 5:
            assert payload[0] == 0
            payload = payload[1:]
        return Message(answer.body[2:end].decode(), payload, qos, bool(answer.flags & 1), packet_id)

    async def pubacks(self, count: int) -> list[int]:
        """The packet ids of the next `count` packets, which are PUBACKs that say yes."""
        answers = [await self.answer() for _ in range(count)]
        assert {(a.kind, len(a.body)) for a in answers} <= {("PUBACK", 2)}, answers
        return [a.packet_id for a in answers]

    async def hears_nothing_but_a_ping(self) -> None:
        """What was sent before has been handled, and nothing was answered to it."""
        self.send(PINGREQ)
        assert (await self.answer()).kind == "PINGRESP"

    async def subscribed(self, *asked: tuple[str, int]) -> bytes:
        """Subscribe; returns the codes of the SUBACK."""
        self.send(subscribe(77, *asked, version=self.version))
        answer = await self.answer()
        assert (answer.kind, answer.packet_id) == ("SUBACK", 77)
        return answer.body[3 if self.version == 5 else 2 :]

    async def rest(self) -> list[Answer]:
        """What still comes until the endpoint closes the connection."""
        answers = []
        while True:
            try:
                answers.append(await self.answer())
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return answers

    async def goodbye(self) -> int | None:
        """The reason code of the endpoint's DISCONNECT (None without one), once it has closed the connection."""
        answers = [answer for answer in await self.rest() if answer.kind == "DISCONNECT"]
        return answers[0].body[0] if answers else None

    async def close(self) -> None:
        """Close the socket, without a DISCONNECT."""
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    def vanish(self) -> None:
        """Reset the connection, as when the device loses its power."""
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def socket_to(endpoint: Endpoint, version: int = 4) -> AsyncIterator[Device]:
    """A device that has not sent its CONNECT."""
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    device = Device(reader, writer, version)
    try:
        yield device
    finally:
        await device.close()


@contextlib.asynccontextmanager
async def device_at(
    endpoint: Endpoint,
    client_id: str = "device",
    version: int = 4,
    *,
    keep_alive_s: int = 0,
    will: LastWill | None = None,
    properties: bytes = b"",
) -> AsyncIterator[Device]:
    """A device that is connected."""
    async with socket_to(endpoint, version) as device:
        device.send(connect(client_id, version, keep_alive_s=keep_alive_s, will=will, properties=properties))
        answer = await device.answer()
        assert answer.kind == "CONNACK"
        assert answer.body[:2] == b"\0\0"
        yield device


def listening(limits: Limits | None = None) -> Endpoint:
    """An endpoint of the race `andorra`, on any free port."""
    return Endpoint("127.0.0.1", 0, root="tracker", event="andorra", limits=limits)


async def taken(endpoint: Endpoint, count: int, *, limit: int = 2000, ack: bool = True) -> list[Delivery]:
    """What the ingest takes until it has `count` messages; each batch is acknowledged, unless told otherwise."""
    deliveries: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(deliveries) < count:
            batch = await endpoint.next_batch(limit)
            assert 1 <= len(batch) <= limit
            deliveries += batch
            if ack:
                endpoint.ack(batch)
    return deliveries
