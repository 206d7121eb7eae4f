"""A device that floods: it is said who it is, the others are not kept waiting, and nothing of it is dropped."""

import asyncio
import logging
import sys
from pathlib import Path

import orjson
import pytest

from tests.conftest import PATIENCE_S, free_port, race_day, until
from tests.dashboard.screen import dashboard
from tests.ingest.running import holds, running
from tests.ingest.test_ingest import Waiting
from tests.ingest.test_link import status
from tests.mqtt.device import Device, connect, publish
from tracker.clock import RaceClock
from tracker.floods import BURST, STEADY_A_MINUTE, Flood, Floods, Sender
from tracker.fold import Fold
from tracker.ingest import Ingest, Intake
from tracker.journal import Journal
from tracker.link import Link
from tracker.mqtt.inlet import Delivery
from tracker.sentences import flood_lines
from tracker.sparing import SparingLog
from tracker.wire import Wire

COL_1 = Sender("col", "col-1")
ENDLESS = 10**9


def test_the_backlog_of_a_night_is_no_flood() -> None:
    floods = Floods(("col",))
    floods.count([(COL_1, BURST)], 1000)
    assert floods.found(1000) == ()


def test_a_start_of_three_thousand_is_no_flood() -> None:
    floods = Floods(("col",))
    for second in range(300):
        floods.count([(COL_1, STEADY_A_MINUTE // 60)], second * 1000)
    assert floods.found(300_000) == ()


def test_a_million_a_minute_is_a_flood_by_its_device_until_a_minute_after_its_end() -> None:
    floods = Floods(("col",))
    for second in range(60):
        floods.count([(COL_1, 16_667), (Sender("col", "col-2"), 10)], second * 1000)
    assert floods.found(60_000) == (Flood("col", "col-1", 1_000_000),)
    assert floods.found(100_000) != ()
    assert floods.found(130_000) == ()


def test_a_slow_flood_is_told_too() -> None:
    floods = Floods(("col",))
    for second in range(600):
        floods.count([(COL_1, 300)], second * 1000)
    assert [(flood.device, flood.a_minute) for flood in floods.found(600_000)] == [("col-1", 18_000)]


def test_a_flood_under_a_hundred_thousand_names_is_one_of_its_station_and_takes_no_memory() -> None:
    floods = Floods(("col",))
    floods.count(((Sender("col", f"device {number}"), 1) for number in range(100_000)), 1000)
    assert floods.found(1000) == (Flood("col", None, 570_000),)
    floods.count(((Sender(f"station {number}", "x"), 1) for number in range(100_000)), 2000)
    assert {flood.station for flood in floods.found(2000)} == {"col", ""}
    assert len(floods._buckets) <= 5_002


def test_an_older_word_of_the_way_in_says_nothing_of_floods() -> None:
    assert Link.parse('{"fault":null,"since_ms":0,"offline":{}}') == Link()
    told = Link(floods=(Flood("col", "col-1", 1_000_000),))
    assert Link.parse(str(told)) == told


def test_a_flood_of_garbage_does_not_fill_the_log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SparingLog(logging.getLogger("flood"))
    for number in range(1000):
        log.warning("quarantined: %d", number)
    assert len(caplog.records) == 100
    monkeypatch.setattr("tracker.sparing._EVERY_S", 0.0)
    log.settle()
    assert caplog.messages[-1].startswith("and 900 more such messages in a minute;")


async def test_a_flood_of_garbage_of_last_wills_or_for_no_station_is_told_by_its_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.floods.BURST", 100)
    monkeypatch.setattr("tracker.floods.STEADY_A_MINUTE", 600)
    day = race_day(1)
    inlet, will = Waiting(day), b'{"device":"hut-1","offline":true}'
    inlet.waiting = [Delivery("tracker/hill/col/passage", b"garbage", None)] * 200
    inlet.waiting += [Delivery("tracker/hill/hut/heartbeat", will, None)] * 200
    inlet.waiting += [Delivery(f"tracker/hill/x{number}/passage", b"garbage", None) for number in range(200)]
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal:
        ingest = Ingest(inlet, journal, Fold(day.sources), RaceClock())
        await ingest.take(await inlet.next_batch(1000))
        await ingest._write_link(RaceClock().now_ms())
        floods = ingest._written.floods
        assert {(flood.station, flood.device) for flood in floods} == {("col", None), ("hut", "hut-1"), ("", None)}
        said = flood_lines(ingest._written)
    assert sum("somebody sends 1,200 messages a minute at col;" in line for line in said) == 1
    assert sum("somebody sends 1,200 messages a minute for no station of the race;" in line for line in said) == 1
    assert sum("device hut-1 at hut sends 1,200 messages a minute; take it off the network" in line for line in said) == 1


async def test_a_flood_of_last_wills_under_invented_names_takes_no_memory(tmp_path: Path) -> None:
    day = race_day(1)
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal:
        intake = Intake(journal, Wire("hill"), RaceClock())
        for first in range(0, 5000, 1000):
            await intake.store([("tracker/hill/col/heartbeat", b'{"device":"d%d","offline":true}' % (first + n)) for n in range(1000)])
        assert len(intake.counts.offline) == 1000


async def test_a_quiet_device_is_acknowledged_while_another_floods_and_every_screen_says_who_it_is(tmp_path: Path) -> None:
    day, port = race_day(20), free_port()
    with running(day, tmp_path, "--listen", f"127.0.0.1:{port}") as ingest:
        async with await ingest.opened() as journal, asyncio.timeout(20 * PATIENCE_S):
            words = ("-m", "tests.fuzz.flood", str(port), str(ENDLESS), "repeat")
            flood = await asyncio.create_subprocess_exec(sys.executable, *words)
            await holds(journal, 1)
            quiet = Device(*await asyncio.open_connection("127.0.0.1", port), 4)
            quiet.send(connect("quiet"))
            assert (await quiet.answer()).kind == "CONNACK"
            for number, (topic, payload) in enumerate(day.messages[:30], 1):
                quiet.send(publish(topic, payload, number))
                assert await quiet.pubacks(1) == [number]

            async def told() -> bool:
                return bool((await journal.link() or Link()).floods)

            await until(told, "the flood is told", 5 * PATIENCE_S)
            assert flood.returncode is None, "the flood goes on all the while"
            assert await journal.counts() == (31, 0), "what comes again and again is one fact"
            async with dashboard(ingest.journal) as eyes:
                assert "FLOOD: device col-1 at col sends" in eyes.text
            assert "! FLOOD: device col-1 at col sends" in await status(ingest.journal)
            (said,) = orjson.loads(await status(ingest.journal, "--json"))["ingest"]["floods"]
            assert (said["station"], said["device"]) == ("col", "col-1")
            flood.kill()
            await flood.wait()
            await quiet.close()
        assert ingest.stop() == 0
