"""A station's state, link, clocks and cutoffs in words: what its line in the list, its detail and the alerts about it have in common.

Pure text, without Textual. Unknown is `?`, and a station of which nobody ever heard a heartbeat is not monitored, which is another thing.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.core.clocks import CLOCK_OFF_MS, ClockOffset
from tracker.core.devices import DeviceState
from tracker.core.field import Field
from tracker.core.stations import Station
from tracker.core.traffic import Bound
from tracker.dashboard.format import UNKNOWN, span
from tracker.dashboard.lines import OFFLINE_SIGN, STATION_SIGNS, is_offline
from tracker.files.times import SECOND_MS, format_local

NOT_MONITORED = "not monitored"
_TENTHS_BELOW_MS = 10 * SECOND_MS
LOW_BATTERY = 20
"""Percent: a phone in the cold lasts about two hours more."""


class Drift(NamedTuple):
    """By how much a clock is off beyond what the desk has put right (positive: ahead), and how far that may be wrong."""

    off_ms: int
    uncertainty_ms: int

    @property
    def sure(self) -> bool:
        """Whether it is off for certain, by more than a clock may be."""
        return abs(self.off_ms) - self.uncertainty_ms > CLOCK_OFF_MS


def drift_of(field: Field, device: str, offsets: Mapping[str, ClockOffset]) -> Drift | None:
    """A device's drift; None: not measured."""
    offset = offsets.get(device)
    if offset is None:
        return None
    off_ms = field.store.right_moment(device, field.now_ms + offset.offset_ms) - field.now_ms
    return Drift(off_ms, offset.uncertainty_ms)


def worst_drift(field: Field, devices: Iterable[DeviceState], offsets: Mapping[str, ClockOffset]) -> Drift | None:
    """That of the clock which is off most for certain, or else most at all; None: no clock of these was measured."""
    found = [drift for device in devices if (drift := drift_of(field, device.device, offsets)) is not None]
    return max(found, key=lambda drift: (drift.sure, abs(drift.off_ms)), default=None)


def drift_words(drift: Drift | None) -> str:
    """`+0.4s`, `-45s`, marked when it is sure to be too much; `?` where it was not measured, or may as well be anything."""
    if drift is None or (drift.uncertainty_ms > CLOCK_OFF_MS and not drift.sure):
        return UNKNOWN
    return f"{'!' if drift.sure else ''}{_signed(drift.off_ms)}"


def exact_drift(drift: Drift | None) -> str:
    """`+0.4s ±0.5s`; `?` where it was not measured."""
    if drift is None:
        return UNKNOWN
    return f"{'! ' if drift.sure else ''}{_signed(drift.off_ms)} ±{_signed(drift.uncertainty_ms).removeprefix('+')}"


def age(moment_ms: int | None, now_ms: int) -> str:
    """How long ago a device was heard, or through which moment; `?`: never by now."""
    return span(max(now_ms - moment_ms, 0)) if moment_ms else UNKNOWN


def battery(devices: Iterable[DeviceState]) -> str:
    """The lowest charge, marked when it will not last; `?`: none tells."""
    lowest = min((device.battery for device in devices if device.battery is not None), default=None)
    return UNKNOWN if lowest is None else f"{'!' if lowest < LOW_BATTERY else ''}{lowest:.0f}%"


def queue(devices: Iterable[DeviceState]) -> str:
    """How many facts wait on the devices; `3+?` where not every one tells."""
    told = [device.queued for device in devices]
    known = [queued for queued in told if queued is not None]
    if not known:
        return UNKNOWN
    return f"{sum(known):,}{'+?' if len(known) < len(told) else ''}"


def state_words(one: Station, offline: Mapping[str, str]) -> str:
    """`!! silent`, `o open`: the sign never stands alone. `! offline`: an open one with a device whose last will has come."""
    if is_offline(one, offline):
        return f"{OFFLINE_SIGN} offline"
    return f"{STATION_SIGNS[one.status]} {one.status.value}"


def link_words(one: Station, now_ms: int) -> str:
    """How a station is heard, in a clause."""
    if one.heard_ms is None and one.through_ms is None:
        return f"{NOT_MONITORED}: no device there has sent a heartbeat"
    heard = "never heard by now" if not one.heard_ms else f"heard {age(one.heard_ms, now_ms)} ago"
    known = "nothing known whole" if not one.through_ms else f"all known up to {age(one.through_ms, now_ms)} ago"
    return f"{heard}, {known}"


def next_cutoff(bounds: Iterable[Bound], race: str, now_ms: int) -> Bound | None:
    """The cutoff at a station that counts now: the next of the race, else the next of any, else the last; None: there is none."""
    found = list(bounds)
    ahead = [bound for bound in found if bound.last_ms >= now_ms]
    mine = [bound for bound in ahead if bound.race == race]
    return next(iter(mine or ahead or found[-1:]), None)


def countdown(bound: Bound, now_ms: int) -> str:
    """How long it is to a cutoff: `1h20`, to the first that any runner on the way there has to meet; `over` after the last."""
    if bound.last_ms < now_ms:
        return "over"
    return span(max(bound.first_ms, now_ms) - now_ms)


def cutoff_words(bound: Bound, now_ms: int, timezone: str) -> str:
    """`cutoff Sat 14:00, in 1h00`; from when until when, where runners have cutoffs of their own."""
    until = f" to {format_local(bound.last_ms, timezone, seconds=False)}" if bound.last_ms != bound.first_ms else ""
    when = f"cutoff {format_local(bound.first_ms, timezone, seconds=False)}{until}"
    return f"{when}, over {span(now_ms - bound.last_ms)} ago" if bound.last_ms < now_ms else f"{when}, in {countdown(bound, now_ms)}"


def _signed(off_ms: int) -> str:
    if abs(off_ms) < _TENTHS_BELOW_MS:
        return f"{off_ms / SECOND_MS:+.1f}s"
    return f"{'+' if off_ms > 0 else ''}{span(off_ms)}"
