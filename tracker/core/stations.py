"""What each station is: open, silent, closing, swept or closed; who is still behind it, and what of its devices is known.

A station that is to close is closed as soon as nobody is behind it or has still to start, or at once when it is forced.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tracker.core.devices import DeviceState, Keeper
from tracker.core.facts import StationChange, StationState, Withdrawal
from tracker.core.field import Field
from tracker.core.race_state import RaceState
from tracker.core.rules import Rules
from tracker.core.runner import Place, Status, Verdict, Where
from tracker.core.words import newest, vouches

SILENT_AFTER_MS = 15 * 60_000
"""A device sends a heartbeat every few minutes: after so long without one it is silent."""


class StationStatus(StrEnum):
    """What a station is now."""

    OPEN = "open"
    SILENT = "silent"
    CLOSING = "closing"
    SWEPT = "swept"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Station:
    """A station now. `behind`: how many runners have still to come to it or to leave it; `inside`: how many of them are there; `missing`:
    how many of them are out of the race and not accounted for, so that they may still be walking to it. `to_start`: how many more are
    expected at a start, and come to it after that. `unjudged`: how many are `unconfirmed` until it is heard.

    `heard_ms`: the oldest of its devices' newest heartbeats; `through_ms`: up to when everything it read is known. None: not monitored.
    `devices` are those that stand there, `keepers` those without which it is not heard, and `silent` those of them that are silent too long
    while somebody is awaited.
    """

    id: str
    name: str
    status: StationStatus
    behind: int
    missing: int
    inside: int
    to_start: int
    unjudged: int
    heard_ms: int | None
    through_ms: int | None
    devices: tuple[DeviceState, ...]
    keepers: tuple[Keeper, ...]
    silent: tuple[Keeper, ...]
    word: StationChange | None


def stations(field: Field) -> list[Station]:
    """Every station of the event, in the order of the event file."""
    field.refresh()
    devices: dict[str, list[DeviceState]] = {}
    for device in field.devices.states(field.store.right_moment, field.now_ms):
        devices.setdefault(device.station, []).append(device)
    unjudged = _unjudged(field)
    return [_station(field, station, tuple(devices.get(station, ())), unjudged[station]) for station in field.event.stations]


def behind(field: Field, station: str) -> list[str]:
    """The bibs of the runners who have still to come to a station or to leave it, the missing among them."""
    field.refresh()
    return [
        state.runners[no].entrant.bib
        for state in field.races.values()
        for no in sorted(no for group in _behind(state, station).values() for no in group)
    ]


def _unjudged(field: Field) -> Counter[str]:
    """How many runners cannot be judged before a station is heard."""
    waiting = (
        runner.race.race.checkpoints[runner.verdict.unheard].station
        for state in field.races.values()
        for runner in state.flagged()
        if "unconfirmed" in runner.verdict.flags and runner.verdict.unheard is not None
    )
    return Counter(waiting)


def _station(field: Field, station: str, devices: tuple[DeviceState, ...], unjudged: int) -> Station:
    count = missing = inside = to_start = 0
    for state in field.races.values():
        if _last_visit(state.rules, station) is not None:
            to_start += state.statuses[Status.ENTERED]
        for place, group in _behind(state, station).items():
            count += len(group)
            if place.where is Where.OUT:
                missing += len(group)
            elif place.where is Where.IN_STATION and place.at is not None and state.race.checkpoints[place.at].station == station:
                inside += len(group)
    word = newest((word for word in field.station_words if word.station == station), field.store.voided)
    keepers = tuple(sorted(field.devices.keepers(station, field.store.right_moment, field.now_ms)))
    heard_ms = min((keeper.last_ms for keeper in keepers if keeper.there), default=None)
    through_ms = min((keeper.through_ms for keeper in keepers), default=None)
    waited_for = (count or unjudged) and not vouches(word)
    silent = tuple(keeper for keeper in keepers if waited_for and keeper.there and field.now_ms - keeper.last_ms > SILENT_AFTER_MS)
    return Station(
        station,
        _name(field, station),
        _status(word, count + to_start, silent=bool(silent)),
        count,
        missing,
        inside,
        to_start,
        unjudged,
        heard_ms,
        through_ms,
        devices,
        keepers,
        silent,
        word,
    )


def _behind(state: RaceState, station: str) -> dict[Place, Collection[int]]:
    """The runners of a race who are behind a station, by place. Where a race was shortened, those who had gone on may still come beyond."""
    last, beyond = _last_visit(state.rules, station), state.race.visits.get(station, (-1,))[-1]
    found: dict[Place, Collection[int]] = {}
    for place, there in state.places.items():
        if last is not None and place.where in (Where.ON_LEG, Where.IN_STATION) and place.at is not None and place.at <= last:
            found[place] = there
        elif place.where is Where.OUT:
            gone_on = place.at is not None and place.at >= state.rules.finish
            to = beyond if gone_on else last
            if to is not None and (place.at is None or place.at <= to):
                found[place] = [no for no in there if _may_come(state.runners[no].verdict, station, to)]
    return found


def _may_come(verdict: Verdict, station: str, last: int) -> bool:
    """Whether a runner who is out, and not accounted for, may still come to a station or leave it. Who gave up there will not."""
    if isinstance(verdict.by, Withdrawal) and verdict.by.station == station:
        return False
    if verdict.place.at != last:
        return True
    split = verdict.splits[last]
    return verdict.status is not Status.WITHDRAWN and split is not None and split.out_ms is None


def _status(word: StationChange | None, awaited: int, *, silent: bool) -> StationStatus:
    if word is not None and word.state is StationState.SWEPT:
        return StationStatus.SWEPT
    if word is not None and word.state is StationState.CLOSED:
        return StationStatus.CLOSED if word.forced or not awaited else StationStatus.CLOSING
    return StationStatus.SILENT if silent else StationStatus.OPEN


def _last_visit(rules: Rules, station: str) -> int | None:
    """The last checkpoint of a race at a station, of those that runners must still pass."""
    visits = [at for at in rules.race.visits.get(station, ()) if at <= rules.finish and at not in rules.skipped]
    return visits[-1] if visits else None


def _name(field: Field, station: str) -> str:
    return next(point.name for race in field.event.races for point in race.checkpoints if point.station == station)
