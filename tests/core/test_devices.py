"""Through which moment a station is heard, and what of each device is missing: one answer for one set of facts, however they came."""

from collections.abc import Callable

import pytest

from tests.core.builders import at, key_of, read
from tracker.core.clocks import ClockWords
from tracker.core.devices import Devices, DeviceState
from tracker.core.facts import ClockCorrection, Heartbeat, Passage

NOW_MS = at("12h")
HOUR_MS = 3_600_000


def as_it_is(_device: str, at_ms: int) -> int:
    return at_ms


def by(*corrections: ClockCorrection) -> Callable[[str, int], int]:
    """The right moments by the desk's corrections."""
    return lambda device, at_ms: ClockWords([word for word in corrections if word.device == device]).right_ms(at_ms)


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


def test_a_heartbeat_of_a_device_that_numbers_nothing_is_complete_as_it_stands() -> None:
    assert through(devices(beat("mat", "8h"), beat("mat", "9h"))) == at("9h")


@pytest.mark.parametrize("queued", [12, 1])
def test_a_heartbeat_without_a_number_proves_nothing_while_it_says_that_facts_are_queued(queued: int) -> None:
    found = devices(beat("mat", "8h", queued=0), beat("mat", "9h", queued=queued))
    assert through(found) == at("8h")
    found.hear(beat("mat", "10h", queued=0))
    assert through(found) == at("10h")


def test_a_heartbeat_without_a_number_proves_nothing_beyond_the_last_fact_before_one_that_is_missing() -> None:
    read = [fact("mat", seq, when=when) for seq, when in ((1, "6h"), (2, "7h"), (4, "8h"))]
    beats = [beat("mat", when) for when in ("6h30", "7h", "7h30", "9h")]
    told: list[Passage | Heartbeat] = [*read, *beats]
    for order in (told, told[::-1]):
        found = devices(*order)
        assert through(found) == at("7h")
        found.take_changes()
        tell(found, fact("mat", 3, when="7h15"))
        assert (through(found), found.take_changes()) == (at("9h"), {"illa"})


def test_a_heartbeat_without_a_number_proves_nothing_while_the_device_has_told_of_facts_that_are_missing() -> None:
    found = devices(beat("mat", "8h", seq=4), beat("mat", "9h"))
    assert through(found) == 0
    tell(found, fact("mat", 4))
    assert through(found) == 0
    found.take_all(facts("mat", 1, 2, 3))
    assert through(found) == at("9h")


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
        pytest.param([*facts("mat", 1, 2, 3), beat("other", "10h")], "10h", "9h", id="who still stands there decides alone"),
        pytest.param([*facts("mat", 1), beat("other", "10h")], None, None, id="unless facts told from there are missing"),
        pytest.param([*facts("mat", 1, 2), beat("other", "10h")], "8h", None, id="or one that it may have read there after its last word"),
        pytest.param(
            [*facts("mat", 1, 2, 3), beat("other", "10h"), beat("mat", "11h", 5, "sorteny")], "10h", "9h", id="not what it read since"
        ),
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
    assert states(found) == [DeviceState("mat", "illa", at("8h"), 0, missing, 7, 61.5, 4, gap_ms=at("1h"))]


def test_passage_18_of_a_device_without_heartbeats_is_seen_to_be_missing() -> None:
    found = devices(facts("phone", *range(1, 18), 19))
    assert states(found) == [DeviceState("phone", "illa", None, None, ((18, 18),), None, None, 18, gap_ms=at("1h"))]


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
