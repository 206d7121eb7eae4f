"""What is played arrives: through a real broker, in each device's order, across its death, or with an error that says what did not."""

import asyncio
from collections import defaultdict
from pathlib import Path

import aiomqtt
import orjson
import pytest

from simulators.field import SimulationError
from simulators.play import Played, play, write_messages
from simulators.scanners import Emission
from tests.conftest import PATIENCE_S, Mosquitto, emitted, race_day, until
from tests.ingest.running import on_disk, running
from tracker.clock import RaceClock
from tracker.journal import Journal
from tracker.mqtt.inlet import MqttFault

START_MS = 1_656_090_000_000


def reads(count: int, devices: int = 3) -> list[Emission]:
    """Reads a minute apart, at one station after the other."""
    return [
        Emission(
            START_MS + n * 60_000,
            f"hut-{n % devices}",
            f"tracker/hill/hut-{n % devices}/passage",
            orjson.dumps(
                {"id": f"read-{n}", "bib": str(n), "time": START_MS + n * 60_000, "device": f"hut-{n % devices}", "seq": n // devices + 1}
            ),
        )
        for n in range(count)
    ]


async def hear(mosquitto: Mosquitto, count: int, ready: asyncio.Event) -> list[tuple[str, bytes]]:
    """The first `count` messages that a subscriber gets; `ready` is set once it listens."""
    heard: list[tuple[str, bytes]] = []
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.subscribe("tracker/#", qos=1)
        ready.set()
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            heard.append((str(message.topic), message.payload))
            if len(heard) == count:
                break
    return heard


@pytest.mark.parametrize("clock_speed", [None, 6_000_000.0], ids=["as fast as it goes", "on the race's clock"])
async def test_everything_arrives_once_and_in_each_stations_order(mosquitto: Mosquitto, clock_speed: float | None) -> None:
    sent = reads(600)
    ready = asyncio.Event()
    clock = None if clock_speed is None else RaceClock.starting_at(START_MS, clock_speed)
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        hearing = group.create_task(hear(mosquitto, len(sent), ready))
        await ready.wait()
        played = await play(sent, mosquitto.url, clock)
    assert played == Played(published=600, acknowledged=600)
    by_topic: dict[str, list[bytes]] = defaultdict(list)
    expected: dict[str, list[bytes]] = defaultdict(list)
    for topic, payload in hearing.result():
        by_topic[topic].append(payload)
    for emission in sent:
        expected[emission.topic].append(emission.payload)
    assert by_topic == expected


async def test_a_broker_that_dies_in_between_acknowledges_everything_in_the_end(mosquitto: Mosquitto) -> None:
    sent = reads(3_000)
    acknowledged: list[Emission] = []

    def power_cut(emission: Emission) -> None:
        acknowledged.append(emission)
        if len(acknowledged) == 500:
            mosquitto.kill()
            mosquitto.start()

    async with asyncio.timeout(PATIENCE_S):
        played = await play(sent, mosquitto.url, None, on_sent=power_cut)
    assert played.acknowledged == 3_000
    assert {each.payload for each in acknowledged} == {each.payload for each in sent}
    assert len(acknowledged) == 3_000


async def test_a_broker_that_stays_away_is_named_with_what_is_unsent(mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    with pytest.raises(SimulationError) as raised:
        await play(reads(30), mosquitto.url, RaceClock.starting_at(START_MS, 6_000_000.0), patience_s=0.2)
    assert f"the broker at 127.0.0.1:{mosquitto.port} has been away for 0.2 s" in str(raised.value)
    assert str(raised.value).endswith("30 of 30 messages are unsent.")
    assert "\n" not in str(raised.value)


async def test_a_device_that_drops_out_is_told_to_be_offline_and_comes_back(mosquitto: Mosquitto) -> None:
    first, much_later = reads(2, devices=1)
    acknowledged = asyncio.Event()
    sending = asyncio.create_task(
        play([first, much_later], mosquitto.url, RaceClock.starting_at(START_MS, 1.0), on_sent=lambda _: acknowledged.set())
    )
    async with asyncio.timeout(PATIENCE_S):
        await acknowledged.wait()
        async with aiomqtt.Client("127.0.0.1", mosquitto.port, identifier=first.device):
            pass  # a broker drops the client whose name another one takes
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
            await client.subscribe("tracker/hill/+/heartbeat", qos=1)
            async for message in client.messages:
                assert str(message.topic) == "tracker/hill/hut-0/heartbeat"
                assert isinstance(message.payload, bytes)
                assert orjson.loads(message.payload) == {"device": "hut-0", "offline": True}
                assert message.retain
                break
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_nothing_to_play_is_played_at_once() -> None:
    assert await play([], "mqtt://127.0.0.1:1", None) == Played(0, 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "mqtt://", "mqtt://host:port", "mqtt://host/topic"])
async def test_an_address_that_is_none_is_refused_with_how_to_write_one(url: str) -> None:
    with pytest.raises(MqttFault, match=r"; write mqtt://host:1883"):
        await play(reads(1), url, None)


def test_a_file_of_messages_has_one_line_a_message_with_the_payload_as_it_was(tmp_path: Path) -> None:
    sent = reads(4)
    write_messages(sent, tmp_path / "messages.jsonl")
    lines = [orjson.loads(line) for line in (tmp_path / "messages.jsonl").read_bytes().splitlines()]
    assert lines == [{"topic": each.topic, "payload": orjson.loads(each.payload)} for each in sent]


async def test_what_a_broker_loses_of_a_tracker_that_is_away_is_sent_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    day = race_day(60)
    sent = emitted(day.messages)
    with running(day, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        early = await play(sent[:100], mosquitto.url, None, end_to_end=True)
        assert (early.acknowledged, early.unconfirmed) == (100, 0)
        ingest.kill()
        acknowledged: list[Emission] = []
        playing = asyncio.create_task(play(sent, mosquitto.url, None, on_sent=acknowledged.append, end_to_end=True))
        await until(lambda: len(acknowledged) == len(sent), "the broker has taken everything, for a tracker that is away")
        mosquitto.forget()
        mosquitto.start()
        ingest.start()
        async with asyncio.timeout(60):
            played = await playing
        assert (played.acknowledged, played.unconfirmed) == (len(sent), 0)
        assert played.published >= 2 * len(sent) - 100
        async with await Journal.open(ingest.journal) as journal:
            assert sorted(await on_disk(journal)) == sorted(day.messages)


async def test_a_tracker_that_gets_no_further_is_told_of(tmp_path: Path, mosquitto: Mosquitto) -> None:
    ack = orjson.dumps({"device": "hut-0", "through": 2, "missing": [1]})
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.publish("tracker/hill/live/ack/hut-0", ack, qos=1, retain=True)
    played = await play(reads(4, devices=1), mosquitto.url, None, end_to_end=True, patience_s=1.0)
    assert (played.acknowledged, played.unconfirmed) == (4, 3)
