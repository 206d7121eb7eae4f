"""Which format a file of passages has, and what it states in it."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from tracker.files.finding import FileError, fault
from tracker.imports.columns import OF_PASSAGES, said_map
from tracker.imports.opensplittime import is_raw_times, read_raw_times
from tracker.imports.passages import Context, read_rows
from tracker.imports.race_result import is_raw_data, is_record, read_raw_data, read_records
from tracker.imports.table import as_text, is_workbook, read_table
from tracker.imports.taking import Fault, Taken


def read_passages(path: Path, content: bytes, context: Context, maps: Sequence[str]) -> tuple[Taken, list[str]]:
    """What a file states, and what the reading took on trust. FileError when it cannot be read at all."""
    try:
        if not is_workbook(path, content):
            text, notes = as_text(path, content)
            if text.lstrip()[:1] in ("{", "["):
                return _read_json(path, text, context), notes
            if is_record(text.lstrip()):
                return read_records(read_table(path, content), context), notes
        table = read_table(path, content)
        return read_rows(table, context, said_map(maps, list(OF_PASSAGES))), table.notes
    except Fault as found:
        raise FileError((fault(str(path), found.what, found.do),)) from None


def _read_json(path: Path, text: str, context: Context) -> Taken:
    """JSON, or a line each of it."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            found = [orjson.loads(line) for line in lines]
        except orjson.JSONDecodeError:
            raise FileError((fault(str(path), f"is no JSON ({error})", "Export it anew"),)) from None
    if is_raw_times(found):
        return read_raw_times(found, context)
    if is_raw_data(found):
        return read_raw_data(found if isinstance(found, list) else [found], context)
    what = "is JSON that states no passages that are known here"
    raise FileError((fault(str(path), what, "Give raw times of OpenSplitTime, raw data of RACE RESULT, or a CSV"),))
