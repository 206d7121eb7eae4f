"""`tracker print` as a person types it: what comes out of the printer, and how an error reads."""

import csv
import os
import pty
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import orjson
import pytest

from simulators.field import simulate_roster
from tests.conftest import AFTERWARDS, RaceDay, Tracker, race_day, write_lines
from tracker.cli import main
from tracker.files.event import read_event
from tracker.paper.pages import LINES

COURSES = Path(__file__).parents[1] / "courses"
MIDWAY = "2022-06-25T09:03:06"


@pytest.fixture
def day() -> RaceDay:
    day = race_day(30)
    return day._replace(roster_csv=day.roster_csv.replace("Runner 3,", "日本 Ñandú,"))


@pytest.fixture
def journal(day: RaceDay, tmp_path: Path, tracker: Tracker) -> Path:
    path = tmp_path / "race.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", day.messages), *day.files(tmp_path)).code == 0
    return path


def pages(text: str) -> list[list[str]]:
    return [page.splitlines() for page in text.split("\f")]


@pytest.mark.parametrize(
    "words", [["unaccounted"], ["unaccounted", "--all"], ["station"], ["station", "--station", "ridge"], ["startlist"]]
)
def test_every_list_is_pages_of_paper_under_the_digest_of_the_state(words: list[str], journal: Path, tracker: Tracker) -> None:
    said = tracker("print", journal, *words, "--at", MIDWAY)
    state = orjson.loads(tracker("status", journal, "--json", "--at", MIDWAY).out)
    found = pages(said.out)
    assert said.code == 0
    for number, page in enumerate(found, 1):
        assert len(page) == LINES
        assert page[0].startswith("Hill Race ")
        assert page[0].endswith(f" page {number} of {len(found)}")
        assert page[1].endswith(f" digest {state['digest'][:8]}")
        assert page[2].startswith("as of Sat 2022-06-25 09:03:06 (Europe/Andorra) ")
        assert page[2].endswith(f" {state['facts']} facts")


def test_the_unaccounted_are_those_whom_the_state_has_on_the_course(journal: Path, tracker: Tracker) -> None:
    runners = orjson.loads(tracker("status", journal, "--json", "--at", MIDWAY).out)["races"]["40k"]["runners"]
    out_there = {runner["bib"] for runner in runners if runner["place"]["where"] in ("on_leg", "in_station", "out")}
    lines = tracker("print", journal, "unaccounted", "--all", "--at", MIDWAY).out.splitlines()
    assert {line.split()[2] for line in lines if line.startswith("[ ]")} == out_there == {str(bib) for bib in range(1, 31)}
    assert "=== Hill 40K: 1 runner OUT AND NOT ACCOUNTED FOR, last known at Hut" in lines


def test_the_answer_to_who_is_missing_is_a_page_that_says_how_many_others_are_on_the_course(journal: Path, tracker: Tracker) -> None:
    (page,) = pages(tracker("print", journal, "unaccounted", "--at", MIDWAY).out)
    assert page[1].startswith("Unaccounted: who is out, and who is overdue ")
    assert [line.split()[2] for line in page if line.startswith("[ ]")] == ["10"]
    assert "Not on this list: 29 runners on the way or in a station (--all lists them)." in page


def test_as_known_at_a_moment_nobody_has_started_of_whom_nothing_had_come(journal: Path, tracker: Tracker) -> None:
    page = pages(tracker("print", journal, "unaccounted", "--known-at", MIDWAY).out)[0]
    assert page[2].startswith("as known at Sat 2022-06-25 09:03:06 (Europe/Andorra) ")
    assert page[4] == "Nobody: who is out is in safe hands, and nobody is known to be overdue."


def test_of_both_moments_the_head_says_both(journal: Path, tracker: Tracker) -> None:
    page = pages(tracker("print", journal, "unaccounted", "--at", MIDWAY, "--known-at", AFTERWARDS).out)[0]
    assert page[2].startswith("as of Sat 2022-06-25 09:03:06 (Europe/Andorra) ")
    assert page[3] == "by what was received until Sun 2022-06-26 00:00:00 (Europe/Andorra)"


def test_each_station_begins_a_page_of_its_own(journal: Path, tracker: Tracker) -> None:
    first = [page[4] for page in pages(tracker("print", journal, "station", "--at", MIDWAY).out)]
    named = [line for line in first if "(continued)" not in line]
    assert named == ["=== Village (village): open", "=== Col (col): open", "=== Hut (hut): open", "=== Ridge (ridge): open"]


def test_on_a_screen_no_form_feed_parts_the_pages_and_names_are_whole_whatever_the_locale(journal: Path, tracker: Tracker) -> None:
    printed = tracker("print", journal, "station", "--at", MIDWAY).out
    assert "日本 Ñandú" in printed
    master, screen = pty.openpty()
    words = [sys.executable, "-m", "tracker", "print", str(journal), "station", "--at", MIDWAY]
    with subprocess.Popen(words, stdout=screen, env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}) as child:
        os.close(screen)
        shown = b""
        while chunk := _read(master):
            shown += chunk
        assert child.wait() == 0
    os.close(master)
    assert shown.decode().replace("\r\n", "\n") == printed.replace("\f", "")


def _read(screen: int) -> bytes:
    """What is shown next; nothing once the other end is closed."""
    try:
        return os.read(screen, 65_536)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["{tmp}/none.db", "startlist"], "tracker: {tmp}/none.db: there is no such file; tracker run or tracker feed makes a journal"),
        (["{journal}", "startlist", "--race", "99k"], "tracker: {journal}: has no race '99k'; it has 40k"),
        (["{journal}", "station", "--station", "peak"], "tracker: {journal}: has no station 'peak'; it has village, col, hut, ridge"),
        (["{journal}", "startlist", "--station", "col"], "tracker: --station goes with the list station, not with startlist"),
        (["{journal}", "startlist", "--all"], "tracker: --all goes with the list unaccounted, not with startlist"),
        (
            ["{journal}", "station", "--at", "noon"],
            'tracker: "noon" is no moment; write 2022-06-25T03:00:00 (local) or 2022-06-25T03:00:00+02:00',
        ),
    ],
)
def test_an_error_says_what_where_and_what_to_do_in_one_line(
    words: list[str], error: str, journal: Path, tmp_path: Path, tracker: Tracker
) -> None:
    said = tracker("print", *(word.format(tmp=tmp_path, journal=journal) for word in words))
    assert (said.code, said.out, said.err.strip()) == (1, "", error.format(tmp=tmp_path, journal=journal))


def test_a_race_that_does_not_pass_the_station_is_an_error(day: RaceDay, tmp_path: Path, tracker: Tracker) -> None:
    short = day.event_toml + (
        '\n[[race]]\nid = "5k"\nname = "Short"\nstart = 2022-06-25T06:00:00\ndistance_km = 5.0\ngain_m = 100\n'
        + "".join(
            f'[[race.checkpoint]]\nid = "{point}"\nstation = "village"\nname = "Village"\nkm = {km}\n'
            for point, km in (("start", 0.0), ("finish", 5.0))
        )
    )
    path = tmp_path / "two.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", []), *day._replace(event_toml=short).files(tmp_path)).code == 0
    said = tracker("print", path, "station", "--station", "hut", "--race", "5k")
    assert (said.code, said.err.strip()) == (1, f"tracker: {path}: race 5k does not pass station hut; ask for another, or leave --race out")
    assert tracker("print", path, "station", "--race", "5k").code == 0


@pytest.fixture
def andorra(tmp_path: Path, tracker: Tracker) -> Path:
    """The journal of a simulated Andorra an hour before the first start."""
    course = COURSES / "andorra-2022.toml"
    (tmp_path / "roster.csv").write_text(simulate_roster(read_event(course.read_text(), course.name), 1), encoding="utf-8")
    path, nothing = tmp_path / "andorra.db", write_lines(tmp_path / "m.jsonl", [])
    assert tracker("feed", path, nothing, "--event", course, "--roster", tmp_path / "roster.csv").code == 0
    return path


def test_the_start_list_of_andorra_says_of_everybody_what_check_status_and_export_say(andorra: Path, tracker: Tracker) -> None:
    before = ("--at", "2022-06-24T18:00:00")
    races = orjson.loads(tracker("status", andorra, "--json", *before).out)["races"]
    pending = {runner["bib"]: runner["pending"] for race in races.values() for runner in race["runners"]}
    assert 60 < sum(map(bool, pending.values())) < 200

    lines = [line for page in pages(tracker("print", andorra, "startlist", *before).out) for line in page]
    printed = {line[4:8].strip(): "; ".join(pending[line[4:8].strip()]) for line in lines if line.startswith("[ ]")}
    assert printed.keys() == pending.keys()
    for number, line in enumerate(lines):
        if line.startswith("[ ]"):
            words = printed[line[4:8].strip()]
            below = " ".join(part.strip() for part in takewhile(lambda part: part.startswith(" " * 8), lines[number + 1 :]))
            assert line.endswith("pending" if words else ("CONFIRMED", "dns"))
            assert below == words

    checked = tracker("check", COURSES / "andorra-2022.toml", "--roster", andorra.parent / "roster.csv").out
    for race in ("105k", "50k"):
        without = [runner["bib"] for runner in races[race]["runners"] if any("medical" in word for word in runner["pending"])]
        assert f'race "{race}": medical certificate pending for {len(without)} runners (bibs ' in checked
    assert 'race "21k": medical certificate' not in checked

    rows = list(csv.DictReader(tracker("export", andorra, "--format", "csv").out.splitlines()))
    assert {row["bib"]: row["pending"] for row in rows} == {bib: "; ".join(words) for bib, words in pending.items()}
    exported = orjson.loads(tracker("export", andorra, "--format", "json").out)["races"]
    assert {one["bib"]: one["pending"] for race in exported.values() for one in race["runners"]} == pending


def test_an_unknown_list_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["print", "race.db", "results"])
    assert left.value.code == 2
    assert "invalid choice: 'results'" in capsys.readouterr().err
