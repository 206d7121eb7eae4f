"""What the documents say is what the program does."""

import re
from argparse import _SubParsersAction
from pathlib import Path

import pytest

from tracker.cli import parser
from tracker.core.runner import Status
from tracker.export import FORMATS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> dict[str, str]:
    """Every command with its help."""
    (subparsers,) = (action for action in parser()._actions if isinstance(action, _SubParsersAction))
    return {name: command.format_help() for name, command in subparsers.choices.items()}


def test_the_readme_names_every_command_and_no_other() -> None:
    assert re.findall(r"^\| `tracker (\w+)` \|", README, re.MULTILINE) == list(commands())


def test_the_readme_names_every_export_format() -> None:
    assert {name for name in FORMATS if f"--format {name}" in README} == set(FORMATS)


@pytest.mark.parametrize("command", commands())
def test_the_help_of_every_command_has_an_example_that_parses(command: str) -> None:
    example = commands()[command].split("example:\n", 1)[1].strip()
    words = " ".join(example.split()).split()
    assert words[:2] == ["tracker", command]
    parser().parse_args(words[1:])


def test_the_options_that_the_readme_names_exist() -> None:
    everything = "".join(commands().values())
    named = set(re.findall(r"`(--[a-z-]+)", README.split("## How it is built")[0])) - {"--strict"}
    assert {option for option in named if option not in everything} == set()


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.findall(r'^  "([a-z]+)>=', pyproject.split("[project.optional-dependencies]")[0], re.MULTILINE)
    assert sorted(re.findall(r"^\| \[(\w+)\]", README, re.MULTILINE)) == sorted(needed)


def test_the_table_of_statuses_names_each_one() -> None:
    table = (ROOT / "docs" / "status.md").read_text(encoding="utf-8").split("## Statuses")[1].split("## Flags")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [status.value for status in Status]
