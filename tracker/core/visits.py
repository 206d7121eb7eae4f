"""Which passage of the course a read belongs to: a station that is passed more than once is visited in course order.

Only the runner's own reads and the course decide, in order of time; how late they arrived never does.
"""

from collections.abc import Sequence
from itertools import islice

from tracker.core.course import Race
from tracker.core.facts import Passage


def visit(race: Race, reads: Sequence[Passage], number: int, here: int, since_ms: int) -> int:
    """Which visit of its station the read `number` is, of a runner who arrived at the checkpoint `here` (-1: none yet) at `since_ms`."""
    read = reads[number]
    return _pick(race, race.visits[read.station], here, _ceiling(race, reads, number), read.at_ms - since_ms)


def _ceiling(race: Race, reads: Sequence[Passage], number: int) -> int:
    """The next checkpoint at which the runner is surely seen after this read: it cannot be beyond that."""
    for later in islice(reads, number + 1, None):
        found = race.visits.get(later.station)
        if found is not None and len(found) == 1:
            return found[0]
    return race.finish


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
