"""Integers in order, however they came and went."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.core.ordered import Ordered

STEPS = st.lists(st.tuples(st.sampled_from(["put", "put_all", "take", "look", "twin"]), st.sets(st.integers(0, 200), max_size=100)))


@given(STEPS)
def test_what_is_there_is_in_order_after_any_changes(steps: list[tuple[str, set[int]]]) -> None:
    ordered, there = Ordered(), set[int]()
    for step, numbers in steps:
        match step:
            case "put":
                for number in numbers - there:
                    ordered.put(number)
                there |= numbers
            case "put_all":
                ordered.put_all(numbers - there)
                there |= numbers
            case "take":
                for number in numbers & there:
                    ordered.take(number)
                there -= numbers
            case "look":
                assert ordered.settled() == sorted(there)
            case _:
                ordered = ordered.twin()
        assert len(ordered) == len(there)
    assert ordered.settled() == sorted(there)
