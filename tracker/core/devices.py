"""Which facts of each device are known, and through which moment each station is heard: absence is judged only on what is complete.

A device numbers its facts from 1, and its heartbeat tells how far it has come. The order in which facts and heartbeats come does not
matter, nor how often.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import NamedTuple

from tracker.core.clocks import FUTURE_MS
from tracker.core.facts import Heartbeat, Passage, Withdrawal

_NAMED = 5

Numbered = Passage | Withdrawal
RightMoment = Callable[[str, int], int]
"""Makes of a device and a moment by its clock the true one. One such object always answers the same; another one is asked anew."""


class DeviceState(NamedTuple):
    """What is known of one device at a moment; moments are the right ones, and heartbeats from the future do not count.

    `station`, `heard_ms`, `queued` and `battery` are those of its newest heartbeat; `through_ms` is the newest moment up to which all its
    facts are known. 0: never by now; both are None for a device that never sent a heartbeat, and its station is that of its highest fact.
    `missing`: the numbers not known, as ranges with both ends, up to the highest that a heartbeat or a fact told; `gap_ms`: when the first
    known fact beyond one of them was read. `facts`: how many are known.
    `reused`: the first few numbers that it gave to different facts, as one does that was set back: what else it read is not to be known.
    `reuses`: how many there are.
    """

    device: str
    station: str
    heard_ms: int | None
    through_ms: int | None
    missing: tuple[tuple[int, int], ...]
    queued: int | None
    battery: float | None
    facts: int
    reused: tuple[int, ...] = ()
    gap_ms: int | None = None
    reuses: int = 0


class Receipt(NamedTuple):
    """What is known of the facts that a device has numbered: all up to `through` but those in `missing`, ranges with both ends."""

    device: str
    through: int
    missing: tuple[tuple[int, int], ...]


class Keeper(NamedTuple):
    """A device without which a station is not heard.

    `last_ms`, `queued`: its newest heartbeat from there (0: never by now); `through_ms`: the newest after which nothing that it read before
    is missing. `there`: it stands there, or left last. Any other has left, and what it read there is not known whole. `now_at`: the station
    where it stands now.
    """

    device: str
    there: bool
    now_at: str
    last_ms: int
    queued: int | None
    through_ms: int


class _Device:
    """`known`: the facts 1 to `prefix`; `ahead`: those beyond; `shared`: time and station of the different facts that bear one number.

    `told`: the highest number told from each station; `waiting`: numbers told and not yet reached; `unnumbered`: it has told without any.
    `beats` are in order of `rights`, their right moments; `fresh` ones have still to be put there. `lasts`: the newest from each station.
    """

    __slots__ = (
        *(
            "ahead",
            "beats",
            "fresh",
            "known",
            "lasts",
            "name",
            "prefix",
            "right_moment",
            "rights",
            "shared",
            "told",
            "unnumbered",
            "waiting",
        ),
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = 0
        self.known: list[Numbered] = []
        self.ahead: dict[int, Numbered] = {}
        self.shared: dict[int, set[tuple[int, str]]] = {}
        self.told: dict[str, int] = {}
        self.waiting: set[int] = set()
        self.unnumbered = False
        self.beats: list[Heartbeat] = []
        self.rights: list[int] = []
        self.fresh: list[Heartbeat] = []
        self.lasts: dict[str, int] = {}
        self.right_moment: RightMoment | None = None

    def twin(self) -> "_Device":
        other: _Device = copy(self)
        other.known, other.ahead, other.waiting = self.known.copy(), self.ahead.copy(), self.waiting.copy()
        other.shared = {seq: facts.copy() for seq, facts in self.shared.items()}
        other.told, other.lasts = self.told.copy(), self.lasts.copy()
        other.beats, other.rights, other.fresh = self.beats.copy(), self.rights.copy(), self.fresh.copy()
        return other

    def put_in_order(self, right_moment: RightMoment) -> None:
        """Every heartbeat once, by its right moment; mostly the few fresh ones are the newest."""
        if right_moment is self.right_moment and not self.fresh:
            return

        def order(beat: Heartbeat) -> tuple[int, int, bytes]:
            return right_moment(self.name, beat.at_ms), beat.at_ms, beat.key

        if right_moment is not self.right_moment:
            self.right_moment = right_moment
            if self.rights != [right_moment(self.name, beat.at_ms) for beat in self.beats]:
                self.fresh = sorted((*self.beats, *self.fresh), key=order)
                self.beats, self.rights = [], []
        in_order = bool(self.beats)
        for beat in self.fresh:
            right_ms, count = right_moment(self.name, beat.at_ms), len(self.beats)
            index = count if not count or right_ms > self.rights[-1] else bisect_left(self.beats, order(beat), key=order)
            if index == count or self.beats[index].key != beat.key:
                self.beats.insert(index, beat)
                self.rights.insert(index, right_ms)
                self.lasts[beat.station] = index
                in_order = in_order and index == count
        self.fresh = []
        if not in_order:
            self.lasts = {beat.station: index for index, beat in enumerate(self.beats)}

    def stands_at(self, station: str, until_ms: int) -> bool:
        """Whether its newest heartbeat is from there; one from the future may be the newest for all that is known."""
        return any(beat.station == station for beat in self.beats[self._newest(until_ms) :])

    def last(self, until_ms: int, station: str) -> int | None:
        """Its newest heartbeat from a station, by number."""
        last = self.lasts.get(station)
        if last is None or self.rights[last] <= until_ms:
            return last
        newest_first = range(bisect_right(self.rights, until_ms) - 1, -1, -1)
        return next((index for index in newest_first if self.beats[index].station == station), None)

    def through_ms(self, until_ms: int, station: str | None = None) -> int:
        """The right moment of its newest heartbeat (from a station) of which all facts are known."""
        if self.shared:
            until_ms = min(until_ms, self._sure_ms())
        for index in range(bisect_right(self.rights, until_ms) - 1, -1, -1):
            if (station is None or self.beats[index].station == station) and self._complete(index):
                return self.rights[index]
        return 0

    def settled(self, station: str, until_ms: int) -> bool:
        """Whether everything that it read at a station, which it has left, is known: up to its first word from elsewhere.

        What it read after its last word from there, that word tells first.
        """
        if self.shared or self.told[station] > self.prefix:
            return False
        left = self.last(until_ms, station)
        since = range(0 if left is None else left + 1, bisect_right(self.rights, until_ms))
        first = next((index for index in since if self.beats[index].seq is not None or self._complete(index)), None)
        return first is not None and self._complete(first)

    def keeper(self, station: str, until_ms: int, *, there: bool) -> Keeper:
        last = self.last(until_ms, station)
        last_ms, queued = (0, None) if last is None else (self.rights[last], self.beats[last].queued)
        now_at = self.beats[self._newest(until_ms)].station
        return Keeper(self.name, there, now_at, last_ms, queued, self.through_ms(until_ms, station))

    @property
    def lacks(self) -> bool:
        """Whether a number is not known that lies below one that a fact or a heartbeat told."""
        return bool(self.ahead or self.waiting)

    def _newest(self, until_ms: int) -> int:
        return max(bisect_right(self.rights, until_ms) - 1, 0)

    def _complete(self, index: int) -> bool:
        """Whether all facts up to a heartbeat are known. One without a number says nothing while facts are queued, or one is missing that
        may have been read before it.
        """
        beat = self.beats[index]
        if beat.seq is not None:
            return beat.seq <= self.prefix
        if beat.queued or not self.lacks:
            return not beat.queued
        return bool(self.known) and self.rights[index] <= self._moment_ms(self.known[-1].at_ms)

    def _moment_ms(self, at_ms: int) -> int:
        return at_ms if self.right_moment is None else self.right_moment(self.name, at_ms)

    def state(self, until_ms: int) -> DeviceState:
        missing, facts, reused = self._missing(), self.prefix + len(self.ahead), tuple(sorted(self.shared)[:_NAMED])
        counts = (facts, reused, self._gap_ms(), len(self.shared))
        if not self.beats:
            return DeviceState(self.name, self._read_at(), None, None, missing, None, None, *counts)
        count = bisect_right(self.rights, until_ms)
        beat, heard_ms, through_ms = self.beats[count - 1], self.rights[count - 1] if count else 0, self.through_ms(until_ms)
        return DeviceState(self.name, beat.station, heard_ms, through_ms, missing, beat.queued, beat.battery, *counts)

    def receipt(self) -> Receipt:
        return Receipt(self.name, self._highest(), self._missing())

    def _sure_ms(self) -> int:
        """Before the first fact whose number another bears as well: from there on a number tells nothing."""
        return min(self._moment_ms(at_ms) for at_ms in {at_ms for facts in self.shared.values() for at_ms, _ in facts}) - 1

    def _gap_ms(self) -> int | None:
        """When the first fact was read that is known beyond a missing one."""
        first = min(self.ahead, default=None)
        if first is None:
            return None
        return min(self._moment_ms(at_ms) for at_ms, _ in self.shared.get(first, {(self.ahead[first].at_ms, "")}))

    def _missing(self) -> tuple[tuple[int, int], ...]:
        found = []
        after = self.prefix
        for seq in (*sorted(self.ahead), self._highest() + 1):
            if seq > after + 1:
                found.append((after + 1, seq - 1))
            after = seq
        return tuple(found)

    def _highest(self) -> int:
        """The highest number that a fact or a heartbeat told."""
        return max(self.prefix, max(self.ahead, default=0), max(self.told.values(), default=0))

    def _read_at(self) -> str:
        highest = max(self.ahead, default=self.prefix)
        if not highest:
            return ""
        fact = self.ahead.get(highest) or self.known[-1]
        return max(fact.station, *(station for _, station in self.shared.get(highest, ())), "")


class Devices:
    """Every device of the event. A device stands at the station of its newest heartbeat, and stays known where it stood before."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}
        self._stations: dict[str, list[_Device]] = {}
        self._changed: set[str] = set()
        self.retired: frozenset[str] = frozenset()
        """Devices that a person has taken out of service: they do not keep a station from being heard, unless it has no other."""

    def twin(self) -> "Devices":
        """What is known of the same devices, in a record of its own."""
        other: Devices = copy(self)
        other._devices = {name: device.twin() for name, device in self._devices.items()}
        other._stations = {station: [other._devices[device.name] for device in told] for station, told in self._stations.items()}
        other._changed = self._changed.copy()
        return other

    def take_all(self, facts: Iterable[Numbered]) -> None:
        """Take every fact that a device has numbered; mostly they come in order, and nothing waits for them."""
        devices = self._devices
        for fact in facts:
            if fact.seq is None or fact.device is None:
                continue
            device = devices.get(fact.device)
            if device is not None and fact.seq == device.prefix + 1 and not device.ahead and not device.waiting:
                device.prefix = fact.seq
                device.known.append(fact)
            else:
                self._take(device or devices.setdefault(fact.device, _Device(fact.device)), fact.seq, fact)

    def hear(self, beat: Heartbeat) -> None:
        """Take a heartbeat, by the device's own clock."""
        device = self._devices.get(beat.device) or self._devices.setdefault(beat.device, _Device(beat.device))
        device.fresh.append(beat)
        seq = beat.seq or 0
        device.unnumbered = device.unnumbered or beat.seq is None
        if beat.station not in device.told:
            self._stations.setdefault(beat.station, []).append(device)
        device.told[beat.station] = max(device.told.get(beat.station, 0), seq)
        if seq > device.prefix:
            device.waiting.add(seq)
        self._changed.update(device.told)

    def through_ms(self, station: str, right_moment: RightMoment, now_ms: int) -> int | None:
        """The moment through which a station is heard: each device there has told so by then, and its facts up to it are all known.

        The devices that stand there decide, or else the last that did; and each other one of which facts that it read there may be missing.
        Only heartbeats from the station count, and none from the future. 0: one of those devices has no such heartbeat. None: no device
        ever sent one from there, so it is not monitored and counts as heard.
        """
        return min((keeper.through_ms for keeper in self.keepers(station, right_moment, now_ms)), default=None)

    def monitored(self, station: str) -> bool:
        """Whether any device ever sent a heartbeat from there."""
        return station in self._stations

    def keepers(self, station: str, right_moment: RightMoment, now_ms: int) -> list[Keeper]:
        """The devices that decide through which moment a station is heard, in no order; none where it is not monitored."""
        told, until_ms = self._stations.get(station, []), now_ms + FUTURE_MS
        devices = [device for device in told if device.name not in self.retired] or told
        for device in devices:
            device.put_in_order(right_moment)
        there = [device for device in devices if device.stands_at(station, until_ms)]
        if not there:
            moments = [0 if (last := device.last(until_ms, station)) is None else device.rights[last] for device in devices]
            there = [device for device, last_ms in zip(devices, moments, strict=True) if last_ms == max(moments)]
        return [
            device.keeper(station, until_ms, there=device in there)
            for device in devices
            if device in there or not device.settled(station, until_ms)
        ]

    def next_ms(self, right_moment: RightMoment, now_ms: int) -> int | None:
        """The first moment at which a heartbeat that is from the future now comes to count; any station may change then."""
        until_ms = now_ms + FUTURE_MS
        coming = []
        for device in self._devices.values():
            device.put_in_order(right_moment)
            if device.rights and device.rights[-1] > until_ms:
                coming.append(device.rights[bisect_right(device.rights, until_ms)] - FUTURE_MS)
        return min(coming, default=None)

    def knows(self, device: str) -> bool:
        """Whether a heartbeat or a numbered fact of a device was ever heard."""
        return device in self._devices

    def take_changes(self) -> set[str]:
        """The stations whose `through_ms` may have changed by what was told since this was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def states(self, right_moment: RightMoment, now_ms: int) -> list[DeviceState]:
        """Every device, by station and name."""
        for device in self._devices.values():
            device.put_in_order(right_moment)
        found = (device.state(now_ms + FUTURE_MS) for device in self._devices.values())
        return sorted(found, key=lambda state: (state.station, state.device))

    def receipts(self) -> Iterator[Receipt]:
        """What is known of every device's facts, in the order in which the devices were first heard."""
        return (device.receipt() for device in self._devices.values())

    def _take(self, device: _Device, seq: int, fact: Numbered) -> None:
        if seq < 1:
            return
        before = (device.prefix, device.lacks)
        known = device.known[seq - 1] if seq <= device.prefix else device.ahead.setdefault(seq, fact)
        if known.key != fact.key:
            device.shared.setdefault(seq, {(known.at_ms, known.station)}).add((fact.at_ms, fact.station))
            self._changed.update(device.told)
        while (following := device.ahead.pop(device.prefix + 1, None)) is not None:
            device.known.append(following)
            device.prefix += 1
            if device.prefix in device.waiting:
                device.waiting.remove(device.prefix)
                self._changed.update(device.told)
        if device.unnumbered and before != (device.prefix, device.lacks):
            self._changed.update(device.told)
