"""`tracker status` as text says what the screens say: the stations, who is overdue, and one runner in full."""

import os
import pty
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from rich.cells import cell_len

from tests.conftest import AFTERWARDS, GUN_MS, MINUTE_MS, Tracker, race_day, write_lines, write_received
from tracker.cli import main
from tracker.clock import RaceClock
from tracker.outbox import Outbox, outbox_path

SILENT = "2022-06-25T11:30:00"
_COLOURLESS = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")} | {"TERM": "xterm", "NO_COLOR": "1"}


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
        at = next(number for number, line in enumerate(lines) if f"({one['station']}): " in line and f" {one['status']}, " in line)
        told = lines[at : lines.index("", at)]
        assert sum(line.startswith("  · ") and ", clock ?, " in line for line in told) == len(one["devices"])
        assert (" ago, " in told[0]) == (one["heard"] is not None)


def test_a_silent_station_is_told_before_the_alerts_with_how_many_are_behind_it(silent: Path, tracker: Tracker) -> None:
    lines = tracker("status", silent, "--at", SILENT).out.splitlines()
    at = lines.index("Silent: 1 station")
    assert lines[at + 1].startswith("Hut (hut): heard ")
    assert " still to come or to leave" in lines[at + 1]
    assert lines[at + 2] == ""
    assert lines[at + 3].startswith("Alerts: ")


def test_of_each_station_it_is_told_who_comes_next_who_was_missed_and_when_it_closes(tmp_path: Path, tracker: Tracker) -> None:
    day, path = race_day(5), tmp_path / "race.db"
    unread = [one for one in day.messages if not (one[0].startswith("tracker/hill/col/") and orjson.loads(one[1])["bib"] == "2")]
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", unread), *day.files(tmp_path)).code == 0
    lines = tracker("status", path, "--at", "2022-06-25T09:05:00").out.splitlines()
    table = lines[next(number for number, line in enumerate(lines) if line.startswith("Station ")) :]
    titles = ("Clock", "In", "Behind", "1h", "Risk", "Missed", "Out", "Cutoff")
    assert [title for title in table[0].split() if title in titles] == list(titles)
    col, ridge = (lines[next(number for number, line in enumerate(lines) if f"({name})" in line) :] for name in ("col", "ridge"))
    assert "  not read here, and seen further on (1): bib 2" in col[: col.index("")]
    assert ridge[1] == "  40k: 5 still to come or to leave; cutoff Sat 16:00, in 6h55"
    assert ridge[2] == "  expected next, of those whose next checkpoint this is"


def test_a_runner_on_the_course_is_told_with_his_next_checkpoint_margin_gap_and_cutoff(journal: Path, tracker: Tracker) -> None:
    lines = tracker("status", journal, "--at", "2022-06-25T08:00:00", "--most", "2").out.splitlines()
    titles, _, second = lines[-3:]
    for title in ("+/-", "Ago", "Expected next", "Margin", "Gap", "Cutoff"):
        assert title in titles
    assert second[titles.index("Expected next") :].split()[1] == "Hut"
    assert second[titles.index("Margin") :].startswith("+")
    assert "+0:00:06" in second


def on_a_screen(columns: int, *words: object) -> list[str]:
    """What a command prints on a terminal of so many columns."""
    master, screen = pty.openpty()
    termios.tcsetwinsize(screen, (24, columns))
    with subprocess.Popen([sys.executable, "-m", "tracker", *map(str, words)], stdin=screen, stdout=screen, env=_COLOURLESS) as child:
        os.close(screen)
        shown = b""
        with suppress(OSError):  # the other end is closed
            while chunk := os.read(master, 65_536):
                shown += chunk
        assert child.wait() == 0
    os.close(master)
    return shown.decode().splitlines()


@pytest.mark.parametrize("columns", [40, 80, 100, 250])
def test_on_a_screen_of_any_width_place_bib_and_status_are_whole(columns: int, journal: Path, tracker: Tracker) -> None:
    runners = orjson.loads(tracker("status", journal, "--json", "--at", AFTERWARDS).out)["races"]["40k"]["runners"]
    lines = on_a_screen(columns, "status", journal, "--at", AFTERWARDS)
    told = [line for line in lines[next(number for number, line in enumerate(lines) if line.startswith(" #")) :] if line[:10].strip()][1:]
    assert len(told) == len(runners)
    for line, runner in zip(told, runners, strict=True):
        assert cell_len(line) <= columns
        assert {"finished": "✓ finished", "withdrawn": "✗ withdrawn"}[runner["status"]] in line
        assert line.split()[: 1 + (runner["rank"] is not None)] == [*([str(runner["rank"])] if runner["rank"] else []), runner["bib"]]


def test_the_journals_state_is_told_as_the_head_of_every_screen_tells_it(tmp_path: Path, tracker: Tracker) -> None:
    day, clock = race_day(3), RaceClock(0, GUN_MS + 20 * MINUTE_MS, 0.0)
    note = "tracker/hill/desk/note", orjson.dumps({"id": "n-1", "time": GUN_MS, "author": "Ann", "reason": "why not", "text": "fog"})
    path = write_received(tmp_path / "race.db", day, clock, [(GUN_MS, day.messages[0]), (GUN_MS + 19 * MINUTE_MS, note)])
    second = tracker("status", path).out.splitlines()[1]
    assert second.split("; ")[1:] == ["! heard 20m ago", "NO INGEST (the same tracker run brings it back)"]
    Outbox(outbox_path(path)).add(note[0], note[1].replace(b"n-1", b"n-2"))
    told = tracker("status", path).out
    assert told.splitlines()[1].endswith("; 1 decision pending")
    assert "\npending: Sat 06:00:00  note: author Ann, reason why not, text fog\n" in told
    known = tracker("status", path, "--known-at", "2022-06-25T06:05:00").out.splitlines()
    assert known[1].endswith("; heard 5m ago")
    assert "pending" not in "".join(known)


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
    assert "La Cortinada (cortinada): o open" in told
    assert "Incles" not in told


def test_one_runner_is_text_and_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["status", "race.db", "--runner", "1", "--json"])
    assert left.value.code == 2
    assert "argument --json: not allowed with argument --runner" in capsys.readouterr().err
