"""Start lists as spreadsheets write them."""

from datetime import date

import pytest

from tests.files.events import SOUND, event_of, with_categories
from tracker.core.course import Event
from tracker.core.roster import Entrant, EntryStatus, Paper, Shown
from tracker.files.roster import read_roster

EVENT = event_of(with_categories("O19 19-39", "O40 40-") + '\n[[race.wave]]\nid = "a"\nstart = 2022-06-25T08:00:00\n')


def entrant(text: str, event: Event = EVENT) -> Entrant:
    """The only entrant of a roster."""
    (only,) = read_roster(text, "roster.csv", event).entrants
    return only


def test_a_bib_and_a_race_are_enough() -> None:
    runner = entrant("bib,race\n0012,50k\n", event_of(SOUND))
    assert runner == Entrant(bib="0012", race="50k")
    assert runner.status is EntryStatus.CONFIRMED


def test_all_columns_in_any_order_with_semicolons_and_a_byte_order_mark() -> None:
    roster = read_roster(
        "\ufeffStatus;wave;index_100m;index_100k;index_50k;index_20k;index;club;country;category;birth_year;birthdate;sex;last_name;first_name;RACE;bib\r\n"
        'pending;a;501;502,5;;520;510.5;"Club; of the valley";ad;VIP;1980;1980-12-31;f;Puig;Anna;50k;M7\r\n',
        "roster.csv",
        EVENT,
    )
    assert roster.by_bib["M7"] == Entrant(
        bib="M7",
        race="50k",
        name="Anna Puig",
        first_name="Anna",
        last_name="Puig",
        sex="F",
        birth_year=1980,
        birthdate="1980-12-31",
        category="VIP",
        country="AD",
        club="Club; of the valley",
        index=510.5,
        category_index={"20k": 520.0, "100k": 502.5, "100m": 501.0},
        wave="a",
        status=EntryStatus.PENDING,
    )
    assert roster.columns[:3] == ("Status", "wave", "index_100m")


def test_columns_that_nobody_knows_are_kept_as_they_are() -> None:
    runner = entrant('bib,Shirt size,race,notes\n1, XL ,50k,"two\nlines"\n')
    assert runner.extra == {"Shirt size": " XL ", "notes": "two\nlines"}


def test_the_category_given_wins_over_the_computed_one() -> None:
    assert entrant("bib,race,birth_year,category\n1,50k,1982,\n").category == "O40"
    assert entrant("bib,race,birth_year,category\n1,50k,1982,O19\n").category == "O19"
    assert entrant("bib,race,birthdate\n1,50k,1983-01-01\n").category == "O19"
    assert entrant("bib,race\n1,50k\n").category is None


def test_a_name_column_wins_over_its_parts() -> None:
    assert entrant("bib,race,name,first_name,last_name\n1,50k,Nina,Anna,Puig\n").name == "Nina"


def test_names_are_cleaned_so_that_none_can_move_a_cursor() -> None:
    assert entrant("bib,race,name,club\n1,50k,\x1b[2J  A\u202ena \x00,\x9b31mRed\n").name == "[2J Ana"


def test_empty_lines_and_the_empty_columns_of_spreadsheets_are_passed_over() -> None:
    roster = read_roster("bib;race;;\r\n1;50k;;\r\n;;;\r\n\r\n2;50k;;\r\n", "roster.csv", EVENT)
    assert list(roster.by_bib) == ["1", "2"]
    assert roster.columns == ("bib", "race")


def test_an_index_of_0_is_how_exports_say_that_there_is_none() -> None:
    runner = entrant("bib,race,index,index_50k\n1,50k,0,0\n")
    assert (runner.index, runner.category_index) == (None, {})


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("", None),
        ("no", None),
        ("No", None),
        ("yes", Shown()),
        (" YES ", Shown()),
        ("2022-12-31", Shown(date(2022, 12, 31))),
        ("FAM-0441", Shown()),
        ("FFA 1234567", Shown()),
        ("12", Shown()),
        ("fam0441/2", Shown()),
    ],
)
def test_a_licence_is_shown_with_yes_its_last_day_or_its_number(cell: str, shown: Shown | None) -> None:
    for paper in (Paper.LICENCE, Paper.INSURANCE):
        assert entrant(f"bib,race,{paper.upper()}\n1,50k,{cell}\n").papers == ({} if shown is None else {paper: shown})


def test_what_was_shown_is_read_and_no_unknown_column_any_more() -> None:
    runner = entrant("bib,race,medical_certificate,accompanied_by,medical_note\n1,50k,2022-12-31,Ada Larch,asthma\n")
    assert runner.papers == {Paper.MEDICAL_CERTIFICATE: Shown(date(2022, 12, 31))}
    assert (runner.accompanied_by, runner.extra) == ("Ada Larch", {"medical_note": "asthma"})
    assert [entrant(f"bib,race,accompanied_by\n1,50k,{cell}\n").accompanied_by for cell in ("", "no", "yes", "212")] == [
        None,
        None,
        "yes",
        "212",
    ]
