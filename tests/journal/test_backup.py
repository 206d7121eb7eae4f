"""Copies of a journal: whole and proved, in nobody's way, and never in the place of anything but an older copy."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import PATIENCE_S, Message, Tracker, digest, free_port, race_day, until
from tests.dashboard.screen import dashboard
from tests.ingest.running import Running, holds, on_disk, running
from tests.ingest.test_crash import publish
from tests.ingest.test_full_disk import disk, fill
from tests.ingest.test_link import shows, status
from tests.journal.damage import DAY, PAGE, big_journal, facts_of_day
from tests.journal.test_journal import facts_of, made
from tests.journal.test_merge import fed
from tracker import backups
from tracker.backups import Backups
from tracker.journal import BackedUp, Journal, JournalError, StoppedError, back_up, keeping

__all__ = ["disk"]
FACTS = facts_of_day()


async def test_a_copy_holds_what_the_journal_held_at_one_moment_while_it_is_written_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.journal.backup._PAGES", 2)
    path, copy, written = tmp_path / "race.db", tmp_path / "copy.db", 0
    async with await Journal.create(path, DAY.sources) as journal:
        await journal.append(FACTS[:300])
        loop = asyncio.get_running_loop()

        def commit_meanwhile() -> bool:
            nonlocal written
            asyncio.run_coroutine_threadsafe(journal.append([FACTS[300 + written]]), loop).result(PATIENCE_S)
            written += 1
            return False

        held = await asyncio.to_thread(back_up, path, copy, commit_meanwhile)
        assert written > 10, "a commit for each step of the copy, which did not begin again"
        assert held == BackedUp(300, 0)
        assert not [one for one in tmp_path.iterdir() if one.name.startswith((".", "copy.db-"))]
        async with await Journal.open(copy) as there:
            assert [row._replace(no=0) for row in await facts_of(there)] == FACTS[: held.facts]
            assert await there.session() == await journal.session()
            assert there.sources == journal.sources


async def test_a_copy_takes_the_place_of_an_older_one_and_of_nothing_else(tmp_path: Path, tracker: Tracker) -> None:
    path, copy = tmp_path / "race.db", tmp_path / "copy.db"
    async with await big_journal(path) as journal:
        assert back_up(path, copy) == BackedUp(1_201, 40)
        await journal.append([FACTS[0]._replace(key=b"another key 0016")])
        assert back_up(path, copy) == BackedUp(1_202, 40)
        for target, why in (
            (path, "is the journal itself; give the copy another name"),
            (await made(tmp_path / "other.db"), f"is another journal's, not an older copy of {path}; choose another name"),
            (letter(tmp_path), f"there is a file already, and no copy of {path} (file is not a database); choose another name"),
            (
                tmp_path / "none" / "copy.db",
                "the copy cannot be written (No such file or directory); make room there, or choose another folder",
            ),
        ):
            before = target.read_bytes() if target.exists() else None
            with pytest.raises(JournalError) as raised:
                back_up(path, target)
            assert str(raised.value) == f"{target}: {why}"
            assert before is None or target.read_bytes() == before
    shutil.copy(copy, tmp_path / "went-on.db")
    async with await Journal.open(tmp_path / "went-on.db", writable=True) as went_on:
        await went_on.append([FACTS[0]._replace(key=b"another key 0017")])
        with pytest.raises(JournalError, match="a tracker is writing it, so it is no copy any more; choose another name"):
            back_up(path, went_on.path)
    with pytest.raises(JournalError, match=r"went-on.db: holds what .+ does not; unite them first: tracker merge "):
        back_up(path, tmp_path / "went-on.db")
    with pytest.raises(JournalError, match="there is no such file, so there is nothing to copy"):
        back_up(tmp_path / "gone.db", copy)


def letter(folder: Path) -> Path:
    path = folder / "letter.db"
    path.write_text("Dear organisers, the course was beautiful. " * 100)
    return path


async def test_of_a_damaged_journal_no_copy_is_made_and_the_old_one_stays(tmp_path: Path) -> None:
    path, copy = tmp_path / "race.db", tmp_path / "copy.db"
    async with await big_journal(path):
        back_up(path, copy)
    before, content = copy.read_bytes(), bytearray(path.read_bytes())
    content[20 * PAGE : 24 * PAGE] = os.urandom(4 * PAGE)
    path.write_bytes(content)
    with pytest.raises(JournalError, match=rf"{path}: is damaged.*; tracker recover {path} NEW.db"):
        back_up(path, copy)
    assert copy.read_bytes() == before
    assert not [*tmp_path.glob(".*")]


async def test_a_copy_that_nobody_wants_any_more_is_left_off_and_leaves_nothing(tmp_path: Path) -> None:
    async with await big_journal(tmp_path / "race.db"):
        with pytest.raises(StoppedError):
            back_up(tmp_path / "race.db", tmp_path / "copy.db", lambda: True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["race.db", "race.db.lock"]


HALF_WAY = """
import sys
from pathlib import Path
from tracker.journal import back_up, backup

backup._PAGES, steps = 2, 0

def wait_at_the_tenth_step():
    global steps
    steps += 1
    if steps == 10:
        print("half", flush=True)
        input()
    return False

back_up(Path(sys.argv[1]), Path(sys.argv[2]), wait_at_the_tenth_step)
"""


async def test_a_copy_that_is_killed_half_way_leaves_the_old_one_as_it_was(tmp_path: Path) -> None:
    path, copy = tmp_path / "race.db", tmp_path / "copy.db"
    async with await big_journal(path) as journal:
        back_up(path, copy)
        before = copy.read_bytes()
        await journal.append([FACTS[0]._replace(key=b"another key 0016")])
        command = [sys.executable, "-c", HALF_WAY, str(path), str(copy)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as copying:  # noqa: ASYNC220  nothing else waits
            assert copying.stdout is not None
            assert copying.stdout.readline() == b"half\n"
            copying.kill()
        assert copy.read_bytes() == before
        assert back_up(path, copy) == BackedUp(1_202, 40)
        assert not [*tmp_path.glob(".*")]


async def test_a_full_disk_takes_no_half_copy(disk: Path, tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    async with await big_journal(path):
        back_up(path, disk / "copy.db")
        before = (disk / "copy.db").read_bytes()
        fill(disk, 100_000)
        with pytest.raises(JournalError, match=r"copy\.db: the copy cannot be written \(.+\); make room there, or choose another folder"):
            back_up(path, disk / "copy.db")
        assert (disk / "copy.db").read_bytes() == before
        assert sorted(one.name for one in disk.iterdir()) == ["copy.db", "film.mp4"]


def test_the_command_says_what_the_copy_holds(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(20)
    race = fed(tracker, tmp_path, "race", day, 0, 50)
    said = tracker("backup", race, tmp_path / "copy.db")
    assert (said.code, said.out, said.err) == (0, f"{tmp_path / 'copy.db'}: 50 facts and 0 messages in quarantine, proved sound\n", "")
    assert digest(tracker, tmp_path / "copy.db") == digest(tracker, race)
    said = tracker("backup", race, race)
    assert (said.code, said.err) == (1, f"tracker: {race}: is the journal itself; give the copy another name\n")


async def test_the_last_copies_are_kept_and_nobody_elses_are_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "KEPT", 3)
    folder = tmp_path / "stick"
    folder.mkdir()
    others = [folder / "race.db", folder / "race-0123456789ab-00001-20220625T033000Z.db", folder / "race-film.mp4"]
    for other in others:
        other.touch()
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        session = await journal.session()
        copying = asyncio.create_task(Backups(journal, session, folder, 0.01).run())
        await until(lambda: any("-00005-" in one.name for one in folder.glob("*Z.db")), "five copies were made")
        copying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copying
        assert keeping(journal.path).upkeep.backup_ms > 0
    ours = sorted(one.name for one in folder.glob(f"race-{session}-*Z.db"))
    assert 3 <= len(ours) <= 4, "a copy may have been finished when it was stopped"
    assert all(re.fullmatch(rf"race-{session}-0000\d-\d{{8}}T\d{{6}}Z\.db", name) for name in ours)
    assert all(other.exists() for other in others)


def with_backups(stick: Path, port: int) -> tuple[str, ...]:
    return ("--listen", f"127.0.0.1:{port}", "--backup", str(stick), "--backup-every", "1s")


async def test_a_race_that_goes_on_from_a_copy_gets_again_what_the_copy_did_not_have(tmp_path: Path) -> None:
    day, port, stick = race_day(200), free_port(), tmp_path / "stick"
    stick.mkdir()
    acknowledged: list[Message] = []
    with running(day, tmp_path, *with_backups(stick, port)) as ingest:
        async with await ingest.opened() as journal, asyncio.timeout(3 * PATIENCE_S):
            await publish(day.messages[:500], f"mqtt://127.0.0.1:{port}", acknowledged)
            await holds(journal, 500)
            await until(lambda: "backup: " in ingest.said, "there is a copy")
        assert ingest.stop() == 0
        assert "Traceback" not in ingest.said
        newest = max(stick.glob("*Z.db"))
        for gone in tmp_path.glob("race.db*"):
            gone.unlink()
        shutil.copy(newest, ingest.journal)
        ingest.start()
        async with await ingest.opened() as journal, asyncio.timeout(3 * PATIENCE_S):
            await publish(day.messages, f"mqtt://127.0.0.1:{port}", [])
            await holds(journal, len(day.messages))
            assert Counter(await on_disk(journal)) == Counter(day.messages)
        assert ingest.stop() == 0


async def test_a_folder_that_is_gone_is_said_on_the_screens_until_it_is_back(tmp_path: Path) -> None:
    day, port, stick = race_day(5), free_port(), tmp_path / "stick"
    stick.mkdir()
    with running(day, tmp_path, *with_backups(stick, port)) as ingest:
        async with await ingest.opened(), asyncio.timeout(3 * PATIENCE_S), dashboard(ingest.journal) as eyes:
            await until(lambda: any(stick.glob("*Z.db")), "there is a copy")
            stick.rename(tmp_path / "pulled-out")
            await shows(eyes, "! NO BACKUP since ")
            assert "! NO BACKUP since " in await status(ingest.journal)
            await shows(eyes, "No such file or directory; it is tried again")
            (tmp_path / "pulled-out").rename(stick)
            await shows(eyes, "NO BACKUP", gone=True)
        assert ingest.stop() == 0
        assert "Traceback" not in ingest.said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--backup-every", "5m"], "--backup-every: says how often, but not where to; give --backup FOLDER too"),
        (["--backup", "nowhere"], "--backup nowhere: there is no such folder; make it, or put the disk in"),
    ],
)
def test_copies_that_cannot_be_made_are_said_before_the_race_begins(tmp_path: Path, words: list[str], why: str) -> None:
    ingest = Running(race_day(1), tmp_path, "--listen", f"127.0.0.1:{free_port()}", *words)
    done = subprocess.run(ingest.command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert (done.returncode, done.stderr) == (1, f"tracker: {why}\n")
    assert not ingest.journal.exists()


@pytest.mark.parametrize("folder", [".", "/", "there"])
def test_a_copy_is_not_made_in_the_place_of_a_folder(
    tmp_path: Path, tracker: Tracker, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = asyncio.run(made(tmp_path / "race.db"))
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)
    said = tracker("backup", path, folder)
    words = f"tracker: {folder}: is a folder; give the copy a name in it, for example {Path(folder) / 'race.db'}\n"
    assert (said.code, said.err) == (1, words)
