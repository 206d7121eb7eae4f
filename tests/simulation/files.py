"""The disk of a device, under its outbox: what was synced stays; of what came later, a power cut leaves any part, and may tear it.

It stands in for `os` in the modules that keep files. A name that was not synced with its folder may be gone, or be the old one again.
"""

import errno
import os
import shutil
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from tests.simulation.loop import PowerCut, Process, current
from tests.simulation.trace import Trace

_TORN = 64


class DeviceDisk:
    """One folder on one disk. `full`: writing fails; `dies_in`: before so many more calls to the disk the process is killed there."""

    def __init__(self, folder: Path, chance: Random, trace: Trace, name: str) -> None:
        self.folder = folder
        self.full = False
        self.dies_in = 0
        self._shadow = folder.with_name(folder.name + ".shadow")
        self._chance, self._trace, self._name = chance, trace, name
        self._synced: dict[int, int] = {}
        self._names: dict[str, int] = {}
        folder.mkdir()
        self._shadow.mkdir()

    def call(self, process: Process) -> None:
        """One call to the disk is about to happen."""
        if self.dies_in:
            self.dies_in -= 1
            if not self.dies_in:
                process.kill()
        if not process.alive:
            raise PowerCut

    def sync(self, file: int) -> None:
        """What the file (or the folder) holds now outlives a power cut."""
        found = os.fstat(file)
        if found.st_ino != self.folder.stat().st_ino:
            self._synced[found.st_ino] = found.st_size
            return
        self._names = {}
        for path in self._files():
            number = path.stat().st_ino
            self._names[path.name] = number
            if not (kept := self._shadow / str(number)).exists():
                kept.hardlink_to(path)

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.suffix != ".lock")

    def cut_power(self) -> None:
        """The files are what a power cut leaves of them."""
        names = self._names
        if self._chance.random() < 0.5:
            names = {path.name: path.stat().st_ino for path in self._files()}
        sources = {path.stat().st_ino: path for path in (*sorted(self._shadow.iterdir()), *self._files())}
        found = {name: self._left_of(sources[number].read_bytes(), self._synced.get(number, 0)) for name, number in sorted(names.items())}
        shutil.rmtree(self.folder)
        shutil.rmtree(self._shadow)
        self.folder.mkdir()
        self._shadow.mkdir()
        self._synced, self._names = {}, {}
        for name, content in found.items():
            self._trace(self._name, f"{name} is left with {content.count(10)} lines, {len(content)} bytes")
            path = self.folder / name
            path.write_bytes(content)
            number = self._names[name] = path.stat().st_ino
            self._synced[number] = len(content)
            (self._shadow / str(number)).hardlink_to(path)

    def _left_of(self, content: bytes, synced: int) -> bytes:
        left = content[: self._chance.randint(min(synced, len(content)), len(content))]
        torn = min(len(left) - synced, _TORN)
        if torn > 0 and self._chance.random() < 0.3:
            left = left[:-torn] + b"\0" * torn
        return left


class SimOs:
    """`os`, but for what makes a difference to a disk that fails."""

    disks: ClassVar[dict[Process, DeviceDisk]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        """Opened by the process that runs now."""
        number = os.open(path, flags, mode)
        current().files.add(number)
        return number

    def close(self, file: int) -> None:
        """Only whose it is closes a file: a process that was killed has none any more."""
        process = current()
        if file in process.files:
            process.files.remove(file)
            os.close(file)

    def write(self, file: int, content: bytes) -> int:
        """All of it, a part, or an error."""
        disk = self.disks.get(current())
        if disk is None:
            return os.write(file, content)
        chance = disk._chance
        if disk.full and chance.random() < 0.5:
            raise OSError(errno.ENOSPC, "No space left on device")
        if disk.full or (disk.dies_in == 1 and chance.random() < 0.5):
            content = content[: chance.randint(1, len(content))]
        written = os.write(file, content)
        disk.call(current())
        return written

    def fsync(self, file: int) -> None:
        """It is on the disk, unless the disk is full, or the power goes right now."""
        disk = self.disks.get(current())
        if disk is None:
            return
        disk.call(current())
        if disk.full and disk._chance.random() < 0.3:
            raise OSError(errno.ENOSPC, "No space left on device")
        disk.sync(file)
        disk.call(current())
