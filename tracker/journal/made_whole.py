"""A journal that gets its name only when all that belongs in it is there and on the disk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tracker.durable import put_in_place
from tracker.journal.file import side_files
from tracker.journal.journal import Journal
from tracker.journal.lock import WriterLock
from tracker.journal.rows import JournalError, Sources


@asynccontextmanager
async def made_whole(path: Path, sources: Sources, named: Mapping[str, str]) -> AsyncIterator[Journal]:
    """A new journal to fill, which stands at `path` when the block is left in peace; else nothing does. JournalError: it cannot be made."""
    if path.exists():
        raise JournalError(f"{path}: there is a file already; choose another name")
    draft = path.with_name(f".{path.name}.draft")
    lock = draft.with_name(draft.name + ".lock")
    remains = (draft, lock, *side_files(draft))
    try:
        for one in remains:
            one.unlink(missing_ok=True)
        async with await Journal.create(draft, sources) as journal:
            await journal.take_over(named)
            yield journal
        _name(draft, path)
    except OSError as error:
        raise JournalError(f"{path}: cannot be written ({error}); choose a folder on a disk with space") from error
    finally:
        for one in remains:
            one.unlink(missing_ok=True)


def _name(draft: Path, path: Path) -> None:
    """Give it its name, unless another journal has got that meanwhile."""
    lock = WriterLock(path)
    try:
        if path.exists():
            raise JournalError(f"{path}: has been made by somebody else meanwhile, and was left as it is; choose another name")
        for one in side_files(path):
            one.unlink(missing_ok=True)  # SQLite would take those of a journal that is gone for this one's
        put_in_place(draft, path)
    finally:
        lock.release()
