"""Draws docs/dashboard.svg, the README's picture: the dashboard on a simulated Andorra, on Saturday at noon. `python -m docs.picture`."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from simulators.field import simulate_field, simulate_roster
from simulators.scanners import REALISTIC, emissions
from tracker.clock import RaceClock
from tracker.dashboard.app import Dashboard
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.files.times import parse_moment
from tracker.ingest import Intake
from tracker.journal import Journal, Sources
from tracker.wire import Wire

ROOT = Path(__file__).parents[1]
SEED = 1
MOMENT = "2022-06-25T12:00:00"
SIZE = (150, 40)


async def journal_at(path: Path, clock: RaceClock) -> Journal:
    """A journal of a simulated Andorra, open for writing, as far as its clock has come."""
    course = ROOT / "courses" / "andorra-2022.toml"
    toml = course.read_text(encoding="utf-8")
    event = read_event(toml, course.name)
    roster_csv = simulate_roster(event, SEED)
    roster = read_roster(roster_csv, "roster.csv", event)
    now_ms = clock.now_ms()
    said = emissions(event, roster, simulate_field(event, roster, SEED), SEED, REALISTIC)
    journal = await Journal.create(path, Sources(course.name, toml, "roster.csv", roster_csv, "tracker"))
    await journal.set_clock(clock)
    intake = Intake(journal, Wire(event.id), clock)
    await intake.store([(one.topic, one.payload) for one in said if one.send_ms <= now_ms])
    return journal


async def draw(folder: Path) -> None:
    """Draw what the dashboard shows at the moment."""
    path = folder / "race.db"
    clock = RaceClock(0, parse_moment(MOMENT, "Europe/Andorra"), 0)
    async with await journal_at(path, clock):
        app = Dashboard(path)
        async with app.run_test(size=SIZE) as pilot:
            await app.refresh_now()
            await pilot.pause()
            (ROOT / "docs" / "dashboard.svg").write_text(app.export_screenshot(title="tracker"), encoding="utf-8")


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        asyncio.run(draw(Path(made)))
