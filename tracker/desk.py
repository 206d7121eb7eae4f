"""The desk: what the director says becomes a fact in the outbox, is sent until the journal has it, and is pending until then.

Nothing is remembered of what has arrived: that is read from the outbox, the journal and its quarantine, so it cannot go stale.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from tracker.core.facts import DeskWord, Fact
from tracker.files.event import read_event
from tracker.journal import Journal
from tracker.mqtt.address import NOBODY, Access, Broker
from tracker.mqtt.sender import Sender
from tracker.outbox import Outbox, OutboxError, outbox_path
from tracker.wire import Wire, WireError


class Pending(NamedTuple):
    """A fact of which the journal does not know yet, and when it was said (the race's time)."""

    fact: Fact
    said_ms: int


class Refused(NamedTuple):
    """What was said and the race has not taken: its fact (None: this tracker cannot read it), the message, and why."""

    fact: Fact | None
    topic: str
    payload: bytes
    reason: str


class _Entry(NamedTuple):
    fact: Fact
    topic: str
    payload: bytes


class Desk:
    """The desk of one journal. `broker`: where to send; None: to where the journal says that the ingest takes messages,
    as `access` there: the journal holds no password.

    Used by one dashboard, in one event loop: `run` is a task of its own, and `settle` follows each reading of the journal.
    `doubt` is what is wrong with the outbox, in words; empty: nothing.
    """

    def __init__(self, journal: Path, broker: Broker | None = None, access: Access = NOBODY) -> None:
        self.doubt = ""
        self._outbox = Outbox(outbox_path(journal))
        self._given = broker
        self._access = access
        self._broker = broker
        self._moved = asyncio.Event()
        self._sender: Sender | None = None
        self._identifier = f"desk-{uuid4().hex[:12]}"
        self._journal: Journal | None = None
        self._wire: Wire | None = None
        self._waiting: dict[bytes, _Entry] = {}
        self._reasons: dict[bytes, str] = {}
        self._unreadable: list[Refused] = []

    async def say(self, kind: str, fields: Mapping[str, object]) -> Fact:
        """State what the desk says: give `time`, `author`, `reason` and the kind's own fields; it gets its `id` here. It is on the disk
        when this returns, and pending. WireError says which field is wrong, OutboxError why nothing can be kept: then nothing was said.
        """
        if self._wire is None:
            raise OutboxError(f"{self._outbox.path}: the journal has not been read yet, so nothing was said; wait until the race is there")
        topic, payload = self._wire.said(kind, {**fields, "id": uuid4().hex})
        fact = self._decode(topic, payload)
        await asyncio.to_thread(self._outbox.add, topic, payload)
        self._waiting.setdefault(fact.key, _Entry(fact, topic, payload))
        if self._sender is not None:
            self._send_all(self._sender)
        return fact

    @property
    def pending(self) -> list[Pending]:
        """What was said and is not in the journal yet, in the order in which it was said."""
        return [Pending(one.fact, one.fact.at_ms) for key, one in self._waiting.items() if key not in self._reasons]

    @property
    def refused(self) -> list[Refused]:
        """What was said and is in quarantine, or cannot be read; it is not sent again."""
        quarantined = [Refused(*self._waiting[key], reason) for key, reason in self._reasons.items()]
        return [*self._unreadable, *quarantined]

    @property
    def link(self) -> str:
        """Whether what is said gets through, in words for a person."""
        if self._broker is None:
            return "nobody has said yet where messages go: they wait until tracker run takes them in, or give --broker"
        if self._sender is None:
            return f"nothing is sent to {self._broker} now"
        return self._sender.link

    async def run(self) -> None:
        """Send what is pending, until cancelled."""
        while True:
            self._moved.clear()
            if self._broker is None:
                await self._moved.wait()
                continue
            self._sender = Sender(self._broker, self._identifier)
            self._send_all(self._sender)
            try:
                await self._sender.run(self._moved)
            finally:
                self._sender = None

    async def settle(self, journal: Journal) -> None:
        """Look what of the outbox the journal has by now. JournalError, FileError: it cannot be read now, and all stays as it was."""
        if journal is not self._journal:
            self._begin(journal)
        await self._find(journal)
        await self._read_outbox()
        arrived = await journal.known(list(self._waiting))
        waiting = {(one.topic, one.payload): key for key, one in self._waiting.items() if key not in arrived}
        quarantined = await journal.why_quarantined(list(waiting))
        for key in arrived:
            self._waiting.pop(key, None)
        self._reasons = {waiting[message]: reason for message, reason in quarantined.items()}
        if self._sender is not None:
            for key in (*arrived, *self._reasons):
                self._sender.done(key)
            self._send_all(self._sender)

    def _begin(self, journal: Journal) -> None:
        """Another journal, or the same one opened again: nothing is known of what it has."""
        sources = journal.sources
        self._wire = Wire(read_event(sources.event_toml, sources.event_name).id, sources.root)
        self._outbox.rewind()
        self._unreadable.clear()
        self._reasons.clear()
        self._journal = journal

    async def _find(self, journal: Journal) -> None:
        """Where messages go: what was given, or what the ingest has written down."""
        ingest = None if self._given is not None else await journal.ingest()
        if ingest is None or ingest.address is None or ingest.address == str(self._broker):
            return
        self._broker = Broker.parse(ingest.address, self._access)
        self._moved.set()

    async def _read_outbox(self) -> None:
        try:
            messages = await asyncio.to_thread(self._outbox.news)
        except OutboxError as error:
            self.doubt = f"! {error}"
            return
        for topic, payload in messages:
            self._take(topic, payload)
        self.doubt = f"! {self._outbox.doubt}" if self._outbox.doubt else ""

    def _take(self, topic: str, payload: bytes) -> None:
        """A message of the outbox, whoever put it there."""
        try:
            fact = self._decode(topic, payload)
        except WireError as error:
            self._unreadable.append(Refused(None, topic, payload, str(error)))
        else:
            self._waiting.setdefault(fact.key, _Entry(fact, topic, payload))

    def _decode(self, topic: str, payload: bytes) -> Fact:
        assert self._wire is not None  # the journal is known
        fact = self._wire.decode(topic, payload)
        if not isinstance(fact, DeskWord):
            raise WireError(f"topic {topic!r} is none of the desk's; it can be fed by hand with tracker feed")
        return fact

    def _send_all(self, sender: Sender) -> None:
        for key, entry in self._waiting.items():
            if key not in self._reasons:
                sender.add(key, entry.topic, entry.payload)
