"""Who is overdue, by how much, and the alert that says so."""

from tests.core.builders import (
    at,
    decides,
    heartbeat,
    neutralises,
    read,
    reads,
)
from tests.core.test_alerts import field_at, ids, only
from tracker.core.alert import hours
from tracker.core.alerts import Severity, alerts
from tracker.core.lateness import overdue


def test_a_runner_who_is_overdue_is_an_alert_with_how_long_and_where_he_was_last_seen() -> None:
    field = field_at("16h", *reads("1", start=0, botella="4h"))
    (one,) = overdue(field)
    alert = only(field, "overdue")
    assert (alert.id, alert.severity, alert.bib, alert.race) == ("overdue/1/illa", Severity.ACT, "1", "105k")
    assert alert.at_ms == one.since_ms
    since = [hours(at("16h") - moment_ms) for moment_ms in (one.since_ms, one.expected_ms)]
    assert alert.text == f"bib 1 is overdue at Illa by {since[0]}: last seen at Botella 12h00 ago, expected {since[1]} ago"


def test_of_who_went_in_and_is_overdue_further_on_one_alert_says_both() -> None:
    field = field_at("13h", *reads("1", start=0), read("1", "botella", "3h", "in"), decides("accepted", "8h30"))
    assert [alert.id for alert in alerts(field)] == ["overdue/1/illa"]
    assert "went into Botella 10h00 ago, not read going out, expected" in only(field, "overdue").text


def test_the_list_of_who_is_overdue_has_the_longest_first_and_goes_with_a_read() -> None:
    field = field_at("17h", *reads("1", start=0, botella="3h30"), *reads("2", start=0, botella="3h"), count=2)
    found = overdue(field)
    assert [(one.race, one.bib, one.at, one.seen_at, one.seen_ms) for one in found] == [
        ("105k", "2", 2, 1, at("3h")),
        ("105k", "1", 2, 1, at("3h30")),
    ]
    for one in found:
        assert one.early_ms <= one.expected_ms <= one.late_ms
        assert (one.by_ms, one.inside) == (field.now_ms - one.since_ms, False)
        assert one.since_ms == field.runners[one.bib].overdue_ms
    field.add(read("2", "illa", "13h"))
    assert [one.bib for one in overdue(field)] == ["1"]


def test_where_the_races_time_stood_still_he_is_expected_as_much_later() -> None:
    seen = reads("1", start=0, botella="3h")
    (before,) = overdue(field_at("16h", *seen))
    (after,) = overdue(field_at("16h", *seen, neutralises("5h", "6h")))
    later_ms = at("6h") - at("5h")
    assert (after.expected_ms, after.late_ms) == (before.expected_ms + later_ms, before.late_ms + later_ms)
    assert (after.since_ms, after.by_ms) == (before.since_ms + later_ms, before.by_ms - later_ms)


def test_where_the_station_ahead_is_silent_it_speaks_for_who_would_be_overdue() -> None:
    field = field_at("12h", *reads("1", start=0, botella="3h"), heartbeat("illa", "5h", 0))
    assert overdue(field) == []
    assert ids(field) == ["silent/illa"]
