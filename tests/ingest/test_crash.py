"""`kill -9` of the ingest in the middle of a stream: in the end every published fact is in the journal, once.

Whatever sends keeps what was not acknowledged and sends it again, as devices do; the rest is the tracker's to get right.
"""

import asyncio
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from simulators.play import play
from tests.conftest import GUN_MS, PATIENCE_S, Message, Mosquitto, RaceDay, Tracker, Way, digest, emitted, free_port, race_day, write_lines
from tests.ingest.running import Running, holds, on_disk, running
from tracker.clock import RaceClock
from tracker.journal import Journal

MESSAGES_PER_S = 2_000
KILLED_AT = (1_000, 2_500, 4_500)


@pytest.fixture(scope="module")
def day() -> RaceDay:
    found = race_day(1_250)
    assert len(found.messages) == 6_000
    return found


@pytest.fixture(scope="module")
def without_a_crash(day: RaceDay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A messages file of the race day, from which a journal can be fed."""
    return write_lines(tmp_path_factory.mktemp("fed") / "messages.jsonl", day.messages)


async def publish(messages: Sequence[Message], url: str, acknowledged: list[Message]) -> None:
    """As devices do, 2,000 a second; what is acknowledged is written down."""
    clock = RaceClock.starting_at(GUN_MS, MESSAGES_PER_S / 1_000)
    await play(emitted(messages), url, clock, on_sent=lambda sent: acknowledged.append((sent.topic, sent.payload)))


async def kill_again_and_again(ingest: Running, journal: Journal, total: int) -> None:
    """Kill it as soon as so many facts are on the disk, and start it again."""
    for count in KILLED_AT:
        await holds(journal, count)
        ingest.kill()
        found, _ = await journal.counts()
        assert count <= found < total, "it was not killed in the middle of the stream"
        ingest.start()


def test_killed_in_the_middle_of_a_stream_the_tracker_has_every_fact_once(
    tmp_path: Path, day: RaceDay, way: Way, without_a_crash: Path, tracker: Tracker
) -> None:
    async def race(ingest: Running) -> None:
        async with await ingest.opened() as journal, asyncio.timeout(3 * PATIENCE_S):
            async with asyncio.TaskGroup() as group:
                group.create_task(publish(day.messages, way.url, []))
                group.create_task(kill_again_and_again(ingest, journal, len(day.messages)))
            await holds(journal, len(day.messages))
            assert Counter(await on_disk(journal)) == Counter(day.messages)
            assert await journal.quarantined() == []

    with running(day, tmp_path, *way.words) as ingest:
        asyncio.run(race(ingest))
        assert ingest.stop() == 0
        assert "Traceback" not in ingest.said
    fed = tmp_path / "fed.db"
    assert tracker("feed", fed, without_a_crash, *day.files(tmp_path)).code == 0
    assert digest(tracker, ingest.journal) == digest(tracker, fed)


def test_told_to_stop_in_the_middle_of_a_stream_the_tracker_keeps_what_it_acknowledged_and_goes_on_later(
    tmp_path: Path, day: RaceDay, way: Way
) -> None:
    messages = day.messages[:4_000]

    async def race(ingest: Running) -> None:
        acknowledged: list[Message] = []
        async with await ingest.opened() as journal, asyncio.timeout(3 * PATIENCE_S), asyncio.TaskGroup() as group:
            sending = group.create_task(publish(messages, way.url, acknowledged))
            await holds(journal, 1_000)
            assert ingest.stop() == 0
            stored = await on_disk(journal)
            assert len(stored) < len(messages)
            if "--listen" in way.words:
                assert not Counter(acknowledged) - Counter(stored), "acknowledged, and not on the disk"
            ingest.start()
            await sending
            await holds(journal, len(messages))
            assert Counter(await on_disk(journal)) == Counter(messages)

    with running(day, tmp_path, *way.words) as ingest:
        asyncio.run(race(ingest))
        assert ingest.stop() == 0
        assert "Traceback" not in ingest.said
        ends = [line.split(" INFO ")[1] for line in ingest.said.splitlines() if "stopped: " in line]
    assert len(ends) == 2
    new = [int(line.split()[1]) for line in ends]
    assert sum(new) == len(messages)


def test_a_second_tracker_on_the_same_journal_is_turned_away(tmp_path: Path, day: RaceDay) -> None:
    with running(day, tmp_path, "--listen", f"127.0.0.1:{free_port()}") as ingest:
        asyncio.run(ingest.up())
        second = subprocess.run(ingest.command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        assert ingest.stop() == 0
    said = f"tracker: {ingest.journal}: another tracker is writing it; stop that one, or give this one a journal of its own\n"
    assert (second.returncode, second.stdout, second.stderr) == (1, "", said)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path, day: RaceDay, mosquitto: Mosquitto) -> None:
    ingest = Running(day, tmp_path, "--listen", f"127.0.0.1:{mosquitto.port}")
    done = subprocess.run(ingest.command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"tracker: cannot listen on 127.0.0.1:{mosquitto.port}: Address already in use; ")
    assert "Traceback" not in done.stderr
