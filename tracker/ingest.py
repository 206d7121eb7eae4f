"""The loop that joins the rooms: batches in, decode, commit, acknowledge, fold, live topics out.

Nothing is acknowledged before it is on the disk, a message that is no fact is kept in quarantine, and nothing here knows which way in
the messages came.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from tracker import views
from tracker.acks import Acks
from tracker.clock import RaceClock
from tracker.core.facts import Fact, Heartbeat, Passage, Withdrawal, is_from_device
from tracker.core.finals import Finality, finality
from tracker.floods import Floods, Sender
from tracker.fold import Fold
from tracker.journal import BATCH, FactRow, Journal, JournalError, QuarantineRow, keeping
from tracker.link import Link
from tracker.mqtt.inlet import Delivery, Inlet
from tracker.sparing import SparingLog
from tracker.wire import DESK, Offline, Wire, WireError, encode

log = logging.getLogger(__name__)

LIVE_INTERVAL_S = 1.0
_LIVE_REST = 4
_LIVE_ALERTS = 50
_RETRY_S = 1.0
_PAYLOAD_IN_LOG = 200
_OFFLINE_MAX = 1000
_OF_STATIONS = frozenset((Passage, Withdrawal, Heartbeat))
_SENDER = attrgetter("station", "device")


@dataclass(slots=True)
class Counts:
    """What went through since the start. `offline`: devices whose last will came last, with the station that it names."""

    messages: int = 0
    facts: int = 0
    repeats: int = 0
    quarantined: int = 0
    offline: dict[str, str] = field(default_factory=dict)


class Stored(NamedTuple):
    """The facts of a batch, how many of them the journal did not have before, and when they were received."""

    facts: list[Fact]
    new: int
    received_ms: int


class Intake:
    """From messages to the disk: decode, commit, count. The same for a broker, the endpoint, and a file.

    Of the last batch, `rejected` is what went to quarantine, and `wills` are the last wills.
    """

    def __init__(self, journal: Journal, wire: Wire, clock: RaceClock) -> None:
        self.journal = journal
        self.clock = clock
        self.counts = Counts()
        self.rejected: list[QuarantineRow] = []
        self.wills: list[Offline] = []
        self._decode = wire.decode

    async def store(self, batch: Sequence[tuple[str, bytes]]) -> Stored:
        """Put (topic, payload) pairs on the disk, what is no fact in quarantine. JournalError: nothing was stored."""
        received_ms = self.clock.now_ms()
        rows: list[FactRow] = []
        facts: list[Fact] = []
        bad: list[QuarantineRow] = []
        wills: list[Offline] = []
        offline = self.counts.offline
        for topic, payload in batch:
            try:
                fact = self._decode(topic, payload)
            except WireError as error:
                bad.append(QuarantineRow(0, received_ms, topic, payload, str(error)))
                continue
            if isinstance(fact, Offline):
                wills.append(fact)
                if fact.device in offline or len(offline) < _OFFLINE_MAX:  # so many are no devices
                    offline[fact.device] = fact.station
                continue
            if offline and is_from_device(fact) and fact.device is not None:
                offline.pop(fact.device, None)
            rows.append(FactRow(0, fact.key, received_ms, topic, payload))
            facts.append(fact)
        new = await self.journal.append(rows, bad)
        self.counts.messages += len(batch)
        self.counts.facts += new
        self.counts.repeats += len(rows) - new
        self.counts.quarantined += len(bad)
        self.rejected, self.wills = bad, wills
        return Stored(facts, new, received_ms)


class Ingest:
    """One race's ingest: `run` until told to stop. `fold` is what the journal held at the start, and follows what comes. `name` is the
    tracker's, by which devices tell two of them apart.
    """

    def __init__(self, inlet: Inlet, journal: Journal, fold: Fold, clock: RaceClock, name: str = "") -> None:
        self.inlet = inlet
        self.fold = fold
        self.clock = clock
        self.intake = Intake(journal, fold.wire, clock)
        self._log = SparingLog(log)
        self._floods = Floods(fold.event.stations)
        self._told: dict[str, tuple[int, Finality]] = {}
        self._link = self._written = Link()
        self._unwritten = False
        self._name = name
        self._acks = Acks(name)
        self._connections = self._losses = 0
        self._quarantined = 0
        self._last_quarantined = self._last_aside = 0
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Take in until `stop` is set; the batch in hand is finished first, unless the disk does not take it."""
        self._stop = stop
        if self.fold.counted:
            self._advance()  # what waited while nobody listened is news, unless nobody was ever told anything
        live = asyncio.create_task(self._tell())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                waiting = asyncio.ensure_future(self.inlet.next_batch(BATCH))
                await asyncio.wait({waiting, stopping, live}, return_when=asyncio.FIRST_COMPLETED)
                if live.done():
                    live.result()
                if waiting.done():
                    await self.take(waiting.result())
                else:
                    waiting.cancel()
        finally:
            for task in (live, stopping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self._tell_all()

    async def take(self, batch: list[Delivery]) -> None:
        """One batch, all the way: decode, commit, acknowledge, fold. A disk that cannot take it is tried until it can."""
        messages = [(topic, payload) for topic, payload, _ in batch]
        said = ""
        while True:
            try:
                stored = await self.intake.store(messages)
                break
            except JournalError as error:
                if str(error) != said:  # once, and not every second of a night
                    said = str(error)
                    log.error("%s", error)  # noqa: TRY400  the sentence says it; a traceback helps nobody at night
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _RETRY_S)
                    return
        for will in self.intake.wills:
            self._log.warning("device %s at %s went offline", will.device, will.station)
        for row in self.intake.rejected:
            self._log.warning("quarantined: %s (%r)", row.reason, row.payload[:_PAYLOAD_IN_LOG])
        self._floods.count(self._senders(stored.facts), stored.received_ms)
        self.inlet.ack(batch)  # only now: what is not on the disk is still the sender's
        for fact in stored.facts:
            if isinstance(fact, Heartbeat):
                self._acks.answer(fact.device)
        if stored.new == len(stored.facts):
            self.fold.take_new(stored.facts, stored.received_ms)
        else:
            await self.fold.catch_up(self.intake.journal)  # some had come before: the journal knows which

    def _senders(self, facts: Sequence[Fact]) -> Iterable[tuple[Sender, int]]:
        """Who sent the last batch, and how many messages each."""
        told = [fact for fact in facts if type(fact) in _OF_STATIONS]
        sent = Counter(map(_SENDER, told))
        sent[DESK, None] = len(facts) - len(told)
        sent.update((self.fold.wire.station_of(row.topic), None) for row in self.intake.rejected)
        sent.update((will.station, will.device) for will in self.intake.wills)
        return ((Sender(*who), count) for who, count in sent.items())

    async def _tell(self) -> None:
        clock = asyncio.get_running_loop().time
        took_s = 0.0
        while True:
            await asyncio.sleep(max(LIVE_INTERVAL_S, _LIVE_REST * took_s))  # what is told must not take the time of what comes in
            began_s = clock()
            try:
                await self._tell_all()
            except Exception:  # whatever fails in a view, the facts must go on being saved
                log.exception("the live topics could not be made; facts are taken in all the same")
            took_s = clock() - began_s

    def _advance(self) -> int:
        """Move the field to the race's clock, and return the moment."""
        now_ms = self.clock.now_ms()
        self.fold.field.advance(max(now_ms, self.fold.field.now_ms))
        return now_ms

    async def _tell_all(self) -> None:
        """Publish the live topics; a race in which nothing changed is left out."""
        now_ms = self._advance()
        await self._write_link(now_ms)
        if self._connections != self.inlet.connections:  # another broker, or one that lost its memory, has none of what was told
            self._connections = self.inlet.connections
            self._told.clear()
            self._acks.forget()
        fold_field = self.fold.field
        for race in fold_field.event.races:
            version = fold_field.version(race.id), finality(fold_field, race.id)
            if self._told.get(race.id) != version:
                await self._publish(f"{race.id}/standings", views.standings(fold_field, race.id, now_ms))
                await self._publish(f"{race.id}/ledger", views.ledger(fold_field, race.id))
                self._told[race.id] = version
        await self._publish("alerts", views.alert_list(fold_field, self.fold.alerts(), now_ms, _LIVE_ALERTS))
        await self._count_quarantined()
        for ack in self._acks.news(fold_field.devices.receipts()):
            await self._publish(f"ack/{ack.device}", ack._asdict())
        await self._publish("status", self._status(now_ms))

    async def _write_link(self, now_ms: int) -> None:
        """Write down how the way in is, when it is another than before: a broker that is away cannot be told of it."""
        self._log.settle()
        lost, self._losses = self.inlet.losses != self._losses, self.inlet.losses
        floods = self._floods.found(now_ms)
        self._link = self._link.found(self.inlet.fault, self.intake.counts.offline, now_ms, floods, lost=lost)
        if self._link == self._written:
            return
        try:
            await self.intake.journal.set_link(self._link)
        except JournalError as error:
            if not self._unwritten:  # once: a full disk is said with every batch that it does not take
                log.error("no dashboard hears of the way in (%s) before the disk takes it: %s", self.inlet.link, error)  # noqa: TRY400  as above
            self._unwritten = True
        else:
            self._written, self._unwritten = self._link, False

    async def _count_quarantined(self) -> None:
        """How many there are by now, and what they are called; a journal that cannot be read for the moment is no reason to end."""
        try:
            more, self._last_quarantined = await self.intake.journal.count_quarantined(self._last_quarantined)
            self._quarantined += more
            for row in await self.intake.journal.quarantined(self._last_aside):
                self._last_aside = row.no
                number = None if row.garbled else self.fold.wire.number_given(row.topic, row.payload)
                if number is not None:
                    self._acks.put_aside(*number)
        except JournalError as error:
            log.error("%s", error)  # noqa: TRY400  as above

    def _status(self, now_ms: int) -> dict[str, Any]:
        """`facts` and `quarantined` are the journal's, as `status --json` has them."""
        counts = self.intake.counts
        return {
            "tracker": self._name,
            "at": views.rfc3339(now_ms, self.fold.event.timezone),
            "link": self.inlet.link,
            "journal": views.kept(keeping(self.intake.journal.path), self.clock, self.fold.event.timezone),
            "facts": self.fold.counted,
            "quarantined": self._quarantined,
            "offline": sorted(counts.offline),
            "floods": views.floods(self._link),
            "since_start": {
                "messages": counts.messages,
                "facts": counts.facts,
                "repeats": counts.repeats,
                "quarantined": counts.quarantined,
            },
        }

    async def _publish(self, name: str, payload: Any) -> None:
        await self.inlet.publish(self.fold.wire.topic("live", name), encode(payload))
