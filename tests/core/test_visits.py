"""Which passage of the course a read belongs to."""

from itertools import permutations

import pytest

from tests.core.builders import GUN_MS, at, race_with, read
from tracker.core.course import Race
from tracker.core.rules import rules_of
from tracker.core.runner import Conditions
from tracker.core.visits import left_ms, surely_ahead, visit

OUT_AND_BACK = race_with()
LAPS = race_with(points="start:camp@0 north@10 camp-1:camp@20 north-2:north@30 finish:camp@40", gain_m=800)


def visits(race: Race, *reads: tuple[str, str] | tuple[str, str, str]) -> list[int | None]:
    """The checkpoint of each read (station, when, and the way if the device knows), one after the other."""
    facts = sorted((read("1", *said) for said in reads), key=lambda fact: fact.at_ms)
    found: list[int | None] = []
    here, since_ms = -1, GUN_MS
    rules, _ = rules_of(race)
    least_ms = Conditions.of(rules).least_ms
    for number, fact in enumerate(facts):
        ceiling = surely_ahead(race, facts, number)[1]
        index = visit(rules, least_ms, facts, number, here, since_ms, ceiling) if fact.station in race.visits else None
        found.append(index)
        if index is not None and index != here:
            here, since_ms = index, fact.at_ms
    return found


def test_the_first_read_at_ordino_is_the_start_and_the_last_the_finish() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "1m"), ("botella", "4h"), ("ordino", "15h")) == [0, 1, 5]


def test_reads_within_the_time_that_nobody_needs_for_the_course_stay_at_the_start() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "-5m"), ("ordino", "1m"), ("ordino", "40m"), ("botella", "4h")) == [0, 0, 0, 1]


def test_a_runner_of_whom_everything_between_was_missed_has_finished() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "1m"), ("ordino", "15h")) == [0, 5]


def test_a_runner_first_read_after_many_hours_at_the_line_has_finished() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "15h")) == [5]


def test_a_runner_first_read_where_the_course_comes_back_is_there_for_the_first_time() -> None:
    assert visits(LAPS, ("north", "9h"), ("camp", "10h"), ("camp", "20h")) == [1, 2, 4]


def test_a_read_at_the_line_before_a_later_checkpoint_cannot_be_the_finish() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "1m"), ("ordino", "8h"), ("botella", "9h")) == [0, 0, 1]


def test_reads_after_the_finish_stay_at_the_finish() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "1m"), ("sorteny", "13h"), ("ordino", "15h"), ("ordino", "26h")) == [0, 4, 5, 5]


def test_laps_are_counted_by_the_course_and_not_by_the_reads() -> None:
    found = visits(LAPS, ("camp", "0m"), ("north", "1h"), ("camp", "2h"), ("camp", "2h10"), ("north", "3h10"), ("camp", "4h10"))
    assert found == [0, 1, 2, 2, 3, 4]


def test_a_lap_whose_far_side_was_missed_is_still_a_lap() -> None:
    assert visits(LAPS, ("camp", "0m"), ("camp", "2h"), ("north", "3h"), ("camp", "4h")) == [0, 2, 3, 4]


SHORT_LAPS = race_with(points="start:camp@0 lap-1:camp@5 lap-2:camp@10 finish:camp@15", gain_m=0)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param("in 30m, out 45m", [1, 1], id="out after in"),
        pytest.param("in 30m, in 31m, out 45m", [1, 1, 1], id="scanned twice going in"),
        pytest.param("in 30m, out 45m, out 46m", [1, 1, 1], id="scanned twice going out"),
        pytest.param("in 30m, out 3h", [1, 1], id="out after a long sleep"),
        pytest.param("in 30m, out 45m, in 1h15, out 1h40, in 2h10", [1, 1, 2, 2, 3], id="three laps with their rests"),
        pytest.param("in 30m, out 45m, out 1h40", [1, 1, 2], id="not read going in after the second lap"),
        pytest.param("out 30m, out 1h", [1, 2], id="never read going in"),
        pytest.param("in 30m, in 1h", [1, 2], id="never read going out"),
    ],
)
def test_who_goes_out_has_been_there_since_he_went_in(seen: str, expected: list[int]) -> None:
    laps = [("camp", when, way) for way, when in (said.split() for said in seen.split(", "))]
    assert visits(SHORT_LAPS, ("camp", "0m"), *laps) == [0, *expected]


def test_of_reads_at_one_moment_before_going_out_any_that_went_in_counts() -> None:
    before = [read("1", "camp", "30m", "in"), read("1", "camp", "30m", "out"), read("1", "north", "30m")]
    out, twin = read("1", "camp", "45m", "out"), read("1", "camp", "45m", "in")
    for order in permutations(before):
        assert left_ms([*order, out, twin], 3) == left_ms([*order, twin, out], 4) == at("45m")


def test_of_two_scans_at_one_moment_the_second_is_of_the_same_visit() -> None:
    assert visits(SHORT_LAPS, ("camp", "0m"), ("camp", "30m", "in"), ("camp", "2h", "out"), ("camp", "2h", "in")) == [0, 1, 1, 1]


def test_going_in_elsewhere_or_at_the_same_moment_says_nothing_of_going_out() -> None:
    elsewhere, twin, out = read("1", "north", "30m", "in"), read("1", "camp", "45m", "in"), read("1", "camp", "45m", "out")
    assert left_ms([elsewhere, twin, out], 2) == left_ms([elsewhere, out, twin], 1) == 0


def test_who_was_read_at_another_place_that_is_none_of_the_course_between_going_in_and_out_was_there_all_the_same() -> None:
    assert visits(SHORT_LAPS, ("camp", "30m", "in"), ("nowhere", "40m"), ("camp", "2h", "out")) == [1, None, 1]


def test_a_runner_has_been_at_a_station_until_the_last_read_there() -> None:
    facts = [read("1", station, when) for station, when in (("camp", "1h"), ("camp", "2h"), ("north", "3h"), ("camp", "3h10"))]
    assert [left_ms(facts, number) for number in range(4)] == [0, at("1h"), 0, at("2h")]


def test_where_a_runner_is_surely_seen_next_is_known_for_all_reads_up_to_there() -> None:
    facts = [read("1", station, f"{hour}h") for hour, station in enumerate(("ordino", "nowhere", "ordino", "botella", "ordino"))]
    assert [surely_ahead(OUT_AND_BACK, facts, number) for number in range(5)] == [(3, 1), (3, 1), (3, 1), (5, 5), (5, 5)]


def test_a_station_of_another_race_is_no_visit() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "0m"), ("ansalonga", "2h")) == [0, None]
