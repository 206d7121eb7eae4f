"""Integers in order that change often and are looked at seldom: a change costs nothing until somebody looks."""

from bisect import bisect_left, insort
from collections.abc import Iterable

_FEW = 64


class Ordered:
    """Different integers. `put` takes one that is not there, `take` one that is."""

    __slots__ = ("_fresh", "_gone", "_many", "_sorted")

    def __init__(self) -> None:
        self._sorted: list[int] = []
        self._many: list[int] = []
        self._gone: set[int] = set()
        self._fresh: dict[int, None] = {}  # in the order of coming, which is almost the right one

    def twin(self) -> "Ordered":
        """The same integers in an order of its own."""
        other = Ordered()
        other._sorted, other._many = self._sorted.copy(), self._many.copy()
        other._gone, other._fresh = self._gone.copy(), self._fresh.copy()
        return other

    def __len__(self) -> int:
        return len(self._sorted) + len(self._many) + len(self._fresh) - len(self._gone)

    def put(self, number: int) -> None:
        """One more."""
        if self._gone and number in self._gone:
            self._gone.discard(number)
        else:
            self._fresh[number] = None

    def put_all(self, numbers: Iterable[int]) -> None:
        """Many more."""
        if self._gone:
            for number in numbers:
                self.put(number)
        else:
            self._many.extend(numbers)

    def take(self, number: int) -> None:
        """One less."""
        if number in self._fresh:
            del self._fresh[number]
        else:
            self._gone.add(number)

    def settled(self) -> list[int]:
        """The order, with all changes in it: a few are put in their places one by one; many touch only what lies after the least of them,
        and mostly that is little, since runners come in order of time.
        """
        gone, fresh, many = self._gone, self._fresh, self._many
        if len(gone) + len(fresh) + len(many) <= _FEW:
            for number in (*many, *fresh):
                insort(self._sorted, number)
            for number in gone:
                del self._sorted[bisect_left(self._sorted, number)]
        else:
            new = sorted((*many, *fresh))
            since = bisect_left(self._sorted, min((*new[:1], *gone)))
            after = self._sorted[since:]
            after += new
            after.sort()
            self._sorted[since:] = [number for number in after if number not in gone] if gone else after
        gone.clear()
        fresh.clear()
        many.clear()
        return self._sorted
