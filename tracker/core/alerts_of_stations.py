"""What is wrong at the stations: their silence, what of their reads is not known, a closing that cannot be, and clocks that are off.

A silent station speaks for the runners who cannot be judged without it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import NamedTuple

from tracker.core.alert import Alert, alert, bibs
from tracker.core.clocks import CLOCK_OFF_MS, ClockOffset
from tracker.core.devices import DeviceState
from tracker.core.field import Field
from tracker.core.race_state import Runner
from tracker.core.stations import SILENT_AFTER_MS, Station, StationStatus, behind

SET_UP_MS = 48 * 3_600_000
"""So long before the first start devices are set up: a clock that is off may have been so since then."""
_TRACKERS_LEAST = 3
_ALIKE_MS = 15_000
_RANGES = 6


def of_stations(field: Field, now: list[Station]) -> Iterator[Alert]:
    """What is wrong at the stations and with their devices, but for the clocks."""
    flagged = (runner for state in field.races.values() for runner in state.flagged())
    unjudged = Counter(_waits_for(runner) for runner in flagged if "unconfirmed" in runner.verdict.flags)
    for station in now:
        yield from _of_station(field, station, unjudged[station.id])
        for device in station.devices:
            yield from _of_device(field, station, device)


def _of_station(field: Field, station: Station, unjudged: int) -> Iterator[Alert]:
    if station.status is StationStatus.SILENT:
        due = f", {unjudged} of them due there and not judged" if unjudged else ""
        who = "1 runner is" if station.behind == 1 else f"{station.behind} runners are"
        text = f"{station.name} is silent: {who} still to come or to leave{due}"
        todo = "reach the station by radio; its backlog will settle the rest"
        yield alert("silent", station.id, max(station.heard_ms or 0, set_up_ms(field)), text, todo, station=station.id)
    if station.status is StationStatus.CLOSING and station.word is not None:
        text = f"{station.name} cannot close, still behind it: {bibs(behind(field, station.id))}"
        todo = "wait, decide on each of them, or close it by force with a reason"
        if station.missing:
            text += f" ({station.missing} of them out of the race and not accounted for)"
            todo = "wait, decide on each of them, account for those who are out, or close it by force with a reason"
        yield alert("closing", station.id, station.word.at_ms, text, todo, station=station.id)


def _of_device(field: Field, station: Station, device: DeviceState) -> Iterator[Alert]:
    at_ms = max(device.through_ms or 0, set_up_ms(field))
    lags = not device.heard_ms or device.heard_ms - (device.through_ms or 0) > SILENT_AFTER_MS
    if device.missing and lags:
        count = sum(last - first + 1 for first, last in device.missing)
        numbers = _listed(f"{first}" if first == last else f"{first}-{last}" for first, last in device.missing[:_RANGES])
        text = f"{device.device} at {station.name} has told of {count} facts that never came (seq {numbers})"
        todo = "let the device send them again, or ask what it shows"
        yield alert("missing", f"{device.device}/{device.missing[-1][1]}", at_ms, text, todo, station=station.id)
    if device.reused:
        text = f"{device.device} at {station.name} has given numbers to two facts each, as after a reset (seq {_listed(device.reused)})"
        todo = "what it read is not to be known whole: compare with its list, and let it read on under a new name"
        yield alert("reused", f"{device.device}/{device.reused[-1]}", at_ms, text, todo, station=station.id)


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
        yield alert("clock", f"{one.device}/{_minutes(one.off_ms)}", at_ms, text, todo, station=one.station.id)


def set_up_ms(field: Field) -> int:
    """The moment before which no device of the event was in use."""
    return min(race.start_ms for race in field.event.races) - SET_UP_MS


def _listed(numbers: Iterable[object]) -> str:
    return ", ".join(str(number) for number in numbers)


def _way(off_ms: int) -> str:
    return f"{round(abs(off_ms) / 1000)} s {'ahead' if off_ms > 0 else 'behind'}"


def _minutes(off_ms: int) -> int:
    return round(off_ms / 60_000)


def _waits_for(runner: Runner) -> str | None:
    at = runner.verdict.unheard
    return None if at is None else runner.race.race.checkpoints[at].station
