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
from math import exp, log
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.form import START_FORM, Arrival, Form, Known
from tracker.core.leg_times import STEP, LegTimes

FADE_EFFORT_KM = 45.0
"""So far back a leg counts a third (1/e) in the form: anything from 35 to 60 forecasts both recorded races as well."""
SLOWING = 0.2
"""The exponent over 1: from first checkpoint to finish the middle of the field slowed by 0.19 (UTMB 2024) and 0.27 (Grand Raid 2023)."""
EFFORT_MIN_KM = 0.5
"""Two checkpoints at one place: what happens between them takes time, though no way."""
OVERDUE_MARGIN = 0.1
OVERDUE_LEAST_MS = 20 * 60_000
"""With the margin: of the legs that were completed in the recorded races, under one in a hundred was called overdue before (benchmarks)."""
_AT_ONCE = 256
"""So many newcomers are told to the legs at once: many enough to save calls, few enough that their passings are still at hand."""
UNKNOWN_FORM = 1.6
"""On the first leg nobody's form is known: the slowest of UTMB 2024 took 1.4 times the middle runner's time there, of Grand Raid 1.6."""


class Forecast(NamedTuple):
    """The arrival at the next checkpoint, UTC milliseconds; four in five arrive between early and late."""

    expected_ms: int
    early_ms: int
    late_ms: int


class Forecaster:
    """One race's forecasts, from what is known of each runner by now. Any order of learning leads to the same forecasts.

    A runner is a number from 0 to 2**20 - 1. `course`: the indices of the checkpoints that runners must pass, where that is not all.
    """

    def __init__(self, race: Race, course: Sequence[int] | None = None) -> None:
        self.race = race
        self.course = tuple(range(len(race.checkpoints)) if course is None else course)
        efforts_km = race.efforts_km
        self._before = {end: start for start, end in zip(self.course, self.course[1:], strict=False)}
        self._leg_km = {end: max(efforts_km[end] - efforts_km[start], EFFORT_MIN_KM) for end, start in self._before.items()}
        self._faded = {end: (start, self._leg_km[end], exp(-self._leg_km[end] / FADE_EFFORT_KM)) for end, start in self._before.items()}
        self._tails = {start: self.course[number:] for number, start in enumerate((-1, *self.course))}
        self._whole = self.course == tuple(range(len(race.checkpoints)))
        self._known: dict[int, Known] = {}
        self._borrowed = False
        self._newcomers: list[tuple[int, int, Sequence[Arrival | None]]] = []
        self._legs = {end: LegTimes(self._slowing(end), partial(self._drift, end), partial(self._leg_ms, end)) for end in self._before}
        self._leg = {end: (start, self._legs[end]) for end, start in self._before.items()}
        self._ahead = [next((end for end in self.course[1:] if end > spot), None) for spot in range(len(race.checkpoints))]
        self._touched: set[int] = set()
        self._moved: set[int] = set()
        self._quickened = False
        self._tight: set[int] = set()
        self._steps = {end: leg.step() for end, leg in self._legs.items()}
        self._told = self._steps.copy()
        self._patience = {end: exp(step * STEP + OVERDUE_MARGIN) for end, step in self._steps.items()}
        self._quick = dict.fromkeys(self._legs, (0, False))
        self._rest: dict[tuple[int, float, float], tuple[float, float, float, float]] = {}

    def twin(self) -> "Forecaster":
        """A forecaster of its own that knows the same; of a runner it keeps a record of its own from when it is told of him."""
        other = Forecaster(self.race, self.course)
        other._known, other._borrowed = self._known.copy(), True
        other._newcomers = self._newcomers.copy()
        other._legs = {end: leg.twin(partial(other._drift, end), partial(other._leg_ms, end)) for end, leg in self._legs.items()}
        other._leg = {end: (start, other._legs[end]) for end, start in self._before.items()}
        other._touched, other._moved, other._tight = self._touched.copy(), self._moved.copy(), self._tight.copy()
        other._steps, other._told, other._quick = self._steps.copy(), self._told.copy(), self._quick.copy()
        other._patience, other._quickened = self._patience.copy(), self._quickened
        return other

    def learn(self, no: int, start_ms: int, passed: Sequence[Arrival | None], furthest: int) -> None:
        """Everything known of runner `no` by now: the passing of each checkpoint, None where not seen; replaces what was known before.

        The runner's race began at `start_ms`, or when he was read at the start after that; `furthest` is the last that is not None
        (-1: none), or the last that counts. Mostly that is one more passing, after those that were known.
        """
        self._rest.clear()
        known = self._known.get(no)
        if known is None or self._borrowed:
            known = self._known[no] = Known() if known is None else known.twin()
        known.spot = furthest
        before = known.furthest
        if before < 0 and furthest > 1 and self._whole:
            known.start_ms, known.passed, known.furthest = start_ms, passed, furthest
            self._newcomers.append((no, start_ms, passed))
            if len(self._newcomers) >= _AT_ONCE:
                self._take_newcomers()
            return
        if self._newcomers:
            self._take_newcomers()
        if before >= 0 and (start_ms != known.start_ms or passed[: before + 1] != known.passed[: before + 1]):
            self._replace(known, no, start_ms, passed)
            return
        known.start_ms, known.passed = start_ms, passed
        found = 0
        for end in self._tails[before]:
            if end > furthest:
                break
            one = passed[end]
            if one is not None:
                found += 1
                known.furthest = end
                if end:
                    self._tell(no, start_ms, passed, end, one.in_ms)
        if found == 1 and before >= 0 and known.form is not None:
            self._go_on(known, known.form)
        elif found or before < 0:  # who was seen only where nobody must pass has a form from the gun
            known.form = None

    def forecast(self, no: int) -> Forecast | None:
        """The arrival at the checkpoint after the furthest one; None for a runner who has not started or is at the finish."""
        found = self._on_leg(no)
        if found is None:
            return None
        end, form, effort_km = found
        leg_ms = effort_km * exp(form.pace)
        low, middle, high = (form.last_ms + round(leg_ms * exp(drift)) for drift in self._legs[end].spread())
        return Forecast(middle, low, high)

    def ahead(self, no: int) -> list[tuple[int, Forecast]]:
        """The arrival at every checkpoint that is still to come, by its index; the first is `forecast`. Empty as there.

        Each leg is taken at the form that the ones before are expected to leave. What a runner may lose on one leg he may lose on each, so
        the windows add up: at least four in five arrive within them (benchmarks), however far ahead.
        """
        found = self._on_leg(no)
        if found is None:
            return []
        end, form, effort_km = found
        pace, weighed, weights = form.pace, form.weighed, form.weights
        expected = early = late = float(form.last_ms)
        arrivals: list[tuple[int, Forecast]] = []
        for leg_end in self.course[self.course.index(end) :]:
            leg_km = effort_km if leg_end == end else self._leg_km[leg_end]
            low, middle, high = self._legs[leg_end].spread()
            early, expected, late = (
                at_ms + leg_km * exp(pace + drift) for at_ms, drift in ((early, low), (expected, middle), (late, high))
            )
            arrivals.append((leg_end, Forecast(round(expected), round(early), round(late))))
            fading = exp(-leg_km / FADE_EFFORT_KM)
            weighed, weights = weighed * fading + leg_km * (pace + middle), weights * fading + leg_km
            pace = weighed / weights
        return arrivals

    def finish(self, no: int) -> tuple[int, Forecast] | None:
        """The late end of the next arrival, and the arrival at the last checkpoint: as `ahead` has them, and cheap for a whole field.

        What the legs ahead add to the form's pace hangs on its weights alone, which those who come to a checkpoint mostly have in common:
        so from there the rest of the course takes each of them the same multiple of the own pace.
        """
        found = self._on_leg(no)
        if found is None:
            return None
        end, form, effort_km = found
        weights = form.weights
        rest = self._rest.get((end, effort_km, weights))
        if rest is None:
            rest = self._rest[end, effort_km, weights] = self._rest_from(end, effort_km, weights)
        pace_ms, last_ms = exp(form.weighed / weights if weights else START_FORM), form.last_ms
        next_late, expected, early, late = rest
        finish = Forecast(last_ms + int(pace_ms * expected), last_ms + int(pace_ms * early), last_ms + int(pace_ms * late))
        return last_ms + int(pace_ms * next_late), finish

    def _rest_from(self, end: int, effort_km: float, weights: float) -> tuple[float, float, float, float]:
        """From a leg on, as multiples of the form's milliseconds per km-effort: the late end of that leg, and of all legs the expected,
        the early and the late end.
        """
        drift = expected = early = late = next_late = 0.0
        for leg_end in self.course[self.course.index(end) :]:
            leg_km = effort_km if leg_end == end else self._leg_km[leg_end]
            spread = self._legs[leg_end].spread()
            low, middle, high = (leg_km * exp(drift + one) for one in spread)
            early, expected, late = early + low, expected + middle, late + high
            next_late = next_late or high
            weights *= exp(-leg_km / FADE_EFFORT_KM)
            drift += spread[1] * leg_km / (weights + leg_km)
            weights += leg_km
        return next_late, expected, early, late

    def overdue_from_ms(self, no: int) -> int | None:
        """From when on the runner is overdue at the next checkpoint, UTC milliseconds; None as in `forecast`.

        It changes only with the runner's own times, and with the step of the leg as `shifted` last told it.
        """
        found = self._on_leg(no)
        if found is None:
            return None
        end, form, effort_km = found
        pace, unknown = (form.weighed / form.weights, 1.0) if form.weights else (START_FORM, UNKNOWN_FORM)
        return form.last_ms + int(effort_km * self._patience[end] * exp(pace) * unknown) + OVERDUE_LEAST_MS

    def shifted(self) -> dict[int, bool]:
        """The legs, by the index of the checkpoint at their end, whose step has changed since this was last asked; True: downwards, so
        that runners are overdue sooner.
        """
        self._update()
        found = {end: self._steps[end] < self._told[end] for end in self._moved if self._steps[end] != self._told[end]}
        for end in self._moved:
            self._told[end] = self._steps[end]
            self._patience[end] = exp(self._steps[end] * STEP + OVERDUE_MARGIN)
        self._moved.clear()
        return found

    def quickened(self) -> bool:
        """Whether the quickest time of any leg has changed since this was last asked, or who is hasty on it for the first time."""
        self._update()
        found, self._quickened = self._quickened, False
        return found

    def _update(self) -> None:
        """Look at the legs of which something new is known."""
        self._take_newcomers()
        for end in self._touched:
            leg = self._legs[end]
            step = leg.step()
            quick_ms = self.quick_ms(end)
            if step != self._steps[end]:
                self._steps[end] = step
                self._moved.add(end)
            quick = quick_ms, leg.fastest_ms < quick_ms
            if quick != self._quick[end]:
                self._quick[end] = quick
                self._quickened = True
                (self._tight.add if quick[1] else self._tight.discard)(end)
        self._touched.clear()

    def quick_ms(self, end: int) -> int:
        """In less time nobody does the leg, by the middle of those who were first on it (0: too few to say). See `quickened`.

        Nor is there anything to say of a leg with a skipped checkpoint on it: those who were first may have gone another way.
        """
        return self._legs[end].quick_ms() if self._before.get(end) == end - 1 else 0

    def hasty(self, no: int) -> bool:
        """Whether the runner did a leg, seen at both its ends, in less time than anybody does it. Up to date after `quickened`."""
        known = self._known.get(no)
        return known is not None and any(self._is_hasty(known, end) for end in self._tight)

    @property
    def somebody_is_hasty(self) -> bool:
        """Whether `hasty` may be true of anybody."""
        return bool(self._tight)

    def _is_hasty(self, known: Known, end: int) -> bool:
        left_ms, at_ms = known.at_ms(self._before[end]), known.at_ms(end)
        return left_ms is not None and at_ms is not None and 0 < at_ms - left_ms < self.quick_ms(end)

    def _on_leg(self, no: int) -> tuple[int, Form, float] | None:
        """The end of the leg that the runner is on, the form so far, and the km-effort from where that ends."""
        if self._newcomers:
            self._take_newcomers()
        known = self._known.get(no)
        end = None if known is None or known.spot < 0 else self._ahead[known.spot]
        if known is None or end is None:
            return None
        form = self._form(known)
        return end, form, self._leg_km[end] if known.furthest == self._before[end] else self._effort_km(form.last, end)

    def _take_newcomers(self) -> None:
        """Tell every leg of runners of whom nothing was known before, all at once: so a whole race is read from the disk."""
        newcomers, self._newcomers = self._newcomers, []
        if not newcomers:
            return
        moments = [[None if one is None else one.in_ms for one in passed] for _, _, passed in newcomers]
        for (_, start_ms, _), of_one in zip(newcomers, moments, strict=True):
            if of_one[0] is not None:
                of_one[0] = max(of_one[0], start_ms)
        numbers, at = [no for no, _, _ in newcomers], list(zip(*moments, strict=True))
        for end, (start, leg) in self._leg.items():
            if leg.put_all(numbers, at[start], at[end]):
                self._touched.add(end)

    def _tell(self, no: int, start_ms: int, passed: Sequence[Arrival | None], end: int, at_ms: int) -> None:
        """The leg of one more passing."""
        start, leg = self._leg[end]
        left = passed[start]
        if left is not None:
            left_ms = left.in_ms if start else max(left.in_ms, start_ms)
            if at_ms > left_ms:
                leg.put(no, at_ms, at_ms - left_ms)
                self._touched.add(end)

    def _go_on(self, known: Known, form: Form) -> None:
        """One more passing goes into the form, after all that are in it."""
        end = known.furthest
        at_ms = known.at_ms(end)
        if end and at_ms is not None and at_ms > form.last_ms:
            leg_km = self._leg_km[end] if form.last == self._before[end] else self._effort_km(form.last, end)
            fading = exp(-leg_km / FADE_EFFORT_KM)
            weighed = form.weighed * fading + leg_km * log((at_ms - form.last_ms) / leg_km)
            known.form = Form(weighed, form.weights * fading + leg_km, end, at_ms)

    def _form(self, known: Known) -> Form:
        """The form of a runner up to his furthest passing."""
        if known.form is None:
            known.form = self._weighed(known, known.furthest)
        return known.form

    def _replace(self, known: Known, no: int, start_ms: int, passed: Sequence[Arrival | None]) -> None:
        """Everything anew. The legs are told of what differs, and that the form before every later leg may."""
        old = {index: known.at_ms(index) for index in self.course}
        changed = known.start_ms != start_ms
        known.passed, known.start_ms = passed, start_ms
        new = {index: known.at_ms(index) for index in self.course}
        changed = changed or old[0] != new[0]
        for end, start in self._before.items():
            was_ms, now_ms = _arrival(old[start], old[end]), _arrival(new[start], new[end])
            changed = changed or old[end] != new[end]
            if not changed or (was_ms is None and now_ms is None):
                continue
            self._touched.add(end)
            if was_ms is not None and (was_ms, old[start]) != (now_ms, new[start]):
                self._legs[end].take(no, was_ms)
                was_ms = None
            if now_ms is not None and was_ms is None:
                self._legs[end].put(no, now_ms, now_ms - (new[start] or 0))
            elif now_ms is not None:
                self._legs[end].reconsider(no, now_ms)
        seen = [index for index in self.course if new[index] is not None]
        known.furthest = seen[-1] if seen else -1
        known.form = None

    def _effort_km(self, start: int, end: int) -> float:
        return max(self.race.efforts_km[end] - self.race.efforts_km[start], EFFORT_MIN_KM)

    def _slowing(self, end: int) -> float:
        """How much slower than before a runner is on a leg for no other reason than that it comes later."""
        so_far_km = self.race.efforts_km[self._before[end]]
        if so_far_km <= 0:
            return 0.0
        middle_km = so_far_km - min(so_far_km / 2, FADE_EFFORT_KM)
        return SLOWING * log((so_far_km + self._leg_km[end] / 2) / middle_km)

    def _weighed(self, known: Known, until: int) -> Form:
        """The form up to a checkpoint. A passing that is not after those before it says nothing."""
        weighed = weights = 0.0
        first_ms = known.at_ms(0)
        last, last_ms = 0, known.start_ms if first_ms is None else first_ms
        passed, legs = known.passed, self._faded
        for index in self.course[1:]:
            if index > until:
                break
            one = passed[index]
            if one is None or one.in_ms <= last_ms:
                continue
            before, effort_km, fading = legs[index]
            if before != last:
                effort_km = self._effort_km(last, index)
                fading = exp(-effort_km / FADE_EFFORT_KM)
            at_ms = one.in_ms
            weighed = weighed * fading + effort_km * log((at_ms - last_ms) / effort_km)
            weights = weights * fading + effort_km
            last, last_ms = index, at_ms
        return Form(weighed, weights, last, last_ms)

    def _drift(self, end: int, no: int) -> float:
        """How a runner who was seen at both ends of a leg has done on it, beside the form before."""
        known = self._known[no]
        return log(self._leg_ms(end, no) / self._leg_km[end]) - self._weighed(known, self._before[end]).pace

    def _leg_ms(self, end: int, no: int) -> int:
        """How long a runner who was seen at both ends of a leg took for it."""
        known = self._known[no]
        return (known.at_ms(end) or 0) - (known.at_ms(self._before[end]) or 0)


def _arrival(left_ms: int | None, at_ms: int | None) -> int | None:
    """When the runner ended a leg, if both its ends have a time and the way between them took any."""
    return at_ms if left_ms is not None and at_ms is not None and at_ms > left_ms else None
