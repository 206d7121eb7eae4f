"""Integers in order that change often and are looked at seldom: a change costs nothing until somebody looks."""

from bisect import bisect_left, insort
from collections.abc import Iterable

_FEW = 64


class Ordered:
    """Different integers. `put` takes one that is not there, `take` one that is."""

    __slots__ = ("_fresh", "_gone", "_in_order", "_sorted")

    def __init__(self) -> None:
        self._sorted: list[int] = []
        self._in_order = True
        self._gone: set[int] = set()
        self._fresh: dict[int, None] = {}  # in the order of coming, which is almost the right one

    def twin(self) -> "Ordered":
        """The same integers in an order of its own."""
        other = Ordered()
        other._sorted, other._in_order = self._sorted.copy(), self._in_order
        other._gone, other._fresh = self._gone.copy(), self._fresh.copy()
        return other

    def __len__(self) -> int:
        return len(self._sorted) + len(self._fresh) - len(self._gone)

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
            self._sorted.extend(numbers)
            self._in_order = False

    def take(self, number: int) -> None:
        """One less."""
        if number in self._fresh:
            del self._fresh[number]
        else:
            self._gone.add(number)

    def settled(self) -> list[int]:
        """The order, with all changes in it: a few are put in their places one by one, many by sorting what is almost sorted."""
        gone, fresh = self._gone, self._fresh
        if not self._in_order:
            self._sorted.sort()
            self._in_order = True
        if len(gone) + len(fresh) <= _FEW:
            for number in gone:
                del self._sorted[bisect_left(self._sorted, number)]
            for number in fresh:
                insort(self._sorted, number)
        else:
            if gone:
                self._sorted = [number for number in self._sorted if number not in gone]
            self._sorted.extend(fresh)
            self._sorted.sort()
        gone.clear()
        fresh.clear()
        return self._sorted
