"""What must arrive is sent again and again, but never more at once than was agreed; against the tracker's own endpoint."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
import pytest

from tests.conftest import PATIENCE_S, until
from tracker.mqtt.address import Broker
from tracker.mqtt.endpoint import Endpoint
from tracker.mqtt.inlet import Delivery
from tracker.mqtt.sender import IN_FLIGHT_MAX, Sender

NOTE = "tracker/hill/desk/note"


@asynccontextmanager
async def endpoint(port: int = 0) -> AsyncIterator[Endpoint]:
    async with Endpoint("127.0.0.1", port, root="tracker", event="hill") as inlet:
        yield inlet


@asynccontextmanager
async def sending(port: int, *owed: bytes) -> AsyncIterator[Sender]:
    """A sender at work, that owes these payloads; at the end it is told to stop."""
    sender, stop = Sender(Broker("127.0.0.1", port), "desk"), asyncio.Event()
    for payload in owed:
        sender.add(payload, NOTE, payload)
    task = asyncio.create_task(sender.run(stop))
    yield sender
    stop.set()
    await asyncio.wait_for(task, PATIENCE_S)


async def take(inlet: Endpoint, count: int) -> list[Delivery]:
    """The next messages, so many at least; nothing is acknowledged."""
    batch: list[Delivery] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(batch) < count:
            batch += await inlet.next_batch(1_000)
    return batch


async def test_only_so_many_are_under_way_and_the_others_follow_in_their_order() -> None:
    owed = [b"%d" % n for n in range(3 * IN_FLIGHT_MAX)]
    async with endpoint() as inlet, sending(inlet.port, *owed):
        said: list[bytes] = []
        first = await take(inlet, IN_FLIGHT_MAX)
        async with aiomqtt.Client("127.0.0.1", inlet.port) as other:
            await other.publish(NOTE, b"meanwhile")
            between = await take(inlet, 1)
            assert [delivery.payload for delivery in between] == [b"meanwhile"]
            batch = first
            while len(said) < len(owed):
                assert len(batch) <= IN_FLIGHT_MAX
                said += [delivery.payload for delivery in batch]
                inlet.ack(batch)
                batch = await take(inlet, 1) if len(said) < len(owed) else []
        assert said == owed


async def test_what_was_acknowledged_is_sent_again_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.mqtt.sender._AGAIN_AFTER_S", (0.0,))
    async with endpoint() as inlet, sending(inlet.port, b"one", b"two") as sender:
        inlet.ack(await take(inlet, 2))
        sender.done(b"one")
        inlet.ack(await take(inlet, 1))
        again = await take(inlet, 1)
        assert {delivery.payload for delivery in again} == {b"two"}
        inlet.ack(again)
        took = f"connected to mqtt://127.0.0.1:{inlet.port}, which took 1 message that did not arrive yet"
        await until(lambda: sender.link == took, "it says what is stuck")
        sender.done(b"two")
        assert sender.link == f"connected to mqtt://127.0.0.1:{inlet.port}"


async def test_what_is_not_done_is_sent_at_once_on_a_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.mqtt.sender._AGAIN_AFTER_S", (3600.0,))
    async with endpoint() as inlet:
        port = inlet.port
        async with sending(port, b"one", b"two") as sender:
            inlet.ack(await take(inlet, 2))
            sender.done(b"one")
            await inlet.__aexit__()
            await until(lambda: sender.link.startswith(f"no connection to mqtt://127.0.0.1:{port} ("), "it has noticed")
            async with endpoint(port) as again:
                assert [delivery.payload for delivery in await take(again, 1)] == [b"two"]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "mqtt://127.0.0.1:1883"),
        ("0.0.0.0", "mqtt://127.0.0.1:1883"),
        ("", "mqtt://127.0.0.1:1883"),
        ("::", "mqtt://[::1]:1883"),
        ("10.1.2.3", "mqtt://10.1.2.3:1883"),
        ("fd00::7", "mqtt://[fd00::7]:1883"),
    ],
)
async def test_where_an_endpoint_is_reached_from_its_own_machine(host: str, address: str) -> None:
    inlet = Endpoint(host, 1883, root="tracker", event="hill")
    assert inlet.address == address
    assert str(Broker.parse(inlet.address)) == address
