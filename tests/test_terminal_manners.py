"""What goes to a real terminal: no colours where none are wanted, nothing while nothing changes, and nothing that a name has brought."""

import asyncio
import re
import signal
import unicodedata
from pathlib import Path

import pytest

from tests.dashboard.hostile import hostile_journal
from tests.terminal import Terminal

SCREENS = ("1", "2", "3", "\r", "\x1b", "4", "?", "\x1b", "aw", "\x1b", "u", "\x1b", "1f", "\x1b", "/7", "\x1b", "{", "\x1b")
SIZES = ((160, 50), (80, 24), (40, 10), (240, 70))
SEQUENCE = re.compile(rb"\x1b\[([0-9;?<>=]*)([ -/]*)([@-~])|\x1b\]22;[a-z]*\x07")
"""What the library itself sends: CSI sequences, and which pointer the mouse is to have."""
COLOURS = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
STILL_S = 1.2
"""More than two looks into the journal."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "race.db"
    asyncio.run(hostile_journal(path))
    return path


async def through_all_screens(terminal: Terminal) -> None:
    """Every screen and dialog at every size; at rest in the end."""
    for size in SIZES:
        terminal.resize(*size)
        for key in SCREENS:
            terminal.press(key)
            await asyncio.sleep(0.02)
    await terminal.come_to_rest()


def sequences(terminal: Terminal) -> list[tuple[bytes, bytes]]:
    """Every control sequence: its numbers, and its last character."""
    return [(found[1], found[3]) for found in SEQUENCE.finditer(terminal.shown) if found[3]]


def colours(terminal: Terminal) -> set[int]:
    """Every number of a control sequence that asks for a colour, but for the terminal's own."""
    drawn = [numbers for numbers, last in sequences(terminal) if last == b"m"]
    return COLOURS & {int(number) for numbers in drawn for number in numbers.split(b";") if number}


async def test_a_terminal_that_wants_no_colours_gets_none_and_no_name_does_anything_to_it(
    hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with Terminal("watch", hostile, "--broker", "mqtt://127.0.0.1:1") as terminal:
        await terminal.shows("SIMULATED")
        await through_all_screens(terminal)
        assert await terminal.end(signal.SIGTERM) == 0
    assert colours(terminal) == set()
    styles = {number for numbers, last in sequences(terminal) if last == b"m" for number in numbers.split(b";")}
    assert {b"1", b"7"} <= styles, "bold and reverse are still there"
    text = SEQUENCE.sub(b"", terminal.shown).decode()
    assert "Nu\u0308" not in text, "names are composed where they can be"
    assert "\N{HEBREW LETTER SHIN}" in text, "the names were shown"
    assert {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")} <= {"\r", "\n"}


async def test_while_nothing_changes_nothing_goes_over_the_line(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with Terminal("watch", hostile, "--broker", "mqtt://127.0.0.1:1") as terminal:
        await terminal.shows("SIMULATED")
        for keys in ("1", "2", "3", "4", "1aw"):
            terminal.press(keys)
            written = await terminal.come_to_rest()
            await asyncio.sleep(STILL_S)
            assert terminal.shown[written:] == b"", keys
    assert colours(terminal), "this one has colours"
