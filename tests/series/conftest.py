"""What the series' commands are tried on: the races of a weekend, simulated and taken in."""

from pathlib import Path

import pytest

from tracker.cli import main

COURSES = Path(__file__).parents[2] / "courses"


@pytest.fixture(scope="session")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of the Andorra races of 2022 with simulated runners: 105k, 50k, 21k and 7k5, from Friday evening to Sunday."""
    folder = tmp_path_factory.mktemp("weekend")
    event, messages, roster, journal = str(COURSES / "andorra-2022.toml"), folder / "m.jsonl", folder / "roster.csv", folder / "race.db"
    assert main(["simulate", event, "--seed", "3", "--out", str(messages), "--roster-out", str(roster)]) == 0
    assert main(["feed", str(journal), str(messages), "--event", event, "--roster", str(roster)]) == 0
    return journal
