"""The category of a race, and the stones that a finisher gets."""

from dataclasses import replace

import pytest

from tests.core.builders import race_with
from tests.series.builders import RULES
from tracker.series.categories import category_by_effort, category_of, finals_to_ask_for
from tracker.series.stones import stones_of


@pytest.mark.parametrize(
    ("effort_km", "category"),
    [*((14.0, None), (19.9, None), (20, "20K"), (49.9, "20K"), (50, "50K"), (99.9, "50K"), (100, "100K"), (169.9, "100K")), (170, "100M")],
)
def test_a_category_begins_at_its_km_effort(effort_km: float, category: str | None) -> None:
    assert category_by_effort(RULES, effort_km) == category


def test_the_category_that_the_event_file_states_goes_before_the_km_effort() -> None:
    race = race_with(gain_m=6900)  # 105 km and 6,900 m: 174 km-effort
    assert category_of(RULES, race) == "100M"
    assert category_of(RULES, replace(race, series_category="100K")) == "100K"


def test_two_steps_reach_further_and_the_exception_holds() -> None:
    two = replace(RULES, change=replace(RULES.change, steps=2))
    assert finals_to_ask_for(two, "20K") == ["CCC"]
    assert finals_to_ask_for(two, "100M") == ["OCC", "CCC"]


@pytest.mark.parametrize(
    ("tier", "stones"), [("event", [1, 2, 3, 4]), ("major", [2, 4, 6, 8]), ("finals", [0, 0, 0, 0]), ("index", [None] * 4)]
)
def test_stones_are_by_tier_and_category(tier: str, stones: list[int | None]) -> None:
    assert [stones_of(RULES, tier, category) for category in ("20K", "50K", "100K", "100M")] == stones


def test_a_race_without_a_category_gives_no_stones() -> None:
    assert stones_of(RULES, "event", None) is None
