"""The order of triage, alone: what is open before what is done, many of a kind in few lines, and nothing lost from under the cursor."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from tests.dashboard.conftest import START_MS
from tracker.core.alert import Alert, alert
from tracker.core.facts import AlertState, AlertWord
from tracker.dashboard.triage import Held, State, Triage, counts, fold_key, triage

M = 60_000


def overdue(bib: int, minute: int = 0) -> Alert:
    return alert(
        "overdue", f"{bib}/hut", START_MS + minute * M, f"bib {bib} is overdue", "look", race="long", bib=str(bib), checkpoint="hut"
    )


def silent(minute: int = 0) -> Alert:
    return alert("silent", "hut", START_MS + minute * M, "Old Hut is silent", "reach it", station="hut")


def stranger(minute: int = 0) -> Alert:
    return alert("unknown_bib", "777", START_MS + minute * M, "bib 777 is not on the roster", "compare", bib="777")


def late(minute: int = 0) -> Alert:
    return alert("conflict", "1", START_MS + minute * M, "bib 1 was read after", "decide", race="long", bib="1")


def said(one: Alert, until: int | None = None, at: int = 30) -> Alert:
    state = AlertState.ACKNOWLEDGED if until is None else AlertState.SHELVED
    until_ms = None if until is None else START_MS + until * M
    return replace(one, word=AlertWord(b"w", "w", START_MS + at * M, "R. Office", "known", one.id, state, until_ms))


def keys(*found: Alert, held: Held | None = None, unfolded: tuple[str, ...] = (), handled: bool = False) -> list[str]:
    return [line.key for line in triage(found, held, unfolded, handled=handled)]


def test_those_to_act_on_come_first_and_of_each_the_oldest() -> None:
    assert keys(stranger(0), late(9), silent(5), overdue(1, 3)) == ["overdue/1/hut", "silent/hut", "conflict/1", "unknown_bib/777"]


def test_a_station_that_has_just_fallen_silent_is_in_sight_however_many_runners_are_missing() -> None:
    many = [overdue(bib, bib) for bib in range(1, 61)]
    fold = fold_key(many[0])
    shut = triage([*many, silent(90)])
    assert [line.key for line in shut] == [fold, "silent/hut"]
    assert shut[0].text.startswith("60 overdue: bibs 1, 2, 3, 4")
    assert Triage(shut, START_MS + 90 * M, "UTC").text(0, 79).startswith("!!   1h29 + 60 overdue"), "the age is that of the oldest"
    assert keys(*many, silent(90), unfolded=(fold,)) == [fold, *(one.id for one in many), "silent/hut"]


def test_the_runners_of_all_races_are_in_one_line_and_who_is_alone_of_his_kind_in_his_own() -> None:
    short = replace(overdue(101, 1), race="short")
    assert [line.text for line in triage([overdue(1, 2), short, late(3)])] == ["2 overdue: bibs 101, 1", "bib 1 was read after"]


def test_every_alert_stands_in_some_line() -> None:
    many = [*(overdue(bib, bib) for bib in range(1, 61)), silent(), stranger(), said(alert("late", "1", START_MS, "late", "tell"))]
    lines = triage(many, handled=True)
    assert {one.id for line in lines for one in line.of} == {one.id for one in many}


def test_who_is_under_the_cursor_is_not_folded_away() -> None:
    many = [overdue(bib, bib) for bib in range(1, 61)]
    assert keys(*many, held=Held(many[40], open=True)) == [fold_key(many[0]), many[40].id]


def test_what_settled_under_the_cursor_keeps_its_place_and_says_so() -> None:
    lines = triage([silent(1), late(3)], Held(overdue(2, 2), open=True))
    assert [(line.key, line.state) for line in lines] == [
        ("silent/hut", State.OPEN),
        ("overdue/2/hut", State.SETTLED),
        ("conflict/1", State.OPEN),
    ]
    assert "settled: bib 2 is overdue" in Triage(lines, START_MS, "UTC").text(1, 79)


def test_what_settled_among_many_is_shown_below_them_and_not_counted() -> None:
    lines = triage([overdue(1, 1), overdue(3, 3)], Held(overdue(2, 2), open=True))
    assert [(line.text, line.state) for line in lines] == [("2 overdue: bibs 1, 3", State.OPEN), ("bib 2 is overdue", State.SETTLED)]
    assert keys(overdue(1, 1), held=Held(overdue(2, 2), open=True)) == ["overdue/1/hut", "overdue/2/hut"], "one that is left is no many"


@pytest.mark.parametrize("handled", [False, True])
def test_what_was_acknowledged_under_the_cursor_keeps_its_place_until_the_cursor_goes(handled: bool) -> None:
    found = [silent(1), said(overdue(2, 2)), late(3)]
    lines = triage(found, Held(found[1], open=True), handled=handled)
    assert [(line.key, line.state) for line in lines][1] == ("overdue/2/hut", State.SEEN)
    assert len(lines) == 3


def test_what_is_done_stands_below_only_when_it_is_asked_for_and_what_comes_back_first_first() -> None:
    found = [said(silent(0)), said(overdue(2), until=200), said(overdue(1), until=90), stranger(0)]
    assert keys(*found) == ["unknown_bib/777"]
    assert keys(*found, handled=True) == ["unknown_bib/777", "overdue/1/hut", "overdue/2/hut", "silent/hut"]
    table = Triage(triage(found, handled=True), START_MS + 60 * M, "Europe/Paris")
    assert "until Sat 09:30: bib 1 is overdue" in table.text(1, 79)
    assert "seen by R. Office: Old Hut is silent" in table.text(3, 79)


def test_the_head_counts_what_is_there_and_what_is_hidden() -> None:
    assert counts([], handled=False) == "no alerts are open"
    found = [silent(), overdue(1), stranger(), said(overdue(2)), said(overdue(3), until=9)]
    assert counts(found, handled=False) == "2 to act on, 1 to look at, the oldest first · 1 seen, 1 shelved (s shows them)"
    assert counts(found, handled=True).endswith("(s hides them)")


def test_what_a_device_tells_from_ahead_of_the_races_clock_has_no_age_below_nothing() -> None:
    assert Triage(triage([stranger(5)]), START_MS, "UTC").text(0, 79).startswith("!      0s bib 777")


def test_a_line_has_its_age_and_where_there_is_room_the_moment() -> None:
    table = Triage(triage([silent(0)]), START_MS + 65 * M, "Europe/Paris")
    assert table.text(0, 79) == "!!   1h05 Old Hut is silent"
    assert table.text(0, 100) == "!! Sat 08:00   1h05 Old Hut is silent"
    for width in (79, 100):
        at = cell_len(table.text(0, width).partition("Old")[0])
        assert table.titles(width).index("Alert") == at
