"""What the clock alone costs: a field in the middle of its race whose time goes on, second by second, while no fact comes.

Cutoffs strike and runners become overdue in these seconds; whoever is not concerned must cost nothing. Beside it: everybody judged anew.
"""

from itertools import islice
from statistics import median
from time import perf_counter

from benchmarks.measuring import Row, Scale, quiet
from benchmarks.synthetic import RACE, SyntheticRace
from tracker.core.field import Field
from tracker.core.runner import evaluate

_CHECKPOINTS = 20
_SECONDS = 3_600
_MOST = 0.01


async def measure(scale: Scale) -> list[Row]:
    """The mean second of an hour, beside one look at every runner."""
    runners = scale.runners[1]
    rounds = [_round(runners) for _ in range(scale.rounds)]
    tick_s, everybody_s = median(tick_s for tick_s, _ in rounds), median(all_s for _, all_s in rounds)
    ratio = median(tick / everybody for tick, everybody in rounds)
    beside = f"everybody judged anew: {everybody_s * 1000:.0f} ms"
    what = f"a second of the clock, {runners:,} runners"
    return [Row(what, f"{tick_s * 1_000_000:.0f} µs", beside, ratio, f"<= {_MOST}", ratio <= _MOST)]


def _round(runners: int) -> tuple[float, float]:
    race = SyntheticRace(runners, _CHECKPOINTS)
    field = Field(race.event, race.roster)
    with quiet():
        facts = list(islice(race.facts(), race.count // 2))
        field.extend(facts)
        field.advance(facts[-1].at_ms)
        field.refresh()
        began_s = perf_counter()
        for _ in range(_SECONDS):
            field.advance(field.now_ms + 1_000)
            field.refresh()
        tick_s = (perf_counter() - began_s) / _SECONDS
        under, state = field.conditions(RACE), field.races[RACE]
        began_s = perf_counter()
        for runner in state.runners:
            evaluate(under, runner.entrant, runner.record, field.now_ms)
        return tick_s, perf_counter() - began_s
