"""Event files that cannot be used, each with the whole text of its error."""

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
    error_of,
    event_of,
    refuge_cutoff,
    with_categories,
    with_race_keys,
)

REFUGE = 'trail.toml: race "50k", checkpoint "refuge": '
OF_RACE = 'trail.toml: race "50k": '


def test_the_file_that_the_others_break_is_sound() -> None:
    assert event_of(SOUND).id == "trail"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            changed("gain_m = 3000", "gain_m = "),
            "trail.toml: line 11, column 10: this is no TOML: Invalid value. "
            "Texts stand in quotes, dates and numbers without; a key stands once in its table.",
            id="no value",
        ),
        pytest.param(
            SOUND + "printed = 'Saturday",
            'trail.toml: line 32: this is no TOML: Expected "\'" before the file ends. Close what is open.',
            id="open quote",
        ),
        pytest.param(
            "a = " + "[" * 5000,
            "trail.toml: this is no event file: a number of thousands of digits, or lists without a bottom. "
            "Take that out, or give the right file.",
            id="bottomless",
        ),
        pytest.param(
            "", "trail.toml: the table [event] is missing. Begin the file with [event] and its id, name and timezone.", id="empty"
        ),
        pytest.param(
            HEAD,
            "trail.toml: there is no race. Add a [[race]] with its [[race.checkpoint]] tables.",
            id="no race",
        ),
        pytest.param(
            changed("[[race]]", "[[races]]", HEAD + "[[race]]\n"),
            "trail.toml: there is no race. Add a [[race]] with its [[race.checkpoint]] tables.\n"
            'trail.toml: the key "races" is unknown. Write "race", or take it out.',
            id="misnamed race",
        ),
        pytest.param(
            HEAD + '[race]\nid = "50k"\n',
            "trail.toml: race is a table. Write each as a table of its own under [[race]].",
            id="one bracket",
        ),
        pytest.param(
            changed('id = "trail"', 'id = "Trail 2022"'),
            'trail.toml: event: id "Trail 2022" cannot stand in a topic. Use a-z, 0-9 and - alone, for example id = "andorra-2022".',
            id="event id",
        ),
        pytest.param(
            changed("Europe/Andorra", "Europe/Andora"),
            'trail.toml: event: timezone "Europe/Andora" is no time zone. Write an IANA name, for example "Europe/Andorra".',
            id="zone",
        ),
        pytest.param(
            changed('timezone = "Europe/Andorra"', 'timezone = "Europe/Andorra"\ncountry = "UK"'),
            'trail.toml: event: country "UK" is no ISO 3166-1 alpha-2 code. Write "GB".',
            id="country as it is called elsewhere",
        ),
        pytest.param(
            changed('timezone = "Europe/Andorra"', 'timezone = "Europe/Andorra"\ntier = "world"\ncountry = "Andorra"'),
            'trail.toml: event: tier is the text "world". Write one of "event", "major", "finals" or "index".\n'
            'trail.toml: event: country "Andorra" is no ISO 3166-1 alpha-2 code. Write two capitals, for example country = "AD".',
            id="tier and country",
        ),
        pytest.param(
            changed("gain_m = 3000\n", "gain = 3000\n"),
            f'{OF_RACE}the key "gain_m" is missing. Add it, for example gain_m = 6900.\n'
            f'{OF_RACE}the key "gain" is unknown. Write "gain_m", or take it out.',
            id="key misspelt",
        ),
        pytest.param(
            at_refuge("wind = 3"),
            f'{REFUGE}the key "wind" is unknown. '
            "Take it out; the keys here are cutoff_on, grace, cutoff, id, station, name, km, gain_m, altitude_m, printed.",
            id="unknown key",
        ),
        pytest.param(
            changed('id = "refuge"\n', ""),
            'trail.toml: race "50k", checkpoint 2: the key "id" is missing. Add it, for example id = "botella".',
            id="no id",
        ),
        pytest.param(
            changed('station = "refuge"', 'station = "desk"'),
            f'{REFUGE}station "desk" is a topic of the tracker itself. Give the station another id.',
            id="station desk",
        ),
        pytest.param(
            changed('station = "refuge"', 'station = "re/fuge"'),
            f'{REFUGE}station "re/fuge" has characters that no id has. '
            'Use letters, digits, - _ and . alone, for example station = "botella".',
            id="station with a slash",
        ),
        pytest.param(
            changed("distance_km = 50.0", 'distance_km = "50 km"'),
            f'{OF_RACE}distance_km is the text "50 km". Write a number without quotes and units, for example distance_km = 105.0.',
            id="distance in quotes",
        ),
        pytest.param(
            changed("km = 20.0", "km = -20.0"),
            f"{REFUGE}km is the number -20.0. Write a number that a race can have, for example km = 22.5.",
            id="negative km",
        ),
        pytest.param(
            with_race_keys('timing = "net"\ncutoff_on = true'),
            f'{OF_RACE}cutoff_on is true. Write one of "arrival", "departure" or "both".\n'
            f'{OF_RACE}timing is the text "net". Write one of "gun" or "chip".',
            id="choices",
        ),
        pytest.param(
            with_race_keys('cutoff_from = "gun"\npolicy = "auto"'),
            f'{OF_RACE}cutoff_from is the text "gun". Write one of "race", "wave" or "runner".\n'
            f'{OF_RACE}policy is the text "auto". Write one of "confirm" or "automatic".',
            id="wrong words",
        ),
        pytest.param(
            with_race_keys("policy = true"),
            f'{OF_RACE}policy is true. Write one of "confirm" or "automatic".',
            id="policy without a word",
        ),
        pytest.param(
            with_race_keys("min_age = 18.5\nmax_birth_year = 20002"),
            f"{OF_RACE}min_age is the number 18.5. Write a whole number without quotes, for example min_age = 18.\n"
            f"{OF_RACE}max_birth_year is the number 20002. Write a number from 1900 to 2100, for example max_birth_year = 2002.",
            id="ages",
        ),
        pytest.param(
            with_race_keys('requires = "medical_certificate"'),
            f'{OF_RACE}requires is the text "medical_certificate". Write a list, for example requires = ["medical_certificate"].',
            id="requires without a list",
        ),
        pytest.param(
            with_race_keys('requires = ["passport", 3, "licence_or_insurance", "licence_or_insurance"]'),
            f'{OF_RACE}requires has the text "passport". Write "medical_certificate" or "licence_or_insurance".\n'
            f'{OF_RACE}requires has the number 3. Write "medical_certificate" or "licence_or_insurance".\n'
            f'{OF_RACE}requires has the text "licence_or_insurance" twice. Take one out.',
            id="requires",
        ),
        pytest.param(
            with_race_keys('require = ["licence_or_insurance"]\naccompanied_under_age = 0'),
            f"{OF_RACE}accompanied_under_age is the number 0. Write a number from 1 to 21, for example accompanied_under_age = 14.\n"
            f'{OF_RACE}the key "require" is unknown. Write "requires", or take it out.',
            id="requires misspelt",
        ),
        pytest.param(
            HEAD + RACE + START,
            f"{OF_RACE}there is one checkpoint alone. Add [[race.checkpoint]] tables: the first is the start, the last the finish.",
            id="one checkpoint",
        ),
        pytest.param(
            HEAD + RACE + START + MIDDLE + FINISH + RACE + START + MIDDLE + FINISH,
            'trail.toml: the race id "50k" stands twice (races 1 and 2). Give each an id of its own.',
            id="race twice",
        ),
        pytest.param(
            HEAD + RACE + START + MIDDLE + changed('id = "finish"', 'id = "refuge"', FINISH),
            f'{OF_RACE}the checkpoint id "refuge" stands twice (checkpoints 2 and 3). Give each an id of its own.',
            id="checkpoint twice",
        ),
        pytest.param(
            SOUND + '[[race.wave]]\nid = "a"\nstart = 2022-06-25T08:00:00\n' * 2,
            f'{OF_RACE}the wave id "a" stands twice (waves 1 and 2). Give each an id of its own.',
            id="wave twice",
        ),
        pytest.param(
            changed("km = 20.0", "km = 50.0"),
            'trail.toml: race "50k", checkpoint "finish": km 50 is not after km 50 of "refuge" before it. '
            "Write km from the start, and the checkpoints in course order.",
            id="km not rising",
        ),
        pytest.param(
            changed("\nkm = 50.0", "\nkm = 50.0\ngain_m = 900", at_refuge("gain_m = 1200")).replace("gain_m = 3000", "gain_m = 900"),
            'trail.toml: race "50k", checkpoint "finish": gain_m 900 is less than 1200 of "refuge" before it. '
            "Write all the climb from the start, not the leg's alone.",
            id="climb falling",
        ),
        pytest.param(
            changed("distance_km = 50.0", "distance_km = 0"),
            f"{OF_RACE}distance_km is 0. Write the length of the course, for example distance_km = 105.0.",
            id="no distance",
        ),
        pytest.param(
            with_race_keys("max_birth_year = 2032"),
            f"{OF_RACE}max_birth_year 2032 is after the race. Write the latest year of birth that may start.",
            id="birth after the race",
        ),
    ],
)
def test_a_broken_file_says_where_what_and_what_to_do(text: str, error: str) -> None:
    lines = error_of(text).split("\n")
    assert [line for line in lines if line not in error.split("\n")] == []
    assert "\n".join(lines) == error


@pytest.mark.parametrize(
    ("start", "error"),
    [
        (
            '"2022-06-25T08:00:00"',
            'start is the text "2022-06-25T08:00:00". Write a date-time without quotes, for example start = 2022-06-24T19:00:00.',
        ),
        (
            "2022-06-25",
            (
                "start is the date 2022-06-25 without a time. "
                "Write a date-time with its day and its time, for example start = 2022-06-24T19:00:00."
            ),
        ),
        (
            "08:00:00",
            (
                "start is the time 08:00:00 without a date. "
                "Write a date-time with its day and its time, for example start = 2022-06-24T19:00:00."
            ),
        ),
        (
            "2022-03-27T02:30:00",
            (
                "start 2022-03-27 02:30 does not exist in Europe/Andorra: summer time begins and the clocks skip it. "
                "Write 2022-03-27T03:30:00 for the same moment, or correct the time."
            ),
        ),
        ("0022-06-25T08:00:00", "start 0022 is no year of a race. Correct the year."),
    ],
)
def test_a_start_that_no_clock_shows_is_a_fault(start: str, error: str) -> None:
    assert error_of(changed("2022-06-25T08:00:00", start)) == OF_RACE + error


@pytest.mark.parametrize(
    ("cutoff", "error"),
    [
        (
            "6",
            "cutoff is the number 6. Write the time from the start in quotes (8h, 12h30, 19h15m06 or 90m), or a whole date-time without.",
        ),
        (
            "14:00:00",
            (
                "cutoff is the time 14:00:00 without a date. "
                "Write the time from the start in quotes (8h, 12h30, 19h15m06 or 90m), or a whole date-time without."
            ),
        ),
        ('"6:00"', 'cutoff "6:00" is no duration. Write it as 8h, 12h30, 19h15m06 or 90m.'),
        (
            '"2022-06-25T14:00"',
            'cutoff is the text "2022-06-25T14:00". Write a date-time without quotes, or a duration such as "8h".',
        ),
        (
            "2022-06-24T14:00:00",
            (
                "cutoff 2022-06-24 14:00 is before the start (2022-06-25 08:00). "
                'Start + 6h would be 2022-06-25 14:00: write cutoff = "6h", or correct the date.'
            ),
        ),
        (
            '"0m"',
            (
                "cutoff 2022-06-25 08:00 is the start itself (2022-06-25 08:00). "
                "Correct it, or the one before; both run from the start of the race."
            ),
        ),
        ('"1h"', "cutoff 1h asks for 32 km-effort an hour from the start, and nobody runs 25. Correct the cutoff, or km 20."),
    ],
)
def test_a_cutoff_that_cannot_be_meant_is_a_fault(cutoff: str, error: str) -> None:
    assert error_of(refuge_cutoff(cutoff)) == REFUGE + error


def test_a_cutoff_must_be_after_the_one_before() -> None:
    assert error_of(refuge_cutoff('"15h"')) == (
        'trail.toml: race "50k", checkpoint "finish": cutoff 14h (2022-06-25 22:00) is not after the one before, '
        '15h (2022-06-25 23:00) at "refuge". Correct it, or the one before; both run from the start of the race.'
    )


def test_a_cutoff_a_day_early_is_answered_with_the_day_after() -> None:
    late = changed('cutoff = "14h"', "cutoff = 2022-06-25T12:00:00", refuge_cutoff('"12h"'))
    slow = changed("\nkm = 50.0", "\nkm = 110.0", changed("distance_km = 50.0", "distance_km = 110.0", late))
    assert error_of(slow) == (
        'trail.toml: race "50k", checkpoint "finish": cutoff 4h (2022-06-25 12:00) is not after the one before, '
        '12h (2022-06-25 20:00) at "refuge". Start + 28h would be 2022-06-26 12:00: write cutoff = "28h", or correct the date.'
    )


@pytest.mark.parametrize(("word", "start"), [("wave", "each wave's own start"), ("runner", "each runner's own start")])
def test_a_cutoff_at_a_time_of_day_does_not_run_from_a_start_of_ones_own(word: str, start: str) -> None:
    text = with_race_keys(f'cutoff_from = "{word}"') + '[[race.wave]]\nid = "a"\nstart = 2022-06-25T08:00:00\n'
    assert error_of(changed('cutoff = "6h"', "cutoff = 2022-06-25T14:00:00", text)) == (
        f"{REFUGE}cutoff is the date-time 2022-06-25T14:00:00, but cutoffs run from {start}. "
        'Write a duration, for example cutoff = "8h", or cutoff_from = "race".'
    )


@pytest.mark.parametrize(("word", "start"), [("wave", "each wave's own start"), ("runner", "each runner's own start")])
def test_cutoffs_out_of_order_name_the_start_that_both_run_from(word: str, start: str) -> None:
    text = changed("gain_m = 3000\n", f'gain_m = 3000\ncutoff_from = "{word}"\n', refuge_cutoff('"15h"'))
    assert error_of(text).endswith(f'at "refuge". Correct it, or the one before; both run from {start}.')


def test_a_cutoff_a_day_early_that_nobody_can_run_to_is_answered_with_the_day_after() -> None:
    text = changed('cutoff = "14h"', 'cutoff = "36h"', refuge_cutoff("2022-06-25T09:00:00"))
    assert error_of(text) == (
        f"{REFUGE}cutoff 1h asks for 32 km-effort an hour from the start, and nobody runs 25. Correct the cutoff, or km 20."
    )
    long = changed("km = 20.0", "km = 40.0", text)
    assert error_of(long).split("\n")[0] == (
        f"{REFUGE}cutoff 1h asks for 64 km-effort an hour from the start, and nobody runs 25. "
        'Start + 25h would be 2022-06-26 09:00: write cutoff = "25h", or correct the date.'
    )


@pytest.mark.parametrize(
    ("grace", "error"),
    [
        ("2", 'grace is the number 2. Write a duration in quotes, for example grace = "2m".'),
        ('"two minutes"', 'grace "two minutes" is no duration. Write it as 8h, 12h30, 19h15m06 or 90m.'),
    ],
)
def test_a_grace_is_a_duration(grace: str, error: str) -> None:
    assert error_of(at_refuge(f"grace = {grace}")) == REFUGE + error


@pytest.mark.parametrize(
    ("categories", "error"),
    [
        (
            ["O40 40-49", "O40 50-"],
            'trail.toml: race "50k", category "O40": the code stands twice. Give each category a code of its own.',
        ),
        (
            ["O40 49-40"],
            'trail.toml: race "50k", category "O40": min_age 49 is over max_age 40. Exchange or correct them.',
        ),
        (
            ["O19 19-39", "U20 19-20", "O40 40-"],
            (
                'trail.toml: race "50k", category "U20": it never gets a runner of 19–20: all go to "O19" (19–39) before it. '
                "Put it first, or take it out: the first category that fits is the runner's."
            ),
        ),
        (
            ["A 20-30", "B 31-40", "C 25-35"],
            (
                'trail.toml: race "50k", category "C": it never gets a runner of 25–35: '
                'all go to "A" (20–30) and "B" (31–40) before it. '
                "Put it first, or take it out: the first category that fits is the runner's."
            ),
        ),
        (
            ["O19 19-34", "O40 40-"],
            f"{OF_RACE}no category is for men and women of 35–39. Let each category begin where the one before ends.",
        ),
        (
            ["A 20-39", "M 40-59 M", "W 40-49 F", "S 60-"],
            f"{OF_RACE}no category is for women of 50–59. Let each category begin where the one before ends.",
        ),
    ],
)
def test_categories_leave_nobody_out_and_none_is_empty(categories: list[str], error: str) -> None:
    assert error_of(with_categories(*categories)) == error


def test_every_fault_is_said_at_once() -> None:
    text = changed("km = 20.0", 'km = "20"', changed('name = "Trail 50K"', "name = 50", changed("Europe/Andorra", "Andorra")))
    assert len(error_of(text).split("\n")) == 3
