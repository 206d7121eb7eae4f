"""A messages file is played in the order in which it was told, whoever the devices are and however old their reads."""

from pathlib import Path

import orjson
import pytest

from simulators.told import told
from tests.conftest import write_lines
from tracker.wire import WireError

NOON_MS = 1_656_151_200_000
MINUTE_MS = 60_000


def message(station: str, kind: str, at_ms: int, **said: object) -> tuple[str, bytes]:
    return f"tracker/hill/{station}/{kind}", orjson.dumps({"time": at_ms, **said})


def test_a_backlog_goes_out_after_what_stands_before_it_and_everything_else_at_its_own_time(tmp_path: Path) -> None:
    messages = [
        message("col", "passage", NOON_MS, bib="1", device="col-1"),
        message("hut", "passage", NOON_MS - 90 * MINUTE_MS, bib="2", device="hut-1"),
        message("hut", "passage", NOON_MS - 80 * MINUTE_MS, bib="3", device="hut-1"),
        message("col", "passage", NOON_MS + MINUTE_MS, bib="4", device="col-1"),
    ]
    found = told(write_lines(tmp_path / "m.jsonl", messages))
    assert [each.send_ms - NOON_MS for each in found] == [0, 1, 2, MINUTE_MS]
    assert [(each.topic, each.payload) for each in found] == messages


def test_who_names_no_device_sends_as_the_station_and_the_desk_as_the_desk(tmp_path: Path) -> None:
    messages = [
        message("col", "passage", NOON_MS, bib="1"),
        message("hut", "heartbeat", NOON_MS, device="hut-1"),
        message("desk", "status", NOON_MS, bib="1", status="stopped"),
    ]
    path = write_lines(tmp_path / "m.jsonl", messages)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n"))
    assert [each.device for each in told(path)] == ["col", "hut-1", "desk"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"subject": "x"}', "a line must read"),
        ('{"topic": "tracker/hill/col/passage", "payload": {"bib": "1"}}', 'field "time"'),
    ],
    ids=["no message", "no time"],
)
def test_a_line_that_cannot_be_sent_is_an_error(line: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(WireError, match=complaint):
        told(path)
