"""More than anybody would look through: quarantine, unknown bibs and names of devices by the ten thousand, and the largest numbers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.conftest import GUN_MS, RaceDay, Tracker, race_day
from tests.dashboard.screen import dashboard
from tracker.clock import RaceClock
from tracker.core.stations import stations
from tracker.dashboard.log_table import LogTable, details
from tracker.dashboard.recent import KEPT
from tracker.dashboard.station_text import station_lines
from tracker.dashboard.tail import Tail
from tracker.fold import Fold
from tracker.ingest import Intake
from tracker.journal import BATCH, Journal, QuarantineRow
from tracker.wire import Offline, Wire

GARBAGE = 20_000


def stored(path: Path, day: RaceDay, messages: Iterator[tuple[str, bytes]]) -> Path:
    """A journal with all that."""

    async def store() -> None:
        async with await Journal.create(path, day.sources) as journal:
            intake, batch = Intake(journal, Wire("hill"), RaceClock()), []
            for message in messages:
                batch.append(message)
                if len(batch) == BATCH:
                    await intake.store(batch)
                    batch = []
            await intake.store(batch)

    asyncio.run(store())
    return path


def said(station: str, kind: str, **fields: object) -> tuple[str, bytes]:
    return f"tracker/hill/{station}/{kind}", orjson.dumps(fields)


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    day = race_day(10)
    return stored(tmp_path / "race.db", day, (("tracker/hill/col/passage", b"garbage %d" % number) for number in range(GARBAGE)))


async def test_of_a_flood_of_garbage_a_screen_reads_the_newest_and_counts_all(garbage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    quarantined = Journal.quarantined

    async def watched(self: Journal, *args: int, **options: bool) -> object:
        rows = await quarantined(self, *args, **options)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(Journal, "quarantined", watched)
    tail = Tail(garbage)
    await tail.read()
    assert (tail.quarantined, len(tail.recent.quarantined), read) == (GARBAGE, KEPT, [KEPT])
    assert tail.recent.quarantined[-1].payload == b"garbage %d" % (GARBAGE - 1)
    await tail.read()
    assert (tail.quarantined, read) == (GARBAGE, [KEPT])
    await tail.close()
    async with dashboard(garbage) as eyes:
        for key in "123456":
            await eyes.press(key)
        assert f"{GARBAGE:,} in quarantine" in eyes.text


def test_status_and_merge_take_a_flooded_quarantine(garbage: Path, tmp_path: Path, tracker: Tracker) -> None:
    told = tracker("status", garbage)
    assert (told.code, told.out.count("in quarantine since")) == (0, 5)
    assert f"{GARBAGE} in quarantine" in told.out
    assert orjson.loads(tracker("status", garbage, "--json").out)["quarantined"] == GARBAGE
    other = stored(tmp_path / "other.db", race_day(10), iter([("tracker/hill/hut/passage", b"other")]))
    assert tracker("merge", other, garbage).code == 0
    assert orjson.loads(tracker("status", other, "--json").out)["quarantined"] == GARBAGE + 1


async def test_ten_thousand_unknown_bibs_fold_into_a_line_and_every_screen_stays(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(10)
    strangers = (said("col", "passage", id=f"s{n}", bib=str(50_000 + n), time=GUN_MS + n) for n in range(10_000))
    path = await asyncio.to_thread(stored, tmp_path / "race.db", day, strangers)
    async with dashboard(path) as eyes:
        for key in "123456":
            await eyes.press(key)
            assert "10,000" in eyes.text or key != "4"


def test_a_twenty_thousand_names_of_devices_and_the_largest_numbers_are_taken(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(10)

    def messages() -> Iterator[tuple[str, bytes]]:
        for number in range(20_000):
            yield said("col", "passage", id=f"p{number}", bib="1", time=GUN_MS + number, device=f"device {number}", seq=1)
        yield said("hut", "heartbeat", device="hut-1", time=GUN_MS, seq=2**53)
        yield said("hut", "passage", id="x" * 100, bib="2", time=GUN_MS, device="hut-1", seq=2**53)
        yield said("hut", "passage", id="large", bib="3", time=GUN_MS, note="x" * 1_000_000)

    path = stored(tmp_path / "race.db", day, messages())
    told = orjson.loads(tracker("status", path, "--json", "--at", "2022-06-25T08:00:00+02:00").out)
    assert (told["facts"], told["quarantined"]) == (20_003, 0)
    (hut,) = [device for one in told["stations"] for device in one["devices"] if device["device"] == "hut-1"]
    assert hut["missing"] == [[1, 2**53 - 1]]
    assert tracker("status", path).code == 0


def test_of_a_message_of_a_megabyte_the_log_shows_the_beginning_and_says_how_much_more_there_is() -> None:
    row = QuarantineRow(1, GUN_MS, "tracker/hill/" + "\x1b" * 60_000, b"a\0" * 500_000, "no JSON")
    fold = Fold(race_day(1).sources)
    shown = details(fold, row).plain
    assert len(shown) < 50_000
    assert shown.endswith("… and 996,000 more; the journal has them all")
    assert len(LogTable(fold, [row]).text(0, 120)) < 2_000


def test_of_a_station_with_ten_thousand_names_of_devices_those_that_were_heard_are_shown() -> None:
    fold, wire = Fold(race_day(1).sources), Wire("hill")
    messages = [said("col", "passage", id=f"p{number}", bib="1", time=GUN_MS, device=f"a{number}", seq=3) for number in range(10_000)]
    messages.append(said("col", "heartbeat", device="col-1", time=GUN_MS, seq=0))
    fold.field.extend(fact for fact in (wire.decode(*message) for message in messages) if not isinstance(fact, Offline))
    fold.field.advance(GUN_MS + 1)
    (col,) = [one for one in stations(fold.field) if one.id == "col"]
    shown = list(station_lines(fold.field, col, {}, "a77", {}))
    assert len(shown) < 50
    assert any("col-1: heard" in line for line in shown)
    assert any("▸ a77" in line or " a77:" in line for line in shown)
    assert "and 9,961 more devices" in shown[-1]
