"""What the tracker tells the world: retained live topics, read here with somebody else's client, from a tracker that runs on its own."""

import asyncio
import subprocess
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import orjson

from simulators.play import play
from tests.conftest import GUN_MS, MINUTE_MS, PATIENCE_S, Message, Way, emitted, free_port, needs, passage, race_day
from tests.ingest.running import Running, running
from tracker.clock import RaceClock

DAY = race_day(4)
NOW = "2022-06-25T08:30:00.000+02:00"
STANDING = RaceClock(0, GUN_MS + 150 * MINUTE_MS, 0)
LATER = RaceClock(0, GUN_MS + 8 * 60 * MINUTE_MS, 0)
"""By then the cutoff at the col has struck, after four hours."""
LIVE = "tracker/hill/live/"


class Told(NamedTuple):
    """A live topic as a screen gets it that has just subscribed."""

    retained: bool
    said: dict[str, Any]


def told(port: int, count: int) -> dict[str, Told]:
    """The first `count` live messages that a new subscriber gets, by topic; without what is told to the devices."""
    command = [
        needs("mosquitto_sub"),
        "-p",
        str(port),
        "-t",
        f"{LIVE}#",
        "-T",
        f"{LIVE}ack/#",
        "-q",
        "1",
        "-C",
        str(count),
        "-W",
        "10",
        "-F",
        "%r %t %p",
    ]
    done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S)
    lines = [line.split(b" ", 2) for line in done.stdout.splitlines()]
    return {topic.decode().removeprefix(LIVE): Told(retained == b"1", orjson.loads(payload)) for retained, topic, payload in lines}


def told_of(port: int, messages: int) -> dict[str, Told]:
    """The four live topics of the race, once they are all retained and tell of so many messages."""
    deadline_s = monotonic() + PATIENCE_S
    while True:
        found = told(port, 4)
        if len(found) == 4 and all(one.retained for one in found.values()) and found["status"].said["since_start"]["messages"] == messages:
            return found
        assert monotonic() < deadline_s, f"no live topics of {messages} messages: {found}"


def publish(ingest: Running, port: int, messages: list[Message]) -> None:
    """Send messages to a tracker once it takes some; returns when all are acknowledged."""

    async def send() -> None:
        await ingest.up()
        await play(emitted(messages), f"mqtt://127.0.0.1:{port}", None)

    asyncio.run(send())


STRANGER = passage(bib="99", id="a bib that nobody wears", device="col-1")
WRONG = passage(bib=7, device="col-1")


def test_a_screen_that_subscribes_gets_the_race_as_it_stands(tmp_path: Path, way: Way) -> None:
    words, port = way
    here = [message for message in DAY.messages if orjson.loads(message[1])["time"] <= STANDING.race_ms and b'"bib":"4"' not in message[1]]
    assert len(here) == 6, "three runners are read at the start and at the col"
    with running(DAY, tmp_path, *words, "--clock", str(STANDING)) as ingest:
        publish(ingest, port, [*here, STRANGER, WRONG, here[0]])
        found = told_of(port, 9)
        assert ingest.stop() == 0

    assert found.keys() == {"40k/standings", "40k/ledger", "alerts", "status"}
    standings = found["40k/standings"].said
    assert (standings["race"], standings["at"]) == ("40k", NOW)
    lines = [(line["bib"], line["status"], line["checkpoint"], line["time"], line["rank"]) for line in standings["runners"]]
    assert lines == [
        ("1", "racing", "col", "2022-06-25T07:30:06.001+02:00", 1),
        ("2", "racing", "col", "2022-06-25T07:30:12.002+02:00", 2),
        ("3", "racing", "col", "2022-06-25T07:30:18.003+02:00", 3),
        ("4", "dns", None, None, None),
    ]
    ledger = found["40k/ledger"].said
    assert {status: count for status, count in ledger.items() if count} == {"racing": 3, "dns": 1}
    assert sum(ledger.values()) == 4
    alerts = found["alerts"].said
    assert [(alert["kind"], alert["text"]) for alert in alerts["alerts"]] == [
        ("not_started", "not read at the start of race 40k, and nowhere since: bib 4"),
        ("unknown_bib", "bib 99 is not on the roster, read at col"),
    ]
    status = found["status"].said
    assert {name: status[name] for name in ("at", "facts", "quarantined", "offline")} == {
        "at": NOW,
        "facts": 7,
        "quarantined": 1,
        "offline": [],
    }
    assert status["since_start"] == {"messages": 9, "facts": 7, "repeats": 1, "quarantined": 1}


def test_a_device_that_falls_silent_is_told_of_until_it_is_heard_again(tmp_path: Path, way: Way) -> None:
    words, port = way
    will = ("tracker/hill/col/heartbeat", orjson.dumps({"device": "col-1", "offline": True}))
    heard = ("tracker/hill/col/heartbeat", orjson.dumps({"device": "col-1", "time": STANDING.race_ms, "seq": 0}))
    with running(DAY, tmp_path, *words, "--clock", str(STANDING)) as ingest:
        publish(ingest, port, [will])
        assert told_of(port, 1)["status"].said["offline"] == ["col-1"]
        publish(ingest, port, [heard])
        status = told_of(port, 2)["status"].said
        assert (status["offline"], status["facts"], status["quarantined"]) == ([], 1, 0)
        assert ingest.stop() == 0


def test_the_race_is_told_again_after_a_restart(tmp_path: Path, way: Way) -> None:
    words, port = way
    here = DAY.messages[:8]
    with running(DAY, tmp_path, *words, "--clock", str(STANDING)) as ingest:
        publish(ingest, port, [*here, WRONG])
        before = told_of(port, 9)
        ingest.kill()
        ingest.start()
        publish(ingest, port, [here[0]])
        after = told_of(port, 1)
        assert ingest.stop() == 0
    assert after["40k/standings"] == before["40k/standings"]
    assert after["40k/ledger"] == before["40k/ledger"]
    for told_then in (before, after):
        assert [told_then["status"].said[name] for name in ("facts", "quarantined")] == [8, 1]
    assert after["status"].said["since_start"] == {"messages": 1, "facts": 0, "repeats": 1, "quarantined": 0}


def test_what_late_reads_have_changed_is_told_after_a_restart_too(tmp_path: Path) -> None:
    needs("mosquitto_sub")
    port = free_port()
    start, late = DAY.messages[:4], DAY.messages[4:7]
    assert {topic for topic, _ in late} == {"tracker/hill/col/passage"}
    with running(DAY, tmp_path, "--listen", f"127.0.0.1:{port}", "--clock", str(STANDING)) as ingest:
        publish(ingest, port, start)
        assert ingest.stop() == 0
        ingest.command[-1] = str(LATER)
        ingest.start()
        publish(ingest, port, late)
        before = told_of(port, 3)["alerts"].said["alerts"]
        ingest.kill()
        ingest.start()
        publish(ingest, port, late[:1])
        after = told_of(port, 1)["alerts"].said["alerts"]
        assert ingest.stop() == 0
    assert sorted(alert["bib"] for alert in after if alert["kind"] == "late") == sorted(orjson.loads(said)["bib"] for _, said in late)
    assert after == before
