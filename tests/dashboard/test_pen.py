"""From one style to another: whatever the way, the terminal is in the style that was wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dashboard.test_picture import STYLES
from tests.glass import Glass
from tracker.dashboard.pen import change


@given(st.lists(st.sampled_from(STYLES), min_size=1))
def test_every_way_leads_to_the_style(styles: list[str]) -> None:
    glass, alone, before = Glass(1, 1), Glass(1, 1), None
    for style in styles:
        glass.write(change(before, style))
        alone.write(f"\x1b[0m\x1b[{style}m")
        assert glass.style == alone.style
        before = style


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ("1;38;5;254;48;5;233", "38;5;254;48;5;233", "\x1b[22m"),
        ("38;5;254;48;5;233", "1;38;5;254;48;5;233", "\x1b[1m"),
        ("1;2;31", "2;31", "\x1b[22;2m"),
        ("31", "32", "\x1b[32m"),
        ("38;5;254;48;5;233", "", "\x1b[m"),
        ("1", "1", ""),
        (None, "1", "\x1b[0;1m"),
        ("53", "1", "\x1b[0;1m"),
    ],
)
def test_only_what_is_otherwise_is_said(before: str | None, after: str, sent: str) -> None:
    assert change(before, after) == sent
