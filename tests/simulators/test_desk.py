"""The simulated desk says of each runner what a race office says, when one would, and leaves nobody on the mountain."""

from typing import Any

import orjson
import pytest

from simulators.field import Journey, simulate_field
from simulators.scanners import NO_FAULTS, REALISTIC, Emission, Faults, emissions
from tests.simulators.conftest import roster_of
from tracker.core.alerts import alerts
from tracker.core.course import Event
from tracker.core.field import Field
from tracker.core.roster import Roster
from tracker.core.runner import Status, Where
from tracker.wire import DESK, Offline, Wire

MINUTE_MS = 60_000
HALF_THE_READS = Faults(missed_read=0.5)


def desk_of(sent: list[Emission], kind: str) -> dict[str, dict[str, Any]]:
    """What the desk said of this kind, by bib; it says it once."""
    said = [orjson.loads(each.payload) for each in sent if each.device == DESK and each.topic.endswith(f"/{DESK}/{kind}")]
    by_bib = {fact["bib"]: fact for fact in said}
    assert len(by_bib) == len(said)
    return by_bib


def minutes_between(earlier_ms: int, later_ms: int) -> float:
    return (later_ms - earlier_ms) / MINUTE_MS


def out_of_time(event: Event, journeys: list[Journey]) -> dict[str, Journey]:
    """Who ran out of time, by the stories alone: started, did not give up, and was not at the finish within the limit."""
    found = {}
    for journey in journeys:
        race = event.by_id[journey.race]
        limit_ms = race.start_ms + race.cutoffs[race.finish].limit_ms
        if (
            journey.started
            and journey.quit is None
            and not (journey.visits[-1].checkpoint == race.finish and journey.visits[-1].arrived_ms <= limit_ms)
        ):
            found[journey.bib] = journey
    return found


def after_the_last_word(event: Event, roster: Roster, sent: list[Emission]) -> Field:
    wire = Wire(event.id)
    field = Field(event, roster, max(sent[-1].send_ms, event.last_limit_ms) + MINUTE_MS)
    for emission in sent:
        fact = wire.decode(emission.topic, emission.payload)
        assert not isinstance(fact, Offline)
        field.add(fact)
    return field


@pytest.mark.parametrize("faults", [NO_FAULTS, REALISTIC, HALF_THE_READS], ids=["none", "realistic", "half the reads missed"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_once_the_desk_has_said_its_last_word_nobody_is_out_there(andorra: Event, seed: int, faults: Faults) -> None:
    roster = roster_of(andorra, seed)
    journeys = simulate_field(andorra, roster, seed)
    field = after_the_last_word(andorra, roster, emissions(andorra, roster, journeys, seed, faults))
    for race in andorra.by_id:
        places = {place.where for place in field.places(race)}
        assert places <= {Where.NOT_STARTED, Where.FINISHED, Where.ACCOUNTED}
        assert Where.FINISHED in places
    assert not {"unaccounted", "out_of_time", "conflict"} & {alert.kind for alert in alerts(field)}
    finished = {journey.bib for journey in journeys if journey.started and journey.quit is None} - out_of_time(andorra, journeys).keys()
    assert all(field.verdict(bib).status is Status.FINISHED for bib in finished)


def test_who_gave_up_is_accounted_for_twenty_to_ninety_minutes_later(andorra: Event, roster: Roster, journeys: list[Journey]) -> None:
    accounted = desk_of(emissions(andorra, roster, journeys, 7), "accounted")
    gave_up = {journey.bib: journey.quit for journey in journeys if journey.quit is not None}
    assert len(gave_up) > 50
    for bib, story in gave_up.items():
        assert 20 <= minutes_between(story.at_ms, accounted[bib]["time"]) <= 90
        assert accounted[bib]["author"] == "race office"


def test_who_is_out_of_time_is_confirmed_after_the_cutoff_and_then_accounted_for(
    andorra: Event, roster: Roster, journeys: list[Journey]
) -> None:
    sent = emissions(andorra, roster, journeys, 7)
    decided, accounted = desk_of(sent, "status"), desk_of(sent, "accounted")
    too_late = out_of_time(andorra, journeys)
    assert too_late
    assert decided.keys() == too_late.keys()
    for bib, journey in too_late.items():
        race, last = andorra.by_id[journey.race], journey.visits[-1]
        cutoffs_ms = [race.start_ms + cutoff.limit_ms for at, cutoff in race.cutoffs.items() if at >= last.checkpoint]
        since_ms = [moment_ms for moment_ms in (*cutoffs_ms, last.arrived_ms) if moment_ms <= decided[bib]["time"]]
        assert decided[bib]["status"] == "out_of_time"
        assert 10 <= minutes_between(max(since_ms), decided[bib]["time"]) <= 30
        assert 20 <= minutes_between(decided[bib]["time"], accounted[bib]["time"]) <= 90


def test_of_nobody_else_the_desk_says_anything(andorra: Event, roster: Roster, journeys: list[Journey]) -> None:
    sent = emissions(andorra, roster, journeys, 7)
    gave_up = {journey.bib for journey in journeys if journey.quit is not None}
    assert desk_of(sent, "accounted").keys() == gave_up | out_of_time(andorra, journeys).keys()
    assert not desk_of(sent, "passage")
    assert {each.topic.rpartition("/")[2] for each in sent if each.device == DESK} == {"accounted", "status"}


def test_a_finisher_whom_no_mat_has_read_gets_the_true_time_by_hand(andorra: Event, roster: Roster, journeys: list[Journey]) -> None:
    by_hand = desk_of(emissions(andorra, roster, journeys, 7, HALF_THE_READS), "passage")
    arrived = {journey.bib: journey.visits[-1].arrived_ms for journey in journeys if journey.started}
    assert len(by_hand) > 100
    for bib, fact in by_hand.items():
        assert fact["at"] == arrived[bib]
        assert 3 <= minutes_between(fact["at"], fact["time"]) <= 15
