"""Simulated devices publish as real ones do, and each fault is seen at its rate and only then."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import orjson
import pytest

from simulators.field import Journey, SimulationError
from simulators.scanners import HEARTBEAT_MS, NO_FAULTS, REALISTIC, Emission, Faults, emissions, parse_faults
from tracker.core.course import Event
from tracker.core.field import Field
from tracker.core.roster import Roster
from tracker.core.runner import Status
from tracker.wire import DESK, Offline, Wire

MINUTE_MS = 60_000


def kind(emission: Emission) -> str:
    return emission.topic.rpartition("/")[2]


def said(emission: Emission) -> dict[str, Any]:
    payload = orjson.loads(emission.payload)
    assert isinstance(payload, dict)
    return payload


def of_devices(sent: list[Emission]) -> list[Emission]:
    return [each for each in sent if each.device != DESK]


def passages(sent: list[Emission]) -> list[dict[str, Any]]:
    reads = [each for each in of_devices(sent) if kind(each) == "passage"]
    return [{**said(each), "station": each.topic.split("/")[2], "sent": each.send_ms} for each in reads]


@pytest.fixture(scope="module")
def send(andorra: Event, roster: Roster, journeys: list[Journey]) -> Any:
    return lambda faults=NO_FAULTS, seed=7: emissions(andorra, roster, journeys, seed, faults)


@pytest.fixture(scope="module")
def clean(send: Any) -> list[Emission]:
    return list(send())


@pytest.fixture(scope="module")
def real(send: Any) -> list[Emission]:
    return list(send(REALISTIC))


def test_the_same_seed_sends_the_same_bytes_and_another_seed_others(send: Any, real: list[Emission]) -> None:
    assert send(REALISTIC) == real
    assert send(REALISTIC, 8) != real


def test_every_message_is_a_fact_that_the_tracker_reads(andorra: Event, real: list[Emission]) -> None:
    wire = Wire(andorra.id)
    for emission in real:
        wire.decode(emission.topic, emission.payload)


def test_messages_are_in_order_of_sending(real: list[Emission]) -> None:
    assert [each.send_ms for each in real] == sorted(each.send_ms for each in real)


def test_without_faults_every_arrival_is_read_once_and_twice_on_the_mats(
    andorra: Event, journeys: list[Journey], clean: list[Emission]
) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for journey in journeys:
        for visit in journey.visits:
            station = andorra.by_id[journey.race].checkpoints[visit.checkpoint].station
            expected[journey.bib, station] += 2 if station == "ordino" else 1
    assert Counter((read["bib"], read["station"]) for read in passages(clean)) == expected


def test_the_tracker_makes_of_a_field_without_faults_what_truly_happened(
    andorra: Event, roster: Roster, journeys: list[Journey], clean: list[Emission]
) -> None:
    wire, field = Wire(andorra.id), Field(andorra, roster, andorra.last_limit_ms + MINUTE_MS)
    for emission in of_devices(clean):
        fact = wire.decode(emission.topic, emission.payload)
        assert not isinstance(fact, Offline)
        field.add(fact)
    for journey in journeys:
        if journey.started:
            assert field.verdict(journey.bib).status == truth(andorra, journey), journey


def truth(event: Event, journey: Journey) -> Status:
    """What the runner of this story is once the race is over."""
    race = event.by_id[journey.race]
    if journey.quit is not None:
        return Status.WITHDRAWN
    limit = race.checkpoints[-1].cutoff
    assert limit is not None
    last = journey.visits[-1]
    in_time = last.checkpoint == race.finish and last.arrived_ms <= race.start_ms + limit.limit_ms
    return Status.FINISHED if in_time else Status.OUT_OF_TIME


def test_who_does_not_start_is_never_read(journeys: list[Journey], real: list[Emission]) -> None:
    absent = {journey.bib for journey in journeys if not journey.started}
    assert absent
    assert not absent & {read["bib"] for read in passages(real)}


@pytest.mark.parametrize("faults", [NO_FAULTS, REALISTIC], ids=["none", "realistic"])
def test_each_device_counts_its_facts_without_a_gap_in_the_order_in_which_it_sends_them(send: Any, faults: Faults) -> None:
    counted: dict[str, list[int]] = defaultdict(list)
    for emission in of_devices(send(faults)):
        if kind(emission) != "heartbeat":
            counted[emission.device].append(said(emission)["seq"])
    for given in counted.values():
        firsts = list(dict.fromkeys(given))
        assert firsts == list(range(1, len(firsts) + 1))


def test_every_fact_has_an_id_of_its_own(clean: list[Emission]) -> None:
    ids = [said(each)["id"] for each in clean if kind(each) != "heartbeat"]
    assert len(ids) == len(set(ids))


def test_every_withdrawal_is_signed_off_where_it_happened(andorra: Event, journeys: list[Journey], clean: list[Emission]) -> None:
    expected = {
        (j.bib, andorra.by_id[j.race].checkpoints[j.quit.checkpoint].station, j.quit.reason.value, j.quit.at_ms) for j in journeys if j.quit
    }
    stated = [(said(each), each.topic.split("/")[2]) for each in clean if kind(each) == "withdrawal"]
    assert {(fact["bib"], station, fact["reason"], fact["time"]) for fact, station in stated} == expected
    assert len(stated) == len(expected)


def test_a_heartbeat_never_claims_more_than_was_given_out(clean: list[Emission]) -> None:
    given: Counter[str] = Counter()
    for emission in sorted(clean, key=lambda each: (said(each)["time"], kind(each) == "heartbeat")):
        if kind(emission) == "heartbeat":
            assert said(emission)["seq"] == given[emission.device]
        else:
            given[emission.device] += 1


def test_every_device_is_heard_every_few_minutes_from_before_its_first_runner_until_after_its_last(clean: list[Emission]) -> None:
    beats: dict[str, list[int]] = defaultdict(list)
    reads: dict[str, list[int]] = defaultdict(list)
    for emission in of_devices(clean):
        (beats if kind(emission) == "heartbeat" else reads)[emission.device].append(emission.send_ms)
    for device, read in reads.items():
        heard = beats[device]
        assert heard[0] < read[0]
        assert heard[-1] > read[-1] - HEARTBEAT_MS
        assert {after - before for before, after in pairwise(heard)} == {HEARTBEAT_MS}


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_double_reads_come_at_their_rate(send: Any, rate: float) -> None:
    reads = Counter((read["bib"], read["station"]) for read in passages(send(Faults(double_read=rate))) if read["station"] != "ordino")
    assert sum(count > 1 for count in reads.values()) / len(reads) == pytest.approx(rate, rel=0.2)


def test_a_start_mat_also_reads_runners_before_the_gun(andorra: Event, send: Any) -> None:
    start_ms = andorra.by_id["105k"].start_ms
    reads = [read for read in passages(send(Faults(double_read=0.3))) if read["station"] == "ordino"]
    at_start = [read["time"] - start_ms for read in reads if abs(read["time"] - start_ms) < 10 * MINUTE_MS]
    assert any(offset < 0 for offset in at_start)
    assert any(offset > 0 for offset in at_start)


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_missed_reads_come_at_their_rate(send: Any, clean: list[Emission], rate: float) -> None:
    missing = 1 - len(passages(send(Faults(missed_read=rate)))) / len(passages(clean))
    assert missing == pytest.approx(rate, rel=0.15)


def test_a_station_that_was_silent_sends_its_backlog_at_once_in_order_with_the_old_times(send: Any) -> None:
    sent = of_devices(send(Faults(offline=1.0)))
    by_device: dict[str, list[Emission]] = defaultdict(list)
    for emission in sent:
        if not emission.device.startswith("ordino"):
            by_device[emission.device].append(emission)
    backlogs = 0
    for each in by_device.values():
        facts = [said(emission) | {"sent": emission.send_ms} for emission in each if kind(emission) != "heartbeat"]
        assert [fact["time"] for fact in facts] == sorted(fact["time"] for fact in facts)
        late = [fact for fact in facts if fact["sent"] - fact["time"] > 2 * MINUTE_MS]
        queued = max(said(emission)["queued"] for emission in each if kind(emission) == "heartbeat")
        assert queued >= len(late)
        if len(late) > 1:
            backlogs += 1
            assert late[-1]["sent"] - late[0]["sent"] < MINUTE_MS
            silent = range(late[0]["time"], late[0]["sent"] - 1)
            assert not any(emission.send_ms in silent for emission in each if emission.send_ms > late[0]["time"] + 1000)
    assert backlogs >= len(by_device) // 2


def test_a_clock_that_is_off_shows_in_heartbeats_and_reads_alike(send: Any) -> None:
    sent = send(Faults(clock_offset=1.0))
    off: dict[str, list[int]] = defaultdict(list)
    for emission in sent:
        if kind(emission) == "heartbeat":
            off[emission.device].append(said(emission)["time"] - emission.send_ms)
    for device, offsets in off.items():
        if device.startswith("ordino"):
            assert set(offsets) == {0}
        else:
            assert offsets[0] != 0
            assert max(offsets) - min(offsets) < 10_000
    for emission in sent:
        if kind(emission) == "passage":
            shift = said(emission)["time"] - emission.send_ms - off[emission.device][0]
            assert -MINUTE_MS < shift < 10_000


def test_some_devices_have_a_clock_that_is_off_when_some_should(andorra: Event, roster: Roster, journeys: list[Journey]) -> None:
    shares = []
    for seed in range(12):
        sent = emissions(andorra, roster, journeys[:1], seed, Faults(clock_offset=0.5))
        beats = {
            each.device: said(each)["time"] - each.send_ms for each in sent if kind(each) == "heartbeat" and "ordino" not in each.device
        }
        shares.append(sum(offset != 0 for offset in beats.values()) / len(beats))
    assert sum(shares) / len(shares) == pytest.approx(0.5, abs=0.12)


def test_a_message_that_is_published_twice_is_the_same_message(send: Any, clean: list[Emission]) -> None:
    facts = [each for each in send(Faults(duplicate=0.2)) if kind(each) != "heartbeat"]
    twice = [count for count in Counter((each.topic, each.payload) for each in facts).values() if count > 1]
    assert set(twice) == {2}
    assert len(twice) / len(passages(clean)) == pytest.approx(0.2, rel=0.15)


def test_stations_with_a_way_in_and_a_way_out_read_both(journeys: list[Journey], send: Any) -> None:
    reads = [read for read in passages(send(Faults(in_out=1.0))) if read["station"] != "ordino"]
    assert {read["way"] for read in reads} == {"in", "out"}
    came = sum(read["way"] == "in" for read in reads)
    left = sum(read["way"] == "out" for read in reads)
    stayed = sum(bool(j.visits) and j.visits[-1].left_ms is None for j in journeys)
    assert came >= left >= came - stayed


def test_stray_reads_name_bibs_that_nobody_wears(roster: Roster, send: Any, clean: list[Emission]) -> None:
    reads = passages(send(Faults(stray=0.1)))
    strays = [read for read in reads if read["bib"] not in roster.by_bib]
    assert len(strays) / len(passages(clean)) == pytest.approx(0.1, rel=0.2)
    assert not [read for read in passages(clean) if read["bib"] not in roster.by_bib]


def test_another_root_is_used_for_every_topic(andorra: Event, roster: Roster, journeys: list[Journey]) -> None:
    assert all(each.topic.startswith("hill/andorra-2022/") for each in emissions(andorra, roster, journeys[:5], 1, root="hill"))


def test_faults_are_read_as_people_write_them() -> None:
    assert parse_faults("double_read=0.2, offline=0.1") == Faults(double_read=0.2, offline=0.1)
    assert parse_faults("none") == parse_faults("") == NO_FAULTS
    assert parse_faults("realistic") == REALISTIC


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "thunder=0.2",
            'faults: no fault is called "thunder". Known: double_read, missed_read, offline, clock_offset, duplicate, in_out, stray',
        ),
        ("offline=often", 'faults: offline is "often". Write a rate from 0 to 1'),
        ("offline=1.5", 'faults: offline is "1.5". Write a rate from 0 to 1'),
        ("offline=nan", 'faults: offline is "nan". Write a rate from 0 to 1'),
        ("offline", 'faults: offline is "". Write a rate from 0 to 1'),
    ],
)
def test_a_fault_that_cannot_be_read_is_named_with_what_to_write(text: str, complaint: str) -> None:
    with pytest.raises(SimulationError, match=r"^faults: ") as raised:
        parse_faults(text)
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)
