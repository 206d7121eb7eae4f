"""Start lists that cannot be used, each with the whole text of its error; and what is only odd about an entrant."""

import pytest

from tests.files.events import SOUND, event_of, with_categories, with_race_keys
from tracker.files.check import check_roster
from tracker.files.finding import Severity
from tracker.files.roster import RosterError, read_roster

EVENT = event_of(SOUND)


def error_of(text: str) -> str:
    """The whole error of a roster that cannot be used."""
    with pytest.raises(RosterError) as error:
        read_roster(text, "roster.csv", EVENT)
    assert [finding.severity for finding in error.value.faults] == [Severity.FAULT] * len(error.value.faults)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", "roster.csv: line 1: there is no header. Write the column names first: bib,race,name,sex,….", id="empty"),
        pytest.param(
            "Bibs,race\n1,50k\n",
            'roster.csv: line 1: the column "bib" is missing. Rename "bibs" to "bib".',
            id="bib misspelt",
        ),
        pytest.param(
            "bib,name\n1,Anna\n",
            'roster.csv: line 1: the column "race" is missing. Add it; the columns found are bib, name.',
            id="no race",
        ),
        pytest.param(
            "bib,race,sex,Sex\n", 'roster.csv: line 1: the column "sex" stands twice. Take one out, or rename it.', id="column twice"
        ),
        pytest.param("bib,,race\n", "roster.csv: line 1: column 2 has no name. Name it, or take it out.", id="column without a name"),
        pytest.param(
            'bib,race,name\n1,50k,"Anna\n2,50k,Pau\n',
            "roster.csv: line 2: this is no CSV: unexpected end of data. Close every quote, and double the quotes inside a text.",
            id="open quote",
        ),
        pytest.param(
            "bib,race,name\n1,50k,Puig, Anna\n2,50k\n",
            "roster.csv: line 2: there are 4 cells, and the header has 3. "
            "Put texts with the separator or a line break in quotes, and write every separator.\n"
            "roster.csv: line 3: there are 2 cells, and the header has 3. "
            "Put texts with the separator or a line break in quotes, and write every separator.",
            id="cells",
        ),
        pytest.param(
            'bib,race,name\n1,50k,"two\nlines"\n1,50k,Pau\n',
            'roster.csv: line 4, column "bib": "1" stands in line 2 already. Give each entrant of the event a bib of their own.',
            id="bib twice",
        ),
        pytest.param(
            "bib,race\n,50k\n123456789012345678901,50k\n",
            'roster.csv: line 2, column "bib": it is empty. Write the bib as it is on the runner\'s number.\n'
            'roster.csv: line 3, column "bib": "123456789012345678901" has more than 20 characters. '
            "Write the bib as it is on the runner's number.",
            id="bib",
        ),
        pytest.param(
            "bib,race\n1,100k\n2,\n",
            'roster.csv: line 2, column "race": "100k" is no race of trail. Write "50k".\n'
            'roster.csv: line 3, column "race": it is empty. Write "50k".',
            id="race",
        ),
        pytest.param(
            "bib,race,wave\n1,50k,a\n",
            'roster.csv: line 2, column "wave": "a" is no wave of race "50k". Leave it empty, or add the [[race.wave]] to the event file.',
            id="wave",
        ),
        pytest.param(
            "bib,race,sex\n1,50k,W\n2,50k,?\n",
            'roster.csv: line 2, column "sex": "W" is not known. Write "F".\n'
            'roster.csv: line 3, column "sex": "?" is not known. Write "M", "F" or "X", or leave it empty.',
            id="sex",
        ),
        pytest.param(
            "bib,race,birthdate\n1,50k,31/05/1985\n2,50k,1985-02-30\n3,50k,2085-01-01\n",
            'roster.csv: line 2, column "birthdate": "31/05/1985" is no date. Write it as year-month-day, for example 1985-05-31.\n'
            'roster.csv: line 3, column "birthdate": "1985-02-30" is on no calendar. Correct the month or the day.\n'
            'roster.csv: line 4, column "birthdate": 2085 makes a runner of -63 years. Write a year from 1912 to 2022.',
            id="birthdate",
        ),
        pytest.param(
            "bib,race,birth_year,birthdate\n1,50k,85,\n2,50k,1890,\n3,50k,1985,1986-01-01\n",
            'roster.csv: line 2, column "birth_year": "85" is no year. Write four digits, for example 1985.\n'
            'roster.csv: line 3, column "birth_year": 1890 makes a runner of 132 years. Write a year from 1912 to 2022.\n'
            'roster.csv: line 4, column "birth_year": 1985 is not the year of the birthdate 1986-01-01. '
            "Correct one of them, or take it out.",
            id="birth year",
        ),
        pytest.param(
            "bib,race,index,index_50k\n1,50k,good,nan\n2,50k,8500,\n",
            'roster.csv: line 2, column "index_50k": "nan" is no index. Write a number such as 652, or leave it empty.\n'
            'roster.csv: line 2, column "index": "good" is no index. Write a number such as 652, or leave it empty.\n'
            'roster.csv: line 3, column "index": 8500 is over any index there is. Correct it, or leave it empty.',
            id="index",
        ),
        pytest.param(
            "bib,race,status\n1,50k,paid\n",
            'roster.csv: line 2, column "status": "paid" is not known. Write "confirmed", "pending" or "dns", or leave it empty.',
            id="status",
        ),
        pytest.param(
            "bib,race,medical_certificate\n1,50k,31/12/2022\n2,50k,2022-02-30\n3,50k,4711\n4,50k,x\n",
            'roster.csv: line 2, column "medical_certificate": "31/12/2022" is no date. '
            "Write it as year-month-day, for example 2022-12-31.\n"
            'roster.csv: line 3, column "medical_certificate": "2022-02-30" is on no calendar. Correct the month or the day.\n'
            'roster.csv: line 4, column "medical_certificate": "4711" is not known. '
            'Write "yes" or "no", the last day on which it is valid (2022-12-31), or leave it empty.\n'
            'roster.csv: line 5, column "medical_certificate": "x" is not known. '
            'Write "yes" or "no", the last day on which it is valid (2022-12-31), or leave it empty.',
            id="medical certificate",
        ),
        pytest.param(
            "bib,race,licence,insurance\n1,50k,0,expired 2021\n2,50k,12.5.22,\n",
            'roster.csv: line 2, column "licence": "0" is not known. '
            'Write "yes" or "no", the last day on which it is valid (2022-12-31), or its number, or leave it empty.\n'
            'roster.csv: line 2, column "insurance": "expired 2021" is not known. '
            'Write "yes" or "no", the last day on which it is valid (2022-12-31), or its number, or leave it empty.\n'
            'roster.csv: line 3, column "licence": "12.5.22" is no date. Write it as year-month-day, for example 2022-12-31.',
            id="licence and insurance",
        ),
        pytest.param(
            "bib,race,accompanied_by\n7,50k,7\n",
            'roster.csv: line 2, column "accompanied_by": "7" is the entrant\'s own bib. '
            "Write the bib or the name of the adult, or leave it empty.",
            id="accompanied by oneself",
        ),
    ],
)
def test_a_broken_roster_says_the_line_the_column_and_what_to_do(text: str, error: str) -> None:
    assert error_of(text) == error


def test_check_says_a_rosters_faults_and_then_no_doubts() -> None:
    findings = check_roster(EVENT, "bib,race\n1,100k\n", "roster.csv")
    assert [str(finding) for finding in findings] == ['roster.csv: line 2, column "race": "100k" is no race of trail. Write "50k".']


@pytest.mark.parametrize(
    ("event", "roster", "doubt"),
    [
        pytest.param(SOUND, "bib,race\n", "roster.csv: there is no entrant. Add a line for each, or give the right file.", id="nobody"),
        pytest.param(
            with_race_keys("max_birth_year = 2002"),
            "bib,race,birth_year\n1,50k,2002\n2,50k,2003\n",
            'roster.csv: line 3, bib 2: born in 2003, and race "50k" is for those born in 2002 or earlier. '
            "Correct the birth, move the entrant to another race, or let the director decide.",
            id="born too late",
        ),
        pytest.param(
            with_race_keys("min_age = 18"),
            "bib,race,birthdate\n1,50k,2004-12-31\n2,50k,2005-01-01\n",
            'roster.csv: line 3, bib 2: 17 years in 2022, and race "50k" is for 18 and over. '
            "Correct the birth, move the entrant to another race, or let the director decide.",
            id="too young",
        ),
        pytest.param(
            with_race_keys("accompanied_under_age = 14"),
            "bib,race,birth_year,accompanied_by\n1,50k,2007,\n2,50k,2009,no\n3,50k,2009,Ada Larch\n",
            'roster.csv: race "50k": adult to go along pending for 1 runner (bib 2). '
            'Write the bib or the name of the adult in the column "accompanied_by".',
            id="a child",
        ),
        pytest.param(
            with_race_keys('requires = ["medical_certificate"]'),
            "bib,race,medical_certificate,status\n"
            + "".join(f"{bib},50k,,confirmed\n" for bib in range(1, 8))
            + "8,50k,yes,\n9,50k,no,dns\n",
            'roster.csv: race "50k": medical certificate pending for 7 runners (bibs 1, 2, 3, 4, 5 and 2 more). '
            'Once it is shown, write "yes" or its last day in the column "medical_certificate".',
            id="no medical certificate",
        ),
        pytest.param(
            with_race_keys('requires = ["licence_or_insurance"]'),
            "bib,race,licence,insurance\n1,50k,FAM-0441,\n2,50k,,2022-06-25\n3,50k,2022-06-24,no\n",
            'roster.csv: race "50k": licence or insurance pending for 1 runner (bib 3). '
            'Once either is shown, write its number, "yes" or its last day in the column "licence" or "insurance".',
            id="licence that has ended",
        ),
        pytest.param(
            with_race_keys("min_age = 18"),
            "bib,race,birth_year\n1,50k,1985\n2,50k,\n",
            'roster.csv: race "50k": date of birth pending for 1 runner (bib 2). '
            'Write it in the column "birthdate", or where the year is enough, in "birth_year".',
            id="unknown birth",
        ),
        pytest.param(
            with_race_keys("accompanied_under_age = 14"),
            "bib,race,birth_year\n1,50k,1985\n2,50k,2008\n",
            'roster.csv: race "50k": date of birth pending for 1 runner (bib 2). '
            'Write it in the column "birthdate", or where the year is enough, in "birth_year".',
            id="13 or 14 by the year",
        ),
        pytest.param(
            SOUND,
            "bib,race,index,index_50k\n1,50k,65,\n2,50k,650,\n3,50k,640,64\n4,50k,150,150\n5,50k,0,\n",
            'roster.csv: race "50k": the index of 2 runners is under 150 (bibs 1, 3). '
            "Correct it (65 for 650 makes the estimated scores unsure), or leave it empty.",
            id="65 for 650",
        ),
        pytest.param(
            SOUND,
            "bib,race,index,index_50k\n1,50k,,650\n2,50k,650,\n3,50k,,\n",
            'roster.csv: race "50k": of bib 1 no general index is given. '
            "Give the general one, or that of the race's series_category in the event file: scores are estimated from no other.",
            id="an index in a category that the race does not state",
        ),
        pytest.param(
            with_race_keys('series_category = "50K"'),
            "bib,race,index,index_50k,index_100k\n1,50k,,650,\n2,50k,,,650\n",
            'roster.csv: race "50k": the index of bib 2 is in other categories alone. '
            "Give the general one, or that of the race's series_category in the event file: scores are estimated from no other.",
            id="an index in another category",
        ),
        *(
            pytest.param(
                with_race_keys("accompanied_under_age = 14"),
                f"bib,race,birth_year,status,accompanied_by\n1,50k,2010,,{bib}\n2,50k,1980,,\n3,50k,1980,dns,\n4,50k,2005,,\n5,50k,2010,,2\n",
                f'roster.csv: line 2, bib 1, column "accompanied_by": bib {bib} {what}, and cannot go along. '
                "Write the bib or the name of an adult who does.",
                id=f"accompanied by {what}",
            )
            for bib, what in [(3, "does not start"), (4, "is 17 years old"), (77, "is nobody")]
        ),
        pytest.param(
            with_categories("Open"),
            "bib,race,category\n" + "".join(f"{bib},50k,M60\n" for bib in range(1, 8)),
            'roster.csv: race "50k": category "M60" is not in the event file (bibs 1, 2, 3, 4, 5 and 2 more). '
            "It counts as given; correct it, or add the [[race.category]].",
            id="unknown category",
        ),
        pytest.param(
            with_categories("O40 40-"),
            "bib,race,birth_year\n1,50k,1980\n2,50k,\n",
            'roster.csv: race "50k": no category fits bib 2. Give the year of birth and the sex, or the category.',
            id="no category",
        ),
        pytest.param(
            SOUND + '[[race.wave]]\nid = "a"\nstart = 2022-06-25T08:00:00\n',
            "bib,race,wave\n1,50k,a\n2,50k,\n3,50k,\n",
            'roster.csv: race "50k": no wave is given for bibs 2, 3. Give the wave, or they start with the race.',
            id="no wave",
        ),
        pytest.param(
            SOUND,
            "bib,race,name,birth_year\n1,50k,Anna Puig,1980\n2,50k,anna puig,1980\n3,50k,Anna Puig,1981\n",
            'roster.csv: line 3, bib 2: the same name and birth in race "50k" as in line 2. Take one out, if it is one person.',
            id="one person twice",
        ),
    ],
)
def test_an_odd_entrant_is_a_doubt_and_may_start(event: str, roster: str, doubt: str) -> None:
    findings = check_roster(event_of(event), roster, "roster.csv")
    assert [(finding.severity, str(finding)) for finding in findings] == [(Severity.DOUBT, doubt)]
    read_roster(roster, "roster.csv", event_of(event))
