"""Every raw read of a runner, in order of time: which was accepted and for what, and why the others were not.

Pure, without Textual. Nothing is left out: a read that was voided, or that a clock's correction has moved, is there as it came.
"""

from collections.abc import Iterator

from tracker.core.evidence import EvidenceStore
from tracker.core.facts import Passage
from tracker.core.race_state import Standing
from tracker.dashboard.sheet import Sheet
from tracker.files.times import format_local


def read_lines(sheet: Sheet, line: Standing, store: EvidenceStore) -> Iterator[str]:
    """One line a read: when, where, by which device, and what became of it."""
    bib = line.entrant.bib
    reads = {(store.right_time(read).at_ms, read.key): read for record in store.records(bib) for read in record.passages}
    for (at_ms, _), read in sorted(reads.items()):
        when = format_local(at_ms, sheet.timezone)
        own = "" if at_ms == read.at_ms else f", by its own clock {format_local(read.at_ms, sheet.timezone)}"
        other = "" if read.bib == bib else f", read as bib {read.bib}"
        yield f"{when}  {_where(read)}{own}{other}: {_fate(sheet, line, store, read, at_ms)}  ({read.id})"


def _where(read: Passage) -> str:
    parts = [read.station]
    if read.way is not None:
        parts.append(f"going {read.way.value}")
    if read.device is not None:
        parts.append(f"by {read.device}" + ("" if read.seq is None else f" no. {read.seq}"))
    if read.source is not None:
        parts.append(read.source.value)
    return " ".join(parts)


def _fate(sheet: Sheet, line: Standing, store: EvidenceStore, read: Passage, at_ms: int) -> str:
    """What became of a read."""
    if read.id in store.voided:
        return "voided by the desk"
    verdict, points = line.verdict, sheet.race.checkpoints
    for suspect in verdict.suspects:
        if suspect.read.key == read.key:
            return f"does not count, {suspect.why.value}"
    for index, split in enumerate(verdict.splits):
        if split is not None and split.reading.key == read.key:
            return f"accepted, arrival at {points[index].name}"
    for index, split in enumerate(verdict.splits):
        if split is not None and split.out_ms == at_ms and points[index].station == read.station:
            return f"accepted, departure from {points[index].name}"
    return "read again, changes nothing"
