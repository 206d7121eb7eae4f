"""`tracker feed`: messages from a file into a journal, the same path as MQTT from decoding on."""

import sys
from argparse import Namespace
from pathlib import Path

from tracker.clock import RaceClock
from tracker.commands.opening import UsageError, open_or_create, read_sources
from tracker.files.event import read_event
from tracker.ingest import Intake
from tracker.journal import BATCH, Journal, QuarantineRow
from tracker.progress import progress
from tracker.wire import Wire, WireError, message_of_line

_FAULTS_SHOWN = 20


async def run(args: Namespace) -> int:
    """Append the messages of a file; exit code 1 when some of them had to go to quarantine."""
    if (args.event is None) != (args.roster is None):
        raise UsageError("--event and --roster go together: a journal is made from both")
    lines = _read_lines(args.messages)
    if args.event is None:
        journal = await Journal.open(args.journal, writable=True)
    else:
        journal = await open_or_create(args.journal, read_sources(args.event, args.roster, args.root))
    async with journal:
        wire = Wire(read_event(journal.sources.event_toml, journal.sources.event_name).id, journal.sources.root)
        intake = Intake(journal, wire, RaceClock())
        faults: list[tuple[int, str]] = []
        with progress(f"feeding {args.messages.name}", len(lines)) as step:
            for first in range(0, len(lines), BATCH):
                chunk = lines[first : first + BATCH]
                messages, bad = _messages(chunk, args.messages.name)
                await journal.append([], list(bad.values()))
                await intake.store(list(messages.values()))
                numbered = iter(messages.items())  # what was rejected is some of them, in their order
                rejected = [(next(n for n, one in numbered if one == (row.topic, row.payload)), row.reason) for row in intake.rejected]
                faults += sorted([*rejected, *((number, row.reason) for number, row in bad.items())])
                step(len(chunk))
        counts = intake.counts
    print(f"{len(lines)} messages: {counts.facts} new facts, {counts.repeats} known already, {len(faults)} in quarantine")
    for number, reason in faults[:_FAULTS_SHOWN]:
        print(f"{args.messages}: line {number}: {reason}", file=sys.stderr)
    if len(faults) > _FAULTS_SHOWN:
        print(f"{args.messages}: and {len(faults) - _FAULTS_SHOWN} more; all are kept in the journal's quarantine", file=sys.stderr)
    return 1 if faults else 0


def _read_lines(path: Path) -> list[tuple[int, bytes]]:
    """The lines that hold something, with their numbers in the file."""
    try:
        return [(number, line) for number, line in enumerate(path.read_bytes().splitlines(), 1) if line.strip()]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the name") from error


def _messages(lines: list[tuple[int, bytes]], name: str) -> tuple[dict[int, tuple[str, bytes]], dict[int, QuarantineRow]]:
    """The messages, and the lines that are none, by their numbers."""
    messages: dict[int, tuple[str, bytes]] = {}
    bad: dict[int, QuarantineRow] = {}
    received_ms = RaceClock().now_ms()
    for number, line in lines:
        try:
            messages[number] = message_of_line(line)
        except WireError as error:
            bad[number] = QuarantineRow(0, received_ms, f"{name}:{number}", line, str(error))
    return messages, bad
