"""Messages become facts, or an error that names the field; the same message is the same fact."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.core import facts as f
from tracker.wire import Offline, Wire, WireError, message_of_line

WIRE = Wire("andorra-2022")
EIGHT = 1_656_136_800_000  # 2022-06-25 08:00 in Andorra
SAID = {"id": "a-1", "bib": "212", "time": "2022-06-25T08:00:00+02:00"}
DESK = {"id": "d-1", "time": "2022-06-25T08:00:00+02:00", "author": "director", "reason": "storm"}


def decoded(place: str, said: Any, wire: Wire = WIRE) -> f.Fact | Offline:
    return wire.decode(f"{wire.root}/andorra-2022/{place}", said if isinstance(said, bytes) else orjson.dumps(said))


def _json(said: Any) -> bytes:
    try:
        return orjson.dumps(said)
    except TypeError:
        return json.dumps(said).encode()  # a number that is too long for the other


def key(place: str, said: Any, wire: Wire = WIRE) -> bytes:
    found = decoded(place, said, wire)
    assert not isinstance(found, Offline)
    return found.key


def test_a_passage_has_what_the_device_said() -> None:
    found = decoded("botella/passage", SAID | {"way": "in", "device": "botella-1", "seq": 17, "source": "chip"})
    assert isinstance(found, f.Passage)
    said = (found.id, found.bib, found.station, found.at_ms, found.way, found.device, found.seq, found.source)
    assert said == ("a-1", "212", "botella", EIGHT, f.Way.IN, "botella-1", 17, f.Source.CHIP)


def test_a_passage_needs_no_more_than_id_bib_and_time_and_what_it_says_besides_is_let_be() -> None:
    found = decoded("botella/passage", SAID | {"firmware": "2.1"})
    assert isinstance(found, f.Passage)
    assert (found.way, found.device, found.seq) == (None, None, None)


@pytest.mark.parametrize("time", ["2022-06-25T08:00:00+02:00", "2022-06-25T06:00:00Z", "2022-06-25T06:00:00.000Z", EIGHT])
def test_a_time_is_rfc_3339_or_milliseconds(time: str | int) -> None:
    found = decoded("botella/passage", SAID | {"time": time})
    assert isinstance(found, f.Passage)
    assert found.at_ms == EIGHT


@pytest.mark.parametrize(("said", "bib"), [("0012", "0012"), ("M7", "M7"), (" 7 ", "7"), ("7\x1b[31m", "7[31m"), ("é7", "é7")])
def test_a_bib_is_text_and_is_cleaned(said: str, bib: str) -> None:
    found = decoded("botella/passage", SAID | {"bib": said})
    assert isinstance(found, f.Passage)
    assert found.bib == bib


_READS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a-1", "a\x7f1", "é", "e\u0301", "\x00", "", 7]),
        "bib": st.sampled_from(["212", "M7", " 7 ", "é7", "٣", "7\x1b[31m", "\x00", "7" * 21]),
        "time": st.sampled_from([EIGHT, 0, -1, EIGHT + 0.5, 1e12, 7_258_118_400_000, 2**70, "2022-06-25T08:00:00+02:00", "at eight", None]),
    },
    optional={
        "way": st.sampled_from(["in", "out", "through", None]),
        "device": st.sampled_from(["botella-1", "bot\x07ella", "é\u200b", "\x00", "", None]),
        "seq": st.sampled_from([1, -1, 2**60, None]),
        "source": st.sampled_from(["chip", "smoke", None]),
        "firmware": st.just("2.1"),
    },
)
_PLACES = [
    "botella/passage",
    "b\u0301/passage",
    "\x07/passage",
    "botella/withdrawal",
    "botella/heartbeat",
    "desk/note",
    "botella/song",
    "botella",
]
_OTHERS = [
    b"",
    b"[]",
    b"{",
    b"\xff",
    b'{"id":"\xff"}',
    b"[" * 5000,
    orjson.dumps({"device": "botella-1", "offline": True}),
    orjson.dumps(DESK),
]


@given(st.lists(st.tuples(st.sampled_from(_PLACES), st.one_of(_READS.map(_json), st.sampled_from(_OTHERS)))))
@example([("botella/passage", _json(SAID | {"time": EIGHT})), ("botella/heartbeat", _OTHERS[-2]), ("botella/passage", _json(SAID))])
def test_many_messages_at_once_say_what_each_says_alone(said: list[tuple[str, bytes]]) -> None:
    messages = [(f"tracker/andorra-2022/{place}", payload, bytes([number % 256])) for number, (place, payload) in enumerate(said)]
    facts, others = Wire("andorra-2022").decode_all(messages)
    rest = iter(facts)
    together = [others[number] if number in others else next(rest) for number in range(len(messages))]
    assert [str(one) if isinstance(one, WireError) else one for one in together] == [_alone(*message) for message in messages]
    assert not list(rest)


def _alone(topic: str, payload: bytes, its_key: bytes) -> f.Fact | Offline | str:
    try:
        return WIRE.decode(topic, payload, its_key)
    except WireError as error:
        return str(error)


def test_a_withdrawal_has_reason_and_who_took_it() -> None:
    found = decoded("illa/withdrawal", SAID | {"reason": "injury", "signed": True, "by": "medic\x00", "note": "knee", "transport": True})
    assert isinstance(found, f.Withdrawal)
    assert (found.reason, found.signed, found.by, found.note, found.transport) == (f.WithdrawalReason.INJURY, True, "medic", "knee", "yes")


def test_a_heartbeat_is_named_by_its_device_and_time() -> None:
    found = decoded("illa/heartbeat", {"device": "illa-1", "time": EIGHT, "seq": 9, "queued": 0, "battery": 81.5})
    assert isinstance(found, f.Heartbeat)
    assert (found.id, found.seq, found.queued, found.battery) == (f"illa-1@{EIGHT}", 9, 0, 81.5)


def test_a_last_will_is_no_evidence() -> None:
    assert decoded("illa/heartbeat", {"device": "illa-1", "offline": True}) == Offline("illa-1", "illa")


@pytest.mark.parametrize(
    ("kind", "own", "kind_of_fact", "fields"),
    [
        ("start", {"race": "105k", "at": EIGHT, "wave": "a"}, f.Start, {"race": "105k", "start_ms": EIGHT, "wave": "a"}),
        ("cutoff", {"race": "105k", "checkpoint": "illa", "cutoff": "20h30"}, f.CutoffMove, {"offset_ms": 73_800_000}),
        ("cutoff", {"race": "105k", "checkpoint": "illa", "cutoff": "2022-06-25T08:00:00+02:00"}, f.CutoffMove, {"limit_at_ms": EIGHT}),
        (
            "cutoff",
            {"race": "r", "checkpoint": "c", "extend_by": "-1h", "onward": True},
            f.CutoffMove,
            {"extend_ms": -3_600_000, "onward": True},
        ),
        ("station", {"station": "illa", "state": "closed", "forced": True}, f.StationChange, {"forced": True}),
        ("device", {"device": "illa-2", "use": "retired"}, f.DeviceWord, {"device": "illa-2", "use": f.DeviceUse.RETIRED}),
        ("accounted", {"bib": "7", "where": "bus 2"}, f.Accounted, {"bib": "7", "where": "bus 2"}),
        ("race", {"bib": "7", "race": "50k"}, f.RaceMove, {"bib": "7", "race": "50k"}),
        ("alert", {"alert": "silent/illa", "state": "acknowledged"}, f.AlertWord, {"alert": "silent/illa", "until_ms": None}),
        ("alert", {"alert": "silent/illa", "state": "shelved", "until": EIGHT}, f.AlertWord, {"state": f.AlertState.SHELVED}),
        ("cutoff", {"race": "105k", "checkpoint": "illa", "extend_by": "30m", "from": EIGHT}, f.CutoffMove, {"extend_ms": 1_800_000}),
        ("void", {"fact": "a-1"}, f.Void, {"fact": "a-1"}),
        ("passage", {"bib": "7", "checkpoint": "illa", "at": EIGHT}, f.HandTime, {"checkpoint": "illa", "passed_ms": EIGHT}),
        ("status", {"bib": "7", "status": "accepted"}, f.Decision, {"status": f.Decided.ACCEPTED}),
        ("penalty", {"bib": "7", "seconds": 90.5}, f.Penalty, {"penalty_ms": 90_500}),
        ("bib", {"from": "7", "to": "17"}, f.BibSwap, {"from_bib": "7", "to_bib": "17"}),
        ("clock", {"device": "illa-1", "offset_s": -180, "until": EIGHT}, f.ClockCorrection, {"offset_ms": -180_000, "until_ms": EIGHT}),
        ("neutralise", {"race": "105k", "from": EIGHT, "until": EIGHT + 1}, f.Neutralise, {"from_ms": EIGHT, "checkpoints": None}),
        ("reroute", {"race": "105k", "skip": ["illa"]}, f.Reroute, {"skip": ("illa",), "finish": None}),
        ("station", {"station": "illa", "state": "swept"}, f.StationChange, {"state": f.StationState.SWEPT}),
        ("final", {"race": "105k", "results": "0f" * 32}, f.Final, {"race": "105k", "results": "0f" * 32}),
        ("note", {"text": "wind is up"}, f.Note, {"text": "wind is up"}),
    ],
)
def test_each_kind_of_the_desk_becomes_its_fact(kind: str, own: dict[str, Any], kind_of_fact: type, fields: dict[str, Any]) -> None:
    found = decoded(f"desk/{kind}", DESK | own)
    assert type(found) is kind_of_fact
    assert {name: getattr(found, name) for name in fields} == fields
    assert (found.author, found.reason, found.at_ms) == ("director", "storm", EIGHT)  # type: ignore[union-attr]


def test_the_same_message_is_the_same_fact_whatever_the_order_of_its_keys() -> None:
    backwards = dict(reversed(SAID.items()))
    spaced = orjson.dumps(SAID, option=orjson.OPT_INDENT_2)
    assert key("botella/passage", SAID) == key("botella/passage", backwards) == key("botella/passage", spaced)


def test_another_station_or_another_content_is_another_fact() -> None:
    keys = {key("botella/passage", SAID), key("illa/passage", SAID), key("botella/passage", SAID | {"bib": "213"})}
    assert len(keys) == 3


def test_the_root_of_the_topic_is_where_it_came_and_not_what_it_says() -> None:
    assert key("botella/passage", SAID) == key("botella/passage", SAID, Wire("andorra-2022", "standby"))


@pytest.mark.parametrize(
    ("place", "said", "error"),
    [
        ("botella/passage", SAID | {"bib": None}, 'passage message: field "bib": expected str, got null'),
        ("botella/passage", SAID | {"id": ""}, 'passage message: field "id": expected str of length >= 1'),
        ("botella/passage", SAID | {"seq": -1}, 'passage message: field "seq": expected int >= 0'),
        ("botella/passage", SAID | {"time": True}, 'passage message: field "time": expected int | str, got bool'),
        ("botella/passage", [SAID], "passage message: Expected object, got array"),
        ("botella/withdrawal", SAID, 'withdrawal message: field "reason" is missing'),
        ("botella/heartbeat", {"device": "b"}, 'heartbeat message: field "time" is missing'),
        ("desk/status", SAID, 'status message: field "author" is missing'),
        ("desk/cutoff", DESK | {"race": "r", "checkpoint": "c"}, 'cutoff message: it needs one of the fields "cutoff" and "extend_by"'),
        (
            "desk/alert",
            DESK | {"alert": "a", "state": "shelved"},
            'alert message: "shelved" needs the field "until", and "acknowledged" has none',
        ),
        ("desk/passages", DESK, "topic 'tracker/andorra-2022/desk/passages' has the unknown kind 'passages'; at desk there can be start,"),
    ],
)
def test_what_is_no_fact_is_refused_with_the_field_and_what_it_should_hold(place: str, said: Any, error: str) -> None:
    with pytest.raises(WireError) as refused:
        decoded(place, said)
    assert str(refused.value).startswith(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["id", "bib", "time", "way", "device", "seq", "reason", "author", "race", "at", "cutoff", "from", "status"])
PLACES = st.sampled_from(
    [f"botella/{kind}" for kind in ("passage", "withdrawal", "heartbeat")] + ["desk/cutoff", "desk/status", "desk/clock"]
)


def outcome(topic: str, payload: bytes) -> str:
    """`fact`, or the error in words; anything else that is raised fails the test."""
    try:
        WIRE.decode(topic, payload)
    except WireError as error:
        return str(error)
    return "fact"


@settings(max_examples=200, deadline=None)
@given(PLACES, st.dictionaries(FIELDS, JSON, max_size=8) | JSON)
def test_any_json_is_a_fact_or_a_wire_error(place: str, said: Any) -> None:
    try:
        content = orjson.dumps(said)
    except TypeError:
        content = b'{"seq": 99999999999999999999999999}'
    assert "\n" not in outcome(f"tracker/andorra-2022/{place}", content)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.binary(max_size=60))
@example("tracker/andorra-2022/botella/passage", b"[" * 100_000)
@example("tracker/andorra-2022/botella/passage", b'{"id":"a","bib":"1","time":1e999}')
@example("tracker/andorra-2022/botella/passage", b'{"id":"\xff","bib":"1","time":1}')
@example("tracker/andorra-2022/botella/passage", b'{"id":"\\ud800","bib":"1","time":1}')
@example("tracker/andorra-2022/botella/passage", b'{"id":NaN}')
def test_any_bytes_on_any_topic_are_a_fact_or_a_wire_error(topic: str, payload: bytes) -> None:
    assert outcome(topic, payload)


def test_what_the_journal_has_is_read_as_it_was_read_when_it_came() -> None:
    payload = orjson.dumps(SAID)
    first = WIRE.decode("tracker/andorra-2022/botella/passage", payload)
    assert not isinstance(first, Offline)
    assert WIRE.decode("tracker/andorra-2022/botella/passage", payload, first.key) == first


def test_a_line_of_a_messages_file_keeps_the_payload_byte_for_byte() -> None:
    line = b'{"topic": "tracker/e/botella/passage", "payload": {"b": 1.10,  "a": "\\u00e9"}}'
    assert message_of_line(line) == ("tracker/e/botella/passage", b'{"b": 1.10,  "a": "\\u00e9"}')


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b'{"topic": 1, "payload": {}}', b'{"topic": "t"}', b"\xff", b'{"topic": "t", "payload": ', b'{"topic":' + b"[" * 100_000],
)
def test_a_line_that_is_no_message_says_how_one_reads(line: bytes) -> None:
    with pytest.raises(WireError, match=r'a line must read \{"topic": "…", "payload": \{…\}\}'):
        message_of_line(line)
