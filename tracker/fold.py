"""A journal's rows folded into a field: what status, the dashboard, the exports and a restarted ingest all begin with.

The same rows give the same field. A row that this version cannot read is kept aside and said, never skipped in silence.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from heapq import nlargest
from itertools import groupby, takewhile
from operator import attrgetter, itemgetter
from typing import NamedTuple, TypeVar, cast

import msgspec

from tracker.ahead import Row, read
from tracker.core.alerts import Alert, alerts
from tracker.core.as_of import AsOf
from tracker.core.changes import News, changed, known
from tracker.core.clocks import ClockOffset, Clocks
from tracker.core.facts import ClockCorrection, Fact, Heartbeat, Passage, Void, Withdrawal, is_from_device
from tracker.core.field import Field
from tracker.core.news import NEWS_FOR_MS, is_news, is_old
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.journal import BATCH, FactRow, Journal, Sources
from tracker.wire import Wire, WireError

LATE_MS = 10 * 60_000
"""A read that comes so long after it happened was kept back somewhere: what it changes is news."""
STALE_MS = 48 * 3_600_000
"""What is older than any race is a recording that somebody feeds, and no news."""
_DOUBTS_MS = (86_400_000, 3_600_000, 300_000, 60_000, 15_000, 5_000, 2_000, 1_000)
_SURE_OF = 3
_UNTOLD_MS = 1_000
"""So long after the first fact of a race has come nobody has been told anything yet that could change."""
_OF_CLOCKS = (Heartbeat, ClockCorrection, Void)
_NO = itemgetter(0)
_FACT = itemgetter(1)
_RECEIVED_MS = itemgetter(2)
_AT_MS = attrgetter("at_ms")
_MESSAGE = itemgetter(3, 4, 1)  # a row's topic, payload and key
_Late = tuple[Passage | Withdrawal, int]
_R = TypeVar("_R", bound=Row)


class Unreadable(NamedTuple):
    """A journalled fact that this version cannot read, and why."""

    row: FactRow
    reason: str


class Fold:
    """A field, how far into the journal it has come (`last_no`), and how many facts that were. `heard_ms`: when the last fact was received
    that a device told; None: none yet.

    `until_ms`: only what had happened by then, by the right clocks; such a field is made anew whenever more rows were taken.
    `live`: facts were received by the wall's clock, so that devices' clocks can be told by it.
    `now_ms`: the present moment, for a field that is made while others follow the same race.
    `news` is what late facts have changed, the newest last, as far as it may still be told: of those that came since the field's clock
    first moved, and of those that the journal received in the last hours before `now_ms`, just as who followed it then has it.
    """

    def __init__(self, sources: Sources, until_ms: int | None = None, *, live: bool = True, now_ms: int | None = None) -> None:
        self.event = read_event(sources.event_toml, sources.event_name)
        self.roster = read_roster(sources.roster_csv, sources.roster_name, self.event)
        self.wire = Wire(self.event.id, sources.root)
        self.field = Field(self.event, self.roster)
        self.last_no = 0
        self.counted = 0
        self.heard_ms: int | None = None
        self.unreadable: list[Unreadable] = []
        self.news: deque[News] = deque()
        self._as_of = None if until_ms is None else AsOf(until_ms)
        self._clocks = Clocks() if live and until_ms is None else None
        self._now_ms = now_ms
        self._told_ms: int | None = None
        self._beat_ms: dict[str, int] = {}
        self._corrected = False

    def take(self, rows: Sequence[FactRow], now_ms: int | None = None) -> None:
        """Fold rows of the journal, in any order. `now_ms`: the present moment, where that has moved on since the fold was made."""
        self._now_ms = self._now_ms if now_ms is None else now_ms
        self._take(rows)
        self._decide()

    def _take(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if self._as_of is not None:
            self._as_of.take(*self._decoded(rows))
        else:
            self._begin(_RECEIVED_MS(rows[0]))
            first = self._first_watched(rows)
            self._join(*self._decoded(rows[:first]))
            self._follow(rows[first:])
        self.last_no = max(self.last_no, _NO(rows[-1]))

    def _decoded(self, rows: Sequence[Row]) -> tuple[list[Fact], list[int]]:
        """The facts of rows, and when each was received."""
        facts: list[Fact] = []
        received: list[int] = []
        for kind, alike in groupby(rows, type):
            some = list(alike)
            if kind is FactRow:
                more, more_received = self._decode(cast("list[FactRow]", some))
                facts += more
                received += more_received
            else:  # it was read ahead
                facts += map(_FACT, some)
                received += map(_RECEIVED_MS, some)
        return facts, received

    def _decode(self, rows: list[FactRow]) -> tuple[list[Fact], list[int]]:
        facts, others = self.wire.decode_all(map(_MESSAGE, rows))
        if not others:
            return facts, list(map(_RECEIVED_MS, rows))
        self.unreadable += (Unreadable(rows[number], str(error)) for number, error in others.items() if isinstance(error, WireError))
        return facts, [row.received_ms for number, row in enumerate(rows) if number not in others]

    def _begin(self, received_ms: int) -> None:
        """The race begins for whoever follows it, if it had not."""
        self._told_ms = received_ms + _UNTOLD_MS if self._told_ms is None else self._told_ms

    def _first_watched(self, rows: Sequence[Row]) -> int:
        """From which row on somebody follows, or did: the field has a clock, or it came in the hours of which news is told."""
        if self._watched:
            return 0
        return len(rows) if self._now_ms is None else bisect_right(rows, self._now_ms - NEWS_FOR_MS, key=_RECEIVED_MS)

    def _follow(self, rows: Sequence[Row]) -> None:
        """Join rows as a running ingest did, those of one receipt together; but only late ones need all that came before to be joined."""
        before: list[Fact] = []
        before_received: list[int] = []
        for received_ms, receipt in groupby(rows, _RECEIVED_MS):
            facts, received = self._decoded(list(receipt))
            late = self._late(facts, received_ms)
            if late:
                self._join(before, before_received)
                if self._now_ms is not None:
                    self.field.advance(max(self.field.now_ms, min(received_ms, self._now_ms)))
                self._join(facts, received, late)
                before, before_received = [], []
                continue
            before += facts
            before_received += received
            if any(isinstance(fact, ClockCorrection | Void) for fact in facts):
                self._join(before, before_received)  # what comes next is late or not by the clocks as the desk has put them right
                self.field.refresh()
                before, before_received = [], []
        self._join(before, before_received)

    def _decide(self) -> None:
        """What had happened by the moment, if that is asked: it is known when all rows are in."""
        if self._as_of is not None:
            happened = self._as_of.happened()
            self.field = Field(self.event, self.roster, self.field.now_ms)
            self.field.extend(happened)
            self.counted = len(happened)
            self._hear_of(happened)

    def go_on(self, until_ms: int) -> None:
        """As of a later moment, of the rows that were taken; asked of a fold with `until_ms`. ValueError when it is sooner."""
        assert self._as_of is not None  # a fold without a moment of its own only takes rows
        happened = self._as_of.go_on(until_ms)
        self.field.extend(happened)
        self.counted += len(happened)
        self._hear_of(happened)

    def _hear_of(self, happened: Iterable[Fact]) -> None:
        """As of a moment a device was heard when that happened which it told, by the right clock."""
        right_moment = self.field.store.right_moment
        told = (fact for fact in happened if is_from_device(fact))
        moments = (fact.at_ms if fact.device is None else right_moment(fact.device, fact.at_ms) for fact in told)
        self.heard_ms = max(moments, default=self.heard_ms)

    def newest(self, count: int) -> list[Fact]:
        """The last facts that had happened, in order of time; asked of a fold with `until_ms`."""
        happened = () if self._as_of is None else self._as_of.happened()
        return nlargest(count, happened, key=_AT_MS)[::-1]

    def came_after(self, received_ms: int) -> int:
        """How many of the facts that count were received later than a moment; asked of a fold with `until_ms`."""
        return 0 if self._as_of is None else self._as_of.came_after(received_ms)

    def take_new(self, facts: list[Fact], received_ms: int) -> None:
        """Fold facts that were just put into the journal, all new to it, where no `until_ms` was asked. (Numbers rise by one a fact.)"""
        self._begin(received_ms)
        self._join(facts, [received_ms] * len(facts), self._late(facts, received_ms) if self._watched else ())
        self.last_no += len(facts)

    @property
    def _watched(self) -> bool:
        """Whether somebody follows the field; one without a clock is still being read from the journal."""
        return self.field.now_ms > 0

    def offsets(self) -> dict[str, ClockOffset]:
        """How far each device's clock is off, where that was measured."""
        return {} if self._clocks is None else self._clocks.all()

    def alerts(self) -> list[Alert]:
        """Everything there is to look at now, with what was measured of the devices' clocks and what late facts have changed."""
        return alerts(self.field, self.offsets(), self.news)

    def _join(self, facts: list[Fact], received: list[int], late: Sequence[_Late] = ()) -> None:
        if late:
            self._join_late(facts, late)
        else:
            self.field.extend(facts)
        self.counted += len(facts)
        newest_first = zip(reversed(facts), reversed(received), strict=True)
        heard_ms = next((received_ms for fact, received_ms in newest_first if is_from_device(fact)), None)
        if heard_ms is not None:
            self.heard_ms = max(heard_ms, self.heard_ms or heard_ms)  # a merged journal does not hold them in order of receipt
        if self._clocks is None:
            return
        kinds = set(map(type, facts))
        if not kinds.isdisjoint(_OF_CLOCKS):
            beats = [(fact, received_ms) for fact, received_ms in zip(facts, received, strict=True) if type(fact) is Heartbeat]
            self._hear(self._clocks, beats)
            self._doubt(self._clocks, self._beat_ms if self._correct(kinds) else {beat.device for beat, _ in beats})

    def _join_late(self, facts: list[Fact], late: Sequence[_Late]) -> None:
        """Facts of which some come late: the verdicts on those runners before and after, by the last that happened of each."""
        field = self.field
        last: dict[str, _Late] = {}
        for fact, received_ms in late:
            bib = field.store.owner(fact.bib)
            if bib not in last or (fact.at_ms, fact.key) > (last[bib][0].at_ms, last[bib][0].key):
                last[bib] = (fact, received_ms)
        before = known(field, last)
        field.extend(facts)
        while self.news and is_old(field, self.news[0]):
            self.news.popleft()
        self.news.extend(News(change, *last[change.bib]) for change in changed(field, before) if is_news(change))

    def _hear(self, clocks: Clocks, beats: list[tuple[Heartbeat, int]]) -> None:
        """What the heartbeats say of the devices' clocks."""
        for beat, received_ms in beats:
            clocks.heard(beat.device, beat.at_ms, received_ms)
            self._beat_ms[beat.device] = beat.at_ms

    def _correct(self, kinds: set[type[Fact]]) -> bool:
        """Whether facts of these kinds may have changed what the desk says of the clocks."""
        self._corrected = self._corrected or ClockCorrection in kinds
        if not self._corrected or kinds.isdisjoint((ClockCorrection, Void)):
            return False
        self.field.refresh()  # a void is taken by who looks
        return True

    def _doubt(self, clocks: Clocks, devices: Iterable[str]) -> None:
        """By how much clocks are off beyond what the desk has said: by its word that holds for their last heartbeat."""
        for device in devices:
            offset = clocks.offset(device)
            if offset is not None and offset.heartbeats >= _SURE_OF:
                beat_ms = self._beat_ms[device]
                off_ms = abs(self.field.store.right_moment(device, beat_ms) - (beat_ms - offset.offset_ms))
                self.field.doubt(device, _doubt_ms(max(off_ms, offset.uncertainty_ms)))

    def _late(self, facts: Iterable[Fact], received_ms: int) -> list[_Late]:
        """Those of the facts of one receipt that were kept back somewhere, and when they came; none while nobody was told a thing."""
        if self._told_ms is None or received_ms <= self._told_ms:
            return []
        kept_back = (self._kept_back(fact, received_ms) for fact in facts)
        return [(fact, received_ms) for fact in kept_back if fact is not None]

    def _kept_back(self, fact: Fact, received_ms: int) -> Passage | Withdrawal | None:
        """The fact by the right clock, if it was received long after it happened, and may have changed what people were told."""
        if not isinstance(fact, Passage | Withdrawal):
            return None
        at_ms = fact.at_ms if fact.device is None else self.field.store.right_moment(fact.device, fact.at_ms)
        if not LATE_MS < received_ms - at_ms < STALE_MS:
            return None
        return fact if at_ms == fact.at_ms else msgspec.structs.replace(fact, at_ms=at_ms)

    async def catch_up(self, journal: Journal, known_ms: int | None = None, said: Callable[[int], None] | None = None) -> int:
        """Fold what the journal has beyond `last_no` (received by `known_ms`); `said` hears of progress in rows. Returns how many."""
        count = 0
        async with aclosing(read(journal, self.wire, self.last_no, known_ms)) as batches:  # whoever is stopped meanwhile holds no cursor
            async for rows in whole_receipts(batches):
                self._take(rows)
                count += len(rows)
                if said is not None:
                    said(len(rows))
        self._decide()
        return count


async def whole_receipts(batches: AsyncIterator[Sequence[_R]]) -> AsyncIterator[list[_R]]:
    """A journal's rows, parted only between receipts: what came at once changes what people were told at once."""
    rows: list[_R] = []
    async for more in batches:
        rows += more
        if whole := _receipts_end(rows):
            yield rows[:whole]
            rows = rows[whole:]
    if rows:
        yield rows


def _receipts_end(rows: Sequence[Row]) -> int:
    """Where the last receipt begins, of which more rows may follow: the ingest takes no more than a batch at once."""
    last_ms = _RECEIVED_MS(rows[-1])
    together = sum(1 for _ in takewhile(last_ms.__eq__, map(_RECEIVED_MS, reversed(rows))))
    return len(rows) - together if together < BATCH else len(rows)


def _doubt_ms(off_ms: int) -> int:
    """In coarse steps, so that the verdicts which stand on it are seldom made anew."""
    return next((step_ms for step_ms in reversed(_DOUBTS_MS) if off_ms <= step_ms), _DOUBTS_MS[0])
