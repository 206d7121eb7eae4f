"""What a race director sees first, and where the keys lead."""

import pytest
from rich.cells import cell_len

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, dashboard
from tracker.core.finals import results_digest
from tracker.dashboard.columns import COLUMNS
from tracker.dashboard.help_screen import help_text, keys_of
from tracker.dashboard.rows import CURSOR


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_standings_are_in_order_with_who_is_out_below_those_who_are_in(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        board = [line[: eyes.app.screen.query_one("#board").size.width] for line in eyes.lines[4:11]]
        order = [("1", "Ada Larch", "✓ finished"), ("4", "日本 山田", "> racing missed"), ("2", "Bo Çédille", "> racing")]
        for place, (line, words) in enumerate(zip(board, order, strict=False), 1):
            assert line.split()[line.startswith(CURSOR)] == str(place)
            assert all(word in line for word in words), line
        assert "! ~out of time" in board[3]
        assert "✗ withdrawn" in board[4]
        assert "- ~dns" in board[5]


async def test_the_head_says_which_race_its_clock_the_local_time_and_that_it_is_simulated(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        head = eyes.lines[0]
        for part in ("Two Valleys", "Long Way +5:00:00", "Sat 2024-06-15 13:00:00", "SIMULATED x0"):
            assert part in head
        await eyes.press("right")
        assert "Short Way +4:00:00" in eyes.lines[0]


async def test_the_head_says_how_old_the_journal_is_and_what_it_holds(noon: Weekend) -> None:
    await noon.quarantines(b"{", "no JSON")
    await noon.now("5h30")
    async with dashboard(noon.path) as eyes:
        assert "1 in quarantine · ! heard 5h30 ago · 12 facts" in eyes.lines[1]


async def test_a_small_screen_folds_ledger_places_and_alerts_into_three_lines(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL) as eyes:
        assert "> racing 2  ✓ finished 1  ✗ withdrawn 1  ! out of time 1  - dns 2  = 7" in eyes.lines
        assert "out, where? 2  on a leg 2  in a station 0  out, safe 0  at the finish 1" in eyes.lines
        eyes.line_with("!! 3 to act on, 1 to look at; since Sat ")
        assert len(eyes.lines) == 24


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_before_all_else_stands_who_is_missing_in_whatever_race(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        for key in ("left", "right"):
            assert eyes.lines[2] == "!! unaccounted 2: 5, 3  overdue 1: 2  silent 0"
            await eyes.press(key)
        await noon.say("desk", "accounted", "5h", bib="5", where="bus", author="Ector", reason="seen")
        await eyes.look()
        assert eyes.lines[2] == "!! unaccounted 1: 3  overdue 1: 2  silent 0"


async def test_a_large_screen_has_ledger_and_alerts_and_more_columns(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        assert eyes.lines[4].endswith("✓ finished           1")
        eyes.line_with("= entries", "7")
        eyes.line_with("!! Sat 11:20 bib 3 is out of time at High")
        titles = ("Bib", "Name", "State", "Last seen", "At", "Ago", "Expected next", "Margin", "Gap 1st", "Cutoff")
        assert all(title in eyes.lines[3] for title in titles)
        assert "+1:50:00" in eyes.line_with("日本 山田")
        assert "1h00" in eyes.line_with("Bo Çédille")


async def test_the_largest_screen_has_every_column(noon: Weekend) -> None:
    async with dashboard(noon.path, (240, 70)) as eyes:
        assert all(column.title in eyes.lines[3] for column in COLUMNS)
        assert "~675" in eyes.line_with("Ada Larch")
        assert "~15:48 Square" in eyes.line_with("日本 山田")
        assert "+2h11" in eyes.line_with("日本 山田")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_wide_combining_and_hostile_names_keep_every_column_straight(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        head = eyes.lines[3]
        state_at, seen_at = cell_len(head[: head.index("State")]), cell_len(head[: head.index("Last seen")])
        signs = [_from_cell(line, state_at)[0] for line in eyes.lines[4:11]]
        assert signs == ["✓", ">", ">", "!", "✗", "-", "-"]
        assert [_from_cell(line, seen_at)[:4] for line in eyes.lines[4:9]] == ["Squa", "Old ", "High", "High", "Squa"]
        assert "\x1b" not in eyes.text
        assert "\x07" not in eyes.text
        eyes.line_with("[/nope] [bo")


async def test_the_keys_lead_from_race_to_race_and_round(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        assert "[Long Way] Short Way" in eyes.lines[1]
        for key, race in (("right", "Short"), ("tab", "Long"), ("left", "Short"), ("shift+tab", "Long")):
            await eyes.press(key)
            assert f"[{race} Way]" in eyes.lines[1]
        assert "Cleo" not in eyes.text


async def test_a_click_on_a_tab_leads_to_its_race(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.pilot.click("#tabs", offset=(13, 0))
        await eyes.pilot.pause()
        assert "[Short Way]" in eyes.lines[1]
        assert "Cleo Çedar" in eyes.under_cursor


async def test_the_cursor_goes_up_and_down_and_to_both_ends(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        for key, name in (("down", "日本"), ("end", "Vera"), ("up", "Nüno"), ("pageup", "Ada"), ("pagedown", "Vera"), ("home", "Ada")):
            await eyes.press(key)
            assert name in eyes.under_cursor


async def test_the_cursor_stays_with_its_runner_when_others_come_past(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("down", "down")
        assert "Bo Çédille" in eyes.under_cursor
        await noon.reads("2", hut="4h20")
        await eyes.look()
        assert eyes.under_cursor.split()[1:3] == ["2", "2"]
        assert "Old Hut" in eyes.under_cursor
        await eyes.press("up")
        assert "Ada Larch" in eyes.under_cursor


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_who_went_on_when_the_race_was_shortened_is_out_there_on_the_board(noon: Weekend, size: tuple[int, int]) -> None:
    await noon.say("desk", "reroute", "4h45", race="long", finish="hut", author="Dir. Ector", reason="storm")
    async with dashboard(noon.path, size) as eyes:
        assert "✓ finished, out" in eyes.line_with("日本 山田")
        assert "✓ finished, out" not in eyes.line_with("Ada Larch")
        assert " ".join(eyes.line_with("at the finish").split()).endswith("at the finish 1")
        await eyes.press("slash", "4", "enter", "enter")
        eyes.line_with("✓ finished, out there, missed pass")
        assert "out, last known at Old Hut, not accounted for" in eyes.lines


async def test_each_race_keeps_its_own_cursor(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("down", "right", "down", "right")
        assert "日本" in eyes.under_cursor
        await eyes.press("right")
        assert "Dag Birch" in eyes.under_cursor


async def test_only_the_visible_lines_of_a_long_board_are_ever_made(noon: Weekend) -> None:
    async with dashboard(noon.path, (80, 10)) as eyes:
        await eyes.press("end")
        assert "Vera" in eyes.under_cursor
        assert eyes.lines[-6] == eyes.under_cursor


async def test_help_lists_the_keys_as_they_are_bound(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("question_mark")
        for words in ("Next race", "Previous race", "Find", "Next match", "Quit", "First, and stay there"):
            eyes.line_with(words, "│")
        await eyes.press("escape")
        assert "│" not in eyes.text


@pytest.mark.parametrize("screen", "123456")
async def test_no_key_in_the_help_is_cut_at_80_columns(noon: Weekend, screen: str) -> None:
    async with dashboard(noon.path, (80, 60)) as eyes:
        await eyes.press(screen)
        keys = keys_of((eyes.app.get_key_display(found.binding), found.binding) for found in eyes.app.screen.active_bindings.values())
        await eyes.press("question_mark")
        for line in help_text(keys).plain.splitlines():
            assert any(f"│ {line} ".rstrip() in shown for shown in eyes.lines), eyes.text


async def test_q_quits(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("q")
        assert eyes.app._exit


def _from_cell(line: str, at: int) -> str:
    """What stands from a cell of the screen on."""
    for index in range(len(line) + 1):
        if cell_len(line[:index]) == at and cell_len(line[: index + 1]) > at:
            return line[index:]
    raise AssertionError(f"cell {at} of {line!r} is in the middle of a character")


async def test_the_tab_says_whether_the_results_are_final_and_an_alert_that_they_no_longer_are(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        assert eyes.lines[1].startswith("[Long Way] Short Way ")
        for race in ("long", "short"):
            said = results_digest(await noon.field(), race)
            await noon.say("desk", "final", "5h", race=race, results=said, author="Ector", reason="no protests")
        await eyes.look()
        assert eyes.lines[1].startswith("[Long Way final] Short Way final ")
        await noon.say("desk", "penalty", "5h", bib="1", seconds=60, author="Ector", reason="no whistle")
        await eyes.look()
        assert eyes.lines[1].startswith("[Long Way !NOT FINAL] Short Way final ")
        assert any("the results of race long" in line for line in eyes.lines)
    async with dashboard(noon.path, SMALL) as eyes:
        assert eyes.lines[1].startswith("[long !NOT FINAL]")
