"""What the ITRA and the UTMB Index take: a sheet of Excel, read here by openpyxl, which did not write it."""

import io
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import RaceDay, Tracker
from tests.export.golden import hold, journal_of, race, results_of
from tracker.export import FORMATS, itra
from tracker.export.receivers import rows
from tracker.export.results import Results

HEADER = ["Ranking", "Time", "Family Name", "First Name", "Gender", "Birthdate", "Nationality", "Bib no.", "City"]


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def values(content: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in read(content).active.iter_rows()]


def told(content: bytes) -> bytes:
    """The sheet as text, each cell with its type and how it is shown; a golden file of .xlsx itself would change with its library."""
    lines = []
    for row in read(content).active.iter_rows():
        for cell in row:
            lines.append(f"{cell.coordinate}\t{cell.data_type}\t{cell.number_format}\t{cell.value}\n")
    return "".join(lines).encode()


@pytest.mark.parametrize("name", ["itra", "utmb"])
def test_the_sheet_is_as_it_was(name: str, golden: Results) -> None:
    hold(f"{name}.tsv", told(FORMATS[name](golden)))


def test_the_header_is_that_of_the_template_from_a1_on_one_sheet(golden: Results) -> None:
    book = read(FORMATS["itra"](golden))
    assert len(book.worksheets) == 1
    assert [cell.value for cell in book.active[1]] == HEADER


def test_finishers_are_in_order_with_times_and_dates_that_excel_knows_and_a_tie_shares_its_place(golden: Results) -> None:
    rows = values(FORMATS["itra"](golden))[1:6]
    assert [row[0] for row in rows] == [1, 2, 2, 4, 5]
    assert [row[1] for row in rows] == [
        timedelta(hours=h, minutes=m, seconds=s) for h, m, s in ((4, 30, 15), *[(4, 45, 0)] * 2, (5, 0, 0), (6, 0, 0))
    ]
    assert rows[0][2:] == ["Žižkůvka", "Élodie", "F", datetime(1990, 2, 28), "FRA", 1, "Chaumièreville"]


def test_who_did_not_finish_is_a_dnf_without_a_time_and_who_did_not_start_or_is_still_racing_is_left_out(golden: Results) -> None:
    rows = {row[7]: row for row in values(FORMATS["itra"](golden))[6:]}
    assert set(rows) == {5, 6, 8, 9}
    assert all(row[0] == "DNF" and row[1] is None for row in rows.values())


def test_nationalities_are_codes_of_the_ioc_whatever_the_roster_has(golden: Results) -> None:
    codes = {row[7]: row[6] for row in values(FORMATS["itra"](golden))[1:]}
    assert codes[2] == "BUL"
    assert codes[4] == "UAE"
    assert codes[8] == "GER"
    assert codes[11] == "GBR"
    assert not codes[9]


def test_the_city_is_found_however_the_roster_writes_its_title(tmp_path: Path) -> None:
    day = race()
    other = RaceDay(day.event_toml, day.roster_csv.replace(",city,", ", City ,", 1), day.messages)
    content = FORMATS["itra"](results_of(journal_of(other, tmp_path / "race.db")))
    assert values(content)[1][8] == "Chaumièreville"


def test_a_name_that_is_a_formula_is_text_in_the_sheet(golden: Results) -> None:
    content = FORMATS["itra"](golden)
    cells = [cell for row in read(content).active.iter_rows() for cell in row if str(cell.value).startswith(("=", "@"))]
    assert len(cells) == 3
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_the_provenance_is_in_the_properties(golden: Results) -> None:
    book = read(FORMATS["itra"](golden))
    assert {prop.name: prop.value for prop in book.custom_doc_props.props} == golden.made()
    assert book.properties.title == "Golden Hill, Hill 30K"


def test_the_same_results_are_the_same_file(golden: Results) -> None:
    assert FORMATS["itra"](golden) == FORMATS["itra"](golden)


def test_columns_are_those_that_were_asked_for_under_their_own_titles(tmp_path: Path, tracker: Tracker) -> None:
    path = tmp_path / "race.xlsx"
    words = ("export", journal_of(race(), tmp_path / "race.db"), "--format", "utmb", "-o", path, "--columns")
    assert tracker(*words, "Rank, Time,Last name,First name,Sex,Date of birth,Country,Bib number,Team,Category").code == 0
    rows = values(path.read_bytes())
    assert rows[0] == ["Rank", "Time", "Last name", "First name", "Sex", "Date of birth", "Country", "Bib number", "Team", "Category"]
    assert rows[1][6:] == ["FRA", 1, "Club des Crêtes", "O19"]


def test_the_header_of_the_itra_s_page_for_organisers_is_taken_as_the_documentation_has_it(tmp_path: Path, tracker: Tracker) -> None:
    (titles,) = re.findall(r'--columns "(Ranking,[^"]+)"', (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8"))
    path = tmp_path / "race.xlsx"
    assert tracker("export", journal_of(race(), tmp_path / "race.db"), "--format", "itra", "-o", path, "--columns", titles).code == 0
    own = tmp_path / "own.xlsx"
    assert tracker("export", tmp_path / "race.db", "--format", "itra", "-o", own).code == 0
    rows, rows_of_template = values(path.read_bytes()), values(own.read_bytes())
    assert ",".join(rows[0]) == titles
    assert rows[1:] == rows_of_template[1:]


def test_a_column_that_nobody_knows_is_refused_before_anything_is_read(tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("export", tmp_path / "none.db", "--format", "itra", "--columns", "Ranking,Shoe size")
    assert said.code == 1
    assert said.err.startswith('tracker: --columns: "Shoe size" is not known; write Ranking, Time, Family Name')


def test_a_format_with_columns_of_its_own_takes_no_others(tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("export", tmp_path / "none.db", "--format", "csv", "--columns", "Ranking")
    assert said.code == 1
    assert "--format csv has columns of its own" in said.err


def test_bibs_are_numbers_unless_a_number_would_lose_something(golden: Results) -> None:
    row = next(rows(golden))
    cell = itra._CELLS["bib"]
    assert [cell(row._replace(bib=bib)) for bib in ("12", "012", "A12", "1" * 16, "١٢")] == [12, "012", "A12", "1" * 16, "١٢"]
