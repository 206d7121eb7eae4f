"""Facts that say nothing about any runner, and why; none of them is ever lost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracker.core.course import Race
from tracker.core.evidence import EvidenceStore
from tracker.core.facts import Fact, HandTime, Passage, Withdrawal
from tracker.core.rules import RuleFault


@dataclass(frozen=True, slots=True)
class Oddity:
    """A fact that says nothing about any runner, and why. `kind` is one of the alert kinds."""

    kind: str
    fact: Fact
    text: str


def oddities(store: EvidenceStore, refused: Iterable[Oddity], faults: Iterable[RuleFault]) -> list[Oddity]:
    """Those that fit nobody, those that a race cannot follow, and those that bear another fact's id; unless voided."""
    found = [*refused, *_strays(store)]
    found.extend(Oddity("cannot_apply", fault.fact, fault.text) for fault in faults)
    found.extend(Oddity("id_reused", fact, f"the id {fact.id} names different facts; all count") for fact in store.identities.reused())
    return [oddity for oddity in found if oddity.fact.id not in store.voided]


def nowhere_timed(hand_times: Iterable[HandTime], races: Mapping[str, Race]) -> Iterator[Oddity]:
    """Hand times at a checkpoint that the race where the runner is now does not have. `races`: by bib."""
    for fact in {fact.key: fact for fact in hand_times}.values():
        race = races[fact.bib]
        if fact.checkpoint not in race.index_of:
            yield Oddity("unknown_checkpoint", fact, f"race {race.id} has no checkpoint {fact.checkpoint}")


def _strays(store: EvidenceStore) -> Iterator[Oddity]:
    for bib in store.strangers():
        record = store.raw(bib)
        said: list[Passage | Withdrawal] = [*record.passages, *record.withdrawals]
        read = {fact.key: fact for fact in said}
        for fact in read.values():
            yield Oddity("unknown_bib", fact, f"bib {bib} is not on the roster, read at {fact.station}")
