"""When a runner will be at the next checkpoint, with an 80 % window, and from when on he is overdue there.

The rule, in five sentences. A runner's form is the mean (of logarithms) of the time per km-effort on the legs so far, longer legs and
the last 45 km-effort counting most. While nobody has been through a leg, the next runner is expected to keep that form, slowed as
distances slow everybody (time grows with km-effort to the power 1.2). Each one who has been through shows a drift, the pace there over
the form before it, and the newest sixty drifts beside five that stand for the first guess give the expected one (their median) and the
window. A runner of whom no leg is known is taken to have the usual form of a start. Overdue is who is later than nineteen in twenty
of the drifts seen would make him, by a margin; the field's part of that moves in coarse steps, so that few runners must be asked again.
"""

from collections.abc import Sequence
from functools import partial
from itertools import compress, count
from math import exp, log
from operator import ne
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.leg_times import STEP, LegTimes

START_FORM_MS = 330_000
"""Milliseconds per km-effort on a first leg: the median of UTMB 2024 and of Grand Raid 2023 alike."""
FADE_EFFORT_KM = 45.0
"""So far back a leg counts a third (1/e) in the form: anything from 35 to 60 forecasts both recorded races as well."""
SLOWING = 0.2
"""The exponent over 1: from first checkpoint to finish the middle of the field slowed by 0.19 (UTMB 2024) and 0.27 (Grand Raid 2023)."""
EFFORT_MIN_KM = 0.5
"""Two checkpoints at one place: what happens between them takes time, though no way."""
OVERDUE_MARGIN = 0.1
OVERDUE_LEAST_MS = 20 * 60_000
"""With the margin: of the legs that were completed in the recorded races, under one in a hundred was called overdue before (benchmarks)."""


class Forecast(NamedTuple):
    """The arrival at the next checkpoint, UTC milliseconds; four in five arrive between early and late."""

    expected_ms: int
    early_ms: int
    late_ms: int


class Forecaster:
    """One race's forecasts, from what is known of each runner by now. Any order of learning leads to the same forecasts.

    A runner is a number from 0 to 2**20 - 1.
    """

    def __init__(self, race: Race) -> None:
        self.race = race
        self._efforts_km = race.efforts_km
        self._known: dict[int, tuple[int | None, ...]] = {}
        self._news: dict[int, tuple[int | None, ...]] = {}
        self._legs = [LegTimes(self._slowing(index), partial(self._drift, index)) for index in range(1, len(race.checkpoints))]
        self._told = [leg.step() for leg in self._legs]
        self._nothing = (None,) * len(race.checkpoints)

    def learn(self, no: int, times_ms: Sequence[int | None]) -> None:
        """Everything known of runner `no` by now: the arrival at each checkpoint, UTC milliseconds, None where not seen.

        Replaces what was known before. The first is the runner's own start; without it the race's start stands for it.
        """
        self._news[no] = tuple(times_ms)

    def forecast(self, no: int) -> Forecast | None:
        """The arrival at the checkpoint after the furthest one; None for a runner who has not started or is at the finish."""
        ahead = self._ahead(no)
        if ahead is None:
            return None
        leg, since_ms, leg_ms = ahead
        low, middle, high = (since_ms + round(leg_ms * exp(drift)) for drift in leg.spread())
        return Forecast(middle, low, high)

    def overdue_from_ms(self, no: int) -> int | None:
        """From when on the runner is overdue at the next checkpoint, UTC milliseconds; None as in `forecast`.

        It changes only with the runner's own times and with the step of the leg (see `shifted`).
        """
        ahead = self._ahead(no)
        if ahead is None:
            return None
        leg, since_ms, leg_ms = ahead
        return since_ms + round(leg_ms * exp(leg.step() * STEP + OVERDUE_MARGIN)) + OVERDUE_LEAST_MS

    def shifted(self) -> set[int]:
        """The legs, by the index of the checkpoint at their end, whose step has changed since this was last asked."""
        self._settle()
        steps = [leg.step() for leg in self._legs]
        found = {index for index, (step, told) in enumerate(zip(steps, self._told, strict=True), 1) if step != told}
        self._told = steps
        return found

    def _ahead(self, no: int) -> tuple[LegTimes, int, float] | None:
        """The leg that the runner is on, since when, and the milliseconds that it takes at the form so far."""
        self._settle()
        times_ms = self._known.get(no, self._nothing)
        furthest, since_ms = _furthest(times_ms)
        if not 0 <= furthest < self.race.finish:
            return None
        return self._legs[furthest], since_ms, self._effort_km(furthest, furthest + 1) * exp(self._form(times_ms, furthest))

    def _settle(self) -> None:
        """Tell the legs what is new."""
        if not self._news:
            return
        news, self._news = self._news, {}
        for no, new in news.items():
            old = self._known.get(no, self._nothing)
            self._known[no] = new
            first = next(compress(count(), map(ne, old, new)), None)
            if first is not None:
                self._tell(no, old, new, first)

    def _tell(self, no: int, old: tuple[int | None, ...], new: tuple[int | None, ...], first: int) -> None:
        """Tell the legs of a runner whose times differ from the checkpoint `first` on, and with them the form before every later leg."""
        for end in range(max(first, 1), len(new)):
            if old[end] is None and new[end] is None:
                continue
            was_ms, now_ms = _arrival(old, end), _arrival(new, end)
            leg = self._legs[end - 1]
            if was_ms is not None and was_ms == now_ms:
                leg.reconsider(no, was_ms)
                continue
            if was_ms is not None:
                leg.take(no, was_ms)
            if now_ms is not None:
                leg.put(no, now_ms)

    def _effort_km(self, start: int, end: int) -> float:
        return max(self._efforts_km[end] - self._efforts_km[start], EFFORT_MIN_KM)

    def _slowing(self, end: int) -> float:
        """How much slower than before a runner is on a leg for no other reason than that it comes later."""
        so_far_km = self._efforts_km[end - 1]
        if so_far_km <= 0:
            return 0.0
        middle_km = so_far_km - min(so_far_km / 2, FADE_EFFORT_KM)
        return SLOWING * log((so_far_km + self._effort_km(end - 1, end) / 2) / middle_km)

    def _form(self, times_ms: Sequence[int | None], until: int) -> float:
        """The logarithm of the runner's milliseconds per km-effort up to a checkpoint."""
        weighed = weights = 0.0
        last, last_ms = 0, times_ms[0] if times_ms[0] is not None else self.race.start_ms
        for index in range(1, until + 1):
            at_ms = times_ms[index]
            if at_ms is None or at_ms <= last_ms:
                continue
            effort_km = self._effort_km(last, index)
            fading = exp(-effort_km / FADE_EFFORT_KM)
            weighed = weighed * fading + effort_km * log((at_ms - last_ms) / effort_km)
            weights = weights * fading + effort_km
            last, last_ms = index, at_ms
        return weighed / weights if weights else log(START_FORM_MS)

    def _drift(self, end: int, no: int) -> float:
        """How a runner who was seen at both ends of a leg has done on it, beside the form before."""
        times_ms = self._known[no]
        left_ms, at_ms = times_ms[end - 1], times_ms[end]
        assert left_ms is not None
        assert at_ms is not None
        return log((at_ms - left_ms) / self._effort_km(end - 1, end)) - self._form(times_ms, end - 1)


def _furthest(times_ms: Sequence[int | None]) -> tuple[int, int]:
    """The index of the furthest checkpoint with a time, and the latest time of all: nobody is there before he was here. -1: none."""
    seen = [(index, at_ms) for index, at_ms in enumerate(times_ms) if at_ms is not None]
    return (seen[-1][0], max(at_ms for _, at_ms in seen)) if seen else (-1, 0)


def _arrival(times_ms: Sequence[int | None], end: int) -> int | None:
    """When the runner ended a leg, if both its ends have a time and the way between them took any."""
    left_ms, at_ms = times_ms[end - 1], times_ms[end]
    return at_ms if left_ms is not None and at_ms is not None and at_ms > left_ms else None
