"""Bytes ↔ facts: the only room that knows topics and JSON payloads (contract, section 3).

A message becomes one typed fact, or a `WireError` that names the field; nothing here decides what a fact means for a runner.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import msgspec
import orjson

from tracker.core.facts import Fact, Passage
from tracker.files.times import TimesError
from tracker.text import clean_text
from tracker.wire.desk import DESK_KINDS
from tracker.wire.payloads import (
    DEVICE_KINDS,
    Count,
    Name,
    Offline,
    PassagePayload,
    Payload,
    PlainPassage,
    WireError,
    clean_name,
    device_name,
    in_words,
)

__all__ = ["DEFAULT_ROOT", "DESK", "KEY_BYTES", "Offline", "Wire", "WireError", "encode", "line_of_message", "message_of_line", "number_of"]

DEFAULT_ROOT = "tracker"
DESK = "desk"
KEY_BYTES = 16
_REASON_LIMIT = 1000
_UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_QUOTED = 100
_NAME_LIMIT = 100
_NO_TOPIC = frozenset("/+#\0")
_BY_RADIO = {
    "id": "id",
    "bib": "bib",
    "time": "time",
    "at": "time",  # over the moment at which it is said, where both are given
    "cause": "reason",
    "author": "by",
    "reason": "note",
    "transport": "transport",
}
"""What is said at the desk of a withdrawal, as the fields of the station's own."""


class _Line(msgspec.Struct):
    topic: str
    payload: msgspec.Raw


_LINE = msgspec.json.Decoder(_Line)


class _Numbered(msgspec.Struct):
    device: Name
    seq: Count


_NUMBERED = msgspec.json.Decoder(_Numbered)


def message_of_line(line: bytes) -> tuple[str, bytes]:
    """The topic and the payload, byte for byte, of one line `{"topic": …, "payload": {…}}` of a messages file. WireError if it is none."""
    try:
        message = _LINE.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f'{in_words(str(error))}; a line must read {{"topic": "…", "payload": {{…}}}}') from None
    return message.topic, bytes(message.payload)


def number_of(payload: bytes) -> tuple[str, int] | None:
    """The device and the number that it gave to a message, whatever else is wrong with that; None where it says neither."""
    try:
        numbered = _NUMBERED.decode(payload)
        return clean_name(numbered.device), numbered.seq
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, WireError):
        return None


def renumbered(payload: bytes, seq: int) -> bytes:
    """The same said under another number; `payload` is an object of ours."""
    return encode({**orjson.loads(payload), "seq": seq})


def prove_name(what: str, said: str) -> None:
    """WireError when a device (or a station, or an event) of this name could not be spoken of: it is part of topics, and one that reads
    otherwise when it is cleaned is another's.
    """
    if not said or len(said) > _NAME_LIMIT or not _NO_TOPIC.isdisjoint(said) or clean_name(said) != said:
        raise WireError(f"{what} {_quoted(said)}: is no name for topics; use at most {_NAME_LIMIT} letters, digits, - and _")


class Acknowledged(msgspec.Struct):
    """What a tracker (`by`; empty: it has not said its name) tells a device of its facts: all up to `through` are on its disk but those
    in `missing`.
    """

    device: str
    through: Count
    missing: list[Count]
    by: str = ""


_ACKNOWLEDGED = msgspec.json.Decoder(Acknowledged)


def read_ack(payload: bytes) -> Acknowledged:
    """What `live/ack/{device}` says. WireError if that is no acknowledgement."""
    try:
        return _ACKNOWLEDGED.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"is no acknowledgement: {in_words(str(error))}") from None


class _Status(msgspec.Struct):
    tracker: str = ""


def tracker_of(payload: object) -> str:
    """Which tracker says a `live/status`; of another version's word nothing is taken."""
    try:
        return msgspec.json.decode(payload if isinstance(payload, bytes) else b"", type=_Status).tracker
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def line_of_message(topic: str, payload: bytes) -> bytes:
    """One line of a messages file, with its end; `payload` is JSON without a line break, as `encode` makes it."""
    return b'{"topic":%s,"payload":%s}\n' % (orjson.dumps(topic), payload)


def encode(payload: object) -> bytes:
    """Plain values as a JSON payload."""
    return bytes(memoryview(orjson.dumps(payload)))  # a copy of its own size: orjson's own keeps 1 KiB and more from being used again


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a topic leads, and how what is said there is read; `plainly` where it is a passage that needs no more than that."""

    station: str
    kind: str
    below_root: bytes
    decode: Callable[[bytes], Payload]
    plainly: Callable[[bytes], PlainPassage] | None


class Wire:
    """Decodes the messages of one event. Topics are `{root}/{event}/{station}/{kind}`; desk facts `{root}/{event}/desk/{kind}`."""

    def __init__(self, event: str, root: str = DEFAULT_ROOT) -> None:
        self.event = event
        self.root = root
        self._place = lru_cache(maxsize=4096)(self._find_place)

    def decode(self, topic: str, payload: bytes, key: bytes | None = None) -> Fact | Offline:
        """The fact that a message states; `key` is given where the journal has it already. WireError says which field is wrong."""
        place = self._place(topic)
        try:
            if key is None:
                key = _key(place, payload)
            return place.decode(payload).fact(key, place.station)
        except orjson.JSONDecodeError as error:
            raise _refused(f"{place.kind} message is no JSON: {error}") from None
        except _UNREADABLE as error:
            raise _refused(f"{place.kind} message: {in_words(str(error))}") from None
        except (TimesError, WireError) as error:
            raise _refused(f"{place.kind} message: {error}") from None

    def decode_all(self, messages: Iterable[tuple[str, bytes, bytes]]) -> tuple[list[Fact], dict[int, Offline | WireError]]:
        """The facts that messages state, each a topic, a payload and its key, in their order; and by their numbers those that state none.

        As `decode`, and most are passages of which there is nothing to clean: those are read right here, since calls would be felt.
        """
        facts: list[Fact] = []
        others: dict[int, Offline | WireError] = {}
        for topic, payload, key in messages:
            try:
                place = self._place(topic)
                if place.plainly is not None:
                    said = place.plainly(payload)
                    name, bib, device = said.id, said.bib, said.device
                    if name.isascii() and name.isprintable() and bib.isalnum() and bib.isascii():
                        by = None if device is None else device_name(device)
                        facts.append(Passage(key, name, said.time, bib, place.station, said.way, by, said.seq, said.source))
                        continue
            except (WireError, *_UNREADABLE):
                pass  # it is told below
            try:
                fact = self.decode(topic, payload, key)
            except WireError as error:
                others[len(facts) + len(others)] = error
            else:
                if isinstance(fact, Offline):
                    others[len(facts) + len(others)] = fact
                else:
                    facts.append(fact)
        return facts, others

    def plain_station(self, topic: str) -> str | None:
        """The station whose passages come under a topic; None where no passages do."""
        try:
            place = self._place(topic)
        except WireError:
            return None
        return None if place.plainly is None else place.station

    def topic(self, station: str, kind: str) -> str:
        """The topic of a kind at a station."""
        return f"{self.root}/{self.event}/{station}/{kind}"

    def station_of(self, topic: str) -> str:
        """The station that a topic names, whatever else is wrong with it; empty: none."""
        parts = topic.removeprefix(f"{self.root}/").split("/", 2)
        return clean_text(parts[1]) if len(parts) == 3 and parts[0] == self.event else ""

    def number_given(self, topic: str, payload: bytes) -> tuple[str, int] | None:
        """The device and the number that it gave to one of its facts here, whatever else is wrong with that; None: no device did. A
        heartbeat names the last number and is not what bears it, and another event's device numbers by itself.
        """
        below, _, rest = topic.partition(f"{self.root}/{self.event}/")
        station, _, kind = rest.partition("/")
        return None if below or not kind or station == DESK or kind == "heartbeat" else number_of(payload)

    def said(self, kind: str, fields: Mapping[str, object]) -> tuple[str, bytes]:
        """What the desk says as a message: its topic and its payload.

        Of who is `withdrawn` at a `station` it is that station's withdrawal, as the radio told it: `at` that moment, for that `cause`, `by`
        whoever wrote it down, and what the desk gives as its reason is the note.
        """
        if kind != "status" or "station" not in fields:
            return self.topic(DESK, kind), encode(fields)
        payload = {name: fields[asked] for asked, name in _BY_RADIO.items() if asked in fields}
        return self.topic(str(fields["station"]), "withdrawal"), encode(payload)

    def _find_place(self, topic: str) -> _Place:
        prefix = f"{self.root}/"
        if not topic.startswith(prefix):
            raise _refused(f"topic {_quoted(topic)} is not below {prefix!r}")
        parts = topic[len(prefix) :].split("/")
        if len(parts) != 3 or not all(parts):
            raise _refused(f"topic {_quoted(topic)} must read {self.root}/EVENT/STATION/KIND")
        event, station, kind = parts
        if event != self.event:
            raise _refused(f"topic {_quoted(topic)} is of event {_quoted(event)}; this journal is of {self.event!r}")
        shape = (DESK_KINDS if station == DESK else DEVICE_KINDS).get(kind)
        if shape is None:
            known = ", ".join(DESK_KINDS if station == DESK else DEVICE_KINDS)
            raise _refused(f"topic {_quoted(topic)} has the unknown kind {_quoted(kind)}; at {clean_text(station)} there can be {known}")
        plainly = msgspec.json.Decoder(PlainPassage).decode if shape is PassagePayload else None
        return _Place(clean_name(station), kind, f"{event}/{station}/{kind}\0".encode(), msgspec.json.Decoder(shape).decode, plainly)


def _quoted(said: str) -> str:
    """What was sent, as a sentence can hold it: a topic may have 65,535 bytes."""
    return repr(said) if len(said) <= _QUOTED else f"{said[:_QUOTED]!r}…"


def _refused(words: str) -> WireError:
    """A reason may quote what was sent, and is read on a screen."""
    return WireError(clean_text(words, _REASON_LIMIT))


def _key(place: _Place, payload: bytes) -> bytes:
    """The identity of a message: topic and content, whatever the order of its keys."""
    try:
        content = orjson.dumps(orjson.loads(payload), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise WireError(f"too deeply nested: {error}") from None
    return blake2b(place.below_root + content, digest_size=KEY_BYTES).digest()
