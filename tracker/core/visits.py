"""Which passage of the course a read belongs to: a station that is passed more than once is visited in course order.

Only the runner's own reads and the course decide, in order of time; how late they arrived never does.
"""

from collections.abc import Sequence
from itertools import islice

from tracker.core.course import Race
from tracker.core.facts import Passage, Way
from tracker.core.rules import Rules

_IN, _OUT = Way.IN, Way.OUT


def visit(rules: Rules, least_ms: Sequence[int], reads: Sequence[Passage], number: int, here: int, since_ms: int, ceiling: int) -> int:
    """Which visit of its station the read `number` is, of a runner who arrived at the checkpoint `here` (-1: none yet) at `since_ms`.

    `least_ms`: in less from the start nobody gets to each checkpoint; `ceiling`: the checkpoint beyond which it cannot be.
    """
    read = reads[number]
    found = rules.race.visits[read.station]
    if number and reads[number - 1].at_ms == read.at_ms and here in found:  # the first of one moment has decided
        return here
    possible = [index for index in found if here <= index <= ceiling] or [index for index in found if index >= here]
    if not possible:
        return found[-1]
    first = possible[0]
    if first > max(here, 0):
        stands_for = first_left(rules, first)
        return stands_for if stands_for in possible else first
    again = next((index for index in possible[1:] if index not in rules.skipped), None)
    if again is None:
        return first
    passed_ms = read.at_ms - max(since_ms, left_ms(reads, number))
    need_ms = again_ms(rules, least_ms, first, again)
    return again if need_ms is not None and passed_ms >= need_ms else first


def left_ms(reads: Sequence[Passage], number: int) -> int:
    """Since when at the soonest the runner can have been away from the station of the read `number`, unless he was seen elsewhere since.

    That is the moment of the last read there (0: none); but who is read going out has not been away since he was read going in.
    """
    read, last_ms = reads[number], 0
    for before in islice(reversed(reads), len(reads) - number, None):
        if before.station != read.station or before.at_ms == read.at_ms:  # of two at one moment it is not known which was first
            continue
        if before.at_ms < last_ms:
            break
        last_ms = before.at_ms
        if read.way is not _OUT:
            break
        if before.way is _IN:
            return read.at_ms
    return last_ms


def surely_ahead(race: Race, reads: Sequence[Passage], number: int) -> tuple[int, int]:
    """The next read after `number` that can be of one checkpoint only, and that checkpoint: no read before it is of a later one."""
    for at, later in enumerate(islice(reads, number + 1, None), number + 1):
        found = race.visits.get(later.station)
        if found is not None and len(found) == 1:
            return at, found[0]
    return len(reads), race.finish


def needed_ms(rules: Rules, least_ms: Sequence[int], before: int, index: int) -> int:
    """The least time from one checkpoint to the next that a runner was seen at, which may lie further on.

    Who is seen at a skipped checkpoint has gone the way there, even if `least_ms` says nothing of ways that nobody has to go any more:
    that from the checkpoint right before it, or half of what there is around others that are skipped.
    """
    least = least_ms[index] - least_ms[before]
    if index not in rules.skipped or index == before:
        return least
    last = next(at for at in range(index - 1, before - 1, -1) if at == before or at not in rules.skipped)
    way_ms = rules.race.quickest_ms(last, index)
    return max(least, least_ms[last] - least_ms[before] + (way_ms if last == index - 1 else way_ms // 2))


def again_ms(rules: Rules, least_ms: Sequence[int], before: int, index: int) -> int | None:
    """The least time away between two visits of one station, of who was seen nowhere else; None where the course has only one left.

    A shorter way around what is skipped counts as half as long: otherwise every second scan would be the next visit.
    """
    if index in rules.skipped or first_left(rules, before) == index:
        return None
    return max(least_ms[index] - least_ms[before], rules.race.quickest_ms(before, index) // 2)


def first_left(rules: Rules, index: int) -> int:
    """The first checkpoint from `index` on that is not skipped. At the same station it is the same place in the course, then."""
    while index in rules.skipped:
        index += 1
    return index
