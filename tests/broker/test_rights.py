"""What each account may say and hear, shown at a real Mosquitto with the configuration that is written for it.

Mosquitto acknowledges a publish that it throws away, and grants a subscription for which it delivers nothing: what arrives, counts.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import aiomqtt
import pytest

from tests.broker.hut import Hut, passwords_in, running_hut, say
from tests.conftest import PATIENCE_S, until
from tracker.mqtt.address import Access, Broker
from tracker.mqtt.session import BrokerSession


@pytest.fixture(scope="module")
def hut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hut]:
    with running_hut(tmp_path_factory.mktemp("broker") / "hut") as running:
        yield running


async def heard_by(hut: Hut, witness: str, pattern: str, account: str, topic: str) -> list[str]:
    """The topics that `witness` hears of `pattern` when `account` publishes on `topic`."""
    async with asyncio.timeout(PATIENCE_S), hut.broker(witness).client("") as ear:
        await ear.subscribe(pattern, qos=1)
        await say(hut.broker(account), topic, b"{}")
        await ear.unsubscribe(pattern)  # its answer comes after everything that was delivered before
        return [str((await anext(ear.messages)).topic) for _ in range(len(ear.messages))]


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        ("col-1", "tracker/hill/col/passage"),
        ("col-2", "tracker/hill/col/passage"),
        ("col-1", "tracker/hill/col/withdrawal"),
        ("col-1", "tracker/hill/col/heartbeat"),
        ("desk", "tracker/hill/desk/status"),
        ("desk", "tracker/hill/col/withdrawal"),
        ("tracker", "tracker/hill/live/status"),
        ("tracker", "tracker/hill/live/ack/col-1"),
        ("tracker", "tracker/hill/desk/status"),
        ("tracker", "tracker/hill/col/withdrawal"),
        ("standby", "tracker/hill/desk/status"),
        ("standby", "tracker/hill/live/ack/col-1"),
    ],
)
async def test_what_an_account_may_say_arrives(hut: Hut, account: str, topic: str) -> None:
    assert await heard_by(hut, "tracker", "tracker/hill/#", account, topic) == [topic]


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        ("col-1", "tracker/hill/hut/passage"),
        ("col-1", "tracker/hill/hut/withdrawal"),
        ("col-1", "tracker/hill/hut/heartbeat"),
        ("col-1", "tracker/hill/col/note"),
        ("col-1", "tracker/hill/desk/status"),
        ("col-1", "tracker/hill/live/status"),
        ("col-1", "tracker/hill/live/ack/col-1"),
        ("desk", "tracker/hill/col/passage"),
        ("desk", "tracker/hill/col/heartbeat"),
        ("desk", "tracker/hill/live/ack/col-1"),
        ("tracker", "tracker/hill/col/passage"),
        ("standby", "tracker/hill/col/passage"),
        ("screen", "tracker/hill/live/status"),
        ("screen", "tracker/hill/desk/status"),
        ("screen", "tracker/hill/col/passage"),
    ],
)
async def test_what_an_account_may_not_say_is_acknowledged_and_does_not_arrive(hut: Hut, account: str, topic: str) -> None:
    assert await heard_by(hut, "tracker", "tracker/hill/#", account, topic) == []


@pytest.mark.parametrize(
    ("witness", "pattern", "account", "topic"),
    [
        ("col-1", "tracker/hill/live/ack/col-1", "tracker", "tracker/hill/live/ack/col-1"),
        ("tracker", "tracker/hill/+/+", "hut-2", "tracker/hill/hut/passage"),
        ("standby", "tracker/hill/+/+", "hut-2", "tracker/hill/hut/passage"),
        ("standby", "tracker/hill/#", "tracker", "tracker/hill/live/ack/col-1"),
        ("screen", "tracker/hill/live/#", "tracker", "tracker/hill/live/40k/standings"),
    ],
)
async def test_what_an_account_may_hear_is_delivered(hut: Hut, witness: str, pattern: str, account: str, topic: str) -> None:
    assert await heard_by(hut, witness, pattern, account, topic) == [topic]


@pytest.mark.parametrize(
    ("witness", "pattern", "account", "topic"),
    [
        ("col-1", "tracker/hill/live/ack/col-2", "tracker", "tracker/hill/live/ack/col-2"),
        ("col-1", "tracker/hill/live/ack/+", "tracker", "tracker/hill/live/ack/hut-1"),
        ("col-1", "tracker/hill/live/#", "tracker", "tracker/hill/live/40k/standings"),
        ("col-1", "tracker/hill/hut/passage", "hut-1", "tracker/hill/hut/passage"),
        ("col-1", "#", "hut-1", "tracker/hill/hut/passage"),
        ("col-1", "tracker/hill/col/passage", "col-2", "tracker/hill/col/passage"),
        ("col-1", "tracker/hill/desk/#", "desk", "tracker/hill/desk/status"),
        ("desk", "tracker/hill/+/+", "col-1", "tracker/hill/col/passage"),
        ("screen", "tracker/hill/+/+", "col-1", "tracker/hill/col/passage"),
        ("screen", "#", "desk", "tracker/hill/desk/status"),
    ],
)
async def test_what_an_account_may_not_hear_is_not_delivered(hut: Hut, witness: str, pattern: str, account: str, topic: str) -> None:
    assert await heard_by(hut, witness, pattern, account, topic) == []


async def test_a_last_will_of_another_station_is_thrown_away_too(hut: Hut) -> None:
    async with asyncio.timeout(PATIENCE_S), hut.broker("tracker").client("") as ear:
        await ear.subscribe("tracker/hill/#", qos=1)
        for station in ("hut", "col"):
            will = aiomqtt.Will(f"tracker/hill/{station}/heartbeat", b"{}", qos=1)
            with suppress(aiomqtt.MqttError):
                async with hut.broker("col-1").client("col-1", will=will) as device, hut.broker("col-1").client("col-1"):
                    async for _ in device.messages:  # until the broker has thrown it out for the other
                        pass
        assert str((await anext(ear.messages)).topic) == "tracker/hill/col/heartbeat"


@pytest.mark.parametrize(("account", "deaf"), [("tracker", False), ("desk", True), ("col-1", True)])
async def test_an_ingest_to_which_nothing_is_delivered_says_so(hut: Hut, account: str, deaf: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.mqtt.session._MUTE_S", 0.5)
    async with BrokerSession(hut.broker(account), root="tracker", event="hill", identifier=f"tracker-{account}") as inlet:
        await inlet.publish("tracker/hill/live/status", b"{}")
        if deaf:
            why = "it delivers nothing of tracker/hill/+/+: give the account of the ingest, or allow this one to read it"
            await until(lambda: inlet.fault == why, "it is said")
        else:
            await until(inlet._delivered.is_set, "what it said has come back")
            await asyncio.sleep(1)
            assert inlet.fault is None


@pytest.mark.parametrize(
    "access",
    [
        Access(),
        Access("col-1"),
        Access("col-1", "k7qf9-3mwtx-h2b8c-rj4ne"),
        Access("nobody", "k7qf9-3mwtx-h2b8c-rj4ne"),
        Access("col-1", ""),
    ],
    ids=["anonymous", "no password", "wrong password", "no such user", "empty password"],
)
async def test_who_is_not_who_he_says_is_refused(hut: Hut, access: Access) -> None:
    with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
        async with Broker.parse(hut.url, access._replace(ca=hut.ca)).client(""):
            pass


async def test_a_password_is_good_for_its_own_account_alone(hut: Hut) -> None:
    with pytest.raises(aiomqtt.MqttError, match="Not authorized"):
        async with Broker.parse(hut.url, Access("desk", passwords_in(hut.folder)["col-1"], hut.ca)).client(""):
            pass


async def test_plain_text_is_refused_where_tls_is_spoken(hut: Hut) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hut.port)
    writer.write(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        async with asyncio.timeout(PATIENCE_S):
            await reader.readexactly(4)  # a CONNACK
    writer.close()
