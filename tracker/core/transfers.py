"""Who runs in which race: the roster, and the moves to another race that the desk has said since."""

from collections.abc import Iterable
from dataclasses import replace

from tracker.core.course import Event
from tracker.core.facts import RaceMove
from tracker.core.roster import Entrant, Roster


def entered(event: Event, roster: Roster, moves: Iterable[RaceMove], voided: frozenset[str]) -> list[Entrant]:
    """Every entrant in the race where the desk has him, in the roster's order; of several words on one the newest."""
    moved: dict[str, str] = {}
    for fact in sorted(moves, key=lambda fact: (fact.at_ms, fact.key)):
        if fact.id not in voided:
            moved[fact.bib] = fact.race
    return [entrant if entrant.bib not in moved else _transferred(event, entrant, moved[entrant.bib]) for entrant in roster.entrants]


def _transferred(event: Event, entrant: Entrant, to: str) -> Entrant:
    """The entrant in another race: a category that followed from the age does so there, a wave that is unknown there is none."""
    race, left = event.by_id[to], event.by_id[entrant.race]
    category = entrant.category
    if category == left.category_of(entrant.birth_year, entrant.sex):
        category = race.category_of(entrant.birth_year, entrant.sex)
    wave = entrant.wave if entrant.wave in race.wave_starts else None
    return replace(entrant, race=to, category=category, wave=wave)
