"""The kill rounds: `python -m tests.killing --rounds 200 --rate 2000 --seed 1`; exit code 0: no fact was lost (docs/killing.md)."""

import asyncio
import random
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.killing.account import AccountError
from tests.killing.parts import PartError
from tests.killing.race import OWED_MAX, Race, Result

ROUNDS_A_RACE = 25
_WAYS = ("standby", "broker", "listen", "standby")


def deck(names: list[str], count: int, chance: random.Random) -> list[str]:
    """So many of the names, each about as often as any other, in any order."""
    found: list[str] = []
    while len(found) < count:
        found += chance.sample(names, len(names))
    return found[:count]


async def rounds(
    count: int, per_s: float, owed_max: int, seed: int, folder: Path, progress: Progress
) -> tuple[list[tuple[str, Result]], Counter[str]]:
    """Race after race, until there were so many rounds."""
    chance = random.Random(seed)
    killed: Counter[str] = Counter()
    results: list[tuple[str, Result]] = []
    task = progress.add_task("", total=count)
    while killed.total() < count:
        number = len(results)
        way = _WAYS[number % len(_WAYS)]
        race = Race(folder / f"race-{number}", way, per_s, chance, owed_max)
        kinds = deck(list(race.kinds), min(ROUNDS_A_RACE, count - killed.total()), chance)

        def said(kind: str) -> None:
            killed[kind] += 1
            progress.update(task, advance=1, description=f"race {len(results) + 1}: killed {kind}")

        result = await race.run(kinds, said)
        results.append((way, result))
        progress.print(line(len(results), way, len(kinds), result), highlight=False)
    return results, killed


def line(number: int, way: str, count: int, result: Result) -> str:
    """What became of a race."""
    totals = result.totals
    return (
        f"race {number:>2} ({way:>7}): {count} rounds, {totals.said:>7,} facts said at {result.per_s:,.0f}/s, 0 lost, 0 in quarantine, "
        f"same digest {totals.digest[:12]}, at most {totals.most_owed:,} waiting, "
        f"memory {result.tracker_peak_bytes >> 20} MiB (tracker), {result.scanner_peak_bytes >> 20} MiB (scanners)"
    )


def main() -> int:
    """Run the rounds and print what became of them."""
    parser = ArgumentParser("python -m tests.killing", description="Kill one part of a race after another, and account for every fact.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2_000, help="facts a second that the scanners try to say")
    parser.add_argument("--owed", type=int, default=OWED_MAX, help="a device with so many facts not acknowledged waits with its next read")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the races are, and stay (otherwise: a temporary folder)")
    args = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 200)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with TemporaryDirectory() as elsewhere, Progress(*columns, console=console) as progress:
        folder = args.folder or Path(elsewhere)
        try:
            results, killed = asyncio.run(rounds(args.rounds, args.rate, args.owed, args.seed, folder, progress))
        except (AccountError, PartError) as error:
            progress.print(f"FAILED: {error}", highlight=False)
            return 1
    for kind, count in killed.most_common():
        print(f"{count:>4} x killed {kind}")
    said = sum(result.totals.said for _, result in results)
    print(f"{killed.total()} rounds of kill -9, {said:,} facts said, 0 lost, every digest the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
