"""What each kind of fault does to a simulated world, and how it ends."""

from collections.abc import Callable

from tests.simulation.broker import Message
from tests.simulation.script import Fault
from tests.simulation.world import EVENT, ROOT, Device, Tracker, World

_STEPS = 300
_DISK_CALLS = 6
_JUMP_MS = 3_600_000
_RUBBISH: tuple[bytes, ...] = (
    b"",
    b"{",
    b'{"id":"x","bib":"1"}',
    b'{"id":"y","bib":"1","time":"noon","device":"nobody","seq":1}',
    b"\xff\xfe",
)
RUBBISH = (None, "x", "y")
"""The ids that rubbish bears."""


def plan(world: World) -> None:
    """Let every fault of the script happen at its moment, and all of them be over at the end."""
    loop = world.loop
    for fault in world.script.faults:
        loop.call_at(fault.at_s, _begin, world, fault, context=loop.nothing)


def _begin(world: World, fault: Fault) -> None:
    if world.calm:
        return
    world.trace("fault", f"{fault.kind} {fault.whom} {fault.lasts_s:.3f} s {fault.number:.6f}")
    end = _AT_MACHINE[fault.kind](world, fault) if fault.kind in _AT_MACHINE else _AT_BROKER[fault.kind](world, fault)
    if end is not None:
        world.loop.call_later(fault.lasts_s, end, context=world.loop.nothing)


def stop_all(world: World) -> None:
    """From now on everything works."""
    world.calm = True
    broker = world.broker
    broker.up = True
    broker.lossy = broker.repeating = broker.shuffling = 0.0
    for machine in world.machines.values():
        world.net.mend(machine.host)
        machine.host.slow_s = 0.0
        machine.clock_off_ms = 0
        if machine.process is not None:
            machine.process.dies_at = 0
    for tracker in world.trackers:
        tracker.disk.full = tracker.disk.lies = tracker.disk.dies_in_commit = False
        tracker.disk.slow_s = 0.002
    for device in world.devices:
        device.disk.full, device.disk.dies_in = False, 0


End = Callable[[], None] | None


def _crash(world: World, fault: Fault) -> End:
    machine = world.machines[fault.whom]
    if machine.process is not None:
        machine.dies_by_power = fault.kind == "power"
        machine.process.dies_at = machine.process.steps + 1 + int(fault.number * _STEPS)
    return None


def _in_disk(world: World, fault: Fault) -> End:
    machine = world.machines[fault.whom]
    machine.dies_by_power = fault.number < 0.5
    if isinstance(machine, Tracker):
        machine.disk.dies_in_commit = True
    elif isinstance(machine, Device):
        machine.disk.dies_in = 1 + int(fault.number * 2 * _DISK_CALLS) % _DISK_CALLS
    return None


def _restart(world: World, fault: Fault) -> End:
    machine = world.machines[fault.whom]
    assert isinstance(machine, Tracker | Device)
    if machine.process is not None:
        world.loop.call_soon(machine.restart, context=machine.process.context)
    return None


def _cut_off(world: World, fault: Fault) -> End:
    host = world.machines[fault.whom].host
    world.net.cut_off(host)
    return lambda: world.net.mend(host)


def _broken(world: World, fault: Fault) -> End:
    for connection in list(world.machines[fault.whom].host.connections):
        connection.break_now()
    return None


def _slow(world: World, fault: Fault) -> End:
    host = world.machines[fault.whom].host
    host.slow_s = fault.number * 5
    return lambda: setattr(host, "slow_s", 0.0)


def _full(world: World, fault: Fault) -> End:
    machine = world.machines[fault.whom]
    assert isinstance(machine, Tracker | Device)
    disk = machine.disk
    disk.full = True
    return lambda: setattr(disk, "full", False)


def _lies(world: World, fault: Fault) -> End:
    machine = world.machines[fault.whom]
    if not isinstance(machine, Tracker):
        return None
    machine.disk.lies = True

    def end() -> None:
        if fault.number < 0.6 and not world.calm:
            machine.kill(power=True)  # else hardly anything would ever be lost
        machine.disk.lies = False

    return end


def _slow_disk(world: World, fault: Fault) -> End:
    machine = world.machines[fault.whom]
    if not isinstance(machine, Tracker):
        return None
    disk = machine.disk
    disk.slow_s = fault.number * 2
    return lambda: setattr(disk, "slow_s", 0.002)


def _clock(world: World, fault: Fault) -> End:
    world.machines[fault.whom].clock_off_ms = round((fault.number - 0.5) * 2 * _JUMP_MS)
    return None


def _broker(world: World, fault: Fault) -> End:
    world.broker.stop(("everything", "saved", "nothing")[int(fault.number * 3)])
    return lambda: setattr(world.broker, "up", True)


def _save(world: World, _: Fault) -> End:
    world.broker.save()
    return None


def _likely(world: World, fault: Fault) -> End:
    setattr(world.broker, fault.kind, fault.number)
    return lambda: setattr(world.broker, fault.kind, 0.0)


def _rubbish(world: World, fault: Fault) -> End:
    if world.broker.up:
        payload = _RUBBISH[int(fault.number * len(_RUBBISH))]
        world.broker.accept(Message(f"{ROOT}/{EVENT}/{world.script.devices.get(fault.whom, 'nowhere')}/passage", payload))
    return None


_AT_MACHINE: dict[str, Callable[[World, Fault], End]] = {
    "crash": _crash,
    "power": _crash,
    "in-disk": _in_disk,
    "restart": _restart,
    "cut-off": _cut_off,
    "broken": _broken,
    "slow": _slow,
    "full": _full,
    "lies": _lies,
    "slow-disk": _slow_disk,
    "clock": _clock,
}
_AT_BROKER: dict[str, Callable[[World, Fault], End]] = {
    "broker": _broker,
    "save": _save,
    "lossy": _likely,
    "repeating": _likely,
    "shuffling": _likely,
    "rubbish": _rubbish,
}
