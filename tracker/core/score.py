"""The provisional performance score: an estimate with an 80 % interval, and always shown as one.

A race edition has one factor K, and a finish scores K / time. K is not known during a race: it is estimated from those whose index, their
usual score, is known (`score_fit`), and tells nothing where a race is too short, was changed, or had too few finishers.
"""

from math import hypot
from typing import NamedTuple

from tracker.core.course import HOUR_MS

LEAST_EFFORT_KM = 20.0
LEAST_FINISHERS = 5
"""Of a race that is over: with fewer its finishers have no score (the series' published rule)."""
STOPPED_SHARE = 0.2
"""Of the starters: who stops so many has stopped the race midway, and it has no scores (the rule is published, the share is ours)."""
HIGHEST_SCORE = 1000


class Score(NamedTuple):
    """Points, and between which bounds they are four times in five."""

    points: int
    low: int
    high: int


class KEstimate(NamedTuple):
    """The factor K in points · hours; None: there are no scores, and `why` says the reason. `low` and `high` are its 80 % interval.

    `indexed`: from how many finishers with a known index; `ahead`: and from so many who are still on the course. `final`: nobody is.
    """

    k: float | None
    low: float
    high: float
    indexed: int
    ahead: int = 0
    final: bool = False
    why: str = ""

    def score(self, official_ms: int) -> Score | None:
        """The estimated score of a finish."""
        if self.k is None or official_ms <= 0:
            return None
        hours = official_ms / HOUR_MS
        return Score(_points(self.k / hours), _points(self.low / hours), _points(self.high / hours))

    def projected(self, expected_ms: int, early_ms: int, late_ms: int) -> Score | None:
        """The estimated score of who is expected to finish in a time, four times in five between the early and the late one."""
        if self.k is None or early_ms <= 0:
            return None
        points = self.k * HOUR_MS / expected_ms
        worse = hypot(self.low / self.k - 1.0, expected_ms / late_ms - 1.0)
        better = hypot(self.high / self.k - 1.0, expected_ms / early_ms - 1.0)
        return Score(_points(points), _points(points * (1.0 - min(1.0, worse))), _points(points * (1.0 + better)))


def _points(points: float) -> int:
    return min(HIGHEST_SCORE, round(points))
