"""Who is before whom: one race's runners in order, with shared places.

Finishers rank by official time, the others by the furthest checkpoint and then their arrival there; a place is one more than the number
of runners who are strictly before (1, 2, 2, 4). Keys are packed integers, so an almost sorted list is sorted again in no time.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from tracker.core.ordered import Ordered
from tracker.core.runner import RANKED, Status, Verdict

_NO_BITS = 20
_TIME_BITS = 44
_RUNG_SHIFT = _NO_BITS + _TIME_BITS
_NO_MASK = (1 << _NO_BITS) - 1
_TIME_ZERO = 1 << 40  # a penalty given back may make an official time negative
_FINISHED = Status.FINISHED


def rank_key(finish: int, verdict: Verdict) -> int | None:
    """The runner's place in the race as one integer, smaller is better; None for who has no place. Finishers are on rung 0.

    `finish` is the checkpoint where the race ends. On the way there the arrival counts, less the time for which the race stood still.
    """
    if verdict.furthest < 0 or verdict.status not in RANKED:
        return None
    if verdict.status is _FINISHED and verdict.official_ms is not None:
        return _TIME_ZERO + verdict.official_ms
    return key_on_the_way(finish, verdict.furthest, verdict.reached_ms - verdict.stood_ms)


def key_on_the_way(finish: int, at: int, in_ms: int) -> int:
    """The rank key of who came to the checkpoint `at` then, by the race's own time, and has not been seen further on."""
    return (finish - at) << _TIME_BITS | in_ms


def no_of(packed: int) -> int:
    """Whose packed key it is."""
    return packed & _NO_MASK


def packed_key(key: int, no: int) -> int:
    """A rank key and whose it is as one integer: in the order of keys, and of those with one key in order of number."""
    return key << _NO_BITS | no


def least_packed(packed: int) -> int:
    """The least that a packed key with the same rank key can be: who is before it is strictly before."""
    return packed >> _NO_BITS << _NO_BITS


class Ranking:
    """The runners of one race in order, on a rung for each furthest checkpoint (`rungs` of them).

    A change costs nothing until somebody looks, and then only on the rungs that are looked at.
    """

    def __init__(self, size: int, rungs: int) -> None:
        self._packed: list[int | None] = [None] * size
        self._rungs = [Ordered() for _ in range(rungs)]

    def twin(self) -> "Ranking":
        """The same places in a ranking of its own."""
        other = Ranking(0, 0)
        other._packed, other._rungs = self._packed.copy(), [rung.twin() for rung in self._rungs]
        return other

    def place(self, no: int, key: int | None) -> bool:
        """Give runner `no` the rank key (None: no place); returns whether he had one before."""
        old = self._packed[no]
        new = None if key is None else key << _NO_BITS | no
        if new == old:
            return old is not None
        if old is not None:
            self._rungs[old >> _RUNG_SHIFT].take(old)
        if new is not None:
            self._rungs[new >> _RUNG_SHIFT].put(new)
        self._packed[no] = new
        return old is not None

    def packed(self, no: int) -> int | None:
        """The packed key of a runner; None: no place."""
        return self._packed[no]

    def packed_keys(self) -> list[int | None]:
        """The packed key of every runner by number. The list is the caller's."""
        return self._packed.copy()

    def settled(self) -> list[int]:
        """The packed keys of all runners with a place, in order. The list is the caller's."""
        return list(chain.from_iterable(rung.settled() for rung in self._rungs))

    def rung(self, number: int) -> list[int]:
        """The packed keys on one rung, in order; the list is to be looked at, not changed."""
        return self._rungs[number].settled()

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

    def rank(self, no: int) -> int | None:
        """The place of one runner among all (None: no place)."""
        packed = self._packed[no]
        if packed is None:
            return None
        rung, first = packed >> _RUNG_SHIFT, packed & ~_NO_MASK
        return 1 + sum(len(ahead) for ahead in self._rungs[:rung]) + bisect_left(self._rungs[rung].settled(), first)

    def _all(self) -> Iterator[int]:
        for rung in self._rungs:
            yield from rung.settled()
