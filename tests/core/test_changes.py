"""Who is something else by a fact: by a cutoff that may be moved, and by what has come since; and how a person says what somebody is."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import (
    at,
    cutoff,
    decides,
    entrant,
    field_of,
    field_of_races,
    hand_time,
    heartbeat,
    moves_cutoff,
    moves_race,
    race_with,
    read,
    reads,
    swaps,
    verdict,
    void,
    withdraws,
)
from tests.core.random_races import GRID_MS, LAST, MOMENTS, SPANS_MS, RaceDay, made, race_days
from tests.core.test_properties import NOWS, seen_from_outside
from tracker.core.changes import Prospect, WhatIf, changed, in_words, known, matters, what_if
from tracker.core.course import Race
from tracker.core.facts import CutoffMove, Fact
from tracker.core.field import Field
from tracker.core.runner import Verdict
from tracker.core.soundness import check

TIMED = race_with(cutoff("botella", "8h"), cutoff("illa", "20h"), cutoff("finish", "42h", on="arrival"))
SHORT = race_with(cutoff("botella", "8h"), id="50k", points="start:ordino@0 botella@22 finish:ordino@50", gain_m=2900)
THREE = [*reads("1", start=0, botella="7h30"), *reads("2", start=0, botella="5h"), *reads("3", start=0)]
"""One came through in time, one with hours to spare, and one is not there by the cutoff."""


def after(*facts: Fact, race: Race = TIMED, now: str = "9h") -> Field:
    return field_of(race, [*THREE, *facts], now=now)


def told(found: WhatIf, race: Race = TIMED) -> list[str]:
    return [f"{change.bib}: {in_words(race, change.before)} -> {in_words(race, change.after)}" for change in found.changes]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        pytest.param(
            moves_cutoff("botella", by="-1h", said="9h", since="-1h"),
            ["1: racing, last seen at Botella -> out of time at Botella, seen there too late"],
            id="tightened from before the start: who came in the last hour is out of time",
        ),
        pytest.param(
            moves_cutoff("botella", by="2h", said="9h"),
            ["3: out of time at Botella -> racing, last seen at Start"],
            id="loosened: who was struck is back",
        ),
        pytest.param(moves_cutoff("botella", by="-1h", said="9h"), [], id="tightened now: nobody is late by a rule that came after him"),
        pytest.param(
            moves_cutoff("botella", to="4h", said="9h", since="0m"),
            [f"{bib}: racing, last seen at Botella -> out of time at Botella, seen there too late" for bib in "12"],
            id="to a time from the start",
        ),
        pytest.param(
            moves_cutoff("botella", until="9h30", said="9h"),
            ["3: out of time at Botella -> racing, last seen at Start"],
            id="to a moment that is still to come",
        ),
        pytest.param(moves_cutoff("botella", until="8h59m59s", said="9h"), [], id="to a moment that has passed"),
        pytest.param(
            moves_cutoff("illa", until="8h30", said="9h", since="8h"),
            ["1: racing, last seen at Botella -> out of time at Illa", "2: racing, last seen at Botella -> out of time at Illa"],
            id="the next cutoff, to a moment that has passed",
        ),
    ],
)
def test_a_moved_cutoff_lists_who_would_be_something_else(move: CutoffMove, expected: list[str]) -> None:
    found = what_if(after(), [move])
    assert told(found) == expected
    assert found.faults == []


def test_a_cutoff_can_be_set_where_there_was_none() -> None:
    field = after(*reads("1", illa="19h30"), *reads("2", illa="14h", grau_roig="17h"), now="21h")
    found = what_if(field, [moves_cutoff("grau-roig", until="20h", said="21h", since="10h")])
    assert told(found) == ["1: racing, last seen at Illa -> out of time at Grau-Roig"]


@pytest.mark.parametrize(
    ("onward", "by", "expected"),
    [
        (False, "-20m", []),
        (True, "-20m", []),
        (False, "-40m", []),
        (True, "-40m", ["1: racing, last seen at Illa -> out of time at Illa, seen there too late, late at Botella"]),
        (True, "4h", []),
    ],
)
def test_an_onward_move_moves_the_later_cutoffs_as_much_and_another_only_its_own(by: str, expected: list[str], *, onward: bool) -> None:
    field = after(*reads("1", botella="5h", illa="19h30"), *reads("2", illa="14h"), withdraws("3", when="2h"), now="21h")
    move = moves_cutoff("botella", by=by, said="21h", since="0m", onward=onward)
    assert [line for line in told(what_if(field, [move])) if "-> racing" not in line] == expected


def test_both_races_are_asked_at_once_and_only_those_that_are_named() -> None:
    people = [entrant("1"), entrant("2", race="50k")]
    facts = [*reads("1", start=0, botella="7h30"), *reads("2", start=0, botella="7h40")]
    field = field_of_races((TIMED, SHORT), people, facts, now="9h")
    moves = [moves_cutoff("botella", to="7h", said="9h", since="0m", race=race) for race in ("105k", "50k")]
    assert [(change.race, change.bib) for change in what_if(field, moves).changes] == [("105k", "1"), ("50k", "2")]
    found = what_if(field, moves[1:])
    assert [(change.race, change.bib) for change in found.changes] == [("50k", "2")]
    assert list(found.rules) == ["50k"]


@pytest.mark.parametrize(
    ("move", "fault"),
    [
        (moves_cutoff("sorteny", by="1h", said="9h"), "sorteny of race 105k has no cutoff to move from: say when it is"),
        (moves_cutoff("sorteny", to="30h", said="9h", onward=True), "sorteny of race 105k has no cutoff to move from: say when it is"),
        (moves_cutoff("nowhere", to="8h", said="9h"), "race 105k has no checkpoint nowhere"),
    ],
    ids=["later than never", "onward from a place without a cutoff", "a place that is not there"],
)
def test_a_move_that_cannot_be_done_is_a_fault_and_changes_nobody(move: CutoffMove, fault: str) -> None:
    done_before = moves_cutoff("nowhere", to="9h", said="2h")
    found = what_if(after(done_before), [move])
    assert [(one.fact, one.text) for one in found.faults] == [(move, fault)]
    assert (found.changes, found.prospects) == ([], [])


def test_what_the_desk_has_said_already_counts_and_what_it_took_back_does_not() -> None:
    later = moves_cutoff("botella", by="30m", said="7h")
    extended = moves_cutoff("botella", by="40m", said="9h")
    assert told(what_if(after(later), [extended])) == ["3: out of time at Botella -> racing, last seen at Start"]
    assert told(what_if(after(later, void(later, when="8h")), [extended])) == []


def test_asking_keeps_nothing() -> None:
    field = after(heartbeat("botella", "8h30", 0))
    before, seen = {bib: field.verdict(bib) for bib in field.runners}, seen_from_outside(field)
    rules, version = field.races["105k"].rules, field.version("105k")
    what_if(field, [moves_cutoff("botella", to="4h", said="9h", since="0m", onward=True)])
    assert {bib: field.verdict(bib) for bib in field.runners} == before
    assert (field.races["105k"].rules, field.version("105k"), seen_from_outside(field)) == (rules, version, seen)
    more = [*reads("1", illa="21h"), *reads("2", illa="12h"), *reads("3", botella="10h")]
    field.extend(more)
    field.advance(at("22h"))
    check(field)
    assert seen_from_outside(field) == seen_from_outside(after(heartbeat("botella", "8h30", 0), *more, now="22h"))


@st.composite
def moves(draw: st.DrawFn) -> CutoffMove:
    """A cutoff moved in the first race, where there may be none, as the desk may say it."""
    how = draw(st.sampled_from(("offset_ms", "limit_at_ms", "extend_ms")))
    to = {"offset_ms": st.integers(0, LAST).map(lambda half_hours: half_hours * GRID_MS), "limit_at_ms": MOMENTS, "extend_ms": SPANS_MS}[
        how
    ]
    from_ms = draw(st.one_of(st.none(), MOMENTS))
    said: dict[str, object] = {"race": "105k", "checkpoint": draw(st.sampled_from(("c1", "c2", "c3", "c4"))), how: draw(to)}
    return made(CutoffMove, "asked", draw(MOMENTS), "director", "what if", **said, from_ms=from_ms, onward=draw(st.booleans()))


@settings(max_examples=250, deadline=None)
@given(race_days(), moves(), NOWS)
def test_who_would_change_is_who_changes_when_it_is_really_done(day: RaceDay, move: CutoffMove, now_ms: int) -> None:
    field = day.field(now_ms=now_ms)
    seen = seen_from_outside(field)
    found = what_if(field, [move])
    done = day.field([*day.facts, move], now_ms)
    expected = {
        bib: (field.verdict(bib), done.verdict(bib)) for bib in field.runners if said_of(field.verdict(bib)) != said_of(done.verdict(bib))
    }
    assert {change.bib: (said_of(change.before), said_of(change.after)) for change in found.changes} == {
        bib: (said_of(before), said_of(after)) for bib, (before, after) in expected.items()
    }
    check(field)
    assert seen_from_outside(field) == seen


def said_of(verdict: Verdict) -> tuple[object, ...]:
    return verdict.status, verdict.at_cutoff, verdict.flags


FREE = race_with(cutoff("botella", "8h"), points="start:ordino@0 botella@22 illa@52 finish:col@60")


def test_whom_the_fields_own_times_do_not_believe_is_judged_by_the_same_reads_as_before() -> None:
    """A leg in a quarter of the field's time is sifted out; a move of a cutoff elsewhere says nothing of that."""
    one = [*reads("1", start=0, botella="4h"), *reads("1", illa="7h")]
    assert verdict(FREE, one, now="8h").flags == ()
    crowd = [fact for bib in range(2, 40) for fact in reads(str(bib), start=0, botella=f"{240 + bib}m", illa=f"{1080 + bib}m")]
    field = field_of(FREE, [*crowd, *one], now="19h", count=39)
    assert "suspect" in field.verdict("1").flags
    assert what_if(field, [moves_cutoff("botella", by="1m", said="19h")]).changes == []


def expected_at(field: Field, bib: str) -> int:
    field.refresh()
    forecast = field.races["105k"].forecaster.forecast(field.runners[bib].no)
    assert forecast is not None
    return forecast.expected_ms


@pytest.mark.parametrize(
    ("by", "bib", "in_time"),
    [("1h", "1", True), ("-7h", "2", False)],
    ids=["loosened: who is expected after the cutoff would be in time", "tightened: who is expected before it would be too late"],
)
def test_who_is_on_the_way_to_a_moved_cutoff_is_told_if_he_is_expected_on_its_other_side(by: str, bib: str, *, in_time: bool) -> None:
    field = after()
    expected_ms = expected_at(field, bib)
    assert (expected_ms > at("20h")) is in_time
    assert what_if(field, [moves_cutoff("illa", by=by, said="9h")]).prospects == [Prospect("105k", bib, 2, expected_ms, in_time)]


@pytest.mark.parametrize(("margin_ms", "told_of"), [(0, ["1"]), (-1, [])])
def test_who_is_expected_at_the_very_last_moment_would_be_in_time(margin_ms: int, told_of: list[str]) -> None:
    field = after()
    move = msgspec.structs.replace(moves_cutoff("illa", until="20h30", said="9h"), limit_at_ms=expected_at(field, "1") + margin_ms)
    assert [one.bib for one in what_if(field, [move]).prospects] == told_of


@pytest.mark.parametrize(
    ("more", "move"),
    [
        pytest.param([], moves_cutoff("finish", by="-41h", said="9h"), id="a cutoff that is not the next one"),
        pytest.param(
            [withdraws("1"), withdraws("2")], moves_cutoff("illa", by="-7h", said="9h"), id="who has withdrawn is expected nowhere"
        ),
        pytest.param([], moves_cutoff("illa", by="10m", said="9h"), id="not by enough"),
    ],
)
def test_nobody_is_expected_on_the_other_side_of(more: list[Fact], move: CutoffMove) -> None:
    assert what_if(after(*more), [move]).prospects == []


def test_who_would_be_out_of_time_now_is_not_also_expected_somewhere() -> None:
    found = what_if(after(), [moves_cutoff("illa", until="8h30", said="9h", since="8h")])
    assert [change.bib for change in found.changes] == ["1", "2"]
    assert found.prospects == []


WORDS: list[tuple[list[Fact], str, str]] = [
    ([], "1h", "entered"),
    ([fact for bib in "23" for fact in reads(bib, start=0)], "1h", "proposed as not starting"),
    ([decides("dns", "-10m")], "1h", "dns"),
    (reads(start=0), "1h", "racing, last seen at Start"),
    (reads(start=0, botella="5h"), "6h", "racing, last seen at Botella"),
    (reads(start=0, botella="8h10", illa="15h"), "16h", "racing, last seen at Illa, late at Botella"),
    (reads(start=0, botella="8h10", illa="20h10", grau_roig="22h"), "22h10", "racing, last seen at Grau-Roig, late at Botella and Illa"),
    ([*reads(start=0), heartbeat("botella", "3h", 0)], "8h10", "racing, last seen at Start, unconfirmed at Botella"),
    ([*reads(start=0, botella="3h")], "19h59", "racing, last seen at Botella, overdue"),
    ([*reads(start=0), read("1", "ansalonga", "1h")], "2h", "racing, last seen at Start, suspect"),
    (reads(start=0, finish="30h"), "31h", "finished"),
    (reads(start=0), "8h10", "out of time at Botella"),
    (reads(start=0, botella="8h10"), "9h", "out of time at Botella, seen there too late"),
    (reads(start=0, botella="8h10"), "21h", "out of time at Botella, seen there too late"),
    (reads(start=0, botella="8h10", illa="20h10"), "21h", "out of time at Illa, seen there too late, late at Botella"),
    (reads(start=0, botella="8h10", illa="19h", grau_roig="22h"), "42h10", "out of time at Finish, late at Botella"),
    ([*reads(start=0), decides("out_of_time", "8h20")], "9h", "out of time"),
    ([*reads(start=0), decides("disqualified", "3h")], "4h", "disqualified"),
    ([*reads(start=0), decides("stopped", "3h")], "4h", "stopped"),
    ([*reads(start=0, botella="3h"), withdraws(when="3h10")], "4h", "withdrawn"),
    ([*reads(start=0, botella="3h"), withdraws(when="3h10"), read("1", "illa", "8h")], "9h", "withdrawn, conflict"),
]


@pytest.mark.parametrize(("facts", "now", "words"), WORDS, ids=[f"{words} ({now})" for _, now, words in WORDS])
def test_a_verdict_reads_as_a_person_says_it(facts: list[Fact], now: str, words: str) -> None:
    assert in_words(TIMED, verdict(TIMED, facts, now=now)) == words


MORE: list[tuple[str, list[Fact], list[Fact]]] = [
    ("a read has shown that it was late there", reads(start=0, illa="12h"), reads(botella="8h10")),
    ("who was not there was, but too late", reads(start=0), reads(botella="8h10")),
    ("who had finished was there too late", reads(start=0, illa="12h", finish="13h50"), reads(botella="8h10")),
    ("it was confirmed that he is out of time", reads(start=0), [decides("out_of_time", "13h")]),
    ("it was confirmed that he does not start", [*reads("2", start=0), *reads("3", start=0)], [decides("dns", "13h")]),
]


@pytest.mark.parametrize(("facts", "more"), [(facts, more) for _, facts, more in MORE], ids=[name for name, _, _ in MORE])
def test_what_has_changed_also_reads_otherwise(facts: list[Fact], more: list[Fact]) -> None:
    """Or a director is told that `racing, last seen at Illa` no longer holds, and is now `racing, last seen at Illa`."""
    before, now = (verdict(TIMED, found, now="14h") for found in (facts, [*facts, *more]))
    assert matters(before, now)
    assert in_words(TIMED, before) != in_words(TIMED, now)


FILLED: list[tuple[str, list[Fact], list[Fact]]] = [
    ("the checkpoint he was missed at has read him", reads(start=0, illa="12h"), reads(botella="5h")),
    ("the desk has given the time that was missing", reads(start=0, illa="12h"), [hand_time("botella", "5h", when="13h")]),
    ("who has finished was there as well", reads(start=0, illa="12h", finish="13h50"), reads(botella="5h")),
]


@pytest.mark.parametrize(("facts", "more"), [(facts, more) for _, facts, more in FILLED], ids=[name for name, _, _ in FILLED])
def test_a_gap_that_is_filled_makes_nobody_something_else(facts: list[Fact], more: list[Fact]) -> None:
    before, now = (verdict(TIMED, found, now="14h") for found in (facts, [*facts, *more]))
    assert before.flags != now.flags
    assert not matters(before, now)
    assert in_words(TIMED, before) == in_words(TIMED, now)


def test_a_clock_that_is_doubted_makes_nobody_something_else() -> None:
    before = verdict(TIMED, reads(start=0, botella="7h59"), now="9h")
    doubted = msgspec.structs.replace(before, flags=("too_close", *before.flags))
    assert not matters(before, doubted)
    assert matters(before, msgspec.structs.replace(doubted, flags=("too_close", "conflict")))


@settings(max_examples=100, deadline=None)
@given(race_days(), NOWS, st.integers(min_value=0))
def test_whoever_is_something_else_by_some_fact_reads_otherwise(day: RaceDay, now_ms: int, kept: int) -> None:
    """Or a director is told that `racing, last seen at Illa` no longer holds, and is now `racing, last seen at Illa`."""
    field = day.field(day.facts[: kept % (len(day.facts) + 1)], now_ms)
    before = known(field, field.runners)
    field.extend(day.facts)
    races = field.event.by_id
    for change in changed(field, before):
        assert in_words(races[change.race_before], change.before) != in_words(races[change.race], change.after)


def test_who_is_something_else_by_now_is_told_with_what_he_was() -> None:
    field = after(now="13h")
    before = known(field, [*field.runners, "a bib that nobody wears"])
    field.extend([*reads("3", botella="7h50"), *reads("1", illa="12h30")])
    [change] = changed(field, before)
    assert (change.race, change.bib) == ("105k", "3")
    assert (in_words(TIMED, change.before), in_words(TIMED, change.after)) == ("out of time at Botella", "racing, last seen at Botella")


def test_whose_reads_were_anothers_are_both_something_else() -> None:
    field = after()
    before = known(field, field.runners)
    field.add(swaps("1", "3", said="9h"))
    assert [change.bib for change in changed(field, before)] == ["1", "3"]


def test_who_was_moved_to_a_shorter_race_is_told_in_words_of_the_race_he_was_in() -> None:
    """Grau-Roig is no checkpoint of the race that he is in now."""
    people = [entrant("1"), entrant("2", race="50k")]
    field = field_of_races((TIMED, SHORT), people, reads("1", start=0, botella="5h", illa="8h", grau_roig="8h50"), now="9h")
    before = known(field, field.runners)
    field.add(moves_race("50k", "1", said="9h"))
    [change] = [change for change in changed(field, before) if change.bib == "1"]
    assert (change.race_before, change.race) == ("105k", "50k")
    races = {race.id: race for race in (TIMED, SHORT)}
    assert in_words(races[change.race], change.after) == "racing, last seen at Botella, suspect"
    assert in_words(races[change.race_before], change.before) == "racing, last seen at Grau-Roig"


def test_who_was_moved_to_another_race_and_reads_as_before_is_nothing_else() -> None:
    people = [entrant("1"), entrant("2", race="50k")]
    field = field_of_races((TIMED, SHORT), people, reads("1", start=0, botella="5h"), now="6h")
    before = known(field, field.runners)
    field.add(moves_race("50k", "1", said="6h"))
    assert [known(field, "1")["1"][0], before["1"][0]] == ["50k", "105k"]
    assert [change.bib for change in changed(field, before)] == ["2"], "at the start of his race somebody was read now, and he was not"
