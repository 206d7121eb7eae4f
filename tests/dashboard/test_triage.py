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


def said(one: Alert, until: int | None = None, at: int = 30) -> Alert:
    state = AlertState.ACKNOWLEDGED if until is None else AlertState.SHELVED
    until_ms = None if until is None else START_MS + until * M
    return replace(one, word=AlertWord(b"w", "w", START_MS + at * M, "R. Office", "known", one.id, state, until_ms))


def keys(*found: Alert, held: Held | None = None, unfolded: tuple[str, ...] = (), handled: bool = False) -> list[str]:
    return [line.key for line in triage(found, held, unfolded, handled=handled)]


def test_those_to_act_on_come_first_and_of_each_the_oldest() -> None:
    assert keys(stranger(0), overdue(2, 9), silent(5), overdue(1, 3)) == ["overdue/1/hut", "silent/hut", "overdue/2/hut", "unknown_bib/777"]


def test_of_many_a_few_stand_in_full_and_the_others_in_one_line_which_opens() -> None:
    many = [overdue(bib, bib) for bib in range(1, 61)]
    fold = fold_key(many[0])
    shut = triage([*many, silent(90)])
    assert [line.key for line in shut] == ["overdue/1/hut", "overdue/2/hut", "overdue/3/hut", fold, "silent/hut"]
    assert shut[3].text.startswith("57 more in race long overdue: bibs 4, 5, 6")
    wide = keys(*many, silent(90), unfolded=(fold,))
    assert wide == [*(one.id for one in many[:3]), fold, *(one.id for one in many[3:]), "silent/hut"]


def test_every_alert_stands_in_some_line() -> None:
    many = [*(overdue(bib, bib) for bib in range(1, 61)), silent(), stranger(), said(alert("late", "1", START_MS, "late", "tell"))]
    lines = triage(many, handled=True)
    assert {one.id for line in lines for one in line.of} == {one.id for one in many}


def test_who_is_under_the_cursor_is_not_folded_away() -> None:
    many = [overdue(bib, bib) for bib in range(1, 61)]
    assert keys(*many, held=Held(many[40], open=True))[3:] == [fold_key(many[0]), many[40].id]


def test_what_settled_under_the_cursor_keeps_its_place_and_says_so() -> None:
    lines = triage([overdue(1, 1), overdue(3, 3)], Held(overdue(2, 2), open=True))
    assert [(line.key, line.state) for line in lines] == [
        ("overdue/1/hut", State.OPEN),
        ("overdue/2/hut", State.SETTLED),
        ("overdue/3/hut", State.OPEN),
    ]
    assert "settled: bib 2 is overdue" in Triage(lines, START_MS, "UTC").text(1, 79)


@pytest.mark.parametrize("handled", [False, True])
def test_what_was_acknowledged_under_the_cursor_keeps_its_place_until_the_cursor_goes(handled: bool) -> None:
    found = [overdue(1, 1), said(overdue(2, 2)), overdue(3, 3)]
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


def test_a_line_has_its_age_and_where_there_is_room_the_moment() -> None:
    table = Triage(triage([silent(0)]), START_MS + 65 * M, "Europe/Paris")
    assert table.text(0, 79) == "!!   1h05 Old Hut is silent"
    assert table.text(0, 100) == "!! Sat 08:00   1h05 Old Hut is silent"
    for width in (79, 100):
        at = cell_len(table.text(0, width).partition("Old")[0])
        assert table.titles(width).index("Alert") == at
