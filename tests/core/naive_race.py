"""A naive reading of docs/status.md: which facts count, and the race as the desk has changed it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from tests.core.naive_story import FUTURE_MS, Course
from tracker.core import facts as f
from tracker.core.course import Race
from tracker.core.roster import Roster

_Kind = TypeVar("_Kind", bound=f.Fact)
_Read = TypeVar("_Read", f.Passage, f.Withdrawal)


class Day(NamedTuple):
    """A race, its start list, every fact that counts, in the order in which they were said, and the moment."""

    race: Race
    roster: Roster
    facts: list[f.Fact]
    now_ms: int

    def said(self, kind: type[_Kind]) -> list[_Kind]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    @property
    def known_ms(self) -> int:
        """Later is in the future: "it counts when its time has come"."""
        return self.now_ms + FUTURE_MS


def day_of(race: Race, roster: Roster, facts: Iterable[f.Fact], now_ms: int) -> Day:
    """The facts once each, less those that were taken back, and by the right clock."""
    once = {fact.key: fact for fact in facts}.values()
    voided = voided_by([fact for fact in once if isinstance(fact, f.Void)])
    known = [fact for fact in once if isinstance(fact, f.Heartbeat) or fact.id not in voided]  # that somebody was heard stays true
    counting = [fact for fact in known if getattr(fact, "race", race.id) == race.id]
    clocks = [fact for fact in counting if isinstance(fact, f.ClockCorrection)]
    return Day(race, roster, in_order(right_time(fact, clocks) for fact in counting), now_ms)


def in_order(facts: Iterable[_Kind]) -> list[_Kind]:
    return sorted(facts, key=lambda fact: (fact.at_ms, fact.key))


def voided_by(voids: Iterable[f.Void]) -> set[str]:
    """ "A `void` of a fact's id takes the fact out of the evidence; a later void of the void puts it back." """
    voided: set[str] = set()
    for void in reversed(in_order(voids)):
        if void.id not in voided:
            voided.add(void.fact)
    return voided


def right_time(fact: f.Fact, clocks: Sequence[f.ClockCorrection]) -> f.Fact:
    """ "times of a device are put right", undone by "a later `clock` over the same stretch"."""
    if not isinstance(fact, f.Passage | f.Withdrawal | f.Heartbeat):
        return fact
    for word in reversed(in_order(clocks)):
        begun = word.from_ms is None or fact.at_ms >= word.from_ms
        if word.device == fact.device and begun and (word.until_ms is None or fact.at_ms < word.until_ms):
            return replace(fact, at_ms=fact.at_ms - word.offset_ms)
    return fact


def read_as(day: Day, kind: type[_Read], bib: str) -> list[_Read]:
    """ "what was read as `from` is `to`'s; what the desk said of either stays", undone by "a later `bib` with the same `from`"."""
    owner = {swap.from_bib: swap.to_bib for swap in day.said(f.BibSwap)}
    return [fact for fact in day.said(kind) if owner.get(fact.bib, fact.bib) == bib]


def gun_of(day: Day, wave: str | None) -> int:
    """ "the race, or a wave, started then", undone by "a later `start`"."""
    guns: dict[str | None, int] = {None: day.race.start_ms, **{each.id: each.start_ms for each in day.race.waves}}
    for said in day.said(f.Start):
        if said.wave in guns:
            guns[said.wave] = said.start_ms
    return guns.get(wave, guns[None])


def course_of(day: Day) -> Course:
    """ "checkpoints skipped and excused; the race ends at another one". "What a race cannot follow" changes nothing."""
    number = {point.id: at for at, point in enumerate(day.race.checkpoints)}
    course = Course(day.race, len(number) - 1)
    for said in day.said(f.Reroute):
        if {*said.skip, *([said.finish] if said.finish else [])} <= number.keys():
            finish = number[said.finish] if said.finish else course.finish
            skipped = course.skipped | {number[point] for point in said.skip}
            if finish > 0 and not skipped & {0, finish}:
                course = Course(day.race, finish, course.ended_ms if finish == course.finish else said.at_ms, skipped)
    return course


class Version(NamedTuple):
    """A cutoff from a moment on (None: from ever): a time after the start (None: there is none); or a moment, and when that was named."""

    from_ms: int | None
    limit_ms: int | None
    named_ms: int | None = None

    @property
    def is_moment(self) -> bool:
        return self.named_ms is not None


def versions_of(day: Day) -> dict[int, list[Version]]:
    """ "Moved: in force from the moment that the desk names, or at which it spoke." "`onward` moves every later cutoff as far."

    "A time that is named stands from then on over every earlier word that would move that cutoff, also one that was to be in force later."
    """
    words = day.said(f.CutoffMove)
    named: dict[int, list[tuple[int, Version]]] = {}
    number = {point.id: at for at, point in enumerate(day.race.checkpoints)}
    grace_ms = [0 if point.cutoff is None else point.cutoff.grace_ms for point in day.race.checkpoints]
    found = {
        at: [Version(None, None if point.cutoff is None else point.cutoff.offset_ms + grace_ms[at])]
        for at, point in enumerate(day.race.checkpoints)
    }
    for said in sorted(words, key=lambda said: said.at_ms if said.from_ms is None else said.from_ms):
        at = number.get(said.checkpoint)
        if at is None:
            continue
        from_ms = said.at_ms if said.from_ms is None else said.from_ms
        over = [version for number_said, version in named.get(at, []) if number_said > words.index(said)]
        old = [version for version in found[at] if version not in over][-1]
        if said.limit_at_ms is not None:
            new = Version(from_ms, said.limit_at_ms + grace_ms[at], said.at_ms)
        elif said.offset_ms is not None:
            new = Version(from_ms, said.offset_ms + grace_ms[at])
        elif old.limit_ms is not None and said.extend_ms is not None:
            new = Version(from_ms, old.limit_ms + said.extend_ms, old.named_ms)
        else:
            continue
        if said.onward and old.limit_ms is None:
            continue
        if not over:
            found[at].append(new)
            if said.extend_ms is None:
                named.setdefault(at, []).append((words.index(said), new))
        if said.onward:
            for later in range(at + 1, len(found)):
                stands = any(number_said > words.index(said) for number_said, _ in named.get(later, []))
                if found[later][-1].limit_ms is not None and not stands:
                    found[later].append(as_far(day, from_ms, old, new, found[later][-1]))
    return found


def as_far(day: Day, from_ms: int, old: Version, new: Version, later: Version) -> Version:
    """A later cutoff moved as far. Where a time became a moment, as far for each runner is a moment too."""
    assert old.limit_ms is not None
    assert new.limit_ms is not None
    assert later.limit_ms is not None
    if new.is_moment and not old.is_moment and not later.is_moment:
        return Version(from_ms, later.limit_ms + new.limit_ms - old.limit_ms, new.named_ms)
    gun_ms = gun_of(day, None)
    before_ms = old.limit_ms if old.is_moment else gun_ms + old.limit_ms
    after_ms = new.limit_ms if new.is_moment else gun_ms + new.limit_ms
    return Version(from_ms, later.limit_ms + after_ms - before_ms, later.named_ms)
