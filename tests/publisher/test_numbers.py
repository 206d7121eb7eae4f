"""The numbers of a device's facts, and its name: whatever outbox was lost, and whoever else bears the name, none hides another fact."""

import asyncio
import errno
from collections import Counter
from pathlib import Path

import aiomqtt
import orjson
import pytest

from tests.conftest import PATIENCE_S, Mosquitto, Way, until
from tests.ingest.running import on_disk, running
from tests.publisher.devices import DAY, acknowledged, ids, read, scanner, settled
from tracker.journal import Journal
from tracker.outbox import Outbox
from tracker.publisher import OutboxError, WireError
from tracker.publisher.numbered import NumberedOutbox
from tracker.wire import number_of


async def test_a_new_outbox_goes_on_after_the_numbers_of_one_that_is_lost(tmp_path: Path, way: Way) -> None:
    words, port = way
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path / "old") as publisher:
            said = read(publisher, 7)
            await acknowledged(publisher)
        async with scanner(port, tmp_path / "new") as publisher:
            said += read(publisher, 9)  # before it has met anybody
            await settled(publisher)
            assert publisher.doubt == ""
        async with scanner(port, tmp_path / "new") as publisher:
            said += read(publisher, 1)
            await settled(publisher)
        assert await ids(ingest) == Counter(said)
        async with await Journal.open(ingest.journal) as journal:
            numbers = [orjson.loads(payload)["seq"] for topic, payload in await on_disk(journal) if topic.endswith("/passage")]
        assert sorted(numbers) == list(range(1, 18))


@pytest.mark.parametrize("restarted", [False, True], ids=["in one life", "started again"])
async def test_numbers_that_were_given_while_no_tracker_was_there_hide_no_fact_of_a_lost_outbox(
    tmp_path: Path, mosquitto: Mosquitto, restarted: bool
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        async with scanner(mosquitto.port, tmp_path / "old") as publisher:
            said = read(publisher, 5)
            await settled(publisher)
        assert ingest.stop() == 0
        mosquitto.forget()  # so nobody is left who knows the numbers of the old outbox
        mosquitto.start()
        async with scanner(mosquitto.port, tmp_path / "new") as publisher:
            said += read(publisher, 10)
            owed = publisher._sender._owed.values()
            await until(lambda: not publisher._outbox.fresh and all(one.acknowledged for one in owed), "the broker took them")
            if not restarted:
                ingest.start()
                await ingest.up()
                await settled(publisher)
        if restarted:
            ingest.start()
            await ingest.up()
            async with scanner(mosquitto.port, tmp_path / "new") as publisher:
                await settled(publisher)
        assert await ids(ingest) == Counter(said)
        assert not (tmp_path / "new" / "hill-col-1.outbox.unsure").exists()


async def test_two_devices_of_one_name_trust_no_acknowledgement_of_the_other(tmp_path: Path, way: Way) -> None:
    words, port = way
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path / "a") as one:
            read(one, 2)
            await acknowledged(one)
        async with scanner(port, tmp_path / "b") as other:
            read(other, 5)
            await acknowledged(other)
        async with scanner(port, tmp_path / "a") as one:
            read(one, 1)
            await until(lambda: "another device bears the name" in one.doubt, "it says that it trusts nothing")
            assert one.owed == 3
            assert one.doubt in one.link


@pytest.mark.parametrize("left", [b"", b'{"topic":"tracker/hill/col/pas', bytes(100)], ids=["nothing", "half a line", "zeros"])
async def test_a_new_outbox_whose_first_fact_never_got_there_gives_no_number_of_the_old_one(tmp_path: Path, way: Way, left: bytes) -> None:
    words, port = way
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        async with scanner(port, tmp_path / "old") as publisher:
            said = read(publisher, 3)
            await settled(publisher)
        (tmp_path / "new" / "hill-col-1.outbox").write_bytes(left)  # it was to begin after 3; the disk was full, or the power went
        async with scanner(port, tmp_path / "new") as publisher:
            said += read(publisher, 5)
            await settled(publisher)
        async with scanner(port, tmp_path / "new") as publisher:
            said += read(publisher, 1)
            await settled(publisher)
        assert await ids(ingest) == Counter(said)
        async with await Journal.open(ingest.journal) as journal:
            numbers = [orjson.loads(payload)["seq"] for topic, payload in await on_disk(journal) if topic.endswith("/passage")]
        assert sorted(numbers) == list(range(1, 10))


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _said(outbox: NumberedOutbox, bib: int) -> tuple[str, bytes]:
    payload = b'{"id":"%d","bib":"%d","time":1,"device":"col-1","seq":%d}' % (bib, bib, outbox.last + 1)
    outbox.add([("tracker/hill/col/passage", payload)])
    return "tracker/hill/col/passage", payload


def _bibs(outbox: NumberedOutbox) -> dict[int, str]:
    assert all(number_of(payload) == ("col-1", seq) for seq, (_, payload) in outbox.messages.items())
    return {seq: orjson.loads(payload)["bib"] for seq, (_, payload) in outbox.messages.items()}


def test_what_is_said_after_a_disk_was_full_in_the_middle_of_numbering_is_not_lost_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = NumberedOutbox(tmp_path / "outbox", "col-1")
    first = [_said(outbox, 1), _said(outbox, 2)]
    with monkeypatch.context() as disk:
        disk.setattr("tracker.durable.sync_folder", _full)  # the outbox has its name already
        with pytest.raises(OutboxError, match="No space left on device"):
            outbox.begin_after(5)
    assert outbox.fresh
    _said(outbox, 3)
    outbox.close()
    outbox = NumberedOutbox(tmp_path / "outbox", "col-1")
    assert _bibs(outbox) == {6: "1", 7: "2", 8: "3"}
    _said(outbox, 4)
    outbox.close()
    Outbox(tmp_path / "outbox.fresh").add_all(first)  # the power went, and with it that the draft was removed
    outbox = NumberedOutbox(tmp_path / "outbox", "col-1")
    assert _bibs(outbox) == {6: "1", 7: "2", 8: "3", 9: "4"}
    assert not (tmp_path / "outbox.fresh").exists()
    outbox.close()


def test_numbers_that_nobody_was_sure_of_stay_so_when_a_full_disk_keeps_the_sure_ones_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = NumberedOutbox(tmp_path / "outbox", "col-1")
    _said(outbox, 1)
    for step, number, sure in (("sync_folder", 0, False), ("sync", 5, True)):
        with monkeypatch.context() as disk:
            disk.setattr(f"tracker.durable.{step}", _full)
            with pytest.raises(OutboxError):
                outbox.begin_after(number, sure=sure)
    outbox.close()
    outbox = NumberedOutbox(tmp_path / "outbox", "col-1")
    assert _bibs(outbox) == {1: "1"}
    assert outbox.unsure
    outbox.close()


def test_a_file_of_another_device_is_refused(tmp_path: Path) -> None:
    line = b'{"topic":"tracker/hill/col/passage","payload":{"id":"1","bib":"1","time":1,"device":"hut-1","seq":1}}\n'
    (tmp_path / "hill-col-1.outbox").write_bytes(line)
    with pytest.raises(OutboxError) as refused:
        scanner(1, tmp_path)
    where = tmp_path / "hill-col-1.outbox"
    assert str(refused.value) == f"{where}: holds a message of device 'hut-1', not of 'col-1'; give each device a file of its own"


@pytest.mark.parametrize("name", ["", "a/b", "a+b", "a#", "a\0b", "Te\u0301l-1", "Tel\u00a01", "tel\u200d1", "x" * 101, "\u200d"])
def test_a_name_under_which_nothing_could_be_acknowledged_is_refused_before_anything_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(WireError, match=r"^(device .* is no name for topics; use at most 100 letters|a name is blank)"):
        scanner(1, tmp_path, device=name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["T\u00e9l\u00e9phone 1", "\U0001f4f1-1", "x" * 100])
async def test_a_device_with_an_odd_name_is_told_all_the_same_and_finds_its_outbox_again(tmp_path: Path, way: Way, name: str) -> None:
    words, port = way
    with running(DAY, tmp_path, *words) as ingest:
        await ingest.up()
        for bib in (1, 2):
            async with scanner(port, tmp_path, device=name) as publisher:
                read(publisher, 1, first=bib)
                await settled(publisher)
        assert (await ids(ingest)).total() == 2


async def test_a_device_that_once_saw_anothers_numbers_trusts_nothing_when_it_has_given_as_many(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    async with scanner(mosquitto.port, tmp_path) as publisher, aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await until(lambda: not publisher._outbox.fresh, "nobody knows it")
        read(publisher, 3)
        word = b'{"device":"col-1","through":5,"missing":[],"by":"a"}'
        await client.publish("tracker/hill/live/ack/col-1", word, qos=1)
        await until(lambda: "another device bears the name" in publisher.doubt, "it says so")
        read(publisher, 4)
        await client.publish("tracker/hill/live/ack/col-1", word, qos=1)
        await asyncio.sleep(0.5)
        assert publisher.owed == 7


async def test_two_devices_of_one_name_that_are_there_at_once_say_so(tmp_path: Path, mosquitto: Mosquitto) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with scanner(mosquitto.port, tmp_path / "a") as one, scanner(mosquitto.port, tmp_path / "b") as other:
        said = "either another client is called col-1 too, or the network fails"
        await until(lambda: said in one.link or said in other.link, "one of them says why it is cut off again and again", 3 * PATIENCE_S)
