"""Who cannot be judged because a station is not heard has one alert of that station that speaks for him, and says why it is not heard."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.core.builders import (
    alert_word,
    at,
    cutoff,
    decides,
    device_word,
    entrant,
    field_of,
    field_of_races,
    heartbeat,
    key_of,
    race_with,
    read,
    reads,
    station_word,
)
from tests.core.random_races import RaceDay, race_days
from tests.core.test_properties import NOWS
from tracker.core.alerts import Alert, alerts
from tracker.core.facts import Fact, Heartbeat
from tracker.core.field import Field
from tracker.core.runner import Status
from tracker.core.soundness import check
from tracker.core.stations import SILENT_AFTER_MS, Station, StationStatus, stations

TIMED = race_with(cutoff("botella", "8h"), cutoff("illa", "20h"))


def field_at(now: str, *facts: Fact, count: int = 1) -> Field:
    return field_of(TIMED, [*reads("1", start=0), *facts], now=now, count=count)


def speaking(field: Field, station: str) -> list[Alert]:
    """The alerts of a station that speak for who is not judged."""
    return [alert for alert in alerts(field) if alert.station == station and "not judged" in alert.text]


def station(field: Field, name: str) -> Station:
    return next(found for found in stations(field) if found.id == name)


def by(device: str, when: str, seq: int, bib: str = "2", where: str = "botella") -> Fact:
    return read(bib, where, when, device=device, seq=seq)


CARRIED = (
    heartbeat("botella", "6h", 0, device="D"),
    heartbeat("botella", "6h", 0, device="E"),
    heartbeat("illa", "8h30", 1, device="D"),
    heartbeat("botella", "8h30", 0, device="E"),
)


def test_who_may_have_been_read_by_a_device_before_it_was_carried_on_is_not_struck() -> None:
    for order in (CARRIED, CARRIED[::-1]):
        field = field_at("8h35", *order)
        assert (field.verdict("1").status, field.verdict("1").flags) == (Status.RACING, ("unconfirmed",))
        (found,) = speaking(field, "botella")
        assert (found.id, found.at_ms) == ("silent/botella/D", at("6h15"))
        assert found.text == (
            "Botella is not heard whole, for D was carried to Illa, and not all that D has read there has come: "
            "1 runner due there and not judged"
        )
        field.add(by("D", "7h", 1, bib="1"))
        assert (field.verdict("1").status, field.verdict("1").flags, alerts(field)) == (Status.RACING, (), [])
        check(field)


def test_what_a_device_reads_where_it_was_carried_to_does_not_hold_its_old_station() -> None:
    field = field_at("8h35", *CARRIED[:2], CARRIED[3], heartbeat("illa", "7h", 0, device="D"), heartbeat("illa", "8h30", 1, device="D"))
    assert field.verdict("1").status is Status.OUT_OF_TIME


def test_a_device_that_was_carried_on_can_be_retired() -> None:
    field = field_at("8h35", *CARRIED, device_word("D", "retired", "8h35"))
    assert field.verdict("1").status is Status.OUT_OF_TIME


def test_who_was_not_read_at_a_start_mat_that_went_silent_has_an_alert_of_it() -> None:
    race = race_with(points="start:ordino@0 botella@22 finish:arena@105")
    field = field_of(race, [*reads("1", start=0), *reads("2", start=0), heartbeat("ordino", "5m")], now="30m")
    assert alerts(field) == []
    field.advance(at("2h"))
    assert field.verdict("3").flags == ("unconfirmed",)
    (found,) = alerts(field)
    assert (found.id, found.at_ms) == ("silent/ordino", at("20m"))
    assert found.text == "Start is silent (mat-ordino): 1 runner due there and not judged"
    assert station(field, "ordino").status is StationStatus.SILENT
    field.add(heartbeat("ordino", "1h50"))
    assert [alert.kind for alert in alerts(field)] == ["not_started"]


def test_a_station_whose_device_was_carried_on_is_silent_while_somebody_is_awaited_there() -> None:
    field = field_at(
        "12h", *(heartbeat(where, when, 0, device="m") for where, when in (("botella", "3h"), ("illa", "4h"), ("illa", "11h55")))
    )
    assert field.verdict("1").flags == ("unconfirmed",)
    (found,) = alerts(field)
    assert (found.id, found.at_ms, found.kind) == ("silent/botella", at("3h15"), "silent")
    assert found.text == (
        "Botella is silent, for m was carried to Illa: 1 runner is still to come or to leave, 1 runner due there and not judged"
    )
    assert found.todo.startswith("call it swept if nobody comes there any more; else")
    assert station(field, "botella").status is StationStatus.SILENT
    field.add(station_word("botella", "swept", "12h"))
    assert (field.verdict("1").status, [alert.kind for alert in alerts(field)]) == (Status.OUT_OF_TIME, ["out_of_time"])


def test_a_silent_station_speaks_while_it_is_to_close() -> None:
    field = field_at("9h", heartbeat("botella", "7h", 0), station_word("botella", "closed", "8h30"))
    assert station(field, "botella").status is StationStatus.CLOSING
    assert [alert.id for alert in speaking(field, "botella")] == ["silent/botella"]


def test_facts_that_never_came_speak_for_who_is_due_at_their_station_and_nothing_else_does() -> None:
    field = field_at("8h10", by("m", "3h", 1), by("m", "3h05", 3), heartbeat("botella", "8h05", 3, device="m"))
    assert field.verdict("1").flags == ("unconfirmed",)
    (found,) = speaking(field, "botella")
    assert found.id == "missing/m/2/due"
    assert found.text == "m at Botella has told of 1 fact that never came (seq 2): 1 runner due there and not judged"
    assert "station swept" in found.todo


def test_what_a_device_has_still_to_send_keeps_a_station_from_being_heard_and_is_told() -> None:
    full = Heartbeat(key_of("full"), "full", at("8h05"), "m", "botella", None, 12)
    field = field_at("8h06", heartbeat("botella", "5h", device="m"), full)
    assert field.verdict("1").flags == ("unconfirmed",)
    (found,) = alerts(field)
    assert found.text == "Botella is not heard whole, for m has 12 facts still to send: 1 runner due there and not judged"
    field.add(replace_queued(full, "8h06"))
    assert field.verdict("1").status is Status.OUT_OF_TIME


def replace_queued(beat: Heartbeat, when: str) -> Heartbeat:
    return Heartbeat(key_of("sent", when), "sent", at(when), beat.device, beat.station, None, 0)


def test_a_number_given_twice_speaks_for_who_is_due_at_its_station() -> None:
    field = field_at("8h10", by("m", "3h", 1), by("m", "4h", 1), heartbeat("botella", "8h05", 1, device="m"))
    assert [alert.id for alert in speaking(field, "botella")] == ["reused/m/1/due"]


def test_there_is_patience_for_a_quarter_of_an_hour() -> None:
    field = field_at("8h10", heartbeat("botella", "7h58", 0))
    assert (field.verdict("1").flags, alerts(field)) == (("unconfirmed",), [])
    field.advance(at("8h13"))
    assert alerts(field) == []
    field.advance(at("8h13") + 1)
    assert [alert.id for alert in speaking(field, "botella")] == ["silent/botella"]


@settings(max_examples=300, deadline=None)
@given(race_days(crowds=False), NOWS)
def test_on_any_race_day_one_alert_of_a_station_speaks_for_who_is_not_judged_without_it(day: RaceDay, now_ms: int) -> None:
    """Once the station was not heard for longer than a quarter of an hour; before that at most one does."""
    field = day.field(now_ms=now_ms)
    found = alerts(field)
    for known in stations(field):
        waiting = [
            bib
            for bib, runner in field.runners.items()
            if "unconfirmed" in (verdict := field.verdict(bib)).flags
            and verdict.unheard is not None
            and runner.race.race.checkpoints[verdict.unheard].station == known.id
        ]
        spoken = [alert for alert in found if alert.station == known.id and "not judged" in alert.text]
        assert known.unjudged == len(waiting)
        assert {alert.kind for alert in spoken} <= {"silent", "missing", "reused"}
        assert len(spoken) <= bool(waiting)
        if waiting:
            assert known.through_ms is not None
            assert spoken or now_ms - known.through_ms <= SILENT_AFTER_MS


def missing(field: Field) -> list[str]:
    return [alert.id for alert in alerts(field) if alert.kind == "missing"]


def test_facts_that_never_came_are_told_although_their_device_was_switched_off_soon_after() -> None:
    told = (by("m", "3h", 1), heartbeat("botella", "3h", 1, device="m"), by("m", "3h05", 3), heartbeat("botella", "3h10", 3, device="m"))
    field = field_at("3h15", *told)
    assert missing(field) == []
    field.advance(at("20h"))
    assert missing(field) == ["missing/m/2"]
    field.add(by("m", "3h04", 2))
    assert missing(field) == []


@pytest.mark.parametrize("beats", [[], [heartbeat("botella", "7h", device="m"), heartbeat("botella", "8h05", device="m")]])
def test_passage_18_between_17_and_19_is_missing_without_any_number_in_a_heartbeat(beats: list[Fact]) -> None:
    known = [by("m", f"2h{seq}", seq) for seq in (*range(10, 18), 19)] + [by("m", f"1h{seq:02}", seq) for seq in range(1, 10)]
    field = field_at("8h10", *known, *beats)
    assert [alert.split("/due")[0] for alert in missing(field)] == ["missing/m/18"]
    assert station(field, "botella").through_ms == (0 if beats else None)
    assert field.verdict("1").status is (Status.RACING if beats else Status.OUT_OF_TIME)


def test_the_alert_of_a_silent_station_is_as_new_as_the_device_that_was_heard_last() -> None:
    beats = [heartbeat("botella", "1h", 0, device="spare"), heartbeat("botella", "6h", 0, device="main")]
    field = field_at("6h10", *beats, alert_word("silent/botella", "acknowledged", "2h"))
    (found,) = alerts(field)
    assert (found.at_ms, found.text.split(":")[0], found.word is None) == (at("1h15"), "Botella is silent (spare)", False)
    field.advance(at("7h"))
    (found,) = alerts(field)
    assert (found.at_ms, found.text.split(":")[0], found.word) == (at("6h15"), "Botella is silent (main, spare)", None)


SECOND = replace(race_with(points="start:x@0 botella@10 finish:y@20", id="50k"), start_ms=at("12h"))


def two_races(now: str, *facts: Fact) -> Field:
    """Bib 1 of the first race is home before the second starts, of which seven are entered."""
    people = [entrant("1"), *(entrant(str(bib), "50k") for bib in range(2, 9))]
    home = reads("1", start=0, botella="3h", illa="8h", grau_roig="9h30", sorteny="15h", finish="18h")
    seen = [fact for fact in home if fact.at_ms <= at(now)]
    return field_of_races((race_with(), SECOND), people, [*seen, *facts], now=now)


def test_a_station_does_not_close_over_those_who_have_yet_to_start() -> None:
    word = station_word("botella", "closed", "9h")
    field = two_races("9h", word)
    found = station(field, "botella")
    assert (found.status, found.behind, found.to_start) == (StationStatus.CLOSING, 0, 7)
    (alert,) = [alert for alert in alerts(field) if alert.kind == "closing"]
    assert alert.text == "Botella cannot close, 7 not started yet"
    assert alert.todo == "wait, say who does not start (desk status dns), or close it by force with a reason"
    field.extend([*(decides("dns", "9h", str(bib)) for bib in range(2, 8))])
    assert (station(field, "botella").status, station(field, "botella").to_start) == (StationStatus.CLOSING, 1)
    field.add(read("8", "x", "12h"))
    field.advance(at("12h01"))
    (alert,) = [alert for alert in alerts(field) if alert.kind == "closing"]
    assert alert.text == "Botella cannot close, still behind it: bib 8"
    field.add(read("8", "botella", "12h01"))
    assert station(field, "botella").status is StationStatus.CLOSING, "a read that is too quick is no passage"
    field.advance(at("14h"))
    field.add(read("8", "botella", "14h"))
    assert station(field, "botella").status is StationStatus.CLOSED


def test_who_has_yet_to_start_is_counted_apart_from_who_is_behind() -> None:
    field = two_races("13h", *(read(bib, "x", "12h") for bib in "23"), station_word("botella", "closed", "9h"))
    assert (station(field, "botella").behind, station(field, "botella").to_start) == (2, 5)
    (alert,) = [alert for alert in alerts(field) if alert.kind == "closing"]
    assert alert.text == "Botella cannot close, 5 not started yet, still behind it: bibs 2, 3"
    assert [station(field, name).to_start for name in ("illa", "x", "y")] == [0, 5, 5]


def test_by_force_a_station_closes_over_those_who_have_yet_to_start() -> None:
    field = two_races("9h", station_word("botella", "closed", "9h", forced=True))
    assert station(field, "botella").status is StationStatus.CLOSED


def test_a_station_is_not_silent_for_those_who_have_yet_to_start() -> None:
    field = two_races("9h", heartbeat("botella", "4h", 0))
    assert (station(field, "botella").status, alerts(field)) == (StationStatus.OPEN, [])
