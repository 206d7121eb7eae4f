"""How a dashboard behind a page talks to its server. Loaded by Textual in the session's process, by the name in `TEXTUAL_DRIVER`."""

import os
from functools import partial
from typing import Any

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp


class SessionDriver(WebDriver):
    """Textual's driver for the web, which also ends the dashboard when its server is gone: a killed server leaves nobody behind."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._write = partial(self._send)

    def run_input_thread(self) -> None:
        """Read what the server sends until there is no more."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())

    def _send(self, data: bytes) -> int:
        try:
            return os.write(self.fileno, data)
        except BrokenPipeError:  # nobody is there to draw for: the input ends too, and with it the dashboard, in good order
            return len(data)
