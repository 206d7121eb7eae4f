"""`tracker run` with its dashboard: the ingest is a process of its own, which the command starts and, when the dashboard is quit, stops."""

import asyncio
from pathlib import Path

import aiomqtt
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, PATIENCE_S, Tracker, Way, passage, race_day, until
from tests.dashboard.screen import LARGE, Eyes, dashboard
from tracker.clock import RaceClock
from tracker.desk import Desk


async def shows(eyes: Eyes, words: str) -> bool:
    """Whether they are on the screen, once what is new in the journal is."""
    await eyes.look()
    return words in eyes.text


@pytest.mark.usefixtures("screen")
def test_a_passage_that_a_device_sends_is_on_the_dashboard_and_q_and_capital_s_end_it_and_its_ingest(
    tmp_path: Path, way: Way, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, port = way
    _, event, *roster = race_day(3).files(tmp_path)
    journal, log = tmp_path / "race.db", tmp_path / "race.db.log"

    async def watch(path: Path, desk: Desk, *, asks: bool) -> bool:
        await until(lambda: "connected to broker" in log.read_text() or "listening on" in log.read_text(), "the ingest takes messages")
        async with dashboard(path, LARGE, desk, asks=asks) as eyes:
            assert "0 facts" in eyes.text
            async with aiomqtt.Client("127.0.0.1", port, timeout=PATIENCE_S) as scanner:
                await scanner.publish(*passage(), qos=1)
            await until(lambda: shows(eyes, "1 fact "), "the passage is on the dashboard")
            assert "Sat 08:00 " in eyes.line_with("Runner 1")
            await eyes.press("q")
            assert "leave, and STOP taking messages in" in eyes.text
            await eyes.press("s")
            assert "Leave the dashboard?" in eyes.text
            await eyes.press("escape")
            assert "Sat 08:00 " in eyes.line_with("Runner 1")
            await eyes.press("q", "S")
            assert eyes.app._exit
        return eyes.app.return_value is True

    monkeypatch.setattr(
        "tracker.dashboard.app.run_dashboard", lambda path, desk, *, asks, series: asyncio.run(watch(path, desk, asks=asks))
    )
    clock = RaceClock(0, GUN_MS + 150 * MINUTE_MS, 0.0)
    said = tracker("run", event, *roster, "--journal", journal, *words, "--clock", clock)
    assert (said.code, said.err) == (0, ""), log.read_text()
    assert "stopped: 1 new facts, 0 known already, 0 in quarantine" in log.read_text()
