"""`tracker export --check`: every row that a receiver would refuse, and nothing written."""

from pathlib import Path

import pytest

from tests.conftest import RaceDay, Tracker
from tests.export.golden import hold, journal_of, race, results_of
from tests.test_golden_races import feed
from tracker.export import FORMATS, REFUSED
from tracker.export.receivers import is_latin, rows
from tracker.export.results import Results

EVERY_STATUS = Path(__file__).parents[1] / "races" / "every-status"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of(race(), tmp_path / "race.db")


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_each_receiver_would_refuse_of_the_golden_race_is_as_it_was(name: str, journal: Path, tracker: Tracker) -> None:
    said = tracker("export", journal, "--format", name, "--check")
    assert said.code == 1
    hold(f"check-{name}.txt", said.out.encode())


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_dry_run_writes_nothing_whatever_the_format(name: str, journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    out = tmp_path / "out"
    said = tracker("export", journal, "--format", name, "--check", "-o", out)
    assert not out.exists()
    assert said.code == (1 if name in REFUSED else 0)
    assert said.out.splitlines()[-1].startswith(f"{name}: ")
    if name not in REFUSED:
        assert said.out == f"{name}: nothing would be refused in 30k\n"


def test_a_race_whose_rows_are_whole_passes(tmp_path: Path, tracker: Tracker) -> None:
    day = race()
    lines = day.roster_csv.splitlines()
    whole = RaceDay(day.event_toml, "\n".join([*lines[:2], lines[7], lines[8]]), day.messages)
    path = journal_of(whole, tmp_path / "whole.db")
    for name in REFUSED:
        said = tracker("export", path, "--format", name, "--check")
        assert (said.code, said.out) == (0, f"{name}: nothing would be refused in 30k\n")


def test_a_spoilt_row_is_named_with_what_to_write(tmp_path: Path, tracker: Tracker) -> None:
    day = race()
    roster = day.roster_csv.splitlines()[0] + "\n01,30k,,Ann,Sample,F,1990-01-01,O19,RE,,,,\n1,30k,,Bea,Sample,F,,O19,,,,,\n"
    said = tracker("export", journal_of(RaceDay(day.event_toml, roster, day.messages), tmp_path / "race.db"), "--format", "itra", "--check")
    assert said.out.splitlines() == [
        "bib 1 Bea Sample: birth date is missing; write the roster's column birthdate, for example 1985-05-31",
        'bib 1 Bea Sample: nationality is missing; write a code of the IOC ("FRA") or of ISO 3166 ("FR") in the roster\'s column country',
        "itra: 2 faults of 1 runner in 30k would be refused",
    ]


def test_what_is_written_although_something_would_be_refused_says_so(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("export", journal, "--format", "runsignup", "-o", tmp_path / "out.csv")
    assert said.code == 0
    assert said.err == "runsignup: 3 faults of 3 runners in 30k would be refused; --check says which, and what to do\n"


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_receiver_takes_one_race_a_file(name: str, tmp_path: Path, tracker: Tracker) -> None:
    feed(EVERY_STATUS, "messages.jsonl", tmp_path, tracker)
    said = tracker("export", tmp_path / "race.db", "--format", name)
    assert said.code == 1
    assert said.err == f'tracker: --format {name} is one race a file; give --race too: "long" or "short"\n'
    assert tracker("export", tmp_path / "race.db", "--format", name, "--race", "short", "-o", tmp_path / "out").code == 0
    with pytest.raises(ValueError, match="one race a file, not 2"):
        FORMATS[name](results_of(tmp_path / "race.db", "long", "short"))


def test_a_dry_run_of_several_races_says_of_which_each_row_is(tmp_path: Path, tracker: Tracker) -> None:
    feed(EVERY_STATUS, "messages.jsonl", tmp_path, tracker)
    lines = tracker("export", tmp_path / "race.db", "--format", "runsignup", "--check").out.splitlines()
    assert 'race short, bib S1 Chip Time: name "Chip Time" is not split; write first_name and last_name in the roster' in lines
    assert lines[-1].endswith("in long and short would be refused")


def test_a_bib_that_a_spreadsheet_takes_for_another_is_refused(tmp_path: Path, tracker: Tracker) -> None:
    day = race()
    roster = day.roster_csv + "01,30k,,Ann,Sample,F,1990-01-01,O19,FRA,,,,\n"
    said = [fact for fact in day.messages if b'"bib":"1"' in fact[1]]
    again = [(topic, payload.replace(b'"bib":"1"', b'"bib":"01"').replace(b"golden-", b"again-")) for topic, payload in said]
    path = journal_of(RaceDay(day.event_toml, roster, [*day.messages, *again]), tmp_path / "race.db")
    lines = tracker("export", path, "--format", "itra", "--check").out.splitlines()
    assert 'bib 01 Ann Sample: the receiver takes the bib for "1" of another runner; give one of them another bib' in lines


@pytest.mark.parametrize(
    "name", ["Žižkůvka", "Ångström-Øre", "O'Neil", "D’Exemple", "Gal·la", "Kaʻula", "Nguyễn", "St. Exemplar", "Weiß", "e\u0301a"]
)
def test_latin_letters_with_any_accents_pass(name: str, golden: Results) -> None:
    assert not list(is_latin(next(rows(golden))._replace(first_name=name, last_name=name)))


@pytest.mark.parametrize("name", ["Пример", "示例", "مثال", "Ｊｏｈｎ", "Ann 2", "=1+1", "Аnn", "🏃", "Ann\u2028"])
def test_other_letters_and_signs_do_not_pass_even_if_they_look_alike(name: str, golden: Results) -> None:
    row = next(rows(golden))._replace(first_name="Ann", last_name=name)
    ((what, do),) = is_latin(row)
    assert what.startswith(f'last name "{name}" has "')
    assert do
