"""One simulated race from its seed: the faults, the calm after them, and what must hold then."""

import gc
import logging
import shutil
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import NamedTuple
from unittest.mock import patch
from uuid import UUID

import aiosqlite
from paho.mqtt import client as paho

import tracker.fold as folds
from tests.simulation import faults, sqlite
from tests.simulation.faults import RUBBISH
from tests.simulation.files import SimOs
from tests.simulation.loop import SimLoop, current
from tests.simulation.paho import SimPaho
from tests.simulation.script import Script, script
from tests.simulation.templates import template
from tests.simulation.trace import Trace
from tests.simulation.world import EVENT, ROOT, Tracker, World, identity_of
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.soundness import check, digest
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.wire import Offline, Wire, WireError

CALM_MAX_S = 1_500.0
"""So long at most until everything is settled once the faults are over: a publisher's longest pause is 300 s."""
_LOOK_S = 5.0
_KEEPS_OS = ("tracker.durable", "tracker.journal", "tracker.outbox", "tracker.publisher.numbered")


class Outcome(NamedTuple):
    """How a race went. `trace`: the hash of all that happened; `last`: the last lines of it."""

    seed: int
    violations: list[str]
    trace: str
    last: list[str]
    events: int
    faults: int
    facts: int
    lost_by_liars: int
    calm_s: float


def run_race(seed: int, *, faulty: bool = True, whole_trace: bool = False) -> Outcome:
    """Simulate the race of a seed, and check all that must hold."""
    return run_script(script(seed, faulty=faulty), whole_trace=whole_trace)


def run_script(drawn: Script, *, whole_trace: bool = False) -> Outcome:
    """Simulate a race, and check all that must hold."""
    templates = {name: template(name, drawn.runners) for name in drawn.trackers}
    loop = SimLoop()
    folder = Path(mkdtemp(prefix="race-", dir=_memory()))
    trace = Trace(loop.time, folder, whole=whole_trace)
    gc.disable()  # what was killed in the middle of something must not run its cleanup within the race
    gc.freeze()  # and after it only what the race has made is looked through
    try:
        with _simulated(drawn):
            world = World(drawn, loop, trace, folder, templates)
            _run(world)
            found = Outcome(
                seed=drawn.seed,
                violations=[*trace.violations, *(f"nobody caught: {fault}" for fault in loop.faults)],
                trace=trace.hash,
                last=list(trace.last),
                events=trace.count,
                faults=len(drawn.faults),
                facts=len(world.said()),
                lost_by_liars=sum(tracker.disk.lost for tracker in world.trackers),
                calm_s=loop.time() - drawn.end_s,
            )
            with patch.object(sys, "unraisablehook", lambda _: None), warnings.catch_warnings(action="ignore"):
                world.close()
                loop.close()
                del world
                gc.collect()  # what ends here in the middle of something has nobody to tell
    finally:
        gc.unfreeze()
        gc.enable()
        shutil.rmtree(folder)
    return found


def _memory() -> str | None:
    """A folder in memory: the disk is simulated, and the files need none."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _run(world: World) -> None:
    loop, drawn = world.loop, world.script
    faults.plan(world)
    for machine in world.machines.values():
        loop.call_at(world.chance.uniform(0, 2), machine.start, context=loop.nothing)
    loop.run_until(drawn.end_s)
    world.trace("world", "the faults are over")
    faults.stop_all(world)
    settled = False
    while not settled and loop.time() < drawn.end_s + CALM_MAX_S and not world.trace.violations:
        loop.run_until(loop.time() + _LOOK_S)
        if world.settled():
            loop.run_until(loop.time() + 2 * drawn.live_s)
            settled = world.settled()  # who was asked to end before the calm may have been started again since
    if not world.settled():
        world.trace.violated(f"not settled after {loop.time() - drawn.end_s:.0f} s: {_unsettled(world)}")
    for tracker in world.trackers:
        _prove(world, tracker)
    _prove_of_one_mind(world)


def _unsettled(world: World) -> str:
    said = world.said()
    found = [f"{device.name} has {len(device.reads)} to say" for device in world.devices if device.reads]
    found += [f"{device.name}: {device.publisher.link}" for device in world.devices if device.publisher and device.publisher.owed]
    found += [f"{device.name} is down" for device in world.devices if device.publisher is None]
    found += [
        f"{tracker.name} lacks {len(said - tracker.ids())} of {len(said)} facts" for tracker in world.trackers if said - tracker.ids()
    ]
    found += [f"{tracker.name} is down" for tracker in world.trackers if tracker.ingest is None]
    found += [f"{tracker.name} has not heard how the devices stand" for tracker in world.trackers if not world.heard_last(tracker)]
    return "; ".join(found)


def _prove(world: World, tracker: Tracker) -> None:
    """What must hold of a tracker when all is settled."""
    violated = world.trace.violated
    times = Counter(identity_of(payload) for topic, payload in tracker.disk.told if not topic.endswith("/heartbeat"))
    said, kept = world.said(), world.kept()
    for told in sorted(said):
        if times[told] != 1:
            violated(f"{tracker.name}: fact {told} was said, and is in the journal {times[told]} times")
    for identity, count in times.items():
        if identity not in said and (count != 1 or identity not in kept) and identity not in RUBBISH:
            violated(f"{tracker.name}: fact {identity} was not said, is in no outbox, and is in the journal {count} times")
    if tracker.ingest is None:
        return
    live = tracker.ingest.fold
    if live.counted != tracker.disk.facts:
        violated(f"{tracker.name}: {live.counted} facts are folded, and {tracker.disk.facts} are in the journal")
    live.field.refresh()
    reference = _reference(tracker, live.field.now_ms)
    if digest(live.field) != digest(reference):
        violated(f"{tracker.name}: its state is not that of its facts")
    try:
        check(live.field)
    except AssertionError as error:
        violated(f"{tracker.name}: {error}")


def _prove_of_one_mind(world: World) -> None:
    """Two trackers show the same race at the same moment, once the last heartbeats have come to both: one may be under way."""
    fields = [tracker.ingest.fold.field for tracker in world.trackers if tracker.ingest is not None]
    now_ms = max((field.now_ms for field in fields), default=0)
    beats = _facts({message for tracker in world.trackers for message in tracker.disk.told if message[0].endswith("/heartbeat")})
    for field in fields:
        field.extend(beats)
        field.advance(now_ms)
    if len({digest(field) for field in fields}) > 1:
        world.trace.violated("two trackers have all facts, and do not show the same race")


def _reference(tracker: Tracker, now_ms: int) -> Field:
    """The state of what was said, as a race without any fault has it: all facts at once, in no order."""
    assert tracker.ingest is not None
    live = tracker.ingest.fold
    field = Field(live.event, live.roster)
    field.extend(_facts(tracker.disk.told))
    field.advance(now_ms)
    return field


def _facts(messages: Iterable[tuple[str, bytes]]) -> list[Fact]:
    """The facts among messages."""
    wire = Wire(EVENT, ROOT)
    facts = []
    for topic, payload in sorted(messages):
        try:
            fact = wire.decode(topic, payload)
        except WireError:
            continue
        if not isinstance(fact, Offline):
            facts.append(fact)
    return facts


_read_event, _read_roster = cache(read_event), cache(read_roster)


@contextmanager
def _simulated(drawn: Script) -> Iterator[None]:
    """The doors to the world outside, for the time of one race: the clock, the disk, the network, and chance."""
    identities = Random(drawn.seed)

    def wall_ms() -> int:
        return SimPaho.sites[current()].now_ms()

    keeping = [module for name, module in list(sys.modules.items()) if name.startswith(_KEEPS_OS) and hasattr(module, "os")]
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with ExitStack() as doors:
        doors.callback(logging.disable, disabled)
        for module in keeping:
            doors.enter_context(patch.object(module, "os", SimOs()))
        doors.enter_context(patch.object(paho, "Client", SimPaho))
        doors.enter_context(patch.object(aiosqlite, "connect", sqlite.connect))
        doors.enter_context(patch("tracker.publisher.publisher.uuid4", lambda: UUID(int=identities.getrandbits(128), version=4)))
        doors.enter_context(patch("tracker.clock.wall_ms", wall_ms))
        doors.enter_context(patch("tracker.journal.journal.wall_ms", wall_ms))
        doors.enter_context(patch.object(folds, "read_event", _read_event))
        doors.enter_context(patch.object(folds, "read_roster", _read_roster))
        doors.enter_context(patch("tracker.ingest.LIVE_INTERVAL_S", drawn.live_s))
        yield
