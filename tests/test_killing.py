"""A few of the kill rounds (docs/killing.md), with each kind of death, and each part told to stop under load: nothing is lost."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.conftest import needs
from tests.killing.race import Race

PER_S = 200


@pytest.mark.parametrize(
    ("way", "kinds"),
    [
        (
            "standby",
            [
                "the ingest",
                "the broker, told to stop",
                "the broker, and an empty one in its place",
                "a scanner process",
                "the ingest, told to stop",
                "the standby and the broker",
                "a scanner process, told to leave",
            ],
        ),
        ("listen", ["the ingest and a scanner process", "the ingest, told to stop", "the ingest and the dashboard"]),
    ],
    ids=["through Mosquitto, with a standby", "through the endpoint"],
)
def test_whatever_is_killed_every_fact_is_in_every_journal_once_and_the_digests_are_the_same(
    tmp_path: Path, way: str, kinds: list[str]
) -> None:
    if way == "standby":
        needs("mosquitto")
    killed: list[str] = []
    race = Race(tmp_path / "race", way, PER_S, random.Random(1), owed_max=1_000)
    result = asyncio.run(race.run(kinds, killed.append))
    assert killed == kinds
    assert result.totals.said > 20 * len(kinds)
