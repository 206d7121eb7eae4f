"""From a runner's reads to one passing a checkpoint: which reading is accepted, and which reads cannot be meant.

Reads are in order of time and on the course's stations; where they contradict each other, the story that explains the most checkpoints
counts. What is left is suspect: shown with the reason, evidence that somebody was there, but no progress.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

import msgspec

from tracker.core.clocks import FUTURE_MS
from tracker.core.facts import Accounted, Decision, HandTime, Passage, Penalty, Way, Withdrawal
from tracker.core.rules import Limit, Rules
from tracker.core.story import Arrival, steps_of, story
from tracker.core.visits import again_ms, needed_ms, surely_ahead, visit

_NEVER_MS = 1 << 61

by_time = attrgetter("at_ms", "key")
_IN, _OUT = Way.IN, Way.OUT


class Why(StrEnum):
    """Why a read cannot be meant."""

    ASTRAY = "the race never passes there"
    BEFORE_START = "before the start"
    FUTURE = "in the future"
    TOO_QUICK = "quicker than anybody gets there"
    OUT_OF_ORDER = "against the course's order"


class Suspect(NamedTuple):
    """A read that is not accepted, the checkpoint it would be (None: none of the race), and why."""

    read: Passage
    at: int | None
    why: Why


@dataclass(slots=True)
class Evidence:
    """The facts about one runner that count (nothing voided), in any order. `track` is a memory of the passages, and no evidence."""

    passages: list[Passage] = field(default_factory=list)
    withdrawals: tuple[Withdrawal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    hand_times: tuple[HandTime, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    accounted: tuple[Accounted, ...] = ()
    track: "Track | None" = field(default=None, compare=False, repr=False)


class Split(msgspec.Struct, frozen=True, gc=False):
    """A runner's passing of one checkpoint. `out_ms` None: seen going in, not out. `reading` is the accepted arrival."""

    in_ms: int
    out_ms: int | None
    reading: Passage | HandTime


Splits = Sequence[Split | None]


class Passings(msgspec.Struct, frozen=True, gc=False):
    """`splits` has an entry a checkpoint; `furthest` is the last of them that is not None (-1: none), `gaps` whether any before it is.

    `plain` is the same by the least times of the course alone, where the field's own times were looked at.
    """

    splits: list[Split | None]
    furthest: int
    gaps: bool
    last_read_ms: int
    suspects: tuple[Suspect, ...] = ()
    plain: tuple[Split | None, ...] | None = None
    due_ms: int | None = None
    track: "Track | None" = None


def passings(rules: Rules, seen: Evidence, gun_ms: int, least_ms: Sequence[int], quick_ms: Sequence[int] | None, now_ms: int) -> Passings:
    """The accepted passings. In less than `least_ms` from the start nobody gets to each checkpoint by km-effort; `quick_ms` is the same by
    the field's own times, for a runner who was quicker than those on some leg.
    """
    future_ms, due_ms = now_ms + FUTURE_MS, None
    reads = seen.passages
    if seen.hand_times:
        by_hand, due_ms = _by_hand(rules, seen.hand_times, gun_ms, future_ms)
        if by_hand:
            found = _sifted(rules, _in_order(rules, reads), by_hand, gun_ms, least_ms, quick_ms, future_ms)
            return _with_hand_times(found, by_hand, due_ms)
    track = seen.track
    if track is None or not track.holds(rules, gun_ms, least_ms):
        track = seen.track = Track(rules, gun_ms, least_ms)
    plainly = quick_ms is None and track.follow(reads)
    if not plainly:
        reads = _in_order(rules, reads)
        track = Track(rules, gun_ms, least_ms)
        plainly = quick_ms is None and track.follow(reads, in_order=True)
    if plainly and track.last_ms <= future_ms:
        return Passings(track.splits, track.spot, track.gaps, track.last_ms, (), None, due_ms, track)
    found = _sifted(rules, reads, {}, gun_ms, least_ms, quick_ms, future_ms)
    return found if due_ms is None else _with_hand_times(found, {}, due_ms)


def _in_order(rules: Rules, reads: list[Passage]) -> list[Passage]:
    """The reads once each, in order of time; of two places at one moment the one that comes first on the course, however often read.

    Of two reads at one place and moment the one going out is first: it may tell that the runner has not been away.
    """
    visits, nowhere = rules.race.visits, (-1,)
    once = {read.key: read for read in reads}
    return sorted(once.values(), key=lambda read: (read.at_ms, visits.get(read.station, nowhere)[0], read.way is not _OUT, read.key))


class Track:
    """The passings of one who is read in order and in time, as nearly everybody is: it goes on from the last read that it has seen.

    It says nothing that the reads alone do not say, and is made anew when what it stands on is another. Of the cutoffs `limits` the first
    `in_time` are known to have been kept.
    """

    __slots__ = (
        "_count",
        "_gun_ms",
        "_least_ms",
        "_rules",
        "_since_ms",
        "_skipped",
        "_split",
        "_sure",
        "gaps",
        "in_time",
        "last_ms",
        "limits",
        "splits",
        "spot",
    )

    def __init__(self, rules: Rules, gun_ms: int, least_ms: Sequence[int]) -> None:
        self._rules = rules
        self._skipped = rules.skipped
        self._gun_ms = gun_ms
        self._least_ms = least_ms
        self.splits: list[Split | None] = [None] * len(rules.race.checkpoints)
        self.last_ms = -1
        self._count = 0
        self.spot = -1
        self._since_ms = gun_ms
        self._split: Split | None = None
        self._sure = True
        self.gaps = False
        self.limits: Sequence[Limit] = ()
        self.in_time = 0

    def holds(self, rules: Rules, gun_ms: int, least_ms: Sequence[int]) -> bool:
        """Whether it stands on these, and no later read can change what it made of the earlier ones."""
        return self._sure and self._rules is rules and self._least_ms is least_ms and self._gun_ms == gun_ms

    def follow(self, reads: list[Passage], *, in_order: bool = False) -> bool:
        """Go on to the end of `reads`, which only ever grow. False where they need sifting: then it is of no more use.

        `in_order`: they are in order of time and key, each once; else two of one moment are not to be trusted.
        """
        if not self._sure:
            return False
        race, least_ms, gun_ms, splits = self._rules.race, self._least_ms, self._gun_ms, self.splits
        only_visit, last_ms, skipped = race.only_visit, self.last_ms, self._skipped
        spot, since_ms, split = self.spot, self._since_ms, self._split
        self._sure = False  # until the last of them is in
        sure = True
        until = ceiling = 0
        left = spot if spot > 0 else 0  # noqa: FURB136  a call for every runner would be felt
        count_ms = since_ms - least_ms[left]  # what `least_ms` counts from
        fresh = reads[self._count :] if self._count else reads
        for number, read in enumerate(fresh, self._count):
            at_ms = read.at_ms
            if at_ms <= last_ms and (at_ms < last_ms or not in_order):
                return False
            index = only_visit.get(read.station)
            if index is None:
                stops = race.visits.get(read.station)
                if stops is None:
                    return False
                if number >= until:
                    until, ceiling = surely_ahead(race, reads, number)
                index = visit(self._rules, least_ms, reads, number, spot, since_ms, ceiling)
                sure = sure and index == next((stop for stop in stops if stop >= spot), index)
            if index != spot:
                need_ms = least_ms[index]
                if (
                    index < spot
                    or at_ms == last_ms
                    or (index and at_ms - count_ms < need_ms)
                    or (skipped and index in skipped and at_ms - since_ms < needed_ms(self._rules, least_ms, max(spot, 0), index))
                ):
                    return False
                if index - spot > 1:
                    self.gaps = True
                spot, since_ms = index, at_ms if index or at_ms > gun_ms else gun_ms
                count_ms = since_ms - need_ms
                split = splits[index] = Split(at_ms, None if read.way is _IN else at_ms, read)
            elif index == 0:
                split = splits[0] = _later_start(split, read, gun_ms)
                since_ms = count_ms = max(at_ms, gun_ms)
            elif read.way is not _IN and split is not None:
                split = splits[index] = Split(since_ms, at_ms, split.reading)
            last_ms = at_ms
        self._sure, self.last_ms = sure, last_ms
        self._count, self.spot, self._since_ms, self._split = len(reads), spot, since_ms, split
        return True


def _later_start(split: Split | None, read: Passage, gun_ms: int) -> Split:
    """At the start a runner may stand on the mat for minutes: the crossing is the first read after the gun, or the last before."""
    left_ms = None if read.way is _IN else read.at_ms
    if split is None or split.in_ms < gun_ms:
        return Split(read.at_ms, left_ms, read)
    return Split(split.in_ms, split.out_ms if left_ms is None else left_ms, split.reading)


def wrong_by_hand(hand: HandTime, index: int, gun_ms: int, future_ms: int) -> Why | None:
    """Why the desk's own time at the checkpoint `index` does not count (None: it does). What is later than `future_ms` is in the future."""
    if hand.passed_ms > future_ms:
        return Why.FUTURE
    return Why.BEFORE_START if index and hand.passed_ms < gun_ms else None


def _by_hand(rules: Rules, hand_times: tuple[HandTime, ...], gun_ms: int, future_ms: int) -> tuple[dict[int, HandTime], int | None]:
    """The desk's own times that count by checkpoint, the last word on each, and when the next of them will (None: none is ahead)."""
    found: dict[int, HandTime] = {}
    due_ms: int | None = None
    for hand in sorted(hand_times, key=by_time):
        index = rules.race.index_of.get(hand.checkpoint)
        if index is None:  # of the race that the runner was in before, or of none: an oddity
            continue
        wrong = wrong_by_hand(hand, index, gun_ms, future_ms)
        if wrong is None:
            found[index] = hand
        elif wrong is Why.FUTURE:  # an oddity as well, until its moment has come
            counts_ms = hand.passed_ms - FUTURE_MS
            due_ms = counts_ms if due_ms is None else min(due_ms, counts_ms)
    return found, due_ms


def _with_hand_times(found: Passings, by_hand: Mapping[int, HandTime], due_ms: int | None) -> Passings:
    """The desk's own time is the accepted reading; a read that it settles is suspect no more."""
    splits, plain = found.splits.copy(), None if found.plain is None else list(found.plain)
    for index, hand in by_hand.items():
        splits[index] = Split(hand.passed_ms, hand.passed_ms, hand)
        if plain is not None:
            plain[index] = splits[index]
    last_read_ms = max(found.last_read_ms, *(hand.passed_ms for hand in by_hand.values())) if by_hand else found.last_read_ms
    suspects = tuple(suspect for suspect in found.suspects if suspect.at not in by_hand)
    dues_ms = [moment for moment in (found.due_ms, due_ms) if moment is not None]
    return _complete(splits, last_read_ms, suspects, None if plain is None else tuple(plain), min(dues_ms, default=None))


def _complete(
    splits: list[Split | None],
    last_read_ms: int,
    suspects: tuple[Suspect, ...],
    plain: tuple[Split | None, ...] | None,
    due_ms: int | None,
) -> Passings:
    furthest = max((index for index, split in enumerate(splits) if split is not None), default=-1)
    gaps = any(split is None for split in splits[: max(furthest, 0)])
    return Passings(splits, furthest, gaps, last_read_ms, suspects, plain, due_ms)


def _sifted(
    rules: Rules,
    reads: list[Passage],
    by_hand: Mapping[int, HandTime],
    gun_ms: int,
    least_ms: Sequence[int],
    quick_ms: Sequence[int] | None,
    future_ms: int,
) -> Passings:
    """The passings from reads in order of time where some may not be meant, and from the desk's own times by checkpoint."""
    splits, suspects = _told(rules, reads, by_hand, gun_ms, least_ms, future_ms)
    plain = None
    if quick_ms is not None:
        plain = tuple(splits)
        splits, suspects = _told(rules, reads, by_hand, gun_ms, quick_ms, future_ms)
    last_read_ms = max((read.at_ms for read in reads if read.at_ms <= future_ms), default=0)
    ahead = min((read.at_ms for read in reads if read.at_ms > future_ms), default=None)
    return _complete(splits, last_read_ms, tuple(suspects), plain, None if ahead is None else ahead - FUTURE_MS)


def _told(
    rules: Rules, reads: list[Passage], by_hand: Mapping[int, HandTime], gun_ms: int, quick_ms: Sequence[int], future_ms: int
) -> tuple[list[Split | None], list[Suspect]]:
    """The passings, and the reads that cannot be meant. A read while the runner is at a checkpoint is one more there."""
    visits = rules.race.visits
    arrivals = _arrivals(rules, reads, by_hand, gun_ms, quick_ms, future_ms)
    legs = list(zip(arrivals, (*arrivals[1:], None), strict=True))
    splits: list[Split | None] = [None] * len(quick_ms)
    suspects: list[Suspect] = []
    leg = 0
    for read in reads:
        at_ms, stops = read.at_ms, visits.get(read.station, ())
        while leg + 1 < len(arrivals) and arrivals[leg + 1].at_ms < at_ms:
            leg += 1
        here, ahead = legs[leg]
        stays = here.at in stops and (ahead is None or at_ms <= _gone_ms(rules, here, ahead, quick_ms))
        if ahead is not None and ahead.at_ms == at_ms and (ahead.at in stops or not stays):
            stays = ahead.at in stops
            here, ahead = ahead, None
        if stays and at_ms <= future_ms:
            splits[here.at] = _one_more(splits[here.at], read, here.at, gun_ms)
        elif not stops:
            suspects.append(Suspect(read, None, Why.ASTRAY))
        else:
            index = _meant_at(stops, here, ahead, future=at_ms > future_ms)
            quick = index > here.at and at_ms - here.at_ms < needed_ms(rules, quick_ms, here.at, index)
            why = Why.FUTURE if at_ms > future_ms else Why.TOO_QUICK if quick else Why.OUT_OF_ORDER
            suspects.append(Suspect(read, index, Why.BEFORE_START if at_ms < gun_ms else why))
    return splits, suspects


def _arrivals(
    rules: Rules, reads: list[Passage], by_hand: Mapping[int, HandTime], gun_ms: int, quick_ms: Sequence[int], future_ms: int
) -> list[Arrival]:
    """Where the runner came and when, the start first. A read that cannot be meant, whatever the others are, changes nothing of them."""
    known = [(0, gun_ms), *((at, hand.passed_ms) for at, hand in by_hand.items())]
    soonest_ms = [min(ms + needed_ms(rules, quick_ms, at, index) for at, ms in known if at <= index) for index in range(len(quick_ms))]
    soonest_ms[0] = -_NEVER_MS
    visits, never_ms = rules.race.visits, (_NEVER_MS,)
    stops_ms = {station: [soonest_ms[at] for at in stops] for station, stops in visits.items()}
    possible = [read for read in reads if min(stops_ms.get(read.station, never_ms)) <= read.at_ms <= future_ms]
    track = Track(rules, gun_ms, quick_ms)
    followed = _followed(rules, track.splits, by_hand, gun_ms, quick_ms) if track.follow(possible, in_order=True) else None
    return followed or story(rules, steps_of(rules, possible, by_hand, gun_ms), gun_ms, quick_ms)


def _followed(
    rules: Rules, splits: list[Split | None], by_hand: Mapping[int, HandTime], gun_ms: int, quick_ms: Sequence[int]
) -> list[Arrival] | None:
    """The arrivals of who was read in order, the start first; None where what the desk saw contradicts that."""
    came, left_ms = [Arrival(0, gun_ms)], gun_ms
    for at, split in enumerate(splits):
        if at in by_hand:
            arrival = Arrival(at, max(gun_ms, by_hand[at].passed_ms), by_hand=True)
        elif split is not None:
            arrival = Arrival(at, max(gun_ms, split.in_ms))
        else:
            continue
        before = came[-1]
        need_ms = needed_ms(rules, quick_ms, before.at, at) if before.by_hand and not arrival.by_hand else 0
        if arrival.at_ms < max(left_ms, before.at_ms + max(need_ms, min(1, before.at))):
            return None
        if not at:
            came.clear()
        came.append(arrival)
        left_ms = max(arrival.at_ms, 0 if split is None else split.in_ms if split.out_ms is None else split.out_ms)
    return came


def _gone_ms(rules: Rules, here: Arrival, ahead: Arrival, quick_ms: Sequence[int]) -> int:
    """Until when a read may be one more `here`, of a runner who has to get to what is `ahead`.

    So it is at the start, and where the desk says that he came again; at other checkpoints he was on arriving.
    """
    if not ahead.by_hand:
        return _NEVER_MS if here.at else ahead.at_ms - needed_ms(rules, quick_ms, 0, ahead.at)
    if ahead.at in rules.race.visits[rules.race.checkpoints[here.at].station]:
        return ahead.at_ms - (again_ms(rules, quick_ms, here.at, ahead.at) or 0)
    return _NEVER_MS


def _meant_at(stops: tuple[int, ...], here: Arrival, ahead: Arrival | None, *, future: bool) -> int:
    """The checkpoint that a read at one of these would be, of a runner on the way from `here` to what is `ahead`."""
    if ahead is not None and ahead.at in stops:
        return ahead.at
    if here.at in stops and not future:
        return here.at
    return next((stop for stop in stops if stop > here.at), stops[-1])


def _one_more(split: Split | None, read: Passage, index: int, gun_ms: int) -> Split:
    if split is None:
        return Split(read.at_ms, None if read.way is _IN else read.at_ms, read)
    if index == 0:
        return _later_start(split, read, gun_ms)
    return split if read.way is _IN else Split(split.in_ms, read.at_ms, split.reading)
