"""Which passage of the course a read belongs to: a station that is passed more than once is visited in course order.

Only the runner's own reads and the course decide, in order of time; how late they arrived never does.
"""

from collections.abc import Sequence
from itertools import islice

from tracker.core.course import Race
from tracker.core.facts import Passage, Way

_IN, _OUT = Way.IN, Way.OUT


def visit(race: Race, reads: Sequence[Passage], number: int, here: int, since_ms: int, ceiling: int) -> int:
    """Which visit of its station the read `number` is, of a runner who arrived at the checkpoint `here` (-1: none yet) at `since_ms`.

    `ceiling`: the checkpoint beyond which it cannot be.
    """
    read = reads[number]
    return _pick(race, race.visits[read.station], here, ceiling, read.at_ms - max(since_ms, left_ms(reads, number)))


def left_ms(reads: Sequence[Passage], number: int) -> int:
    """Since when at the soonest the runner can have been away from the station of the read `number` (0: not known).

    Who is read going out has not been away since he went in, and no sooner than he was last read going out.
    """
    read, found, before_ms = reads[number], 0, None
    if read.way is not _OUT:
        return 0
    for at in range(number - 1, -1, -1):
        before = reads[at]
        if before.at_ms == read.at_ms:  # which of them was first is not known
            continue
        if before_ms is not None and before.at_ms != before_ms:
            break
        before_ms = before.at_ms
        if before.station == read.station:
            if before.way is _IN:
                return read.at_ms
            if before.way is _OUT:
                found = before_ms
    return found


def surely_ahead(race: Race, reads: Sequence[Passage], number: int) -> tuple[int, int]:
    """The next read after `number` that can be of one checkpoint only, and that checkpoint: no read before it is of a later one."""
    for at, later in enumerate(islice(reads, number + 1, None), number + 1):
        found = race.visits.get(later.station)
        if found is not None and len(found) == 1:
            return at, found[0]
    return len(reads), race.finish


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
