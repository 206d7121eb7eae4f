"""The tracker's own endpoint: from a device's first packet to the last PUBACK (on the disk) and the standings.

Beside it, mosquitto_sub draining the same messages from a Mosquitto in which they waited: nothing on a disk, nothing decoded.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from benchmarks.draining import ingesting
from benchmarks.feeding import write_messages
from benchmarks.measuring import Row, Scale, compare, rate
from benchmarks.mosquitto import FILTER, mosquitto, program, queue_messages
from benchmarks.publisher import publish_file
from benchmarks.synthetic import EVENT, SyntheticRace
from tracker.mqtt.address import Broker
from tracker.mqtt.endpoint import Endpoint
from tracker.wire import DEFAULT_ROOT

_WHAT = "endpoint to disk to state"
_LEAST = 0.2


async def measure(scale: Scale) -> list[Row]:
    """Endpoint → disk → state."""
    binary, subscriber = program("mosquitto"), program("mosquitto_sub")
    count = scale.published
    race = SyntheticRace(count // 7, 8)
    with TemporaryDirectory() as folder:
        messages = Path(folder) / "messages.jsonl"
        write_messages(messages, race, count)

        async def ours() -> float:
            endpoint = Endpoint("127.0.0.1", 0, root=DEFAULT_ROOT, event=EVENT)
            async with ingesting(endpoint, race, count) as ingest:
                published = await publish_file("127.0.0.1", endpoint.port, messages)
                return max(await ingest.standings_s(), published.ended_s) - published.began_s

        if binary is None or subscriber is None:
            return [Row(_WHAT, rate(count, await ours(), "passages"), "not measured: Mosquitto or mosquitto_sub is not installed")]
        async with mosquitto(binary) as broker:

            async def bare() -> float:
                await queue_messages(broker, "subscriber", messages)
                return await _subscribe(subscriber, broker, count)

            found = await compare(scale.rounds, ours, bare)
    beside = f"mosquitto_sub: {rate(count, found.baseline_s, 'messages')}"
    return [Row(_WHAT, rate(count, found.seconds, "passages"), beside, found.speed, f">= {_LEAST}", found.speed >= _LEAST)]


async def _subscribe(binary: str, broker: Broker, count: int) -> float:
    """Seconds that a mosquitto_sub runs until it has received so many messages."""
    options = ("-h", broker.host, "-p", str(broker.port), "-c", "-i", "subscriber", "-q", "1", "-t", FILTER, "-C", str(count))
    began_s = monotonic()
    child = await asyncio.create_subprocess_exec(binary, *options, stdout=asyncio.subprocess.DEVNULL)
    if await child.wait():
        raise RuntimeError(f"mosquitto_sub ended with {child.returncode}; what it said stands above")
    return monotonic() - began_s
