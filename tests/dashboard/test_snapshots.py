"""Every screen as it stands at noon of the simulated race, beside what it was: files in `snapshots/`, all but the footer.

After a change that was meant, look at the new ones and keep them: `SNAPSHOTS=write pytest tests/dashboard/test_snapshots.py`.
"""

import asyncio
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from docs.picture import MOMENT, journal_at
from tests.dashboard.screen import LARGE, SMALL, dashboard
from tracker.clock import RaceClock
from tracker.desk import Desk
from tracker.files.times import parse_moment

FOLDER = Path(__file__).parent / "snapshots"


class Shot(NamedTuple):
    """A screen by its name, and the keys that lead there from the race's."""

    name: str
    keys: tuple[str, ...]


SHOTS = (
    Shot("race", ()),
    Shot("alerts", ("2",)),
    Shot("stations", ("3",)),
    Shot("runner", ("slash", "8", "4", "enter", "4")),
    Shot("entry", ("slash", *"1607", "enter", "4")),
    Shot("ledger", ("5",)),
    Shot("log", ("6", "up")),
    Shot("menu", ("slash", "8", "4", "enter", "1", "a")),
    Shot("form", ("slash", "8", "4", "enter", "1", "a", "q", *"Dir. Ector", "enter", *"cut a switchback", "enter")),
)


@pytest.fixture(scope="module")
def noon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("noon") / "race.db"

    async def make() -> None:
        async with await journal_at(path, RaceClock(0, parse_moment(MOMENT, "Europe/Andorra"), 0)):
            pass

    asyncio.run(make())
    return path


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
async def test_a_screen_is_as_it_was(noon: Path, shot: Shot, size: tuple[int, int]) -> None:
    async with dashboard(noon, size, Desk(noon)) as eyes:
        await eyes.press(*shot.keys)
        now = "".join(f"{line}\n" for line in eyes.lines[:-1])
    file = FOLDER / f"{shot.name}-{size[0]}x{size[1]}.txt"
    if os.environ.get("SNAPSHOTS") == "write":
        file.write_text(now, encoding="utf-8")
    assert now == file.read_text(encoding="utf-8")
