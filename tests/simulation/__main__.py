"""Many simulated races in one command, on every core: `python -m tests.simulation --races 10000 --seed 1`.

A race in which something does not hold is said with its seed, how to run it again, and the last lines of its trace.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from itertools import islice

from tests.simulation.bugs import BUGS, bug
from tests.simulation.races import Outcome, run_race
from tracker.progress import progress

_TOGETHER = 20
_SHOWN = 5


def _some(first: int, count: int, named: str | None) -> list[Outcome]:
    with nullcontext() if named is None else bug(named):
        return [run_race(seed) for seed in range(first, first + count)]


def _all(first: int, count: int, processes: int, named: str | None) -> Iterator[list[Outcome]]:
    """The races in portions, in order; few are ever waiting, however many are asked."""
    portions = [(at, min(_TOGETHER, first + count - at), named) for at in range(first, first + count, _TOGETHER)]
    if processes == 1:
        yield from (_some(*portion) for portion in portions)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_some, *zip(*portions, strict=True))


def told(outcome: Outcome, named: str | None = None) -> str:
    """A race that failed, for whoever must find out why."""
    again = f"python -m tests.simulation --races 1 --seed {outcome.seed}" + (f" --bug {BUGS.index(named)}" if named else "")
    lines = [f"seed {outcome.seed} (trace {outcome.trace}): {len(outcome.violations)} violations; again: {again}"]
    lines += [f"  {violation}" for violation in outcome.violations]
    lines += ["  the last of what happened:", *(f"    {line}" for line in outcome.last)]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Simulate races with faults in every part.")
    parser.add_argument("--races", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first; the others follow on it (default: 1)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at once (default: one a core)")
    bugs = ", ".join(f"{number}: {name}" for number, name in enumerate(BUGS))
    parser.add_argument("--bug", type=int, choices=range(len(BUGS)), help=f"with one of the bugs that it must find ({bugs})")
    return parser


def main() -> int:
    """Exit code 1 when something did not hold."""
    args = _parser().parse_args()
    named = None if args.bug is None else BUGS[args.bug]
    began_s = time.monotonic()
    races = faults = facts = lost = 0
    failed: list[Outcome] = []
    with progress("simulated races", args.races) as step:
        for outcomes in _all(args.seed, args.races, args.processes if args.races > _TOGETHER else 1, named):
            for outcome in outcomes:
                races, faults, facts, lost = races + 1, faults + outcome.faults, facts + outcome.facts, lost + outcome.lost_by_liars
                if outcome.violations:
                    failed.append(outcome)
            step(len(outcomes))
    for outcome in islice(failed, _SHOWN):
        print(told(outcome, named), file=sys.stderr)
    took_s = time.monotonic() - began_s
    print(f"{races:,} races, {faults:,} faults, {facts:,} facts said, {lost:,} rows lost by lying disks and sent again")
    print(f"{len(failed)} races with violations; {races / took_s:.0f} races a second" + _seeds(failed))
    return 1 if failed else 0


def _seeds(failed: list[Outcome]) -> str:
    return f"; seeds {' '.join(str(outcome.seed) for outcome in failed)}" if failed else ""


if __name__ == "__main__":
    sys.exit(main())
