"""The way in through a real broker, and what it relies on in the installed aiomqtt and paho: manual acknowledgement, a callback of its own.

These are the tests that fail when a new version of either no longer works the way `tracker/mqtt/session.py` reaches into it.
"""

import asyncio
import socket
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiomqtt
import pytest

from simulators.play import play
from tests.conftest import PATIENCE_S, Mosquitto, emitted, race_day, until
from tests.ingest.cable import Cable
from tracker.mqtt.address import Access, Broker
from tracker.mqtt.inlet import Delivery, MqttFault
from tracker.mqtt.session import BrokerSession, Token

COL = "tracker/hill/col/passage"
STATUS = "tracker/hill/live/status"


@asynccontextmanager
async def session(port: int, waiting_max: int = 20_000, waiting: "deque[Delivery] | None" = None) -> AsyncIterator[BrokerSession]:
    """The tracker's session of the hill race, connected and subscribed."""
    inlet = BrokerSession(Broker("127.0.0.1", port), root="tracker", event="hill", identifier="tracker-hill", waiting_max=waiting_max)
    if waiting is not None:
        inlet._waiting = waiting
    async with inlet:
        await connected(inlet)
        yield inlet
    assert inlet._task is not None
    assert inlet._task.done(), "it goes on connecting after its end"


async def connected(inlet: BrokerSession) -> None:
    await until(lambda: inlet.link.startswith("connected to"), f"the session is connected ({inlet.link})")


async def cut_off(inlet: BrokerSession, cable: Cable) -> None:
    """Break the connection; the session has noticed, and nothing that came before is still in its memory."""
    cable.cut()
    await until(lambda: inlet.link.startswith("no connection to"), "the session notices that the connection is gone")


async def tell(mosquitto: Mosquitto, *payloads: bytes, topic: str = COL) -> None:
    """A scanner at the col publishes."""
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as scanner:
        for payload in payloads:
            await scanner.publish(topic, payload, qos=1)


async def passed_on(inlet: BrokerSession, mosquitto: Mosquitto) -> None:
    """What the session has sent so far has come to the broker: this came after it."""
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as screen, asyncio.timeout(PATIENCE_S):
        await screen.subscribe(STATUS, qos=1)
        await inlet.publish(STATUS, b"sent last")
        async for message in screen.messages:
            if not message.retain:
                break


async def take(inlet: BrokerSession, count: int) -> list[Delivery]:
    """The next `count` messages; nothing is acknowledged."""
    batch: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(batch) < count:
            batch += await inlet.next_batch(count - len(batch))
    return batch


def said(batch: Sequence[Delivery]) -> list[bytes]:
    return [delivery.payload for delivery in batch]


async def test_what_was_taken_but_never_reached_the_disk_comes_again_and_what_did_does_not(mosquitto: Mosquitto) -> None:
    async with session(mosquitto.port) as inlet:
        await tell(mosquitto, b"first", b"second", b"third", b"fourth")
        batch = await take(inlet, 4)
        inlet.ack([batch[0], batch[2]])
    async with session(mosquitto.port) as inlet:
        assert said(await take(inlet, 2)) == [b"second", b"fourth"]
        await tell(mosquitto, b"fifth")
        assert said(await take(inlet, 1)) == [b"fifth"]


async def test_a_crash_of_the_connection_loses_no_more_than_a_tidy_goodbye(mosquitto: Mosquitto) -> None:
    async with Cable(mosquitto.port) as cable, session(cable.port) as inlet:
        await tell(mosquitto, b"first", b"second")
        batch = await take(inlet, 2)
        inlet.ack(batch[:1])
        await tell(mosquitto, b"third")
        await take(inlet, 1)
        await passed_on(inlet, mosquitto)
        await cut_off(inlet, cable)
        await tell(mosquitto, b"fourth")
        cable.mend()
        assert said(await take(inlet, 3)) == [b"second", b"third", b"fourth"]


async def test_an_acknowledgement_for_a_connection_that_is_gone_acknowledges_nothing_on_the_next(mosquitto: Mosquitto) -> None:
    async with Cable(mosquitto.port) as cable, session(cable.port) as inlet:
        await tell(mosquitto, b"a read at the col")
        old = await take(inlet, 1)
        await cut_off(inlet, cable)
        inlet.ack(old)  # nobody is there
        cable.mend()
        new = await take(inlet, 1)
        before, after = old[0].token, new[0].token
        assert isinstance(before, Token)
        assert isinstance(after, Token)
        assert before.mid == after.mid, "the same number on both connections, or this test shows nothing"
        inlet.ack(old)
        await tell(mosquitto, b"another")
        await take(inlet, 1)
        await passed_on(inlet, mosquitto)
        await cut_off(inlet, cable)
        cable.mend()
        assert said(await take(inlet, 2)) == [b"a read at the col", b"another"]


async def test_the_tracker_is_not_told_what_it_says_itself(mosquitto: Mosquitto) -> None:
    async with session(mosquitto.port) as inlet, aiomqtt.Client("127.0.0.1", mosquitto.port) as screen, asyncio.timeout(PATIENCE_S):
        await screen.subscribe("tracker/hill/live/#", qos=1)
        await inlet.publish(STATUS, b"all is well")
        assert (await anext(aiter(screen.messages))).payload == b"all is well"
        await tell(mosquitto, b"a read at the col")
        batch = await take(inlet, 1)
        assert said(batch) == [b"a read at the col"]
        inlet.ack(batch)
    async with session(mosquitto.port) as inlet:  # the retained message comes with the subscription, and goes nowhere
        await tell(mosquitto, b"another")
        assert said(await take(inlet, 1)) == [b"another"]


async def test_a_screen_that_comes_late_gets_the_newest_of_each_live_topic(mosquitto: Mosquitto) -> None:
    async with session(mosquitto.port) as inlet, asyncio.timeout(PATIENCE_S):
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as screen:
            await screen.subscribe(STATUS, qos=1)
            await inlet.publish(STATUS, b"all is well")
            assert not (await anext(aiter(screen.messages))).retain
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as late:
            await late.subscribe(STATUS, qos=1)
            message = await anext(aiter(late.messages))
            assert (message.payload, message.retain, message.qos) == (b"all is well", True, 1)


async def test_while_the_broker_is_away_only_the_newest_of_each_live_topic_is_kept(mosquitto: Mosquitto) -> None:
    async with (
        Cable(mosquitto.port) as cable,
        session(cable.port) as inlet,
        aiomqtt.Client("127.0.0.1", mosquitto.port) as screen,
    ):
        await screen.subscribe("tracker/hill/live/#", qos=1)
        messages = aiter(screen.messages)
        cable.cut()
        await inlet.publish("tracker/hill/live/alerts", b"no alerts")  # on its way when the connection breaks
        await cut_off(inlet, cable)
        for payload in (b"1 finisher", b"2 finishers", b"3 finishers"):
            await inlet.publish(STATUS, payload)
        cable.mend()
        async with asyncio.timeout(PATIENCE_S):
            assert [(await anext(messages)).payload for _ in range(2)] == [b"no alerts", b"3 finishers"]
            await inlet.publish(STATUS, b"4 finishers")
            assert (await anext(messages)).payload == b"4 finishers"


async def test_what_the_tracker_said_last_reaches_the_broker_before_it_leaves(mosquitto: Mosquitto) -> None:
    async with session(mosquitto.port) as inlet:
        for race in range(30):
            await inlet.publish(f"tracker/hill/live/{race}/standings", b"final")
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as screen, asyncio.timeout(PATIENCE_S):
        await screen.subscribe("tracker/hill/live/+/standings", qos=1)
        messages = aiter(screen.messages)
        assert {(await anext(messages)).payload for _ in range(30)} == {b"final"}


async def test_a_broker_that_is_restarted_in_the_middle_is_found_again_and_nothing_is_missing(mosquitto: Mosquitto) -> None:
    sent = emitted(race_day(600).messages)
    seen: set[bytes] = set()

    async def take_all(inlet: BrokerSession) -> None:
        restarted = False
        while len(seen) < len(sent):
            batch = await inlet.next_batch(100)
            inlet.ack(batch)
            seen.update(said(batch))
            if len(seen) > 1_000 and not restarted:
                restarted = True
                await asyncio.to_thread(mosquitto.stop)
                await asyncio.to_thread(mosquitto.start)
        assert restarted

    async with asyncio.timeout(PATIENCE_S), session(mosquitto.port) as inlet, asyncio.TaskGroup() as group:
        group.create_task(take_all(inlet))
        group.create_task(play(sent, mosquitto.url, None))
    assert seen == {emission.payload for emission in sent}


class Watched(deque[Delivery]):
    """What waits in memory, and how many that ever were."""

    most = 0

    def append(self, delivery: Delivery) -> None:
        super().append(delivery)
        self.most = max(self.most, len(self))


async def test_a_backlog_of_hours_is_taken_in_portions_and_each_message_once(mosquitto: Mosquitto) -> None:
    sent = emitted(race_day(1_020).messages[:5_000])
    waiting = Watched()
    async with session(mosquitto.port, waiting_max=50, waiting=waiting) as inlet, asyncio.timeout(PATIENCE_S):
        await play(sent, mosquitto.url, None)
        assert 50 <= waiting.most <= 100
        taken: Counter[bytes] = Counter()
        while taken.total() < len(sent):
            batch = await inlet.next_batch(20)
            inlet.ack(batch)
            taken.update(said(batch))
        await tell(mosquitto, b"and on it goes")
        assert said(await take(inlet, 1)) == [b"and on it goes"]
    assert waiting.most <= 100
    assert taken == Counter(emission.payload for emission in sent)


async def test_a_backlog_waits_for_a_slow_disk_across_a_broken_connection(mosquitto: Mosquitto) -> None:
    sent = emitted(race_day(200).messages)
    async with Cable(mosquitto.port) as cable, session(cable.port, waiting_max=50) as inlet, asyncio.timeout(PATIENCE_S):
        await play(sent, mosquitto.url, None)  # more than may wait: the socket is left alone
        seen = set(said(await take(inlet, 30)))
        cable.cut()
        cable.mend()
        while len(seen) < len(sent):
            batch = await inlet.next_batch(20)
            inlet.ack(batch)
            seen.update(said(batch))
    assert seen == {emission.payload for emission in sent}


async def test_a_broker_that_refuses_the_subscription_is_named_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    asked = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.write(b"\x20\x02\x00\x00")  # CONNACK: welcome
        with suppress(asyncio.IncompleteReadError):  # it may leave at any point
            while (await reader.readexactly(1))[0] != 0x82:
                await reader.readexactly((await reader.readexactly(1))[0])
            subscribe = await reader.readexactly((await reader.readexactly(1))[0])
            writer.write(b"\x90\x03" + subscribe[:2] + b"\x80")  # SUBACK: no
            await reader.read()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with BrokerSession(Broker("127.0.0.1", port), root="tracker", event="hill", identifier="tracker-hill") as inlet:
            await until(lambda: asked > 1, "it has asked twice")
            assert inlet.link == f"no connection to mqtt://127.0.0.1:{port}"
    error = f"broker mqtt://127.0.0.1:{port}: it refuses tracker-hill the subscription to tracker/hill/+/+; allow it there; trying again"
    assert error in caplog.text


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("tcp://hut:1883", "tcp://hut:1883: is no broker's address; write mqtt://host:1883, or mqtts://host:8883"),
        ("hut:1883", "hut:1883: is no broker's address; write mqtt://host:1883, or mqtts://host:8883"),
        ("mqtt://", "mqtt://: is no broker's address; write mqtt://host:1883, or mqtts://host:8883"),
        ("mqtt://hut:1883/race", "mqtt://hut:1883/race: is no broker's address; write mqtt://host:1883, or mqtts://host:8883"),
        ("mqtt://hut:port", "mqtt://hut:port: the port is no number; write mqtt://host:1883"),
        ("mqtt://hut:99999", "mqtt://hut:99999: the port is no number; write mqtt://host:1883"),
        ("mqtt://[::1", "mqtt://[::1: is no broker's address; write mqtt://host:1883, or mqtts://host:8883"),
    ],
)
def test_a_brokers_address_that_is_none_is_answered_with_one_that_is(url: str, error: str) -> None:
    with pytest.raises(MqttFault) as raised:
        Broker.parse(url)
    assert str(raised.value) == error


def test_a_brokers_address_can_carry_a_name_and_a_password() -> None:
    assert Broker.parse("mqtts://timing:p%40ss@hut.example") == Broker("hut.example", 8883, Access("timing", "p@ss"), tls=True)
    assert str(Broker.parse("mqtt://timing:p%40ss@hut.example:1884")) == "mqtt://hut.example:1884"


async def test_a_socket_that_is_closed_at_once_is_not_watched_for_writing() -> None:
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: failed.append(what))
    paho = Broker("127.0.0.1", 1).client("tracker-hill")._client
    with socket.socket() as sock:
        paho._sock = sock
        paho._call_socket_register_write()
        paho._sock = None
    for _ in range(3):
        await asyncio.sleep(0)
    assert failed == []
