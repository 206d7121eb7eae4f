"""Running Stones: how many a finisher of a race gets.

Only the series file has figures; where it has none, none are made up.
"""

from tracker.series.rules import Rules


def stones_of(rules: Rules, tier: str, category: str | None, *, finished: bool = True) -> int | None:
    """The stones of one runner in a race of a tier and category; None where the series file says nothing of such a race."""
    if category is None or tier not in rules.tiers or category not in rules.tiers[tier].stones:
        return None
    return rules.tiers[tier].stones[category] if finished else 0
