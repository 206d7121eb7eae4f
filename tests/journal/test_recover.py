"""What is saved of a damaged journal: every fact of every page that is as it was, and nothing that is not as it came."""

import asyncio
import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import RaceDay, Tracker, race_day
from tests.journal.damage import BAD, DAMAGES, DAY, LONG, PAGE, Damage, big_journal, facts_of_day
from tests.journal.test_journal import another_process_that_writes, facts_of, made
from tracker.commands.recover import ranges
from tracker.journal import FactRow, Journal, JournalError

FACTS = {row.payload: row for row in facts_of_day()}
SEEDS = range(int(os.environ.get("TRACKER_WRECKS", "2")))
"""More of them for whoever has the time: TRACKER_WRECKS=200."""
LOG_FRAME = 24


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A journal as a power cut leaves it: its file, and its log with the last of the facts."""
    path = tmp_path_factory.mktemp("whole") / "race.db"

    async def make() -> tuple[bytes, bytes]:
        async with await big_journal(path):
            return path.read_bytes(), path.with_name("race.db-wal").read_bytes()

    file, log = asyncio.run(make())
    assert len(file) > 40 * PAGE
    assert len(log) > 100 * PAGE
    return file, log


def laid_down(folder: Path, file: bytes, log: bytes | None) -> Path:
    path = folder / "race.db"
    path.write_bytes(file)
    if log is not None:
        path.with_name("race.db-wal").write_bytes(log)
    return path


def sure(before: tuple[bytes, bytes], after: tuple[bytes, bytes]) -> set[bytes]:
    """The payloads that stand, whole, on a page of either file that is where and as it was. (The long one stands on several: not here.)"""
    found: set[bytes] = set()
    for old, new, first, step in ((before[0], after[0], 0, PAGE), (before[1], after[1], 32 + LOG_FRAME, PAGE + LOG_FRAME)):
        for at in range(first, len(old), step):
            page = old[at : at + PAGE]
            if new[at : at + PAGE] == page and page[:1] == b"\x0d":
                found.update(payload for payload in re.findall(rb'\{"id":[^{}]*\}', page) if payload in FACTS)
    return found


def saved(path: Path) -> tuple[list[FactRow], int]:
    async def read() -> tuple[list[FactRow], int]:
        async with await Journal.open(path, writable=True) as journal:
            return await facts_of(journal), (await journal.counts())[1]

    return asyncio.run(read())


def refused(path: Path) -> str:
    """What a command says that would write the journal; empty: nothing is wrong with it."""

    async def open_it() -> str:
        try:
            async with await Journal.open(path, writable=True):
                return ""
        except JournalError as error:
            return str(error)

    return asyncio.run(open_it())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("where", ["file", "log", "both"])
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_every_fact_of_a_page_that_is_as_it_was_is_saved_and_none_that_is_not_as_it_came(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker, damage: Damage, where: str, seed: int
) -> None:
    chance = random.Random(f"{damage.__name__} {where} {seed}")
    after = [bytearray(one) for one in whole]
    for no in {"file": (0,), "log": (1,), "both": (0, 1)}[where]:
        damage(chance, after[no])
    file, log = map(bytes, after)
    path, new = laid_down(tmp_path, file, log), tmp_path / "new.db"
    said = tracker("recover", path, new, *DAY.files(tmp_path))
    assert "Traceback" not in said.err
    assert said.code in {0, 1}
    assert (path.read_bytes(), path.with_name("race.db-wal").read_bytes()) == (file, log), "the wreck is left as it was"
    facts, aside = saved(new)
    assert {row.payload for row in facts} >= sure(whole, (file, log))
    for row in facts:
        assert row._replace(no=0) == FACTS[row.payload]._replace(received_ms=row.received_ms)
    assert len({row.key for row in facts}) == len(facts)
    assert said.out.startswith(f"{new}: {len(facts):,} fact")
    if said.code == 0:
        assert len(facts) == len(FACTS) or where != "file"
    assert aside <= len(BAD) + len(FACTS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_no_command_meets_a_damaged_journal_with_a_traceback(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker, damage: Damage, seed: int
) -> None:
    chance = random.Random(f"{damage.__name__} {seed}")
    file, log = (bytearray(one) for one in whole)
    damage(chance, file if seed % 3 else log)
    path = laid_down(tmp_path, bytes(file), bytes(log))
    words = refused(path)
    assert words == "" or re.fullmatch(
        rf"{path}(-wal)?: (is damaged \(.+\); tracker recover {path} NEW\.db saves .+|is empty, .+|is no journal .+|holds no race .+"
        rf"|was written by .+)",
        words,
    )
    for command in (("status", path), ("print", path, "unaccounted"), ("export", path, "--format", "csv")):
        said = tracker(*command)
        assert said.code in {0, 1}
        assert len(said.err.splitlines()) <= 1


def test_a_sound_journal_is_saved_whole_and_in_its_order_with_all_that_is_in_its_log_alone(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker
) -> None:
    path, new = laid_down(tmp_path, *whole), tmp_path / "new.db"
    said = tracker("recover", path, new)
    assert (
        said.out
        == f"{new}: 1,201 facts and 40 messages in quarantine saved, each fact proved by its key; what devices still hold they send again\n"
    )
    assert (said.code, said.err) == (0, "")
    facts, _ = saved(new)
    assert [row._replace(no=0) for row in facts] == facts_of_day()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new.db", "new.db.lock", "race.db", "race.db-wal"]
    again = tracker("recover", path, tmp_path / "again.db", *race_day(3).files(tmp_path))
    assert again.out.endswith("\nthe event file and the roster in it are as they were stored, so those were taken\n")


def test_a_journal_goes_on_under_the_name_by_which_the_broker_knows_it(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker
) -> None:
    path, new = laid_down(tmp_path, *whole), tmp_path / "new.db"

    async def session(of: Path) -> str:
        async with await Journal.open(of) as journal:
            return await journal.session()

    assert tracker("recover", path, new).code == 0
    assert asyncio.run(session(new)) == asyncio.run(session(path))


def test_what_was_garbled_is_named_and_kept_aside(tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker) -> None:
    [number] = [no for no, row in enumerate(facts_of_day(), 1) if b'"bib":"100"' in row.payload and b"seq" in row.payload][:1]
    garbled = whole[0].replace(
        FACTS[facts_of_day()[number - 1].payload].payload, facts_of_day()[number - 1].payload.replace(b'"bib":"100"', b'"bib":"109"')
    )
    path, new = laid_down(tmp_path, garbled, whole[1]), tmp_path / "new.db"
    assert refused(path) == "", "only its key tells"
    path.with_name("race.db-wal").unlink(missing_ok=True)
    path = laid_down(tmp_path, garbled, whole[1])
    said = tracker("recover", path, new)
    assert said.code == 1
    assert said.err == f"{path}: 1 fact garbled, now in quarantine: no. {number}; look in a backup, or on the devices\n"
    facts, aside = saved(new)
    assert (len(facts), aside) == (1_200, 41)
    assert f"was fact no. {number}; " in tracker("status", new).out


def test_the_numbers_of_what_cannot_be_read_are_told(tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker) -> None:
    file = bytearray(whole[0])
    leaf = next(at for at in range(10 * PAGE, len(file), PAGE) if file[at] == 0x0D and file[at : at + PAGE].count(b'"bib"') > 5)
    payloads = re.findall(rb'\{"id":[^{}]*\}', bytes(file[leaf : leaf + PAGE]))
    numbers = sorted(no for no, row in enumerate(facts_of_day(), 1) if row.payload in payloads)
    file[leaf : leaf + PAGE] = bytes(PAGE)
    path, new = laid_down(tmp_path, bytes(file), None), tmp_path / "new.db"
    said = tracker("recover", path, new)
    assert said.code == 1
    assert f"{path}: {len(numbers)} facts cannot be read: no. {numbers[0]}-{numbers[-1]}; look in a backup, or on the devices\n" in said.err


def test_without_its_event_file_a_journal_is_saved_with_those_that_it_was_made_from(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker
) -> None:
    file = whole[0].replace(b"Hill Race", b"Hall Race")
    path, new = laid_down(tmp_path, file, whole[1].replace(b"Hill Race", b"Hall Race")), tmp_path / "new.db"
    assert "its event file or its roster is not as it was read" in tracker("status", path).err
    said = tracker("recover", path, new)
    asked = "give those that it was made from: --event EVENT.toml --roster R.csv"
    assert (said.code, said.err) == (1, f"tracker: {path}: its event file and roster cannot be read; {asked}\n")
    assert not new.exists()
    said = tracker("recover", path, new, *DAY.files(tmp_path))
    assert said.code == 0
    assert len(saved(new)[0]) == len(FACTS)


@pytest.mark.parametrize("race", [race_day(3), DAY], ids=["another race's", "of a rehearsal"])
@pytest.mark.parametrize("count", [0, 1_200])
def test_the_log_of_another_journal_is_left_out_and_said(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker, race: RaceDay, count: int
) -> None:
    other = tmp_path / "other.db"

    async def log_of_another() -> bytes:
        async with await Journal.create(other, race.sources) as journal:
            await journal.set_ingest("mqtt://127.0.0.1:1883")
            for first in range(0, count, 100):
                await journal.append([row._replace(key=b"%16d" % n) for n, row in enumerate(facts_of_day()[first : first + 100], first)])
            return other.with_name("other.db-wal").read_bytes()

    path, new = laid_down(tmp_path, whole[0], asyncio.run(log_of_another())), tmp_path / "new.db"
    before = path.read_bytes(), path.with_name("race.db-wal").read_bytes()
    assert re.match(rf"{path}: is damaged \(|{path}-wal: is the log of another journal; ", refused(path))
    assert (path.read_bytes(), path.with_name("race.db-wal").read_bytes()) == before
    said = tracker("recover", path, new)
    assert f"{path}-wal: is the log of another journal, and was left out" in said.err
    assert len(saved(new)[0]) == 900


def test_with_another_races_files_nothing_is_called_garbled(tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker) -> None:
    file = whole[0].replace(b"Hill Race", b"Hall Race")
    path, new = laid_down(tmp_path, file, None), tmp_path / "new.db"
    other = DAY._replace(event_toml=DAY.event_toml.replace('id = "hill"', 'id = "dale"'))
    said = tracker("recover", path, new, *other.files(tmp_path))
    why = "none of its 900 facts is one of hill.toml below tracker/; give the files that it was made from, and --root"
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"tracker: {path}: {why} ")
    assert not new.exists()


def test_a_log_that_is_damaged_in_its_middle_is_said_before_sqlite_writes_over_the_rest(
    tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker
) -> None:
    log = bytearray(whole[1])
    log[len(log) // 2] ^= 0xFF
    path, new = laid_down(tmp_path, whole[0], bytes(log)), tmp_path / "new.db"
    for _ in range(2):
        assert re.fullmatch(
            rf"{path}-wal: is damaged \(frame \d+, and commits come after it\); tracker recover {path} NEW.db .+", refused(path)
        )
    assert path.with_name("race.db-wal").read_bytes() == bytes(log)
    assert tracker("recover", path, new).code in {0, 1}
    assert len(saved(new)[0]) >= len(FACTS) - 40, "all but what stood on that page"


def test_a_log_whose_last_commit_is_torn_is_what_a_power_cut_leaves_and_no_damage(tmp_path: Path, whole: tuple[bytes, bytes]) -> None:
    path = laid_down(tmp_path, whole[0], whole[1][: len(whole[1]) - PAGE // 2])
    assert refused(path) == ""
    assert 1_100 < len(saved(path)[0]) < len(FACTS)


def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker) -> None:
    path, new = laid_down(tmp_path, *whole), tmp_path / "new.db"
    new.write_text("mine")
    assert tracker("recover", path, new).err == f"tracker: {new}: there is a file already; choose another name\n"
    new.unlink()
    gone = tmp_path / "gone.db"
    assert (
        tracker("recover", gone, new).err == f"tracker: {gone}: cannot be read (No such file or directory); check the name and the disk\n"
    )
    letter = tmp_path / "letter.db"
    letter.write_text("Dear organisers, the course was beautiful. " * 1_000)
    said = tracker("recover", letter, new, *DAY.files(tmp_path))
    assert (said.code, said.out) == (1, "")
    assert said.err == f"tracker: {letter}: nothing of a journal can be read in it; take the copy of another machine, or a backup\n"
    assert not new.exists()


def test_a_journal_that_is_being_written_is_not_taken_for_a_wreck(tmp_path: Path, tracker: Tracker) -> None:
    path = asyncio.run(made(tmp_path / "race.db"))
    with another_process_that_writes(path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        said = tracker("recover", path, tmp_path / "new.db")
        holder.kill()
    assert said.err == f"tracker: {path}: a tracker is writing it; stop that one first\n"


def test_numbers_are_told_as_a_person_writes_them() -> None:
    assert ranges([3, 7, 8, 9, 40]) == "3, 7-9, 40"
    assert ranges(range(1, 61, 2)).endswith(", 39 and 10 more ranges")
    assert ranges([]) == ""


def test_a_fact_that_is_longer_than_a_page_is_saved(tmp_path: Path, whole: tuple[bytes, bytes], tracker: Tracker) -> None:
    path, new = laid_down(tmp_path, whole[0], None), tmp_path / "new.db"
    assert tracker("recover", path, new).code == 0
    assert Counter(row.payload for row in saved(new)[0])[LONG[1]] == 1
