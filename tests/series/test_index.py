"""The index, of which the weights are estimates and the rest is published."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.series.builders import RULES
from tracker.series.index import Scored, index_of, no_index
from tracker.series.periods import months_before

RULE = RULES.index
AT = date(2024, 6, 1)


def months_ago(months: int, points: float | None = 700, category: str = "50K") -> Scored:
    return Scored(months_before(AT, months), category, points)


def points_of(*scored: Scored) -> float:
    found = index_of(RULE, scored, AT)
    assert found is not None
    return found.points


def test_there_is_a_general_index_and_one_of_each_category() -> None:
    scored = [months_ago(1, 700, "50K"), months_ago(1, 600, "100K")]
    assert [index_of(RULE, scored, AT, category) is not None for category in (None, "20K", "50K", "100K", "100M")] == [
        *(True, False, True, True, False)
    ]
    fifty, hundred = (index_of(RULE, scored, AT, category) for category in ("50K", "100K"))
    assert fifty is not None
    assert hundred is not None
    assert fifty.points > hundred.points


def test_a_score_counts_for_thirty_six_months() -> None:
    assert points_of(months_ago(1, 500), months_ago(35, 900)) > 800
    assert points_of(months_ago(1, 500), months_ago(36, 900)) == points_of(months_ago(1, 500))


def test_an_index_is_valid_while_a_score_is_younger_than_twenty_four_months() -> None:
    newest = Scored(date(2022, 6, 2), "50K", 700)
    found = index_of(RULE, [newest], AT)
    assert found is not None
    assert found.valid_until == date(2024, 6, 2)
    assert index_of(RULE, [newest], date(2024, 6, 2)) is None


@given(st.dates(date(2020, 1, 1), date(2024, 12, 31)) | st.just(date(2024, 2, 29)))
def test_an_index_ends_on_the_first_day_on_which_its_newest_score_is_24_months_old(day: date) -> None:
    """For a score of 29 February 2024 that is 1 March 2026, and not the day before."""
    found = index_of(RULE, [Scored(day, "50K", 700)], day)
    assert found is not None
    last = found.valid_until - timedelta(days=1)
    assert months_before(last, 24) < day <= months_before(found.valid_until, 24)
    assert [index_of(RULE, [Scored(day, "50K", 700)], at) is not None for at in (last, found.valid_until)] == [True, False]


def test_a_race_of_tomorrow_does_not_count() -> None:
    assert index_of(RULE, [Scored(AT + timedelta(days=1), "50K", 700)], AT) is None


def test_the_best_score_weighs_most() -> None:
    assert points_of(months_ago(0, 600), months_ago(0, 800)) > 700 * RULE.penalties[1]


def test_fewer_than_five_scores_cost_a_slight_penalty() -> None:
    found = [points_of(*[months_ago(0, 700)] * count) for count in range(1, 6)]
    assert found == sorted(found)
    assert 0.9 * 700 < found[0] < found[4] == pytest.approx(700)


def test_a_score_older_than_twelve_months_is_reduced() -> None:
    assert points_of(*[months_ago(12, 700)] * 5) == pytest.approx(700)
    assert points_of(*[months_ago(13, 700)] * 5) == pytest.approx(700 * RULE.old_factor)


def test_newer_scores_weigh_more() -> None:
    good_is_new = points_of(months_ago(0, 750), *[months_ago(11, 700)] * 4)
    good_is_old = points_of(months_ago(11, 750), *[months_ago(0, 700)] * 4)
    assert good_is_new > good_is_old


def test_the_age_of_a_score_is_in_whole_months() -> None:
    found = []
    for old in (date(2024, 6, 1), date(2024, 5, 2), date(2024, 5, 1)):
        found.append(points_of(Scored(old, "50K", 710), *[months_ago(0, 700)] * 4))
    assert found[0] == found[1] > found[2]


def test_of_the_variants_the_best_counts() -> None:
    found = index_of(RULE, [months_ago(0, 900), months_ago(0, 300)], AT)
    assert found is not None
    assert (found.points, found.scores) == (900 * RULE.penalties[0], 1)


@pytest.mark.parametrize(
    ("scored", "why"),
    [
        ([], "no score of the last 36 months"),
        ([months_ago(1, None)], "no score of the last 36 months"),
        ([months_ago(36)], "no score of the last 36 months"),
        ([months_ago(1, 700, "100K")], "no score of the last 36 months"),
        ([months_ago(35)], "the newest score, of 2021-07-01, is not younger than 24 months"),
        ([months_ago(30), months_ago(24)], "the newest score, of 2022-06-01, is not younger than 24 months"),
    ],
)
def test_where_there_is_no_valid_index_the_reason_is_said(scored: list[Scored], why: str) -> None:
    assert index_of(RULE, scored, AT, "50K") is None
    assert no_index(RULE, scored, AT, "50K") == why


SCORED = st.lists(st.builds(months_ago, st.integers(0, 40), st.integers(1, 1000)), max_size=9)


@given(SCORED, st.integers(0, 40))
def test_a_race_that_was_not_finished_never_changes_an_index(scored: list[Scored], months: int) -> None:
    assert index_of(RULE, [*scored, months_ago(months, None)], AT) == index_of(RULE, scored, AT)


@given(SCORED)
def test_the_order_of_the_scores_does_not_matter_and_an_index_is_no_higher_than_the_best(scored: list[Scored]) -> None:
    found = index_of(RULE, scored, AT)
    assert found == index_of(RULE, scored[::-1], AT)
    assert found is None or 0 < found.points <= max(one.points or 0 for one in scored)
