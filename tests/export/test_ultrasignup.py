"""What UltraSignup's results loader takes, read by the csv module alone."""

import csv
import io

from tests.export.golden import hold
from tracker.export import FORMATS
from tracker.export.results import Results


def test_the_file_is_as_it_was(golden: Results) -> None:
    hold("ultrasignup.csv", FORMATS["ultrasignup"](golden))


def test_it_has_the_columns_of_the_loader_and_no_other(golden: Results) -> None:
    header = FORMATS["ultrasignup"](golden).decode().splitlines()[0]
    assert header == "place,time,first,last,age,gender,dob,bib,city,state,status"


def test_every_ending_has_its_code_and_only_finishers_have_place_and_time(golden: Results) -> None:
    rows = {row["bib"]: row for row in csv.DictReader(io.StringIO(FORMATS["ultrasignup"](golden).decode()))}
    assert {bib: row["status"] for bib, row in rows.items()} == {
        **dict.fromkeys(("1", "2", "3", "4", "11"), "1"),
        **dict.fromkeys(("5", "6", "9"), "2"),
        **dict.fromkeys(("7", "12"), "3"),
        "8": "5",
    }
    assert all(bool(row["time"]) is bool(row["place"]) is (row["status"] == "1") for row in rows.values())
    assert rows["11"]["time"] == "5:00:00"  # the penalty of ten minutes counted in


def test_age_is_that_of_the_day_of_the_race(golden: Results) -> None:
    rows = {row["bib"]: row for row in csv.DictReader(io.StringIO(FORMATS["ultrasignup"](golden).decode()))}
    assert rows["1"]["age"] == "32"
    assert rows["3"]["age"] == "29"  # born on 15 July, three weeks before turning thirty
    assert rows["12"]["age"] == ""
