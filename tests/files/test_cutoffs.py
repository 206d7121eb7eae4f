"""Cutoffs that no organiser means: what `check` says of them, whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.files.events import FINISH, HEAD, MIDDLE, RACE, SOUND, START, at_refuge, changed, doubts_of, refuge_cutoff, with_race_keys
from tracker.core.course import Checkpoint, Cutoff, CutoffOn, Race, Timing
from tracker.files.cutoffs import WINNER_EFFORT_KMH, findings_at_cutoff
from tracker.files.times import HOUR_MS, MINUTE_MS

OF_RACE = 'trail.toml: race "50k": '
REFUGE = 'trail.toml: race "50k", checkpoint "refuge": '
AT_START = 'trail.toml: race "50k", checkpoint "start": '
AT_FINISH = 'trail.toml: race "50k", checkpoint "finish": '
CHECK = "Check the cutoff and the kilometres."


def with_wave(start: str, text: str = SOUND) -> str:
    """The file with a second wave, at a time of the race's day."""
    return f'{text}\n[[race.wave]]\nid = "b"\nstart = 2022-06-25T{start}:00\n'


def finish_at(cutoff: str, text: str = SOUND) -> str:
    """The file with another cutoff at the finish, as TOML writes it."""
    return changed('cutoff = "14h"', f"cutoff = {cutoff}", text)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        pytest.param(
            changed('cutoff = "14h"\n', ""),
            f'{OF_RACE}the finish, "finish", has no cutoff: nobody is out of time after "refuge". Write the time limit of the race there.',
            id="no limit at the finish",
        ),
        pytest.param(
            HEAD + RACE + START + changed('cutoff = "6h"\n', "", MIDDLE) + changed('"14h"', '"6h30"', FINISH),
            f"{OF_RACE}the time limit, 6h30, asks for 12 km-effort an hour: the first few alone run that. "
            "Check the limit, distance_km and gain_m.",
            id="a limit for the first few",
        ),
        pytest.param(
            finish_at('"33h"', refuge_cutoff('"12h"')),
            f"{OF_RACE}the time limit, 33h, asks for 2.4 km-effort an hour: the last of every race is faster. "
            "Check the limit, distance_km and gain_m.",
            id="a limit for everybody",
        ),
        pytest.param(
            changed("km = 0.0\n", 'km = 0.0\ncutoff = "40m"\n'),
            f"{AT_START}cutoff 40m stands at the start, and whoever starts after it is out of time. "
            "Take it out, unless the start line closes then.",
            id="at the start",
        ),
        pytest.param(
            changed("km = 0.0\n", 'km = 0.0\ncutoff = "40m"\ncutoff_on = "both"\n'),
            f"{AT_START}cutoff 40m stands at the start, and whoever starts after it is out of time. "
            "Take it out, unless the start line closes then.",
            id="both ways at the start",
        ),
        pytest.param(
            SOUND + 'cutoff_on = "departure"\n',
            f'{AT_FINISH}cutoff_on is "departure", and nobody has to leave the finish: the arrival counts. Take cutoff_on out here.',
            id="departure from the finish",
        ),
        pytest.param(
            SOUND + 'cutoff_on = "both"\n',
            f'{AT_FINISH}cutoff_on is "both", and nobody has to leave the finish: the arrival counts. Take cutoff_on out here.',
            id="both ways at the finish",
        ),
        pytest.param(
            at_refuge('grace = "8h"'),
            f'{REFUGE}grace 8h lets runners through until start + 14h, and the cutoff at "finish" is start + 14h. '
            'Write a shorter one; grace = "2m" is usual.',
            id="grace up to the finish's cutoff",
        ),
        pytest.param(
            finish_at('"18h"', changed("km = 20.0", "km = 45.0", refuge_cutoff('"12h"'))),
            f'{AT_FINISH}cutoff 18h leaves 6h from "refuge": 1.3 km-effort an hour, slower than people walk. {CHECK}',
            id="a slow leg",
        ),
        pytest.param(
            finish_at("2022-06-26T22:00:00"),
            f"{AT_FINISH}cutoff 38h is for km 50: 1.3 km an hour, slower than people walk. "
            'Start + 14h would be 2022-06-25 22:00: write cutoff = "14h", or correct the date.',
            id="the finish a day late",
        ),
        pytest.param(
            finish_at('"32h"', changed("km = 20.0", "km = 40.0", refuge_cutoff("2022-06-25T12:00:00"))),
            f'{REFUGE}cutoff 4h leaves 4h from "start": 16 km-effort an hour, faster than winners run. '
            'Start + 28h would be 2022-06-26 12:00: write cutoff = "28h", or correct the date.',
            id="a checkpoint a day early",
        ),
        pytest.param(
            changed("km = 20.0", "km = 40.0", refuge_cutoff("2022-06-25T12:00:00")),
            f'{REFUGE}cutoff 4h leaves 4h from "start": 16 km-effort an hour, faster than winners run. {CHECK}',
            id="a day later would be after the finish",
        ),
        pytest.param(
            with_wave("12:30"),
            'trail.toml: race "50k", wave "b": cutoff 6h at "refuge" leaves it 1h30: 21 km-effort an hour, faster than winners run. '
            'Write a later cutoff, or cutoff_from = "wave".',
            id="a wave without time for the first cutoff",
        ),
        pytest.param(
            with_wave("14:00"),
            'trail.toml: race "50k", wave "b": it starts 6h after the race, and cutoff 6h at "refuge" is over by then. '
            'Write a later cutoff, or cutoff_from = "wave".',
            id="a wave after the first cutoff",
        ),
        pytest.param(
            changed('cutoff = "6h"\n', 'grace = "5m"\n'),
            f"{REFUGE}there is grace, and no cutoff. Add the cutoff, or take grace out.",
            id="grace alone",
        ),
        pytest.param(
            changed('cutoff = "6h"\n', 'cutoff_on = "both"\ngrace = "5m"\n'),
            f"{REFUGE}there is cutoff_on and grace, and no cutoff. Add the cutoff, or take cutoff_on and grace out.",
            id="a rule without a cutoff",
        ),
    ],
)
def test_a_cutoff_that_is_hardly_meant_is_a_doubt(text: str, doubt: str) -> None:
    assert doubts_of(text) == [doubt]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(with_wave("08:40"), id="a wave with time enough"),
        pytest.param(with_wave("12:30", with_race_keys('cutoff_from = "wave"')), id="from the wave"),
        pytest.param(with_wave("12:30", with_race_keys('cutoff_from = "runner"')), id="from the runner in a wave"),
        pytest.param(with_race_keys('cutoff_from = "runner"'), id="from the runner without waves"),
        pytest.param(with_race_keys('cutoff_on = "departure"\ngrace = "2m"'), id="the race's rule is not the finish's"),
        pytest.param(at_refuge('grace = "7h59"'), id="grace that ends before the next cutoff"),
        pytest.param(SOUND.replace('cutoff = "6h"\n', "").replace('cutoff = "14h"\n', ""), id="no cutoff at all"),
        pytest.param(with_race_keys('policy = "automatic"'), id="verdicts final"),
    ],
)
def test_cutoffs_as_races_have_them_are_not_doubted(text: str) -> None:
    assert doubts_of(text) == []


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 600)), min_size=1, max_size=8))
def test_a_cutoff_before_the_winner_could_arrive_is_found_on_one_of_the_legs_up_to_it(legs: list[tuple[int, int]]) -> None:
    points = [Checkpoint("start", "start", "Start", 0.0)]
    km, minutes = 0, 0
    for number, (leg_km, leg_minutes) in enumerate(legs):
        km, minutes = km + leg_km, minutes + leg_minutes
        cutoff = Cutoff(minutes * MINUTE_MS, CutoffOn.ARRIVAL)
        points.append(Checkpoint(f"p{number}", f"p{number}", f"P{number}", float(km), cutoff=cutoff))
    race = Race("r", "R", 0, 1970, float(km), 0.0, Timing.GUN, tuple(points))
    pressed = False
    for index, point in enumerate(points[1:], 1):
        pressed = pressed or any(
            "faster than winners" in str(found) or "nobody runs" in str(found)
            for found in findings_at_cutoff(race, index, "UTC", "", dated=False)
        )
        assert point.cutoff is not None
        assert pressed or race.efforts_km[index] / (point.cutoff.offset_ms / HOUR_MS) <= WINNER_EFFORT_KMH
