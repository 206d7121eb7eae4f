"""The verdict on one runner.

Everything that decides a runner's status lives here, and nothing else does: given the race, what is known of the runner, and a moment,
`evaluate` returns the verdict. It is pure, and the order in which the facts came does not matter.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter, lt

import msgspec

from tracker.core.course import CutoffFrom, Race, Timing
from tracker.core.facts import Decided, Decision, HandTime, Passage, Penalty, Way, Withdrawal
from tracker.core.roster import Entrant, EntryStatus
from tracker.core.visits import assign


class Status(StrEnum):
    """What a runner is (contract, section 4)."""

    ENTERED = "entered"
    DNS = "dns"
    RACING = "racing"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    OUT_OF_TIME = "out_of_time"
    DISQUALIFIED = "disqualified"
    STOPPED = "stopped"


RANKED = frozenset((Status.RACING, Status.FINISHED))
"""Who has a place: everybody who has started and is still in the race or through it."""

_by_time = attrgetter("at_ms", "key")
_IN = Way.IN
_AGAINST = frozenset((Status.WITHDRAWN, Status.OUT_OF_TIME, Status.DNS, Status.STOPPED))


@dataclass(slots=True)
class Evidence:
    """The facts about one runner that count (nothing voided), in any order."""

    passages: list[Passage] = field(default_factory=list)
    withdrawals: tuple[Withdrawal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    hand_times: tuple[HandTime, ...] = ()
    penalties: tuple[Penalty, ...] = ()


@dataclass(frozen=True, slots=True)
class Starts:
    """When a race and its waves really started, UTC milliseconds: as scheduled, or as the desk said."""

    race_ms: int
    waves_ms: dict[str, int]

    def gun_ms(self, wave: str | None) -> int:
        """The start of a runner's wave, or of the race."""
        return self.race_ms if wave is None else self.waves_ms.get(wave, self.race_ms)


class Split(msgspec.Struct, frozen=True, gc=False):
    """A runner's passing of one checkpoint. `out_ms` None: seen going in, not out. `reading` is the accepted arrival."""

    in_ms: int
    out_ms: int | None
    reading: Passage | HandTime


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a runner is at a moment, and why.

    `splits` has an entry a checkpoint, None where the runner was not seen. `furthest` is the index of the furthest checkpoint with a
    read (-1: none) and `reached_ms` the arrival there. `official_ms` is a finisher's time, penalties included. `due_ms` is the first
    moment at which the clock alone changes the verdict. `by` is the deciding fact, `at_cutoff` the index of the cutoff that decided.
    """

    status: Status
    flags: tuple[str, ...] = ()
    splits: tuple[Split | None, ...] = ()
    furthest: int = -1
    reached_ms: int = 0
    start_ms: int = 0
    official_ms: int | None = None
    due_ms: int | None = None
    by: Withdrawal | Decision | None = None
    at_cutoff: int | None = None

    @property
    def provisional(self) -> bool:
        """Whether a machine decided, and nobody has confirmed it yet."""
        return "provisional" in self.flags

    @property
    def started(self) -> bool:
        """Whether the runner was seen on the course."""
        return self.furthest >= 0


_NOT_SEEN = Verdict(Status.ENTERED)
_NOT_STARTING = Verdict(Status.DNS)


def evaluate(race: Race, entrant: Entrant, seen: Evidence, starts: Starts, now_ms: int) -> Verdict:
    """What the runner is at `now_ms`, by the strongest evidence there is.

    The order is the rule: the director's decision; a withdrawal, unless the runner had already finished; a cutoff passed too late, or by
    the clock with nobody there; the finish; any read. A read that speaks against the status is a `conflict`, never dropped.
    """
    if not (seen.passages or seen.hand_times or seen.decisions or seen.withdrawals):
        return _NOT_STARTING if entrant.status is EntryStatus.DNS else _NOT_SEEN
    gun_ms = starts.gun_ms(entrant.wave)
    splits, last_read_ms, astray = _splits(race, seen, gun_ms)
    furthest = len(splits) - 1
    while furthest >= 0 and splits[furthest] is None:
        furthest -= 1
    reached = splits[furthest] if furthest >= 0 else None
    ruling = _ruling(seen.decisions)
    base_ms = gun_ms if race.cutoff_from is CutoffFrom.WAVE else starts.race_ms
    late, struck, due_ms = _cutoffs(race, splits, furthest, base_ms, ruling.forgiven_ms, now_ms)
    withdrawal = _withdrawal(seen, ruling)
    finished_ms = reached.in_ms if reached is not None and furthest == race.finish else None

    by: Withdrawal | Decision | None = None
    conflict = False
    if ruling.decision is not None:
        by = ruling.decision
        status = Status(by.status.value)
        conflict = status in _AGAINST and last_read_ms > by.at_ms
    elif withdrawal is not None and (finished_ms is None or withdrawal.at_ms <= finished_ms):
        by, status, conflict = withdrawal, Status.WITHDRAWN, last_read_ms > withdrawal.at_ms
    elif struck is not None:
        status, conflict = Status.OUT_OF_TIME, withdrawal is not None
    elif furthest < 0:
        status = Status.DNS if entrant.status is EntryStatus.DNS else Status.ENTERED
    else:
        status = Status.RACING if finished_ms is None else Status.FINISHED
        conflict = withdrawal is not None or entrant.status is EntryStatus.DNS

    start_ms = _own_start(race, splits[0], gun_ms)
    official_ms = None
    if finished_ms is not None:
        official_ms = finished_ms - start_ms + sum({penalty.key: penalty.penalty_ms for penalty in seen.penalties}.values())
    decided_by_clock = status is Status.OUT_OF_TIME and by is None
    return Verdict(
        status=status,
        flags=_flags(race, splits, furthest, late, conflict=conflict, astray=astray, provisional=decided_by_clock),
        splits=tuple(splits),
        furthest=furthest,
        reached_ms=reached.in_ms if reached is not None else 0,
        start_ms=start_ms,
        official_ms=official_ms,
        due_ms=due_ms if status is Status.RACING else None,
        by=by,
        at_cutoff=struck if decided_by_clock else None,
    )


def _splits(race: Race, seen: Evidence, gun_ms: int) -> tuple[list[Split | None], int, bool]:
    """The passing of each checkpoint, the moment of the last read, and whether any read was at a station the race never passes."""
    reads = _in_time(seen.passages)
    splits: list[Split | None] = [None] * len(race.checkpoints)
    astray = False
    for read, index in zip(reads, assign(race, reads, gun_ms), strict=True):
        if index is None:
            astray = True
            continue
        split = splits[index]
        at_ms, way = read.at_ms, read.way
        if split is None:
            splits[index] = Split(at_ms, None if way is _IN else at_ms, read)
        elif index == 0:
            splits[0] = _later_start(split, read, gun_ms)
        elif way is not _IN:
            splits[index] = Split(split.in_ms, at_ms, split.reading)
    for hand in sorted(seen.hand_times, key=_by_time):
        splits[race.index_of[hand.checkpoint]] = Split(hand.passed_ms, hand.passed_ms, hand)
    last_read_ms = reads[-1].at_ms if reads else 0
    return splits, max(last_read_ms, max((hand.passed_ms for hand in seen.hand_times), default=0)), astray


def _in_time(reads: list[Passage]) -> list[Passage]:
    """The reads in order of time, each once; they mostly come so."""
    times = [read.at_ms for read in reads]
    if all(map(lt, times, times[1:])):
        return reads
    return sorted({read.key: read for read in reads}.values(), key=_by_time)


def _later_start(split: Split, read: Passage, gun_ms: int) -> Split:
    """At the start a runner may stand on the mat for minutes: the crossing is the first read after the gun, or the last before."""
    if split.in_ms < gun_ms:
        return Split(read.at_ms, read.at_ms, read)
    return Split(split.in_ms, read.at_ms, split.reading)


def _own_start(race: Race, start: Split | None, gun_ms: int) -> int:
    """Where the official time runs from; a chip read before the gun counts from the gun."""
    if race.timing is Timing.GUN or start is None:
        return gun_ms
    return max(start.in_ms, gun_ms)


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What the director's decisions come to: the one in force, what was forgiven until when, what was undone until when."""

    decision: Decision | None = None
    forgiven_ms: int = -1
    undone_ms: int = -1


_NO_RULING = _Ruling()


def _ruling(decisions: tuple[Decision, ...]) -> _Ruling:
    """`accepted` forgives lateness up to its moment; `reinstated` undoes every earlier decision and withdrawal as well."""
    if not decisions:
        return _NO_RULING
    standing: Decision | None = None
    forgiven_ms = undone_ms = -1
    for decision in sorted(decisions, key=_by_time):
        if decision.status is Decided.REINSTATED:
            standing, forgiven_ms, undone_ms = None, decision.at_ms, decision.at_ms
        elif decision.status is Decided.ACCEPTED:
            forgiven_ms = decision.at_ms
            if standing is not None and standing.status is Decided.OUT_OF_TIME:
                standing = None
        else:
            standing = decision
    return _Ruling(standing, forgiven_ms, undone_ms)


def _withdrawal(seen: Evidence, ruling: _Ruling) -> Withdrawal | None:
    """The first withdrawal that nobody undid."""
    standing = [withdrawal for withdrawal in seen.withdrawals if withdrawal.at_ms > ruling.undone_ms]
    return min(standing, key=_by_time) if standing else None


def _cutoffs(
    race: Race, splits: list[Split | None], furthest: int, base_ms: int, forgiven_ms: int, now_ms: int
) -> tuple[list[int], int | None, int | None]:
    """Which cutoffs were passed late, which one ends the runner's race (if any), and when the clock will next strike.

    A late passing ends the race only where the runner was not seen further on. A cutoff ahead strikes when the clock has passed it.
    What the director forgave (limits up to `forgiven_ms`) never strikes.
    """
    late: list[int] = []
    struck: int | None = None
    if furthest < 0:
        return late, None, None
    for index, offset_ms, on_arrival, on_departure in race.limits:
        limit_ms = base_ms + offset_ms
        split = splits[index]
        if split is not None and (
            (on_arrival and split.in_ms > limit_ms) or (on_departure and split.out_ms is not None and split.out_ms > limit_ms)
        ):
            late.append(index)
            if index == furthest and limit_ms > forgiven_ms:
                struck = index
        elif limit_ms <= forgiven_ms or struck is not None:
            continue
        elif index > furthest or (index == furthest and on_departure and split is not None and split.out_ms is None):
            return (late, None, limit_ms + 1) if now_ms <= limit_ms else (late, index, None)
    return late, struck, None


def _flags(
    race: Race, splits: list[Split | None], furthest: int, late: list[int], *, conflict: bool, astray: bool, provisional: bool
) -> tuple[str, ...]:
    """The flags beside the status, in a fixed order: the verdict's, then the course's."""
    flags: list[str] = []
    if provisional:
        flags.append("provisional")
    if conflict:
        flags.append("conflict")
    if astray:
        flags.append("suspect")
    points = race.checkpoints
    for index in late:
        flags.append(f"late:{points[index].id}")
    if None in splits[: max(furthest, 0)]:
        flags.extend(f"missed:{points[index].id}" for index in range(furthest) if splits[index] is None)
    return tuple(flags)
