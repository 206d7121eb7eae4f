"""Random race days: events of one or two races, and facts of every kind about them, true, mistaken and contradictory.

Times lie on a half-hour grid, a millisecond off now and then, so that limits are met to the millisecond and facts share a moment.
"""

from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from tests.core.builders import GUN_MS, key_of
from tracker.core import facts as f
from tracker.core.course import Checkpoint, Cutoff, CutoffFrom, CutoffOn, Event, Policy, Race, Timing, Wave
from tracker.core.field import Field
from tracker.core.roster import Entrant, EntryStatus, Roster

MINUTE_MS = 60_000
GRID_MS = 30 * MINUTE_MS
LAST = 30
"""The last half hour of a race day, from the gun."""

ROSTERED = ("1", "2", "3", "4", "5")
CROWD = tuple(str(number) for number in range(11, 25))
STATIONS = ("ordino", "botella", "illa", "sorteny", "col")
MOMENTS = st.builds(
    lambda half_hours, off_ms: GUN_MS + half_hours * GRID_MS + off_ms, st.integers(-2, LAST), st.sampled_from((0, 0, 0, 1, -1))
)
SPANS_MS = st.integers(-2, 4).map(lambda half_hours: half_hours * GRID_MS)
SOME_BIB = st.sampled_from((*ROSTERED, *ROSTERED, "98", "99"))
SOME_STATION = st.sampled_from((*STATIONS, "nowhere"))
WAYS = st.sampled_from((None, None, f.Way.IN, f.Way.OUT))

_Kind = TypeVar("_Kind", bound=f.Fact)


class RaceDay(NamedTuple):
    """An event, its start list, and everything that is ever told of it, each fact once, in no particular order."""

    event: Event
    roster: Roster
    facts: list[f.Fact]

    def field(self, facts: list[f.Fact] | None = None, now_ms: int = 0) -> Field:
        """The field after these facts (None: all of them) at a moment."""
        field = Field(self.event, self.roster)
        field.extend(self.facts if facts is None else facts)
        field.advance(now_ms)
        return field


def made(kind: type[_Kind], name: str, at_ms: int, *desk: str, **said: object) -> _Kind:
    """A fact whose key follows from its content, as the wire makes it."""
    fact: _Kind = kind(key_of(kind.__name__, name, at_ms, desk, sorted(said.items())), name, at_ms, *desk, **said)  # type: ignore[arg-type]
    return fact


@st.composite
def races(draw: st.DrawFn, name: str, *, loops: bool = True) -> Race:
    """A race of 3 to 7 checkpoints, cutoffs mostly in order; with `loops` a station can be passed again after another."""
    points: list[Checkpoint] = []
    km, limit = 0.0, 0
    for index in range(draw(st.integers(3, 7))):
        near = points[-1].station if points else None
        station = draw(st.sampled_from([each for each in STATIONS if each != near])) if loops else f"s{index}"
        km += draw(st.integers(2, 8)) if index else 0
        limit += draw(st.integers(0, 5))
        on = CutoffOn(draw(st.sampled_from(("arrival", "departure", "both"))))
        grace_ms = draw(st.sampled_from((0, 0, MINUTE_MS, GRID_MS)))
        cutoff = Cutoff(limit * GRID_MS, on, grace_ms) if index and limit and draw(st.integers(0, 3)) else None
        points.append(Checkpoint(f"c{index}", station, station.title(), km, cutoff=cutoff))
    return Race(
        id=name,
        name=name,
        start_ms=GUN_MS,
        year=2022,
        distance_km=km,
        gain_m=draw(st.sampled_from((0, 400))),
        timing=draw(st.sampled_from(Timing)),
        checkpoints=tuple(points),
        waves=tuple(Wave(wave, GUN_MS + late * GRID_MS) for late, wave in enumerate("ab"[: draw(st.integers(0, 2))])),
        cutoff_from=draw(st.sampled_from(CutoffFrom)),
        policy=draw(st.sampled_from(Policy)),
    )


@st.composite
def entrants(draw: st.DrawFn, event: Event, *, crowded: bool) -> Roster:
    """Bibs 1 to 5 over the races and their waves, one now and then on the list as not starting; and a crowd in the first race."""
    found = []
    for bib in ROSTERED:
        race = draw(st.sampled_from(event.races))
        wave = draw(st.sampled_from((None, *(wave.id for wave in race.waves))))
        status = draw(st.sampled_from((EntryStatus.CONFIRMED,) * 7 + (EntryStatus.DNS,)))
        found.append(Entrant(bib, race.id, sex=draw(st.sampled_from(("F", "M"))), category="O40", wave=wave, status=status))
    return Roster((*found, *(Entrant(bib, event.races[0].id) for bib in CROWD if crowded)))


@st.composite
def walks(draw: st.DrawFn, event: Event, roster: Roster) -> list[f.Fact]:
    """Some runners' ways along their courses as the devices read them, numbered by each device in order; a few facts never come.

    Heartbeats tell how many facts their device has given out by then, so that what did not come is a gap.
    """
    read: list[tuple[int, str, str, f.Way | None]] = []
    for entrant in roster.entrants:
        at_ms, points = GUN_MS, event.by_id[entrant.race].checkpoints
        if entrant.bib in CROWD:
            pace_ms = draw(st.integers(2, 4)) * GRID_MS
            read += [(GUN_MS + leg * pace_ms, entrant.bib, point.station, None) for leg, point in enumerate(points[:3])]
            continue
        for point in points[: draw(st.integers(0, len(points)))]:
            if draw(st.integers(0, 9)):
                way = draw(WAYS)
                read.append((at_ms, entrant.bib, point.station, way))
                if way is f.Way.IN and draw(st.booleans()):
                    read.append((at_ms + GRID_MS, entrant.bib, point.station, f.Way.OUT))
            at_ms += draw(st.integers(1, 4)) * GRID_MS
    read.sort(key=lambda each: each[0])
    monitored = draw(st.sets(st.sampled_from(STATIONS)))
    given = dict.fromkeys(STATIONS, 0)
    told: list[f.Fact] = []
    for number, (at_ms, bib, station, way) in enumerate(read):
        given[station] += 1
        if draw(st.integers(0, 15)):
            said = {"bib": bib, "station": station, "way": way, "device": f"{station}-1", "seq": given[station]}
            told.append(made(f.Passage, f"w{number}", at_ms, **said))
    for station in sorted(monitored):
        for half_hour in draw(st.lists(st.integers(0, LAST), max_size=2, unique=True)):
            at_ms = GUN_MS + half_hour * GRID_MS
            seq = sum(1 for each in read if each[0] <= at_ms and each[2] == station)
            told.append(made(f.Heartbeat, f"{station}-1@{at_ms}", at_ms, device=f"{station}-1", station=station, seq=seq))
    return told


@st.composite
def happenings(draw: st.DrawFn, event: Event, number: int, kinds: tuple[type[f.Fact], ...] | None = None) -> f.Fact:
    """One more fact of any kind, or of these. Its id is now and then that of another; whom and what it names may not exist."""
    kind = draw(st.sampled_from(kinds or _KINDS))
    name = f"f{number if draw(st.integers(0, 11)) else draw(st.integers(0, 12))}"
    at_ms = draw(MOMENTS)
    if kind in (f.Passage, f.Withdrawal):
        device = draw(st.sampled_from((None, *(f"{station}-{twin}" for station in STATIONS for twin in (1, 2)))))
        seq = draw(st.one_of(st.none(), st.integers(1, 9)))
        said: dict[str, object] = {"bib": draw(SOME_BIB), "station": draw(SOME_STATION), "device": device, "seq": seq}
        if kind is f.Withdrawal:
            return made(f.Withdrawal, name, at_ms, **said, reason=f.WithdrawalReason.FATIGUE)
        return made(f.Passage, name, at_ms, **said, way=draw(WAYS))
    if kind is f.Heartbeat:
        station = draw(st.sampled_from(STATIONS))
        device = f"{draw(st.sampled_from((station, *STATIONS)))}-{draw(st.sampled_from((1, 2)))}"
        return made(f.Heartbeat, name, at_ms, device=device, station=station, seq=draw(st.one_of(st.none(), st.integers(0, 9))))
    return made(kind, name, at_ms, "director", "said so", **draw(_desk_words(kind, event)))


_KINDS: tuple[type[f.Fact], ...] = (
    *(f.Passage, f.Passage, f.Passage, f.Withdrawal, f.Withdrawal, f.Heartbeat, f.Heartbeat, f.Heartbeat),
    *(f.Start, f.CutoffMove, f.CutoffMove, f.Void, f.Void, f.Void, f.HandTime, f.Decision, f.Decision, f.Penalty, f.BibSwap, f.BibSwap),
    *(f.ClockCorrection, f.Neutralise, f.Reroute, f.StationChange, f.DeviceWord, f.Accounted, f.RaceMove, f.AlertWord, f.Final, f.Note),
)


@st.composite
def _desk_words(
    draw: st.DrawFn,
    kind: type[f.Fact],
    event: Event,
    bibs: st.SearchStrategy[str] = SOME_BIB,
    moments: st.SearchStrategy[int] = MOMENTS,
) -> dict[str, object]:
    """What a fact of the desk says beside its id, moment, author and reason."""
    race = st.sampled_from((*(race.id for race in event.races),) * 4 + ("200k",))
    point = st.sampled_from(("c0", "c1", "c2", "c2", "c3", "c4", "c9"))
    words: dict[type[f.Fact], dict[str, st.SearchStrategy[object]]] = {
        f.Start: {"race": race, "start_ms": moments, "wave": st.sampled_from((None, "a", "b"))},
        f.Void: {"fact": st.sampled_from((*(f"f{number}" for number in range(12)), *(f"w{number}" for number in range(12))))},
        f.HandTime: {"bib": bibs, "checkpoint": point, "passed_ms": moments},
        f.Decision: {"bib": bibs, "status": st.sampled_from((*f.Decided, f.Decided.OUT_OF_TIME, f.Decided.ACCEPTED, f.Decided.REINSTATED))},
        f.Penalty: {"bib": bibs, "penalty_ms": SPANS_MS},
        f.BibSwap: {"from_bib": bibs, "to_bib": bibs},
        f.ClockCorrection: {
            "device": st.sampled_from([f"{station}-1" for station in event.stations]),
            "offset_ms": SPANS_MS,
            "from_ms": st.one_of(st.none(), moments),
            "until_ms": st.one_of(st.none(), moments),
        },
        f.Reroute: {"race": race, "skip": st.lists(point, max_size=2).map(tuple), "finish": st.one_of(st.none(), point)},
        f.DeviceWord: {
            "device": st.sampled_from([f"{station}-{twin}" for station in STATIONS for twin in (1, 2)]),
            "use": st.sampled_from(f.DeviceUse),
        },
        f.StationChange: {
            "station": st.sampled_from((*event.stations, "nowhere")),
            "state": st.sampled_from(f.StationState),
            "forced": st.booleans(),
        },
        f.Accounted: {"bib": bibs, "where": st.just("bus")},
        f.RaceMove: {"bib": bibs, "race": race},
        f.AlertWord: {
            "alert": st.sampled_from([f"{what}/{bib}" for bib in ROSTERED for what in ("out_of_time", "suspect", "conflict")]),
            "state": st.sampled_from(f.AlertState),
            "until_ms": st.one_of(st.none(), moments),
        },
        f.Final: {"race": race, "results": st.just("0" * 64)},
        f.Note: {"text": st.just("storm")},
    }
    if kind is f.Neutralise:
        stop_ms, lasts_ms = draw(moments), draw(st.one_of(SPANS_MS, SPANS_MS.map(abs)))
        concerned = draw(st.one_of(st.none(), st.lists(point, max_size=2).map(tuple)))
        return {"race": draw(race), "from_ms": stop_ms, "until_ms": stop_ms + lasts_ms, "checkpoints": concerned}
    if kind is f.CutoffMove:
        moved = draw(st.sampled_from(("offset_ms", "limit_at_ms", "extend_ms")))
        to: st.SearchStrategy[int] = {"offset_ms": st.integers(0, LAST).map(lambda n: n * GRID_MS), "limit_at_ms": moments}.get(
            moved, SPANS_MS
        )
        from_ms = draw(st.one_of(st.none(), moments))
        return {"race": draw(race), "checkpoint": draw(point), moved: draw(to), "from_ms": from_ms, "onward": draw(st.booleans())}
    return {field: draw(strategy) for field, strategy in words[kind].items()}


@st.composite
def race_days(draw: st.DrawFn, *, crowds: bool = True) -> RaceDay:
    """A random event with its roster, and whatever is told of it. With a crowd the field's own times sift the reads as well."""
    event = Event("e", "E", "Europe/Andorra", tuple(draw(races(name)) for name in ("105k", "50k")[: draw(st.integers(1, 2))]))
    roster = draw(entrants(event, crowded=crowds and draw(st.integers(0, 9)) == 9))
    facts = draw(walks(event, roster))
    facts += [draw(happenings(event, number)) for number in range(draw(st.integers(0, 12)))]
    return RaceDay(event, roster, list({fact.key: fact for fact in facts}.values()))


_THEMES: tuple[tuple[type[f.Fact], ...], ...] = (
    (f.Passage, f.Passage, f.HandTime, f.HandTime, f.Reroute),
    (f.CutoffMove, f.CutoffMove, f.Neutralise, f.Neutralise, f.Start),
    (f.Withdrawal, f.Withdrawal, f.Decision, f.Decision, f.Decision, f.Decision, f.Accounted, f.Accounted, f.Passage, f.Reroute),
    (f.Void, f.Void, f.BibSwap, f.ClockCorrection, f.ClockCorrection, f.Penalty, f.StationChange, f.Withdrawal),
)
_SHORT_MOMENTS = st.builds(
    lambda half_hours, off_ms: GUN_MS + half_hours * GRID_MS + off_ms, st.integers(-2, LAST // 2), st.sampled_from((0, 0, 0, 1, -1))
)
_PACES = (
    st.integers(1, 4).map(lambda half_hours: half_hours * GRID_MS),
    st.sampled_from((0, 1, 3, 5, 8, 12, 20, 40)).map(lambda n: n * MINUTE_MS),
)


@st.composite
def strolls(draw: st.DrawFn, race: Race, bib: str) -> list[f.Fact]:
    """A runner's way along the course, on the half-hour grid or with legs too quick, read once or more at each place or missed there.

    No device numbers what it read.
    """
    told: list[f.Fact] = []
    at_ms = GUN_MS + draw(st.sampled_from((0, 0, 0, -1, 1, -MINUTE_MS, GRID_MS, 3 * GRID_MS)))
    legs_ms, stays_ms = draw(st.sampled_from(_PACES)), st.sampled_from((0, MINUTE_MS, GRID_MS) if draw(st.booleans()) else (0, GRID_MS))
    for point in race.checkpoints[: draw(st.one_of(st.just(len(race.checkpoints)), st.integers(0, len(race.checkpoints))))]:
        for again in range(draw(st.sampled_from((1, 1, 1, 2, 3, 0)))):
            at_ms += draw(stays_ms) if again else 0
            said = {"bib": bib, "station": point.station, "way": draw(WAYS), "device": f"{point.station}-1"}
            told.append(made(f.Passage, f"w{len(told)}", at_ms, **said))
        at_ms += draw(legs_ms)
    return told


@st.composite
def small_days(draw: st.DrawFn) -> RaceDay:
    """One race, straight or with loops, of one or two runners, with few enough facts to try every story that they may tell."""
    race = draw(races("105k", loops=draw(st.booleans())))
    event = Event("e", "E", "Europe/Andorra", (race,))
    bibs = ROSTERED[: draw(st.integers(1, 2))]
    waves = st.sampled_from((None, *(wave.id for wave in race.waves)))
    statuses = st.sampled_from((EntryStatus.CONFIRMED,) * 7 + (EntryStatus.DNS,))
    roster = Roster(tuple(Entrant(bib, race.id, wave=draw(waves), status=draw(statuses)) for bib in bibs))
    facts = [fact for bib in bibs for fact in draw(strolls(race, bib))]
    some_bib, stations = st.sampled_from((*bibs * 3, "98")), st.sampled_from((*event.stations, "nowhere"))
    walked_ms = sorted({fact.at_ms for fact in facts})
    moments = st.one_of(_SHORT_MOMENTS, st.sampled_from(walked_ms)) if walked_ms else _SHORT_MOMENTS
    theme = [kind for _ in range(draw(st.sampled_from((1, 1, 1, 2)))) for kind in draw(st.sampled_from(_THEMES))]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(theme), min_size=draw(st.sampled_from((0, 2, 4))), max_size=6))):
        name, at_ms = f"f{number}", draw(moments)
        if kind is f.Passage:
            facts.append(made(kind, name, at_ms, bib=draw(some_bib), station=draw(stations), way=draw(WAYS)))
        elif kind is f.Withdrawal:
            facts.append(made(kind, name, at_ms, bib=draw(some_bib), station=draw(stations), reason=f.WithdrawalReason.FATIGUE))
        elif kind is f.Void and facts:
            target = draw(st.sampled_from(sorted(fact.id for fact in facts)))
            facts.append(made(kind, name, at_ms, "director", "said so", fact=target))
        else:
            facts.append(made(kind, name, at_ms, "director", "said so", **draw(_desk_words(kind, event, some_bib, moments))))
    for number in range(draw(st.sampled_from((0, 0, 1, 2, 3)))):
        station = draw(st.sampled_from(event.stations))
        device = f"{station}-{draw(st.sampled_from((1, 1, 2)))}"
        facts.append(made(f.Heartbeat, f"beat{number}", draw(_SHORT_MOMENTS), device=device, station=station))
    return RaceDay(event, roster, facts)
