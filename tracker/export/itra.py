"""`--format itra`: the results of one race as the ITRA takes them, by its guidelines (itra.run/Info/ResultFileGuidelines).

A sheet of Excel whose header is in A1: finishers in order, then `DNF` without a time for whoever started and did not finish; who did not
start is left out. Its rankings are numbers or `DNF`, so that a disqualified runner is a `DNF` too.
"""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from tracker.export.cells import guarded
from tracker.export.receivers import (
    Ending,
    Refusal,
    Row,
    has_birthdate,
    has_gender,
    has_ioc_country,
    has_two_names,
    is_latin,
    refusals,
    rows_of_one_race,
)
from tracker.export.results import Results
from tracker.files.times import local_datetime

TEMPLATE = ("Ranking", "Time", "Family Name", "First Name", "Gender", "Birthdate", "Nationality", "Bib no.", "City")
"""The header of the ITRA's template; its page for organisers has `Family name`, `First name` and `Bib number`."""
RULES = (has_two_names, is_latin, has_gender, has_birthdate, has_ioc_country)
_DAY_S = 86_400
WRITTEN = (Ending.FINISHED, Ending.DNF, Ending.DISQUALIFIED)
_WIDTH = 16

Cell = str | int | float | date | None


def _bib(row: Row) -> Cell:
    """A number as such, but for what a number would lose: zeros in front, and digits from the 16th on."""
    return int(row.bib) if row.bib.isascii() and row.bib.isdecimal() and row.bib[0] != "0" and len(row.bib) < 16 else row.bib


def _time(row: Row) -> Cell:
    return None if row.time_ms is None else row.time_ms // 1000 / _DAY_S


_CELLS: dict[str, Callable[[Row], Cell]] = {
    "ranking": lambda row: row.place if row.ending is Ending.FINISHED else "DNF",
    "time": _time,
    "familyname": lambda row: row.last_name or row.name,
    "firstname": lambda row: row.first_name,
    "gender": lambda row: row.gender,
    "birthdate": lambda row: row.birthdate,
    "nationality": lambda row: row.ioc,
    "bib": _bib,
    "city": lambda row: row.city,
    "team": lambda row: row.club,
    "category": lambda row: row.category,
}
_SAME = {"rank": "ranking", "place": "ranking", "lastname": "familyname", "surname": "familyname", "givenname": "firstname"}
_SAME |= {"sex": "gender", "dateofbirth": "birthdate", "country": "nationality", "bibno": "bib", "bibnumber": "bib", "club": "team"}
_LOOKS = {"time": "[hh]:mm:ss", "birthdate": "yyyy-mm-dd"}


def known_column(title: str) -> str | None:
    """What a column of this title holds, whatever its case and blanks (`Family name`, `Bib no.`); None: no such thing is known."""
    plain = "".join(char for char in title.casefold() if char.isalnum())
    plain = _SAME.get(plain, plain)
    return plain if plain in _CELLS else None


def write(results: Results) -> bytes:
    """The one race as .xlsx, with the titles of `results.columns` or of the template; the provenance is in its properties. ValueError
    when there are several races.
    """
    return write_sheet(results, TEMPLATE)


def refused(results: Results) -> list[Refusal]:
    """What the ITRA would refuse."""
    return refusals(results, RULES, WRITTEN)


def write_sheet(results: Results, own: tuple[str, ...]) -> bytes:
    """The sheet with `own` titles where `results.columns` has none. ValueError as `write`."""
    import xlsxwriter  # noqa: PLC0415

    titles = results.columns or own
    columns = [column for title in titles if (column := known_column(title)) is not None]
    if len(columns) != len(titles):
        raise ValueError(f"of {titles} not all are known")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        _say_what_it_is(book, results)
        sheet = book.add_worksheet("Results")
        sheet.set_column(0, len(titles) - 1, _WIDTH)
        looks = {column: book.add_format({"num_format": text}) for column, text in _LOOKS.items()}
        plain = book.add_format({"quote_prefix": True})  # it stays text when somebody edits the cell
        for at, title in enumerate(titles):
            sheet.write_string(0, at, title)
        for number, row in enumerate((row for row in rows_of_one_race(results) if row.ending in WRITTEN), 1):
            for at, column in enumerate(columns):
                _write(sheet, number, at, _CELLS[column](row), looks.get(column, plain))
    return out.getvalue()


def _write(sheet: Any, number: int, at: int, cell: Cell, look: Any) -> None:
    """A cell by its type, so that a text is never taken for a formula, a link or a number."""
    if isinstance(cell, str):
        sheet.write_string(number, at, cell, look if guarded(cell) != cell else None)
    elif isinstance(cell, date):
        sheet.write_datetime(number, at, cell, look)
    elif cell is not None:
        sheet.write_number(number, at, cell, look)


def _say_what_it_is(book: Any, results: Results) -> None:
    race = results.field.event.by_id[results.races[0]]
    created = local_datetime(results.provenance.made_ms, "UTC").replace(tzinfo=None)
    book.set_properties({"title": f"{results.field.event.name}, {race.name}", "created": created})
    for name, said in results.made().items():
        book.set_custom_property(name, said, "text")
