"""Through which moment a station is heard, and what of each device is missing: one answer for one set of facts, however they came."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import at, key_of, read
from tracker.core.clocks import corrected
from tracker.core.devices import FUTURE_MS, Devices, DeviceState
from tracker.core.facts import ClockCorrection, Heartbeat, Passage

NOW_MS = at("12h")
HOUR_MS = 3_600_000


def as_it_is(_device: str, at_ms: int) -> int:
    return at_ms


def by(*corrections: ClockCorrection) -> Callable[[str, int], int]:
    """The right moments by the desk's corrections."""
    return lambda device, at_ms: corrected(at_ms, [word for word in corrections if word.device == device])


def corrects(device: str, offset_ms: int, since_ms: int | None = None, until_ms: int | None = None) -> ClockCorrection:
    key = key_of(device, offset_ms, since_ms, until_ms)
    return ClockCorrection(key, "clock", at(0), "director", "compared", device, offset_ms, since_ms, until_ms)


def beat(
    device: str, when: str | int, seq: int | None = None, station: str = "illa", queued: int | None = None, battery: float | None = None
) -> Heartbeat:
    key = key_of("beat", device, when, seq, station, queued, battery)
    return Heartbeat(key, f"{device}@{when}", at(when), device, station, seq, queued, battery)


def fact(device: str, seq: int, station: str = "illa", when: str | int = "1h") -> Passage:
    return read("7", station, when, device=device, seq=seq)


def facts(device: str, *numbers: int, station: str = "illa") -> list[Passage]:
    return [fact(device, seq, station) for seq in numbers]


def devices(*told: Passage | Heartbeat | list[Passage]) -> Devices:
    found = Devices()
    for each in told:
        for one in each if isinstance(each, list) else [each]:
            tell(found, one)
    return found


def tell(found: Devices, one: Passage | Heartbeat) -> None:
    if isinstance(one, Heartbeat):
        found.hear(one)
    else:
        found.take_all([one])


def through(
    found: Devices, station: str = "illa", now: str | int = NOW_MS - at(0), right: Callable[[str, int], int] = as_it_is
) -> int | None:
    return found.through_ms(station, right, at(now))


def states(found: Devices) -> list[DeviceState]:
    return found.states(as_it_is, NOW_MS)


def test_a_station_is_heard_through_the_heartbeat_whose_facts_are_all_known() -> None:
    found = devices(facts("mat", 1, 2), beat("mat", "8h", seq=2))
    assert through(found) == at("8h")


def test_a_heartbeat_that_tells_of_a_fact_not_known_proves_nothing_yet() -> None:
    found = devices(facts("mat", 1, 2), beat("mat", "8h", seq=2), beat("mat", "9h", seq=3))
    assert through(found) == at("8h")
    found.take_all([fact("mat", 3, "illa")])
    assert through(found) == at("9h")


def test_a_device_that_was_heard_but_whose_facts_were_never_complete_has_its_station_heard_through_nothing() -> None:
    assert through(devices(beat("mat", "8h", seq=1))) == 0


def test_a_heartbeat_without_a_number_is_complete_as_it_stands() -> None:
    assert through(devices(beat("mat", "8h", seq=4), beat("mat", "9h"))) == at("9h")


def test_a_device_that_has_read_nobody_yet_is_heard() -> None:
    assert through(devices(beat("mat", "8h", seq=0))) == at("8h")


def test_a_station_without_heartbeats_is_not_monitored() -> None:
    found = devices(facts("phone", 1, 2), beat("mat", "8h", station="botella"))
    assert through(found) is None
    assert through(found, "sorteny") is None


def test_a_station_is_heard_no_further_than_its_least_device() -> None:
    found = devices(beat("in", "9h"), beat("out", "8h"), beat("elsewhere", "7h", station="botella"))
    assert through(found) == at("8h")


def test_a_backlog_that_comes_newest_first_completes_the_heartbeats_as_the_gap_closes() -> None:
    found = devices(beat("mat", "7h", seq=1), beat("mat", "8h", seq=2), beat("mat", "9h", seq=4))
    heard = []
    for seq in (4, 3, 2, 1):
        found.take_all([fact("mat", seq, "illa")])
        heard.append(through(found))
    assert heard == [0, 0, 0, at("9h")]


def test_an_old_heartbeat_that_comes_late_takes_nothing_back() -> None:
    found = devices(facts("mat", 1), beat("mat", "9h", seq=1), beat("mat", "8h", seq=0), beat("mat", "7h", seq=5))
    assert through(found) == at("9h")
    assert states(found)[0].heard_ms == at("9h")


def test_of_heartbeats_with_one_number_the_newest_counts_once_it_is_complete() -> None:
    found = devices(beat("mat", "9h", seq=1), beat("mat", "10h", seq=1), beat("mat", "8h", seq=1), facts("mat", 1))
    assert through(found) == at("10h")


CARRIED_ON = (beat("mat", "8h", seq=2), beat("mat", "9h", seq=3, station="sorteny"))


@pytest.mark.parametrize(
    ("told", "illa", "sorteny"),
    [
        pytest.param([*facts("mat", 1, 2, 3)], "8h", "9h", id="nobody is left: heard up to its last word from there"),
        pytest.param([*facts("mat", 1, 2)], "8h", None, id="what it told since then is missing: not heard where it stands now"),
        pytest.param([*facts("mat", 1)], None, None, id="what it told from there is missing"),
        pytest.param([*facts("mat", 1, 2), beat("other", "10h")], "10h", None, id="who still stands there decides alone"),
        pytest.param([*facts("mat", 1), beat("other", "10h")], None, None, id="unless facts told from there are missing"),
        pytest.param([*facts("mat", 1, 2), beat("other", "7h")], "7h", None, id="who still stands there is heard less far"),
        pytest.param([*facts("mat", 1, 2), beat("other", "7h", 9), beat("other", "11h", 9, "grau")], None, None, id="the other left, too"),
        pytest.param([*facts("mat", 1, 2), beat("other", "7h"), beat("other", "11h", 0, "grau")], "8h", None, id="the last that left"),
        pytest.param([*facts("mat", 1, 2, 3), beat("mat", "11h", seq=3)], "11h", "9h", id="it came back"),
    ],
)
def test_a_device_that_was_carried_on_stays_known_where_it_stood(
    told: list[Passage | Heartbeat], illa: str | None, sorteny: str | None
) -> None:
    expected = tuple(0 if heard is None else at(heard) for heard in (illa, sorteny))
    for order in ((*CARRIED_ON, *told), (*told[::-1], *CARRIED_ON[::-1])):
        found = devices(*order)
        assert (through(found), through(found, "sorteny")) == expected


def test_a_heartbeat_from_the_future_counts_when_its_time_has_come() -> None:
    found = devices(beat("mat", "7h", 0), beat("mat", "9h", 0))
    assert [through(found, now=now) for now in ("8h", "8h49m59", "8h50m")] == [at("7h"), at("7h"), at("9h")]
    assert found.next_ms(as_it_is, at("8h")) == at("8h50m")
    assert found.next_ms(as_it_is, at("8h50m")) is None
    assert [state.heard_ms for state in found.states(as_it_is, at("8h"))] == [at("7h")]


def test_a_device_that_was_heard_from_the_future_alone_has_its_station_heard_through_nothing() -> None:
    found = devices(beat("mat", "20h", 0, battery=50), beat("other", "11h"))
    assert through(found) == 0
    assert states(found)[0] == DeviceState("mat", "illa", 0, 0, (), None, 50, 0)


def test_where_a_device_says_it_stands_in_the_future_it_may_stand_now() -> None:
    found = devices(beat("mat", "8h", 0, station="sorteny"), beat("mat", "20h", 0), beat("other", "11h"))
    assert (through(found), through(found, "sorteny")) == (0, at("8h"))


def test_one_heartbeat_from_2099_does_not_outshine_the_good_ones() -> None:
    found = devices(beat("mat", 640_000 * HOUR_MS, 0), beat("mat", "8h", 0), beat("mat", "9h", 0))
    ahead = by(corrects("mat", 639_993 * HOUR_MS, since_ms=at("100h")))
    for right in (as_it_is, ahead):
        assert through(found, right=right) == at("9h")
        assert [state.heard_ms for state in found.states(right, NOW_MS)] == [at("9h")]


def test_a_clock_that_fell_back_to_1970_and_is_put_right_is_heard_on() -> None:
    found = devices(beat("mat", "8h", 0), beat("mat", -400_000 * HOUR_MS, 0), beat("mat", -399_999 * HOUR_MS, 0))
    back = by(corrects("mat", -400_009 * HOUR_MS, until_ms=at(0)))
    assert [through(found, right=right) for right in (as_it_is, back, as_it_is)] == [at("8h"), at("10h"), at("8h")]


def test_a_number_given_to_two_facts_is_reported_and_nothing_after_the_first_of_them_counts_as_complete() -> None:
    told: list[Passage | Heartbeat]
    told = [fact("mat", 1, when="7h"), fact("mat", 2, when="8h"), beat("mat", "7h30", 1), beat("mat", "9h", 2), fact("mat", 2, when="10h")]
    assert (through(devices(*told[:-1])), states(devices(*told[:-1]))[0].reused) == (at("9h"), ())
    for order in (told, told[::-1]):
        found = devices(*order)
        assert (through(found), states(found)[0].reused) == (at("7h30"), (2,))


def test_the_moments_of_a_number_given_to_two_facts_are_the_right_ones() -> None:
    found = devices(beat("mat", "6h", 0), beat("mat", "9h", 0), fact("mat", 1, when="8h"), fact("mat", 1, when="11h"))
    assert through(found) == at("6h")
    assert through(found, right=by(corrects("mat", -2 * HOUR_MS, at("8h"), at("8h30")))) == at("9h")


def test_a_device_that_left_with_a_number_given_twice_still_holds_back_its_old_station() -> None:
    found = devices(fact("mat", 1, when="6h"), fact("mat", 1, when="7h"), fact("mat", 2), *CARRIED_ON, beat("other", "10h"))
    assert through(found) == 0


def test_a_number_given_to_two_facts_is_seen_beyond_a_gap_and_only_a_few_are_named() -> None:
    found = devices(*(fact("mat", seq, when=when) for seq in range(2, 12) for when in ("1h", "2h", "3h")))
    assert states(found)[0].reused == (2, 3, 4, 5, 6)
    found.hear(beat("mat", "9h"))
    found.take_changes()
    found.take_all([fact("mat", 20), fact("mat", 20, when="8h")])
    assert found.take_changes() == {"illa"}


def test_of_two_heartbeats_at_one_moment_the_same_is_the_newest_whichever_came_first() -> None:
    one, other = beat("mat", "8h", station="illa"), beat("mat", "8h", station="sorteny")
    assert states(devices(one, other)) == states(devices(other, one))


def test_what_is_missing_is_told_as_ranges_up_to_the_highest_number_that_anything_told() -> None:
    found = devices(facts("mat", 1, 2, 5, 9), beat("mat", "8h", seq=12, queued=7, battery=61.5))
    missing = ((3, 4), (6, 8), (10, 12))
    assert states(found) == [DeviceState("mat", "illa", at("8h"), 0, missing, 7, 61.5, 4)]


def test_passage_18_of_a_device_without_heartbeats_is_seen_to_be_missing() -> None:
    found = devices(facts("phone", *range(1, 18), 19))
    assert states(found) == [DeviceState("phone", "illa", None, None, ((18, 18),), None, None, 18)]


def test_a_device_without_heartbeats_stands_where_its_highest_fact_was_read() -> None:
    early, late = facts("phone", 1, 2, station="sorteny"), facts("phone", 3, 4)
    for order in ((early, late), (late, early), (early, late, early)):
        assert states(devices(*order)) == [DeviceState("phone", "illa", None, None, (), None, None, 4)]


def test_a_fact_numbered_0_is_none_that_anything_waits_for() -> None:
    found = devices(facts("phone", 0), beat("phone", "8h", seq=0))
    assert states(found) == [DeviceState("phone", "illa", at("8h"), at("8h"), (), None, None, 0)]


def test_devices_are_listed_by_station_and_name() -> None:
    found = devices(beat("b", "8h"), beat("a", "8h", station="sorteny"), beat("c", "8h", station="botella"), facts("a2", 1))
    assert [(state.station, state.device) for state in states(found)] == [
        ("botella", "c"),
        ("illa", "a2"),
        ("illa", "b"),
        ("sorteny", "a"),
    ]


def test_only_a_station_whose_moment_may_have_moved_is_told_and_only_once() -> None:
    found = devices(beat("mat", "8h", seq=1), beat("other", "8h", station="botella"))
    assert found.take_changes() == {"illa", "botella"}
    assert found.take_changes() == set()
    found.take_all([fact("other", 1, "botella")])
    assert found.take_changes() == set()
    found.take_all([fact("mat", 1, "illa")])
    assert found.take_changes() == {"illa"}
    found.hear(beat("mat", "9h", station="sorteny"))
    assert found.take_changes() == {"illa", "sorteny"}


def test_a_device_keeps_no_more_than_what_is_not_complete() -> None:
    found = devices(*(one for seq in range(1, 500) for one in (fact("mat", seq), beat("mat", seq, seq=seq))))
    known = found._devices["mat"]
    assert (len(known.ahead), len(known.waiting)) == (0, 0)
    found = devices(*(beat("mat", minute, seq=2) for minute in range(500)), facts("mat", *range(3, 9)), facts("mat", 2, 1))
    known = found._devices["mat"]
    assert (len(known.ahead), len(known.waiting)) == (0, 0)
    for _ in range(3):
        found.hear(beat("mat", 7, seq=2))
        through(found)
    assert (len(known.beats), len(known.fresh)) == (500, 0)


NAMES = ("illa", "botella", "sorteny")
STATIONS = st.sampled_from(NAMES)
TOLD = st.builds(fact, st.sampled_from("ABC"), st.integers(0, 7), STATIONS, st.sampled_from((1, 3, 4)))
ONE_EACH = st.builds(fact, st.sampled_from("ABC"), st.integers(0, 7))
BEATS = st.builds(beat, st.sampled_from("ABD"), st.integers(1, 6), st.none() | st.integers(0, 8), STATIONS, st.none() | st.integers(0, 2))
HEARD = st.lists(ONE_EACH | BEATS, max_size=40) | st.lists(TOLD | BEATS, max_size=20)
NOW = st.integers(-1, 7).map(lambda ms: at(ms) - FUTURE_MS)


LIMITS = st.none() | st.integers(1, 6).map(at)
CORRECTIONS = st.lists(st.builds(corrects, st.sampled_from("ABD"), st.integers(-4, 4), LIMITS, LIMITS), max_size=3)


class Reference:
    """The rules in so many words, from the plain set."""

    def __init__(self, heard: Iterable[Passage | Heartbeat], right: Callable[[str, int], int], now_ms: int) -> None:
        self.right, self.until_ms = right, now_ms + FUTURE_MS
        self.told = {one for one in heard if isinstance(one, Passage)}
        self.beats = {one for one in heard if isinstance(one, Heartbeat)}
        self.names = {str(one.device) for one in self.told | self.beats}

    def numbers(self, device: str) -> set[int]:
        return {one.seq for one in self.told if one.device == device and one.seq is not None and one.seq >= 1}

    def shared(self, device: str) -> dict[int, list[Passage]]:
        by_number = {seq: [one for one in self.told if (one.device, one.seq) == (device, seq)] for seq in self.numbers(device)}
        return {seq: each for seq, each in sorted(by_number.items()) if len(each) > 1}

    def when(self, one: Passage | Heartbeat) -> int:
        return self.right(str(one.device), one.at_ms)

    def in_order(self, device: str) -> list[Heartbeat]:
        return sorted((one for one in self.beats if one.device == device), key=lambda one: (self.when(one), one.at_ms, one.key))

    def known_to(self, device: str, seq: int | None) -> bool:
        return all(number in self.numbers(device) for number in range(1, (seq or 0) + 1))

    def heard_through(self, device: str, stations: Iterable[str] = NAMES) -> int:
        unsure_ms = min((self.when(one) for each in self.shared(device).values() for one in each), default=None)
        complete = [self.when(one) for one in self.in_order(device) if self.known_to(device, one.seq) and one.station in stations]
        return max((ms for ms in complete if ms <= self.until_ms and (unsure_ms is None or ms < unsure_ms)), default=0)

    def state(self, device: str) -> DeviceState:
        known, mine, reused = self.numbers(device), self.in_order(device), tuple(self.shared(device))[:5]
        highest = max([0, *known, *(one.seq or 0 for one in mine)])
        lacking = [seq for seq in range(1, highest + 1) if seq not in known]
        first = [seq for seq in lacking if seq - 1 not in lacking]
        last = [seq for seq in lacking if seq + 1 not in lacking]
        missing = tuple(zip(first, last, strict=True))
        if not mine:
            station = max(((one.seq, one.station) for one in self.told if one.device == device and one.seq), default=(0, ""))[1]
            return DeviceState(device, station, None, None, missing, None, None, len(known), reused)
        by_now = [one for one in mine if self.when(one) <= self.until_ms]
        newest = (by_now or mine)[-1]
        heard_ms = self.when(newest) if by_now else 0
        return DeviceState(device, newest.station, heard_ms, self.heard_through(device), missing, newest.queued, None, len(known), reused)

    def states(self) -> list[DeviceState]:
        return sorted((self.state(name) for name in self.names), key=lambda state: (state.station, state.device))

    def through(self, station: str) -> int | None:
        there = {name: [one for one in self.in_order(name) if one.station == station] for name in self.names}
        there = {name: mine for name, mine in there.items() if mine}
        if not there:
            return None
        future = {name for name, mine in there.items() if self.when(mine[-1]) > self.until_ms}
        standing = {name for name in there if self.state(name).station == station} | future
        last = {name: max((self.when(one) for one in mine if self.when(one) <= self.until_ms), default=0) for name, mine in there.items()}
        deciding = standing or {name for name in there if last[name] == max(last.values())}
        for name, mine in there.items():
            if self.shared(name) or not all(self.known_to(name, one.seq) for one in mine):
                deciding = deciding | {name}
        return min(self.heard_through(name, (station,)) for name in deciding)

    def next_ms(self) -> int | None:
        return min((self.when(one) - FUTURE_MS for one in self.beats if self.when(one) > self.until_ms), default=None)


def through_by_station(found: Devices, right: Callable[[str, int], int] = as_it_is, now_ms: int = NOW_MS) -> dict[str, int | None]:
    return {station: found.through_ms(station, right, now_ms) for station in NAMES}


@settings(max_examples=400, deadline=None)
@given(HEARD, CORRECTIONS, NOW, st.randoms(use_true_random=False))
def test_any_order_and_any_repeat_gives_what_the_plain_set_gives(
    heard: list[Passage | Heartbeat], corrections: list[ClockCorrection], now_ms: int, chance: object
) -> None:
    right = by(*corrections)
    expected = Reference(heard, right, now_ms)
    shuffled = heard * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for order in (heard, shuffled):
        found = Devices()
        for number, one in enumerate(order):
            tell(found, one)
            if number % 3 == 0:  # whoever looks on the way, by other clocks and at another moment, changes nothing
                through_by_station(found, as_it_is if number % 2 else right, NOW_MS)
        assert found.states(right, now_ms) == expected.states()
        assert through_by_station(found, right, now_ms) == {station: expected.through(station) for station in NAMES}
        assert found.next_ms(right, now_ms) == expected.next_ms()


@settings(max_examples=200, deadline=None)
@given(HEARD, NOW)
def test_no_station_changes_without_being_told(heard: list[Passage | Heartbeat], now_ms: int) -> None:
    found = Devices()
    before = through_by_station(found, now_ms=now_ms)
    for one in heard:
        tell(found, one)
        after = through_by_station(found, now_ms=now_ms)
        assert {station for station in after if after[station] != before[station]} <= found.take_changes()
        before = after


@settings(max_examples=100, deadline=None)
@given(HEARD, NOW)
def test_the_clock_alone_changes_nothing_before_the_next_moment(heard: list[Passage | Heartbeat], now_ms: int) -> None:
    found = devices(*heard)
    next_ms = found.next_ms(as_it_is, now_ms)
    before = through_by_station(found, now_ms=now_ms)
    until_ms = NOW_MS if next_ms is None else next_ms - 1
    assert through_by_station(found, now_ms=until_ms) == before
