"""A long journal is read by two processes: the same field comes of it as of one, whatever becomes of the second."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict, Unpack

import pytest

from tests.conftest import GUN_MS, MINUTE_MS, PATIENCE_S, Message, passage, race_day, until
from tests.ingest.test_fold import beat, desk
from tracker import ahead
from tracker.core.soundness import digest
from tracker.fold import Fold
from tracker.journal import FactRow, Journal, JournalError
from tracker.wire import Wire, WireError

DAY = race_day(4_000)
"""Many times what a pipe holds."""
_WIRE = Wire("hill")
_DEVICES = ("col-1", "hut-1", "ridge-1")
ODD = [
    passage(id="odd-1"),  # its time is text
    passage(id="odd-2", bib="１２"),
    passage(id="odd\t3", time=GUN_MS + 180 * MINUTE_MS),
    passage(id="odd-4", way="in", source="qr", time=GUN_MS + 181 * MINUTE_MS),
    desk("status", "9h", bib="7", status="withdrawn"),
    desk("clock", "8h", device="hut-1", offset_s=120),
    desk("void", "10h", fact="odd-4"),
    ("tracker/hill/hut/heartbeat", b'{"device":"hut-1","offline":true}'),
]
UNREADABLE = [
    ("tracker/hill/col/passage", b'{"id":"cut off'),
    ("tracker/hill/col/passage", b'{"id":"x"},{"id":"y"'),
    ("tracker/valley/col/passage", b'{"id":"elsewhere","bib":"1","time":1656129600000}'),
    ("tracker/hill/col/weather", b"fog"),
]


def received() -> list[tuple[int, Message]]:
    """What came, and when: a station's backlog hours late, heartbeats, and between them what needs a closer look."""
    found: list[tuple[int, Message]] = []
    for number, message in enumerate(DAY.messages):
        moment_ms = GUN_MS + number * 1_700
        backlog = "/ridge/" in message[0] and number % 3 == 0
        found.append((moment_ms + (300 * MINUTE_MS if backlog else 0), message))
        if number % 40 == 0:
            found += [(moment_ms, beat(moment_ms, 90_000, device, device[:-2])) for device in _DEVICES]
        if number % 2_500 == 0 and number // 2_500 < len(ODD):
            found.append((moment_ms, ODD[number // 2_500]))
    found += [(GUN_MS + 100 * MINUTE_MS * number, one) for number, one in enumerate(UNREADABLE, 1)]
    return sorted(((received_ms - received_ms % 5_000, message) for received_ms, message in found), key=lambda one: one[0])


def key_of(number: int, message: Message) -> bytes:
    try:
        return getattr(_WIRE.decode(*message), "key", b"%16d" % number)
    except WireError:
        return b"%16d" % number


@pytest.fixture(scope="module")
def journal_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ahead") / "race.db"

    async def write() -> None:
        rows = [FactRow(0, key_of(number, message), at_ms, *message) for number, (at_ms, message) in enumerate(received())]
        async with await Journal.create(path, DAY.sources) as journal:
            assert await journal.append(rows) == len(rows)

    asyncio.run(write())
    return path


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Process]]:
    """The second processes that were started, for a journal that is long enough; none of them may be left."""
    started: list[Process] = []
    start = asyncio.create_subprocess_exec

    async def remembered(*words: str, **more: object) -> Process:
        started.append(await start(*words, **more))  # type: ignore[arg-type]
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remembered)
    monkeypatch.setattr(ahead, "MANY_FACTS", 100)
    yield started
    assert all(process.returncode is not None for process in started)


def whole(fold: Fold) -> list[object]:
    """All that a fold has to tell."""
    return [
        digest(fold.field),
        fold.last_no,
        fold.counted,
        fold.heard_ms,
        fold.unreadable,
        list(fold.news),
        fold.offsets(),
        fold.alerts(),
        [fold.field.evidence(bib) for bib in ("1", "7", "12", "40")],
    ]


NOW_MS = GUN_MS + 600 * MINUTE_MS


class Asked(TypedDict, total=False):
    """What a field is asked of."""

    known_ms: int
    now_ms: int
    until_ms: int


async def folded(path: Path, said: Callable[[int], None] | None = None, **asked: Unpack[Asked]) -> Fold:
    async with await Journal.open(path) as journal:
        fold = Fold(journal.sources, asked.get("until_ms"), now_ms=asked.get("now_ms"))
        assert await fold.catch_up(journal, asked.get("known_ms"), said) > 0
    return fold


async def alone(path: Path, monkeypatch: pytest.MonkeyPatch, **more: Unpack[Asked]) -> list[object]:
    with monkeypatch.context() as patch:
        patch.setattr(ahead, "MANY_FACTS", 1 << 60)
        return whole(await folded(path, **more))


FOLDS: dict[str, Asked] = {
    "all": {},
    "followed": {"now_ms": NOW_MS},
    "as of": {"until_ms": GUN_MS + 400 * MINUTE_MS},
    "as known": {"known_ms": GUN_MS + 250 * MINUTE_MS, "now_ms": GUN_MS + 250 * MINUTE_MS},
}


@pytest.fixture(scope="module")
def by_one(journal_path: Path) -> list[object]:
    """What one process alone makes of the journal: it is too short for two, unless a test says otherwise."""
    return whole(asyncio.run(folded(journal_path)))


@pytest.mark.parametrize("which", FOLDS)
async def test_two_processes_make_the_same_field_of_a_journal_as_one(
    journal_path: Path, seconds: list[Process], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    fold = await folded(journal_path, **FOLDS[which])
    assert whole(fold) == await alone(journal_path, monkeypatch, **FOLDS[which])
    assert [process.returncode for process in seconds] == [0]
    assert caplog.records == []
    assert len(fold.unreadable) == (2 if which == "as known" else len(UNREADABLE))
    assert (len(fold.news) > 10) is (which in {"followed", "as known"})
    assert (fold.offsets() != {}) is (which != "as of")


async def test_most_rows_are_decoded_by_the_second_process(journal_path: Path, seconds: list[Process]) -> None:
    async with await Journal.open(journal_path) as journal:
        kinds = [type(row) is FactRow async for rows in ahead.read(journal, _WIRE) for row in rows]
    assert kinds.count(True) < kinds.count(False)


async def test_a_second_process_that_is_killed_is_told_of_once_and_nothing_is_missing(
    journal_path: Path, seconds: list[Process], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    def kill(rows: int) -> None:
        if not taken:
            os.kill(seconds[0].pid, signal.SIGKILL)
        taken.append(rows)

    fold = await folded(journal_path, kill, now_ms=NOW_MS)
    assert seconds[0].returncode == -signal.SIGKILL
    assert whole(fold) == await alone(journal_path, monkeypatch, now_ms=NOW_MS)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "this one reads on alone" in record.message


async def test_a_second_process_that_cannot_be_started_is_told_of(
    journal_path: Path, by_one: list[object], seconds: list[Process], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    fold = await folded(journal_path)
    assert seconds == []
    assert whole(fold) == by_one
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "the second process that reads it could not be started (No such file or directory); this one reads on alone, which takes longer"
    ]


_WRITES = (
    "import sys, time, marshal; w = sys.stdout.buffer.write; c = [[]] * 9;"
    "block = lambda *of: w(b'rows' + len(b := marshal.dumps(of)).to_bytes(4) + b); "
)
NONSENSE = {
    "print('Welcome'); time.sleep(600)": "wrote what is no row (b'Welcome\\n')",
    "w(b'ro')": "has ended in the middle of a row",
    "w(b'rows' + (900).to_bytes(4) + b'x' * 800)": "has ended in the middle of a row",
    "w(b'rows' + (3).to_bytes(4) + b'abc')": "wrote what are no rows (marshal data too short)",
    "block([1], [], c, [])": "wrote what are no rows (zip() argument 2 is shorter than argument 1)",
    "block([], [], c, [])": "wrote what are no rows (list index out of range)",
    "sys.exit('it rains')": "has ended (1: it rains)",
    "sys.stderr.write('much\\n' * 1000000); sys.exit(3)": "has ended (3: much)",
}


@pytest.mark.parametrize("does", NONSENSE)
async def test_what_is_no_row_is_never_taken_for_one(
    journal_path: Path,
    by_one: list[object],
    seconds: list[Process],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    does: str,
) -> None:
    monkeypatch.setattr(ahead, "_MODULE", ("-c", _WRITES + does))
    async with asyncio.timeout(PATIENCE_S):
        fold = await folded(journal_path)
    assert whole(fold) == by_one
    [record] = caplog.records
    assert f"the second process that reads it {NONSENSE[does]}; this one reads on alone" in record.message


async def test_a_second_process_that_finds_another_race_there_reads_nothing_of_it(
    journal_path: Path,
    by_one: list[object],
    seconds: list[Process],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    async with await Journal.open(journal_path) as journal:
        await (await Journal.create(tmp_path / "other.db", DAY.sources)).close()
        monkeypatch.setattr(journal, "path", tmp_path / "other.db")
        fold = Fold(journal.sources)
        await fold.catch_up(journal)
    assert whole(fold) == by_one
    assert "holds another race by now" in caplog.records[0].message


async def test_a_damaged_journal_is_said_to_be_so_in_the_same_words(
    journal_path: Path, seconds: list[Process], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content = bytearray(journal_path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 200_000] = bytes(200_000)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(content)
    with pytest.raises(JournalError) as of_two:
        await folded(damaged)
    assert len(seconds) == 1
    with pytest.raises(JournalError) as of_one:
        await alone(damaged, monkeypatch)
    assert str(of_two.value) == str(of_one.value)
    assert "is damaged" in str(of_one.value)


async def test_whoever_stops_reading_leaves_no_second_process(journal_path: Path, seconds: list[Process]) -> None:
    begun = asyncio.Event()
    reading = asyncio.create_task(folded(journal_path, lambda _: begun.set()))
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert [process.returncode for process in seconds] == [-signal.SIGKILL]


_STANDS_STILL = """
import asyncio, sys, time
from pathlib import Path
from tracker import ahead
from tracker.fold import Fold
from tracker.journal import Journal

ahead.MANY_FACTS = 100
start = asyncio.create_subprocess_exec

async def told(*words, **more):
    second = await start(*words, **more)
    print(second.pid, flush=True)
    return second

def stand_still(_):
    print("reading", flush=True)
    time.sleep(600)

async def read():
    async with await Journal.open(Path(sys.argv[1])) as journal:
        await Fold(journal.sources).catch_up(journal, said=stand_still)

asyncio.create_subprocess_exec = told
asyncio.run(read())
"""


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_a_tracker_that_is_ended_in_the_middle_of_a_restart_leaves_no_second_process(
    journal_path: Path, with_signal: signal.Signals
) -> None:
    first = subprocess.Popen([sys.executable, "-c", _STANDS_STILL, str(journal_path)], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    second = int(first.stdout.readline())
    assert first.stdout.readline() == "reading\n"
    assert is_there(second)
    first.send_signal(with_signal)
    assert first.wait(PATIENCE_S) == -with_signal
    first.stdout.close()
    asyncio.run(until(lambda: not is_there(second), "the second process has ended"))


def is_there(pid: int) -> bool:
    """Whether a process runs; one that has ended may wait for ever to be asked how."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return found != "" and not found.startswith("Z")
