"""How far a device's clock is off, whatever the network does; and the true time by the desk's word."""

from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import at, key_of
from tracker.core.clocks import CLOCK_OFF_MS, ClockOffset, Clocks, ClockWords
from tracker.core.facts import ClockCorrection
from tracker.files.times import parse_duration

HOUR = 60
SINCE_1970_MS = at("10h")


def no_delay(minute: int) -> int:
    return 300


def of_a_poor_link(seed: int = 1) -> Callable[[int], int]:
    chance = Random(seed)
    return lambda minute: 150 + round(chance.expovariate(1 / 800))


def hear(
    clocks: Clocks, minutes: Iterable[int], ahead_ms: Callable[[int], int], delay_ms: Callable[[int], int] = no_delay, device: str = "mat"
) -> None:
    """A heartbeat a minute: `ahead_ms` is the clock's error at that minute, `delay_ms` how long its message takes. Received in order."""
    sent = [(at(f"{minute}m"), ahead_ms(minute), delay_ms(minute)) for minute in minutes]
    for true_ms, error_ms, late_ms in sorted(sent, key=lambda one: one[0] + one[2]):
        clocks.heard(device, true_ms + error_ms, true_ms + late_ms)


def is_surely_off(found: ClockOffset | None) -> bool:
    assert found is not None
    return abs(found.offset_ms) - found.uncertainty_ms > CLOCK_OFF_MS


def assert_estimate(clocks: Clocks, true_ms: int, within_ms: int = 2_000) -> None:
    found = clocks.offset("mat")
    assert found is not None
    assert found.uncertainty_ms <= within_ms
    assert abs(found.offset_ms - true_ms) <= found.uncertainty_ms


@pytest.mark.parametrize(
    ("ahead_ms", "off"),
    [
        pytest.param(0, False, id="right"),
        pytest.param(parse_duration("2h"), True, id="wrong zone"),
        pytest.param(-parse_duration("3m"), True, id="three minutes slow"),
        pytest.param(-SINCE_1970_MS, True, id="reset to 1970"),
        pytest.param(20_000, False, id="off, but not so far that a person must look"),
    ],
)
def test_a_clock_that_is_off_is_known_within_three_heartbeats_on_a_poor_link(ahead_ms: int, off: bool) -> None:
    clocks = Clocks()
    hear(clocks, range(3), lambda minute: ahead_ms, of_a_poor_link())
    assert_estimate(clocks, ahead_ms, within_ms=4_000)
    assert is_surely_off(clocks.offset("mat")) is off


def test_a_device_that_was_never_heard_has_no_offset() -> None:
    assert Clocks().offset("mat") is None
    assert Clocks().all() == {}


def test_one_heartbeat_from_the_future_is_enough_to_know_that_a_clock_is_fast() -> None:
    clocks = Clocks()
    hear(clocks, [0], lambda minute: parse_duration("2h"))
    assert clocks.all() == {"mat": ClockOffset(parse_duration("2h") - 300, 10_000, 1)}
    assert is_surely_off(clocks.offset("mat"))


def test_one_heartbeat_from_the_past_may_be_a_late_one_of_a_clock_that_is_right() -> None:
    clocks = Clocks()
    hear(clocks, [0], lambda minute: 0, lambda minute: parse_duration("3h"))
    assert not is_surely_off(clocks.offset("mat"))
    assert_estimate(clocks, 0, within_ms=parse_duration("3h"))


@pytest.mark.parametrize("ppm", [40, -40])
def test_a_clock_that_drifts_is_followed_through_a_race(ppm: int) -> None:
    clocks, delay_ms = Clocks(), of_a_poor_link()

    def drift_ms(minute: int) -> int:
        return round(minute * 60_000 * ppm / 1e6)

    for hour in range(30):
        hear(clocks, range(hour * HOUR, (hour + 1) * HOUR), drift_ms, delay_ms)
        assert_estimate(clocks, drift_ms((hour + 1) * HOUR - 1), within_ms=3_000)


@pytest.mark.parametrize("spread_s", [0, 1, 30])
def test_a_queue_of_three_hours_that_drains_does_not_touch_the_estimate(spread_s: int) -> None:
    """All at once, within minutes, or so slowly that the backlog takes an hour and a half."""
    clocks = Clocks()
    hear(clocks, range(HOUR), lambda minute: 0, of_a_poor_link())
    before = clocks.offset("mat")
    for number in range(180):
        received_ms = at(f"{4 * HOUR}m") + number * spread_s * 1_000
        clocks.heard("mat", at(f"{HOUR + number}m"), received_ms)
        assert clocks.offset("mat") == before
    hear(clocks, range(6 * HOUR, 7 * HOUR), lambda minute: 0, of_a_poor_link())
    assert_estimate(clocks, 0)


def test_a_device_first_heard_by_its_backlog_of_three_hours_is_never_called_off_and_right_at_its_first_live_heartbeat() -> None:
    clocks = Clocks()
    for minute in range(181):
        clocks.heard("mat", at(f"{minute}m"), at("3h") + 200 + minute * 10)
        assert not is_surely_off(clocks.offset("mat"))
    found = clocks.offset("mat")
    assert found is not None
    assert abs(found.offset_ms) <= found.uncertainty_ms == 10_000


def test_a_slow_clock_is_known_for_what_it_is_after_its_messages_were_queued_for_hours() -> None:
    clocks = Clocks()
    slow_ms = -parse_duration("3m")
    back_online = 5 * HOUR
    hear(clocks, range(back_online + 3), lambda minute: slow_ms, lambda minute: 300 + max(0, back_online - minute) * 60_000)
    assert_estimate(clocks, slow_ms, within_ms=500)


@pytest.mark.parametrize(
    ("before_ms", "after_ms"),
    [
        pytest.param(0, -SINCE_1970_MS, id="the battery was changed: 1970"),
        pytest.param(-SINCE_1970_MS, 0, id="set right after a reset"),
        pytest.param(parse_duration("2h"), 0, id="the zone was put right"),
        pytest.param(0, parse_duration("2h"), id="the zone was put wrong"),
        pytest.param(-parse_duration("3m"), 0, id="a slow clock was put right"),
        pytest.param(0, -15_000, id="set back by a quarter of a minute"),
    ],
)
def test_a_clock_that_is_set_in_the_race_is_followed_within_three_heartbeats(before_ms: int, after_ms: int) -> None:
    clocks = Clocks()
    hear(clocks, range(5 * HOUR), lambda minute: before_ms)
    assert_estimate(clocks, before_ms, within_ms=500)
    hear(clocks, range(5 * HOUR, 5 * HOUR + 3), lambda minute: after_ms, lambda minute: 200 + minute % 3 * 700)
    assert_estimate(clocks, after_ms, within_ms=2_000)


def test_a_clock_that_is_set_ahead_is_surely_off_at_the_first_heartbeat_after_it() -> None:
    clocks = Clocks()
    hear(clocks, range(HOUR), lambda minute: 0)
    hear(clocks, [HOUR], lambda minute: parse_duration("1h"))
    assert clocks.offset("mat") == ClockOffset(parse_duration("1h") - 300, 10_000, 1)


def test_messages_of_which_every_other_waits_ten_minutes_are_no_clock_that_was_set_back() -> None:
    clocks = Clocks()
    for minute in range(10, 3 * HOUR):
        waited = minute % 2 * 10
        clocks.heard("mat", at(f"{minute - waited}m"), at(f"{minute}m") + 300)
        assert_estimate(clocks, 0, within_ms=10_000)
    assert clocks.offset("mat") == ClockOffset(-300, 500, 12)


def test_a_clock_that_is_set_back_by_seconds_only_makes_the_estimate_unsure_until_the_window_has_passed() -> None:
    clocks = Clocks()
    hear(clocks, range(HOUR), lambda minute: 0)
    for minute in range(HOUR, HOUR + 12):
        hear(clocks, [minute], lambda minute: -6_000)
        found = clocks.offset("mat")
        assert found is not None
        if minute >= HOUR + 2:
            assert abs(found.offset_ms + 6_000) <= found.uncertainty_ms
    assert_estimate(clocks, -6_000, within_ms=500)


def test_heartbeats_every_ten_seconds_count_once_a_minute_so_a_burst_cannot_fill_the_window() -> None:
    clocks = Clocks()
    for number in range(6 * HOUR):
        clocks.heard("mat", at(number * 10_000), at(number * 10_000) + 200 + number % 6)
    assert clocks.offset("mat") == ClockOffset(-200, 500, 12)


def test_the_uncertainty_is_how_much_the_fastest_messages_vary() -> None:
    steady, slower, faster = Clocks(), Clocks(), Clocks()
    hear(steady, range(HOUR), lambda minute: 0)
    hear(slower, range(HOUR), lambda minute: 0, lambda minute: 200 + minute % 12 * 700)
    hear(faster, range(HOUR), lambda minute: 0, lambda minute: 200 + (11 - minute % 12) * 700)
    assert steady.offset("mat") == ClockOffset(-300, 500, 12)
    assert slower.offset("mat") == ClockOffset(-200, 500 + 9 * 700, 12)
    assert faster.offset("mat") == ClockOffset(-200, 500 + 2 * 700, 12)


def test_each_device_has_its_own_clock() -> None:
    clocks = Clocks()
    hear(clocks, range(5), lambda minute: 0, device="sorteny")
    hear(clocks, range(5), lambda minute: 45_000, device="illa")
    assert clocks.all() == {"illa": ClockOffset(44_700, 500, 5), "sorteny": ClockOffset(-300, 500, 5)}
    assert list(clocks.all()) == ["illa", "sorteny"]


@settings(max_examples=200, deadline=None)
@given(st.integers(-7_200_000, 7_200_000), st.lists(st.integers(0, 20_000_000), max_size=60), st.integers(0, 2_000))
def test_one_heartbeat_that_came_at_once_is_enough_whatever_came_late_before(ahead_ms: int, delays_ms: list[int], fast_ms: int) -> None:
    clocks = Clocks()
    hear(clocks, range(len(delays_ms)), lambda minute: ahead_ms, delays_ms.__getitem__)
    hear(clocks, [20 * HOUR], lambda minute: ahead_ms, lambda minute: fast_ms)
    found = clocks.offset("mat")
    assert found is not None
    assert ahead_ms - fast_ms <= found.offset_ms <= ahead_ms


def says(offset: str, when: str = "20h", since: str | None = None, until: str | None = None, name: str = "") -> ClockCorrection:
    """The desk's word that the device was ahead by `offset` (`-3m`: slow), between two times of its own clock."""
    offset_ms = at(offset) - at(0)
    from_ms, until_ms = (None if said is None else at(said) for said in (since, until))
    return ClockCorrection(
        key_of(name, offset, when, since, until), "clock", at(when), "director", "zone", "mat", offset_ms, from_ms, until_ms
    )


@pytest.mark.parametrize(
    ("read", "true", "words"),
    [
        pytest.param("10h", "10h", [], id="nobody said anything"),
        pytest.param("10h", "8h", [says("2h")], id="the zone was wrong all day"),
        pytest.param("10h", "10h03", [says("-3m")], id="three minutes slow"),
        pytest.param("10h", "8h", [says("2h", since="10h")], id="from that moment on"),
        pytest.param("9h59", "9h59", [says("2h", since="10h")], id="before that moment the time stands"),
        pytest.param("10h", "10h", [says("2h", until="10h")], id="until, and no longer"),
        pytest.param("9h59", "7h59", [says("2h", until="10h")], id="just before its end"),
        pytest.param("10h", "9h", [says("2h", when="20h"), says("1h", when="21h")], id="the newest word stands, and they do not add up"),
        pytest.param(
            "10h", "8h", [says("2h"), says("1h", when="21h", since="12h")], id="a newer word on another stretch says nothing here"
        ),
        pytest.param("10h", "10h", [says("2h"), says("0m", when="21h")], id="a newer word that it was right after all"),
    ],
)
def test_a_time_is_corrected_by_the_newest_word_that_covers_it(read: str, true: str, words: list[ClockCorrection]) -> None:
    assert ClockWords(words).right_ms(at(read)) == at(true)
    assert ClockWords(words[::-1]).right_ms(at(read)) == at(true)


def test_of_two_words_said_at_one_moment_the_same_stands_whichever_came_first() -> None:
    words = [says("2h", name="one"), says("1h", name="two")]
    assert ClockWords(words).right_ms(at("10h")) == ClockWords(words[::-1]).right_ms(at("10h"))


def test_a_clock_reset_to_1970_is_put_right_by_the_desk() -> None:
    word = ClockCorrection(key_of("reset"), "reset", at("20h"), "director", "battery changed", "mat", -SINCE_1970_MS, None, 86_400_000)
    assert ClockWords([word]).right_ms(60_000) == SINCE_1970_MS + 60_000
    assert ClockWords([word]).right_ms(at("11h")) == at("11h")


EDGES = st.none() | st.integers(0, 12)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5), EDGES, EDGES), max_size=8), st.integers(-2, 14))
def test_the_word_that_holds_is_the_newest_that_covers_the_moment(said: list[tuple[int, int, int | None, int | None]], read: int) -> None:
    words = [
        ClockCorrection(key_of(str(n)), str(n), at_ms, "director", "slow", "mat", off_ms, from_ms, until_ms)
        for n, (at_ms, off_ms, from_ms, until_ms) in enumerate(said)
    ]
    begun = [word for word in words if word.from_ms is None or word.from_ms <= read]
    covering = [word for word in begun if word.until_ms is None or read < word.until_ms]
    newest = max(covering, key=lambda word: (word.at_ms, word.key), default=None)
    assert ClockWords(words).at(read) == newest
    assert ClockWords(words).right_ms(read) == (read if newest is None else read - newest.offset_ms)
