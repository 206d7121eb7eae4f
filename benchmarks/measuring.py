"""How things are timed here: beside a baseline, in turns, in the same run.

A machine that others use makes figures noisy; a ratio of two runs that stand next to each other says more. So each round runs every
contender once, and a ratio is the median of the rounds' ratios.
"""

import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from tracker.memory import keep

Timed = Callable[[], Awaitable[float]]
"""Does its work once and returns the seconds that it took."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: `rounds` of each, and how many of what."""

    rounds: int
    decoded: int
    runners: tuple[int, ...]
    commits: int
    fed: int
    brokered: int
    published: int
    restarted: int


FULL = Scale(
    rounds=5,
    decoded=50_000,
    runners=(1_000, 10_000, 100_000),
    commits=200,
    fed=50_000,
    brokered=20_000,
    published=100_000,
    restarted=1_000_000,
)
QUICK = Scale(rounds=3, decoded=10_000, runners=(1_000, 5_000), commits=20, fed=10_000, brokered=5_000, published=20_000, restarted=40_000)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `holds` is None where nothing was promised, or nothing could be measured."""

    what: str
    figure: str
    beside: str = ""
    ratio: float | None = None
    bound: str = ""
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Medians in seconds, and how many times as long as the baseline it took (the median of the rounds' ratios)."""

    seconds: float
    baseline_s: float
    times: float

    @property
    def speed(self) -> float:
        """How fast it was as a share of the baseline's rate, both having done as much."""
        return 1 / self.times


async def compare(rounds: int, ours: Timed, baseline: Timed) -> Compared:
    """Run both in turns and compare them."""
    pairs = [(await ours(), await baseline()) for _ in range(rounds)]
    return Compared(median(own for own, _ in pairs), median(bare for _, bare in pairs), median(own / bare for own, bare in pairs))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what is loaded already out of the garbage collector's sight, as the program does before it begins its work."""
    before = gc.get_threshold()
    gc.collect()
    keep()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def rate(count: int, seconds: float, unit: str) -> str:
    """So many a second, in words."""
    return f"{count / seconds:,.0f} {unit}/s"
