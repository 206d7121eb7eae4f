"""How far each device's clock is off, as estimated from its heartbeats, and the true time of what it read, as the desk corrected it.

The estimate stems from when messages were received, and two trackers receive at different moments: so it is no part of the field's
state, but advice to a person. Only the desk's clock corrections, which are facts, change a time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tracker.core.facts import ClockCorrection

CLOCK_OFF_MS = 30_000
"""A clock that is further off needs a person."""
FUTURE_MS = 10 * 60_000
"""A clock may run ahead by so much before what it tells counts as from the future."""

_MINUTE_MS = 60_000
_WINDOW = 12
_AGREEING = 3
_STEP_MS = 10_000  # more than messages that do not wait in a queue differ
_AGREE_MS = 2_000
_FLOOR_MS = 500


class ClockOffset(NamedTuple):
    """How far a clock is off: its time minus the true one, and how far that may be wrong.

    `heartbeats`: how many it rests on (the best of each minute, 12 at most). With fewer than three a clock that seems slow may as well be
    right and its messages late, and the uncertainty says so: a clock is surely off by no more than `abs(offset_ms) - uncertainty_ms`.
    """

    offset_ms: int
    uncertainty_ms: int
    heartbeats: int


class _Sample(NamedTuple):
    minute: int
    ahead_ms: int


class _Clock:
    """`good`: heartbeats that came about as fast as the fastest. `late`: far slower ones since then, so queued or of a clock set back."""

    __slots__ = ("good", "late")

    def __init__(self) -> None:
        self.good: list[_Sample] = []
        self.late: list[_Sample] = []

    def hear(self, sample: _Sample) -> None:
        if self.good and sample.ahead_ms < max(good.ahead_ms for good in self.good) - _STEP_MS:
            self._hear_late(sample)
            return
        self.late.clear()
        fitting = [good for good in self.good if good.ahead_ms >= sample.ahead_ms - _STEP_MS]
        self.good = _joined(fitting, sample)[-_WINDOW:]

    def offset(self) -> ClockOffset:
        count = len(self.good)
        highest = sorted((sample.ahead_ms for sample in self.good), reverse=True)
        best = highest[0]
        if count < _AGREEING:
            return ClockOffset(best, max(_STEP_MS, -best), count)
        latest = max(sample.ahead_ms for sample in self.good[-_AGREEING:])
        return ClockOffset(best, _FLOOR_MS + best - min(latest, highest[_AGREEING - 1]), count)

    def _hear_late(self, sample: _Sample) -> None:
        """A queue that drains comes nearer with every minute; what agrees for three minutes is a clock that was set back."""
        self.late = _joined(self.late, sample)[-_AGREEING:]
        told = [late.ahead_ms for late in self.late]
        if len(told) == _AGREEING and max(told) - min(told) <= _AGREE_MS:
            self.good, self.late = self.late, []


class Clocks:
    """The clocks of all devices, from their heartbeats in the order in which they were received.

    A message is never received before it is sent: the time it bears, less the time of receipt, is at most what the clock is ahead, and the
    largest such difference is the best estimate. Each minute of receipt counts once, so a backlog that comes at once is one bad sample at
    most; and what is far worse than the best displaces nothing until it agrees with itself.
    """

    def __init__(self) -> None:
        self._clocks: dict[str, _Clock] = {}

    def heard(self, device: str, at_ms: int, received_ms: int) -> None:
        """Take a heartbeat: when it was sent, by the device's clock, and when it was received, by the tracker's."""
        clock = self._clocks.get(device) or self._clocks.setdefault(device, _Clock())
        clock.hear(_Sample(received_ms // _MINUTE_MS, at_ms - received_ms))

    def offset(self, device: str) -> ClockOffset | None:
        """How far a device's clock is off; None when it was never heard."""
        clock = self._clocks.get(device)
        return None if clock is None else clock.offset()

    def all(self) -> dict[str, ClockOffset]:
        """How far each clock is off, by device."""
        return {device: clock.offset() for device, clock in sorted(self._clocks.items())}


class ClockWords:
    """The desk's words on one device's clock: which of them holds for a moment, by that clock, is looked up and not searched for."""

    def __init__(self, words: Sequence[ClockCorrection]) -> None:
        self.words = words
        edges = {edge_ms for word in words for edge_ms in (word.from_ms, word.until_ms) if edge_ms is not None}
        self._from_ms = sorted(edges)
        self._holding = [_newest_at(at_ms, words) for at_ms in (min(edges, default=0) - 1, *self._from_ms)]

    def at(self, at_ms: int) -> ClockCorrection | None:
        """The newest word that covers what the clock called `at_ms`; None: there is none.

        `from_ms` (inclusive) and `until_ms` (exclusive) of a word are by the device's own clock.
        """
        return self._holding[bisect_right(self._from_ms, at_ms)]

    def right_ms(self, at_ms: int) -> int:
        """The true time of what the clock called `at_ms`; without a word that covers it, the time stands."""
        word = self._holding[bisect_right(self._from_ms, at_ms)]
        return at_ms if word is None else at_ms - word.offset_ms


def _newest_at(at_ms: int, words: Iterable[ClockCorrection]) -> ClockCorrection | None:
    covering = [word for word in words if _covers(word, at_ms)]
    return max(covering, key=lambda word: (word.at_ms, word.key)) if covering else None


def _covers(word: ClockCorrection, at_ms: int) -> bool:
    return (word.from_ms is None or word.from_ms <= at_ms) and (word.until_ms is None or at_ms < word.until_ms)


def _joined(samples: list[_Sample], sample: _Sample) -> list[_Sample]:
    """The samples with one more; of one minute only the fastest stays."""
    if samples and samples[-1].minute == sample.minute:
        return [*samples[:-1], max(samples[-1], sample)]
    return [*samples, sample]
