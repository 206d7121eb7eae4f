"""The newest messages of a journal as they came, for whoever wants to see them: facts and quarantine, a bounded number of each.

Pure, without Textual.
"""

from collections import deque
from collections.abc import Iterable
from heapq import merge

from tracker.journal import FactRow, QuarantineRow

KEPT = 2_000
"""So many facts are kept, and so many messages that are none: hours of a race; what is older is read from the journal."""

LogRow = FactRow | QuarantineRow


class Recent:
    """The newest `KEPT` facts and the newest `KEPT` quarantined messages, each in order of arrival."""

    def __init__(self, facts: Iterable[FactRow] = (), quarantined: Iterable[QuarantineRow] = ()) -> None:
        self.facts = deque(facts, KEPT)
        self.quarantined = deque(quarantined, KEPT)


def in_order(facts: Iterable[FactRow], quarantined: Iterable[QuarantineRow]) -> list[LogRow]:
    """Facts and quarantine as one list, by when they were received; each kind stays in its own order."""
    rows: list[Iterable[LogRow]] = [facts, quarantined]
    return list(merge(*rows, key=_received_ms))


def _received_ms(row: LogRow) -> int:
    return row.received_ms
