"""Races and facts in a line: times are written as people say them, from the gun."""

from hashlib import blake2b

from tracker.core.course import Checkpoint, Cutoff, CutoffFrom, CutoffOn, Event, Race, Timing, Wave
from tracker.core.facts import (
    Accounted,
    AlertState,
    AlertWord,
    BibSwap,
    ClockCorrection,
    CutoffMove,
    Decided,
    Decision,
    DeviceUse,
    DeviceWord,
    Fact,
    HandTime,
    Heartbeat,
    Neutralise,
    Passage,
    Penalty,
    RaceMove,
    Reroute,
    Start,
    StationChange,
    StationState,
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


TIMED = race_with(cutoff("botella", "8h"), cutoff("illa", "20h"), cutoff("finish", "42h", on="arrival"))
"""The race with cutoffs: two to leave a station by, and one to arrive at the finish by."""


def read(
    bib: str,
    station: str,
    when: str | int,
    way: str | None = None,
    name: str | None = None,
    device: str | None = None,
    seq: int | None = None,
) -> Passage:
    """A read at a station."""
    known = name or f"{bib}/{station}/{when}/{way}"
    key = key_of("passage", known, bib, station, when, way, *((device, seq) if device else ()))
    return Passage(key, known, at(when), bib, station, None if way is None else Way(way), device, seq)


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


def moves_cutoff(
    checkpoint: str,
    to: str | None = None,
    *,
    until: str | None = None,
    by: str | None = None,
    said: str = "1h",
    since: str | None = None,
    onward: bool = False,
    race: str = "105k",
) -> CutoffMove:
    """A cutoff moved `to` a time from the start, `until` a moment, or `by` so much (`-1h`: sooner); in force `since`, or when said."""
    known = f"cutoff/{race}/{checkpoint}/{to}/{until}/{by}/{said}/{since}/{onward}"
    return CutoffMove(
        key_of(known),
        known,
        at(said),
        "director",
        "storm",
        race,
        checkpoint,
        offset_ms=None if to is None else parse_duration(to),
        limit_at_ms=None if until is None else at(until),
        extend_ms=None if by is None else at(by) - GUN_MS,
        from_ms=None if since is None else at(since),
        onward=onward,
    )


def neutralises(since: str, until: str, *checkpoints: str, said: str = "1h", race: str = "105k") -> Neutralise:
    """The race's time stands still, for those at these checkpoints and on the way to them, or for all."""
    known = f"neutralise/{race}/{since}/{until}/{checkpoints}/{said}"
    return Neutralise(key_of(known), known, at(said), "director", "storm", race, at(since), at(until), checkpoints or None)


def reroutes(*skip: str, finish: str | None = None, said: str = "1h", race: str = "105k") -> Reroute:
    known = f"reroute/{race}/{skip}/{finish}/{said}"
    return Reroute(key_of(known), known, at(said), "director", "landslide", race, skip, finish)


def swaps(worn: str, owner: str, said: str = "1h") -> BibSwap:
    """What was read as the bib `worn` belongs to the runner of the bib `owner`."""
    known = f"bib/{worn}/{owner}/{said}"
    return BibSwap(key_of(known), known, at(said), "director", "mixed up", worn, owner)


def moves_race(to: str, bib: str = "1", said: str = "1h") -> RaceMove:
    known = f"race/{bib}/{to}/{said}"
    return RaceMove(key_of(known), known, at(said), "director", "turned off", bib, to)


def accounts_for(bib: str = "1", when: str = "10h", where: str = "bus") -> Accounted:
    known = f"accounted/{bib}/{where}/{when}"
    return Accounted(key_of(known), known, at(when), "director", "seen", bib, where)


def device_word(device: str, use: str, when: str) -> DeviceWord:
    known = f"device/{device}/{use}/{when}"
    return DeviceWord(key_of(known), known, at(when), "director", "switched off", device, DeviceUse(use))


def station_word(station: str, state: str, when: str, *, forced: bool = False) -> StationChange:
    known = f"station/{station}/{state}/{when}/{forced}"
    return StationChange(key_of(known), known, at(when), "director", "last sweeper through", station, StationState(state), forced)


def heartbeat(station: str, when: str | int, seq: int | None = None, device: str | None = None) -> Heartbeat:
    """A device (`mat-<station>` unless named) was heard, and had given out facts up to `seq`."""
    device = device or f"mat-{station}"
    return Heartbeat(key_of("beat", device, when, seq, station), f"{device}@{when}", at(when), device, station, seq)


def clock_correction(device: str, seconds: int, since: str | None = None, until: str | None = None, said: str = "1h") -> ClockCorrection:
    """The clock of a device was `seconds` ahead (negative: behind) for what it called `since` up to `until`."""
    known = f"clock/{device}/{seconds}/{since}/{until}/{said}"
    limits = (None if since is None else at(since), None if until is None else at(until))
    return ClockCorrection(key_of(known), known, at(said), "director", "compared", device, seconds * 1000, *limits)


def alert_word(alert: str, state: str, when: str, until: str | None = None) -> AlertWord:
    known = f"alert/{alert}/{state}/{when}/{until}"
    return AlertWord(
        key_of(known), known, at(when), "director", "on it", alert, AlertState(state), until_ms=None if until is None else at(until)
    )


def entrant(bib: str, race: str = "105k", **more: object) -> Entrant:
    return Entrant(bib=bib, race=race, **more)  # type: ignore[arg-type]


def field_of(
    race: Race, facts: list[Fact] | None = None, *, now: str | None = None, entrants: list[Entrant] | None = None, count: int = 3
) -> Field:
    """The field of one race with bibs 1 to `count`, the facts added, at a moment (None: when the last of them happened)."""
    return field_of_races((race,), entrants or [entrant(str(bib), race.id) for bib in range(1, count + 1)], facts, now=now)


def field_of_races(races: tuple[Race, ...], entrants: list[Entrant], facts: list[Fact] | None = None, *, now: str | None = None) -> Field:
    """The field of several races, as `field_of`."""
    field = Field(Event("andorra-2022", "Andorra", "Europe/Andorra", races), Roster(tuple(entrants)))
    field.extend(facts or [])
    field.advance(max([GUN_MS, *(fact.at_ms for fact in facts or [])]) if now is None else at(now))
    return field


def verdict(race: Race, facts: list[Fact], now: str | None = None, entrants: list[Entrant] | None = None) -> Verdict:
    """What bib 1 is at a moment."""
    return field_of(race, facts, now=now, entrants=entrants).verdict("1")
