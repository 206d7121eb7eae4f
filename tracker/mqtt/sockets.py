"""How paho's sockets are watched for writing, in aiomqtt's place, which may watch one that was closed meanwhile.

By then its number may be another connection's; or nobody's, which asyncio reports as a failure of the program.
"""

import socket

import aiomqtt
from paho.mqtt.client import Client as PahoClient


def watch_open_ones(client: aiomqtt.Client) -> None:
    """Let a client that is not connected yet be told that it may write only of a socket that is still open then."""
    loop = client._loop  # noqa: SLF001

    def register(paho: PahoClient, _: object, sock: socket.socket) -> None:
        def write() -> None:
            try:
                paho.loop_write()
            except Exception as error:  # noqa: BLE001  as in aiomqtt: whatever it is, it breaks the connection
                if not client._disconnected.done():  # noqa: SLF001
                    client._disconnected.set_exception(error)  # noqa: SLF001

        def watch() -> None:
            if sock.fileno() >= 0:
                loop.add_writer(sock.fileno(), write)

        loop.call_soon_threadsafe(watch)

    client._client.on_socket_register_write = register  # type: ignore[assignment]  # noqa: SLF001
