"""What a sound event file says, in UTC milliseconds and from the start."""

import pytest

from tests.files.events import (
    FINISH,
    HEAD,
    MIDDLE,
    RACE,
    SOUND,
    START,
    at_refuge,
    changed,
    doubts_of,
    race_of,
    refuge_cutoff,
    with_race_keys,
)
from tracker.core.course import Cutoff, CutoffFrom, CutoffOn, Policy, Requirement, Timing
from tracker.files.event import read_event
from tracker.files.times import HOUR_MS, MINUTE_MS, format_local, parse_moment

ANDORRA = "Europe/Andorra"


def test_a_file_with_only_what_is_required_takes_the_usual_for_the_rest() -> None:
    race = race_of(SOUND)
    assert race.start_ms == parse_moment("2022-06-25T08:00+02:00", ANDORRA)
    assert (race.year, race.timing) == (2022, Timing.GUN)
    assert (race.cutoff_from, race.policy) == (CutoffFrom.RACE, Policy.CONFIRM)
    assert [checkpoint.cutoff for checkpoint in race.checkpoints] == [
        None,
        Cutoff(6 * HOUR_MS, CutoffOn.DEPARTURE),
        Cutoff(14 * HOUR_MS, CutoffOn.ARRIVAL),
    ]
    assert (race.waves, race.categories, race.min_age, race.max_birth_year, race.series_category) == ((), (), None, None, None)
    assert read_event(SOUND, "trail.toml").tier == "event"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    assert read_event("\ufeff" + SOUND.replace("\n", "\r\n"), "trail.toml") == read_event(SOUND, "trail.toml")


def test_a_cutoff_is_the_same_from_the_start_at_a_local_time_or_with_an_offset() -> None:
    from_start = race_of(refuge_cutoff('"6h"'))
    assert race_of(refuge_cutoff("2022-06-25T14:00:00")) == from_start
    assert race_of(refuge_cutoff("2022-06-25T14:00:00+02:00")) == from_start
    assert race_of(refuge_cutoff("2022-06-25 12:00:00Z")) == from_start


def test_a_checkpoint_has_its_races_rule_and_grace_unless_it_states_its_own() -> None:
    text = with_race_keys('cutoff_on = "both"\ngrace = "5m"')
    assert race_of(text).checkpoints[1].cutoff == Cutoff(6 * HOUR_MS, CutoffOn.BOTH, 5 * MINUTE_MS)
    own = changed('cutoff = "6h"', 'cutoff = "6h"\ncutoff_on = "arrival"\ngrace = "0m"', text)
    assert race_of(own).checkpoints[1].cutoff == Cutoff(6 * HOUR_MS, CutoffOn.ARRIVAL)


def test_nobody_departs_from_a_finish_unless_the_file_says_so() -> None:
    text = with_race_keys('cutoff_on = "departure"')
    assert race_of(text).checkpoints[-1].cutoff == Cutoff(14 * HOUR_MS, CutoffOn.ARRIVAL)
    own = changed('cutoff = "14h"', 'cutoff = "14h"\ncutoff_on = "departure"', text)
    assert race_of(own).checkpoints[-1].cutoff == Cutoff(14 * HOUR_MS, CutoffOn.DEPARTURE)


def test_all_that_a_race_and_a_checkpoint_can_say_is_read() -> None:
    keys = 'timing = "chip"\nmin_age = 18\nmax_birth_year = 2004\nseries_category = "50K"\n'
    keys += 'accompanied_under_age = 14\nprinted_distance = "50km"'
    race = race_of(changed('cutoff = "6h"', 'cutoff = "6h"\ngain_m = 1200\naltitude_m = -3', with_race_keys(keys)))
    assert (race.timing, race.min_age, race.max_birth_year, race.series_category) == (Timing.CHIP, 18, 2004, "50K")
    assert (race.accompanied_under_age, race.printed_distance) == (14, "50km")
    assert (race.checkpoints[1].gain_m, race.checkpoints[1].altitude_m) == (1200, -3)


@pytest.mark.parametrize("word", ["race", "wave", "runner"])
def test_cutoffs_run_from_the_start_that_the_race_names(word: str) -> None:
    assert race_of(with_race_keys(f'cutoff_from = "{word}"')).cutoff_from == word


def test_a_race_may_take_the_trackers_verdicts_as_final() -> None:
    assert race_of(with_race_keys('policy = "automatic"')).policy is Policy.AUTOMATIC
    assert race_of(with_race_keys('policy = "confirm"')).policy is Policy.CONFIRM


def test_a_race_may_require_papers() -> None:
    assert race_of(SOUND).requires == race_of(with_race_keys("requires = []")).requires == ()
    both = 'requires = ["licence_or_insurance", "medical_certificate"]'
    assert race_of(with_race_keys(both)).requires == (Requirement.LICENCE_OR_INSURANCE, Requirement.MEDICAL_CERTIFICATE)


def test_names_are_cleaned_as_they_are_read() -> None:
    assert race_of(changed("Trail 50K", "Trail \\u202E\\u001B[1m 50K")).name == "Trail [1m 50K"


def test_each_wave_has_its_own_start() -> None:
    waves = '[[race.wave]]\nid = "a"\nstart = 2022-06-25T08:00:00\n[[race.wave]]\nid = "b"\nstart = 2022-06-25T08:10:00\n'
    race = race_of(SOUND + waves)
    assert race.wave_starts == {"a": race.start_ms, "b": race.start_ms + 10 * MINUTE_MS}


def over_the_end_of_summer_time(finish: str) -> str:
    """A race from Saturday 12:00 over the night in which the clocks go back."""
    text = HEAD + changed("2022-06-25T08:00:00", "2022-10-29T12:00:00", RACE) + START + MIDDLE
    return text + changed('cutoff = "14h"', f"cutoff = {finish}", FINISH)


def test_hours_from_the_start_are_hours_run_when_the_clocks_go_back() -> None:
    race = race_of(
        changed("distance_km = 50.0", "distance_km = 70.0", over_the_end_of_summer_time('"42h"')).replace("\nkm = 50.0", "\nkm = 70.0")
    )
    finish = race.checkpoints[-1].cutoff
    assert finish is not None
    assert finish.offset_ms == 42 * HOUR_MS
    assert format_local(race.start_ms + finish.offset_ms, ANDORRA) == "Mon 05:00:00"


def test_a_local_cutoff_after_the_clocks_went_back_is_an_hour_more_of_running() -> None:
    finish = race_of(over_the_end_of_summer_time("2022-10-30T12:00:00")).checkpoints[-1].cutoff
    assert finish is not None
    assert finish.offset_ms == 25 * HOUR_MS


def test_a_local_cutoff_after_the_clocks_went_forward_is_an_hour_less() -> None:
    text = changed("2022-06-25T08:00:00", "2022-03-26T20:00:00", refuge_cutoff("2022-03-27T04:00:00"))
    refuge = race_of(text).checkpoints[1].cutoff
    assert refuge is not None
    assert refuge.offset_ms == 7 * HOUR_MS


def test_a_start_that_comes_twice_is_the_first_of_the_two_and_a_doubt() -> None:
    text = changed("2022-06-25T08:00:00", "2022-10-30T02:30:00")
    assert race_of(text).start_ms == parse_moment("2022-10-30T02:30:00+02:00", ANDORRA)
    assert doubts_of(text) == [
        (
            'trail.toml: race "50k": start 2022-10-30 02:30 comes twice in Europe/Andorra: summer time ends, '
            "and the first of the two is taken. "
            "Write 2022-10-30T02:30:00+02:00 or 2022-10-30T02:30:00+01:00."
        )
    ]


def test_a_printed_row_is_kept_as_it_is() -> None:
    assert race_of(at_refuge('printed = "Saturday 14:00"')).checkpoints[1].printed == "Saturday 14:00"
