"""`tracker doctor`: what it says of a race that is as it should be, and of each thing that is not."""

import asyncio
import subprocess
from collections import namedtuple
from pathlib import Path

import aiomqtt
import orjson
import pytest

from tests.broker.hut import Hut, running_hut
from tests.conftest import Message, Mosquitto, Said, Tracker, free_port, needs, race_day, write_lines, write_received
from tests.ingest.running import holds, running
from tracker.clock import RaceClock, wall_ms
from tracker.journal import Journal

DAY = race_day(4)
MINUTE_MS = 60_000


@pytest.fixture
def journal(tmp_path: Path, tracker: Tracker) -> Path:
    path = tmp_path / "race.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", DAY.messages), *DAY.files(tmp_path)).code == 0
    return path


def line(said: Said, words: str) -> str:
    """The one line that says something of these words."""
    [found] = [one for one in (said.out + said.err).splitlines() if words in one]
    return found


async def test_a_race_that_is_as_it_should_be_has_no_fault(tmp_path: Path, tracker: Tracker) -> None:
    with running_hut(tmp_path / "hut") as hut, running(DAY, tmp_path, "--broker", hut.url, *hut.options("tracker")) as ingest:
        await ingest.up()
        said = await in_thread(tracker, "doctor", ingest.journal, *hut.options("tracker"))
        assert (said.code, said.err) == (0, "")
        assert line(said, "tracker 0.").startswith("ok: ")
        assert ", mosquitto " in line(said, "SQLite ")
        assert line(said, "to be on the disk").startswith(("ok: ", "doubt: "))
        assert f"ok: {ingest.journal}: whole, 0 facts" in said.out
        assert "ok: hill.toml, roster.csv: 1 race, 4 entrants, nothing to doubt" in said.out
        assert line(said, "the ingest runs").endswith(f"and takes messages at {hut.url}")
        assert line(said, "lets account tracker in").startswith(f"ok: {hut.url}: lets account tracker in, mosquitto version ")
        assert f"ok: {hut.url}: account tracker can tell the screens, and hears the event" in said.out
        assert f"ok: {hut.url}: keeps what comes while the ingest is away, all of 2,000 messages tried" in said.out
        assert " session " not in said.out, "whose ingest runs is in its session, and would be thrown out by asking"
        async with await Journal.open(ingest.journal) as opened:
            assert await opened.counts() == (0, 0), "asking is no fact, and nothing for the quarantine"


async def test_an_account_that_cannot_be_an_ingests_is_doubted(tmp_path: Path, tracker: Tracker, journal: Path) -> None:
    def take_the_right_away(hut: Hut) -> None:
        before, standby, after = hut.acl.read_text().partition("user standby\n")
        hut.acl.write_text(before + standby + after.replace("topic write tracker/hill/live/#\n", "", 1))

    with running_hut(tmp_path / "hut", before=take_the_right_away) as hut:
        said = await in_thread(tracker, "doctor", journal, "--broker", hut.url, *hut.options("standby"))
        assert said.code == 0
        assert f"doubt: {hut.url}: account standby writes or hears no live topics" in said.out
        said = await in_thread(tracker, "doctor", journal, "--broker", hut.url, *hut.options("desk"))
        assert f"doubt: {hut.url}: says nothing of itself ($SYS) to account desk" in said.out
        said = await in_thread(tracker, "doctor", journal, "--broker", hut.url, "--ca", hut.ca)
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert said.err.startswith(f"fault: {hut.url}: not authorized: give --user and --password-file")


async def test_the_trackers_own_endpoint_is_no_broker_and_gets_no_message(tmp_path: Path, tracker: Tracker) -> None:
    with running(DAY, tmp_path, "--listen", f"127.0.0.1:{free_port()}") as ingest:
        await ingest.up()
        said = await in_thread(tracker, "doctor", ingest.journal)
        assert (said.code, said.err) == (0, "")
        assert line(said, "own endpoint").startswith("ok: mqtt://127.0.0.1:")
        async with await Journal.open(ingest.journal) as opened:
            assert await opened.counts() == (0, 0)


async def test_what_a_broker_has_kept_of_a_rehearsal_is_doubted_until_it_is_forgotten(
    tmp_path: Path, tracker: Tracker, mosquitto: Mosquitto
) -> None:
    async def said() -> list[str]:
        lines = (await in_thread(tracker, "doctor", path, "--broker", mosquitto.url)).out.splitlines()
        return [one for one in lines if "rehearsal" in one]

    path = await asyncio.to_thread(write_received, tmp_path / "race.db", DAY, None, [])
    assert await said() == []
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as device:
        await device.publish("tracker/hill/col/heartbeat", b'{"device":"col-1","time":1656050400000,"seq":5}', qos=1, retain=True)
    [doubt] = await said()
    assert doubt.startswith(f"doubt: {mosquitto.url}: keeps what devices at col said last, though this race has no fact: of a rehearsal?")
    forget = [needs("mosquitto_sub"), "-p", str(mosquitto.port), "-t", "tracker/hill/#", "--remove-retained", "-W", "3"]
    assert doubt.endswith(": mosquitto_sub -t 'tracker/hill/#' --remove-retained -W 3")
    await asyncio.to_thread(subprocess.run, forget, check=False)
    assert await said() == []


async def test_a_broker_that_keeps_few_messages_for_who_is_away_is_doubted(tracker: Tracker, journal: Path, mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    config = journal.parent / "mosquitto" / "mosquitto.conf"
    config.write_text(config.read_text().replace("max_queued_messages 10000000\nmax_inflight_messages 1000", "max_queued_messages 300"))
    mosquitto.start()
    said = await in_thread(tracker, "doctor", journal, "--broker", mosquitto.url)
    assert said.code == 0
    few = line(said, "for an ingest that is away")
    assert few.startswith(f"doubt: {mosquitto.url}: keeps 3"), "300, and the few that are in flight"
    assert few.endswith(
        " messages for an ingest that is away, of 2,000 tried, and throws the others away; "
        "set max_queued_messages there, see docs/broker.md"
    )


async def test_the_session_of_an_ingest_that_does_not_run_is_looked_for_and_left_as_it_is(
    tmp_path: Path, tracker: Tracker, mosquitto: Mosquitto
) -> None:
    async def session() -> str:
        said = await in_thread(tracker, "doctor", ingest.journal, "--broker", mosquitto.url)
        return line(said, " session ")

    with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        assert ingest.stop() == 0
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as scanner:
            for topic, payload in DAY.messages:
                await scanner.publish(topic, payload, qos=1)
        for _ in range(2):
            assert (await session()).startswith(f"ok: {mosquitto.url}: keeps messages for the ingest in the session tracker-hill-")
        ingest.start()
        async with await ingest.opened() as opened:
            assert await holds(opened, len(DAY.messages)) == len(DAY.messages), "what waited in the session is there"
        assert ingest.stop() == 0
        mosquitto.forget()
        mosquitto.start()
        for _ in range(2):
            assert (await session()).endswith(" any more, so it keeps nothing for the ingest; start tracker run"), "asking makes none"


async def in_thread(tracker: Tracker, *words: object) -> Said:
    """A command of its own event loop, beside that of the test."""
    return await asyncio.to_thread(tracker, *words)


def test_a_broker_that_is_away_and_an_ingest_that_does_not_run_are_said(tracker: Tracker, journal: Path) -> None:
    port = free_port()
    said = tracker("doctor", journal, "--broker", f"mqtt://127.0.0.1:{port}")
    assert (said.code, said.err) == (1, f"fault: mqtt://127.0.0.1:{port}: connection refused\n")
    assert f"doubt: no ingest runs on {journal}; start tracker run" in said.out
    assert said.out.splitlines()[-1].startswith(f"{journal}: 1 fault, ")


def test_a_fact_that_is_not_as_it_came_is_a_fault_though_the_file_is_sound(tracker: Tracker, journal: Path) -> None:
    read = orjson.loads(DAY.messages[2][1])
    content = journal.read_bytes()
    assert content.count(b"%d" % read["time"]) == 1
    journal.write_bytes(content.replace(b"%d" % read["time"], b"%d" % (read["time"] + 60_000)))
    said = tracker("doctor", journal)
    assert said.code == 1
    words = "1 fact of 20 garbled: no. 3; stop the ingest: tracker recover puts them aside, and the devices are asked for them again"
    assert line(said, "garbled") == f"fault: {journal}: {words}"


def test_a_damaged_journal_is_said_with_what_to_do(tracker: Tracker, journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    content[4096 * 2 : 4096 * 4] = b"x" * 8192
    journal.write_bytes(content)
    said = tracker("doctor", journal)
    assert said.code == 1
    assert said.err.startswith(f"fault: {journal}: is damaged (")
    assert said.err.endswith("tracker recover saves what can be read; or take the copy of another machine\n")


@pytest.mark.parametrize("content", [None, b"", b"no journal at all, but long enough for a page" * 100])
def test_what_is_no_journal_is_said_in_a_line(tracker: Tracker, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "race.db"
    if content is not None:
        path.write_bytes(content)
    said = tracker("doctor", path)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert said.err.startswith(f"fault: {path}: ")


@pytest.mark.parametrize(("free", "grade"), [(50_000_000, "fault"), (1_000_000_000, "doubt"), (50_000_000_000, "ok")])
def test_a_disk_that_is_nearly_full_is_said(
    free: int, grade: str, tracker: Tracker, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(free))
    assert line(tracker("doctor", journal), "GB free").startswith(f"{grade}: ")


def heartbeats(device: str, ahead_ms: int) -> list[tuple[int, Message]]:
    """Four heartbeats of a device with such a clock, a minute apart, received as they were sent."""
    station, began_ms = device.partition("-")[0], wall_ms() - 10 * MINUTE_MS
    moments = [began_ms + n * MINUTE_MS for n in range(4)]
    topic = f"tracker/hill/{station}/heartbeat"
    return [(at_ms, (topic, orjson.dumps({"device": device, "time": at_ms + ahead_ms, "seq": 0}))) for at_ms in moments]


@pytest.mark.parametrize(
    ("ahead_s", "says"),
    [
        ((0, 0, 0), "ok: this machine's clock agrees with the heartbeats of 3 of 3 devices"),
        ((0, 0, 90), "ok: this machine's clock agrees with the heartbeats of 2 of 3 devices"),
        ((90, 90, 90), "fault: this machine's clock is 90 s behind 3 of 3 devices; set it by the network"),
        ((-90, -90, 0), "fault: this machine's clock is 90 s ahead of 2 of 3 devices; set it by the network"),
        ((90, -40, 15), "doubt: this machine's clock is 15 s behind 1 of 3 devices; set it by the network"),
        ((), "doubt: this machine's clock: no device has sent three heartbeats yet"),
    ],
)
def test_the_machines_own_clock_is_wrong_when_most_devices_agree_on_another_time(
    ahead_s: tuple[int, ...], says: str, tracker: Tracker, tmp_path: Path
) -> None:
    beats = [beat for n, ahead in enumerate(ahead_s) for beat in heartbeats(f"col-{n}", ahead * 1000)]
    path = write_received(tmp_path / "race.db", DAY, None, sorted(beats))
    assert line(tracker("doctor", path), "this machine's clock").startswith(says)


def test_a_simulated_clock_is_compared_with_nothing(tracker: Tracker, tmp_path: Path) -> None:
    path = write_received(tmp_path / "race.db", DAY, RaceClock(0, 0, 0.0), [])
    assert "ok: the race runs on a simulated clock" in tracker("doctor", path).out


def test_doubts_of_the_files_and_the_quarantine_are_counted(tracker: Tracker, tmp_path: Path) -> None:
    day = DAY._replace(roster_csv="bib,race,name\n")
    path = tmp_path / "race.db"
    assert tracker("feed", path, write_lines(tmp_path / "m.jsonl", [("tracker/hill/col/passage", b"{}")]), *day.files(tmp_path)).code == 1
    said = tracker("doctor", path)
    assert said.code == 0
    assert "doubt: hill.toml, roster.csv: 1 doubt, the first: roster.csv: there is no entrant." in said.out
    assert f"doubt: {path}: 1 message in quarantine; tracker status says why" in said.out
