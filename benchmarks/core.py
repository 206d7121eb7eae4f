"""The core alone: facts in order of time into a field that somebody looks at over and over, for fields of several sizes.

What the core promises is that a fact costs one runner, not the field. A larger race is also more memory, and a processor's caches make
the same work slower there, whatever the code does. So the largest field stands beside as many small ones as make up its size: all are fed
in turns, as many facts as the large one, then all are looked at. The same facts, the same memory, the same looks; only the size of a field
differs. The bound is on that ratio, and the plain rates stand above it. Facts are made just before they are taken in, untimed, as a decoder
would have made them.
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


async def measure(scale: Scale) -> list[Row]:
    """Passages a second at each size, and the largest field beside small ones of the same number of runners in all."""
    small, large = scale.runners[0], scale.runners[-1]
    rates: dict[tuple[int, int], list[float]] = {}
    for _ in range(min(scale.rounds, _ROUNDS_MAX)):
        for runners, fields in (*((size, 1) for size in scale.runners), (small, large // small)):
            rates.setdefault((runners, fields), []).append(_rate(runners, fields))
    rows = [Row(f"core, {runners:,} runners", rate(1, 1 / median(rates[runners, 1]), "passages")) for runners in scale.runners]
    ratio = median(one / many for one, many in zip(rates[large, 1], rates[small, large // small], strict=True))
    what, beside = f"core, one field of {large:,} runners", f"{large // small} fields of {small:,} runners"
    figure = rate(1, 1 / median(rates[large, 1]), "passages")
    return [*rows, Row(what, figure, beside, ratio, f">= {_LEAST}", ratio >= _LEAST)]


def _rate(runners: int, fields: int) -> float:
    """Passages a second, from the first fact to the full standings, of `fields` fields fed in turns."""
    race = SyntheticRace(runners, _CHECKPOINTS)
    each = race.count // _LOOKS
    feeds = [(Field(race.event, race.roster), race.facts()) for _ in range(fields)]
    spent_s = 0.0
    with quiet():
        for look in range(_LOOKS):
            chunks = [list(islice(facts, each if look < _LOOKS - 1 else None)) for _, facts in feeds]
            began_s = perf_counter()
            for first in range(0, len(chunks[0]), slice_size := max(1, _AT_ONCE // fields)):
                for (field, _), chunk in zip(feeds, chunks, strict=True):
                    field.extend(chunk[first : first + slice_size])
            for (field, _), chunk in zip(feeds, chunks, strict=True):
                field.advance(chunk[-1].at_ms)
                field.leaders(RACE, _LEADERS)
            spent_s += perf_counter() - began_s
        began_s = perf_counter()
        for field, _ in feeds:
            field.standings(RACE)
        spent_s += perf_counter() - began_s
    return race.count * fields / spent_s
