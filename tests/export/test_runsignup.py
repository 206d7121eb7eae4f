"""What a result set of RunSignup takes, read by the csv module alone."""

import csv
import io
from pathlib import Path

from tests.conftest import RaceDay
from tests.export.golden import hold, journal_of, race, results_of
from tracker.export import FORMATS
from tracker.export.results import Results


def read(results: Results) -> dict[str, dict[str, str]]:
    return {row["bib_num"]: row for row in csv.DictReader(io.StringIO(FORMATS["runsignup"](results).decode()))}


def test_the_file_is_as_it_was(golden: Results) -> None:
    hold("runsignup.csv", FORMATS["runsignup"](golden))


def test_who_did_not_start_or_is_still_racing_is_left_out_and_the_others_have_a_status(golden: Results) -> None:
    rows = read(golden)
    assert {bib: row["status"] for bib, row in rows.items()} == {
        **dict.fromkeys(("1", "2", "3", "4", "11"), "finished"),
        **dict.fromkeys(("5", "6", "9"), "DNF"),
        "8": "DQ",
    }


def test_every_row_says_of_which_results_it_is(golden: Results) -> None:
    made = golden.made()
    assert all({name: row[name] for name in made} == made for row in read(golden).values())


def test_the_gun_is_the_clock_time_and_the_own_start_the_chip_time_where_that_counts(tmp_path: Path, golden: Results) -> None:
    assert {(row["clock_time"], row["chip_time"]) for row in read(golden).values() if row["place"] == "1"} == {("4:30:15", "")}
    day = race()
    chip = RaceDay(day.event_toml.replace("distance_km", 'timing = "chip"\ndistance_km'), day.roster_csv, day.messages)
    rows = read(results_of(journal_of(chip, tmp_path / "chip.db")))
    assert (rows["1"]["clock_time"], rows["1"]["chip_time"]) == ("4:30:15", "4:30:05")
    assert (rows["11"]["clock_time"], rows["11"]["chip_time"]) == ("5:00:00", "4:59:30")
