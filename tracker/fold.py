"""A journal's rows folded into a field: what status, the dashboard, the exports and a restarted ingest all begin with.

The same rows give the same field. A row that this version cannot read is kept aside and said, never skipped in silence.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tracker.core.alerts import Alert, alerts
from tracker.core.changes import News, changed
from tracker.core.clocks import ClockOffset, Clocks
from tracker.core.facts import Fact, Heartbeat, Passage, Withdrawal
from tracker.core.field import Field
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.journal import FactRow, Journal, Sources
from tracker.wire import Offline, Wire, WireError

LATE_MS = 10 * 60_000
"""A read that comes so long after it happened was kept back somewhere: what it changes is news."""
STALE_MS = 48 * 3_600_000
"""What is older than any race is a recording that somebody feeds, and no news."""
_NEWS_MAX = 500
_DOUBTS_MS = (86_400_000, 3_600_000, 300_000, 60_000, 15_000, 5_000, 2_000, 1_000)
_SURE_OF = 3


class Unreadable(NamedTuple):
    """A journalled fact that this version cannot read, and why."""

    row: FactRow
    reason: str


class Fold:
    """A field, how far into the journal it has come (`last_no`), and how many facts that were.

    `until_ms`: only what happened by then. `live`: facts were received by the wall's clock, so that devices' clocks can be told by it.
    `news` is what late facts have changed since the field's clock first moved, the newest last.
    """

    def __init__(self, sources: Sources, until_ms: int | None = None, *, live: bool = True) -> None:
        self.event = read_event(sources.event_toml, sources.event_name)
        self.roster = read_roster(sources.roster_csv, sources.roster_name, self.event)
        self.wire = Wire(self.event.id, sources.root)
        self.field = Field(self.event, self.roster)
        self.until_ms = until_ms
        self.last_no = 0
        self.counted = 0
        self.unreadable: list[Unreadable] = []
        self.news: deque[News] = deque(maxlen=_NEWS_MAX)
        self._clocks = Clocks() if live and until_ms is None else None

    def take(self, rows: list[FactRow]) -> None:
        """Fold rows of the journal, in any order."""
        decode, until_ms = self.wire.decode, self.until_ms
        facts: list[Fact] = []
        received: list[int] = []
        for row in rows:
            _, key, received_ms, topic, payload = row
            try:
                fact = decode(topic, payload, key)
            except WireError as error:
                self.unreadable.append(Unreadable(row, str(error)))
                continue
            if not isinstance(fact, Offline) and (until_ms is None or fact.at_ms <= until_ms):
                facts.append(fact)
                received.append(received_ms)
        self._join(facts, received)
        if rows:
            self.last_no = max(self.last_no, rows[-1].no)

    def take_new(self, facts: list[Fact], received_ms: int) -> None:
        """Fold facts that were just put into the journal, all of them new to it. (Its numbers rise by one a fact.)"""
        self._join(facts, [received_ms] * len(facts))
        self.last_no += len(facts)

    def offsets(self) -> dict[str, ClockOffset]:
        """How far each device's clock is off, where that was measured."""
        return {} if self._clocks is None else self._clocks.all()

    def alerts(self) -> list[Alert]:
        """Everything there is to look at now, with what was measured of the devices' clocks and what late facts have changed."""
        return alerts(self.field, self.offsets(), self.news)

    def _join(self, facts: list[Fact], received: list[int]) -> None:
        late = [
            (fact, received_ms)
            for fact, received_ms in zip(facts, received, strict=True)
            if LATE_MS < received_ms - fact.at_ms < STALE_MS and isinstance(fact, Passage | Withdrawal)
        ]
        if late and self.field.now_ms and self.until_ms is None:  # a field without a clock is still being read from the journal
            self._join_late(facts, late)
        else:
            self.field.extend(facts)
        self.counted += len(facts)
        if self._clocks is not None:
            self._hear(self._clocks, facts, received)

    def _join_late(self, facts: list[Fact], late: list[tuple[Passage | Withdrawal, int]]) -> None:
        """Facts of which some come late: the verdicts on those runners before and after."""
        field = self.field
        told = {field.store.owner(fact.bib): (fact, received_ms) for fact, received_ms in late}
        before = {bib: field.verdict(bib) for bib in told if bib in field.runners}
        field.extend(facts)
        self.news.extend(News(change, *told[change.bib]) for change in changed(field, before))

    def _hear(self, clocks: Clocks, facts: list[Fact], received: list[int]) -> None:
        """What the heartbeats say of the devices' clocks."""
        heard = set[str]()
        for fact, received_ms in zip(facts, received, strict=True):
            if type(fact) is Heartbeat:
                clocks.heard(fact.device, fact.at_ms, received_ms)
                heard.add(fact.device)
        for device in heard:
            offset = clocks.offset(device)
            if offset is not None and offset.heartbeats >= _SURE_OF:
                now_ms = self.field.now_ms
                off_ms = abs(self.field.store.right_moment(device, now_ms + offset.offset_ms) - now_ms)
                self.field.doubt(device, _doubt_ms(max(off_ms, offset.uncertainty_ms)))

    async def catch_up(self, journal: Journal, known_ms: int | None = None, said: Callable[[int], None] | None = None) -> int:
        """Fold what the journal has beyond `last_no` (received by `known_ms`); `said` hears of progress in rows. Returns how many."""
        count = 0
        async for rows in journal.facts(self.last_no, known_ms):
            self.take(rows)
            count += len(rows)
            if said is not None:
                said(len(rows))
        return count


def _doubt_ms(off_ms: int) -> int:
    """In coarse steps, so that the verdicts which stand on it are seldom made anew."""
    return next((step_ms for step_ms in reversed(_DOUBTS_MS) if off_ms <= step_ms), _DOUBTS_MS[0])
