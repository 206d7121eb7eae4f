"""The provisional score: one factor a race, from km-effort before anybody finished, from indexed finishers afterwards."""

from tests.core.builders import field_of, race_with, reads
from tracker.core.course import HOUR_MS
from tracker.core.score import estimate_k

RACE = race_with()


def test_before_the_first_finisher_km_effort_alone_gives_the_factor() -> None:
    found = estimate_k(RACE, [])
    assert found.indexed == 0
    assert found.k is not None
    assert round(found.k) == round(2.718281828459045**3.503 * 174**1.131)


def test_a_race_under_twenty_km_effort_has_no_score() -> None:
    family = race_with(points="start:ordino@0 finish:ordino@7.5", gain_m=650)
    found = estimate_k(family, [(HOUR_MS, 700.0)] * 5)
    assert (found.k, found.score(HOUR_MS)) == (None, None)


def test_indexed_finishers_pull_the_factor_to_what_they_ran() -> None:
    true_k = 14_000.0
    finishers: list[tuple[int, float | None]] = [(round(true_k / index * HOUR_MS), index) for index in (900.0, 850.0, 800.0, 700.0, 650.0)]
    few, many = estimate_k(RACE, finishers[:1]), estimate_k(RACE, finishers)
    assert few.k is not None
    assert many.k is not None
    assert abs(many.k - true_k) < abs(few.k - true_k)
    assert abs(many.k / true_k - 1) < 0.03
    assert (few.indexed, many.indexed) == (1, 5)


def test_finishers_without_an_index_say_nothing() -> None:
    assert estimate_k(RACE, [(15 * HOUR_MS, None)]) == estimate_k(RACE, [])


def test_the_order_of_the_finishers_makes_no_difference() -> None:
    finishers: list[tuple[int, float | None]] = [((15 + n) * HOUR_MS, 900.0 - 40 * n) for n in range(30)]
    assert estimate_k(RACE, finishers) == estimate_k(RACE, finishers[::-1])


def test_a_faster_finish_scores_higher_and_nobody_more_than_a_thousand() -> None:
    factor = estimate_k(RACE, [])
    first, second = factor.score(15 * HOUR_MS), factor.score(16 * HOUR_MS)
    assert first is not None
    assert second is not None
    assert first > second
    assert factor.score(HOUR_MS) == 1000


def test_the_field_scores_with_its_own_finishers() -> None:
    assert field_of(RACE, reads(start=0, finish="15h")).k("105k").indexed == 0
