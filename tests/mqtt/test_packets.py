"""The codec: whatever way the network cuts the bytes, the same packets; whatever comes, packets or a reason, never an exception."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.mqtt import device as hand
from tracker.mqtt.packets import (
    Asked,
    Broken,
    Connect,
    Decoder,
    Disconnect,
    Packet,
    Pingreq,
    Puback,
    Publish,
    Subscribe,
    Unsubscribe,
)
from tracker.mqtt.properties import Reason

LIMIT = 64 * 1024
USER_PROPERTY = b"\x26" + hand.text("firmware") + hand.text("7.1")

names = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=30)
filters = st.lists(st.one_of(names.map(lambda name: name.replace("/", "-")), st.just("+")), min_size=1, max_size=4).map("/".join)
ids = st.integers(1, 65_535)


@st.composite
def sent(draw: st.DrawFn, version: int) -> tuple[bytes, Packet]:
    """A packet that a client may send after its CONNECT, as bytes and as what they mean."""
    packet_id = draw(ids)
    kind = draw(st.sampled_from(["publish", "publish", "puback", "subscribe", "unsubscribe", "ping", "disconnect"]))
    if kind == "publish":
        topic, payload = draw(names), draw(st.binary(max_size=400))
        number = draw(st.none() | ids)
        retain, extra = draw(st.booleans()), draw(st.sampled_from([b"", USER_PROPERTY, USER_PROPERTY * 2]))
        again = number is not None and draw(st.booleans())
        raw = hand.publish(topic, payload, number, version=version, retain=retain, again=again, properties=extra)
        return raw, Publish(topic, payload, number, retain)
    if kind == "subscribe":
        asked = draw(st.lists(st.tuples(filters, st.integers(0, 2)), min_size=1, max_size=4))
        return hand.subscribe(packet_id, *asked, version=version), Subscribe(packet_id, tuple(Asked(f, qos) for f, qos in asked))
    if kind == "unsubscribe":
        gone = draw(st.lists(filters, min_size=1, max_size=4))
        return hand.unsubscribe(packet_id, *gone, version=version), Unsubscribe(packet_id, tuple(gone))
    if kind == "puback":
        return hand.puback(packet_id), Puback(packet_id)
    return (hand.PINGREQ, Pingreq()) if kind == "ping" else (hand.DISCONNECT, Disconnect())


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[Packet]]:
    version = draw(st.sampled_from([4, 5]))
    packets = draw(st.lists(sent(version), max_size=12))
    raw = hand.connect("scanner-7", version, keep_alive_s=30) + b"".join(raw for raw, _ in packets)
    return raw, [Connect(version, "scanner-7", clean=True, keep_alive_s=30), *(packet for _, packet in packets)]


def fed(decoder: Decoder, *chunks: bytes) -> list[Packet]:
    return [packet for chunk in chunks for packet in decoder.feed(chunk)]


def cut(raw: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(n % (len(raw) + 1) for n in at), len(raw)]
    return [raw[a:b] for a, b in pairwise(edges)]


@given(streams(), st.lists(st.integers(0, 10_000), max_size=20))
def test_any_cut_of_a_devices_stream_gives_the_packets_it_sent(stream: tuple[bytes, list[Packet]], at: list[int]) -> None:
    raw, packets = stream
    assert fed(Decoder(LIMIT), *cut(raw, at)) == packets
    assert fed(Decoder(LIMIT), *(raw[n : n + 1] for n in range(len(raw)))) == packets


@given(st.sampled_from([b"", hand.connect(), hand.connect(version=5)]), st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=5))
@example(hand.connect(), b"\x30\x80\x80\x80\x80\x01", [])
@example(hand.connect(version=5), b"\x32\x05\x00\x01t\x00\x01", [])
def test_garbage_ends_in_one_reason_whatever_way_it_is_cut(greeting: bytes, garbage: bytes, at: list[int]) -> None:
    whole = fed(Decoder(LIMIT), greeting + garbage)
    assert all(not isinstance(packet, Broken) for packet in whole[:-1])
    assert fed(Decoder(LIMIT), *cut(greeting + garbage, at)) == whole


@given(streams(), st.integers(0, 10_000), st.integers(0, 255))
def test_one_wrong_byte_in_a_stream_never_raises(stream: tuple[bytes, list[Packet]], where: int, byte: int) -> None:
    raw = bytearray(stream[0])
    raw[where % len(raw)] = byte
    packets = fed(Decoder(LIMIT), bytes(raw))
    assert all(not isinstance(packet, Broken) for packet in packets[:-1])


def test_nothing_is_read_after_what_breaks_the_standard() -> None:
    decoder = Decoder(LIMIT)
    fine = hand.publish("tracker/andorra/botella/passage", b"{}")
    packets = fed(decoder, hand.connect() + fine + b"\xf0\x00" + fine, fine)
    assert [type(packet) for packet in packets] == [Connect, Publish, Broken]


def broken_by(raw: bytes, version: int = 4) -> Reason:
    last = fed(Decoder(LIMIT), hand.connect(version=version) + raw)[-1]
    assert isinstance(last, Broken), last
    assert last.words
    return last.reason


T = "tracker/andorra/botella/passage"


@pytest.mark.parametrize(
    ("raw", "version", "reason"),
    [
        (hand.publish("tracker/+/passage", b""), 4, Reason.TOPIC_INVALID),
        (hand.publish("tracker/#", b"", version=5), 5, Reason.TOPIC_INVALID),
        (hand.publish("", b""), 4, Reason.PROTOCOL_ERROR),
        (hand.publish("a\0b", b""), 4, Reason.MALFORMED),
        (hand.packet(0x30, hand.binary(b"\xff\xfe")), 4, Reason.MALFORMED),
        (hand.packet(0x30, hand.binary(b"\xed\xa0\x80")), 4, Reason.MALFORMED),
        (hand.packet(0x30, b"\x00"), 4, Reason.MALFORMED),
        (hand.packet(0x30, b"\x00\x09abc"), 4, Reason.MALFORMED),
        (hand.packet(0x32, b"\x00\x03abc\x00"), 4, Reason.MALFORMED),
        (hand.publish(T, b"", 0), 4, Reason.MALFORMED),
        (hand.publish(T, b"", 1, qos=2), 4, Reason.QOS_NOT_SUPPORTED),
        (hand.publish(T, b"", 1, qos=2, version=5), 5, Reason.QOS_NOT_SUPPORTED),
        (hand.publish(T, b"", 1, qos=3), 4, Reason.MALFORMED),
        (hand.publish(T, b"", again=True), 4, Reason.MALFORMED),
        (hand.publish(T, b"", version=5, properties=b"\x23\x00\x01"), 5, Reason.TOPIC_ALIAS_INVALID),
        (hand.publish(T, b"", version=5, properties=b"\x01\x01\x01\x01"), 5, Reason.PROTOCOL_ERROR),
        (hand.publish(T, b"", version=5, properties=b"\x01\x02"), 5, Reason.PROTOCOL_ERROR),
        (hand.publish(T, b"", version=5, properties=b"\x0b\x05"), 5, Reason.PROTOCOL_ERROR),
        (hand.publish(T, b"", version=5, properties=b"\x02\x00"), 5, Reason.MALFORMED),
        (hand.packet(0x30, hand.text(T)), 5, Reason.MALFORMED),
        (hand.subscribe(1), 4, Reason.PROTOCOL_ERROR),
        (hand.subscribe(0, ("a", 1)), 4, Reason.MALFORMED),
        (hand.subscribe(1, ("", 1)), 4, Reason.PROTOCOL_ERROR),
        (hand.subscribe(1, ("a/#/b", 1)), 4, Reason.FILTER_INVALID),
        (hand.subscribe(1, ("a/b+", 1)), 4, Reason.FILTER_INVALID),
        (hand.subscribe(1, ("a#", 1), version=5), 5, Reason.FILTER_INVALID),
        (hand.subscribe(1, ("a", 3)), 4, Reason.MALFORMED),
        (hand.subscribe(1, ("a", 0x04)), 4, Reason.MALFORMED),
        (hand.subscribe(1, ("a", 0x30), version=5), 5, Reason.MALFORMED),
        (hand.subscribe(1, ("a", 1), version=5, properties=b"\x0b\x05"), 5, Reason.NO_SUBSCRIPTION_IDS),
        (hand.unsubscribe(1), 4, Reason.PROTOCOL_ERROR),
        (hand.packet(0x80, b"\x00\x01\x00\x01a\x00"), 4, Reason.MALFORMED),
        (hand.packet(0xC0, b"\x00"), 4, Reason.MALFORMED),
        (hand.packet(0x40, b"\x00"), 4, Reason.MALFORMED),
        (hand.packet(0xD0, b""), 4, Reason.PROTOCOL_ERROR),
        (hand.packet(0x62, b"\x00\x01"), 4, Reason.PROTOCOL_ERROR),
        (hand.packet(0xF0, b""), 5, Reason.PROTOCOL_ERROR),
        (hand.connect(), 4, Reason.PROTOCOL_ERROR),
        (b"\x30\xff\xff\xff\xff", 4, Reason.MALFORMED),
    ],
)
def test_a_packet_against_the_standard_is_named_by_its_reason(raw: bytes, version: int, reason: Reason) -> None:
    assert broken_by(raw, version) is reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", Reason.PROTOCOL_ERROR),
        (hand.PINGREQ, Reason.PROTOCOL_ERROR),
        (hand.packet(0x10, hand.text("MQIsdp") + b"\x03\x02\x00\x00" + hand.text("old")), Reason.UNSUPPORTED_VERSION),
        (hand.connect(version=6), Reason.UNSUPPORTED_VERSION),
        (hand.packet(0x10, hand.text("AMQP") + b"\x04\x02\x00\x00" + hand.text("x")), Reason.MALFORMED),
        (hand.packet(0x10, hand.text("MQTT") + b"\x04\x03\x00\x00" + hand.text("x")), Reason.MALFORMED),
        (hand.packet(0x10, hand.text("MQTT") + b"\x04\x0a\x00\x00" + hand.text("x")), Reason.MALFORMED),
        (hand.packet(0x10, hand.text("MQTT") + b"\x04\x42\x00\x00" + hand.text("x") + hand.text("pw")), Reason.MALFORMED),
        (hand.connect()[:-1], None),
        (hand.connect("a\0b"), Reason.MALFORMED),
        (hand.connect(will=hand.LastWill("tracker/#", b"")), Reason.TOPIC_INVALID),
        (hand.connect(version=5, properties=b"\x21\x00\x00"), Reason.PROTOCOL_ERROR),
        (hand.connect(version=5, properties=b"\x27\x00\x00\x00\x00"), Reason.PROTOCOL_ERROR),
        (hand.connect(version=5, properties=b"\x24\x01"), Reason.PROTOCOL_ERROR),
    ],
)
def test_what_is_no_greeting_of_a_device_is_told_apart(raw: bytes, reason: Reason | None) -> None:
    assert [packet.reason for packet in fed(Decoder(LIMIT), raw) if isinstance(packet, Broken)] == ([reason] if reason else [])


def test_a_greeting_says_all_that_the_endpoint_needs() -> None:
    properties = b"\x11\x00\x00\x00\x3c\x21\x00\x14\x27\x00\x00\x10\x00" + USER_PROPERTY
    will = hand.LastWill("tracker/andorra/botella/heartbeat", b'{"offline":true}', qos=1, retain=True)
    raw = hand.connect("scanner-7", 5, clean=False, keep_alive_s=45, will=will, user="botella", properties=properties)
    assert fed(Decoder(LIMIT), raw) == [
        Connect(
            5,
            "scanner-7",
            clean=False,
            keep_alive_s=45,
            will=Publish(will.topic, will.payload, None, retain=True),
            will_qos=1,
            session_expiry_s=60,
            receive_maximum=20,
            max_packet_bytes=4096,
        )
    ]


def test_the_options_of_a_subscription_are_read() -> None:
    raw = hand.connect(version=5) + hand.subscribe(9, ("tracker/#", 0b01_1110), ("x", 0b10_0001), version=5)
    assert fed(Decoder(LIMIT), raw)[1] == Subscribe(9, (Asked("tracker/#", 2, True, True, 1), Asked("x", 1, False, False, 2)))


def test_a_goodbye_can_ask_for_the_last_will() -> None:
    assert fed(Decoder(LIMIT), hand.connect(version=5) + hand.packet(0xE0, b"\x04"))[1] == Disconnect(with_will=True)
    assert fed(Decoder(LIMIT), hand.connect(version=5) + hand.packet(0xE0, b"\x00\x00"))[1] == Disconnect(with_will=False)


def test_a_packet_over_the_limit_is_refused_by_its_header_and_one_at_the_limit_is_taken() -> None:
    at_limit = hand.publish(T, b"x" * (1000 - 3 - 2 - len(T)))
    assert len(at_limit) == 1000
    decoder = Decoder(1000)
    assert [type(packet) for packet in fed(decoder, hand.connect() + at_limit)] == [Connect, Publish]
    over = decoder.feed(hand.publish(T, b"x" * 1000)[:3])
    assert [packet.reason for packet in over if isinstance(packet, Broken)] == [Reason.TOO_LARGE]
