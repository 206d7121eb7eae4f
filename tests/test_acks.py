"""What is acknowledged to a device, by what is known of its numbers."""

from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_devices import beat, devices, fact, facts
from tracker.acks import Ack, Acks, acknowledged
from tracker.core.devices import Devices, Receipt


def told(found: Devices, *aside: int) -> list[Ack]:
    acks = Acks()
    for seq in aside:
        acks.put_aside("a", seq)
    return list(acks.news(found.receipts()))


def test_all_numbers_that_are_facts_are_acknowledged() -> None:
    assert told(devices(facts("a", 1, 2, 3))) == [Ack("a", 3, ())]


def test_what_lies_between_two_facts_is_missing() -> None:
    assert told(devices(facts("a", 1, 2, 5, 7))) == [Ack("a", 7, (3, 4, 6))]


def test_what_a_heartbeat_tells_of_and_is_not_there_is_missing() -> None:
    assert told(devices(facts("a", 1, 2), beat("a", "2h", 4))) == [Ack("a", 4, (3, 4))]
    assert told(devices(beat("a", "2h", 2))) == [Ack("a", 2, (1, 2))]


def test_what_is_in_quarantine_is_on_the_disk() -> None:
    assert told(devices(facts("a", 1, 3)), 2) == [Ack("a", 3, ())]
    assert told(devices(facts("a", 1)), 2, 4) == [Ack("a", 4, (3,))]


def test_of_a_device_that_nobody_has_heard_nothing_is_told() -> None:
    assert told(devices(), 1) == []


def test_only_what_has_changed_is_told_again() -> None:
    acks, found = Acks(), devices(facts("a", 1), facts("b", 1))
    assert {ack.device for ack in acks.news(found.receipts())} == {"a", "b"}
    found.take_all([fact("b", 2)])
    assert list(acks.news(found.receipts())) == [Ack("b", 2, ())]
    assert list(acks.news(found.receipts())) == []
    acks.forget()
    assert {ack.device for ack in acks.news(found.receipts())} == {"a", "b"}


def test_what_is_missing_is_told_again_when_it_is_time_to() -> None:
    acks, found = Acks(), devices(facts("a", 1, 3), facts("b", 1))
    assert len(list(acks.news(found.receipts()))) == 2
    acks.repeat_gaps()
    assert list(acks.news(found.receipts())) == [Ack("a", 3, (2,))]


def test_a_device_whose_name_can_be_no_topic_is_told_nothing() -> None:
    assert [ack.device for ack in told(devices(facts("a", 1), facts("a/+", 1), facts("#", 1)))] == ["a"]


def test_a_number_that_somebody_invents_costs_neither_time_nor_memory() -> None:
    ack = told(devices(facts("a", 1, 3), beat("a", "2h", 2**53)))[0]
    assert (ack.through, ack.missing[:3], len(ack.missing)) == (1002, (2, 4, 5), 1_000)


numbers = st.sets(st.integers(1, 30))


@given(numbers, numbers, st.integers(0, 40))
def test_a_number_is_acknowledged_exactly_if_it_is_on_the_disk(known: set[int], aside: set[int], heard: int) -> None:
    receipt = next(devices(facts("a", *known), beat("a", "2h", heard)).receipts())
    ack = acknowledged(receipt, aside)
    assert {seq for seq in range(1, ack.through + 1) if seq not in ack.missing} == known | aside
    assert ack.through == max(known | aside | {heard})


def test_far_more_devices_than_a_race_has_are_told_by_and_by() -> None:
    acks, many = Acks(), [Receipt(f"d{n}", 1, ()) for n in range(1_200)]
    rounds = [len(list(acks.news(iter(many)))) for _ in range(4)]
    assert sum(rounds) == 1_200
    assert max(rounds) <= 500
