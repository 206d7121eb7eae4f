"""A device's facts on its own disk, each under its number: the outbox file of the desk, where every message also has a `seq`.

Nothing is ever removed: a tracker that has lost its disk may ask for what another had acknowledged. `tracker feed` reads the file too.
"""

import fcntl
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracker.durable import sync, sync_folder, write_whole
from tracker.outbox import Outbox, OutboxError
from tracker.wire import line_of_message, number_of, renumbered


class NumberedOutbox:
    """The outbox of `device` in a file, kept by one process at a time. Messages are (topic, payload) by their number, `seq`.

    A new outbox is `fresh` until it is told from where on the numbers of the device are free: an earlier outbox may be lost, and two facts
    under one number could not both be acknowledged. It is `unsure` from then on where no tracker was there to tell, until it is trusted.
    """

    def __init__(self, path: Path, device: str) -> None:
        """Open it, or make it. OutboxError when another process has it, or it is another device's, or cannot be read."""
        self.messages: dict[int, tuple[str, bytes]] = {}
        self.path = path
        self._device = device
        self._draft = path.with_name(path.name + ".fresh")
        self._unsure = path.with_name(path.name + ".unsure")
        self._lock = _locked(path.with_name(path.name + ".lock"))
        try:
            self._outbox = Outbox(path)
            if path.exists():
                _sync_left(path)
                self.messages = self._numbered(self._outbox)
            draft = Outbox(self._draft)
            drafted = self._numbered(draft)
            self.doubt = self._outbox.doubt or draft.doubt
            """What a person must look at, in words; empty: nothing."""
            self.fresh = not self.messages  # also where a file was made, and its first message never got there
            if self.fresh:
                self._outbox, self.messages = draft, drafted
            self.last = max(self.messages, default=0)
            if not self.fresh:
                self._end_moving(drafted)
        except OutboxError:
            self.close()
            raise

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)

    def add(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Keep messages, which bear the numbers after `last`; they are on the disk when this returns. OutboxError: none was said."""
        self._outbox.add_all(messages)
        self.messages.update(enumerate(messages, self.last + 1))
        self.last += len(messages)

    @property
    def unsure(self) -> bool:
        """Whether its numbers may be those of an earlier outbox too."""
        return self._unsure.exists()

    def trust(self) -> None:
        """Whatever else bears its numbers, its own facts have been told."""
        self._unsure.unlink(missing_ok=True)

    def begin_after(self, number: int, *, sure: bool = True) -> None:
        """The numbers up to this one have been given already, so the facts of this fresh outbox, which nobody has heard yet, come after
        them; `sure`: a tracker said so just now. OutboxError when that cannot be written: then nothing has changed.
        """
        moved = {seq + number: (topic, renumbered(payload, seq + number)) for seq, (topic, payload) in self.messages.items()}
        try:
            if not sure:
                self._unsure.touch()
                sync_folder(self.path.parent)
            if moved:
                write_whole(self.path, b"".join(line_of_message(*message) for message in moved.values()))
            if sure:  # not before: an earlier try may have left numbers in the outbox that nobody was sure of
                self._unsure.unlink(missing_ok=True)
            self._draft.unlink(missing_ok=True)
        except OSError as error:
            raise OutboxError(f"{self.path}: cannot be written ({error.strerror}); make room there") from error
        self.messages, self.last, self.fresh = moved, self.last + number, False
        self._outbox = Outbox(self.path)

    def _end_moving(self, drafted: Mapping[int, tuple[str, bytes]]) -> None:
        """End what a process began that was killed, or whose disk was full: facts that it was told after moving the others here are in
        the draft alone.
        """
        if not self._draft.exists():
            return
        here = {(topic, renumbered(payload, 0)) for topic, payload in self.messages.values()}
        left = [(topic, payload) for topic, payload in drafted.values() if (topic, renumbered(payload, 0)) not in here]
        if left:
            self.add([(topic, renumbered(payload, seq)) for seq, (topic, payload) in enumerate(left, self.last + 1)])
        try:
            self._draft.unlink()
        except OSError as error:
            raise OutboxError(f"{self._draft}: cannot be removed ({error.strerror}); see that you may write there") from error

    def _numbered(self, outbox: Outbox) -> dict[int, tuple[str, bytes]]:
        """What is in a file, by number."""
        found = {}
        for topic, payload in outbox.news():
            numbered = number_of(payload)
            if numbered is None or numbered[0] != self._device:
                whose = "no device's" if numbered is None else f"of device {numbered[0]!r}"
                raise OutboxError(f"{outbox.path}: holds a message {whose}, not of {self._device!r}; give each device a file of its own")
            found[numbered[1]] = topic, payload
        return found


def _locked(path: Path) -> int:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise OutboxError(f"{path}: cannot be written ({error.strerror}); choose a folder on a disk with space") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise OutboxError(
            f"{path}: another process sends what is in this outbox; end that one, or give this one a file of its own"
        ) from None
    return lock


def _sync_left(path: Path) -> None:
    """See on the disk what is in the file, and its name: whoever wrote it may have been killed before, and what is sent now must stay."""
    try:
        sync(path)
        sync_folder(path.parent)
    except OSError as error:
        raise OutboxError(f"{path}: cannot be read or written ({error.strerror}); make room there, and see that you may write") from error
