"""Passages as columns of plain values, one a field: how a process tells another of many at once.

`marshal` takes them, and a device's name stays one object.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from tracker.core.facts import Passage, Source, Way
from tracker.wire.payloads import PlainPassage, WireError, device_name

Columns = list[Sequence[Any]]
"""In the order of a passage's fields."""
_decode = msgspec.json.Decoder(PlainPassage).decode
_WAY_AT, _SOURCE_AT = Passage.__struct_fields__.index("way"), Passage.__struct_fields__.index("source")
_WAYS: dict[str | None, Way | None] = {None: None, **{way.value: way for way in Way}}
_SOURCES: dict[str | None, Source | None] = {None: None, **{source.value: source for source in Source}}


def columns(keys: Sequence[bytes], stations: Sequence[str], payloads: Sequence[bytes]) -> Columns | None:
    """What passages state, by the key, the station and the payload of each; None when there is more to one of them than `decode_all` reads
    by itself.
    """
    try:
        said = [_decode(payload) for payload in payloads]
        devices = [None if one.device is None else device_name(one.device) for one in said]
    except (WireError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    names, bibs = [one.id for one in said], [one.bib for one in said]
    all_names, all_bibs = "".join(names), "".join(bibs)  # none is empty
    if said and not (all_names.isascii() and all_names.isprintable() and all_bibs.isalnum() and all_bibs.isascii()):
        return None
    ways = [one.way and one.way._value_ for one in said]  # `value` is a call
    sources = [one.source and one.source._value_ for one in said]
    return [keys, names, [one.time for one in said], bibs, stations, ways, devices, [one.seq for one in said], sources]


def passages(told: Columns) -> list[Passage]:
    """The passages that columns state. KeyError, TypeError or ValueError when these are no columns."""
    told[_WAY_AT] = [_WAYS[way] for way in told[_WAY_AT]]
    told[_SOURCE_AT] = [_SOURCES[source] for source in told[_SOURCE_AT]]
    return list(map(Passage, *told))
