"""Passages from OpenSplitTime's JSON: raw times as a batch that was posted or as its API gives them back.

What we wrote ourselves is read again to the millisecond, by its `meta`. Its CSV exports are tables, and read as such.
"""

from typing import Any

import orjson

from tracker.imports.passages import Context
from tracker.imports.taking import Fault, Refused, Said, Taken, passage, withdrawal

_TYPES = ("raw_time", "raw_times", "rawTime", "rawTimes")
_OURS = ("id", "way", "device", "seq", "source", "reason", "signed", "by", "note", "transport")


def is_raw_times(found: Any) -> bool:
    """Whether a JSON value is a batch of raw times."""
    data = found.get("data") if isinstance(found, dict) else None
    return isinstance(data, list) and all(isinstance(item, dict) and item.get("type") in _TYPES for item in data)


def read_raw_times(found: dict[str, Any], context: Context) -> Taken:
    """What a batch states; `item 1` is the first raw time."""
    taken = Taken(columns="bib = bib_number, checkpoint = split_name, time = entered_time or absolute_time, way = sub_split_kind")
    for number, item in enumerate(found["data"], 1):
        try:
            taken.said += _raw_time(f"item {number}", item, context)
        except Fault as fault:
            taken.refused.append(Refused(f"item {number}", orjson.dumps(item), fault.what, fault.do))
    return taken


def _raw_time(where: str, item: dict[str, Any], context: Context) -> list[Said]:
    said = item.get("attributes")
    if not isinstance(said, dict):
        raise Fault("it has no attributes", "Export the raw times anew")
    texts = {name: str(value) for name, value in said.items() if value is not None}
    bib = texts.get("bib_number", texts.get("bibNumber", "")).strip()
    if not bib or "*" in bib:
        raise Fault(f'the bib "{bib}" is none', "Find out whose it was, and correct it")
    race = context.race_of(bib)
    event = context.event.id
    name = texts.get("split_name", texts.get("splitName", ""))
    place = context.places.find(name, race)
    ours = _meta(item, "passage", place.station)
    if ours is None:
        station, at_ms = place.station, context.moments.read(_moment(texts), race)
        more: dict[str, object] = {"way": _way(texts), "device": texts.get("source")}
    else:
        station, at_ms, more = ours
    found = [passage(event, where, station, bib, at_ms, more)]
    gave_up = _meta(item, "withdrawal", place.station)
    if gave_up is not None:
        found.append(withdrawal(event, where, gave_up[0], bib, gave_up[1], gave_up[2]))
    elif texts.get("stopped_here", texts.get("stoppedHere", "")).casefold() == "true" and not place.finish:
        found.append(withdrawal(event, where, station, bib, at_ms, {"note": "stopped here, as OpenSplitTime says"}))
    return found


def _meta(item: dict[str, Any], kind: str, station: str) -> tuple[str, int, dict[str, object]] | None:
    """The station, the time and the rest of a passage or a withdrawal of what we wrote ourselves."""
    meta = item.get("meta")
    told = meta.get(kind) if isinstance(meta, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("time"), int):
        return None
    return str(told.get("station", station)), told["time"], {name: told.get(name) for name in _OURS}


def _moment(texts: dict[str, str]) -> str:
    """The time as it was entered, where that has a date; else as it was understood."""
    entered = texts.get("entered_time", texts.get("enteredTime", ""))
    understood = texts.get("absolute_time", texts.get("absoluteTime", ""))
    return entered if "-" in entered[:8] or not understood else understood


def _way(texts: dict[str, str]) -> str | None:
    way = texts.get("sub_split_kind", texts.get("subSplitKind", "")).casefold()
    return way if way in ("in", "out") else None
