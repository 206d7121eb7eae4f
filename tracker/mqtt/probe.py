"""A short visit to a broker: whether it lets us in, what it says of itself, and whether it does for us what it must do for an ingest.

Nothing is left behind: a session of its own that ends with the visit, and a message that is not kept and is no fact.
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

_SYSTEM = "$SYS/broker"
_ASKED = ("version", "publish/messages/dropped", "clients/connected")
_PATIENCE_S = 5.0


class Visit(NamedTuple):
    """What was found. `fault`: why there was no visit, in words; all else is None or empty then.

    `system`: what the broker says of itself, by topic below `$SYS/broker`. `granted`: whether it grants the ingest's subscription.
    `live`: whether a live topic that is published with this account comes back to it; not tried where nothing is known of `system`, as
    that may be the tracker's own endpoint.
    """

    fault: str | None
    system: dict[str, str]
    granted: bool = False
    live: bool = False


async def visit(broker: Broker, root: str, event: str) -> Visit:
    """Connect, ask, and leave: a few seconds at most where a broker does not answer what it is asked."""
    try:
        async with broker.client(f"doctor-{uuid4().hex[:12]}", clean_session=True, timeout=_PATIENCE_S) as client:
            codes = await client.subscribe(f"{root}/{event}/+/+", qos=1)
            granted = not any(isinstance(code, ReasonCode) and code.is_failure for code in codes)
            system = await _collect(client, (f"{_SYSTEM}/{name}" for name in _ASKED))
            live = await _echoed(client, f"{root}/{event}/live/doctor") if granted and system else False
    except (aiomqtt.MqttError, OSError, UnicodeError) as error:
        return Visit(in_words(error, broker), {})
    return Visit(None, {name.removeprefix(f"{_SYSTEM}/"): text for name, text in system.items()}, granted, live)


async def _collect(client: aiomqtt.Client, topics: Iterable[str]) -> dict[str, str]:
    """What is retained on some topics, as far as it comes."""
    wanted, found = set(topics), dict[str, str]()
    for topic in wanted:
        await client.subscribe(topic)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S / 2):
            while wanted - set(found):
                message = await anext(client.messages)
                if str(message.topic) in wanted and isinstance(message.payload, bytes | bytearray):
                    found[str(message.topic)] = message.payload.decode(errors="replace")
    return found


async def _echoed(client: aiomqtt.Client, topic: str) -> bool:
    """Whether what we publish comes back: a broker that throws it away acknowledges it all the same."""
    word = uuid4().hex.encode()
    await client.publish(topic, b'{"doctor":"%s"}' % word, qos=1)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S / 2):
            while True:
                message = await anext(client.messages)
                if str(message.topic) == topic and isinstance(message.payload, bytes | bytearray) and word in message.payload:
                    return True
    return False
