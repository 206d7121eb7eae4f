"""A simulated Andorra on Saturday at noon, taken in by a real ingest that listens, and the dashboard of its race office."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from docs.picture import MOMENT, journal_at
from tests.conftest import PATIENCE_S, free_port
from tests.dashboard.screen import LARGE, Eyes, dashboard
from tracker.clock import RaceClock
from tracker.core.facts import DeskWord
from tracker.desk import Desk
from tracker.files.times import parse_moment
from tracker.journal import Journal
from tracker.wire import Wire

NOON_MS = parse_moment(MOMENT, "Europe/Andorra")
CLOCK = RaceClock(0, NOON_MS, 0)


class Office:
    """The race's journal, and the process that takes messages in."""

    def __init__(self, path: Path, clock: RaceClock = CLOCK) -> None:
        self.path = path
        self.clock = clock
        self.port = free_port()
        self._ingest: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Take messages in."""
        folder = self.path.parent
        command = [sys.executable, "-m", "tracker", "run", str(folder / "event.toml"), "--roster", str(folder / "roster.csv")]
        command += ["--journal", str(self.path), "--listen", f"127.0.0.1:{self.port}", "--headless", "--clock", str(self.clock)]
        with (folder / "ingest.log").open("ab") as log:
            self._ingest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self) -> None:
        """No more."""
        if self._ingest is not None:
            self._ingest.kill()
            self._ingest.wait(PATIENCE_S)
            self._ingest = None

    async def said(self) -> list[DeskWord]:
        """What of the desk's words and of the withdrawals is in the journal, in order of arrival."""
        wire, said = Wire("andorra-2022"), []
        async with await Journal.open(self.path) as journal:
            async for rows in journal.facts():
                told = [row for row in rows if "/desk/" in row.topic or row.topic.endswith("/withdrawal")]
                said += [wire.decode(row.topic, row.payload, row.key) for row in told]
        return [fact for fact in said if isinstance(fact, DeskWord)]

    async def newest(self, known: int) -> DeskWord:
        """The fact that comes after so many."""
        found: list[DeskWord] = []

        async def has_come() -> bool:
            found[:] = await self.said()
            return len(found) > known

        ends = asyncio.get_running_loop().time() + PATIENCE_S
        while not await has_come():
            assert asyncio.get_running_loop().time() < ends, (self.path.parent / "ingest.log").read_text()
            await asyncio.sleep(0.05)
        assert len(found) == known + 1
        return found[-1]


async def noon_in(folder: Path) -> None:
    """The journal at noon and its files, in a folder."""
    async with await journal_at(folder / "race.db", CLOCK) as journal:
        (folder / "event.toml").write_text(journal.sources.event_toml, encoding="utf-8")
        (folder / "roster.csv").write_text(journal.sources.roster_csv, encoding="utf-8")


@pytest.fixture(scope="session")
def noon_of_the_race(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every office begins with."""
    folder = tmp_path_factory.mktemp("noon")
    asyncio.run(noon_in(folder))
    return folder


def _at_work(noon_of_the_race: Path, folder: Path, clock: RaceClock) -> Iterator[Office]:
    shutil.copytree(noon_of_the_race, folder)
    office = Office(folder / "race.db", clock)
    office.start()
    yield office
    office.kill()


@pytest.fixture
def office(noon_of_the_race: Path, tmp_path: Path) -> Iterator[Office]:
    """An office of its own for each test; its ingest runs, and time stands still at noon."""
    yield from _at_work(noon_of_the_race, tmp_path / "office", CLOCK)


@pytest.fixture
def busy_office(noon_of_the_race: Path, tmp_path: Path) -> Iterator[Office]:
    """The same, and time goes on from noon ten times as fast: between a look and its `y` there are seconds, and no station falls silent."""
    yield from _at_work(noon_of_the_race, tmp_path / "office", RaceClock.starting_at(NOON_MS, 10.0))


@asynccontextmanager
async def at_the_desk(office: Office, size: tuple[int, int] = LARGE) -> AsyncIterator[Eyes]:
    """The office's dashboard, which has read the race and knows where to send."""
    async with dashboard(office.path, size, Desk(office.path)) as eyes:
        yield eyes
