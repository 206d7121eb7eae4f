"""The core alone: facts in order of time into a field that somebody looks at over and over, for fields of several sizes.

What the core promises is that a fact costs one runner, not the field, so the largest field stands beside the smallest. (It is a hundred
times the memory as well, which no processor's cache holds.) Facts are made just before they are taken in, untimed, as a decoder would have
made them.
"""

from itertools import islice
from statistics import median
from time import perf_counter

from benchmarks.measuring import Row, Scale, quiet, rate
from benchmarks.synthetic import RACE, SyntheticRace
from tracker.core.field import Field

_CHECKPOINTS = 20
_LOOKS = 200
_ROUNDS_MAX = 3
_LEADERS = 20
_AT_ONCE = 1_000
_LEAST = 0.8
_LONG_ENOUGH = 5_000
"""Runners: what is over sooner is measured a few times, and the middle one counts."""


async def measure(scale: Scale) -> list[Row]:
    """Passages a second at each size, and the largest field beside the smallest."""
    small, large = scale.runners[0], scale.runners[-1]
    rates: dict[int, list[float]] = {}
    for _ in range(min(scale.rounds, _ROUNDS_MAX)):
        for runners in scale.runners:
            times = max(1, _LONG_ENOUGH // runners)
            rates.setdefault(runners, []).append(median(_rate(runners) for _ in range(times)))
    rows = [Row(f"core, {runners:,} runners", _in_words(rates[runners])) for runners in scale.runners[:-1]]
    ratio = median(one / other for one, other in zip(rates[large], rates[small], strict=True))
    beside = f"{small:,} runners: {_in_words(rates[small])}"
    return [*rows, Row(f"core, {large:,} runners", _in_words(rates[large]), beside, ratio, f">= {_LEAST}", ratio >= _LEAST)]


def _in_words(rates: list[float]) -> str:
    return rate(1, 1 / median(rates), "passages")


def _rate(runners: int) -> float:
    """Passages a second, from the first fact to the full standings."""
    race = SyntheticRace(runners, _CHECKPOINTS)
    each = race.count // _LOOKS
    field, facts = Field(race.event, race.roster), race.facts()
    spent_s = 0.0
    with quiet():
        for look in range(_LOOKS):
            chunk = list(islice(facts, each if look < _LOOKS - 1 else None))
            began_s = perf_counter()
            for first in range(0, len(chunk), _AT_ONCE):
                field.extend(chunk[first : first + _AT_ONCE])
            field.advance(chunk[-1].at_ms)
            field.leaders(RACE, _LEADERS)
            spent_s += perf_counter() - began_s
        began_s = perf_counter()
        field.standings(RACE)
        spent_s += perf_counter() - began_s
    return race.count / spent_s
