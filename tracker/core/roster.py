"""The start list: who may be on the course, under which bib, in which race.

Frozen values; reading the CSV, and cleaning the names, is `tracker/files`.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class EntryStatus(StrEnum):
    """What the start list says of an entry."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    DNS = "dns"


class Paper(StrEnum):
    """What an entrant can show; each is a column of the roster."""

    MEDICAL_CERTIFICATE = "medical_certificate"
    LICENCE = "licence"
    INSURANCE = "insurance"


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper that was shown. `until` is the last day on which it is valid; None: nobody has said."""

    until: date | None = None


@dataclass(frozen=True, slots=True)
class Entrant:
    """One line of the start list. A bib is text, unique in the event; `category` is the given or the computed code.

    `papers` are those that were shown. `accompanied_by` is the adult who goes along, by bib, by name, or `yes`.
    """

    bib: str
    race: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    sex: str | None = None
    birth_year: int | None = None
    birthdate: str | None = None
    category: str | None = None
    country: str | None = None
    club: str | None = None
    index: float | None = None
    category_index: dict[str, float] = field(default_factory=dict, hash=False)
    wave: str | None = None
    status: EntryStatus = EntryStatus.CONFIRMED
    papers: dict[Paper, Shown] = field(default_factory=dict, hash=False)
    accompanied_by: str | None = None
    extra: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def expected(self) -> bool:
        """Whether the runner was expected at the start when the list was made."""
        return self.status is not EntryStatus.DNS

    def index_for(self, category: str | None) -> float | None:
        """The general index; where it is not known, the one in a category of the series (None: in none)."""
        return self.index if self.index is not None or category is None else self.category_index.get(category.lower())


@dataclass(frozen=True)
class Roster:
    """All entrants, by bib. `columns` are the file's own, in its order, for the way out."""

    entrants: tuple[Entrant, ...]
    columns: tuple[str, ...] = ()
    by_bib: dict[str, Entrant] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_bib", {entrant.bib: entrant for entrant in self.entrants})

    def of_race(self, race: str) -> tuple[Entrant, ...]:
        """The entrants of one race, in the roster's order."""
        return tuple(entrant for entrant in self.entrants if entrant.race == race)
