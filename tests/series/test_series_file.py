"""Series files that cannot be used, each with the whole text of its error."""

import re
from datetime import date

import pytest

from tests.series.builders import RULES, TOML, changed, error_of
from tracker.files.series import read_series


def test_the_file_that_ships_reads_without_a_fault() -> None:
    assert [one.name for one in RULES.categories] == ["20K", "50K", "100K", "100M"]
    assert RULES.finals == {2022: date(2022, 8, 26), 2023: date(2023, 9, 1), 2024: date(2024, 8, 30), 2025: date(2025, 8, 29)}


def test_every_rule_of_the_file_that_ships_says_where_it_is_from() -> None:
    tables = re.split(r"\n(?=\[)", TOML)
    assert len(tables) > 15
    without = [table.splitlines()[0] for table in tables if not re.search(r"#.*(seed|scores\.md|public)", table, re.IGNORECASE)]
    assert [head for head in without if head not in ("[series]", "[[category]]", "[tier.finals]", "[[period]]")] == []


def test_thresholds_and_the_race_that_qualifies_are_set_as_the_comments_say() -> None:
    text = changed("[score_thresholds]\n", "[score_thresholds]\nF = { 50K = 600, 100K = 590.5 }\n")
    rules = read_series(text + '\n[qualifying_races.my-event-2024]\n50K = "55k"\n', "s.toml")
    assert rules.thresholds == {("F", "50K"): 600.0, ("F", "100K"): 590.5}
    assert rules.qualifying_races == {"my-event-2024": {"50K": "55k"}}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "[series",
            "s.toml: this is no TOML: Expected ']' at the end of a table declaration (at end of document). "
            "Correct it there; courses/series-2024.toml is an example.",
            id="no TOML",
        ),
        pytest.param(
            TOML + "\n[extra]\n",
            's.toml: the key "extra" is unknown. Take it out; the keys here are series, second_chance, category, tier, finals, period, '
            "score_thresholds, qualifying_races, change_of_category, index, elite.",
            id="unknown table",
        ),
        pytest.param(
            changed("[second_chance]\nplaces = 50", "[second_chances]\nplaces = 50"),
            "s.toml: the table [second_chance] is missing. Write it as a table, under [second_chance].\n"
            's.toml: the key "second_chances" is unknown. Write "second_chance", or take it out.',
            id="table misspelt",
        ),
        pytest.param(
            changed("places = 3 ", "place = 3 "),
            's.toml: tier: event: the key "place" is unknown. Write "places", or take it out.',
            id="places misspelt",
        ),
        pytest.param(
            changed("places = 10 ", 'places = "10" '),
            's.toml: tier: major: places is the text "10". Write a whole number without quotes, for example places = 3.',
            id="places in quotes",
        ),
        pytest.param(
            changed("stones = { 20K = 1,", "stones = { 20K = 1.5,"),
            "s.toml: tier: event: stones of 20K is the number 1.5. Write a whole number.",
            id="half a stone",
        ),
        pytest.param(
            changed("from_effort_km = 100\n", "from_effort_km = 40\n"),
            "s.toml: category 3: from_effort_km 40 is not above 50 of the one before. Write the categories in order.",
            id="categories out of order",
        ),
        pytest.param(
            changed('name = "20K"', 'name = "50K"'),
            's.toml: category 2: the category "50K" stands twice. Take one out.',
            id="category twice",
        ),
        pytest.param(
            changed('name = "20K"', 'name = "10K"'),
            's.toml: category 1: name is the text "10K". Write one of "20K", "50K", "100K" or "100M".',
            id="no such category",
        ),
        pytest.param(
            changed("2024 = 2024-08-30", "2024 = 2025-08-30"),
            "s.toml: finals: 2024 is the date 2025-08-30 without a time. Write the year of the Finals, 2025, or correct the day.",
            id="finals of another year",
        ),
        pytest.param(
            changed("2024 = 2024-08-30", '2024 = "2024-08-30"'),
            's.toml: finals: 2024 is the text "2024-08-30". Write a day without quotes and without a time, for example 2024 = 2023-08-31.',
            id="day in quotes",
        ),
        pytest.param(
            changed("first = 2023-01-01", "first = 2023-01-02"),
            "s.toml: period 2: it begins 2023-01-02, and the one before ends 2022-12-31. Write first = 2023-01-01.",
            id="a day between periods",
        ),
        pytest.param(
            changed("last = 2023-08-31\n", ""),
            "s.toml: period 3: the one before has no last day. Write its last, or take this one out.",
            id="period without an end",
        ),
        pytest.param(
            changed("last = 2023-08-31\n", "last = 2022-08-31\n"),
            "s.toml: period 2: it ends 2022-08-31, before it begins 2023-01-01. Exchange or correct them.\n"
            "s.toml: period 3: it begins 2023-09-01, and the one before ends 2022-08-31. Write first = 2022-09-01.",
            id="period backwards",
        ),
        pytest.param(
            changed("months = 15          # seed 23\nscore = false        # seed 19", 'score = "no" # seed 19'),
            's.toml: period 1, counts 1: score is the text "no". Write true or false, without quotes.',
            id="score in words",
        ),
        pytest.param(
            changed("months = 15          # seed 23\nscore", "score"),
            "s.toml: period 1, counts 1: window is months, and there is no months. "
            "Write how many before the Finals, for example months = 15.",
            id="no months",
        ),
        pytest.param(
            changed("[score_thresholds]\n", "[score_thresholds]\nW = { 50K = 600 }\n"),
            's.toml: score_thresholds: the key "W" is unknown. Take it out; the keys here are F, M.',
            id="threshold of W",
        ),
        pytest.param(
            changed("[score_thresholds]\n", "[score_thresholds]\nF = { 20K = 600, 50k = 600 }\nM = 700\n"),
            's.toml: score_thresholds, F: the key "20K" is unknown. Take it out; the keys here are 50K, 100K, 100M.\n'
            's.toml: score_thresholds, F: the key "50k" is unknown. Take it out; the keys here are 50K, 100K, 100M.\n'
            "s.toml: score_thresholds: M is the number 700. Write a figure for each category, for example M = { 50K = 710, 100K = 690 }.",
            id="threshold of 50k",
        ),
        pytest.param(
            changed('final = "CCC"', 'final = "OCC"'),
            's.toml: category 3: the final "OCC" stands twice. Write the final of this category, or take it out.',
            id="final twice",
        ),
        pytest.param(
            TOML[: TOML.index("[[category]]")] + TOML[TOML.index("# What a race of a tier") :],
            "s.toml: there is no category. Add a [[category]] with its name and from_effort_km.\n"
            's.toml: change_of_category, never 1: final is the text "OCC". Take it out: no category has a final.',
            id="no category at all",
        ),
        pytest.param(
            changed("[score_thresholds]\n", "[score_thresholds]\nF = { 50K = 6000, 100K = 0, 100M = nan }\n"),
            "s.toml: score_thresholds, F: 100K is the number 0. Write a number that a race can have, for example 100K = 710.\n"
            "s.toml: score_thresholds, F: 100M is the number nan. Write a number that a race can have, for example 100M = 710.\n"
            "s.toml: score_thresholds, F: 50K is the number 6000. Write a number from 1 to 1000, for example 50K = 710.",
            id="thresholds that all or nobody would reach",
        ),
        pytest.param(
            changed("free = { 50K = 710,", "free = { 50K = 7100,"),
            "s.toml: elite: F, free: 50K is the number 7100. Write a number from 1 to 1000, for example 50K = 710.",
            id="a limit beyond the scale",
        ),
        pytest.param(
            changed("finals = 2023        # seed 26", "# seed 26"),
            "s.toml: period 2: a race of 2023-05-30 would count for the Finals of 2024 in two ways. "
            "Narrow one of its counts with finals, or take it out.",
            id="two rules for one Finals",
        ),
        pytest.param(
            TOML.replace(
                '[[period.counts]]\nwindow = "calendar_year" # seed 23',
                '[[period.counts]]\nwindow = "calendar_year"\n'
                'score = false\nsecond_chance = true\n\n[[period.counts]]\nwindow = "calendar_year" # seed 23',
            ),
            "s.toml: period 3: a race of 2023-09-01 would count for the Finals of 2024 in two ways. "
            "Narrow one of its counts with finals, or take it out.",
            id="the same counts twice",
        ),
        pytest.param(
            changed("weights = [1.0, 0.9, 0.8, 0.7, 0.6]", "weights = [0.6, 0.7, 0.8, 0.9, 1.0]"),
            "s.toml: index: weights rise. Write the best score's first, and none higher than the one before.",
            id="weights the wrong way round",
        ),
        pytest.param(
            changed("penalties = [0.96, 0.97, 0.98, 0.99, 1.0]", "penalties = [1.0, 0.99, 0.98, 0.97, 0.96]"),
            "s.toml: index: penalties fall. Write that of one score first, and none lower than the one before.",
            id="penalties the wrong way round",
        ),
        pytest.param(
            changed("valid_months = 24", "valid_months = 48"),
            "s.toml: index: valid_months is 48, and no score counts for more than 36 months. Correct one of them.",
            id="valid longer than scores count",
        ),
        pytest.param(
            changed('tiers = ["event", "major"]', 'tiers = ["\\u001b[31mevent", 7]'),
            's.toml: elite: tiers has the text "[31mevent". Write "event", "major", "finals" or "index".\n'
            's.toml: elite: tiers has the number 7. Write "event", "major", "finals" or "index".',
            id="controls in a tier",
        ),
        pytest.param(
            changed('final = "OCC" }]', 'final = "MCC" }]'),
            's.toml: change_of_category, never 1: final is the text "MCC". Write "OCC", "CCC" or "UTMB".',
            id="no such final",
        ),
        pytest.param(
            changed("weights = [1.0, 0.9, 0.8, 0.7, 0.6]", "weights = [1.0, 0.9]"),
            "s.toml: index: weights has 2 numbers, and best is 5. Write one for each score that counts.",
            id="too few weights",
        ),
        pytest.param(
            changed("old_factor = 0.98", "old_factor = 98"),
            "s.toml: index: old_factor is the number 98. Write a number from 0.01 to 1, for example old_factor = 0.98.",
            id="a factor in percent",
        ),
        pytest.param(
            changed("month_weight = 0.99", "month_weight = 0"),
            "s.toml: index: month_weight is the number 0. Write a number from 0.01 to 1, for example month_weight = 0.98.",
            id="no weight after a month",
        ),
        pytest.param(
            changed("penalties = [0.96,", "penalties = [nan,"),
            "s.toml: index: penalties is a list. Write a list of numbers from 0.01 to 1, the best score's first.",
            id="penalty that is no number",
        ),
        pytest.param(
            changed("2022 = 2022-08-26", '"2022\\u001b[1m" = 0001-01-01'),
            "s.toml: finals: 2022[1m is the date 0001-01-01 without a time. "
            "Write a day without quotes and without a time, for example 2022[1m = 2023-08-31.",
            id="controls in a key",
        ),
        pytest.param(
            changed('tiers = ["event", "major"]', 'tiers = ["event", "world"]'),
            's.toml: elite: tiers has the text "world". Write "event", "major", "finals" or "index".',
            id="no such tier",
        ),
        pytest.param(
            changed('  "US",\n', '  "USA",\n'),
            's.toml: elite: region_1 has the text "USA", which is no ISO 3166-1 alpha-2 code. Write two capitals, for example "US".',
            id="a country in three letters",
        ),
        pytest.param(
            changed("free = { 50K = 710,", "free = { 50K = 610,"),
            "s.toml: elite: F: 50K has 610, 650 and 560, which do not fall. Write the free entry's first.",
            id="limits that rise",
        ),
        pytest.param(
            changed("paid_region_2 = { 50K = 710, 100K = 660, 100M = 660 }", "paid_region_2 = { 50K = 710, 100K = 660 }"),
            's.toml: elite: M: 100M is not in "paid_region_2". Write it in all three rows, or in none.',
            id="a limit left out",
        ),
    ],
)
def test_a_series_file_that_cannot_be_used_says_where_what_and_what_to_do(text: str, error: str) -> None:
    assert error_of(text) == error
