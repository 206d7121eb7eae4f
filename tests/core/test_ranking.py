"""Places kept up to date: the same whether changes come one by one or many at once, looked at in between or not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.core.ranking import Ranking

SIZE = 150
RUNGS = 3
KEYS = st.builds(lambda rung, time: rung << 44 | time, st.integers(0, RUNGS - 1), st.integers(0, 20))
CHANGES = st.lists(st.tuples(st.integers(0, SIZE - 1), st.none() | KEYS, st.sampled_from(["", "first", "ranks"])), max_size=300)


@settings(max_examples=100, deadline=None)
@given(CHANGES)
def test_places_are_those_of_a_fresh_sort_however_the_changes_came(changes: list[tuple[int, int | None, str]]) -> None:
    ranking, keys = Ranking(SIZE, RUNGS), dict[int, int]()
    for no, key, looked_at in changes:
        ranking.place(no, key)
        if key is None:
            keys.pop(no, None)
        else:
            keys[no] = key
        if looked_at == "first":
            ranking.order(5)
        elif looked_at == "ranks":
            ranking.ranks()
    assert ranking.order() == sorted(keys, key=lambda no: (keys[no], no))
    wanted = [1 + sum(other < keys[no] for other in keys.values()) if no in keys else None for no in range(SIZE)]
    assert ranking.ranks() == wanted


def test_places_in_a_group_count_only_the_group_and_share_too() -> None:
    ranking = Ranking(5, 1)
    for no, key in enumerate((30, 10, 20, 20, 20)):
        ranking.place(no, key)
    assert ranking.ranks(["F", "M", "F", "F", None]) == [3, 1, 1, 1, None]
