"""What is printed for a checkpoint: rows that can be read in two ways, and rows in the forms that organisers use."""

import pytest

from tests.files.events import at_refuge, changed, doubts_of, refuge_cutoff, with_race_keys

OF_RACE = 'trail.toml: race "50k": '
REFUGE = 'trail.toml: race "50k", checkpoint "refuge": '
FITS = "The file's time counts: tell the organiser, or correct it."
PRINT_THE_DAY = "The file's time counts: tell the organiser to print the day."


def overnight(printed: str) -> str:
    """A race of 100 km from Saturday 8:00 to Sunday 20:00, the refuge closing on Saturday at 20:00, with what is printed there."""
    text = changed("distance_km = 50.0", "distance_km = 100.0", refuge_cutoff(f'"12h"\nprinted = "{printed}"'))
    text = changed("km = 20.0", "km = 40.0", text)
    return changed('km = 50.0\ncutoff = "14h"', 'km = 100.0\ncutoff = "36h"', text)


@pytest.mark.parametrize("printed", ["20:00", "8:00 PM", "20h", "20h00", "40 km 20:00"])
def test_a_time_of_day_that_comes_twice_in_the_race_needs_a_day(printed: str) -> None:
    days = "Saturday 25 June 2022 20:00 or Sunday 26 June 2022 20:00"
    assert doubts_of(overnight(printed)) == [f'{REFUGE}printed "{printed}" has no day: it could be {days}. {PRINT_THE_DAY}']


@pytest.mark.parametrize(
    "printed",
    ["Saturday 20:00", "20:00 25-jun", "20:00 25/06", "20:00 Start + 12h", "12h", "12h max", "sab. 20h", "ds 20:00", "Sa 25.06. 20:00"],
)
def test_a_day_or_the_time_from_the_start_says_which_it_is(printed: str) -> None:
    assert doubts_of(overnight(printed)) == []


def test_a_time_of_day_that_comes_once_in_the_race_needs_no_day() -> None:
    assert doubts_of(changed('printed = "20:00"', 'printed = "21:00"', overnight("20:00")).replace('"12h"', '"13h"')) == []
    assert doubts_of(at_refuge('printed = "14:00"')) == []


def test_a_start_without_a_day_is_the_start_of_the_race() -> None:
    assert doubts_of(changed("km = 0.0\n", 'km = 0.0\nprinted = "8:00 START"\n', overnight("Saturday"))) == []


def test_a_race_of_a_week_names_the_first_days_only() -> None:
    week = (
        changed('cutoff = "36h"', 'cutoff = "150h"', overnight("20:00"))
        .replace("100.0", "400.0")
        .replace("gain_m = 3000", "gain_m = 24000")
    )
    assert doubts_of(week) == [
        (
            f'{REFUGE}printed "20:00" has no day: it could be Saturday 25 June 2022 20:00 or Sunday 26 June 2022 20:00 '
            f"or Monday 27 June 2022 20:00 or later. {PRINT_THE_DAY}"
        )
    ]


@pytest.mark.parametrize(
    ("printed", "doubt"),
    [
        ("20 Saturday 14:00", 'has "20" without a unit. Tell the organiser: most likely it is km.'),
        ("20,0 Saturday 14:00", 'has "20,0" without a unit. Tell the organiser: most likely it is km.'),
        ("Start + 6", 'has "start + 6" without a unit. Tell the organiser: hours, or minutes.'),
        ("Saturday 14:00 Départ + 6 max", 'has "depart + 6" without a unit. Tell the organiser: hours, or minutes.'),
    ],
)
def test_a_number_without_a_unit_is_named(printed: str, doubt: str) -> None:
    assert doubts_of(at_refuge(f'printed = "{printed}"')) == [f'{REFUGE}printed "{printed}" {doubt}']


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("2km Saturday 14:00", "2 km"),
        ("km 22 Saturday 14:00", "22 km"),
        ("22,5k 12.5 km", "22.5 km and 12.5 km"),
    ],
)
def test_kilometres_that_are_not_the_checkpoints_are_named(printed: str, wrong: str) -> None:
    assert doubts_of(at_refuge(f'printed = "{printed}"')) == [
        f'{REFUGE}printed "{printed}" does not fit km 20: {wrong}. The file\'s km counts: tell the organiser, or correct it.'
    ]


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("Saturday 25 June 2021 14:00", "2021 for 2022"),
        ("2021-06-25 14:00", "2021 for 2022"),
        ("26/06 14:00", "26 June for 25 June"),
        ("06/24/2021", "24 June for 25 June, 2021 for 2022"),
        ("24.06. 14:00", "24 June for 25 June"),
        ("samedi 15h", "15h for 14:00:00"),
        ("Start + 5:30", "start + 5h30 for start + 6h"),
        ("Saturday 24:00", "24:00:00 for 14:00:00"),
    ],
)
def test_other_forms_of_dates_and_times_are_compared_too(printed: str, wrong: str) -> None:
    found = doubts_of(at_refuge(f'printed = "{printed}"'))
    assert found == [f'{REFUGE}printed "{printed}" does not fit start + 6h, Saturday 25 June 2022 14:00: {wrong}. {FITS}']


@pytest.mark.parametrize(
    "printed",
    [
        "Refuge | 20 km | Saturday 25 juny | 14:00:00 | Start + 6h Max",
        "20,4k Saturday",
        "km 20 Saturday 14:00",
        "12 km / 20 km Saturday",
        "2064 m Saturday 14:00",
        "Aid station 5, Saturday 14:00",
        "samedi 25 juin 2022 à 14h00",
        "14h",
        "6h",
        "Start + 6:00",
        "25/06/2022 14:00",
        "06/25 2:00 PM",
        "25.06.2022 14:00",
    ],
)
def test_rows_in_the_forms_of_other_organisers_fit(printed: str) -> None:
    assert doubts_of(at_refuge(f'printed = "{printed}"')) == []


@pytest.mark.parametrize(
    ("printed", "doubts"),
    [
        ("Saturday 24:00", []),
        ("Saturday 24:00 25-jun", []),
        ("Sunday 0:00", []),
        ("Saturday 0:00", ["Saturday for Sunday"]),
        ("Sunday 24:00", ["Sunday for Saturday"]),
    ],
)
def test_midnight_is_24_of_the_one_day_and_0_of_the_next(printed: str, doubts: list[str]) -> None:
    text = overnight(printed).replace('"12h"', '"16h"')
    assert doubts_of(text) == [
        f'{REFUGE}printed "{printed}" does not fit start + 16h, Sunday 26 June 2022 00:00: {wrong}. {FITS}' for wrong in doubts
    ]


@pytest.mark.parametrize("word", ["wave", "runner"])
def test_the_time_printed_may_be_any_waves_where_cutoffs_run_from_ones_own_start(word: str) -> None:
    wave = '\n[[race.wave]]\nid = "b"\nstart = 2022-06-25T08:30:00\n'
    printed = changed('cutoff = "6h"', 'cutoff = "6h"\nprinted = "Saturday 14:30"') + wave
    own = changed("gain_m = 3000\n", f'gain_m = 3000\ncutoff_from = "{word}"\n', printed)
    assert doubts_of(own) == []
    assert doubts_of(own.replace("14:30", "14:20")) == [
        f'{REFUGE}printed "Saturday 14:20" does not fit start + 6h, Saturday 25 June 2022 14:00: 14:20:00 for 14:00:00. {FITS}'
    ]
    assert doubts_of(printed) == [
        f'{REFUGE}printed "Saturday 14:30" does not fit start + 6h, Saturday 25 June 2022 14:00: 14:30:00 for 14:00:00. {FITS}'
    ]


@pytest.mark.parametrize(
    ("printed", "bare"),
    [("50 / +3000m", '"50"'), ("50km / +3000", '"+3000"'), ("50 / +3000", '"50" and "+3000"'), ("50", '"50"')],
)
def test_a_length_or_climb_without_a_unit_is_named(printed: str, bare: str) -> None:
    assert doubts_of(with_race_keys(f'printed_distance = "{printed}"')) == [
        f'{OF_RACE}printed_distance "{printed}" has {bare} without a unit. Tell the organiser: km, or m of climb.'
    ]


@pytest.mark.parametrize("printed", ["50km", "50 km / +3000m", "km 50", "50k / +3 000 m", "Trail 3: 50 km", "31 miles / +3000m"])
def test_a_length_and_climb_with_units_are_not_named(printed: str) -> None:
    assert doubts_of(with_race_keys(f'printed_distance = "{printed}"')) == []
