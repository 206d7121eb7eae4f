"""`tracker merge`: the union of the facts of several journals of one race."""

from argparse import Namespace

from tracker.commands.opening import UsageError, differs
from tracker.journal import Journal
from tracker.progress import progress


async def run(args: Namespace) -> int:
    """Add to the first journal every fact, and every quarantined message, that another has and it has not."""
    async with await Journal.open(args.into, writable=True) as into:
        for path in args.sources:
            async with await Journal.open(path) as source:
                difference = differs(into.sources, source.sources)
                if difference is not None:
                    raise UsageError(f"{path}: has another {difference} than {args.into}; only journals of one race can be merged")
                total, _ = await source.counts()
                new = 0
                with progress(f"merging {path.name}", total) as step:
                    async for rows in source.facts():
                        new += await into.append(rows)
                        step(len(rows))
                last = 0
                while rejected := await source.quarantined(last):
                    await into.append([], rejected)
                    last = rejected[-1].no
            print(f"{path}: {total} facts, {new} of them new to {args.into}")
    return 0
