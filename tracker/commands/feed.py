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
        before = len(await journal.quarantined())
        with progress(f"feeding {args.messages.name}", len(lines)) as step:
            for first in range(0, len(lines), BATCH):
                chunk = lines[first : first + BATCH]
                batch, bad = _messages(chunk, first, args.messages.name)
                await journal.append([], bad)
                await intake.store(batch)
                step(len(chunk))
        counts = intake.counts
        faults = (await journal.quarantined())[before:]
    print(f"{len(lines)} messages: {counts.facts} new facts, {counts.repeats} known already, {len(faults)} in quarantine")
    for row in faults[:_FAULTS_SHOWN]:
        print(f"{args.messages}: {row.reason}", file=sys.stderr)
    if len(faults) > _FAULTS_SHOWN:
        print(f"{args.messages}: and {len(faults) - _FAULTS_SHOWN} more; all are kept in the journal's quarantine", file=sys.stderr)
    return 1 if faults else 0


def _read_lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the name") from error


def _messages(lines: list[bytes], first: int, name: str) -> tuple[list[tuple[str, bytes]], list[QuarantineRow]]:
    batch: list[tuple[str, bytes]] = []
    bad: list[QuarantineRow] = []
    received_ms = RaceClock().now_ms()
    for number, line in enumerate(lines, first + 1):
        try:
            topic, payload = message_of_line(line)
        except WireError as error:
            bad.append(QuarantineRow(0, received_ms, f"{name}:{number}", line, f"line {number}: {error}"))
        else:
            batch.append((topic, payload))
    return batch, bad
