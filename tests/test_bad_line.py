"""The dashboard over a bad line: what goes over it is what has changed, and what stands on the terminal is the race all the same."""

import os
import re
import signal
from copy import deepcopy
from pathlib import Path

import pytest

from docs.picture import MOMENT, journal_at
from tests.conftest import until
from tests.dashboard.screen import LARGE, SMALL
from tests.glass import Glass
from tests.terminal import Terminal
from tests.test_terminal_manners import through_all_screens
from tracker.clock import RaceClock
from tracker.files.times import parse_moment

REDRAW = "\x0c"
WIDTH = SMALL[0]


async def noon(path: Path, speed: float) -> Path:
    """A journal of a simulated Andorra up to noon, on a clock that runs or stands."""
    async with await journal_at(path, RaceClock.starting_at(parse_moment(MOMENT, "Europe/Andorra"), speed)):
        return path


def watched(path: Path) -> Terminal:
    return Terminal("watch", path, "--broker", "mqtt://127.0.0.1:1")


async def at_rest(terminal: Terminal) -> Glass:
    """What stands on it when nothing more comes."""
    await terminal.come_to_rest()
    return terminal.glass


async def cells(terminal: Terminal, keys: str) -> dict[int, int]:
    """How many cells of each line are written when keys are pressed."""
    terminal.glass.written.clear()
    terminal.press(keys)
    await terminal.come_to_rest()
    return dict(terminal.glass.written)


async def test_a_dialog_writes_no_line_more_than_twice_and_a_letter_in_it_little(tmp_path: Path) -> None:
    async with watched(await noon(tmp_path / "race.db", 0)) as terminal:
        terminal.resize(*SMALL)
        await terminal.shows("finished")
        await terminal.come_to_rest()
        for keys in ("?", "\x1b", "a", "w", "\x1b", "3", "2", "1"):
            written = await cells(terminal, keys)
            assert written
            assert max(written.values()) <= 2 * WIDTH, keys
        await cells(terminal, "aq")
        assert sum((await cells(terminal, "x")).values()) <= WIDTH


async def test_a_second_of_the_clock_writes_less_than_half_a_line(tmp_path: Path) -> None:
    def clock() -> int:
        hours, minutes, seconds = re.findall(r"\+(\d+):(\d\d):(\d\d)", terminal.glass.text[0])[0]
        return (int(hours) * 60 + int(minutes)) * 60 + int(seconds)

    async with watched(await noon(tmp_path / "race.db", 1)) as terminal:
        terminal.resize(*SMALL)
        await terminal.shows("finished")
        await until(lambda: "+17:" in terminal.glass.text[0], "the clock is there")
        began = clock()
        await until(lambda: clock() >= began + 2, "it has settled")
        began = clock()
        terminal.glass.written.clear()
        await until(lambda: clock() >= began + 3, "the clock runs")
        assert terminal.glass.written[0] <= (clock() - began) * WIDTH / 2


@pytest.mark.parametrize("last", [LARGE, SMALL])
async def test_whatever_became_of_the_window_what_stands_there_is_what_all_of_it_drawn_anew_is(
    tmp_path: Path, last: tuple[int, int]
) -> None:
    async with watched(await noon(tmp_path / "race.db", 0)) as terminal:
        await terminal.shows("finished")
        await through_all_screens(terminal)
        terminal.resize(*last)
        before = [list(line) for line in (await at_rest(terminal)).cells]
        terminal.resize(*last)
        terminal.press(REDRAW)
        assert (await at_rest(terminal)).cells == before


async def test_the_mouse_is_heard_when_it_does_something_and_not_on_its_way(tmp_path: Path) -> None:
    async with watched(await noon(tmp_path / "race.db", 0)) as terminal:
        terminal.resize(*SMALL)
        await terminal.shows("finished")
        await terminal.come_to_rest()
        assert b"\x1b[?1000h" in terminal.shown
        assert b"\x1b[?1003h" not in terminal.shown
        tab = terminal.glass.text[1].index("50k") + 1
        terminal.press(f"\x1b[<0;{tab};2M\x1b[<0;{tab};2m")
        await until(lambda: "[50k]" in terminal.glass.text[1], "a click goes to a race")


async def test_a_dashboard_that_was_stopped_and_goes_on_is_there_again(tmp_path: Path) -> None:
    async with watched(await noon(tmp_path / "race.db", 0)) as terminal:
        await terminal.shows("finished")
        before = [list(line) for line in (await at_rest(terminal)).cells]
        os.kill(terminal.pid, signal.SIGTSTP)
        await until(lambda: terminal.as_before, "the terminal is somebody else's")
        terminal.resize(160, 50)
        os.kill(terminal.pid, signal.SIGCONT)
        await until(lambda: terminal.glass.cells == before, "all of it is there")


async def test_a_screen_is_never_drawn_in_another_layout_first(tmp_path: Path) -> None:
    async with watched(await noon(tmp_path / "race.db", 0)) as terminal:
        terminal.resize(*SMALL)
        await terminal.shows("finished")
        glass, began = deepcopy(await at_rest(terminal)), len(terminal.shown)
        await cells(terminal, "2")
        ends = set()
        for piece in re.split(r"(?=\x1b)", terminal.shown[began:].decode()):
            glass.write(piece)
            ends |= {line.find("…") for line in glass.text if "at the start of race 105k" in line}
        assert ends == {max(ends)}, "the list is as wide as the terminal, and at no time half of it as in a wide one"
