"""The tracker's own endpoint: a PUBACK means "on the disk", and whoever subscribes sees what is."""

import asyncio
import logging

import pytest

from tests.mqtt import device as hand
from tests.mqtt.device import LastWill, device_at, listening, puback, publish, socket_to, subscribe, taken, unsubscribe
from tracker.mqtt.endpoint import Endpoint
from tracker.mqtt.inlet import Inlet, MqttFault

PASSAGE = "tracker/andorra/botella/passage"
HEARTBEAT = "tracker/andorra/botella/heartbeat"
ALERTS = "tracker/andorra/live/alerts"
OFFLINE = LastWill(HEARTBEAT, b'{"device":"scanner-7","offline":true}', qos=1, retain=True)

versions = pytest.mark.parametrize("version", [4, 5])


def test_the_endpoint_is_a_way_in_like_any_other() -> None:
    inlet: Inlet = listening()
    assert inlet.link == "not listening"


@versions
async def test_a_passage_is_acknowledged_only_when_it_is_on_the_disk(version: int) -> None:
    async with listening() as endpoint, device_at(endpoint, version=version) as scanner:
        scanner.send(*(publish(PASSAGE, b"%d" % n, n, version=version) for n in (5, 6, 7)))
        batch = await taken(endpoint, 3, ack=False)
        assert [(d.topic, d.payload) for d in batch] == [(PASSAGE, b"5"), (PASSAGE, b"6"), (PASSAGE, b"7")]
        await scanner.hears_nothing_but_a_ping()
        endpoint.ack(batch[:2])
        assert await scanner.pubacks(2) == [5, 6]
        await scanner.hears_nothing_but_a_ping()
        endpoint.ack(batch[2:])
        assert await scanner.pubacks(1) == [7]


async def test_a_passage_sent_again_is_another_delivery_and_qos_0_is_taken_without_an_answer() -> None:
    async with listening() as endpoint, device_at(endpoint) as scanner:
        scanner.send(publish(PASSAGE, b"a", 5), publish(PASSAGE, b"a", 5, again=True), publish(PASSAGE, b"b"))
        assert [d.payload for d in await taken(endpoint, 3)] == [b"a", b"a", b"b"]
        assert await scanner.pubacks(2) == [5, 5]
        await scanner.hears_nothing_but_a_ping()


async def test_a_batch_is_at_most_as_large_as_asked_and_keeps_each_devices_order() -> None:
    async with listening() as endpoint, device_at(endpoint, "a") as first, device_at(endpoint, "b") as second:
        for n in range(1, 101):
            first.send(publish(PASSAGE, b"a%d" % n, n))
            second.send(publish(PASSAGE, b"b%d" % n, n))
        payloads = [d.payload for d in await taken(endpoint, 200, limit=7)]
        assert [p for p in payloads if p.startswith(b"a")] == [b"a%d" % n for n in range(1, 101)]
        assert [p for p in payloads if p.startswith(b"b")] == [b"b%d" % n for n in range(1, 101)]
        assert await first.pubacks(100) == await second.pubacks(100) == list(range(1, 101))


async def test_an_acknowledgement_never_reaches_the_connection_that_followed() -> None:
    async with listening() as endpoint:
        async with device_at(endpoint, "scanner-7") as scanner:
            scanner.send(publish(PASSAGE, b"before", 5))
            before = await taken(endpoint, 1, ack=False)
        async with device_at(endpoint, "scanner-7") as scanner:
            scanner.send(publish(PASSAGE, b"other", 5))
            other = await taken(endpoint, 1, ack=False)
            endpoint.ack(before)
            await scanner.hears_nothing_but_a_ping()
            endpoint.ack(other)
            assert await scanner.pubacks(1) == [5]


async def test_a_passage_of_a_device_that_lost_power_is_still_taken() -> None:
    async with listening() as endpoint, device_at(endpoint) as scanner:
        scanner.send(publish(PASSAGE, b"last", 5))
        await scanner.hears_nothing_but_a_ping()
        scanner.vanish()
        assert [d.payload for d in await taken(endpoint, 1)] == [b"last"]


@versions
async def test_a_second_connection_with_the_same_client_id_takes_over(version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with (
        listening() as endpoint,
        device_at(endpoint, "scanner-7", version, will=OFFLINE) as first,
        device_at(endpoint, "scanner-7", version) as second,
    ):
        assert await first.goodbye() == (0x8E if version == 5 else None)
        assert [d.payload for d in await taken(endpoint, 1)] == [OFFLINE.payload]
        second.send(publish(PASSAGE, b"here", 1, version=version))
        await taken(endpoint, 1)
        assert await second.pubacks(1) == [1]
        assert endpoint.link.endswith(", 1 client")
    assert "'scanner-7'" in caplog.text
    assert "same client id" in caplog.text


@versions
async def test_the_last_will_of_a_lost_scanner_is_a_delivery_and_is_shown_to_who_asks_later(version: int) -> None:
    async with listening() as endpoint, device_at(endpoint, "screen", version) as screen:
        await screen.subscribed(("tracker/andorra/+/heartbeat", 1))
        async with device_at(endpoint, "scanner-7", version, will=OFFLINE):
            pass  # the socket closes without a DISCONNECT
        batch = await taken(endpoint, 1, ack=False)
        assert (batch[0].topic, batch[0].payload) == OFFLINE[:2]
        await screen.hears_nothing_but_a_ping()
        endpoint.ack(batch)
        assert await screen.message() == (HEARTBEAT, OFFLINE.payload, 0, False, None)
        async with device_at(endpoint, "late", version) as late:
            await late.subscribed(("tracker/#", 0))
            assert await late.message() == (HEARTBEAT, OFFLINE.payload, 0, True, None)


@versions
async def test_a_scanner_that_says_goodbye_has_no_last_will(version: int) -> None:
    async with listening() as endpoint:
        async with device_at(endpoint, "scanner-7", version, will=OFFLINE) as scanner:
            scanner.send(publish(PASSAGE, b"last", 5, version=version), hand.DISCONNECT)
            assert await scanner.rest() == []
        async with device_at(endpoint, "scanner-7", version, will=OFFLINE) as scanner:
            scanner.send(publish(PASSAGE, b"back", 5, version=version))
            assert [d.payload for d in await taken(endpoint, 2)] == [b"last", b"back"]


async def test_a_goodbye_of_mqtt_5_can_ask_for_the_last_will() -> None:
    async with listening() as endpoint, device_at(endpoint, "scanner-7", 5, will=OFFLINE) as scanner:
        scanner.send(hand.packet(0xE0, b"\x04"))
        assert [d.payload for d in await taken(endpoint, 1)] == [OFFLINE.payload]


@versions
async def test_a_silent_device_is_let_go_after_its_keep_alive(version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with listening() as endpoint, device_at(endpoint, version=version, keep_alive_s=1, will=OFFLINE) as scanner:
        assert [d.payload for d in await taken(endpoint, 1)] == [OFFLINE.payload]
        assert await scanner.goodbye() == (0x8D if version == 5 else None)
    assert "keep-alive of 1 s" in caplog.text


@versions
async def test_facts_are_shown_to_subscribers_once_they_are_on_the_disk(version: int) -> None:
    async with listening() as endpoint, device_at(endpoint, "director", version) as director, device_at(endpoint) as scanner:
        assert await director.subscribed(("tracker/#", 1)) == b"\x01"
        scanner.send(publish(PASSAGE, b"a", 5), publish(PASSAGE, b"b"))
        batch = await taken(endpoint, 2, ack=False)
        await director.hears_nothing_but_a_ping()
        endpoint.ack(batch)
        first, second = await director.message(), await director.message()
        assert first == (PASSAGE, b"a", 1, False, first.packet_id)
        assert second == (PASSAGE, b"b", 0, False, None)


@versions
async def test_live_topics_are_retained_and_forwarded_at_the_granted_qos(version: int) -> None:
    async with listening() as endpoint:
        await endpoint.publish(ALERTS, b"old")
        await endpoint.publish(ALERTS, b"1 alert")
        async with device_at(endpoint, "one", version) as one, device_at(endpoint, "zero", version) as zero:
            assert await one.subscribed(("tracker/andorra/live/#", 2)) == b"\x01"
            assert await zero.subscribed((ALERTS, 0)) == b"\x00"
            assert (await one.message())[:4] == (ALERTS, b"1 alert", 1, True)
            assert (await zero.message())[:4] == (ALERTS, b"1 alert", 0, True)
            await endpoint.publish(ALERTS, b"2 alerts")
            assert (await one.message())[:4] == (ALERTS, b"2 alerts", 1, False)
            assert (await zero.message())[:4] == (ALERTS, b"2 alerts", 0, False)
            one.send(unsubscribe(8, "tracker/andorra/live/#", "tracker/other", version=version))
            answer = await one.answer()
            assert (answer.kind, answer.body) == ("UNSUBACK", b"\0\x08" + (b"\0\0\x11" if version == 5 else b""))
            await endpoint.publish(ALERTS, b"3 alerts")
            await one.hears_nothing_but_a_ping()
            await endpoint.publish(ALERTS, b"")
            assert [(await zero.message()).payload for _ in range(2)] == [b"3 alerts", b""]
            await one.subscribed(("tracker/#", 1))
            await one.hears_nothing_but_a_ping()


async def test_several_filters_that_match_bring_the_retained_topic_once_for_one_subscribe() -> None:
    async with listening() as endpoint, device_at(endpoint) as screen:
        await endpoint.publish(ALERTS, b"1 alert")
        assert await screen.subscribed(("#", 0), (ALERTS, 1), ("tracker/+/live/alerts", 0)) == b"\0\1\0"
        assert (await screen.message())[:4] == (ALERTS, b"1 alert", 1, True)
        await screen.hears_nothing_but_a_ping()


async def test_the_options_of_a_subscription_in_mqtt_5_are_honoured() -> None:
    no_local, as_published, only_new, never = 0b100, 0b1000, 0x10, 0x20
    async with listening() as endpoint, device_at(endpoint, "desk", 5) as desk:
        await endpoint.publish(ALERTS, b"1 alert")
        await desk.subscribed((ALERTS, never))
        await desk.subscribed((ALERTS, only_new))
        await desk.hears_nothing_but_a_ping()
        await desk.subscribed(("tracker/andorra/live/+", only_new | as_published))
        assert (await desk.message()).retain
        await endpoint.publish(ALERTS, b"2 alerts")
        assert (await desk.message()).retain
        await desk.subscribed((PASSAGE, 1 | no_local))
        desk.send(publish(PASSAGE, b"mine", 5, version=5))
        await taken(endpoint, 1)
        assert await desk.pubacks(1) == [5]
        await desk.hears_nothing_but_a_ping()


@versions
async def test_a_shared_subscription_is_refused_and_the_others_beside_it_hold(version: int) -> None:
    async with listening() as endpoint, device_at(endpoint, version=version) as screen:
        codes = await screen.subscribed(("$share/screens/tracker/#", 1), (ALERTS, 1))
        assert codes == (b"\x9e\x01" if version == 5 else b"\x80\x01")


async def test_a_screen_that_acknowledges_gets_more_than_its_window() -> None:
    async with listening() as endpoint, device_at(endpoint, "screen", 5, properties=b"\x21\x00\x03") as screen:
        await screen.subscribed(("tracker/#", 1))
        for n in range(10):
            await endpoint.publish(ALERTS, b"%d" % n)
        got = [await screen.message() for _ in range(3)]
        await screen.hears_nothing_but_a_ping()
        while len(got) < 10:
            number = got[len(got) - 3].packet_id
            assert number is not None
            screen.send(puback(number))
            got.append(await screen.message())
        assert [m.payload for m in got] == [b"%d" % n for n in range(10)]
        assert len({m.packet_id for m in got[-3:]}) == 3


@versions
@pytest.mark.parametrize("topic", ["tracker/utmb/botella/passage", "tracker/andorra/live/alerts", "elsewhere", "tracker/andorra"])
async def test_a_message_to_a_wrong_topic_is_refused_aloud(topic: str, version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with listening() as endpoint, device_at(endpoint, "scanner-7", version) as scanner:
        scanner.send(
            publish(topic, b"x", 5, version=version), publish(topic, b"x", 6, version=version), publish(topic, b"x", version=version)
        )
        refusal = b"\x87" if version == 5 else b""
        assert [(await scanner.answer()).body for _ in range(2)] == [b"\0\5" + refusal, b"\0\6" + refusal]
        await scanner.hears_nothing_but_a_ping()
        assert endpoint.link.endswith("1 client, 3 messages to wrong topics refused")
        scanner.send(publish(PASSAGE, b"right", 7, version=version))
        assert [d.payload for d in await taken(endpoint, 1)] == [b"right"]
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert repr(topic) in warnings[0]
    assert "tracker/andorra/" in warnings[0]


async def test_a_last_will_to_a_wrong_topic_is_refused_aloud_when_it_is_due() -> None:
    async with listening() as endpoint:
        async with device_at(endpoint, will=LastWill("elsewhere", b"gone")):
            pass
        async with device_at(endpoint) as scanner:
            scanner.send(publish(PASSAGE, b"only", 1))
            assert [d.payload for d in await taken(endpoint, 1)] == [b"only"]
        assert "1 messages to wrong topics refused" in endpoint.link


async def test_a_client_without_an_id_gets_one() -> None:
    async with listening() as endpoint, socket_to(endpoint, 5) as five, device_at(endpoint, "", 4), device_at(endpoint, "", 4):
        five.send(hand.connect("", 5, properties=b"\x11\x00\x00\x0e\x10", user="andorra"))
        answer = await five.answer()
        assert answer.body[:2] == b"\0\0"
        offers = answer.body[3:]
        assert b"\x12\x00\x2ctracker-" in offers
        assert offers.endswith(b"\x11\0\0\0\0")  # no session outlives its connection
        assert offers.startswith(b"\x21\xff\xff\x24\x01\x25\x01\x27\x00\x01\x00\x00\x22\x00\x00\x28\x01\x29\x00\x2a\x00")
        assert ", 3 clients" in endpoint.link


@pytest.mark.parametrize(
    ("greeting", "version", "answer"),
    [
        (hand.connect("", clean=False), 4, b"\0\2"),
        (hand.connect(version=3), 4, b"\0\1"),
        (hand.connect(version=5, properties=b"\x15" + hand.text("SCRAM-SHA-1")), 5, b"\0\x8c"),
        (hand.connect(version=5, will=LastWill(HEARTBEAT, b"x", qos=2)), 5, b"\0\x9b"),
        (hand.connect(version=5, properties=b"\x24\x01"), 5, b"\0\x82"),
        (hand.connect("a\0b"), 4, None),
        (b"GET / HTTP/1.1\r\n\r\n", 4, None),
    ],
)
async def test_a_greeting_that_cannot_be_taken_is_answered_as_its_mqtt_can(
    greeting: bytes, version: int, answer: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening() as endpoint, socket_to(endpoint, version) as device:
        device.send(greeting)
        assert [(a.kind, a.body[:2]) for a in await device.rest()] == ([("CONNACK", answer)] if answer else [])
        assert ", 0 clients" in endpoint.link
    assert caplog.text.count("connection closed") == 1


@pytest.mark.parametrize(
    ("wrong", "version", "reason"),
    [
        (publish(PASSAGE, b"x", 9, qos=2), 4, None),
        (publish(PASSAGE, b"x", 9, qos=2, version=5), 5, 0x9B),
        (publish("tracker/andorra/+/passage", b"x", 9, version=5), 5, 0x90),
        (subscribe(1, ("tracker/#/x", 1), version=5), 5, 0x8F),
        (hand.packet(0x62, b"\0\1"), 5, 0x82),
        (hand.connect(), 4, None),
    ],
)
async def test_what_breaks_the_standard_closes_the_connection_and_loses_nothing_before_it(
    wrong: bytes, version: int, reason: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening() as endpoint, device_at(endpoint, "scanner-7", version) as scanner:
        fine = publish(PASSAGE, b"fine", 5, version=version)
        scanner.send(fine, wrong, fine)
        assert await scanner.goodbye() == reason
        assert [d.payload for d in await taken(endpoint, 1)] == [b"fine"]
        assert ", 0 clients" in endpoint.link
    assert "'scanner-7' at 127.0.0.1" in caplog.text


@versions
async def test_at_the_end_clients_are_told_and_nothing_that_waits_is_acknowledged(version: int) -> None:
    async with listening() as endpoint, device_at(endpoint, "a", version, will=OFFLINE) as scanner, socket_to(endpoint) as newcomer:
        scanner.send(publish(PASSAGE, b"waits", 5, version=version))
        batch = await taken(endpoint, 1, ack=False)
        await endpoint.__aexit__()
        endpoint.ack(batch)
        answers = await scanner.rest()
        assert [(a.kind, a.body[0]) for a in answers] == ([("DISCONNECT", 0x8B)] if version == 5 else [])
        assert await newcomer.rest() == []
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", endpoint.port)
        assert endpoint.link == "not listening"


async def test_an_address_that_is_taken_is_said_in_one_line() -> None:
    async with listening() as endpoint:
        with pytest.raises(MqttFault) as fault:
            await Endpoint("127.0.0.1", endpoint.port, root="tracker", event="andorra").__aenter__()
        assert f"127.0.0.1:{endpoint.port}" in str(fault.value)
        assert "already in use" in str(fault.value)
        assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", 70_000, "0 to 65535"),
        ("192.0.2.1", 1883, "no such address"),
        ("no.such.host.invalid", 1883, "give an IP address"),
    ],
)
async def test_an_address_that_is_none_is_said_in_one_line(host: str, port: int, words: str) -> None:
    with pytest.raises(MqttFault, match=words):
        await Endpoint(host, port, root="tracker", event="andorra").__aenter__()
