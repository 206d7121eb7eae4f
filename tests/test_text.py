"""Names as people type them, made safe for a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.text import clean_text, count


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Anna   Puig ", "Anna Puig"),
        ("Anna\tPuig\r\n", "Anna Puig"),
        ("\x1b[31mRed\x1b[0m", "[31mRed[0m"),
        ("a\x00b\x9bc", "abc"),
        ("right\u202eto left", "rightto left"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("e\u0301lan", "\u00e9lan"),
        ("line\u2028two", "line two"),
        ("half \ud83d", "half"),
        ("\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f3f3\U0001f308"),
        ("[/nope]", "[/nope]"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_letters_and_loses_what_moves_a_cursor(typed: str, shown: str) -> None:
    assert clean_text(typed) == shown


def test_a_name_is_cut_at_its_limit_without_a_space_at_the_end() -> None:
    assert clean_text("x" * 200) == "x" * 80
    assert clean_text("abc def", limit=4) == "abc"


@given(st.text(st.characters(), max_size=120), st.integers(1, 90))
def test_what_is_clean_is_safe_short_and_stays_as_it_is(text: str, limit: int) -> None:
    clean = clean_text(text, limit)
    assert len(clean) <= limit
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in clean)
    assert clean_text(clean, limit) == clean


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("fact",), "0 facts"),
        (1, ("fact",), "1 fact"),
        (58_763, ("fact",), "58,763 facts"),
        (1, ("match", "matches"), "1 match"),
        (2, ("match", "matches"), "2 matches"),
    ],
)
def test_a_count_is_said_in_words(number: int, words: tuple[str, ...], said: str) -> None:
    assert count(number, *words) == said
