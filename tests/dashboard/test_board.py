"""The board's own keys: filters, gaps, and a cursor that never means somebody else."""

import pytest

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard
from tracker.dashboard.board import Board
from tracker.dashboard.rows import CURSOR


def on_board(eyes: Eyes) -> list[str]:
    """The bibs on the board, from top to bottom, in the tests' small races."""
    board = eyes.app.screen.query_one(Board)
    return [board._shown.runner(row).entrant.bib for row in range(len(board._shown.lines))]  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_f_asks_whom_to_show_and_the_board_says_whom_it_leaves_out(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        await eyes.press("f")
        eyes.line_with("▸ s  Sex       any")
        await eyes.press("s")
        eyes.line_with("▸ s  Sex       F")
        eyes.line_with("3 of 7 runners")
        eyes.line_with("enter show   esc as it was")
        await eyes.press("enter")
        assert eyes.lines[3].startswith("3 of 7: sex F (F: all)")
        assert "Bib" in eyes.lines[4]
        assert on_board(eyes) == ["1", "5", "12"]
        assert "Ada Larch" in eyes.under_cursor
        assert "Bo Çédille" not in "\n".join(eyes.lines[4:11])


async def test_every_line_of_the_dialog_has_its_keys_and_escape_leaves_all_as_it_was(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("f", "down", "right", "r", "t", "t", "t", "up", "left", "p", "p", "p")
        eyes.line_with("c  Category  any")
        eyes.line_with("t  Status    racing")
        eyes.line_with("r  Look for  at risk")
        eyes.line_with("▸ p  Station   at, on the way to or last known at Old Hut")
        eyes.line_with("1 of 7 runners")
        await eyes.press("escape")
        assert len(on_board(eyes)) == 7
        assert "of 7" not in eyes.text
        await eyes.press("f", "t", "x", "enter")
        assert len(on_board(eyes)) == 7


async def test_capital_f_shows_everybody_again(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("f", "r", "enter")
        assert on_board(eyes) == ["2", "3"]
        assert "2 of 7: at risk (F: all)" in eyes.lines[3]
        await eyes.press("f", "r", "enter")
        assert on_board(eyes) == ["3", "5"]
        assert "2 of 7: unaccounted (F: all)" in eyes.lines[3]
        await eyes.press("f", "r", "enter")
        assert on_board(eyes) == ["2"]
        assert "1 of 7: overdue (F: all)" in eyes.lines[3]
        await eyes.press("F")
        assert len(on_board(eyes)) == 7
        assert "Bib" in eyes.lines[3]


async def test_each_race_has_its_own_filter(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("f", "s", "enter", "right")
        assert on_board(eyes) == ["101", "102", "103"]
        assert "of 3" not in eyes.text
        await eyes.press("left")
        assert on_board(eyes) == ["1", "5", "12"]


async def test_when_the_cursors_runner_is_not_shown_nobody_has_the_cursor_and_enter_opens_nobody(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("down", "down")
        assert "Bo Çédille" in eyes.under_cursor
        await eyes.press("f", "s", "enter")
        assert eyes.lines[3].startswith("! bib 2 is not among these: nobody has the cursor · 3 of 7: sex F")
        assert CURSOR not in eyes.text
        assert eyes.app.screen.query_one(Board).under_cursor is None
        await eyes.press("enter")
        assert "! bib 2 is not among these" in eyes.lines[3]
        await eyes.press("F")
        assert "Bo Çédille" in eyes.under_cursor
        assert eyes.app.screen.query_one(Board).under_cursor == "2"


@pytest.mark.parametrize(("key", "bib"), [("down", "5"), ("up", "1"), ("end", "12"), ("home", "1"), ("pagedown", "12"), ("pageup", "1")])
async def test_from_a_runner_who_is_not_shown_the_keys_lead_to_the_nearest_who_is(noon: Weekend, key: str, bib: str) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("down", "down", "f", "s", "enter", key)
        assert eyes.under_cursor.removeprefix(CURSOR).split()[:2][-1 if bib == "1" else 0] == bib
        assert eyes.app.screen.query_one(Board).under_cursor == bib


async def test_a_runner_who_no_longer_fits_leaves_the_board_but_not_the_cursor_to_another(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("f", "t", "t", "t", "enter", "down")
        assert on_board(eyes) == ["4", "2"]
        assert "Bo Çédille" in eyes.under_cursor
        await noon.say("hut", "withdrawal", "4h55", bib="2", reason="fatigue", by="R. Marshal")
        await eyes.look()
        assert on_board(eyes) == ["4"]
        assert eyes.lines[3].startswith("! bib 2 is not among these: nobody has the cursor · 1 of 7: racing")
        await noon.say("desk", "status", "4h56", bib="3", status="accepted", author="Dir. Ector", reason="held up")
        await eyes.look()
        assert on_board(eyes) == ["4", "3"]
        assert CURSOR not in eyes.text


async def test_who_moved_to_another_race_takes_the_cursor_from_nobody_else(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("down", "down")
        await noon.say("desk", "race", "4h55", bib="2", race="short", author="Dir. Ector", reason="asked for it")
        await eyes.look()
        assert "! bib 2 is not in Long Way: nobody has the cursor" in eyes.lines[3]
        assert CURSOR not in eyes.text


async def test_nobody_at_all_fits(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("f", "t", "t", "t", "p", "p", "enter", "down", "up", "end", "pagedown", "enter", "g", "g")
        assert on_board(eyes) == []
        assert "! bib" not in eyes.text
        assert "0 of 7: racing, at, on the way to or last known at High Pass (F: all)" in eyes.lines[3]


async def test_g_tells_gaps_to_the_cursors_runner_and_to_the_first_again(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        assert "Gap 1st" in eyes.lines[3]
        assert "+0:10:00" in eyes.line_with("Bo Çédille")
        await eyes.press("down", "down", "g")
        assert "Gap 2 " in eyes.lines[3]
        assert "-0:10:00" in eyes.line_with("Ada Larch")
        await eyes.press("up")
        assert "Gap 4 " in eyes.lines[3]
        assert "-1:50:00" in eyes.line_with("Ada Larch")
        await eyes.press("g")
        assert "Gap 1st" in eyes.lines[3]
        assert "+1:50:00" in eyes.line_with("日本 山田")


async def test_gaps_to_a_runner_are_shown_on_a_small_screen_too(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL) as eyes:
        assert "Gap" not in eyes.lines[3]
        await eyes.press("down", "down", "g")
        assert "Gap 2 " in eyes.lines[3]
        assert "-0:10:00" in eyes.line_with("Ada Larch")
        await eyes.press("g")
        assert "Gap" not in eyes.lines[3]


async def test_c_swaps_in_the_columns_that_found_no_room_and_goes_round(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL) as eyes:
        first = eyes.lines[3]
        await eyes.press("down", "down", "c")
        assert all(title in eyes.lines[3] for title in ("+/-", "Ago", "Expected next"))
        assert " 3h20 ~2h00 ago Old Hut" in eyes.line_with("Bo Çédille")
        await eyes.press("c")
        assert all(title in eyes.lines[3] for title in ("Class", "Est.", "Elapsed", "Gap 1st"))
        assert "M O19 2" in eyes.line_with("Bo Çédille")
        assert "~675" in eyes.line_with("Ada Larch")
        await eyes.press("c")
        assert eyes.lines[3] == first
        await eyes.press("g", "c")
        assert all(title in eyes.lines[3] for title in ("+/-", "Ago", "Expected next", "Gap 2"))


async def test_where_most_fits_c_swaps_in_only_what_did_not_and_where_all_fits_nothing(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        first = eyes.lines[3]
        await eyes.press("c")
        assert all(title in eyes.lines[3] for title in ("Class", "Est."))
        await eyes.press("c")
        assert eyes.lines[3] == first
    async with dashboard(noon.path, (240, 70)) as eyes:
        first = eyes.lines[3]
        await eyes.press("c")
        assert eyes.lines[3] == first


async def test_gaps_stay_to_the_cursors_runner_when_he_is_not_shown(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("down", "down", "g", "f", "s", "enter")
        assert "Gap 2 " in eyes.lines[4]
        assert "-0:10:00" in eyes.line_with("Ada Larch")


async def test_places_won_are_on_the_board_while_it_follows(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s", **{"pass": "1h30"})
    await weekend.reads("2", square="1s", **{"pass": "1h40"})
    await weekend.now("2h50")
    async with dashboard(weekend.path, LARGE) as eyes:
        assert "▲" not in eyes.text
        await weekend.reads("2", hut="2h51")
        await weekend.now("2h52")
        await eyes.look()
        assert "▲1" in eyes.line_with("Bo Çédille")
        assert "▼1" in eyes.line_with("Ada Larch")


async def test_a_board_of_many_scrolls_to_the_cursor_under_a_heading_too(noon: Weekend) -> None:
    async with dashboard(noon.path, (80, 11)) as eyes:
        await eyes.press("f", "c", "enter", "end")
        assert "7 of 7: category O19" in eyes.lines[3]
        assert "Vera" in eyes.under_cursor
        assert eyes.lines[-6] == eyes.under_cursor
        await eyes.press("F")
        assert "Vera" in eyes.under_cursor
