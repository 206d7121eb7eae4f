"""What the documents say is what the program does."""

import re
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from dataclasses import fields
from inspect import getsource
from pathlib import Path

import msgspec
import pytest

from tests.conftest import PATIENCE_S, free_port, race_day
from tests.core.builders import field_of, race_with
from tests.core.test_evidence_order import NAMES, ROWS
from tests.ingest.running import running
from tracker import views
from tracker.cli import main, parser
from tracker.core import race_state, runner
from tracker.core.alert import KINDS
from tracker.core.course import Race, Requirement
from tracker.core.passings import Why
from tracker.core.roster import Paper
from tracker.core.stations import stations
from tracker.export import FORMATS
from tracker.series.eligibility import Entry, Kind
from tracker.wire.desk import DESK_KINDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
STATUS = (ROOT / "docs" / "status.md").read_text(encoding="utf-8")


def parts_of(command: ArgumentParser) -> dict[str, ArgumentParser]:
    """The commands that stand behind a word: all of them behind `tracker`, init and run behind `tracker broker`."""
    return {name: part for action in command._actions if isinstance(action, _SubParsersAction) for name, part in action.choices.items()}


def commands() -> dict[str, str]:
    """Every command with its help, and that of its parts."""
    named = parts_of(parser())
    return {
        name: command.format_help() + "".join(part.format_help() for part in parts_of(command).values()) for name, command in named.items()
    }


def test_the_readme_names_every_command_and_no_other() -> None:
    assert re.findall(r"^\| `tracker (\w+)` \|", README, re.MULTILINE) == list(commands())


def test_the_readme_names_every_export_format() -> None:
    assert {name for name in FORMATS if f"--format {name}" in README} == set(FORMATS)


@pytest.mark.parametrize("command", commands())
def test_the_help_of_every_command_has_an_example_that_parses(command: str) -> None:
    helps = {
        command: parts_of(parser())[command],
        **{f"{command} {name}": part for name, part in parts_of(parts_of(parser())[command]).items()},
    }
    for name, told in helps.items():
        words = told.format_help().split("example:\n", 1)[1].split()
        assert " ".join(words).startswith(f"tracker {name} ")
        parser().parse_args(words[1:])


def test_the_options_that_the_readme_names_exist() -> None:
    everything = "".join(commands().values())
    named = set(re.findall(r"`(--[a-z-]+)", README.split("## How it is built")[0])) - {"--strict"}
    assert {option for option in named if option not in everything} == set()


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.findall(r'^  "([a-z-]+)>=', pyproject.split("[project.optional-dependencies]")[0], re.MULTILINE)
    assert sorted(re.findall(r"^\| \[([\w-]+)\]", README, re.MULTILINE)) == sorted(needed)


def rows(heading: str, cell: int = 0) -> list[str]:
    """A column of the table under a heading of docs/status.md, without the row of names."""
    section = STATUS.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [line.split("|")[cell + 1].strip() for line in lines[2:]]


def flag_names() -> set[str]:
    """Every flag that the core can make."""
    named = set(re.findall(r'f"(\w+):\{', getsource(runner)))
    return {*runner._SAID, *race_state._TO_LOOK_AT, *(f"{name}:<checkpoint>" for name in named)}


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Statuses", [f"`{status}`" for status in runner.Status]),
        ("Where everybody is", [f"`{where}`" for where in runner.Where]),
        ("Suspect reads", [str(why) for why in Why]),
        ("Alerts", [f"`{kind}`" for kind in KINDS]),
        ("What the desk can say", [f"`{kind}`" for kind in DESK_KINDS]),
    ],
)
def test_the_table_under_a_heading_names_each_one_and_no_other(heading: str, names: list[str]) -> None:
    assert rows(heading) == names


def test_the_table_of_flags_names_each_one_and_no_other() -> None:
    assert sorted(rows("Flags")) == sorted(f"`{name}`" for name in flag_names())


def test_the_table_of_alerts_has_the_severity_of_each_kind() -> None:
    assert rows("Alerts", 1) == [severity.name.lower() for severity in KINDS.values()]


def test_every_kind_of_alert_that_the_core_makes_is_in_the_table_and_no_other() -> None:
    core = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tracker" / "core").glob("*.py"))
    made = {*re.findall(r'\balert\(\s*"(\w+)"', core), *re.findall(r'(?:Oddity|_odd)\(\s*"(\w+)"', core)}
    assert made == set(KINDS)


def test_the_fields_of_a_station_are_named_as_they_are_told() -> None:
    told = re.search(r"A station in `status --json` has (.*?)\n\n", STATUS, re.DOTALL)
    assert told is not None
    field = field_of(race_with(), [], now="1h")
    assert sorted(re.findall(r"`(\w+)`", told.group(1))) == sorted(views.station(field, stations(field)[0]))


def test_the_table_of_evidence_is_what_is_tested_and_what_the_code_says() -> None:
    assert rows("Which evidence decides", 1) == NAMES
    order = " ".join((runner.evaluate.__doc__ or "").split())
    found = [order.find(name) for name in NAMES[: NAMES.index("the roster says `dns`")]]
    assert -1 not in found
    assert found == sorted(found)


def test_every_row_of_evidence_has_the_status_that_it_is_tested_for() -> None:
    told = rows("Which evidence decides", 2)
    assert told == ["as decided", *(f"`{row.status}`" for row in ROWS[1:])]


@pytest.mark.parametrize(("kind", "fields"), [*zip(DESK_KINDS, rows("What the desk can say", 1), strict=True)], ids=DESK_KINDS)
def test_the_table_of_desk_facts_has_the_fields_of_each_kind(kind: str, fields: str) -> None:
    common = {"id", "time", "author", "reason"}
    known = [one for one in msgspec.structs.fields(DESK_KINDS[kind]) if one.encode_name not in common]
    wanted = {f"`{one.encode_name}`{'' if one.required else '?'}" for one in known}
    assert set(filter(None, fields.split(", "))) == wanted


def test_the_example_for_scanners_runs_as_it_stands(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "scanner.md").read_text(encoding="utf-8"), re.DOTALL)
    port = free_port()
    source = example.replace("192.168.8.2:1883", f"127.0.0.1:{port}").replace("andorra-2022", "hill").replace("botella", "col")
    with running(race_day(2), tmp_path, "--listen", f"127.0.0.1:{port}") as ingest:
        done = subprocess.run([sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        assert done.stdout == f"connected to mqtt://127.0.0.1:{port}; 0 facts not acknowledged\n", done.stderr
        assert ingest.stop() == 0
    assert main(["feed", str(ingest.journal), str(tmp_path / "hill-col-1.outbox")]) == 0


def test_what_is_said_to_show_a_promise_is_there() -> None:
    said = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/.]+)`", said)) | {f"docs/{name}" for name in re.findall(r"\(([\w-]+\.md)\)", said)}
    assert len(named) > 20
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_the_start_lists_page_names_every_requirement_column_and_word_and_no_other() -> None:
    page = (ROOT / "docs" / "startlist.md").read_text(encoding="utf-8")
    required, shown, said = (re.findall(r"^\| (.*?) \| (.*?) \|$", part, re.MULTILINE)[2:] for part in page.split("\n## ")[1:4])
    assert re.findall(r'"(\w+)"', next(key for key, _ in required if key.startswith("`requires"))) == list(Requirement)
    assert {re.findall(r"\w+", key)[0] for key, _ in required} <= {part.name for part in fields(Race)}
    columns = [name for cell, _ in shown for name in re.findall(r"`(\w+)`", cell)]
    assert columns == [*Paper, "accompanied_by"]
    assert [cell.strip("`") for cell, _ in said] == list(Entry)
    assert re.findall(r"`([^`]+)`", dict(said)["`pending`"]) == list(Kind)
