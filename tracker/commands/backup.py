"""`tracker backup`: a copy of a journal, also while it is written."""

import asyncio
from argparse import Namespace

from tracker.journal import back_up
from tracker.text import count


async def run(args: Namespace) -> int:
    """Copy a journal, whole or not at all."""
    made = await asyncio.to_thread(back_up, args.journal, args.to)
    print(f"{args.to}: {count(made.facts, 'fact')} and {count(made.quarantined, 'message')} in quarantine, proved sound")
    return 0
