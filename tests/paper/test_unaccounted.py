"""The list of whom nobody has in safe hands: the worst first, everybody on it, and a sum that equals the ledger."""

import re
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.core.builders import (
    GUN_MS,
    accounts_for,
    cutoff,
    decides,
    entrant,
    field_of,
    field_of_races,
    heartbeat,
    race_with,
    read,
    reads,
    withdraws,
)
from tests.core.random_races import GRID_MS, LAST, RaceDay, race_days
from tracker.core.field import Field
from tracker.core.runner import Where
from tracker.paper.pages import WIDTH, Section
from tracker.paper.unaccounted import unaccounted

RACE = race_with(cutoff("botella", "9h"), cutoff("illa", "20h"))
LISTED = (Where.OUT, Where.ON_LEG, Where.IN_STATION)


def headings(field: Field, races: Sequence[str] = ("105k",)) -> list[str]:
    return [" ".join(section.heading).strip("= ") for section in unaccounted(field, races)]


def entries(sections: list[Section]) -> dict[str, list[str]]:
    """The lines of every runner, by bib; each is on the list once."""
    found: dict[str, list[str]] = {}
    for section in sections[:-1]:
        for block in section.blocks:
            bib = block[1].split()[2]
            assert bib not in found
            found[bib] = list(block[1:])
    return found


def sums(section: Section) -> dict[str, list[int]]:
    """The numbers of the sum, by their words."""
    found = (re.fullmatch(r"(\D+?)((?: +[\d,]+)+)", line) for block in section.blocks for line in block)
    return {match[1].strip(): [int(number.replace(",", "")) for number in match[2].split()] for match in found if match}


def test_the_worst_stand_first_and_then_everybody_along_the_course() -> None:
    said = [
        *reads("1", start=0, botella="3h", illa="8h"),
        *reads("2", start=0),
        *reads("3", start=0, botella="4h"),
        withdraws("3", "botella", "5h"),
        *reads("4", start=0, botella="5h30"),
        *reads("5", start=0),
        read("5", "botella", "6h30", "in"),
        *reads("6", start=0, botella="2h", illa="5h"),
        *reads("7", start=0, botella="2h"),
        withdraws("7", "botella", "3h"),
        accounts_for("7", "4h"),
    ]
    field = field_of(RACE, said, now="8h", count=8)
    assert headings(field) == [
        "105K: 1 runner OUT AND NOT ACCOUNTED FOR, last known at Botella",
        "105K: 1 runner OVERDUE, on the way to Grau-Roig",
        "105K: 1 runner on the way to Botella",
        "105K: 1 runner in Botella",
        "105K: 1 runner on the way to Illa",
        "105K: 1 runner on the way to Grau-Roig",
        "Sum",
    ]
    assert set(entries(unaccounted(field, ["105k"]))) == {"1", "2", "3", "4", "5", "6"}


def test_who_is_on_the_way_as_he_should_be_is_only_counted_unless_everybody_is_asked_for() -> None:
    said = [
        *reads("1", start=0, botella="3h", illa="8h"),
        *reads("2", start=0),
        withdraws("3", "botella", "5h"),
        *reads("4", start=0, botella="2h", illa="5h"),
    ]
    found = unaccounted(field_of(RACE, said, now="8h", count=5), ["105k"], everybody=False)
    assert set(entries(found)) == {"3", "4"}
    assert sums(found[-1])["= neither finished nor in safe hands"] == [4]
    assert "".join(found[-1].blocks[-1]) == "Not on this list: 2 runners on the way or in a station (--all lists them)."


def test_where_nobody_is_missing_the_short_list_says_so_and_how_many_a_silent_station_may_hide() -> None:
    field = field_of(RACE, [*reads("1", start=0, botella="3h"), heartbeat("illa", "5h", 0)], now="16h", count=1)
    nobody, total = unaccounted(field, ["105k"], everybody=False)
    assert nobody.heading == ("Nobody: who is out is in safe hands, and nobody is known to be overdue.",)
    assert " ".join(total.blocks[-1]).split("station, ")[1] == (
        "1 of them unconfirmed: the station that would know is not heard (--all lists them)."
    )


def test_of_one_group_who_is_due_first_stands_first_and_of_the_overdue_who_is_it_longest() -> None:
    on_the_way = field_of(RACE, [*reads("1", start=0, botella="4h"), *reads("2", start=0, botella="3h")], now="5h", count=2)
    assert list(entries(unaccounted(on_the_way, ["105k"]))) == ["2", "1"]
    late = field_of(RACE, [*reads("1", start=0, botella="3h30"), *reads("2", start=0, botella="3h")], now="17h", count=2)
    assert list(entries(unaccounted(late, ["105k"]))) == ["2", "1"]


def test_a_runner_has_a_box_to_tick_a_line_to_write_on_and_what_is_known_of_him() -> None:
    runner = entrant(
        "1", name="Ada Larch", sex="F", category="O40", club="Hill AC", extra={"Emergency phone": "+376 \x1b[1m1", "shirt": "M"}
    )
    field = field_of(RACE, reads("1", start=0, botella="3h"), now="5h", entrants=[runner])
    [lines] = entries(unaccounted(field, ["105k"])).values()
    assert re.fullmatch(r"\[ \]   1  Ada Larch {20}F O40     _{30,}", lines[0])
    assert cell_len(lines[0]) == WIDTH
    assert re.fullmatch(r"    seen at Botella Fri 22:00, 2h ago; due Sat \d\d:\d\d \(\d\d:\d\d-\d\d:\d\d\)", lines[1])
    assert lines[2] == "    Hill AC; Emergency phone +376 [1m1"
    assert len(lines) == 3


def test_who_is_out_is_so_by_somebodys_word_or_by_a_cutoff() -> None:
    said = [
        *reads("1", start=0, botella="3h"),
        withdraws("1", "illa", "6h"),
        *reads("2", start=0, botella="9h10"),
        *reads("3", start=0, botella="3h"),
        decides("stopped", "5h", "3"),
    ]
    found = entries(unaccounted(field_of(RACE, said, now="10h"), ["105k"]))
    assert [lines[-1].strip() for lines in found.values()] == [
        "stopped by director Sat 00:00 (said so)",
        "out of time at Botella, nobody has confirmed it; late botella",
        "gave up at Illa Sat 01:00 (fatigue)",
    ]


def test_who_would_be_overdue_at_a_station_that_is_not_heard_is_told_as_that() -> None:
    field = field_of(RACE, [*reads("1", start=0, botella="3h"), heartbeat("illa", "5h", 0)], now="16h", count=1)
    [lines] = entries(unaccounted(field, ["105k"])).values()
    assert lines[-1].strip() == "unconfirmed, Illa is not heard so far"


def test_of_several_races_the_worst_of_each_stand_before_the_others_and_the_sum_has_a_column_a_race() -> None:
    races = (race_with(), race_with(id="50k"))
    people = [entrant("1"), entrant("2"), entrant("3", "50k"), entrant("4", "50k")]
    said = [*reads("1", start=0), *reads("3", start=0, botella="1h"), withdraws("3", "botella", "2h")]
    field = field_of_races(races, people, said, now="3h")
    assert headings(field, ["105k", "50k"]) == [
        "50K: 1 runner OUT AND NOT ACCOUNTED FOR, last known at Botella",
        "105K: 1 runner on the way to Botella",
        "Sum",
    ]
    found = sums(unaccounted(field, ["105k", "50k"])[-1])
    assert found["= neither finished nor in safe hands"] == [1, 1, 2]
    assert found["= entrants"] == [2, 2, 4]
    assert headings(field, ["105k"]) == ["105K: 1 runner on the way to Botella", "Sum"]


def test_before_the_start_the_list_says_that_it_is_nobody() -> None:
    assert headings(field_of(RACE, now="-1h"))[0] == "Nobody: everybody who started is finished or in safe hands."


def test_names_of_any_script_and_long_bibs_keep_the_columns_straight() -> None:
    names = ["日本 山田", "שרה לוי", "e\u0301" * 9, "[/nope] [bold]", "👩‍👩‍👧 fam", "x" * 80, ""]
    people = [entrant(f"{number}{'M' * number}", name=name) for number, name in enumerate(names)]
    said = [fact for one in people for fact in reads(one.bib, start=0)]
    field = field_of(RACE, said, now="1h", entrants=people)
    blocks = [block for section in unaccounted(field, ["105k"])[:-1] for block in section.blocks]
    assert {cell_len(block[1]) for block in blocks} == {WIDTH}
    assert {one.bib for one in people} == {block[1].split()[2] for block in blocks}


@settings(max_examples=60, deadline=None)
@given(race_days(), st.integers(-2, LAST + 8))
def test_everybody_who_is_out_there_is_on_the_list_once_and_the_sum_is_the_ledgers(day: RaceDay, half_hours: int) -> None:
    field = day.field(now_ms=GUN_MS + half_hours * GRID_MS)
    races = [race.id for race in day.event.races]
    sections = unaccounted(field, races)
    places = Counter(runner.verdict.place.where for runner in field.runners.values())
    out_there = {bib for bib, runner in field.runners.items() if runner.verdict.place.where in LISTED}
    assert set(entries(sections) if out_there else ()) == out_there
    found = {words: numbers[-1] for words, numbers in sums(sections[-1]).items()}
    assert found["= neither finished nor in safe hands"] == len(out_there) == sum(places[where] for where in LISTED)
    assert found["= neither finished nor in safe hands"] == sum(list(found.values())[:3])
    assert found["= started"] == len(out_there) + places[Where.ACCOUNTED] + places[Where.FINISHED]
    assert found["= entrants"] == found["= started"] + found["not started"] == sum(sum(field.ledger(race).values()) for race in races)
    assert all(cell_len(line) <= WIDTH for section in sections for block in (section.heading, *section.blocks) for line in block)
