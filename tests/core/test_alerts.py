"""What the director must look at: one alert a cause, gone when the cause is, with the desk's words beside it."""

import pytest

from tests.core.builders import (
    alert_word,
    at,
    cutoff,
    decides,
    entrant,
    field_of,
    heartbeat,
    race_with,
    read,
    reads,
    station_word,
    void,
    withdraws,
)
from tracker.core.alerts import Alert, alerts
from tracker.core.clocks import ClockOffset
from tracker.core.facts import Fact, StationChange
from tracker.core.field import Field
from tracker.core.stations import StationStatus, behind, stations

TIMED = race_with(cutoff("botella", "8h"), cutoff("illa", "20h"), cutoff("finish", "42h", on="arrival"))
OUT_OF_TIME = reads("1", start=0)


def ids(field: Field) -> list[str]:
    return [alert.id for alert in alerts(field)]


def only(field: Field, kind: str) -> Alert:
    (found,) = [alert for alert in alerts(field) if alert.kind == kind]
    return found


def field_at(now: str, *facts: Fact, count: int = 1) -> Field:
    return field_of(TIMED, list(facts), now=now, count=count)


CAUSES: list[tuple[str, list[Fact], str, Fact]] = [
    ("out_of_time/1/botella", OUT_OF_TIME, "8h10", decides("out_of_time", "8h10")),
    (
        "conflict/1",
        [*reads("1", start=0, botella="3h"), withdraws(when="3h10"), read("1", "illa", "8h")],
        "8h10",
        decides("reinstated", "9h"),
    ),
    ("suspect/1", [*reads("1", start=0), read("1", "ansalonga", "2h", name="odd")], "3h", void("odd", when="3h")),
    ("unaccounted/105k", [*reads("1", start=0), withdraws(when="3h", name="out")], "4h", void("out", when="4h")),
    ("inside/1", [*reads("1", start=0), read("1", "botella", "3h", "in")], "6h", read("1", "botella", "4h", "out")),
    ("silent/botella", [*reads("1", start=0), heartbeat("botella", "3h", 0)], "4h", heartbeat("botella", "3h55", 0)),
    ("closing/botella", [*reads("1", start=0), station_word("botella", "closed", "5h")], "6h", read("1", "botella", "5h")),
    ("before_start/105k", [*reads("1", start=0), read("1", "botella", "-5m", name="odd")], "1h", void("odd", when="1h")),
    ("unknown_bib/odd", [read("99", "botella", "3h", name="odd")], "4h", void("odd", when="4h")),
]


@pytest.mark.parametrize(("cause", "facts", "now", "end"), CAUSES, ids=[cause[0] for cause in CAUSES])
def test_an_alert_is_one_a_cause_and_clears_by_itself(cause: str, facts: list[Fact], now: str, end: Fact) -> None:
    field = field_at(now, *facts)
    assert [each for each in ids(field) if each == cause] == [cause]
    field.add(end)
    assert cause not in ids(field)


@pytest.mark.parametrize(("cause", "facts", "now", "end"), CAUSES, ids=[cause[0] for cause in CAUSES])
def test_an_alert_has_the_same_id_and_beginning_in_whatever_order_its_facts_came(
    cause: str, facts: list[Fact], now: str, end: Fact
) -> None:
    forward, backward = alerts(field_at(now, *facts)), alerts(field_at(now, *facts[::-1]))
    assert forward == backward
    later = field_at(now, *facts)
    later.advance(later.now_ms + 60_000)
    assert [alert.at_ms for alert in alerts(later) if alert.id == cause] == [alert.at_ms for alert in forward if alert.id == cause]


def test_what_the_desk_has_seen_bears_its_word_and_a_void_takes_the_word_back() -> None:
    word = alert_word("out_of_time/1/botella", "acknowledged", "8h05")
    field = field_at("8h10", *OUT_OF_TIME, word)
    assert only(field, "out_of_time").word == word
    field.add(void(word, when="8h10"))
    assert only(field, "out_of_time").word is None


def test_what_begins_again_after_it_was_seen_is_new() -> None:
    word = alert_word("silent/botella", "acknowledged", "4h")
    field = field_at("4h", *reads("1", start=0), heartbeat("botella", "3h", 0), word)
    assert only(field, "silent").word == word
    field.add(heartbeat("botella", "4h10", 0))
    field.advance(at("4h15"))
    assert ids(field) == []
    field.advance(at("5h"))
    assert only(field, "silent").word is None


@pytest.mark.parametrize(
    ("before", "now", "cause", "more", "later"),
    [
        pytest.param(
            OUT_OF_TIME, "9h", "out_of_time/1/botella", [decides("accepted", "9h30")], "20h10", id="out of time at the next cutoff as well"
        ),
        pytest.param(
            [*reads("1", start=0), withdraws("1", when="3h"), *reads("2", start=0, botella="7h")],
            "4h",
            "unaccounted/105k",
            [withdraws("2", when="7h30")],
            "7h40",
            id="one more runner out and not accounted for",
        ),
        pytest.param(
            [*reads("1", start=0, botella="3h"), read("1", "ansalonga", "3h10")],
            "4h",
            "suspect/1",
            [read("1", "ansalonga", "7h")],
            "7h10",
            id="one more read that cannot be meant",
        ),
        pytest.param(
            [*reads("1", start=0), heartbeat("botella", "3h", 0), heartbeat("botella", "3h30", 1)],
            "3h40",
            "missing/mat-botella/1",
            [heartbeat("botella", "6h", 9)],
            "6h05",
            id="more facts that never came",
        ),
    ],
)
def test_what_is_added_to_a_cause_after_it_was_seen_is_not_hidden_by_the_word(
    before: list[Fact], now: str, cause: str, more: list[Fact], later: str
) -> None:
    field = field_at(now, *before, alert_word(cause, "acknowledged", now), count=2)
    assert [alert.word is None for alert in alerts(field) if alert.id == cause] == [False]
    field.extend(more)
    field.advance(at(later))
    assert None in [alert.word for alert in alerts(field) if alert.kind == cause.split("/", maxsplit=1)[0]]


def test_a_shelved_alert_bears_its_word_until_the_moment_that_was_said() -> None:
    word = alert_word("out_of_time/1/botella", "shelved", "8h10", until="8h40")
    field = field_at("8h39m59", *OUT_OF_TIME, word)
    assert only(field, "out_of_time").word == word
    field.advance(at("8h40"))
    assert only(field, "out_of_time").word is None


def test_of_two_words_on_an_alert_the_newer_stands_and_a_word_on_another_says_nothing() -> None:
    seen, shelved = (
        alert_word("out_of_time/1/botella", "acknowledged", "8h20"),
        alert_word("out_of_time/1/botella", "shelved", "8h10", until="8h15"),
    )
    other = alert_word("out_of_time/2/botella", "acknowledged", "8h25")
    for order in ([seen, shelved, other], [other, shelved, seen]):
        assert only(field_at("8h30", *OUT_OF_TIME, *order), "out_of_time").word == seen


def test_alerts_are_the_newest_first() -> None:
    facts = [*reads("1", start=0), withdraws(when="3h"), *reads("2", start=0), read("2", "ansalonga", "5h")]
    found = alerts(field_at("6h", *facts, count=2))
    assert [alert.kind for alert in found] == ["suspect", "unaccounted"]


def test_a_group_is_named_by_its_first_and_counted() -> None:
    people = [entrant(str(bib)) for bib in range(1, 10)]
    facts = [fact for one in people for fact in (*reads(one.bib, start=0), withdraws(one.bib, when="3h"))]
    found = only(field_of(TIMED, facts, now="4h", entrants=people), "unaccounted")
    assert found.text == "out of race 105k and not accounted for: bibs 1, 2, 3, 4, 5, 6 and 3 more"


TWO = [*reads("1", start=0, botella="3h"), *reads("2", start=0)]


def status(field: Field, station: str = "botella") -> StationStatus:
    return next(found.status for found in stations(field) if found.id == station)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], StationStatus.OPEN, id="nothing said"),
        pytest.param([station_word("botella", "closed", "5h")], StationStatus.CLOSING, id="closed with somebody behind is refused"),
        pytest.param([station_word("botella", "closed", "5h", forced=True)], StationStatus.CLOSED, id="forced"),
        pytest.param([station_word("botella", "swept", "5h")], StationStatus.SWEPT, id="swept"),
        pytest.param(
            [station_word("botella", "closed", "5h"), station_word("botella", "open", "5h10")], StationStatus.OPEN, id="opened again"
        ),
    ],
)
def test_a_station_is_what_the_desk_says_unless_somebody_is_behind(words: list[StationChange], expected: StationStatus) -> None:
    for order in (words, words[::-1]):
        assert status(field_at("6h", *TWO, *order, count=2)) is expected


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(read("2", "botella", "6h"), id="the last one has left"),
        pytest.param(withdraws("2", when="6h"), id="the last one has withdrawn"),
        pytest.param(read("2", "illa", "6h"), id="the last one was seen further on"),
        pytest.param(decides("stopped", "6h", "2"), id="the last one was stopped"),
    ],
)
def test_a_station_that_is_to_close_is_closed_as_soon_as_nobody_is_behind(gone: Fact) -> None:
    field = field_at("6h", *TWO, station_word("botella", "closed", "5h"), count=2)
    assert behind(field, "botella") == ["2"]
    assert only(field, "closing").text == "Botella cannot close, still behind it: bib 2"
    field.add(gone)
    assert (status(field), behind(field, "botella")) == (StationStatus.CLOSED, [])


def test_who_is_in_a_station_is_behind_it_and_a_place_passed_twice_waits_for_the_last_visit() -> None:
    field = field_at("6h", *TWO, read("2", "botella", "5h", "in"), count=2)
    (botella,) = [found for found in stations(field) if found.id == "botella"]
    assert (botella.behind, botella.inside) == (1, 1)
    assert behind(field, "ordino") == ["1", "2"]


@pytest.mark.parametrize(
    ("offset", "told"),
    [
        (ClockOffset(180_000, 500, 12), "the clock of mat-botella at Botella is 180 s ahead"),
        (ClockOffset(-180_000, 500, 12), "the clock of mat-botella at Botella is 180 s behind"),
        (ClockOffset(-180_000, 180_000, 1), None),
        (ClockOffset(20_000, 500, 12), None),
    ],
    ids=["ahead", "behind", "perhaps only late messages", "little"],
)
def test_a_clock_that_is_surely_off_is_an_alert(offset: ClockOffset, told: str | None) -> None:
    field = field_at("1h", *reads("1", start=0), heartbeat("botella", "1h", 0))
    assert [alert.text for alert in alerts(field, {"mat-botella": offset}) if alert.kind == "clock"] == ([told] if told else [])
