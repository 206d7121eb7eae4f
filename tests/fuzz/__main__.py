"""`python -m tests.fuzz`: hostile messages through the whole intake, and a guided search for what crashes a reader.

`messages` needs nothing but the tests' own packages; the guided targets need `pip install -e '.[fuzz]'`.
"""

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

_GUIDED = ("wire", "line", "event", "roster", "packets", "outbox", "journal")


def main() -> int:
    """Run one target; exit code 1 when something was found."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Hostile input: every message is accounted for, nothing crashes."
    )
    parser.add_argument("target", choices=("messages", *_GUIDED), help="what to attack")
    parser.add_argument("--runs", type=int, default=1_000_000, metavar="N", help="so many inputs (default: 1000000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed, the same inputs (default: 1)")
    parser.add_argument("--largest", type=int, default=1_000_000, metavar="BYTES", help="the largest message (default: 1000000)")
    args = parser.parse_args()
    if args.target != "messages":
        from tests.fuzz.guided import search  # noqa: PLC0415  atheris is not among the tests' own packages

        search(args.target, args.runs, args.seed)
        return 0
    from tests.fuzz import whole  # noqa: PLC0415  the guided search must be the first to import what it watches

    logging.disable(logging.WARNING)  # a line a last will
    began_s = monotonic()
    with TemporaryDirectory() as folder:
        try:
            print(whole.run(args.seed, args.runs, Path(folder) / "race.db", args.largest))
        except AssertionError as error:
            print(f"seed {args.seed}: {error}", file=sys.stderr)
            return 1
    print(f"{monotonic() - began_s:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
