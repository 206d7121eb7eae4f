"""Places won and lost: the standings of a race now beside those of some time before.

What was the order then is kept as it was shown. For the time before anybody looked, it is told from what is known now.
"""

from bisect import bisect_left
from collections import deque
from typing import NamedTuple

from tracker.core.cutoffs import stood
from tracker.core.race_state import RaceState, Runner
from tracker.core.ranking import key_on_the_way, least_packed, no_of, packed_key, rank_key
from tracker.core.rules import stood_ms

BACK_MS = 15 * 60_000
"""The order of at least so long ago is the one that counts."""
EVERY_MS = 5 * 60_000
"""So often an order is kept."""


class _Order(NamedTuple):
    """The order at a moment, and the packed rank key by number then (None: no place)."""

    at_ms: int
    ordered: list[int]
    packed: list[int | None]


class LookBack:
    """The orders of one race that are still needed, the oldest first: a handful."""

    def __init__(self, state: RaceState, now_ms: int) -> None:
        self.state = state
        self._orders = deque((_told(state, now_ms - BACK_MS), _now(state, now_ms)))

    def look(self, now_ms: int) -> None:
        """Keep the order of now, if it is time to, and forget what is too old. Costs next to nothing, unless nobody looked for long."""
        unseen_ms = now_ms - self._orders[-1].at_ms
        if unseen_ms > BACK_MS:
            self._orders = deque((_told(self.state, now_ms - BACK_MS), _now(self.state, now_ms)))
        elif unseen_ms >= EVERY_MS:
            self._orders.append(_now(self.state, now_ms))
        while self._orders[1].at_ms <= now_ms - BACK_MS:
            self._orders.popleft()

    def place(self, no: int) -> int | None:
        """The place that runner `no` had; None for who had none then."""
        _, ordered, packed = self._orders[0]
        one = packed[no]
        return None if one is None else bisect_left(ordered, least_packed(one)) + 1


def _now(state: RaceState, now_ms: int) -> _Order:
    return _Order(now_ms, state.ranking.settled(), state.ranking.packed_keys())


def _told(state: RaceState, at_ms: int) -> _Order:
    """The order at a moment that is past, of those who have a place now."""
    packed: list[int | None] = [None] * len(state.runners)
    for no in map(no_of, state.ranking.settled()):
        key = _key_at(state, state.runners[no], at_ms)
        packed[no] = None if key is None else packed_key(key, no)
    return _Order(at_ms, sorted(one for one in packed if one is not None), packed)


def _key_at(state: RaceState, runner: Runner, at_ms: int) -> int | None:
    """The rank key of a runner who has a place now, as it was at a moment; None before he was seen."""
    verdict, rules = runner.verdict, state.rules
    if verdict.reached_ms <= at_ms:
        return rank_key(rules.finish, verdict)
    for at in range(verdict.furthest - 1, -1, -1):
        split = verdict.splits[at]
        if split is not None and split.in_ms <= at_ms:
            spans = stood(rules, rules.starts.gun_ms(runner.entrant.wave), verdict.splits)
            return key_on_the_way(rules.finish, at, split.in_ms - stood_ms(spans, split.in_ms))
    return None
