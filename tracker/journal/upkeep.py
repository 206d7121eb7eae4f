"""How the keeping of a journal goes, for every process that shows the race: whether it can be written, its room, its backups.

The writer says it in its lock file, whose one block is on the disk from the start: a full disk takes no word into the journal itself.
Moments are by the machine's clock.
"""

import os
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from tracker.journal.lock import told_by_writer

_LOW_BYTES = 200_000_000
_LOW_SHARE, _ENOUGH_BYTES = 0.05, 1_000_000_000
_WORDS = 300


class Upkeep(msgspec.Struct, frozen=True):
    """The word of who writes a journal. `fault`: why nothing can be written since `since_ms`; `backup_fault`: why no backup can be made
    since `backup_since_ms` (None: it can, or none is asked for). `backup_ms`: when the last one was made, 0: none was.
    """

    fault: str | None = None
    since_ms: int = 0
    backup_fault: str | None = None
    backup_since_ms: int = 0
    backup_ms: int = 0

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Read what `bytes` wrote; of another version's word, which nobody here understands, nothing is taken."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError:
            return cls()

    def __bytes__(self) -> bytes:
        return msgspec.json.encode(self)

    def written(self, fault: str | None, now_ms: int) -> "Upkeep":
        """What follows on this when a commit was made, or could not be."""
        since_ms = 0 if fault is None else now_ms if self.fault is None else self.since_ms
        return msgspec.structs.replace(self, fault=None if fault is None else fault[:_WORDS], since_ms=since_ms)

    def backed_up(self, fault: str | None, now_ms: int) -> "Upkeep":
        """What follows on this when a backup was made, or could not be."""
        if fault is None:
            return msgspec.structs.replace(self, backup_fault=None, backup_since_ms=0, backup_ms=now_ms)
        since_ms = now_ms if self.backup_fault is None else self.backup_since_ms
        return msgspec.structs.replace(self, backup_fault=fault[:_WORDS], backup_since_ms=since_ms)


class Room(NamedTuple):
    """How much of a disk is free, for a program that is not root's."""

    free_bytes: int
    total_bytes: int

    @property
    def low(self) -> bool:
        """Under 200 MB, or under a twentieth of the disk where that is not much either."""
        return self.free_bytes < max(_LOW_BYTES, min(_ENOUGH_BYTES, round(self.total_bytes * _LOW_SHARE)))


class Keeping(NamedTuple):
    """What the writer says, and the room on the journal's disk; None: it is not known. The word of a writer that is gone tells nothing."""

    path: Path
    upkeep: Upkeep = Upkeep()
    room: Room | None = None


def keeping(path: Path) -> Keeping:
    """How the keeping of a journal goes now."""
    return Keeping(path, Upkeep.parse(told_by_writer(path)), room_of(path))


def room_of(path: Path) -> Room | None:
    """The room on the disk of a journal; None when the system does not tell."""
    try:
        found = os.statvfs(path.absolute().parent)
    except OSError:
        return None
    return Room(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)
