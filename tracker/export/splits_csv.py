"""`--format splits-csv`: a row a passage and a row a withdrawal, as the stations told them; `tracker import passages` reads it again.

Nothing is left out that a station's fact says, so that the same races are judged alike from it. The desk's own facts are none of it.
"""

import csv
import io

from tracker import views
from tracker.core.facts import Passage, Withdrawal
from tracker.export.passed import Passed, passed
from tracker.export.results import Results
from tracker.files.formula import harmless

COLUMNS = (
    *("race", "bib", "kind", "checkpoint", "station", "way", "time", "source", "device", "seq"),
    *("reason", "signed", "by", "note", "transport", "voided", "id"),
)
"""The columns before those of the provenance."""


def write(results: Results) -> bytes:
    """The passages and withdrawals as CSV, UTF-8, in order of time, each row with the results' provenance."""
    made = results.made()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *made])
    zone = results.field.event.timezone
    for one in passed(results):
        writer.writerow([*map(harmless, _cells(one, zone)), *made.values()])
    return out.getvalue().encode()


def _cells(one: Passed, zone: str) -> list[str]:
    fact = one.fact
    race = "" if one.race is None else one.race.id
    checkpoint = "" if one.race is None or one.at is None else one.race.checkpoints[one.at].id
    kind = "passage" if isinstance(fact, Passage) else "withdrawal"
    way, source = (fact.way, fact.source) if isinstance(fact, Passage) else (None, None)
    seq = None if fact.seq is None else str(fact.seq)
    first = (race, fact.bib, kind, checkpoint, fact.station, way, views.rfc3339(fact.at_ms, zone), source, fact.device, seq)
    return [_text(cell) for cell in (*first, *_withdrawn(fact), "yes" if one.voided else None, fact.id)]


def _withdrawn(fact: Passage | Withdrawal) -> tuple[str | None, ...]:
    """Reason, whether it was signed, by whom, note and transport."""
    if isinstance(fact, Passage):
        return (None,) * 5
    signed = None if fact.signed is None else "yes" if fact.signed else "no"
    return fact.reason, signed, fact.by, fact.note, fact.transport


def _text(cell: str | None) -> str:
    return "" if cell is None else str(cell)
