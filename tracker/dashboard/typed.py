"""Keys one after the other: the next is handled when all that the one before it did is done, a dialog that it opened for one.

The library gives a key to whatever has the keys when it comes. Over a bad link many come at once, and those behind the one that opens or
closes a dialog would be lost, or mean something on the screen below.
"""

import asyncio
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump

_MOST = 1000
"""As many wait at most; who types more than that ahead hears it."""
_HOPS = 3
"""A key becomes a message that climbs to the screen, whose answer to it climbs to the app: one message leads to so many others at most."""
_PATIENCE_S = 1.0
"""So long a key waits for the one before it: what takes longer must not keep somebody from leaving."""


class Typed:
    """What was typed into an app and is not handled yet; `handle` is how the app takes one event."""

    def __init__(self, app: App[bool], handle: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: asyncio.Queue[events.Event] = asyncio.Queue(_MOST)

    def add(self, event: events.Event) -> None:
        """A key, or what was pasted, behind those that wait."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self._app.bell()

    async def run(self) -> None:
        """Handle them in their order, until cancelled."""
        while True:
            event = await self._waiting.get()
            if not self._app.is_running:  # it has ended: there are no screens any more
                return
            given = self._app.focused or self._app.screen
            await self._handle(event)
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._all_done(given)
            except TimeoutError:
                continue  # something hangs, or has gone meanwhile

    async def _all_done(self, given: DOMNode) -> None:
        """Wait until all that a key led to is done, of whom it was given to and of the screen that there is then."""
        for _ in range(_HOPS):
            for pump in given.ancestors_with_self:
                await _has_done(pump)
            if self._app.is_running:
                await _has_done(self._app.screen)


async def _has_done(pump: MessagePump) -> None:
    """Wait until a screen or a widget has done all that it was told by now; one that is going away does nothing more."""
    done = asyncio.Event()
    if pump.call_later(done.set):
        await done.wait()
