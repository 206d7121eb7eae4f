"""Absence is judged only on what is complete: a station that was heard through the cutoff, or that nobody monitors."""

import pytest

from tests.core.builders import (
    TIMED,
    at,
    clock_correction,
    decides,
    device_word,
    entrant,
    field_of,
    heartbeat,
    read,
    reads,
    station_word,
    void,
    withdraws,
)
from tracker.core.alerts import alerts
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.runner import Status
from tracker.core.soundness import check, digest
from tracker.core.stations import StationStatus, stations

UNCONFIRMED = (Status.RACING, ("unconfirmed",))
STRUCK = (Status.OUT_OF_TIME, ("provisional",))
RACING = (Status.RACING, ())


def what(field: Field, bib: str = "1") -> tuple[Status, tuple[str, ...]]:
    check(field)
    found = field.verdict(bib)
    return found.status, found.flags


def at_botella(bib: str, when: str, seq: int) -> Fact:
    return read(bib, "botella", when, device="mat-botella", seq=seq)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        pytest.param([], STRUCK, id="a station that never sent a heartbeat is not monitored and counts as heard"),
        pytest.param([heartbeat("botella", "8h", 0)], STRUCK, id="heard at the cutoff, everything known"),
        pytest.param([heartbeat("botella", "7h59m59", 0)], UNCONFIRMED, id="last heard a second before the cutoff"),
        pytest.param([heartbeat("botella", "8h05", 3)], UNCONFIRMED, id="heard, but facts are missing"),
        pytest.param([heartbeat("botella", "8h05")], STRUCK, id="heard by a device that does not number its facts"),
        pytest.param([at_botella("2", "5h", 1), heartbeat("botella", "8h05", 1)], STRUCK, id="heard, and its facts have come"),
        pytest.param([at_botella("2", "5h", 2), heartbeat("botella", "8h05", 2)], UNCONFIRMED, id="a gap in the numbers"),
        pytest.param(
            [heartbeat("botella", "8h05", 0), heartbeat("botella", "6h", 0, device="second")],
            UNCONFIRMED,
            id="one of two devices is silent",
        ),
        pytest.param([heartbeat("illa", "6h", 0)], STRUCK, id="another station is silent"),
    ],
)
def test_who_was_not_seen_at_a_cutoff_is_judged_when_the_station_is_heard_through_it(
    heard: list[Fact], expected: tuple[Status, tuple[str, ...]]
) -> None:
    assert what(field_of(TIMED, [*reads(start=0), *heard], now="8h10")) == expected


def test_a_read_that_is_late_needs_no_heartbeat() -> None:
    facts = [*reads(start=0), at_botella("1", "8h05", 7), heartbeat("botella", "6h", 7)]
    assert what(field_of(TIMED, facts, now="8h10")) == (Status.OUT_OF_TIME, ("provisional", "late:botella"))


def test_once_the_backlog_is_in_the_verdict_follows_for_each_runner() -> None:
    everybody = [fact for bib in "12" for fact in reads(bib, start=0)]
    field = field_of(TIMED, [*everybody, heartbeat("botella", "8h30", 1)], now="9h")
    assert [what(field, bib) for bib in "12"] == [UNCONFIRMED, UNCONFIRMED]
    field.add(at_botella("2", "7h50", 1))
    assert [what(field, bib) for bib in "12"] == [STRUCK, RACING]


def test_a_heartbeat_after_the_cutoff_lets_the_clocks_verdict_be_made() -> None:
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "7h", 0)], now="8h30")
    assert what(field) == UNCONFIRMED
    field.add(heartbeat("botella", "7h50", 0))
    assert what(field) == UNCONFIRMED
    field.add(heartbeat("botella", "8h20", 0))
    assert what(field) == STRUCK


def test_a_new_device_of_which_nothing_is_known_yet_takes_the_verdict_back() -> None:
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "8h05", 0)], now="8h10")
    assert what(field) == STRUCK
    field.add(heartbeat("botella", "7h", 4, device="second"))
    assert what(field) == UNCONFIRMED


def test_a_device_that_was_carried_to_another_station_is_heard_there() -> None:
    early = heartbeat("botella", "6h", 0, device="mat")
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "8h10", 0), early], now="8h10")
    assert what(field) == UNCONFIRMED
    field.add(heartbeat("illa", "7h30", 0, device="mat"))
    assert what(field) == STRUCK


def test_where_two_stations_are_silent_the_one_that_is_heard_first_decides() -> None:
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "7h", 0), heartbeat("illa", "7h", 0)], now="21h")
    assert what(field) == UNCONFIRMED
    field.add(heartbeat("illa", "20h30", 0))
    assert what(field) == STRUCK
    assert field.verdict("1").at_cutoff == 2


def test_who_is_seen_further_on_needs_no_word_of_the_silent_station() -> None:
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "7h", 0)], now="9h")
    assert what(field) == UNCONFIRMED
    field.add(read("1", "illa", "9h"))
    assert what(field) == (Status.RACING, ("missed:botella",))


@pytest.mark.parametrize(
    ("word", "vouches"),
    [
        pytest.param(station_word("botella", "swept", "8h05"), True, id="swept"),
        pytest.param(station_word("botella", "closed", "8h05", forced=True), True, id="closed by force"),
        pytest.param(station_word("botella", "closed", "8h05"), False, id="to be closed"),
        pytest.param(station_word("botella", "open", "8h05"), False, id="open"),
        pytest.param(station_word("illa", "swept", "8h05"), False, id="another one swept"),
    ],
)
def test_a_person_may_vouch_for_a_silent_station_and_take_the_word_back(word: Fact, vouches: bool) -> None:
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "7h", 0), word], now="8h10")
    assert what(field) == (STRUCK if vouches else UNCONFIRMED)
    field.add(void(word, when="8h10"))
    assert what(field) == UNCONFIRMED


def test_of_two_words_on_a_station_the_newer_stands() -> None:
    words = [station_word("botella", "swept", "8h05"), station_word("botella", "open", "8h08")]
    for order in (words, words[::-1]):
        assert what(field_of(TIMED, [*reads(start=0), heartbeat("botella", "7h", 0), *order], now="8h10")) == UNCONFIRMED


def test_a_clock_that_the_desk_corrects_was_heard_at_another_moment() -> None:
    field = field_of(TIMED, [*reads(start=0), heartbeat("botella", "8h05", 0)], now="9h")
    assert what(field) == STRUCK
    field.add(ahead := clock_correction("mat-botella", 600, said="9h"))
    assert what(field) == UNCONFIRMED
    field.add(void(ahead, when="9h"))
    assert what(field) == STRUCK


def test_a_corrected_clock_moves_its_reads_and_nobody_elses() -> None:
    mine = read("1", "botella", "8h05", device="mat-botella", seq=1)
    field = field_of(TIMED, [*reads("1", start=0), *reads("2", start=0), mine, read("2", "botella", "8h05")], now="8h10")
    assert [what(field, bib)[0] for bib in "12"] == [Status.OUT_OF_TIME, Status.OUT_OF_TIME]
    field.add(clock_correction("mat-botella", 600, said="8h10"))
    assert [what(field, bib)[0] for bib in "12"] == [Status.RACING, Status.OUT_OF_TIME]
    assert mine.at_ms == at("8h05")


def test_a_clock_is_corrected_only_for_the_stretch_that_was_said() -> None:
    facts = [*reads(start=0), read("1", "botella", "8h05", device="mat-botella", seq=1)]
    assert what(field_of(TIMED, [*facts, clock_correction("mat-botella", 600, until="8h05")], now="8h10"))[0] is Status.OUT_OF_TIME
    assert what(field_of(TIMED, [*facts, clock_correction("mat-botella", 600, since="8h05")], now="8h10"))[0] is Status.RACING


@pytest.mark.parametrize("out", [decides("stopped", "7h"), withdraws(when="7h")], ids=["stopped", "withdrawn"])
def test_nobody_is_unconfirmed_who_is_out_by_a_persons_word(out: Fact) -> None:
    found = what(field_of(TIMED, [*reads(start=0), heartbeat("botella", "6h", 0), out], now="9h"))
    assert found == (Status(out.status.value) if hasattr(out, "status") else Status.WITHDRAWN, ())


def test_a_silent_station_is_one_alert_that_speaks_for_its_runners() -> None:
    people = [entrant(str(bib)) for bib in range(1, 41)]
    starts = [fact for one in people for fact in reads(one.bib, start=0)]
    field = field_of(TIMED, [*starts, heartbeat("botella", "7h", 0)], entrants=people, now="8h30")
    (found,) = alerts(field)
    assert (found.id, found.station) == ("silent/botella", "botella")
    assert found.text == "Botella is silent (mat-botella): 40 runners are still to come or to leave, 40 runners due there and not judged"
    field.extend([heartbeat("botella", "8h30", 40), *(at_botella(one.bib, "7h30", seq) for seq, one in enumerate(people, 1))])
    assert alerts(field) == []


def test_a_station_that_nobody_is_to_come_to_any_more_is_not_silent() -> None:
    field = field_of(TIMED, [*reads("1", start=0, botella="5h"), heartbeat("botella", "6h", 0)], now="7h", count=1)
    assert alerts(field) == []


def test_facts_that_a_device_told_of_and_that_never_came_are_an_alert_with_their_numbers() -> None:
    facts = [*reads("1", start=0), at_botella("1", "5h", 1), at_botella("1", "5h01", 4), heartbeat("botella", "6h", 5)]
    field = field_of(TIMED, [*facts, heartbeat("botella", "5h30", 0)], now="6h", count=1)
    (found,) = [alert for alert in alerts(field) if alert.kind == "missing"]
    assert (found.id, found.text) == ("missing/mat-botella/5", "mat-botella at Botella has told of 3 facts that never came (seq 2-3, 5)")
    field.extend([at_botella("1", f"5h0{seq}", seq) for seq in (2, 3, 5)])
    assert alerts(field) == []


def test_facts_and_heartbeats_in_any_order_give_the_same_field() -> None:
    facts = [
        *reads("1", start=0),
        *reads("2", start=0),
        at_botella("2", "7h50", 1),
        heartbeat("botella", "7h", 0),
        heartbeat("botella", "8h30", 1),
        heartbeat("illa", "8h", 0),
        station_word("illa", "swept", "9h"),
    ]
    forward = field_of(TIMED, facts, now="21h")
    backward = field_of(TIMED, [], now="0m")
    for hour, fact in enumerate(facts[::-1], 1):
        backward.add(fact)
        backward.advance(at(f"{3 * hour}h"))
        check(backward)
    assert digest(backward) == digest(forward)


def test_a_spare_device_that_was_switched_off_keeps_its_station_silent_until_the_desk_retires_it() -> None:
    mat, spare = heartbeat("botella", "8h05", 0), heartbeat("botella", "2h", 0, device="spare")
    field = field_of(TIMED, [*reads(start=0), mat, spare], now="8h06", count=1)
    assert field.verdict("1").flags == ("unconfirmed",)
    gone = device_word("spare", "retired", "8h06")
    field.add(gone)
    assert (field.verdict("1").status, field.verdict("1").flags) == (Status.OUT_OF_TIME, ("provisional",))
    assert [station.status for station in stations(field) if station.id == "botella"] == [StationStatus.OPEN]
    field.add(device_word("spare", "in_use", "8h07"))
    assert field.verdict("1").flags == ("unconfirmed",)
    check(field)


def test_a_station_whose_only_device_is_retired_is_heard_no_further_than_that_told() -> None:
    field = field_of(
        TIMED, [*reads(start=0), heartbeat("botella", "2h", 0), device_word("mat-botella", "retired", "3h")], now="8h06", count=1
    )
    assert field.verdict("1").flags == ("unconfirmed",)
    check(field)
