"""Hostile messages, made by a grammar that knows every kind and every field, and then does with them what nobody should.

Seeded: the same seed gives the same messages. A payload is built as raw JSON text, since what is worst in it no encoder would write.
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple, TypeVar

from tests.conftest import GUN_MS
from tests.fuzz.race import BIBS, CHECKPOINTS, DEVICES, EVENT, RACES, STATIONS
from tests.fuzz.values import LEVELS, NUMBERS, SHAPES, SIGNS, WHOLE, WORDS

Message = tuple[str, bytes]
Fields = dict[str, Callable[[Random], str]]
"""How each field of a message is made, as JSON text."""

_T = TypeVar("_T")

UNKNOWN_BIBS = 10_000
_PREFIX = f"tracker/{EVENT}/"
_HOUR_MS = 3_600_000
_SAID_AGAIN = 64
"""So many of the last messages can come again, or as something else under their id."""


class Kind(NamedTuple):
    """A kind of message, and how each of its fields is made when it is sound, as JSON text; `maybe` ones are often left out."""

    name: str
    desk: bool
    fields: Fields
    maybe: Fields


def _one_of(*words: str) -> Callable[[Random], str]:
    quoted = [json.dumps(word) for word in words]
    return lambda chance: quoted[int(chance.random() * len(quoted))]


def _raw(*texts: str) -> Callable[[Random], str]:
    return lambda chance: texts[int(chance.random() * len(texts))]


def _number(least: int, most: int) -> Callable[[Random], str]:
    return lambda chance: str(chance.randint(least, most))


def _id(chance: Random) -> str:
    return f'"{chance.getrandbits(64):016x}"'


def _time(chance: Random) -> str:
    at_ms = GUN_MS + int(chance.random() * 14 * _HOUR_MS)
    if chance.random() < 0.9:
        return str(at_ms)
    return chance.choice(['"2022-06-25T{:02}:{:02}:07+02:00"', '"2022-06-25T{:02}:{:02}:07.125Z"']).format(
        at_ms // _HOUR_MS % 24, at_ms % 60
    )


def _bib(chance: Random) -> str:
    return _known_bib(chance) if chance.random() < 0.93 else f'"{chance.randint(100_000, 100_000 + UNKNOWN_BIBS - 1)}"'


_known_bib = _one_of(*BIBS)
_station = _one_of(*STATIONS, "nowhere")
_point = _one_of(*CHECKPOINTS, "nowhere")
_race = _one_of(*RACES, *RACES, "60k")
_device = _one_of(*DEVICES)
_fact_id = _one_of(*(f"{number:016x}" for number in range(50)))


def _points(chance: Random) -> str:
    return "[" + ",".join(_point(chance) for _ in range(chance.randint(0, 4))) + "]"


def _desk(name: str, fields: Fields, maybe: Fields | None = None) -> Kind:
    said = {
        "id": _id,
        "time": _time,
        "author": _one_of("Race director", "Night desk"),
        "reason": _one_of("as radioed", "storm", "mistyped"),
    }
    return Kind(name, True, said | fields, maybe or {})


_FROM_DEVICES = (
    Kind(
        "passage",
        False,
        {"id": _id, "bib": _bib, "time": _time},
        {"way": _one_of("in", "out"), "device": _device, "seq": _number(1, 3000), "source": _one_of("chip", "qr", "manual")},
    ),
    Kind(
        "withdrawal",
        False,
        {"id": _id, "bib": _bib, "time": _time, "reason": _one_of("injury", "illness", "fatigue", "time", "medical", "other")},
        {"signed": _raw("true"), "by": _one_of("Dr. Who"), "note": _one_of("knee"), "transport": _one_of("bus"), "device": _device},
    ),
    Kind(
        "heartbeat",
        False,
        {"device": _device, "time": _time},
        {
            "seq": _number(0, 3000),
            "queued": _number(0, 50),
            "battery": _number(0, 100),
            "offline": lambda chance: "true" if chance.random() < 0.05 else "false",
        },
    ),
)
_FROM_THE_DESK = (
    _desk("start", {"race": _race, "at": _time}, {"wave": _one_of("a", "b", "c")}),
    _desk(
        "cutoff",
        {"race": _race, "checkpoint": _point},
        {"cutoff": _one_of("5h", "8h30"), "extend_by": _one_of("30m", "-1h"), "from": _time},
    ),
    _desk("void", {"fact": _fact_id}),
    _desk("passage", {"bib": _bib, "checkpoint": _point, "at": _time}),
    _desk(
        "status", {"bib": _bib, "status": _one_of("withdrawn", "out_of_time", "disqualified", "dns", "stopped", "reinstated", "accepted")}
    ),
    _desk("penalty", {"bib": _bib, "seconds": _number(-600, 3600)}),
    _desk("bib", {"from": _bib, "to": _bib}),
    _desk("clock", {"device": _device, "offset_s": _number(-900, 900)}, {"from": _time, "until": _time}),
    _desk("neutralise", {"race": _race, "from": _time, "until": _time}, {"checkpoints": _points}),
    _desk("reroute", {"race": _race}, {"skip": _points, "finish": _point}),
    _desk("station", {"station": _station, "state": _one_of("open", "closed", "swept")}, {"forced": _raw("true")}),
    _desk("device", {"device": _device, "use": _one_of("retired", "in_use")}),
    _desk("accounted", {"bib": _bib}, {"where": _one_of("bus")}),
    _desk("race", {"bib": _bib, "race": _race}),
    _desk("alert", {"alert": _one_of("silent-col", "1f3a"), "state": _one_of("acknowledged", "shelved")}, {"until": _time}),
    _desk("final", {"race": _race, "results": _one_of("0" * 64, "1f" * 32)}),
    _desk("note", {}, {"text": _one_of("fog on the ridge")}),
)
KINDS = (*_FROM_DEVICES, *_FROM_THE_DESK)


class Hostile:
    """An endless stream of messages. `largest`: what a message may weigh, in bytes; so large are few. `desk`: the share of the desk's."""

    def __init__(self, seed: int, largest: int = 1_000_000, desk: float = 0.2) -> None:
        self._desk = desk
        self._chance = Random(seed)
        self._largest = largest
        self._last: list[tuple[Kind, str, dict[str, str]]] = []
        self._sent: list[Message] = []

    def messages(self, count: int) -> Iterator[Message]:
        """The next so many messages."""
        for _ in range(count):
            yield self._message()

    def batch(self, count: int) -> list[Message]:
        """The next so many messages, at once."""
        return list(self.messages(count))

    def _message(self) -> Message:
        chance, draw = self._chance, self._chance.random()
        if draw < 0.02 and self._sent:
            return chance.choice(self._sent)
        if draw < 0.03 and self._last:  # the same content, its keys in another order
            _, topic, fields = chance.choice(self._last)
            message = (
                topic,
                ("{ " + " , ".join(f'"{name}" : {said}' for name, said in chance.sample([*fields.items()], len(fields))) + "}").encode(),
            )
        elif draw < 0.05:
            message = self._topic(), chance.choice(WHOLE) if chance.random() < 0.98 else self._large()
        else:
            kind, topic, fields = self._sound() if draw < 0.93 or not self._last else chance.choice(self._last)
            if draw >= 0.5:
                fields = self._spoiled(fields)
            message = topic, self._text(fields)
            if draw >= 0.9:
                message = topic, self._bytes(message[1])
            if draw >= 0.98:
                message = self._topic(), message[1]
            self._keep(self._last, (kind, topic, fields))
        self._keep(self._sent, message)
        return message

    def _keep(self, kept: list[_T], one: _T) -> None:
        if len(kept) < _SAID_AGAIN:
            kept.append(one)
        else:
            kept[int(self._chance.random() * _SAID_AGAIN)] = one

    def _sound(self) -> tuple[Kind, str, dict[str, str]]:
        chance = self._chance
        kind = chance.choices(_FROM_DEVICES, (8, 1, 2))[0] if chance.random() >= self._desk else chance.choice(_FROM_THE_DESK)
        fields = {name: make(chance) for name, make in kind.fields.items()}
        fields |= {name: make(chance) for name, make in kind.maybe.items() if chance.random() < 0.5}
        return kind, f"{_PREFIX}{'desk' if kind.desk else chance.choice(STATIONS)}/{kind.name}", fields

    def _spoiled(self, fields: dict[str, str]) -> dict[str, str]:
        """The fields of a message with one to three of them wrong, in every way."""
        chance, fields = self._chance, dict(fields)
        for _ in range(chance.choice((1, 1, 2, 3))):
            name = chance.choice((*fields, "device", "seq", "way", "unheard_of"))
            if chance.random() < 0.1:
                fields.pop(name, None)
            else:
                fields[name] = self._value(fields.get(name, '"x"'))
        return fields

    def _value(self, sound: str) -> str:
        chance = self._chance
        match chance.randrange(9):
            case 0 | 1:
                return chance.choice(NUMBERS)
            case 2 | 3:
                return chance.choice(WORDS)
            case 4:
                return chance.choice(SHAPES)
            case 5:
                return f'"{chance.choice(SIGNS)}{sound.strip(chr(34))}{chance.choice(SIGNS)}"'
            case 6:
                return '"' + "".join(chance.choices(SIGNS, k=chance.randint(1, 12))) + '"'
            case 7:  # numbers as text and the reverse
                return sound.strip('"') if sound.startswith('"') else f'"{sound}"'
            case _:  # ancient, future
                return str(
                    chance.choice((chance.randint(-(2**40), 2**43), chance.randint(0, 2**54), GUN_MS + chance.randint(-(2**34), 2**36)))
                )

    def _text(self, fields: dict[str, str]) -> bytes:
        chance = self._chance
        parts = [f'"{name}":{value}' for name, value in fields.items()]
        draw = chance.random()
        if draw < 0.02:  # the same key twice
            parts.insert(chance.randint(0, len(parts)), chance.choice(parts or ['"id":"y"']))
            parts.append(f'"{chance.choice((*fields, "id"))}":{self._value("1")}')
        elif draw < 0.06:
            chance.shuffle(parts)
        elif draw < 0.065:
            deep = chance.choice((3, 50, 200, 253, 254, 255, 1000))
            parts.append(f'"deep":{"[" * deep}{"]" * deep}')
        text = "{" + ",".join(parts) + "}"
        return (text if draw < 0.9 else text.replace(",", " ,\n\t ")).encode("utf-8", "surrogatepass")

    def _bytes(self, payload: bytes) -> bytes:
        chance, raw = self._chance, bytearray(payload)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randint(0, len(raw))
            match chance.randrange(5):
                case 0:
                    del raw[at:]
                case 1:
                    del raw[at : at + chance.randint(1, 8)]
                case 2:
                    raw[at:at] = chance.choice(
                        (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x00", b"\xe2\x80\xae", b"\x1b", b'"', b"{", b"]", b",")
                    )
                case 3 if at < len(raw):
                    raw[at] ^= 1 << chance.randrange(8)
                case _:
                    raw[at:at] = raw[: chance.randint(0, 40)]
        return bytes(raw)

    def _large(self) -> bytes:
        """Up to the limit: one text, many keys, one list, or noise."""
        chance = self._chance
        size = chance.choice((self._largest, self._largest // 10, 60_000))
        match chance.randrange(4):
            case 0:
                return b'{"id":"%s"}' % (b"x" * (size - 9))
            case 1:
                return b"{" + b",".join(b'"%07d":1' % number for number in range((size - 2) // 12)) + b"}"
            case 2:
                return b"[" + b"0," * ((size - 3) // 2) + b"0]"
            case _:
                return chance.randbytes(size)

    def _topic(self) -> str:
        chance = self._chance
        if chance.random() < 0.3:
            kind = chance.choice(KINDS)
            return f"{_PREFIX}{'desk' if kind.desk else chance.choice(STATIONS)}/{kind.name}"
        levels = ["tracker", EVENT, chance.choice((*STATIONS, "desk")), chance.choice(KINDS).name]
        for _ in range(chance.randint(1, 2)):
            at = chance.randint(0, len(levels))
            if chance.random() < 0.5 and at < len(levels):
                levels[at] = chance.choice(LEVELS)
            else:
                levels.insert(at, chance.choice(LEVELS))
        return "/".join(levels)[:65_000]
