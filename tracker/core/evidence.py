"""What is on record about each bib, and what of it counts: less what was voided, under the right bib, by the right clock.

Reads are kept under the bib that was read and never touched; `counting` is what they come to under the desk's voids, bib swaps and clock
corrections.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec

from tracker.core.clocks import ClockWords
from tracker.core.facts import Accounted, BibSwap, ClockCorrection, Decision, Fact, HandTime, Passage, Penalty, Void, Withdrawal
from tracker.core.identities import Identities
from tracker.core.passings import Evidence
from tracker.core.voids import effective_voids

_Read = TypeVar("_Read", Passage, Withdrawal)
AboutRunner = Withdrawal | Decision | Penalty | HandTime | Accounted


class EvidenceStore:
    """The evidence of every bib that was ever named, on the roster or not."""

    def __init__(self, bibs: Iterable[str]) -> None:
        self.identities = Identities()
        self.voided: frozenset[str] = frozenset()
        self._raw = {bib: Evidence() for bib in bibs}
        self._entered = len(self._raw)
        self._voids: list[Void] = []
        self._swaps: list[BibSwap] = []
        self._owner: dict[str, str] = {}
        self._lent: dict[str, list[str]] = {}
        self._clocks: list[ClockCorrection] = []
        self._corrections: dict[str, ClockWords] = {}
        self.plain = True
        self.right_moment = partial(_right_moment, self._corrections)
        """A moment by a device's clock as the true one; another object when the corrections are others."""

    def twin(self, bibs: Iterable[str]) -> "EvidenceStore":
        """The same evidence in a store of its own, which can take what the desk says of these bibs, and of swaps, clocks and voids."""
        other: EvidenceStore = copy(self)
        other.identities = self.identities.twin()
        other._raw = self._raw | {bib: replace(self._raw[bib]) for bib in bibs if bib in self._raw}
        other._voids, other._swaps, other._clocks = self._voids.copy(), self._swaps.copy(), self._clocks.copy()
        return other

    def raw(self, bib: str) -> Evidence:
        """The record of a bib as it was read, whoever wore it."""
        return self._raw.get(bib) or self._raw.setdefault(bib, Evidence())

    def bibs(self) -> tuple[str, ...]:
        """Every bib that is on the roster or was ever named."""
        return tuple(self._raw)

    def strangers(self) -> list[str]:
        """The bibs that were named, are not on the roster, and belong to nobody who is."""
        if len(self._raw) == self._entered and not self._owner:
            return []
        entered = set(islice(self._raw, self._entered))
        named = dict.fromkeys((*islice(self._raw, self._entered, None), *self._owner))
        return [bib for bib in named if bib in self._raw and self.owner(bib) not in entered]

    def records(self, bib: str) -> list[Evidence]:
        """Every record of reads that belongs to the runner of a bib: what was voided too, and by the devices' own clocks."""
        return [self.raw(each) for each in self._worn(bib)]

    def owner(self, bib: str) -> str:
        """Who wore a bib: reads of `bib` belong to this one."""
        return self._owner.get(bib, bib)

    @property
    def swapped(self) -> bool:
        """Whether any bib belongs to another runner than its own."""
        return bool(self._owner)

    def counting(self, bib: str) -> Evidence:
        """The evidence about the runner of a bib."""
        if self.plain:
            return self.raw(bib)
        own, voided = self.raw(bib), self.voided
        read = self.records(bib)
        return Evidence(
            [self.right_time(fact) for each in read for fact in each.passages if fact.id not in voided],
            tuple(self.right_time(fact) for each in read for fact in each.withdrawals if fact.id not in voided),
            tuple(fact for fact in own.decisions if fact.id not in voided),
            tuple(fact for fact in own.hand_times if fact.id not in voided),
            tuple(fact for fact in own.penalties if fact.id not in voided),
            tuple(fact for fact in own.accounted if fact.id not in voided),
        )

    def right_time(self, fact: _Read) -> _Read:
        """The fact by the right clock: its time less what the desk says its device was off."""
        corrections = self._corrections.get(fact.device) if fact.device is not None else None
        if corrections is None:
            return fact
        at_ms = corrections.right_ms(fact.at_ms)
        return fact if at_ms == fact.at_ms else msgspec.structs.replace(fact, at_ms=at_ms)

    def correction(self, device: str, at_ms: int) -> ClockCorrection | None:
        """The desk's word that puts right what a device's clock calls `at_ms`; None: that stands as it is."""
        words = self._corrections.get(device)
        return None if words is None else words.at(at_ms)

    def note(self, fact: AboutRunner) -> None:
        """Put a fact on a runner's record."""
        seen = self.raw(fact.bib)
        match fact:
            case Withdrawal():
                seen.withdrawals = (*seen.withdrawals, fact)
            case Decision():
                seen.decisions = (*seen.decisions, fact)
            case Penalty():
                seen.penalties = (*seen.penalties, fact)
            case HandTime():
                seen.hand_times = (*seen.hand_times, fact)
            case Accounted():
                seen.accounted = (*seen.accounted, fact)

    def void(self, said: Iterable[Void]) -> set[str]:
        """Take voids. Returns the bibs whose record they change."""
        self._voids.extend(said)
        voided = effective_voids(self._voids)
        changed = voided ^ self.voided
        self.voided = voided
        self._settle()
        facts: list[Fact] = [fact for identity in changed for fact in self.identities.facts(identity)]
        if any(isinstance(fact, BibSwap | ClockCorrection) for fact in facts):
            return set(self._raw)
        bibs = {bib for fact in facts if isinstance(bib := getattr(fact, "bib", None), str)}
        return bibs | {self.owner(bib) for bib in bibs}

    def amend(self, fact: BibSwap | ClockCorrection) -> set[str]:
        """Take a bib swap or a clock correction. Returns the bibs whose record it may change."""
        if isinstance(fact, BibSwap):
            before = self.owner(fact.from_bib)
            self._swaps.append(fact)
            self._settle()
            return {fact.from_bib, before, self.owner(fact.from_bib)}
        self._clocks.append(fact)
        self._settle()
        return set(self._raw)

    def _worn(self, bib: str) -> list[str]:
        """The bibs whose reads belong to the runner."""
        return ([bib] if self.owner(bib) == bib else []) + self._lent.get(bib, [])

    def _settle(self) -> None:
        self._owner, self._lent = {}, {}
        corrections: dict[str, list[ClockCorrection]] = {}
        for swap in sorted(set(self._swaps), key=lambda fact: (fact.at_ms, fact.key)):
            if swap.id not in self.voided:
                self._owner[swap.from_bib] = swap.to_bib
        for bib, owner in sorted(self._owner.items()):
            if bib != owner:
                self._lent.setdefault(owner, []).append(bib)
        for clock in self._clocks:
            if clock.id not in self.voided:
                corrections.setdefault(clock.device, []).append(clock)
        if corrections != {device: known.words for device, known in self._corrections.items()}:
            self._corrections = {device: self._clock_words(device, words) for device, words in corrections.items()}
            self.right_moment = partial(_right_moment, self._corrections)
        self.plain = not (self.voided or self._owner or self._corrections)

    def _clock_words(self, device: str, words: list[ClockCorrection]) -> ClockWords:
        known = self._corrections.get(device)
        return known if known is not None and known.words == words else ClockWords(words)


def _right_moment(corrections: dict[str, ClockWords], device: str, at_ms: int) -> int:
    said = corrections.get(device)
    return at_ms if said is None else said.right_ms(at_ms)
