"""How a runner gets along the course: effort, fatigue, night, rest, and the cutoffs that keep slow runners brisk at first.

Given the course and a total time, the true arrival and departure at each checkpoint. Whether a runner stops, and where, is `field`.
"""

import random
from dataclasses import dataclass

import pendulum

from tracker.core.course import CutoffFrom, CutoffOn, Event, Race, Timing

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
NIGHT_FACTOR = 1.09
"""How much longer a leg takes by the light of a lamp."""
NIGHT_FROM_H, NIGHT_UNTIL_H = 22, 6
SLOWEST_EFFORT_KMH = 4.5
"""km-effort an hour that the time limit of a race without a last cutoff is reckoned at."""
SPARE_MS = 2 * MINUTE_MS
"""What those who mean to finish keep in hand at a cutoff."""


@dataclass(frozen=True)
class Course:
    """A race as the runners of one wave meet it. `limits_ms`: by checkpoint, the last UTC moment that is in time, or None.

    `limit_ms`: how long the whole race may take.
    """

    race: Race
    gun_ms: int
    efforts_km: tuple[float, ...]
    limits_ms: tuple[int | None, ...]
    limit_ms: float
    utc_offset_ms: int

    @property
    def gun(self) -> bool:
        """Whether the official time runs from the gun."""
        return self.race.timing is Timing.GUN

    def is_night(self, at_ms: float) -> bool:
        """Whether lamps are on."""
        hour = (at_ms + self.utc_offset_ms) / HOUR_MS % 24
        return hour >= NIGHT_FROM_H or hour < NIGHT_UNTIL_H

    def on_departure(self, index: int) -> bool:
        """Whether the cutoff of this checkpoint is for leaving it."""
        cutoff = self.race.checkpoints[index].cutoff
        return cutoff is not None and cutoff.on is not CutoffOn.ARRIVAL and index != self.race.finish

    def where_to_give_up(self, rng: random.Random) -> int:
        """The index of a checkpoint between start and finish: seldom early, mostly in the long middle (no such checkpoint: the start)."""
        between = range(1, self.race.finish)
        if not between:
            return 0
        total = self.efforts_km[-1] or 1.0
        weights = []
        for index in between:
            done = self.efforts_km[index] / total
            leg = (self.efforts_km[index] - self.efforts_km[index - 1]) / total
            weights.append(max(0.01, leg) * done * max(0.15, 1.15 - done))
        return rng.choices(between, weights)[0]


def lay_course(event: Event, race: Race, wave: str | None = None) -> Course:
    """The race, ready to be run by a wave (an unknown one starts with the race)."""
    gun_ms = race.wave_starts.get(wave or "", race.start_ms)
    origin_ms = gun_ms if race.cutoff_from is CutoffFrom.WAVE else race.start_ms
    limits = tuple(None if point.cutoff is None else origin_ms + point.cutoff.limit_ms for point in race.checkpoints)
    last = race.checkpoints[-1].cutoff
    limit_ms = race.effort_km / SLOWEST_EFFORT_KMH * HOUR_MS if last is None else float(last.offset_ms)
    offset = pendulum.from_timestamp(race.start_ms / 1000, tz=event.timezone).utcoffset()
    return Course(race, gun_ms, race.efforts_km, limits, limit_ms, 0 if offset is None else round(offset.total_seconds() * 1000))


def run(course: Course, crossed_ms: int, total_ms: float, quantile: float, rng: random.Random) -> list[tuple[int, int]]:
    """(arrived, left) in UTC ms by checkpoint, from the start line at `crossed_ms` to the finish `total_ms` later.

    `quantile` 0 is the field's first, 1 its last: they rest longer and tire more. Where a cutoff would be missed, the same total is
    run faster at first and slower later, as far as that goes.
    """
    fatigue = max(0.05, 0.25 + 0.35 * quantile + rng.gauss(0.0, 0.08))
    legs = [rng.lognormvariate(0.0, 0.05) for _ in course.race.checkpoints]
    rests = _rests(course, total_ms, quantile, rng)
    for _ in range(10):
        times = _times(course, crossed_ms, total_ms, fatigue, legs, rests)
        if _in_time(course, times):
            break
        fatigue += 0.25
        rests = [rest * 0.85 for rest in rests]
    return times


def _rests(course: Course, total_ms: float, quantile: float, rng: random.Random) -> list[float]:
    """Milliseconds at each checkpoint; none at the start and the finish."""
    count = len(course.race.checkpoints)
    share = (0.015 + 0.075 * quantile) * min(1.0, course.race.effort_km / 150)
    weights = [0.0] + [rng.lognormvariate(0.0, 0.6) for _ in range(count - 2)] + [0.0]
    total = sum(weights)
    return [0.0 if total == 0 else total_ms * share * weight / total for weight in weights]


def _times(
    course: Course, crossed_ms: int, total_ms: float, fatigue: float, legs: list[float], rests: list[float]
) -> list[tuple[int, int]]:
    efforts, whole = course.efforts_km, course.efforts_km[-1] or 1.0
    moving_ms = total_ms - sum(rests)
    raw = [0.0]
    for index in range(1, len(efforts)):
        before, after = efforts[index - 1] / whole, efforts[index] / whole
        raw.append((after - before) * (1 + fatigue * (before + after)) * legs[index])
    scale = moving_ms / (sum(raw) or 1.0)
    at, nights = float(crossed_ms), []
    for duration, rest in zip(raw, rests, strict=True):
        nights.append(NIGHT_FACTOR if course.is_night(at + duration * scale / 2) else 1.0)
        at += duration * scale + rest
    raw = [duration * night for duration, night in zip(raw, nights, strict=True)]
    scale = moving_ms / (sum(raw) or 1.0)
    at, times = float(crossed_ms), []
    for duration, rest in zip(raw, rests, strict=True):
        at += duration * scale
        times.append((round(at), round(at + rest)))
        at += rest
    return times


def _in_time(course: Course, times: list[tuple[int, int]]) -> bool:
    for index, (arrived, left) in enumerate(times):
        limit_ms = course.limits_ms[index]
        if limit_ms is not None and index > 0 and (left if course.on_departure(index) else arrived) > limit_ms - SPARE_MS:
            return False
    return True
