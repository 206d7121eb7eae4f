"""What each station is: open, silent, closing, swept or closed; who is still behind it, and what of its devices is known.

A station that is to close is closed as soon as nobody is behind it, or at once when it is forced.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tracker.core.devices import DeviceState
from tracker.core.facts import StationChange, StationState, Withdrawal
from tracker.core.field import Field
from tracker.core.race_state import RaceState
from tracker.core.rules import Rules
from tracker.core.runner import Place, Status, Verdict, Where
from tracker.core.words import newest

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
    how many of them are out of the race and not accounted for, so that they may still be walking to it.

    `heard_ms`: the oldest of its devices' newest heartbeats; `through_ms`: up to when everything it read is known. None: not monitored.
    """

    id: str
    name: str
    status: StationStatus
    behind: int
    missing: int
    inside: int
    heard_ms: int | None
    through_ms: int | None
    devices: tuple[DeviceState, ...]
    word: StationChange | None


def stations(field: Field) -> list[Station]:
    """Every station of the event, in the order of the event file."""
    field.refresh()
    devices: dict[str, list[DeviceState]] = {}
    for device in field.devices.states(field.store.right_moment, field.now_ms):
        devices.setdefault(device.station, []).append(device)
    return [_station(field, station, tuple(devices.get(station, ()))) for station in field.event.stations]


def behind(field: Field, station: str) -> list[str]:
    """The bibs of the runners who have still to come to a station or to leave it, the missing among them."""
    field.refresh()
    return [
        state.runners[no].entrant.bib
        for state in field.races.values()
        for no in sorted(no for group in _behind(state, station).values() for no in group)
    ]


def _station(field: Field, station: str, devices: tuple[DeviceState, ...]) -> Station:
    count = missing = inside = 0
    for state in field.races.values():
        for place, group in _behind(state, station).items():
            count += len(group)
            if place.where is Where.OUT:
                missing += len(group)
            elif place.where is Where.IN_STATION and place.at is not None and state.race.checkpoints[place.at].station == station:
                inside += len(group)
    word = newest((word for word in field.station_words if word.station == station), field.store.voided)
    used = [device for device in devices if device.device not in field.devices.retired] or devices
    heard_ms = min((device.heard_ms for device in used if device.heard_ms is not None), default=None)
    through_ms = field.devices.through_ms(station, field.store.right_moment, field.now_ms)
    status = _status(word, count, silent=heard_ms is not None and field.now_ms - heard_ms > SILENT_AFTER_MS)
    return Station(station, _name(field, station), status, count, missing, inside, heard_ms, through_ms, devices, word)


def _behind(state: RaceState, station: str) -> dict[Place, Collection[int]]:
    """The runners of a race who are behind a station, by place."""
    last = _last_visit(state.rules, station)
    found: dict[Place, Collection[int]] = {}
    if last is None:
        return found
    for place, there in state.places.items():
        if place.where is Where.OUT and (place.at is None or place.at <= last):
            found[place] = [no for no in there if _may_come(state.runners[no].verdict, station, last)]
        elif place.where in (Where.ON_LEG, Where.IN_STATION) and place.at is not None and place.at <= last:
            found[place] = there
    return found


def _may_come(verdict: Verdict, station: str, last: int) -> bool:
    """Whether a runner who is out, and not accounted for, may still come to a station or leave it. Who gave up there will not."""
    if isinstance(verdict.by, Withdrawal) and verdict.by.station == station:
        return False
    if verdict.place.at != last:
        return True
    split = verdict.splits[last]
    return verdict.status is not Status.WITHDRAWN and split is not None and split.out_ms is None


def _status(word: StationChange | None, behind_count: int, *, silent: bool) -> StationStatus:
    if word is not None and word.state is StationState.SWEPT:
        return StationStatus.SWEPT
    if word is not None and word.state is StationState.CLOSED:
        return StationStatus.CLOSED if word.forced or not behind_count else StationStatus.CLOSING
    return StationStatus.SILENT if silent and behind_count else StationStatus.OPEN


def _last_visit(rules: Rules, station: str) -> int | None:
    """The last checkpoint of a race at a station, of those that runners must still pass."""
    visits = [at for at in rules.race.visits.get(station, ()) if at <= rules.finish and at not in rules.skipped]
    return visits[-1] if visits else None


def _name(field: Field, station: str) -> str:
    return next(point.name for race in field.event.races for point in race.checkpoints if point.station == station)
