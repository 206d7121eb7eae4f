"""What happens in a simulated race, drawn from its seed: who reads whom when, and which faults befall whom.

Each race has some kinds of faults and not others, and more or fewer of them: what never meets in one race meets in another.
"""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tests.conftest import GUN_MS, MINUTE_MS, STATIONS

KINDS = (
    "crash",  # a process is killed before its n-th next step
    "power",  # as a crash, and the disk is left as a power cut leaves it
    "restart",  # an orderly end
    "in-disk",  # killed in the middle of a commit, or between two calls to a device's disk
    "cut-off",  # a partition between one host and the broker
    "broken",  # all connections of a host break
    "slow",  # a host's line is slow
    "broker",  # the broker is gone for a while, and comes back with all, with some, or with nothing
    "save",  # what the broker comes back with, if it comes back with some
    "lossy",  # the broker drops facts that it has acknowledged
    "repeating",
    "shuffling",
    "full",  # a disk is full for a while
    "lies",  # a tracker's disk says that it has synced, and has not
    "slow-disk",
    "clock",  # a clock jumps
    "rubbish",  # what is no fact, from nobody
)


class Read(NamedTuple):
    """A scanner reads a runner, or hears that they give up (`reason`), at a moment of the simulation."""

    at_s: float
    bib: str
    race_ms: int
    reason: str | None


class Fault(NamedTuple):
    """Something goes wrong with somebody. `number` is drawn for whatever wants one: steps, milliseconds, what a broker keeps."""

    at_s: float
    kind: str
    whom: str
    lasts_s: float
    number: float


@dataclass
class Script:
    """A race from its seed."""

    seed: int
    end_s: float
    """When the faults stop."""
    runners: int
    devices: dict[str, str]
    """Station by device."""
    reads: dict[str, list[Read]]
    trackers: tuple[str, ...]
    faults: list[Fault]
    kinds: tuple[str, ...]
    speed: float
    """How fast the race's clock runs; at 1 the devices' clocks are judged by the tracker's."""
    window: int
    waiting_max: int
    slow_s: float
    heartbeat_s: float
    live_s: float
    chance: Random = field(repr=False)


def script(seed: int, *, faulty: bool = True) -> Script:
    """The race of a seed; without faults the same reads."""
    chance = Random(seed)
    end_s = chance.choice((20.0, 40.0, 80.0))
    runners = chance.randint(3, 6)
    stations = chance.sample(sorted(set(STATIONS)), k=chance.randint(2, 3))
    devices = {f"{station}-1": station for station in stations}
    if chance.random() < 0.5:
        devices[f"{stations[0]}-2"] = stations[0]
    trackers = ("t1", "t2") if chance.random() < 0.4 else ("t1",)
    share = chance.choice((0.15, 0.4, 0.8))
    kinds = tuple(kind for kind in KINDS if chance.random() < share) if faulty else ()
    reads = _reads(chance, runners, devices, end_s)
    drawn = Script(
        seed=seed,
        end_s=end_s,
        runners=runners,
        devices=devices,
        reads=reads,
        trackers=trackers,
        faults=[],
        kinds=kinds,
        speed=chance.choice((1.0, 120.0)),
        window=chance.choice((1, 20, 1000)),
        waiting_max=chance.choice((4, 20_000)),
        slow_s=chance.choice((0.01, 0.2, 2.0)),
        heartbeat_s=chance.choice((10.0, 30.0, 60.0)),
        live_s=chance.choice((2.0, 10.0, 30.0)),
        chance=Random(chance.random()),
    )
    drawn.faults = _faults(chance, drawn) if kinds else []
    return drawn


def _reads(chance: Random, runners: int, devices: dict[str, str], end_s: float) -> dict[str, list[Read]]:
    reads: dict[str, list[Read]] = {device: [] for device in devices}
    for number in range(1, runners + 1):
        at_ms = GUN_MS + number * 1000
        for station in STATIONS:
            there = [device for device, place in devices.items() if place == station]
            gives_up = there and station != STATIONS[0] and chance.random() < 0.05
            if there and chance.random() < 0.95:
                for device in chance.sample(there, k=chance.choice((1, 1, len(there)))):
                    for _ in range(chance.choice((1, 1, 2))):
                        reason = chance.choice(("injury", "fatigue")) if gives_up else None
                        reads[device].append(Read(chance.uniform(0, end_s), str(number), at_ms + chance.randrange(5_000), reason))
            if gives_up:
                break
            at_ms += chance.randint(60, 240) * MINUTE_MS
    for device, found in reads.items():
        moments = sorted(read.at_s for read in found)
        in_order = sorted(found, key=lambda read: read.race_ms)
        reads[device] = [read._replace(at_s=at_s) for at_s, read in zip(moments, in_order, strict=True)]
    return reads


def _faults(chance: Random, drawn: Script) -> list[Fault]:
    whom = (*drawn.trackers, *drawn.trackers, *drawn.devices)
    found = []
    for _ in range(chance.choice((4, 12, 30))):
        kind = chance.choice(drawn.kinds)
        lasts_s = min(chance.expovariate(1 / chance.choice((0.5, 15))), drawn.end_s)
        fault = Fault(chance.uniform(0, drawn.end_s), kind, chance.choice(whom), lasts_s, chance.random())
        found.append(fault)
        if kind == "in-disk" and chance.random() < 0.5:  # what was left unsynced is taken for kept, and then the power goes
            found.append(Fault(fault.at_s + chance.uniform(0, 40), "power", fault.whom, 0.0, chance.random() * 0.05))
    return sorted(found)
