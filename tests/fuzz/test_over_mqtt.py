"""Hostile messages from a raw client, through the tracker's endpoint and through Mosquitto: each is accounted for, and the ingest lives."""

import os
from pathlib import Path

import pytest
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.conftest import Mosquitto, RaceDay, free_port, until
from tests.fuzz import whole
from tests.fuzz.over_mqtt import by_the_endpoint, by_the_subscription, send
from tests.fuzz.race import EVENT_TOML, ROSTER_CSV
from tests.ingest.running import running
from tracker.mqtt.address import Broker
from tracker.mqtt.session import BrokerSession

COUNT = int(os.environ.get("HOSTILE_OVER_MQTT", "2000"))
"""The documentation's figures are of 50,000."""
DAY = RaceDay(EVENT_TOML, ROSTER_CSV, [])


@pytest.mark.parametrize("way", ["through the endpoint", "through Mosquitto"])
async def test_every_hostile_message_over_mqtt_is_accounted_for(way: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    port = free_port()
    words, taken = ["--listen", f"127.0.0.1:{port}"], by_the_endpoint
    if way == "through Mosquitto":
        broker: Mosquitto = request.getfixturevalue("mosquitto")
        port, words, taken = broker.port, ["--broker", broker.url], by_the_subscription
    with running(DAY, tmp_path, *words) as ingest:
        async with await ingest.opened() as journal:
            sent = await send(port, 21, COUNT, taken)
            assert len(sent.messages) > COUNT / 2

            async def accounted() -> bool:
                """A broker acknowledges before the tracker has it."""
                try:
                    account = await whole.account(journal, iter([sent.messages]), len(sent.messages))
                except whole.Unaccounted:
                    return False
                print(f"{way}: {sent.refused:,} refused, {sent.unsendable:,} that no MQTT carries\n{account}")
                return True

            await until(accounted, "every message is in the journal or in quarantine", 60 + COUNT / 100)
        assert ingest.stop() == 0, ingest.said
    assert "Traceback" not in ingest.said


async def test_a_topic_that_is_no_utf8_is_handed_on_for_the_quarantine() -> None:
    session = BrokerSession(Broker("127.0.0.1", 1), root="tracker", event="hill", identifier="x")
    message = MQTTMessage(7, b"tracker/hill/\xff/passage")
    message.payload = b"{}"
    session._receiver(1)(PahoClient(CallbackAPIVersion.VERSION2), None, message)
    (delivery,) = await session.next_batch(10)
    assert (delivery.topic, delivery.payload) == (r"tracker/hill/\xff/passage", b"{}")
