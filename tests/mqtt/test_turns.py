"""Devices take turns at the endpoint: whoever floods waits for himself, and nobody else waits for him."""

from itertools import cycle, islice

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import until
from tests.mqtt.device import device_at, listening, publish, taken
from tracker.mqtt.endpoint import Limits
from tracker.mqtt.endpoint_turns import Turns
from tracker.mqtt.inlet import Delivery

PASSAGE = "tracker/andorra/botella/passage"


def sent(client: str, first: int, count: int, size: int = 1) -> list[Delivery]:
    return [Delivery(client, b"x" * size, number) for number in range(first, first + count)]


def test_a_quiet_device_is_in_the_next_batch_however_much_another_has_sent() -> None:
    turns = Turns[str](50_000, 1 << 30)
    turns.put("flood", sent("flood", 0, 40_000))
    turns.put("quiet", sent("quiet", 0, 1))
    batch = turns.take(2000)
    assert [one.topic for one in batch].count("quiet") == 1
    assert len(batch) == 2000, "what the quiet one does not need, the other has"


def test_three_floods_have_a_third_each() -> None:
    turns = Turns[str](50_000, 1 << 30)
    for client in "abc":
        turns.put(client, sent(client, 0, 5000))
    batch = [one.topic for one in turns.take(300)]
    assert [batch.count(client) for client in "abc"] == [100, 100, 100]


def test_only_who_has_sent_his_share_is_held_back() -> None:
    turns = Turns[str](100, 1 << 30)
    turns.put("flood", sent("flood", 0, 100))
    turns.put("quiet", sent("quiet", 0, 1))
    assert turns.crowded_by("flood")
    assert not turns.crowded_by("quiet")
    turns.take(60)
    assert turns.roomy


def test_a_few_large_messages_crowd_as_many_small_ones_do() -> None:
    turns = Turns[str](50_000, 1_000_000)
    turns.put("flood", sent("flood", 0, 20, 60_000))
    assert turns.crowded_by("flood")
    assert not turns.roomy
    turns.take(15)
    assert turns.roomy


def test_a_batch_of_large_messages_is_short_so_that_nobody_waits_long_for_it() -> None:
    turns = Turns[str](50_000, 1 << 30)
    turns.put("flood", sent("flood", 0, 1000, 1_000_000))
    turns.put("quiet", sent("quiet", 0, 1))
    batch = [one.topic for one in turns.take(2000)]
    assert (batch.count("quiet"), batch.count("flood")) == (1, 5)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30), st.integers(1, 40))))
def test_every_message_is_taken_once_and_each_device_s_in_its_order(steps: list[tuple[str, int, int]]) -> None:
    turns = Turns[str](50, 500)
    numbers, got, waiting = dict.fromkeys("abcd", 0), {client: [] for client in "abcd"}, 0  # type: ignore[var-annotated]
    for client, count, limit in steps:
        turns.put(client, sent(client, numbers[client], count))
        numbers[client] += count
        batch = turns.take(limit)
        waiting += count - len(batch)
        assert len(batch) <= limit
        assert len(turns) == waiting
        for one in batch:
            got[one.topic].append(one.token)
    for one in turns.take(10**9):
        got[one.topic].append(one.token)
    assert got == {client: list(range(count)) for client, count in numbers.items()}
    assert (len(turns), turns._total_bytes, turns._bytes) == (0, 0, {})


async def test_a_quiet_scanner_is_taken_at_once_while_another_floods() -> None:
    """The flood keeps the endpoint full; the quiet one's passage is in the very next batch that the ingest takes."""
    async with (
        listening(Limits(max_waiting=5000)) as endpoint,
        device_at(endpoint, "flood") as flood,
        device_at(endpoint, "quiet") as quiet,
    ):
        ids = cycle(range(1, 65_536))
        flood.send(*(publish(PASSAGE, b"x" * 100, number) for number in islice(ids, 100_000)))
        try:
            await until(lambda: ", full" in endpoint.link, "the flood fills what may wait")
            for number in range(1, 20):
                quiet.send(publish(PASSAGE, b"quiet %d" % number, number))
                await quiet.hears_nothing_but_a_ping()  # so it has been read
                batch = await taken(endpoint, 1, limit=100)
                assert [one.payload for one in batch].count(b"quiet %d" % number) == 1
                assert await quiet.pubacks(1) == [number]
                assert len(endpoint._hub.waiting) < 2 * 5000
        finally:
            flood.vanish()  # what it still has to say would take a while
