"""What a journal holds, as plain rows, and how its faults read. No SQL here, so that what reads a damaged file can use it too."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Self

from tracker.text import clean_text

_LEAST_ROOM = 65_536
_WORDS = 160
_GARBLED = "was fact no. "
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class JournalError(Exception):
    """The journal cannot be used: which file, what is wrong, what to do, in one line."""


class FactRow(NamedTuple):
    """A fact as it came. `no` rises by one a fact, in order of arrival (0 before it is stored)."""

    no: int
    key: bytes
    received_ms: int
    topic: str
    payload: bytes


PlainRow = tuple[int, bytes, int, str, bytes]
"""A `FactRow` without its names."""


class QuarantineRow(NamedTuple):
    """A message that is no fact, and why."""

    no: int
    received_ms: int
    topic: str
    payload: bytes
    reason: str

    @classmethod
    def of_garbled(cls, row: FactRow) -> Self:
        """A fact that is no longer as it came."""
        reason = f"{_GARBLED}{row.no}; its content is not that of its key, so it was garbled"
        return cls(0, row.received_ms, row.topic, row.payload, reason)

    @property
    def garbled(self) -> bool:
        """Whether it came as a fact, which it no longer is: who sent that has it still, and it is not here."""
        return self.reason.startswith(_GARBLED)


class Sources(NamedTuple):
    """The files that a journal is about, as they were read, with their names for messages."""

    event_name: str
    event_toml: str
    roster_name: str
    roster_csv: str
    root: str

    @property
    def sum(self) -> str:
        """By which it is known whether they are as they were read: every cutoff stands on them."""
        return blake2b("\0".join(self).encode(), digest_size=16).hexdigest()


NAMES = frozenset({"schema", "session", "home", "sum", "clock", "ingest", "address", "link", *Sources._fields})
"""What else a journal holds: values under names."""


def rescue(path: Path) -> str:
    """What to do about a journal that is damaged."""
    return f"tracker recover {path} NEW.db saves what can be read, or take the copy of another machine"


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What SQLite says of a journal that is read, as a JournalError; of a damaged one, how to save what it holds."""
    try:
        yield
    except sqlite3.Error as error:
        said = clean_text(str(error), _WORDS)  # it may quote what it could not read
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED or "decode to UTF-8" in str(error):
            raise JournalError(f"{path}: is damaged ({said}); {rescue(path)}") from error
        do = "its disk is full, so make room there" if is_full(path) else "check the disk, or take the copy of another machine"
        raise JournalError(f"{path}: cannot be read ({said}); {do}") from error


def is_full(path: Path) -> bool:
    """Whether its disk has no room: SQLite puts a file beside a journal to read it, unless a tracker has it open already."""
    try:
        found = os.statvfs(path.absolute().parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LEAST_ROOM
