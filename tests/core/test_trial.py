"""What the desk's next words would change is what they change when they are really said; and asking changes nothing."""

from dataclasses import dataclass
from enum import Enum
from functools import partial

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import (
    cutoff,
    decides,
    field_of,
    heartbeat,
    moves_cutoff,
    penalty,
    race_with,
    read,
    reads,
    station_word,
    withdraws,
)
from tests.core.random_races import RaceDay, happenings, race_days
from tests.core.test_properties import NOWS, seen_from_outside
from tracker.core import facts as f
from tracker.core.alerts import alerts
from tracker.core.field import Field
from tracker.core.oddities import oddities
from tracker.core.runner import Verdict
from tracker.core.soundness import check
from tracker.core.stations import Station, behind, stations
from tracker.core.trial import trial
from tracker.core.trial_lines import trial_lines

DESK: tuple[type[f.Fact], ...] = (
    *(f.Withdrawal, f.Withdrawal),
    *(f.Void, f.Void, f.Void, f.Decision, f.HandTime, f.Accounted, f.Penalty, f.BibSwap, f.RaceMove, f.ClockCorrection, f.DeviceWord),
    *(f.StationChange, f.StationChange, f.Start, f.CutoffMove, f.CutoffMove, f.Neutralise, f.Reroute, f.AlertWord, f.Final, f.Note),
)


@dataclass(frozen=True)
class Asked:
    """A race day so far, and what the desk may say next."""

    day: RaceDay
    said: list[f.DeskWord]


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Mostly one fact of the desk is asked about, now and then several at once."""
    day = draw(race_days())
    said: dict[bytes, f.DeskWord] = {}
    for number in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        fact = draw(happenings(day.event, 20 + number, DESK))
        assert isinstance(fact, f.DeskWord)
        if isinstance(fact, f.Withdrawal):
            fact = msgspec.structs.replace(fact, device=None, seq=None)  # the desk is no device
        said[fact.key] = fact
    return Asked(day, list(said.values()))


def shown(verdict: Verdict) -> dict[str, object]:
    """What a person is told of a runner."""
    words = {name: getattr(verdict, name) for name in ("status", "flags", "at_cutoff", "place", "furthest", "official_ms")}
    times = [(at, split.in_ms, split.out_ms) for at, split in enumerate(verdict.splits) if split is not None]
    return words | {"times": times, "unheard": verdict.unheard if "unconfirmed" in verdict.flags else None, "reads": len(verdict.suspects)}


def by_bib(field: Field) -> dict[str, tuple[str, int | None, Verdict]]:
    """Everybody's race, place in it, and verdict."""
    return {line.entrant.bib: (race, line.rank, line.verdict) for race in field.races for line in field.standings(race)}


@settings(max_examples=400, deadline=None)
@given(questions(), NOWS)
def test_what_would_change_is_what_changes_when_it_is_really_said(asked: Asked, now_ms: int) -> None:
    day, said = asked.day, asked.said
    field = day.field(now_ms=now_ms)
    found = trial(field, said)
    done = day.field([*day.facts, *said], now_ms)
    before, after = by_bib(field), by_bib(done)
    expected = {}
    for bib, (race_before, rank_before, one) in before.items():
        race, rank, other = after[bib]
        if race_before != race or shown(one) != shown(other):
            expected[bib] = (race_before, rank_before, shown(one), race, rank, shown(other))
    told = {one.bib: (one.race_before, one.rank_before, shown(one.before), one.race, one.rank, shown(one.after)) for one in found.changes}
    assert told == expected
    assert found.rules == {
        race: (field.races[race].rules, state.rules) for race, state in done.races.items() if state.rules != field.races[race].rules
    }


@settings(max_examples=300, deadline=None)
@given(questions(), NOWS)
def test_the_stations_and_the_alerts_that_would_be_are_those_that_are_when_it_is_really_said(asked: Asked, now_ms: int) -> None:
    day, said = asked.day, asked.said
    field = day.field(now_ms=now_ms)
    found = trial(field, said)
    done = day.field([*day.facts, *said], now_ms)
    pairs = zip(stations(field), stations(done), strict=True)
    assert [(turn.before, turn.after, turn.behind) for turn in found.stations] == [
        (before, after, behind(done, after.id)) for before, after in pairs if what_is(before) != what_is(after)
    ]
    known, then = {one.id: one for one in alerts(field)}, {one.id: one for one in alerts(done)}
    assert [one.id for one in found.gone] == [identity for identity in known if identity not in then]
    assert {identity for identity in then if identity not in known} - {one.id for one in found.new} == refused_as(done, said) - set(known)
    assert {one.id: one for one in found.new}.items() <= then.items()
    assert {one.id: one.word for one in (after for _, after in found.words)} == {
        identity: one.word for identity, one in then.items() if identity in known and known[identity].word != one.word
    }
    keys = {fact.key for fact in said}
    assert {one.fact.key for one in oddities(done)} & keys <= {refusal.fact.key for refusal in found.refused if refusal.kind is not None}
    assert {refusal.fact.key for refusal in found.refused if refusal.kind is None} == {
        fact.key for fact in said if isinstance(fact, f.AlertWord) and fact.alert not in known and fact.alert not in then
    }


def what_is(station: Station) -> tuple[object, ...]:
    return station.status, station.word, {keeper.device for keeper in station.keepers}


def refused_as(done: Field, said: list[f.DeskWord]) -> set[str]:
    """The ids of the alerts that facts of the desk have become themselves."""
    keys, ids = {fact.key for fact in said}, {fact.id for fact in said}
    odd = (one for one in oddities(done) if one.fact.key in keys or (one.kind == "id_reused" and one.fact.id in ids))
    return {f"{one.kind}/{one.name}" for one in odd}


@settings(max_examples=200, deadline=None)
@given(questions(), NOWS)
def test_asking_leaves_the_field_as_it_was_also_for_what_comes_after(asked: Asked, now_ms: int) -> None:
    day, said = asked.day, asked.said
    field = day.field(day.facts[::2], now_ms)
    seen, verdicts = seen_from_outside(field), {bib: field.verdict(bib) for bib in field.runners}
    then = field.supposing(said)
    check(then)
    assert seen_from_outside(then) == seen_from_outside(day.field([*day.facts[::2], *said], now_ms))
    trial(field, said)
    check(field)
    assert {bib: field.verdict(bib) for bib in field.runners} == verdicts
    assert seen_from_outside(field) == seen
    field.extend([*day.facts, *said])
    check(field)
    assert seen_from_outside(field) == seen_from_outside(day.field([*day.facts, *said], now_ms))


@settings(max_examples=200, deadline=None)
@given(questions(), NOWS)
def test_every_change_reads_otherwise_and_who_is_meant_is_told_of_either_way(asked: Asked, now_ms: int) -> None:
    """A director who is told of a change is told what it is."""
    field = asked.day.field(now_ms=now_ms)
    found = trial(field, asked.said)
    lines = trial_lines(field.event, found, str, str)
    assert lines
    assert ("nothing changes now" in lines) is found.nothing
    changes = {bib: [line for line in lines if line.startswith(f"bib {bib}: ")] for bib in (change.bib for change in found.changes)}
    assert all(len(told) == 1 and ("->" in told[0] or "; " in told[0]) for told in changes.values())
    bibs = {bib for fact in asked.said if not isinstance(fact, f.Withdrawal) and isinstance(bib := getattr(fact, "bib", None), str)}
    worn = {field.store.owner(fact.bib) for fact in asked.said if isinstance(fact, f.Withdrawal)}
    named = (bibs | worn) & field.runners.keys()
    assert named <= changes.keys() | set(found.unchanged)
    assert changes.keys().isdisjoint(found.unchanged)


SHARED = {
    *("passages", "record", "_raw"),  # the reads, with the memory of what was made of them
    "_known",  # a runner's record is copied by who is told of him
    *("event", "roster", "entrant", "race", "course", "rules", "_rules"),  # as the files and the desk say it
    *("least_ms", "on_leg", "sexes", "categories", "_expected", "efforts_km", "_before", "_leg_km", "_tails", "_ahead"),  # made once
    *("faults", "doubt_ms", "passed", "_owner", "_lent", "_corrections", "right_moment"),  # put in anew as a whole
}
"""The attributes of what may be one for both fields."""


VALUES = (msgspec.Struct, frozenset, str, bytes, int, float, Enum, partial, type(None))


def that_may_change(one: object, found: dict[int, object]) -> dict[int, object]:
    """Everything that is reached from a field and may be altered, by identity."""
    if id(one) in found or isinstance(one, VALUES):
        return found
    if isinstance(one, dict | list | set | tuple):
        inside = [*one.keys(), *one.values()] if isinstance(one, dict) else list(one)
    else:
        slots = {name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ()) if hasattr(one, name)}
        inside = [getattr(one, name) for name in slots.union(getattr(one, "__dict__", {})) - SHARED]
    if not isinstance(one, tuple):
        found[id(one)] = one
    for each in inside:
        that_may_change(each, found)
    return found


def shared(field: Field, said: list[f.DeskWord]) -> list[object]:
    """What may be altered and is in both fields."""
    own, theirs = that_may_change(field, {}), that_may_change(field.supposing(said), {})
    assert len(own) > 50
    return [one for number, one in theirs.items() if number in own]


@settings(max_examples=60, deadline=None)
@given(questions(), NOWS)
def test_the_field_that_would_be_shares_with_the_one_that_is_nothing_that_is_ever_altered(asked: Asked, now_ms: int) -> None:
    """An attribute that is new somewhere in the core is shared until somebody thinks of it: here it is found."""
    assert shared(asked.day.field(now_ms=now_ms), asked.said) == []


def test_nothing_is_shared_of_who_waits_for_a_station_either() -> None:
    unheard: list[f.Fact] = [heartbeat("botella", "1h", 3), read("1", "botella", "1h", device="mat-botella", seq=2)]
    twice: list[f.Fact] = [read(bib, "illa", "7h", device="mat-illa", seq=4) for bib in "12"]
    field = field_of(race_with(cutoff("botella", "8h")), [*reads("2", start=0), *reads("3", start=0), *unheard, *twice], now="9h")
    assert "unconfirmed" in field.verdict("3").flags
    assert shared(field, [decides("withdrawn", "9h")]) == []


def test_the_gist_is_another_when_somebody_would_be_decided_upon_otherwise_and_not_when_a_race_only_goes_on() -> None:
    race = race_with(cutoff("botella", "8h"))
    known = [fact for bib in "123" for fact in reads(bib, start=0)]
    move = moves_cutoff("botella", to="4h", said="6h", since="0m")

    def gist(said: f.DeskWord, *more: f.Fact, now: str = "6h") -> object:
        return trial(field_of(race, [*known, *more], count=3, now=now), [said]).gist

    assert gist(move) == gist(move, now="6h01")
    assert gist(move) == gist(move, *reads("1", botella="5h"))
    assert gist(move) != gist(move, *reads("1", botella="3h30"))
    out = decides("disqualified", "6h")
    assert gist(out) == gist(out, *reads("1", botella="5h"), *reads("2", botella="4h"))
    assert gist(out) != gist(out, withdraws("1", when="5h"))
    fine = penalty(60, when="6h")
    assert gist(fine) != gist(fine, withdraws("1", when="5h"))
    close = station_word("botella", "closed", "6h")
    assert gist(close) != gist(close, station_word("botella", "swept", "5h"))
