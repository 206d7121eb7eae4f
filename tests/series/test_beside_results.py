"""What the series says of each runner in exports, in `tracker status` and on the screens, and what is read where a file is at fault."""

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, Tracker, race_day, race_toml, write_received
from tests.series.builders import TOML
from tests.series.test_commands import RUNNERS, SHIPPED, journal_of
from tests.terminal import Terminal
from tests.web.serving import serving
from tests.web.test_web import drawn, page
from tracker.clock import RaceClock

KEYS = ("series_category", "stones", "qualification")
_LISTED = "OCC 2023: second-chance list not given; OCC 2024: threshold not configured"


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hill race as of the spring of 2023, when a race counted for two Finals; 10 and 20 gave up."""
    return journal_of(tmp_path_factory.mktemp("spring"), "2023-05-20T06:00:00")


def rows(tracker: Tracker, journal: Path, *words: object) -> list[list[str]]:
    said = tracker("export", journal, "--format", "csv", "-o", journal.with_name("out.csv"), *words)
    assert (said.code, said.err) == (0, "")
    return list(csv.reader(io.StringIO(journal.with_name("out.csv").read_text(encoding="utf-8"))))


def test_the_csv_has_the_series_words_in_its_last_three_columns(journal: Path, tracker: Tracker) -> None:
    head, *found = rows(tracker, journal, "--series", SHIPPED)
    assert tuple(head[-3:]) == KEYS
    assert {row[1]: row[-3:] for row in found if row[1] in ("1", "9", "10")} == {
        "1": ["50K", "2", "OCC 2023: qualified by rank; OCC 2024: qualified by rank"],
        "9": ["50K", "2", _LISTED],
        "10": ["50K", "0", "OCC 2023: second-chance list not given; OCC 2024: not qualified"],
    }


def test_without_a_series_file_every_other_column_is_the_same_and_none_of_these_is_there(journal: Path, tracker: Tracker) -> None:
    without, beside = rows(tracker, journal), rows(tracker, journal, "--series", SHIPPED)
    made = without[0].index("made")  # the moment of the export
    assert [[*row[:made], *row[made + 1 : -3]] for row in beside] == [[*row[:made], *row[made + 1 :]] for row in without]
    assert set(KEYS).isdisjoint(without[0])


def runners_of(tracker: Tracker, *words: object) -> dict[str, dict[str, Any]]:
    said = tracker(*words)
    assert (said.code, said.err) == (0, "")
    return {runner["bib"]: runner for race in orjson.loads(said.out)["races"].values() for runner in race["runners"]}


@pytest.mark.parametrize("words", [["export", "--format", "json"], ["status", "--json"]], ids=["export", "status"])
def test_the_json_has_every_reason_for_each_of_the_finals(words: list[str], journal: Path, tracker: Tracker) -> None:
    command, *options = words
    with_series = runners_of(tracker, command, journal, *options, "--series", SHIPPED)
    by_rank = "place 1 of the women, and the first 3 of an event qualify"
    first = with_series["1"]
    assert [first[key] for key in KEYS[:2]] == ["50K", 2]
    (finals_2023, finals_2024) = first["qualification"]
    assert finals_2023 == {
        "final": "OCC",
        "year": 2023,
        "result": "qualified by rank",
        "reasons": [by_rank, "the second-chance list is not given"],
    }
    assert (finals_2024["year"], finals_2024["result"], finals_2024["reasons"][0]) == (2024, "qualified by rank", by_rank)
    assert with_series["10"]["stones"] == 0
    without = runners_of(tracker, command, journal, *options)
    assert without == {bib: {key: value for key, value in runner.items() if key not in KEYS} for bib, runner in with_series.items()}
    assert len(without) == RUNNERS


def test_what_qualify_says_and_what_the_results_say_is_the_same(journal: Path, tracker: Tracker) -> None:
    report = orjson.loads(tracker("qualify", journal, "--series", SHIPPED, "--json").out)
    told = {
        (runner["bib"], final["final"], final["year"]): (runner["result"], runner["reasons"])
        for final in report["finals"]
        for runner in final["runners"]
    }
    found = {
        (bib, final["final"], final["year"]): (final["result"], final["reasons"])
        for bib, runner in runners_of(tracker, "status", journal, "--json", "--series", SHIPPED).items()
        for final in runner["qualification"]
    }
    assert found == told
    assert len(found) == 2 * RUNNERS


def test_a_second_chance_list_goes_into_the_results_too(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    (tmp_path / "list.csv").write_text("bib,final,year,place\n9,OCC,2023,50\n")
    _, *found = rows(tracker, journal, "--series", SHIPPED, "--second-chance", tmp_path / "list.csv")
    told = {row[1]: row[-1].split("; ")[0] for row in found}
    assert (told["9"], told["11"]) == ("OCC 2023: qualified by second chance", "OCC 2023: not qualified")


def test_a_race_without_figures_has_empty_cells_and_says_why(tmp_path: Path, tracker: Tracker) -> None:
    short = race_toml("5k", 100, ("start", "village", 0.0, None), ("finish", "village", 5.0, "2h"))
    day = race_day(1)
    day = day._replace(event_toml=day.event_toml + short, roster_csv=day.roster_csv + "2,5k,Runner 2,M\n")
    journal = write_received(tmp_path / "race.db", day, None, [(GUN_MS, message) for message in day.messages])
    assert rows(tracker, journal, "--series", SHIPPED, "--race", "5k")[1][-3:] == ["", "", ""]
    said = orjson.loads(tracker("export", journal, "--format", "json", "--series", SHIPPED).out)
    assert said["races"]["5k"]["series"] == {
        "category": None,
        "stones": None,
        "notes": ["too short for any category of the series; it qualifies nobody"],
    }
    assert said["races"]["40k"]["series"] == {"category": "50K", "stones": 2, "notes": []}
    assert said["races"]["5k"]["runners"][0]["qualification"] == []
    lines = tracker("status", journal, "--series", SHIPPED).out.splitlines()
    counts = "it counts for OCC 2022, OCC 2023 (who qualifies: tracker qualify)"
    assert f"UTMB World Series 50K: 2 running stones for finishing; {counts}" in lines
    at = lines.index("UTMB World Series: no category, and no running stones")
    assert lines[at + 1] == "too short for any category of the series; it qualifies nobody"


def test_status_of_one_runner_says_what_the_runner_screen_says(journal: Path, tracker: Tracker) -> None:
    lines = tracker("status", journal, "--runner", "1", "--series", SHIPPED).out.splitlines()
    at = lines.index("UTMB World Series 50K: 2 running stones")
    reason = "qualified by rank: place 1 of the women, and the first 3 of an event qualify"
    assert lines[at + 1 : at + 3] == [f"OCC 2023: {reason}", f"OCC 2024: {reason}"]
    assert "UTMB World Series" not in tracker("status", journal, "--runner", "1").out
    assert "UTMB World Series" not in tracker("status", journal).out


@pytest.fixture
def in_the_race(tmp_path: Path) -> Path:
    """The hill race in the middle of its day, in a journal whose clock stands still, beside the files it is made from."""
    day = race_day(12)
    day.files(tmp_path)
    clock = RaceClock(0, GUN_MS + 300 * MINUTE_MS, 0.0)
    return write_received(tmp_path / "race.db", day, clock, [(GUN_MS, message) for message in day.messages])


_TOLD = "OCC 2022: not finished yet: place 1 of the women now, and the first 3 of an event qualify"


async def test_watch_shows_it_when_enter_is_pressed_on_a_runner(in_the_race: Path) -> None:
    async with Terminal("watch", in_the_race, "--series", SHIPPED, "--read-only") as terminal:
        await terminal.shows("Runner 12")
        await terminal.answers("\r", "UTMB World Series 50K: 2 running stones for finishing")
        await terminal.shows(_TOLD)
        terminal.press("q")
        assert await terminal.end() == 0


async def test_run_shows_it_too(tmp_path: Path) -> None:
    day = race_day(3)
    _, event, *roster = day.files(tmp_path)
    words = ["--journal", tmp_path / "race.db", "--listen", "127.0.0.1:0", "--series", SHIPPED]
    async with Terminal("run", event, *roster, *words, "--clock", RaceClock(0, GUN_MS - MINUTE_MS, 0.0)) as terminal:
        await terminal.shows("Runner 3")
        await terminal.answers("\r", "UTMB World Series 50K: 2 running stones for finishing")
        await terminal.shows("OCC 2022: not finished yet: has not finished: entered")
        await terminal.answers("q", "STOP")
        terminal.press("S")
        assert await terminal.end() == 0


async def test_the_demo_finds_the_series_file_by_itself(tmp_path: Path) -> None:
    async with Terminal("demo", "--folder", tmp_path / "demo") as terminal:
        await terminal.shows("accounted 0")  # the board has its runners
        await terminal.answers("\r", "UTMB World Series 100K: 3 running stones for finishing")
        terminal.press("q")
        assert await terminal.end() == 0


async def test_every_page_of_web_is_told_of_it(in_the_race: Path) -> None:
    with serving(in_the_race, "--series", str(SHIPPED)) as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            words = Path(f"/proc/{session}/cmdline").read_text().split("\0")
            assert words[words.index("--series") + 1] == str(SHIPPED)


FAULTS = {
    "no file": (["--series", "none.toml"], "none.toml: cannot be read (No such file or directory); check the name"),
    "a fault": (
        ["--series", "fault.toml"],
        "fault.toml: index: best is the number 0. Write a number from 1 to 1000, for example best = 5.",
    ),
    "no race of the event": (
        ["--series", "other.toml"],
        'other.toml: qualifying_races."hill": 50K is "50k", no race of the event in 50K; write 40k',
    ),
    "a list without a series file": (
        ["--second-chance", "list.csv"],
        "--second-chance: is for the Finals of a series file; give --series too, or leave it out",
    ),
    "nobody's bib": (
        ["--series", str(SHIPPED), "--second-chance", "list.csv"],
        'list.csv: line 2, column "bib": "99" is no entrant. Write the bib as in the roster.',
    ),
}
COMMANDS = {
    "run": ["run", "hill.toml", "--roster", "roster.csv", "--journal", "race.db"],
    "watch": ["watch", "race.db"],
    "web": ["web", "race.db"],
    "status": ["status", "race.db"],
    "export": ["export", "race.db", "--format", "csv"],
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_wrong_is_one_line_and_nothing_is_begun(
    command: str, fault: str, in_the_race: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(in_the_race.parent)
    Path("fault.toml").write_text(TOML.replace("best = 5", "best = 0"))
    Path("other.toml").write_text(TOML + '\n[qualifying_races.hill]\n50K = "50k"\n')
    Path("list.csv").write_text("bib,final,year,place\n99,OCC,2023,1\n")
    words, error = FAULTS[fault]
    said = tracker(*COMMANDS[command], *words)
    assert (said.code, said.err) == (1, f"tracker: {error}\n")
    assert not Path("race.db.log").exists()


def test_the_ingest_alone_has_no_screen_for_it(in_the_race: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(in_the_race.parent)
    said = tracker(*COMMANDS["run"], "--headless", "--series", SHIPPED)
    assert (said.code, said.err) == (1, "tracker: --series: is for the dashboard, and with --headless there is none; leave it out\n")


def test_a_list_of_the_runners_of_a_journal_that_is_not_there_yet_cannot_be_read(tmp_path: Path, tracker: Tracker) -> None:
    (tmp_path / "list.csv").write_text("bib,final,year,place\n")
    journal = tmp_path / "later.db"
    said = tracker("watch", journal, "--series", SHIPPED, "--second-chance", tmp_path / "list.csv")
    what = f"is of the runners of {journal}, which is not there yet; begin that first, or leave it out"
    assert (said.code, said.err) == (1, f"tracker: {tmp_path / 'list.csv'}: {what}\n")
