"""The index of a runner from the scores of finishes: an estimate, since the series publishes how it is made but not the figures.

A weighted average of the best scores; of the variants that count one score, two, … the best one. A race that was not finished has no score,
and so never counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.series.periods import months_before
from tracker.series.rules import IndexRule


@dataclass(frozen=True, slots=True)
class Scored:
    """A score of a race that was run on `day`, in a category. `points` None: not finished, or finished without a score."""

    day: date
    category: str
    points: float | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index (an estimate) out of so many scores. `valid_until`: the first day on which it is not valid any more without a new score."""

    points: float
    scores: int
    valid_until: date


def index_of(rule: IndexRule, scored: Iterable[Scored], at: date, category: str | None = None) -> Index | None:
    """The index on a day, of one category or (None) the general one; None where there is no valid one."""
    counted = _counted(rule, scored, at, category)
    if not counted:
        return None
    valid_until = _older_from(max(day for day, _ in counted), rule.valid_months)
    if at >= valid_until:
        return None
    aged = sorted(((_aged(rule, day, points, at), _months_old(day, at)) for day, points in counted), reverse=True)[: rule.best]
    points, scores = max((_average(rule, aged[:count]) * rule.penalties[count - 1], count) for count in range(1, len(aged) + 1))
    return Index(points, scores, valid_until)


def no_index(rule: IndexRule, scored: Iterable[Scored], at: date, category: str | None = None) -> str:
    """Why there is no valid index on a day where `index_of` has none, in words."""
    counted = _counted(rule, scored, at, category)
    if not counted:
        return f"no score of the last {rule.months} months"
    return f"the newest score, of {max(day for day, _ in counted)}, is not younger than {rule.valid_months} months"


def _counted(rule: IndexRule, scored: Iterable[Scored], at: date, category: str | None) -> list[tuple[date, float]]:
    """The scores that are of the months that count and of the category, each with its day."""
    since = months_before(at, rule.months)
    return [
        (one.day, one.points) for one in scored if one.points is not None and since < one.day <= at and category in (None, one.category)
    ]


def _older_from(day: date, months: int) -> date:
    """The first day on which a day is so many months back: of a 29 February, where the month has none, the 1 March."""
    later = months_before(day, -months)
    return later if later.day == day.day else later + timedelta(days=1)


def _aged(rule: IndexRule, day: date, points: float, at: date) -> float:
    return points * (rule.old_factor if day < months_before(at, rule.old_months) else 1.0)


def _months_old(day: date, at: date) -> int:
    """Whole months."""
    months = (at.year - day.year) * 12 + at.month - day.month
    return months if months_before(at, months) >= day else months - 1


def _average(rule: IndexRule, aged: Sequence[tuple[float, int]]) -> float:
    weights = [weight * rule.month_weight**months for weight, (_, months) in zip(rule.weights, aged, strict=False)]
    return sum(weight * points for weight, (points, _) in zip(weights, aged, strict=True)) / sum(weights)
