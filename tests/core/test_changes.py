"""Who has become something else by what has come since; and how a person says what somebody is."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import (
    TIMED,
    cutoff,
    decides,
    entrant,
    field_of,
    field_of_races,
    hand_time,
    heartbeat,
    moves_race,
    race_with,
    read,
    reads,
    swaps,
    verdict,
    withdraws,
)
from tests.core.random_races import RaceDay, race_days
from tests.core.test_properties import NOWS
from tracker.core.changes import changed, in_words, known, matters
from tracker.core.course import Race
from tracker.core.facts import Fact
from tracker.core.field import Field

SHORT = race_with(cutoff("botella", "8h"), id="50k", points="start:ordino@0 botella@22 finish:ordino@50", gain_m=2900)
THREE = [*reads("1", start=0, botella="7h30"), *reads("2", start=0, botella="5h"), *reads("3", start=0)]
"""One came through in time, one with hours to spare, and one is not there by the cutoff."""


def after(*facts: Fact, race: Race = TIMED, now: str = "9h") -> Field:
    return field_of(race, [*THREE, *facts], now=now)


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
