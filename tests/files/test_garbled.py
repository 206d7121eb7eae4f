"""Files that were cut, mixed up or are something else: findings come out, never an exception."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.events import FINISH, HEAD, MIDDLE, RACE, SOUND, START, at_refuge, event_of, with_categories, with_race_keys
from tracker.files.check import check_event, check_roster
from tracker.files.event import CourseError, read_event
from tracker.files.finding import Finding, Severity

EVENT = event_of(SOUND)
LINES = [*SOUND.splitlines()[:12], 'requires = ["licence_or_insurance"]', *with_categories("O19 19-39", "O40 40-").splitlines()[12:]]
ROSTER = (
    "bib,race,name,sex,birthdate,index,medical_certificate,licence,accompanied_by\n"
    '1,50k,"Anna ""A"" Puig",F,1980-02-29,652,2022-12-31,FAM-0441,\n2,50k,Pau,M,2012-01-01,,yes,no,1\n'
)
VALUES = [
    "-1",
    "1e400",
    "nan",
    "inf",
    "0",
    "true",
    '""',
    '"é\u202e"',
    "[]",
    '["medical_certificate", [1], {}]',
    "{}",
    "2022-06-25",
    "08:00:00",
    "9999-12-31T23:59:59Z",
    '"8h"',
    "0xfff",
]
PRINTED_PIECES = [
    *("0", "25", "93,5", "2022", "9" * 400, "\u0663", ":", "/", ".", "-", "+", " ", "h", "m", "km", "k", "mi"),
    *("june ", "Saturday ", "mar", "Start + ", "de ", "24:00", "14h30", "2022-06-25", "99:99", "31/31/2022"),
]


def assert_drawable(findings: list[Finding]) -> None:
    """Each finding is one line that a terminal can be given."""
    for finding in findings:
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in str(finding))


def is_a_finding_for_the_person(text: str) -> None:
    """Whatever is in the file, `check` says it in lines, and the reader agrees with it on whether the file can be used."""
    findings = check_event(text, "trail.toml")
    assert_drawable(findings)
    faults = [finding for finding in findings if finding.severity is Severity.FAULT]
    if faults:
        with pytest.raises(CourseError) as error:
            read_event(text, "trail.toml")
        assert list(error.value.faults) == faults
    else:
        read_event(text, "trail.toml")


@given(st.integers(0, len(SOUND)), st.integers(0, 60), st.text(max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_file_with_a_piece_torn_out_is_read_or_refused(at: int, length: int, instead: str) -> None:
    is_a_finding_for_the_person(SOUND[:at] + instead + SOUND[at + length :])


@given(st.integers(0, len(LINES) - 1), st.sampled_from(VALUES))
@settings(max_examples=150, deadline=None)
def test_a_file_with_any_value_at_any_key_is_read_or_refused(line: int, value: str) -> None:
    key, equals, _ = LINES[line].partition(" = ")
    lines = [*LINES[:line], f"{key} = {value}" if equals else LINES[line], *LINES[line + 1 :]]
    is_a_finding_for_the_person("\n".join(lines))


@given(st.lists(st.sampled_from(PRINTED_PIECES), max_size=6), st.sampled_from(["printed", "printed_distance"]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_printed_is_read_or_said_to_say_nothing(pieces: list[str], key: str) -> None:
    row = f'{key} = "{"".join(pieces)} "'
    is_a_finding_for_the_person(at_refuge(row) if key == "printed" else with_race_keys(row))


@given(st.permutations([RACE, START, MIDDLE, FINISH]))
@settings(deadline=None)
def test_a_file_with_its_tables_mixed_up_is_read_or_refused(tables: list[str]) -> None:
    is_a_finding_for_the_person(HEAD + "".join(tables))


@given(st.integers(0, len(ROSTER)), st.integers(0, 30), st.text(max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_roster_with_a_piece_torn_out_is_read_or_refused(at: int, length: int, instead: str) -> None:
    text = ROSTER[:at] + instead + ROSTER[at + length :]
    assert_drawable(check_roster(EVENT, text, "roster.csv"))


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_at_all_is_refused_as_an_event_file(text: str) -> None:
    with pytest.raises(CourseError):
        read_event(text, "trail.toml")


def test_a_roster_given_as_an_event_file_is_refused_in_one_line() -> None:
    with pytest.raises(CourseError) as error:
        read_event(ROSTER, "roster.csv")
    assert "\n" not in str(error.value)


def test_every_shipped_course_is_cut_anywhere_without_an_exception() -> None:
    for path in (Path(__file__).parents[2] / "courses").glob("*.toml"):
        text = path.read_text()
        for end in range(0, len(text), 251):
            is_a_finding_for_the_person(text[:end])
