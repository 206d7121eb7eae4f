"""Files that are on the disk, whole, before anybody hears that they are: nobody ever sees half of one, and no name goes with the power."""

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file whole, or leave what was there as it was. OSError when it cannot be written.

    `mode`: who may read it, from its first byte on; None: whoever may read what this process writes.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        draft.unlink()  # of a process of this number, long ago
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else mode), "wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(content)
        put_in_place(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def put_in_place(draft: Path, path: Path) -> None:
    """Give a finished file its name, in the place of whatever has that name: on the disk before this returns. OSError: it has not."""
    sync(draft)
    draft.replace(path)
    sync_folder(path.parent)


def sync(path: Path) -> None:
    """See what is in a file on the disk, whoever wrote it."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """See the names of its files on the disk: without its name, what is in a file is lost with the power."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    number = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)
