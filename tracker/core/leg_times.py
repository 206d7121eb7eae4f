"""How the field has done on one leg: the arrivals at its end in order of time, and from them what the next runner may expect.

A runner's drift is the natural logarithm of the leg's pace over the runner's form before it: 0 as before, 0.1 a tenth slower. Nothing
here depends on the order in which the arrivals became known.
"""

from collections.abc import Callable, Sequence
from copy import copy
from math import ceil
from statistics import median
from typing import NamedTuple

from tracker.core.ordered import Ordered

STEP = 0.1
"""A leg's step, by which runners become overdue, is a whole number of these."""

_NO_BITS = 20
_NO_MASK = (1 << _NO_BITS) - 1
_NEWEST = 60
"""Arrivals that count: enough for a window, few enough to be of this hour (30 to 100 forecast about as well)."""
_DOUBTS = (-0.3, -0.12, 0.0, 0.12, 0.3)
_INNER = 0.88
"""The share of the sample that makes an 80 % window: the next runner differs more from the last sixty than they among themselves."""
_STEP_AT = 0.95
QUICKEST = 0.25
"""Of the middle time on a leg: no runner of the two recorded races took less than 0.31 of it."""
_ENOUGH = 16
_SAMPLE = 64


class Spread(NamedTuple):
    """Drifts to expect: the middle one, and those that bound the 80 % window."""

    low: float
    middle: float
    high: float


class LegTimes:
    """One leg's arrivals.

    `prior` is the drift to expect while nobody has arrived; it counts as five arrivals around it, so that the first few neither decide
    alone nor look certain. `drift_of` tells the drift on this leg of a runner by number, and is asked only for those who matter.
    """

    __slots__ = (
        "_arrivals",
        "_doubts",
        "_drift_of",
        "_drifts",
        "_edge",
        "_leg_ms_of",
        "_quick_ms",
        "_spread",
        "_step",
        "_step_due",
        "_step_of",
        "fastest_ms",
    )

    def __init__(self, prior: float, drift_of: Callable[[int], float], leg_ms_of: Callable[[int], int]) -> None:
        self._leg_ms_of = leg_ms_of
        self._quick_ms = 0
        self.fastest_ms = 1 << 60  # no leg was quicker; one that was taken back may have been slower
        self._doubts = tuple(prior + doubt for doubt in _DOUBTS)
        self._drift_of = drift_of
        self._arrivals = Ordered()
        self._drifts: dict[int, float] = {}  # of the newest arrivals, by runner
        self._spread: Spread | None = None
        self._step = 0
        self._step_of = 0
        self._step_due = True
        self._edge = -1  # the last arrival that the step looked at

    def twin(self, drift_of: Callable[[int], float], leg_ms_of: Callable[[int], int]) -> "LegTimes":
        """The same arrivals, of runners whom others are asked about."""
        other: LegTimes = copy(self)
        other._drift_of, other._leg_ms_of = drift_of, leg_ms_of
        other._arrivals, other._drifts = self._arrivals.twin(), self._drifts.copy()
        return other

    def __len__(self) -> int:
        return len(self._arrivals)

    def put(self, no: int, at_ms: int, leg_ms: int) -> None:
        """Runner `no` arrived at `at_ms` after a leg of `leg_ms`, and was not known to have arrived then."""
        self.fastest_ms = min(self.fastest_ms, leg_ms)
        packed = at_ms << _NO_BITS | no
        self._arrivals.put(packed)
        self._spread = None
        if packed <= self._edge:
            self._step_due = True

    def put_all(self, numbers: Sequence[int], left_ms: Sequence[int | None], came_ms: Sequence[int | None]) -> bool:
        """Many runners of whom no arrival was known: when each left and arrived (None: not seen). Returns whether anybody did the leg."""
        packed: list[int] = []
        fastest_ms = self.fastest_ms
        for no, since_ms, at_ms in zip(numbers, left_ms, came_ms, strict=True):
            if since_ms is not None and at_ms is not None and at_ms > since_ms:
                packed.append(at_ms << _NO_BITS | no)
                if at_ms - since_ms < fastest_ms:  # noqa: PLR1730  a call for every arrival would be felt
                    fastest_ms = at_ms - since_ms
        if not packed:
            return False
        self._arrivals.put_all(packed)
        self.fastest_ms = fastest_ms
        self._spread = None
        self._step_due = self._step_due or min(packed) <= self._edge
        return True

    def take(self, no: int, at_ms: int) -> None:
        """Runner `no` did not arrive at `at_ms` after all."""
        packed = at_ms << _NO_BITS | no
        self._arrivals.take(packed)
        self._drifts.pop(no, None)
        self._changed(packed)

    def reconsider(self, no: int, at_ms: int) -> None:
        """Runner `no` arrived at `at_ms` as known, but what went before has changed, and so has the drift."""
        self._drifts.pop(no, None)
        self._changed(at_ms << _NO_BITS | no)

    def spread(self) -> Spread:
        """What the newest arrivals say of the next one."""
        if self._spread is None:
            newest = [packed & _NO_MASK for packed in self._arrivals.settled()[-_NEWEST:]]
            known = self._drifts
            self._drifts = {no: known[no] if no in known else self._drift_of(no) for no in newest}
            drifts = sorted((*self._doubts, *self._drifts.values()))
            last = len(drifts) - 1
            outside = round(last * (1 - _INNER) / 2)
            self._spread = Spread(drifts[outside], (drifts[last // 2] + drifts[(last + 1) // 2]) / 2, drifts[last - outside])
        return self._spread

    def step(self) -> int:
        """The drift that few exceed, in steps of `STEP`, rounded up.

        It looks at the first arrivals, as many as the greatest power of two among them: so it can change at 1, 2, 4, 8, 16 … arrivals, or
        when one of those changes.
        """
        size = _rounded(len(self))
        if self._step_due or size != self._step_of:
            first = self._arrivals.settled()[:size]
            drifts = sorted((*self._doubts, *(self._drift_of(packed & _NO_MASK) for packed in first[-_NEWEST:])))
            self._step = ceil(drifts[round((len(drifts) - 1) * _STEP_AT)] / STEP)
            self._step_of, self._step_due, self._edge = size, False, first[-1] if first else -1
            legs_ms = [self._leg_ms_of(packed & _NO_MASK) for packed in first[:: max(1, size // _SAMPLE)]]
            self._quick_ms = int(median(legs_ms) * QUICKEST) if size >= _ENOUGH else 0
        return self._step

    def quick_ms(self) -> int:
        """In less time nobody does the leg, by the middle of those that the step looked at; 0 while they are too few to say."""
        self.step()
        return self._quick_ms

    def _changed(self, packed: int) -> None:
        self._spread = None
        if packed <= self._edge:
            self._step_due = True


def _rounded(count: int) -> int:
    return 1 << count.bit_length() - 1 if count else 0
