"""What `check` doubts in an event file that can be used: the file is right as far as the tracker knows, and a person should look."""

import pytest

from tests.files.events import SOUND, at_refuge, changed, doubts_of, refuge_cutoff, with_categories, with_race_keys
from tracker.files.check import check_event
from tracker.files.finding import Severity

REFUGE = 'trail.toml: race "50k", checkpoint "refuge": '
OF_RACE = 'trail.toml: race "50k": '
WAVE = '\n[[race.wave]]\nid = "a"\nstart = '


def test_nothing_is_doubted_in_a_sound_file() -> None:
    assert check_event(SOUND, "trail.toml") == []


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        pytest.param(
            changed("2022-06-25T08:00:00", "2022-06-25T08:00:00+00:00"),
            f"{OF_RACE}start 2022-06-25T08:00:00+00:00 has an offset that Europe/Andorra does not have then; "
            "it is 2022-06-25T10:00:00+02:00 there. "
            "Write start = 2022-06-25T10:00:00 when that is the time, or 2022-06-25T08:00:00 when the offset is wrong.",
            id="offset of another zone",
        ),
        pytest.param(
            changed("km = 0.0", "km = 1.5"),
            f'{OF_RACE}the start, "start", is at km 1.5. Let the first checkpoint be the start, at km 0.',
            id="start not at 0",
        ),
        pytest.param(
            changed("distance_km = 50.0", "distance_km = 52.0"),
            f"{OF_RACE}the finish is at km 50 and distance_km is 52. Correct one of them.",
            id="distance",
        ),
        pytest.param(
            changed("\nkm = 50.0", "\nkm = 50.0\ngain_m = 2500"),
            f"{OF_RACE}the finish has gain_m 2500 and the race 3000. Correct one of them.",
            id="climb",
        ),
        pytest.param(
            with_race_keys('printed_distance = "5km / +3600m"'),
            f'{OF_RACE}printed_distance "5km / +3600m" does not fit distance_km and gain_m: 5 km for 50 km, 3600 m of climb for 3000 m. '
            "The file's figures count: tell the organiser, or correct them.",
            id="printed distance",
        ),
        pytest.param(
            with_race_keys('printed_distance = "fifty"'),
            f'{OF_RACE}printed_distance "fifty" has nothing to compare. Write it as printed, for example "50km / +3600m".',
            id="printed distance in words",
        ),
        pytest.param(
            SOUND + WAVE + "2022-06-25T07:50:00\n",
            'trail.toml: race "50k", wave "a": it starts 10m before the race. Let the race start with its first wave.',
            id="wave before the race",
        ),
        pytest.param(
            SOUND + WAVE + "2022-06-26T08:10:00\n",
            'trail.toml: race "50k", wave "a": it starts 24h10 after the race. Check the day.',
            id="wave a day late",
        ),
        pytest.param(
            with_race_keys('cutoff_from = "wave"'),
            f'{OF_RACE}cutoff_from is "wave" and there is no wave. Add the [[race.wave]], or write cutoff_from = "race".',
            id="no wave",
        ),
        pytest.param(
            refuge_cutoff('"2h"'),
            f'{REFUGE}cutoff 2h leaves 2h from "start": 16 km-effort an hour, faster than winners run. '
            "Check the cutoff and the kilometres.",
            id="fast from the start",
        ),
        pytest.param(
            refuge_cutoff('"13h"'),
            'trail.toml: race "50k", checkpoint "finish": cutoff 14h leaves 1h from "refuge": 48 km-effort an hour, '
            "faster than winners run. "
            "Check the cutoff and the kilometres.",
            id="fast leg",
        ),
        pytest.param(
            changed('cutoff = "14h"', 'cutoff = "41h"'),
            'trail.toml: race "50k", checkpoint "finish": cutoff 41h is for km 50: 1.2 km an hour, slower than people walk. '
            "Check the cutoff and the kilometres.",
            id="slow",
        ),
        pytest.param(
            at_refuge('printed = "the old bridge"'),
            f'{REFUGE}printed "the old bridge" has no day, date, time or start + offset to compare. '
            'Write it as printed, for example "Saturday 3:00:00 25-jun".',
            id="printed without a time",
        ),
        pytest.param(
            changed('cutoff = "6h"', 'printed = "14:00"'),
            f'{REFUGE}there is no cutoff, and "14:00" is printed. Write the cutoff from the start.',
            id="printed alone",
        ),
        pytest.param(
            with_categories("A 20-40", "B 40-"),
            'trail.toml: race "50k", category "B": "A" (20–40) before it holds 40 too, and takes them. Let one end where the other begins.',
            id="overlap",
        ),
        pytest.param(
            changed("gain_m = 3000", "gain_m = 3000\nmin_age = 18", with_categories("A 20-39", "B 40-69")),
            f"{OF_RACE}no category is for men and women of 18–19 and 70 and over. Add one, if they may start.",
            id="the ends",
        ),
        pytest.param(
            with_categories("M - M"),
            f"{OF_RACE}no category is for women of any age. Add one, if they may start.",
            id="men alone",
        ),
    ],
)
def test_what_hardly_can_be_meant_is_a_doubt_and_the_file_is_used(text: str, doubt: str) -> None:
    assert doubts_of(text) == [doubt]


@pytest.mark.parametrize(
    "categories",
    [
        ["U20 19-20", "O19 19-39", "O40 40-"],
        ["A - M", "B - F"],
        ["35-39M 35-39 M", "35-39W 35-39 F", "40+ 40-"],
        ["O40 40-49 M", "O40 40-49 F"],
        ["Open"],
    ],
)
def test_an_exception_may_stand_before_the_wide_category_and_the_sexes_apart(categories: list[str]) -> None:
    assert doubts_of(with_categories(*categories)) == []


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("Friday 14:00", "Friday for Saturday"),
        ("Saturday 14:00 24-jun", "24 June for 25 June"),
        ("Saturday 25 juny 15:00:00", "15:00:00 for 14:00:00"),
        ("Start + 7h Max", "start + 7h for start + 6h"),
        (
            "vendredi 24 juin 2:00 départ + 5h30",
            "Friday for Saturday, 24 June for 25 June, 2:00:00 for 14:00:00, start + 5h30 for start + 6h",
        ),
    ],
)
def test_a_printed_row_that_does_not_fit_is_named_with_what_should_stand_there(printed: str, wrong: str) -> None:
    assert doubts_of(at_refuge(f'printed = "{printed}"')) == [
        (
            f'{REFUGE}printed "{printed}" does not fit start + 6h, Saturday 25 June 2022 14:00: {wrong}. '
            "The file's time counts: tell the organiser, or correct it."
        )
    ]


@pytest.mark.parametrize(
    "printed",
    [
        "Saturday",
        "14:00",
        "2:00 PM",
        "25-jun",
        "Saturday 25 juny 14:00:00 Start + 6h Max",
        "dissabte 25 de juny 14:00",
        "Start + 6hMax",
        "2022-06-25 14:00",
        "June 25th, 14:00",
        "samedi 25 juin",
    ],
)
def test_a_printed_row_that_fits_is_not_named(printed: str) -> None:
    assert doubts_of(at_refuge(f'printed = "{printed}"')) == []


def test_the_start_is_compared_with_what_is_printed_for_it() -> None:
    assert doubts_of(changed("km = 0.0", 'km = 0.0\nprinted = "Sunday 8:00"')) == [
        (
            'trail.toml: race "50k", checkpoint "start": printed "Sunday 8:00" does not fit the start, Saturday 25 June 2022 08:00: '
            "Sunday for Saturday. The file's time counts: tell the organiser, or correct it."
        )
    ]


def test_one_sound_race_is_checked_though_another_cannot_be_read() -> None:
    text = changed("km = 20.0", "km = 50.0") + SOUND.partition("[[race]]")[2].join(["[[race]]", ""]).replace('"50k"', "50")
    findings = check_event(text, "trail.toml")
    assert [(finding.severity, finding.where) for finding in findings] == [
        (Severity.FAULT, 'trail.toml: race "50k", checkpoint "finish"'),
        (Severity.FAULT, "trail.toml: race 2"),
    ]
