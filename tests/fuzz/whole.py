"""Hostile messages through the whole intake into a real journal, and the account of them: each is a fact, in quarantine, or a last will.

`python -m tests.fuzz messages` runs this on a million; the tests on a few thousand. Nothing is held but hashes: the same seed gives the
same messages again, and each is looked up on the disk.
"""

import asyncio
import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from random import Random

from tests.fuzz.messages import Hostile, Message
from tests.fuzz.race import EVENT, SOURCES
from tracker import views
from tracker.cli import main
from tracker.clock import RaceClock
from tracker.commands.status import State, print_state
from tracker.core.facts import Fact
from tracker.core.soundness import check, digest
from tracker.core.stations import stations
from tracker.export import FORMATS, REFUSED
from tracker.export.results import Provenance, Results
from tracker.fold import Fold
from tracker.ingest import Intake
from tracker.journal import BATCH, FactRow, Journal
from tracker.paper.pages import Head, pages_of
from tracker.paper.startlist import startlist
from tracker.paper.station import station
from tracker.paper.unaccounted import unaccounted
from tracker.progress import progress
from tracker.text import clean_text
from tracker.wire import Offline, Wire, WireError, encode

_AFTERWARDS_MS = 1_656_129_600_000 + 20 * 3_600_000
_DESK_WORDS = 2_000
"""So many messages are the desk's, or one in five where that is less: they are people's words, and each judges the whole field anew."""
_COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("status", "--at", "2022-06-25T14:00:00+02:00", "--json"),
    ("export", "--format", "csv"),
    ("export", "--format", "json"),
    ("export", "--format", "parquet"),
    ("export", "--format", "itra", "--race", "40k"),
    ("export", "--format", "html"),
    ("export", "--format", "pdf"),
    ("print", "unaccounted", "--all"),
    ("print", "station"),
    ("print", "startlist"),
    ("changes", "--since", "2022-06-25T14:00:00+02:00"),
    ("whatif", "--cutoff", "40k/hut=+30m", "--onward"),
)


class Unaccounted(AssertionError):
    """A message is in neither place, or in both."""


@dataclass(slots=True)
class Account:
    """Where so many messages are. `distinct`: of them, by topic and payload; the next four are of those."""

    messages: int = 0
    distinct: int = 0
    facts: int = 0
    same_fact: int = 0
    quarantined: int = 0
    last_wills: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.kinds.items(), key=lambda one: -one[1]))
        return (
            f"{self.messages:,} messages, {self.distinct:,} of them distinct by topic and payload:\n"
            f"  {self.facts:10,} facts in the journal ({kinds})\n"
            f"  {self.same_fact:10,} the same content as one of these in another spelling\n"
            f"  {self.quarantined:10,} in quarantine, byte for byte, each with its reason\n"
            f"  {self.last_wills:10,} last wills, shown live and no evidence\n"
            f"  {self.distinct - self.facts - self.same_fact - self.quarantined - self.last_wills:10,} unaccounted for"
        )


def streams(seed: int, runs: int, largest: int) -> Iterator[list[Message]]:
    """The messages in batches, the same at every call."""
    hostile = Hostile(seed, largest, _DESK_WORDS / max(runs, _DESK_WORDS * 5))
    for first in range(0, runs, BATCH):
        yield hostile.batch(min(BATCH, runs - first))


async def take_in(journal: Journal, seed: int, runs: int, largest: int) -> Intake:
    """Through the intake that a broker's messages, the endpoint's and a file's go through."""
    intake = Intake(journal, Wire(EVENT), RaceClock())
    with progress("taking in", runs) as step:
        for batch in streams(seed, runs, largest):
            await intake.store(batch)
            step(len(batch))
    return intake


async def account(journal: Journal, batches: Iterator[list[Message]], runs: int) -> Account:
    """Look for every message on the disk, and count. Unaccounted: one is in neither place, or in both, or there is more than was sent."""
    wire, found, seen, keys = Wire(EVENT), Account(), set[bytes](), dict[bytes, Fact]()
    with progress("accounting", runs) as step:
        for batch in batches:
            fresh = [message for message in dict.fromkeys(batch) if _unseen(message, seen)]
            await _look(journal, wire, fresh, keys, found)
            found.messages += len(batch)
            step(len(batch))
    found.distinct = len(seen)
    found.facts = len(keys)
    on_disk = await journal.counts()
    if on_disk != (found.facts, found.quarantined):
        raise Unaccounted(f"{on_disk} facts and quarantined messages are on the disk; {found.facts, found.quarantined} were sent")
    return found


def _unseen(message: Message, seen: set[bytes]) -> bool:
    name = blake2b(message[0].encode() + b"\0\0" + message[1], digest_size=16).digest()
    if name in seen:
        return False
    seen.add(name)
    return True


async def _look(journal: Journal, wire: Wire, fresh: list[Message], keys: dict[bytes, Fact], found: Account) -> None:
    said: dict[Message, Fact | Offline | None] = {message: _decoded(wire, message) for message in fresh}
    facts = {fact.key: fact for fact in said.values() if fact is not None and not isinstance(fact, Offline)}
    there, why = await journal.known(list(facts)), await journal.why_quarantined(fresh)
    for message, fact in said.items():
        if isinstance(fact, Offline):
            found.last_wills += 1
            sound = message not in why
        elif fact is None:
            found.quarantined += 1
            sound = message in why and why[message] == clean_text(why[message], 1000) != ""
        else:
            sound = fact.key in there and message not in why
            if fact.key not in keys:
                kind = type(fact).__name__
                found.kinds[kind] = found.kinds.get(kind, 0) + 1
            found.same_fact += fact.key in keys
            if keys.setdefault(fact.key, fact) != fact:
                raise Unaccounted(f"{message!r:.500} has the key of another fact: {keys[fact.key]}")
        if not sound:
            raise Unaccounted(f"{message!r:.500} ({fact}) is not where it should be; in quarantine: {why.get(message, 'no')[:500]}")


def _decoded(wire: Wire, message: Message) -> Fact | Offline | None:
    try:
        return wire.decode(*message)
    except WireError:
        return None


async def fold_both_ways(journal: Journal, seed: int) -> Fold:
    """Fold the journal as it came and shuffled: both are sound, and the digest is the same."""
    rows = [row async for some in journal.facts() for row in some]
    with progress("folding as it came", len(rows)) as step:
        folded = _folded(rows, step)
    check(folded.field)
    assert folded.unreadable == []
    Random(seed).shuffle(rows)
    with progress("folding shuffled", len(rows)) as step:
        shuffled = _folded(rows, step)
    check(shuffled.field)
    assert digest(folded.field) == digest(shuffled.field)
    return folded


def _folded(rows: list[FactRow], step: Callable[[int], None]) -> Fold:
    folded = Fold(SOURCES, live=False)
    for first in range(0, len(rows), 10 * BATCH):
        some = rows[first : first + 10 * BATCH]
        folded.take(some)
        step(len(some))
    folded.field.advance(_AFTERWARDS_MS)
    return folded


def run(seed: int, runs: int, path: Path, largest: int = 1_000_000) -> str:
    """All of it on a new journal at `path`; returns what was found, in lines. AssertionError says what is not as it must be."""
    return asyncio.run(_through(seed, runs, path, largest))


async def _through(seed: int, runs: int, path: Path, largest: int) -> str:
    async with await Journal.create(path, SOURCES) as journal:
        counts = (await take_in(journal, seed, runs, largest)).counts
        found = await account(journal, streams(seed, runs, largest), runs)
        assert found.messages == counts.messages == runs
        assert found.facts == counts.facts
        folded = await fold_both_ways(journal, seed)
        lines = [str(found), f"field sound, digest {digest(folded.field)[:16]} folded as it came and shuffled"]
    return "\n".join([*lines, *(f"{name}: {size:,} bytes" for name, size in shown(folded).items())])


def shown(folded: Fold) -> dict[str, int]:
    """Make everything that can be shown of a field; returns how many bytes each has."""
    of, races, at_ms = folded.field, [race.id for race in folded.event.races], _AFTERWARDS_MS
    found = folded.alerts()
    made = {"status --json": encode(views.state(of, found, at_ms, folded.counted, 0, races))}
    made |= {f"live/{race}/standings": encode(views.standings(of, race, at_ms)) for race in races}
    made |= {f"live/{race}/ledger": encode(views.ledger(of, race)) for race in races}
    made["live/alerts"] = encode(views.alert_list(of, found, at_ms, 50))
    results = Results(of, at_ms, races, None, Provenance("provisional", digest(of), at_ms, "0"))
    made |= {f"export --format {name}": write(results) for name, write in FORMATS.items() if name not in REFUSED}
    of_each = [replace(results, races=(race,)) for race in races]
    made |= {f"export --format {name} --race {one.races[0]}": FORMATS[name](one) for name in REFUSED for one in of_each}
    made |= {f"export --format {name} --check": "\n".join(map(str, refused(results))).encode() for name, refused in REFUSED.items()}
    sections = {
        "unaccounted": unaccounted(of, races, everybody=False),
        "station": [section for one in stations(of) for section in station(of, one, races)],
        "startlist": startlist(of, races),
    }
    head = Head("Hill Race", "Hostile", ["afterwards"], folded.counted, digest(of))
    made |= {f"print {name}": "\n".join(map("\n".join, pages_of(head, all_))).encode() for name, all_ in sections.items()}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        print_state(State(folded, at_ms, folded.counted, 0, [], [], []), races)
    made["status"] = said.getvalue().encode()
    return {name: len(one) for name, one in made.items()}


def commands(path: Path) -> dict[str, int]:
    """Run every command that shows a journal; returns how many bytes each has printed. AssertionError when one of them fails."""
    printed = {}
    for name, *options in _COMMANDS:
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with contextlib.redirect_stdout(said):
            code = main([name, str(path), *options])
        assert code == 0, (name, options)
        printed[" ".join([name, *options])] = said.buffer.tell()
    return printed
