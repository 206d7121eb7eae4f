"""The tracker's own way in: an MQTT server inside the ingest, to which devices connect with nothing between them and the journal.

A PUBACK is sent when the ingest says `ack`, so it means "on the disk". This is no general broker: clients publish facts to
`{root}/{event}/…` and read the tracker's live topics, and each other's facts once these are on the disk.

No session outlives its connection (session present is always 0). A broker keeps sessions so that messages wait for who is away; here
the journal keeps the facts, a device sends again what was not acknowledged, and a subscriber that comes back gets the newest of every live
topic. A second store of waiting messages could only lose them, or disagree with the journal.
"""

import asyncio
import errno
import os
import socket
import time

from tracker.mqtt.address import Broker
from tracker.mqtt.endpoint_connection import Connection
from tracker.mqtt.endpoint_hub import Hub, Limits
from tracker.mqtt.inlet import Delivery, MqttFault

__all__ = ["Endpoint", "Limits"]

_READ_BYTES = 64 * 1024
_WATCH_EVERY_S = 0.25
_LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what listens everywhere listens there too


class Endpoint:
    """An `Inlet` that listens on `host`:`port` (0: any free port) for clients of one event.

    Entering it raises MqttFault when the address cannot be had. It is entered once. What waits when it is left is not acknowledged.
    """

    def __init__(self, host: str, port: int, *, root: str, event: str, limits: Limits | None = None) -> None:
        self._host = host
        self._port = port
        self._hub = Hub(root, event, limits or Limits())
        self._buffer = bytearray(_READ_BYTES)
        self._server: asyncio.Server | None = None
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Endpoint":
        try:
            self._server = await asyncio.get_running_loop().create_server(self._accept, self._host, self._port)
        except (OSError, OverflowError) as error:
            raise MqttFault(_cannot_listen(self._host, self._port, error)) from error
        self._port = self._server.sockets[0].getsockname()[1]
        self._watching = asyncio.create_task(self._watch(), name="mqtt endpoint")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is None or self._watching is None:
            return
        self._server.close()
        self._watching.cancel()
        await self._hub.close()
        await asyncio.wait((self._watching,))
        await self._server.wait_closed()
        self._server = None

    async def next_batch(self, limit: int) -> list[Delivery]:
        """Wait until something came, then return all that waits, at most `limit` messages, each client's in its order."""
        return await self._hub.next_batch(limit)

    def ack(self, batch: list[Delivery]) -> None:
        """Send the PUBACKs of what is on the disk, and forward it to who subscribes. On a connection that is gone nothing is sent."""
        self._hub.ack(batch)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish a live topic (its full name), retained; an empty payload clears it."""
        self._hub.publish(topic, payload)

    @property
    def port(self) -> int:
        """The port it listens on; before it is entered, the one it was given."""
        return self._port

    @property
    def address(self) -> str:
        """Where a client of this machine connects to."""
        return str(Broker(_LOOPBACK.get(self._host, self._host), self._port))

    @property
    def connections(self) -> int:
        """Never another: the endpoint itself keeps the live topics."""
        return 0

    @property
    def losses(self) -> int:
        """None: nothing stands between it and the disk."""
        return 0

    @property
    def fault(self) -> str | None:
        """Nothing: devices come to the tracker itself, which listens as long as it runs."""
        return None

    @property
    def link(self) -> str:
        """The state in a few words: `listening on 127.0.0.1:1883, 12 clients`, and what is wrong, if anything is."""
        if self._server is None:
            return "not listening"
        clients = len(self._hub.sessions)
        words = f"listening on {self._host or '*'}:{self._port}, {clients} client{'' if clients == 1 else 's'}"
        if self._hub.full:
            words += f", full: {len(self._hub.waiting)} messages wait for the journal"
        if self._hub.refused:
            words += f", {self._hub.refused} messages to wrong topics refused"
        return words

    def _accept(self) -> Connection:
        return Connection(self._hub, self._buffer)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_EVERY_S)
            now_s = time.monotonic()
            for client in list(self._hub.connections):
                client.watch(now_s)


_HINTS = {
    errno.EADDRINUSE: "stop what listens there (another tracker, a broker?), or choose another port",
    errno.EADDRNOTAVAIL: "this machine has no such address; give one that it has, or 0.0.0.0 for all",
    errno.EACCES: "ports below 1024 are for root; choose a higher one",
}


def _cannot_listen(host: str, port: int, error: OSError | OverflowError) -> str:
    where = f"cannot listen on {host or '*'}:{port}"
    if isinstance(error, OverflowError):
        return f"{where}: a port is a number from 0 to 65535"
    if isinstance(error, socket.gaierror):
        return f"{where}: {error.strerror}; give an IP address of this machine, or 0.0.0.0 for all"
    code = error.errno or errno.EADDRNOTAVAIL  # asyncio gives no number when none of the host's addresses could be had
    return f"{where}: {os.strerror(code)}; {_HINTS.get(code, 'choose another address')}"
