"""Which passage of the course a read belongs to."""

from tests.core.builders import GUN_MS, race_with, read
from tracker.core.course import Race
from tracker.core.visits import visit

OUT_AND_BACK = race_with()
LAPS = race_with(points="start:camp@0 north@10 camp-1:camp@20 north-2:north@30 finish:camp@40", gain_m=800)


def visits(race: Race, *reads: tuple[str, str]) -> list[int | None]:
    """The checkpoint of each read, one after the other."""
    facts = sorted((read("1", station, when) for station, when in reads), key=lambda fact: fact.at_ms)
    found: list[int | None] = []
    here, since_ms = -1, GUN_MS
    for number, fact in enumerate(facts):
        index = visit(race, facts, number, here, since_ms) if fact.station in race.visits else None
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


def test_a_read_at_the_line_before_a_later_checkpoint_cannot_be_the_finish() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "1m"), ("ordino", "8h"), ("botella", "9h")) == [0, 0, 1]


def test_reads_after_the_finish_stay_at_the_finish() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "1m"), ("sorteny", "13h"), ("ordino", "15h"), ("ordino", "26h")) == [0, 4, 5, 5]


def test_laps_are_counted_by_the_course_and_not_by_the_reads() -> None:
    found = visits(LAPS, ("camp", "0m"), ("north", "1h"), ("camp", "2h"), ("camp", "2h10"), ("north", "3h10"), ("camp", "4h10"))
    assert found == [0, 1, 2, 2, 3, 4]


def test_a_lap_whose_far_side_was_missed_is_still_a_lap() -> None:
    assert visits(LAPS, ("camp", "0m"), ("camp", "2h"), ("north", "3h"), ("camp", "4h")) == [0, 2, 3, 4]


def test_a_station_of_another_race_is_no_visit() -> None:
    assert visits(OUT_AND_BACK, ("ordino", "0m"), ("ansalonga", "2h")) == [0, None]
