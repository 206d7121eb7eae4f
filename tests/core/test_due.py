"""Whoever has to be judged again at a moment is told of then: not before, and not too late."""

from hypothesis import given
from hypothesis import strategies as st

from tests.core.builders import field_of, race_with
from tracker.core.due import Due
from tracker.core.race_state import Runner

MOMENTS = st.integers(0, 60_000)


def _runners(count: int) -> list[Runner]:
    return list(field_of(race_with(), count=count).runners.values())


@given(st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), min_size=1, max_size=8), st.lists(MOMENTS, min_size=1).map(sorted))
def test_a_runner_is_woken_when_one_of_his_moments_has_come_and_not_before(moments: list[tuple[int, int | None]], looks: list[int]) -> None:
    due, runners = Due(), _runners(len(moments))
    for runner, (due_ms, overdue_ms) in zip(runners, moments, strict=True):
        runner.due_ms, runner.overdue_ms = due_ms, overdue_ms
        due.put(due_ms, runner)
        if overdue_ms is not None:
            due.put(overdue_ms, runner)
    before_ms = -1
    for now_ms in looks:
        woken = due.take(now_ms)
        for runner, of_runner in zip(runners, moments, strict=True):
            if any(moment is not None and before_ms < moment <= now_ms for moment in of_runner):
                assert runner in woken
            if all(moment is None or moment > now_ms for moment in of_runner):
                assert runner not in woken
        before_ms = now_ms


def test_a_moment_that_a_runner_does_not_have_any_more_wakes_nobody() -> None:
    due, (runner,) = Due(), _runners(1)
    runner.due_ms = 25_000
    due.put(25_000, runner)
    runner.due_ms = 45_000
    due.put(45_000, runner)
    assert due.take(30_000) == []
    assert due.take(45_000) == [runner]
