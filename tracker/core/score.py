"""The provisional performance score: an estimate with an 80 % interval, and always shown as one.

A race edition has one factor K, and a finish scores K / time. K is not known during a race: it is estimated from those whose index, their
usual score, is known (`score_fit`), and tells nothing where a race is too short, was changed, or had too few finishers.
"""

from math import exp, hypot, log
from typing import NamedTuple

from tracker.core.course import HOUR_MS

LEAST_EFFORT_KM = 20.0
LEAST_FINISHERS = 5
"""Of a race that is over: with fewer its finishers have no score (the series' published rule)."""
HIGHEST_SCORE = 1000


class Score(NamedTuple):
    """Points, and between which bounds they are four times in five."""

    points: int
    low: int
    high: int


class KEstimate(NamedTuple):
    """The factor K in points · hours with its 80 % interval; None: there are no scores, and `why` says the reason.

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
        return self.projected(official_ms, official_ms, official_ms)

    def projected(self, expected_ms: int, early_ms: int, late_ms: int) -> Score | None:
        """The estimated score of who is expected to finish in a time, four times in five between the early and the late one."""
        if self.k is None or early_ms <= 0:
            return None
        points = self.k / (expected_ms / HOUR_MS)
        worse = hypot(log(self.k / self.low), log(late_ms / expected_ms))
        better = hypot(log(self.high / self.k), log(expected_ms / early_ms))
        return Score(*(min(HIGHEST_SCORE, round(one)) for one in (points, points * exp(-worse), points * exp(better))))


def no_score(why: str) -> KEstimate:
    """Nobody of the race has a score."""
    return KEstimate(None, 0.0, 0.0, 0, why=why)
