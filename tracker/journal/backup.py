"""A copy of a journal while it is written: what it held at one moment, whole and proved, or nothing.

The copy is read in steps from one snapshot, so that whoever writes meanwhile is neither held up nor makes it begin again.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tracker.durable import put_in_place
from tracker.journal.file import side_files
from tracker.journal.lock import is_being_written
from tracker.journal.rows import JournalError, in_words, rescue
from tracker.journal.wal import log_path
from tracker.text import clean_text

_PAGES = 1_000
_PAUSE_S = 0.01
_COUNTS = "SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM quarantine)"
_LAST = "SELECT no, key FROM fact ORDER BY no DESC LIMIT 1"
_SESSION = "SELECT value FROM race WHERE name = 'session'"


class BackedUp(NamedTuple):
    """What a copy holds."""

    facts: int
    quarantined: int


class StoppedError(Exception):
    """A copy was left off, because nobody wants it any more."""


def back_up(journal: Path, target: Path, stopped: Callable[[], bool] = lambda: False) -> BackedUp:
    """Copy a journal, in the place of an older copy of the same one. JournalError: there is none, and what was there is as it was;
    StoppedError the same, once `stopped` says so. It takes its time, and stands in no one's way: for a thread.
    """
    if not journal.is_file():
        raise JournalError(f"{journal}: there is no such file, so there is nothing to copy")
    if target.is_dir():
        raise JournalError(f"{target}: is a folder; give the copy a name in it, for example {target / journal.name}")
    draft = target.with_name(f".{target.name}.draft")
    with in_words(journal), closing(_opened(journal, "mode=ro")) as source:
        source.execute("BEGIN")
        held = BackedUp(*source.execute(_COUNTS).fetchone())  # from here on this moment is what is read
        if target.exists():
            _prove_older(journal, source, target)
        try:
            _copy(source, draft, stopped)
            _prove_copy(journal, draft, held)
            for one in side_files(target):
                one.unlink(missing_ok=True)  # SQLite would take those of the copy that was there for this one's
            put_in_place(draft, target)
        except OSError as error:
            raise _unwritten(target, error.strerror) from error
        finally:
            _remove(draft)
    return held


def _copy(source: sqlite3.Connection, draft: Path, stopped: Callable[[], bool]) -> None:
    def step(*_: int) -> None:
        if stopped():
            raise StoppedError

    _remove(draft)
    draft.touch()  # OSError says why not; SQLite does not
    try:
        with closing(sqlite3.connect(draft)) as copy:
            source.backup(copy, pages=_PAGES, progress=step, sleep=_PAUSE_S)
    except sqlite3.Error as error:
        raise _unwritten(draft.with_name(draft.name[1:].removesuffix(".draft")), str(error)) from error


def _prove_copy(journal: Path, draft: Path, held: BackedUp) -> None:
    try:
        with closing(_opened(draft, "immutable=1")) as copy:
            [found] = copy.execute("PRAGMA quick_check(1)").fetchone()
            holds = BackedUp(*copy.execute(_COUNTS).fetchone())
    except sqlite3.Error as error:
        found, holds = str(error), held
    if found != "ok":
        raise JournalError(f"{journal}: is damaged, so no copy was made of it ({clean_text(found, 160)}); {rescue(journal)}")
    if holds != held:
        raise JournalError(f"{journal}: the copy holds {holds.facts} of {held.facts} facts, so it was thrown away; check the disk")


def _prove_older(journal: Path, source: sqlite3.Connection, target: Path) -> None:
    """JournalError when what is there is anything but an older copy: nothing is lost by taking its place."""
    if target.samefile(journal):
        raise JournalError(f"{target}: is the journal itself; give the copy another name")
    if is_being_written(target):
        raise JournalError(f"{target}: a tracker is writing it, so it is no copy any more; choose another name")
    try:
        log = log_path(target)
        logged = log.exists() and log.stat().st_size > 0
        with closing(_opened(target, "mode=ro" if logged else "immutable=1")) as there:  # who only reads leaves no files beside it
            session, last = there.execute(_SESSION).fetchone(), there.execute(_LAST).fetchone()
            _, quarantined = there.execute(_COUNTS).fetchone()
    except sqlite3.Error as error:
        raise JournalError(f"{target}: there is a file already, and no copy of {journal} ({error}); choose another name") from error
    if session is None or session != source.execute(_SESSION).fetchone():
        raise JournalError(f"{target}: is another journal's, not an older copy of {journal}; choose another name")
    known = last is None or source.execute("SELECT no, key FROM fact WHERE no = ?", last[:1]).fetchone() == last
    if not known or quarantined > source.execute(_COUNTS).fetchone()[1]:
        raise JournalError(f"{target}: holds what {journal} does not; unite them first: tracker merge {journal} {target}")


def _opened(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=30)


def _remove(draft: Path) -> None:
    for one in (draft, *side_files(draft)):
        one.unlink(missing_ok=True)


def _unwritten(target: Path, why: str | None) -> JournalError:
    return JournalError(f"{target}: the copy cannot be written ({why}); make room there, or choose another folder")
