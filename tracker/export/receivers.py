"""What those who take results of one race have in common: the runners as they count them, and what they refuse in a row.

A receiver has finishers, runners who did not finish, who did not start, or who were disqualified; who is still racing is nothing to it yet.
"""

import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from itertools import chain
from typing import NamedTuple

from tracker.core.course import Timing
from tracker.core.runner import Status
from tracker.export.cells import visible
from tracker.export.countries import UnknownCountryError, codes_of, country_of
from tracker.export.results import Results
from tracker.files.times import local_datetime

LONGEST = 80
"""As long as a name of the roster; its other columns are cut to it."""
_BESIDE_LETTERS = frozenset(" -.'’ʼʻ·")
"""As in Anne-Marie, O'Neil, and the Catalan Gal·la."""


class Ending(Enum):
    """How a race ended for a runner, as receivers have it."""

    FINISHED = auto()
    DNF = auto()
    DNS = auto()
    DISQUALIFIED = auto()


_ENDINGS = {
    Status.FINISHED: Ending.FINISHED,
    Status.WITHDRAWN: Ending.DNF,
    Status.OUT_OF_TIME: Ending.DNF,
    Status.STOPPED: Ending.DNF,
    Status.DNS: Ending.DNS,
    Status.DISQUALIFIED: Ending.DISQUALIFIED,
}
"""The others are still in the race, or before it."""


class Row(NamedTuple):
    """A runner of a race as a receiver gets him; texts are empty where nothing is known.

    `time_ms` is a finisher's official time, `gun_time_ms` the same from the gun. `age` is on the day of the race. `ioc` and `iso2` are the
    country's codes.
    """

    race: str
    bib: str
    name: str
    first_name: str
    last_name: str
    gender: str
    birthdate: date | None
    age: int | None
    country: str
    ioc: str
    iso2: str
    city: str
    state: str
    club: str
    category: str
    ending: Ending | None
    place: int | None
    time_ms: int | None
    gun_time_ms: int | None
    chip_timed: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that a receiver would refuse: whose, why, and what to do."""

    race: str
    bib: str
    name: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"bib {self.bib} {self.name or '(no name)'}: {self.what}; {self.do}"


Rule = Callable[[Row], Iterable[tuple[str, str]]]
"""What a receiver would refuse in a row, each with what to do."""


def rows(results: Results) -> Iterator[Row]:
    """The runners of the races, in the order of each race's standings."""
    return chain.from_iterable(_of_race(results, race) for race in results.races)


def rows_of_one_race(results: Results) -> Iterator[Row]:
    """The same of the one race that a receiver takes in a file. ValueError when there are several."""
    if len(results.races) != 1:
        raise ValueError(f"one race a file, not {len(results.races)}")
    return rows(results)


def refusals(results: Results, rules: Iterable[Rule], written: Container[Ending | None]) -> list[Refusal]:
    """What would be refused, row by row, in the order of the standings: of the rows that are `written`, and of whoever is not through."""
    found: list[Refusal] = []
    bibs: dict[tuple[str, str], str] = {}
    for row in rows(results):
        if row.ending is None:
            found.append(_refusal(row, "is not through with the race, and so left out", "decide what became of the runner, or wait"))
        if row.ending not in written:
            continue
        if row.ending is Ending.FINISHED and (row.time_ms is None or row.time_ms <= 0):
            found.append(_refusal(row, "is a finisher without a time", "correct the times or the penalties"))
        same = bibs.setdefault((row.race, row.bib.lstrip("0").casefold()), row.bib)  # spreadsheets take 007 for 7
        if same != row.bib:
            found.append(_refusal(row, f'the receiver takes the bib for "{same}" of another runner', "give one of them another bib"))
        found += [_refusal(row, what, do) for rule in rules for what, do in rule(row)]
    return found


def has_two_names(row: Row) -> Iterator[tuple[str, str]]:
    """Family name and first name are known apart."""
    if not (row.name or row.first_name or row.last_name):
        yield "has no name", "write first_name and last_name in the roster"
    elif not (row.first_name and row.last_name):
        yield f'name "{row.name}" is not split', "write first_name and last_name in the roster"


def is_latin(row: Row) -> Iterator[tuple[str, str]]:
    """Both names are of Latin letters, with any accents."""
    for which, name in (("first name", row.first_name), ("last name", row.last_name)):
        strange = next((char for char in unicodedata.normalize("NFC", name) if not _is_latin(char)), None)
        if strange is not None:
            yield f'{which} "{name}" has "{strange}", which is no Latin letter', "write it as in the passport, in Latin letters"


def has_gender(row: Row) -> Iterator[tuple[str, str]]:
    """The gender is M or F."""
    if row.gender not in ("M", "F"):
        yield ("gender X is not taken" if row.gender else "gender is missing"), 'write "M" or "F" in the roster\'s column sex'


def has_birthdate(row: Row) -> Iterator[tuple[str, str]]:
    """The whole date of birth is known."""
    if row.birthdate is None:
        yield "birth date is missing", "write the roster's column birthdate, for example 1985-05-31"


def has_ioc_country(row: Row) -> Iterator[tuple[str, str]]:
    """The nationality has a code of the IOC."""
    if not row.country:
        yield "nationality is missing", 'write a code of the IOC ("FRA") or of ISO 3166 ("FR") in the roster\'s column country'
        return
    try:
        country = country_of(row.country)
    except UnknownCountryError as error:
        yield error.what, error.do
    else:
        if country.ioc is None:
            yield f'nationality "{row.country}" ({country.name}) has no code of the IOC', "write the nationality of the passport"


def _of_race(results: Results, race: str) -> Iterator[Row]:
    field = results.field
    of, starts = field.event.by_id[race], field.starts(race)
    day = local_datetime(starts.race_ms, field.event.timezone).date()
    city, state = (_title(results, named) for named in ("city", "state"))
    for line in field.standings(race):
        entrant, verdict = line.entrant, line.verdict
        born = None if entrant.birthdate is None else date.fromisoformat(entrant.birthdate)
        ending = _ENDINGS.get(verdict.status)
        time_ms = verdict.official_ms if ending is Ending.FINISHED else None
        ioc, iso2 = codes_of(entrant.country)
        yield Row(
            race=race,
            bib=entrant.bib,
            name=entrant.name,
            first_name=entrant.first_name,
            last_name=entrant.last_name,
            gender=entrant.sex or "",
            birthdate=born,
            age=None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day)),
            country=entrant.country or "",
            ioc=ioc,
            iso2=iso2,
            city=visible(entrant.extra.get(city), LONGEST),
            state=visible(entrant.extra.get(state), LONGEST),
            club=entrant.club or "",
            category=entrant.category or "",
            ending=ending,
            place=line.rank if ending is Ending.FINISHED else None,
            time_ms=time_ms,
            gun_time_ms=None if time_ms is None else time_ms + verdict.start_ms - starts.gun_ms(entrant.wave),
            chip_timed=of.timing is Timing.CHIP,
        )


def _title(results: Results, named: str) -> str:
    """How the roster writes the title of a column that the tracker does not know."""
    return next((title for title in results.field.roster.columns if title.strip().casefold() == named), named)


def _is_latin(char: str) -> bool:
    if char in _BESIDE_LETTERS or unicodedata.category(char).startswith("M"):
        return True
    return char.isalpha() and unicodedata.name(char, "").startswith("LATIN")


def _refusal(row: Row, what: str, do: str) -> Refusal:
    return Refusal(row.race, row.bib, row.name, what, do)
