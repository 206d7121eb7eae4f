"""What a tracker tells each device of its own facts: by this a device knows what it need not keep, whatever a broker has lost."""

import asyncio
import subprocess
from pathlib import Path
from time import monotonic
from typing import Any

import aiomqtt
import orjson
import pytest

from tests.conftest import PATIENCE_S, Message, Mosquitto, Tracker, Way, needs, passage, race_day, write_lines
from tests.ingest.running import running

DAY = race_day(2)
ACK = "tracker/hill/live/ack/"


def numbered(*numbers: int, device: str = "col-1") -> list[Message]:
    return [passage(id=f"{device} {seq}", device=device, seq=seq, time=1_656_136_800_000 + seq) for seq in numbers]


def publish(port: int, *messages: Message) -> None:
    async def send() -> None:
        async with aiomqtt.Client("127.0.0.1", port) as client:
            for topic, payload in messages:
                await client.publish(topic, payload, qos=1)

    asyncio.run(send())


def acknowledged(port: int, device: str = "col-1") -> Any:
    """What is retained for a device; None while nothing is."""
    command = [needs("mosquitto_sub"), "-p", str(port), "-t", ACK + device, "-q", "1", "-C", "1", "-W", "1", "--retained-only"]
    said = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S).stdout
    return None if not said else {name: told for name, told in orjson.loads(said).items() if name != "by"}


def until_acknowledged(port: int, wanted: dict[str, object]) -> None:
    deadline_s = monotonic() + PATIENCE_S
    while (found := acknowledged(port, str(wanted["device"]))) != wanted:
        assert monotonic() < deadline_s, f"{found}, not {wanted}"


def test_a_device_is_told_what_of_its_numbers_is_on_the_disk(tmp_path: Path, way: Way) -> None:
    words, port = way
    with running(DAY, tmp_path, *words) as ingest:
        asyncio.run(ingest.up())
        publish(port, *numbered(1, 2, 5))
        until_acknowledged(port, {"device": "col-1", "through": 5, "missing": [3, 4]})
        publish(port, ("tracker/hill/col/passage", b'{"device":"col-1","seq":3,"bib":7}'))
        until_acknowledged(port, {"device": "col-1", "through": 5, "missing": [4]})
        ingest.kill()
        ingest.start()
        asyncio.run(ingest.up())
        publish(port, *numbered(6))
        until_acknowledged(port, {"device": "col-1", "through": 6, "missing": [4]})
        publish(port, *numbered(4), *numbered(1, device="hut-1"))
        until_acknowledged(port, {"device": "col-1", "through": 6, "missing": []})
        until_acknowledged(port, {"device": "hut-1", "through": 1, "missing": []})
        assert ingest.stop() == 0


def test_a_broker_in_the_place_of_one_that_is_gone_hears_it_all_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    needs("mosquitto_sub")
    with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
        asyncio.run(ingest.up())
        publish(mosquitto.port, *numbered(1, 2))
        until_acknowledged(mosquitto.port, {"device": "col-1", "through": 2, "missing": []})
        mosquitto.forget()
        mosquitto.start()
        until_acknowledged(mosquitto.port, {"device": "col-1", "through": 2, "missing": []})
        command = [needs("mosquitto_sub"), "-p", str(mosquitto.port), "-t", "tracker/hill/live/40k/#", "-C", "2", "-W", "10", "-F", "%t"]
        assert len(subprocess.run(command, capture_output=True, check=False).stdout.splitlines()) == 2
        assert ingest.stop() == 0


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(("tracker/hill/col/heartbeat", b'{"device":"col-1","time":1656136800000,"seq":3,"battery":-1}'), id="a heartbeat"),
        pytest.param(("tracker/dale/col/passage", b'{"id":"x","bib":"1","time":1,"device":"col-1","seq":3}'), id="another event's passage"),
        pytest.param(("tracker/hill/desk/note", b'{"device":"col-1","seq":3}'), id="a word of the desk"),
    ],
)
def test_what_is_refused_and_is_not_the_devices_own_fact_acknowledges_none_of_them(
    tmp_path: Path, mosquitto: Mosquitto, tracker: Tracker, refused: Message
) -> None:
    needs("mosquitto_sub")
    files = DAY.files(tmp_path)
    lines = write_lines(tmp_path / "said.jsonl", [*numbered(1, 2, 4), refused])
    assert tracker("feed", tmp_path / "race.db", lines, *files).out == "4 messages: 3 new facts, 0 known already, 1 in quarantine\n"
    with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
        asyncio.run(ingest.up())
        publish(mosquitto.port, *numbered(5))
        until_acknowledged(mosquitto.port, {"device": "col-1", "through": 5, "missing": [3]})
        assert ingest.stop() == 0


def test_a_fact_that_was_garbled_on_the_disk_is_asked_for_again(tmp_path: Path, mosquitto: Mosquitto, tracker: Tracker) -> None:
    needs("mosquitto_sub")
    files = DAY.files(tmp_path)
    said = numbered(1, 2, 3)
    assert tracker("feed", tmp_path / "old.db", write_lines(tmp_path / "said.jsonl", said), *files).code == 0
    content = (tmp_path / "old.db").read_bytes()
    assert content.count(b"1656136800002") == 1
    (tmp_path / "old.db").write_bytes(content.replace(b"1656136800002", b"1656136800009"))
    assert tracker("recover", tmp_path / "old.db", tmp_path / "race.db").code == 1
    with running(DAY, tmp_path, "--broker", mosquitto.url) as ingest:
        asyncio.run(ingest.up())
        until_acknowledged(mosquitto.port, {"device": "col-1", "through": 3, "missing": [2]})
        publish(mosquitto.port, said[1])
        until_acknowledged(mosquitto.port, {"device": "col-1", "through": 3, "missing": []})
        assert ingest.stop() == 0
