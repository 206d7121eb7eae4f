"""A list of entries becomes a roster that the tracker takes, or says line by line why not."""

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.conftest import EVENT_TOML, Said, Tracker
from tracker.files.event import read_event
from tracker.files.roster import read_roster

GERMAN = """\
Meldeliste Hill Race;;;;;;;
;;;;;;;
Startnummer;Nachname;Vorname;Geschlecht;Geburtsdatum;Nation;Verein;T-Shirt
12;Beispiel;Anna;w;01.02.1990;AUT;SC Muster;M
0013;=1+1;Bernd;Herr;30.12.1985;GER;"SC ""Eins""; Zwei";L
"""


def made(tracker: Tracker, folder: Path, content: str | bytes, *words: object, name: str = "entries.csv") -> tuple[Said, Path]:
    (folder / "hill.toml").write_text(EVENT_TOML)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    out = folder / "roster.csv"
    return tracker("import", "roster", folder / name, "-o", out, "--event", folder / "hill.toml", *words), out


def test_a_list_becomes_a_roster_that_check_takes(tmp_path: Path, tracker: Tracker) -> None:
    said, out = made(tracker, tmp_path, GERMAN)
    assert said.code == 0, said.err
    assert 'bib = "Startnummer", first_name = "Vorname", last_name = "Nachname", sex = "Geschlecht"' in said.out
    checked = tracker("check", tmp_path / "hill.toml", "--roster", out)
    assert checked.code == 0, checked.err
    anna, bernd = read_roster(out.read_text(), "roster.csv", read_event(EVENT_TOML, "hill.toml")).entrants
    assert (anna.bib, anna.name, anna.sex, anna.birthdate, anna.country) == ("12", "Anna Beispiel", "F", "1990-02-01", "AUT")
    assert (bernd.bib, bernd.last_name, bernd.sex, bernd.club) == ("0013", "=1+1", "M", 'SC "Eins"; Zwei')
    assert bernd.extra == {"T-Shirt": "L"}


@pytest.mark.parametrize(
    "header",
    [
        "bib,first name,last name,gender,date of birth",
        "dossard,prénom,nom,sexe,date de naissance",
        "dorsal,nombre,apellidos,sexo,fecha de nacimiento",
        "pettorale,nome,cognome,sesso,data di nascita",
        "startnr,vorname,nachname,geschlecht,geburtsdatum",
    ],
)
def test_columns_are_found_in_five_languages(header: str, tmp_path: Path, tracker: Tracker) -> None:
    said, out = made(tracker, tmp_path, f"{header}\n7,Ada,Muster,F,1990-02-01\n")
    assert said.code == 0, said.err
    (ada,) = read_roster(out.read_text(), "roster.csv", read_event(EVENT_TOML, "hill.toml")).entrants
    assert (ada.bib, ada.first_name, ada.last_name, ada.sex, ada.birthdate) == ("7", "Ada", "Muster", "F", "1990-02-01")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",A,F,1990-01-01", 'line 3, column "bib": it is empty. Write the bib'),
        ("1,A,F,1990-01-01", 'line 3, column "bib": "1" stands in line 2 already'),
        ("7,A,q,1990-01-01", 'line 3: column "sex": "q" is no sex that is known. Write "M", "F" or "X"'),
        ("7,A,F,05/06/1985", 'line 3: column "dob": "05/06/1985" can be two days. Say --dates day-first or --dates month-first'),
        ("7,A,F,31.13.1985", 'line 3: column "dob": "31.13.1985" is on no calendar'),
        ("7,A,F,long ago", 'line 3: column "dob": "long ago" is no date'),
        ("7,A,F,1785-01-01", 'line 3, column "birthdate": 1785 makes a runner of 237 years'),
    ],
)
def test_each_fault_is_told_with_the_line_of_the_file_and_nothing_is_written(row: str, says: str, tmp_path: Path, tracker: Tracker) -> None:
    said, out = made(tracker, tmp_path, f"bib,name,sex,dob\n1,First,F,1990-01-01\n{row}\n")
    assert said.code == 1
    assert f"entries.csv: {says}" in said.err
    assert "2 entries, 1 fault; nothing was written" in said.out
    assert not out.exists()


@pytest.mark.parametrize(("order", "born"), [("day-first", "1985-06-05"), ("month-first", "1985-05-06")])
def test_which_is_the_day_is_said_and_not_guessed(order: str, born: str, tmp_path: Path, tracker: Tracker) -> None:
    said, out = made(tracker, tmp_path, "bib,name,dob\n1,First,05/06/1985\n", "--dates", order)
    assert said.code == 0, said.err
    assert f",{born}" in out.read_text()


def test_a_preview_writes_nothing(tmp_path: Path, tracker: Tracker) -> None:
    said, out = made(tracker, tmp_path, GERMAN, "--preview")
    assert said.code == 0
    assert "2 entries, 0 faults; nothing was written" in said.out
    assert not out.exists()


def test_a_workbook_with_days_and_numbers_as_it_has_them(tmp_path: Path, tracker: Tracker) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (
        ["Inscriptions", None],
        ["Dossard", "Nom", "Prénom", "Sexe", "Né(e) le", "Course"],
        [7, "示例", "李", "Homme", datetime(1992, 7, 15), "Hill 40K"],
    ):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    said, out = made(tracker, tmp_path, (tmp_path / "b.xlsx").read_bytes(), name="entries.xlsx")
    assert said.code == 0, said.err
    (one,) = read_roster(out.read_text(), "roster.csv", read_event(EVENT_TOML, "hill.toml")).entrants
    assert (one.bib, one.race, one.name, one.sex, one.birthdate) == ("7", "40k", "李 示例", "M", "1992-07-15")


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        ("what,ever\n1,2\n", (), "there is no row with column names"),
        ("name,sex\nA,F\n", (), "no column is the bib. Say which"),
        ("bib,name\n1,A\n", ("--map", "sex=Q"), 'there is no column "Q"'),
        ("bib,name\n1,A\n", ("--race", "90k"), '"90k" is no race of the event'),
        ("bib,race,name\n1,90k,A\n", (), 'line 2: column "race": "90k" is no race of the event. The races are 40k'),
        ("", (), "there is no row with column names"),
    ],
)
def test_a_list_that_is_none_is_refused(content: str, words: tuple[str, ...], says: str, tmp_path: Path, tracker: Tracker) -> None:
    said, out = made(tracker, tmp_path, content, *words)
    assert said.code == 1
    assert says in said.err
    assert not out.exists()


def test_hostile_names_stay_text(tmp_path: Path, tracker: Tracker) -> None:
    names = ["=1+1", "<b>x</b>", "\u202eevil", "a\x00b", "x" * 10_000, "🏃"]
    rows = "".join(f'{n},"{name}"\n' for n, name in enumerate(names, 1))
    said, out = made(tracker, tmp_path, "bib,name\n" + rows)
    assert said.code == 0, said.err
    entrants = read_roster(out.read_text(), "roster.csv", read_event(EVENT_TOML, "hill.toml")).entrants
    assert [entrant.name for entrant in entrants] == ["=1+1", "<b>x</b>", "evil", "ab", "x" * 80, "🏃"]
