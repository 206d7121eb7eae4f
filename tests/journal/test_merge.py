"""Several journals of one race, and several commands on one journal."""

import shutil
from pathlib import Path

import orjson
import pytest

from tests.conftest import RaceDay, Tracker, digest, write_lines
from tests.journal.test_journal import DAY, another_process_that_writes


def fed(tracker: Tracker, folder: Path, name: str, day: RaceDay, first: int, last: int) -> Path:
    """A journal that holds some of the race day's messages."""
    folder.mkdir(exist_ok=True)
    lines = write_lines(folder / f"{name}.jsonl", day.messages[first:last])
    assert tracker("feed", folder / f"{name}.db", lines, *day.files(folder)).code == 0
    return folder / f"{name}.db"


def test_two_laptops_that_were_cut_off_from_each_other_agree_after_a_merge_either_way(tmp_path: Path, tracker: Tracker) -> None:
    valley = fed(tracker, tmp_path, "valley", DAY, 0, 70)
    summit = fed(tracker, tmp_path, "summit", DAY, 40, len(DAY.messages))
    whole = fed(tracker, tmp_path, "whole", DAY, 0, len(DAY.messages))
    valley_again = tmp_path / "valley-again.db"
    shutil.copy(valley, valley_again)
    assert len({digest(tracker, path) for path in (valley, summit, whole)}) == 3

    said = tracker("merge", valley, summit)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"{summit}: {len(DAY.messages) - 40} facts, {len(DAY.messages) - 70} of them new to {valley}\n"
    assert tracker("merge", summit, valley_again).code == 0
    assert {digest(tracker, path) for path in (valley, summit)} == {digest(tracker, whole)}
    assert tracker("merge", valley, summit, whole).out.count("facts, 0 of them new to") == 2


def test_a_merge_brings_the_quarantine_too(tmp_path: Path, tracker: Tracker) -> None:
    valley, summit = fed(tracker, tmp_path, "valley", DAY, 0, 5), fed(tracker, tmp_path, "summit", DAY, 5, 9)
    bad = tmp_path / "bad.jsonl"
    bad.write_text("no message\n")
    assert tracker("feed", summit, bad).code == 1
    assert tracker("merge", valley, summit).code == 0
    assert "9 facts, 1 in quarantine" in tracker("status", valley).out


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (DAY._replace(event_toml=DAY.event_toml.replace('cutoff = "13h"', 'cutoff = "14h"')), "event file"),
        (DAY._replace(roster_csv=DAY.roster_csv + "99,40k,Late Entry,F\n"), "roster"),
    ],
)
def test_journals_of_different_races_are_not_merged(tmp_path: Path, tracker: Tracker, other: RaceDay, difference: str) -> None:
    ours, theirs = fed(tracker, tmp_path / "a", "race", DAY, 0, 5), fed(tracker, tmp_path / "b", "race", other, 0, 9)
    said = tracker("merge", ours, theirs)
    assert (said.code, said.out) == (1, "")
    assert said.err == f"tracker: {theirs}: has another {difference} than {ours}; only journals of one race can be merged\n"
    assert "5 facts" in tracker("status", ours).out


def test_a_merge_says_in_a_line_what_is_wrong_with_a_journal(tmp_path: Path, tracker: Tracker) -> None:
    ours, missing = fed(tracker, tmp_path, "race", DAY, 0, 5), tmp_path / "none.db"
    said = tracker("merge", ours, missing)
    assert said.err == f"tracker: {missing}: there is no such file; tracker run or tracker feed makes a journal\n"
    assert said.code == 1


def test_a_journal_of_another_race_is_not_gone_on_with(tmp_path: Path, tracker: Tracker) -> None:
    ours = fed(tracker, tmp_path / "a", "race", DAY, 0, 5)
    (tmp_path / "b").mkdir()
    others = DAY._replace(roster_csv=DAY.roster_csv + "99,40k,Late Entry,F\n").files(tmp_path / "b")
    said = tracker("feed", ours, tmp_path / "a" / "race.jsonl", *others)
    assert said.err == f"tracker: {ours}: was made from another roster; give this race its own, or the files that one was made from\n"
    assert (said.code, said.out) == (1, "")


def test_no_command_writes_a_journal_that_another_process_writes(tmp_path: Path, tracker: Tracker) -> None:
    path, other = fed(tracker, tmp_path, "race", DAY, 0, 5), fed(tracker, tmp_path, "other", DAY, 5, 9)
    files = DAY.files(tmp_path)
    run = ("run", files[1], "--roster", files[3], "--journal", path, "--headless", "--listen", "127.0.0.1:0")
    with another_process_that_writes(path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        for command in (("feed", path, tmp_path / "race.jsonl"), ("merge", path, other), run):
            said = tracker(*command)
            assert (said.code, said.out) == (1, "")
            assert said.err == f"tracker: {path}: another tracker is writing it; stop that one, or give this one a journal of its own\n"
        assert tracker("status", path).code == 0
        holder.kill()


def test_a_fact_that_was_garbled_in_one_journal_keeps_the_true_one_out_of_none(tmp_path: Path, tracker: Tracker) -> None:
    ours, theirs = fed(tracker, tmp_path, "ours", DAY, 0, 5), fed(tracker, tmp_path, "theirs", DAY, 0, 9)
    whole = fed(tracker, tmp_path, "whole", DAY, 0, 9)
    read = orjson.loads(DAY.messages[7][1])
    content = theirs.read_bytes()
    assert content.count(b"%d" % read["time"]) == 1
    theirs.write_bytes(content.replace(b"%d" % read["time"], b"%d" % (read["time"] - 60_000)))
    said = tracker("merge", ours, theirs)
    assert (said.code, said.out) == (1, f"{theirs}: 9 facts, 3 of them new to {ours}\n")
    assert said.err == f"{theirs}: 1 fact garbled, so in quarantine now; look in a backup, or on the devices\n"
    assert tracker("merge", ours, whole).out == f"{whole}: 9 facts, 1 of them new to {ours}\n"
    assert digest(tracker, ours) == digest(tracker, whole)
