"""Races and facts in a line: times are written as people say them, from the gun."""

from hashlib import blake2b

from tracker.core.course import Checkpoint, Cutoff, CutoffFrom, CutoffOn, Event, Race, Timing, Wave
from tracker.core.facts import (
    Decided,
    Decision,
    Fact,
    HandTime,
    Passage,
    Penalty,
    Start,
    Void,
    Way,
    Withdrawal,
    WithdrawalReason,
)
from tracker.core.field import Field
from tracker.core.roster import Entrant, Roster
from tracker.core.runner import Verdict
from tracker.files.times import parse_duration

GUN_MS = 1_656_090_000_000
"""Friday 24 June 2022, 19:00 in Andorra."""


def at(said: str | int) -> int:
    """UTC milliseconds of a time from the gun: `8h`, `19h15m06`, `-2m`; 0 is the gun."""
    if isinstance(said, int):
        return GUN_MS + said
    return GUN_MS - parse_duration(said[1:]) if said.startswith("-") else GUN_MS + parse_duration(said)


def key_of(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=16).digest()


def cutoff(checkpoint: str, limit: str, on: str = "departure", grace: str = "0m") -> dict[str, Cutoff]:
    return {checkpoint: Cutoff(parse_duration(limit), CutoffOn(on), parse_duration(grace))}


def race_with(
    *cutoffs: dict[str, Cutoff],
    id: str = "105k",  # noqa: A002  the field's own word
    points: str = "start:ordino@0 botella@22 illa@52 grau-roig@60 sorteny@93 finish:ordino@105",
    timing: str = "gun",
    waves: dict[str, str] | None = None,
    cutoff_from: str = "race",
    gain_m: float = 6900,
) -> Race:
    """A race whose checkpoints are `id:station@km` (the station is the id where it is not named)."""
    limits = {name: limit for each in cutoffs for name, limit in each.items()}
    found = []
    for point in points.split():
        place, _, km = point.partition("@")
        name, _, station = place.partition(":")
        found.append(Checkpoint(name, station or name, name.title(), float(km), cutoff=limits.pop(name, None)))
    assert not limits, f"no such checkpoints: {limits}"
    started = tuple(Wave(wave, at(start)) for wave, start in (waves or {}).items())
    return Race(
        id=id,
        name=id.upper(),
        start_ms=GUN_MS,
        year=2022,
        distance_km=found[-1].km,
        gain_m=gain_m,
        timing=Timing(timing),
        checkpoints=tuple(found),
        waves=started,
        cutoff_from=CutoffFrom(cutoff_from),
    )


def read(bib: str, station: str, when: str | int, way: str | None = None, name: str | None = None) -> Passage:
    """A read at a station."""
    known = name or f"{bib}/{station}/{when}/{way}"
    return Passage(key_of("passage", known, bib, station, when, way), known, at(when), bib, station, None if way is None else Way(way))


def reads(bib: str = "1", **when: str | int) -> list[Fact]:
    """Reads at stations by name; `start` and `finish` are at ordino, and _ stands for -."""
    stations = {"start": "ordino", "finish": "ordino"}
    return [read(bib, stations.get(name, name.replace("_", "-")), said) for name, said in when.items()]


def withdraws(bib: str = "1", where: str = "botella", when: str = "9h", name: str | None = None) -> Withdrawal:
    known = name or f"{bib}/withdraws/{where}/{when}"
    return Withdrawal(key_of(known), known, at(when), bib, where, WithdrawalReason.FATIGUE)


def decides(status: str, when: str, bib: str = "1") -> Decision:
    known = f"{bib}/{status}/{when}"
    return Decision(key_of(known), known, at(when), "director", "said so", bib, Decided(status))


def hand_time(checkpoint: str, passed: str | int, when: str = "40h", bib: str = "1") -> HandTime:
    known = f"{bib}/hand/{checkpoint}/{passed}/{when}"
    return HandTime(key_of(known), known, at(when), "director", "seen by eye", bib, checkpoint, at(passed))


def penalty(seconds: int, bib: str = "1", when: str = "30h") -> Penalty:
    known = f"{bib}/penalty/{seconds}/{when}"
    return Penalty(key_of(known), known, at(when), "jury", "no jacket", bib, seconds * 1000)


def void(fact: Fact | str, when: str = "40h", name: str | None = None) -> Void:
    target = fact if isinstance(fact, str) else fact.id
    known = name or f"void/{target}/{when}"
    return Void(key_of(known), known, at(when), "director", "wrong", target)


def starts_at(when: str, wave: str | None = None, said: str = "1h", race: str = "105k") -> Start:
    known = f"start/{race}/{wave}/{when}/{said}"
    return Start(key_of(known), known, at(said), "director", "late gun", race, at(when), wave)


def entrant(bib: str, race: str = "105k", **more: object) -> Entrant:
    return Entrant(bib=bib, race=race, **more)  # type: ignore[arg-type]


def field_of(
    race: Race, facts: list[Fact] | None = None, *, now: str | None = None, entrants: list[Entrant] | None = None, count: int = 3
) -> Field:
    """The field of one race with bibs 1 to `count`, the facts added, at a moment (None: when the last of them happened)."""
    roster = Roster(tuple(entrants or [entrant(str(bib), race.id) for bib in range(1, count + 1)]))
    field = Field(Event("andorra-2022", "Andorra", "Europe/Andorra", (race,)), roster)
    field.extend(facts or [])
    field.advance(max([GUN_MS, *(fact.at_ms for fact in facts or [])]) if now is None else at(now))
    return field


def verdict(race: Race, facts: list[Fact], now: str | None = None, entrants: list[Entrant] | None = None) -> Verdict:
    """What bib 1 is at a moment."""
    return field_of(race, facts, now=now, entrants=entrants).verdict("1")
