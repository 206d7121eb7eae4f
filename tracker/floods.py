"""Who sends far more than a race can: a device gone wrong, or somebody in the network. It is said to a person; nothing of it is dropped.

A bucket for each sender that leaks at a pace which no device keeps up for long: a backlog fits into it, a flood does not. Pure.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

BURST = 50_000
"""So many messages at once are the backlog of a scanner that was offline for hours."""
STEADY_A_MINUTE = 6_000
"""So many a minute are a start with three reads of everybody: no device goes on like that."""
_TOLD_FOR_MS = 60_000
_WINDOW_MS = 10_000
_SENDERS_MAX = 5_000
_MINUTE_MS = 60_000


class Sender(NamedTuple):
    """Who sent a message, as it says itself: a device at a station, or somebody there. Station "": none of the race."""

    station: str
    device: str | None


class Flood(msgspec.Struct, frozen=True):
    """A sender that floods, and at how many messages a minute (two digits are right)."""

    station: str
    device: str | None
    a_minute: int


class _Bucket:
    __slots__ = ("at_ms", "in_window", "level", "rate", "window_ms")

    def __init__(self, now_ms: int) -> None:
        self.level = 0.0
        self.at_ms = self.window_ms = now_ms
        self.in_window = 0
        self.rate = 0

    def pour(self, count: int, now_ms: int) -> None:
        if now_ms - self.window_ms >= _WINDOW_MS:
            self.rate = self.in_window * _MINUTE_MS // (now_ms - self.window_ms)
            self.window_ms, self.in_window = now_ms, 0
        self.in_window += count
        leaked = max(0, now_ms - self.at_ms) * STEADY_A_MINUTE / _MINUTE_MS
        self.level = min(max(0.0, self.level - leaked) + count, BURST + STEADY_A_MINUTE * _TOLD_FOR_MS / _MINUTE_MS)
        self.at_ms = now_ms

    def a_minute(self) -> int:
        """The pace now; in the first seconds as if it had gone on for a whole window."""
        return max(self.rate, self.in_window * _MINUTE_MS // _WINDOW_MS)


class Floods:
    """The buckets of one race's senders, by the race's clock. However many names are invented, they are few."""

    def __init__(self, stations: Collection[str]) -> None:
        self._stations = frozenset((*stations, "desk"))
        self._buckets: dict[Sender, _Bucket] = {}

    def count(self, sent: Iterable[tuple[Sender, int]], now_ms: int) -> None:
        """So many messages of each sender have come."""
        for sender, count in sent:
            if not count:
                continue
            station = sender.station if sender.station in self._stations else ""
            known = Sender(station, sender.device if station else None)
            if known not in self._buckets and len(self._buckets) >= _SENDERS_MAX:
                known = Sender(station, None)  # so many names are no devices
            bucket = self._buckets.get(known)
            if bucket is None:
                bucket = self._buckets[known] = _Bucket(now_ms)
            bucket.pour(count, now_ms)

    def found(self, now_ms: int) -> tuple[Flood, ...]:
        """Who floods now, the worst first; until a minute after it has ended."""
        for sender, bucket in list(self._buckets.items()):
            bucket.pour(0, now_ms)
            if not bucket.level:
                del self._buckets[sender]
        over = ((sender, bucket.a_minute()) for sender, bucket in self._buckets.items() if bucket.level > BURST)
        found = (Flood(sender.station, sender.device, _two_digits(pace)) for sender, pace in over)
        return tuple(sorted(found, key=lambda flood: (-flood.a_minute, flood.station, flood.device or "")))


def _two_digits(number: int) -> int:
    """So that what stands on a screen does not change with every look."""
    step: int = 10 ** max(0, len(str(number)) - 2)
    return number // step * step
