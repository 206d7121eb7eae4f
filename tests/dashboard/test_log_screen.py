"""The log on the screen: it follows what comes, or stands still where somebody reads, back to the first message in the journal."""

import asyncio
from collections import deque
from functools import partial

import pytest

from tests.conftest import until
from tests.dashboard.conftest import DIRECTOR, Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard, failing
from tracker.dashboard import log_screen, log_table
from tracker.dashboard.log_screen import LogScreen
from tracker.dashboard.recent import Recent
from tracker.dashboard.tail import Tail
from tracker.journal import FactRow


def lines_of(eyes: Eyes) -> list[str]:
    """The messages on the screen."""
    return [line for line in eyes.lines if line.lstrip("▸ ").startswith("Sat ")]


def bounded_to(kept: int) -> object:
    """What keeps so few that a test can fill it."""

    def begin(self: Recent, facts: object = (), quarantined: object = ()) -> None:
        self.facts, self.quarantined = deque(facts, kept), deque(quarantined, kept)  # type: ignore[call-overload]

    return begin


async def shows(eyes: Eyes, messages: int) -> bool:
    """Whether there are so many messages on the screen."""
    await eyes.pilot.pause()
    return len(lines_of(eyes)) == messages


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_newest_message_is_at_the_bottom_under_the_cursor_and_in_full_below(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        await eyes.press("6")
        assert "Ada Larch" in eyes.under_cursor
        assert "read in" in eyes.under_cursor
        assert eyes.under_cursor == lines_of(eyes)[-1]
        assert "read in bib 1 Ada Larch received Sat 08:00:00, happened Sat 12:40:00" in eyes.words
        assert "the runner is now: ✓ finished" in eyes.text
        assert 'payload {"id":"m12"' in eyes.words.replace("│", "")
        await noon.reads("2", hut="4h55")
        await eyes.look()
        assert "Bo Çédille" in eyes.under_cursor
        assert "STANDS" not in eyes.text


async def test_going_up_lets_the_lines_stand_and_end_follows_again(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("6", "up")
        before, under = lines_of(eyes), eyes.under_cursor
        assert "שרה לוי" in under
        await noon.reads("2", hut="4h55")
        await noon.quarantines(b"?", "passage message is no JSON")
        await eyes.look()
        assert (lines_of(eyes), eyes.under_cursor) == (before, under)
        assert eyes.lines[2].startswith("STANDS STILL, 2 newer, End follows")
        await eyes.press("end")
        assert "!! QUARANTINE" in eyes.under_cursor
        assert eyes.lines[2].startswith("follows what comes")


async def test_down_from_the_last_line_follows_again(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("6", "up", "down")
        await noon.reads("2", hut="4h55")
        await eyes.look()
        assert "Ada Larch" in eyes.under_cursor
        await eyes.press("down")
        assert "Bo Çédille" in eyes.under_cursor


async def test_heartbeats_are_hidden_until_they_are_asked_for(noon: Weekend) -> None:
    await noon.say("hut", "heartbeat", "4h51", device="hut-1", seq=3)
    async with dashboard(noon.path) as eyes:
        await eyes.press("6")
        assert "heartbeat, " not in eyes.text
        assert "no heartbeats (h)" in eyes.text
        await eyes.press("h")
        assert "heartbeat, seq 3" in eyes.under_cursor
        await eyes.press("h")
        assert "Ada Larch" in eyes.under_cursor


async def test_enter_opens_the_runner_of_a_message_and_nobody_where_it_is_about_none(noon: Weekend) -> None:
    await noon.say("desk", "note", "4h51", text="fog", **DIRECTOR)
    await noon.reads("999", hut="4h52")
    async with dashboard(noon.path) as eyes:
        await eyes.press("6", "enter", "up", "enter")
        assert "note: fog" in eyes.under_cursor
        await eyes.press("up", "enter")
        assert eyes.lines[2].startswith("1  Ada Larch")
        await eyes.press("escape")
        assert "Ada Larch" in eyes.under_cursor


async def test_d_gives_a_long_message_the_screen_and_takes_it_back(noon: Weekend) -> None:
    await noon.quarantines(b"{" + b'"x": "0123456789",' * 100 + b"END", "passage message is no JSON")
    async with dashboard(noon.path) as eyes:
        await eyes.press("6")
        assert "END" not in eyes.text
        await eyes.press("d", "end")
        assert eyes.text.count("END") == 1
        assert eyes.lines[2].startswith("THE MESSAGE HAS THE KEYS, d: the list · ")
        await eyes.press("d")
        assert eyes.lines[2].startswith("follows what comes")
        await eyes.press("up")
        assert "Ada Larch" in eyes.under_cursor


async def test_above_the_oldest_that_is_kept_older_ones_are_read_from_the_journal(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    await noon.say("hut", "heartbeat", "4h51", device="hut-1", seq=3)
    await noon.reads("2", hut="4h55")
    monkeypatch.setattr(Recent, "__init__", bounded_to(2))
    monkeypatch.setattr(log_screen, "_PAGE", 3)
    pages = [
        (["up"], 4, "שרה לוי"),
        (["home", "up"], 7, "[/nope]"),
        (["home", "home"], 10, "Bo Çédille"),
        (["home", "up"], 13, "Ada Larch"),
    ]
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("6")
        assert len(lines_of(eyes)) == 1
        assert "the newest 2 of 14 facts are kept, up reads older" in eyes.lines[2]
        for keys, number, oldest in pages:
            await eyes.press(*keys)
            await until(partial(shows, eyes, number), f"{number} lines are there")
            assert oldest in lines_of(eyes)[0]
        await eyes.press("end")
        assert len(lines_of(eyes)) == 1


async def test_what_is_no_fact_is_shown_among_those_facts_that_are_and_before_them_only_at_the_beginning(
    weekend: Weekend, monkeypatch: pytest.MonkeyPatch
) -> None:
    await weekend.quarantines(b"?", "no JSON")
    for elapsed in ("1s", "2s", "3s"):
        await weekend.now(elapsed)
        await weekend.reads("1", square=elapsed)
    monkeypatch.setattr(Recent, "__init__", bounded_to(2))
    async with dashboard(weekend.path) as eyes:
        await eyes.press("6")
        assert "QUARANTINE" not in eyes.text
        await eyes.press("home", "up")
        await until(partial(shows, eyes, 4), "all are there")
        assert "!! QUARANTINE" in lines_of(eyes)[0]


async def test_another_race_under_the_same_name_is_another_log(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("6", "up")
        await noon.end()
        noon.path.unlink()
        anew = await Weekend(noon.path).begin()
        await anew.reads("6", square="1s")
        await eyes.look()
        assert len(lines_of(eyes)) == 1
        assert eyes.lines[2].startswith("follows what comes · all 1 fact")
        await anew.end()


async def test_a_log_that_fails_says_so_and_the_rest_goes_on(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = failing("no words")
    monkeypatch.setattr(log_table, "words_of", fails)
    async with dashboard(noon.path) as eyes:
        await eyes.press("6")
        assert "! this line failed (ZeroDivisionError: no words)" in eyes.under_cursor
        eyes.line_with("! message failed (ZeroDivisionError: no words)")
        monkeypatch.setattr(log_screen, "LogTable", fails)
        await eyes.look()
        assert "! the log failed (ZeroDivisionError: no words)" in eyes.words
        assert "Long Way +5:00:00" in eyes.lines[0]
        await eyes.press("1")
        assert "Ada Larch" in eyes.under_cursor


async def test_older_messages_that_come_when_the_newest_are_followed_again_leave_no_hole(
    noon: Weekend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recent, "__init__", bounded_to(4))
    monkeypatch.setattr(log_screen, "_PAGE", 3)
    asked, told, before = asyncio.Event(), asyncio.Event(), Tail.before

    async def slowly(tail: Tail, no: int, count: int) -> list[FactRow]:
        rows = await before(tail, no, count)
        asked.set()
        await told.wait()
        return rows

    monkeypatch.setattr(Tail, "before", slowly)
    async with dashboard(noon.path) as eyes:
        await eyes.pilot.press("6", "home", "up")
        await asked.wait()
        await noon.reads("2", hut="4h55", square="4h56")
        await noon.reads("3", hut="4h57", square="4h58")
        await eyes.app.tail.read()
        await eyes.press("end")
        eyes.app.show_now()
        await eyes.press("up")
        told.set()
        await eyes.app.workers.wait_for_complete([one for one in eyes.app.workers if one.name == "older"])
        screen = eyes.app.screen
        assert isinstance(screen, LogScreen)
        assert [fact.no for fact in screen._facts] == [13, 14, 15, 16]
