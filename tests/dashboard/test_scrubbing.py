"""The replay under a director's fingers: the same screens under a banner, and the race as it is now a key away."""

import asyncio
from pathlib import Path

import pytest

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard, failing
from tracker.clock import RaceClock
from tracker.dashboard.replay import STEP_MS, Replay
from tracker.desk import Desk
from tracker.fold import Fold

BACK, ON, LEAP_BACK, LEAP_ON = "left_square_bracket", "right_square_bracket", "left_curly_bracket", "right_curly_bracket"


async def scrub(eyes: Eyes, *keys: str) -> None:
    """Press keys, and wait until the moment is shown."""
    await eyes.press(*keys)
    await eyes.app.scrubbing.arrived()
    await eyes.pilot.pause()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_keys_scrub_every_screen_under_a_banner_and_the_end_is_live(day: Weekend, size: tuple[int, int]) -> None:
    async with dashboard(day.path, size) as eyes:
        assert "REPLAY" not in eyes.text
        await scrub(eyes, BACK)
        assert "REPLAY Sat" in eyes.lines[2]
        assert "12:50" in eyes.lines[2]
        assert "as known then" in eyes.lines[2]
        assert " REPLAY  Long Way +4:50:00" in eyes.lines[0]
        assert not eyes.app.scene.source.live
        await scrub(eyes, BACK)
        assert "> racing" in eyes.line_with("Ada Larch")
        await scrub(eyes, LEAP_BACK, LEAP_BACK, LEAP_BACK)
        assert "> racing" in eyes.line_with("[/nope]")
        assert "High Pass" not in eyes.line_with("Bo Çédille")
        await scrub(eyes, "5", ON, ON)
        assert "2 on the way to High Pass km 15" in eyes.words
        await scrub(eyes, "6")
        assert eyes.lines[3].startswith("follows what comes · all 4 facts")
        await scrub(eyes, "1", LEAP_ON, LEAP_ON, LEAP_ON)
        assert "REPLAY" not in eyes.text
        assert "Bib" in eyes.lines[3]
        assert eyes.app.scene.source is eyes.app.tail
        assert "✓ finished" in eyes.line_with("Ada Larch")
        await scrub(eyes, ON)
        assert "REPLAY" not in eyes.text


async def test_escape_leaves_the_replay_and_what_came_meanwhile_is_there_at_once(day: Weekend) -> None:
    async with dashboard(day.path) as eyes:
        await scrub(eyes, LEAP_BACK)
        await day.now("5h30")
        await day.reads("2", hut="5h25")
        await eyes.look()
        assert "REPLAY Sat 12:00" in eyes.lines[2]
        assert "Old Hut" not in eyes.line_with("Bo Çédille")
        await eyes.press("4", "escape")
        assert "REPLAY" not in eyes.text
        assert eyes.app.current_mode == "runner"
        await eyes.press("escape")
        assert "Old Hut" in eyes.line_with("Bo Çédille")
        assert "Long Way +5:30:00" in eyes.lines[0]


async def test_in_a_replay_backspace_goes_back_to_the_screen_before(day: Weekend) -> None:
    async with dashboard(day.path) as eyes:
        await scrub(eyes, BACK, "enter", "backspace")
        assert eyes.app.current_mode == "race"
        assert "REPLAY" in eyes.lines[2]


async def test_a_recording_says_that_it_is_shown_as_it_happened(noon: Weekend) -> None:
    async with dashboard(noon.path, LARGE) as eyes:
        await scrub(eyes, LEAP_BACK, LEAP_BACK)
        assert "REPLAY Sat 2024-06-15 11:00 as it happened, by what is known now" in eyes.lines[2]
        assert "> racing" in eyes.line_with("Bo Çédille")
        await eyes.press("6")
        assert "שרה לוי" in eyes.line_with("withdrew: injury")
        assert "日本" not in "\n".join(line for line in eyes.lines if "Sat 12:30" in line)


async def test_the_ledger_that_is_printed_from_a_replay_says_so_and_leaves_the_live_one(day: Weekend) -> None:
    async with dashboard(day.path, desk=Desk(day.path)) as eyes:
        await scrub(eyes, LEAP_BACK, "5")
        await eyes.app.screen.action_print()  # type: ignore[attr-defined]
    path = Path(f"{day.path}.ledger-replay.txt")
    assert "REPLAY: as it was then, and NOT as it is now" in path.read_text(encoding="utf-8")
    assert not Path(f"{day.path}.ledger.txt").exists()


async def test_scrubbing_keys_are_letters_while_somebody_is_sought(day: Weekend) -> None:
    async with dashboard(day.path) as eyes:
        await eyes.press("slash", BACK, LEAP_BACK)
        assert "[{" in eyes.text
        assert "REPLAY" not in eyes.text


async def test_where_nothing_has_come_yet_there_is_nothing_to_replay(weekend: Weekend) -> None:
    async with dashboard(weekend.path) as eyes:
        await eyes.press(BACK)
        await eyes.look()
        assert "nothing has come yet that could be replayed" in eyes.words
        assert eyes.app.scene.source.live
        await eyes.press("escape")
        await eyes.look()
        assert "nothing has come yet" not in eyes.words


async def test_before_there_is_a_journal_the_scrubbing_keys_do_no_harm(tmp_path: Path) -> None:
    async with dashboard(tmp_path / "race.db") as eyes:
        await eyes.press(BACK, ON, LEAP_BACK, "escape")
        assert eyes.lines[0].startswith("waiting for ")


async def test_keys_pressed_while_it_folds_lead_to_the_last_moment_asked_for_by_one_fold_after_the_other(
    day: Weekend, monkeypatch: pytest.MonkeyPatch
) -> None:
    folding, most, go = 0, 0, Replay.go

    async def counted(self: Replay) -> None:
        nonlocal folding, most
        folding += 1
        most = max(most, folding)
        try:
            await go(self)
        finally:
            folding -= 1

    monkeypatch.setattr(Replay, "go", counted)
    async with dashboard(day.path) as eyes:
        for _ in range(12):
            await eyes.app.action_scrub(-STEP_MS)
        assert eyes.app.scene.source.banner(80).plain.startswith("/// REPLAY to Sat 11:00: 0 of 8 facts read, still now ")
        await scrub(eyes)
        assert "REPLAY Sat 11:00 as known then" in eyes.words
        assert most == 1


async def test_a_replay_that_fails_says_so_and_the_race_goes_on(day: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = failing("no past")
    async with dashboard(day.path) as eyes:
        monkeypatch.setattr(Fold, "catch_up", fails)
        await scrub(eyes, BACK)
        assert "REPLAY failed (ZeroDivisionError: no past)" in eyes.lines[2]
        assert eyes.lines[2].endswith("Esc: live REPLAY ///")
        assert "✓ finished" in eyes.line_with("Ada Larch")
        monkeypatch.undo()
        await scrub(eyes, BACK)
        assert "REPLAY Sat 12:40 as known then" in eyes.words
        monkeypatch.setattr(Fold, "catch_up", fails)
        await scrub(eyes, BACK)
        await eyes.press("escape")
        assert "REPLAY" not in eyes.text


async def test_quitting_in_the_middle_of_a_fold_ends_at_once(day: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    began = asyncio.Event()

    async def hangs(_: Replay) -> None:
        began.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Replay, "go", hangs)
    async with dashboard(day.path) as eyes:
        await eyes.press(BACK)
        await began.wait()
        await eyes.press("q")
        assert eyes.app._exit


async def test_the_clock_of_a_real_race_is_no_simulation_in_its_replay(day: Weekend) -> None:
    await day.journal.set_clock(RaceClock())
    async with dashboard(day.path) as eyes:
        await scrub(eyes, BACK)
        assert "REPLAY Sat 12:40" in eyes.lines[2]
        assert "SIMULATED" not in eyes.text


async def test_an_alert_that_had_not_begun_at_the_moment_of_a_replay_is_not_said_to_have_settled(day: Weekend) -> None:
    async with dashboard(day.path, LARGE) as eyes:
        await eyes.press("2", "end")
        while "bib 3 is out of the race" not in eyes.under_cursor:
            await eyes.press("up")
        await scrub(eyes, LEAP_BACK)
        assert "4:00" in eyes.lines[0]
        assert "ettled" not in eyes.text.casefold()
        assert "bib 3 is out of the race" not in eyes.text
