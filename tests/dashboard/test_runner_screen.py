"""One runner in full, as the director opens it from the board."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dashboard.conftest import EVENT, START_MS, Weekend
from tests.dashboard.screen import LARGE, SMALL, dashboard
from tracker.files.times import parse_duration


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_enter_opens_the_runner_and_escape_goes_back(noon: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(noon.path, size) as eyes:
        await eyes.press("down", "enter")
        assert eyes.lines[2].startswith("4  日本 山田  M  O19  Long Way")
        assert "> racing, missed pass place 2, 1 of M, 1 of M O19 next cutoff Sat 18:00:00" in eyes.words
        assert eyes.line_with(" 15.0 ", "missed").split()[4:7] == ["11:00", "?", "?"]
        hut = eyes.line_with(" 25.0 ")
        assert "Sat 14:00" in hut
        assert "Sat 12:30:00" in hut
        assert hut.split()[-2:] == ["4:30:00", "?"]
        await eyes.press("escape")
        assert "日本" in eyes.under_cursor


async def test_the_head_is_of_the_runners_race_wherever_somebody_was_before(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("down", "enter", "right", "tab")
        assert "[Long Way]" in eyes.lines[1]
        assert "Long Way +5:00:00" in eyes.lines[0]
        assert eyes.lines[2].startswith("4  日本 山田  M  O19  Long Way")
        await eyes.press("5", "right")
        assert "[Short Way]" in eyes.lines[1]
        await eyes.press("4")
        assert "[Long Way]" in eyes.lines[1]
        assert eyes.lines[2].startswith("4  日本 山田  M  O19  Long Way")


async def test_a_click_opens_the_runner(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.pilot.click("#board", offset=(20, 3))
        await eyes.pilot.pause()
        assert eyes.lines[2].startswith("2  Bo Çédille")


async def test_what_decided_is_said_with_who_said_it(noon: Weekend) -> None:
    await noon.say("desk", "status", "4h", bib="2", status="disqualified", author="Dir. Ector", reason="cut a switchback")
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash", "5", "enter", "enter")
        assert "because of a withdrawal: Sat 08:50:00 withdrew at square: injury, by R. Marshal, ankle" in eyes.words
        await eyes.press("escape", "slash", "2", "enter", "enter")
        assert "because of the director's decision: Sat 12:00:00 disqualified, by Dir. Ector: cut a switchback" in eyes.words
        await eyes.press("escape", "slash", "3", "enter", "enter")
        assert "! out of time, provisional, late pass" in eyes.text
        assert "because of the cutoff at High Pass Sat 11:00:00, there until Sat 11:20:00;" in eyes.text


async def test_the_desks_facts_about_a_runner_are_listed(noon: Weekend) -> None:
    at_ms = noon.at_ms
    await noon.say(
        "desk", "passage", "4h50", bib="4", checkpoint="pass", at=at_ms - 9_000_000, author="Desk A", reason="seen by the doctor"
    )
    await noon.say("desk", "penalty", "4h51", bib="1", seconds=300, author="Desk A", reason="no jacket")
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("down", "enter")
        eyes.line_with("Sat 12:50:00  hand time at High Pass Sat 10:30:00, by Desk A: seen by the doctor")
        eyes.line_with(" 15.0 ", "Sat 10:30:00", "hand", "2:30:00", "Sat 11:00")
        await eyes.press("escape", "up", "enter")
        eyes.line_with("penalty +0:05:00, by Desk A: no jacket")
        assert "official 4:45:00" in eyes.text


async def test_a_read_that_does_not_count_is_told_with_the_reason(noon: Weekend) -> None:
    await noon.reads("2", chapel="1h", **{"pass": "5s"})
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        eyes.line_with(" 15.0 ", "Sat 09:40:00", "suspect")
        assert "suspect" not in eyes.line_with(" 25.0 ", "Sat 14:00")
        eyes.line_with("Sat 08:00:05  pass: does not count, quicker than anybody gets there  (m14)")
        eyes.line_with("Sat 09:00:00  chapel: does not count, the race never passes there  (m13)")


async def test_time_that_stood_still_is_in_no_elapsed_time_and_in_no_leg(noon: Weekend) -> None:
    """Half an hour after the pass: the first two were between the pass and the hut, and stood."""
    still = {"from": START_MS + parse_duration("2h"), "until": START_MS + parse_duration("2h30")}
    await noon.say("desk", "neutralise", "2h", race="long", author="Dir. Ector", reason="lightning", **still)
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("enter")
        assert eyes.line_with(" 15.0 ").split()[-2:] == ["1:30:00", "1:29:59"]
        assert eyes.line_with(" 25.0 ").split()[-2:] == ["2:10:00", "0:40:00"]
        assert "official 4:10:00" in eyes.text


async def test_an_open_runner_follows_the_race(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        assert "Sat 12:20:00" not in eyes.text
        await noon.reads("2", hut="4h20")
        await eyes.look()
        assert "Sat 12:20:00" in eyes.line_with(" 25.0 ")
        assert "place 2" in eyes.text


async def test_q_quits_from_here_too_and_help_says_so(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("enter", "question_mark")
        eyes.line_with("esc", "Back", "│")
        await eyes.press("escape", "q")
        assert eyes.app._exit


async def place_of(weekend: Weekend, bib: str) -> str:
    async with dashboard(weekend.path, LARGE) as eyes:
        await eyes.press("slash", *bib, "enter", "enter")
        assert eyes.lines[2].startswith(f"{bib}  "), eyes.text
        return eyes.lines[4]


async def test_it_says_where_a_runner_is(noon: Weekend) -> None:
    await noon.say("hut", "passage", "4h50", bib="2", way="in")
    told = [await place_of(noon, bib) for bib in ("1", "2", "4", "5", "6")]
    gave_up = "out, last known at Square, not accounted for"
    assert told == ["at the finish", "in Old Hut", "on the way to Square", gave_up, "not started"]


async def test_who_is_in_safe_hands_is_so_by_whose_word_and_where(noon: Weekend) -> None:
    await noon.say("desk", "accounted", "4h", bib="5", where="bus 2", author="Desk A", reason="seen")
    await noon.say("desk", "accounted", "4h30", bib="3", author="Desk B", reason="called home")
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash", "5", "enter", "enter")
        assert eyes.lines[4] == "in safe hands: bus 2, by Desk A"
        eyes.line_with("Sat 12:00:00  accounted for, bus 2, by Desk A: seen")
        await eyes.press("escape", "slash", "3", "enter", "enter")
        assert eyes.lines[4] == "in safe hands: nobody said where, by Desk B"
        eyes.line_with("Sat 12:30:00  accounted for, by Desk B: called home")


async def test_who_is_out_and_was_read_at_the_finish_is_in_safe_hands_by_that(noon: Weekend) -> None:
    await noon.say("desk", "accounted", "55m", bib="5", where="bus 2", author="Desk A", reason="seen")
    await noon.reads("5", chapel="57m", square="4h58")
    await noon.say("desk", "status", "4h50", bib="1", status="disqualified", author="Dir. Ector", reason="cut a switchback")
    assert await place_of(noon, "1") == "in safe hands: read at the finish"
    assert await place_of(noon, "5") == "in safe hands: read at the finish"


async def test_a_runner_who_was_moved_to_another_race_is_found_there_with_what_was_said_of_the_old_one(noon: Weekend) -> None:
    said = {"author": "Desk A", "reason": "paper list"}
    await noon.say("desk", "passage", "3h10", bib="2", checkpoint="hut", at=START_MS + parse_duration("3h"), **said)
    await noon.say("desk", "race", "4h50", bib="2", race="short", **said)
    async with dashboard(noon.path) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        assert eyes.lines[2] == "2  Bo Çédille  M  ?  Short Way"
        eyes.line_with("Sat 11:10:00  hand time at hut Sat 11:00:00, by Desk A: paper list")


async def test_each_checkpoint_ahead_has_the_expected_time_its_window_and_what_is_to_spare(noon: Weekend) -> None:
    await noon.reads("2", hut="4h20")
    for size, there in ((SMALL, "14:36-16:29"), (LARGE, "14:36-16:29, 2h33 to spare")):
        async with dashboard(noon.path, size) as eyes:
            await eyes.press("slash", "2", "enter", "enter")
            assert eyes.line_with(" 40.0 ").split(maxsplit=4)[-1].split(maxsplit=2)[-1] == there
            assert "~Sat 15:26" in eyes.line_with(" 40.0 ")


async def test_who_is_expected_after_a_cutoff_is_marked_so(noon: Weekend) -> None:
    await noon.reads("2", hut="4h59")
    await noon.say("desk", "cutoff", "5h", race="long", checkpoint="finish", cutoff="6h", author="Dir. Ector", reason="storm")
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        line = eyes.line_with(" 40.0 ")
        assert " ! " in line
        assert "too late" in line


async def test_of_who_is_overdue_nobody_knows_when_he_is_anywhere_else(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        eyes.line_with("on the way to Old Hut: overdue by 58m, expected 2h00 ago, last seen 3h20 ago")
        assert eyes.line_with(" 25.0 ").split()[-2:] == ["10:59", "10:40-11:29"]
        assert eyes.line_with(" 40.0 ").split()[-1] == "?"


async def test_every_raw_read_says_what_became_of_it(noon: Weekend) -> None:
    said = {"author": "Desk A", "reason": "wrong bib"}
    await noon.say("pass", "passage", "1h41", bib="2", way="out", device="pass-1", seq=7, source="chip")
    await noon.say("pass", "passage", "1h42", bib="2", device="pass-1", seq=8)
    await noon.say("hut", "passage", "4h30", bib="2", device="hut-1", seq=1)
    await noon.say("desk", "void", "4h40", fact=f"m{noon.sent}", **said)
    await noon.say("desk", "clock", "4h40", device="pass-1", offset_s=60, **said)
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        eyes.line_with("Sat 09:40:00  pass going out by pass-1 no. 7 chip, by its own clock Sat 09:41:00: ")
        eyes.line_with("Sat 09:41:00  pass by pass-1 no. 8, by its own clock Sat 09:42:00: accepted, departure from High Pass")
        eyes.line_with("Sat 12:30:00  hut by hut-1 no. 1: voided by the desk")
        assert "5 reads at the stations" in eyes.lines


async def test_the_plot_shows_the_runner_beside_the_middle_of_the_field(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "2", "enter", "enter")
        eyes.line_with("Minutes ahead of the middle of the field (+), or behind it (-)")
        eyes.line_with("+10 |")


async def test_of_a_checkpoint_that_is_skipped_nobody_has_to_know_anything_and_the_leg_goes_on(noon: Weekend) -> None:
    await noon.say("desk", "reroute", "1s", race="long", skip=["pass"], author="Dir. Ector", reason="snow")
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "4", "enter", "enter")
        assert eyes.line_with(" 15.0 ").split() == ["15.0", "High", "Pass", "skipped"]
        assert eyes.line_with(" 25.0 ").split()[-2:] == ["4:30:00", "4:29:56"]


async def test_beyond_the_end_of_a_shortened_race_the_checkpoints_say_so(noon: Weekend) -> None:
    await noon.say("desk", "reroute", "1s", race="long", finish="hut", author="Dir. Ector", reason="storm")
    async with dashboard(noon.path, LARGE) as eyes:
        await eyes.press("slash", "4", "enter", "enter")
        assert "after the finish" in eyes.line_with(" 40.0 ")
        assert "after the finish" not in eyes.line_with(" 25.0 ")


@pytest.fixture
async def called(tmp_path: Path) -> AsyncIterator[Weekend]:
    """A race whose roster says whom to call for one of two; that one gave up."""
    roster = "bib,race,name,Emergency phone\n1,long,Ada Larch,+376 1\n2,long,Bo Birch,\n"
    weekend = await Weekend(tmp_path / "called.db").begin(roster=roster)
    await weekend.reads("1", square="1s")
    await weekend.say("square", "withdrawal", "50m", bib="1", reason="injury")
    await weekend.now("2h")
    yield weekend
    await weekend.end()


async def test_whom_to_call_stands_beside_the_runner_and_in_the_evidence_of_an_alert_about_him(called: Weekend) -> None:
    async with dashboard(called.path, LARGE) as eyes:
        await eyes.press("slash", "1", "enter", "4")
        assert [line.rstrip() for line in eyes.lines[2:4]] == ["1  Ada Larch  ?  O19  Long Way", "Emergency phone +376 1"]
        await eyes.press("slash", "2", "enter", "4")
        assert "Emergency" not in eyes.text
        await eyes.press("2")
        assert "Emergency phone +376 1" in eyes.text


@pytest.fixture
async def papers(tmp_path: Path) -> AsyncIterator[Weekend]:
    """Before the start of a race that requires papers: one has shown all, one lacks them, one is too young, one does not come."""
    event = EVENT.replace(
        "gain_m = 2000", 'gain_m = 2000\nmax_birth_year = 2004\nrequires = ["medical_certificate", "licence_or_insurance"]', 1
    )
    roster = (
        "bib,race,name,birth_year,status,medical_certificate,licence,insurance\n"
        "1,long,Ada Larch,1985,confirmed,2024-12-31,FAM-0441,\n"
        "2,long,Bo Birch,1985,pending,2024-06-14,,\n"
        "3,long,Cleo Elm,2005,confirmed,yes,,yes\n"
        "4,long,Dag Fir,1985,dns,,,\n"
        "5,long,Eva Oak,1985,confirmed,yes,,\n"
    )
    weekend = await Weekend(tmp_path / "papers.db").begin(event, roster)
    yield weekend
    await weekend.end()


ENTRIES = {
    "1": "entry CONFIRMED",
    "2": "entry pending: medical certificate (valid until 2024-06-14); licence or insurance; organiser's confirmation",
    "3": 'entry too young: born in 2005, and race "long" is for those born in 2004 or earlier',
    "5": "entry pending: licence or insurance",
}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_before_the_start_a_runner_is_confirmed_or_what_is_pending_is_said(papers: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(papers.path, size) as eyes:
        for bib in "12345":
            await eyes.press("slash", bib, "enter", "4")
            assert eyes.lines[2].startswith(f"{bib}  ")
            if bib in ENTRIES:
                assert f"not started because of no read so far {ENTRIES[bib]} km Checkpoint" in eyes.words
            else:
                assert "entry" not in eyes.text
            await eyes.press("1")


async def test_of_who_has_started_only_what_is_pending_is_still_said(papers: Weekend) -> None:
    await papers.reads("1", square="1s")
    await papers.reads("5", square="2s")
    await papers.now("1m")
    async with dashboard(papers.path, LARGE) as eyes:
        await eyes.press("slash", "1", "enter", "4")
        assert eyes.lines[2].startswith("1  ")
        assert "entry" not in eyes.text
        await eyes.press("slash", "5", "enter", "4")
        assert "entry pending: licence or insurance" in eyes.lines
