"""Tables of others: CSV in any of its kinds, and the first sheet of an .xlsx, as rows of text with the line that each begins in."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from tracker.files.cells import Row, csv_rows, trimmed
from tracker.files.finding import FileError, Finding, fault

_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SHEET_MAX_BYTES = 500_000_000
"""What a workbook may come to unpacked: ten times a big one."""
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows that hold something; the name of a row's number (`line`, of a workbook `row`); and what the reading took on trust."""

    rows: list[Row]
    unit: str
    notes: list[str]

    def where(self, row: Row) -> str:
        """`line 12`."""
        return f"{self.unit} {row.line}"


def is_workbook(path: Path, content: bytes) -> bool:
    """Whether a file is an .xlsx: those are zip files."""
    return content.startswith(b"PK\x03\x04") or path.suffix.casefold() == ".xlsx"


def read_table(path: Path, content: bytes) -> Table:
    """The rows of a CSV or of a workbook. FileError when it is neither."""
    if is_workbook(path, content):
        return Table([*_sheet_rows(path, content)], "row", [])
    text, notes = as_text(path, content)
    return Table([*_csv_rows(path, text)], "line", notes)


def as_text(path: Path, content: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what was taken on trust for it. FileError when it is none."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        first = error.start
    try:
        return content.decode("cp1252"), [f"{path}: is not UTF-8 (byte {first}), and was read as Windows-1252: look at the accents"]
    except UnicodeDecodeError:
        raise FileError((fault(str(path), f"is no text (byte {first})", "Save it as CSV in UTF-8, or give the .xlsx"),)) from None


def _csv_rows(path: Path, text: str) -> Iterator[Row]:
    found: list[Finding] = []
    rows = [row for row in csv_rows(text, str(path), found, _SEPARATORS) if trimmed(row.fields)]
    if found:
        raise FileError(tuple(found))
    yield from rows


def _sheet_rows(path: Path, content: bytes) -> Iterator[Row]:
    from openpyxl import load_workbook  # noqa: PLC0415  heavy, and of use here alone

    try:
        with ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > _SHEET_MAX_BYTES:
            raise FileError((fault(str(path), f"unpacks to {unpacked:,} bytes, which no start list does", "Save it anew, or as CSV"),))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [Row(number, [*map(_cell, cells)]) for number, cells in enumerate(sheet.iter_rows(values_only=True), 1)]
    except (BadZipFile, KeyError, ValueError, IndexError, TypeError, OSError, SyntaxError, EOFError) as error:
        raise FileError((fault(str(path), f"is no workbook that can be read ({error})", "Save it anew as .xlsx, or as CSV"),)) from None
    yield from (row for row in rows if trimmed(row.fields))


def _cell(value: object) -> str:
    """What a cell shows: a day as 2022-06-25, a whole number without its point."""
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            seconds = value.total_seconds()
            return f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}".removesuffix(".000")
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
