"""Reading a start list: CSV in, `tracker.core.roster.Roster` out, or every fault at once.

Names are cleaned here, once; columns that nobody knows are kept as they are. What is only odd about an entrant is said by `check`.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from sys import intern

from tracker.core.course import Event, Race
from tracker.core.roster import Entrant, EntryStatus, Paper, Roster, Shown
from tracker.files.cells import Row, column_name, csv_rows, header_faults, read_day, read_points, trimmed
from tracker.files.finding import FileError, Finding, fault
from tracker.files.table import listed
from tracker.text import clean_text

INDEX_COLUMNS = {"20k": "index_20k", "50k": "index_50k", "100k": "index_100k", "100m": "index_100m"}
COLUMNS = (
    *("bib", "race", "name", "first_name", "last_name", "sex", "birthdate", "birth_year", "category", "country", "club", "index"),
    *INDEX_COLUMNS.values(),
    *("wave", "status", *Paper, "accompanied_by"),
)
OLDEST = 110
LONGEST_BIB = 20

_NUMBERED = (Paper.LICENCE, Paper.INSURANCE)
_SEX_ELSEWHERE = {"W": "F", "FEMALE": "F", "WOMAN": "F", "H": "M", "MALE": "M", "MAN": "M"}


class RosterError(FileError):
    """A roster that cannot be used. `faults` is every fault of it; `str` is one line a fault."""


def read_roster(text: str, source: str, event: Event) -> Roster:
    """The roster of a CSV's `text`; `source` names the file in errors. RosterError with every fault when it cannot be used."""
    lines = read_lines(text, source, event)
    return Roster(tuple(entrant for _, entrant in lines.entrants), lines.columns)


@dataclass(frozen=True, slots=True)
class RosterLines:
    """The entrants with the line that each begins in, and the file's own column titles."""

    entrants: tuple[tuple[int, Entrant], ...]
    columns: tuple[str, ...]


def read_lines(text: str, source: str, event: Event) -> RosterLines:
    """Like `read_roster`, with the lines beside the entrants, for those who doubt them. RosterError likewise."""
    found: list[Finding] = []
    rows = list(csv_rows(text.removeprefix("\ufeff"), source, found))
    titles = trimmed(rows[0].fields) if rows else []
    if not found:
        found.extend(header_faults(titles, source, ("bib", "race"), COLUMNS, "bib,race,name,sex,…"))
    if found:
        raise RosterError(tuple(found))
    entrants: list[tuple[int, Entrant]] = []
    line_of_bib: dict[str, int] = {}
    for row in rows[1:]:
        cells = _cells(row, titles, source, found)
        if cells is None:
            continue
        entrant = _entrant(cells, event)
        first = line_of_bib.setdefault(entrant.bib, row.line)
        if entrant.bib and first != row.line:
            cells.fault("bib", f'"{entrant.bib}" stands in line {first} already', "Give each entrant of the event a bib of their own")
        entrants.append((row.line, entrant))
    if found:
        raise RosterError(tuple(found))
    return RosterLines(tuple(entrants), tuple(titles))


@dataclass(frozen=True, slots=True)
class _Cells:
    """One entrant's cells by column; faults go to `found`."""

    values: dict[str, str]
    extra: dict[str, str]
    where: str
    found: list[Finding]

    def fault(self, column: str, what: str, do: str) -> None:
        self.found.append(fault(f'{self.where}, column "{column}"', what, do))

    def text(self, column: str) -> str:
        return clean_text(self.values.get(column, ""))

    def maybe_text(self, column: str) -> str | None:
        return self.text(column) or None


def _cells(row: Row, titles: list[str], source: str, found: list[Finding]) -> _Cells | None:
    """None for an empty line, and for one whose cells cannot be told apart."""
    if not trimmed(row.fields):
        return None
    where = f"{source}: line {row.line}"
    fields = [*row.fields[: len(titles)], *trimmed(row.fields[len(titles) :])]
    if len(fields) != len(titles):
        do = "Put texts with the separator or a line break in quotes, and write every separator"
        found.append(fault(where, f"there are {len(fields)} cells, and the header has {len(titles)}", do))
        return None
    known = {column_name(title): field for title, field in zip(titles, fields, strict=True)}
    extra = {title: field for title, field in zip(titles, fields, strict=True) if column_name(title) not in COLUMNS}
    return _Cells(known, extra, where, found)


def _entrant(cells: _Cells, event: Event) -> Entrant:
    """The entrant of a line; where a cell is at fault, what is built here is thrown away."""
    race = _race(cells, event)
    birthdate, birth_year = _birth(cells, race)
    sex = _sex(cells)
    first_name, last_name = cells.text("first_name"), cells.text("last_name")
    computed = race.category_of(birth_year, sex) if race else None
    index = {name: _index(cells, column) for name, column in INDEX_COLUMNS.items()}
    return Entrant(
        bib=intern(_bib(cells)),  # as the wire does: a bib is then found without comparing letters
        race=race.id if race else "",
        name=cells.text("name") or f"{first_name} {last_name}".strip(),
        first_name=first_name,
        last_name=last_name,
        sex=sex,
        birth_year=birth_year,
        birthdate=birthdate,
        category=cells.maybe_text("category") or computed,
        country=cells.text("country").upper() or None,
        club=cells.maybe_text("club"),
        index=_index(cells, "index"),
        category_index={name: value for name, value in index.items() if value is not None},
        wave=_wave(cells, race),
        status=_status(cells),
        papers={paper: shown for paper in Paper if (shown := _shown(cells, paper)) is not None},
        accompanied_by=_companion(cells),
        extra=cells.extra,
    )


def _bib(cells: _Cells) -> str:
    bib = cells.text("bib")
    if not bib:
        cells.fault("bib", "it is empty", "Write the bib as it is on the runner's number")
    elif len(bib) > LONGEST_BIB:
        cells.fault("bib", f'"{bib}" has more than {LONGEST_BIB} characters', "Write the bib as it is on the runner's number")
    return bib


def _race(cells: _Cells, event: Event) -> Race | None:
    race_id = cells.text("race")
    race = event.by_id.get(race_id)
    if race is None:
        what = f'"{race_id}" is no race of {event.id}' if race_id else "it is empty"
        cells.fault("race", what, f"Write {listed(list(event.by_id))}")
    return race


def _sex(cells: _Cells) -> str | None:
    sex = cells.text("sex").upper()
    if sex and sex not in ("M", "F", "X"):
        meant = _SEX_ELSEWHERE.get(sex)
        cells.fault("sex", f'"{sex}" is not known', f'Write "{meant}"' if meant else 'Write "M", "F" or "X", or leave it empty')
    return sex or None


def _birth(cells: _Cells, race: Race | None) -> tuple[str | None, int | None]:
    """Date of birth (YYYY-MM-DD) and year, each None when the file does not say it."""
    birthdate, birth_year = cells.maybe_text("birthdate"), cells.maybe_text("birth_year")
    year = None
    if birth_year is not None:
        if re.fullmatch(r"\d{4}", birth_year, re.ASCII):
            year = _possible_year(cells, "birth_year", int(birth_year), race)
        else:
            cells.fault("birth_year", f'"{birth_year}" is no year', "Write four digits, for example 1985")
    if birthdate is None:
        return None, year
    born = read_day(birthdate, "1985-05-31", partial(cells.fault, "birthdate"))
    if born is None:
        return None, year
    if year is not None and year != born.year:
        cells.fault("birth_year", f"{year} is not the year of the birthdate {birthdate}", "Correct one of them, or take it out")
    return birthdate, _possible_year(cells, "birthdate", born.year, race)


def _possible_year(cells: _Cells, column: str, year: int, race: Race | None) -> int | None:
    if race is None or race.year - OLDEST <= year <= race.year:
        return year
    cells.fault(column, f"{year} makes a runner of {race.year - year} years", f"Write a year from {race.year - OLDEST} to {race.year}")
    return None


def _index(cells: _Cells, column: str) -> float | None:
    return read_points(cells.text(column), "index", partial(cells.fault, column))


def _wave(cells: _Cells, race: Race | None) -> str | None:
    wave = cells.maybe_text("wave")
    if wave is not None and race is not None and wave not in race.wave_starts:
        waves = f"Write {listed(list(race.wave_starts))}" if race.waves else "Leave it empty, or add the [[race.wave]] to the event file"
        cells.fault("wave", f'"{wave}" is no wave of race "{race.id}"', waves)
    return wave


def _status(cells: _Cells) -> EntryStatus:
    status = cells.text("status").casefold()
    if status and status not in list(EntryStatus):
        cells.fault("status", f'"{status}" is not known', f"Write {listed(list(EntryStatus))}, or leave it empty")
        return EntryStatus.CONFIRMED
    return EntryStatus(status or EntryStatus.CONFIRMED)


def _shown(cells: _Cells, paper: Paper) -> Shown | None:
    """What a cell says of a paper: `yes`, the last day on which it is valid, or its number; None: it was not shown."""
    said = cells.text(paper)
    if said.casefold() in ("", "no"):
        return None
    if said.casefold() == "yes":
        return Shown()
    numbered = paper in _NUMBERED
    forms = '"yes" or "no", the last day on which it is valid (2022-12-31)' + (", or its number" if numbered else "")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", said, re.ASCII):
        try:
            return Shown(date.fromisoformat(said))
        except ValueError:
            cells.fault(paper, f'"{said}" is on no calendar', "Correct the month or the day")
    elif re.fullmatch(r"\d{1,4}([-/. ])\d{1,2}\1\d{1,4}", said, re.ASCII):
        cells.fault(paper, f'"{said}" is no date', "Write it as year-month-day, for example 2022-12-31")
    elif numbered and _is_number(said):
        return Shown()
    else:
        cells.fault(paper, f'"{said}" is not known', f"Write {forms}, or leave it empty")
    return None


def _is_number(said: str) -> bool:
    """Whether it may be the number of a licence or a policy: `FFA 1234567`, `fam-0441/2`; not `0`, nor `expired 2021`."""
    coded = all(re.fullmatch(r"[\w./-]+", word) and (word.isupper() or re.search(r"\d", word)) for word in said.split())
    return coded and len(said) > 1 and re.search(r"[1-9]", said) is not None


def _companion(cells: _Cells) -> str | None:
    """The adult who goes along: a bib, a name, or `yes`."""
    said = cells.text("accompanied_by")
    if said and said == cells.text("bib"):
        cells.fault("accompanied_by", f'"{said}" is the entrant\'s own bib', "Write the bib or the name of the adult, or leave it empty")
    return None if said.casefold() in ("", "no") else said
