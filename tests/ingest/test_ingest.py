"""The loop that joins the rooms, where no real broker can show it: on a disk that takes nothing."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, PATIENCE_S, RaceDay, passage, race_day, until
from tracker.clock import RaceClock
from tracker.fold import Fold
from tracker.ingest import Ingest
from tracker.journal import Journal
from tracker.mqtt.inlet import Delivery


class Waiting:
    """A way in with messages that wait, and a list of those that were acknowledged."""

    address = "mqtt://in.a.test:1883"
    fault: str | None = None
    connections = losses = 0
    link = "in a test"

    def __init__(self, day: RaceDay) -> None:
        self.waiting = [Delivery(topic, payload, None) for topic, payload in day.messages]
        self.acknowledged: list[Delivery] = []
        self.live: dict[str, bytes] = {}

    async def __aenter__(self) -> "Waiting":
        return self

    async def __aexit__(self, *exc_info: object) -> None: ...

    async def next_batch(self, limit: int) -> list[Delivery]:
        if not self.waiting:
            await asyncio.Event().wait()
        batch, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return batch

    def ack(self, batch: list[Delivery]) -> None:
        self.acknowledged += batch

    async def publish(self, topic: str, payload: bytes) -> None:
        self.live[topic] = payload


async def full(journal: Journal) -> None:
    """Leave the journal no room to grow."""
    await journal._db.execute("PRAGMA max_page_count = 1")


async def emptied(journal: Journal) -> None:
    """Give the journal room again."""
    await journal._db.execute("PRAGMA max_page_count = 1000000")


async def test_on_a_full_disk_nothing_is_acknowledged_and_nothing_is_lost_once_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.ingest._RETRY_S", 0.01)
    day, stop = race_day(100), asyncio.Event()
    inlet = Waiting(day)
    tried = 0

    async with await Journal.create(tmp_path / "race.db", day.sources) as journal, asyncio.timeout(PATIENCE_S):
        append = journal.append

        async def counted(*rows: Any) -> int:
            nonlocal tried
            tried += 1
            return await append(*rows)

        monkeypatch.setattr(journal, "append", counted)
        await full(journal)
        ingest = asyncio.create_task(Ingest(inlet, journal, Fold(day.sources), RaceClock()).run(stop))
        await until(lambda: tried >= 4, "it has tried three times in vain")
        full_disk = "could not be written (database or disk is full); nothing is acknowledged until it can"
        said = [(record.levelno, record.message) for record in caplog.records]
        assert said == [(logging.ERROR, f"{journal.path}: {full_disk}")], "and it is said once"
        assert inlet.acknowledged == []
        assert await journal.counts() == (0, 0)
        await emptied(journal)
        await until(lambda: len(inlet.acknowledged) == len(day.messages), "everything is acknowledged")
        assert await journal.counts() == (len(day.messages), 0)
        stop.set()
        await ingest


async def test_a_tracker_on_a_full_disk_stops_when_it_is_told_to(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    day, stop = race_day(10), asyncio.Event()
    inlet = Waiting(day)
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal, asyncio.timeout(PATIENCE_S):
        await full(journal)
        ingest = asyncio.create_task(Ingest(inlet, journal, Fold(day.sources), RaceClock()).run(stop))
        await until(lambda: bool(caplog.records), "it has tried")
        stop.set()
        await ingest
    assert inlet.acknowledged == []


async def test_a_message_that_is_no_fact_is_acknowledged_and_said_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    day, stop = race_day(1), asyncio.Event()
    inlet = Waiting(day)
    inlet.waiting = [Delivery("tracker/hill/col/passage", b"bib 7 " * 100, None)]
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal, asyncio.timeout(PATIENCE_S):
        ingest = asyncio.create_task(Ingest(inlet, journal, Fold(day.sources), RaceClock()).run(stop))
        await until(lambda: bool(inlet.acknowledged), "it is acknowledged")
        stop.set()
        await ingest
        assert await journal.counts() == (0, 1)
    [line] = [record.message for record in caplog.records]
    assert line.startswith("quarantined: passage message is no JSON: ")
    assert len(line) < 400, "a long message is not written to the log in full"


async def test_what_somebody_must_act_on_is_among_the_live_alerts_however_much_there_is_to_look_at(tmp_path: Path) -> None:
    day, stop, clock = race_day(1), asyncio.Event(), RaceClock(0, GUN_MS + 120 * MINUTE_MS, 0.0)
    inlet = Waiting(day)
    strangers = [passage(id=f"odd-{number}", bib=f"9{number:02}", time=GUN_MS + 90 * MINUTE_MS + number) for number in range(60)]
    gave_up = {"id": "w-1", "time": GUN_MS + 30 * MINUTE_MS, "bib": "1", "reason": "injury"}
    messages = [day.messages[0], ("tracker/hill/village/withdrawal", orjson.dumps(gave_up)), *strangers]
    inlet.waiting = [Delivery(topic, payload, None) for topic, payload in messages]
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal, asyncio.timeout(PATIENCE_S):
        ingest = asyncio.create_task(Ingest(inlet, journal, Fold(day.sources), clock).run(stop))
        await until(lambda: len(inlet.acknowledged) == len(messages), "everything is acknowledged")
        stop.set()
        await ingest
    found = orjson.loads(inlet.live["tracker/hill/live/alerts"])
    assert (found["count"], len(found["alerts"])) == (61, 50)
    assert [alert["kind"] for alert in found["alerts"][:2]] == ["unaccounted", "unknown_bib"]
    assert found["alerts"][1]["bib"] == "900"
