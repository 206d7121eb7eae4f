"""What is wrong at the stations: their silence, what of their reads is not known, a closing that cannot be, and clocks that are off.

One alert of a station speaks for the runners who cannot be judged without it, once that has lasted a quarter of an hour.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from tracker.core.alert import Alert, alert, bibs, id_of
from tracker.core.clocks import CLOCK_OFF_MS, ClockOffset
from tracker.core.devices import DeviceState
from tracker.core.field import Field
from tracker.core.stations import SILENT_AFTER_MS, Station, StationStatus, behind

SET_UP_MS = 48 * 3_600_000
"""So long before the first start devices are set up: a clock that is off may have been so since then."""
_TRACKERS_LEAST = 3
_ALIKE_MS = 15_000
_RANGES = 6
_LISTED = 12


def of_stations(field: Field, now: list[Station]) -> Iterator[Alert]:
    """What is wrong at the stations and with their devices, but for the clocks."""
    names = {station.id: station.name for station in now}
    for station in now:
        yield from _of_hearing(field, station, names)
        if station.status is StationStatus.CLOSING and station.word is not None:
            yield _closing(field, station, station.word.at_ms)


def _of_hearing(field: Field, station: Station, names: Mapping[str, str]) -> Iterator[Alert]:
    """Why a station is not heard. The first alert that tells it says who waits for that; there is one as soon as it has lasted."""
    waiting = f"{_runners(station.unjudged)} due there and not judged" if station.unjudged else ""
    if station.silent:
        yield _silent(field, station, names, waiting)
        waiting = ""
    keepers = {keeper.device for keeper in station.keepers}
    for device in station.devices:
        for one in _of_device(field, station, device):
            if waiting and device.device in keepers:  # who has seen it before somebody was due has not seen that
                yield replace(one, id=id_of(f"{one.id}/due"), text=f"{one.text}: {waiting}", todo=f"{one.todo}; or call the station swept")
                waiting = ""
            else:
                yield one
    if waiting and field.now_ms - (station.through_ms or 0) > SILENT_AFTER_MS:
        yield _not_whole(field, station, names, waiting)


def _silent(field: Field, station: Station, names: Mapping[str, str], waiting: str) -> Alert:
    """Nobody is heard from a station, or not each of its devices, while somebody is awaited there."""
    devices = _listed(keeper.device for keeper in station.silent)
    gone = _listed(sorted({names.get(keeper.now_at, keeper.now_at) for keeper in station.silent if keeper.now_at != station.id}))
    why = f", for {devices} was carried to {gone}" if gone else f" ({devices})"
    come = f"{_runners(station.behind)} {'is' if station.behind == 1 else 'are'} still to come or to leave" if station.behind else ""
    text = f"{station.name} is silent{why}: {', '.join(filter(None, (come, waiting)))}"
    todo = "reach the station by radio; its backlog will settle the rest; retire what is out of use (desk device)"
    if gone:
        todo = "call it swept if nobody comes there any more; else have somebody read there, or account for those who are missing"
    at_ms = max(keeper.last_ms for keeper in station.silent) + SILENT_AFTER_MS
    device = station.silent[0].device if len(station.silent) == 1 else None
    return alert("silent", station.id, max(at_ms, set_up_ms(field)), text, todo, station=station.id, device=device)


def _not_whole(field: Field, station: Station, names: Mapping[str, str], waiting: str) -> Alert:
    """A station's devices are heard, but of one that holds it back not all is known, and no other alert of the station says so."""
    keeper = min(station.keepers, key=lambda keeper: keeper.through_ms)
    why = f"not all that {keeper.device} has read there has come"
    if not keeper.there:
        why = f"{keeper.device} was carried to {names.get(keeper.now_at, keeper.now_at)}, and {why}"
    elif keeper.queued:
        why = f"{keeper.device} has {keeper.queued} facts still to send"
    text = f"{station.name} is not heard whole, for {why}: {waiting}"
    todo = "have it send what it holds; if that is lost, retire it (desk device), or call the station swept"
    at_ms = max(keeper.through_ms + SILENT_AFTER_MS, set_up_ms(field))
    return alert("silent", f"{station.id}/{keeper.device}", at_ms, text, todo, station=station.id, device=keeper.device)


def _closing(field: Field, station: Station, at_ms: int) -> Alert:
    awaited, todo = [], ["wait"]
    if station.to_start:
        awaited.append(f"{station.to_start} not started yet")
        todo.append("say who does not start (desk status dns)")
    if station.behind:
        out = f" ({station.missing} of them out of the race and not accounted for)" if station.missing else ""
        awaited.append(f"still behind it: {bibs(behind(field, station.id))}{out}")
        todo += ["decide on each of them", *(["account for those who are out"] if station.missing else [])]
    text = f"{station.name} cannot close, {', '.join(awaited)}"
    return alert("closing", station.id, at_ms, text, f"{', '.join(todo)}, or close it by force with a reason", station=station.id)


def _of_device(field: Field, station: Station, device: DeviceState) -> Iterator[Alert]:
    at_ms = max(device.through_ms or 0, set_up_ms(field))
    since_ms = [moment_ms for moment_ms in (device.through_ms, device.gap_ms) if moment_ms is not None]
    if device.missing and field.now_ms - min(since_ms) > SILENT_AFTER_MS:
        count = sum(last - first + 1 for first, last in device.missing)
        numbers = _listed(f"{first}" if first == last else f"{first}-{last}" for first, last in device.missing[:_RANGES])
        text = f"{device.device} at {station.name} has told of {count} fact{'s' if count > 1 else ''} that never came (seq {numbers})"
        todo = "let the device send them again, or ask what it shows"
        yield alert("missing", f"{device.device}/{device.missing[-1][1]}", at_ms, text, todo, station=station.id, device=device.device)
    if device.reused:
        more = f" and {device.reuses - len(device.reused)} more" if device.reuses > len(device.reused) else ""
        text = (
            f"{device.device} at {station.name} has given numbers to two facts each, as after a reset (seq {_listed(device.reused)}{more})"
        )
        todo = "what it read is not to be known whole: compare with its list"
        if device.device not in field.devices.retired:
            todo += ", let it read on under a new name, and retire the old one (desk device), which holds the station until then"
        yield alert("reused", f"{device.device}/{device.reuses}", at_ms, text, todo, station=station.id, device=device.device)


class _Off(NamedTuple):
    """A device whose clock is surely off: by how much, ahead or behind (negative)."""

    device: str
    station: Station
    off_ms: int


def of_clocks(field: Field, now: list[Station], clocks: Mapping[str, ClockOffset]) -> Iterator[Alert]:
    """Whose clocks are off; where most are off alike, it is the tracker's own.

    The id tells by how many minutes: who has seen it has seen no other error, and sees the same one no more.
    """
    off: list[_Off] = []
    measured = 0
    for station in now:
        for device in station.devices:
            offset = clocks.get(device.device)
            if offset is None:
                continue
            measured += 1
            off_ms = field.store.right_moment(device.device, field.now_ms + offset.offset_ms) - field.now_ms
            if abs(off_ms) - offset.uncertainty_ms > CLOCK_OFF_MS:
                off.append(_Off(device.device, station, off_ms))
    middle_ms = round(median(one.off_ms for one in off)) if off else 0
    alike = [one for one in off if abs(one.off_ms - middle_ms) <= _ALIKE_MS]
    at_ms = set_up_ms(field)
    if len(alike) >= _TRACKERS_LEAST and 2 * len(alike) >= measured:
        text = f"the tracker's own clock is {_way(-middle_ms)}: {len(alike)} of {measured} devices are off by as much"
        yield alert("clock", f"tracker/{_minutes(-middle_ms)}", at_ms, text, "set the clock of this computer right")
        off = [one for one in off if one not in alike]
    for one in off:
        text = f"the clock of {one.device} at {one.station.name} is {_way(one.off_ms)}"
        todo = "set it right, and correct what it has read (desk clock)"
        yield alert("clock", f"{one.device}/{_minutes(one.off_ms)}", at_ms, text, todo, station=one.station.id, device=one.device)


def set_up_ms(field: Field) -> int:
    """The moment before which no device of the event was in use."""
    return min(race.start_ms for race in field.event.races) - SET_UP_MS


def _listed(numbers: Iterable[object]) -> str:
    found = [str(number) for number in numbers]
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return ", ".join(found[:_LISTED]) + more


def _runners(count: int) -> str:
    return f"{count} runner{'' if count == 1 else 's'}"


def _way(off_ms: int) -> str:
    return f"{round(abs(off_ms) / 1000)} s {'ahead' if off_ms > 0 else 'behind'}"


def _minutes(off_ms: int) -> int:
    return round(off_ms / 60_000)
