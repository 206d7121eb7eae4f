"""The score factor K, on races whose scores were published: after so many finishers, each race by figures that were fitted to the others.

Beside it the simple estimators: the course's km-effort alone, and the median of index times time of the first few, of more, or of all,
divided by what slower runners usually lose. An error is that of K, and so of every score of the race.
"""

import csv
import sys
from collections.abc import Callable, Sequence
from math import exp, log, log1p
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import NamedTuple

from benchmarks.measuring import Row, Scale
from tracker.core.course import HOUR_MS
from tracker.core.score import KEstimate
from tracker.core.score_fit import Figures, Finish, ScoreFit, told

_DATA = Path(__file__).parents[2] / "shared" / "data" / "scores"
_AFTER: tuple[int | None, ...] = (3, 5, 10, 20, 50, None)
_LEAST_INDEXED = 40
_WRONG = 0.003
"""A published row that is further from the race's factor is wrong at its source."""
_OLD_PRIOR, _OLD_SLOPE = 3.503, 1.131
_SIMPLE = ((3, 1.0), (5, 1.0), (10, 1.0), (20, 1.002), (50, 1.010))
_ALL = 1.045
_LEAST, _MOST = 0.74, 0.86
_FIT_ROWS = 120
_FIT_BEHIND = 0.40
"""Who is further behind the third, by the logarithm of the times, is given a scale that says little, and tells nothing of the figures."""
_NU = 3.0
_WIDENED = 1.1
"""Finishers of one race are not quite independent of each other."""
_FITTED = ("centre", "slope", "slope_by_hours", "scale", "scale_by_index")
_STEPS = (0.01, 0.04, 0.04, 0.01, 0.3)
_SWEEPS = 7
_SHIFT_SD = 0.025
"""What a race may be off as a whole while the figures are fitted: they are to say how its runners differ, not how its day was."""


class Scored(NamedTuple):
    """A race whose scores were published: every finisher in order of time, with the index where that is known (0: it is not)."""

    name: str
    effort_km: float
    log_k: float
    finishers: tuple[Finish, ...]

    @property
    def indexed(self) -> list[Finish]:
        """The finishers with a known index."""
        return [one for one in self.finishers if one.index_points > 0]

    @property
    def third_ms(self) -> int:
        """The third finisher's time."""
        return self.finishers[min(2, len(self.finishers) - 1)].official_ms


async def measure(scale: Scale) -> list[Row]:
    """Mean and p90 of the error and the intervals' coverage. The quick run leaves out every fifth race only."""
    if not _DATA.is_dir():
        print(f"score: no published scores in {_DATA}, nothing measured", file=sys.stderr)
        return []
    races = read(_DATA)
    asked = [race for race in races if len(race.indexed) >= _LEAST_INDEXED][:: 1 if scale.rounds >= 5 else 5]
    found = {race.name: _left_out(race, [other for other in races if other is not race]) for race in asked}
    rows: list[Row] = []
    covered: list[bool] = []
    for after in _AFTER:
        there = [race for race in asked if after is None or len(race.indexed) >= after]
        ours = [_error(found[race.name][after].k, race) for race in there]
        simple = _simple(there, after)
        who = f"score factor after {'all' if after is None else after}, {len(there)} races"
        rows += [_row(f"{who}, {what}", of(ours), {name: of(errors) for name, errors in simple.items()}) for what, of in _OF.items()]
        covered += [found[race.name][after].low <= exp(race.log_k) <= found[race.name][after].high for race in there]
    share = fmean(covered)
    return [
        *rows,
        Row("score factor within the interval", f"{share:.1%}", "promised: 80%", share / 0.8, "74% to 86%", _LEAST <= share <= _MOST),
    ]


def read(folder: Path) -> list[Scored]:
    """The races of a folder with `races.csv` and a table of published scores each."""
    with (folder / "races.csv").open(newline="") as file:
        listed = list(csv.DictReader(file))
    return [_scored(folder / f"{one['race']}.csv", _number(one["km"]) + _number(one["gain_m"]) / 100) for one in listed]


def fitted(races: Sequence[Scored]) -> Figures:
    """The figures under which what these races' finishers told is most likely; each race counts as much as the others."""
    prior, slope = _line([(log(race.effort_km), race.log_k) for race in races])
    rows = [
        (race, _spread([one for one in race.indexed if log(one.official_ms / race.third_ms) < _FIT_BEHIND], _FIT_ROWS)) for race in races
    ]
    best = Figures(prior, slope)
    most = _likelihood(best, rows)
    steps = list(_STEPS)
    for _ in range(_SWEEPS):
        for number, name in enumerate(_FITTED):
            for sign in (1, -1):
                tried = best._replace(**{name: getattr(best, name) + sign * steps[number]})
                while tried.scale > 0 and (likelihood := _likelihood(tried, rows)) > most:
                    best, most = tried, likelihood
                    tried = best._replace(**{name: getattr(best, name) + sign * steps[number]})
            steps[number] /= 2
    return best._replace(scale=best.scale * _WIDENED)


def _left_out(race: Scored, others: Sequence[Scored]) -> dict[int | None, KEstimate]:
    """What is estimated of a race after so many of its indexed finishers, by figures that know nothing of it."""
    fit = ScoreFit(race.effort_km, fitted(others))
    found: dict[int | None, KEstimate] = {}
    indexed = 0
    for no, finisher in enumerate(race.finishers):
        if finisher.index_points > 0:
            indexed += 1
            fit.put(no, finisher)
            if indexed in _AFTER:
                found[indexed] = fit.estimate(race.finishers[min(2, no)].official_ms)
    found[None] = fit.estimate(race.third_ms)
    return found


def _simple(races: Sequence[Scored], after: int | None) -> dict[str, list[float]]:
    """The errors of each simple estimator that all of these races have finishers enough for."""
    found = {"km-effort alone": [_error(exp(_OLD_PRIOR + _OLD_SLOPE * log(race.effort_km)), race) for race in races]}
    told_k = [[one.index_points * one.official_ms / HOUR_MS for one in race.indexed[:after]] for race in races]
    for first, too_much in _SIMPLE:
        if min(map(len, told_k)) >= first:
            found[f"median of {first}"] = [_error(median(ks[:first]) / too_much, race) for ks, race in zip(told_k, races, strict=True)]
    if after is None:
        found["median of all"] = [_error(median(ks) / _ALL, race) for ks, race in zip(told_k, races, strict=True)]
    return found


def _p90(errors: Sequence[float]) -> float:
    return quantiles(errors, n=10, method="inclusive")[-1]


_OF: dict[str, Callable[[Sequence[float]], float]] = {"mean error": fmean, "p90 error": _p90}


def _row(what: str, ours: float, simple: dict[str, float]) -> Row:
    name, least = min(simple.items(), key=lambda one: one[1])
    return Row(what, f"{ours:.2%}", f"{name}: {least:.2%}", ours / least, "< 1", ours < least)


def _error(k: float | None, race: Scored) -> float:
    assert k is not None  # a race that is scored
    return abs(k / exp(race.log_k) - 1)


def _scored(path: Path, effort_km: float) -> Scored:
    with path.open(newline="") as file:
        rows = [(_number(one["time_s"]), _number(one["score"]), _number(one["index"])) for one in csv.DictReader(file)]
    rows = [row for row in rows if row[0] > 0 and row[1] > 0]
    middle = median(time_s * points for time_s, points, _ in rows)
    sound = [row for row in rows if abs(row[0] * row[1] / middle - 1) <= _WRONG]
    k = median(time_s * points for time_s, points, _ in sound) / 3600
    finishers = sorted((round(time_s * 1000), index) for time_s, _, index in sound)
    return Scored(path.stem, effort_km, log(k), tuple(Finish(index, official_ms) for official_ms, index in finishers))


def _number(text: str) -> float:
    return float(text) if text else 0.0


def _spread(finishes: Sequence[Finish], most: int) -> list[Finish]:
    """The first of many, and of those behind them every so-manyth."""
    front = list(finishes[: most // 3])
    rest = finishes[most // 3 :]
    return front + list(rest[:: max(1, -(-len(rest) // (most - len(front))))])


def _likelihood(figures: Figures, races: Sequence[tuple[Scored, Sequence[Finish]]]) -> float:
    """Of what was told, under the factors that were published and the likeliest shift of each race."""
    total = 0.0
    for race, rows in races:
        off = [(at - race.log_k, scale) for at, scale in (told(figures, one.index_points, one.official_ms, race.third_ms) for one in rows)]
        shift = 0.0
        for _ in range(3):
            pull = [(_NU + 1) / (_NU * scale * scale + (one - shift) ** 2) for one, scale in off]
            shift = sum(one * weight for (one, _), weight in zip(off, pull, strict=True)) / (sum(pull) + _SHIFT_SD**-2)
        of_race = -sum((_NU + 1) / 2 * log1p(((one - shift) / scale) ** 2 / _NU) + log(scale) for one, scale in off)
        total += (of_race - (shift / _SHIFT_SD) ** 2 / 2) / len(rows)
    return total


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The robust line through points: what is far from it counts little (its distance is wrong, mostly). Intercept and slope."""
    weights = [1.0] * len(points)
    intercept = slope = 0.0
    for _ in range(60):
        whole = sum(weights)
        mean_x = sum(weight * x for weight, (x, _) in zip(weights, points, strict=True)) / whole
        mean_y = sum(weight * y for weight, (_, y) in zip(weights, points, strict=True)) / whole
        slope = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points, strict=True)) / sum(
            w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points, strict=True)
        )
        intercept = mean_y - slope * mean_x
        weights = [1 / (1 + ((y - intercept - slope * x) / 0.06) ** 2 / 2) for x, y in points]
    return intercept, slope


if __name__ == "__main__":
    print(fitted(read(_DATA)))
