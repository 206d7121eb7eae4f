"""A naive reading of what docs/status.md says of suspect reads: from one runner's reads and hand times to where he was and when.

Written for obviousness, not for speed: every story is tried. Of the program it knows the plain data only.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.facts import Passage, Way

FUTURE_MS = 10 * 60_000
"""In the future: more than ten minutes later than now."""


class Course(NamedTuple):
    """The race's course as the desk has left it: where it ends, and since when; `skipped` checkpoints by number."""

    race: Race
    finish: int
    ended_ms: int | None = None
    skipped: frozenset[int] = frozenset()

    def visits(self, station: str) -> list[int]:
        """The checkpoints at a place, in the course's order."""
        return [at for at, point in enumerate(self.race.checkpoints) if point.station == station]

    def ahead(self, at: int) -> int | None:
        """Where a runner goes from a checkpoint; None from the finish on."""
        return next((other for other in range(at + 1, self.finish + 1) if other not in self.skipped), None)


class Passing(NamedTuple):
    """A runner at one checkpoint; `out_ms` None: seen going in, not out."""

    in_ms: int
    out_ms: int | None


class Arrival(NamedTuple):
    """A step of a story. `away_ms`: since when at the soonest he can have been away from that place, unless seen elsewhere."""

    at: int
    at_ms: int
    away_ms: int = 0
    by_hand: bool = False
    unseen: bool = False


class Stray(NamedTuple):
    """A read that is not in the story, the checkpoint that it would be (None: none of the course), and whether it is of the future."""

    read: Passage
    at: int | None
    future: bool


Story = tuple[Arrival, ...]


class Seen(NamedTuple):
    """What the reads and hand times come to: a passing or None by checkpoint, what cannot be meant, and the last moment of all."""

    passings: list[Passing | None]
    strays: list[Stray]
    last_ms: int


def seen(course: Course, reads: Sequence[Passage], hand_times: dict[int, int], gun_ms: int, now_ms: int) -> Seen:
    """ "What is left is shown with its reason, and never wins a place, a finish, or a cutoff." `hand_times`: by checkpoint."""
    known = [read for read in reads if read.at_ms <= now_ms + FUTURE_MS]
    story = story_of(course, known, hand_times, gun_ms)
    there: dict[int, list[Passage]] = {}
    strays = []
    for read in reads:
        at = is_of(course, story, read) if read in known else None
        if at is None:
            future = read not in known
            strays.append(Stray(read, would_be(course, story, read, future=future), future))
        else:
            there.setdefault(at, []).append(read)
    passings: list[Passing | None] = [None] * len(course.race.checkpoints)
    for at, found in there.items():
        passings[at] = passing(at_the_start(found, gun_ms) if at == 0 else found)
    for at, at_ms in hand_times.items():
        passings[at] = Passing(at_ms, at_ms)
    last_ms = max([0, *(read.at_ms for read in known), *hand_times.values()])
    return Seen(passings, [stray for stray in strays if stray.at not in hand_times], last_ms)


def passing(reads: Sequence[Passage]) -> Passing:
    """ "`departure`: the last read there that is not an `in`. `arrival`: the first read." """
    return Passing(min(read.at_ms for read in reads), max((read.at_ms for read in reads if read.way is not Way.IN), default=None))


def at_the_start(reads: Sequence[Passage], gun_ms: int) -> list[Passage]:
    """ "At the start the passing is the first read from the gun on, or else the last before it." """
    after = [read for read in reads if read.at_ms >= gun_ms]
    return after or [max(reads, key=lambda read: (read.at_ms, read.way is not Way.OUT, read.key))]


def is_of(course: Course, story: Story, read: Passage) -> int | None:
    """The checkpoint that a read is one of: one more of where he is, or of where he comes at that very moment; None: of none."""
    stops = course.visits(read.station)
    here, ahead = around(story, read)
    if ahead is not None and ahead.at_ms == read.at_ms and ahead.at in stops:
        return ahead.at
    return here.at if here.at in stops and (ahead is None or not too_late_to_be_here(course, here, ahead, read)) else None


def around(story: Story, read: Passage) -> tuple[Arrival, Arrival | None]:
    """Where he was last before a read, and where he came next."""
    number = max((number for number, arrival in enumerate(story) if arrival.at_ms < read.at_ms), default=0)
    return story[number], story[number + 1] if number + 1 < len(story) else None


def too_late_to_be_here(course: Course, here: Arrival, ahead: Arrival, read: Passage) -> bool:
    """ "a place that lies behind the runner, or one that the rest of his way leaves no time for". So it is at the start, and where a hand
    time says that he came back; at any other checkpoint he was, whenever he left.
    """
    left_ms = ahead.at_ms - read.at_ms
    if not ahead.by_hand:
        return here.at == 0 and left_ms < needed_ms(course, 0, ahead.at)
    return is_same_place(course, here.at, ahead.at) and left_ms < (away_needed_ms(course, here.at, ahead.at) or 0)


def would_be(course: Course, story: Story, read: Passage, *, future: bool) -> int | None:
    """The checkpoint of a read that cannot be meant: where he was going or where he was, or else the next visit of that place."""
    stops = course.visits(read.station)
    here, ahead = around(story, read)
    if ahead is not None and ahead.at_ms == read.at_ms and not (here.at in stops and not too_late_to_be_here(course, here, ahead, read)):
        here, ahead = ahead, None
    if ahead is not None and ahead.at in stops:
        return ahead.at
    if here.at in stops and not future:
        return here.at
    return next((stop for stop in stops if stop > here.at), stops[-1] if stops else None)


def story_of(course: Course, reads: Sequence[Passage], hand_times: dict[int, int], gun_ms: int) -> Story:
    """ "Where a runner's reads contradict each other, the story that explains the most checkpoints counts." Else they are in order.

    "Later reads may turn the story; a read that cannot be meant, whatever the others are, never does."
    """
    meant = [read for read in reads if can_be_meant(course, read, hand_times, gun_ms)]
    plain = in_order(course, meant, gun_ms)
    story = None if plain is None else with_hand_times(course, plain, hand_times, gun_ms)
    return best_story(course, meant, hand_times, gun_ms) if story is None else story


def can_be_meant(course: Course, read: Passage, hand_times: dict[int, int], gun_ms: int) -> bool:
    """Whether he can have come there in time from the start, or from where the desk saw him."""
    known = [(0, gun_ms), *hand_times.items()]
    soonest_ms = {at: min(ms + needed_ms(course, before, at) for before, ms in known if before <= at) for at in course.visits(read.station)}
    return any(at == 0 or read.at_ms >= ms for at, ms in soonest_ms.items())


class Step(NamedTuple):
    """A checkpoint, and the reads there."""

    at: int
    reads: list[Passage]


def in_order(course: Course, reads: Sequence[Passage], gun_ms: int) -> list[Step] | None:
    """ "A place that is passed more than once is visited in the course's order." None: they contradict each other."""
    told: list[Step] = []
    ordered = sorted(reads, key=lambda read: (read.at_ms, course.visits(read.station)[0], read.way is not Way.OUT))
    for number, read in enumerate(ordered):
        here, since_ms = (told[-1].at, arrived_ms(told[-1], gun_ms)) if told else (-1, gun_ms)
        at_once = number > 0 and ordered[number - 1].at_ms == read.at_ms
        stops = course.visits(read.station)
        at = here if at_once and here in stops else visit(course, ordered, number, here, since_ms)
        if at == here:
            told[-1].reads.append(read)
        elif at is None or at_once or (at > 0 and read.at_ms - since_ms < needed_ms(course, max(here, 0), at)):
            return None
        else:
            told.append(Step(at, [read]))
    return told


def arrived_ms(step: Step, gun_ms: int) -> int:
    """The arrival; at the start, where people stand about, the last read there."""
    return max(gun_ms, *(read.at_ms for read in step.reads)) if step.at == 0 else min(read.at_ms for read in step.reads)


def visit(course: Course, reads: Sequence[Passage], number: int, here: int, since_ms: int) -> int | None:
    """ "A read there is of the visit that the runner is at; or of the next, if he can have been away and back since the last read there."
    "Who was not seen before is there for the first time, unless that is the start and he can have come back by then. A read is of no visit
    beyond a checkpoint that a later read can only be of." None: that place lies behind him.
    """
    read = reads[number]
    sure = [course.visits(later.station) for later in reads[number + 1 :] if len(course.visits(later.station)) == 1]
    ahead = [at for at in course.visits(read.station) if at >= here]
    stops = [at for at in ahead if not sure or at <= sure[0][0]] or ahead
    if not stops:
        return None
    first = stops[0]
    if first > max(here, 0):
        left = first_left(course, first)
        return left if left in stops else first
    again = next((at for at in stops[1:] if at not in course.skipped), None)
    away = None if again is None else away_needed_ms(course, first, again)
    return again if away is not None and read.at_ms - max(since_ms, away_ms(reads, read)) >= away else first


def first_left(course: Course, at: int) -> int:
    """ "If one of two visits of a place is skipped, like all between them, only the other is left." """
    return next((other for other in range(at, len(course.race.checkpoints)) if other not in course.skipped), at)


def with_hand_times(course: Course, plain: list[Step], hand_times: dict[int, int], gun_ms: int) -> Story | None:
    """The reads in order, and between them what the desk saw. None: that contradicts them."""
    steps = {step.at: step.reads for step in plain}
    story: Story = (Arrival(0, gun_ms, unseen=True),)
    left_ms = gun_ms
    for at in sorted(steps.keys() | hand_times.keys()):
        there = [] if at not in steps else at_the_start(steps[at], gun_ms) if at == 0 else steps[at]
        at_ms = max(gun_ms, hand_times[at] if at in hand_times else min(read.at_ms for read in there))
        last, arrival = story[-1], Arrival(at, at_ms, by_hand=at in hand_times)
        needs_ms = needed_ms(course, last.at, at) if last.by_hand and not arrival.by_hand else 0
        if at_ms < left_ms or at_ms - last.at_ms < max(needs_ms, min(last.at, 1)):
            return None
        story = (*story, arrival) if at else (arrival,)
        outs_ms = [read.at_ms for read in there if read.way is not Way.IN]
        left_ms = max([at_ms, *(outs_ms or [read.at_ms for read in there[:1]])])
    return story


def best_story(course: Course, reads: Sequence[Passage], hand_times: dict[int, int], gun_ms: int) -> Story:
    """ "the story that explains the most checkpoints counts; of two, the one that claims less of the course, at its end and then before it;
    of one checkpoint the earliest arrival."
    """

    def order(story: Story) -> tuple[object, ...]:
        explained = sum(worth(course, arrival) for arrival in story)
        return -explained, [(arrival.at, arrival.at_ms) for arrival in reversed(story)]

    return min(stories(course, arrivals_of(course, reads, gun_ms), hand_times, gun_ms), key=order)


def worth(course: Course, arrival: Arrival) -> int:
    """ "The start counts for less than a checkpoint: everybody has been there." Nor does a skipped visit count for as much as the visit of
    the same place that stands for it.
    """
    if arrival.unseen:
        return 0
    left = first_left(course, arrival.at)
    stood_for = left != arrival.at and is_same_place(course, left, arrival.at)
    return 1 if arrival.at == 0 or stood_for else 2


def arrivals_of(course: Course, reads: Sequence[Passage], gun_ms: int) -> list[Arrival]:
    """Every arrival that a read may be."""
    return [
        Arrival(at, max(read.at_ms, gun_ms), away_ms(reads, read))
        for read in reads
        for at in course.visits(read.station)
        if at == 0 or read.at_ms >= gun_ms
    ]


def away_ms(reads: Sequence[Passage], read: Passage) -> int:
    """ "if he can have been away and back since the last read there. Who goes out has not been away since he went in." """
    there = [other for other in reads if other.station == read.station]
    before_ms = max((other.at_ms for other in there if other.at_ms < read.at_ms), default=0)
    went_in = any(other.at_ms == before_ms and other.way is Way.IN for other in there)
    goes_out = any(other.at_ms == read.at_ms and other.way is Way.OUT for other in there)
    return read.at_ms if went_in and goes_out else before_ms


def stories(course: Course, arrivals: Sequence[Arrival], hand_times: dict[int, int], gun_ms: int) -> Iterator[Story]:
    """Every story that the reads may tell. "Every hand time is in the story, however quick." """
    sure = fixed_points(hand_times, gun_ms)
    starts = [Arrival(0, gun_ms, unseen=True), *(arrival for arrival in arrivals if arrival.at == 0)]
    if sure and sure[0].at == 0:
        starts = [sure.pop(0)]
    for start in starts:
        yield from ways_on(course, (start,), arrivals, sure)


def fixed_points(hand_times: dict[int, int], gun_ms: int) -> list[Arrival]:
    """ "Hand times that contradict each other all stand; the reads then keep to the earliest." """
    points: list[Arrival] = []
    for at_ms, at in sorted((max(at_ms, gun_ms), at) for at, at_ms in hand_times.items()):
        if not points or at > points[-1].at:
            points.append(Arrival(at, at_ms, by_hand=True))
    return points


def ways_on(course: Course, told: Story, arrivals: Sequence[Arrival], sure: list[Arrival]) -> Iterator[Story]:
    """Every story that begins as told: "what was read before it lies before it on the course, what was read after it lies after it." """
    last = told[-1]
    if not sure:
        yield told
    elif last.by_hand or last.unseen or can_follow(course, last, sure[0]):
        yield from ways_on(course, (*told, sure[0]), arrivals, sure[1:])
    for arrival in arrivals:
        in_between = not sure or (arrival.at < sure[0].at and arrival.at_ms <= sure[0].at_ms)
        if arrival.at > last.at and in_between and can_follow(course, last, arrival):
            yield from ways_on(course, (*told, arrival), arrivals, sure)


def can_follow(course: Course, last: Arrival, arrival: Arrival) -> bool:
    """Whether a runner can have come from one to the other. Nobody is at two places at once, but for the start."""
    gap_ms = arrival.at_ms - last.at_ms
    if is_same_place(course, last.at, arrival.at):
        away = away_needed_ms(course, last.at, arrival.at)
        return away is not None and gap_ms >= max(away, 1) and arrival.at_ms - arrival.away_ms >= away
    if arrival.by_hand:
        return gap_ms >= min(last.at, 1)
    return gap_ms >= max(needed_ms(course, last.at, arrival.at), min(last.at, 1))


def is_same_place(course: Course, one: int, other: int) -> bool:
    return course.race.checkpoints[one].station == course.race.checkpoints[other].station


def way_left_ms(course: Course, before: int, at: int) -> int:
    """The least time by km-effort; but "of a leg that leads around one nobody knows in how little time it can be done." """
    legs = [leg for leg in range(before + 1, at + 1) if not course.skipped & {leg - 1, leg}]
    return sum(course.race.quickest_ms(leg - 1, leg) for leg in legs)


def needed_ms(course: Course, before: int, at: int) -> int:
    """ "A skipped checkpoint is not reached sooner than by the old way to it, or half of that way around others that are skipped." """
    left_ms = way_left_ms(course, before, at)
    if at not in course.skipped or at == before:
        return left_ms
    last = max(point for point in range(before, at) if point == before or point not in course.skipped)
    old_ms = course.race.quickest_ms(last, at)
    return max(left_ms, way_left_ms(course, before, last) + (old_ms if last == at - 1 else old_ms // 2))


def away_needed_ms(course: Course, first: int, second: int) -> int | None:
    """ "If one of two visits of a place is skipped, like all between them, only the other is left. If both are left, half of the time that
    the old way needs makes a second read the second visit; but nobody comes to a visit that is skipped from the one before, unless he was
    seen in between." None: he cannot come to the second.
    """
    if second in course.skipped or all(at in course.skipped for at in range(first, second)):
        return None
    return max(way_left_ms(course, first, second), course.race.quickest_ms(first, second) // 2)
