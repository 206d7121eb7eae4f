"""What each station is: open, silent, closing, swept or closed; who is still behind it, and what of its devices is known.

A station that is to close is closed as soon as nobody is behind it, or at once when it is forced.
"""

from dataclasses import dataclass
from enum import StrEnum

from tracker.core.devices import DeviceState
from tracker.core.facts import StationChange, StationState
from tracker.core.field import Field
from tracker.core.runner import Where
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
    """A station now. `behind`: how many runners have still to come to it or to leave it; `inside`: how many of them are there.

    `heard_ms`: the oldest of its devices' newest heartbeats; `through_ms`: up to when everything it read is known. None: not monitored.
    """

    id: str
    name: str
    status: StationStatus
    behind: int
    inside: int
    heard_ms: int | None
    through_ms: int | None
    devices: tuple[DeviceState, ...]
    word: StationChange | None


def stations(field: Field) -> list[Station]:
    """Every station of the event, in the order of the event file."""
    field.refresh()
    devices: dict[str, list[DeviceState]] = {}
    for device in field.devices.states():
        devices.setdefault(device.station, []).append(device)
    return [_station(field, station, tuple(devices.get(station, ()))) for station in field.event.stations]


def behind(field: Field, station: str) -> list[str]:
    """The bibs of the runners who have still to come to a station or to leave it."""
    field.refresh()
    return [
        runner.entrant.bib
        for state in field.races.values()
        if (last := _last_visit(field, state.race.id, station)) is not None
        for runner in state.runners
        if runner.verdict.place.where in (Where.ON_LEG, Where.IN_STATION) and (runner.verdict.place.at or 0) <= last
    ]


def _station(field: Field, station: str, devices: tuple[DeviceState, ...]) -> Station:
    count, inside = 0, 0
    for race in field.races:
        last = _last_visit(field, race, station)
        for place, runners in field.places(race).items():
            if last is not None and place.at is not None and place.at <= last and place.where in (Where.ON_LEG, Where.IN_STATION):
                count += runners
                if place.where is Where.IN_STATION and field.event.by_id[race].checkpoints[place.at].station == station:
                    inside += runners
    word = newest((word for word in field.station_words if word.station == station), field.store.voided)
    heard = [field.store.right_moment(device.device, device.heard_ms) for device in devices if device.heard_ms is not None]
    heard_ms = min(heard, default=None)
    through_ms = field.devices.through_ms(station, field.store.right_moment)
    status = _status(word, count, silent=heard_ms is not None and field.now_ms - heard_ms > SILENT_AFTER_MS)
    return Station(station, _name(field, station), status, count, inside, heard_ms, through_ms, devices, word)


def _status(word: StationChange | None, behind_count: int, *, silent: bool) -> StationStatus:
    if word is not None and word.state is StationState.SWEPT:
        return StationStatus.SWEPT
    if word is not None and word.state is StationState.CLOSED:
        return StationStatus.CLOSED if word.forced or not behind_count else StationStatus.CLOSING
    return StationStatus.SILENT if silent and behind_count else StationStatus.OPEN


def _last_visit(field: Field, race: str, station: str) -> int | None:
    """The last checkpoint of a race at a station, of those that runners must still pass."""
    rules = field.races[race].rules
    visits = [at for at in rules.race.visits.get(station, ()) if at <= rules.finish and at not in rules.skipped]
    return visits[-1] if visits else None


def _name(field: Field, station: str) -> str:
    return next(point.name for race in field.event.races for point in race.checkpoints if point.station == station)
