"""What can be attacked with bytes: each target reads them and may only refuse in its own words. An exception that comes out is a find.

Used by the guided search (`python -m tests.fuzz`) and, on a few hundred inputs, by the tests.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.race import EVENT, EVENT_TOML, ROSTER_CSV, SOURCES
from tracker.core.soundness import check
from tracker.files.event import CourseError, read_event
from tracker.files.finding import FileError
from tracker.files.roster import RosterError, read_roster
from tracker.fold import Fold
from tracker.journal import Journal, JournalError
from tracker.mqtt.packets import Broken, Decoder
from tracker.outbox import Outbox
from tracker.text import clean_text
from tracker.wire import Offline, Wire, WireError, message_of_line

Target = Callable[[bytes], None]

_EVENT = read_event(EVENT_TOML, "hill.toml")
_TOPICS = tuple(f"tracker/hill/{place}" for place in ("col/passage", "col/withdrawal", "col/heartbeat")) + tuple(
    f"tracker/hill/desk/{kind}"
    for kind in ("start", "cutoff", "void", "passage", "penalty", "clock", "neutralise", "reroute", "alert", "note")
)


def wire(data: bytes) -> None:
    """A message: the first byte chooses its topic, or the topic is in the data. What is read can be folded."""
    place, payload = data[:1], data[1:]
    if place and place[0] < 200:
        topic = _TOPICS[place[0] % len(_TOPICS)]
    else:
        raw, _, payload = payload.partition(b"\0")
        topic = raw.decode(errors="replace")
    reader = Wire(EVENT)
    try:
        fact = reader.decode(topic, payload)
    except WireError as error:
        assert str(error), "a refusal without a word"
        assert str(error) == clean_text(str(error), 1000), "a refusal that no screen can show"
        return
    if not isinstance(fact, Offline):
        assert reader.decode(topic, payload, fact.key) == fact


def line(data: bytes) -> None:
    """A line of a messages file, as `tracker feed` and the outbox have it."""
    try:
        topic, payload = message_of_line(data)
    except WireError:
        return
    topic.encode()
    assert payload in data


def event(data: bytes) -> None:
    """An event file."""
    try:
        read_event(data.decode(errors="replace"), "fuzz.toml")
    except CourseError as error:
        _said(error)


def roster(data: bytes) -> None:
    """A start list."""
    try:
        read_roster(data.decode(errors="replace"), "fuzz.csv", _EVENT)
    except RosterError as error:
        _said(error)


def _said(error: FileError) -> None:
    assert error.faults
    for found in error.faults:
        assert "\n" not in str(found)
        assert str(found).isprintable() or all(ord(char) > 127 for char in str(found) if not char.isprintable())


def packets(data: bytes) -> None:
    """The bytes of a device's connection, in chunks: the first byte is their size."""
    size = max(1, data[0]) if data else 1
    whole, parts = Decoder(1000), Decoder(1000)
    at_once = whole.feed(data[1:])
    in_parts = [packet for at in range(1, len(data), size) for packet in parts.feed(data[at : at + size])]
    assert at_once == in_parts, "the same bytes in other chunks are other packets"
    assert all(not isinstance(packet, Broken) for packet in at_once[:-1])
    assert len(parts._held) <= 1000 + size


def outbox(data: bytes) -> None:
    """The file of what the desk has said."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "race.db.outbox"
        path.write_bytes(data)
        box = Outbox(path)
        found = box.news()
        assert len(found) + len(box.torn) <= data.count(b"\n") + 1


def journal(data: bytes) -> None:
    """A journal with hostile rows: the first byte says which column of which table, the rest is the value."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "race.db"
        asyncio.run(_make(path))
        _spoil(path, data)
        asyncio.run(_open(path))


async def _make(path: Path) -> None:
    async with await Journal.create(path, SOURCES):
        pass


def _spoil(path: Path, data: bytes) -> None:
    how, said = (data[0], data[1:]) if data else (0, b"")
    values: tuple[object, ...] = (said, said.decode(errors="replace"), len(said), None, 1.5, -(2**63), 2**63 - 1)
    value = values[how // 16 % len(values)]
    names = ("schema", "event_toml", "event_name", "roster_csv", "roster_name", "root", "session", "clock", "ingest", "link", "address")
    with closing(sqlite3.connect(path)) as db, db:
        name = names[how % 16 % len(names)]
        try:
            if how % 16 < len(names):
                db.execute("INSERT OR REPLACE INTO race VALUES (?, ?)", (name, value))
            else:
                row = [b"key", 1, "tracker/hill/col/passage", b"{}"]
                row[how % 16 - len(names) - 1] = value
                db.execute("INSERT INTO fact (key, received_ms, topic, payload) VALUES (?, ?, ?, ?)", row)
                db.execute("INSERT INTO quarantine (received_ms, topic, payload, reason) VALUES (?, ?, ?, ?)", (*row[1:], "?"))
        except sqlite3.IntegrityError:
            return  # not even SQLite takes that


async def _open(path: Path) -> None:
    """As whoever looks at a race opens it."""
    try:
        async with await Journal.open(path) as opened:
            clock = await opened.clock()
            await opened.link()
            await opened.ingest()
            await opened.quarantined()
            folded = Fold(opened.sources, live=not clock.simulated, now_ms=clock.now_ms())
            await folded.catch_up(opened)
            folded.field.advance(max(clock.now_ms(), folded.field.now_ms))
            check(folded.field)
            folded.alerts()
    except (JournalError, FileError) as error:
        assert str(error)


TARGETS: dict[str, Target] = {
    "wire": wire,
    "line": line,
    "event": event,
    "roster": roster,
    "packets": packets,
    "outbox": outbox,
    "journal": journal,
}
SEEDS: dict[str, tuple[bytes, ...]] = {
    "wire": (
        b'\0{"id":"a","bib":"1","time":"2022-06-25T08:00:00+02:00","way":"in","device":"col-1","seq":1,"source":"chip"}',
        b'\x04{"id":"a","time":1656129600000,"author":"d","reason":"r","race":"40k","checkpoint":"hut","extend_by":"-1h30","from":1}',
        b"\xfftracker/hill/col/passage\0{}",
    ),
    "line": (b'{"topic":"tracker/hill/col/passage","payload":{"id":"a"}}',),
    "event": (EVENT_TOML.encode(),),
    "roster": (ROSTER_CSV[:400].encode(), b"bib;race;first_name;last_name;birthdate;index\n1;40k;A;B;1980-02-29;500\n"),
    "packets": (
        b"\x05" + bytes.fromhex("101000044d5154540402003c000464657631") + bytes.fromhex("3009000474657374616263"),
        b"\x01" + bytes.fromhex("101100044d5154540502003c00000464657631"),
    ),
    "outbox": (b'{"topic":"tracker/hill/desk/note","payload":{"id":"a"}}\n{"topic"',),
    "journal": tuple(bytes((how,)) + b"1" for how in range(112)),
}
