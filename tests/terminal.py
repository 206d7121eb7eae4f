"""A terminal with a command in it, as SSH gives one: a real pty, which a test can look at, type into, and take away."""

import asyncio
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from docs.waiting import waits
from tests.conftest import PATIENCE_S, until
from tests.glass import Glass

_LEAD = """
import fcntl, os, signal, sys, termios

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job == 0:
    os.close(int(sys.argv[1]))
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])
signal.signal(signal.SIGHUP, lambda *_: os.killpg(job, signal.SIGHUP))
os.write(int(sys.argv[1]), b"%d" % job)
os.close(int(sys.argv[1]))
code = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
os._exit(code if code >= 0 else 128 - code)
"""
"""A shell as far as it matters here: it leads the session, has the command in the foreground, and passes on that the terminal is gone."""

_UNFINISHED = re.compile(rb"(?:\x1b\][^\x07]*|\x1b[^@-Z\\^-~\]]*|[\xc0-\xff][\x80-\xbf]*)\Z")
"""The beginning of a control sequence, or a character of which not every byte may have come yet."""

_LOOKS = 40
"""So many are 0.4 s and more: longer than anything in the dashboard waits before it draws what a key has asked for."""


class Terminal:
    """A pty with `tracker` and these words in its foreground. `shown` is all that was written to it, `pid` the command's."""

    def __init__(self, *words: object, program: Sequence[str] = ("-m", "tracker"), term: str = "xterm-256color") -> None:
        self._master, self._slave = pty.openpty()
        termios.tcsetwinsize(self._slave, (50, 160))
        self._before = self._mode()
        self._glass, self._looked = Glass(160, 50), 0
        self.shown = b""
        told, tell = os.pipe()
        command = [sys.executable, "-c", _LEAD, str(tell), sys.executable, *program, *map(str, words)]
        ends, environment = self._slave, {**os.environ, "TERM": term}
        self._shell = subprocess.Popen(
            command, stdin=ends, stdout=ends, stderr=ends, pass_fds=(tell,), start_new_session=True, env=environment
        )
        os.close(tell)
        self.pid = int(os.read(told, 20))
        os.close(told)

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._shell.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self._shell.wait(PATIENCE_S)
        self.hang_up()

    def _read(self) -> None:
        with suppress(OSError):  # nobody has the other end open
            self.shown += os.read(self._master, 1 << 16)

    def _mode(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    @property
    def glass(self) -> Glass:
        """What stands on it now."""
        new = self.shown[self._looked :]
        new = _UNFINISHED.sub(b"", new)
        self._glass.write(new.decode())
        self._looked += len(new)
        return self._glass

    @property
    def as_before(self) -> bool:
        """Whether the terminal is as it was before the command: its mode, and no alternate screen, hidden cursor, mouse or paste mode."""
        ends = (b"\x1b[?1049", b"\x1b[?1000", b"\x1b[?1003", b"\x1b[?2004", b"\x1b[?1004")
        last = [self.shown[at + len(end) : at + len(end) + 1] for end in ends if (at := self.shown.rfind(end)) >= 0]
        cursor = self.shown.rfind(b"\x1b[?25h") > self.shown.rfind(b"\x1b[?25l")
        return self._mode() == self._before and len(last) == len(ends) and set(last) == {b"l"} and cursor

    @property
    def said(self) -> str:
        """What was written to it after the last screen was given back (or without one: all that was)."""
        return self.shown.rpartition(b"\x1b[?1006l")[2].decode().replace("\r\n", "\n")

    async def come_to_rest(self) -> int:
        """Wait until nothing more is written, at so many looks at which the command had nothing to do; returns how much was."""
        before = quiet = 0

        def still() -> bool:
            nonlocal before, quiet
            quiet = quiet + waits(self.pid) if len(self.shown) == before else 0
            before = len(self.shown)
            return quiet >= _LOOKS

        await until(still, "the screen has come to rest")
        return before

    async def shows(self, words: str) -> None:
        """Wait until these words stand on the terminal, or have been written to it in one style."""

        def there() -> bool:
            return words.encode() in self.shown or any(words in line for line in self.glass.text)

        await until(there, f"{words!r} is on the terminal")

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    async def answers(self, keys: str, words: str) -> None:
        """Type, and wait until these words, which must be in one style, are written to the terminal after that."""
        before = len(self.shown)
        self.press(keys)
        await until(lambda: words.encode() in self.shown[before:], f"{words!r} is on the terminal after {keys!r}")

    async def step_out(self) -> None:
        """Out of whatever dialog there is: to a terminal, an Esc with another key close behind it is a third key."""
        for _ in range(3):
            self.press("\x1b")
            await asyncio.sleep(0.5)

    def resize(self, columns: int, lines: int) -> None:
        """The window has another size, and who knows what in it; the command hears of it as from any terminal."""
        self._glass, self._looked = Glass(columns, lines), len(self.shown)
        termios.tcsetwinsize(self._slave, (lines, columns))

    def hang_up(self) -> None:
        """The connection is gone, and the terminal with it."""
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._slave)
            os.close(self._master)
            self._master = -1

    async def end(self, number: signal.Signals | None = None) -> int:
        """Wait until the command has ended, after sending it a signal; returns its exit code as a shell has it."""
        if number is not None:
            os.kill(self.pid, number)
        await until(lambda: self._shell.poll() is not None, "the command ends")
        assert self._shell.returncode is not None
        return self._shell.returncode
