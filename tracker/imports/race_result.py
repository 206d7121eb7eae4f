"""Passages from RACE RESULT: raw data as JSON, and passing records without a header; its lists with a header are tables, and read as such.

A time without a date is of the day that `--date` says. Who wore a chip, the roster's column `chip` or `transponder` says.
"""

import re
from datetime import timedelta
from typing import Any

import orjson

from tracker.imports.passages import Context
from tracker.imports.table import Table
from tracker.imports.taking import Fault, Refused, Said, Taken, passage

_RECORD = re.compile(r"\d+;[^;]+;[^;]*;\d{1,2}:\d\d:\d\d[^;]*;", re.ASCII)
_V1_FIELDS, _V2_FIELDS = 19, 20


def is_record(line: str) -> bool:
    """Whether a line is a passing record: its number, a bib or a chip, a date or none, a time."""
    return _RECORD.match(line) is not None


def is_raw_data(found: Any) -> bool:
    """Whether a JSON value is raw data: one record of it, or a list."""
    items = found if isinstance(found, list) else [found]
    return bool(items) and all(isinstance(item, dict) and "TimingPoint" in item and "Time" in item for item in items)


def read_raw_data(items: list[dict[str, Any]], context: Context) -> Taken:
    """What raw data states; `item 1` is the first record."""
    taken = Taken(columns="bib = Bib, checkpoint = TimingPoint, time = Passing.UTCTime or Time, device = Passing.DeviceID")
    for number, item in enumerate(items, 1):
        if item.get("Invalid") is True:
            taken.leave_out("marked invalid")
            continue
        try:
            taken.said.append(_raw(f"item {number}", item, context))
        except Fault as fault:
            taken.refused.append(Refused(f"item {number}", orjson.dumps(item), fault.what, fault.do))
    return taken


def _raw(where: str, item: dict[str, Any], context: Context) -> Said:
    passing = item.get("Passing")
    passing = passing if isinstance(passing, dict) else {}
    bib = _bib(str(item.get("Bib") or passing.get("Transponder") or ""), context)
    race = context.race_of(bib)
    place = context.places.find(str(item["TimingPoint"]), race)
    utc, since = passing.get("UTCTime"), item["Time"]
    if isinstance(utc, str) and utc and not utc.startswith("0001"):
        at_ms = context.moments.read(utc, race)
    elif not isinstance(since, int | float):
        raise Fault("it has no UTCTime, and its Time is no number", "Export the raw data with its times")
    elif context.moments.day is None:
        raise Fault(f"its Time is {since} seconds of a day, and there is no UTCTime", "Say which day: --date 2022-06-25")
    else:
        at_ms = context.moments.since_midnight_ms(timedelta(milliseconds=round(since * 1000)))
    device = passing.get("DeviceID") or passing.get("DeviceName")
    return passage(context.event.id, where, place.station, bib, at_ms, {"device": device, "source": "chip" if passing else None})


def read_records(table: Table, context: Context) -> Taken:
    """What passing records state, of which the device's name, or `--place`, says the checkpoint."""
    taken = Taken(columns="bib = 2nd field, date and time = 3rd and 4th, checkpoint and device = the box's name")
    for row in table.rows:
        try:
            taken.said.append(_record(table.where(row), row.fields, context))
        except Fault as fault:
            taken.refused.append(Refused(table.where(row), ";".join(row.fields).encode(), fault.what, fault.do))
    return taken


def _record(where: str, fields: list[str], context: Context) -> Said:
    if len(fields) not in (_V1_FIELDS, _V2_FIELDS):
        raise Fault(f"there are {len(fields)} fields, and a passing record has {_V1_FIELDS} or {_V2_FIELDS}", "Export the raw data anew")
    shift = len(fields) - _V1_FIELDS
    bib = _bib(fields[1].strip(), context)
    race = context.race_of(bib)
    box, box_id = fields[15 + shift].strip(), fields[18 + shift].strip()
    place = context.places.only or context.places.find(box, race)
    at_ms = context.moments.read(fields[3], race, fields[2])
    return passage(context.event.id, where, place.station, bib, at_ms, {"device": box_id or box, "source": "chip"})


def _bib(text: str, context: Context) -> str:
    """The bib of a bib or a chip. Fault when it is neither's."""
    if not text or text == "0":
        raise Fault("it has no bib", "Give the chip a bib, or take the record out")
    return context.bib_of(text)
