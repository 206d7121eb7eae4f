"""What holds of any results, any series file that is garbled, and any entry."""

import re
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.series.builders import RULES, SCORED, TOML, enters, report
from tracker.core.score import Score
from tracker.files.series import SeriesError, read_series
from tracker.series.qualification import Chance, Progress, RaceResults, Result, Verdict
from tracker.series.rules import SEXES

DAYS = st.dates(date(2021, 1, 1), date(2027, 12, 31))
SCORES = st.one_of(st.none(), st.builds(lambda points, width: Score(points, points - width, points + width), *[st.integers(1, 1000)] * 2))
RESULTS = st.lists(
    st.builds(
        Result,
        st.integers(1, 60).map(str),
        st.sampled_from(["F", "M", "X", None]),
        st.sampled_from(Progress),
        st.just("as it is"),
        st.one_of(st.none(), st.integers(1, 15)),
        SCORES,
        st.just("none"),
    ),
    max_size=12,
    unique_by=lambda result: result.bib,
)
CHANCES = st.one_of(
    st.none(), st.lists(st.builds(Chance, st.integers(1, 60).map(str), st.just("CCC"), st.integers(2021, 2028), st.integers(1, 99)))
)
ELIGIBLE = (Verdict.BY_RANK, Verdict.BY_SCORE, Verdict.BY_SECOND_CHANCE)


@given(DAYS, RESULTS, CHANCES, st.sampled_from([RULES, SCORED]))
def test_everybody_has_one_result_for_each_finals_and_a_reason_for_it(day, results, chances, rules) -> None:  # type: ignore[no-untyped-def]
    found = report(RaceResults("a", day, "100K", results), rules=rules, chances=chances)
    assert found.finals or found.notes
    for final in found.finals:
        assert day.year <= final.year <= day.year + 2
        assert [one.result for one in final.outcomes] == results
        assert all(one.deciding for one in final.outcomes)


@given(DAYS, RESULTS, CHANCES)
def test_what_is_not_known_is_never_called_not_qualified(day, results, chances) -> None:  # type: ignore[no-untyped-def]
    for final in report(RaceResults("a", day, "100K", results), chances=chances).finals:
        for one in final.outcomes:
            finished = one.result.progress is Progress.FINISHED
            by_score = final.rule.endswith(f"before the Finals of {final.year}")
            if finished and (one.result.sex not in SEXES or (by_score and one.result.score is not None)):
                assert one.verdict is not Verdict.NOT_QUALIFIED
            if one.result.progress is Progress.ON_THE_WAY or (chances is None and not by_score):
                assert one.verdict is not Verdict.NOT_QUALIFIED


@given(DAYS, RESULTS, st.integers(1, 1000), st.integers(0, 300))
def test_a_lower_threshold_takes_nothing_from_anybody(day, results, least, less) -> None:  # type: ignore[no-untyped-def]
    strict, mild = (replace(RULES, thresholds=dict.fromkeys((("F", "100K"), ("M", "100K")), figure)) for figure in (least, least - less))
    race = RaceResults("a", day, "100K", results)
    for before, after in zip(report(race, rules=strict).finals, report(race, rules=mild).finals, strict=True):
        for one, other in zip(before.outcomes, after.outcomes, strict=True):
            assert one.verdict not in ELIGIBLE or other.verdict in ELIGIBLE


@given(st.integers(0, 1000), st.sampled_from(["F", "M"]), st.sampled_from(["FR", "AR", None]), st.sampled_from(["50K", "100K", "100M"]))
def test_a_higher_index_never_gets_less(index: int, sex: str, country: str | None, category: str) -> None:
    one, other = (enters(points, sex, category, country) for points in (index, index + 1))
    assert (one.granted, one.free) <= (other.granted, other.free)


@given(st.data())
def test_a_garbled_series_file_is_refused_in_words_or_read(data: st.DataObject) -> None:
    lines = [line for line in TOML.splitlines() if line and not line.startswith("#")]
    lost = data.draw(st.sampled_from(["", *(line for line in lines if line.startswith("["))]))
    text = re.sub(rf"(?m)^{re.escape(lost)}$[^[]*", "", "\n".join(lines)) if lost else "\n".join(lines)
    lines = text.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].partition("=")[0]
        values = ['""', "0", "-1", "1e300", "nan", "[]", "{}", "[[]]", "true", "2024-01-01", "0001-01-01", "2024-01-01T00:00:00", "'x'"]
        garbled = [f"{key} = {value}" for value in values]
        lines[at] = data.draw(st.sampled_from(["", "[", lines[at][1:], *garbled]))
    try:
        rules = read_series("\n".join(lines), "s.toml")
    except SeriesError as error:
        assert all(line.startswith("s.toml: ") for line in str(error).splitlines())
    else:
        report(RaceResults("a", date(2023, 5, 1), "50K", []), rules=rules)
