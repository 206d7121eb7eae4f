"""All runners together: places, the ledger, and one state for one set of facts, however it came."""

from dataclasses import replace

import pytest

from tests.core.builders import (
    GUN_MS,
    TIMED,
    at,
    clock_correction,
    decides,
    device_word,
    entrant,
    field_of,
    hand_time,
    heartbeat,
    key_of,
    penalty,
    race_with,
    read,
    reads,
    starts_at,
    swaps,
    void,
    withdraws,
)
from tracker.core.alerts import Severity, alerts
from tracker.core.course import Event
from tracker.core.facts import CutoffMove, Fact, Heartbeat, Note, Passage
from tracker.core.field import Field
from tracker.core.roster import Roster
from tracker.core.runner import Status
from tracker.core.soundness import check, digest


def places(field: Field) -> dict[str, tuple[int | None, int | None, int | None]]:
    return {line.entrant.bib: (line.rank, line.rank_sex, line.rank_category) for line in field.standings("105k")}


def test_finishers_rank_by_official_time_before_all_who_are_still_racing() -> None:
    facts = reads("1", start=0, finish="16h") + reads("2", start=0, finish="15h") + reads("3", start=0, sorteny="12h")
    assert [line.entrant.bib for line in field_of(race_with(), facts).standings("105k")] == ["2", "1", "3"]


def test_runners_on_the_course_rank_by_the_furthest_checkpoint_and_then_the_arrival_there() -> None:
    facts = reads("1", start=0, botella="4h") + reads("2", start=0, botella="5h", illa="9h") + reads("3", start=0, botella="3h")
    assert field_of(race_with(), facts).leaders("105k", 3) == ["2", "3", "1"]


def test_equal_times_share_a_place_and_the_next_place_is_left_out() -> None:
    facts = [fact for bib, when in (("1", "15h"), ("2", "16h"), ("3", "16h"), ("4", "17h")) for fact in reads(bib, start=0, finish=when)]
    field = field_of(race_with(), facts, count=4)
    assert [places(field)[bib][0] for bib in "1234"] == [1, 2, 2, 4]


def test_places_by_sex_and_by_category_and_sex_count_only_their_own() -> None:
    people = [
        entrant("1", sex="M", category="O40"),
        entrant("2", sex="F", category="O40"),
        entrant("3", sex="F", category="O50"),
        entrant("4"),
        entrant("5", sex="M", category="O40"),
    ]
    facts = [fact for bib in "12345" for fact in reads(bib, start=0, finish=f"1{bib}h")]
    found = places(field_of(race_with(), facts, entrants=people))
    assert found == {"1": (1, 1, 1), "2": (2, 1, 1), "3": (3, 2, 1), "4": (4, None, None), "5": (5, 2, 2)}


def test_who_is_out_or_not_started_has_no_place() -> None:
    facts = [*reads("1", start=0), withdraws("1"), *reads("2", start=0)]
    assert places(field_of(race_with(), facts)) == {"1": (None, None, None), "2": (1, None, None), "3": (None, None, None)}


def test_a_penalty_costs_places() -> None:
    facts = [*reads("1", start=0, finish="15h"), *reads("2", start=0, finish="15h30"), penalty(3600, "1")]
    assert field_of(race_with(), facts).leaders("105k", 2) == ["2", "1"]


def test_the_ledger_sums_to_the_entrants() -> None:
    facts = [*reads("1", start=0), withdraws("1"), *reads("2", start=0)]
    ledger = field_of(race_with(), facts).ledger("105k")
    assert {status: count for status, count in ledger.items() if count} == {Status.DNS: 1, Status.WITHDRAWN: 1, Status.RACING: 1}


def test_the_clock_touches_only_those_for_whom_a_cutoff_strikes() -> None:
    field = field_of(TIMED, reads("1", start=0) + reads("2", start=0, botella="7h"))
    version = field.version("105k")
    field.advance(at("8h"))
    assert field.version("105k") == version
    field.advance(at("8h") + 1)
    assert field.version("105k") == version + 1
    assert (field.verdict("1").status, field.verdict("2").status) == (Status.OUT_OF_TIME, Status.RACING)


def test_the_clock_does_not_go_back() -> None:
    field = field_of(TIMED, now="8h")
    with pytest.raises(ValueError, match="build a new field"):
        field.advance(at("7h"))


def test_a_void_of_a_void_brings_the_fact_back() -> None:
    wrong = read("1", "botella", "2h")
    first = void(wrong, when="3h")
    field = field_of(race_with(), [*reads(start=0), wrong, first])
    assert field.verdict("1").furthest == 0
    field.add(void(first, when="4h"))
    assert field.verdict("1").furthest == 1
    check(field)


def test_two_facts_with_one_id_both_count_and_are_an_alert_and_one_void_takes_both() -> None:
    one, other = read("1", "botella", "4h", name="same"), read("2", "botella", "5h", name="same")
    field = field_of(race_with(), [one, other, one, other])
    assert (field.verdict("1").furthest, field.verdict("2").furthest) == (1, 1)
    assert [alert.kind for alert in alerts(field)] == ["id_reused"]
    field.add(void("same"))
    assert (field.verdict("1").furthest, field.verdict("2").furthest) == (-1, -1)
    assert alerts(field) == []


def test_a_void_that_comes_before_its_fact_holds_all_the_same() -> None:
    wrong = read("1", "botella", "2h")
    assert field_of(race_with(), [void(wrong), wrong]).verdict("1").furthest == -1


def test_a_voided_start_gives_the_scheduled_one_back() -> None:
    correction = starts_at("20m")
    field = field_of(race_with(), [*reads(start="21m", finish="15h"), correction])
    assert field.verdict("1").official_ms == at("14h40") - GUN_MS
    field.add(void(correction))
    assert field.verdict("1").official_ms == at("15h") - GUN_MS


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        (read("99", "botella", "4h"), "unknown_bib"),
        (withdraws("99"), "unknown_bib"),
        (hand_time("nowhere", "4h"), "unknown_checkpoint"),
        (starts_at("1m", race="100k"), "unknown_race"),
        (starts_at("1m", wave="z"), "cannot_apply"),
        (void("p-17"), "unknown_fact"),
        (clock_correction("chapel1", 60), "unknown_device"),
        (device_word("hutt-1", "retired", "1h"), "unknown_device"),
        (swaps("44", "440"), "unknown_bib"),
        (CutoffMove(key_of("c"), "c", GUN_MS, "director", "storm", "105k", "botella", extend_ms=1), "cannot_apply"),
    ],
)
def test_a_fact_that_fits_nobody_is_an_alert_and_never_lost(fact: Fact, kind: str) -> None:
    field = field_of(race_with(), [fact])
    assert [alert.kind for alert in alerts(field) if alert.kind != "never_heard"] == [kind]
    check(field)


def test_a_word_on_what_is_yet_to_be_heard_of_is_an_alert_until_it_is() -> None:
    words: list[Fact] = [
        void("p-17", name="v"),
        clock_correction("hut-1", 60),
        clock_correction("hut-2", 60),
        device_word("hut-3", "retired", "1h"),
    ]
    field = field_of(race_with(), list(words), now="6h")
    assert [alert.todo for alert in alerts(field) if alert.kind == "unknown_fact"] == ["send it again with the id of a fact, and void v"]
    field.extend([read("1", "botella", "4h", name="p-17"), read("1", "botella", "4h", device="hut-1")])
    field.extend([heartbeat("botella", "4h", 0, device="hut-2"), heartbeat("botella", "4h", 0, device="hut-3")])
    assert not {"unknown_fact", "unknown_device"} & {alert.kind for alert in alerts(field)}


def test_a_note_of_the_desk_is_no_alert() -> None:
    assert alerts(field_of(TIMED, [Note(key_of("n"), "n", GUN_MS, "director", "storm", None)])) == []


def test_alerts_say_whom_what_and_what_to_do_and_go_when_their_cause_does() -> None:
    field = field_of(TIMED, reads("1", start=0), now="8h00m01")
    (found,) = alerts(field)
    assert (found.kind, found.severity, found.bib) == ("out_of_time", Severity.ACT, "1")
    assert found.text == "bib 1 is out of time at Botella (never seen after Start), not yet confirmed"
    field.add(decides("accepted", "8h05"))
    assert alerts(field) == []


def test_the_newest_heartbeat_of_a_device_is_kept_whatever_the_order() -> None:
    beats = [Heartbeat(key_of(minute), f"d@{minute}", at(f"{minute}m"), "d", "botella", minute) for minute in (5, 15, 10)]
    (state,) = field_of(race_with(), list(beats)).devices.states(lambda _device, at_ms: at_ms, at("1h"))
    assert (state.heard_ms, state.missing) == (at("15m"), ((1, 15),))


def test_the_digest_tells_states_apart_and_takes_no_notice_of_the_order() -> None:
    facts = reads("1", start=0, botella="4h") + reads("2", start=0)
    one = digest(field_of(TIMED, facts, now="5h"))
    assert one == digest(field_of(TIMED, facts[::-1], now="5h"))
    assert one != digest(field_of(TIMED, facts, now="8h00m01"))
    assert one != digest(field_of(TIMED, facts[:-1], now="5h"))


def test_bibs_lead_to_their_own_race_where_several_share_a_station() -> None:
    long, short = race_with(), replace(race_with(points="start:ordino@0 finish:ordino@7.5", gain_m=650), id="7k5")
    field = Field(Event("e", "E", "Europe/Andorra", (long, short)), Roster((entrant("1"), entrant("2", "7k5"))))
    field.extend([*reads("1", start=0), *reads("2", start=0), *reads("2", finish="1h")])
    field.add(Passage(key_of("x"), "x", at("1h"), "1", "ordino"))
    field.advance(at("1h"))
    assert (field.verdict("1").status, field.verdict("2").status) == (Status.RACING, Status.FINISHED)
