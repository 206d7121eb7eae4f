"""Two trackers of one race: a hot standby, a copy of a journal, a fight for one session, and two writers of one journal.

Real processes and a real broker.
"""

import asyncio
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import aiomqtt
import pytest

from tests.conftest import PATIENCE_S, Mosquitto, Tracker, digest, free_port, passage, race_day, until, write_lines
from tests.ingest.running import Running, holds, on_disk, running
from tests.killing import account
from tracker.desk import Desk
from tracker.journal import Journal
from tracker.link import Link
from tracker.mqtt.address import Broker
from tracker.mqtt.session import BrokerSession
from tracker.publisher import Publisher

DAY = race_day(3)
AT_MS = 1_656_136_800_000
HOUR_S = 3 * PATIENCE_S


def scanner(port: int, folder: Path) -> Publisher:
    return Publisher(Broker("127.0.0.1", port), event="hill", station="col", device="col-1", folder=folder, heartbeat_s=0.5)


async def session_of(journal: Path) -> str:
    async with await Journal.open(journal) as found:
        return await found.session()


async def passages(journal: Path) -> Counter[tuple[str, bytes]]:
    async with await Journal.open(journal) as found:
        return Counter(message for message in await on_disk(found) if message[0].endswith("/passage"))


async def both_have(count: int, *journals: Path) -> None:
    async def all_of_it() -> bool:
        return all([(await passages(journal)).total() == count for journal in journals])

    await until(all_of_it, f"both trackers have {count} passages", HOUR_S)


async def test_a_standby_gets_from_the_devices_what_it_missed_and_both_say_the_same(tmp_path: Path, mosquitto: Mosquitto) -> None:
    (tmp_path / "second").mkdir()
    with running(DAY, tmp_path, "--broker", mosquitto.url) as first:
        await first.up()
        async with scanner(mosquitto.port, tmp_path) as publisher:
            for bib in range(1, 301):
                publisher.passage(str(bib % 3 + 1), AT_MS + bib)
            async with asyncio.timeout(HOUR_S):
                await publisher.settled()
            with running(DAY, tmp_path / "second", "--broker", mosquitto.url) as second:  # late, and with an empty journal
                await second.up()
                await both_have(300, first.journal, second.journal)
                first.kill()
                for bib in range(301, 401):
                    publisher.passage(str(bib % 3 + 1), AT_MS + bib)
                mosquitto.forget()  # all that waited for the first one is gone
                mosquitto.start()
                first.start()
                await both_have(400, first.journal, second.journal)
                async with asyncio.timeout(HOUR_S):
                    await publisher.settled()
                assert second.stop() == 0
        assert first.stop() == 0
    assert await passages(first.journal) == await passages(second.journal)
    assert await session_of(first.journal) != await session_of(second.journal)
    one, other = [await asyncio.to_thread(account.digest, one.journal) for one in (first, second)]
    assert one == other


async def test_what_the_desk_decides_at_one_tracker_reaches_both(tmp_path: Path, mosquitto: Mosquitto) -> None:
    (tmp_path / "second").mkdir()
    with (
        running(DAY, tmp_path, "--broker", mosquitto.url) as first,
        running(DAY, tmp_path / "second", "--broker", mosquitto.url) as second,
    ):
        async with await first.opened() as journal, await second.opened() as other:
            desk = Desk(first.journal, Broker.parse(mosquitto.url))
            await desk.settle(journal)
            sending = asyncio.create_task(desk.run())
            second.kill()
            said = {"time": AT_MS, "author": "race director", "reason": "fell", "bib": "1", "status": "withdrawn"}
            await desk.say("status", said)
            await holds(journal, 1)
            second.start()
            await holds(other, 1)
            assert await on_disk(journal) == await on_disk(other)
            sending.cancel()
            await asyncio.wait({sending})
        assert (first.stop(), second.stop()) == (0, 0)


def test_what_one_tracker_alone_has_the_other_gets_by_merge(tmp_path: Path, tracker: Tracker) -> None:
    files = DAY.files(tmp_path)
    half = len(DAY.messages) // 2
    one, other, whole = tmp_path / "one.db", tmp_path / "other.db", tmp_path / "whole.db"
    for journal, messages in ((one, DAY.messages[: half + 2]), (other, DAY.messages[half:]), (whole, DAY.messages)):
        assert tracker("feed", journal, write_lines(tmp_path / "said.jsonl", messages), *files).code == 0
    assert tracker("merge", one, other).code == 0
    assert tracker("merge", other, one).code == 0
    assert digest(tracker, one) == digest(tracker, other) == digest(tracker, whole)


async def copied(ingest: Running, folder: Path) -> Running:
    """A tracker on a copy of a journal, not yet started; nothing is written to the journal meanwhile."""
    folder.mkdir()
    copy = Running(DAY, folder, *ingest.command[ingest.command.index("--headless") + 1 :])
    shutil.copy(ingest.journal, copy.journal)
    wal = Path(f"{ingest.journal}-wal")
    if wal.exists():
        shutil.copy(wal, f"{copy.journal}-wal")
    return copy


async def test_a_tracker_on_a_copy_of_a_journal_gets_a_session_of_its_own_while_the_first_one_runs(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with running(DAY, tmp_path, "--broker", mosquitto.url) as first:
        await first.up()
        copy = await copied(first, tmp_path / "copy")
        copy.start()
        try:
            await copy.up()
            assert await session_of(first.journal) != await session_of(copy.journal)
            assert "is a copy of a journal whose tracker runs, so this is a second tracker now" in copy.said
            async with aiomqtt.Client("127.0.0.1", mosquitto.port) as device:
                await device.publish(*passage(), qos=1)
            await both_have(1, first.journal, copy.journal)
            assert "trying again" not in first.said + copy.said
            assert copy.stop() == 0
        finally:
            copy.end()
        assert first.stop() == 0


async def test_a_journal_that_is_brought_elsewhere_gets_what_waits_for_its_old_tracker(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with running(DAY, tmp_path, "--broker", mosquitto.url) as first:
        await first.up()
        first.kill()
        copy = await copied(first, tmp_path / "copy")
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as device:
            await device.publish(*passage(), qos=1)
        copy.start()
        try:
            await copy.up()
            assert "this one goes on with its session" in copy.said
            async with await Journal.open(copy.journal) as journal:
                await holds(journal, 1)
            assert copy.stop() == 0
        finally:
            copy.end()


async def test_two_that_fight_for_one_session_both_say_so_until_one_is_gone(mosquitto: Mosquitto) -> None:
    def session() -> BrokerSession:
        return BrokerSession(Broker("127.0.0.1", mosquitto.port), root="tracker", event="hill", identifier="tracker-hill-x")

    async with session() as one:
        async with session() as other:
            words = "another client takes the session tracker-hill-x away"
            await until(lambda: words in (one.fault or "") and words in (other.fault or ""), "both say that they fight", HOUR_S)
        await until(lambda: one.link.startswith("connected to") and one.fault is None, "the one that is left is well again", HOUR_S)


@pytest.mark.parametrize("name", ["race.db", "alias.db"])
@pytest.mark.parametrize("word", ["run", "feed", "merge"])
async def test_a_second_writer_of_a_journal_is_turned_away_by_whatever_name_and_command(tmp_path: Path, word: str, name: str) -> None:
    with running(DAY, tmp_path, "--listen", f"127.0.0.1:{free_port()}") as ingest:
        await ingest.up()
        journal = tmp_path / name
        if name == "alias.db":
            journal.symlink_to(ingest.journal)
        other = tmp_path / "other.db"
        lines = write_lines(tmp_path / "said.jsonl", DAY.messages)
        made = [sys.executable, "-m", "tracker", "feed", str(other), str(lines), *DAY.files(tmp_path)]
        await asyncio.to_thread(subprocess.run, made, check=True, capture_output=True)
        command = {
            "run": [*ingest.command[:-2], "--listen", f"127.0.0.1:{free_port()}"],
            "feed": [sys.executable, "-m", "tracker", "feed", str(journal), str(lines)],
            "merge": [sys.executable, "-m", "tracker", "merge", str(journal), str(other)],
        }[word]
        command = [str(journal) if word == str(ingest.journal) else word for word in command]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        said = f"tracker: {journal}: another tracker is writing it; stop that one, or give this one a journal of its own\n"
        assert (done.returncode, done.stderr) == (1, said)
        async with await Journal.open(ingest.journal) as found:
            assert await found.counts() == (0, 0)
            assert await found.link() == Link()
        assert ingest.stop() == 0
