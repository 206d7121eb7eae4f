"""Whole small races as files: what was published, and what the state must be at some moments. `tests/races/<name>/` has the files.

A runner is written as [bib, status, flags, checkpoint, elapsed_s, rank, rank_sex, rank_category], in the order of the standings.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import Tracker

RACES = Path(__file__).parent / "races"
AS_WRITTEN = ("bib", "status", "flags", "checkpoint", "elapsed_s", "rank", "rank_sex", "rank_category")


@pytest.mark.parametrize("folder", sorted(RACES.iterdir()), ids=lambda folder: folder.name)
def test_a_race_told_in_messages_ends_as_expected(folder: Path, tmp_path: Path, tracker: Tracker) -> None:
    expected = orjson.loads((folder / "expected.json").read_bytes())
    journal = tmp_path / "race.db"
    fed = tracker("feed", journal, folder / "messages.jsonl", "--event", folder / "event.toml", "--roster", folder / "roster.csv")
    assert [line.split(": ", 1)[1] for line in fed.err.splitlines()] == expected["quarantine"]
    assert fed.code == (1 if expected["quarantine"] else 0)
    for moment, races in expected["moments"].items():
        found = orjson.loads(tracker("status", journal, "--json", "--at", moment).out)
        for race, wanted in races.items():
            assert as_written(found["races"][race]) == wanted, f"{race} at {moment}"


def as_written(race: dict[str, Any]) -> dict[str, Any]:
    return {"ledger": race["ledger"], "runners": [[runner[name] for name in AS_WRITTEN] for runner in race["runners"]]}
