"""A journal's rows folded into a field: what status, the dashboard, the exports and a restarted ingest all begin with.

The same rows give the same field. A row that this version cannot read is kept aside and said, never skipped in silence.
"""

from collections.abc import Callable
from typing import NamedTuple

from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.journal import FactRow, Journal, Sources
from tracker.wire import Offline, Wire, WireError


class Unreadable(NamedTuple):
    """A journalled fact that this version cannot read, and why."""

    row: FactRow
    reason: str


class Fold:
    """A field, how far into the journal it has come (`last_no`), and how many facts that were. `until_ms`: only what happened by then."""

    def __init__(self, sources: Sources, until_ms: int | None = None) -> None:
        self.event = read_event(sources.event_toml, sources.event_name)
        self.roster = read_roster(sources.roster_csv, sources.roster_name, self.event)
        self.wire = Wire(self.event.id, sources.root)
        self.field = Field(self.event, self.roster)
        self.until_ms = until_ms
        self.last_no = 0
        self.counted = 0
        self.unreadable: list[Unreadable] = []

    def take(self, rows: list[FactRow]) -> None:
        """Fold rows of the journal, in any order."""
        decode, until_ms = self.wire.decode, self.until_ms
        facts: list[Fact] = []
        for row in rows:
            _, key, _, topic, payload = row
            try:
                fact = decode(topic, payload, key)
            except WireError as error:
                self.unreadable.append(Unreadable(row, str(error)))
                continue
            if not isinstance(fact, Offline) and (until_ms is None or fact.at_ms <= until_ms):
                facts.append(fact)
        self.field.extend(facts)
        self.counted += len(facts)
        if rows:
            self.last_no = max(self.last_no, rows[-1].no)

    def take_new(self, facts: list[Fact]) -> None:
        """Fold facts that were just put into the journal, all of them new to it. (Its numbers rise by one a fact.)"""
        self.field.extend(facts)
        self.counted += len(facts)
        self.last_no += len(facts)

    async def catch_up(self, journal: Journal, known_ms: int | None = None, said: Callable[[int], None] | None = None) -> int:
        """Fold what the journal has beyond `last_no` (received by `known_ms`); `said` hears of progress in rows. Returns how many."""
        count = 0
        async for rows in journal.facts(self.last_no, known_ms):
            self.take(rows)
            count += len(rows)
            if said is not None:
                said(len(rows))
        return count
