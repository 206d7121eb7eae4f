"""Results that were declared final: what makes them others, what leaves them as they are, and what stands in their way."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings

from tests.core.builders import (
    TIMED,
    accounts_for,
    alert_word,
    at,
    decides,
    entrant,
    field_of,
    field_of_races,
    hand_time,
    heartbeat,
    key_of,
    moves_race,
    penalty,
    race_with,
    read,
    reads,
    station_word,
    void,
    withdraws,
)
from tests.core.random_races import RaceDay, race_days
from tests.core.test_properties import CHANCES, NOWS
from tracker.core.alerts import alerts
from tracker.core.changes import Turn
from tracker.core.facts import Fact, Final
from tracker.core.field import Field
from tracker.core.finals import by_place_alone, changed_results, finality, results_digest, still_open
from tracker.core.soundness import digest

RACE = race_with()
LATER = "50h"
DONE: list[Fact] = [
    *(fact for bib, end in (("1", "20h"), ("2", "21h"), ("3", "22h")) for fact in reads(bib, start=0, botella="5h", illa="9h", finish=end))
]


def final(field: Field, when: str = "45h", race: str = "105k", results: str | None = None, author: str = "jury") -> Final:
    known = f"final/{race}/{when}"
    return Final(key_of(known), known, at(when), author, "no protests", race, results or results_digest(field, race))


def field_with(*more: Fact) -> Field:
    return field_of(RACE, [*DONE, *more], now=LATER)


def test_nothing_is_final_before_somebody_says_so() -> None:
    assert finality(field_with(), "105k") == (None, False)
    assert finality(field_with(), "105k").state == "provisional"


LEAVES = {
    "a heartbeat": heartbeat("illa", "46h", 3),
    "an alert seen": alert_word("silent/illa", "acknowledged", "46h"),
    "a second device's read of the same": read("1", "illa", "9h", name="again", device="spare"),
    "somebody in safe hands": accounts_for("1", "46h"),
    "a station swept": station_word("illa", "swept", "46h"),
    "the same decided again by hand": hand_time("finish", "20h", "46h"),
    "the void of what is not there": void("nothing"),
}


@pytest.mark.parametrize("fact", LEAVES.values(), ids=LEAVES.keys())
def test_what_changes_no_result_leaves_it_final(fact: Fact) -> None:
    field = field_with()
    said = final(field)
    assert finality(field_with(said, fact), "105k") == (said, True)
    assert not any(one.kind == "no_longer_final" for one in alerts(field_with(said, fact)))


CHANGES = {
    "a penalty": (penalty(60, "1"), ["1"], []),
    "a penalty that costs a place": (penalty(5400, "1"), ["1"], ["2"]),
    "another time on the way": (hand_time("illa", "9h10", "46h"), ["1"], []),
    "a disqualification": (decides("disqualified", "46h", "1"), ["1"], ["2", "3"]),
    "a read that was kept back": (read("2", "illa", "9h30", "out", name="kept back"), ["2"], []),
    "a void of a read": (void(DONE[3]), ["1"], ["2", "3"]),
}


@pytest.mark.parametrize(("fact", "own", "by_place"), CHANGES.values(), ids=CHANGES.keys())
def test_what_changes_a_result_is_told_of_each_runner(fact: Fact, own: list[str], by_place: list[str]) -> None:
    then = field_with()
    said = final(then)
    now = field_with(said, fact)
    assert finality(now, "105k") == (said, False)
    turns = changed_results(then, now, "105k")
    assert sorted(turn.bib for turn in turns if not by_place_alone(turn)) == own
    assert sorted(turn.bib for turn in turns if by_place_alone(turn)) == by_place
    assert [one.race for one in alerts(now) if one.kind == "no_longer_final"] == ["105k"]


def test_a_change_that_is_taken_back_makes_them_final_again() -> None:
    field, fact = field_with(), penalty(60, "1", "46h")
    said = final(field)
    assert finality(field_with(said, fact, void(fact, "47h")), "105k") == (said, True)


def test_a_change_more_is_an_alert_of_its_own_so_that_who_has_seen_the_first_hears_of_it() -> None:
    said = final(field_with())
    one, other = (
        [alert for alert in alerts(field_with(said, *more)) if alert.kind == "no_longer_final"]
        for more in (
            (penalty(60, "1"),),
            (penalty(60, "1"), penalty(30, "2")),
        )
    )
    assert one[0].id != other[0].id
    seen = alert_word(one[0].id, "acknowledged", "46h")
    told = [alert for alert in alerts(field_with(said, penalty(60, "1"), seen)) if alert.kind == "no_longer_final"]
    assert [alert.word for alert in told] == [seen]


def test_the_newest_word_stands_and_a_void_takes_it_back() -> None:
    said = final(field_with())
    changed = field_with(penalty(60, "1"))
    again = final(changed, "47h", author="jury, again")
    assert finality(field_with(penalty(60, "1"), again, said), "105k") == (again, True)
    assert finality(field_with(penalty(60, "1"), again, said, void(again, "48h")), "105k") == (said, False)
    assert finality(field_with(said, void(said, "46h")), "105k") == (None, False)


def test_each_race_is_final_by_itself() -> None:
    short = race_with(id="50k")
    entrants = [entrant("1"), entrant("2"), entrant("3"), entrant("4", "50k")]
    ran = [*DONE, *reads("4", start=0, botella="5h", illa="9h", finish="23h")]
    field = field_of_races((RACE, short), entrants, ran, now=LATER)
    said = final(field, race="50k")
    both = field_of_races((RACE, short), entrants, [*ran, said], now=LATER)
    assert (finality(both, "105k"), finality(both, "50k")) == ((None, False), (said, True))
    moved = field_of_races((RACE, short), entrants, [*ran, said, moves_race("50k", "3", "46h")], now=LATER)
    assert not finality(moved, "50k").holds
    turns = changed_results(both, moved, "50k")
    assert [(turn.bib, turn.race_before, turn.race) for turn in turns if turn.race != turn.race_before] == [("3", "105k", "50k")]


def test_a_word_on_a_race_that_is_not_there_is_an_alert() -> None:
    field = field_with(final(field_with(), race="200k", results="0" * 64))
    assert [one.kind for one in alerts(field)] == ["unknown_race"]


def test_the_digest_of_the_state_tells_what_is_final_and_is_as_before_while_nothing_is() -> None:
    field = field_with()
    said = final(field)
    assert digest(field_with(said)) != digest(field)
    assert digest(field_with(said, void(said, "46h"))) == digest(field)


@settings(max_examples=60, deadline=None)
@given(race_days(), CHANCES, NOWS)
def test_results_have_one_digest_in_whatever_order_the_facts_came(day: RaceDay, chance: Random, now_ms: int) -> None:
    one = day.field(now_ms=now_ms)
    other = day.field(chance.sample(day.facts, len(day.facts)), now_ms)
    for race in one.races:
        assert results_digest(one, race) == results_digest(other, race)
        assert changed_results(one, other, race) == []


@settings(max_examples=60, deadline=None)
@given(race_days(), race_days(), CHANCES, NOWS)
def test_whoever_is_told_to_have_changed_is_why_the_digest_has(day: RaceDay, other: RaceDay, chance: Random, now_ms: int) -> None:
    """A field that has been read before gives the digest of one that is made anew, and it is another just when some result is."""
    said = chance.sample(other.facts, min(3, len(other.facts)))
    then, now = day.field(now_ms=now_ms), day.field(now_ms=now_ms)
    before = {race: results_digest(now, race) for race in now.races}
    now.extend(said)
    for race in now.races:
        assert results_digest(now, race) == results_digest(day.field([*day.facts, *said], now_ms), race)
        turns: Sequence[Turn] = changed_results(then, now, race)
        assert bool(turns) is (results_digest(now, race) != before[race])


OPEN: dict[str, tuple[list[Fact], str, str]] = {
    "racing": (reads("1", start=0, botella="5h"), "is still racing, last seen at ", "hand time"),
    "never read": ([], "is entered, and was never read", "dns"),
    "gone and not accounted for": (
        [*reads("1", start=0, botella="5h"), withdraws("1", "botella", "6h")],
        "is out and not accounted for",
        "accounted",
    ),
    "suspect": (
        [*reads("1", start=0, botella="5h", illa="9h", finish="20h"), read("1", "illa", "0h30", name="wrong")],
        "has suspect reads at illa",
        "void",
    ),
    "a conflict": (
        [*reads("1", start=0, botella="5h"), decides("withdrawn", "6h", "1"), accounts_for("1", "30h"), read("1", "illa", "9h")],
        "is withdrawn, conflict: a fact speaks against it",
        "reinstate",
    ),
}


@pytest.mark.parametrize(("facts", "text", "todo"), OPEN.values(), ids=OPEN.keys())
def test_what_is_open_is_listed_with_what_to_do(facts: list[Fact], text: str, todo: str) -> None:
    found = still_open(field_of(RACE, facts, now="25h", count=1), "105k")
    assert [one.text.startswith(text) and todo in one.todo for one in found] == [True], found
    assert (found[0].race, found[0].bib) == ("105k", "1")


def test_a_machines_verdict_is_open_until_somebody_confirms_it() -> None:
    late = reads("1", start=0, botella="9h")
    found = still_open(field_of(TIMED, late, now=LATER, count=1), "105k")
    assert [one.text.split(",")[0] for one in found] == ["is out of time at Botella", "is out and not accounted for"]
    settled = [*late, decides("out_of_time", "31h"), accounts_for("1", "32h")]
    assert still_open(field_of(TIMED, settled, now=LATER, count=1), "105k") == []


def test_nothing_is_open_of_who_is_through_or_surely_out() -> None:
    assert still_open(field_with(), "105k") == []
    out: list[Fact] = [
        decides("dns", "2h", "1"),
        decides("disqualified", "2h", "2"),
        decides("stopped", "46h", "3"),
        accounts_for("3", "47h"),
    ]
    assert still_open(field_of(RACE, out, now=LATER), "105k") == []
