"""Whose a broker's session is: a journal that was copied bears the session's name of its original, and only one of both can have it.

Two clients with one name take the session from each other for ever, so whoever comes second must notice.
"""

import asyncio
from contextlib import suppress

import aiomqtt

from tracker.mqtt.address import Broker
from tracker.wire import tracker_of

ANSWERED_WITHIN_S = 4.0
"""A tracker that runs says so every second."""


async def is_in_use(broker: Broker, status_topic: str, session: str) -> bool | None:
    """Whether a tracker with this session speaks on the status topic now. None: the broker cannot be asked."""
    try:
        async with broker.client(f"look-{session}", clean_session=True) as client:
            await client.subscribe(status_topic, qos=1)
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWERED_WITHIN_S):
                    async for message in client.messages:
                        if not message.retain and tracker_of(message.payload) == session:  # a retained word may be of one that is gone
                            return True
    except (aiomqtt.MqttError, OSError, UnicodeError):
        return None
    return False
