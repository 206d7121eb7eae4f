"""CSV tables that an organiser wrote: the rows and the header of any, the lines of a short list, and what a cell says.

What is wrong is noted and the reading goes on: what is built of it is thrown away.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from io import StringIO

from tracker.files.finding import Finding, fault
from tracker.text import clean_text

HIGHEST_POINTS = 1100
Complain = Callable[[str, str], None]
"""Takes what was found in a cell, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the CSV and the line that it begins in."""

    line: int
    fields: list[str]


def csv_rows(text: str, source: str, found: list[Finding], separators: str = ",;") -> Iterator[Row]:
    """The records of a CSV, parted by the one of `separators` that its first line has most; what is none goes to `found`, and ends it."""
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(separators, key=first_line.count), strict=True)
    line = 1
    try:
        for fields in reader:
            yield Row(line, fields)
            line = reader.line_num + 1
    except csv.Error as error:
        found.append(fault(f"{source}: line {line}", f"this is no CSV: {error}", "Close every quote, and double the quotes inside a text"))


def trimmed(fields: list[str]) -> list[str]:
    """Without the empty cells that spreadsheets leave behind the last column."""
    last = max((index for index, field in enumerate(fields, 1) if field.strip()), default=0)
    return fields[:last]


def column_name(title: str) -> str:
    """A column's title as it is compared."""
    return clean_text(title).casefold()


def header_faults(titles: list[str], source: str, required: Sequence[str], known: Sequence[str], example: str) -> Iterator[Finding]:
    """What is wrong in a header that must have the `required` columns, and may have any."""
    where = f"{source}: line 1"
    names = [column_name(title) for title in titles]
    if not names:
        yield fault(where, "there is no header", f"Write the column names first: {example}")
        return
    for needed in required:
        if needed not in names:
            near = get_close_matches(needed, [name for name in names if name not in known], n=1)
            do = f'Rename "{near[0]}" to "{needed}"' if near else f"Add it; the columns found are {', '.join(names)}"
            yield fault(where, f'the column "{needed}" is missing', do)
    for number, name in enumerate(names, 1):
        if not name:
            yield fault(where, f"column {number} has no name", "Name it, or take it out")
        elif name in names[: number - 1]:
            yield fault(where, f'the column "{name}" stands twice', "Take one out, or rename it")


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a short list: its number in the file, where that is, in words, and the cells by column, cleaned."""

    number: int
    where: str
    cells: dict[str, str]
    found: list[Finding]

    def fault(self, column: str, what: str, do: str) -> None:
        """Note a fault of a cell."""
        self.found.append(fault(f'{self.where}, column "{column}"', what, do))


def list_lines(text: str, source: str, columns: Sequence[str], found: list[Finding]) -> Iterator[ListLine]:
    """The lines of a list that has all these columns, and may have any; none where its header is at fault. Empty lines are left out."""
    faults: list[Finding] = []
    rows = list(csv_rows(text.removeprefix("\ufeff"), source, faults))
    titles = trimmed(rows[0].fields) if rows else []
    faults = faults or [*header_faults(titles, source, columns, columns, ",".join(columns))]
    found.extend(faults)
    names = [column_name(title) for title in titles]
    for row in [] if faults else rows[1:]:
        fields = [clean_text(field) for field in trimmed(row.fields)]
        where = f"{source}: line {row.line}"
        if len(fields) > len(names):
            found.append(fault(where, f"there are {len(fields)} cells, and the header has {len(names)}", "Take out what is too much"))
        elif fields:
            fields += [""] * (len(names) - len(fields))
            yield ListLine(row.line, where, dict(zip(names, fields, strict=True)), found)


def read_day(text: str, example: str, complain: Complain) -> date | None:
    """A day as year-month-day; None when the cell has another text."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        complain(f'"{text}" is no date', f"Write it as year-month-day, for example {example}")
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        complain(f'"{text}" is on no calendar', "Correct the month or the day")
        return None


def read_points(text: str, named: str, complain: Complain) -> float | None:
    """An index or a score of performance, 1 to 1100; None when the cell is empty, or 0, which is how exports write that there is none."""
    if not text:
        return None
    if not re.fullmatch(r"\d{1,4}(?:[.,]\d{1,6})?", text, re.ASCII):
        complain(f'"{text}" is no {named}', "Write a number such as 652, or leave it empty")
        return None
    value = float(text.replace(",", "."))
    if value > HIGHEST_POINTS:
        complain(f"{text} is over any {named} there is", "Correct it, or leave it empty")
        return None
    return value or None
