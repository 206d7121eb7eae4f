"""How the commands come to a journal: the files it is made from, and the field that is folded from it.

Reading files from disk for the commands happens here, once, with errors in words.
"""

from pathlib import Path

from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.fold import Fold
from tracker.journal import FactRow, Journal, JournalError, Proof, Sources
from tracker.memory import loading
from tracker.progress import progress
from tracker.wire import Wire, WireError


class UsageError(Exception):
    """The command cannot do what it was asked: what, where, and what to do, in one line."""


def read_text(path: Path) -> str:
    """A text file, UTF-8 with or without BOM. UsageError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the name") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def read_sources(event: Path, roster: Path, root: str) -> Sources:
    """An event file and a roster, read and proved whole. CourseError or RosterError lists every fault."""
    sources = Sources(event.name, read_text(event), roster.name, read_text(roster), root)
    read_roster(sources.roster_csv, str(roster), read_event(sources.event_toml, str(event)))
    return sources


async def open_or_create(path: Path, sources: Sources) -> Journal:
    """The journal of these sources, open for writing; made when it is not there. JournalError when it is another race's."""
    if not path.exists():
        return await Journal.create(path, sources)
    journal = await Journal.open(path, writable=True)
    difference = differs(journal.sources, sources)
    if difference is not None:
        await journal.close()
        raise JournalError(f"{path}: was made from another {difference}; give this race its own, or the files that one was made from")
    return journal


def differs(one: Sources, other: Sources) -> str | None:
    """In which of their files two journals differ, in words; None when they are of the same race."""
    if one.event_toml != other.event_toml:
        return "event file"
    if one.roster_csv != other.roster_csv:
        return "roster"
    return None if one.root == other.root else f"topic root ({one.root})"


def proof_of(sources: Sources) -> Proof:
    """By which a fact of these sources proves to be as it came."""
    wire = Wire(read_event(sources.event_toml, sources.event_name).id, sources.root)

    def is_true(row: FactRow) -> bool:
        try:
            return wire.decode(row.topic, row.payload).key == row.key  # type: ignore[union-attr]
        except WireError:
            return False

    return is_true


async def fold(journal: Journal, until_ms: int | None = None, known_ms: int | None = None) -> Fold:
    """Everything a journal holds, folded as who follows it until now (or did until `known_ms`), with a progress bar where it takes long."""
    clock = await journal.clock()
    folded = Fold(journal.sources, until_ms, live=not clock.simulated, now_ms=clock.now_ms() if known_ms is None else known_ms)
    facts, _ = await journal.counts()
    with loading(), progress(f"reading {journal.path.name}", facts) as step:
        await folded.catch_up(journal, known_ms, step)
    return folded
