"""Who is shown on a filtered board, and the words that say so."""

import pytest

from tests.dashboard.conftest import Weekend
from tracker.core.field import Field
from tracker.core.runner import Status
from tracker.dashboard.filters import EVERYBODY, Concern, Expectations, Filter, choices, filter_lines, filter_words, lines_of, with_next
from tracker.dashboard.sheet import make_sheet
from tracker.dashboard.shown import Shown, heading


def shown_of(field: Field, only: Filter, race: str = "long") -> Shown:
    sheet = make_sheet(field, race)
    return Shown(sheet, only, lines_of(sheet, only, Expectations(), field.now_ms))


def bibs(shown: Shown) -> list[str]:
    return [shown.runner(row).entrant.bib for row in range(len(shown.lines))]


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        (EVERYBODY, ["1", "4", "2", "3", "5", "6", "12"]),
        (Filter(sex="F"), ["1", "5", "12"]),
        (Filter(sex="?"), []),
        (Filter(category="O19"), ["1", "4", "2", "3", "5", "6", "12"]),
        (Filter(category="O40"), []),
        (Filter(status=Status.RACING), ["4", "2"]),
        (Filter(status=Status.WITHDRAWN), ["5"]),
        (Filter(station="hut"), ["2"]),
        (Filter(station="square"), ["4", "5"]),
        (Filter(station="pass"), ["3"]),
        (Filter(station="chapel"), []),
        (Filter(concern=Concern.AT_RISK), ["2", "3"]),
        (Filter(concern=Concern.AT_RISK, sex="F"), []),
        (Filter(concern=Concern.UNACCOUNTED), ["3", "5"]),
        (Filter(concern=Concern.OVERDUE), ["2"]),
        (Filter(concern=Concern.UNACCOUNTED, station="pass"), ["3"]),
        (Filter(status=Status.RACING, sex="M", station="hut"), ["2"]),
    ],
)
async def test_a_filter_shows_who_fits_in_the_order_of_the_whole_race(noon: Weekend, only: Filter, wanted: list[str]) -> None:
    assert bibs(shown_of(await noon.field(), only)) == wanted


async def test_who_is_in_a_station_is_at_it_and_who_has_no_sex_on_the_list_is_unknown(noon: Weekend) -> None:
    await noon.say("hut", "passage", "4h50", bib="2", way="in")
    field = await noon.field()
    assert bibs(shown_of(field, Filter(station="hut"))) == ["2"]
    assert bibs(shown_of(field, Filter(sex="?"), "short")) == ["103"]
    assert bibs(shown_of(field, Filter(category="?"), "short")) == ["101", "102", "103"]


async def test_a_filtered_board_still_ranks_by_the_whole_race(noon: Weekend) -> None:
    shown = shown_of(await noon.field(), Filter(sex="M", status=Status.RACING))
    assert [shown.sheet.lines.rank(line) for line in shown.lines] == [2, 3]


async def test_who_is_expected_after_the_next_cutoff_is_at_risk_before_anything_has_happened(tight: Weekend) -> None:
    field = await tight.field()
    assert bibs(shown_of(field, Filter(concern=Concern.AT_RISK, status=Status.RACING))) == ["2"]
    assert field.verdict("2").flags == ()


async def test_a_forecast_is_asked_for_again_after_a_passage_and_when_the_minutes_have_passed(tight: Weekend) -> None:
    field, expectations = await tight.field(), Expectations()
    field.refresh()
    state = field.races["long"]
    assert expectations.late(state, field.now_ms) == {1}
    state.forecaster = type(state.forecaster)(state.race)  # one to whom nobody has told anything
    assert expectations.late(state, field.now_ms) == {1}
    assert expectations.late(state, field.now_ms + 5 * 60_000) == set()
    assert expectations.late(field.races["short"], field.now_ms) == set()


async def test_the_words_say_everything_that_is_asked_for(noon: Weekend) -> None:
    race = (await noon.field()).event.by_id["long"]
    everything = Filter("F", "O19", Status.OUT_OF_TIME, Concern.AT_RISK, "hut")
    assert filter_words(everything, race) == "sex F, category O19, out of time, at risk, at, on the way to or last known at Old Hut"
    assert filter_words(EVERYBODY, race) == ""
    assert filter_words(Filter(station="chapel"), race) == "at, on the way to or last known at chapel"


async def test_the_heading_says_who_is_left_out_and_that_nobody_has_the_cursor(noon: Weekend) -> None:
    field = await noon.field()
    women = shown_of(field, Filter(sex="F"))
    assert heading(women, "1") == heading(women, None) == "3 of 7: sex F (F: all)"
    assert heading(women, "2") == "! bib 2 is not among these: nobody has the cursor · 3 of 7: sex F (F: all)"
    assert heading(women, "101").startswith("! bib 101 is not in Long Way: nobody has the cursor · 3 of 7")
    assert heading(shown_of(field, EVERYBODY), "1") == ""
    assert heading(shown_of(field, EVERYBODY), "101") == "! bib 101 is not in Long Way: nobody has the cursor"


async def test_a_row_is_found_by_its_bib_and_counted_where_it_is_not_shown(noon: Weekend) -> None:
    women = shown_of(await noon.field(), Filter(sex="F"))
    assert [women.row_of(bib) for bib in ("1", "5", "12", "2", "101")] == [0, 1, 2, None, None]
    assert [women.rows_before(bib) for bib in ("1", "2", "5", "6", "101")] == [0, 1, 1, 2, 0]


async def test_the_choices_are_what_the_races_runners_are_and_go_round(noon: Weekend) -> None:
    field = await noon.field()
    of = choices(field.races["short"])
    assert of["sex"] == [None, "?", "F", "M"]
    assert of["category"] == [None, "?"]
    assert of["station"] == [None, "square", "chapel"]
    asked = [EVERYBODY]
    for _ in of["sex"]:
        asked.append(with_next(asked[-1], "sex", of["sex"], 1))
    assert [only.sex for only in asked] == [None, "?", "F", "M", None]
    assert with_next(EVERYBODY, "station", of["station"], -1).station == "chapel"
    assert with_next(Filter(station="hut"), "station", of["station"], 1).station == "square", "a station of another race"


async def test_the_dialog_has_a_line_for_each_choice_and_marks_one(noon: Weekend) -> None:
    race = (await noon.field()).event.by_id["long"]
    only = Filter(sex="F", status=Status.OUT_OF_TIME, concern=Concern.UNACCOUNTED, station="hut")
    told = filter_lines(only, 2, race, 12, 10_000).plain.splitlines()
    assert told[1:6] == [
        "  s  Sex       F",
        "  c  Category  any",
        "▸ t  Status    out of time",
        "  r  Look for  unaccounted",
        "  p  Station   at, on the way to or last known at Old Hut",
    ]
    assert "12 of 10,000 runners" in told
