"""The golden race is what it says: every status that a race can end in, a tie, a penalty; and csv and json of it are held to the letter."""

import re
from pathlib import Path

import pytest

from tests.conftest import Tracker
from tests.export.golden import hold, journal_of, race
from tracker.core.runner import Status
from tracker.core.soundness import digest
from tracker.export import FORMATS
from tracker.export.results import Results


def test_the_golden_race_has_every_status_but_that_before_the_gun_a_tie_and_a_penalty(golden: Results) -> None:
    lines = {line.entrant.bib: line for line in golden.field.standings("30k")}
    assert {line.verdict.status for line in lines.values()} == set(Status) - {Status.ENTERED}
    assert [lines[bib].rank for bib in ("1", "2", "3", "11", "4")] == [1, 2, 2, 4, 5]
    assert lines["11"].verdict.official_ms == 5 * 3_600_000
    assert not lines["6"].entrant.name


@pytest.mark.parametrize("name", ["csv", "json"])
def test_plain_formats_are_as_they_were(name: str, golden: Results) -> None:
    hold(f"plain.{name}", FORMATS[name](golden))


def test_the_same_race_looked_at_today_is_the_same(golden: Results, tmp_path: Path, tracker: Tracker) -> None:
    said = tracker("export", journal_of(race(), tmp_path / "race.db"), "--format", "json")
    assert said.code == 0
    assert digest(golden.field) in said.out


def test_the_documentation_has_a_row_for_every_format() -> None:
    told = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", told, re.MULTILINE)) == set(FORMATS)
