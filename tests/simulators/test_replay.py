"""Recorded races become messages: one for each recorded passage, and with the desk's corrections the official result."""

from bisect import bisect_left
from collections import Counter
from csv import DictReader
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from simulators.field import SimulationError
from simulators.replay import Recording, recorded
from tests.simulators.conftest import RACES_THAT_WERE_RUN, course
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.wire import Wire

needs_recordings = pytest.mark.skipif(not RACES_THAT_WERE_RUN.is_dir(), reason="no ../shared/data beside the checkout")

LITTLE = """
[event]
id = "little-hill"
name = "Little Hill"
timezone = "Indian/Reunion"

[[race]]
id = "hill"
name = "Hill"
start = 2023-10-19T21:00:00
distance_km = 20.0
gain_m = 800
timing = "chip"

[[race.checkpoint]]
id = "start"
station = "village"
name = "Village"
km = 0.0

[[race.checkpoint]]
id = "top"
station = "top"
name = "Top"
km = 10.0

[[race.checkpoint]]
id = "finish"
station = "village"
name = "Village"
km = 20.0

[[race.wave]]
id = "a"
start = 2023-10-19T21:00:00

[[race.wave]]
id = "b"
start = 2023-10-19T21:10:00
"""
CHECKPOINTS = "seq,name\n0,Village\n1,Top\n2,Village\n"
ENTRANTS = """bib,sex,category,country,index,status,rank,time_s
1,F,SE F,FR,700,finished,1,7200.25
2,M,SE H,FR,,withdrawn,,
3,M,SE H,FR,,dns,,
4,M,SE H,FR,,disqualified,,
5,M,SE H,FR,,stopped,,
6,M,SE H,FR,,withdrawn,,
"""
PASSAGES = """bib,seq,time
1,0,2023-10-19T21:00:00.000+00:00
2,0,2023-10-19T21:10:00.000+00:00
4,0,2023-10-19T21:10:00.000+00:00
5,0,2023-10-19T21:10:00.000+00:00
1,1,2023-10-19T22:00:00.000+00:00
2,1,2023-10-19T22:30:00.000+00:00
1,2,2023-10-19T23:02:00.000+00:00
"""
START_MS = 1_697_734_800_000  # 21:00 at +04:00


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("checkpoints", CHECKPOINTS), ("entrants", ENTRANTS), ("passages", PASSAGES)):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def facts(recording: Recording) -> list[tuple[str, dict[str, Any]]]:
    return [(each.topic.split("/", 2)[2], orjson.loads(each.payload)) for each in recording.emissions]


@cache
def utmb() -> Recording:
    return recorded(RACES_THAT_WERE_RUN / "utmb-2024", course("utmb-2024"))


@cache
def utmb_facts() -> list[tuple[str, dict[str, Any]]]:
    return facts(utmb())


def test_a_recorded_time_is_local_whatever_offset_stands_behind_it(folder: Path) -> None:
    recording = recorded(folder, read_event(LITTLE, "little"))
    first = next(fact for topic, fact in facts(recording) if topic == "village/passage")
    assert (first["bib"], first["time"]) == ("1", START_MS)


def test_who_withdrew_signed_off_a_minute_after_the_last_passage_or_at_the_start(folder: Path) -> None:
    stated = {
        fact["bib"]: (topic, fact["time"]) for topic, fact in facts(recorded(folder, read_event(LITTLE, "little"))) if "withdrawal" in topic
    }
    assert stated == {
        "2": ("top/withdrawal", START_MS + 91 * 60_000),
        "6": ("village/withdrawal", START_MS + 60_000),
    }


def test_the_desk_says_what_the_passages_do_not(folder: Path) -> None:
    desk = [(topic, fact) for topic, fact in facts(recorded(folder, read_event(LITTLE, "little"))) if topic.startswith("desk/")]
    assert {(topic, fact["bib"], fact.get("status")) for topic, fact in desk} == {
        ("desk/passage", "1", None),
        ("desk/status", "4", "disqualified"),
        ("desk/status", "5", "stopped"),
    }
    corrected = next(fact for topic, fact in desk if topic == "desk/passage")
    assert (corrected["checkpoint"], corrected["at"]) == ("finish", START_MS + 7_200_250)


def test_the_start_list_has_each_runners_wave_and_who_did_not_start(folder: Path) -> None:
    rows = {
        row["bib"]: (row["wave"], row["status"])
        for row in DictReader(recorded(folder, read_event(LITTLE, "little")).roster_csv.splitlines())
    }
    assert rows["1"] == ("a", "confirmed")
    assert rows["2"] == ("b", "confirmed")
    assert rows["3"] == ("", "dns")


def test_the_same_recording_gives_the_same_messages(folder: Path) -> None:
    event = read_event(LITTLE, "little")
    assert recorded(folder, event) == recorded(folder, event)


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("passages", "bib,seq,time\n1,0,noon\n", "passages.csv, line 2: "),
        ("passages", "bib,seq,time\n1,9,2023-10-19T21:00:00\n", "passages.csv, line 2: "),
        ("passages", "bib,seq,time\n77,0,2023-10-19T21:00:00\n", 'passages.csv: bib "77" is not in entrants.csv'),
        ("passages", "bib,time\n1,2023-10-19T21:00:00\n", "passages.csv: column seq is missing"),
        ("checkpoints", "seq,name\n0,Village\n", 'checkpoints.csv: 1 checkpoints, but race "hill" of little-hill has 3'),
    ],
)
def test_a_recording_that_does_not_fit_is_refused_with_the_place(folder: Path, name: str, text: str, complaint: str) -> None:
    (folder / f"{name}.csv").write_text(text)
    with pytest.raises(SimulationError) as raised:
        recorded(folder, read_event(LITTLE, "little"))
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_without_a_recording_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"entrants\.csv: no such file\. A recorded race is"):
        recorded(tmp_path, read_event(LITTLE, "little"))


@needs_recordings
def test_every_recorded_passage_of_utmb_2024_is_one_message() -> None:
    kinds = Counter(topic if topic.startswith("desk/") else topic.rpartition("/")[2] for topic, _ in utmb_facts())
    assert kinds == {"passage": 58_763, "withdrawal": 786, "desk/passage": 45, "desk/penalty": 1, "desk/status": 1}
    assert len({fact["id"] for _, fact in utmb_facts()}) == kinds.total()


@needs_recordings
def test_utmb_2024_is_facts_and_a_start_list_that_the_tracker_reads() -> None:
    event = course("utmb-2024")
    wire = Wire(event.id)
    for emission in utmb().emissions:
        wire.decode(emission.topic, emission.payload)
    entrants = read_roster(utmb().roster_csv, "recorded", event).entrants
    assert Counter(entrant.status for entrant in entrants) == {"confirmed": 2_761, "dns": 95}


@needs_recordings
def test_with_the_desks_corrections_the_ranks_of_utmb_2024_are_the_official_ones() -> None:
    started: dict[str, int] = {}
    finished: dict[str, int] = {}
    penalty = Counter[str]()
    for topic, fact in utmb_facts():
        if topic == "chamonix/passage":
            started.setdefault(fact["bib"], fact["time"])
            finished[fact["bib"]] = fact["time"]
    for topic, fact in utmb_facts():
        if topic == "desk/passage":
            finished[fact["bib"]] = fact["at"]
        elif topic == "desk/penalty":
            penalty[fact["bib"]] += fact["seconds"] * 1000
    with (RACES_THAT_WERE_RUN / "utmb-2024" / "entrants.csv").open(encoding="utf-8") as rows:
        official = {row["bib"]: int(row["rank"]) for row in DictReader(rows) if row["status"] == "finished"}
    elapsed_ms = {bib: finished[bib] - started[bib] + penalty[bib] for bib in official}
    order = sorted(elapsed_ms.values())
    assert len(official) == 1_760
    assert {bib: bisect_left(order, ms) + 1 for bib, ms in elapsed_ms.items()} == official


@needs_recordings
def test_the_grand_raid_2023_starts_in_five_waves_at_nine_in_the_evening_on_the_island() -> None:
    event = course("grand-raid-2023")
    recording = recorded(RACES_THAT_WERE_RUN / "grand-raid-2023", event)
    assert recording.emissions[0].send_ms == START_MS == event.races[0].start_ms
    kinds = Counter(topic if topic.startswith("desk/") else topic.rpartition("/")[2] for topic, _ in facts(recording))
    assert kinds == {"passage": 58_377, "withdrawal": 667, "desk/status": 12}
    waves = Counter(row["wave"] for row in DictReader(recording.roster_csv.splitlines()))
    assert sorted(waves.values()) == [466, 532, 558, 601, 607]
