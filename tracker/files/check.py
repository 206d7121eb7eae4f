"""Every fault and every doubt of an event file, and of a roster against its event: what `tracker check` prints.

Faults come from the reading itself; here are the doubts about entrants, gathered by kind so that a long list stays readable.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from tracker.core.course import Event, Race
from tracker.core.roster import Entrant, EntryStatus
from tracker.files.event import draft_event
from tracker.files.finding import Finding, Severity, doubt
from tracker.files.roster import RosterError, read_lines
from tracker.files.times import local_datetime
from tracker.series.eligibility import Kind, eligibility
from tracker.text import count

__all__ = ["Finding", "Severity", "check_event", "check_roster"]

ADULT_AGE = 18
LEAST_INDEX = 150
"""Of 5,701 indexes that were published with results, the least is 194."""
_NAMED = 5
_HOW_TO_SHOW = {
    Kind.MEDICAL_CERTIFICATE: 'Once it is shown, write "yes" or its last day in the column "medical_certificate"',
    Kind.LICENCE_OR_INSURANCE: 'Once either is shown, write its number, "yes" or its last day in the column "licence" or "insurance"',
    Kind.ADULT: 'Write the bib or the name of the adult in the column "accompanied_by"',
    Kind.BIRTH: 'Write it in the column "birthdate", or where the year is enough, in "birth_year"',
}
"""What to do about each thing that is pending; the organiser's own word is no doubt."""


def check_event(text: str, source: str) -> list[Finding]:
    """Every fault and doubt of an event file's `text`, in the file's order; `source` names the file."""
    _, found = draft_event(text, source)
    return found


def check_roster(event: Event, text: str, source: str) -> list[Finding]:
    """Every fault of a roster's `text`; without faults, every doubt about its entrants."""
    try:
        lines = read_lines(text, source, event)
    except RosterError as error:
        return list(error.faults)
    found: list[Finding] = []
    if not lines.entrants:
        found.append(doubt(source, "there is no entrant", "Add a line for each, or give the right file"))
    for race in event.races:
        of_race = [(line, entrant) for line, entrant in lines.entrants if entrant.race == race.id]
        on = local_datetime(race.start_ms, event.timezone).date()
        found.extend(_entry_doubts(race, of_race, on, source))
        found.extend(_race_doubts(race, of_race, f'{source}: race "{race.id}"'))
        if race.accompanied_under_age is not None:
            found.extend(_companion_doubts(race, of_race, {entrant.bib: entrant for _, entrant in lines.entrants}, source))
    found.extend(_same_person(lines.entrants, source))
    return found


def _entry_doubts(race: Race, entrants: list[tuple[int, Entrant]], on: date, source: str) -> Iterator[Finding]:
    """Each who is too young by the race's own rules, and of whom each paper is pending; of those on the start list as `dns`, nothing."""
    pending: dict[Kind, list[Entrant]] = {}
    for line, entrant in entrants:
        found = eligibility(entrant, race, on)
        if found.barred:
            do = "Correct the birth, move the entrant to another race, or let the director decide"
            yield doubt(f"{source}: line {line}, bib {entrant.bib}", found.barred, do)
        for one in found.pending:
            pending.setdefault(one.kind, []).append(entrant)
    for kind, do in _HOW_TO_SHOW.items():
        if those := pending.get(kind):
            yield doubt(f'{source}: race "{race.id}"', f"{kind} pending for {count(len(those), 'runner')} ({_bibs(those)})", do)


def _companion_doubts(race: Race, entrants: list[tuple[int, Entrant]], by_bib: dict[str, Entrant], source: str) -> Iterator[Finding]:
    """Who is to go along with a child by a bib, and cannot: no adult, on the start list as `dns`, or nobody."""
    for line, entrant in entrants:
        bib = entrant.accompanied_by or ""
        adult = by_bib.get(bib)
        if adult is None:
            what = f"bib {bib} is nobody" if bib.isdecimal() else ""
        elif adult.status is EntryStatus.DNS:
            what = f"bib {bib} does not start"
        else:
            age = ADULT_AGE if adult.birth_year is None else race.year - adult.birth_year
            what = f"bib {bib} is {count(age, 'year')} old" if age < ADULT_AGE else ""
        if what:
            do = "Write the bib or the name of an adult who does"
            yield doubt(f'{source}: line {line}, bib {entrant.bib}, column "accompanied_by"', f"{what}, and cannot go along", do)


def _race_doubts(race: Race, entrants: list[tuple[int, Entrant]], where: str) -> Iterator[Finding]:
    codes = {category.code for category in race.categories}
    unknown: dict[str, list[Entrant]] = {}
    for _, entrant in entrants:
        if entrant.category is not None and codes and entrant.category not in codes:
            unknown.setdefault(entrant.category, []).append(entrant)
    for code, those in unknown.items():
        what = f'category "{code}" is not in the event file ({_bibs(those)})'
        yield doubt(where, what, "It counts as given; correct it, or add the [[race.category]]")
    odd = [
        entrant
        for _, entrant in entrants
        if any(0 < index < LEAST_INDEX for index in (entrant.index or 0, *entrant.category_index.values()))
    ]
    if odd:
        what = f"the index of {count(len(odd), 'runner')} is under {LEAST_INDEX} ({_bibs(odd)})"
        yield doubt(where, what, "Correct it (65 for 650 makes the estimated scores unsure), or leave it empty")
    if idle := [entrant for _, entrant in entrants if entrant.category_index and entrant.index_for(race.series_category) is None]:
        what = (
            f"the index of {_bibs(idle)} is in other categories alone"
            if race.series_category
            else f"of {_bibs(idle)} no general index is given"
        )
        do = "Give the general one, or that of the race's series_category in the event file: scores are estimated from no other"
        yield doubt(where, what, do)
    if race.categories and (without := [entrant for _, entrant in entrants if entrant.category is None]):
        yield doubt(where, f"no category fits {_bibs(without)}", "Give the year of birth and the sex, or the category")
    if race.waves and (without := [entrant for _, entrant in entrants if entrant.wave is None]):
        yield doubt(where, f"no wave is given for {_bibs(without)}", "Give the wave, or they start with the race")


def _bibs(entrants: list[Entrant]) -> str:
    named = ", ".join(entrant.bib for entrant in entrants[:_NAMED])
    rest = len(entrants) - _NAMED
    return f"bib {named}" if len(entrants) == 1 else f"bibs {named}" + (f" and {rest} more" if rest > 0 else "")


def _same_person(entrants: Iterable[tuple[int, Entrant]], source: str) -> Iterator[Finding]:
    """One person twice in one race is most likely one entry too many."""
    first: dict[tuple[str, str, str | int], int] = {}
    for line, entrant in entrants:
        birth = entrant.birthdate or entrant.birth_year
        if entrant.name and birth:
            known = first.setdefault((entrant.race, entrant.name.casefold(), birth), line)
            if known != line:
                what = f'the same name and birth in race "{entrant.race}" as in line {known}'
                yield doubt(f"{source}: line {line}, bib {entrant.bib}", what, "Take one out, if it is one person")
