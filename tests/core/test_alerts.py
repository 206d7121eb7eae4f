"""What the director must look at: one alert a cause, gone when the cause is, with the desk's words beside it."""

import pytest

from tests.core.builders import (
    TIMED,
    alert_word,
    at,
    cutoff,
    decides,
    device_word,
    entrant,
    field_of,
    hand_time,
    heartbeat,
    moves_cutoff,
    race_with,
    read,
    reads,
    station_word,
    void,
    withdraws,
)
from tracker.core.alert import ID_MAX
from tracker.core.alerts import Alert, alerts
from tracker.core.facts import Fact
from tracker.core.field import Field

OUT_OF_TIME = reads("1", start=0)


def ids(field: Field) -> list[str]:
    return [alert.id for alert in alerts(field)]


def only(field: Field, kind: str) -> Alert:
    (found,) = [alert for alert in alerts(field) if alert.kind == kind]
    return found


def field_at(now: str, *facts: Fact, count: int = 1) -> Field:
    return field_of(TIMED, list(facts), now=now, count=count)


ODD = read("99", "botella", "3h", name="odd")

CAUSES: list[tuple[str, list[Fact], str, Fact]] = [
    ("out_of_time/1/botella", OUT_OF_TIME, "8h10", decides("out_of_time", "8h10")),
    (
        "conflict/1",
        [*reads("1", start=0, botella="3h"), withdraws(when="3h10"), read("1", "illa", "8h")],
        "9h",
        decides("reinstated", "9h"),
    ),
    ("suspect/1", [*reads("1", start=0), read("1", "ansalonga", "2h", name="odd")], "3h", void("odd", when="3h")),
    ("unaccounted/1", [*reads("1", start=0), withdraws(when="3h", name="out")], "4h", void("out", when="4h")),
    ("inside/1/botella", [*reads("1", start=0), read("1", "botella", "3h", "in")], "6h", read("1", "botella", "4h", "out")),
    ("silent/botella", [*reads("1", start=0), heartbeat("botella", "3h", 0)], "4h", heartbeat("botella", "3h55", 0)),
    ("closing/botella", [*reads("1", start=0), station_word("botella", "closed", "5h")], "6h", read("1", "botella", "5h")),
    ("before_start/105k", [*reads("1", start=0), read("1", "botella", "-5m", name="odd")], "1h", void("odd", when="1h")),
    (f"unknown_bib/{ODD.key.hex()[:12]}", [ODD], "4h", void("odd", when="4h")),
    ("overdue/1/illa", [*reads("1", start=0, botella="3h")], "12h", read("1", "illa", "11h50")),
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
            "unaccounted/1",
            [withdraws("2", when="7h30")],
            "7h40",
            id="one more runner out and not accounted for",
        ),
        pytest.param(
            [*reads("1", start=0), *reads("2", start=0), withdraws("1", when="7h")],
            "8h",
            "unaccounted/1",
            [withdraws("2", when="5h")],
            "9h",
            id="one who gave up before that, as a backlog tells",
        ),
        pytest.param(
            [*reads("1", start=0), read("1", "botella", "3h", "in")],
            "6h30",
            "inside/1/botella",
            [read("1", "illa", "6h20", "in")],
            "8h21",
            id="in the next station since before that, as a backlog tells",
        ),
        pytest.param(
            [*reads("1", start=0), heartbeat("botella", "1h", 0)],
            "4h",
            "silent/botella",
            [heartbeat("botella", "3h58", 0)],
            "7h",
            id="silent again, since a heartbeat that came late",
        ),
        pytest.param(
            [*reads("1", start=0), heartbeat("botella", "1h", 0, device="spare"), heartbeat("botella", "2h", 0)],
            "2h",
            "silent/botella",
            [],
            "7h",
            id="the device that worked is silent as well",
        ),
        pytest.param(
            [*reads("1", start=0), heartbeat("botella", "1h", 0, device="spare"), heartbeat("botella", "6h", 0)],
            "6h",
            "silent/botella",
            [],
            "6h16",
            id="and was heard long after the other",
        ),
        pytest.param(
            [*reads("1", start=0), *(read("1", "botella", when, device="m", seq=2) for when in ("3h", "4h"))],
            "5h",
            "reused/m/1",
            [read("1", "botella", when, device="m", seq=1) for when in ("3h10", "4h10")],
            "5h",
            id="one more number given twice, below the first",
        ),
        pytest.param(
            [
                *reads("1", start=0),
                *(read("2", "botella", "3h", device="m", seq=seq) for seq in (1, 3)),
                heartbeat("botella", "4h", device="m"),
            ],
            "7h",
            "missing/m/2",
            [heartbeat("botella", "8h05", device="m")],
            "8h10",
            id="somebody is due where facts are missing",
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


def test_what_somebody_must_act_on_comes_first_and_of_that_the_oldest() -> None:
    walking = [*reads("2", start=0), read("2", "ansalonga", "4h"), *reads("3", start=0), read("3", "ansalonga", "4h30")]
    facts = [*reads("1", start=0), withdraws(when="3h"), *walking, station_word("botella", "closed", "4h")]
    assert ids(field_at("5h", *facts, count=3)) == ["unaccounted/1", "closing/botella", "suspect/2", "suspect/3"]
    facts.append(alert_word("unaccounted/1", "acknowledged", "4h30"))
    assert ids(field_at("5h", *facts, count=3)) == ["closing/botella", "suspect/2", "suspect/3", "unaccounted/1"], "seen: the last of all"


def test_a_group_is_named_by_its_first_and_counted() -> None:
    people = [entrant(str(bib)) for bib in range(1, 10)]
    facts = [*(fact for one in people for fact in reads(one.bib, start=0)), station_word("botella", "closed", "3h")]
    found = only(field_of(TIMED, facts, now="4h", entrants=people), "closing")
    assert found.text == "Botella cannot close, still behind it: bibs 1, 2, 3, 4, 5, 6 and 3 more"


def test_who_is_out_is_an_alert_of_his_own_so_that_the_desks_word_on_one_hides_no_other() -> None:
    words = [alert_word("unaccounted/1", "acknowledged", "8h")]
    field = field_at("8h", *reads("1", start=0), *reads("2", start=0), withdraws("1", when="7h"), *words, count=2)
    field.add(withdraws("2", when="5h"))
    found = {alert.id: alert for alert in alerts(field) if alert.kind == "unaccounted"}
    assert {name: (one.race, one.bib, one.word is None) for name, one in found.items()} == {
        "unaccounted/1": ("105k", "1", False),
        "unaccounted/2": ("105k", "2", True),
    }
    assert found["unaccounted/2"].text == "bib 2 is out of the race and not accounted for (last known at Botella)"


@pytest.mark.parametrize(
    ("facts", "now", "cause", "moment"),
    [
        pytest.param(OUT_OF_TIME, "9h", "out_of_time/1/botella", at("8h") + 1, id="the clock struck"),
        pytest.param(
            [*reads("1", start=0), moves_cutoff("botella", by="1h", said="7h")], "10h", "out_of_time/1/botella", at("9h") + 1, id="moved"
        ),
        pytest.param([*OUT_OF_TIME, read("1", "botella", "8h30")], "9h", "out_of_time/1/botella", at("8h30"), id="passed too late"),
        pytest.param([*OUT_OF_TIME, read("1", "botella", "7h", "in")], "8h05", "out_of_time/1/botella", at("8h") + 1, id="never came out"),
        pytest.param(
            [*reads("1", start=0), withdraws(when="3h"), read("1", "botella", "3h30"), read("1", "illa", "8h")],
            "9h",
            "conflict/1",
            at("8h"),
            id="the newest read after a withdrawal",
        ),
        pytest.param(
            [*reads("1", start=0, finish="30h"), withdraws(when="31h")], "32h", "conflict/1", at("31h"), id="gave up after the finish"
        ),
        pytest.param(
            [*reads("1", start=0), read("1", "botella", "-5m"), read("1", "illa", "-2m")],
            "1h",
            "before_start/105k",
            at("-2m"),
            id="before the start",
        ),
    ],
)
def test_an_alert_is_of_the_moment_of_the_newest_thing_it_speaks_of(facts: list[Fact], now: str, cause: str, moment: int) -> None:
    assert [alert.at_ms for alert in alerts(field_at(now, *facts)) if alert.id == cause] == [moment]


def test_who_went_in_and_was_not_seen_going_out_is_not_said_to_be_too_late() -> None:
    field = field_at("8h05", *reads("1", start=0), read("1", "botella", "7h", "in"))
    assert only(field, "out_of_time").text == "bib 1 is out of time at Botella (went in, never seen going out), not yet confirmed"


def test_who_did_not_start_in_a_later_wave_is_not_hidden_by_a_word_on_an_earlier_one() -> None:
    waves = race_with(waves={"a": "0m", "b": "2h"})
    people = [entrant(str(bib), wave="ab"[bib % 2]) for bib in range(6)]
    seen = [fact for bib in "01" for fact in reads(bib, start="2h01" if bib == "1" else 0)]
    seen += [fact for bib in "23" for fact in reads(bib, start="2h01" if bib == "3" else 0)]
    field = field_of(waves, [*seen, word := alert_word("not_started/105k", "acknowledged", "1h")], now="1h", entrants=people)
    assert only(field, "not_started").word == word
    field.advance(at("3h"))
    found = only(field, "not_started")
    assert (found.at_ms, found.word, found.text[-9:]) == (at("2h30"), None, "bibs 4, 5")


def test_a_word_on_a_read_from_the_future_holds() -> None:
    ahead = [*reads("1", start=0), read("1", "botella", "9h")]
    word = alert_word("suspect/1", "acknowledged", "4h")
    field = field_at("4h", *ahead, read("98", "botella", "9h"), word)
    assert only(field, "suspect").word == word
    (stranger,) = [alert for alert in alerts(field) if alert.kind == "unknown_bib"]
    field.add(seen := alert_word(stranger.id, "acknowledged", "4h"))
    assert only(field, "unknown_bib").word == seen


def test_two_facts_with_one_id_are_two_alerts_that_the_desk_can_name() -> None:
    long = "x" * 100
    found = alerts(field_at("4h", read("98", "botella", "3h", name=long), read("99", "botella", "3h", name=long)))
    assert [alert.kind for alert in found].count("unknown_bib") == 2
    assert len({alert.id for alert in found}) == len(found)
    assert max(len(alert.id) for alert in found) <= ID_MAX


def test_an_id_of_long_names_stays_one_that_the_desk_can_name_and_no_other_has() -> None:
    devices = [f"{'mat-' * 24}{number:04}" for number in range(2)]
    facts = [heartbeat("botella", when, seq, device=device) for device in devices for when, seq in (("3h", 0), ("4h", 5))]
    found = [alert.id for alert in alerts(field_at("4h", *reads("1", start=0), *facts)) if alert.kind == "missing"]
    assert len(set(found)) == 2
    assert {len(each) for each in found} == {ID_MAX}


def test_a_word_on_missing_facts_holds_while_the_device_goes_on_without_telling_of_more() -> None:
    word = alert_word("missing/mat-botella/3", "acknowledged", "4h")
    field = field_at("4h", *reads("1", start=0), heartbeat("botella", "3h", 3), heartbeat("botella", "3h55", 3), word)
    assert only(field, "missing").word == word
    field.add(heartbeat("botella", "5h", 3))
    field.advance(at("5h"))
    assert only(field, "missing").word == word


def test_a_device_that_was_set_back_and_gives_its_numbers_again_is_an_alert() -> None:
    numbered = [read(bib, "botella", "5h", device="mat-botella", seq=1) for bib in "12"]
    field = field_at("6h", *reads("1", start=0), *reads("2", start=0), *numbered, heartbeat("botella", "5h55", 1), count=2)
    found = only(field, "reused")
    assert (found.id, found.station) == ("reused/mat-botella/1", "botella")
    assert found.text == "mat-botella at Botella has given numbers to two facts each, as after a reset (seq 1)"
    assert "retire the old one (desk device), which holds the station until then" in found.todo
    field.add(device_word("mat-botella", "retired", "5h58"))
    assert only(field, "reused").todo == "what it read is not to be known whole: compare with its list"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        pytest.param([decides("accepted", "7h30")], True, id="decided before he passed"),
        pytest.param([decides("accepted", "9h")], False, id="decided after"),
        pytest.param([hand_time("illa", "9h", when="9h")], True, id="a hand time elsewhere"),
    ],
)
def test_only_what_was_decided_after_a_passing_too_close_to_its_cutoff_settles_it(facts: list[Fact], *, told: bool) -> None:
    passed = read("1", "botella", "7h59m30", device="mat-botella", seq=1)
    field = field_at("9h", *reads("1", start=0), passed, heartbeat("botella", "9h", 1), *facts)
    field.doubt("mat-botella", 60_000)
    assert ("too_close/1" in ids(field)) is told
    assert "too_close" in field.verdict("1").flags


def test_an_alert_names_the_device_the_checkpoint_and_the_fact_that_it_is_about() -> None:
    gap = [heartbeat("botella", "1h", seq=3, device="b-1"), heartbeat("botella", "3h", seq=3, device="b-1")]
    odd = read("1", "ansalonga", "2h", name="odd")
    field = field_at("4h", *reads("1", start=0), odd, *gap, read("9", "botella", "2h", name="stranger"))
    assert only(field, "missing").device == "b-1"
    assert (only(field, "suspect").fact, only(field, "unknown_bib").fact) == ("odd", "stranger")
    late = field_of(race_with(cutoff("botella", "8h")), reads("1", start=0), now="9h", count=1)
    assert only(late, "out_of_time").checkpoint == "botella"
