"""The endpoint under load and under attack: everything that clients can make it hold has a bound, and no fact is dropped for it."""

import asyncio
import random
import socket
import time

import pytest

from tests.mqtt import device as hand
from tests.mqtt.device import LastWill, device_at, listening, publish, socket_to, taken
from tracker.mqtt.endpoint import Endpoint, Limits

PASSAGE = "tracker/andorra/botella/passage"
ALERTS = "tracker/andorra/live/alerts"

versions = pytest.mark.parametrize("version", [4, 5])


async def until_full(endpoint: Endpoint) -> None:
    async with asyncio.timeout(hand.PATIENCE_S):
        while ", full" not in endpoint.link:
            await asyncio.sleep(0)


async def test_three_scanners_with_a_backlog_wait_for_the_journal_and_lose_nothing() -> None:
    payload = b"x" * 400
    async with (
        listening(Limits(max_waiting=50)) as endpoint,
        device_at(endpoint, "a") as a,
        device_at(endpoint, "b", 5) as b,
        device_at(endpoint, "c") as c,
    ):
        scanners = {b"a": a, b"b": b, b"c": c}
        for n in range(1, 3001):
            for name, scanner in scanners.items():
                scanner.send(publish(PASSAGE, b"%s %d %s" % (name, n, payload), n, version=scanner.version))
        await until_full(endpoint)
        got: dict[bytes, list[int]] = {name: [] for name in scanners}
        most = 0
        for _ in range(9000 // 20):
            for delivery in await taken(endpoint, 20, limit=1):
                name, number, _ = delivery.payload.split()
                got[name].append(int(number))
            most = max(most, len(endpoint._hub.waiting))
        assert got == {name: list(range(1, 3001)) for name in scanners}
        assert most <= 50 + 3 * 64 * 1024 // 400
        for scanner in scanners.values():
            assert await scanner.pubacks(3000) == list(range(1, 3001))
        assert ", full" not in endpoint.link


async def test_while_the_journal_is_busy_screens_are_served_and_silent_scanners_are_not_blamed() -> None:
    async with (
        listening(Limits(max_waiting=1)) as endpoint,
        device_at(endpoint, "scanner", keep_alive_s=5) as scanner,
        device_at(endpoint, "screen", keep_alive_s=0) as screen,
    ):
        scanner.send(publish(PASSAGE, b"1", 1))
        await until_full(endpoint)
        scanner.send(hand.PINGREQ)
        for client in list(endpoint._hub.connections):
            client.watch(time.monotonic() + 1000)
        await screen.subscribed((ALERTS, 0))
        await endpoint.publish(ALERTS, b"journal is slow")
        assert (await screen.message()).payload == b"journal is slow"
        await taken(endpoint, 1)
        assert [(await scanner.answer()).kind for _ in range(2)] in (["PUBACK", "PINGRESP"], ["PINGRESP", "PUBACK"])


async def test_a_scanner_that_leaves_while_it_has_to_wait_is_forgotten() -> None:
    async with listening(Limits(max_waiting=1)) as endpoint:
        async with device_at(endpoint, "scanner", will=LastWill(PASSAGE, b"gone")) as scanner:
            scanner.send(publish(PASSAGE, b"1", 1))
            await until_full(endpoint)
            scanner.send(publish(PASSAGE, b"2", 2))
        assert [d.payload for d in await taken(endpoint, 3)] == [b"1", b"2", b"gone"]
        assert ", full" not in endpoint.link


@versions
async def test_a_message_over_the_limit_is_refused_before_it_is_held(version: int, caplog: pytest.LogCaptureFixture) -> None:
    async with listening(Limits(max_packet_bytes=1000)) as endpoint, device_at(endpoint, "scanner-7", version) as scanner:
        scanner.send(publish(PASSAGE, b"x" * 900, 1, version=version))
        await taken(endpoint, 1)
        assert await scanner.pubacks(1) == [1]
        scanner.send(publish(PASSAGE, b"x" * 10_000_000, 2, version=version)[:100])
        assert await scanner.goodbye() == (0x95 if version == 5 else None)
    assert "the limit is 1000" in caplog.text


async def test_the_peer_reads_why_even_while_it_is_still_sending() -> None:
    async with listening(Limits(max_packet_bytes=1000)) as endpoint, device_at(endpoint, "scanner-7", 5) as scanner:
        scanner.send(publish(PASSAGE, b"x" * 20_000_000, 2, version=5))
        assert await scanner.goodbye() == 0x95
        await scanner.writer.drain()


async def test_a_screen_that_does_not_read_is_cut_off_and_gets_the_newest_when_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    standings = b"x" * 250_000
    async with listening(Limits(max_outgoing_bytes=500_000)) as endpoint:
        async with device_at(endpoint, "screen") as screen:
            await screen.subscribed((ALERTS, 0))
            screen.writer.transport.pause_reading()  # type: ignore[attr-defined]
            for n in range(1000):
                await endpoint.publish(ALERTS, b"%d %s" % (n, standings))
                if ", 0 clients" in endpoint.link:
                    break
            assert ", 0 clients" in endpoint.link
            screen.writer.transport.resume_reading()  # type: ignore[attr-defined]
            assert await screen.goodbye() is None
        assert "'screen'" in caplog.text
        assert "too slow" in caplog.text
        await endpoint.publish(ALERTS, b"newest")
        async with device_at(endpoint, "screen") as screen:
            await screen.subscribed((ALERTS, 0))
            assert (await screen.message()).payload == b"newest"


async def test_a_screen_that_reads_and_never_acknowledges_is_cut_off() -> None:
    async with listening(Limits(max_outgoing_bytes=10_000)) as endpoint, device_at(endpoint, "screen", 5, properties=b"\x21\0\2") as screen:
        await screen.subscribed((ALERTS, 1))
        for _ in range(20):
            await endpoint.publish(ALERTS, b"x" * 1000)
        assert ", 0 clients" in endpoint.link


async def test_a_device_that_never_reads_its_answers_is_cut_off() -> None:
    async with listening(Limits(max_outgoing_bytes=100_000)) as endpoint, device_at(endpoint, "flood") as flood:
        flood.writer.transport.pause_reading()  # type: ignore[attr-defined]
        (connection,) = endpoint._hub.connections
        ends = ((flood.writer, socket.SO_RCVBUF), (connection._transport, socket.SO_SNDBUF))  # type: ignore[attr-defined]
        for end, buffer in ends:
            end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, buffer, 4096)  # else the system itself takes millions of them
        pings = hand.PINGREQ * 10_000
        async with asyncio.timeout(hand.PATIENCE_S):
            while ", 1 client" in endpoint.link:
                flood.send(pings)
                await asyncio.sleep(0)


async def test_a_client_gets_nothing_larger_than_it_said_it_takes(caplog: pytest.LogCaptureFixture) -> None:
    async with listening() as endpoint, device_at(endpoint, "small", 5, properties=b"\x27\0\0\0\x64") as small:
        await small.subscribed((ALERTS, 1))
        await endpoint.publish(ALERTS, b"x" * 100)
        await endpoint.publish(ALERTS, b"short")
        assert (await small.message()).payload == b"short"
    assert "is not sent" in caplog.text


@versions
async def test_one_client_too_many_is_told_and_a_known_one_may_come_back(version: int) -> None:
    async with (
        listening(Limits(max_sessions=2)) as endpoint,
        device_at(endpoint, "a", version) as a,
        device_at(endpoint, "b", version),
        socket_to(endpoint, version) as third,
    ):
        third.send(hand.connect("c", version))
        assert (await third.answer()).body[:2] == (b"\0\x97" if version == 5 else b"\0\3")
        async with device_at(endpoint, "a", version):
            await a.rest()
            assert ", 2 clients" in endpoint.link


async def test_a_crowd_of_sockets_that_say_nothing_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.mqtt.endpoint_hub._NEWCOMERS_MAX", 1)
    async with listening(Limits(max_sessions=1)) as endpoint, socket_to(endpoint), socket_to(endpoint), socket_to(endpoint) as third:
        assert await third.rest() == []
        assert len(endpoint._hub.connections) == 2


async def test_a_socket_that_says_nothing_is_closed_in_time(caplog: pytest.LogCaptureFixture) -> None:
    async with listening(Limits(connect_timeout_s=0.2)) as endpoint, socket_to(endpoint) as mute:
        mute.send(hand.connect()[:5])
        assert await mute.rest() == []
    assert "no CONNECT within 0.2 s" in caplog.text


async def test_a_peer_that_never_closes_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.mqtt.endpoint_connection._LINGER_S", 0.1)
    async with listening() as endpoint, device_at(endpoint) as device:
        device.send(hand.connect())
        await device.rest()
        async with asyncio.timeout(hand.PATIENCE_S):
            await endpoint._hub._all_gone_now()


@versions
async def test_a_client_has_so_many_subscriptions_and_no_more(version: int) -> None:
    async with listening(Limits(max_subscriptions=2)) as endpoint, device_at(endpoint, version=version) as screen:
        codes = await screen.subscribed(("a", 1), ("b", 0), ("c", 1), ("a", 0))
        assert codes == (b"\1\0\x97\0" if version == 5 else b"\1\0\x80\0")


async def test_what_devices_retain_is_bounded_and_still_delivered(caplog: pytest.LogCaptureFixture) -> None:
    async with listening(Limits(max_retained_bytes=1100)) as endpoint, device_at(endpoint) as scanner:
        for n in range(1, 11):
            scanner.send(publish(f"tracker/andorra/station-{n}/heartbeat", b"x" * 100, n, retain=True))
        assert len(await taken(endpoint, 10)) == 10
        assert await scanner.pubacks(10) == list(range(1, 11))
        await scanner.subscribed(("#", 0))
        assert {(await scanner.message()).topic for _ in range(3)} == {f"tracker/andorra/station-{n}/heartbeat" for n in (1, 2, 3)}
        await scanner.hears_nothing_but_a_ping()
    assert "not retained" in caplog.text


async def test_forty_broken_devices_do_not_disturb_a_good_one() -> None:
    chance = random.Random(7)
    surprises: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: surprises.append(context))

    async def broken(endpoint: Endpoint, name: str) -> None:
        version = chance.choice([4, 5])
        async with socket_to(endpoint, version) as device:
            device.send(hand.connect(name, version, will=LastWill(PASSAGE, name.encode())))
            fine = [publish(PASSAGE, b"fine", 1, version=version), hand.subscribe(2, ("#", 1), version=version), hand.PINGREQ]
            stream = b"".join(chance.choices(fine, k=30)) + chance.randbytes(50)
            for n in range(0, len(stream), 17):
                device.send(stream[n : n + 17])
                await asyncio.sleep(0)
            if chance.random() < 0.5:
                device.vanish()

    async with listening(Limits(max_waiting=5)) as endpoint:
        ingest = asyncio.create_task(taken(endpoint, 10**9, limit=3))
        await asyncio.gather(*(broken(endpoint, f"broken-{n}") for n in range(40)))
        async with device_at(endpoint, "good") as good:
            good.send(publish(PASSAGE, b"here", 9))
            assert await good.pubacks(1) == [9]
        ingest.cancel()
        await asyncio.wait([ingest])
    assert surprises == []
    assert not endpoint._hub.connections
    assert not endpoint._hub.sessions
