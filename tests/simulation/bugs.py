"""Bugs that the simulation must find: each is a small change of the real code, made for the time of a test.

A simulation in which nothing ever fails proves nothing before it has been seen to fail.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tracker.acks import Acks
from tracker.ingest import Ingest
from tracker.mqtt.inlet import Delivery
from tracker.mqtt.sender import Sender
from tracker.publisher import numbered
from tracker.publisher.numbered import NumberedOutbox
from tracker.publisher.publisher import Publisher
from tracker.wire import Acknowledged, number_of

_take, _publish, _hear = Ingest.take, Sender._publish, Publisher._take


async def _acknowledge_before_the_commit(self: Ingest, batch: list[Delivery]) -> None:
    self.inlet.ack(batch)
    await _take(self, batch)


async def _name_numbers_before_the_commit(self: Ingest, batch: list[Delivery]) -> None:
    for delivery in batch:
        if (number := number_of(delivery.payload)) is not None:
            self._acks.put_aside(*number)
    await _take(self, batch)


async def _forget_after_puback(self: Sender, client: Any, key: object, owed: Any, room: Any) -> None:
    await _publish(self, client, key, owed, room)
    self.done(key)


def _keep_in_memory_only(self: NumberedOutbox, messages: Sequence[tuple[str, bytes]]) -> None:
    self.messages.update(enumerate(messages, self.last + 1))
    self.last += len(messages)


def _send_nothing_twice(self: Publisher, ack: Acknowledged, *, live: bool) -> None:
    before = set(self._sender)
    _hear(self, ack, live=live)
    for seq in set(self._sender) - before:
        self._sender.done(seq)


def _tell_once(self: Acks, device: str) -> None: ...


def _trust(path: Path) -> None: ...


_BUGS: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "the broker is answered before the commit": (Ingest, "take", _acknowledge_before_the_commit),
    "numbers are acknowledged before the commit": (Ingest, "take", _name_numbers_before_the_commit),
    "a publisher forgets what a broker has taken": (Sender, "_publish", _forget_after_puback),
    "an outbox is not on the disk": (NumberedOutbox, "add", _keep_in_memory_only),
    "an outbox trusts what a killed process has left": (numbered, "_sync_left", _trust),
    "a tracker tells a device only once": (Acks, "answer", _tell_once),
    "a publisher does not hear that a tracker has lost what it had": (Publisher, "_take", _send_nothing_twice),
}
UNSYNCED = "an outbox trusts what a killed process has left"
"""It takes a kill between two calls to the disk, and a power cut before the next one: hardly any race has both."""
BUGS = tuple(name for name in _BUGS if name != UNSYNCED)


@contextmanager
def bug(name: str) -> Iterator[None]:
    """The program with this bug."""
    where, what, instead = _BUGS[name]
    with patch.object(where, what, instead):
        yield
