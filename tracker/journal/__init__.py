"""The race on disk: one SQLite file with every fact, every message that was none, the event file and the roster.

The only room that knows SQL and SQLite's files. Rows are only ever added; the payloads are kept byte for byte as they came.
"""

from tracker.journal.backup import BackedUp, StoppedError, back_up
from tracker.journal.file import SCHEMA_VERSION
from tracker.journal.health import damage
from tracker.journal.journal import BATCH, Journal, read_facts
from tracker.journal.lock import is_being_written, writer_pid
from tracker.journal.made_whole import made_whole
from tracker.journal.rows import FactRow, JournalError, PlainRow, QuarantineRow, Sources
from tracker.journal.upkeep import Keeping, Upkeep, keeping
from tracker.journal.wreck import Found, Proof, Wreck

__all__ = [
    "BATCH",
    "SCHEMA_VERSION",
    "BackedUp",
    "FactRow",
    "Found",
    "Journal",
    "JournalError",
    "Keeping",
    "PlainRow",
    "Proof",
    "QuarantineRow",
    "Sources",
    "StoppedError",
    "Upkeep",
    "Wreck",
    "back_up",
    "damage",
    "is_being_written",
    "keeping",
    "made_whole",
    "read_facts",
    "writer_pid",
]
