"""Running Stones: how many a finisher of a race gets.

Only the series file has figures; where it has none, none are made up.
"""

from tracker.series.rules import Rules


def stones_of(rules: Rules, tier: str, category: str | None) -> int | None:
    """The stones of each finisher in a race of a tier and category; None where the series file says nothing of such a race."""
    of_tier = rules.tiers.get(tier)
    return None if of_tier is None or category is None else of_tier.stones.get(category)
