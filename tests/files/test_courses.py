"""The courses that ship with the tracker, against the guide's figures and against the tables of the real races."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tracker.core.course import CutoffOn, Event, Timing
from tracker.files.check import check_event
from tracker.files.event import read_event
from tracker.files.finding import Severity
from tracker.files.times import format_duration, format_local, local_datetime

CHECKOUT = Path(__file__).parents[2]
COURSES = CHECKOUT / "courses"
DATA = CHECKOUT.parent / "shared" / "data"

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real races' tables (../shared/data) are not beside this checkout")

# race → start, distance, climb, and checkpoint km → the guide's own hours from the start
GUIDE = {
    "105k": (
        "Fri 2022-06-24 19:00",
        105.0,
        6900,
        {0: None, 22.5: "8h", 37.5: "12h30", 52: "20h", 60: "24h", 71.5: "28h", 80: "32h", 93.5: "38h", 105: "42h"},
    ),
    "50k": ("Sat 2022-06-25 08:00", 50.0, 3600, {0: None, 15: "5h", 22.5: "7h", 33.5: "10h", 50: "14h"}),
    "21k": ("Sun 2022-06-26 09:30", 21.0, 1750, {0: None, 15: "5h", 21.5: "7h"}),
    "7k5": ("Sun 2022-06-26 10:00", 7.5, 650, {0: None, 7.5: "3h30"}),
}


def course(name: str) -> Event:
    """One of the shipped event files."""
    return read_event((COURSES / f"{name}.toml").read_text(), f"courses/{name}.toml")


def rows(name: str) -> list[dict[str, str]]:
    """One of the real races' tables."""
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("race_id", list(GUIDE))
def test_andorra_has_the_guides_starts_distances_and_cutoffs(race_id: str) -> None:
    event = course("andorra-2022")
    race = event.by_id[race_id]
    start, distance_km, gain_m, cutoffs = GUIDE[race_id]
    assert format_local(race.start_ms, event.timezone, date=True, seconds=False) == start
    assert (race.distance_km, race.gain_m, race.timing) == (distance_km, gain_m, Timing.GUN)
    written = {point.km: format_duration(point.cutoff.offset_ms) if point.cutoff else None for point in race.checkpoints}
    assert written == cutoffs
    assert race.checkpoints[0].station == race.checkpoints[-1].station == "ordino"
    assert all(point.printed for point in race.checkpoints)


def test_the_50k_and_the_105k_meet_at_botella() -> None:
    event = course("andorra-2022")
    assert event.by_id["50k"].visits["botella"] == (3,)
    assert event.by_id["105k"].visits["botella"] == (1,)


@pytest.mark.parametrize(("race_id", "youngest"), [("105k", 2002), ("50k", 2002), ("21k", 2002), ("7k5", None)])
def test_andorra_lets_start_whom_the_guide_lets_start(race_id: str, youngest: int | None) -> None:
    race = course("andorra-2022").by_id[race_id]
    assert race.max_birth_year == youngest
    assert race.accompanied_under_age == (None if youngest else 14)
    certificate = ["medical_certificate"] if race_id in ("105k", "50k") else []
    assert list(race.requires) == [*certificate, "licence_or_insurance"]


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (18, "U18"),
        (19, "U20"),
        (20, "U20"),
        (21, "O19"),
        (39, "O19"),
        (40, "O40"),
        (49, "O40"),
        (50, "O50"),
        (60, "Master"),
        (85, "Master"),
    ],
)
def test_andorras_long_races_have_a_category_for_everyone(age: int, code: str) -> None:
    event = course("andorra-2022")
    for race_id in ("105k", "50k", "21k"):
        assert event.by_id[race_id].category_of(2022 - age, "F") == code


@pytest.mark.parametrize(("age", "code"), [(10, None), (11, "U12"), (14, "U14"), (16, "U16"), (17, "U18"), (18, None)])
def test_andorras_family_race_has_categories_for_the_young(age: int, code: str | None) -> None:
    assert course("andorra-2022").by_id["7k5"].category_of(2022 - age, "M") == code


def test_check_names_the_printed_rows_of_andorra_that_are_wrong_and_no_other() -> None:
    findings = check_event((COURSES / "andorra-2022.toml").read_text(), "courses/andorra-2022.toml")
    assert {finding.severity for finding in findings} == {Severity.DOUBT}
    tell = "The file's time counts: tell the organiser, or correct it."
    assert [str(finding).removeprefix("courses/andorra-2022.toml: ") for finding in findings] == [
        (
            'race "105k", checkpoint "botella": printed "Friday 3:00:00 24-jun Start + 8h Max" does not fit start + 8h, '
            f"Saturday 25 June 2022 03:00: Friday for Saturday, 24 June for 25 June. {tell}"
        ),
        (
            'race "105k", checkpoint "parc-central": printed "Friday 7:30:00 24-jun Start + 12h30 Max" does not fit start + 12h30, '
            f"Saturday 25 June 2022 07:30: Friday for Saturday, 24 June for 25 June. {tell}"
        ),
        (
            'race "50k": printed_distance "5km / +3600m" does not fit distance_km and gain_m: 5 km for 50 km. '
            "The file's figures count: tell the organiser, or correct them."
        ),
        'race "21k": the finish is at km 21.5 and distance_km is 21. Correct one of them.',
    ]


@pytest.mark.parametrize("name", ["utmb-2024", "grand-raid-2023"])
def test_nothing_is_doubted_in_the_other_courses(name: str) -> None:
    assert check_event((COURSES / f"{name}.toml").read_text(), name) == []


def test_the_waves_of_the_grand_raid_start_ten_minutes_apart_and_share_their_cutoffs() -> None:
    event = course("grand-raid-2023")
    race = event.races[0]
    starts = [format_local(wave.start_ms, event.timezone, seconds=False) for wave in race.waves]
    assert starts == ["Thu 21:00", "Thu 21:10", "Thu 21:20", "Thu 21:30", "Thu 21:40"]
    assert race.waves[0].start_ms == race.start_ms
    assert race.timing is Timing.GUN
    assert race.cutoff_from == "race"


def test_the_utmb_begins_and_ends_in_chamonix_on_chip_time() -> None:
    race = course("utmb-2024").races[0]
    assert race.visits["chamonix"] == (0, 25)
    assert race.timing is Timing.CHIP
    assert {point.cutoff.on for point in race.checkpoints[1:-1] if point.cutoff} == {CutoffOn.DEPARTURE}


@needs_data
@pytest.mark.parametrize("name", ["utmb-2024", "grand-raid-2023"])
def test_every_checkpoint_is_as_in_the_real_races_table(name: str) -> None:
    event = course(name)
    race = event.races[0]
    written = []
    for point in race.checkpoints:
        limit = local_datetime(race.start_ms + point.cutoff.offset_ms, event.timezone).replace(tzinfo=None) if point.cutoff else None
        written.append((point.km, point.gain_m, point.altitude_m, limit))
    table = []
    for row in rows(f"{name}/checkpoints.csv"):
        # local wall times: one of the tables labels them with another zone's offset
        limit = datetime.fromisoformat(row["cutoff"]).replace(tzinfo=None) if row["cutoff"] else None
        table.append((float(row["km"]), float(row["gain_m"]), float(row["altitude_m"]), limit))
    if name == "grand-raid-2023":
        assert table[0][3] == local_datetime(race.waves[-1].start_ms, event.timezone).replace(tzinfo=None)  # a start, no cutoff
        table[0] = (*table[0][:3], None)
    assert written == table


@needs_data
def test_the_waves_are_the_start_times_of_the_grand_raids_runners() -> None:
    event = course("grand-raid-2023")
    started = {row["time"][:19] for row in rows("grand-raid-2023/passages.csv") if row["seq"] == "0"}
    assert started == {local_datetime(wave.start_ms, event.timezone).isoformat()[:19] for wave in event.races[0].waves}


@needs_data
def test_nobody_of_the_utmb_started_before_the_gun() -> None:
    race = course("utmb-2024").races[0]
    first = min(row["time"] for row in rows("utmb-2024/passages.csv") if row["seq"] == "0")
    late = datetime.fromisoformat(first) - local_datetime(race.start_ms, "Europe/Paris")
    assert timedelta(0) <= late < timedelta(minutes=5)


@needs_data
@pytest.mark.parametrize("name", ["utmb-2024", "grand-raid-2023"])
def test_every_category_of_the_results_is_in_the_course(name: str) -> None:
    categories = {(category.code, category.sex) for category in course(name).races[0].categories}
    assert {(row["category"], row["sex"]) for row in rows(f"{name}/entrants.csv")} <= categories


@needs_data
@pytest.mark.parametrize("race_id", ["105k", "50k"])
def test_andorras_categories_are_those_of_its_results(race_id: str) -> None:
    race = course("andorra-2022").by_id[race_id]
    # the results' ages are those of 2025, and their codes end in the sex; they write the guide's Master as M60
    for row in rows(f"andorra-2022-{race_id}.csv"):
        assert race.category_of(2025 - int(row["age"]), row["sex"]) == row["category"].split()[0].replace("M60", "Master")
