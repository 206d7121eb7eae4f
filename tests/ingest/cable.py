"""The network between the tracker and its broker, which a test can cut and mend."""

import asyncio
from contextlib import suppress
from typing import Self


class Cable:
    """A TCP relay on a port of its own to `far_port` on this machine. While it is cut, nobody gets through."""

    def __init__(self, far_port: int) -> None:
        self._far_port = far_port
        self._ends: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self._whole = True
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._server is not None  # entered
        self._server.close()
        self.cut()
        await asyncio.gather(*self._relays)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every connection; new ones are broken as well until `mend`."""
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self._whole = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far_port)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, far_writer}
        for one, other in ((reader, far_writer), (far_reader, writer)):
            relay = asyncio.create_task(_relay(one, other))
            self._relays.add(relay)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
