"""`tracker import roster`: a list of entries as a roster that `tracker check` takes, or every reason why it is none."""

import re
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from tracker.commands.opening import UsageError, read_text
from tracker.core.course import Event
from tracker.durable import write_whole
from tracker.files.check import Finding, Severity, check_roster
from tracker.files.event import read_event
from tracker.imports.places import Races
from tracker.imports.roster import Entries, read_entries
from tracker.imports.taking import Fault
from tracker.text import count


def run(args: Namespace) -> int:
    """Write the roster, whole or not at all; exit code 1 and nothing written where a line is at fault."""
    event = None if args.event is None else read_event(read_text(args.event), str(args.event))
    if args.race is not None and event is None:
        raise UsageError("--race needs --event, which says what races there are")
    entries = _read(args, event)
    findings = [] if event is None else [_in_the_file(one, args.file, entries) for one in check_roster(event, entries.text, str(args.file))]
    faults = [f"{args.file}: {one.where}: {one}" for one in entries.refused]
    if not faults:  # the cells that could not be read are empty here, and would be doubted for that
        faults = [str(one) for one in findings if one.severity is Severity.FAULT]
        for doubt in (one for one in findings if one.severity is Severity.DOUBT):
            print(f"doubt: {doubt}")
    for note in (*entries.notes, *(f"fault: {one}" for one in faults)):
        print(note, file=sys.stderr)
    print(f"columns: {entries.columns}")
    written = args.output is not None and not args.preview and not faults
    name = args.output if written else "nothing"
    print(f"{count(len(entries.where), 'entry', 'entries')}, {count(len(faults), 'fault')}; {name} was written")
    if written:
        _write(args.output, entries.text)
    return 1 if faults else 0


def _read(args: Namespace, event: Event | None) -> Entries:
    try:
        content = args.file.read_bytes()
    except OSError as error:
        raise UsageError(f"{args.file}: cannot be read ({error.strerror}); check the name") from error
    try:
        races = None if event is None else Races(event, args.race)
    except Fault as fault:
        raise UsageError(f"--race: {fault.what}; {fault.do[:1].lower()}{fault.do[1:]}") from None
    return read_entries(args.file, content, args.map, races, args.dates)


def _in_the_file(one: Finding, path: Path, entries: Entries) -> Finding:
    """What was found in the roster as it is in the file that it was made of: its line there."""

    def there(match: re.Match[str]) -> str:
        at = int(match[1]) - 2  # the first entry stands in line 2
        return entries.where[at] if 0 <= at < len(entries.where) else match[0]

    head = str(path)
    where = head + re.sub(r"\bline (\d+)", there, one.where.removeprefix(head))
    return replace(one, where=where, what=re.sub(r"\bline (\d+)", there, one.what))


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
