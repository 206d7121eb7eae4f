"""Lists of past scores, and the whole text of the error of one that cannot be used."""

from datetime import date

import pytest

from tests.series.builders import RULES
from tracker.files.scores import ScoresError, read_scores
from tracker.series.index import Scored

LAST = date(2024, 6, 1)


def test_a_list_names_runners_days_categories_and_scores() -> None:
    lines = ["652;1;2023-06-24;50K;Hill", "", "701,5;2;2024-06-01;100m;", ";1;2023-08-31;100K;Storm", "0;1;2023-09-01;20K"]
    text = "\ufeffScore;BIB;Date;category;race\n" + "\n".join(lines)
    assert read_scores(text, "s.csv", RULES, LAST) == {
        "1": [Scored(date(2023, 6, 24), "50K", 652), Scored(date(2023, 8, 31), "100K", None), Scored(date(2023, 9, 1), "20K", None)],
        "2": [Scored(date(2024, 6, 1), "100M", 701.5)],
    }


def test_a_list_without_a_line_has_nobody() -> None:
    assert read_scores("bib,date,category,score\n", "s.csv", RULES, LAST) == {}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", "s.csv: line 1: there is no header. Write the column names first: bib,date,category,score.", id="empty"),
        pytest.param(
            "bib,dates,category\n",
            's.csv: line 1: the column "date" is missing. Rename "dates" to "date".\n'
            's.csv: line 1: the column "score" is missing. Add it; the columns found are bib, dates, category.',
            id="columns",
        ),
        pytest.param(
            "bib,date,category,score,Score\n",
            's.csv: line 1: the column "score" stands twice. Take one out, or rename it.',
            id="a column twice",
        ),
        pytest.param(
            'bib,date,category,score\n1,2023-06-24,50K,"652\n',
            "s.csv: line 2: this is no CSV: unexpected end of data. Close every quote, and double the quotes inside a text.",
            id="open quote",
        ),
        pytest.param(
            "bib,date,category,score\n1,2023-06-24,50K,701,5\n",
            "s.csv: line 2: there are 5 cells, and the header has 4. Take out what is too much.",
            id="cells",
        ),
        pytest.param(
            f"bib,date,category,score\n,2023-06-24,50K,652\n{'1' * 21},2023-06-24,50K,652\n9,2023-06-24,50K,652\n",
            's.csv: line 2, column "bib": it is empty. Write the bib as in the roster.\n'
            f's.csv: line 3, column "bib": "{"1" * 21}" has more than 20 characters. Write the bib as in the roster.\n'
            's.csv: line 4, column "bib": "9" is no entrant. Write the bib as in the roster.',
            id="bib",
        ),
        pytest.param(
            "bib,date,category,score\n1,,50K,652\n1,24.6.2023,50K,652\n1,2023-02-29,50K,652\n1,0203-06-24,50K,652\n",
            's.csv: line 2, column "date": it is empty. Write the day of the race, for example 2023-06-24.\n'
            's.csv: line 3, column "date": "24.6.2023" is no date. Write it as year-month-day, for example 2023-06-24.\n'
            's.csv: line 4, column "date": "2023-02-29" is on no calendar. Correct the month or the day.\n'
            's.csv: line 5, column "date": 0203 is no year of a score. Correct the year.',
            id="date",
        ),
        pytest.param(
            "bib,date,category,score\n1,2024-06-02,50K,652\n",
            's.csv: line 2, column "date": 2024-06-02 is still to come (the last day that can have scores is 2024-06-01). '
            "Correct it, or take the line out.",
            id="a day to come",
        ),
        pytest.param(
            "bib,date,category,score\n1,2023-06-24,,652\n1,2023-06-24,50 km,652\n",
            's.csv: line 2, column "category": it is empty. Write "20K", "50K", "100K" or "100M".\n'
            's.csv: line 3, column "category": "50 km" is no category. Write "20K", "50K", "100K" or "100M".',
            id="category",
        ),
        pytest.param(
            "bib,date,category,score\n1,2023-06-24,50K,-1\n1,2023-06-25,50K,DNF\n1,2023-06-26,50K,1100.5\n1,2023-06-27,50K,1100\n",
            's.csv: line 2, column "score": "-1" is no score. Write a number such as 652, or leave it empty.\n'
            's.csv: line 3, column "score": "DNF" is no score. Write a number such as 652, or leave it empty.\n'
            's.csv: line 4, column "score": 1100.5 is over any score there is. Correct it, or leave it empty.',
            id="score",
        ),
        pytest.param(
            "bib,date,category,score\n1,2023-06-24,50K,652\n1,2023-06-24,100K,\n2,2023-06-24,50K,652\n1,2023-06-24,50k,660\n",
            "s.csv: line 5: bib 1 and a 50K of 2023-06-24 stand in line 2 already. Take one out.",
            id="twice",
        ),
    ],
)
def test_a_list_that_cannot_be_used_says_the_line_the_column_and_what_to_do(text: str, error: str) -> None:
    with pytest.raises(ScoresError) as raised:
        read_scores(text, "s.csv", RULES, LAST, {"1", "2", "1" * 21})
    assert str(raised.value) == error
