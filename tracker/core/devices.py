"""Which facts of each device are known, and through which moment each station is heard: absence is judged only on what is complete.

A device numbers its facts from 1, and its heartbeat tells how far it has come. The order in which facts and heartbeats come does not
matter, nor how often.
"""

from collections.abc import Callable
from typing import NamedTuple

from tracker.core.facts import Heartbeat


class DeviceState(NamedTuple):
    """What is known of one device.

    `heard_ms`, `queued` and `battery` are those of its newest heartbeat; `through_ms` is the newest moment up to which all its facts are
    known (0: never). Both moments are None for a device that never sent a heartbeat; its station is then that of its highest fact.
    `missing`: the numbers not known, as ranges with both ends, up to the highest that a heartbeat or a fact told. `facts`: how many are.
    """

    device: str
    station: str
    heard_ms: int | None
    through_ms: int | None
    missing: tuple[tuple[int, int], ...]
    queued: int | None
    battery: float | None
    facts: int


class _Device:
    """`prefix`: every fact up to it is known; `ahead`: those known beyond; `waiting`: newest heartbeat by each number not yet reached."""

    __slots__ = ("ahead", "highest", "name", "newest", "prefix", "read_at", "through_ms", "told", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = 0
        self.ahead: set[int] = set()
        self.highest = 0
        self.read_at = ""
        self.newest: Heartbeat | None = None
        self.through_ms = 0
        self.told = 0
        self.waiting: dict[int, int] = {}

    def missing(self) -> tuple[tuple[int, int], ...]:
        found = []
        after = self.prefix
        for seq in (*sorted(self.ahead), self.told + 1):
            if seq > after + 1:
                found.append((after + 1, seq - 1))
            after = seq
        return tuple(found)

    def state(self) -> DeviceState:
        beat, missing, facts = self.newest, self.missing(), self.prefix + len(self.ahead)
        if beat is None:
            return DeviceState(self.name, self.read_at, None, None, missing, None, None, facts)
        return DeviceState(self.name, beat.station, beat.at_ms, self.through_ms, missing, beat.queued, beat.battery, facts)


class Devices:
    """Every device of the event. A device stands at the station of its newest heartbeat."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}
        self._stations: dict[str, set[_Device]] = {}
        self._changed: set[str] = set()

    def take(self, device: str, seq: int, station: str) -> None:
        """The device's fact of this number is known; it was read at `station`."""
        known = self._devices.get(device) or self._devices.setdefault(device, _Device(device))
        if seq == known.prefix + 1 and not known.ahead and not known.waiting:
            known.prefix = known.highest = seq
            known.read_at = station
        else:
            self._take_out_of_order(known, seq, station)

    def hear(self, beat: Heartbeat) -> None:
        """Take a heartbeat, by the device's own clock."""
        known = self._devices.get(beat.device) or self._devices.setdefault(beat.device, _Device(beat.device))
        newest = known.newest
        if newest is None or (beat.at_ms, beat.key) > (newest.at_ms, newest.key):
            known.newest = beat
            if newest is None or newest.station != beat.station:
                self._move(known, None if newest is None else newest.station, beat.station)
        seq = beat.seq or 0
        known.told = max(known.told, seq)
        if seq <= known.prefix:
            self._complete(known, beat.at_ms)
        elif beat.at_ms > known.waiting.get(seq, 0):
            known.waiting[seq] = beat.at_ms

    def through_ms(self, station: str, right_moment: Callable[[str, int], int]) -> int | None:
        """The moment through which a station is heard: each of its devices has a heartbeat at or after it whose facts are all known.

        0: a device of it has no such heartbeat. None: no device sends heartbeats there, so it is not monitored and counts as heard.
        `right_moment` makes of a moment by a device's clock the true one.
        """
        devices = self._stations.get(station)
        return min(right_moment(device.name, device.through_ms) for device in devices) if devices else None

    def take_changes(self) -> set[str]:
        """The stations whose `through_ms` may have changed since this was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def states(self) -> list[DeviceState]:
        """Every device, by station and name."""
        return sorted((known.state() for known in self._devices.values()), key=lambda state: (state.station, state.device))

    def _take_out_of_order(self, known: _Device, seq: int, station: str) -> None:
        known.highest, known.read_at = max((known.highest, known.read_at), (seq, station))
        if seq != known.prefix + 1:
            if seq > known.prefix:
                known.ahead.add(seq)
            return
        ahead, waiting = known.ahead, known.waiting
        while True:
            known.prefix = seq
            if seq in waiting:
                self._complete(known, waiting.pop(seq))
            seq += 1
            if seq not in ahead:
                return
            ahead.remove(seq)

    def _complete(self, known: _Device, at_ms: int) -> None:
        if at_ms > known.through_ms and known.newest is not None:
            known.through_ms = at_ms
            self._changed.add(known.newest.station)

    def _move(self, known: _Device, before: str | None, now: str) -> None:
        if before is not None:
            self._stations[before].remove(known)
            self._changed.add(before)
        self._stations.setdefault(now, set()).add(known)
        self._changed.add(now)
