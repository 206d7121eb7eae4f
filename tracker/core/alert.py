"""One alert: what it is about, since when, what was found and what to do.

The kinds and how soon somebody must act on each stand in one table, which docs/status.md explains.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b

from tracker.core.facts import AlertWord

ID_MAX = 100
"""Characters of an id: as many as the desk can name on the wire."""
_NAMED = 6


class Severity(IntEnum):
    """How soon somebody must act; the higher, the sooner."""

    LOOK = 2
    ACT = 3


KINDS = {
    "never_heard": Severity.ACT,
    "overdue": Severity.ACT,
    "out_of_time": Severity.ACT,
    "conflict": Severity.ACT,
    "unaccounted": Severity.ACT,
    "beyond": Severity.ACT,
    "silent": Severity.ACT,
    "closing": Severity.ACT,
    "missing": Severity.ACT,
    "reused": Severity.ACT,
    "clock": Severity.ACT,
    "no_longer_final": Severity.ACT,
    "cannot_apply": Severity.ACT,
    "unknown_checkpoint": Severity.ACT,
    "unknown_device": Severity.ACT,
    "unknown_fact": Severity.ACT,
    "unknown_race": Severity.ACT,
    "unknown_station": Severity.ACT,
    "not_started": Severity.LOOK,
    "inside": Severity.LOOK,
    "suspect": Severity.LOOK,
    "before_start": Severity.LOOK,
    "too_close": Severity.LOOK,
    "late": Severity.LOOK,
    "unknown_bib": Severity.LOOK,
    "id_reused": Severity.LOOK,
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `id` names its cause for good; `at_ms` is the moment of the newest that it speaks of.

    `race`, `bib`, `station`, `device`, `checkpoint` and `fact` (an id) say whom or what it is about, where it is about one. `word` is what
    the desk has said of it, if that holds.
    """

    id: str
    kind: str
    severity: Severity
    at_ms: int
    text: str
    todo: str
    race: str | None = None
    bib: str | None = None
    station: str | None = None
    device: str | None = None
    checkpoint: str | None = None
    fact: str | None = None
    word: AlertWord | None = None


def alert(
    kind: str,
    of: str,
    at_ms: int,
    text: str,
    todo: str,
    *,
    race: str | None = None,
    bib: str | None = None,
    station: str | None = None,
    device: str | None = None,
    checkpoint: str | None = None,
    fact: str | None = None,
) -> Alert:
    """An alert of a kind; `of` tells it from all others of that kind."""
    return Alert(id_of(f"{kind}/{of}"), kind, KINDS[kind], at_ms, text, todo, race, bib, station, device, checkpoint, fact)


def urgency(one: Alert) -> tuple[int, int, str, str]:
    """The order of every list of alerts: those to act on, then the others, of each the oldest first."""
    return -one.severity, one.at_ms, one.kind, one.id


def bibs(named: Iterable[str], most: int = _NAMED) -> str:
    """`bib 12`, `bibs 12, 40`, or the first `most` `and 3 more`."""
    known = list(named)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"bib{'s' if len(known) > 1 else ''} {', '.join(known[:most])}{more}"


def hours(span_ms: int) -> str:
    """A duration to the minute, as `1h05`; none is below zero."""
    whole, minutes = divmod(max(span_ms, 0) // 60_000, 60)
    return f"{whole}h{minutes:02}"


def id_of(whole: str) -> str:
    """An id that the desk can name: the whole, or its beginning and a hash where the desk could not name the whole of it."""
    if len(whole) <= ID_MAX:
        return whole
    told = blake2b(whole.encode(), digest_size=6).hexdigest()
    return f"{whole[: ID_MAX - len(told) - 1]}~{told}"
