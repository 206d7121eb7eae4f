"""The race on disk: what is added stays, once and as it came; and what a person reads who opens the wrong file, or half of one."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import race_day
from tracker.clock import RaceClock
from tracker.journal import SCHEMA_VERSION, FactRow, Journal, JournalError, QuarantineRow, back_up, keeping, made_whole, writer_pid
from tracker.link import Ingesting

DAY = race_day(20)


def rows(first: int, last: int, received_ms: int = 1_000) -> list[FactRow]:
    """Facts number `first` up to and with `last` of the race day."""
    return [FactRow(0, b"key %12d" % n, received_ms, *DAY.messages[n]) for n in range(first, last + 1)]


async def facts_of(journal: Journal, since: int = 0, known_ms: int | None = None) -> list[FactRow]:
    return [row async for batch in journal.facts(since, known_ms) for row in batch]


async def made(path: Path, facts: Sequence[FactRow] = (), bad: Sequence[QuarantineRow] = ()) -> Path:
    """A journal of the race day that nobody has open."""
    async with await Journal.create(path, DAY.sources) as journal:
        await journal.append(facts, bad)
    return path


async def error_of(path: Path, *, writable: bool = False) -> str:
    """Why a journal cannot be opened."""
    with pytest.raises(JournalError) as raised:
        await Journal.open(path, writable=writable)
    return str(raised.value)


async def test_facts_are_numbered_as_they_came_and_kept_byte_for_byte(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db", rows(0, 9))
    async with await Journal.open(path) as journal:
        assert await facts_of(journal) == [row._replace(no=n) for n, row in enumerate(rows(0, 9), 1)]
        assert journal.sources == DAY.sources


async def test_a_fact_that_comes_again_is_not_new_and_the_first_coming_counts(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        assert await journal.append(rows(0, 4)) == 5
        assert await journal.append(rows(3, 7, received_ms=9_000)) == 3
        assert await journal.append([*rows(8, 8), *rows(8, 8)]) == 1
        assert await journal.counts() == (9, 0)
        assert [row.received_ms for row in await facts_of(journal)] == [1_000] * 5 + [9_000] * 3 + [1_000]


async def test_a_message_that_is_no_fact_is_kept_once_with_its_reason_and_its_bytes(tmp_path: Path) -> None:
    bad = QuarantineRow(0, 5, "tracker/hill/col/passage", b"\xff\x00 bib 7", "no JSON")
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        assert await journal.append(rows(0, 0), [bad, bad]) == 1
        assert await journal.append([], [bad._replace(received_ms=9)]) == 0
        assert await journal.append([], [bad._replace(topic="tracker/hill/hut/passage")]) == 0
        assert await journal.counts() == (1, 2)
        assert await journal.quarantined() == [bad._replace(no=1), bad._replace(no=2, topic="tracker/hill/hut/passage")]
        assert await journal.quarantined(since=1) == [bad._replace(no=2, topic="tracker/hill/hut/passage")]


async def test_what_was_known_at_a_moment_is_what_had_been_received_by_then(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        for n, received_ms in enumerate((1_000, 3_000, 2_000, 3_001)):
            await journal.append(rows(n, n, received_ms))
        assert [row.no for row in await facts_of(journal, known_ms=3_000)] == [1, 2, 3]
        assert [row.no for row in await facts_of(journal, since=1, known_ms=2_999)] == [3]
        assert await facts_of(journal, known_ms=999) == []


async def test_what_came_between_two_moments_is_told_whatever_its_number(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        assert await journal.received_span() is None
        for n, received_ms in enumerate((1_000, 3_000, 2_000, 3_001)):
            await journal.append(rows(n, n, received_ms))
        assert [row.no async for batch in journal.facts(0, 3_000, 1_000) for row in batch] == [2, 3]
        assert [row.no async for batch in journal.facts(0, None, 2_999) for row in batch] == [2, 4]
        assert await journal.received_span() == (1_000, 3_001)


async def test_the_last_facts_before_a_number_are_told_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        for n, received_ms in enumerate((1_000, 3_000, 2_000, 3_001)):
            await journal.append(rows(n, n, received_ms))
        assert await journal.facts_before(4, 2) == (await facts_of(journal))[1:3]
        assert [row.no for row in await journal.facts_before(99, 2, 3_000)] == [2, 3]
        assert await journal.facts_before(1, 5) == []


async def test_facts_are_found_by_their_keys_in_the_order_of_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.journal.journal._ASKED_AT_ONCE", 3)
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        await journal.append(rows(0, 9))
        backwards = (await facts_of(journal))[::-1]
        assert await journal.facts_of([row.key for row in backwards]) == backwards
        assert await journal.facts_of([b"nobody's", backwards[0].key]) == backwards[:1]
        assert await journal.facts_of([]) == []


async def test_a_dashboard_reads_what_the_ingest_has_just_written(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    async with await Journal.create(path, DAY.sources) as ingest, await Journal.open(path) as dashboard:
        assert await dashboard.counts() == (0, 0)
        await ingest.append(rows(0, 4))
        assert [row.no for row in await facts_of(dashboard)] == [1, 2, 3, 4, 5]
        await ingest.append(rows(5, 6))
        assert [row.no for row in await facts_of(dashboard, since=5)] == [6, 7]
        await ingest.set_clock(RaceClock(1, 2, 3.5))
        assert await dashboard.clock() == RaceClock(1, 2, 3.5)


async def test_only_one_tracker_writes_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    taken = f"{path}: another tracker is writing it; stop that one, or give this one a journal of its own"
    async with await Journal.create(path, DAY.sources):
        assert await error_of(path, writable=True) == taken
        with pytest.raises(JournalError) as raised:
            await Journal.create(path, DAY.sources)
        assert str(raised.value) == taken
    async with await Journal.open(path, writable=True) as again:
        assert await again.append(rows(0, 0)) == 1


async def test_which_of_some_facts_are_there_is_told_by_their_keys(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        await journal.append(rows(0, 4))
        assert await journal.known([]) == set()
        assert await journal.known([row.key for row in rows(3, 7)]) == {row.key for row in rows(3, 4)}
        many = [b"asked %4d" % n for n in range(2_000)]
        assert await journal.known([*many, rows(0, 0)[0].key]) == {rows(0, 0)[0].key}


async def test_why_a_message_is_in_quarantine_is_told_of_that_very_message(tmp_path: Path) -> None:
    bad = QuarantineRow(0, 5, "tracker/hill/desk/note", b"\xff", "no JSON")
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        await journal.append([], [bad])
        asked = [(bad.topic, b"\xfe"), ("tracker/hill/desk/status", bad.payload), *(("t", b"%d" % n) for n in range(2_000))]
        assert await journal.why_quarantined(asked) == {}
        assert await journal.why_quarantined([*asked, (bad.topic, bad.payload)]) == {(bad.topic, bad.payload): "no JSON"}


async def test_who_takes_in_the_messages_and_where_is_written_down(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db")
    assert writer_pid(path) is None
    async with await Journal.open(path, writable=True) as journal, await Journal.open(path) as dashboard:
        assert (writer_pid(path), await dashboard.ingest()) == (os.getpid(), None)
        await journal.set_ingest()
        assert await dashboard.ingest() == Ingesting(os.getpid(), None)
        await journal.set_ingest("mqtt://127.0.0.1:1883")
        assert await dashboard.ingest() == Ingesting(os.getpid(), "mqtt://127.0.0.1:1883")
        await journal.set_ingest()
        assert await dashboard.ingest() == Ingesting(os.getpid(), "mqtt://127.0.0.1:1883")
    assert writer_pid(path) is None


HOLD = """
import asyncio, sys
from pathlib import Path
from tracker.journal import Journal

async def hold():
    journal = await Journal.open(Path(sys.argv[1]), writable=True)
    print("held", flush=True)
    input()

asyncio.run(hold())
"""


def another_process_that_writes(path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def test_the_lock_of_a_tracker_that_was_killed_is_gone_with_it(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db")
    with another_process_that_writes(path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert "another tracker is writing it" in await error_of(path, writable=True)
        assert writer_pid(path) == holder.pid
        holder.kill()
        holder.wait()
        assert writer_pid(path) is None
    async with await Journal.open(path, writable=True) as journal:
        assert await journal.append(rows(0, 0)) == 1


async def test_a_journal_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    said = f"{path}: there is no such file; tracker run or tracker feed makes a journal"
    assert await error_of(path) == said
    assert await error_of(path, writable=True) == said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("writable", [False, True], ids=["to read", "to write"])
async def test_a_file_that_is_no_journal_is_named_and_left_as_it_is(tmp_path: Path, writable: bool) -> None:
    letter, cooking = tmp_path / "letter.db", tmp_path / "cooking.db"
    letter.write_text("Dear organisers, the course was beautiful. " * 100)
    with closing(sqlite3.connect(cooking)) as db:
        db.execute("CREATE TABLE recipe (name TEXT)")
    before = letter.read_bytes(), cooking.read_bytes()
    copy = f"tracker recover {letter} NEW.db saves what can be read, or take the copy of another machine"
    assert await error_of(letter, writable=writable) == f"{letter}: is damaged (file is not a database); {copy}"
    assert await error_of(cooking, writable=writable) == f"{cooking}: is no journal (it holds other tables); check the name"
    assert (letter.read_bytes(), cooking.read_bytes()) == before


@pytest.mark.parametrize("writable", [False, True], ids=["to read", "to write"])
async def test_a_journal_that_was_never_finished_being_made(tmp_path: Path, writable: bool) -> None:
    empty, half = tmp_path / "empty.db", await made(tmp_path / "half.db")
    empty.touch()
    with closing(sqlite3.connect(half)) as db, db:
        db.execute("DELETE FROM race WHERE name IN ('roster_csv', 'root')")
    said = f"{empty}: is empty, so there is no race in it; delete it, and it will be made anew"
    assert await error_of(empty, writable=writable) == said
    said = f"{half}: holds no race (roster_csv, root missing); it was never finished being made, so make it anew"
    assert await error_of(half, writable=writable) == said


@pytest.mark.parametrize("writable", [False, True], ids=["to read", "to write"])
async def test_a_journal_of_a_newer_tracker_is_left_to_that_one(tmp_path: Path, writable: bool) -> None:
    path = await made(tmp_path / "race.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE race SET value = ? WHERE name = 'schema'", (str(SCHEMA_VERSION + 1),))
    newer = f"schema {SCHEMA_VERSION + 1}, this one knows {SCHEMA_VERSION}"
    assert await error_of(path, writable=writable) == f"{path}: was written by a newer tracker ({newer}); use that one"


@pytest.mark.parametrize(("schema", "why"), [("0", "was written by an older tracker (schema 0, this one knows 1)"), ("x1", "is damaged (")])
@pytest.mark.parametrize("writable", [False, True], ids=["to read", "to write"])
async def test_of_a_journal_of_an_older_tracker_it_is_said_how_to_make_a_new_one(
    tmp_path: Path, schema: str, why: str, writable: bool
) -> None:
    path = await made(tmp_path / "race.db", rows(0, 2))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE race SET value = ? WHERE name = 'schema'", (schema,))
    said = await error_of(path, writable=writable)
    assert said.startswith(f"{path}: {why}")
    assert f"; tracker recover {path} NEW.db " in said


async def test_half_a_journal_is_damaged_wherever_it_is_read(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db", [row for n in range(50) for row in copies(n)])
    whole = path.read_bytes()
    for kept in (512, 4_096, len(whole) // 2, len(whole) - 4_096):
        path.write_bytes(whole[:kept])
        with pytest.raises(JournalError, match=r"race\.db: is damaged \(.*\); tracker recover "):
            async with await Journal.open(path) as journal:
                await facts_of(journal)


def copies(n: int) -> list[FactRow]:
    """Enough facts that a journal has many pages."""
    return [FactRow(0, b"key %5d of %3d" % (k, n), 1_000, *DAY.messages[k]) for k in range(len(DAY.messages))]


async def test_a_fault_in_the_middle_of_a_journal_is_said_when_it_is_read(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db", [row for n in range(50) for row in copies(n)])
    with path.open("r+b") as file:
        file.seek(8 * 4_096)
        file.write(b"\xa5" * 40 * 4_096)
    async with await Journal.open(path) as journal:
        with pytest.raises(JournalError) as raised:
            await facts_of(journal)
    save = f"tracker recover {path} NEW.db saves what can be read, or take the copy of another machine"
    assert str(raised.value) == f"{path}: is damaged (database disk image is malformed); {save}"


async def test_a_full_disk_stores_nothing_and_takes_it_all_once_there_is_room(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        await journal.append(rows(0, 4))
        bad = QuarantineRow(0, 1, "tracker/hill/col/passage", b"x" * 1_000_000, "no JSON")
        await journal._db.execute("PRAGMA max_page_count = 20")
        with pytest.raises(JournalError) as raised:
            await journal.append(rows(5, 9), [bad])
        full = "could not be written (database or disk is full); nothing is acknowledged until it can"
        assert str(raised.value) == f"{journal.path}: {full}"
        assert await journal.counts() == (5, 0)
        await journal._db.execute("PRAGMA max_page_count = 1000000")
        assert await journal.append(rows(5, 9), [bad]) == 5
        assert await journal.counts() == (10, 1)


@pytest.mark.parametrize("instead", ["nothing", "an older copy"])
async def test_nothing_is_stored_in_a_file_that_no_longer_has_the_journals_name(tmp_path: Path, instead: str) -> None:
    path, away = tmp_path / "race.db", tmp_path / "away.db"
    async with await Journal.create(path, DAY.sources) as journal:
        await journal.append(rows(0, 4))
        back_up(path, tmp_path / "copy.db")
        path.rename(away)
        if instead == "an older copy":
            shutil.copy(tmp_path / "copy.db", path)
        with pytest.raises(JournalError, match=f"^{re.escape(str(path))}: was moved, deleted, or replaced while .* put it back, or end "):
            await journal.append(rows(5, 9))
        assert keeping(path).upkeep.fault == "its file was moved, deleted, or replaced"
        away.replace(path)
        assert await journal.append(rows(5, 9)) == 5
        assert keeping(path).upkeep.fault is None
    async with await Journal.open(path, writable=True) as journal:
        assert await journal.counts() == (10, 0)


async def test_a_journal_cannot_be_made_where_there_is_a_file_or_no_folder(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db", rows(0, 2))
    with pytest.raises(JournalError) as raised:
        await Journal.create(path, DAY.sources)
    assert str(raised.value) == f"{path}: there is a file already; choose another name, or leave out the event to go on with it"
    async with await Journal.open(path) as journal:
        assert await journal.counts() == (3, 0)
    with pytest.raises(JournalError) as raised:
        await Journal.create(tmp_path / "nowhere" / "race.db", DAY.sources)
    lock = tmp_path / "nowhere" / "race.db.lock"
    assert str(raised.value) == f"{lock}: cannot be made (No such file or directory); choose a folder that you may write to"


async def test_a_journal_that_was_made_while_another_was_filled_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "race.db"
    words = "has been made by somebody else meanwhile, and was left as it is"
    with pytest.raises(JournalError, match=words):  # noqa: PT012  it is told when the block is left
        async with made_whole(path, DAY.sources, {}) as filled:
            await filled.append(rows(0, 2))
            await made(path, rows(3, 9))
    async with await Journal.open(path) as journal:
        assert await journal.counts() == (7, 0)
    assert not [one for one in tmp_path.iterdir() if "draft" in one.name]


async def test_a_power_cut_while_a_journal_is_made_does_not_stand_in_the_way_of_the_next(tmp_path: Path) -> None:
    path, draft = tmp_path / "race.db", tmp_path / ".race.db.new"
    draft.write_bytes(b"SQLite format 3\x00 and no more")
    await made(path, rows(0, 2))
    assert not draft.exists()
    async with await Journal.open(path) as journal:
        assert await journal.counts() == (3, 0)


async def test_what_a_deleted_journal_left_behind_does_not_come_into_the_next(tmp_path: Path) -> None:
    path, log = tmp_path / "race.db", tmp_path / "race.db-wal"
    async with await Journal.create(path, DAY.sources) as journal:
        await journal.append(rows(0, 9))
        shutil.copy(log, tmp_path / "kept")
    path.unlink()
    shutil.copy(tmp_path / "kept", log)
    assert log.stat().st_size > 0
    await made(path, rows(0, 2))
    async with await Journal.open(path) as journal:
        assert await journal.counts() == (3, 0)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("schema", "one", "its schema is 'one', which is no number"),
        ("event_toml", b"\xff", "Could not decode to UTF-8"),
        ("clock", "noon", "its clock: "),
        ("clock", "1e400@0*nan", "its clock: "),
        ("clock", "0@0*inf", "a clock that shows no moment of a race: '0@0*inf'"),
        ("clock", f"{2**62}@0*1", "a clock that shows no moment of a race"),
    ],
)
async def test_a_value_that_no_tracker_wrote_is_told_and_no_crash(tmp_path: Path, name: str, value: object, words: str) -> None:
    path = await made(tmp_path / "race.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT OR REPLACE INTO race VALUES (?, ?)", (name, value))
    with pytest.raises(JournalError, match=re.escape(words)):
        async with await Journal.open(path) as journal:
            await journal.clock()


async def test_a_row_of_wrong_types_comes_out_as_the_types_that_rows_have(tmp_path: Path) -> None:
    path = await made(tmp_path / "race.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO fact (key, received_ms, topic, payload) VALUES ('key', 'noon', x'61', 17)")
    async with await Journal.open(path) as journal:
        assert await facts_of(journal) == [FactRow(1, b"key", 0, "a", b"17")]
