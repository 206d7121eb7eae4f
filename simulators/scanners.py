"""What the devices at the stations make of the runners' true stories: the messages they publish, and when.

Reads, their faults, device clocks, sequence numbers, heartbeats and backlogs live here; what really happened is `field`, the sending is
`play`. All chance comes from the seed: the same stories, seed and faults give the same bytes in the same order.
"""

import random
import uuid
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from hashlib import blake2b

import orjson

from simulators.desk import Word, desk_words
from simulators.field import Journey, SimulationError
from simulators.pace import HOUR_MS, MINUTE_MS
from tracker.core.course import Event
from tracker.core.roster import Roster
from tracker.wire import DESK

HEARTBEAT_MS = 5 * MINUTE_MS
EARLY_MS = 30 * MINUTE_MS
"""How long before its first possible runner a station is on."""
CLOSES_AFTER_MS = 30 * MINUTE_MS
"""How long after its last cutoff, or its last runner, a station is still on."""
BACKLOG_STEP_MS = 5
"""Between two messages of a backlog that is let go at once."""


@dataclass(frozen=True, slots=True)
class Emission:
    """A message of a device: `send_ms` is the true moment, UTC milliseconds, at which it is published."""

    send_ms: int
    device: str
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Faults:
    """How often things go wrong, each from 0 (never) to 1 (always)."""

    double_read: float = 0.0
    """Of the passages are read once more within a minute; of the runners at a start, several times."""
    missed_read: float = 0.0
    """Of the passages a device does not see."""
    offline: float = 0.0
    """Of the stations on the course are silent for one to three hours, then send all at once."""
    clock_offset: float = 0.0
    """Of the devices on the course have a clock that is up to three minutes off, and drifts."""
    duplicate: float = 0.0
    """Of the messages are published twice."""
    in_out: float = 0.0
    """Of the stations on the course have one device at the way in and one at the way out."""
    stray: float = 0.0
    """For each passage, a bib that is on no start list is read as well."""


NO_FAULTS = Faults()
REALISTIC = Faults(double_read=0.05, missed_read=0.01, offline=0.12, clock_offset=0.1, duplicate=0.004, in_out=0.3, stray=0.0005)
_PRESETS = {"none": NO_FAULTS, "realistic": REALISTIC}


def parse_faults(text: str) -> Faults:
    """Read `none`, `realistic` or `double_read=0.2,offline=0.1` (what is not named is 0). SimulationError says which part is wrong."""
    if text.strip() in _PRESETS:
        return _PRESETS[text.strip()]
    known = [each.name for each in fields(Faults)]
    rates: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in known:
            raise SimulationError(f'faults: no fault is called "{name}". Known: {", ".join(known)}; or none, realistic.')
        try:
            rate = float(value)
        except ValueError:
            rate = -1.0
        if not 0.0 <= rate <= 1.0:
            raise SimulationError(f'faults: {name} is "{value}". Write a rate from 0 to 1: {name}=0.1')
        rates[name] = rate
    return Faults(**rates)


@dataclass(slots=True)
class _Device:
    """A scanner: its name, its clock, what it has seen (true time, kind, payload without what the device adds), and when each was sent."""

    name: str
    station: str
    source: str
    way: str | None = None
    mat: bool = False
    offset_ms: float = 0.0
    drift: float = 0.0
    on_since_ms: int = 0
    seen: list[tuple[int, str, dict[str, object]]] = field(default_factory=list)
    sent_ms: list[int] = field(default_factory=list)


def emissions(
    event: Event, roster: Roster, journeys: Sequence[Journey], seed: int, faults: Faults = NO_FAULTS, root: str = "tracker"
) -> list[Emission]:
    """Every message of every device and of the desk, in order of sending. `journeys` are `field.simulate_field`'s for this roster."""
    stations = {station: _station(event, station, seed, faults) for station in event.stations}
    rng = random.Random(f"{seed}/reads")
    unread = {journey.bib for journey in journeys if not _read_journey(event, journey, stations, rng, faults)}
    known = set(roster.by_bib)
    sent: list[tuple[int, str, int, Emission]] = []
    for station, devices in stations.items():
        opens_ms, closes_ms = _hours(event, station, devices)
        silent = None if devices[0].mat else _silence(devices, random.Random(f"{seed}/silence/{station}"), faults)
        for device in devices:
            device.on_since_ms = opens_ms
            chance = random.Random(f"{seed}/device/{device.name}")
            _add_strays(device, known, chance, faults)
            messages = _publish(device, f"{root}/{event.id}/{station}", f"{seed}/{event.id}", silent, chance, faults)
            messages += _heartbeats(device, f"{root}/{event.id}/{station}", opens_ms, closes_ms, silent)
            sent += [(each.send_ms, device.name, order, each) for order, each in enumerate(sorted(messages, key=_send_ms))]
    words = desk_words(event, roster, journeys, unread, seed)
    sent += [(each.send_ms, DESK, order, each) for order, each in enumerate(_say(words, f"{root}/{event.id}/{DESK}", f"{seed}/{event.id}"))]
    return [each for *_, each in sorted(sent, key=lambda row: row[:3])]


def _send_ms(emission: Emission) -> int:
    return emission.send_ms


def _station(event: Event, station: str, seed: int, faults: Faults) -> tuple[_Device, ...]:
    """The devices of a station: two mats where a race starts or finishes, way in and way out, or one or two scanners."""
    rng = random.Random(f"{seed}/station/{station}")
    ends = {point.station for race in event.races for point in (race.checkpoints[0], race.checkpoints[-1])}
    if station in ends:
        return tuple(_Device(f"{station}-{number}", station, "chip", mat=True) for number in (1, 2))
    if rng.random() < faults.in_out:
        devices = tuple(_Device(f"{station}-{way}", station, "chip", way) for way in ("in", "out"))
    else:
        devices = tuple(_Device(f"{station}-{number}", station, "qr") for number in range(1, rng.randint(1, 2) + 1))
    for device in devices:
        if rng.random() < faults.clock_offset:
            device.offset_ms, device.drift = rng.uniform(-180_000, 180_000), rng.uniform(-40e-6, 40e-6)
    return devices


def _read_journey(event: Event, journey: Journey, stations: dict[str, tuple[_Device, ...]], rng: random.Random, faults: Faults) -> bool:
    """Let the devices read a runner; returns False when he crossed the finish line and neither mat saw him."""
    race = event.by_id[journey.race]
    finish_read = True
    for visit in journey.visits:
        devices = stations[race.checkpoints[visit.checkpoint].station]
        if devices[0].mat:
            if visit.checkpoint == 0 and rng.random() < faults.double_read:
                waiting_ms = rng.uniform(5_000, 300_000)
                _read(devices[0], journey.bib, visit.arrived_ms - round(waiting_ms), rng, faults)
            lags = zip(devices, (0, 400), strict=True)
            seen = [_read(device, journey.bib, visit.arrived_ms + lag_ms, rng, faults) for device, lag_ms in lags]
            finish_read = visit.checkpoint != race.finish or any(seen)
        elif devices[0].way is not None:
            _read(devices[0], journey.bib, visit.arrived_ms, rng, faults)
            if visit.left_ms is not None:
                _read(devices[1], journey.bib, visit.left_ms, rng, faults)
        else:
            _read(rng.choice(devices), journey.bib, visit.arrived_ms, rng, faults)
    if journey.quit is not None:
        device = stations[race.checkpoints[journey.quit.checkpoint].station][0]
        said: dict[str, object] = {"bib": journey.bib, "reason": journey.quit.reason.value, "signed": rng.random() < 0.9}
        device.seen.append((journey.quit.at_ms, "withdrawal", said))
    return finish_read


def _read(device: _Device, bib: str, at_ms: int, rng: random.Random, faults: Faults) -> bool:
    if rng.random() < faults.missed_read:
        return False
    source = device.source if device.source == "chip" or rng.random() < 0.9 else "manual"
    times = [at_ms]
    if rng.random() < faults.double_read:
        times += [at_ms + round(rng.uniform(800, 55_000)) for _ in range(rng.randint(1, 2) if device.mat else 1)]
    device.seen += [(time_ms, "passage", {"bib": bib, "source": source}) for time_ms in times]
    return True


def _add_strays(device: _Device, known: set[str], rng: random.Random, faults: Faults) -> None:
    for at_ms, kind, _ in list(device.seen):
        if kind == "passage" and rng.random() < faults.stray:
            bib = str(rng.randint(9000, 9999))
            if bib not in known:
                device.seen.append((at_ms + round(rng.uniform(1_000, 60_000)), "passage", {"bib": bib, "source": "manual"}))


def _hours(event: Event, station: str, devices: tuple[_Device, ...]) -> tuple[int, int]:
    """When a station is on: from before anybody can come until its last cutoff and its last runner have passed."""
    opens, closes = [], [at_ms for device in devices for at_ms, *_ in device.seen]
    for race in event.races:
        for index in race.visits.get(station, ()):
            opens.append(min([race.start_ms, *race.wave_starts.values()]) + race.quickest_ms(0, index))
            cutoff = race.checkpoints[index].cutoff
            closes.append(race.start_ms + (race.quickest_ms(0, index) if cutoff is None else cutoff.limit_ms))
    return min(opens) - EARLY_MS, max(closes) + CLOSES_AFTER_MS


def _silence(devices: tuple[_Device, ...], rng: random.Random, faults: Faults) -> tuple[int, int] | None:
    """The stretch in which the station has no network, or None: it begins while runners come."""
    moments = sorted(at_ms for device in devices for at_ms, *_ in device.seen)
    if not moments or rng.random() >= faults.offline:
        return None
    begins_ms = moments[rng.randint(0, len(moments) // 2)]
    return begins_ms, begins_ms + round(rng.uniform(1.0, 3.0) * HOUR_MS)


def _publish(device: _Device, topic: str, name: str, silent: tuple[int, int] | None, rng: random.Random, faults: Faults) -> list[Emission]:
    """The device's facts in the order in which it saw them, `seq` from 1; what it saw while silent goes out at the end of it."""
    out: list[Emission] = []
    sent_ms = 0
    device.seen.sort(key=lambda seen: seen[0])
    for seq, (at_ms, kind, said) in enumerate(device.seen, 1):
        payload: dict[str, object] = {
            "id": _unique(f"{name}/{device.name}/{seq}"),
            "time": _device_time(device, at_ms),
            "device": device.name,
            "seq": seq,
            **said,
        }
        if kind == "passage" and device.way is not None:
            payload["way"] = device.way
        sent_ms = max(_heard(at_ms + round(rng.uniform(40, 900)), silent), sent_ms + BACKLOG_STEP_MS)
        emission = Emission(sent_ms, device.name, f"{topic}/{kind}", orjson.dumps(payload))
        out.append(emission)
        device.sent_ms.append(sent_ms)
        if rng.random() < faults.duplicate:
            again_ms = _heard(sent_ms + round(rng.uniform(100, 20_000)), silent)
            out.append(Emission(again_ms, device.name, emission.topic, emission.payload))
    return out


def _say(words: Sequence[Word], topic: str, name: str) -> list[Emission]:
    """The desk's facts, sent as they are said."""
    out = []
    for word in words:
        unique = _unique(f"{name}/{DESK}/{word.kind}/{word.bib}")
        payload = {"id": unique, "time": word.at_ms, "author": word.author, "reason": word.reason, "bib": word.bib, **word.said}
        out.append(Emission(word.at_ms, DESK, f"{topic}/{word.kind}", orjson.dumps(payload)))
    return out


def _unique(name: str) -> str:
    """An id that is this name's for ever."""
    return str(uuid.UUID(bytes=blake2b(name.encode(), digest_size=16).digest(), version=4))


def _heard(at_ms: int, silent: tuple[int, int] | None) -> int:
    """When a message that is ready at this moment can go out."""
    return silent[1] if silent is not None and silent[0] <= at_ms < silent[1] else at_ms


def _device_time(device: _Device, at_ms: int) -> int:
    return round(at_ms + device.offset_ms + device.drift * (at_ms - device.on_since_ms))


def _heartbeats(device: _Device, topic: str, opens_ms: int, closes_ms: int, silent: tuple[int, int] | None) -> list[Emission]:
    """One every few minutes, none while silent, and one first of all when the network is back: so much has queued."""
    moments = list(range(opens_ms, closes_ms + 1, HEARTBEAT_MS))
    if silent is not None:
        moments = sorted([moment for moment in moments if not silent[0] <= moment < silent[1]] + [silent[1] - 1])
    seen_ms = [at_ms for at_ms, *_ in device.seen]
    out = []
    for moment in moments:
        seq = bisect_right(seen_ms, moment)
        queued = seq - bisect_right(device.sent_ms, moment)
        battery = round(100 - 70 * (moment - opens_ms) / max(1, closes_ms - opens_ms))
        beat = {"device": device.name, "time": _device_time(device, moment), "seq": seq, "queued": queued, "battery": battery}
        out.append(Emission(moment, device.name, f"{topic}/heartbeat", orjson.dumps(beat)))
    return out
