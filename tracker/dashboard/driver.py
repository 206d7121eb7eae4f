"""How the dashboard talks to a terminal: it sends what has changed, and of the mouse wants to hear of clicks and the wheel alone."""

import signal
from shutil import get_terminal_size
from threading import RLock
from types import FrameType
from typing import Any

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tracker.dashboard.picture import Picture

REDRAW = "ctrl+l"
"""The key that says that the terminal shows something else than it was sent."""
_UNASKED = ("\x1b[?1003h", "\x1b[?2048$p")
"""What the library asks of a terminal and nobody here needs: to hear of each motion of the mouse, which goes up the line, and to hear of
another size by a second way, which could be told before the first.
"""


class TerminalDriver(LinuxDriver):
    """Textual's driver for terminals, which knows what stands on its own."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._picture: Picture | None = None
        self._writing = RLock()  # the thread that reads the keys writes too

    def write(self, data: str) -> None:
        """Send what of it changes something."""
        if data in _UNASKED:
            return
        with self._writing:
            picture = self._picture
            if picture is None:
                picture = self._picture = Picture(*get_terminal_size())  # as the library asks for it
            if sent := picture.drawn(data):
                super().write(sent)

    def start_application_mode(self) -> None:
        """Take the terminal; another size, and nobody knows what is left on it."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # the library says nothing of it
        before = signal.getsignal(signal.SIGWINCH)

        def resized(number: int, frame: FrameType | None) -> None:
            self._picture = None
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGWINCH, resized)
        self._picture = None

    def process_message(self, message: Message) -> None:
        """Somebody who wants all of it drawn anew gets all of it."""
        if isinstance(message, events.Key) and message.key == REDRAW:
            self._picture = None
        super().process_message(message)
