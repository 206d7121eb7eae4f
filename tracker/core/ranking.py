"""Who is before whom: one race's runners in order, with shared places.

Finishers rank by official time, the others by the furthest checkpoint and then their arrival there; a place is one more than the number
of runners who are strictly before (1, 2, 2, 4). Keys are packed integers, so an almost sorted list is sorted again in no time.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import islice

from tracker.core.runner import RANKED, Status, Verdict

_NO_BITS = 20
_TIME_BITS = 44
_RUNG_SHIFT = _NO_BITS + _TIME_BITS
_NO_MASK = (1 << _NO_BITS) - 1
_TIME_ZERO = 1 << 40  # a penalty given back may make an official time negative
_FEW = 64
_FINISHED = Status.FINISHED


def rank_key(finish: int, verdict: Verdict) -> int | None:
    """The runner's place in the race as one integer, smaller is better; None for who has no place. Finishers are on rung 0.

    `finish` is the checkpoint where the race ends. On the way there the arrival counts, less the time for which the race stood still.
    """
    if verdict.furthest < 0 or verdict.status not in RANKED:
        return None
    if verdict.status is _FINISHED and verdict.official_ms is not None:
        return _TIME_ZERO + verdict.official_ms
    return (finish - verdict.furthest) << _TIME_BITS | (verdict.reached_ms - verdict.stood_ms)


class _Rung:
    """The runners whose furthest checkpoint is one and the same, in order once somebody looks."""

    __slots__ = ("_fresh", "_gone", "_sorted")

    def __init__(self) -> None:
        self._sorted: list[int] = []
        self._gone: set[int] = set()
        self._fresh: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._sorted) + len(self._fresh) - len(self._gone)

    def put(self, no: int, packed: int) -> None:
        self._fresh[no] = packed

    def take(self, no: int, packed: int) -> None:
        if self._fresh.pop(no, None) is None:
            self._gone.add(packed)

    def settled(self) -> list[int]:
        """The order, with all changes in it: a few are put in their places one by one, many by sorting what is almost sorted."""
        gone, fresh = self._gone, self._fresh
        if len(gone) + len(fresh) <= _FEW:
            for packed in gone:
                del self._sorted[bisect_left(self._sorted, packed)]
            for packed in fresh.values():
                insort(self._sorted, packed)
        else:
            if gone:
                self._sorted = [packed for packed in self._sorted if packed not in gone]
            self._sorted.extend(fresh.values())
            self._sorted.sort()
        gone.clear()
        fresh.clear()
        return self._sorted


class Ranking:
    """The runners of one race in order, on a rung for each furthest checkpoint (`rungs` of them).

    A change costs nothing until somebody looks, and then only on the rungs that are looked at.
    """

    def __init__(self, size: int, rungs: int) -> None:
        self._packed: list[int | None] = [None] * size
        self._rungs = [_Rung() for _ in range(rungs)]

    def place(self, no: int, key: int | None) -> bool:
        """Give runner `no` the rank key (None: no place). Returns whether that changed anything."""
        old = self._packed[no]
        new = None if key is None else key << _NO_BITS | no
        if new == old:
            return False
        if old is not None:
            self._rungs[old >> _RUNG_SHIFT].take(no, old)
        if new is not None:
            self._rungs[new >> _RUNG_SHIFT].put(no, new)
        self._packed[no] = new
        return True

    def order(self, most: int | None = None) -> list[int]:
        """The numbers of the (first `most`) runners with a place, the first before all others; those with one key in order of number."""
        return [packed & _NO_MASK for packed in islice(self._all(), most)]

    def ranks(self, groups: Sequence[str | None] | None = None) -> list[int | None]:
        """The place of every runner, by number: among all, or within the group that `groups` names (None: no place)."""
        found: list[int | None] = [None] * len(self._packed)
        counts: dict[str, int] = {}
        last: dict[str, tuple[int, int]] = {}
        for packed in self._all():
            no, key = packed & _NO_MASK, packed >> _NO_BITS
            group = "" if groups is None else groups[no]
            if group is None:
                continue
            counts[group] = counts.get(group, 0) + 1
            before = last.get(group)
            place = before[1] if before is not None and before[0] == key else counts[group]
            last[group] = (key, place)
            found[no] = place
        return found

    def _all(self) -> Iterator[int]:
        for rung in self._rungs:
            yield from rung.settled()
