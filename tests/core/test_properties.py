"""What holds of every race day, however its facts come: one set of facts is one field, and a fact concerns whom it concerns.

`Reach` is the rule of who may be touched by a fact, said here a second time and apart from the field's own way of knowing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import permutations
from random import Random

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.core.builders import (
    GUN_MS,
    at,
    cutoff,
    decides,
    entrant,
    hand_time,
    heartbeat,
    key_of,
    moves_race,
    race_with,
    read,
    reads,
    reroutes,
    swaps,
    void,
)
from tests.core.random_races import GRID_MS, LAST, RaceDay, made, race_days
from tracker.core import facts as f
from tracker.core.alert import Alert
from tracker.core.alerts import alerts
from tracker.core.course import CutoffFrom, Event, Race
from tracker.core.field import Field
from tracker.core.roster import Roster
from tracker.core.runner import Status, Verdict
from tracker.core.soundness import check, digest
from tracker.core.stations import Station, stations

NOWS = st.integers(-2, LAST + 4).map(lambda half_hours: GUN_MS + half_hours * GRID_MS)
CHANCES = st.randoms(use_true_random=False)


def seen_from_outside(field: Field) -> tuple[str, list[Alert], list[Station]]:
    return digest(field), alerts(field), stations(field)


def but_for_silence(state: str, found: list[Alert], there: list[Station]) -> tuple[object, ...]:
    """Without the alert of a race that was never heard: a read that was voided was heard all the same."""
    return state, [one for one in found if one.kind != "never_heard"], there


@settings(max_examples=250, deadline=None)
@given(race_days(), CHANCES, st.lists(NOWS, min_size=1, max_size=4))
def test_any_order_and_any_repeat_gives_the_same_sound_field_with_the_same_alerts_and_stations(
    day: RaceDay, chance: Random, nows: list[int]
) -> None:
    nows.sort()
    once = day.field(now_ms=nows[-1])
    check(once)
    arriving = day.facts + chance.choices(day.facts, k=len(day.facts) // 2) if day.facts else []
    chance.shuffle(arriving)
    other = day.field([])
    for number, fact in enumerate(arriving):
        other.add(fact)
        check(other)
        if number % 5 == 0 and len(nows) > 1:
            other.advance(max(other.now_ms, nows.pop(0)))
            check(other)
    other.advance(max(other.now_ms, nows[-1]))
    check(other)
    assert seen_from_outside(other) == seen_from_outside(once)


LOOP = race_with(cutoff("c3", "9h"), points="start:a@0 c1:s@3 c2:col@11 c3:s@14 c4:col@17 finish:a@23", gain_m=400)
LINE = race_with(cutoff("c1", "2h30"), cutoff("finish", "4h", on="arrival"), points="start:a@0 c1:b@6 finish:c@10", gain_m=0)
OUT_AND_BACK = race_with(points="start:a@0 c1:b@3 c2:c@18 c3:b@21 finish:b@23", gain_m=0)
RETURN = race_with(points="start:a@0 c1:s@3 c2:a@9 c3:d@15 finish:e@20", gain_m=0)
TURN = race_with(points="start:a@0 c1:s@5 finish:a@11", gain_m=0)
SHORT = replace(race_with(points="start:a@0 finish:c@9", gain_m=0), id="9k")


@pytest.mark.parametrize(
    ("race", "facts"),
    [
        pytest.param(LOOP, [read("1", "col", "3h")], id="read nowhere but at a station that is passed twice"),
        pytest.param(RETURN, reads(a="30m", s="2h", d="4h30"), id="read at a start that is passed again"),
        pytest.param(
            OUT_AND_BACK,
            [*reads(a="0m"), read("1", "b", "1h30", "in"), read("1", "b", "2h", "out")],
            id="in and out of a station that is passed again",
        ),
        pytest.param(
            TURN, [*reads(a="0m"), reroutes("c1")], id="the checkpoint between the start and a finish at the same place is skipped"
        ),
        pytest.param(LOOP, [*reads(a="0m", s="2h"), reroutes("c2")], id="the checkpoint between two visits of a station is skipped"),
        pytest.param(
            LINE,
            [*reads(a="0m"), heartbeat("b", "0m", 0), heartbeat("b", "3h", 0)],
            id="struck at the finish, then heard from the checkpoint before",
        ),
        pytest.param(
            replace(LINE, cutoff_from=CutoffFrom.RUNNER),
            [*reads("1", a="0m"), *reads("2", a="0m"), heartbeat("b", "150m", 5), *reads("1", b="2h")],
            id="overdue if his station were heard, until another's arrival says that he is not",
        ),
        pytest.param(LINE, [hand_time("c1", "1h"), moves_race("9k")], id="a hand time where the runner's new race never passes"),
        pytest.param(
            LINE,
            [swaps("1", "2"), decides("out_of_time", "3h"), void(decides("out_of_time", "3h"), when="4h")],
            id="a decision about one whose bib another wore is taken back",
        ),
    ],
)
@pytest.mark.parametrize("now", ["2h", "5h"])
def test_cases_that_random_race_days_have_found(race: Race, facts: list[f.Fact], now: str) -> None:
    event = Event("e", "E", "Europe/Andorra", (race, SHORT))
    day = RaceDay(event, Roster((entrant("1"), entrant("2"))), facts)
    seen = seen_from_outside(day.field(now_ms=at(now)))
    for order in permutations([*facts, facts[-1]]):
        field = day.field([], at(now))
        for fact in order:
            field.add(fact)
            check(field)
        assert seen_from_outside(field) == seen


@settings(max_examples=120, deadline=None)
@given(race_days(), st.lists(NOWS, min_size=1, max_size=6))
def test_moving_the_clock_in_steps_is_the_same_as_at_once(day: RaceDay, nows: list[int]) -> None:
    stepped = day.field(now_ms=0)
    for now_ms in sorted(nows):
        stepped.advance(now_ms)
        check(stepped)
    assert seen_from_outside(stepped) == seen_from_outside(day.field(now_ms=max(nows)))


@dataclass
class Reach:
    """Whom a fact may concern: `bibs` in any way; who was never read of these `mats` (race, wave), in whether he has started at all;
    those who wait for these `stations`, in what their silence decides; and those of these `races`, in whether they are overdue.
    """

    bibs: set[str] = field(default_factory=set)
    mats: set[tuple[str, str | None]] = field(default_factory=set)
    stations: set[str] = field(default_factory=set)
    races: set[str] = field(default_factory=set)

    def take_mats(self, field: Field) -> None:
        """Where those concerned start, and run, as the field has it."""
        entered = [field.runners[bib].entrant for bib in self.bibs if bib in field.runners]
        self.mats |= {(entrant.race, entrant.wave) for entrant in entered}
        self.races |= {entrant.race for entrant in entered}


def reach_of(said: Iterable[f.Fact], known: list[f.Fact], field: Field) -> Reach:
    """Whom facts may concern that are new, taken back, or back again, beside all that is `known`."""
    reach = Reach()
    for fact in closed(said, known):
        match fact:
            case f.Passage() | f.Withdrawal():
                reach.bibs |= wearers(fact.bib, known)
                if fact.seq is not None and fact.device is not None:
                    reach.stations |= stood_at(fact.device, known)
            case f.Heartbeat():
                reach.stations |= stood_at(fact.device, known)
            case f.StationChange():
                reach.stations.add(fact.station)
            case f.DeviceWord():
                reach.stations |= stood_at(fact.device, known)
            case f.Decision() | f.Penalty() | f.HandTime() | f.Accounted() | f.RaceMove():
                reach.bibs.add(fact.bib)
            case f.BibSwap():
                reach.bibs |= wearers(fact.from_bib, known) | wearers(fact.to_bib, known)
            case f.ClockCorrection():
                read = [one.bib for one in known if isinstance(one, f.Passage | f.Withdrawal) and one.device == fact.device]
                reach.bibs.update(*(wearers(bib, known) for bib in read))
                reach.stations |= stood_at(fact.device, known)
            case f.Start() | f.CutoffMove() | f.Neutralise() | f.Reroute():
                reach.bibs |= {bib for bib, runner in field.runners.items() if runner.entrant.race == fact.race}
            case _:
                assert isinstance(fact, f.Void | f.AlertWord | f.Final | f.Note), "these say nothing of any runner"
    return reach


def closed(said: Iterable[f.Fact], known: list[f.Fact]) -> list[f.Fact]:
    """The facts, and all that voids among them name, and those name in turn."""
    found = list(said)
    for fact in found:
        if isinstance(fact, f.Void):
            found += [one for one in known if one.id == fact.fact and one not in found]
    return found


def wearers(bib: str, known: list[f.Fact]) -> set[str]:
    """Everybody who may have worn a bib, by any swap that was ever said."""
    found, before = {bib}, 0
    swaps = [fact for fact in known if isinstance(fact, f.BibSwap)]
    while len(found) > before:
        before = len(found)
        found |= {each for swap in swaps if {swap.from_bib, swap.to_bib} & found for each in (swap.from_bib, swap.to_bib)}
    return found


def stood_at(device: str, known: list[f.Fact]) -> set[str]:
    return {fact.station for fact in known if isinstance(fact, f.Heartbeat) and fact.device == device}


def judged_by(verdict: Verdict, points: list[str]) -> set[str]:
    """The stations whose silence or whose hearing decides something of a verdict."""
    found = {points[at] for at in (verdict.at_cutoff, verdict.unheard) if at is not None}
    return found | {points[0]} if not verdict.splits else found


_BY_STATUS = {"provisional", "unconfirmed", "overdue", "conflict"}


def told_alike(one: Verdict, other: Verdict) -> bool:
    """Whether two verdicts say the same of what was read: they differ at most in what nobody being read means."""

    def read(verdict: Verdict) -> tuple[object, ...]:
        flags = [flag for flag in verdict.flags if flag not in _BY_STATUS]
        return (flags, verdict.splits, verdict.furthest, verdict.official_ms, verdict.stood_ms, verdict.suspects, verdict.by)

    return read(one) == read(other)


def but_for_overdue(verdict: Verdict) -> Verdict:
    """The verdict without what the field's own times say of a runner on the course: overdue, or so if his station were heard."""
    if verdict.status is not Status.RACING:
        return verdict
    flags = tuple(flag for flag in verdict.flags if flag not in ("overdue", "unconfirmed"))
    return msgspec.structs.replace(verdict, flags=flags, unheard=None)


def may_change(field: Field, bib: str, before: Verdict, after: Verdict, reach: Reach) -> bool:
    """Whether a runner whom the fact does not name may have changed like this."""
    entrant = field.runners[bib].entrant
    points = [point.station for point in field.event.by_id[entrant.race].checkpoints]
    if entrant.race in reach.races and but_for_overdue(before) == but_for_overdue(after):
        return True
    by_mat = not before.splits and not after.splits and {before.status, after.status} <= {Status.ENTERED, Status.DNS}
    if by_mat and (entrant.race, entrant.wave) in reach.mats:
        return True
    return told_alike(before, after) and bool((judged_by(before, points) | judged_by(after, points)) & reach.stations)


@settings(max_examples=300, deadline=None)
@given(race_days(crowds=False), CHANCES, NOWS)
def test_a_fact_changes_only_those_whom_it_may_concern(day: RaceDay, chance: Random, now_ms: int) -> None:
    """Its runner, or all of a race whose rules it moves. Of the others only: who was never read, by his start mat having worked; who
    waits for a station, by that being heard; who is overdue, by the field's own times. (In a field too small to sift reads by them.)
    """
    arriving = chance.sample(day.facts, len(day.facts))
    field = day.field([], now_ms)
    before = {bib: field.verdict(bib) for bib in field.runners}
    for number, fact in enumerate(arriving):
        known = arriving[: number + 1]
        reach = reach_of([fact], known, field)
        reach.take_mats(field)
        field.add(fact)
        field.refresh()
        reach.take_mats(field)
        after = {bib: field.verdict(bib) for bib in field.runners}
        for bib in field.runners.keys() - reach.bibs:
            assert before[bib] == after[bib] or may_change(field, bib, before[bib], after[bib], reach), (
                f"{fact} changed bib {bib} from {before[bib]} to {after[bib]}"
            )
        before = after


@settings(max_examples=120, deadline=None)
@given(race_days(), CHANCES, NOWS)
def test_a_fact_that_is_known_already_changes_nobody(day: RaceDay, chance: Random, now_ms: int) -> None:
    field = day.field(now_ms=now_ms)
    before, seen = {bib: field.verdict(bib) for bib in field.runners}, seen_from_outside(field)
    field.extend(chance.sample(day.facts, len(day.facts)))
    assert {bib: field.verdict(bib) for bib in field.runners} == before
    assert seen_from_outside(field) == seen


@settings(max_examples=120, deadline=None)
@given(race_days(), st.integers(0, 200), NOWS)
def test_the_same_read_by_a_second_device_says_nothing_new_of_the_runner(day: RaceDay, number: int, now_ms: int) -> None:
    reads = [fact for fact in day.facts if isinstance(fact, f.Passage)]
    assume(reads)
    one = reads[number % len(reads)]
    again = made(f.Passage, "again", one.at_ms, bib=one.bib, station=one.station, way=one.way, device=one.device)
    assume(not any(isinstance(fact, f.Void) and fact.fact == one.id for fact in day.facts))
    assert digest(day.field([*day.facts, again], now_ms)) == digest(day.field(now_ms=now_ms))


@settings(max_examples=100, deadline=None)
@given(race_days(), race_days(), CHANCES, NOWS)
def test_a_fact_and_its_void_leave_the_field_as_it_was(day: RaceDay, other: RaceDay, chance: Random, now_ms: int) -> None:
    """Not so a heartbeat, nor a number that a device gave out, nor that a race was heard at all: that these came stays known."""
    fact = chance.choice([*other.facts, *other.facts, made(f.Note, "n", GUN_MS, "director", "said so")])
    assume(not isinstance(fact, f.Heartbeat) and getattr(fact, "seq", None) is None)
    fact = msgspec.structs.replace(fact, id="wrong", key=key_of("wrong"))
    taken_back = made(f.Void, "taken back", fact.at_ms + 1, "director", "never happened", fact="wrong")
    field = day.field(now_ms=now_ms)
    seen = but_for_silence(*seen_from_outside(field))
    for one in chance.sample([fact, taken_back], 2):
        field.add(one)
        check(field)
    assert but_for_silence(*seen_from_outside(field)) == seen
