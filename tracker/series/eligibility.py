"""Who may start a race, and what is still pending before he does: the box beside each name of a start list.

Pure: an entrant, a race and its day in, words out. It never decides what a runner is: that is the ledger's (docs/status.md), and who
starts with something pending is racing all the same.

How it goes together with the roster's `status`: the organiser's `dns` wins, and nothing is pending of who does not start. `pending` is
the organiser's own word and stays, whatever was shown, until the organiser takes it back. `confirmed` does not stand for papers: what
the race requires and the roster does not show is pending beside it, a doubt for check-in and no refusal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.core.course import Race, Requirement
from tracker.core.roster import Entrant, EntryStatus, Paper


class Entry(StrEnum):
    """How an entrant stands before the start, in the words of the start list."""

    CONFIRMED = "CONFIRMED"
    PENDING = "pending"
    TOO_YOUNG = "too young"
    DNS = "dns"


class Kind(StrEnum):
    """What can be pending."""

    MEDICAL_CERTIFICATE = "medical certificate"
    LICENCE_OR_INSURANCE = "licence or insurance"
    ADULT = "adult to go along"
    BIRTH = "date of birth"
    ORGANISER = "organiser's confirmation"


@dataclass(frozen=True, slots=True)
class Pending:
    """One thing that is pending; `why` is empty where it is simply not there."""

    kind: Kind
    why: str = ""

    def __str__(self) -> str:
        return f"{self.kind} ({self.why})" if self.why else str(self.kind)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """How an entrant stands: with `PENDING`, what is pending; with `TOO_YOUNG`, in `barred` why."""

    entry: Entry
    pending: tuple[Pending, ...] = ()
    barred: str = ""

    def __str__(self) -> str:
        said = "; ".join(map(str, self.pending)) or self.barred
        return f"{self.entry}: {said}" if said else str(self.entry)

    @property
    def open(self) -> tuple[str, ...]:
        """What stands between the entrant and the start, in words; empty: nothing does, or he does not start."""
        return (str(self),) if self.barred else tuple(map(str, self.pending))


_PAPERS = {
    Requirement.MEDICAL_CERTIFICATE: (Kind.MEDICAL_CERTIFICATE, (Paper.MEDICAL_CERTIFICATE,)),
    Requirement.LICENCE_OR_INSURANCE: (Kind.LICENCE_OR_INSURANCE, (Paper.LICENCE, Paper.INSURANCE)),
}
"""What a race requires → its words, and the papers of which one is enough."""


def eligibility(entrant: Entrant, race: Race, on: date) -> Eligibility:
    """How an entrant stands for a race, which may be another than the roster's, whose scheduled start is `on` that local day."""
    if entrant.status is EntryStatus.DNS:
        return Eligibility(Entry.DNS)
    if barred := _too_young(entrant, race):
        return Eligibility(Entry.TOO_YOUNG, barred=barred)
    pending = tuple(_pending(entrant, race, on))
    return Eligibility(Entry.PENDING if pending else Entry.CONFIRMED, pending)


def _too_young(entrant: Entrant, race: Race) -> str:
    """Why the runner is too young, by the year of birth; empty: he is not, as far as the roster says."""
    if entrant.birth_year is None:
        return ""
    age = race.year - entrant.birth_year
    if race.max_birth_year is not None and entrant.birth_year > race.max_birth_year:
        return f'born in {entrant.birth_year}, and race "{race.id}" is for those born in {race.max_birth_year} or earlier'
    if race.min_age is not None and age < race.min_age:
        return f'{age} years in {race.year}, and race "{race.id}" is for {race.min_age} and over'
    return ""


def _pending(entrant: Entrant, race: Race, on: date) -> Iterator[Pending]:
    alone_from = None if entrant.accompanied_by else race.accompanied_under_age
    if entrant.birth_year is None:
        if (race.max_birth_year, race.min_age, alone_from) != (None, None, None):
            yield Pending(Kind.BIRTH)
    elif alone_from is not None and (age := _age(entrant, race, on)) <= alone_from:
        if age < alone_from:
            yield Pending(Kind.ADULT, f"{age} years, under {alone_from}")
        elif entrant.birthdate is None:
            yield Pending(Kind.BIRTH, f"{age - 1} or {age} years on the day, and under {alone_from} an adult has to go along")
    for requirement in race.requires:
        kind, papers = _PAPERS[requirement]
        shown = [entrant.papers[paper] for paper in papers if paper in entrant.papers]
        ends = [paper.until for paper in shown if paper.until is not None]
        if len(ends) == len(shown) and not any(end >= on for end in ends):
            yield Pending(kind, f"valid until {max(ends).isoformat()}" if ends else "")
    if entrant.status is EntryStatus.PENDING:
        yield Pending(Kind.ORGANISER)


def _age(entrant: Entrant, race: Race, on: date) -> int:
    """Years on the day, or where the roster has the year alone, those completed in the year of the race."""
    if entrant.birthdate is None:
        return race.year - (entrant.birth_year or race.year)
    born = date.fromisoformat(entrant.birthdate)
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
