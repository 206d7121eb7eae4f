"""A device's facts against a real tracker: whatever is lost in between, what the device has said is in the journal once."""

import asyncio
import resource
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from textwrap import dedent

import aiomqtt
import pytest

from tests.conftest import PATIENCE_S, Mosquitto, Way, until
from tests.ingest.running import holds, running
from tests.publisher.devices import AT_MS, DAY, acknowledged, ids, read, scanner, settled
from tracker.journal import Journal
from tracker.publisher import OutboxError, WireError


async def test_what_a_device_says_is_in_the_journal_once_it_is_acknowledged(tmp_path: Path, way: Way) -> None:
    words, port = way
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path) as publisher:
            said = [*read(publisher, 50), publisher.withdrawal("2", "injury", AT_MS + 99, signed=True)]
            await settled(publisher)
            assert await ids(ingest) == Counter(said)
            assert publisher.doubt == ""
            assert "0 facts not acknowledged" in publisher.link
        assert ingest.stop() == 0


async def test_what_was_said_while_nobody_was_there_arrives_when_somebody_is(tmp_path: Path, way: Way) -> None:
    words, port = way
    async with scanner(port, tmp_path) as publisher:
        said = read(publisher, 20)
    async with scanner(port, tmp_path) as publisher:
        assert publisher.owed == 20
        said += read(publisher, 5, first=21)
        with running(DAY, tmp_path, *words) as ingest:
            await settled(publisher)
            assert await ids(ingest) == Counter(said)


async def test_a_broker_that_loses_all_it_has_loses_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        async with scanner(mosquitto.port, tmp_path) as publisher:
            said = read(publisher, 10)
            await acknowledged(publisher)
            assert ingest.stop() == 0
            said += read(publisher, 30, first=11)
            await until(lambda: "30 messages" in publisher.link or publisher.link.startswith("connected"), "it is connected")
            await asyncio.sleep(0.5)  # the broker takes them for the tracker, which is away
            mosquitto.forget()
            mosquitto.start()
            assert publisher.owed == 30
            ingest.start()
            await settled(publisher)
        assert await ids(ingest) == Counter(said)


async def test_a_tracker_that_has_lost_its_journal_gets_it_all_again(tmp_path: Path, way: Way) -> None:
    words, port = way
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path) as publisher:
            said = read(publisher, 40)
            await acknowledged(publisher)
            ingest.kill()
            for file in tmp_path.glob("race.db*"):
                file.unlink()
            ingest.start()
            await ingest.up()
            async with await Journal.open(ingest.journal) as journal:
                await holds(journal, 41)  # and a heartbeat, by which it knows what it lacks
            await settled(publisher)
        found = await ids(ingest)
        assert found == Counter(said)


_SCANNER = dedent("""\
    import asyncio, sys
    from pathlib import Path
    from tracker.publisher import Broker, Publisher

    async def main():
        port, folder = int(sys.argv[1]), Path(sys.argv[2])
        async with Publisher(Broker("127.0.0.1", port), event="hill", station="col", device="col-1", folder=folder) as publisher:
            for bib in range(1, 100_000):
                print(publisher.passage(str(bib % 3 + 1), 1_656_136_800_000 + bib), flush=True)
                await asyncio.sleep(0.001)

    asyncio.run(main())
""")


async def test_a_device_that_is_killed_loses_nothing_that_it_has_said(tmp_path: Path, way: Way) -> None:
    words, port = way
    said: list[str] = []
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        for _ in range(3):
            command = [sys.executable, "-c", _SCANNER, str(port), str(tmp_path)]
            child = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            assert child.stdout is not None
            said += [(await child.stdout.readline()).decode().strip() for _ in range(60)]
            child.send_signal(signal.SIGKILL)
            said += [line.strip() for line in (await child.stdout.read()).decode().splitlines(keepends=True) if line.endswith("\n")]
            await child.wait()
        async with scanner(port, tmp_path) as publisher:
            await settled(publisher)
        found = await ids(ingest)
        assert set(said) <= set(found)
        assert set(found.values()) == {1}
        assert len(found) <= len(said) + 3, "at most the last of each life was on the disk and not yet said"


async def test_a_line_of_the_outbox_that_is_torn_is_said(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with scanner(mosquitto.port, tmp_path) as publisher:
        await until(lambda: not publisher._outbox.fresh, "nobody knows it")
        read(publisher, 3)
    where = tmp_path / "hill-col-1.outbox"
    first, _, last = where.read_bytes().splitlines(keepends=True)
    where.write_bytes(first + bytes(60) + b"\n" + last)
    again = scanner(1, tmp_path)
    assert again.doubt.startswith(f"{where}: 1 line torn, so never sent (line 2: JSON is malformed: invalid character (byte 0)")
    assert again.doubt in again.link


def test_an_outbox_is_one_process_s_at_a_time(tmp_path: Path) -> None:
    _first = scanner(1, tmp_path)
    with pytest.raises(OutboxError) as refused:
        scanner(1, tmp_path)
    where = tmp_path / "hill-col-1.outbox.lock"
    assert str(refused.value) == f"{where}: another process sends what is in this outbox; end that one, or give this one a file of its own"


def test_a_wrong_field_is_said_at_once_and_nothing_is_kept(tmp_path: Path) -> None:
    publisher = scanner(1, tmp_path)
    with pytest.raises(WireError) as refused:
        publisher.passage("", AT_MS)
    assert str(refused.value) == 'passage message: field "bib": expected `str` of length >= 1'.replace("`", "")
    with pytest.raises(WireError):
        publisher.withdrawal("1", "bored", AT_MS)
    assert publisher.owed == 0
    assert not (tmp_path / "hill-col-1.outbox.fresh").exists()


async def test_what_is_too_long_to_be_taken_is_refused_and_what_is_just_not_arrives(tmp_path: Path, way: Way) -> None:
    words, port = way
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path) as publisher:
            too_long = r"^passage message: has 60,\d{3} bytes, and no more than 60,000 are taken; say less in it$"
            with pytest.raises(WireError, match=too_long):
                publisher.passage("1", AT_MS, photo="x" * 60_000)
            said = [publisher.passage("1", AT_MS, photo="x" * 59_800), *read(publisher, 3)]
            await settled(publisher)
        assert await ids(ingest) == Counter(said)


def test_on_a_full_disk_nothing_counts_as_said(tmp_path: Path) -> None:
    publisher = scanner(1, tmp_path)
    read(publisher, 1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "hill-col-1.outbox.fresh").stat().st_size + 10, limits[1]))
        with pytest.raises(OutboxError, match="nothing was said; make room there"):
            read(publisher, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert publisher.owed == 1
    read(publisher, 1)
    assert publisher.owed == 2


async def test_what_is_no_acknowledgement_is_said_and_changes_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with scanner(mosquitto.port, tmp_path) as publisher:
        read(publisher, 2)
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
            await until(lambda: publisher.link.startswith("connected"), "it is connected")
            await client.publish("tracker/hill/live/ack/col-1", b'{"device":"col-1","through":"all"}', qos=1, retain=True)
            await until(lambda: "is no acknowledgement" in publisher.doubt, "it says what came")
        assert publisher.owed == 2


async def test_many_that_were_read_at_once_are_said_all_or_none(tmp_path: Path, way: Way) -> None:
    words, port = way
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path) as publisher:
            said = publisher.passages([(str(bib), AT_MS + bib) for bib in (1, 2, 3)], source="chip")
            with pytest.raises(WireError):
                publisher.passages([("1", AT_MS), ("", AT_MS)])
            assert publisher.passages([]) == []
            assert publisher.owed == 3
            await settled(publisher)
        assert await ids(ingest) == Counter(said)


async def test_an_acknowledgement_that_is_left_of_a_journal_that_is_gone_is_not_believed(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with scanner(mosquitto.port, tmp_path) as publisher:
        await until(lambda: publisher.link.startswith("connected"), "it is connected")
        await until(lambda: not publisher._outbox.fresh, "nobody knows it")
        publisher._outbox.trust()  # as if a tracker had been there
        said = read(publisher, 5)
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        stale = b'{"device":"col-1","through":5,"missing":[],"by":"gone"}'
        await client.publish("tracker/hill/live/ack/col-1", stale, qos=1, retain=True)
    async with scanner(mosquitto.port, tmp_path) as publisher:
        await until(lambda: publisher.owed == 0, "it has read what is retained")
        await asyncio.sleep(4)
        assert not publisher._settled.is_set(), "no tracker has said so that is there"
        with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
            await ingest.up()
            await settled(publisher)
            assert await ids(ingest) == Counter(said)


async def test_what_a_broker_took_and_forgot_is_sent_again_as_soon_as_a_tracker_names_it(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with scanner(mosquitto.port, tmp_path) as publisher:
        await until(lambda: not publisher._outbox.fresh, "nobody knows it")
        said = read(publisher, 5)  # the broker takes them, and throws them away: nobody has subscribed
        await until(lambda: all(one.acknowledged for one in publisher._sender._owed.values()), "the broker took them")
        with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
            await ingest.up()
            async with asyncio.timeout(PATIENCE_S):  # sooner than it sends again by itself
                await publisher.settled()
            assert await ids(ingest) == Counter(said)


async def test_a_device_that_sends_no_more_says_so(tmp_path: Path) -> None:
    publisher = scanner(1, tmp_path)

    async def fail() -> None:
        raise ValueError("a mistake in the program")

    publisher._sender._one_connection = fail  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="a mistake"):  # noqa: PT012  it is told again when it is left
        async with publisher:
            await until(lambda: "nothing is sent any more" in publisher.link, "it says so")
            read(publisher, 1)
    assert publisher.owed == 1
