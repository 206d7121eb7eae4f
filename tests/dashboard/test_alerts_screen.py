"""Triage under a person's fingers: the cursor stays with its alert, the evidence stands beside it, and Enter leads to whom it is about."""

import pytest

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard, failing
from tracker.dashboard import alerts_screen
from tracker.dashboard.following import Following
from tracker.dashboard.scene import About

SEEN = {"author": "race office", "reason": "he was asked"}
OLDEST = "bib 5 is out of the race and not accounted for"


async def says_of(weekend: Weekend, alert: str, state: str, **more: object) -> None:
    await weekend.say("desk", "alert", "5h", alert=alert, state=state, **SEEN, **more)


def about(eyes: Eyes) -> About:
    screen = eyes.app.screen
    assert isinstance(screen, Following)
    return screen.about()


@pytest.mark.parametrize("size", [SMALL, LARGE, (120, 30), (240, 70)])
async def test_two_leads_to_all_alerts_the_oldest_first_and_the_first_in_full(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        await eyes.press("2")
        assert "3 to act on, 1 to look at, the oldest first" in eyes.text
        assert OLDEST in eyes.under_cursor
        listed = [line[: eyes.app.screen.query_one("#triage").size.width] for line in eyes.lines[4:8]]
        assert [line[1:3] for line in listed] == ["!!", "!!", "!!", "! "]
        assert "→ ask the stations and the bus" in (_right(eyes) if size[0] >= 120 else eyes.words)
        assert len(eyes.lines) == size[1]


async def test_the_evidence_of_one_who_is_overdue_is_his_reads_his_window_and_how_his_stations_are_heard(noon: Weekend) -> None:
    await noon.say("hut", "heartbeat", "4h58", device="hut-1", seq=0, queued=0, battery=55)
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2", "down", "down")
        assert "bib 2 is overdue at Old Hut" in eyes.under_cursor
        for words in (
            "2 Bo Çédille M O19 > racing, overdue",
            "last seen at High Pass: o open, not monitored",
            "then comes Old Hut: o open, heard 2m ago, all known up to 2m ago",
            "expected at Old Hut Sat 10:59 (10:40 to 11:29), overdue from Sat 12:02:00",
            "next cutoff Old Hut Sat 14:00, in 1h00",
            "09:40:00 read at High Pass",
        ):
            assert words in _right(eyes), eyes.text
        assert about(eyes) == About(bib="2", alert="overdue/2/hut", checkpoint="hut")


async def test_a_read_of_a_stranger_is_shown_as_it_was_told_and_can_be_voided(noon: Weekend) -> None:
    await noon.say("hut", "passage", "4h50", bib="777", device="hut-1", seq=1)
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2", "end")
        assert "bib 777 is not on the roster" in eyes.under_cursor
        fact = f"m{noon.sent}"
        assert f"12:50:00 passage: bib 777, station hut, device hut-1, seq 1, id {fact}" in _right(eyes), eyes.text
        found = about(eyes)
        assert (found.bib, found.fact) == ("777", fact)
        await eyes.press("enter")
        assert "bib 777 is not on the roster" in eyes.under_cursor, "there is nobody to open"


async def test_of_all_who_did_not_start_every_bib_and_name_is_told(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2", "end")
        assert "not read at the start of race long" in eyes.under_cursor
        assert "2 runners of Long Way: 6 Nüno Ávila, 12 Vera" in _right(eyes)


async def test_enter_opens_the_runner_and_escape_comes_back_to_the_alert(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("2", "down", "enter")
        assert eyes.lines[2].startswith("3  [/nope]")
        await eyes.press("escape")
        assert "bib 3 is out of time" in eyes.under_cursor


async def test_enter_on_a_silent_station_leads_to_that_station(noon: Weekend) -> None:
    await noon.say("hut", "heartbeat", "4h", device="hut-1", seq=0)
    async with dashboard(noon.path) as eyes:
        await eyes.press("2", "down", "down")
        assert "Old Hut is silent" in eyes.under_cursor
        assert about(eyes) == About(station="hut", device="hut-1", alert="silent/hut")
        await eyes.press("enter")
        assert eyes.under_cursor.startswith("▸Old Hut     !! silent")
        assert about(eyes).station == "hut"


async def test_the_cursor_stays_with_its_alert_when_older_ones_come_and_go(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("2", "down")
        await noon.say("square", "withdrawal", "10m", bib="12", reason="injury")
        await eyes.look()
        assert "2 out of the race and not accounted for: bibs 12, 5" in eyes.lines[4]
        assert "bib 3 is out of time" in eyes.under_cursor
        assert about(eyes).alert == "out_of_time/3/pass"


async def test_who_looks_at_the_first_without_a_key_stays_with_that_one_too(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("2")
        await noon.say("square", "withdrawal", "10m", bib="12", reason="injury")
        await eyes.look()
        assert OLDEST in eyes.under_cursor


async def test_an_alert_that_settles_under_the_cursor_says_so_and_goes_with_the_cursor(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2")
        await noon.say("desk", "accounted", "5h", bib="5", where="bus 2", **SEEN)
        await eyes.look()
        assert "settled: " + OLDEST[:20] in eyes.under_cursor
        assert "SETTLED by itself" in _right(eyes)
        assert "accounted: author race office, reason he was asked, bib 5, where bus 2" in _right(eyes)
        assert about(eyes).alert == "unaccounted/5"
        await eyes.press("down")
        assert "bib 5" not in eyes.text
        assert "bib 3 is out of time" in eyes.under_cursor


async def test_what_is_seen_or_shelved_is_counted_and_shown_with_whose_word_it_is(noon: Weekend) -> None:
    await says_of(noon, "out_of_time/3/pass", "acknowledged")
    await says_of(noon, "unaccounted/5", "shelved", until=noon.at_ms + 3_600_000)
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2")
        assert "1 to act on, 1 to look at, the oldest first · 1 seen, 1 shelved (s shows them)" in eyes.text
        assert "bib 5" not in eyes.text
        await eyes.press("s", "end")
        assert "seen by race office: bib 3 is out of time" in eyes.under_cursor
        assert "acknowledged: Sat 13:00 by race office, he was asked" in _right(eyes)
        await eyes.press("up")
        assert "until Sat 14:00: bib 5 is out of the race" in eyes.under_cursor
        assert "shelved until Sat 14:00: Sat 13:00 by race office, he was asked" in _right(eyes)
        await eyes.press("s")
        assert "bib 5" not in eyes.text


async def test_a_word_that_holds_no_more_is_still_told(noon: Weekend) -> None:
    await says_of(noon, "unaccounted/5", "shelved", until=noon.at_ms + 600_000)
    await noon.now("5h30")
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2")
        assert "shelved until Sat 13:10, which no longer holds: Sat 13:00 by race office" in _right(eyes)


async def test_of_many_enter_shows_each_and_folds_them_again(noon: Weekend) -> None:
    for bib in ("6", "2", "4", "12"):
        await noon.say("square", "withdrawal", f"5{bib[0]}m", bib=bib, reason="injury")
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("2")
        assert "+ 5 out of the race and not accounted for: bibs 5, 12, 6, 2, 4" in eyes.under_cursor, eyes.text
        assert about(eyes) == About()
        await eyes.press("enter")
        assert "- 5 out of the race" in eyes.under_cursor
        await eyes.press("down")
        assert "bib 5 is out of the race" in eyes.under_cursor, "the oldest first"
        await eyes.press("up", "enter")
        assert "+ 5 out of the race" in eyes.under_cursor


async def test_space_reads_on_in_the_alert_and_begins_again_after_its_end(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("2")
        body = eyes.app.screen.query_one("Detail")
        assert body.max_scroll_y > 0
        await eyes.press("space")
        assert body.scroll_offset.y > 0
        for _ in range(body.max_scroll_y):
            await eyes.press("space")
            if body.scroll_offset.y == 0:
                break
        assert body.scroll_offset.y == 0


async def test_the_finder_leads_to_the_alert_about_who_was_found(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("2", "slash", "2")
        assert "bib 2 is overdue" in eyes.under_cursor
        await eyes.press("enter")
        assert eyes.lines[2].startswith("2  Bo")


async def test_without_alerts_it_says_so(weekend: Weekend) -> None:
    async with dashboard(weekend.path) as eyes:
        await eyes.press("2", "enter", "down", "s", "space")
        eyes.line_with("no alerts are open")
        eyes.line_with("nothing to look at")
        assert about(eyes) == About()


async def test_a_detail_that_fails_says_so_and_the_list_goes_on(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = failing("no such evidence")
    monkeypatch.setattr(alerts_screen, "alert_text", fails)
    async with dashboard(noon.path) as eyes:
        await eyes.press("2", "down")
        eyes.line_with("! detail failed (ZeroDivisionError: no such evidence)")
        assert "bib 3 is out of time" in eyes.under_cursor
        monkeypatch.setattr(alerts_screen, "triage", fails)
        await eyes.look()
        assert "! the alerts failed" in eyes.words
        assert "3 to act on" in eyes.text


def _right(eyes: Eyes) -> str:
    """What stands beside the list, with single spaces."""
    width = eyes.app.screen.query_one("#triage").size.width
    return " ".join(" ".join(line[width:] for line in eyes.lines).split())
