"""`tracker web` as its user starts it: a process of its own, whose sessions' processes can be counted."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.conftest import PATIENCE_S


class Serving:
    """A web server on the journal at `path`. `--listen` as in `words`, or a port of its own on this machine."""

    def __init__(self, path: Path, *words: str) -> None:
        listen = [] if "--listen" in words else ["--listen", "127.0.0.1:0"]
        command = [sys.executable, "-m", "tracker", "web", str(path), *listen, *words]
        self._log = path.with_name("web.log")
        with self._log.open("wb") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait(lambda: " is on http://" in self.said or self.child.poll() is not None, "the web server listens")
        assert self.child.poll() is None, self.said
        self.url = self.said.split(" is on ", 1)[1].split("\n", 1)[0]

    @property
    def said(self) -> str:
        """Its log."""
        return self._log.read_text()

    @property
    def sessions(self) -> list[int]:
        """The process of each session."""
        return [int(pid) for pid in Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, or end it; returns its exit code."""
        self.child.send_signal(number)
        return self.child.wait(PATIENCE_S)


@contextmanager
def serving(path: Path, *words: str) -> Iterator[Serving]:
    """The web server, started."""
    server = Serving(path, *words)
    try:
        yield server
    finally:
        if server.child.poll() is None:
            server.end()


def lives(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def told(pid: int, what: str) -> list[str]:
    """What a process was started with: its `cmdline` or its `environ`."""
    return os.fsdecode(Path(f"/proc/{pid}/{what}").read_bytes()).split("\0")


def wait(happened: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does; the test fails when it does not come."""
    deadline_s = monotonic() + PATIENCE_S
    while not happened():
        if monotonic() > deadline_s:
            pytest.fail(f"waited {PATIENCE_S:g} s in vain until {what}")
        sleep(0.02)
