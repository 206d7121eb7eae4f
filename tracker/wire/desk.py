"""What the director's desk says: the shape of each kind, and how it becomes its fact.

Every desk fact has an author and a reason. The topic is `{root}/{event}/desk/{kind}`.
"""

from typing import Annotated

import msgspec

from tracker.core import facts as f
from tracker.files.times import parse_duration
from tracker.text import clean_text
from tracker.wire.payloads import Bib, Moment, Name, Payload, Text, WireError, clean_bib, clean_name, to_ms

Seconds = Annotated[float, msgspec.Meta(ge=-1_000_000, le=1_000_000)]
ResultsDigest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class DeskPayload(Payload):
    """What every desk fact carries."""

    id: Name
    time: Moment
    author: Text
    reason: Text

    def said(self, key: bytes) -> tuple[bytes, str, int, str, str]:
        """The first fields of every desk fact."""
        return key, clean_name(self.id), to_ms("time", self.time), clean_text(self.author), clean_text(self.reason, 500)


class StartPayload(DeskPayload):
    """Kind `start`: the race, or one wave, started at `at`."""

    race: Name
    at: Moment
    wave: Name | None = None

    def fact(self, key: bytes, station: str) -> f.Start:
        return f.Start(*self.said(key), clean_name(self.race), to_ms("at", self.at), _clean(self.wave))


class CutoffPayload(DeskPayload):
    """Kind `cutoff`: moved to `cutoff` (8h30 from the start, or a moment), or by `extend_by` (-1h: sooner); in force from `from`."""

    race: Name
    checkpoint: Name
    cutoff: Name | None = None
    extend_by: Name | None = None
    from_: Moment | None = msgspec.field(default=None, name="from")
    onward: bool = False

    def fact(self, key: bytes, station: str) -> f.CutoffMove:
        if (self.cutoff is None) == (self.extend_by is None):
            raise WireError('it needs one of the fields "cutoff" and "extend_by"')
        offset_ms = limit_at_ms = extend_ms = None
        if self.extend_by is not None:
            sooner = self.extend_by.startswith("-")
            extend_ms = parse_duration(self.extend_by.lstrip("+-")) * (-1 if sooner else 1)
        elif self.cutoff is not None and "-" in self.cutoff:
            limit_at_ms = to_ms("cutoff", self.cutoff)
        elif self.cutoff is not None:
            offset_ms = parse_duration(self.cutoff)
        from_ms = None if self.from_ is None else to_ms("from", self.from_)
        names = clean_name(self.race), clean_name(self.checkpoint)
        return f.CutoffMove(*self.said(key), *names, offset_ms, limit_at_ms, extend_ms, from_ms, self.onward)


class VoidPayload(DeskPayload):
    """Kind `void`: the facts with this id count for nothing."""

    fact_id: Name = msgspec.field(name="fact")

    def fact(self, key: bytes, station: str) -> f.Void:
        return f.Void(*self.said(key), clean_name(self.fact_id))


class HandTimePayload(DeskPayload):
    """Kind `passage`: the desk's own time for a runner at a checkpoint."""

    bib: Bib
    checkpoint: Name
    at: Moment

    def fact(self, key: bytes, station: str) -> f.HandTime:
        return f.HandTime(*self.said(key), clean_bib(self.bib), clean_name(self.checkpoint), to_ms("at", self.at))


class StatusPayload(DeskPayload):
    """Kind `status`: what the runner is."""

    bib: Bib
    status: f.Decided

    def fact(self, key: bytes, station: str) -> f.Decision:
        return f.Decision(*self.said(key), clean_bib(self.bib), self.status)


class PenaltyPayload(DeskPayload):
    """Kind `penalty`: seconds added to the official time."""

    bib: Bib
    seconds: Seconds

    def fact(self, key: bytes, station: str) -> f.Penalty:
        return f.Penalty(*self.said(key), clean_bib(self.bib), round(self.seconds * 1000))


class BibPayload(DeskPayload):
    """Kind `bib`: what was read as `from` is `to`."""

    to: Bib
    from_: Bib = msgspec.field(name="from")

    def fact(self, key: bytes, station: str) -> f.BibSwap:
        return f.BibSwap(*self.said(key), clean_bib(self.from_), clean_bib(self.to))


class ClockPayload(DeskPayload):
    """Kind `clock`: a device's clock was off by `offset_s`."""

    device: Name
    offset_s: Seconds
    from_: Moment | None = msgspec.field(default=None, name="from")
    until: Moment | None = None

    def fact(self, key: bytes, station: str) -> f.ClockCorrection:
        from_ms = None if self.from_ is None else to_ms("from", self.from_)
        until_ms = None if self.until is None else to_ms("until", self.until)
        return f.ClockCorrection(*self.said(key), clean_name(self.device), round(self.offset_s * 1000), from_ms, until_ms)


class NeutralisePayload(DeskPayload):
    """Kind `neutralise`: time stood still from `from` until `until`."""

    race: Name
    until: Moment
    from_: Moment = msgspec.field(name="from")
    checkpoints: list[Name] | None = None

    def fact(self, key: bytes, station: str) -> f.Neutralise:
        checkpoints = None if self.checkpoints is None else tuple(map(clean_name, self.checkpoints))
        return f.Neutralise(*self.said(key), clean_name(self.race), to_ms("from", self.from_), to_ms("until", self.until), checkpoints)


class ReroutePayload(DeskPayload):
    """Kind `reroute`: checkpoints skipped, or the finish moved to another checkpoint."""

    race: Name
    skip: list[Name] = []  # noqa: RUF012  msgspec gives every payload a list of its own
    finish: Name | None = None

    def fact(self, key: bytes, station: str) -> f.Reroute:
        return f.Reroute(*self.said(key), clean_name(self.race), tuple(map(clean_name, self.skip)), _clean(self.finish))


class StationPayload(DeskPayload):
    """Kind `station`: open, closed or swept; `forced` closes it with somebody still behind."""

    station: Name
    state: f.StationState
    forced: bool = False

    def fact(self, key: bytes, station: str) -> f.StationChange:
        return f.StationChange(*self.said(key), clean_name(self.station), self.state, self.forced)


class DevicePayload(DeskPayload):
    """Kind `device`: taken out of service, or back in use."""

    device: Name
    use: f.DeviceUse

    def fact(self, key: bytes, station: str) -> f.DeviceWord:
        return f.DeviceWord(*self.said(key), clean_name(self.device), self.use)


class AccountedPayload(DeskPayload):
    """Kind `accounted`: a runner who is out of the race is in safe hands."""

    bib: Bib
    where: Text | None = None

    def fact(self, key: bytes, station: str) -> f.Accounted:
        return f.Accounted(*self.said(key), clean_bib(self.bib), None if self.where is None else clean_text(self.where))


class RacePayload(DeskPayload):
    """Kind `race`: the runner is in another race from now on, with the times so far."""

    bib: Bib
    race: Name

    def fact(self, key: bytes, station: str) -> f.RaceMove:
        return f.RaceMove(*self.said(key), clean_bib(self.bib), clean_name(self.race))


class AlertPayload(DeskPayload):
    """Kind `alert`: the desk has seen it, or shelves it until a moment."""

    alert: Name
    state: f.AlertState
    until: Moment | None = None

    def fact(self, key: bytes, station: str) -> f.AlertWord:
        if (self.state is f.AlertState.SHELVED) != (self.until is not None):
            raise WireError('"shelved" needs the field "until", and "acknowledged" has none')
        until_ms = None if self.until is None else to_ms("until", self.until)
        return f.AlertWord(*self.said(key), clean_name(self.alert), self.state, until_ms)


class FinalPayload(DeskPayload):
    """Kind `final`: the results of a race are final, those of which `results` is the digest."""

    race: Name
    results: ResultsDigest

    def fact(self, key: bytes, station: str) -> f.Final:
        return f.Final(*self.said(key), clean_name(self.race), self.results)


class NotePayload(DeskPayload):
    """Kind `note`: for the record."""

    text: Text | None = None

    def fact(self, key: bytes, station: str) -> f.Note:
        return f.Note(*self.said(key), None if self.text is None else clean_text(self.text, 500))


def _clean(name: str | None) -> str | None:
    return None if name is None else clean_name(name)


DESK_KINDS: dict[str, type[Payload]] = {
    "start": StartPayload,
    "cutoff": CutoffPayload,
    "void": VoidPayload,
    "passage": HandTimePayload,
    "status": StatusPayload,
    "penalty": PenaltyPayload,
    "bib": BibPayload,
    "clock": ClockPayload,
    "neutralise": NeutralisePayload,
    "reroute": ReroutePayload,
    "station": StationPayload,
    "device": DevicePayload,
    "accounted": AccountedPayload,
    "race": RacePayload,
    "alert": AlertPayload,
    "final": FinalPayload,
    "note": NotePayload,
}
