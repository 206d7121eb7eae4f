"""Facts that say nothing about any runner, and why; none of them is ever lost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracker.core.course import Race
from tracker.core.evidence import EvidenceStore
from tracker.core.facts import Decision, Fact, HandTime, Passage, Withdrawal
from tracker.core.passings import FUTURE_MS, wrong_by_hand
from tracker.core.race_state import Runner
from tracker.core.rules import RuleFault


@dataclass(frozen=True, slots=True)
class Oddity:
    """A fact that says nothing about any runner, and why. `kind` is one of the alert kinds."""

    kind: str
    fact: Fact
    text: str

    @property
    def name(self) -> str:
        """Twelve letters that name the fact; unlike its id, no other fact has them."""
        return self.fact.key.hex()[:12]


def oddities(
    store: EvidenceStore,
    refused: Iterable[Oddity],
    faults: Iterable[RuleFault],
    runners: Mapping[str, Runner],
    said: Iterable[HandTime | Decision | Withdrawal],
    now_ms: int,
) -> list[Oddity]:
    """Those that fit nobody, those that a race cannot follow or that do not count yet, and those that bear another's id; unless voided.

    `said`: what was said of the `runners` (by bib) that may not hold, or not yet.
    """
    said = list(said)
    hand_times = [fact for fact in said if isinstance(fact, HandTime)]
    words = [fact for fact in said if not isinstance(fact, HandTime)]
    races = {fact.bib: runners[fact.bib].race.race for fact in hand_times}
    guns_ms = {fact.bib: runners[fact.bib].race.rules.starts.gun_ms(runners[fact.bib].entrant.wave) for fact in hand_times}
    found = [*refused, *_strays(store), *nowhere_timed(hand_times, races), *mistimed(hand_times, races, guns_ms, now_ms)]
    found.extend(ahead_of_time((store.right_time(fact) if isinstance(fact, Withdrawal) else fact for fact in words), now_ms))
    found.extend(Oddity("cannot_apply", fault.fact, fault.text) for fault in faults)
    found.extend(Oddity("id_reused", fact, f"the id {fact.id} names different facts; all count") for fact in store.identities.reused())
    return [oddity for oddity in found if oddity.fact.id not in store.voided]


def nowhere_timed(hand_times: Iterable[HandTime], races: Mapping[str, Race]) -> Iterator[Oddity]:
    """Hand times at a checkpoint that the race where the runner is now does not have. `races`: by bib."""
    for fact in {fact.key: fact for fact in hand_times}.values():
        race = races[fact.bib]
        if fact.checkpoint not in race.index_of:
            yield Oddity("unknown_checkpoint", fact, f"race {race.id} has no checkpoint {fact.checkpoint}")


def mistimed(hand_times: Iterable[HandTime], races: Mapping[str, Race], guns_ms: Mapping[str, int], now_ms: int) -> Iterator[Oddity]:
    """Hand times on the course before the runner's start, or in the future. `races` and `guns_ms` (UTC milliseconds): by bib."""
    for fact in {fact.key: fact for fact in hand_times}.values():
        index = races[fact.bib].index_of.get(fact.checkpoint)
        wrong = None if index is None else wrong_by_hand(fact, index, guns_ms[fact.bib], now_ms + FUTURE_MS)
        if wrong is not None:
            yield Oddity("cannot_apply", fact, f"the hand time of bib {fact.bib} at {fact.checkpoint} is {wrong.value}")


def ahead_of_time(words: Iterable[Decision | Withdrawal], now_ms: int) -> Iterator[Oddity]:
    """Decisions and withdrawals by a clock that runs ahead: they do not count before their moment has come."""
    for fact in {fact.key: fact for fact in words if fact.at_ms > now_ms + FUTURE_MS}.values():
        said = f"the decision {fact.status.value} on" if isinstance(fact, Decision) else "the withdrawal of"
        yield Oddity("cannot_apply", fact, f"{said} bib {fact.bib} is dated in the future, and counts from then on")


def _strays(store: EvidenceStore) -> Iterator[Oddity]:
    for bib in store.strangers():
        owner, record = store.owner(bib), store.raw(bib)
        who = f"bib {bib}" if owner == bib else f"bib {bib} was given to bib {owner}, which"
        said: list[Passage | Withdrawal] = [*record.passages, *record.withdrawals]
        read = {fact.key: fact for fact in said}
        for fact in read.values():
            yield Oddity("unknown_bib", fact, f"{who} is not on the roster, read at {fact.station}")
