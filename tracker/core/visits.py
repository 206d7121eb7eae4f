"""Which passage of the course a read belongs to: a station that is passed more than once is visited in course order.

Only the runner's own reads and the course decide, in order of time; how late they arrived never does.
"""

from collections.abc import Sequence

from tracker.core.course import Race
from tracker.core.facts import Passage


def assign(race: Race, reads: Sequence[Passage], gun_ms: int) -> list[int | None]:
    """The checkpoint's index for each read (in order of time), or None where the race never passes its station."""
    candidates = [race.visits.get(read.station) for read in reads]
    if all(found is None or len(found) == 1 for found in candidates):
        return [None if found is None else found[0] for found in candidates]
    ceilings = _ceilings(candidates, race.finish)
    assigned: list[int | None] = []
    here, since_ms = -1, gun_ms
    for read, found, ceiling in zip(reads, candidates, ceilings, strict=True):
        if found is None:
            assigned.append(None)
            continue
        index = found[0] if len(found) == 1 else _pick(race, found, here, ceiling, read.at_ms - since_ms)
        assigned.append(index)
        if index != here:
            here, since_ms = index, read.at_ms
    return assigned


def _ceilings(candidates: Sequence[tuple[int, ...] | None], finish: int) -> list[int]:
    """For each read, the next checkpoint at which the runner is surely seen afterwards: it cannot be beyond that."""
    ceilings: list[int] = []
    ceiling = finish
    for found in reversed(candidates):
        ceilings.append(ceiling)
        if found is not None and len(found) == 1:
            ceiling = found[0]
    ceilings.reverse()
    return ceilings


def _pick(race: Race, found: tuple[int, ...], here: int, ceiling: int, passed_ms: int) -> int:
    """Of the visits a read may be, the one the runner is at, or the next if anybody could have come so far by then."""
    possible = [index for index in found if here <= index <= ceiling] or [index for index in found if index >= here]
    if not possible:
        return found[-1]
    if possible[0] > here >= 0:
        return possible[0]
    if len(possible) > 1 and passed_ms >= race.quickest_ms(max(here, 0), possible[1]):
        return possible[1]
    return possible[0]
