"""The provisional score: one factor a race, from its km-effort, from those still ahead, and from indexed finishers; with an interval."""

from dataclasses import replace
from math import exp, log
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import at, decides, entrant, field_of, neutralises, penalty, race_with, reads, void, withdraws
from tests.core.random_races import RaceDay, race_days
from tracker.core.course import HOUR_MS, Race
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.roster import Entrant, Roster
from tracker.core.score import KEstimate, Score
from tracker.core.score_fit import Ahead, Finish, ScoreFit

RACE = race_with(points="start:a@0 half:b@52 finish:c@105")
K = 14_000.0


def ran(index: float, k: float = K) -> Finish:
    """Who has run just the index."""
    return Finish(index, round(k / index * HOUR_MS))


def fit_of(*finishes: Finish, effort_km: float = 174.0) -> KEstimate:
    fit = ScoreFit(effort_km)
    for no, finish in enumerate(finishes):
        fit.put(no, finish)
    first = sorted(finish.official_ms for finish in finishes)[:3]
    return fit.estimate(first[-1] if first else None)


def width(found: KEstimate) -> float:
    return log(found.high / found.low)


def test_before_anybody_is_on_the_way_the_course_alone_gives_the_factor() -> None:
    found = fit_of()
    assert found.k == pytest.approx(exp(2.936 + 1.242 * log(174)), rel=0.001)
    assert (found.indexed, found.ahead) == (0, 0)
    assert found.low < (found.k or 0) < found.high


def test_each_indexed_finisher_pulls_the_factor_to_what_was_run_and_makes_it_surer_but_never_sure() -> None:
    indexes = [900.0 - 5 * no for no in range(40)]
    few, more, many = (fit_of(*map(ran, indexes[:count])) for count in (1, 5, 40))
    errors = [abs(log((found.k or 0) / K)) for found in (fit_of(), few, more, many)]
    assert errors[0] > errors[1] > errors[2]
    assert max(errors[2:]) < 0.02
    assert width(fit_of()) > width(few) > width(more) > width(many) > 0.04
    assert (few.indexed, many.indexed) == (1, 40)


def test_one_with_a_wrong_index_hardly_moves_it() -> None:
    true = [ran(800.0 - 10 * no) for no in range(10)]
    wrong = Finish(400.0, true[0].official_ms)
    assert fit_of(wrong, *true).k == pytest.approx(fit_of(*true).k, rel=0.015)


@pytest.mark.parametrize("count", [1, 5, 40])
@pytest.mark.parametrize("share", [0.1, 0.001])
def test_when_every_index_is_wrong_alike_the_course_is_believed_and_nobody_is_sure(count: int, share: float) -> None:
    """65 for 650 throughout: 40 who agree with each other, and not with the course."""
    wrong = [Finish(index * share, ran(index).official_ms) for index in [900.0 - 5 * no for no in range(count)]]
    found, course = fit_of(*wrong), fit_of()
    assert found.k == pytest.approx(course.k, rel=0.02)
    assert width(found) > width(course)


def test_a_distance_that_is_wrong_by_half_is_still_outvoted_by_finishers() -> None:
    assert fit_of(*(ran(900.0 - 10 * no) for no in range(10)), effort_km=174 * 1.5).k == pytest.approx(K, rel=0.03)


def test_who_is_far_behind_says_next_to_nothing() -> None:
    front = [ran(800.0 - 10 * no) for no in range(5)]
    walkers = [Finish(500.0, round(2.2 * front[2].official_ms) + no * 60_000) for no in range(30)]
    assert fit_of(*front, *walkers).k == pytest.approx(fit_of(*front).k, rel=0.015)


def test_of_slower_runners_it_is_known_that_they_race_below_their_index() -> None:
    front = [ran(800.0 - 10 * no) for no in range(5)]
    behind = [Finish(round(K / (front[2].official_ms / HOUR_MS * 1.4)) * 1.05, round(front[2].official_ms * 1.4) + no) for no in range(40)]
    alone = fit_of(*front)
    assert fit_of(*front, *behind).k == pytest.approx(alone.k, rel=0.02), "5 % above the front, as everywhere, and no other day"


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(12)), st.data())
def test_any_order_and_any_taking_back_come_to_the_same_sum(order: list[int], data: st.DataObject) -> None:
    finishes = [Finish(850.0 - 31 * no, (15 + no) * HOUR_MS + 977 * no) for no in range(12)]
    fit = ScoreFit(174.0)
    for no in order:
        fit.put(no, finishes[no] if data.draw(st.booleans()) else Finish(500.0, 30 * HOUR_MS))
        if data.draw(st.booleans()):
            fit.estimate(data.draw(st.sampled_from([15, 16, 17])) * HOUR_MS)
        if data.draw(st.booleans()):
            fit.put(no, None)
    for no in range(12):
        fit.put(no, finishes[no])
    assert fit.estimate(finishes[2].official_ms) == fit_of(*finishes)


def test_a_twin_goes_its_own_way() -> None:
    fit = ScoreFit(174.0)
    fit.put(1, ran(800.0))
    twin = fit.twin()
    twin.put(2, ran(300.0))
    before = fit.estimate(ran(800.0).official_ms)
    assert twin.estimate(ran(800.0).official_ms) != before
    assert fit.estimate(ran(800.0).official_ms) == before


def test_those_who_are_expected_say_something_and_less_the_more_is_left() -> None:
    def on_the_way(share: float) -> KEstimate:
        return ScoreFit(174.0).estimate(None, [Ahead(*ran(850.0 - 10 * no), share) for no in range(10)])

    early, late = on_the_way(0.3), on_the_way(0.9)
    assert early.ahead == late.ahead == 10
    assert abs(log((late.k or 0) / K)) < abs(log((early.k or 0) / K)) < abs(log((fit_of().k or 0) / K))
    assert width(fit_of()) > width(early) > width(late) > width(fit_of(*(ran(850.0 - 10 * no) for no in range(10))))


def test_a_faster_finish_scores_higher_and_nobody_more_than_a_thousand() -> None:
    found = fit_of(ran(800.0))
    first, second, most = (found.score(hours * HOUR_MS) for hours in (15, 16, 1))
    assert first is not None
    assert second is not None
    assert first.points > second.points
    assert first.low < first.points < first.high
    assert most == Score(1000, 1000, 1000)


def test_who_is_still_out_has_a_wider_score_than_who_is_in() -> None:
    found = fit_of(ran(800.0))
    inside, outside = found.score(20 * HOUR_MS), found.projected(20 * HOUR_MS, 19 * HOUR_MS, 22 * HOUR_MS)
    assert inside is not None
    assert outside is not None
    assert outside.points == inside.points
    assert outside.low < inside.low < inside.high < outside.high


def field(minutes: dict[str, int | None], *more: Fact, race: Race = RACE, now: str = "16h") -> Field:
    """Ten runners; those with minutes finished then, those with None are at the half at noon, the others never started."""
    entrants = [entrant(str(no), index=900.0 - 20 * no) for no in range(1, 11)]
    facts: list[Fact] = []
    for bib, finished in minutes.items():
        facts += reads(bib, a="0m", b=f"{720 + int(bib)}m" if finished is None else f"{finished // 2}m")
        facts += [] if finished is None else reads(bib, c=f"{finished}m")
    return field_of(race, [*facts, *more], entrants=entrants, now=now)


def test_who_is_racing_has_the_score_of_the_finish_that_is_expected_and_who_is_out_none() -> None:
    of = field({"1": 900, "2": 910, "3": None, "4": None}, withdraws("4", where="half", when="13h"))
    finished, racing = of.score("1"), of.score("3")
    assert finished is not None
    assert racing is not None
    assert racing.high - racing.low > finished.high - finished.low
    assert of.score("4") is None
    assert of.score("5") is None
    assert (of.k("105k").indexed, of.k("105k").ahead, of.k("105k").final) == (2, 1, False)


def test_of_whom_only_the_start_is_known_no_score_is_told() -> None:
    of = field({"3": None}, *reads("1", a="0m"), now="13h")
    assert of.score("1") is None
    assert of.score("3") is not None


def test_who_is_overdue_is_on_the_way_to_no_score() -> None:
    assert field({"1": 900, "3": None}, now="45h").score("3") is None


def test_when_nobody_is_out_any_more_the_factor_is_final_and_under_five_finishers_have_no_score() -> None:
    five = field({str(no): 900 + no for no in range(1, 6)})
    assert five.k("105k").final
    assert five.score("1") is not None
    four = field({str(no): 900 + no for no in range(1, 5)})
    assert (four.k("105k").k, four.k("105k").why, four.k("105k").final) == (None, "fewer than 5 have finished", True)
    assert four.score("1") is None


@pytest.mark.parametrize("first", [1, 3, 5])
def test_whose_time_a_slip_of_the_desk_makes_nothing_tells_nothing_and_the_others_keep_their_scores(first: int) -> None:
    """Twenty hours taken off instead of twenty minutes put on."""
    seen: dict[str, int | None] = {str(no): 900 + no for no in range(1, 9)}
    of = field(seen, *(penalty(-72_000, bib=str(no)) for no in range(1, first + 1)), now="31h")
    assert of.k("105k").indexed == 8 - first
    assert of.score("1") is None
    assert of.score("8") is not None


def test_while_a_wave_waits_for_its_gun_the_race_is_not_over() -> None:
    race = race_with(points="start:a@0 half:b@52 finish:c@105", waves={"a": "0h", "b": "20h"})
    entrants = [entrant(str(no), index=900.0 - 20 * no, wave="a" if no < 5 else "b") for no in range(1, 11)]
    first = [fact for no in range(1, 5) for fact in reads(str(no), a="0m", b="450m", c=f"{900 + no}m")]
    waiting = field_of(race, first, entrants=entrants, now="19h")
    assert not waiting.k("105k").final
    assert waiting.score("1") is not None, "five may still finish"
    last = reads("5", a="20h", b="28h", c="36h")
    assert field_of(race, [*first, *last], entrants=entrants, now="60h").k("105k").final, "who never started is waited for no more"


def test_a_race_that_was_stopped_midway_has_no_scores_and_one_who_was_stopped_takes_nobody_elses() -> None:
    seen: dict[str, int | None] = {str(no): 900 + no for no in range(1, 7)} | {str(no): None for no in range(7, 11)}
    stopped = [decides("stopped", "17h", bib=str(no)) for no in range(7, 11)]
    alone = field(seen, stopped[0], now="18h")
    assert alone.score("1") is not None
    midway = field(seen, *stopped, now="18h")
    assert (midway.k("105k").k, midway.k("105k").why) == (None, "the race was stopped midway: 4 of 10 starters were stopped")
    assert midway.score("1") is None
    assert field(seen, *stopped, *map(void, stopped), now="45h").score("1") is not None


def test_a_race_under_twenty_km_effort_has_no_score() -> None:
    family = race_with(points="start:a@0 half:b@3 finish:c@7.5", gain_m=650)
    of = field({str(no): 60 + no for no in range(1, 8)}, race=family)
    assert (of.k("105k").k, of.k("105k").why) == (None, "the race has under 20 km-effort")
    assert of.score("1") is None


def test_time_that_stood_still_is_nobodys_fault() -> None:
    """With the race stopped for two hours after the half, an arrival two hours later is the same score."""
    plain = field({"1": 900, "3": None})
    later = [*reads("1", a="0m", b="450m", c="1020m"), *reads("3", a="0m", b="843m")]
    still = field({}, neutralises("9h", "11h"), *later, now="18h")
    assert plain.score("1") is not None
    assert plain.score("3") is not None
    assert (still.score("1"), still.score("3")) == (plain.score("1"), plain.score("3"))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_field_that_is_looked_at_on_the_way_comes_to_the_factor_of_one_that_is_not(data: st.DataObject) -> None:
    entrants: list[Entrant] = [entrant(str(no), index=None if no % 4 == 0 else 900.0 - 20 * no) for no in range(1, 13)]
    facts: list[Fact] = []
    for runner in entrants:
        half, end = data.draw(st.integers(300, 500)), data.draw(st.integers(700, 1100) | st.none())
        facts += reads(runner.bib, a="0m", b=f"{half}m") if end is None else reads(runner.bib, a="0m", b=f"{half}m", c=f"{end}m")
    facts += [decides("disqualified", "19h", bib=str(data.draw(st.integers(1, 12)))), withdraws("2", where="half", when="9h")]
    facts = data.draw(st.permutations(facts))
    whole = field_of(RACE, facts, entrants=entrants, now="20h")
    followed = Field(whole.event, Roster(tuple(entrants)))
    for first in range(0, len(facts), 5):
        followed.extend(facts[first : first + 5])
        followed.k("105k")
    followed.advance(whole.now_ms)
    assert followed.k("105k") == whole.k("105k")
    assert [followed.score(one.bib) for one in entrants] == [whole.score(one.bib) for one in entrants]


def test_where_the_general_index_is_not_known_the_one_in_the_races_stated_category_counts() -> None:
    stated = replace(RACE, series_category="100K")

    def factor(race: Race, index: float | None, by_category: dict[str, float]) -> KEstimate:
        facts = [fact for no in range(1, 6) for fact in reads(str(no), a="0m", b="450m", c=f"{900 + no}m")]
        entrants = [entrant(str(no), index=index, category_index=by_category) for no in range(1, 7)]
        return field_of(race, [*facts, *reads("6", a="0m", b="700m")], entrants=entrants, now="16h").k("105k")

    general = factor(stated, 700.0, {})
    assert (general.indexed, general.ahead) == (5, 1)
    assert factor(stated, 700.0, {"100k": 350.0}) == factor(stated, None, {"50k": 350.0, "100k": 700.0}) == general
    nobodys = factor(stated, None, {"50k": 700.0})
    assert (nobodys.indexed, nobodys.ahead) == (0, 0)
    assert factor(RACE, None, {"100k": 700.0}) == nobodys  # the category is not stated, and by km-effort it is not the core's to say


INDEXES = st.lists(st.sampled_from((None, 1.0, 65.0, 500.0, 720.5, 1100.0)), min_size=19, max_size=19)


@settings(max_examples=150, deadline=None)
@given(race_days(), st.randoms(use_true_random=False), INDEXES, st.sets(st.sampled_from("12345")))
def test_whatever_is_told_in_whatever_order_the_scores_are_the_same_and_hold_together(
    day: RaceDay, chance: Random, indexes: list[float | None], favoured: set[str]
) -> None:
    """Of races long enough for scores: reroutes, moved starts, clocks put right, bonuses of a day, voids, and indexes of all sorts."""
    event = replace(day.event, races=tuple(replace(race, gain_m=2000.0) for race in day.event.races))
    roster = Roster(tuple(replace(one, index=index) for one, index in zip(day.roster.entrants, indexes, strict=False)))
    told = RaceDay(event, roster, [*day.facts, *(penalty(-90_000, bib) for bib in sorted(favoured))])
    whole, followed = told.field(None, at("18h")), told.field([], at("18h"))
    facts = [*told.facts, *told.facts[::2]]
    chance.shuffle(facts)
    for number, fact in enumerate(facts):
        followed.add(fact)
        if number % 3 == 0:
            scores_of(followed)
    assert scores_of(followed) == scores_of(whole)


def scores_of(of: Field) -> tuple[list[KEstimate], list[Score | None]]:
    """Every factor and every score, and that each lies within its interval."""
    factors, scores = [of.k(race.id) for race in of.event.races], [of.score(bib) for bib in of.runners]
    assert all((factor.k is None) is bool(factor.why) for factor in factors)
    assert all(0 < factor.low <= factor.k <= factor.high for factor in factors if factor.k is not None)
    assert all(0 <= one.low <= one.points <= one.high <= 1000 for one in scores if one is not None)
    return factors, scores
