"""What the desk has said, on the disk: whole lines, once, whoever else writes and whatever was killed in the middle of one."""

import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.conftest import Tracker, race_day
from tracker.outbox import Outbox, OutboxError, outbox_path
from tracker.wire import message_of_line

TOPIC = "tracker/hill/desk/note"
TORN = b'{"topic":"tracker/hill/desk/note","payl'


def note(number: int) -> tuple[str, bytes]:
    said = {"time": 1_656_140_000_000, "author": "race office", "reason": "for the record", "id": f"n-{number}"}
    return TOPIC, orjson.dumps(said)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(outbox_path(tmp_path / "race.db"))


def test_the_outbox_stands_beside_its_journal(tmp_path: Path) -> None:
    assert outbox_path(tmp_path / "race.db") == tmp_path / "race.db.outbox"


def test_an_outbox_that_is_not_there_is_empty_and_is_not_made_by_looking(outbox: Outbox) -> None:
    assert outbox.news() == []
    assert not outbox.path.exists()


def test_what_was_added_is_told_once_in_its_order_to_whoever_looks(outbox: Outbox) -> None:
    outbox.add(*note(1))
    outbox.add(*note(2))
    assert outbox.news() == [note(1), note(2)]
    assert outbox.news() == []
    outbox.add(*note(3))
    assert outbox.news() == [note(3)]
    assert Outbox(outbox.path).news() == [note(1), note(2), note(3)]
    outbox.rewind()
    assert outbox.news() == [note(1), note(2), note(3)]


def test_an_outbox_is_a_file_that_can_be_fed_by_hand(outbox: Outbox, tmp_path: Path, tracker: Tracker) -> None:
    outbox.add(*note(1))
    outbox.add(*note(2))
    said = tracker("feed", tmp_path / "race.db", outbox.path, *race_day(3).files(tmp_path))
    assert (said.code, said.out) == (0, "2 messages: 2 new facts, 0 known already, 0 in quarantine\n")
    assert tracker("feed", tmp_path / "race.db", outbox.path).out == "2 messages: 0 new facts, 2 known already, 0 in quarantine\n"


def test_a_torn_last_line_is_said_and_skipped_and_the_next_one_is_whole(outbox: Outbox) -> None:
    outbox.add(*note(1))
    with outbox.path.open("ab") as file:
        file.write(TORN)
    assert outbox.news() == [note(1)]
    assert list(outbox.torn) == [2]
    Outbox(outbox.path).add(*note(3))
    assert outbox.news() == [note(3)]
    assert list(outbox.torn) == [2]
    assert [message_of_line(line) for line in outbox.path.read_bytes().splitlines() if line != TORN] == [note(1), note(3)]


def test_a_last_line_that_only_lacks_its_end_was_said(outbox: Outbox) -> None:
    outbox.add(*note(1))
    outbox.path.write_bytes(outbox.path.read_bytes().rstrip(b"\n"))
    assert outbox.news() == [note(1)]
    outbox.add(*note(2))
    with outbox.path.open("ab") as file:
        file.write(TORN)
    assert outbox.news() == [note(2)]
    assert list(outbox.torn) == [3]


def test_another_file_under_the_same_name_is_read_from_its_beginning(outbox: Outbox) -> None:
    outbox.add(*note(1))
    outbox.add(*note(2))
    assert len(outbox.news()) == 2
    outbox.path.rename(outbox.path.with_name("kept"))
    assert outbox.news() == []
    outbox.add(*note(3))
    assert outbox.news() == [note(3)]


ADD = """
import sys
from pathlib import Path
from tracker.outbox import Outbox

outbox = Outbox(Path(sys.argv[1]))
print("ready", flush=True)
input()
for number in range(100):
    outbox.add("tracker/hill/desk/note", b'{"from": %d, "number": %d, "fill": "%s"}' % (int(sys.argv[2]), number, b"x" * 5000))
"""


def test_two_dashboards_that_write_at_once_leave_every_line_whole(outbox: Outbox) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", ADD, str(outbox.path), str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for n in (1, 2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    found: list[tuple[int, int]] = []
    while any(writer.poll() is None for writer in writers):
        found += [(said["from"], said["number"]) for said in map(orjson.loads, (payload for _, payload in outbox.news()))]
    found += [(said["from"], said["number"]) for said in map(orjson.loads, (payload for _, payload in outbox.news()))]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    assert outbox.torn == {}
    assert sorted(found) == [(n, number) for n in (1, 2) for number in range(100)]


def test_of_a_message_for_which_there_is_no_room_nothing_stays(outbox: Outbox) -> None:
    outbox.add(*note(1))
    before, limits = outbox.path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))  # as a disk with room for twenty bytes
    try:
        with pytest.raises(OutboxError) as raised:
            outbox.add(*note(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    said = "cannot be written (File too large), so nothing was said; make room there, and see that you may write"
    assert str(raised.value) == f"{outbox.path}: {said}"
    assert outbox.path.read_bytes() == before
    outbox.add(*note(3))
    assert outbox.news() == [note(1), note(3)]


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "gone" / "race.db.outbox")
    with pytest.raises(OutboxError) as raised:
        outbox.add(*note(1))
    said = "cannot be written (No such file or directory), so nothing was said; make room there, and see that you may write"
    assert str(raised.value) == f"{outbox.path}: {said}"


def test_a_dashboard_that_hangs_with_the_lock_is_not_waited_for_for_ever(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.outbox._LOCK_PATIENCE_S", 0.0)
    outbox.add(*note(1))
    hanging = os.open(outbox.path, os.O_RDONLY)
    fcntl.flock(hanging, fcntl.LOCK_EX)
    said = f"{outbox.path}: another tracker keeps it locked; end the one that hangs, and say it again"
    for attempt in (lambda: outbox.add(*note(2)), outbox.news):
        with pytest.raises(OutboxError) as raised:
            attempt()
        assert str(raised.value) == said
    os.close(hanging)
    outbox.add(*note(2))
    assert outbox.news() == [note(1), note(2)]
