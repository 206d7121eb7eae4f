"""How a race's score factor K is estimated: from its km-effort, from each finisher with a known index, and from who is still ahead.

ln K has a grid of values. Every indexed finisher adds a row to it, the likelihood of each value: index · time is about K, but slower
runners race further below their index and vary more, both by how far they are behind the third finisher (`_row`). What the race as a
whole does on its day no number of finishers tells, so the interval never closes. The figures are fitted to the published scores of 24
races, and proved with each left out in turn (benchmarks/score.py). Rows are whole numbers: any order of adding and taking back gives the
same sum.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, hypot, log, log1p
from operator import add, sub
from typing import NamedTuple

from tracker.core.course import HOUR_MS
from tracker.core.score import KEstimate


class Figures(NamedTuple):
    """What was fitted.

    `prior`, `prior_slope`: ln K [points · hours] = prior + prior_slope · ln(km + gain_m / 100), a robust line over the races. `centre`:
    ln(index · time) - ln K of the front. `slope`: how far below their index runners are behind it, a unit of ln(time / third's time), and
    `slope_by_hours` how much more of that in a long race, by ln(third's hours / 8). `scale`: how much one runner of the front varies at an
    index of 600, and `scale_by_index` how much less who has a higher one says exactly, by ln(600 / index).
    """

    prior: float = 2.936
    prior_slope: float = 1.242
    centre: float = 0.0048
    slope: float = 0.0766
    slope_by_hours: float = 0.0825
    scale: float = 0.0642
    scale_by_index: float = 0.915


_FITTED = Figures()
_PRIOR_SCALE = 0.055
"""Of Student's t with 2 degrees of freedom: mostly within 5 %, yet a distance that is wrong by half is outvoted by the first finishers."""
_SLOPE_HOURS, _USUAL_INDEX = 8.0, 600.0
_INDEX_LEAST, _INDEX_MOST = -0.4, 0.6
"""The bounds within which an index says more or less than the usual one: of ln(600 / index)."""
_FREE = 0.10
"""Within about a tenth of the third finisher nobody is below the index."""
_FAR, _FAR_MOST, _SCALE_BY_FAR = 0.30, 1.0, 6.0
"""Who is more than 35 % behind the third says little: some walk, and how much they lose is another in each race."""
_NU = 3.0
"""Degrees of freedom: a wrong index loses its pull."""
_RACE_SD = 0.016
_AHEAD_SD, _AHEAD_RACE_SD = 0.25, 0.10
"""A unit of the course that is still to be run: what that adds to one runner's scale, and to that of all together."""
MOST_AHEAD = 30
_ASTRAY = 0.02
"""How likely it is that all indexes of a race are wrong alike (65 for 650): then they say nothing, and the course alone does."""
_LOW, _STEP, _SIZE = 5.5, 0.01, 551
_GRID = [_LOW + _STEP * number for number in range(_SIZE)]
_UNIT = 1 << 24
_SCALE_STEP, _SCALE_MOST = 0.05, 1.0
"""A scale is rounded to a step of its logarithm; a larger one than the most tells nothing either."""
_QUANTILES = (0.10, 0.50, 0.90)
_Row = tuple[int, ...]
_NOTHING: _Row = (0,) * _SIZE


class Finish(NamedTuple):
    """A finisher whose index is known, and the official time in milliseconds."""

    index_points: float
    official_ms: int


class Ahead(NamedTuple):
    """Somebody on the course whose index is known, the finish that is expected, and how much of the km-effort is done (0 to 1)."""

    index_points: float
    expected_ms: int
    share: float


class ScoreFit:
    """What the finishers of one race tell of its K. A finisher costs a row, an estimate a pass over the grid; neither the whole field."""

    def __init__(self, effort_km: float, figures: Figures = _FITTED) -> None:
        self._figures = figures
        self._centre = figures.prior + figures.prior_slope * log(effort_km)
        self._finishes: dict[int, Finish] = {}
        self._news: dict[int, Finish | None] = {}
        self._third_ms: int | None = None
        self._sum = _NOTHING

    def twin(self) -> "ScoreFit":
        """A fit of its own that knows the same."""
        other = object.__new__(ScoreFit)
        other._figures, other._centre, other._third_ms = self._figures, self._centre, self._third_ms
        other._finishes, other._news, other._sum = self._finishes.copy(), self._news.copy(), self._sum
        return other

    def put(self, no: int, finish: Finish | None) -> None:
        """What is known of runner `no` by now: the finish, or None."""
        if finish != self._finishes.get(no):
            self._news[no] = finish
        else:
            self._news.pop(no, None)

    def estimate(self, third_ms: int | None, ahead: Sequence[Ahead] = ()) -> KEstimate:
        """K by now. `third_ms`: the third finisher's official time, or the last one's of fewer, whether indexed or not (None: nobody's)."""
        self._take(third_ms)
        some = sorted(ahead, key=lambda one: (one.expected_ms, one.index_points))[:MOST_AHEAD]
        total, spread = self._sum, _RACE_SD
        if some:
            to_run = 1.0 - sum(one.share for one in some) / len(some)
            spread = hypot(_RACE_SD, _AHEAD_RACE_SD * to_run * len(some) / (len(some) + len(self._finishes)))
            first = min(3, len(some)) - 1
            front_ms = some[first].expected_ms if third_ms is None else third_ms
            for one in some:
                at, scale = told(self._figures, one.index_points, one.expected_ms, front_ms)
                total = _added(total, _row(at, hypot(scale, _AHEAD_SD * (1.0 - one.share))))
        low, middle, high = _quantiles(total, spread, self._centre)
        return KEstimate(middle, low, high, len(self._finishes), len(some))

    def _take(self, third_ms: int | None) -> None:
        if third_ms != self._third_ms:  # what every row is measured by: seldom, once three have finished
            for no, finish in self._news.items():
                self._file(no, finish)
            self._news.clear()
            self._third_ms, self._sum = third_ms, _NOTHING
            for finish in self._finishes.values():
                self._sum = _added(self._sum, self._row(finish))
            return
        for no, finish in self._news.items():
            before = self._finishes.get(no)
            if before is not None:
                self._sum = tuple(map(sub, self._sum, self._row(before)))
            if finish is not None:
                self._sum = _added(self._sum, self._row(finish))
            self._file(no, finish)
        self._news.clear()

    def _file(self, no: int, finish: Finish | None) -> None:
        if finish is None:
            self._finishes.pop(no, None)
        else:
            self._finishes[no] = finish

    def _row(self, finish: Finish) -> _Row:
        assert self._third_ms is not None  # somebody has finished
        return _row(*told(self._figures, finish.index_points, finish.official_ms, self._third_ms))


def told(figures: Figures, index_points: float, time_ms: int, third_ms: int) -> tuple[float, float]:
    """What a finish tells: its ln K, and the scale of that (Student's t)."""
    behind = log(time_ms / third_ms)
    slope = figures.slope + figures.slope_by_hours * log(third_ms / HOUR_MS / _SLOPE_HOURS)
    at = log(index_points * time_ms / HOUR_MS) - figures.centre - slope * max(0.0, behind - _FREE)
    level = min(_INDEX_MOST, max(_INDEX_LEAST, log(_USUAL_INDEX / index_points)))
    far = min(_FAR_MOST, max(0.0, behind - _FAR))
    return at, figures.scale * exp(figures.scale_by_index * level + _SCALE_BY_FAR * far)


def _row(at: float, scale: float) -> _Row:
    """How likely each K of the grid makes what was told, in whole units; ln K to half a step of the grid, the scale to a fortieth."""
    whole, half = divmod(min(2 * _SIZE - 2, max(0, round(2 * (at - _LOW) / _STEP))), 2)
    return _bell(round(log(min(_SCALE_MOST, scale)) / _SCALE_STEP), half)[_SIZE - 1 - whole : 2 * _SIZE - 1 - whole]


@lru_cache(maxsize=1024)
def _bell(scale_steps: int, half: int) -> _Row:
    """The likelihoods on either side of what is told: a row is a piece of it, since finishers are many and scales are few."""
    scale = exp(scale_steps * _SCALE_STEP)
    factor, flat, off = -_UNIT * (_NU + 1.0) / 2.0, 1.0 / (_NU * scale * scale), half * _STEP / 2
    return tuple([round(factor * log1p((number * _STEP - off) ** 2 * flat)) for number in range(1 - _SIZE, _SIZE)])


def _added(one: _Row, other: _Row) -> _Row:
    return tuple(map(add, one, other))


def _quantiles(total: _Row, spread: float, centre: float) -> tuple[float, float, float]:
    """K at 10, 50 and 90 % of its distribution: the rows, if they are right, blurred by what is common to the whole race; and the prior.

    Rows that are as wrong as each other are likely anywhere: as likely as theirs is on the whole grid's mean.
    """
    top = max(total)
    likely = [exp((one - top) / _UNIT) for one in total]
    reach = int(4.0 * spread / _STEP)
    kernel = [exp(-0.5 * (step * _STEP / spread) ** 2) for step in range(-reach, reach + 1)]
    padded = [likely[0]] * reach + likely + [likely[-1]] * reach
    blurred = [0.0] * _SIZE
    for shift, weight in enumerate(kernel):
        blurred = [one + weight * padded[shift + number] for number, one in enumerate(blurred)]
    astray = _ASTRAY * sum(blurred) / _SIZE
    flat = 1.0 / (2.0 * _PRIOR_SCALE * _PRIOR_SCALE)
    mass = [(one + astray) * (1.0 + (x - centre) ** 2 * flat) ** -1.5 for one, x in zip(blurred, _GRID, strict=True)]
    whole, run, found = sum(mass), 0.0, list[float]()
    for x, one in zip(_GRID, mass, strict=True):
        run += one / whole
        while len(found) < len(_QUANTILES) and run >= _QUANTILES[len(found)]:
            inside = (run - _QUANTILES[len(found)]) / (one / whole)
            found.append(exp(x + _STEP * (0.5 - inside)))
    return found[0], found[1], found[2]
