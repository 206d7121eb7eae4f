"""Of reads that contradict each other, the story that explains the most checkpoints: who was where, and when he came there.

What the desk has seen with its own eyes is doubted by nobody, and is in every story.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracker.core.facts import HandTime, Passage
from tracker.core.rules import Rules
from tracker.core.visits import again_ms, first_left, left_ms, needed_ms


class Arrival(NamedTuple):
    """A runner came to the checkpoint `at`, after what was `before`. `by_hand`: the desk says so."""

    at: int
    at_ms: int
    before: "Arrival | None" = None
    by_hand: bool = False


class Step(NamedTuple):
    """An arrival that a read may be, or that a hand time is.

    `stops`: the checkpoints at the same place; `away_ms`: since when the runner can have been away from there, unless seen elsewhere.
    """

    at_ms: int
    at: int
    by_hand: bool
    away_ms: int
    stops: tuple[int, ...]


def steps_of(rules: Rules, reads: Sequence[Passage], hand_times: Mapping[int, HandTime], gun_ms: int) -> list[Step]:
    """Every step that there may be from the gun on, in order of time. The reads are in order of time; hand times by checkpoint."""
    visits = rules.race.visits
    away_ms: dict[tuple[int, int], int] = {}
    for number, read in enumerate(reads):
        stops = visits[read.station]
        left = left_ms(reads, number) if len(stops) > 1 else 0
        for at in stops:
            away_ms[read.at_ms, at] = max(left, away_ms.get((read.at_ms, at), 0))
    stops_of = {at: stops for stops in visits.values() for at in stops}
    steps = [Step(max(at_ms, gun_ms), at, False, left, stops_of[at]) for (at_ms, at), left in away_ms.items() if not at or at_ms >= gun_ms]
    steps += [Step(max(hand.passed_ms, gun_ms), at, True, 0, stops_of[at]) for at, hand in hand_times.items()]
    return sorted(steps)


class _Stories:
    """The best stories so far: for each checkpoint, by how much is explained there, the earliest arrival and what came before."""

    def __init__(self, rules: Rules, gun_ms: int, quick_ms: Sequence[int]) -> None:
        self._rules = rules
        self._quick_ms = quick_ms
        self._start_of(0, 0, Arrival(0, gun_ms))
        self._weights = [2] * len(quick_ms)
        self._weights[0] = 1  # everybody has been there
        for at in rules.skipped:
            stands_for = first_left(rules, at)
            if stands_for in rules.race.visits[rules.race.checkpoints[at].station]:
                self._weights[at] = 1  # the same place comes again before any other, so that is what it is

    def _start_of(self, at: int, weight: int, arrival: Arrival) -> None:
        self._best: list[dict[int, Arrival]] = [{} for _ in self._quick_ms]
        self._best[at][weight] = arrival
        self._sure = (weight, arrival)

    def read(self, step: Step) -> None:
        """Whoever can have come there in time may have. Of stories that explain as much the first stays, by what claims less before."""
        mine, more = self._best[step.at], self._weights[step.at]
        if step.at == 0 and mine:
            mine.setdefault(more, Arrival(0, step.at_ms))
        if len(mine) > 2 * step.at:  # by every number there can be
            return
        for before in range(step.at):
            stories = self._best[before]
            latest_ms = self._latest_ms(before, step) if stories else None
            if latest_ms is None:
                continue
            for weight, arrival in stories.items():
                if weight + more not in mine and arrival.at_ms <= latest_ms:
                    mine[weight + more] = Arrival(step.at, step.at_ms, arrival)

    def by_hand(self, step: Step) -> None:
        """From here on every story has him there. One that lies behind an earlier hand time is left out: that one stands."""
        sure = self._sure[1]
        if step.at < sure.at or (step.at == sure.at and sure.by_hand):
            return
        found: tuple[int, Arrival] | None = None
        for before in range(step.at):
            latest_ms = self._latest_ms(before, step)
            for weight, arrival in self._best[before].items():
                if latest_ms is not None and arrival.at_ms <= latest_ms and (found is None or weight > found[0]):
                    found = weight, arrival
        weight, arrival = found or self._sure
        self._start_of(step.at, weight + self._weights[step.at], Arrival(step.at, step.at_ms, arrival if step.at else None, True))

    def best(self) -> Arrival:
        """The end of the story that explains the most; of two, the one that claims less of the course."""
        ends = ((weight, -at) for at, stories in enumerate(self._best) for weight in stories)
        weight, claimed = max(ends)
        return self._best[-claimed][weight]

    def _latest_ms(self, before: int, step: Step) -> int | None:
        """When at the latest the runner can have come to the checkpoint `before`, for the step to come next; None: it cannot."""
        if before not in step.stops and step.by_hand:  # however quick
            return step.at_ms - 1 if before else step.at_ms
        if before not in step.stops:
            need_ms = needed_ms(self._rules, self._quick_ms, before, step.at)
            return step.at_ms - (max(need_ms, 1) if before else need_ms)  # nobody is read at two places at once
        need_ms_again = again_ms(self._rules, self._quick_ms, before, step.at)
        if need_ms_again is None or step.away_ms > step.at_ms - need_ms_again:
            return None
        return step.at_ms - max(need_ms_again, 1)


def story(rules: Rules, steps: list[Step], gun_ms: int, quick_ms: Sequence[int]) -> list[Arrival]:
    """The arrivals that explain the most checkpoints, the start first, in course order and none quicker than `quick_ms` allows.

    Of two stories that explain as many, the one that claims less of the course, at its end and then before; of one checkpoint the earliest
    arrival. In less than `quick_ms` from the start nobody gets to each checkpoint.
    """
    stories = _Stories(rules, gun_ms, quick_ms)
    for step in steps:
        if step.by_hand:
            stories.by_hand(step)
        else:
            stories.read(step)
    told: list[Arrival] = []
    arrival: Arrival | None = stories.best()
    while arrival is not None:
        told.append(arrival)
        arrival = arrival.before
    return told[::-1]
