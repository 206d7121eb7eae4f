"""Qualification where the series' page says nothing: ties, sexes, estimates, lists that are not there."""

from dataclasses import replace

from tests.series.builders import RULES, SCORED, finisher, only, outcome, race, report, score, verdicts, years
from tracker.series.qualification import Chance, Progress, Result
from tracker.series.rules import Period

DAY = "2024-06-14"


def test_all_who_share_the_last_place_qualify() -> None:
    runners = [finisher(bib, rank=rank) for bib, rank in (("1", 1), ("2", 2), ("3", 3), ("4", 3), ("5", 5))]
    found = verdicts(only(report(race(DAY, *runners)), 2025))
    assert [found[bib] for bib in "1234"] == ["qualified by rank"] * 4
    assert found["5"] == "not qualified"


def test_an_estimate_whose_interval_holds_the_threshold_is_borderline() -> None:
    runners = [finisher(str(points), scored=score(points, within=20)) for points in (679, 680, 700, 719, 720)]
    final = only(report(race(DAY, *runners), rules=SCORED), 2025)
    assert verdicts(final) == {
        "679": "not qualified",
        "680": "borderline",
        "700": "borderline",
        "719": "borderline",
        "720": "qualified by score",
    }
    said = "score estimated at 719, between 699 and 739, and the threshold of the women in 100K is 700, which lies in between"
    assert outcome(final, "719").deciding == (said,)


def test_who_qualifies_by_place_and_by_score_is_told_both() -> None:
    final = only(report(race(DAY, finisher("1", rank=2, scored=score(800))), rules=SCORED), 2025)
    assert outcome(final, "1").deciding == (
        "place 2 of the women, and the first 3 of an event qualify",
        "score 800, and the threshold of the women in 100K is 700",
    )


def test_there_is_no_ranking_for_a_sex_that_is_x_or_not_known() -> None:
    final = only(report(race(DAY, finisher("1", "X", 1, score(900)), finisher("2", None, None, score(900))), rules=SCORED), 2025)
    assert verdicts(final) == {"1": "no ranking", "2": "no ranking"}
    assert outcome(final, "1").reasons[0] == "the series ranks women and men alone, and the sex is X"
    assert outcome(final, "2").reasons[0] == "the series ranks women and men alone, and the sex is not known"


def test_who_is_still_on_the_way_is_not_called_not_qualified() -> None:
    runners = [
        Result("1", "F", Progress.ON_THE_WAY, "racing", 1),
        Result("2", "F", Progress.ON_THE_WAY, "entered", None),
        Result("3", "X", Progress.ON_THE_WAY, "racing", 1),
    ]
    final = only(report(race(DAY, *runners), rules=SCORED), 2025)
    assert verdicts(final) == dict.fromkeys("123", "not finished yet")
    assert outcome(final, "1").deciding == (
        "place 1 of the women now, and the first 3 of an event qualify",
        "no score yet, and the threshold of the women in 100K is 700",
    )
    assert outcome(final, "2").deciding == ("has not finished: entered",)
    assert outcome(final, "3").deciding == ("has not finished: racing",)


def test_of_two_races_in_one_category_who_is_still_on_the_way_is_not_finished_yet_rather_than_in_doubt() -> None:
    racing = Result("1", "F", Progress.ON_THE_WAY, "racing", 1)
    found = report(race(DAY, racing, name="a"), race(DAY, name="b"), rules=SCORED)
    assert verdicts(found.finals[0]) == {"1": "not finished yet"}
    assert found.finals[0].doubt is not None


def test_a_finisher_without_a_place_does_not_qualify_by_place() -> None:
    final = only(report(race(DAY, finisher("1", rank=None, scored=score(1))), rules=SCORED), 2025)
    assert outcome(final, "1").reasons[0] == "has no place among the women"


def test_without_the_second_chance_list_nobody_is_called_not_qualified() -> None:
    final = only(report(race("2022-12-01", finisher("1"), finisher("2", rank=1))), 2023)
    assert verdicts(final) == {"1": "second-chance list not given", "2": "qualified by rank"}


def test_a_place_in_the_second_chance_list_holds_though_the_race_is_in_doubt() -> None:
    races = [race("2022-12-01", finisher(bib, rank=1), name=bib, category="50K") for bib in "ab"]
    found = report(*races, chances=[Chance("a", "OCC", 2023, 7)])
    assert [verdicts(final) for final in found.finals] == [{"a": "qualified by second chance"}, {"b": "in doubt"}]


def test_a_line_of_the_list_that_says_something_of_nobody_here_is_told() -> None:
    chances = [Chance("1", "OCC", 2023, 7), Chance("1", "CCC", 2024, 7), Chance("1", "CCC", 2023, 7)]
    assert report(race("2022-12-01", finisher("1")), chances=chances).notes == (
        "second-chance list: bib 1 has no result here that counts for the OCC of 2023",
        "second-chance list: bib 1 has no result here that counts for the CCC of 2024",
    )


def test_a_race_before_all_finals_that_are_configured_says_what_is_missing() -> None:
    found = report(race("2021-03-01", finisher("1", rank=1)))
    assert years(found) == []
    missing, nothing = found.notes
    assert missing.startswith("race 105k: the day of the Finals of 2021 is not configured: add it to [finals], or a race of 2021-03-01 is ")
    assert nothing == "race 105k: on 2021-03-01 it counts for no Finals that are configured"


def test_a_calendar_year_can_be_narrowed_to_the_finals_of_one_year() -> None:
    how = replace(RULES.periods[-1].counts[0], finals=2025)
    rules = replace(RULES, periods=(Period(None, None, (how,)),))
    assert [years(report(race(f"{year}-06-14", finisher("1")), rules=rules)) for year in (2023, 2024, 2025)] == [[], [2025], []]


def test_a_major_is_called_a_major() -> None:
    final = only(report(race(DAY, finisher("1", rank=10)), tier="major"), 2025)
    assert outcome(final, "1").deciding == ("place 10 of the women, and the first 10 of a major qualify",)


def test_two_races_in_two_categories_are_no_matter_of_doubt() -> None:
    found = report(race(DAY, finisher("1", rank=1), category="50K", name="a"), race(DAY, finisher("2", rank=1), name="b"), rules=RULES)
    assert [(final.race, final.doubt) for final in found.finals] == [("a", None), ("b", None)]
