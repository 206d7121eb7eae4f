"""What real fields look like: shares and finish times of races that were run, as figures between which others are interpolated.

Only measured figures live here, with what they were measured on; what a simulated runner does with them is `field`.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

QUANTILES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
"""Where in the finishers' order the finish times below stand: 0 is the winner, 1 the last."""

ENTERED = {"105k": 446, "50k": 547, "21k": 400, "7k5": 250}
"""Entries by race id: the two long races of Andorra 2022 as they were, the two short ones as they may have been."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A field's figures. Shares: `dns` of the entries, the others of the starters; times: finish time over the race's time limit."""

    effort_km: float
    dns: float
    withdrawn: float
    out_of_time: float
    finish: tuple[float, ...]


def _seen(effort_km: float, dns: float, withdrawn: float, out_of_time: float, limit_h: float, *finish_h: float) -> Calibration:
    return Calibration(effort_km, dns, withdrawn, out_of_time, tuple(hours / limit_h for hours in finish_h))


_SHORT_H = (0.78, 0.83, 0.9, 1.02, 1.15, 1.32, 1.45, 1.56, 1.68, 1.81, 1.96, 2.15, 2.5, 2.78, 3.1, 3.38)
SHORT = _seen(14.0, 0.08, 0.008, 0.004, 3.5, *_SHORT_H)
"""An assumption, no measurement: a family race of 7.5 km and 650 m."""

_ANDORRA_50K_H = (5.37, 5.55, 6.75, 7.33, 7.83, 8.39, 8.9, 9.25, 9.66, 10.08, 10.73, 11.29, 11.8, 12.33, 12.85, 13.55)
ANDORRA_50K = _seen(86.0, 81 / 547, 27 / 466, 6 / 466, 14.0, *_ANDORRA_50K_H)
"""Andorra 2022, 50 km: 432 finishers of 547 entries."""

_ANDORRA_105K_H = (14.34, 15.26, 16.66, 18.93, 20.35, 22.65, 23.9, 25.16, 26.19, 27.29, 28.99, 31.22, 34.0, 36.38, 38.76, 41.1)
ANDORRA_105K = _seen(174.0, 46 / 446, 91 / 400, 3 / 400, 42.0, *_ANDORRA_105K_H)
"""Andorra 2022, 105 km: 305 finishers of 446 entries."""

_UTMB_H = (19.91, 23.19, 24.3, 27.1, 29.77, 33.56, 36.73, 38.98, 40.58, 41.94, 43.46, 44.53, 45.43, 45.87, 46.15, 46.4)
UTMB = _seen(275.9, 95 / 2856, 786 / 2761, 214 / 2761, 46.5, *_UTMB_H)
"""UTMB 2024: 1,760 finishers of 2,856 entries."""

_LADDER = (SHORT, ANDORRA_50K, ANDORRA_105K, UTMB)


def calibration(effort_km: float) -> Calibration:
    """The figures for a race of this km-effort, between its two neighbours (beyond the ends: the end's)."""
    if effort_km <= _LADDER[0].effort_km:
        return _LADDER[0]
    for low, high in pairwise(_LADDER):
        if effort_km <= high.effort_km:
            share = math.log(effort_km / low.effort_km) / math.log(high.effort_km / low.effort_km)
            return _between(low, high, share, effort_km)
    return _LADDER[-1]


def _between(low: Calibration, high: Calibration, share: float, effort_km: float) -> Calibration:
    return Calibration(
        effort_km,
        low.dns + (high.dns - low.dns) * share,
        low.withdrawn + (high.withdrawn - low.withdrawn) * share,
        low.out_of_time + (high.out_of_time - low.out_of_time) * share,
        tuple(a + (b - a) * share for a, b in zip(low.finish, high.finish, strict=True)),
    )


def finish_share(figures: Calibration, quantile: float) -> float:
    """The finish time, as a share of the time limit, of the runner at `quantile` (0 to 1) of the finishers."""
    for (q0, a), (q1, b) in pairwise(zip(QUANTILES, figures.finish, strict=True)):
        if quantile <= q1:
            return a + (b - a) * (quantile - q0) / (q1 - q0)
    return figures.finish[-1]
