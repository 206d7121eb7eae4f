"""A passing so near to its cutoff that the clock which timed it may have decided: on either side of the limit, and no further."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import (
    alert_word,
    clock_correction,
    cutoff,
    decides,
    field_of,
    hand_time,
    heartbeat,
    moves_cutoff,
    moves_race,
    race_with,
    read,
    reads,
)
from tests.core.random_races import STATIONS, RaceDay, race_days
from tests.core.test_properties import NOWS
from tracker.core.alerts import Alert, alerts
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.runner import Status
from tracker.core.soundness import check, digest

TIMED = race_with(cutoff("botella", "8h"), cutoff("illa", "20h", on="arrival"), cutoff("finish", "42h", on="arrival"))
BOTH = race_with(cutoff("botella", "8h", on="both"))
MAT = "mat-botella"
DOUBT_MS = 60_000


def at_botella(when: str, way: str | None = None, device: str = MAT, name: str | None = None) -> Fact:
    return read("1", "botella", when, way, device=device, seq=1, name=name)


def doubted(*facts: Fact, doubt_ms: int = DOUBT_MS, now: str = "9h", device: str = MAT) -> Field:
    """Bib 1 set out, and the clock of a mat at Botella may be off."""
    field = field_of(TIMED, [*reads("1", start=0), heartbeat("botella", "8h30", 1), *facts], now=now)
    field.doubt(device, doubt_ms)
    return field


def is_too_close(field: Field, bib: str = "1") -> bool:
    check(field)
    return "too_close" in field.verdict(bib).flags


def told(field: Field) -> list[Alert]:
    return [alert for alert in alerts(field) if alert.kind == "too_close"]


@pytest.mark.parametrize(
    ("when", "status", "close"),
    [
        pytest.param("7h59m00", Status.RACING, False, id="in time by as much as the clock may be off"),
        pytest.param("7h59m01", Status.RACING, True, id="in time by less"),
        pytest.param("8h", Status.RACING, True, id="in the last moment"),
        pytest.param("8h00m59", Status.OUT_OF_TIME, True, id="too late by less"),
        pytest.param("8h01m00", Status.OUT_OF_TIME, False, id="too late by as much"),
    ],
)
def test_a_passing_nearer_to_its_cutoff_than_the_clock_may_be_off_is_too_close(when: str, status: Status, *, close: bool) -> None:
    field = doubted(at_botella(when))
    assert (field.verdict("1").status, is_too_close(field)) == (status, close)
    assert [alert.id for alert in told(field)] == (["too_close/1"] if close else [])


def test_a_clock_that_is_known_to_be_right_leaves_no_doubt() -> None:
    field = doubted(at_botella("8h"))
    assert is_too_close(field)
    field.doubt(MAT, 0)
    assert not is_too_close(field)
    assert told(field) == []


@pytest.mark.parametrize(
    ("way", "when", "close"), [("in", "7h59m30", False), ("out", "8h00m30", True), ("out", "8h30", False), (None, "7h59m30", True)]
)
def test_a_cutoff_on_departure_asks_for_the_passing_out(way: str | None, when: str, *, close: bool) -> None:
    assert is_too_close(doubted(at_botella(when, way))) is close


@pytest.mark.parametrize(("into", "out", "close"), [("7h59m30", "8h30", True), ("7h", "8h00m30", True), ("7h", "8h30", False)])
def test_a_cutoff_on_both_asks_for_either(into: str, out: str, *, close: bool) -> None:
    reads_there = [read("1", "botella", into, "in", device=MAT, seq=1), read("1", "botella", out, "out", device=MAT, seq=2)]
    field = field_of(BOTH, [*reads("1", start=0), heartbeat("botella", "8h40", 2), *reads_there], now="9h")
    field.doubt(MAT, DOUBT_MS)
    assert is_too_close(field) is close


@pytest.mark.parametrize(
    ("facts", "close"),
    [
        pytest.param([at_botella("8h01m30")], False, id="as it was"),
        pytest.param([at_botella("8h01m30"), moves_cutoff("botella", by="1m", said="7h")], True, id="the cutoff was moved to where he is"),
        pytest.param([at_botella("7h59m30"), moves_cutoff("botella", by="10m", said="7h")], False, id="the cutoff was moved away from him"),
    ],
)
def test_the_cutoff_that_counts_is_the_one_in_force(facts: list[Fact], *, close: bool) -> None:
    assert is_too_close(doubted(*facts)) is close


def test_the_clock_of_another_station_says_nothing_of_this_one() -> None:
    field = field_of(
        TIMED, [*reads("1", start=0), heartbeat("botella", "8h30", 1), heartbeat("illa", "8h30", 0), at_botella("8h")], now="9h"
    )
    field.doubt("mat-illa", DOUBT_MS)
    assert not is_too_close(field)


def test_at_a_station_of_two_devices_the_worse_clock_counts() -> None:
    field = doubted(at_botella("7h58m"), heartbeat("botella", "8h30", 1, device="second"))
    field.doubt("second", 180_000)
    assert is_too_close(field)
    field.doubt("second", 1_000)
    assert not is_too_close(field)


def test_a_doubt_that_comes_before_the_read_counts_as_one_that_comes_after() -> None:
    before = doubted()
    before.add(at_botella("7h59m30"))
    after = doubted(at_botella("7h59m30"))
    assert is_too_close(before)
    assert before.verdict("1") == after.verdict("1")


def test_a_doubt_that_is_known_before_the_device_was_heard_anywhere_counts_once_it_is() -> None:
    field = field_of(TIMED, reads("1", start=0), now="9h")
    field.doubt(MAT, DOUBT_MS)
    field.extend([heartbeat("botella", "8h30", 1), at_botella("7h59m30")])
    assert is_too_close(field)


def test_a_doubt_goes_with_its_device_to_another_station() -> None:
    field = doubted(at_botella("7h59m30"), *reads("2", start=0, botella="5h", illa="19h59m30"), now="21h")
    assert (is_too_close(field), is_too_close(field, "2")) == (True, False)
    field.add(heartbeat("illa", "19h", 1, device=MAT))
    assert (is_too_close(field), is_too_close(field, "2")) == (False, True)


def test_the_doubt_is_kept_when_the_field_is_built_anew() -> None:
    field = doubted(at_botella("7h59m30"))
    field.add(moves_race("105k", "2"))
    assert is_too_close(field)


@pytest.mark.parametrize("seconds", [180, -180], ids=["ahead", "behind"])
def test_the_desks_word_on_the_clock_clears_whom_it_moves_away_from_the_cutoff(seconds: int) -> None:
    field = doubted(at_botella("7h59m30"))
    assert is_too_close(field)
    field.add(clock_correction(MAT, seconds, said="9h"))
    assert not is_too_close(field)
    assert told(field) == []
    assert field.verdict("1").status is (Status.RACING if seconds > 0 else Status.OUT_OF_TIME)


def test_the_desks_word_on_the_clock_tells_whom_it_moves_to_the_cutoff() -> None:
    field = doubted(at_botella("8h03m10"))
    assert not is_too_close(field)
    field.add(clock_correction(MAT, 180, said="9h"))
    assert is_too_close(field)


@pytest.mark.parametrize(
    "done",
    [
        pytest.param(decides("accepted", "9h"), id="the passing was accepted"),
        pytest.param(decides("out_of_time", "9h"), id="it was confirmed that it was late"),
        pytest.param(hand_time("botella", "7h50", when="9h"), id="the desk has the right time, and it was long before"),
        pytest.param(hand_time("botella", "8h00m10", when="9h"), id="the desk has the right time, by its own clock"),
    ],
)
def test_who_has_done_what_the_alert_asks_for_sees_it_no_more(done: Fact) -> None:
    field = doubted(at_botella("8h00m30"))
    assert told(field)
    field.add(done)
    assert told(field) == []


def test_what_the_desk_has_seen_bears_its_word() -> None:
    word = alert_word("too_close/1", "acknowledged", "9h")
    [alert] = told(doubted(at_botella("7h59m30"), word))
    assert (alert.word, alert.text) == (word, "bib 1 passed a cutoff by less than the clock there may be off")


def test_it_is_no_part_of_the_digest_since_two_trackers_receive_at_different_moments() -> None:
    field, other = doubted(at_botella("7h59m30")), doubted(at_botella("7h59m30"), doubt_ms=0)
    assert (is_too_close(field), is_too_close(other)) == (True, False)
    assert digest(field) == digest(other)
    assert field.ledger("105k") == other.ledger("105k")
    assert field.standings("105k")[0].rank == other.standings("105k")[0].rank


DOUBTS = st.lists(
    st.tuples(st.sampled_from([f"{station}-1" for station in STATIONS]), st.sampled_from((0, 1, 60_000, 3_600_000))), max_size=6
)


@settings(max_examples=100, deadline=None)
@given(race_days(), DOUBTS, NOWS)
def test_whenever_a_clock_is_doubted_the_field_is_the_same_and_its_digest_that_of_no_doubt(
    day: RaceDay, doubts: list[tuple[str, int]], now_ms: int
) -> None:
    plain = day.field(now_ms=now_ms)
    seen = digest(plain)
    last = day.field(now_ms=now_ms)
    for device, doubt_ms in doubts:
        last.doubt(device, doubt_ms)
        check(last)
    first = day.field([], now_ms)
    for device, doubt_ms in doubts:
        first.doubt(device, doubt_ms)
    first.extend(day.facts)
    check(first)
    assert digest(first) == digest(last) == seen
    assert [first.verdict(bib).flags for bib in first.runners] == [last.verdict(bib).flags for bib in last.runners]
    for device, _ in doubts:
        last.doubt(device, 0)
    assert [last.verdict(bib) for bib in last.runners] == [plain.verdict(bib) for bib in plain.runners]
