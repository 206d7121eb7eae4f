"""`tracker doctor`: is everything as it should be before the gun, and if not, what to do; nothing is changed by asking."""

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

import aiomqtt

from tracker.commands.access import access_of, broker_of
from tracker.commands.broker import mosquitto
from tracker.commands.home import is_at_home, session_name
from tracker.commands.opening import fold, proof_of
from tracker.commands.recover import ranges
from tracker.files.check import Severity, check_event, check_roster
from tracker.files.event import read_event
from tracker.fold import Fold
from tracker.journal import Journal, JournalError, damage, writer_pid
from tracker.mqtt.address import Broker
from tracker.mqtt.probe import Kept, Visit, keeps_session, kept_while_away, visit
from tracker.mqtt.refusals import in_words
from tracker.text import count

OK, DOUBT, FAULT = "ok", "doubt", "fault"
_LIBRARIES = ("aiomqtt", "paho-mqtt", "aiosqlite", "msgspec", "orjson", "textual")
_ROOM_LITTLE, _ROOM_NONE = 2_000_000_000, 200_000_000
_SLOW_S, _SYNCS = 0.05, 20
_CLOCK_S = 2.0
_SURE_OF_CLOCK = 3
_TRIED_LEAST, _TRIED_MOST = 2_000, 20_000
_READS = 2


class Line(NamedTuple):
    """One thing that was looked at, and how it is."""

    grade: str
    words: str


async def run(args: Namespace) -> int:
    """Print a line for each thing, faults on stderr; exit code 1 when there is one."""
    grades = []
    async for line in _examine(args):
        grades.append(line.grade)
        print(f"{line.grade}: {line.words}", file=sys.stderr if line.grade == FAULT else sys.stdout, flush=True)
    print(f"{args.journal}: {count(grades.count(FAULT), 'fault')}, {count(grades.count(DOUBT), 'doubt')}, {grades.count(OK)} ok")
    return 1 if FAULT in grades else 0


async def _examine(args: Namespace) -> AsyncIterator[Line]:
    given, access = broker_of(args), access_of(args)
    yield _versions()
    for line in _disk(args.journal.absolute().parent):
        yield line
    try:
        found = await damage(args.journal) if args.journal.is_file() else None
        if found is not None:
            remedy = "stop the ingest, and keep the file: tracker recover saves what can be read; or take the copy of another machine"
            yield Line(FAULT, f"{args.journal}: is damaged ({found}); {remedy}")
            return
        journal = await Journal.open(args.journal)
    except JournalError as error:
        yield Line(FAULT, str(error))
        return
    async with journal:
        folded = await fold(journal)
        facts, quarantined = await journal.counts()
        yield await _facts(journal, facts)
        if quarantined:
            yield Line(DOUBT, f"{args.journal}: {count(quarantined, 'message')} in quarantine; tracker status says why")
        for line in _files(journal, folded):
            yield line
        ingest = await journal.ingest()
        address = None if ingest is None else ingest.address
        link = await journal.link()
        clock = await journal.clock()
        session = await session_name(journal, folded.event.id) if await is_at_home(journal) else None
    broker = given or (None if address is None else Broker.parse(address, access))
    yield _ingest(args.journal, address, None if link is None else link.fault)
    yield _clock(folded) if not clock.simulated else Line(OK, "the race runs on a simulated clock")
    if broker is not None:
        found_there = await visit(broker, journal.sources.root, folded.event.id)
        for line in _broker(broker, found_there):
            yield line
        if found_there.kept and not facts:
            yield Line(DOUBT, f"{broker}: {_rehearsed(found_there.kept, journal.sources.root, folded.event.id)}")
        if found_there.live:
            yield await _limit(broker, folded)
        if found_there.granted and session is not None and writer_pid(args.journal) is None:  # else it would be thrown out
            yield await _session(broker, session)


async def _facts(journal: Journal, facts: int) -> Line:
    """Whether each fact is as it came: SQLite's checks look at what holds the facts, and not into them."""
    is_true = proof_of(journal.sources)
    garbled = [row.no async for rows in journal.facts() for row in rows if not is_true(row)]
    if not garbled:
        return Line(OK, f"{journal.path}: whole, {count(facts, 'fact')}")
    what = f"{count(len(garbled), 'fact')} of {facts:,} garbled: no. {ranges(garbled)}"
    remedy = "stop the ingest: tracker recover puts them aside, and the devices are asked for them again"
    return Line(FAULT, f"{journal.path}: {what}; {remedy}")


def _versions() -> Line:
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    words = f"tracker {version('trail-tracker')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    binary = mosquitto()
    if binary is None:
        return Line(OK, f"{words}, no Mosquitto on this machine")
    said = subprocess.run([binary, "-h"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return Line(OK, f"{words}, {said.partition(chr(10))[0].replace(' version', '') or 'Mosquitto'}")


def _disk(folder: Path) -> Iterator[Line]:
    """Room for a race, and how long what is acknowledged takes to be on the disk."""
    try:
        free = shutil.disk_usage(folder).free
        took_s = _sync_s(folder)
    except OSError as error:
        yield Line(FAULT, f"{folder}: cannot be written ({error.strerror}); give a journal in a folder of your own, on a disk with room")
        return
    grade = FAULT if free < _ROOM_NONE else DOUBT if free < _ROOM_LITTLE else OK
    yield Line(grade, f"{folder}: {free / 1e9:.1f} GB free" + ("" if grade == OK else "; make room: without it nothing is taken in"))
    slow = took_s > _SLOW_S
    remedy = "; is it a memory card or a network disk? Put the journal on an SSD of this machine"
    yield Line(DOUBT if slow else OK, f"{folder}: a commit takes about {took_s * 1000:.1f} ms to be on the disk" + (remedy if slow else ""))


def _sync_s(folder: Path) -> float:
    """The median of some writes that are waited for."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_SYNCS):
            began_s = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began_s)
    return median(took)


def _files(journal: Journal, folded: Fold) -> Iterator[Line]:
    """The event file and the roster that the journal holds, as tracker check sees them."""
    sources = journal.sources
    found = check_event(sources.event_toml, sources.event_name)
    found += check_roster(read_event(sources.event_toml, sources.event_name), sources.roster_csv, sources.roster_name)
    for one in found:
        if one.severity is Severity.FAULT:
            yield Line(FAULT, str(one))
    doubts = [one for one in found if one.severity is Severity.DOUBT]
    files = f"{sources.event_name}, {sources.roster_name}"
    if doubts:
        yield Line(DOUBT, f"{files}: {count(len(doubts), 'doubt')}, the first: {doubts[0]} tracker check says all")
    else:
        entries = len(folded.field.roster.by_bib)
        yield Line(OK, f"{files}: {count(len(folded.event.races), 'race')}, {count(entries, 'entrant')}, nothing to doubt")


def _ingest(path: Path, address: str | None, fault: str | None) -> Line:
    pid = writer_pid(path)
    if pid is None:
        return Line(DOUBT, f"no ingest runs on {path}; start tracker run: a broker keeps messages for it from its first start on")
    if fault is not None:
        return Line(FAULT, f"the ingest (pid {pid}) has no broker: {fault}")
    return Line(OK, f"the ingest runs (pid {pid}) and takes messages at {address or 'a place that it will say'}")


def _clock(folded: Fold) -> Line:
    """This machine's clock beside those of the devices: where most of them agree on another time, it is this one that is wrong."""
    ahead_s = {name: one.offset_ms / 1000 for name, one in folded.offsets().items() if one.heartbeats >= _SURE_OF_CLOCK}
    if not ahead_s:
        return Line(DOUBT, "this machine's clock: no device has sent three heartbeats yet to compare it with; compare it with a telephone")
    middle_s = median(ahead_s.values())
    agree = sum(abs(one - middle_s) <= _CLOCK_S for one in ahead_s.values())
    of = f"{agree} of {count(len(ahead_s), 'device')}"
    if abs(middle_s) <= _CLOCK_S:
        return Line(OK, f"this machine's clock agrees with the heartbeats of {of}")
    way = "behind" if middle_s > 0 else "ahead of"
    remedy = "set it by the network (timedatectl set-ntp true); if it is they who are wrong, correct them at the desk"
    return Line(DOUBT if agree * 2 <= len(ahead_s) else FAULT, f"this machine's clock is {abs(middle_s):.0f} s {way} {of}; {remedy}")


def _broker(broker: Broker, found: Visit) -> Iterator[Line]:
    who = f"account {broker.access.username}" if broker.access.username else "nobody's account"
    if found.fault is not None:
        yield Line(FAULT, f"{broker}: {found.fault}")
        return
    yield Line(OK, f"{broker}: lets {who} in" + (f", {found.system['version']}" if "version" in found.system else ""))
    if not found.granted:
        yield Line(FAULT, f"{broker}: refuses {who} the event's topics; allow it to read them, or take the account of the ingest")
        return
    if not found.system and broker.access.username is None:
        yield Line(OK, f"{broker}: says nothing of itself, as the tracker's own endpoint does")
        return
    if not found.system:
        yield Line(
            DOUBT, f"{broker}: says nothing of itself ($SYS) to {who}, so what it drops is not known; ask as the ingest's account, tracker"
        )
        return
    dropped = int(found.system.get("publish/messages/dropped", "0"))
    if dropped:
        yield Line(DOUBT, f"{broker}: has dropped {count(dropped, 'message')} since it started; see max_queued_messages in docs/broker.md")
    if found.live:
        yield Line(OK, f"{broker}: {who} can tell the screens, and hears the event")
    else:
        yield Line(DOUBT, f"{broker}: {who} writes or hears no live topics, as an ingest must; take the account tracker for that")


def _rehearsed(kept: frozenset[str], root: str, event: str) -> str:
    """By what a device said in a rehearsal the race would wait for numbers that never come, and its station would never be heard whole."""
    stations = ", ".join(sorted({topic.split("/")[-2] for topic in kept}))
    what = f"keeps what devices at {stations} said last, though this race has no fact: of a rehearsal?"
    return f"{what} Then forget it before the first device is there: mosquitto_sub -t '{root}/{event}/#' --remove-retained -W 3"


async def _limit(broker: Broker, folded: Fold) -> Line:
    """Whether a broker keeps what a race sends while the ingest is away: many keep no more than a hundred or a thousand messages."""
    roster = folded.field.roster.by_bib.values()
    passings = sum(len(folded.event.by_id[entrant.race].checkpoints) for entrant in roster)
    topic = folded.wire.topic("live", "doctor/queue")
    try:
        kept: Kept = await kept_while_away(broker, topic, min(_TRIED_MOST, max(_TRIED_LEAST, _READS * passings)))
    except (aiomqtt.MqttError, OSError) as error:  # a TimeoutError too
        return Line(DOUBT, f"{broker}: whether it keeps messages for who is away could not be tried ({in_words(error, broker)}); ask again")
    if kept.came < kept.of:
        words = f"keeps {kept.came:,} messages for an ingest that is away, of {kept.of:,} tried, and throws the others away"
        return Line(DOUBT, f"{broker}: {words}; set max_queued_messages there, see docs/broker.md")
    return Line(OK, f"{broker}: keeps what comes while the ingest is away, all of {kept.of:,} messages tried")


async def _session(broker: Broker, session: str) -> Line:
    """Whether messages are kept for the ingest while it does not run."""
    try:
        if await keeps_session(broker, session):
            return Line(OK, f"{broker}: keeps messages for the ingest in the session {session}")
    except (aiomqtt.MqttError, OSError) as error:
        return Line(DOUBT, f"{broker}: could not be asked for the session {session} ({in_words(error, broker)}); ask again")
    return Line(DOUBT, f"{broker}: has no session {session} any more, so it keeps nothing for the ingest; start tracker run")
