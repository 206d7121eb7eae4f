"""A race's worth of messages in memory, to the full standings: what a restart, a replay or a look back in time waits for."""

from itertools import islice
from time import perf_counter

import orjson

from benchmarks.measuring import Row, Scale, compare, quiet
from benchmarks.synthetic import EVENT, RACE, SyntheticRace
from tracker.core.field import Field
from tracker.wire import Offline, Wire

_RUNNERS = 3_000
_CHECKPOINTS = 8
_PASSAGES = 23_673
_MOST_S = 0.3
_MOST_TIMES = 15.0


async def measure(scale: Scale) -> list[Row]:
    """Messages to standings; one of the two bounds is enough."""
    race = SyntheticRace(_RUNNERS, _CHECKPOINTS)
    messages = list(islice(race.messages(), _PASSAGES))

    async def ours() -> float:
        decode, field = Wire(EVENT).decode, Field(race.event, race.roster)
        with quiet():
            began_s = perf_counter()
            for topic, payload in messages:
                fact = decode(topic, payload)
                if not isinstance(fact, Offline):
                    field.add(fact)
            field.advance(race.clock.now_ms())
            field.standings(RACE)
            return perf_counter() - began_s

    async def bare() -> float:
        with quiet():
            began_s = perf_counter()
            for _, payload in messages:
                orjson.loads(payload)
            return perf_counter() - began_s

    found = await compare(scale.rounds, ours, bare)
    what = f"{len(messages):,} messages of {_RUNNERS:,} runners to standings"
    bound = f"<= {_MOST_S} s, or <= {_MOST_TIMES:g}"
    holds = found.seconds <= _MOST_S or found.times <= _MOST_TIMES
    return [Row(what, f"{found.seconds:.3f} s", f"orjson.loads: {found.baseline_s:.3f} s", found.times, bound, holds)]
