"""A short visit to a broker: whether it lets us in, what it says of itself, and whether it does for us what it must do for an ingest.

Nothing is left behind: sessions that end with the visit, and messages that are not retained and are no facts.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from tracker.mqtt.address import Broker
from tracker.mqtt.refusals import in_words
from tracker.mqtt.resuming import tell_whether_resumed

_SYSTEM = "$SYS/broker"
_ASKED = ("version", "publish/messages/dropped", "clients/connected")
_PATIENCE_S = 5.0
_COUNTING_S = 60.0
_AT_ONCE = 500
_END = b"end"


class Visit(NamedTuple):
    """What was found. `fault`: why there was no visit, in words; all else is None or empty then.

    `system`: what the broker says of itself, by topic below `$SYS/broker`. `granted`: whether it grants the ingest's subscription.
    `live`: whether a live topic that is published with this account comes back to it; not tried where nothing is known of `system`, as
    that may be the tracker's own endpoint. `kept`: the topics of devices on which it keeps a message for whoever comes.
    """

    fault: str | None
    system: dict[str, str]
    granted: bool = False
    live: bool = False
    kept: frozenset[str] = frozenset()


class Kept(NamedTuple):
    """How many messages came of those that were published for a session that was away, and how many these were."""

    came: int
    of: int


async def visit(broker: Broker, root: str, event: str) -> Visit:
    """Connect, ask, and leave: a few seconds at most where a broker does not answer what it is asked."""
    try:
        async with broker.client(f"doctor-{uuid4().hex[:12]}", clean_session=True, timeout=_PATIENCE_S) as client:
            codes = await client.subscribe(f"{root}/{event}/+/+", qos=1)
            granted = not any(isinstance(code, ReasonCode) and code.is_failure for code in codes)
            kept: set[str] = set()
            system = await _collect(client, (f"{_SYSTEM}/{name}" for name in _ASKED), kept)
            live = await _echoed(client, f"{root}/{event}/live/doctor", kept) if granted and system else False
    except (aiomqtt.MqttError, OSError, UnicodeError) as error:
        return Visit(in_words(error, broker), {})
    of_devices = frozenset(topic for topic in kept if not topic.startswith((_SYSTEM, f"{root}/{event}/live/")))
    return Visit(None, {name.removeprefix(f"{_SYSTEM}/"): text for name, text in system.items()}, granted, live, of_devices)


async def _collect(client: aiomqtt.Client, topics: Iterable[str], kept: set[str]) -> dict[str, str]:
    """What is retained on some topics, as far as it comes; `kept` hears of others where something is."""
    wanted, found = set(topics), dict[str, str]()
    for topic in wanted:
        await client.subscribe(topic)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S / 2):
            while wanted - set(found):
                message = await anext(client.messages)
                if message.retain:
                    kept.add(str(message.topic))
                if str(message.topic) in wanted and isinstance(message.payload, bytes | bytearray):
                    found[str(message.topic)] = message.payload.decode(errors="replace")
    return found


async def _echoed(client: aiomqtt.Client, topic: str, kept: set[str]) -> bool:
    """Whether what we publish comes back: a broker that throws it away acknowledges it all the same. `kept` as above."""
    word = uuid4().hex.encode()
    await client.publish(topic, b'{"doctor":"%s"}' % word, qos=1)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S / 2):
            while True:
                message = await anext(client.messages)
                if message.retain:
                    kept.add(str(message.topic))
                if str(message.topic) == topic and isinstance(message.payload, bytes | bytearray) and word in message.payload:
                    return True
    return False


async def kept_while_away(broker: Broker, topic: str, most: int) -> Kept:
    """Try how many messages the broker keeps for a session that is away: up to `most`, on a topic that nobody else listens to.

    aiomqtt.MqttError or TimeoutError when it breaks off; the session is ended in any case.
    """
    name = f"doctor-{uuid4().hex[:12]}"
    try:
        async with broker.client(name, clean_session=False, timeout=_PATIENCE_S) as client:
            await client.subscribe(topic, qos=1)
        async with broker.client(f"{name}-out", clean_session=True, max_inflight_messages=_AT_ONCE) as sender:
            sender.pending_calls_threshold = _AT_ONCE  # more than that aiomqtt takes for a mistake, and warns
            for first in range(0, most, _AT_ONCE):
                await asyncio.gather(*(sender.publish(topic, b"%d" % n, qos=1) for n in range(first, min(most, first + _AT_ONCE))))
        async with broker.client(name, clean_session=False, timeout=_PATIENCE_S) as client:
            async with asyncio.timeout(_COUNTING_S):
                return Kept(await _count_to_end(client, topic), most)
    finally:
        async with broker.client(name, clean_session=True, timeout=_PATIENCE_S):
            pass


async def _count_to_end(client: aiomqtt.Client, topic: str) -> int:
    """How many messages wait: until one that is sent now has come, again when a full queue has thrown it away."""
    came = 0
    while True:
        try:
            async with asyncio.timeout(_PATIENCE_S / 5):
                message = await anext(client.messages)
        except TimeoutError:
            await client.publish(topic, _END, qos=1)
            continue
        if message.payload == _END:
            return came
        came += 1


async def keeps_session(broker: Broker, identifier: str) -> bool:
    """Whether the broker has a session of this name; only for one whose client is not there now: it would be thrown out. What waits in
    the session is not acknowledged, so it stays there. aiomqtt.MqttError when the broker cannot be asked.
    """
    answers: list[bool] = []
    client = broker.client(identifier, clean_session=False, timeout=_PATIENCE_S)
    client._client.manual_ack_set(True)  # noqa: SLF001
    tell_whether_resumed(client, answers.append)
    async with client:
        found = any(answers)
    if not found:  # asking has made one
        async with broker.client(identifier, clean_session=True, timeout=_PATIENCE_S):
            pass
    return found
