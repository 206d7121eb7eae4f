"""Qualification for the Finals, sentence by sentence of the series' page; each test's docstring quotes the sentence and its line."""

from dataclasses import replace
from datetime import date

import pytest

from tests.series.builders import RULES, SCORED, finisher, only, out, outcome, race, report, score, verdicts, years
from tracker.series.categories import finals_to_ask_for
from tracker.series.index import Scored, index_of
from tracker.series.qualification import Chance, Verdict

YEAR_2024 = "2024-06-14"
"""Of the newest rules: it counts for the Finals of 2025."""


def test_the_finals_are_once_a_year() -> None:
    """Seed 5: "Held annually at the renowned Dacia UTMB Mont-Blanc, the UTMB World Series Finals are the pinnacle of trail running."."""
    assert [(year, day.year) for year, day in RULES.finals.items()] == [(2022, 2022), (2023, 2023), (2024, 2024), (2025, 2025)]


@pytest.mark.parametrize(("tier", "qualifies"), [("event", True), ("major", True), ("finals", False), ("index", False)])
def test_only_events_and_majors_qualify(tier: str, qualifies: bool) -> None:
    """Seed 5: "Elite qualification is awarded only through the UTMB® World Series Events or UTMB World Series Majors."."""
    found = report(race(YEAR_2024, finisher("1", rank=1, scored=score(900))), tier=tier, rules=SCORED)
    assert years(found) == ([2025] if qualifies else [])
    assert found.notes == (() if qualifies else (f'race 105k: a race of the tier "{tier}" qualifies nobody',))


@pytest.mark.parametrize(("tier", "places"), [("event", 3), ("major", 10)])
@pytest.mark.parametrize("sex", ["F", "M"])
def test_the_first_of_each_sex_qualify(tier: str, places: int, sex: str) -> None:
    """Seed 9: "In addition to the Top 3 qualifications for Events and Top 10 for Majors"."""
    runners = [finisher(str(rank), sex, rank, score(500)) for rank in range(1, 13)]
    found = verdicts(only(report(race(YEAR_2024, *runners), tier=tier, rules=SCORED), 2025))
    assert [bib for bib, verdict in found.items() if verdict == "qualified by rank"] == [str(rank) for rank in range(1, places + 1)]
    assert found[str(places + 1)] == "not qualified"


@pytest.mark.parametrize(("points", "verdict"), [(699, "not qualified"), (700, "qualified by score"), (701, "qualified by score")])
def test_a_score_as_high_as_the_table_has_it_qualifies(points: int, verdict: str) -> None:
    """Seed 9: "all runners who obtain a UTMB Score (*) higher or equal to the one mentioned in this table … will be qualified"."""
    final = only(report(race(YEAR_2024, finisher("7", scored=score(points))), rules=SCORED), 2025)
    assert verdicts(final) == {"7": verdict}
    assert outcome(final, "7").reasons[1] == f"score {points}, and the threshold of the women in 100K is 700"


def test_the_table_of_thresholds_is_an_image_so_without_figures_nobody_is_called_not_qualified_for_a_score() -> None:
    """Seed 9: "the one mentioned in this table": the table is not in the text."""
    assert RULES.thresholds == {}
    final = only(report(race(YEAR_2024, finisher("7", scored=score(650)))), 2025)
    assert verdicts(final) == {"7": "threshold not configured"}
    assert outcome(final, "7").deciding == ("score 650, and the threshold of the women in 100K is not configured",)


def test_a_threshold_is_of_one_sex_and_one_category() -> None:
    """Seed 9: the table "in the 50K, 100K or 100M categories", of which no figure is made up for another."""
    rules = replace(RULES, thresholds={("F", "100K"): 600.0})
    results = (finisher("1", "F", scored=score(610)), finisher("2", "M", scored=score(610)))
    assert verdicts(only(report(race(YEAR_2024, *results), rules=rules), 2025)) == {
        "1": "qualified by score",
        "2": "threshold not configured",
    }


@pytest.mark.parametrize(("category", "final"), [("50K", "OCC"), ("100K", "CCC"), ("100M", "UTMB")])
def test_a_race_qualifies_for_the_final_of_its_own_category(category: str, final: str) -> None:
    """Seed 9: "in the 50K, 100K or 100M categories, will be qualified for the final of the same category"."""
    found = only(report(race(YEAR_2024, finisher("1", rank=1), category=category)), 2025)
    assert (found.final, verdicts(found)) == (final, {"1": "qualified by rank"})


@pytest.mark.parametrize(
    ("category", "note"),
    [
        ("20K", "race 105k: the category 20K has no final; it qualifies nobody"),
        (None, "race 105k: too short for any category of the series; it qualifies nobody"),
    ],
)
def test_a_20k_qualifies_nobody_and_a_shorter_race_neither(category: str | None, note: str) -> None:
    """Seed 9: "in the 50K, 100K or 100M categories"."""
    found = report(race(YEAR_2024, finisher("1", rank=1, scored=score(990)), category=category), rules=SCORED)
    assert (found.finals, found.notes) == ((), (note,))


TWO = (
    race(YEAR_2024, finisher("1", rank=1, scored=score(900)), finisher("2", rank=9, scored=score(500)), name="a", category="50K"),
    race(YEAR_2024, finisher("3", rank=1, scored=score(650)), name="b", category="50K"),
)


def test_of_two_races_in_one_category_both_are_in_doubt_until_it_is_said_which_one_qualifies() -> None:
    """Seed 9: "If one event has two different races in the same category, only one can qualify elite runners for the finals"."""
    found = report(*TWO, rules=SCORED)
    assert [(final.race, verdicts(final)) for final in found.finals] == [
        ("a", {"1": "in doubt", "2": "not qualified"}),
        ("b", {"3": "in doubt"}),
    ]
    (reason,) = outcome(found.finals[1], "3").deciding
    assert reason == (
        "place 1 of the women, and the first 3 of an event qualify, but of the races in 50K (a, b) only one qualifies, "
        "and which one is not configured: set [qualifying_races]"
    )


def test_of_two_races_in_one_category_the_one_that_is_configured_qualifies() -> None:
    """Seed 9: "If one event has two different races in the same category, only one can qualify elite runners for the finals"."""
    rules = replace(SCORED, qualifying_races={"hill": {"50K": "b"}})
    found = report(*TWO, rules=rules)
    assert [(final.race, verdicts(final)) for final in found.finals] == [("b", {"3": "qualified by rank"})]
    assert found.notes == ("race a: of the races in 50K only one qualifies, and that is b; it qualifies nobody",)
    assert report(*TWO, rules=rules, event="another").finals[0].doubt is not None


def test_who_did_not_finish_has_no_score_and_no_place() -> None:
    """Seed 15: "The UTMB score is the number awarded to each finisher of a … race in the 20K, 50K, 100K and 100M categories"."""
    final = only(report(race(YEAR_2024, out("1"), finisher("2", why="fewer than 5 have finished")), rules=SCORED), 2025)
    assert verdicts(final) == {"1": "not qualified", "2": "not qualified"}
    assert outcome(final, "1").reasons == ("did not finish: withdrawn", "did not finish: withdrawn")
    assert outcome(final, "2").reasons[1] == "has no score: fewer than 5 have finished"


def test_the_index_is_made_of_the_five_best_scores() -> None:
    """Seed 15: "The UTMB Index is established by taking into account the 5 best scores (boxed in blue in the image on the right)."."""
    day, best = date(2024, 5, 1), [700, 690, 680, 670, 660]
    five = index_of(RULES.index, [Scored(day, "50K", points) for points in best], date(2024, 6, 1))
    more = index_of(RULES.index, [Scored(day, "50K", points) for points in [100, *best, 300]], date(2024, 6, 1))
    assert five is not None
    assert five == more
    assert five.scores == 5
    assert 660 < five.points < 700


def test_the_score_of_one_race_is_not_the_index() -> None:
    """Seed 17: "… got a UTMb Score of 797 when she won the CCC in 2022. Her overall UTMB Index is 810."."""
    scores = [Scored(date(2022, 8, 26), "100K", 797), *(Scored(date(2022, 6, 1), "50K", points) for points in (815, 812, 811, 810))]
    general = index_of(RULES.index, scores, date(2022, 9, 1))
    assert general is not None
    assert 797 < general.points < 815


def test_at_the_end_of_a_race_its_score_alone_says_who_is_qualified() -> None:
    """Seed 19: "The aim of developing this system is to allow you to know at the end of your race if you are qualified"."""
    final = only(report(race(YEAR_2024, finisher("1", scored=score(720, within=10))), rules=SCORED, chances=None), 2025)
    assert outcome(final, "1").verdict is Verdict.BY_SCORE


def test_the_score_replaces_the_second_chance() -> None:
    """Seed 19: "This system replaces the current "second chance" selection:"."""
    chances = [Chance("1", "CCC", 2025, 1)]
    final = only(report(race(YEAR_2024, finisher("1", scored=score(650))), rules=SCORED, chances=chances), 2025)
    assert verdicts(final) == {"1": "not qualified"}
    assert outcome(final, "1").reasons[-1] == "place 1 of the second-chance list, which does not count for the Finals of 2025"


@pytest.mark.parametrize(("day", "finals"), [("2023-12-31", [2024]), ("2024-01-01", [2025]), ("2024-12-31", [2025])])
def test_the_period_is_the_calendar_year_before_the_finals(day: str, finals: list[int]) -> None:
    """Seed 23: "The qualification period is now the calendar year prior to the finals and no longer a 15 month period"."""
    assert years(report(race(day, finisher("1", rank=1)))) == finals


def test_races_in_2023_count_for_2024_and_races_in_2024_for_2025() -> None:
    """Seed 23: "For example, races in 2023 qualify for the corresponding 2024 finals, races in 2024 for the 2025 finals."."""
    assert 2024 in years(report(race("2023-05-20", finisher("1", rank=1))))
    assert years(report(race("2023-10-01", finisher("1", rank=1)))) == [2024]
    assert years(report(race("2024-05-20", finisher("1", rank=1)))) == [2025]


@pytest.mark.parametrize(
    ("day", "finals"),
    [("2022-05-31", [2022]), ("2022-06-01", [2022, 2023]), ("2022-08-25", [2022, 2023]), ("2022-08-26", [2023]), ("2022-12-31", [2023])],
)
def test_until_2022_the_period_is_15_months_before_the_finals(day: str, finals: list[int]) -> None:
    """Seed 23: "no longer a 15 month period prior to the finals": it held until then."""
    assert years(report(race(day, finisher("1", rank=1)))) == finals


@pytest.mark.parametrize(
    ("day", "finals"), [("2022-12-31", [2023]), ("2023-01-01", [2023, 2024]), ("2023-08-31", [2023, 2024]), ("2023-09-01", [2024])]
)
def test_from_january_to_august_2023_a_race_counts_twice(day: str, finals: list[int]) -> None:
    """Seed 26: "a transition period is set up from January 2023 to August 2023"."""
    assert years(report(race(day, finisher("1", rank=1)))) == finals


def test_in_the_transition_each_finals_has_its_own_rules() -> None:
    """Seed 26: "During this period, runners will accumulate the benefits of both qualification systems."."""
    found = report(race("2023-05-20", finisher("1", scored=score(900))), rules=SCORED, chances=[])
    assert verdicts(only(found, 2023)) == {"1": "not qualified"}
    assert verdicts(only(found, 2024)) == {"1": "qualified by score"}


def test_in_the_transition_a_place_qualifies_for_2023_and_2024_and_for_no_other() -> None:
    """Seed 26: "Thus, all races … during this period will qualify for the 2023 Finals (…) AND the 2024 Finals (under the new rule)."."""
    found = report(race("2023-07-01", finisher("1", rank=3)), chances=[])
    assert [(final.year, verdicts(final)["1"]) for final in found.finals] == [(2023, "qualified by rank"), (2024, "qualified by rank")]


def test_the_first_woman_and_the_third_man_of_a_100m_in_early_2023_have_access_to_two_utmb() -> None:
    """Seed 26: "The first woman (overall ranking) in the 100M race … or the third man … guaranteed access"."""
    runners = (finisher("1", "F", 1), finisher("2", "M", 3), finisher("3", "M", 4, score(600)))
    found = report(race("2023-04-14", *runners, category="100M"), rules=SCORED, chances=[])
    assert [(final.final, final.year) for final in found.finals] == [("UTMB", 2023), ("UTMB", 2024)]
    for final in found.finals:
        assert verdicts(final) == {"1": "qualified by rank", "2": "qualified by rank", "3": "not qualified"}


@pytest.mark.parametrize(
    ("place", "verdict"), [(1, "qualified by second chance"), (50, "qualified by second chance"), (51, "not qualified")]
)
def test_in_2023_the_first_fifty_of_the_second_chance_list_have_access_without_a_score(place: int, verdict: str) -> None:
    """Seed 28: "If a runner does not get a direct selection by score but is in the top 50 runners in the "second chance" list"."""
    chances = [Chance("1", "CCC", 2023, place)]
    found = report(race("2023-05-20", finisher("1", scored=score(400))), rules=SCORED, chances=chances)
    assert (verdicts(only(found, 2023)), verdicts(only(found, 2024))) == ({"1": verdict}, {"1": "not qualified"})


def test_in_2023_a_score_qualifies_without_the_second_chance_list() -> None:
    """Seed 29: "If a runner does not appear in the "second chance" list but qualifies by score, he/she will receive direct access"."""
    found = report(race("2023-05-20", finisher("1", scored=score(701))), rules=SCORED, chances=[])
    assert verdicts(only(found, 2024)) == {"1": "qualified by score"}


@pytest.mark.parametrize(("category", "others"), [("50K", ["CCC"]), ("100K", ["OCC", "UTMB"]), ("100M", ["CCC"])])
def test_a_change_of_category_is_one_up_or_down(category: str, others: list[str]) -> None:
    """Seed 33: "Any runner can request a change of category, one category above or below."."""
    assert finals_to_ask_for(RULES, category) == others
    assert list(only(report(race(YEAR_2024, finisher("1", rank=1), category=category)), 2025).change) == others


def test_a_20k_never_leads_to_the_occ() -> None:
    """Seed 33: "The exception to this is a 20K result cannot qualify for the OCC."."""
    assert finals_to_ask_for(RULES, "20K") == []
    assert finals_to_ask_for(replace(RULES, change=replace(RULES.change, never=frozenset())), "20K") == ["OCC"]
