"""The hill race in the middle of its day, in a journal whose clock stands still."""

from pathlib import Path

import pytest

from tests.conftest import GUN_MS, MINUTE_MS, race_day, write_received
from tracker.clock import RaceClock


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    day = race_day(12)
    clock = RaceClock(0, GUN_MS + 300 * MINUTE_MS, 0.0)
    return write_received(tmp_path / "race.db", day, clock, [(GUN_MS, message) for message in day.messages])
