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
from tracker.core.rules import Rules
from tracker.core.visits import assign, visit

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


class Passings(NamedTuple):
    """`splits` has an entry a checkpoint. `plain` is the same by the least times of the course alone, where that differs."""

    splits: list[Split | None]
    last_read_ms: int
    suspects: tuple[Suspect, ...] = ()
    plain: tuple[Split | None, ...] | None = None
    due_ms: int | None = None


def passings(rules: Rules, seen: Evidence, gun_ms: int, quick_ms: Sequence[int], least_ms: Sequence[int], now_ms: int) -> Passings:
    """The accepted passings. `quick_ms` is the least time from the start to each checkpoint by the field's own, `least_ms` by km-effort."""
    track = seen.track
    if track is None or not track.holds(rules, gun_ms, quick_ms):
        track = seen.track = Track(rules, gun_ms, quick_ms)
    if track.follow(seen.passages) and track.last_ms <= now_ms + FUTURE_MS:
        found = Passings(track.splits, track.last_ms)
    else:
        reads = sorted({read.key: read for read in seen.passages}.values(), key=by_time)
        found = _sifted(rules, reads, gun_ms, quick_ms, least_ms, now_ms + FUTURE_MS)
    return _with_hand_times(rules.race.index_of, found, seen.hand_times) if seen.hand_times else found


class Track:
    """The passings of one who is read in order and in time, as nearly everybody is: it goes on from the last read that it has seen.

    It says nothing that the reads alone do not say, and is made anew when what it stands on is another.
    """

    __slots__ = ("_count", "_gun_ms", "_quick_ms", "_rules", "_since_ms", "_split", "_spot", "_sure", "last_ms", "splits")

    def __init__(self, rules: Rules, gun_ms: int, quick_ms: Sequence[int]) -> None:
        self._rules = rules
        self._gun_ms = gun_ms
        self._quick_ms = quick_ms
        self.splits: list[Split | None] = [None] * len(rules.race.checkpoints)
        self.last_ms = -1
        self._count = 0
        self._spot = -1
        self._since_ms = gun_ms
        self._split: Split | None = None
        self._sure = True

    def holds(self, rules: Rules, gun_ms: int, quick_ms: Sequence[int]) -> bool:
        """Whether it stands on these, and no later read can change what it made of the earlier ones."""
        return self._sure and self._rules is rules and self._quick_ms is quick_ms and self._gun_ms == gun_ms

    def follow(self, reads: list[Passage]) -> bool:
        """Go on to the end of `reads`, which only ever grow. False where they need sifting: then it is of no more use."""
        if not self._sure:
            return False
        race, quick_ms, gun_ms, splits = self._rules.race, self._quick_ms, self._gun_ms, self.splits
        visits = race.visits
        spot, since_ms, split = self._spot, self._since_ms, self._split
        for number in range(self._count, len(reads)):
            read = reads[number]
            at_ms, way = read.at_ms, read.way
            stops = visits.get(read.station)
            if at_ms <= self.last_ms or stops is None:
                self._sure = False
                return False
            self.last_ms = at_ms
            index = stops[0]
            if len(stops) > 1:
                index = visit(race, reads, number, spot, since_ms)
                self._sure = self._sure and index == next((stop for stop in stops if stop >= spot), index)
            if index != spot:
                if index < spot or (index and at_ms - since_ms < quick_ms[index] - quick_ms[max(spot, 0)]):
                    self._sure = False
                    return False
                spot, since_ms = index, at_ms if index else max(at_ms, gun_ms)
                split = splits[index] = Split(at_ms, None if way is _IN else at_ms, read)
            elif index == 0:
                split = splits[0] = _later_start(split, read, gun_ms)
                since_ms = max(at_ms, gun_ms)
            elif way is not _IN and split is not None:
                split = splits[index] = Split(since_ms, at_ms, split.reading)
        self._count, self._spot, self._since_ms, self._split = len(reads), spot, since_ms, split
        return True


def _later_start(split: Split | None, read: Passage, gun_ms: int) -> Split:
    """At the start a runner may stand on the mat for minutes: the crossing is the first read after the gun, or the last before."""
    if split is None or split.in_ms < gun_ms:
        return Split(read.at_ms, read.at_ms, read)
    return Split(split.in_ms, read.at_ms, split.reading)


def _with_hand_times(index_of: dict[str, int], found: Passings, hand_times: tuple[HandTime, ...]) -> Passings:
    """The desk's own time is the accepted reading; a read that it settles is suspect no more."""
    splits, last_read_ms = found.splits.copy(), found.last_read_ms
    settled = set[int]()
    for hand in sorted(hand_times, key=by_time):
        index = index_of[hand.checkpoint]
        splits[index] = Split(hand.passed_ms, hand.passed_ms, hand)
        last_read_ms = max(last_read_ms, hand.passed_ms)
        settled.add(index)
    suspects = tuple(suspect for suspect in found.suspects if suspect.at not in settled)
    return found._replace(splits=splits, suspects=suspects, last_read_ms=last_read_ms)


def _sifted(rules: Rules, reads: list[Passage], gun_ms: int, quick_ms: Sequence[int], least_ms: Sequence[int], future_ms: int) -> Passings:
    """The passings from reads in order of time where some may not be meant."""
    indices = assign(rules.race, reads, gun_ms)
    steps = [(index, read.at_ms) for read, index in zip(reads, indices, strict=True) if index and gun_ms <= read.at_ms <= future_ms]
    plain_story = _story(steps, gun_ms, least_ms)
    story = _story(steps, gun_ms, quick_ms)
    splits, suspects = _told(reads, indices, story, gun_ms, quick_ms, future_ms)
    plain = None if story == plain_story else tuple(_told(reads, indices, plain_story, gun_ms, least_ms, future_ms)[0])
    last_read_ms = max((read.at_ms for read in reads if read.at_ms <= future_ms), default=0)
    ahead = min((read.at_ms for read in reads if read.at_ms > future_ms), default=None)
    return Passings(splits, last_read_ms, tuple(suspects), plain, None if ahead is None else ahead - FUTURE_MS)


def _story(steps: list[tuple[int, int]], gun_ms: int, quick_ms: Sequence[int]) -> list[tuple[int, int]]:
    """The arrivals (checkpoint, moment) that explain the most checkpoints, in course order and no step quicker than `quick_ms` allows.

    Of two that explain as many, the one that claims less of the course, then the earlier.
    """
    best: dict[int, dict[int, tuple[int, tuple[int, int] | None]]] = {0: {0: (gun_ms, None)}}
    for index, at_ms in steps:
        mine = best.setdefault(index, {})
        for before, chains in best.items():
            if before >= index:
                continue
            for length, (since_ms, _) in chains.items():
                if length + 1 not in mine and at_ms - since_ms >= quick_ms[index] - quick_ms[before]:
                    mine[length + 1] = (at_ms, (before, length))
    end = max(((length, -index) for index, chains in best.items() for length in chains), default=(0, 0))
    told: list[tuple[int, int]] = []
    at: tuple[int, int] | None = (-end[1], end[0])
    while at is not None and at[0] > 0:
        moment_ms, before_at = best[at[0]][at[1]]
        told.append((at[0], moment_ms))
        at = before_at
    return told[::-1]


def _told(
    reads: list[Passage],
    indices: list[int | None],
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
    for read, index in zip(reads, indices, strict=True):
        at_ms = read.at_ms
        while leg + 1 < len(legs) and legs[leg + 1][1] <= at_ms and not (legs[leg + 1][1] == at_ms and index != legs[leg + 1][0]):
            leg += 1
        here, since_ms = legs[leg]
        if index is None:
            suspects.append(Suspect(read, None, Why.ASTRAY))
        elif at_ms > future_ms:
            suspects.append(Suspect(read, index, Why.FUTURE))
        elif index == here:
            splits[index] = _one_more(splits[index], read, index, gun_ms)
        elif at_ms < gun_ms:
            suspects.append(Suspect(read, index, Why.BEFORE_START))
        else:
            quick = index > here and at_ms - since_ms < quick_ms[index] - quick_ms[here]
            suspects.append(Suspect(read, index, Why.TOO_QUICK if quick else Why.OUT_OF_ORDER))
    return splits, suspects


def _one_more(split: Split | None, read: Passage, index: int, gun_ms: int) -> Split:
    if split is None:
        return Split(read.at_ms, None if read.way is _IN else read.at_ms, read)
    if index == 0:
        return _later_start(split, read, gun_ms)
    return split if read.way is _IN else Split(split.in_ms, read.at_ms, split.reading)
