"""`tracker check`: every fault and every doubt of an event file, a roster and a series file."""

import sys
from argparse import Namespace

from tracker.commands.opening import read_text
from tracker.files.check import Severity, check_event, check_roster
from tracker.files.event import read_event
from tracker.files.series_and_event import check_series
from tracker.text import count


async def run(args: Namespace) -> int:
    """Print doubts on stdout and faults on stderr; exit code 1 for faults, and with `--strict` for doubts."""
    text = read_text(args.event)
    found = check_event(text, str(args.event))
    event = None if any(finding.severity is Severity.FAULT for finding in found) else read_event(text, str(args.event))
    if args.roster is not None and event is not None:
        found += check_roster(event, read_text(args.roster), str(args.roster))
    if args.series is not None:
        found += check_series(read_text(args.series), str(args.series), event, str(args.event))
    faults = [finding for finding in found if finding.severity is Severity.FAULT]
    for finding in found:
        print(f"{finding.severity.value}: {finding}", file=sys.stderr if finding.severity is Severity.FAULT else sys.stdout)
    doubts = len(found) - len(faults)
    print(f"{args.event}: {count(len(faults), 'fault')}, {count(doubts, 'doubt')}")
    return 1 if faults or (args.strict and doubts) else 0
