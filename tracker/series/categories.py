"""Which category of the series a race is in, and which other final a runner who has qualified may ask for.

What the event file states goes before the km-effort: organisers deviate.
"""

from collections.abc import Iterator

from tracker.core.course import Race
from tracker.series.rules import Rules


def category_of(rules: Rules, race: Race) -> str | None:
    """The race's category, as stated or by its km-effort; None where it is too short for any."""
    return race.series_category or category_by_effort(rules, race.effort_km)


def category_by_effort(rules: Rules, effort_km: float) -> str | None:
    """The category of a km-effort; None below the least."""
    return next((one.name for one in reversed(rules.categories) if effort_km >= one.from_effort_km), None)


def finals_to_ask_for(rules: Rules, category: str) -> list[str]:
    """The finals of the categories near by that a result in `category` may be changed to, on request: a committee decides."""
    return list(_near(rules, category))


def _near(rules: Rules, category: str) -> Iterator[str]:
    names = [one.name for one in rules.categories]
    here = names.index(category)
    for at, other in enumerate(rules.categories):
        near = 0 < abs(at - here) <= rules.change.steps
        if near and other.final is not None and (category, other.final) not in rules.change.never:
            yield other.final
