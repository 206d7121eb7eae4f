"""What a roster may hold that is meant to harm: it comes out as harmless text in every format for receivers."""

import csv
import io
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.conftest import RaceDay
from tests.export.golden import journal_of, race, results_of
from tracker.export import FORMATS
from tracker.export.cells import guarded, visible
from tracker.export.results import Results

BELL = "\x00\x07\x1b[31m\u202e\u2066"
EVIL = f"{BELL}=cmd|' /C calc'!A0\n\t<script>" + "x" * 10_000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Results:
    day = race()
    out = io.StringIO()
    csv.writer(out).writerow(["1", "30k", "", EVIL, EVIL, "F", "1990-01-01", "O19", EVIL[:60], EVIL, EVIL, EVIL, ""])
    roster = day.roster_csv.splitlines()[0] + "\n" + out.getvalue()
    folder: Path = tmp_path_factory.mktemp("hostile")
    return results_of(journal_of(RaceDay(day.event_toml, roster, day.messages), folder / "race.db"))


def is_harmless(text: str) -> bool:
    return not text.startswith(("=", "+", "-", "@", "\t", "\r")) and not any(char in text for char in BELL if char not in "[31m")


@pytest.mark.parametrize("name", ["csv", "ultrasignup", "runsignup"])
def test_no_cell_of_a_csv_is_a_formula_or_holds_what_is_not_seen(name: str, hostile: Results) -> None:
    rows = list(csv.reader(io.StringIO(FORMATS[name](hostile).decode(), newline="")))
    assert len(rows) == 2
    assert len(rows[0]) == len(rows[1])
    assert any("calc" in cell for cell in rows[1])
    assert all(is_harmless(cell) for cell in rows[1])


@pytest.mark.parametrize("name", ["itra", "utmb"])
def test_no_cell_of_a_sheet_is_a_formula_and_none_is_lost_for_its_length(name: str, hostile: Results) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(FORMATS[name](hostile))).active
    assert sheet is not None
    assert sheet.max_row == 2
    texts = [cell for cell in sheet[2] if isinstance(cell.value, str)]
    assert all(cell.data_type == "s" for cell in texts)
    assert [len(str(cell.value)) for cell in texts if "calc" in str(cell.value)] == [80, 80, 80]
    assert not any(char in str(cell.value) for cell in texts for char in "\x00\x07\x1b\u202e")


def test_parquet_has_it_as_the_roster_has_it(hostile: Results, tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    path.write_bytes(FORMATS["parquet"](hostile))
    with duckdb.connect() as database:
        assert database.sql(f"select extra['city'], length(first_name) from '{path}'").fetchall() == [(EVIL, 80)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", " =1+1", "\u00a0=1+1", "\t=1+1", "\r=1", "\n=1", "\x00=1+1", "\u200b=1+1", "＝1+1"]
)
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Élodie", "O'Neil", "Smith-Jones", "李", "العداء"])
def test_names_are_left_alone(text: str) -> None:
    assert guarded(text) == text
    assert visible(text, 80) == text
