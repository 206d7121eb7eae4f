"""A race that was run: UTMB 2024 as recorded, against its official result. Needs the data beside the checkout, which is not part of it."""

import asyncio
import csv
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import pytest

from simulators.play import play, write_messages
from simulators.replay import Recording, recorded
from simulators.scanners import Emission
from tests.conftest import PATIENCE_S, Mosquitto, Tracker
from tests.recorded import official_of
from tests.simulators.conftest import RACES_THAT_WERE_RUN
from tracker.files.event import read_event
from tracker.journal import Journal

DATA = RACES_THAT_WERE_RUN / "utmb-2024"
COURSE = Path(__file__).parents[1] / "courses" / "utmb-2024.toml"
AFTER = "2024-09-01T20:00:00"
CROSSED_AFTER_THE_LIMIT = {"1590", "1864", "1972", "2199", "2766"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the recorded race in {DATA}")


@pytest.fixture(scope="module")
def recording() -> Recording:
    return recorded(DATA, read_event(COURSE.read_text(encoding="utf-8"), str(COURSE)))


@pytest.fixture(scope="module")
def official() -> dict[str, dict[str, str]]:
    return official_of("utmb-2024")


def from_the_desk_alone(emission: Emission) -> bool:
    """The results desk's corrections: a later second read at the line taken back to the official time, and one penalty."""
    return emission.topic.endswith(("/desk/passage", "/desk/penalty"))


def accepted(bib: str) -> Emission:
    said = {"id": f"accept-{bib}", "time": "2024-09-01T17:30:00+02:00", "author": "director", "reason": "let through", "bib": bib}
    at_ms = round(datetime.fromisoformat("2024-09-01T17:30:00+02:00").timestamp() * 1000)
    return Emission(at_ms, "desk", "tracker/utmb-2024/desk/status", orjson.dumps(said | {"status": "accepted"}))


class Fed:
    """A journal that is fed from files, and its state."""

    def __init__(self, folder: Path, recording: Recording, tracker: Tracker) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.tracker = tracker
        self.journal = folder / "utmb.db"
        self.roster = folder / "roster.csv"
        self.roster.write_text(recording.roster_csv, encoding="utf-8")

    def feed(self, emissions: list[Emission]) -> None:
        messages = self.folder / "messages.jsonl"
        write_messages(emissions, messages)
        assert self.tracker("feed", self.journal, messages, "--event", COURSE, "--roster", self.roster).code == 0

    def state(self, at: str = AFTER) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.tracker("status", self.journal, "--json", "--at", at).out)
        return found


def by_bib(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {runner["bib"]: runner for runner in found["races"]["utmb"]["runners"]}


def test_the_official_result_comes_out_to_the_place(
    tmp_path: Path, recording: Recording, official: dict[str, dict[str, str]], tracker: Tracker
) -> None:
    fed = Fed(tmp_path, recording, tracker)
    fed.feed([emission for emission in recording.emissions if not from_the_desk_alone(emission)])
    late = {bib: runner for bib, runner in by_bib(fed.state()).items() if "late:finish" in runner["flags"]}
    assert late.keys() == CROSSED_AFTER_THE_LIMIT
    assert all(runner["status"] == "out_of_time" and "provisional" in runner["flags"] for runner in late.values())

    fed.feed([emission for emission in recording.emissions if from_the_desk_alone(emission)])
    fed.feed([accepted(bib) for bib in sorted(CROSSED_AFTER_THE_LIMIT)])
    runners = by_bib(fed.state())
    assert {bib: runner["status"] for bib, runner in runners.items()} == {bib: row["status"] for bib, row in official.items()}
    finishers = {bib: int(row["rank"]) for bib, row in official.items() if row["status"] == "finished"}
    assert len(finishers) == 1760
    assert {bib: runner["rank"] for bib, runner in runners.items() if runner["status"] == "finished"} == finishers
    places = [runner["rank"] for runner in runners.values() if runner["status"] == "finished"]
    assert places == sorted(places)


def test_shuffled_and_said_three_times_it_is_the_same_race(tmp_path: Path, recording: Recording, tracker: Tracker) -> None:
    once, thrice = Fed(tmp_path / "once", recording, tracker), Fed(tmp_path / "thrice", recording, tracker)
    once.feed(recording.emissions)
    many = recording.emissions * 3
    random.Random(7).shuffle(many)
    thrice.feed(many)
    first, second = once.state(), thrice.state()
    assert first == second
    assert first["facts"] == len(recording.emissions)


@pytest.mark.parametrize("moment", ["2024-08-30T19:30:00", "2024-08-31T06:00:00", "2024-09-01T02:00:00"])
def test_the_race_as_it_stood_at_any_moment(tmp_path: Path, recording: Recording, moment: str, tracker: Tracker) -> None:
    """Against the table itself: the furthest checkpoint of each runner by then, and how many facts that takes."""
    fed = Fed(tmp_path, recording, tracker)
    fed.feed(recording.emissions)
    until_ms = round(datetime.fromisoformat(moment + "+02:00").timestamp() * 1000)
    furthest: dict[str, int] = {}
    with (DATA / "passages.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if datetime.fromisoformat(row["time"]).timestamp() * 1000 <= until_ms:
                furthest[row["bib"]] = max(furthest.get(row["bib"], 0), int(row["seq"]))
    points = [point.id for point in read_event(COURSE.read_text(encoding="utf-8"), "course").races[0].checkpoints]
    found = fed.state(moment)
    reached = {bib: runner["checkpoint"] for bib, runner in by_bib(found).items() if runner["checkpoint"] is not None}
    assert reached == {bib: points[seq] for bib, seq in furthest.items()}
    assert found["facts"] == sum(1 for emission in recording.emissions if orjson.loads(emission.payload)["time"] <= until_ms)
    racing = [runner for runner in by_bib(found).values() if runner["status"] == "racing"]
    assert all(runner["rank"] is not None for runner in racing)


@contextmanager
def running(fed: Fed, url: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tracker", "run", str(COURSE), "--roster", str(fed.roster), "--journal", str(fed.journal)]
    process = subprocess.Popen([*command, "--broker", url, "--headless"], stderr=subprocess.DEVNULL)
    try:
        yield process
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


async def test_through_mosquitto_it_is_the_same_race_as_from_a_file(
    tmp_path: Path, recording: Recording, mosquitto: Mosquitto, tracker: Tracker
) -> None:
    wired = Fed(tmp_path / "wire", recording, tracker)
    with running(wired, mosquitto.url):
        await subscribed(mosquitto)
        async with await Journal.open(wired.journal) as journal:
            played = await play(recording.emissions, mosquitto.url, None)
            assert played.acknowledged == len(recording.emissions)
            async with asyncio.timeout(PATIENCE_S):
                while (await journal.counts())[0] < len(recording.emissions):
                    await asyncio.sleep(0.05)
            rows = [row async for batch in journal.facts() for row in batch]
    assert sum(1 for row in rows if row.topic.endswith("/passage") and "/desk/" not in row.topic) == 58_763
    assert len(rows) == len(recording.emissions)

    from_file = Fed(tmp_path / "file", recording, tracker)
    await asyncio.to_thread(from_file.feed, recording.emissions)
    assert await asyncio.to_thread(wired.state) == await asyncio.to_thread(from_file.state)


async def subscribed(mosquitto: Mosquitto) -> None:
    """Wait until the ingest has its session: what is published before a first session there is nobody's."""
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.subscribe("tracker/utmb-2024/live/status")
        async with asyncio.timeout(PATIENCE_S):
            async for _ in client.messages:
                return
