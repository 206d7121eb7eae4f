"""`tracker import`: passages that others timed into a journal, the same path as MQTT from decoding on; and entries into a roster."""

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tracker.clock import RaceClock
from tracker.commands.opening import UsageError, open_or_create, read_sources
from tracker.core.facts import Fact
from tracker.core.soundness import digest
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.files.times import format_local
from tracker.fold import Fold
from tracker.imports.moments import Moments, read_date
from tracker.imports.passages import Context, context_of
from tracker.imports.places import Places, Races
from tracker.imports.reading import read_passages
from tracker.imports.taking import Fault, Refused, Said, Taken
from tracker.ingest import Intake
from tracker.journal import BATCH, Journal, QuarantineRow, Sources
from tracker.progress import progress
from tracker.text import count
from tracker.wire import Wire, WireError, encode

_FAULTS_SHOWN = 20
_NAMED = 8


async def run(args: Namespace) -> int:
    """Import passages, or say what would be taken; exit code 1 when a line of the file is none."""
    if (args.event is None) != (args.roster is None):
        raise UsageError("--event and --roster go together: a journal is made from both")
    sources = None if args.event is None else read_sources(args.event, args.roster, args.root)
    if args.preview and sources is not None and not args.journal.exists():
        return await _preview(args, sources, None)
    if args.preview or sources is None:
        journal = await Journal.open(args.journal, writable=not args.preview)
    else:
        journal = await open_or_create(args.journal, sources)
    async with journal:
        return await (_preview(args, journal.sources, journal) if args.preview else _take(args, journal))


async def _preview(args: Namespace, sources: Sources, journal: Journal | None) -> int:
    """Say what would be taken, and every fault; nothing is written."""
    context = _context(args, sources)
    taken = _read(args, context)
    wire = Wire(context.event.id, sources.root)
    refused, facts = list(taken.refused), []
    for said in taken.said:
        try:
            facts.append(_decoded(wire, said))
        except WireError as error:
            refused.append(_unsaid(said, str(error)))
    meanings = {_meaning(fact) for fact in facts}
    known = meanings & (set() if journal is None else await _known(journal, wire))
    for line in _told(taken, context):
        print(line)
    new = count(len(meanings) - len(known), "new fact")
    print(f"{new}, {len(known)} known already, {count(len(refused), 'fault')}; nothing was written")
    _say_faults(args.file, refused, len(refused))
    return 1 if refused else 0


async def _take(args: Namespace, journal: Journal) -> int:
    """Put what the file states into the journal, and what of it states nothing into quarantine, a batch at a time."""
    context = _context(args, journal.sources)
    taken = _read(args, context)
    if taken.refused and not taken.said:  # it was misread as a whole, and would only fill the quarantine
        _say_faults(args.file, taken.refused, _FAULTS_SHOWN, "; --preview shows them")
        raise UsageError(
            f"{args.file}: no line states a passage, so nothing was written; say --preview, and correct the file or the options"
        )
    wire = Wire(context.event.id, journal.sources.root)
    intake = Intake(journal, wire, RaceClock())
    known = await _known(journal, wire)
    refused, already = list(taken.refused), 0
    quarantined = [_row(args.file, one, intake.clock.now_ms()) for one in refused]
    for first in range(0, len(quarantined), BATCH):
        await journal.append([], quarantined[first : first + BATCH])
    with progress(f"importing {args.file.name}", len(taken.said)) as step:
        for first in range(0, len(taken.said), BATCH):
            some = taken.said[first : first + BATCH]
            fresh = [said for said in some if not _is_known(wire, said, known)]
            already += len(some) - len(fresh)
            messages = {_message(wire, said): said for said in fresh}
            await intake.store(list(messages))
            refused += [_unsaid(messages[row.topic, row.payload], row.reason) for row in intake.rejected]
            step(len(some))
    for line in _told(taken, context):
        print(line)
    repeats = already + intake.counts.repeats
    print(f"{count(intake.counts.facts, 'new fact')}, {repeats} known already, {len(refused)} in quarantine")
    if args.digest:
        print(f"digest {await _digest(journal)}")
    _say_faults(args.file, refused, _FAULTS_SHOWN, "; all are kept in the journal's quarantine")
    return 1 if refused else 0


def _context(args: Namespace, sources: Sources) -> Context:
    """What the file is read against. UsageError when an option does not fit the event."""
    event = read_event(sources.event_toml, sources.event_name)
    roster = read_roster(sources.roster_csv, sources.roster_name, event)
    try:
        day = None if args.date is None else read_date(args.date)
        moments = Moments(event, day, args.elapsed)
        return context_of(event, roster, moments, Places(event, args.place), Races(event, args.race))
    except Fault as fault:
        raise UsageError(f"{fault.what}; {fault.do[:1].lower()}{fault.do[1:]}") from None


def _read(args: Namespace, context: Context) -> Taken:
    try:
        content = args.file.read_bytes()
    except OSError as error:
        raise UsageError(f"{args.file}: cannot be read ({error.strerror}); check the name") from error
    taken, notes = read_passages(args.file, content, context, args.map)
    for note in notes:
        print(note, file=sys.stderr)
    return taken


def _message(wire: Wire, said: Said) -> tuple[str, bytes]:
    return wire.topic(said.station, said.kind), encode(said.fields)


def _decoded(wire: Wire, said: Said) -> Fact:
    """The fact. WireError when it is none; nothing that is imported is a last will."""
    fact = wire.decode(*_message(wire, said))
    assert isinstance(fact, msgspec.Struct)
    return fact


def _meaning(fact: Fact) -> tuple[object, ...]:
    """All that a fact says, however it was written: a time is the same in milliseconds and in words."""
    return (type(fact).__name__, *msgspec.structs.astuple(fact)[1:])


async def _known(journal: Journal, wire: Wire) -> set[tuple[object, ...]]:
    """What the journal says already."""
    found: set[tuple[object, ...]] = set()
    async for rows in journal.facts():
        facts, _ = wire.decode_all((row.topic, row.payload, row.key) for row in rows)
        found.update(map(_meaning, facts))
    return found


def _is_known(wire: Wire, said: Said, known: set[tuple[object, ...]]) -> bool:
    try:
        return _meaning(_decoded(wire, said)) in known
    except WireError:
        return False  # the intake says why, and keeps it


def _unsaid(said: Said, reason: str) -> Refused:
    return Refused(said.where, encode(said.fields), reason, "Correct it, or take the line out")


def _row(path: Path, one: Refused, received_ms: int) -> QuarantineRow:
    return QuarantineRow(0, received_ms, f"{path.name}: {one.where}", one.raw, str(one))


def _told(taken: Taken, context: Context) -> Iterator[str]:
    """What the file states, in words, for whoever must see that it was understood."""
    if taken.columns:
        yield f"columns: {taken.columns}"
    kinds = Counter(said.kind for said in taken.said)
    bibs = {str(said.fields["bib"]) for said in taken.said}
    told = " and ".join(count(number, kind) for kind, number in sorted(kinds.items())) or "no passages"
    yield f"{told} of {count(len(bibs), 'bib')}"
    stations = Counter(said.station for said in taken.said)
    yield from (f"  {station}: {number:,}" for station, number in stations.items())
    moments = [at_ms for said in taken.said if isinstance(at_ms := said.fields["time"], int)]
    if moments:
        zone = context.event.timezone
        yield f"from {format_local(min(moments), zone, date=True)} to {format_local(max(moments), zone, date=True)}"
    strangers = sorted(bibs - context.roster.by_bib.keys())
    if strangers:
        rest = f" and {len(strangers) - _NAMED} more" if len(strangers) > _NAMED else ""
        yield f"{count(len(strangers), 'bib')} not on the roster, kept and shown as alerts: {', '.join(strangers[:_NAMED])}{rest}"
    for why, number in taken.left_out.items():
        yield f"{count(number, 'line')} left out: {why}"


def _say_faults(path: Path, refused: list[Refused], most: int, rest: str = "") -> None:
    for one in refused[:most]:
        print(f"{path}: {one.where}: {one}", file=sys.stderr)
    if len(refused) > most:
        print(f"{path}: and {len(refused) - most} more{rest}", file=sys.stderr)


async def _digest(journal: Journal) -> str:
    """The digest of the results now, as `tracker status --json` has it."""
    clock = await journal.clock()
    folded = Fold(journal.sources, live=not clock.simulated)
    await folded.catch_up(journal)
    folded.field.advance(max(clock.now_ms(), folded.field.now_ms))
    return digest(folded.field)
