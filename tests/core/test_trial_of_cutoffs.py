"""A cutoff that may be moved: who would be something else, and who is expected to be."""

import msgspec
import pytest

from tests.core.builders import (
    TIMED,
    at,
    cutoff,
    entrant,
    field_of,
    field_of_races,
    heartbeat,
    moves_cutoff,
    race_with,
    reads,
    verdict,
    void,
    withdraws,
)
from tests.core.test_changes import SHORT, after
from tests.core.test_properties import seen_from_outside
from tracker.core.changes import in_words, matters
from tracker.core.course import Race
from tracker.core.facts import CutoffMove, Fact
from tracker.core.field import Field
from tracker.core.soundness import check
from tracker.core.trial import Prospect, Trial, trial


def told(found: Trial, race: Race = TIMED) -> list[str]:
    listed = [change for change in found.changes if matters(change.before, change.after)]
    return [f"{change.bib}: {in_words(race, change.before)} -> {in_words(race, change.after)}" for change in listed]


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
    found = trial(after(), [move])
    assert told(found) == expected
    assert found.refused == []


def test_a_cutoff_can_be_set_where_there_was_none() -> None:
    field = after(*reads("1", illa="19h30"), *reads("2", illa="14h", grau_roig="17h"), now="21h")
    found = trial(field, [moves_cutoff("grau-roig", until="20h", said="21h", since="10h")])
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
    assert [line for line in told(trial(field, [move])) if "-> racing" not in line] == expected


def test_both_races_are_asked_at_once_and_only_those_that_are_named() -> None:
    people = [entrant("1"), entrant("2", race="50k")]
    facts = [*reads("1", start=0, botella="7h30"), *reads("2", start=0, botella="7h40")]
    field = field_of_races((TIMED, SHORT), people, facts, now="9h")
    moves = [moves_cutoff("botella", to="7h", said="9h", since="0m", race=race) for race in ("105k", "50k")]
    assert [(change.race, change.bib) for change in trial(field, moves).changes] == [("105k", "1"), ("50k", "2")]
    found = trial(field, moves[1:])
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
    found = trial(after(done_before), [move])
    assert [(one.fact, one.kind, one.text) for one in found.refused] == [(move, "cannot_apply", fault)]
    assert (found.changes, found.prospects) == ([], [])


def test_what_the_desk_has_said_already_counts_and_what_it_took_back_does_not() -> None:
    later = moves_cutoff("botella", by="30m", said="7h")
    extended = moves_cutoff("botella", by="40m", said="9h")
    assert told(trial(after(later), [extended])) == ["3: out of time at Botella -> racing, last seen at Start"]
    assert told(trial(after(later, void(later, when="8h")), [extended])) == []


def test_asking_keeps_nothing() -> None:
    field = after(heartbeat("botella", "8h30", 0))
    before, seen = {bib: field.verdict(bib) for bib in field.runners}, seen_from_outside(field)
    rules, version = field.races["105k"].rules, field.version("105k")
    trial(field, [moves_cutoff("botella", to="4h", said="9h", since="0m", onward=True)])
    assert {bib: field.verdict(bib) for bib in field.runners} == before
    assert (field.races["105k"].rules, field.version("105k"), seen_from_outside(field)) == (rules, version, seen)
    more = [*reads("1", illa="21h"), *reads("2", illa="12h"), *reads("3", botella="10h")]
    field.extend(more)
    field.advance(at("22h"))
    check(field)
    assert seen_from_outside(field) == seen_from_outside(after(heartbeat("botella", "8h30", 0), *more, now="22h"))


FREE = race_with(cutoff("botella", "8h"), points="start:ordino@0 botella@22 illa@52 finish:col@60")


def test_whom_the_fields_own_times_do_not_believe_is_judged_by_the_same_reads_as_before() -> None:
    """A leg in a quarter of the field's time is sifted out; a move of a cutoff elsewhere says nothing of that."""
    one = [*reads("1", start=0, botella="4h"), *reads("1", illa="7h")]
    assert verdict(FREE, one, now="8h").flags == ()
    crowd = [fact for bib in range(2, 40) for fact in reads(str(bib), start=0, botella=f"{240 + bib}m", illa=f"{1080 + bib}m")]
    field = field_of(FREE, [*crowd, *one], now="19h", count=39)
    assert "suspect" in field.verdict("1").flags
    assert trial(field, [moves_cutoff("botella", by="1m", said="19h")]).changes == []


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
    assert trial(field, [moves_cutoff("illa", by=by, said="9h")]).prospects == [Prospect("105k", bib, 2, expected_ms, in_time)]


@pytest.mark.parametrize(("margin_ms", "told_of"), [(0, ["1"]), (-1, [])])
def test_who_is_expected_at_the_very_last_moment_would_be_in_time(margin_ms: int, told_of: list[str]) -> None:
    field = after()
    move = msgspec.structs.replace(moves_cutoff("illa", until="20h30", said="9h"), limit_at_ms=expected_at(field, "1") + margin_ms)
    assert [one.bib for one in trial(field, [move]).prospects] == told_of


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
    assert trial(after(*more), [move]).prospects == []


def test_who_would_be_out_of_time_now_is_not_also_expected_somewhere() -> None:
    found = trial(after(), [moves_cutoff("illa", until="8h30", said="9h", since="8h")])
    assert [change.bib for change in found.changes] == ["1", "2"]
    assert found.prospects == []
