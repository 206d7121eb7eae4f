"""The end-to-end acknowledgement (contract, section 3): what of each device's numbered facts is on the tracker's disk.

A device keeps a fact until it is acknowledged here, so nothing is acknowledged that the journal does not hold.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from tracker.core.devices import Receipt

_MISSING_MAX = 1_000
"""Numbers that are named in one acknowledgement; what is missing beyond them is named when these have come."""
_DEVICES_MAX = 10_000
"""Far more than any race has: names that somebody invents must not fill the memory with acknowledgements that nobody waits for."""
_ASIDE_MAX = 100_000
_AT_ONCE = 500
_NO_TOPIC = frozenset("+#\0")


class Ack(NamedTuple):
    """Of the facts of `device`, by their `seq`: all up to `through` are on the disk but those in `missing`."""

    device: str
    through: int
    missing: tuple[int, ...]


class Acks:
    """What the devices have been told, and what they are still to be told."""

    def __init__(self) -> None:
        self._told: dict[str, Ack] = {}
        self._aside: dict[str, set[int]] = {}
        self._aside_count = 0

    def put_aside(self, device: str, seq: int) -> None:
        """A message with this number is in quarantine: that is on the disk too, and to send it again would change nothing."""
        numbers = self._aside.setdefault(device, set())
        if seq not in numbers and self._aside_count < _ASIDE_MAX:
            numbers.add(seq)
            self._aside_count += 1

    def forget(self) -> None:
        """Whoever kept what was told is another now: all of it is to be told again."""
        self._told.clear()

    def repeat_gaps(self) -> None:
        """What is missing is to be asked for again: of two trackers the other one's word may have been the last that a device heard."""
        self._told = {device: ack for device, ack in self._told.items() if not ack.missing}

    def news(self, receipts: Iterable[Receipt]) -> Iterator[Ack]:
        """What has changed since it was told, by what is known of all devices now; what comes of this counts as told."""
        return islice(self._news(receipts), _AT_ONCE)

    def _news(self, receipts: Iterable[Receipt]) -> Iterator[Ack]:
        for receipt in islice(receipts, _DEVICES_MAX):
            ack = acknowledged(receipt, self._aside.get(receipt.device, ()))
            if self._told.get(ack.device) != ack and _NO_TOPIC.isdisjoint(ack.device):  # no client can subscribe to such a topic
                self._told[ack.device] = ack
                yield ack


def acknowledged(receipt: Receipt, aside: Iterable[int] = ()) -> Ack:
    """What is acknowledged of what is known; the numbers put `aside` are on the disk as well, though they are no facts."""
    aside = set(aside)
    through, ranges = receipt.through, list(receipt.missing)
    if aside and (highest := max(aside)) > through:
        ranges.append((through + 1, highest))
        through = highest
    found = (seq for first, last in ranges for seq in range(first, last + 1) if seq not in aside)
    missing = tuple(islice(found, _MISSING_MAX + 1))
    if len(missing) > _MISSING_MAX:  # nothing is said of what lies beyond
        return Ack(receipt.device, missing[-1] - 1, missing[:-1])
    return Ack(receipt.device, through, missing)
