"""The JSON that is exported is as its schema says, which the package has, and docs/results.md names every key of it."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from tests.conftest import Tracker, write_lines
from tests.series.test_commands import SHIPPED, journal_of
from tests.test_finalise import BACK, ENDED, LATE, SETTLED, WHO, fed
from tracker.export.json_results import SCHEMA

ROOT = Path(__file__).parents[2]
RACES = sorted((ROOT / "tests" / "races").iterdir())
_OPTIONAL = {"series", "series_category", "stones", "qualification"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(files("tracker.export").joinpath(SCHEMA).read_bytes())
    Draft202012Validator.check_schema(found)
    return found


def faults(schema: dict[str, Any], exported: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(exported)]


def exported(tracker: Tracker, journal: Path, *words: object) -> dict[str, Any]:
    said = tracker("export", journal, "--format", "json", *words)
    assert said.code == 0, said.err
    found: dict[str, Any] = orjson.loads(said.out)
    return found


@pytest.mark.parametrize("folder", RACES, ids=lambda folder: folder.name)
def test_every_race_is_exported_as_the_schema_says(folder: Path, tmp_path: Path, tracker: Tracker, schema: dict[str, Any]) -> None:
    made = ("--event", folder / "event.toml", "--roster", folder / "roster.csv")
    tracker("feed", tmp_path / "race.db", folder / "messages.jsonl", *made)  # some go to quarantine
    found = exported(tracker, tmp_path / "race.db")
    assert found["$schema"] == SCHEMA
    assert faults(schema, found) == []


def test_hostile_texts_are_texts(tmp_path: Path, tracker: Tracker, schema: dict[str, Any]) -> None:
    names = ("=1+1", "<script>alert(1)</script>", '"quoted"', "\u202egnp.exe", "👩‍👩‍👧", "x" * 10_000, "שרה", "")
    listed = "".join('{},40k,"{}",{}\n'.format(no, name.replace('"', '""'), "=cmd|x") for no, name in enumerate(names, 1))
    day = ENDED._replace(roster_csv="bib,race,name,T-shirt\n" + listed)
    journal = tmp_path / "race.db"
    assert tracker("feed", journal, write_lines(tmp_path / "m.jsonl", day.messages[:20]), *day.files(tmp_path)).code == 0
    assert faults(schema, exported(tracker, journal)) == []


def test_with_a_series_file_too(tmp_path: Path, tracker: Tracker, schema: dict[str, Any]) -> None:
    found = exported(tracker, journal_of(tmp_path, "2023-05-20T06:00:00"), "--series", SHIPPED)
    assert faults(schema, found) == []
    runner = next(iter(found["races"].values()))["runners"][0]
    assert set(runner) >= _OPTIONAL - {"series"}


def test_final_and_no_longer_final_results_too(tmp_path: Path, tracker: Tracker, schema: dict[str, Any]) -> None:
    journal = fed(tmp_path / "race.db", tracker, *(one for one in ENDED.messages if one != LATE), *SETTLED)
    assert tracker("finalise", journal, *WHO).code == 0
    found = exported(tracker, journal)
    assert (found["results"], faults(schema, found)) == ("final", [])
    fed(journal, tracker, BACK, LATE)
    found = exported(tracker, journal)
    assert found["results"].startswith("provisional: ")
    assert faults(schema, found) == []


def test_what_is_not_as_the_schema_says_is_found(tmp_path: Path, tracker: Tracker, schema: dict[str, Any]) -> None:
    found = exported(tracker, fed(tmp_path / "race.db", tracker, *ENDED.messages))
    runner = found["races"]["40k"]["runners"][0]
    for broken in ({**runner, "status": "asleep"}, {**runner, "rank": 0}, {**runner, "more": 1}, {**runner, "time": "noon"}):
        found["races"]["40k"]["runners"][0] = broken
        assert len(faults(schema, found)) >= 1
    found["races"]["40k"]["runners"][0] = {key: value for key, value in runner.items() if key != "bib"}
    assert faults(schema, found) == ["$.races['40k'].runners[0]: 'bib' is a required property"]


def keys_of(part: object) -> set[str]:
    """Every key that a schema names."""
    if isinstance(part, list):
        return set().union(*map(keys_of, part))
    if not isinstance(part, dict):
        return set()
    return set(part.get("properties", {})).union(*map(keys_of, part.values()))


def test_the_documents_name_every_key_and_no_other(schema: dict[str, Any]) -> None:
    told = (ROOT / "docs" / "results.md").read_text(encoding="utf-8").split("\n## The keys of the JSON\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall(r"`([$\w]+)`", row)} == keys_of(schema)


def test_the_wheel_has_the_schema_since_it_has_all_of_the_package() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["tracker", "simulators", "courses"]}
    assert (ROOT / "tracker" / "export" / SCHEMA).is_file()
