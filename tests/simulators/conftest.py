"""The simulated Andorra weekend."""

from pathlib import Path

import pytest

from simulators.field import Journey, simulate_field, simulate_roster
from tracker.core.course import Event
from tracker.core.roster import Roster
from tracker.files.event import read_event
from tracker.files.roster import read_roster

COURSES = Path(__file__).parents[2] / "courses"
RACES_THAT_WERE_RUN = Path(__file__).parents[3] / "shared" / "data"


def course(name: str) -> Event:
    """An event file that ships with the tracker."""
    path = COURSES / f"{name}.toml"
    return read_event(path.read_text(encoding="utf-8"), path.name)


def roster_of(event: Event, seed: int) -> Roster:
    """The simulated start list, read as any other."""
    return read_roster(simulate_roster(event, seed), f"seed {seed}", event)


@pytest.fixture(scope="session")
def andorra() -> Event:
    return course("andorra-2022")


@pytest.fixture(scope="session")
def roster(andorra: Event) -> Roster:
    return roster_of(andorra, 7)


@pytest.fixture(scope="session")
def journeys(andorra: Event, roster: Roster) -> list[Journey]:
    return simulate_field(andorra, roster, 7)
