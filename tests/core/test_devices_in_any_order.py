"""Through which moment a station is heard, however its facts and heartbeats come, and whatever of them is lost."""

from collections.abc import Callable, Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import at
from tests.core.test_devices import NOW_MS, as_it_is, beat, by, corrects, devices, fact, tell, through
from tracker.core.clocks import FUTURE_MS
from tracker.core.devices import Devices, DeviceState
from tracker.core.facts import ClockCorrection, Heartbeat, Passage

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

    def highest(self, device: str) -> int:
        return max([0, *self.numbers(device), *(one.seq or 0 for one in self.beats if one.device == device)])

    def complete(self, one: Heartbeat) -> bool:
        if one.seq is not None:
            return self.known_to(one.device, one.seq)
        lacking = next((seq for seq in range(1, self.highest(one.device) + 1) if seq not in self.numbers(one.device)), None)
        if one.queued or lacking is None:
            return not one.queued
        before = [each for each in self.told if (each.device, each.seq) == (one.device, lacking - 1)]
        return bool(before) and lacking > 1 and self.when(one) <= max(map(self.when, before))

    def left_whole(self, device: str, station: str) -> bool:
        """Whether the first word from elsewhere after a device's last from a station tells that everything until then is known."""
        by_now = [one for one in self.in_order(device) if self.when(one) <= self.until_ms]
        there = [number for number, one in enumerate(by_now) if one.station == station]
        words = [one for one in by_now[there[-1] + 1 if there else 0 :] if one.seq is not None or self.complete(one)]
        return bool(words) and self.complete(words[0]) and not self.shared(device)

    def heard_through(self, device: str, stations: Iterable[str] = NAMES) -> int:
        unsure_ms = min((self.when(one) for each in self.shared(device).values() for one in each), default=None)
        complete = [self.when(one) for one in self.in_order(device) if self.complete(one) and one.station in stations]
        return max((ms for ms in complete if ms <= self.until_ms and (unsure_ms is None or ms < unsure_ms)), default=0)

    def state(self, device: str) -> DeviceState:
        known, mine, reused = self.numbers(device), self.in_order(device), tuple(self.shared(device))[:5]
        highest = self.highest(device)
        lacking = [seq for seq in range(1, highest + 1) if seq not in known]
        first = [seq for seq in lacking if seq - 1 not in lacking]
        last = [seq for seq in lacking if seq + 1 not in lacking]
        missing = tuple(zip(first, last, strict=True))
        beyond = min((seq for seq in known if lacking and seq > lacking[0]), default=None)
        gap_ms = min((self.when(one) for one in self.told if (one.device, one.seq) == (device, beyond)), default=None)
        more = (len(known), reused, gap_ms if beyond else None, len(self.shared(device)))
        if not mine:
            station = max(((one.seq, one.station) for one in self.told if one.device == device and one.seq), default=(0, ""))[1]
            return DeviceState(device, station, None, None, missing, None, None, *more)
        by_now = [one for one in mine if self.when(one) <= self.until_ms]
        newest = (by_now or mine)[-1]
        heard_ms = self.when(newest) if by_now else 0
        return DeviceState(device, newest.station, heard_ms, self.heard_through(device), missing, newest.queued, None, *more)

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
            if not (self.left_whole(name, station) and all(self.known_to(name, one.seq) for one in mine)):
                deciding = deciding | {name}  # who stands there decides anyway
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


WORLD = ("x", "y", "z")


def honest_day(chance: Random) -> list[Passage | Heartbeat]:
    """What two devices really told: each reads, tells how far it has come, and is carried on, and nowhere twice."""
    told: list[Passage | Heartbeat] = []
    for device in "AB":
        seq, places = 0, chance.sample(WORLD, 3)
        for minute in range(1, chance.randint(2, 12)):
            what = chance.random()
            if what < 0.4:
                seq += 1
                told.append(fact(device, seq, places[0], minute * 60_000))
            elif what < 0.8:
                told.append(beat(device, minute * 60_000, seq if chance.random() < 0.9 else None, places[0]))
            elif len(places) > 1:
                places.pop(0)
    return told


@pytest.mark.parametrize("seed", range(5))
def test_no_station_is_heard_through_what_a_device_has_read_there_that_is_not_known(seed: int) -> None:
    """Of honest devices, whatever is lost on the way; where a device told of a station at all, and numbers what it tells."""
    chance = Random(seed)
    for _ in range(2_000):
        told = honest_day(chance)
        known = [one for one in told if chance.random() < 0.75]
        chance.shuffle(known)
        found = devices(*known)
        unheard = {one.device for one in known if isinstance(one, Heartbeat) and one.seq is None}
        for station in WORLD:
            through_ms = through(found, station) or 0
            heard = {one.device for one in known if isinstance(one, Heartbeat) and one.station == station} - unheard
            lost = [one for one in told if isinstance(one, Passage) and one not in known and one.station == station]
            assert not [one for one in lost if one.device in heard and one.at_ms <= through_ms], known
