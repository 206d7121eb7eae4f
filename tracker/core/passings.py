"""From a runner's reads to one passing a checkpoint: which reading is accepted, and which reads cannot be meant.

Reads are in order of time and on the course's stations; where they contradict each other, the story that explains the most checkpoints
counts. What is left is suspect: shown with the reason, evidence that somebody was there, but no progress.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

import msgspec

from tracker.core.facts import Accounted, Decision, HandTime, Passage, Penalty, Way, Withdrawal
from tracker.core.rules import Limit, Rules
from tracker.core.visits import left_ms, surely_ahead, visit

FUTURE_MS = 10 * 60_000
"""A device's clock may run ahead by so much before a read counts as one from the future."""

by_time = attrgetter("at_ms", "key")
_IN = Way.IN


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
    track = seen.track
    if track is None or not track.holds(rules, gun_ms, least_ms):
        track = seen.track = Track(rules, gun_ms, least_ms)
    future_ms = now_ms + FUTURE_MS
    reads = seen.passages
    plainly = quick_ms is None and track.follow(reads)
    if not plainly:
        reads = _in_order(rules, reads)
        track = Track(rules, gun_ms, least_ms)
        plainly = quick_ms is None and track.follow(reads, in_order=True)
    if plainly and track.last_ms <= future_ms:
        found = Passings(track.splits, track.spot, track.gaps, track.last_ms, track=track)
    else:
        found = _sifted(rules, reads, gun_ms, least_ms, quick_ms, future_ms)
    return _with_hand_times(rules.race.index_of, found, seen.hand_times, gun_ms, future_ms) if seen.hand_times else found


def _in_order(rules: Rules, reads: list[Passage]) -> list[Passage]:
    """The reads once each, in order of time; of two places at one moment the one that comes first on the course, however often read."""
    visits, nowhere = rules.race.visits, (-1,)
    once = {read.key: read for read in reads}
    return sorted(once.values(), key=lambda read: (read.at_ms, visits.get(read.station, nowhere)[0], read.key))


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
        visits, last_ms = race.visits, self.last_ms
        spot, since_ms, split = self.spot, self._since_ms, self._split
        self._sure = False  # until the last of them is in
        sure = True
        until = ceiling = 0
        fresh = reads[self._count :] if self._count else reads
        for number, read in enumerate(fresh, self._count):
            at_ms, way = read.at_ms, read.way
            stops = visits.get(read.station)
            if stops is None or at_ms < last_ms or (at_ms == last_ms and not in_order):
                return False
            index = stops[0]
            if len(stops) > 1:
                if number >= until:
                    until, ceiling = surely_ahead(race, reads, number)
                index = visit(race, reads, number, spot, since_ms, ceiling)
                sure = sure and index == next((stop for stop in stops if stop >= spot), index)
            if index != spot:
                if index < spot or at_ms == last_ms or (index and at_ms - since_ms < least_ms[index] - least_ms[max(0, spot)]):
                    return False
                if index - spot > 1:
                    self.gaps = True
                spot, since_ms = index, at_ms if index or at_ms > gun_ms else gun_ms
                split = splits[index] = Split(at_ms, None if way is _IN else at_ms, read)
            elif index == 0:
                split = splits[0] = _later_start(split, read, gun_ms)
                since_ms = max(at_ms, gun_ms)
            elif way is not _IN and split is not None:
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


def _with_hand_times(index_of: dict[str, int], found: Passings, hand_times: tuple[HandTime, ...], gun_ms: int, future_ms: int) -> Passings:
    """The desk's own time is the accepted reading; a read that it settles is suspect no more."""
    splits, last_read_ms, due_ms = found.splits.copy(), found.last_read_ms, found.due_ms
    plain = None if found.plain is None else list(found.plain)
    settled = set[int]()
    for hand in sorted(hand_times, key=by_time):
        index = index_of.get(hand.checkpoint)
        if index is None:  # of the race that the runner was in before, or of none: an oddity
            continue
        wrong = wrong_by_hand(hand, index, gun_ms, future_ms)
        if wrong is not None:  # an oddity as well, in the future until its moment has come
            if wrong is Why.FUTURE:
                counts_ms = hand.passed_ms - FUTURE_MS
                due_ms = counts_ms if due_ms is None else min(due_ms, counts_ms)
            continue
        splits[index] = Split(hand.passed_ms, hand.passed_ms, hand)
        if plain is not None:
            plain[index] = splits[index]
        last_read_ms = max(last_read_ms, hand.passed_ms)
        settled.add(index)
    suspects = tuple(suspect for suspect in found.suspects if suspect.at not in settled)
    return _complete(splits, last_read_ms, suspects, None if plain is None else tuple(plain), due_ms)


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
    rules: Rules, reads: list[Passage], gun_ms: int, least_ms: Sequence[int], quick_ms: Sequence[int] | None, future_ms: int
) -> Passings:
    """The passings from reads in order of time where some may not be meant."""
    visits = rules.race.visits
    steps = [
        (visits[read.station], read.at_ms, left_ms(reads, number))
        for number, read in enumerate(reads)
        if gun_ms <= read.at_ms <= future_ms and read.station in visits
    ]
    splits, suspects = _told(reads, visits, _story(steps, gun_ms, least_ms), gun_ms, least_ms, future_ms)
    plain = None
    if quick_ms is not None:
        plain = tuple(splits)
        splits, suspects = _told(reads, visits, _story(steps, gun_ms, quick_ms), gun_ms, quick_ms, future_ms)
    last_read_ms = max((read.at_ms for read in reads if read.at_ms <= future_ms), default=0)
    ahead = min((read.at_ms for read in reads if read.at_ms > future_ms), default=None)
    return _complete(splits, last_read_ms, tuple(suspects), plain, None if ahead is None else ahead - FUTURE_MS)


def _story(steps: list[tuple[tuple[int, ...], int, int]], gun_ms: int, quick_ms: Sequence[int]) -> list[tuple[int, int]]:
    """The arrivals (checkpoint, moment) that explain the most checkpoints, in course order and no step quicker than `quick_ms` allows.

    A step is the checkpoints that a read may be, its moment, and since when the runner can have been away from its station. Of two stories
    that explain as many, the one that claims less of the course, then the earlier. `best` has for each checkpoint, by how many are
    explained there, the earliest arrival and what came before.
    """
    best: dict[int, dict[int, tuple[int, tuple[int, int] | None]]] = {0: {0: (gun_ms, None)}}
    for stops, at_ms, away_ms in steps:
        for index in stops:
            mine = best.setdefault(index, {})
            if len(mine) == index:  # by every number there can be, and the first stays
                continue
            for before, stories in best.items():
                if before >= index:
                    continue
                latest_ms = at_ms - quick_ms[index] + quick_ms[before]
                if before in stops and away_ms > latest_ms:
                    continue
                for length, (since_ms, _) in stories.items():
                    if length + 1 not in mine and since_ms <= latest_ms:
                        mine[length + 1] = (at_ms, (before, length))
    length, claimed = max((length, -index) for index, stories in best.items() for length in stories)
    told: list[tuple[int, int]] = []
    at: tuple[int, int] | None = (-claimed, length)
    while at is not None and at[0] > 0:
        moment_ms, before_at = best[at[0]][at[1]]
        told.append((at[0], moment_ms))
        at = before_at
    return told[::-1]


def _told(
    reads: list[Passage],
    visits: dict[str, tuple[int, ...]],
    story: list[tuple[int, int]],
    gun_ms: int,
    quick_ms: Sequence[int],
    future_ms: int,
) -> tuple[list[Split | None], list[Suspect]]:
    """The passings of a story, and the reads that do not belong to it. A read while the runner is at a checkpoint is one more there."""
    splits: list[Split | None] = [None] * len(quick_ms)
    suspects: list[Suspect] = []
    legs = [(0, gun_ms), *story]
    leg = 0
    for read in reads:
        at_ms, stops = read.at_ms, visits.get(read.station)
        while leg + 1 < len(legs) and (legs[leg + 1][1] < at_ms or (legs[leg + 1][1] == at_ms and stops and legs[leg + 1][0] in stops)):
            leg += 1
        here, since_ms = legs[leg]
        if stops is None:
            suspects.append(Suspect(read, None, Why.ASTRAY))
            continue
        if here in stops and at_ms <= future_ms:
            splits[here] = _one_more(splits[here], read, here, gun_ms)
            continue
        index = next((stop for stop in stops if stop > here), stops[-1])
        quick = index > here and at_ms - since_ms < quick_ms[index] - quick_ms[here]
        why = Why.FUTURE if at_ms > future_ms else Why.BEFORE_START if at_ms < gun_ms else Why.TOO_QUICK if quick else Why.OUT_OF_ORDER
        suspects.append(Suspect(read, index, why))
    return splits, suspects


def _one_more(split: Split | None, read: Passage, index: int, gun_ms: int) -> Split:
    if split is None:
        return Split(read.at_ms, None if read.way is _IN else read.at_ms, read)
    if index == 0:
        return _later_start(split, read, gun_ms)
    return split if read.way is _IN else Split(split.in_ms, read.at_ms, split.reading)
