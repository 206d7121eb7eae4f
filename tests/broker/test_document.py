"""docs/broker.md says what is: the files, the accounts, and the words of a refusal."""

import re
from inspect import getsource
from pathlib import Path

from tests.broker.hut import init, passwords_in
from tests.test_docs import ROOT
from tracker.mqtt import refusals

DOCUMENT = (ROOT / "docs" / "broker.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """The first column of the table under a heading."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")][2:]


def test_the_table_of_the_folder_names_every_file_and_no_other(tmp_path: Path) -> None:
    assert init(tmp_path / "hut") == 0
    made = {path.name + ("/" if path.is_dir() else "") for path in (tmp_path / "hut").iterdir()}
    assert set(re.findall(r"`([^`]+)`", " ".join(first_cells("The folder")))) == made


def test_the_table_of_rights_names_every_account_and_no_other(tmp_path: Path) -> None:
    assert init(tmp_path / "hut") == 0
    told = [name for cell in first_cells("Who may what") for name in re.findall(r"`([^`]+)`", cell)[:1]]
    office = [name for name in passwords_in(tmp_path / "hut") if (tmp_path / "hut" / f"{name}.password").exists()]
    assert told == ["botella-1", *office]


def test_every_refusal_is_in_the_table_in_its_own_words() -> None:
    told = [cell.strip("`").removeprefix("not authorized: ") for cell in first_cells("Options of every command with `--broker`")]
    said = re.findall(r'"((?:give|it does|its|this|it speaks) [^"{]*)', getsource(refusals))
    said += re.findall(r'"( \(if [^"]*)"', getsource(refusals))
    assert len(said) == len(told) == 10
    for words in said:
        begins = words.lstrip()[:25]
        assert [cell for cell in told if begins in cell], words
