"""The provisional performance score of a finish: an estimate, and always shown as one.

One factor K a race edition, score = K / time. K is not known during a race, so it is estimated from finishers whose index is known,
starting from what km-effort alone says (figures: fitted to the published scores of 37 races).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log
from statistics import median

from tracker.core.course import HOUR_MS, Race

_PRIOR_LOG, _PRIOR_SLOPE = 3.503, 1.131
_PRIOR_SD = 0.118  # 9.4 % mean error of km-effort alone
_ONE_RUNNER_SD = 0.095  # 4.4 % mean error of the median of three
FIRST = 20
_FIRST_BIAS = 1.002  # runners race a little below their index, the slower the further: only the first ones are used
LEAST_EFFORT_KM = 20.0
HIGHEST_SCORE = 1000


@dataclass(frozen=True, slots=True)
class KEstimate:
    """The factor K in points · hours (None: the race is too short to be scored), and from how many indexed finishers."""

    k: float | None
    indexed: int

    def score(self, official_ms: int) -> int | None:
        """The estimated score of a finish."""
        if self.k is None or official_ms <= 0:
            return None
        return min(HIGHEST_SCORE, round(self.k / (official_ms / HOUR_MS)))


def estimate_k(race: Race, finishers: Iterable[tuple[int, float | None]]) -> KEstimate:
    """Estimate K from (official time in ms, index or None) of the finishers, in any order."""
    if race.effort_km < LEAST_EFFORT_KM:
        return KEstimate(None, 0)
    prior = _PRIOR_LOG + _PRIOR_SLOPE * log(race.effort_km)
    first = sorted((official_ms, index) for official_ms, index in finishers if index and official_ms > 0)[:FIRST]
    if not first:
        return KEstimate(exp(prior), 0)
    seen = log(median(index * official_ms / HOUR_MS for official_ms, index in first) / _FIRST_BIAS)
    trust_prior, trust_seen = _PRIOR_SD**-2, len(first) * _ONE_RUNNER_SD**-2
    return KEstimate(exp((prior * trust_prior + seen * trust_seen) / (trust_prior + trust_seen)), len(first))
