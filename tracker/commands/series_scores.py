"""A finisher's score, and how wide it is, out of the estimate of `tracker/core/score`: the one place that knows how these meet.

The width is the estimate's error that nine in ten stay under, measured on published results (by how many finishers have a known index).
"""

from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.core.runner import Status
from tracker.core.score import HIGHEST_SCORE
from tracker.series.qualification import Score

LEAST_FINISHERS = 5
_ERROR_BY_INDEXED = ((20, 0.049), (10, 0.062), (5, 0.064), (3, 0.118), (0, 0.18))


def score_of(field: Field, race: str, line: Standing) -> tuple[Score | None, str]:
    """A runner's score; or None, and why there is none."""
    official_ms = line.verdict.official_ms
    if line.verdict.status is not Status.FINISHED or official_ms is None:
        return None, "not finished"
    if field.ledger(race)[Status.FINISHED] < LEAST_FINISHERS:
        return None, f"fewer than {LEAST_FINISHERS} have finished"
    factor = field.k(race)
    points = factor.score(official_ms)
    if points is None:
        return None, "the race is too short, or its course was changed"
    error = next(error for least, error in _ERROR_BY_INDEXED if factor.indexed >= least)
    return Score(points, points * (1 - error), min(HIGHEST_SCORE, points * (1 + error))), ""
