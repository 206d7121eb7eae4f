"""`python -m benchmarks`: every figure of the README from one run, and whether each bound holds."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

from benchmarks import (
    board,
    broker,
    core,
    decoding,
    endpoint,
    exports,
    feeding,
    forecast,
    line,
    restart,
    score,
    score_live,
    standings,
    storing,
    ticking,
)
from benchmarks.measuring import FULL, QUICK, Row, Scale
from benchmarks.table import bounds, markdown, plain

_TOPICS: dict[str, Callable[[Scale], Awaitable[list[Row]]]] = {
    "decode": decoding.measure,
    "core": core.measure,
    "clock": ticking.measure,
    "journal": storing.measure,
    "feed": feeding.measure,
    "mosquitto": broker.measure,
    "endpoint": endpoint.measure,
    "standings": standings.measure,
    "restart": restart.measure,
    "score": score.measure,
    "live": score_live.measure,
    "forecast": forecast.measure,
    "export": exports.measure,
    "board": board.measure,
    "line": line.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure each part of the tracker beside a baseline.")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=f"only these ({', '.join(_TOPICS)})")
    parser.add_argument("--quick", action="store_true", help="a small run of about a minute, to see that everything works")
    parser.add_argument("--markdown", action="store_true", help="print the table as it stands in the README")
    args = parser.parse_args(arguments)
    unknown = [name for name in args.topics if name not in _TOPICS]
    if unknown:
        parser.error(f"there is no topic {', '.join(unknown)}; choose from {', '.join(_TOPICS)}")
    rows = asyncio.run(_measure(args.topics or list(_TOPICS), QUICK if args.quick else FULL))
    print(markdown(rows) if args.markdown else plain(rows))
    if promised := bounds(rows):
        print(f"\n{promised}")
    return 1 if any(row.holds is False for row in rows) else 0


async def _measure(names: Sequence[str], scale: Scale) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += await _TOPICS[name](scale)
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
