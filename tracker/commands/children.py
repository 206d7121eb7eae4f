"""The processes that a command starts: how they begin, how they end, and what is left when the command itself is ended.

Each has its words in a log file.
"""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tracker.commands.opening import UsageError

GRACE_S = 20
_START_S = 0.5


def start(
    command: list[str], log_path: Path, *, outlives: bool = False, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A child process. UsageError when it does not even start. `outlives`: it has a session of its own, so that it does not end with
    the terminal of this one. `environment`: what it is told besides ours, as its arguments are read by all.
    """
    told = {**os.environ, **(environment or {})}
    with log_path.open("ab") as log_file:
        process = subprocess.Popen(  # noqa: S603  our own program
            command, stdin=subprocess.DEVNULL, stdout=log_file, stderr=log_file, start_new_session=outlives, env=told
        )
    try:
        process.wait(_START_S)
    except subprocess.TimeoutExpired:
        return process
    except BaseException:
        stop(process)  # nobody knows of it yet
        raise
    raise UsageError(f"{last_line(log_path)} (all of it is in {log_path})")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and see that it does."""
    process.terminate()
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def child(command: list[str], log_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child process for as long as the block lasts. UsageError when it does not even start."""
    process = start(command, log_path)
    try:
        yield process
    finally:
        stop(process)


def last_line(path: Path) -> str:
    """The last thing a log says."""
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("tracker: ") if lines else f"{path} is empty"


@contextmanager
def unwound_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the block as an exception does (SystemExit), so that what it has started ends with it."""

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the signal module's signature
        for one in before:
            signal.signal(one, signal.SIG_IGN)  # a second one must not come between
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
