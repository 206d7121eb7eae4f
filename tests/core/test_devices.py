"""Through which moment a station is heard, and what of each device is missing: one answer for one set of facts, however they came."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import at, key_of
from tracker.core.devices import Devices, DeviceState
from tracker.core.facts import Heartbeat


def as_it_is(_device: str, at_ms: int) -> int:
    return at_ms


class Told(NamedTuple):
    """A fact of a device, as far as this room cares."""

    device: str
    seq: int
    station: str


def beat(
    device: str, when: str | int, seq: int | None = None, station: str = "illa", queued: int | None = None, battery: float | None = None
) -> Heartbeat:
    key = key_of("beat", device, when, seq, station, queued, battery)
    return Heartbeat(key, f"{device}@{when}", at(when), device, station, seq, queued, battery)


def facts(device: str, *numbers: int, station: str = "illa") -> list[Told]:
    return [Told(device, seq, station) for seq in numbers]


def devices(*told: Told | Heartbeat | list[Told]) -> Devices:
    found = Devices()
    for each in told:
        for one in each if isinstance(each, list) else [each]:
            tell(found, one)
    return found


def tell(found: Devices, one: Told | Heartbeat) -> None:
    if isinstance(one, Heartbeat):
        found.hear(one)
    else:
        found.take(*one)


def test_a_station_is_heard_through_the_heartbeat_whose_facts_are_all_known() -> None:
    found = devices(facts("mat", 1, 2), beat("mat", "8h", seq=2))
    assert found.through_ms("illa", as_it_is) == at("8h")


def test_a_heartbeat_that_tells_of_a_fact_not_known_proves_nothing_yet() -> None:
    found = devices(facts("mat", 1, 2), beat("mat", "8h", seq=2), beat("mat", "9h", seq=3))
    assert found.through_ms("illa", as_it_is) == at("8h")
    found.take("mat", 3, "illa")
    assert found.through_ms("illa", as_it_is) == at("9h")


def test_a_device_that_was_heard_but_whose_facts_were_never_complete_has_its_station_heard_through_nothing() -> None:
    assert devices(beat("mat", "8h", seq=1)).through_ms("illa", as_it_is) == 0


def test_a_heartbeat_without_a_number_is_complete_as_it_stands() -> None:
    assert devices(beat("mat", "8h", seq=4), beat("mat", "9h")).through_ms("illa", as_it_is) == at("9h")


def test_a_device_that_has_read_nobody_yet_is_heard() -> None:
    assert devices(beat("mat", "8h", seq=0)).through_ms("illa", as_it_is) == at("8h")


def test_a_station_without_heartbeats_is_not_monitored() -> None:
    found = devices(facts("phone", 1, 2), beat("mat", "8h", station="botella"))
    assert found.through_ms("illa", as_it_is) is None
    assert found.through_ms("sorteny", as_it_is) is None


def test_a_station_is_heard_no_further_than_its_least_device() -> None:
    found = devices(beat("in", "9h"), beat("out", "8h"), beat("elsewhere", "7h", station="botella"))
    assert found.through_ms("illa", as_it_is) == at("8h")


def test_a_backlog_that_comes_newest_first_completes_the_heartbeats_as_the_gap_closes() -> None:
    found = devices(beat("mat", "7h", seq=1), beat("mat", "8h", seq=2), beat("mat", "9h", seq=4))
    heard = []
    for seq in (4, 3, 2, 1):
        found.take("mat", seq, "illa")
        heard.append(found.through_ms("illa", as_it_is))
    assert heard == [0, 0, 0, at("9h")]


def test_an_old_heartbeat_that_comes_late_takes_nothing_back() -> None:
    found = devices(facts("mat", 1), beat("mat", "9h", seq=1), beat("mat", "8h", seq=0), beat("mat", "7h", seq=5))
    assert found.through_ms("illa", as_it_is) == at("9h")
    assert found.states()[0].heard_ms == at("9h")


def test_of_heartbeats_with_one_number_the_newest_counts_once_it_is_complete() -> None:
    found = devices(beat("mat", "9h", seq=1), beat("mat", "10h", seq=1), beat("mat", "8h", seq=1), facts("mat", 1))
    assert found.through_ms("illa", as_it_is) == at("10h")


def test_a_device_that_was_carried_on_stands_at_its_new_station_and_the_old_one_is_not_monitored() -> None:
    found = devices(beat("mat", "8h"), beat("mat", "9h", station="sorteny"))
    assert (found.through_ms("illa", as_it_is), found.through_ms("sorteny", as_it_is)) == (None, at("9h"))
    assert found.take_changes() == {"illa", "sorteny"}


def test_of_two_heartbeats_at_one_moment_the_same_is_the_newest_whichever_came_first() -> None:
    one, other = beat("mat", "8h", station="illa"), beat("mat", "8h", station="sorteny")
    assert devices(one, other).states() == devices(other, one).states()


def test_what_is_missing_is_told_as_ranges_up_to_the_highest_number_that_anything_told() -> None:
    found = devices(facts("mat", 1, 2, 5, 9), beat("mat", "8h", seq=12, queued=7, battery=61.5))
    missing = ((3, 4), (6, 8), (10, 12))
    assert found.states() == [DeviceState("mat", "illa", at("8h"), 0, missing, 7, 61.5, 4)]


def test_passage_18_of_a_device_without_heartbeats_is_seen_to_be_missing() -> None:
    found = devices(facts("phone", *range(1, 18), 19))
    assert found.states() == [DeviceState("phone", "illa", None, None, ((18, 18),), None, None, 18)]


def test_a_device_without_heartbeats_stands_where_its_highest_fact_was_read() -> None:
    early, late = facts("phone", 1, 2, station="sorteny"), facts("phone", 3, 4)
    for order in ((early, late), (late, early), (early, late, early)):
        assert devices(*order).states() == [DeviceState("phone", "illa", None, None, (), None, None, 4)]


def test_a_fact_numbered_0_is_none_that_anything_waits_for() -> None:
    found = devices(facts("phone", 0), beat("phone", "8h", seq=0))
    assert found.states() == [DeviceState("phone", "illa", at("8h"), at("8h"), (), None, None, 0)]


def test_devices_are_listed_by_station_and_name() -> None:
    found = devices(beat("b", "8h"), beat("a", "8h", station="sorteny"), beat("c", "8h", station="botella"), facts("a2", 1))
    assert [(state.station, state.device) for state in found.states()] == [
        ("botella", "c"),
        ("illa", "a2"),
        ("illa", "b"),
        ("sorteny", "a"),
    ]


def test_only_a_station_whose_moment_may_have_moved_is_told_and_only_once() -> None:
    found = devices(beat("mat", "8h", seq=1), beat("other", "8h", station="botella"))
    assert found.take_changes() == {"illa", "botella"}
    assert found.take_changes() == set()
    found.take("other", 1, "botella")
    assert found.take_changes() == set()
    found.take("mat", 1, "illa")
    assert found.take_changes() == {"illa"}


def test_a_device_keeps_no_more_than_what_is_not_complete() -> None:
    found = devices(*(one for seq in range(1, 500) for one in (Told("mat", seq, "illa"), beat("mat", seq, seq=seq))))
    known = found._devices["mat"]
    assert (known.ahead, known.waiting) == (set(), {})
    found = devices(*(beat("mat", minute, seq=2) for minute in range(500)), facts("mat", *range(3, 9)), facts("mat", 2, 1))
    known = found._devices["mat"]
    assert (known.ahead, known.waiting) == (set(), {})


STATIONS = st.sampled_from(("illa", "botella", "sorteny"))
TOLD = st.builds(Told, st.sampled_from("ABC"), st.integers(0, 7), STATIONS)
BEATS = st.builds(beat, st.sampled_from("ABD"), st.integers(1, 6), st.none() | st.integers(0, 8), STATIONS, st.none() | st.integers(0, 2))
HEARD = st.lists(TOLD | BEATS, max_size=40)


def reference_state(device: str, told: set[Told], beats: list[Heartbeat]) -> DeviceState:
    """The rule in so many words, from the plain set."""
    known = {one.seq for one in told if one.device == device and one.seq >= 1}
    mine = [one for one in beats if one.device == device]
    highest = max([0, *known, *(one.seq or 0 for one in mine)])
    lacking = [seq for seq in range(1, highest + 1) if seq not in known]
    first = [seq for seq in lacking if seq - 1 not in lacking]
    last = [seq for seq in lacking if seq + 1 not in lacking]
    missing = tuple(zip(first, last, strict=True))
    if not mine:
        station = max((one.seq, one.station) for one in told if one.device == device)[1]
        return DeviceState(device, station, None, None, missing, None, None, len(known))
    newest = max(mine, key=lambda one: (one.at_ms, one.key))
    complete = [one.at_ms for one in mine if all(seq in known for seq in range(1, (one.seq or 0) + 1))]
    return DeviceState(device, newest.station, newest.at_ms, max(complete, default=0), missing, newest.queued, None, len(known))


def reference(heard: list[Told | Heartbeat]) -> list[DeviceState]:
    told = {one for one in heard if isinstance(one, Told)}
    beats = [one for one in heard if isinstance(one, Heartbeat)]
    names = {one.device for one in heard}
    return sorted((reference_state(name, told, beats) for name in names), key=lambda state: (state.station, state.device))


def through_by_station(found: Devices) -> dict[str, int | None]:
    return {station: found.through_ms(station, as_it_is) for station in ("illa", "botella", "sorteny")}


@settings(max_examples=300, deadline=None)
@given(HEARD, st.randoms(use_true_random=False))
def test_any_order_and_any_repeat_gives_what_the_plain_set_gives(heard: list[Told | Heartbeat], chance: object) -> None:
    expected = reference(heard)
    moments: dict[str, int | None] = dict.fromkeys(("illa", "botella", "sorteny"))
    for state in expected:
        if state.through_ms is not None:
            so_far = moments[state.station]
            moments[state.station] = state.through_ms if so_far is None else min(so_far, state.through_ms)
    shuffled = heard * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for order in (heard, shuffled):
        found = devices(*order)
        assert found.states() == expected
        assert through_by_station(found) == moments


@settings(max_examples=200, deadline=None)
@given(HEARD)
def test_no_station_changes_without_being_told(heard: list[Told | Heartbeat]) -> None:
    found = Devices()
    before = through_by_station(found)
    for one in heard:
        tell(found, one)
        after = through_by_station(found)
        assert {station for station in after if after[station] != before[station]} <= found.take_changes()
        before = after
