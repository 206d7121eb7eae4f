"""How the way in is, written down for every process that shows the race: a broker that is away, and devices that have left a last will."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, Mosquitto, free_port, needs, race_day, until
from tests.dashboard.screen import Eyes, dashboard
from tests.ingest.running import Running, running
from tests.ingest.test_ingest import Waiting, emptied, full
from tracker.clock import RaceClock
from tracker.fold import Fold
from tracker.ingest import Ingest
from tracker.journal import Journal
from tracker.link import Link

DAY = race_day(4)
AT_0830 = RaceClock(0, GUN_MS + 150 * MINUTE_MS, 0.0)
AWAY = "! NO BROKER since Sat 08:30: "
WILL = {"device": "col-1", "offline": True}


@contextmanager
def standing(folder: Path, broker: str) -> Iterator[Running]:
    """An ingest on a race's clock that stands at half past eight."""
    with running(DAY, folder, "--broker", broker, "--clock", str(AT_0830)) as ingest:
        yield ingest


async def shows(eyes: Eyes, words: str, *, gone: bool = False) -> None:
    """Wait until words are on the screen, or no longer are."""

    async def there() -> bool:
        await eyes.look()
        return (words in eyes.words) is not gone

    await until(there, f"{words!r} is {'off' if gone else 'on'} the screen")


async def status(*words: object) -> str:
    """What `tracker status` says, in a process of its own: a dashboard takes all that is printed in this one."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "tracker", "status", *map(str, words), stdout=subprocess.PIPE)
    told, _ = await child.communicate()
    return told.decode()


def publish(broker: Mosquitto, kind: str, said: dict[str, object]) -> None:
    topic, payload = f"tracker/hill/col/{kind}", orjson.dumps(said).decode()
    command = [needs("mosquitto_pub"), "-p", str(broker.port), "-q", "1", "-t", topic, "-m", payload]
    subprocess.run(command, check=True)


@pytest.mark.parametrize("key", "123456")
async def test_every_screen_says_that_the_broker_is_away_until_it_is_back(tmp_path: Path, mosquitto: Mosquitto, key: str) -> None:
    with standing(tmp_path, mosquitto.url) as ingest:
        await ingest.up()
        async with dashboard(ingest.journal) as eyes:
            await eyes.press(key)
            assert "NO BROKER" not in eyes.text
            mosquitto.kill()
            await shows(eyes, f"{AWAY}connection refused; devices keep what they have")
            mosquitto.start()
            await shows(eyes, "NO BROKER", gone=True)


async def test_a_broker_that_has_lost_what_it_kept_is_said_also_when_that_was_while_no_ingest_ran(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    lost = "! BROKER LOST ITS QUEUE, found at Sat 08:30: devices with an outbox send again; ask all others for what they read before"
    with standing(tmp_path, mosquitto.url) as ingest:
        await ingest.up()
        assert "BROKER LOST" not in await status(ingest.journal), "a session that was never there is none that was lost"
        assert ingest.stop() == 0
        mosquitto.forget()
        mosquitto.start()
        ingest.start()
        async with dashboard(ingest.journal) as eyes:
            await shows(eyes, "BROKER LOST ITS QUEUE")
        assert f"\n{lost}\n" in await status(ingest.journal)
        assert orjson.loads(await status(ingest.journal, "--json"))["ingest"]["queue_lost"] == "2022-06-25T08:30:00.000+02:00"
        assert ingest.stop() == 0
        ingest.start()
        await ingest.up()
        assert "BROKER LOST" not in await status(ingest.journal), "now the broker has it"


async def test_a_broker_that_was_never_there_is_said_in_status_too_and_since_when(tmp_path: Path) -> None:
    with standing(tmp_path, f"mqtt://ector:grail@127.0.0.1:{free_port()}") as ingest:
        await until(ingest.journal.exists, "the ingest has made its journal")
        async with dashboard(ingest.journal) as eyes:
            await shows(eyes, f"{AWAY}connection refused; devices keep what they have")
        assert f"\n{AWAY}connection refused; devices keep what they have\n" in await status(ingest.journal)
        told = orjson.loads(await status(ingest.journal, "--json"))["ingest"]
        assert told["no_broker"] == {"since": "2022-06-25T08:30:00.000+02:00", "reason": "connection refused"}
        assert (told["running"], told["offline"]) == (True, {})
        then = await status(ingest.journal, "--json", "--at", "2022-06-25T07:00")
        assert orjson.loads(then)["ingest"] == {
            "running": False,
            "address": None,
            "no_broker": None,
            "queue_lost": None,
            "offline": {},
            "floods": [],
        }
        assert b"grail" not in ingest.journal.read_bytes(), "a password is in no journal"


async def test_a_broker_that_refuses_the_password_is_away_and_says_why(tmp_path: Path, mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    config = tmp_path / "mosquitto" / "mosquitto.conf"
    config.write_text(config.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    mosquitto.start()
    with standing(tmp_path, mosquitto.url.replace("//", "//ector:grail@")) as ingest:
        await until(ingest.journal.exists, "the ingest has made its journal")
        async with dashboard(ingest.journal) as eyes:
            await shows(eyes, f"{AWAY}not authorized: it does not know user ector, or the password is another; devices")
            assert "grail" not in eyes.text


async def test_the_word_of_an_ingest_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    with standing(tmp_path, f"mqtt://127.0.0.1:{free_port()}") as ingest:
        await until(ingest.journal.exists, "the ingest has made its journal")
        async with dashboard(ingest.journal) as eyes:
            await shows(eyes, "NO BROKER")
            ingest.kill()
            await shows(eyes, "NO BROKER", gone=True)
            assert "NO INGEST" in eyes.lines[1]
        told = orjson.loads(await status(ingest.journal, "--json"))["ingest"]
        assert (told["running"], told["no_broker"]) == (False, None)
        async with await Journal.open(ingest.journal, writable=True) as journal:  # as a feed does, while no ingest runs
            assert await journal.link() is None
            await journal.set_ingest()
            assert await journal.link() == Link(), "a new ingest begins with a word of its own"


async def test_a_last_will_is_shown_wherever_stations_are_until_the_device_is_heard_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with standing(tmp_path, mosquitto.url) as ingest:
        await ingest.up()
        publish(mosquitto, "heartbeat", {"device": "col-1", "time": AT_0830.race_ms - 60_000, "seq": 0})
        publish(mosquitto, "passage", {"id": "p-1", "bib": "1", "time": GUN_MS + 60_000, "device": "col-1", "seq": 1})
        async with dashboard(ingest.journal) as eyes:
            await shows(eyes, "2 facts")
            before = orjson.loads(await status(ingest.journal, "--json"))
            publish(mosquitto, "heartbeat", WILL)
            await shows(eyes, "to come: ! Col offline 4")
            after = orjson.loads(await status(ingest.journal, "--json"))
            assert after.pop("ingest")["offline"] == {"col-1": "col"}
            assert after == {name: said for name, said in before.items() if name != "ingest"}, "it is no fact, and part of no state"
            told = (await status(ingest.journal)).splitlines()
            assert "Offline by last will: col-1 at col" in told
            assert any(line.startswith("Col (col): ! offline, last will of col-1, ") for line in told)
            await eyes.press("3", "down")
            assert "! offline" in eyes.under_cursor
            assert "Col: ! offline, last will of col-1, heard 1m ago" in eyes.words
            await eyes.press("left_square_bracket")
            assert "REPLAY" in eyes.text
            assert "offline" not in eyes.text, "how a device is now is no part of what was"
            await eyes.press("escape")
            publish(mosquitto, "passage", {"id": "p-2", "bib": "2", "time": GUN_MS + 61_000, "device": "col-1", "seq": 2})
            await shows(eyes, "offline", gone=True)


async def test_a_full_disk_keeps_the_word_from_the_dashboards_but_the_ingest_goes_on_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.ingest.LIVE_INTERVAL_S", 0.01)
    inlet = Waiting(race_day(1))
    inlet.waiting = []
    async with await Journal.create(tmp_path / "race.db", DAY.sources) as journal:
        await journal.set_ingest()
        await full(journal)
        ingest = Ingest(inlet, journal, Fold(DAY.sources), AT_0830)
        inlet.fault = "no route to host, " * 300  # too long for the page that is there
        for _ in range(3):
            await ingest._tell_all()
        assert await journal.link() == Link()
        assert [record.message.partition(":")[0] for record in caplog.records] == [
            "no dashboard hears of the way in (in a test) before the disk takes it"
        ], "said once"
        await emptied(journal)
        await ingest._tell_all()
        assert await journal.link() == Link(inlet.fault, AT_0830.race_ms)
        inlet.fault = "connection refused"
        ingest.clock = RaceClock(0, AT_0830.race_ms + MINUTE_MS, 0.0)
        await ingest._tell_all()
        assert await journal.link() == Link("connection refused", AT_0830.race_ms), "for another reason, but away since then"
        inlet.fault = None
        await ingest._tell_all()
        assert await journal.link() == Link()
