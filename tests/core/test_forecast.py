"""When a runner will be at the next checkpoint: form, drift, the field's times, and from when on he is overdue."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.builders import GUN_MS, race_with
from tracker.core.course import Checkpoint, Race
from tracker.core.forecast import Forecast, Forecaster

RACE = race_with(points="start@0 a@10 b@20 c@30 finish@40", gain_m=0)
POINTS = len(RACE.checkpoints)
MINUTE_MS = 60_000
RUNNER = 0
"""The one who is looked at; the field has the other numbers."""

Times = list[int | None]


def times(*minutes: float | None) -> Times:
    """Arrivals at start, a, b, c and finish, in minutes from the gun, as far as they are said."""
    found = [None if each is None else GUN_MS + round(each * MINUTE_MS) for each in minutes]
    return found + [None] * (POINTS - len(found))


class At(NamedTuple):
    """A passing, as far as a forecast cares."""

    in_ms: int


def tell(forecaster: Forecaster, no: int, times_ms: Sequence[int | None]) -> None:
    start_ms = times_ms[0] if times_ms[0] is not None else forecaster.race.start_ms
    furthest = max((at for at, at_ms in enumerate(times_ms) if at_ms is not None), default=-1)
    forecaster.learn(no, start_ms, [None if at_ms is None else At(at_ms) for at_ms in times_ms], furthest)


def know(*runners: Sequence[int | None], race: Race = RACE) -> Forecaster:
    """What is known of runner 0, 1, 2 …"""
    forecaster = Forecaster(race)
    for no, each in enumerate(runners):
        tell(forecaster, no, each)
    return forecaster


def field(size: int, slower: float, spread: float = 0.02, seed: int = 1) -> list[Times]:
    """Runners at 6 to 9 minutes a kilometre to `a` who take `slower` times as long to `b`, more or less by `spread`."""
    chance = Random(seed)
    firsts = [chance.uniform(60, 90) for _ in range(size)]
    return [times(0, first, first + first * slower * (1 + chance.uniform(-spread, spread))) for first in firsts]


def expected(forecaster: Forecaster, no: int = RUNNER) -> Forecast:
    found = forecaster.forecast(no)
    assert found is not None
    return found


def overdue(forecaster: Forecaster, no: int = RUNNER) -> float:
    """Minutes from the gun."""
    forecaster.shifted()
    found = forecaster.overdue_from_ms(no)
    assert found is not None
    return minutes(found)


def minutes(at_ms: int) -> float:
    return (at_ms - GUN_MS) / MINUTE_MS


def width(said: Forecast) -> float:
    """The window's, in minutes."""
    return (said.late_ms - said.early_ms) / MINUTE_MS


def test_on_an_untouched_course_a_runner_keeps_his_pace_and_loses_a_little() -> None:
    said = expected(know(times(0, 60)))
    assert 120 < minutes(said.expected_ms) < 135
    assert said.early_ms < said.expected_ms < said.late_ms


def test_on_an_untouched_course_climb_counts_as_distance() -> None:
    flat, steep = (Checkpoint("finish", "finish", "Finish", 20.0, gain_m=gain_m) for gain_m in (0, 1000))
    course = race_with(points="start@0 a@10 finish@20", gain_m=0)
    legs = [
        expected(know(times(0, 60)[:3], race=replace(course, checkpoints=(*course.checkpoints[:2], finish)))).expected_ms
        for finish in (flat, steep)
    ]
    level, uphill = (minutes(expected_ms) - 60 for expected_ms in legs)
    assert uphill > 2 * level


def test_a_runner_at_the_start_is_expected_at_the_usual_form_of_a_start() -> None:
    assert minutes(expected(know(times(0))).expected_ms) == pytest.approx(55, abs=0.1)


def test_a_runner_whose_start_was_missed_is_taken_to_have_started_at_the_gun() -> None:
    assert know(times(None, 60)).forecast(RUNNER) == know(times(0, 60)).forecast(RUNNER)


@pytest.mark.parametrize("known", [times(), times(0, 60, 120, 190, 260)], ids=["not started", "at the finish"])
def test_nobody_is_expected_who_has_not_started_or_has_arrived(known: Times) -> None:
    forecaster = know(known)
    assert forecaster.forecast(RUNNER) is None
    assert forecaster.overdue_from_ms(RUNNER) is None
    assert forecaster.forecast(99) is None


def test_the_field_s_own_times_on_a_leg_take_over_as_they_come() -> None:
    ahead = field(100, slower=2)
    found = [minutes(expected(know(times(0, 60), *ahead[:size])).expected_ms) for size in (0, 2, 5, 100)]
    assert found == sorted(found)
    assert found[0] < 135
    assert found[-1] == pytest.approx(60 + 120, rel=0.02)


def test_the_newest_arrivals_count_when_the_trail_turns_to_mud() -> None:
    dry = field(100, slower=1)
    wet = [[None if each is None else each + 300 * MINUTE_MS for each in runner] for runner in field(100, slower=1.6)]
    assert minutes(expected(know(times(0, 60), *wet, *dry)).expected_ms) == pytest.approx(60 + 96, rel=0.02)


def test_each_is_expected_in_proportion_to_his_own_form() -> None:
    ahead = field(100, slower=1.5)
    quick, slow = (minutes(expected(know(times(0, first), *ahead)).expected_ms) - first for first in (60, 120))
    assert slow == pytest.approx(2 * quick, rel=1e-6)


def test_a_runner_who_is_tiring_is_expected_later_than_one_who_was_slow_from_the_start() -> None:
    race = race_with(points="start@0 a@30 b@60 c@90 finish@120", gain_m=0)
    tiring, steady = (expected(know(known, race=race)) for known in (times(0, 180, 420, 720), times(0, 240, 480, 720)))
    assert tiring.expected_ms > steady.expected_ms + 10 * MINUTE_MS


def test_the_window_narrows_as_a_regular_field_passes() -> None:
    ahead = field(100, slower=1.2)
    found = [width(expected(know(times(0, 60), *ahead[:size]))) for size in (0, 20, 100)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 4


def test_the_window_is_as_wide_as_the_field_is_uneven() -> None:
    even, uneven = (expected(know(times(0, 60), *field(100, slower=1.2, spread=spread))) for spread in (0.02, 0.3))
    assert width(uneven) > 4 * width(even)


def test_about_four_in_five_of_a_field_arrive_within_the_window() -> None:
    forecaster = know(times(), *field(60, slower=1.2, spread=0.3))
    held = 0
    for start_ms, left_ms, came_ms, *_ in field(1000, slower=1.2, spread=0.3, seed=2):
        tell(forecaster, RUNNER, [start_ms, left_ms, None, None, None])
        said = expected(forecaster)
        held += said.early_ms <= (came_ms or 0) <= said.late_ms
    assert 740 <= held <= 950


def test_a_runner_missed_at_a_checkpoint_is_expected_after_the_furthest_one() -> None:
    assert 180 < minutes(expected(know(times(0, 60, None, 180))).expected_ms) < 260


def test_who_was_seen_at_a_checkpoint_that_is_skipped_now_is_expected_at_the_one_after_it() -> None:
    around = Forecaster(RACE, (0, 1, 3, 4))
    tell(around, RUNNER, times(0, 60, 130))
    assert 180 < minutes(expected(around).expected_ms) < 220
    tell(around, RUNNER, times(0, None, 130))
    assert 180 < minutes(expected(around).expected_ms) < 220
    assert overdue(around) > 210
    tell(around, RUNNER, times(0))
    assert 50 < minutes(expected(around).expected_ms) < 60


def test_who_was_asked_about_when_seen_only_where_nobody_must_pass_is_expected_from_his_start_once_that_is_known() -> None:
    asked, fresh = Forecaster(RACE, (0, 2, 3, 4)), Forecaster(RACE, (0, 2, 3, 4))
    tell(asked, RUNNER, times(None, 60))
    asked.forecast(RUNNER)
    tell(asked, RUNNER, times(10))
    tell(fresh, RUNNER, times(10))
    assert asked.forecast(RUNNER) == fresh.forecast(RUNNER)


def test_a_runner_missed_at_one_end_of_a_leg_says_nothing_about_it() -> None:
    missed = [times(0, None, 400), times(0, 70, None, 500)]
    assert know(times(0, 60), *missed).forecast(RUNNER) == know(times(0, 60)).forecast(RUNNER)


@pytest.mark.parametrize("wrong", [times(0, 200, 100), times(0, 100, 100)], ids=["backwards", "in no time"])
def test_a_leg_run_backwards_or_in_no_time_says_nothing_about_it(wrong: Times) -> None:
    assert know(times(0, 60), wrong).forecast(RUNNER) == know(times(0, 60)).forecast(RUNNER)


def test_a_runner_read_backwards_is_expected_from_the_later_of_the_two_moments() -> None:
    assert know(times(0, 100, 90)).forecast(RUNNER) == know(times(0, 100, 100)).forecast(RUNNER)
    assert 140 < minutes(expected(know(times(0, 100, 90))).expected_ms) < 260


def test_two_checkpoints_at_one_place_are_a_short_leg_whose_time_the_field_tells() -> None:
    station = race_with(points="start@0 in@10 out@10 finish@20", gain_m=0)
    ahead = [times(0, 60 + each, 80 + each, 160)[:4] for each in range(50)]
    untouched, known = (know(times(0, 70, None, None)[:4], *others, race=station) for others in ([], ahead))
    assert 70 < minutes(expected(untouched).expected_ms) < 80
    assert minutes(expected(known).expected_ms) == pytest.approx(90, abs=5)


def test_what_is_learned_replaces_what_was_known() -> None:
    ahead = field(20, slower=1.5)
    voided = know(times(0, 60), *ahead, times(0, 70, 400))
    voided.forecast(RUNNER)
    voided.overdue_from_ms(RUNNER)
    tell(voided, len(ahead) + 1, times(0, 70))
    assert voided.forecast(RUNNER) == know(times(0, 60), *ahead, times(0, 70)).forecast(RUNNER)
    tell(voided, RUNNER, times())
    assert voided.forecast(RUNNER) is None


def test_an_arrival_that_is_voided_before_anybody_looks_at_its_leg_was_never_there() -> None:
    ahead = field(20, slower=1.5)
    forecaster = know(times(0, 60), *ahead, times(0, 70, 400))
    forecaster.forecast(99)
    tell(forecaster, len(ahead) + 1, times(0, 70))
    assert forecaster.forecast(RUNNER) == know(times(0, 60), *ahead, times(0, 70)).forecast(RUNNER)


def test_a_time_that_comes_late_changes_what_the_legs_after_it_say() -> None:
    without, complete = ([times(0, first, 150, 260) for _ in range(20)] for first in (None, 100))
    late = know(times(0, 60, 120), *without)
    assert late.forecast(RUNNER) == know(times(0, 60, 120), *without).forecast(RUNNER)
    for no, each in enumerate(complete, 1):
        tell(late, no, each)
    assert late.forecast(RUNNER) == know(times(0, 60, 120), *complete).forecast(RUNNER)
    assert late.forecast(RUNNER) != know(times(0, 60, 120), *without).forecast(RUNNER)


def test_a_backlog_of_the_whole_field_at_once_is_as_good_as_one_by_one() -> None:
    wrong, right = field(300, slower=1.2, spread=0.3, seed=1), field(300, slower=1.4, spread=0.3, seed=2)
    at_once, one_by_one = know(times(0, 60), *wrong), know(times(0, 60))
    at_once.forecast(RUNNER)
    for no, each in enumerate(right, 1):
        tell(at_once, no, each)
        tell(one_by_one, no, each)
        one_by_one.forecast(RUNNER)
    assert at_once.forecast(RUNNER) == one_by_one.forecast(RUNNER)
    assert at_once.overdue_from_ms(RUNNER) == one_by_one.overdue_from_ms(RUNNER)


def test_a_runner_who_stays_in_the_aid_station_becomes_overdue_at_the_next_checkpoint() -> None:
    forecaster = know(times(0, 60, 120), *field(50, slower=1.1))
    assert overdue(forecaster) > minutes(expected(forecaster).expected_ms) + 20


@pytest.mark.parametrize("slower", [0.8, 1.1, 1.5])
def test_overdue_comes_after_the_window_and_never_within_twenty_minutes_of_the_expected_time(slower: float) -> None:
    for size in (0, 1, 7, 8, 100):
        forecaster = know(times(0, 60), *field(size, slower))
        said = expected(forecaster)
        assert overdue(forecaster) > max(minutes(said.late_ms), minutes(said.expected_ms) + 20)


def test_a_leg_is_named_once_when_its_field_turns_out_slow_and_its_runners_have_longer() -> None:
    forecaster = know(times(0, 60))
    assert forecaster.shifted() == {}
    before = overdue(forecaster)
    for no, each in enumerate(field(50, slower=2), 1):
        tell(forecaster, no, each)
    assert forecaster.shifted()[2] is False
    assert forecaster.shifted() == {}
    assert overdue(forecaster) > before + 20


def test_a_leg_shifts_seldom_in_a_race() -> None:
    forecaster = Forecaster(RACE)
    shifts = 0
    for no, each in enumerate(sorted(field(2000, slower=1.3, spread=0.3), key=lambda runner: runner[2] or 0)):
        tell(forecaster, no, each)
        shifts += 2 in forecaster.shifted()
    assert 0 < shifts < 25


ANYWHEN = st.lists(st.one_of(st.none(), st.integers(-MINUTE_MS, 600 * MINUTE_MS)), min_size=POINTS, max_size=POINTS)
FORWARD = st.lists(st.integers(MINUTE_MS, 200 * MINUTE_MS), max_size=POINTS).map(lambda legs_ms: list(accumulate(legs_ms)))
POSSIBLE = st.one_of(FORWARD, FORWARD, ANYWHEN).map(
    lambda found: [None if each is None else GUN_MS + each for each in found] + [None] * (POINTS - len(found))
)
SAID = st.lists(st.tuples(st.integers(0, 11), POSSIBLE), max_size=60)
COURSES = st.sampled_from([(0, 1, 2, 3, 4), (0, 1, 3, 4), (0, 2, 3)])


@given(SAID, st.lists(st.booleans(), min_size=60, max_size=60), st.randoms(), COURSES)
def test_any_order_and_any_looks_in_between_lead_to_the_same_forecasts(
    said: list[tuple[int, Times]], looks: list[bool], chance: Random, course: tuple[int, ...]
) -> None:
    looked = Forecaster(RACE, course)
    for (no, each), look in zip(said, looks, strict=False):
        tell(looked, no, each)
        if look:
            looked.shifted()
            looked.forecast(no)
    last = list(dict(said).items())
    chance.shuffle(last)
    fresh = Forecaster(RACE, course)
    for no, each in last:
        tell(fresh, no, each)
    looked.shifted()
    fresh.shifted()
    assert [looked.forecast(no) for no in range(12)] == [fresh.forecast(no) for no in range(12)]
    assert [looked.overdue_from_ms(no) for no in range(12)] == [fresh.overdue_from_ms(no) for no in range(12)]


@given(SAID, COURSES)
def test_only_own_times_or_a_shift_of_the_leg_change_when_a_runner_is_overdue(
    said: list[tuple[int, Times]], course: tuple[int, ...]
) -> None:
    forecaster = Forecaster(RACE, course)
    known: dict[int, Times] = {}
    due: dict[int, int | None] = {}
    for no, each in said:
        tell(forecaster, no, each)
        known[no] = each
        shifted = forecaster.shifted()
        due[no] = forecaster.overdue_from_ms(no)
        for other, its in known.items():
            spot = max((index for index, at_ms in enumerate(its) if at_ms is not None), default=-1)
            if next((end for end in course if end > spot), None) in shifted:
                due[other] = forecaster.overdue_from_ms(other)
            assert due[other] == forecaster.overdue_from_ms(other)


@given(SAID, COURSES)
def test_the_finish_that_is_told_cheaply_is_the_last_of_all_that_are_ahead(said: list[tuple[int, Times]], course: tuple[int, ...]) -> None:
    forecaster = Forecaster(RACE, course)
    for no, each in said:
        tell(forecaster, no, each)
        for other, _ in said:
            found, ahead = forecaster.finish(other), forecaster.ahead(other)
            assert (found is None) is (not ahead)
            if found is not None:
                late_ms, finish = found
                assert abs(late_ms - ahead[0][1].late_ms) <= 1
                assert all(abs(one - two) <= len(RACE.checkpoints) for one, two in zip(finish, ahead[-1][1], strict=True))


def test_every_checkpoint_ahead_follows_the_one_before_with_a_window_that_only_widens() -> None:
    forecaster = know(times(0, 70), *field(40, 1.3))
    ahead = forecaster.ahead(RUNNER)
    assert [at for at, _ in ahead] == [2, 3, 4]
    assert ahead[0][1] == forecaster.forecast(RUNNER)
    for (_, one), (_, after) in pairwise(ahead):
        assert one.early_ms < after.early_ms
        assert one.expected_ms < after.expected_ms
        assert one.late_ms < after.late_ms
        assert after.late_ms - after.early_ms > one.late_ms - one.early_ms


def test_a_form_that_is_kept_makes_every_leg_ahead_as_long_as_it_says() -> None:
    """Forty who kept their pace all the way: so will this one, by the field's word, on every leg that they have done."""
    even = [times(0, pace * 10, pace * 20, pace * 30, pace * 40) for pace in (6 + no / 10 for no in range(40))]
    (_, b), (_, c), (_, finish) = know(times(0, 80), *even).ahead(RUNNER)
    assert [round((at.expected_ms - GUN_MS) / MINUTE_MS) for at in (b, c, finish)] == [160, 240, 320]


def test_nothing_is_ahead_of_who_has_not_started_or_is_through() -> None:
    forecaster = know(times(), times(0, 70, 150, 240, 330))
    assert forecaster.ahead(0) == []
    assert forecaster.ahead(1) == []
