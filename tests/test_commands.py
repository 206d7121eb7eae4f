"""The commands as a person types them: what they print, and how an error reads."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import AFTERWARDS, MINUTE_MS, RaceDay, Said, Tracker, passage, race_day, write_lines, write_received
from tracker.cli import main
from tracker.clock import wall_ms

SMALL = 30


@pytest.fixture
def day() -> RaceDay:
    return race_day(SMALL)


@pytest.fixture
def journal(day: RaceDay, tmp_path: Path, tracker: Tracker) -> Path:
    path = tmp_path / "race.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", day.messages), *day.files(tmp_path)).code == 0
    return path


def test_status_says_what_is_in_quarantine_and_why(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    refused = ("tracker/hill/desk/status", b'{"id":"s-1","time":1,"author":"a","reason":"r","bib":"1","status":"disqualifed"}')
    assert tracker("feed", journal, write_lines(tmp_path / "refused.jsonl", [refused])).code == 1
    said = tracker("status", journal, "--at", AFTERWARDS, "--most", 2).out.splitlines()
    assert said[3].startswith("in quarantine since ")
    assert said[3].endswith(""", 'tracker/hill/desk/status': status message: field "status": invalid enum value 'disqualifed'""")


def test_status_prints_the_ledger_and_the_standings(journal: Path, tracker: Tracker) -> None:
    said = tracker("status", journal, "--at", AFTERWARDS, "--most", 2)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "Hill Race, Sun 2022-06-26 00:00:00 (Europe/Andorra)"
    assert lines[2] == "Unaccounted for: 3 runners out of the race: bibs 10, 20, 30"
    told = " ".join(lines[lines.index("Alerts: 3 to act on, 0 to look at, the oldest first") + 1 :])
    assert told.startswith(
        "!! Sat 09:02  14h57 bib 10 is out of the race and not accounted for (last known at Hut) (unaccounted/10): ask the"
    )
    race = lines[lines.index("Hill 40K (40k)") :]
    assert race[1] == "results provisional"
    assert race[2:4] == ["30 entrants = 27 finished + 3 withdrawn", "starters: 3 out, last known at Hut, not accounted for, 27 finished"]
    assert race[4].split()[:8] == ["#", "+/-", "Bib", "Name", "Class", "State", "Last", "seen"]
    assert race[5].split()[:4] == ["1", "1", "Runner", "1"]
    assert len(race) == 7


@pytest.mark.parametrize(
    ("at", "starters"),
    [
        ("2022-06-25T05:00:00", "starters: none yet"),
        ("2022-06-25T09:03:06", "starters: 15 on leg to Hut, 1 out, last known at Hut, not accounted for, 14 on leg to Ridge"),
    ],
)
def test_status_tells_where_the_starters_are_in_course_order(at: str, starters: str, journal: Path, tracker: Tracker) -> None:
    assert starters in tracker("status", journal, "--at", at).out.splitlines()


def alert_lines(said: Said) -> list[str]:
    """The alerts that `tracker status` prints, a line each however wide the screen is, and what it says of those that it does not."""
    part = next(part for part in said.out.split("\n\n") if part.startswith("Alerts: "))
    told = " ".join(part.splitlines()[1:])
    return [line.strip() for line in re.split(r"(?=(?<!!)!!? +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) |and \d+ more alerts)", told) if line.strip()]


def test_status_tells_the_oldest_alerts_and_how_many_more_there_are(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    strangers = [passage(id=f"odd-{number}", bib=f"9{number:02}", time=f"2022-06-25T08:{number:02}:00+02:00") for number in range(25)]
    assert tracker("feed", journal, write_lines(tmp_path / "odd.jsonl", strangers)).code == 0
    lines = alert_lines(tracker("status", journal, "--at", AFTERWARDS))
    assert len(lines) == 21
    assert lines[0].startswith("!! Sat 09:02  14h57 bib 10 is out of the race")
    assert lines[3].startswith("!  Sat 08:00  16h00 ")
    assert "bib 900 is not on the roster" in lines[3]
    assert "): compare the bib with the roster" in lines[3]
    assert lines[20] == "and 8 more alerts (--json has all)"
    assert len(orjson.loads(tracker("status", journal, "--json", "--at", AFTERWARDS).out)["alerts"]) == 28


def test_status_tells_those_of_one_kind_and_race_beyond_a_few_in_one_line(tmp_path: Path, tracker: Tracker) -> None:
    journal, day = tmp_path / "big.db", race_day(100)
    assert tracker("feed", journal, write_lines(tmp_path / "big.jsonl", day.messages), *day.files(tmp_path)).code == 0
    found = alert_lines(tracker("status", journal, "--at", AFTERWARDS))
    assert len(found) == 4
    assert "7 more in race 40k out of the race and not accounted for: bibs 40, 50, 60, 70, 80, 90, 100: ask the stations" in found[3]
    alerts = orjson.loads(tracker("status", journal, "--json", "--at", AFTERWARDS).out)["alerts"]
    assert [alert["kind"] for alert in alerts] == ["unaccounted"] * 10


def test_status_tells_last_the_alerts_of_which_the_desk_has_said_something(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    said = {"id": "w-1", "time": "2022-06-25T23:00:00+02:00", "author": "race office", "reason": "on it", "alert": "unaccounted/20"}
    word = ("tracker/hill/desk/alert", orjson.dumps(said | {"state": "acknowledged"}))
    assert len(alert_lines(tracker("status", journal, "--at", AFTERWARDS))) == 3
    assert tracker("feed", journal, write_lines(tmp_path / "word.jsonl", [word])).code == 0
    said_now = tracker("status", journal, "--at", AFTERWARDS)
    assert "Alerts: 2 to act on, 0 to look at, the oldest first · 1 seen, 0 shelved" in said_now.out.splitlines()
    assert [line.split(" is out")[0][-6:] for line in alert_lines(said_now)] == ["bib 10", "bib 30", "bib 20"]
    assert " seen by race office: bib 20 is out" in alert_lines(said_now)[-1]


def test_status_as_json_has_the_words_of_the_contract(journal: Path, tracker: Tracker) -> None:
    found = orjson.loads(tracker("status", journal, "--json", "--at", AFTERWARDS).out)
    assert set(found) == {"event", "at", "facts", "quarantined", "digest", "alerts", "stations", "overdue", "races", "ingest", "journal"}
    runner = found["races"]["40k"]["runners"][0]
    wanted = {
        "bib",
        "status",
        "flags",
        "place",
        "checkpoint",
        "time",
        "elapsed_s",
        "rank",
        "rank_sex",
        "rank_category",
        "category",
        "score",
        "score_low",
        "score_high",
    }
    assert wanted <= set(runner)
    assert (runner["rank"], runner["checkpoint"], runner["elapsed_s"]) == (1, "finish", 21624.001)
    assert sum(found["races"]["40k"]["ledger"].values()) == SMALL
    basis = found["races"]["40k"]["score"]
    assert basis.pop("k_low") < basis["k"] < basis.pop("k_high")
    counted = {"indexed_finishers": 0, "indexed_ahead": 0, "final": True, "reason": None}
    assert basis == {"estimate": True, "k": 3298.9, **counted}
    assert runner["score_low"] < runner["score"] < runner["score_high"]


def test_status_as_json_tells_where_everybody_is_in_course_order(journal: Path, tracker: Tracker) -> None:
    found = orjson.loads(tracker("status", journal, "--json", "--at", "2022-06-25T09:03:06").out)["races"]["40k"]
    assert found["places"] == [
        {"where": "on_leg", "checkpoint": "hut", "count": 15},
        {"where": "out", "checkpoint": "hut", "count": 1},
        {"where": "on_leg", "checkpoint": "ridge", "count": 14},
    ]
    places = {runner["bib"]: runner["place"] for runner in found["runners"]}
    assert places["10"] == {"where": "out", "checkpoint": "hut"}
    assert places["30"] == {"where": "on_leg", "checkpoint": "hut"}


def test_status_as_json_tells_of_every_station_and_of_who_is_overdue_the_longest_first(tmp_path: Path, tracker: Tracker) -> None:
    folder, journal = Path(__file__).parent / "races" / "silent-station", tmp_path / "silent.db"
    files = ("--event", folder / "event.toml", "--roster", folder / "roster.csv")
    assert tracker("feed", journal, folder / "messages.jsonl", *files).code == 0
    found = orjson.loads(tracker("status", journal, "--json", "--at", "2022-06-25T11:30:00").out)
    states = {station["station"]: station["status"] for station in found["stations"]}
    assert {name for name, status in states.items() if status == "silent"} == {"hut"}
    hut = next(station for station in found["stations"] if station["station"] == "hut")
    assert hut["heard"] is not None
    assert hut["heard"] >= hut["heard_through"]
    assert hut["behind"] > 0
    assert set(hut) == {
        *("station", "status", "behind", "inside", "unaccounted", "to_start", "heard", "heard_through", "devices"),
    }
    assert hut["to_start"] == sum(race["ledger"]["entered"] for race in found["races"].values())
    late = [one["overdue_s"] for one in found["overdue"]]
    assert late == sorted(late, reverse=True)
    flagged = {runner["bib"] for race in found["races"].values() for runner in race["runners"] if "overdue" in runner["flags"]}
    assert {one["bib"] for one in found["overdue"]} == flagged


def test_status_as_json_tells_every_alert_and_what_the_desk_has_said_of_it(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    def alert() -> dict[str, Any]:
        found = orjson.loads(tracker("status", journal, "--json", "--at", AFTERWARDS).out)["alerts"]
        assert sorted(one["id"] for one in found) == ["unaccounted/10", "unaccounted/20", "unaccounted/30"]
        return next(dict(one) for one in found if one["bib"] == "20")

    before = alert()
    assert {name: before[name] for name in ("id", "kind", "severity", "race", "bib", "station", "word")} == {
        "id": "unaccounted/20",
        "kind": "unaccounted",
        "severity": "act",
        "race": "40k",
        "bib": "20",
        "station": None,
        "word": None,
    }
    until = {"alert": "unaccounted/20", "state": "shelved", "until": "2022-06-26T01:00:00+02:00"}
    said = {"id": "w-1", "time": "2022-06-25T23:00:00+02:00", "author": "race office", "reason": "the bus is on its way", **until}
    word = ("tracker/hill/desk/alert", orjson.dumps(said))
    assert tracker("feed", journal, write_lines(tmp_path / "word.jsonl", [word])).code == 0
    shelved = {"state": "shelved", "author": "race office", "reason": "the bus is on its way", "until": "2022-06-26T01:00:00.000+02:00"}
    assert alert() == before | {"word": shelved}


def test_status_as_of_a_moment_counts_what_had_happened_by_then(journal: Path, tracker: Tracker) -> None:
    found = orjson.loads(tracker("status", journal, "--json", "--at", "2022-06-25T07:00:00").out)
    assert {runner["checkpoint"] for runner in found["races"]["40k"]["runners"]} == {"start"}
    assert found["facts"] == SMALL


def test_status_as_known_at_a_moment_counts_what_had_come_by_then(journal: Path, tracker: Tracker) -> None:
    found = orjson.loads(tracker("status", journal, "--json", "--known-at", "2022-06-25T07:00:00").out)
    assert found["facts"] == 0
    assert {runner["status"] for runner in found["races"]["40k"]["runners"]} == {"entered"}


def test_status_tells_a_clock_that_is_off_as_text_and_as_json(tmp_path: Path, tracker: Tracker) -> None:
    now_ms = wall_ms()
    beats = [
        (
            now_ms - minute * MINUTE_MS,
            ("tracker/hill/hut/heartbeat", orjson.dumps({"device": "hut-1", "time": now_ms + (3 - minute) * MINUTE_MS})),
        )
        for minute in range(6, 0, -1)
    ]
    journal = write_received(tmp_path / "off.db", race_day(3), None, beats)
    [line] = [line for line in alert_lines(tracker("status", journal)) if "the clock of hut-1 at Hut is 180 s ahead" in line]
    found = orjson.loads(tracker("status", journal, "--json").out)["alerts"]
    [off] = [alert for alert in found if alert["kind"] == "clock"]
    assert f"({off['id']})" in line


def test_the_exported_csv_has_every_starter_with_every_checkpoint(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    assert tracker("export", journal, "--format", "csv", "-o", tmp_path / "out.csv").code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert len(rows) == SMALL
    assert rows[0]["40k:col in"] == "2022-06-25T07:30:06.001+02:00"
    assert [row["status"] for row in rows].count("withdrawn") == 3


def test_the_exported_json_is_under_the_digest_of_the_state(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    assert tracker("export", journal, "--format", "json", "-o", tmp_path / "out.json").code == 0
    found = orjson.loads((tmp_path / "out.json").read_bytes())
    assert found["digest"] == orjson.loads(tracker("status", journal, "--json").out)["digest"]
    splits = found["races"]["40k"]["runners"][0]["splits"]
    assert list(splits) == ["start", "col", "hut", "ridge", "finish"]


def test_a_name_that_is_a_formula_stays_a_name_in_the_spreadsheet(day: RaceDay, tmp_path: Path, tracker: Tracker) -> None:
    hostile = day._replace(roster_csv="bib,race,name\n1,40k,=HYPERLINK(1)\n")
    path = tmp_path / "race.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", []), *hostile.files(tmp_path)).code == 0
    assert tracker("export", path, "--format", "csv", "-o", tmp_path / "out.csv").code == 0
    assert "'=HYPERLINK(1)" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_check_lists_doubts_and_is_content_unless_strict(tracker: Tracker) -> None:
    course = Path(__file__).parents[1] / "courses" / "andorra-2022.toml"
    said = tracker("check", course)
    assert (said.code, said.err) == (0, "")
    assert [line.split(": ")[2] for line in said.out.splitlines()[:-1]][:2] == [
        'race "105k", checkpoint "botella"',
        'race "105k", checkpoint "parc-central"',
    ]
    assert tracker("check", course, "--strict").code == 1


def test_check_says_faults_on_stderr_and_exits_with_one(day: RaceDay, tmp_path: Path, tracker: Tracker) -> None:
    event = tmp_path / "hill.toml"
    event.write_text(day.event_toml.replace('cutoff = "7h"', 'cutoff = "3h"'))
    said = tracker("check", event)
    assert said.code == 1
    assert 'race "40k", checkpoint "hut"' in said.err


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["status", "{tmp}/none.db"], "tracker: {tmp}/none.db: there is no such file; tracker run or tracker feed makes a journal"),
        (["status", "{journal}", "--at", "18:00"], 'tracker: "18:00" has no date; write it with the day, for example 2022-06-25T18:00'),
        (["status", "{journal}", "--race", "99k"], "tracker: {journal}: has no race '99k'; it has 40k"),
        (["export", "{journal}", "--format", "csv", "--race", "99k"], "tracker: {journal}: has no race '99k'; it has 40k"),
        (
            ["export", "{journal}", "--format", "csv", "-o", "{tmp}/none/out.csv"],
            "tracker: {tmp}/none/out.csv: cannot be written (No such file or directory); choose another place",
        ),
        (["check", "{tmp}/none.toml"], "tracker: {tmp}/none.toml: cannot be read (No such file or directory); check the name"),
        (
            ["feed", "{journal}", "{tmp}/none.jsonl"],
            "tracker: {tmp}/none.jsonl: cannot be read (No such file or directory); check the name",
        ),
        (
            ["feed", "{journal}", "{tmp}/m.jsonl", "--event", "{tmp}/hill.toml"],
            "tracker: --event and --roster go together: a journal is made from both",
        ),
        (
            ["simulate", "{tmp}/hill.toml"],
            "tracker: nothing to do: give --broker to publish, --out to write the messages, or --roster-out to write the start list",
        ),
        (
            ["simulate", "{tmp}/hill.toml", "--broker", "localhost"],
            "tracker: localhost: is no broker's address; write mqtt://host:1883, or mqtts://host:8883",
        ),
        (
            ["run", "{tmp}/hill.toml", "--roster", "{tmp}/roster.csv", "--journal", "{tmp}/new.db", "--headless", "--listen", "here"],
            "tracker: --listen here: is no address; write 127.0.0.1:1883, or 0.0.0.0:1883 for every device in the network",
        ),
        (
            ["run", "{tmp}/hill.toml", "--roster", "{tmp}/roster.csv", "--journal", "{tmp}/new.db", "--headless", "--broker", "http://b"],
            "tracker: http://b: is no broker's address; write mqtt://host:1883, or mqtts://host:8883",
        ),
    ],
)
def test_an_error_says_what_where_and_what_to_do_in_one_line(
    words: list[str], error: str, journal: Path, tmp_path: Path, tracker: Tracker
) -> None:
    said = tracker(*(word.format(tmp=tmp_path, journal=journal) for word in words))
    assert (said.code, said.err.strip()) == (1, error.format(tmp=tmp_path, journal=journal))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["status"], "the following arguments are required: J.db"),
        (["demo", "--speed", "0"], "argument --speed: '0' is no speed; write a number above 0, for example 600"),
        (["simulate", "e.toml", "--speed", "fast"], "argument --speed: 'fast' is no speed; write a number above 0, for example 600"),
        (["simulate", "e.toml", "--clock", "noon"], "argument --clock: 'noon' is no clock; write what tracker simulate says, RACE_MS@"),
        (
            ["run", "e.toml", "--roster", "r", "--journal", "j", "--broker", "b", "--listen", "l"],
            "--listen: not allowed with argument --broker",
        ),
    ],
)
def test_wrong_usage_exits_with_two_and_says_which_word_is_wrong(words: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert error in capsys.readouterr().err


def test_the_demo_runs_to_the_end_and_loses_nothing(tmp_path: Path) -> None:
    """As installed, from somewhere else than the checkout."""
    environment = {**os.environ, "COLUMNS": "160"}
    command = [sys.executable, "-m", "tracker", "demo", "--headless", "--speed", "20000", "--folder", str(tmp_path / "demo")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for race in ("Ultra 105K (105k)", "Trail 50K (50k)", "Trail 21K (21k)", "Family 7.5K (7k5)"):
        assert race in done.stdout
    published, journalled = done.stdout.splitlines()[-1].split(", ")[:2]
    assert int(published.split()[0]) == int(journalled.split()[0]) > 10_000
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (again.returncode, again.stdout) == (1, "")
    assert "demo.db: is there already, from another demo; delete it, or choose another folder" in again.stderr
