"""A disk that is full, a real one: nothing is acknowledged that is not on it, every screen says so, and it goes on once there is room."""

import asyncio
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.conftest import PATIENCE_S, Message, free_port, needs, race_day, until
from tests.dashboard.screen import dashboard
from tests.ingest.running import holds, on_disk, running
from tests.ingest.test_crash import publish
from tests.ingest.test_link import shows, status
from tracker.journal import Journal, JournalError, keeping

DAY = race_day(1_250)
DISK = "16m"
FULL = "! DISK FULL since "


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        [needs("mount"), "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run([needs("umount"), "-l", str(folder)], check=True)


def fill(disk: Path, but_bytes: int = 0) -> Path:
    """Take all the room that there is, but for so much."""
    filler = disk / "film.mp4"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4_096))
        except OSError:
            file.truncate(file.tell() - but_bytes)
    return filler


async def live_status(port: int) -> dict[str, object]:
    """What the tracker publishes of itself."""
    words = ["-p", str(port), "-C", "1", "-t", "tracker/hill/live/status"]
    child = await asyncio.create_subprocess_exec(needs("mosquitto_sub"), *words, stdout=subprocess.PIPE)
    told, _ = await child.communicate()
    found: dict[str, object] = orjson.loads(told)["journal"]
    return found


async def test_what_is_published_to_a_tracker_whose_disk_is_full_arrives_once_there_is_room(disk: Path) -> None:
    port = free_port()
    url, acknowledged = f"mqtt://127.0.0.1:{port}", list[Message]()
    with running(DAY, disk, "--listen", f"127.0.0.1:{port}") as ingest:
        async with await ingest.opened() as journal, asyncio.timeout(4 * PATIENCE_S), dashboard(ingest.journal) as eyes:
            await publish(DAY.messages[:100], url, acknowledged)
            await holds(journal, 100)
            assert FULL not in eyes.text
            filler = fill(disk)
            sending = asyncio.create_task(publish(DAY.messages[100:], url, acknowledged))
            await until(lambda: keeping(ingest.journal).upkeep.fault is not None, "a commit has failed")
            await shows(eyes, f"{FULL}")
            await shows(eyes, "nothing is taken in, devices keep what they have; make room where race.db is")
            assert FULL in await status(ingest.journal)
            told = orjson.loads(await status(ingest.journal, "--json"))["journal"]
            assert told["unwritten"]["reason"] == "database or disk is full"
            assert told["nearly_full"] == {"free_mb": 0}
            assert (await live_status(port))["unwritten"] == told["unwritten"]
            stored = await on_disk(journal)
            assert len(stored) < len(DAY.messages)
            assert not Counter(acknowledged) - Counter(stored), "acknowledged, and not on the disk"
            assert not sending.done()
            assert len(acknowledged) < len(DAY.messages)
            filler.unlink()
            await sending
            await holds(journal, len(DAY.messages))
            assert Counter(await on_disk(journal)) == Counter(DAY.messages)
            await shows(eyes, FULL, gone=True)
            assert (await live_status(port))["unwritten"] is None
        assert ingest.stop() == 0
        assert "Traceback" not in ingest.said


async def test_a_disk_that_is_nearly_full_is_said_before_it_is_full(disk: Path) -> None:
    async with await Journal.create(disk / "race.db", DAY.sources):
        fill(disk, 1_000_000)
        async with dashboard(disk / "race.db") as eyes:
            await shows(eyes, "! DISK NEARLY FULL: 1 MB left; make room where race.db is before nothing can be taken in")
        assert "! DISK NEARLY FULL: 1 MB left; " in await status(disk / "race.db")


async def test_a_race_is_not_begun_on_a_full_disk_and_of_one_that_is_there_it_is_said_why_it_cannot_be_read(disk: Path) -> None:
    path = disk / "race.db"
    await (await Journal.create(path, DAY.sources)).close()
    filler = fill(disk)
    for refused in (Journal.create(disk / "other.db", DAY.sources), Journal.open(path), Journal.open(path, writable=True)):
        with pytest.raises(JournalError) as raised:
            await refused
        assert re.search("make room|on a disk with space", str(raised.value)), raised.value
    assert not (disk / "other.db").exists()
    filler.unlink()
    async with await Journal.open(path, writable=True) as journal:
        assert await journal.counts() == (0, 0)
