"""What the tracker is told: frozen facts, each with the `key` that makes it one and the same fact for ever.

`key` is 16 bytes of a hash over the topic and the content, so the same message is the same fact however often it comes; `id` is what the
sender named it, and what a `Void` points at. Every instant is UTC milliseconds by the sender's clock.
"""

from enum import StrEnum
from typing import TypeGuard

import msgspec


class Way(StrEnum):
    """Which side of the checkpoint the runner was read at."""

    IN = "in"
    OUT = "out"


class Source(StrEnum):
    """How a passage was read."""

    CHIP = "chip"
    QR = "qr"
    MANUAL = "manual"


class WithdrawalReason(StrEnum):
    """Why a runner gives up."""

    INJURY = "injury"
    ILLNESS = "illness"
    FATIGUE = "fatigue"
    TIME = "time"
    MEDICAL = "medical"
    OTHER = "other"


class Decided(StrEnum):
    """What the director can say a runner is."""

    WITHDRAWN = "withdrawn"
    OUT_OF_TIME = "out_of_time"
    DISQUALIFIED = "disqualified"
    DNS = "dns"
    STOPPED = "stopped"
    REINSTATED = "reinstated"
    ACCEPTED = "accepted"


class AlertState(StrEnum):
    """What the director can say of an alert."""

    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"


class DeviceUse(StrEnum):
    """What the director can say of a device."""

    RETIRED = "retired"
    IN_USE = "in_use"


class StationState(StrEnum):
    """What the director can say of a station."""

    OPEN = "open"
    CLOSED = "closed"
    SWEPT = "swept"


class _Fact(msgspec.Struct, frozen=True, gc=False):
    key: bytes
    id: str
    at_ms: int


class Passage(_Fact, frozen=True, gc=False):
    """A runner was read at a station. `way` None: the device does not know; `seq` rises by one per device."""

    bib: str
    station: str
    way: Way | None = None
    device: str | None = None
    seq: int | None = None
    source: Source | None = None


class Withdrawal(_Fact, frozen=True, gc=False):
    """A runner gave up at a station."""

    bib: str
    station: str
    reason: WithdrawalReason
    signed: bool | None = None
    by: str | None = None
    note: str | None = None
    transport: str | None = None
    device: str | None = None
    seq: int | None = None


class Heartbeat(_Fact, frozen=True, gc=False):
    """A device was heard; with `seq`, up to where its facts are complete. `queued` facts wait on it; `battery` in percent."""

    device: str
    station: str
    seq: int | None = None
    queued: int | None = None
    battery: float | None = None


class _Desk(_Fact, frozen=True, gc=False):
    author: str
    reason: str


class Start(_Desk, frozen=True, gc=False):
    """The race, or one wave of it, started at `start_ms`."""

    race: str
    start_ms: int
    wave: str | None = None


class CutoffMove(_Desk, frozen=True, gc=False):
    """A cutoff moved on the day: to `offset_ms` from the start, to the moment `limit_at_ms`, or by `extend_ms`.

    In force from `from_ms`; None: from the moment at which it was said. `onward`: every later cutoff of the race moves as far.
    """

    race: str
    checkpoint: str
    offset_ms: int | None = None
    limit_at_ms: int | None = None
    extend_ms: int | None = None
    from_ms: int | None = None
    onward: bool = False


class Void(_Desk, frozen=True, gc=False):
    """Every fact with this id counts for nothing."""

    fact: str


class HandTime(_Desk, frozen=True, gc=False):
    """The desk's own time for a runner at a checkpoint; it is the accepted reading there."""

    bib: str
    checkpoint: str
    passed_ms: int


class Decision(_Desk, frozen=True, gc=False):
    """The director said what a runner is."""

    bib: str
    status: Decided


class Penalty(_Desk, frozen=True, gc=False):
    """Milliseconds added to a finisher's official time (negative: given back)."""

    bib: str
    penalty_ms: int


class BibSwap(_Desk, frozen=True, gc=False):
    """What was read as `from_bib` belongs to `to_bib`."""

    from_bib: str
    to_bib: str


class ClockCorrection(_Desk, frozen=True, gc=False):
    """A device's clock was off by `offset_ms` (its time minus the true one) in a stretch of time."""

    device: str
    offset_ms: int
    from_ms: int | None = None
    until_ms: int | None = None


class Neutralise(_Desk, frozen=True, gc=False):
    """The race's time stood still between two moments, at some checkpoints or all."""

    race: str
    from_ms: int
    until_ms: int
    checkpoints: tuple[str, ...] | None = None


class Reroute(_Desk, frozen=True, gc=False):
    """The course changed: checkpoints skipped, or the finish moved."""

    race: str
    skip: tuple[str, ...] = ()
    finish: str | None = None


class StationChange(_Desk, frozen=True, gc=False):
    """A station opened, closed, or was swept. `forced`: closed although somebody is still behind it."""

    station: str
    state: StationState
    forced: bool = False


class DeviceWord(_Desk, frozen=True, gc=False):
    """A device was taken out of service, or is back: a spare phone that is switched off must not make its station silent."""

    device: str
    use: DeviceUse


class Accounted(_Desk, frozen=True, gc=False):
    """A runner who is out of the race is in safe hands: bib collected, on the bus, home. `where` in the desk's words."""

    bib: str
    where: str | None = None


class RaceMove(_Desk, frozen=True, gc=False):
    """The runner is in another race of the event from now on, with every passage so far."""

    bib: str
    race: str


class AlertWord(_Desk, frozen=True, gc=False):
    """The desk has seen an alert, named by its `alert` id; or wants to hear of it no sooner than `until_ms`."""

    alert: str
    state: AlertState
    until_ms: int | None = None


class Final(_Desk, frozen=True, gc=False):
    """The results of a race are final: those of which this is the digest (`finals.results_digest`)."""

    race: str
    results: str


class Note(_Desk, frozen=True, gc=False):
    """Something the desk wants on record."""

    text: str | None = None


DeskFact = (
    Start
    | CutoffMove
    | Void
    | HandTime
    | Decision
    | Penalty
    | BibSwap
    | ClockCorrection
    | Neutralise
    | Reroute
    | StationChange
    | DeviceWord
    | Accounted
    | RaceMove
    | AlertWord
    | Final
    | Note
)
DeskWord = DeskFact | Withdrawal
"""What can be said at the desk: its own facts, and the withdrawal that a station told it of by radio."""
Fact = Passage | Withdrawal | Heartbeat | DeskFact


def is_from_device(fact: Fact) -> TypeGuard[Passage | Withdrawal | Heartbeat]:
    """Whether a station's device says it: by these a race is heard, and by nothing that the desk says of it.

    A withdrawal that names no device may be the desk's own, of what it was told by radio.
    """
    return isinstance(fact, Passage | Heartbeat) or (isinstance(fact, Withdrawal) and fact.device is not None)
