"""The verdict on one runner.

Everything that decides a runner's status lives here, and nothing else does: given the race's conditions, what is known of the runner, and
a moment, `evaluate` returns the verdict. It is pure, and the order in which the facts came does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import msgspec

from tracker.core.clocks import FUTURE_MS
from tracker.core.course import HOUR_MS, Policy, Timing
from tracker.core.cutoffs import Judged, judge, limits_from, stood, too_close
from tracker.core.facts import Decided, Decision, Withdrawal
from tracker.core.passings import Evidence, Passings, Split, Splits, Suspect, by_time, passings
from tracker.core.roster import Entrant, EntryStatus
from tracker.core.rules import Limit, Rules, stood_ms

DNS_AFTER_MS = HOUR_MS // 2
"""So long after his gun, who was not read at a start whose mat has worked is proposed as not starting."""
ALWAYS_MS = 1 << 61
"""A station that nobody monitors counts as heard through any moment."""


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


# An enum's member by its class costs more than ten lookups of a name, and every passage asks for several.
_RACING, _FINISHED, _OUT_OF_TIME = Status.RACING, Status.FINISHED, Status.OUT_OF_TIME
_GUN, _ABSENT = Timing.GUN, EntryStatus.DNS
RANKED = frozenset((Status.RACING, Status.FINISHED))
"""Who has a place: everybody who has started and is still in the race or through it."""

_AGAINST = frozenset((Status.WITHDRAWN, Status.OUT_OF_TIME, Status.DNS, Status.STOPPED))


class Where(StrEnum):
    """Where a runner is, as far as anybody knows. Every starter is in exactly one of the last five."""

    NOT_STARTED = "not_started"
    ON_LEG = "on_leg"
    IN_STATION = "in_station"
    OUT = "out"
    ACCOUNTED = "accounted"
    FINISHED = "finished"


class Place(NamedTuple):
    """A line of the ledger. `at` is the checkpoint that a leg leads to, that the runner is in, or where who is out was last known to be."""

    where: Where
    at: int | None = None


_place_of = cache(Place)


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a runner is at a moment, and why.

    `splits` has an entry a checkpoint, None where the runner was not seen. `furthest` is the index of the furthest checkpoint with an
    accepted read (-1: none) and `reached_ms` the arrival there, `stood_ms` for how long the race's time had stood still by then.
    `official_ms` is a finisher's time, penalties included. `due_ms` is the first moment at which the clock alone changes the verdict.
    `by` is the deciding fact, `at_cutoff` the cutoff that decided, `unheard` the checkpoint whose silent station may know better.
    `plain` is `splits` as they are by the course alone, where the field's own times say otherwise. `last_read_ms` is the last read or
    hand time of all, accepted or not.
    """

    status: Status
    flags: tuple[str, ...] = ()
    splits: tuple[Split | None, ...] = ()
    furthest: int = -1
    reached_ms: int = 0
    stood_ms: int = 0
    start_ms: int = 0
    official_ms: int | None = None
    due_ms: int | None = None
    by: Withdrawal | Decision | None = None
    at_cutoff: int | None = None
    unheard: int | None = None
    place: Place = _place_of(Where.NOT_STARTED)
    suspects: tuple[Suspect, ...] = ()
    plain: tuple[Split | None, ...] | None = None
    last_read_ms: int = 0

    @property
    def provisional(self) -> bool:
        """Whether a machine decided, and nobody has confirmed it yet."""
        return "provisional" in self.flags

    @property
    def started(self) -> bool:
        """Whether the runner was seen on the course."""
        return self.furthest >= 0


@dataclass(slots=True)
class Conditions:
    """What a verdict stands on beside the runner's own evidence; the lists have an entry a checkpoint.

    `least_ms` and `quick_ms`: in less time from the start nobody gets there, by km-effort alone and by the field's own times.
    `through_ms`: through which moment the station is heard. `on_leg`: where who left is.
    `worked`: the waves (None: those without) whose start mat has worked.
    `doubt_ms`: by how much the clocks at a checkpoint may be off, where that is known.
    """

    rules: Rules
    least_ms: list[int]
    quick_ms: list[int]
    through_ms: list[int]
    on_leg: list[Place]
    worked: frozenset[str | None] = frozenset()
    doubt_ms: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Rules) -> "Conditions":
        """The conditions before anybody has run."""
        race = rules.race
        least_ms, total_ms = [0], 0
        for index in range(1, len(race.checkpoints)):
            if rules.skipped.isdisjoint((index - 1, index)):  # of the way around nobody knows how long it is
                total_ms += race.quickest_ms(index - 1, index)
            least_ms.append(total_ms)
        on_leg = [_place_of(Where.ON_LEG, ahead) for ahead in rules.ahead]
        return cls(rules, least_ms, least_ms.copy(), [ALWAYS_MS] * len(race.checkpoints), on_leg)


_NOT_STARTING = Verdict(Status.DNS)


def evaluate(under: Conditions, entrant: Entrant, seen: Evidence, now_ms: int, *, hasty: bool = False) -> Verdict:
    """What the runner is at `now_ms`, by the strongest evidence there is.

    `hasty`: some leg was done in less than the field's own `quick_ms`, so the reads are sifted by those and not by km-effort alone.

    The order is the rule: the director's decision; a withdrawal, unless the runner had already finished; a cutoff passed too late, or by
    the clock with nobody there; the finish; any read. A read that speaks against the status is a `conflict`, never dropped.
    """
    rules = under.rules
    race = rules.race
    gun_ms = rules.starts.race_ms if entrant.wave is None else rules.starts.gun_ms(entrant.wave)
    if not (seen.passages or seen.hand_times or seen.decisions or seen.withdrawals):
        return _NOT_STARTING if entrant.status is _ABSENT else _never_read(under, entrant, gun_ms, now_ms)
    passed = passings(rules, seen, gun_ms, under.least_ms, under.quick_ms if hasty else None, now_ms)
    splits, furthest = passed.splits, passed.furthest
    while furthest > rules.finish or (furthest >= 0 and splits[furthest] is None):
        furthest -= 1  # a finish that was moved is the last that counts
    if furthest < 0 and not (seen.decisions or seen.withdrawals or seen.passages or any(splits)):
        absent = _NOT_STARTING if entrant.status is _ABSENT else _never_read(under, entrant, gun_ms, now_ms)
        return msgspec.structs.replace(absent, due_ms=_sooner(absent.due_ms, passed.due_ms))
    reached = splits[furthest] if furthest >= 0 else None
    start = splits[0]
    start_ms = gun_ms if start is None else max(start.in_ms, gun_ms)
    spans = stood(rules, gun_ms, splits) if rules.standstills else ()
    due_ms = passed.due_ms
    if seen.decisions or seen.withdrawals:
        seen, ahead_ms = _by_now(seen, now_ms + FUTURE_MS)
        due_ms = _sooner(due_ms, ahead_ms)
    ruling = _ruling(seen.decisions) if seen.decisions else _NO_RULING
    limits = limits_from(rules, gun_ms, start_ms, spans)
    judged = _judged(under, passed, furthest, limits, ruling.forgiven_ms, now_ms) if furthest >= 0 else _UNJUDGED
    close = bool(under.doubt_ms) and too_close(limits, splits, under.doubt_ms)
    finished_ms = reached.in_ms if reached is not None and furthest == rules.finish else None
    last_read_ms = passed.last_read_ms
    if reached is None or seen.decisions or seen.withdrawals or entrant.status is _ABSENT:
        whole, started = rules.finish == race.finish, reached is not None
        status, by, conflict = _decided(entrant, seen, ruling, last_read_ms, finished_ms, judged.struck, started=started, whole=whole)
    else:  # nobody has said anything of him
        status, by, conflict = _OUT_OF_TIME if judged.struck is not None else _RACING if finished_ms is None else _FINISHED, None, False
    racing = status is _RACING
    if racing and reached is not None and (reached.out_ms is not None or furthest == 0):  # at the start nobody stays
        place, returned = under.on_leg[furthest], False
    else:
        place, returned = _place(status, furthest, seen, ruling, passed, rules, gun_ms, now_ms)
    machine = by is None and status is _OUT_OF_TIME
    stood_there_ms = stood_ms(spans, reached.in_ms) if spans and reached is not None else 0
    if race.timing is _GUN:
        start_ms = gun_ms  # a runner's own start counts by the chip alone; a read before the gun counts from the gun
    provisional, unconfirmed = machine and race.policy is Policy.CONFIRM, racing and judged.unheard is not None
    said = (provisional, conflict or returned, unconfirmed, close, bool(passed.suspects))
    return Verdict(
        status,
        _flags(rules, splits, furthest, judged.late, said) if judged.late or True in said or passed.gaps else (),
        tuple(splits),
        furthest,
        0 if reached is None else reached.in_ms,
        stood_there_ms,
        start_ms,
        None if finished_ms is None else finished_ms - start_ms - stood_there_ms + _penalties_ms(seen),
        _sooner(judged.due_ms if racing else None, due_ms),
        by,
        judged.struck if machine else None,
        judged.unheard if racing or machine else None,
        place,
        passed.suspects,
        passed.plain,
        last_read_ms,
    )


def _decided(
    entrant: Entrant,
    seen: Evidence,
    ruling: "_Ruling",
    last_read_ms: int,
    finished_ms: int | None,
    struck: int | None,
    *,
    started: bool,
    whole: bool,
) -> tuple[Status, Withdrawal | Decision | None, bool]:
    """The status by the strongest evidence, the fact that decided (None: the clock or the reads), and whether a fact speaks against it.

    `whole`: the race ends where it was meant to. Else who had gone on from its new end may well give up there.
    """
    if ruling.decision is not None:
        status = Status(ruling.decision.status.value)
        against = status in _AGAINST and last_read_ms > ruling.decision.at_ms
        return status, ruling.decision, against or (status is Status.DNS and started)
    withdrawal = _withdrawal(seen, ruling) if seen.withdrawals else None
    if withdrawal is not None and (finished_ms is None or withdrawal.at_ms <= finished_ms):
        return Status.WITHDRAWN, withdrawal, last_read_ms > max(said.at_ms for said in seen.withdrawals)
    if struck is not None:
        return Status.OUT_OF_TIME, None, withdrawal is not None
    absent = entrant.status is _ABSENT and ruling.undone_ms < 0
    if not started:
        return Status.DNS if absent else Status.ENTERED, None, False
    against = withdrawal is not None and whole
    return _RACING if finished_ms is None else _FINISHED, None, against or (absent and ruling.forgiven_ms < 0)


def _by_now(seen: Evidence, future_ms: int) -> tuple[Evidence, int | None]:
    """The evidence without what somebody whose clock runs ahead says of the future, and from when on that counts."""
    ahead = [fact.at_ms for facts in (seen.decisions, seen.withdrawals) for fact in facts if fact.at_ms > future_ms]
    if not ahead:
        return seen, None
    decisions = tuple(fact for fact in seen.decisions if fact.at_ms <= future_ms)
    withdrawals = tuple(fact for fact in seen.withdrawals if fact.at_ms <= future_ms)
    return replace(seen, decisions=decisions, withdrawals=withdrawals), min(ahead) - FUTURE_MS


def _penalties_ms(seen: Evidence) -> int:
    return sum({penalty.key: penalty.penalty_ms for penalty in seen.penalties}.values()) if seen.penalties else 0


def _never_read(under: Conditions, entrant: Entrant, gun_ms: int, now_ms: int) -> Verdict:
    """Who has no read: proposed as not starting, once the start mat has shown that it works and is heard."""
    if entrant.wave not in under.worked:
        return Verdict(Status.ENTERED)
    judged_ms = gun_ms + DNS_AFTER_MS
    if now_ms <= judged_ms:
        return Verdict(Status.ENTERED, due_ms=judged_ms + 1)
    if under.through_ms[0] < judged_ms:
        return Verdict(Status.ENTERED, ("unconfirmed",), unheard=0)
    return Verdict(Status.DNS, ("provisional",) if under.rules.race.policy is Policy.CONFIRM else ())


def _sooner(one_ms: int | None, other_ms: int | None) -> int | None:
    if one_ms is None or other_ms is None:
        return one_ms if other_ms is None else other_ms
    return min(one_ms, other_ms)


_UNJUDGED = Judged()


def _judged(under: Conditions, passed: Passings, furthest: int, limits: tuple[Limit, ...], forgiven_ms: int, now_ms: int) -> Judged:
    """The cutoffs' judgement; what the track of the runner's reads knows to have been in time is not looked at again."""
    track = passed.track
    if track is None:
        judged = judge(limits, passed.splits, furthest, forgiven_ms, under.through_ms, now_ms)
    else:
        in_time = track.in_time if track.limits is limits else 0
        judged = judge(limits, passed.splits, furthest, forgiven_ms, under.through_ms, now_ms, in_time)
        track.limits, track.in_time = limits, judged.in_time
    rules = under.rules
    if furthest < rules.finish < rules.race.finish and is_beyond(rules, passed.splits):
        return Judged(judged.late)  # no clock can say that he is not there
    return judged


def is_beyond(rules: Rules, splits: Splits) -> bool:
    """Whether a runner was seen on the course beyond a finish that was moved."""
    return rules.finish < rules.race.finish and any(splits[rules.finish + 1 :])


def limits_of(under: Conditions, entrant: Entrant, splits: Splits) -> tuple[Limit, ...]:
    """Every cutoff of a runner with these passings, as it is judged: moved, extended, from the start that counts, grace included."""
    rules = under.rules
    gun_ms = rules.starts.gun_ms(entrant.wave)
    start = splits[0] if splits else None
    start_ms = gun_ms if start is None else max(start.in_ms, gun_ms)
    return limits_from(rules, gun_ms, start_ms, stood(rules, gun_ms, splits))


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What the director's decisions come to: the one in force, what was forgiven until when, what was undone until when."""

    decision: Decision | None = None
    forgiven_ms: int = -1
    undone_ms: int = -1


_NO_RULING = _Ruling()


def _ruling(decisions: tuple[Decision, ...]) -> _Ruling:
    """`accepted` forgives lateness up to its moment; `reinstated` undoes every earlier decision and withdrawal as well."""
    standing: Decision | None = None
    forgiven_ms = undone_ms = -1
    for decision in sorted(decisions, key=by_time):
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
    return min(standing, key=by_time) if standing else None


def _place(
    status: Status, furthest: int, seen: Evidence, ruling: _Ruling, passed: Passings, rules: Rules, gun_ms: int, now_ms: int
) -> tuple[Place, bool]:
    """The line of the ledger of a runner who is not on a leg, and whether he was read after he had been accounted for.

    Who is out is on the course until somebody says that he is in safe hands, or he was read at the finish, whatever brought him there.
    So is who had gone on when it was said that the race ends sooner. Who was never read, nor gave up on the course, has not started.
    """
    if status is _RACING:
        return _place_of(Where.IN_STATION, furthest), False
    splits, finish, old_finish = passed.splits, rules.finish, rules.race.finish
    if status is _FINISHED and finish == old_finish:
        return _place_of(Where.FINISHED), False
    on_course_ms = max(gun_ms, ruling.undone_ms + 1)
    gives_up = max((said for said in seen.withdrawals if said.at_ms >= on_course_ms), key=by_time, default=None)
    spot = passed.furthest
    there = splits[spot] if spot >= 0 else None
    there_ms = 0 if there is None else there.in_ms if there.out_ms is None else there.out_ms
    since_ms = there_ms if gives_up is None else max(there_ms, gives_up.at_ms)
    left = there is not None and there.out_ms is not None and there.out_ms < rules.ends_ms
    points = rules.race.checkpoints
    came_back = spot > finish and points[spot].station == points[finish].station and there_ms >= rules.ends_ms
    went_on = finish <= spot < old_finish and not came_back and (spot > finish or left or since_ms > there_ms)
    if status is _FINISHED and not went_on:
        return _place_of(Where.FINISHED), False
    if there is None and gives_up is None:
        return _place_of(Where.NOT_STARTED), False
    ends = (finish, old_finish)
    arrived = (
        came_back
        or (spot in ends and not went_on)
        or any(one.at in ends and since_ms < one.read.at_ms <= now_ms + FUTURE_MS for one in passed.suspects)
    )
    safe_ms = max((fact.at_ms for fact in seen.accounted if fact.at_ms > ruling.undone_ms), default=None)
    returned = safe_ms is not None and passed.last_read_ms > safe_ms
    if arrived or (safe_ms is not None and not returned):
        return _place_of(Where.FINISHED if status is _FINISHED else Where.ACCOUNTED), False
    if gives_up is not None:  # who gives up is where he said so, and may have walked back there
        stops = rules.race.visits.get(gives_up.station, ())
        spot = next((stop for stop in stops if stop >= spot), stops[-1] if stops and gives_up.at_ms > there_ms else spot)
    return _place_of(Where.OUT, None if spot < 0 else spot), returned


_SAID = ("provisional", "conflict", "unconfirmed", "too_close", "suspect")


def _flags(rules: Rules, splits: Splits, furthest: int, late: Sequence[int], said: Sequence[bool]) -> tuple[str, ...]:
    """The flags beside the status, in a fixed order: the verdict's, then the checkpoints passed late, then those missed."""
    flags = [name for name, holds in zip(_SAID, said, strict=True) if holds]
    points = rules.race.checkpoints
    flags += [f"late:{points[index].id}" for index in late]
    until = rules.finish + 1 if is_beyond(rules, splits) else furthest
    flags += [f"missed:{points[index].id}" for index in range(until) if splits[index] is None and index not in rules.skipped]
    return tuple(flags)
