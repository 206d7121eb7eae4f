"""The dashboard reads along in what another process writes, and says what is wrong when it cannot."""

from pathlib import Path
from time import monotonic

import pytest
from textual.screen import Screen

from tests.dashboard.conftest import EVENT, Weekend
from tests.dashboard.screen import LARGE, dashboard, failing
from tracker.clock import RaceClock
from tracker.core.field import Field
from tracker.dashboard import lines, sheet


async def test_a_passage_that_comes_while_we_watch_is_on_the_board(weekend: Weekend) -> None:
    async with dashboard(weekend.path, LARGE) as eyes:
        assert "nothing heard yet · 0 facts" in eyes.text
        assert "> racing             0" in eyes.text
        await weekend.reads("2", square="2s")
        await weekend.now("10m")
        await eyes.look()
        assert "> racing" in eyes.line_with("Bo Çédille")
        assert "> racing             1" in eyes.text
        assert "1 fact " in eyes.text


async def test_a_race_is_heard_by_what_its_devices_say_and_not_by_what_the_desk_says_of_it(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s")
    await weekend.now("12m")
    async with dashboard(weekend.path) as eyes:
        assert "! heard 12m ago · 1 fact" in eyes.lines[1]
        await weekend.say("desk", "note", "12m", author="Ector", reason="nobody calls", text="all quiet")
        await eyes.look()
        assert "! heard 12m ago · 2 facts" in eyes.lines[1]
        await weekend.now("25m")
        await weekend.say("desk", "note", "25m", author="Ector", reason="nobody calls", text="all quiet")
        await eyes.look()
        await eyes.press("left_square_bracket")
        assert "REPLAY Sat 08:20" in eyes.text
        assert "! heard 20m ago · 2 facts" in eyes.lines[1]
        await eyes.press("escape")
        await weekend.say("square", "heartbeat", "25m", device="square-1")
        await eyes.look()
        assert "heard <10s ago · 4 facts" in eyes.lines[1]


async def test_below_a_dialog_that_waits_the_race_goes_on_every_few_seconds(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.look()
        wall_s = monotonic()
        monkeypatch.setattr("tracker.dashboard.app.monotonic", lambda: wall_s)
        below = eyes.app.screen
        await eyes.press("question_mark")
        await noon.say("desk", "accounted", "5h", bib="5", where="bus", author="Ector", reason="seen")
        await eyes.look()
        assert "unaccounted 2: 5, 3" in text_of(below)
        wall_s += 10
        await eyes.look()
        assert eyes.app.screen is not below
        assert "unaccounted 1: 3" in text_of(below)


def text_of(screen: Screen[object]) -> str:
    return "\n".join("".join(segment.text for segment in strip) for strip in screen._compositor.render_strips())


async def test_a_cutoff_strikes_by_the_clock_alone(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        assert "> racing" in eyes.line_with("Bo Çédille")
        await noon.now("6h01")
        await eyes.look()
        assert "! ~out of time" in eyes.line_with("Bo Çédille")
        eyes.line_with("!! Sat ", "bib 2 is out of time at Old")


async def test_a_journal_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    async with dashboard(path) as eyes:
        assert eyes.lines[0].startswith("waiting for ")
        assert "there is no such file" in eyes.words, eyes.text
        await eyes.press("right", "slash", "down", "enter", "end", "n")
        weekend = await Weekend(path).begin()
        await weekend.reads("1", square="1s")
        await eyes.look()
        assert "no such file" not in eyes.words
        assert "> racing" in eyes.line_with("Ada Larch")
        await weekend.end()


async def test_a_journal_whose_clock_is_set_only_after_it_was_looked_at_is_shown_by_that_clock(tmp_path: Path) -> None:
    weekend = await Weekend(tmp_path / "race.db").begin()
    await weekend.reads("1", square="1s")
    await weekend.journal.set_clock(RaceClock())
    async with dashboard(weekend.path) as eyes:
        assert "! ~out of time" in eyes.line_with("Ada Larch")
        await weekend.now("1h")
        await eyes.look()
        assert "> racing" in eyes.line_with("Ada Larch")
    await weekend.end()


async def test_a_file_that_is_no_journal_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    path.write_bytes(b"not a journal at all" * 100)
    async with dashboard(path, LARGE) as eyes:
        assert "race.db: is damaged" in eyes.text


async def test_a_journal_with_a_broken_event_file_says_its_first_fault(tmp_path: Path) -> None:
    weekend = await Weekend(tmp_path / "race.db").begin(EVENT.replace("Europe/Paris", "Europe/Pariss").replace("km = 12.0", "km = -1.0"))
    async with dashboard(weekend.path, LARGE) as eyes:
        assert "Europe/Pariss" in eyes.text
        assert "more; tracker check names them" in eyes.text
    await weekend.end()


async def test_the_board_stays_while_the_file_is_away_and_a_new_race_is_read_from_its_beginning(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await noon.end()
        noon.path.unlink()
        await eyes.look()
        assert "there is no such file" in eyes.words, eyes.text
        assert "Ada Larch" in eyes.under_cursor
        anew = await Weekend(noon.path).begin()
        await anew.reads("6", square="1s")
        await eyes.look()
        assert "Nüno" in eyes.under_cursor
        assert "1 fact " in eyes.text
        assert "no such file" not in eyes.words
        await anew.end()


async def test_a_fact_that_this_version_cannot_read_is_counted_and_said(noon: Weekend) -> None:
    await noon.journal._db.execute("UPDATE fact SET payload = '{}' WHERE no = 2")
    await noon.journal._db.commit()
    async with dashboard(noon.path) as eyes:
        assert "! 1 fact of" in eyes.words
        assert "cannot be read (no. 2: passage message" in eyes.words
        assert "Ada Larch" in eyes.text


async def test_a_region_that_fails_says_so_and_the_others_go_on(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "ledger", failing("ledger of nobody"))
    async with dashboard(noon.path, LARGE) as eyes:
        eyes.line_with("! ledger failed (ZeroDivisionError: ledger")
        assert "✓ finished" in eyes.line_with("Ada Larch")
        assert "bib 3 is out of time" in eyes.text


async def test_a_runner_whose_line_cannot_be_made_costs_that_line_alone(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sheet._CELLS["name"]

    def fails(cell: sheet.Cell) -> str:
        if cell.runner.entrant.bib == "4":
            raise IndexError("no such split")
        return whole(cell)

    monkeypatch.setitem(sheet._CELLS, "name", fails)
    async with dashboard(noon.path) as eyes:
        assert "! this line failed (IndexError: no such split)" in eyes.lines[5]
        assert "Bo Çédille" in eyes.lines[6]


async def test_a_field_that_fails_is_said_and_the_dashboard_lives(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with dashboard(noon.path) as eyes:

        def fails(*_: object) -> None:
            raise RuntimeError("a verdict went wrong")

        monkeypatch.setattr(Field, "advance", fails)
        await eyes.look()
        assert "reading the journal failed (RuntimeError: a verdict went wrong)" in eyes.text
        monkeypatch.setattr(Field, "version", fails)
        await eyes.look()
        assert "Ada Larch" in eyes.text
        monkeypatch.undo()
        await eyes.look()
        assert "went wrong" not in eyes.text


async def test_what_comes_while_a_screen_is_still_being_made_is_shown_when_it_is_there(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        made = eyes.app.switch_mode("stations")
        eyes.app.show_now()
        await made
        await eyes.look()
        eyes.line_with("Old Hut", "1h00")


async def test_trouble_that_needs_several_lines_is_said_whole(tmp_path: Path) -> None:
    folder = tmp_path / "a-folder-with-a-very-long-name-for-a-race" / "in-another-one-as-people-have-them"
    folder.mkdir(parents=True)
    async with dashboard(folder / "race.db") as eyes:
        await eyes.look()
        assert "tracker run or tracker feed makes a" in eyes.words
