"""Messages decoded into facts, beside `orjson.loads` of the same payloads."""

from itertools import islice
from time import perf_counter

import orjson

from benchmarks.measuring import Row, Scale, compare, quiet, rate
from benchmarks.synthetic import EVENT, SyntheticRace
from tracker.wire import Wire


async def measure(scale: Scale) -> list[Row]:
    """Decode alone."""
    messages = list(islice(SyntheticRace(scale.decoded // 8, 10).messages(), scale.decoded))

    async def ours() -> float:
        decode = Wire(EVENT).decode
        with quiet():
            began_s = perf_counter()
            for topic, payload in messages:
                decode(topic, payload)
            return perf_counter() - began_s

    async def bare() -> float:
        with quiet():
            began_s = perf_counter()
            for _, payload in messages:
                orjson.loads(payload)
            return perf_counter() - began_s

    found = await compare(scale.rounds, ours, bare)
    count = len(messages)
    beside = f"orjson.loads: {rate(count, found.baseline_s, 'messages')}"
    return [Row("decode", rate(count, found.seconds, "passages"), beside, found.speed)]
