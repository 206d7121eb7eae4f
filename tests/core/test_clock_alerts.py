"""Whose clocks are off, and when it is the tracker's own."""

import pytest

from tests.core.builders import (
    alert_word,
    heartbeat,
    reads,
)
from tests.core.test_alerts import field_at
from tracker.core.alerts import Alert, alerts
from tracker.core.clocks import ClockOffset
from tracker.core.facts import Fact


def told_of_clocks(offsets: dict[str, int], *words: Fact, now: str = "1h", uncertainty_ms: int = 500) -> list[Alert]:
    """The alerts about clocks that are off by so many seconds; every device stands at Botella and was just heard."""
    beats = [heartbeat("botella", now, 0, device=device) for device in offsets]
    field = field_at(now, *reads("1", start=0), *beats, *words)
    clocks = {device: ClockOffset(seconds * 1000, uncertainty_ms, 12) for device, seconds in offsets.items()}
    return [alert for alert in alerts(field, clocks) if alert.kind == "clock"]


@pytest.mark.parametrize(
    ("seconds", "uncertainty_ms", "told"),
    [
        (180, 500, "the clock of mat at Botella is 180 s ahead"),
        (-180, 500, "the clock of mat at Botella is 180 s behind"),
        (-180, 180_000, None),
        (20, 500, None),
    ],
    ids=["ahead", "behind", "perhaps only late messages", "little"],
)
def test_a_clock_that_is_surely_off_is_an_alert(seconds: int, uncertainty_ms: int, told: str | None) -> None:
    assert [alert.text for alert in told_of_clocks({"mat": seconds}, uncertainty_ms=uncertainty_ms)] == ([told] if told else [])


@pytest.mark.parametrize("seen", ["-20h", "1h"], ids=["while it was set up", "in the race"])
@pytest.mark.parametrize(
    ("later_s", "holds"), [(180, True), (184, True), (300, False), (-180, False)], ids=["as before", "about", "more", "the other way"]
)
def test_who_has_seen_that_a_clock_is_off_sees_it_no_more_while_it_is_off_as_much(seen: str, later_s: int, *, holds: bool) -> None:
    word = alert_word("clock/mat/3", "acknowledged", seen)
    for now in ("1h", "5h"):
        [found] = told_of_clocks({"mat": 180}, word, now=now)
        assert found.word == word
    [found] = told_of_clocks({"mat": later_s}, word, now="6h")
    assert (found.word == word) is holds


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        pytest.param({"a": 180, "b": 181, "c": 179}, ["clock/tracker/-3"], id="all three alike"),
        pytest.param({"a": -600, "b": -601, "c": -599, "d": 0, "e": 1, "f": 0}, ["clock/tracker/10"], id="half of six alike"),
        pytest.param({"a": 180, "b": 181, "c": 179, "d": 900}, ["clock/d/15", "clock/tracker/-3"], id="three alike and one by itself"),
        pytest.param({"a": 180, "b": 181}, ["clock/a/3", "clock/b/3"], id="only two"),
        pytest.param({"a": 180, "b": 181, "c": 600}, ["clock/a/3", "clock/b/3", "clock/c/10"], id="three, of which two alike"),
        pytest.param(
            {"a": 180, "b": 181, "c": 179, **{f"right-{number}": 0 for number in range(4)}},
            ["clock/a/3", "clock/b/3", "clock/c/3"],
            id="fewer than half",
        ),
    ],
)
def test_where_most_devices_are_off_alike_it_is_the_trackers_own_clock(offsets: dict[str, int], expected: list[str]) -> None:
    found = told_of_clocks(offsets)
    assert sorted(alert.id for alert in found) == expected


def test_the_trackers_own_clock_is_off_the_other_way() -> None:
    [found] = told_of_clocks({"a": 180, "b": 181, "c": 179})
    assert (found.text, found.station) == ("the tracker's own clock is 180 s behind: 3 of 3 devices are off by as much", None)
