"""Entries from a table as a roster: the columns by their names, each cell as the roster writes it, every fault with its line.

What is not known stays as it is, in a column of its own. A cell that could mean two things is a fault, never a guess.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tracker.files.cells import Row, trimmed
from tracker.files.finding import FileError, fault
from tracker.files.roster import COLUMNS
from tracker.imports.columns import OF_ENTRANTS, Names, bare, columns_of, in_words, said_map
from tracker.imports.moments import read_date
from tracker.imports.places import Races
from tracker.imports.table import read_table
from tracker.imports.taking import Fault, Refused
from tracker.text import clean_text

_NAMES: Names = {**OF_ENTRANTS, **{name: bare(name) for name in COLUMNS if name not in OF_ENTRANTS}}
_SEXES = {
    **dict.fromkeys(("m", "male", "man", "men", "h", "homme", "hombre", "masculin", "masculino", "maschio", "mann", "herr", "uomo"), "M"),
    **dict.fromkeys(("f", "female", "woman", "women", "w", "femme", "mujer", "feminin", "femenino", "femmina", "frau", "donna", "d"), "F"),
    **dict.fromkeys(("x", "nonbinary", "non binary", "divers", "other", "autre", "otro", "altro"), "X"),
}
_HEADER_WITHIN = 10
_SWAPPED = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2(\d{4})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entries:
    """The roster's CSV; which column is which, in words; the lines of it by those of the file; what is wrong; what was taken on trust."""

    text: str
    columns: str
    where: tuple[str, ...]
    refused: list[Refused]
    notes: list[str]


def read_entries(path: Path, content: bytes, maps: Sequence[str], races: Races | None, dates: str | None) -> Entries:
    """The entries of a file as a roster. FileError when it is no table, or its columns do not say what a roster needs."""
    table = read_table(path, content)
    try:
        said = said_map(maps, list(_NAMES))
        header = _header(table.rows, said)
        titles = [clean_text(title) for title in trimmed(table.rows[header].fields)]
        columns = columns_of(titles, said, _NAMES)
        _prove(columns, titles, races)
    except Fault as found:
        raise FileError((fault(str(path), found.what, found.do),)) from None
    others = [at for at, title in enumerate(titles) if title and at not in columns.values()]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    of_all = [] if "race" in columns or races is None else [race.id for race in (races.said or races.only,) if race is not None]
    writer.writerow([*(["race"] if of_all else []), *columns, *_titles(titles, others)])
    where: list[str] = []
    refused: list[Refused] = []
    for row in table.rows[header + 1 :]:
        where.append(table.where(row))
        cells = [*of_all]
        for name, at in columns.items():
            try:
                cells.append(_cell(name, _at(row, at), races, dates))
            except Fault as found:
                raw = ",".join(row.fields).encode("utf-8", "replace")
                refused.append(Refused(table.where(row), raw, f'column "{titles[at]}": {found.what}', found.do))
        writer.writerow([*cells, *(_at(row, at) for at in others)])
    return Entries(out.getvalue(), in_words(columns, titles), tuple(where), refused, table.notes)


def _header(rows: Sequence[Row], said: Mapping[str, str]) -> int:
    """The row with the titles: of the first few that which has the most of them, since lists begin with the event's name."""
    wanted = {bare(theirs) for theirs in said.values()}
    for ours, called in _NAMES.items():
        wanted.update((bare(ours), *called.split("|")))
    known = [len({bare(field) for field in row.fields} & wanted) for row in rows[:_HEADER_WITHIN]]
    if not known or max(known) < 2:
        raise Fault("there is no row with column names", 'Name the columns, at least "bib" and a name')
    return known.index(max(known))


def _prove(columns: Mapping[str, int], titles: Sequence[str], races: Races | None) -> None:
    listed = ", ".join(filter(None, titles))
    if "bib" not in columns:
        raise Fault("no column is the bib", f'Say which: --map bib="…"; the columns are {listed}')
    if "race" not in columns and (races is None or (races.said or races.only) is None):
        raise Fault("no column is the race", 'Say which: --map race="…", or with --event and --race that all are in one')


def _titles(titles: Sequence[str], others: Sequence[int]) -> list[str]:
    """The titles of what is not known, each another: two alike would be refused."""
    found: list[str] = []
    for at in others:
        title, number = titles[at], 2
        while title.casefold() in COLUMNS or title in found:
            title, number = f"{titles[at]} {number}", number + 1
        found.append(title)
    return found


def _at(row: Row, at: int) -> str:
    return " ".join(row.fields[at].split()) if at < len(row.fields) else ""


def _cell(name: str, text: str, races: Races | None, dates: str | None) -> str:
    """A cell as the roster writes it. Fault when it cannot be told what it means."""
    if not text:
        return ""
    match name:
        case "race":
            return text if races is None else _race_id(races, text)
        case "sex":
            sex = _SEXES.get(bare(text))
            if sex is None:
                raise Fault(f'"{text}" is no sex that is known', 'Write "M", "F" or "X", or leave it empty')
            return sex
        case "birthdate":
            return _day(text, dates).isoformat()
        case "birth_year":
            match = re.fullmatch(r"\d{4}", text, re.ASCII)
            return text if match else str(_day(text, dates).year)
        case "status":
            return text.casefold()
        case _:
            return text


def _race_id(races: Races, text: str) -> str:
    return (races.said or races.find(text)).id


def _day(text: str, dates: str | None) -> date:
    """A day; of one that could be two, that which was said."""
    day = text.split(" ", maxsplit=1)[0] if re.fullmatch(r"\S+ 00:00:00", text) else text
    match = _SWAPPED.fullmatch(day)
    if match is None or dates is None:
        return read_date(day)
    first, second, year = match[1], match[3], match[4]
    day, month = (first, second) if dates == "day-first" else (second, first)
    return read_date(f"{year}-{month}-{day}")
