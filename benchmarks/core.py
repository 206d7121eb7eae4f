"""The core alone: facts in order of time into a field that somebody looks at over and over, for fields of several sizes.

What the core promises is that a fact costs one runner, not the field: the rate must hardly fall as the field grows. So all fields are
looked at equally often in a race, and a fact has the same share in an evaluation and in a look at every size. (A look every so many facts
would spare the small fields nearly all evaluations, since many facts of one runner come between two looks.)
"""

from statistics import median
from time import perf_counter

from benchmarks.measuring import Row, Scale, quiet, rate
from benchmarks.synthetic import RACE, SyntheticRace
from tracker.core.facts import Passage
from tracker.core.field import Field

_CHECKPOINTS = 20
_LOOKS = 200
_ROUNDS_MAX = 3
_LEADERS = 20
_LEAST = 0.8


async def measure(scale: Scale) -> list[Row]:
    """Passages a second at each size; the bound is on the largest against the smallest."""
    races = [SyntheticRace(runners, _CHECKPOINTS) for runners in scale.runners]
    facts = [list(race.facts()) for race in races]
    rounds = [
        [len(passages) / _run(race, passages) for race, passages in zip(races, facts, strict=True)]
        for _ in range(min(scale.rounds, _ROUNDS_MAX))
    ]
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
    field, every = Field(race.event, race.roster), len(facts) // _LOOKS
    with quiet():
        began_s = perf_counter()
        for first in range(0, len(facts), every):
            chunk = facts[first : first + every]
            for fact in chunk:
                field.add(fact)
            field.advance(chunk[-1].at_ms)
            field.leaders(RACE, _LEADERS)
        field.standings(RACE)
        return perf_counter() - began_s
