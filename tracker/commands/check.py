"""`tracker check`: every fault and every doubt of an event file and a roster."""

import sys
from argparse import Namespace

from tracker.commands.opening import read_text
from tracker.files.check import Severity, check_event, check_roster
from tracker.files.event import read_event
from tracker.text import count


async def run(args: Namespace) -> int:
    """Print doubts on stdout and faults on stderr; exit code 1 for faults, and with `--strict` for doubts."""
    text = read_text(args.event)
    found = check_event(text, str(args.event))
    if args.roster is not None and not any(finding.severity is Severity.FAULT for finding in found):
        found += check_roster(read_event(text, str(args.event)), read_text(args.roster), str(args.roster))
    faults = [finding for finding in found if finding.severity is Severity.FAULT]
    for finding in found:
        print(f"{finding.severity.value}: {finding}", file=sys.stderr if finding.severity is Severity.FAULT else sys.stdout)
    doubts = len(found) - len(faults)
    print(f"{args.event}: {count(len(faults), 'fault')}, {count(doubts, 'doubt')}")
    return 1 if faults or (args.strict and doubts) else 0
