"""Who is before whom: one race's runners in order, with shared places.

Finishers rank by official time, the others by the furthest checkpoint and then their arrival there; a place is one more than the number
of runners who are strictly before (1, 2, 2, 4). Keys are packed integers, so an almost sorted list is sorted again in no time.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence

from tracker.core.course import Race
from tracker.core.runner import RANKED, Status, Verdict

_NO_BITS = 20
_TIME_BITS = 44
_STILL_RACING = 1 << 56
_TIME_ZERO = 1 << 40
_FEW = 64


def rank_key(race: Race, verdict: Verdict) -> int | None:
    """The runner's place in the race as one integer, smaller is better; None for who has no place."""
    if verdict.status not in RANKED or not verdict.started:
        return None
    if verdict.status is Status.FINISHED and verdict.official_ms is not None:
        return _TIME_ZERO + verdict.official_ms
    return _STILL_RACING | (race.finish - verdict.furthest) << _TIME_BITS | verdict.reached_ms


class Ranking:
    """The runners of one race in order. A change costs nothing until somebody looks."""

    def __init__(self, size: int) -> None:
        self._packed: list[int | None] = [None] * size
        self._sorted: list[int] = []
        self._gone: set[int] = set()
        self._fresh: dict[int, int] = {}

    def place(self, no: int, key: int | None) -> bool:
        """Give runner `no` the rank key (None: no place). Returns whether that changed anything."""
        old = self._packed[no]
        new = None if key is None else key << _NO_BITS | no
        if new == old:
            return False
        if old is not None and self._fresh.pop(no, None) is None:
            self._gone.add(old)
        if new is not None:
            self._fresh[no] = new
        self._packed[no] = new
        return True

    def order(self, most: int | None = None) -> list[int]:
        """The numbers of the (first `most`) runners with a place, the first before all others; those with one key in order of number."""
        mask = (1 << _NO_BITS) - 1
        return [packed & mask for packed in self._settled()[:most]]

    def rank(self, no: int) -> int | None:
        """The place of one runner, shared with all who have the same key."""
        packed = self._packed[no]
        if packed is None:
            return None
        return bisect_left(self._settled(), packed >> _NO_BITS << _NO_BITS) + 1

    def ranks(self, groups: Sequence[str | None] | None = None) -> list[int | None]:
        """The place of every runner, by number: among all, or within the group that `groups` names (None: no place)."""
        found: list[int | None] = [None] * len(self._packed)
        counts: dict[str, int] = {}
        last: dict[str, tuple[int, int]] = {}
        mask = (1 << _NO_BITS) - 1
        for packed in self._settled():
            no, key = packed & mask, packed >> _NO_BITS
            group = "" if groups is None else groups[no]
            if group is None:
                continue
            counts[group] = counts.get(group, 0) + 1
            before = last.get(group)
            place = before[1] if before is not None and before[0] == key else counts[group]
            last[group] = (key, place)
            found[no] = place
        return found

    def _settled(self) -> list[int]:
        """The order, with all changes in it: a few are put in their places one by one, many by sorting what is almost sorted."""
        gone, fresh = self._gone, self._fresh
        if len(gone) + len(fresh) <= _FEW:
            for packed in gone:
                del self._sorted[bisect_left(self._sorted, packed)]
            for packed in fresh.values():
                insort(self._sorted, packed)
        else:
            self._sorted = [packed for packed in self._sorted if packed not in gone]
            self._sorted.extend(fresh.values())
            self._sorted.sort()
        gone.clear()
        fresh.clear()
        return self._sorted
