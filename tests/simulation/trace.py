"""What happened in a race, in order: a hash of all of it, and the last lines for whoever must find out why."""

import hashlib
from collections import deque
from collections.abc import Callable
from pathlib import Path

_SHOWN = 60


class Trace:
    """Every event of a race with its moment."""

    def __init__(self, time: Callable[[], float], folder: Path, *, whole: bool = False) -> None:
        self.last: deque[str] = deque(maxlen=None if whole else _SHOWN)
        self.count = 0
        self.violations: list[str] = []
        """What must hold and did not: what, who, when."""
        self._time = time
        self._folder = f"{folder}/"
        self._hash = hashlib.blake2b(digest_size=8)

    def __call__(self, who: str, what: str) -> None:
        line = f"{self._time():10.4f}  {who:<10} {what}".replace(self._folder, "")
        self._hash.update(line.encode())
        self.last.append(line)
        self.count += 1

    def violated(self, what: str) -> None:
        """Something that must hold does not."""
        self("VIOLATION", what)
        self.violations.append(f"at {self._time():.3f} s: {what}")

    @property
    def hash(self) -> str:
        """The same for two races in which the same happened."""
        return self._hash.hexdigest()
