"""What waited at Mosquitto to the standings, beside a bare client of the same library that only counts.

Both have a persistent session on the same broker, in which the messages waited while they were away; both are timed from connecting.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.draining import ingesting
from benchmarks.feeding import write_messages
from benchmarks.measuring import Row, Scale, compare, quiet, rate
from benchmarks.mosquitto import FILTER, mosquitto, program, queue_messages
from benchmarks.synthetic import EVENT, SyntheticRace
from tracker.mqtt.address import Broker
from tracker.mqtt.session import BrokerSession
from tracker.wire import DEFAULT_ROOT

_WHAT = "Mosquitto to ingest to disk to state"
_LEAST = 0.8


async def measure(scale: Scale) -> list[Row]:
    """Mosquitto → ingest → disk → state."""
    binary = program("mosquitto")
    if binary is None:
        return [Row(_WHAT, "not measured: Mosquitto is not installed")]
    count = scale.brokered
    race = SyntheticRace(count // 7, 8)
    with TemporaryDirectory() as folder:
        messages = Path(folder) / "messages.jsonl"
        write_messages(messages, race, count)
        async with mosquitto(binary) as broker:

            async def ours() -> float:
                await queue_messages(broker, "tracker", messages)
                session = BrokerSession(broker, root=DEFAULT_ROOT, event=EVENT, identifier="tracker")
                async with ingesting(session, race, count) as ingest:
                    return await ingest.standings_s() - ingest.began_s

            async def bare() -> float:
                await queue_messages(broker, "bare", messages)
                with quiet():
                    return await _count(broker, count)

            found = await compare(scale.rounds, ours, bare)
    beside = f"aiomqtt alone: {rate(count, found.baseline_s, 'messages')}"
    return [Row(_WHAT, rate(count, found.seconds, "passages"), beside, found.speed, f">= {_LEAST}", found.speed >= _LEAST)]


async def _count(broker: Broker, count: int) -> float:
    """Seconds in which a client that does nothing else receives so many messages."""
    began_s = monotonic()
    async with broker.client("bare", clean_session=False) as client:
        await client.subscribe(FILTER, qos=1)
        received = 0
        async for _ in client.messages:
            received += 1
            if received == count:
                break
        return monotonic() - began_s
