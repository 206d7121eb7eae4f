"""A Mosquitto of the benchmarks' own: a child process on a free port, and messages that wait in it for a client that is away."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.publisher import publish_file
from benchmarks.synthetic import EVENT
from tracker.mqtt.address import Broker
from tracker.wire import DEFAULT_ROOT

FILTER = f"{DEFAULT_ROOT}/{EVENT}/+/+"
_ELSEWHERE = "/usr/sbin:/usr/local/sbin"
_CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 10000000
max_inflight_messages 1000
log_dest stderr
log_type information
log_type error
"""


def program(name: str) -> str | None:
    """Where a program of Mosquitto's is, or None when it is not installed."""
    return shutil.which(name) or shutil.which(name, path=_ELSEWHERE)


@asynccontextmanager
async def mosquitto(binary: str) -> AsyncIterator[Broker]:
    """A broker that listens; stopped in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with TemporaryDirectory() as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(_CONFIG.format(port=port), encoding="utf-8")
        child = await asyncio.create_subprocess_exec(binary, "-c", str(config), stderr=asyncio.subprocess.PIPE)
        assert child.stderr is not None
        try:
            async for line in child.stderr:
                if line.rstrip().endswith(b"running"):
                    break
            reading = asyncio.create_task(child.stderr.read())  # a full pipe would stop it
            yield Broker("127.0.0.1", port)
        finally:
            child.terminate()
            await child.wait()
            await reading


async def queue_messages(broker: Broker, identifier: str, messages: Path) -> None:
    """Let all messages of a file wait at the broker for the session `identifier`."""
    async with broker.client(identifier, clean_session=True):
        pass  # whatever waited for it is gone
    async with broker.client(identifier, clean_session=False) as client:
        await client.subscribe(FILTER, qos=1)
    await publish_file(broker.host, broker.port, messages)
