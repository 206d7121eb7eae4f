"""What the desk and the stations have said of the race by hand, and which ids a void must name to turn it over.

Nothing is ever edited or deleted.
"""

from typing import NamedTuple

from tracker.core.facts import DeskWord, Void
from tracker.core.field import Field
from tracker.core.voids import in_force


class Said(NamedTuple):
    """A fact of the desk, or a withdrawal, whoever sent it.

    `voided`: it counts for nothing now. `void`: the ids to void so that it does not count, or counts again.

    What names a void must be said later than that: of a void by a clock that is ahead nothing is taken back before then. What was voided
    by a void that bears its own id is not to be brought back: a void of an id voids all that bear it.
    """

    fact: DeskWord
    voided: bool
    void: tuple[str, ...]


def undoable(field: Field) -> list[Said]:
    """Everything that the desk has said, and every withdrawal, each fact once, the newest first."""
    facts = {fact.key: fact for fact in field.said if isinstance(fact, DeskWord)}.values()
    acting = in_force(fact for fact in facts if isinstance(fact, Void))
    keys, by_target = {void.key for void in acting}, dict[str, tuple[str, ...]]()
    for void in acting:
        by_target[void.fact] = tuple(dict.fromkeys((*by_target.get(void.fact, ()), void.id)))
    found: list[Said] = []
    for fact in sorted(facts, key=lambda fact: (fact.at_ms, fact.key), reverse=True):
        voided = fact.key not in keys if isinstance(fact, Void) else fact.id in by_target
        found.append(Said(fact, voided, by_target.get(fact.id, ()) if voided else (fact.id,)))
    return found
