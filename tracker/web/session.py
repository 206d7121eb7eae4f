"""One page's session: a dashboard in a process of its own, which lives as long as the page's websocket, and not longer."""

import asyncio
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence

from aiohttp.web import WebSocketResponse
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

GRACE_S = 5.0
"""How long a dashboard has to end by itself."""
_COLUMNS_MOST, _ROWS_MOST = 500, 200  # what is asked for is memory, and the ingest may live on the same machine


class Session(AppService):
    """What Textual's own server does for a page, except that the process is bounded in size and is gone for certain in the end."""

    def __init__(self, command: Sequence[str], websocket: WebSocketResponse, environment: Mapping[str, str]) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=DownloadManager(),
        )
        self._websocket = websocket
        self._words = command
        self._environment = environment

    async def start(self, width: int, height: int) -> None:
        """Start the dashboard for a terminal of so many cells. OSError when there can be no more processes."""
        await super().start(*_bounded(width, height))

    async def set_terminal_size(self, width: int, height: int) -> None:
        """The browser's window has changed."""
        await super().set_terminal_size(*_bounded(width, height))

    async def run(self) -> None:
        """Pass on what the dashboard draws until it ends; then the page must know, or it shows a race that stands still."""
        try:
            await super().run()
        finally:
            await self.remote_close()

    async def stop(self) -> None:
        """Ask the dashboard to end and wait until its process is gone."""
        process = self._process
        if process is None:
            return
        late = asyncio.get_running_loop().call_later(GRACE_S, process.kill)
        try:
            await super().stop()
        finally:  # whatever went wrong in between, the process does not stay
            await process.wait()
            late.cancel()

    async def _close(self) -> None:
        await self._websocket.close()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return super()._build_environment(width, height) | {**self._environment, "TEXTUAL_DRIVER": "tracker.web.driver:SessionDriver"}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            process_group=0,  # a Ctrl-C in the server's terminal is the server's alone
        )
        self._stdin = process.stdin
        return process


def _bounded(width: int, height: int) -> tuple[int, int]:
    return min(max(width, 1), _COLUMNS_MOST), min(max(height, 1), _ROWS_MOST)
