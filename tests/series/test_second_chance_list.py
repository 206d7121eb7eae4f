"""Second-chance lists, and the whole text of the error of one that cannot be used."""

from dataclasses import replace

import pytest

from tests.core.builders import entrant
from tests.series.builders import RULES
from tracker.core.roster import Roster
from tracker.files.second_chance import SecondChanceError, read_second_chance
from tracker.series.qualification import Chance

ROSTER = Roster((entrant("1"), entrant("2")))


def test_a_list_names_runners_finals_years_and_places() -> None:
    text = "\ufeffPlace;bib;final;year;name\n7;1;CCC;2023;Ada\n\n51;1;UTMB;2023;Ada\n"
    assert read_second_chance(text, "l.csv", ROSTER, RULES) == (Chance("1", "CCC", 2023, 7), Chance("1", "UTMB", 2023, 51))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", "l.csv: line 1: there is no header. Write the column names first: bib,final,year,place.", id="empty"),
        pytest.param(
            "bib,final,rank\n",
            'l.csv: line 1: the column "year" is missing. Add it; the columns found are bib, final, rank.\n'
            'l.csv: line 1: the column "place" is missing. Add it; the columns found are bib, final, rank.',
            id="columns",
        ),
        pytest.param(
            'bib,final,year,place\n1,CCC,2023,"7\n',
            "l.csv: line 2: this is no CSV: unexpected end of data. Close every quote, and double the quotes inside a text.",
            id="open quote",
        ),
        pytest.param(
            "bib,final,year,place\n1,CCC,2023,7,8\n",
            "l.csv: line 2: there are 5 cells, and the header has 4. Take out what is too much.",
            id="cells",
        ),
        pytest.param(
            "bib,final,year,place\n9,CCC,2023,7\n,CCC,2023,8\n",
            'l.csv: line 2, column "bib": "9" is no entrant. Write the bib as in the roster.\n'
            'l.csv: line 3, column "bib": it is empty. Write the bib as in the roster.',
            id="bib",
        ),
        pytest.param(
            "bib,final,year,place\n1,MCC,23,0\n2\n",
            'l.csv: line 2, column "final": "MCC" is no final. Write "OCC", "CCC" or "UTMB".\n'
            'l.csv: line 2, column "year": "23" is no year. Write a number from 1900 to 2999.\n'
            'l.csv: line 2, column "place": "0" is no place. Write a number from 1 to 99999.\n'
            'l.csv: line 3, column "final": it is empty. Write "OCC", "CCC" or "UTMB".\n'
            'l.csv: line 3, column "year": it is empty. Write a number from 1900 to 2999.\n'
            'l.csv: line 3, column "place": it is empty. Write a number from 1 to 99999.',
            id="final, year and place",
        ),
        pytest.param(
            "bib,final,year,place\n1,CCC,2023,7\n1,CCC,2022,8\n1,CCC,2023,9\n",
            "l.csv: line 4: bib 1 and the CCC of 2023 stand in line 2 already. Take one out.",
            id="twice",
        ),
    ],
)
def test_a_list_that_cannot_be_used_says_the_line_the_column_and_what_to_do(text: str, error: str) -> None:
    with pytest.raises(SecondChanceError) as raised:
        read_second_chance(text, "l.csv", ROSTER, RULES)
    assert str(raised.value) == error


def test_where_the_series_file_has_no_final_every_line_of_a_list_is_at_fault() -> None:
    rules = replace(RULES, categories=tuple(replace(one, final=None) for one in RULES.categories))
    with pytest.raises(SecondChanceError) as error:
        read_second_chance("bib,final,year,place\n1,CCC,2023,7\n", "l.csv", ROSTER, rules)
    assert str(error.value) == (
        'l.csv: line 2, column "final": "CCC" is no final. The series file has no final: add it to its [[category]].'
    )
