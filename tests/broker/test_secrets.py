"""A race day at the broker that was set up for it: facts and a decision arrive, and a password is nowhere but where it is handed out."""

import asyncio
import gc
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.broker.hut import Hut, passwords_in, running_hut
from tests.conftest import PATIENCE_S, Message, Tracker, race_day, until
from tests.desk.test_desk import ACCEPTED
from tests.ingest.running import holds, running
from tests.terminal import Terminal
from tests.web.serving import serving
from tracker.desk import Desk
from tracker.journal import Journal
from tracker.mqtt.address import Access

DAY = race_day(4)
HANDED_OUT = {"accounts.csv", "devices.txt", "tracker.password", "standby.password", "desk.password", "screen.password"}


@pytest.fixture
def hut(tmp_path: Path) -> Iterator[Hut]:
    with running_hut(tmp_path / "hut") as running_one:
        yield running_one


async def scanners_publish(hut: Hut, messages: list[Message]) -> None:
    """Each device publishes what is its own, as itself."""
    by_device = defaultdict(list)
    for topic, payload in messages:
        by_device[orjson.loads(payload)["device"]].append((topic, payload))
    for device, own in by_device.items():
        async with asyncio.timeout(PATIENCE_S), hut.broker(device).client(device) as client:
            for topic, payload in own:
                await client.publish(topic, payload, qos=1)


def leaks(hut: Hut, folder: Path) -> list[str]:
    """Where a password is that is none of its places: any file of the race, any process's arguments."""
    secrets = [password.encode() for password in passwords_in(hut.folder).values()]
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in HANDED_OUT]
    assert {"race.db", "broker.log", "mosquitto.conf", "passwords"} <= {path.name for path in files}
    found = [str(path) for path in files if any(secret in path.read_bytes() for secret in secrets)]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        found += [f"{process.name}: {words!r}" for secret in secrets if secret in words]
    return found


async def desk_says(journal: Path, desk: Desk) -> None:
    """The desk decides something, and it comes to be in the journal."""
    async with await Journal.open(journal) as opened:
        await desk.settle(opened)
        sending = asyncio.create_task(desk.run())
        await desk.say("status", ACCEPTED)

        async def arrived() -> bool:
            await desk.settle(opened)
            return not desk.pending

        await until(arrived, f"the decision is in the journal ({desk.link})")
        sending.cancel()
        await asyncio.wait({sending})


async def test_facts_and_a_decision_arrive_and_no_password_is_anywhere(hut: Hut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    topics: list[str] = []
    said: list[bytes] = []
    monkeypatch.setenv("TRACKER_BROKER_USER", "tracker")
    monkeypatch.setenv("TRACKER_BROKER_PASSWORD", passwords_in(hut.folder)["tracker"])
    with running(DAY, tmp_path, "--broker", hut.url, "--ca", str(hut.ca)) as ingest:
        await ingest.up()
        async with asyncio.timeout(PATIENCE_S), hut.broker("standby").client("") as witness:
            await witness.subscribe("tracker/hill/#", qos=1)
            await scanners_publish(hut, DAY.messages)
            async with await Journal.open(ingest.journal) as journal:
                assert await holds(journal, len(DAY.messages)) == len(DAY.messages)
            access = Access("desk", passwords_in(hut.folder)["desk"], hut.ca)
            await desk_says(ingest.journal, Desk(ingest.journal, None, access))
            for _ in range(len(witness.messages)):
                heard = await anext(witness.messages)
                topics.append(str(heard.topic))
                said.append(bytes(heard.payload))
        assert leaks(hut, tmp_path) == []
        assert ingest.stop() == 0
    assert {"tracker/hill/col/passage", "tracker/hill/desk/status"} < set(topics)
    passwords = passwords_in(hut.folder).values()
    assert not [password for password in passwords if password in "".join(topics) or password.encode() in b"".join(said)]
    assert leaks(hut, tmp_path) == []


async def test_a_scanner_at_another_station_is_not_heard_by_the_tracker(hut: Hut, tmp_path: Path) -> None:
    with running(DAY, tmp_path, "--broker", hut.url, *hut.options("tracker")) as ingest:
        async with await ingest.opened() as journal, hut.broker("hut-1").client("") as stray:
            for topic, payload in DAY.messages:
                await stray.publish(topic, payload, qos=1)
            own = [message for message in DAY.messages if "/hut/" in message[0]]
            assert await holds(journal, len(own)) == len(own)
            await stray.publish("tracker/hill/desk/status", orjson.dumps({**ACCEPTED, "id": "x"}), qos=1)
            await scanners_publish(hut, DAY.messages)
            assert await holds(journal, len(DAY.messages)) == len(DAY.messages), "and not one more"


async def test_the_dashboard_in_front_of_its_ingest_shows_no_password(hut: Hut, tmp_path: Path) -> None:
    _, event, _, roster = DAY.files(tmp_path)
    journal = tmp_path / "race.db"
    async with Terminal("run", event, "--roster", roster, "--journal", journal, "--broker", hut.url, *hut.options("tracker")) as terminal:
        log = tmp_path / "race.db.log"
        await until(lambda: log.exists() and "connected to broker" in log.read_text(), "the ingest takes messages")
        await scanners_publish(hut, DAY.messages)
        await terminal.shows(f"{len(DAY.messages)} facts")
        assert leaks(hut, tmp_path) == []
        assert passwords_in(hut.folder)["tracker"].encode() not in terminal.shown
        async with await Journal.open(journal) as opened:
            ingest = await opened.ingest()
        assert ingest is not None
        assert ingest.address == hut.url
        os.kill(ingest.pid, 15)


async def test_a_password_in_the_address_is_warned_about_and_goes_no_further(hut: Hut, tmp_path: Path) -> None:
    password = passwords_in(hut.folder)["tracker"]
    with running(DAY, tmp_path, "--broker", hut.url.replace("//", f"//tracker:{password}@"), "--ca", str(hut.ca)) as ingest:
        await ingest.up()
        assert "tracker: whoever lists the processes of this machine reads the password in --broker; give --password-file" in ingest.said
        assert len(leaks(hut, tmp_path)) == 1, "where it was written"
        with serving(ingest.journal, "--write", "--broker", hut.url, *hut.options("desk")) as server:
            assert "decisions can be sent" in server.said
            assert len(leaks(hut, tmp_path)) == 1


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # paho's own, of a greeting that failed
async def test_a_desk_without_an_account_is_told_how_to_give_one(hut: Hut, tmp_path: Path) -> None:
    with running(DAY, tmp_path, "--broker", hut.url, *hut.options("tracker")) as ingest:
        async with await ingest.opened() as journal:
            for access, words in (
                (Access(), "this machine trusts nobody who signed its certificate: give --ca with the broker's ca.crt"),
                (Access(ca=hut.ca), "not authorized: give --user and --password-file (or TRACKER_BROKER_USER and TRACKER_BROKER_PASSWORD)"),
                (Access("desk", "wr0ng", hut.ca), "not authorized: it does not know user desk, or the password is another"),
            ):
                desk = Desk(ingest.journal, None, access)
                await desk.settle(journal)
                sending = asyncio.create_task(desk.run())
                await until(lambda desk=desk: desk.link.startswith("no connection"), "the broker refuses")
                assert desk.link == f"no connection to {hut.url} ({words}); it is tried again"
                sending.cancel()
                await asyncio.wait({sending})
    gc.collect()


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("by", ["options", "environment"])
async def test_watch_takes_the_desks_account_and_the_address_from_the_journal(
    hut: Hut, tmp_path: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    desks: list[Desk | None] = []
    monkeypatch.setattr("tracker.dashboard.app.run_dashboard", lambda _, desk, *, series: desks.append(desk))
    with running(DAY, tmp_path, "--broker", hut.url, *hut.options("tracker")) as ingest:
        await ingest.up()
        words = hut.options("desk") if by == "options" else ["--ca", str(hut.ca)]
        if by == "environment":
            monkeypatch.setenv("TRACKER_BROKER_USER", "desk")
            monkeypatch.setenv("TRACKER_BROKER_PASSWORD", passwords_in(hut.folder)["desk"])
        assert await asyncio.to_thread(tracker, "watch", ingest.journal, *words) == (0, "", "")
        [desk] = desks
        assert desk is not None
        await desk_says(ingest.journal, desk)
        said = await asyncio.to_thread(tracker, "watch", ingest.journal, "--read-only", "--user", "desk")
        assert said == (1, "", "tracker: --user: nothing is sent from here; leave it out, or leave --read-only out\n")
