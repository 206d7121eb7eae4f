"""Who writes a journal: a lock file beside it, which one process holds, and in which any other may read what that one says.

It goes with its holder, however that one ends. It is one block long from the start, so that a word fits into it on a full disk.
"""

import fcntl
import os
import time
from pathlib import Path

from tracker.journal.rows import JournalError

_TRIES, _PAUSE_S = 3, 0.02
_BLOCK = 4096


class WriterLock:
    """Held from its making until `release`. One writer a journal: two would take the broker's session from each other for ever."""

    def __init__(self, path: Path) -> None:
        """JournalError when another process writes the journal, or when there can be no lock file beside it."""
        self.path = _lock_path(path)
        try:
            self._file: int | None = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise JournalError(f"{self.path}: cannot be made ({error.strerror}); choose a folder that you may write to") from error
        try:
            _hold(path, self._file)
            self.say(b"")
        except OSError as error:
            self.release()
            raise JournalError(f"{self.path}: cannot be written ({error.strerror}); make room on the disk") from error
        except JournalError:
            self.release()
            raise

    def say(self, words: bytes) -> None:
        """Let every process read this, in the place of what was said before. OSError: nobody can."""
        assert self._file is not None  # it is held
        os.pwrite(self._file, (b"%d\n%s" % (os.getpid(), words)).ljust(_BLOCK), 0)
        os.ftruncate(self._file, _BLOCK)

    def release(self) -> None:
        """Let another process write the journal."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def is_being_written(path: Path) -> bool:
    """Whether a process has the journal open for writing now."""
    try:
        lock = os.open(_lock_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def writer_pid(path: Path) -> int | None:
    """Which process has the journal open for writing now; None: none, or one of an older tracker."""
    said = _told(path)
    return int(said[0]) if said is not None and said[0].isdigit() else None


def told_by_writer(path: Path) -> bytes:
    """What the process says that has the journal open for writing now; empty: nothing, or there is none."""
    said = _told(path)
    return b"" if said is None else said[1]


def _told(path: Path) -> tuple[bytes, bytes] | None:
    """The number of the writer and its words; None: there is none."""
    if not is_being_written(path):
        return None
    try:
        pid, _, words = _lock_path(path).read_bytes().partition(b"\n")
    except OSError:
        return None  # gone since a moment ago
    return pid.strip(), words.strip()


def _lock_path(path: Path) -> Path:
    file = path.resolve()  # under whatever name it was opened
    return file.with_name(file.name + ".lock")


def _hold(path: Path, file: int) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_PAUSE_S)  # a look by is_being_written takes microseconds; a writer keeps the lock
        else:
            return
    raise JournalError(f"{path}: another tracker is writing it; stop that one, or give this one a journal of its own")
