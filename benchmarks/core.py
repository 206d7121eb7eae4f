"""The core alone: facts in order of time into a field that somebody looks at every so many facts, for fields of several sizes.

What the core promises is that a fact costs one runner, not the field: the rate must hardly fall as the field grows.
"""

from statistics import median
from time import perf_counter

from benchmarks.measuring import Row, Scale, quiet, rate
from benchmarks.synthetic import RACE, SyntheticRace
from tracker.core.facts import Passage
from tracker.core.field import Field

_CHECKPOINTS = 20
_LOOK_EVERY = 10_000
_LEADERS = 20
_LEAST = 0.8


async def measure(scale: Scale) -> list[Row]:
    """Passages a second at each size; the bound is on the largest against the smallest."""
    races = [SyntheticRace(runners, _CHECKPOINTS) for runners in scale.runners]
    facts = [list(race.facts()) for race in races]
    rounds = [[len(passages) / _run(race, passages) for race, passages in zip(races, facts, strict=True)] for _ in range(scale.rounds)]
    rows: list[Row] = []
    for number, race in enumerate(races):
        what = f"core, {race.runners:,} runners"
        figure = rate(1, 1 / median(rates[number] for rates in rounds), "passages")
        if number == 0:
            rows.append(Row(what, figure))
            continue
        ratio = median(rates[number] / rates[0] for rates in rounds)
        bound, holds = (f">= {_LEAST}", ratio >= _LEAST) if number == len(races) - 1 else ("", None)
        rows.append(Row(what, figure, f"at {races[0].runners:,} runners", ratio, bound, holds))
    return rows


def _run(race: SyntheticRace, facts: list[Passage]) -> float:
    """Seconds from the first fact to the full standings."""
    field = Field(race.event, race.roster)
    with quiet():
        began_s = perf_counter()
        for first in range(0, len(facts), _LOOK_EVERY):
            chunk = facts[first : first + _LOOK_EVERY]
            for fact in chunk:
                field.add(fact)
            field.advance(chunk[-1].at_ms)
            field.leaders(RACE, _LEADERS)
        field.standings(RACE)
        return perf_counter() - began_s
