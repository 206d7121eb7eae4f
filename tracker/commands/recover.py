"""`tracker recover`: what a damaged journal still holds, into a new one; what does not prove to be as it came is kept aside."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path

from tracker.commands.opening import UsageError, proof_of, read_sources
from tracker.files.event import read_event
from tracker.files.finding import FileError
from tracker.files.roster import read_roster
from tracker.journal import BATCH, Found, QuarantineRow, Sources, Wreck, is_being_written, made_whole
from tracker.progress import progress
from tracker.text import count

_KEPT = ("session", "clock", "address")
"""What the new journal takes over: under the session a broker keeps what waits for the tracker."""
_RANGES_SHOWN = 20


async def run(args: Namespace) -> int:
    """Make a journal of what can be read of a damaged one; exit code 1 when that is not all there was."""
    if (args.event is None) != (args.roster is None):
        raise UsageError("--event and --roster go together: a journal is made from both")
    if args.new.exists():
        raise UsageError(f"{args.new}: there is a file already; choose another name")
    if is_being_written(args.damaged):
        raise UsageError(f"{args.damaged}: a tracker is writing it; stop that one first")
    wreck = Wreck(args.damaged)
    named = wreck.named()
    inside = _sources(named)
    sources = inside or _given(args, named)
    with progress(f"reading {args.damaged.name}", wreck.pages) as step:
        found = wreck.rows(proof_of(sources), step)
    if not inside and not found.facts and not found.quarantined:
        raise UsageError(f"{args.damaged}: nothing of a journal can be read in it; take the copy of another machine, or a backup")
    if found.garbled and not found.facts:
        raise UsageError(
            f"{args.damaged}: none of its {count(len(found.garbled), 'fact')} is one of {sources.event_name} below {sources.root}/; "
            "give the files that it was made from, and --root if it was not the usual one"
        )
    await _write(args.new, sources, {name: named[name] for name in _KEPT if name in named}, found)
    facts, aside = count(len(found.facts), "fact"), count(len(found.quarantined), "message")
    print(f"{args.new}: {facts} and {aside} in quarantine saved, each fact proved by its key; what devices still hold they send again")
    if inside is None:
        print(f"the event file and the roster are {args.event} and {args.roster}")
    elif args.event is not None:
        print("the event file and the roster in it are as they were stored, so those were taken")
    faults = [*_faults(wreck, found)]
    for fault in faults:
        print(f"{args.damaged}: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _sources(named: dict[str, str]) -> Sources | None:
    """The event file and the roster of a damaged journal; None when they are not there, or not as they were."""
    if not set(Sources._fields) <= set(named):
        return None
    sources = Sources(*(named[name] for name in Sources._fields))
    if named.get("sum", sources.sum) != sources.sum:
        return None
    try:
        read_roster(sources.roster_csv, sources.roster_name, read_event(sources.event_toml, sources.event_name))
    except FileError:
        return None
    return sources


def _given(args: Namespace, named: dict[str, str]) -> Sources:
    if args.event is None:
        raise UsageError(
            f"{args.damaged}: its event file and roster cannot be read; give those that it was made from: --event EVENT.toml --roster R.csv"
        )
    sources = read_sources(args.event, args.roster, args.root)
    names = (named.get("event_name", sources.event_name), named.get("roster_name", sources.roster_name))
    as_it_was = sources._replace(event_name=names[0], roster_name=names[1])
    return as_it_was if named.get("sum") == as_it_was.sum else sources


async def _write(path: Path, sources: Sources, named: dict[str, str], found: Found) -> None:
    aside = [QuarantineRow.of_garbled(row) for row in found.garbled]
    async with made_whole(path, sources, named) as journal:
        with progress(f"writing {path.name}", len(found.facts)) as step:
            for first in range(0, len(found.facts), BATCH):
                some = found.facts[first : first + BATCH]
                await journal.append(some)
                step(len(some))
        await journal.append([], [*found.quarantined, *aside])


def _faults(wreck: Wreck, found: Found) -> Iterator[str]:
    """What is lost, a line each."""
    if wreck.pages_said > wreck.pages_there:
        yield f"has {wreck.pages_there:,} of its {wreck.pages_said:,} pages; what stood on the others alone is not known"
    if wreck.log:
        yield wreck.log
    if found.missing:
        yield f"{count(len(found.missing), 'fact')} cannot be read: no. {ranges(found.missing)}; look in a backup, or on the devices"
    if found.garbled:
        numbers = ranges(sorted(row.no for row in found.garbled))
        yield f"{count(len(found.garbled), 'fact')} garbled, now in quarantine: no. {numbers}; look in a backup, or on the devices"


def ranges(numbers: Iterable[int]) -> str:
    """Rising numbers as a person writes them: `3, 7-12, 40`; the first twenty of them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number <= runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs[:_RANGES_SHOWN])
    return told if len(runs) <= _RANGES_SHOWN else f"{told} and {count(len(runs) - _RANGES_SHOWN, 'more range')}"
