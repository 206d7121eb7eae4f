"""Hostile messages over real MQTT, by a raw client, to the tracker's endpoint or to a Mosquitto before it; and the account of them.

What MQTT itself does not let through is counted apart: a topic that no packet can hold, and what the endpoint or the broker refuses.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.messages import Hostile, Message
from tests.mqtt.device import Device, connect, publish

_AT_ONCE = 500
_PREFIX = "tracker/hill/"


@dataclass(slots=True)
class Sent:
    """What was sent and acknowledged. `refused`: to topics that the tracker does not take, and says so; `unsendable`: no MQTT at all."""

    messages: list[Message]
    refused: int
    unsendable: int


def sendable(message: Message, largest: int) -> bool:
    """Whether MQTT can carry it: a topic with no wildcard and no control code (Mosquitto cuts off who sends one), below the size."""
    topic, payload = message
    raw = topic.encode()
    plain = topic and not any(sign in topic for sign in "+#") and all(ord(sign) >= 32 and not 127 <= ord(sign) < 160 for sign in topic)
    noncharacter = any(ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF for sign in topic)
    return bool(plain) and not noncharacter and not topic.startswith("$") and len(raw) < 65_000 and len(raw) + len(payload) + 16 < largest


def by_the_endpoint(topic: str) -> bool:
    """Whether the endpoint takes messages to such a topic: the event's, except the tracker's own."""
    return topic.startswith(_PREFIX) and not topic.startswith(f"{_PREFIX}live/")


def by_the_subscription(topic: str) -> bool:
    """Whether a broker hands such a message to the tracker, which subscribes to `{root}/{event}/+/+`; any other has no taker there."""
    return by_the_endpoint(topic) and topic.count("/") == 3


async def send(port: int, seed: int, count: int, taken: Callable[[str], bool], largest: int = 60_000) -> Sent:
    """Send so many hostile messages at QoS 1, and return when every one was acknowledged."""
    sent = Sent([], 0, 0)
    device = Device(*await asyncio.open_connection("127.0.0.1", port), 4)
    device.send(connect("hostile"))
    assert (await device.answer()).kind == "CONNACK"
    hostile = Hostile(seed, largest)
    for _ in range(0, count, _AT_ONCE):
        batch = hostile.batch(min(_AT_ONCE, count))
        going = [message for message in batch if sendable(message, largest)]
        sent.unsendable += len(batch) - len(going)
        for number, (topic, payload) in enumerate(going, 1):
            device.send(publish(topic, payload, number))
        await device.writer.drain()
        assert sorted(await device.pubacks(len(going))) == list(range(1, len(going) + 1))
        sent.messages += [message for message in going if taken(message[0])]
        sent.refused += sum(not taken(topic) for topic, _ in going)
    await device.close()
    return sent
