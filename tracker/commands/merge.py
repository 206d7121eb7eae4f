"""`tracker merge`: the union of the facts of several journals of one race."""

import sys
from argparse import Namespace
from pathlib import Path

from tracker.commands.opening import UsageError, differs, proof_of
from tracker.journal import Journal, Proof, QuarantineRow
from tracker.progress import progress
from tracker.text import count


async def run(args: Namespace) -> int:
    """Add to the first journal every fact, and every quarantined message, that another has and it has not; exit code 1 when a fact there
    is not as it came.
    """
    sound = True
    async with await Journal.open(args.into, writable=True) as into:
        is_true = proof_of(into.sources)
        for path in args.sources:
            async with await Journal.open(path) as source:
                difference = differs(into.sources, source.sources)
                if difference is not None:
                    raise UsageError(f"{path}: has another {difference} than {args.into}; only journals of one race can be merged")
                total, new, garbled = await _add(into, source, path, is_true)
            print(f"{path}: {total} facts, {new} of them new to {args.into}")
            if garbled:
                sound = False
                words = f"{count(garbled, 'fact')} garbled, so in quarantine now; look in a backup, or on the devices"
                print(f"{path}: {words}", file=sys.stderr)
    return 0 if sound else 1


async def _add(into: Journal, source: Journal, path: Path, is_true: Proof) -> tuple[int, int, int]:
    """How many facts the source has, how many of them were new, and how many are garbled: under its key such a one would keep out the
    true fact for ever.
    """
    total, _ = await source.counts()
    new = garbled = 0
    with progress(f"merging {path.name}", total) as step:
        async for rows in source.facts():
            aside = [QuarantineRow.of_garbled(row) for row in rows if not is_true(row)]
            new += await into.append([row for row in rows if is_true(row)] if aside else rows, aside)
            garbled += len(aside)
            step(len(rows))
    last = 0
    while rejected := await source.quarantined(last):
        await into.append([], rejected)
        last = rejected[-1].no
    return total, new, garbled
