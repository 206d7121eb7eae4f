"""The network between the tracker, its broker and the devices, which a test can cut, silence, slow down, and mend."""

import asyncio
from contextlib import suppress
from typing import Self


class Cable:
    """A TCP relay on a port of its own to `far_port` on this machine. While it is cut, nobody gets through; while it is silent, nobody
    learns that.
    """

    def __init__(self, far_port: int) -> None:
        self._far_port = far_port
        self._ends: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self._whole = True
        self._sounds = asyncio.Event()
        self._sounds.set()
        self._pause_s = 0.0
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
        self._sounds.set()
        await asyncio.gather(*self._relays)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every connection; new ones are broken as well until `mend`."""
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def mend(self) -> None:
        """Let connections through again, at once; what was held back by a silence still arrives, where anybody waits for it."""
        self._whole = True
        self._pause_s = 0.0
        self._sounds.set()

    def silence(self) -> None:
        """Let nothing through, not even that a connection has ended; new connections are taken, and nothing answers there."""
        self._sounds.clear()

    def slow(self, pause_s: float) -> None:
        """Let each piece through only after a pause."""
        self._pause_s = pause_s

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
            relay = asyncio.create_task(self._relay(one, other))
            self._relays.add(relay)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                await asyncio.sleep(self._pause_s)
                await self._sounds.wait()
                writer.write(data)
                await writer.drain()
        await self._sounds.wait()
        writer.transport.abort()
