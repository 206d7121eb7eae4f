"""A captain's sheets: who is still to come and when, who is not, and when the station may close."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.core.builders import (
    GUN_MS,
    accounts_for,
    cutoff,
    entrant,
    field_of,
    field_of_races,
    heartbeat,
    moves_cutoff,
    race_with,
    read,
    reads,
    reroutes,
    starts_at,
    station_word,
    withdraws,
)
from tests.core.random_races import GRID_MS, LAST, RaceDay, race_days
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.roster import EntryStatus
from tracker.core.stations import stations
from tracker.paper.pages import WIDTH, Section
from tracker.paper.station import station

RACE = race_with(cutoff("botella", "8h"), cutoff("illa", "20h"), cutoff("finish", "42h"))
_NUMBERS = "(\\d+) entrants? = (\\d+) have been there \\+ (\\d+) there now \\+ (\\d+) still to come \\+ (\\d+) out and not accounted for"
SUM = re.compile(_NUMBERS + " \\+ (\\d+) not to be waited for")


def sheets(field: Field, of: str, *races: str) -> list[Section]:
    return station(field, next(one for one in stations(field) if one.id == of), races or [race.id for race in field.event.races])


def lines(sections: list[Section]) -> list[str]:
    return [line for section in sections for block in (section.heading, *section.blocks) for line in block]


def under(sections: list[Section], heading: str) -> dict[str, list[str]]:
    """The lines of every runner under the heading that says this, by bib."""
    found = [section for section in sections if heading in " ".join(section.heading)]
    return {block[0].split()[0]: list(block) for section in found for block in section.blocks}


def told(sections: list[Section]) -> str:
    return " ".join(" ".join(lines(sections)).split())


AT_ILLA: list[Fact] = [
    *reads("1", start=0, botella="3h", illa="7h"),
    *reads("2", start=0, botella="5h"),
    *reads("3", start=0, botella="4h"),
    *reads("4", start=0),
    *reads("5", start=0, botella="3h"),
    read("5", "illa", "6h30", "in"),
    *reads("6", start=0, botella="3h"),
    withdraws("6", "botella", "4h"),
    accounts_for("6", "5h"),
    *reads("7", start=0, botella="3h"),
    withdraws("7", "botella", "4h"),
    *reads("8", start=0, botella="4h", illa="6h50"),
    withdraws("8", "illa", "7h"),
]


def at_illa() -> Field:
    people = [*(entrant(str(bib)) for bib in range(1, 10)), entrant("10", status=EntryStatus.DNS)]
    return field_of(RACE, AT_ILLA, now="7h20", entrants=people)


def test_every_entrant_is_in_one_of_five_lists() -> None:
    found = SUM.search(told(sheets(at_illa(), "illa")))
    assert found is not None
    assert [int(number) for number in found.groups()] == [10, 1, 1, 3, 2, 3]


def test_who_comes_next_stands_first_with_the_margin_to_the_cutoff_and_boxes_for_the_times() -> None:
    found = under(sheets(at_illa(), "illa"), "still to come")
    assert list(found) == ["3", "2", "4"]
    assert re.fullmatch(r"  3 \? +\? \? +Sat \d\d:\d\d +\d+h\d\d  \[__:__\]  \[__:__\]", found["3"][0])
    assert re.fullmatch(r"    seen at Botella Fri 23:00, 3h20 ago; between \d\d:\d\d and \d\d:\d\d", found["3"][1])
    assert found["4"][0].split()[4:6] == ["?", "?"], "who is not yet at the checkpoint before, and long due there"
    assert re.match(r"    seen at Start Fri 19:00, 7h20 ago; due at Botella ", found["4"][1])


def test_who_is_a_checkpoint_further_back_is_expected_too() -> None:
    field = field_of(RACE, [*reads("1", start=0, botella="2h"), *reads("2", start=0)], now="2h10", count=2)
    found = under(sheets(field, "illa"), "still to come")
    assert list(found) == ["1", "2"]
    assert re.search(r"Sat \d\d:\d\d +\d+h\d\d  \[__:__\]", found["2"][0])
    assert re.search(r"; between .*; due at Botella ", " ".join(found["2"][1:]))


def test_who_has_not_been_read_at_the_start_is_awaited_last_until_proposed_as_dns() -> None:
    def awaited(now: str) -> dict[str, list[str]]:
        return under(sheets(field_of(RACE, [*reads("2", start=0), *reads("3", start=0)], now=now), "illa"), "still to come")

    assert awaited("-1h")["1"][1] == "    starts Fri 19:00"
    assert list(awaited("20m")) == ["2", "3", "1"]
    assert awaited("20m")["1"][1] == "    not read at the start"
    assert list(awaited("40m")) == ["2", "3"]


def test_the_margin_is_below_zero_for_who_is_expected_too_late() -> None:
    field = field_of(race_with(cutoff("illa", "8h")), reads("1", start=0, botella="6h"), now="7h", count=1)
    assert re.search(r" -\d+h\d\d  \[__:__\]", under(sheets(field, "illa"), "still to come")["1"][0])


def test_who_is_there_has_a_box_for_the_time_of_leaving_and_how_long_until_the_cutoff() -> None:
    found = under(sheets(at_illa(), "illa"), "there now")
    assert re.fullmatch(r"  5 \? +\? \? +Sat 01:30  12h40           \[__:__\]", found["5"][0])
    assert found["5"][1] == "    for 50m"


def test_who_is_out_and_not_accounted_for_is_looked_out_for() -> None:
    found = under(sheets(at_illa(), "illa"), "may be there or come")
    assert list(found) == ["7", "8"]
    assert found["8"][1] == "    seen at Illa Sat 01:50, 30m ago; gave up at Illa Sat 02:00 (fatigue)"


def test_who_need_not_be_waited_for_is_named_by_why() -> None:
    said = lines(sheets(at_illa(), "illa"))
    assert "not to be waited for, withdrawn (1): 6" in said
    assert "not to be waited for, dns (1): 10" in said
    assert "not to be waited for, dns, nobody has confirmed it (1): 9" in said


def test_who_was_there_and_not_read_is_named() -> None:
    field = field_of(RACE, reads("1", start=0, illa="8h"), now="9h", count=1)
    assert "have been there, not read (1): 1" in lines(sheets(field, "botella"))


def test_at_the_start_nobody_is_listed_and_at_the_finish_nobody_leaves() -> None:
    found = sheets(at_illa(), "ordino")
    assert "105K at Start, km 0" in found[1].heading[0]
    assert "km 105" in found[2].heading[0]
    [ahead] = [section for section in found if "still to come" in section.heading[0]]
    assert ahead.heading[1].endswith("margin  in")
    assert ahead.blocks[0][0].count("[__:__]") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "may close: when 2 runners are through or in safe hands, and the race office says so"),
        ([station_word("illa", "closed", "5h")], "it closes as soon as 2 runners are through or in safe hands"),
        ([station_word("illa", "swept", "5h")], "it is closed: who comes all the same is told to the race office"),
        (reads("1", illa="5h") + reads("2", illa="5h"), "may close: nobody has still to come or to leave; ask the race office"),
    ],
)
def test_it_says_when_the_station_may_close(said: list[Fact], words: str) -> None:
    field = field_of(RACE, [*reads("1", start=0, botella="3h"), *reads("2", start=0, botella="3h"), *said], now="5h30", count=2)
    assert words in told(sheets(field, "illa"))


def test_it_says_what_the_desk_said_and_how_far_the_station_is_heard() -> None:
    field = field_of(RACE, [*reads("1", start=0), heartbeat("illa", "4h", 0), station_word("illa", "closed", "5h")], now="5h", count=1)
    said = lines(sheets(field, "illa"))
    assert said[0] == "=== Illa (illa): closing"
    assert "the desk said closed at Sat 00:00, director: last sweeper through" in said
    assert "last heard: Fri 23:00:00, 1h ago" in said
    assert "last cutoff here: Sat 15:00:00 (105K)" in said


def test_a_moved_cutoff_is_told_as_it_is_now() -> None:
    field = field_of(RACE, [*reads("1", start=0), moves_cutoff("illa", by="30m")], now="5h", count=1)
    assert "cutoff: Sat 15:30:00 on departure" in lines(sheets(field, "illa"))


def test_where_runners_have_cutoffs_of_their_own_each_line_says_which() -> None:
    race = race_with(cutoff("botella", "8h"), waves={"a": "0m", "b": "30m"}, cutoff_from="wave")
    people = [entrant("1", wave="a"), entrant("2", wave="b")]
    field = field_of(race, [*reads("1", start=0), *reads("2", start="30m"), starts_at("30m", "b")], now="1h", entrants=people)
    found = sheets(field, "botella")
    assert "cutoff: each runner's own, from Sat 03:00:00 to Sat 03:30:00, on departure" in lines(found)
    assert [line[1].rpartition("; ")[2] for line in under(found, "still to come").values()] == ["cutoff Sat 03:00", "cutoff Sat 03:30"]


def test_a_race_that_was_shortened_comes_no_more_but_who_had_gone_on_may() -> None:
    said = [*reads("1", start=0, botella="3h", illa="7h"), *reads("2", start=0, botella="3h"), reroutes(finish="illa", said="7h30")]
    found = sheets(field_of(RACE, said, now="8h", count=2), "sorteny")
    assert "=== 105K: does not come here any more" in lines(found)
    assert list(under(found, "had gone on")) == ["1"]


def test_a_sheet_is_of_the_races_that_were_asked_for_and_pass_there() -> None:
    races = (race_with(), race_with(id="50k", points="start:ordino@0 botella@20 finish:ordino@50"))
    field = field_of_races(races, [entrant("1"), entrant("2", "50k")], now="1h")
    assert {section.heading[0].split()[1] for section in sheets(field, "botella")[1:]} == {"105K", "50K"}
    assert {section.heading[0].split()[1] for section in sheets(field, "botella", "50k")[1:]} == {"50K"}
    assert sheets(field, "illa", "50k") == []


@settings(max_examples=60, deadline=None)
@given(race_days(), st.integers(-2, LAST + 8))
def test_on_any_day_every_entrant_is_on_each_sheet_once_and_every_line_fits(day: RaceDay, half_hours: int) -> None:
    field = day.field(now_ms=GUN_MS + half_hours * GRID_MS)
    for one in stations(field):
        sections = sheets(field, one.id)
        assert all(cell_len(line) <= WIDTH for line in lines(sections))
        for entrants, *parts in (map(int, found) for found in SUM.findall(told(sections))):
            assert entrants == sum(parts)
        shown = [" ".join(section.heading) for section in sections]
        numbers = [
            int(match[1]) for heading in shown if (match := re.search(r": (\d+) (?:there now|still to come|out and|had gone)", heading))
        ]
        counted = [len(section.blocks) for section in sections if len(section.heading) > 1]
        assert counted == numbers
