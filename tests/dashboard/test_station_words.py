"""What is said of a station's link, clocks and cutoffs, each alone: unknown is `?`, never 0."""

import pytest

from tests.core.builders import GUN_MS, clock_correction, field_of, heartbeat, race_with
from tracker.core.clocks import ClockOffset
from tracker.core.devices import DeviceState
from tracker.core.traffic import Bound
from tracker.dashboard.facts_raw import as_told
from tracker.dashboard.station_words import (
    Drift,
    age,
    battery,
    countdown,
    cutoff_words,
    drift_of,
    drift_words,
    exact_drift,
    next_cutoff,
    queue,
    worst_drift,
)

S, M, H = 1_000, 60_000, 3_600_000


def device(name: str = "a", queued: int | None = None, charge: float | None = None) -> DeviceState:
    return DeviceState(name, "hut", GUN_MS, GUN_MS, (), queued, charge, 0)


@pytest.mark.parametrize(
    ("drift", "short", "exact"),
    [
        (None, "?", "?"),
        (Drift(400, 500), "+0.4s", "+0.4s ±0.5s"),
        (Drift(-45 * S, 20 * S), "-45s", "-45s ±20s"),
        (Drift(-45 * S, 2 * S), "!-45s", "! -45s ±2.0s"),
        (Drift(-45 * S, 45 * S), "?", "-45s ±45s"),
    ],
)
def test_a_drift_is_marked_when_it_is_sure_and_unknown_when_it_may_be_anything(drift: Drift | None, short: str, exact: str) -> None:
    assert (drift_words(drift), exact_drift(drift)) == (short, exact)


def test_the_worst_clock_is_the_one_that_is_surely_off_and_what_the_desk_put_right_is_off_no_more() -> None:
    facts = [heartbeat("botella", "1h", device=name) for name in ("a", "b", "c")]
    field = field_of(race_with(), [*facts, clock_correction("b", 120)], now="2h")
    offsets = {"a": ClockOffset(40 * S, S, 9), "b": ClockOffset(121 * S, S, 9), "c": ClockOffset(-50 * S, 50 * S, 1)}
    assert drift_of(field, "b", offsets) == Drift(S, S)
    assert worst_drift(field, [device(name) for name in "abc"], offsets) == Drift(40 * S, S)
    assert worst_drift(field, [device("d")], offsets) is None


def test_what_no_device_tells_is_unknown_and_not_nothing() -> None:
    assert battery([device(), device()]) == queue([device(), device()]) == "?"
    assert battery([device(charge=80), device(charge=12.4), device()]) == "!12%"
    assert queue([device(queued=0), device(queued=3)]) == "3"
    assert queue([device(queued=3), device()]) == "3+?"
    assert [age(ms, 2 * H) for ms in (None, 0, H, 2 * H + M)] == ["?", "?", "1h00", "0s"]


def test_the_cutoff_that_counts_is_the_next_of_the_race_then_the_next_of_any_then_the_last() -> None:
    bounds = [Bound(H, H, "a", 1), Bound(2 * H, 2 * H, "b", 1), Bound(3 * H, 3 * H, "a", 2)]
    asked = [(race, ms) for race in "ab" for ms in (0, H + 1, 2 * H + 1, 4 * H)]
    assert [bounds.index(found) for race, ms in asked if (found := next_cutoff(bounds, race, ms))] == [0, 2, 2, 2, 1, 1, 2, 2]
    assert next_cutoff([], "a", 0) is None


def test_a_countdown_runs_to_the_first_who_must_meet_it_and_is_over_after_the_last() -> None:
    bound = Bound(2 * H, 3 * H, "a", 1)
    assert [countdown(bound, ms) for ms in (0, 2 * H + M, 3 * H, 3 * H + 1)] == ["2h00", "0s", "0s", "over"]
    assert cutoff_words(bound, H, "UTC") == "cutoff Thu 02:00 to Thu 03:00, in 1h00"
    assert cutoff_words(bound, 4 * H, "UTC") == "cutoff Thu 02:00 to Thu 03:00, over 1h00 ago"


def test_a_fact_is_told_with_everything_that_its_sender_said() -> None:
    said = clock_correction("hut-1", 90, since="1h", said="2h")
    assert as_told(said, "Europe/Andorra") == (
        f"Fri 21:00:00  clock correction: author director, reason {said.reason}, device hut-1, offset 90 s, from Fri 20:00:00"
    )
