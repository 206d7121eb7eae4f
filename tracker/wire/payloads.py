"""What devices say: the shape of each payload, and how it becomes its fact.

The shapes are the contract's; times, bibs and texts are bounded and cleaned here, once.
"""

import re
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Annotated, NamedTuple

import msgspec

from tracker.core import facts as f
from tracker.files.times import instant_ms
from tracker.text import clean_text

_LATEST_MS = 7_258_118_400_000  # the year 2200: what is said to be later was said by a broken clock
_SAFE_INT = 2**53
_TEXT_LIMIT = 500
_NAME_LIMIT = 100

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=_NAME_LIMIT)]
Bib = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=_SAFE_INT)]
Moment = int | str


class WireError(Exception):
    """A message that is no fact: which field, what it holds, and what it should hold, in one line."""


class Offline(NamedTuple):
    """A device's last will: shown live, no evidence, never a fact."""

    device: str
    station: str


class Payload(msgspec.Struct):
    """A payload's shape; `fact` is what it states, or WireError."""

    def fact(self, key: bytes, station: str) -> f.Fact | Offline:
        """The fact, given its key and the station of its topic."""
        raise NotImplementedError


class PassagePayload(Payload):
    """Kind `passage`."""

    id: Name
    bib: Bib
    time: Moment
    way: f.Way | None = None
    device: Name | None = None
    seq: Count | None = None
    source: f.Source | None = None

    def fact(self, key: bytes, station: str) -> f.Passage:
        at_ms, bib, device = self.time, self.bib, self.device
        if isinstance(at_ms, str) or not 0 <= at_ms < _LATEST_MS:
            at_ms = to_ms("time", at_ms)
        if not bib.isalnum() or not bib.isascii():
            bib = clean_bib(bib)
        if device is not None:
            device = device_name(device)
        return f.Passage(key, clean_name(self.id), at_ms, bib, station, self.way, device, self.seq, self.source)


class PlainPassage(PassagePayload, gc=False):
    """A passage whose time is in milliseconds, as nearly every one is."""

    time: Annotated[int, msgspec.Meta(ge=0, lt=_LATEST_MS)]


class WithdrawalPayload(Payload):
    """Kind `withdrawal`. `device` and `seq` as in a passage, for devices that number all they send."""

    id: Name
    bib: Bib
    time: Moment
    reason: f.WithdrawalReason
    signed: bool | None = None
    by: Text | None = None
    note: Text | None = None
    transport: Text | bool | None = None
    device: Name | None = None
    seq: Count | None = None

    def fact(self, key: bytes, station: str) -> f.Withdrawal:
        transport = ("yes" if self.transport else "no") if isinstance(self.transport, bool) else self.transport
        at_ms, bib = to_ms("time", self.time), clean_bib(self.bib)
        texts = (_clean(self.by), _clean(self.note), _clean(transport))
        device = None if self.device is None else clean_name(self.device)
        return f.Withdrawal(key, clean_name(self.id), at_ms, bib, station, self.reason, self.signed, *texts, device, self.seq)


class HeartbeatPayload(Payload):
    """Kind `heartbeat`, and the last will that comes on the same topic."""

    device: Name
    time: Moment | None = None
    offline: bool = False
    seq: Count | None = None
    queued: Count | None = None
    battery: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None

    def fact(self, key: bytes, station: str) -> f.Heartbeat | Offline:
        device = clean_name(self.device)
        if self.offline:
            return Offline(device, station)
        if self.time is None:
            raise WireError('field "time" is missing')
        at_ms = to_ms("time", self.time)
        return f.Heartbeat(key, f"{device}@{at_ms}", at_ms, device, station, self.seq, self.queued, self.battery)


DEVICE_KINDS: dict[str, type[Payload]] = {
    "passage": PassagePayload,
    "withdrawal": WithdrawalPayload,
    "heartbeat": HeartbeatPayload,
}


def to_ms(field: str, said: Moment) -> int:
    """UTC milliseconds of an RFC 3339 text with its offset, or of integer milliseconds since 1970. WireError names the field."""
    if isinstance(said, str):
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            raise WireError(f'field "{field}" is {said[:40]!r}; write 2022-06-25T03:00:00+02:00, or milliseconds since 1970') from None
        if moment.tzinfo is None:
            raise WireError(f'field "{field}" is {said[:40]!r}, which has no offset; write 2022-06-25T03:00:00+02:00')
        said = instant_ms(moment)
    if not 0 <= said < _LATEST_MS:
        raise WireError(f'field "{field}" is {said}, which is not between the years 1970 and 2200; write milliseconds since 1970')
    return said


def clean_bib(said: str) -> str:
    """A bib as text. WireError when nothing visible is left of it."""
    if said.isalnum() and said.isascii():
        return said
    bib = clean_text(said, 20)
    if not bib:
        raise WireError('field "bib" is blank; a bib is text such as "0012" or "M7"')
    return bib


def clean_name(said: str) -> str:
    """A name as it may stand on a screen: whoever sends can write anything there. WireError when nothing visible is left of it."""
    if said.isascii() and said.isprintable():
        return said
    name = clean_text(said, _NAME_LIMIT)
    if not name:
        raise WireError(f"a name is blank: {said!r}")
    return name


@lru_cache(maxsize=4096)
def device_name(said: str) -> str:
    """A device's name as it may stand on a screen, one object a name: they are few. (To look for a bib among all would cost too much.)"""
    return intern(clean_name(said))


def _clean(said: str | None) -> str | None:
    return None if said is None else clean_text(said, _TEXT_LIMIT)


_AT = re.compile(r" - at `\$\.?(.*)`$")
_MISSING = re.compile(r"Object missing required field `(.*)`")


def in_words(complaint: str) -> str:
    """What the validator found, the field first."""
    if missing := _MISSING.match(complaint):
        return f'field "{missing[1]}" is missing'
    where = _AT.search(complaint)
    if where is None:
        return complaint.replace("`", "")
    what = complaint[: where.start()].replace("`", "")
    return f'field "{where[1]}": {what[0].lower()}{what[1:]}'
