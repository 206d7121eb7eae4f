"""How a dashboard ends that nobody has quit: by a signal, such as SIGHUP when its terminal is gone.

It leaves as if it had been quit, so that the terminal is as it was before; what it shows and what the desk has said is on the disk anyway.
"""

import signal
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from textual.app import App

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_PATIENCE_S = 5


@contextmanager
def left_on_signals(app: App[bool], loop: AbstractEventLoop) -> Iterator[None]:
    """While `app` runs in `loop`, the signals that end a program let it return False."""

    def leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the signal module's signature
        signal.alarm(_PATIENCE_S)  # writing to a terminal that is gone can hold the event loop for ever
        loop.call_soon_threadsafe(app.exit, False)

    before = {number: signal.signal(number, leave) for number in _SIGNALS}
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
