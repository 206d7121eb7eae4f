"""For which Finals a race counts, by its date, and by which rules.

The day of a race and the days of the Finals are all that matters: the day on which somebody asks does not.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pendulum

from tracker.series.rules import Counting, Period, Rules, Window


@dataclass(frozen=True, slots=True)
class Counted:
    """A race counts for the Finals of `year`, by `how`; `rule` says in words why."""

    year: int
    how: Counting
    rule: str


def months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last of that month where it has no such day."""
    found = pendulum.date(day.year, day.month, day.day).subtract(months=months)
    return date(found.year, found.month, found.day)


def counts_for(rules: Rules, day: date) -> list[Counted]:
    """Every Finals for which a race of that day counts, in order of year."""
    found = [one for how in _in_force(rules, day) for one in _counted(rules, how, day)]
    return sorted(found, key=lambda one: one.year)


def not_configured(rules: Rules, day: date) -> list[str]:
    """What the series file lacks to say for which Finals a race of that day counts, in words."""
    ways = _in_force(rules, day)
    if not ways:
        return [f"no period of the series file holds {day}: add the [[period]]"]
    return [
        f"the day of the Finals of {year} is not configured: add it to [finals], or a race of {day} is not counted for them"
        for how in ways
        if how.window is Window.MONTHS
        for year in _years(how, day)
        if year not in rules.finals
    ]


def counted_twice(rules: Rules) -> list[str]:
    """The periods in which a race would count for the same Finals in two ways, and from which day on, in words."""
    found = []
    for number, period in enumerate(rules.periods, 1):
        twice = ((day, year) for day in sorted(_turns(rules, period)) for year, ways in _ways(rules, day).items() if ways > 1)
        if (first := next(twice, None)) is not None:
            found.append(f"period {number}: a race of {first[0]} would count for the Finals of {first[1]} in two ways")
    return found


def _turns(rules: Rules, period: Period) -> set[date]:
    """The days of a period from which on its races may count for other Finals than before."""
    days = {period.first or date(1900, 1, 1)}
    for how in period.counts:
        years = {*rules.finals, how.finals or 1901}
        days |= {date(year - 1, 1, 1) for year in years} | {months_before(day, how.months or 0) for day in rules.finals.values()}
    return {day for day in days if period.holds(day)}


def _ways(rules: Rules, day: date) -> Counter[int]:
    return Counter(one.year for one in counts_for(rules, day))


def _in_force(rules: Rules, day: date) -> tuple[Counting, ...]:
    return next((period.counts for period in rules.periods if period.holds(day)), ())


def _years(how: Counting, day: date) -> list[int]:
    """The years whose Finals may be within the months after that day."""
    last = months_before(day, -(how.months or 0)).year
    return [year for year in range(day.year, last + 1) if how.finals in (None, year)]


def _counted(rules: Rules, how: Counting, day: date) -> Iterator[Counted]:
    if how.window is Window.CALENDAR_YEAR:
        if how.finals in (None, day.year + 1):
            yield Counted(day.year + 1, how, f"{day.year} is the calendar year before the Finals of {day.year + 1}")
        return
    months = how.months or 0
    for year in _years(how, day):
        finals = rules.finals.get(year)
        if finals is not None and months_before(finals, months) <= day < finals:
            yield Counted(year, how, f"within {months} months before the Finals of {year} ({finals})")
