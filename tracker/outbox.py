"""What the desk has said, on the disk before it is sent: a file beside the journal, one line a message, as `tracker feed` reads it.

Lines are only ever added, by any number of dashboards. Whether a message has arrived is not written here: that is for the journal to say.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tracker.durable import sync_folder
from tracker.text import count
from tracker.wire import WireError, line_of_message, message_of_line

_LOCK_PATIENCE_S, _LOCK_PAUSE_S = 5.0, 0.02


class OutboxError(Exception):
    """What the desk says cannot be kept, and so it was not said: which file, what is wrong, what to do, in one line."""


def outbox_path(journal: Path) -> Path:
    """Where the outbox of a journal is."""
    return journal.with_name(journal.name + ".outbox")


class Outbox:
    """An outbox file, which need not be there yet. `torn` are the lines that are no messages, by their numbers, and why."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn: dict[int, str] = {}
        self._looked: tuple[int, int, int] | None = None
        self._file: tuple[int, int] | None = None
        self._bytes = 0
        self._lines = 0

    def add(self, topic: str, payload: bytes) -> None:
        """Put a message on the disk; it is there when this returns. OutboxError: it is not, and nothing of it."""
        self.add_all([(topic, payload)])

    def add_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Put messages on the disk, all in one write; they are there when this returns. OutboxError: nothing of them is."""
        try:
            with _locked(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as file:
                size = os.fstat(file).st_size
                if size == 0:
                    sync_folder(self.path.parent)
                torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"  # whoever wrote that was killed in the middle
                _write(file, b"\n" * torn + b"".join(line_of_message(*message) for message in messages))
        except OSError as error:
            raise OutboxError(
                f"{self.path}: cannot be written ({error.strerror}), so nothing was said; make room there, and see that you may write"
            ) from error

    def news(self) -> list[tuple[str, bytes]]:
        """The messages that were not returned before, in their order. OutboxError when the file cannot be read now."""
        try:
            found = self.path.stat()
            if (found.st_dev, found.st_ino, found.st_size) == self._looked:
                return []
            with _locked(self.path, os.O_RDONLY, fcntl.LOCK_SH) as file:
                return self._read(file)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OutboxError(f"{self.path}: cannot be read ({error.strerror}); what waits there is not sent until it can be") from error

    @property
    def doubt(self) -> str:
        """What a person must look at, in words; empty: nothing."""
        if not self.torn:
            return ""
        line, reason = next(iter(self.torn.items()))
        lines = count(len(self.torn), "line")
        return f"{self.path}: {lines} torn, so never sent (line {line}: {reason}); say again what is missing"

    def rewind(self) -> None:
        """Let `news` begin with the first line again."""
        self._looked = self._file = None

    def _read(self, file: int) -> list[tuple[str, bytes]]:
        found = os.fstat(file)
        if self._file != (found.st_dev, found.st_ino) or found.st_size < self._bytes:
            self._file, self._bytes, self._lines = (found.st_dev, found.st_ino), 0, 0
            self.torn.clear()
        with os.fdopen(os.dup(file), "rb") as reader:
            reader.seek(self._bytes)
            *lines, last = reader.read().split(b"\n")
        messages = [message for line in lines if (message := self._message(line)) is not None]
        self._bytes += sum(len(line) + 1 for line in lines)
        self._looked = (found.st_dev, found.st_ino, found.st_size)
        if last and (message := self._message(last)) is not None:  # whole but for its end: the next writer gives it that
            messages.append(message)
            self._bytes += len(last)
        self._lines -= bool(last)
        return messages

    def _message(self, line: bytes) -> tuple[str, bytes] | None:
        """The message of the next line; None for a blank one, and for a torn one."""
        self._lines += 1
        if not line.strip():
            return None
        try:
            message = message_of_line(line)
        except WireError as error:
            self.torn[self._lines] = str(error)
            return None
        return message


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[int]:
    """The open file, for as long as no other dashboard writes it; OSError, or OutboxError when another keeps it."""
    file = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        deadline_s = time.monotonic() + _LOCK_PATIENCE_S
        while True:
            try:
                fcntl.flock(file, lock | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline_s:
                    raise OutboxError(f"{path}: another tracker keeps it locked; end the one that hangs, and say it again") from None
                time.sleep(_LOCK_PAUSE_S)
        yield file
    finally:
        os.close(file)


def _write(file: int, line: bytes) -> None:
    """Add a line, and see it on the disk; OSError: nothing of it is there."""
    size = os.fstat(file).st_size
    try:
        written = os.write(file, line)
        while written < len(line):
            written += os.write(file, line[written:])
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)  # else what was not said would be sent later
        raise
