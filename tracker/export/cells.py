"""Tables for others: what a cell may hold, so that no spreadsheet takes a name for a formula and nothing hidden goes along; and CSV."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BLANKS = ("\t", "\r", "\n")
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})


def guarded(text: str | None) -> str:
    """The text for a CSV cell: without what is not seen but for line breaks and tabs, and with an apostrophe before what a spreadsheet
    would take for a formula, as some do behind blanks too.
    """
    if not text:
        return ""
    if not text.isprintable():
        text = "".join(char for char in text if char in _BLANKS or unicodedata.category(char) not in _HIDDEN)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_BLANKS) else text


def visible(text: str | None, most: int) -> str:
    """The text in one line of at most `most` characters, without what is not seen: columns of the roster that nobody knows are kept as
    they came.
    """
    text = " ".join((text or "").split())
    if not text.isprintable():
        text = "".join(char for char in text if unicodedata.category(char) not in _HIDDEN)
    return text[:most].strip()


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV, UTF-8; texts are guarded, and None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue().encode()
