"""`tracker status` as text says what the screens say: the stations, who is overdue, and one runner in full."""

from pathlib import Path

import orjson
import pytest

from tests.conftest import AFTERWARDS, Tracker, race_day, write_lines
from tracker.cli import main

SILENT = "2022-06-25T11:30:00"


@pytest.fixture
def journal(tmp_path: Path, tracker: Tracker) -> Path:
    day, path = race_day(30), tmp_path / "race.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", day.messages), *day.files(tmp_path)).code == 0
    return path


@pytest.fixture
def silent(tmp_path: Path, tracker: Tracker) -> Path:
    """A race whose hut is not heard."""
    folder, path = Path(__file__).parent / "races" / "silent-station", tmp_path / "silent.db"
    files = ("--event", folder / "event.toml", "--roster", folder / "roster.csv")
    assert tracker("feed", path, folder / "messages.jsonl", *files).code == 0
    return path


def test_every_station_is_told_with_what_the_json_has_of_it(silent: Path, tracker: Tracker) -> None:
    found = orjson.loads(tracker("status", silent, "--json", "--at", SILENT).out)["stations"]
    lines = tracker("status", silent, "--at", SILENT).out.splitlines()
    for one in found:
        at = next(number for number, line in enumerate(lines) if f"({one['station']}): {one['status']}" in line)
        told = lines[at : lines.index("", at)]
        assert told[1].strip().startswith(f"{one['behind']} runner")
        assert sum(line.startswith("  device ") for line in told) == len(one["devices"])
        assert any(line.startswith("  last heard: ") for line in told) == (one["heard"] is not None)


def test_everybody_who_is_overdue_is_told_the_longest_first(tmp_path: Path, tracker: Tracker) -> None:
    at, day, path = "2022-06-25T12:30:00", race_day(5), tmp_path / "late.db"
    at_the_col = 10
    messages = [one for one in day.messages[at_the_col:] if orjson.loads(one[1])["bib"] in ("1", "2", "3")]
    messages = day.messages[:at_the_col] + messages
    assert tracker("feed", path, write_lines(tmp_path / "late.jsonl", messages), *day.files(tmp_path)).code == 0
    found = orjson.loads(tracker("status", path, "--json", "--at", at).out)["overdue"]
    assert [one["bib"] for one in found] == ["4", "5"]
    lines = tracker("status", path, "--at", at).out.splitlines()
    first = lines.index("Overdue: 2 runners")
    told = " ".join(lines[first : lines.index("", first)])
    assert (
        0 < told.find("bib 4 Runner 4, M ?, race 40k: overdue at Hut by ") < told.find("bib 5 Runner 5, F ?, race 40k: overdue at Hut by ")
    )
    assert told.count(", last seen at Col Sat 07:30, ") == told.count(", expected Sat ") == 2


def test_who_is_unaccounted_for_is_told_before_all_else_and_only_of_the_race_that_was_asked_for(journal: Path, tracker: Tracker) -> None:
    assert tracker("status", journal, "--at", "2022-06-25T06:30:00").out.splitlines()[2] == "Unaccounted for: nobody"
    assert (
        tracker("status", journal, "--at", AFTERWARDS).out.splitlines()[2].startswith("Unaccounted for: 3 runners out of the race: bibs ")
    )


def test_where_nobody_is_overdue_that_is_said(journal: Path, tracker: Tracker) -> None:
    assert "Overdue: nobody" in tracker("status", journal, "--at", AFTERWARDS).out.splitlines()


def test_one_runner_is_told_as_the_dashboard_shows_him(journal: Path, tracker: Tracker) -> None:
    said = tracker("status", journal, "--at", AFTERWARDS, "--runner", "10")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[:5] == [
        "Hill Race, Sun 2022-06-26 00:00:00 (Europe/Andorra)",
        "10  Runner 10  M  ?  Hill 40K",
        "✗ withdrawn",
        "out, last known at Hut, not accounted for",
        "because of a withdrawal: Sat 09:02:00  withdrew at hut: injury",
    ]
    assert [line.split()[1] for line in lines if line[:5].strip().endswith(".0")] == ["Village", "Col", "Hut", "Ridge", "Village"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--runner", "999"], "tracker: {journal}: has no bib '999' on its roster; tracker status {journal} lists every bib with its name"),
        (["--runner", "10", "--race", "99k"], "tracker: {journal}: has no race '99k'; it has 40k"),
    ],
)
def test_an_error_says_what_where_and_what_to_do(words: list[str], error: str, journal: Path, tracker: Tracker) -> None:
    said = tracker("status", journal, *words)
    assert (said.code, said.out, said.err.strip()) == (1, "", error.format(journal=journal))


def test_a_runner_of_another_race_than_was_asked_for_is_an_error(tmp_path: Path, tracker: Tracker) -> None:
    course, roster, path = Path(__file__).parents[1] / "courses" / "andorra-2022.toml", tmp_path / "roster.csv", tmp_path / "two.db"
    roster.write_text("bib,race\n1,105k\n2,50k\n")
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", []), "--event", course, "--roster", roster).code == 0
    said = tracker("status", path, "--runner", "1", "--race", "50k")
    assert (said.code, said.err.strip()) == (1, f"tracker: {path}: bib 1 is in race 105k, not in 50k; leave --race out")
    told = tracker("status", path, "--race", "50k").out
    assert "La Cortinada (cortinada): open" in told
    assert "Incles" not in told


def test_one_runner_is_text_and_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["status", "race.db", "--runner", "1", "--json"])
    assert left.value.code == 2
    assert "argument --json: not allowed with argument --runner" in capsys.readouterr().err
