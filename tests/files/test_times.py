"""Durations and local times as people write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.files.times import (
    HOUR_MS,
    TimesError,
    format_duration,
    format_elapsed,
    format_local,
    parse_duration,
    parse_moment,
)

HOUR = 3600
ANDORRA = "Europe/Andorra"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("8h", 8 * HOUR),
        ("12h30", 12 * HOUR + 1800),
        ("12h30m", 12 * HOUR + 1800),
        ("90m", 5400),
        ("19h15m06", 19 * HOUR + 15 * 60 + 6),
        ("19h15m06s", 19 * HOUR + 15 * 60 + 6),
        ("42h", 42 * HOUR),
        ("8h5m", 8 * HOUR + 300),
        ("2m", 120),
        ("45s", 45),
        ("0m", 0),
        (" 8h ", 8 * HOUR),
    ],
)
def test_a_duration_is_read_as_guides_write_it(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds * 1000


@pytest.mark.parametrize("text", ["8", "8:00", "12h3", "12h75", "8 hours", "-8h", "", "8.5h", "h", "٨h", "1000h"])
def test_a_duration_that_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(TimesError) as error:
        parse_duration(text)
    assert str(error.value) == f'"{text}" is no duration; write it as 8h, 12h30, 19h15m06 or 90m'


@given(st.integers(0, 999 * HOUR))
def test_every_duration_is_read_back_as_it_was_written(seconds: int) -> None:
    assert parse_duration(format_duration(seconds * 1000)) == seconds * 1000


@given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_with_hours_minutes_and_seconds_is_their_sum(hours: int, minutes: int, seconds: int) -> None:
    assert parse_duration(f"{hours}h{minutes:02}m{seconds:02}") == ((hours * 60 + minutes) * 60 + seconds) * 1000


@given(st.integers(0, 10**9), st.sampled_from([ANDORRA, "Indian/Reunion", "Asia/Kathmandu", "UTC"]))
def test_a_local_time_with_its_offset_is_read_back_to_the_second(seconds: int, timezone: str) -> None:
    at_ms = (1_600_000_000 + seconds) * 1000
    written = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone().isoformat()
    assert parse_moment(written, timezone) == at_ms


@pytest.mark.parametrize(
    ("duration_ms", "written"),
    [(8 * HOUR_MS, "8h"), (12 * HOUR_MS + 1_800_000, "12h30"), (5_400_000, "1h30"), (-1_800_000, "-30m"), (90_000, "1m30"), (0, "0m")],
)
def test_durations_are_written_short(duration_ms: int, written: str) -> None:
    assert format_duration(duration_ms) == written


def test_elapsed_time_is_shown_to_the_second_below() -> None:
    assert format_elapsed(51_625_999) == "14:20:25"
    assert format_elapsed(0) == "0:00:00"
    assert format_elapsed(100 * HOUR_MS) == "100:00:00"
    assert format_elapsed(-61_000) == "-0:01:01"


def test_a_moment_is_local_unless_it_says_its_offset() -> None:
    local = parse_moment("2022-06-25T03:00:00", ANDORRA)
    assert local == parse_moment("2022-06-25 03:00", ANDORRA)
    assert local == parse_moment("2022-06-25T01:00:00Z", ANDORRA)
    assert local == parse_moment("2022-06-25t02:00:00.000+01:00", ANDORRA)
    assert format_local(local, ANDORRA) == "Sat 03:00:00"
    assert format_local(local, ANDORRA, date=True, seconds=False) == "Sat 2022-06-25 03:00"
    assert format_local(local, "Indian/Reunion", day=False) == "05:00:00"


def test_a_clock_set_to_no_calendar_is_shown_as_its_number() -> None:
    assert format_local(10**18, ANDORRA) == "1000000000000000000 ms"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2022-06-25", '"2022-06-25" has no time of day; write it with the time, for example 2022-06-25T03:00:00'),
        ("3:00", '"3:00" has no date; write it with the day, for example 2022-06-25T03:00'),
        ("18:00:00", '"18:00:00" has no date; write it with the day, for example 2022-06-25T18:00:00'),
        ("tomorrow", '"tomorrow" is no moment; write 2022-06-25T03:00:00 (local) or 2022-06-25T03:00:00+02:00'),
        ("20220625T030000", '"20220625T030000" is no moment; write 2022-06-25T03:00:00 (local) or 2022-06-25T03:00:00+02:00'),
        ("2022-06-31T03:00", '"2022-06-31T03:00" is on no calendar or clock; correct it: day is out of range for month'),
        ("0001-01-01T00:00:00+14:00", "0001 is no year of a race; correct the year"),
        (
            "2022-03-27T02:30",
            (
                "2022-03-27 02:30 does not exist in Europe/Andorra: summer time begins and the clocks skip it; "
                "write 2022-03-27T03:30:00 for the same moment, or correct the time"
            ),
        ),
        (
            "2022-10-30T02:30",
            (
                "2022-10-30 02:30 comes twice in Europe/Andorra: summer time ends; "
                "write 2022-10-30T02:30:00+02:00 or 2022-10-30T02:30:00+01:00"
            ),
        ),
    ],
)
def test_a_moment_that_is_not_one_is_refused_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(TimesError) as error:
        parse_moment(text, ANDORRA)
    assert str(error.value) == message


def test_an_unknown_zone_is_named_with_the_one_nearest_to_it() -> None:
    with pytest.raises(TimesError) as error:
        parse_moment("2022-06-25T03:00", "Europe/Andora")
    assert str(error.value) == '"Europe/Andora" is no time zone; write an IANA name, for example "Europe/Andorra"'
