"""Facts that say nothing about any runner, and why; none of them is ever lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker.core.clocks import FUTURE_MS
from tracker.core.evidence import EvidenceStore
from tracker.core.facts import BibSwap, ClockCorrection, Decision, DeviceWord, Fact, Final, HandTime, Passage, Void, Withdrawal
from tracker.core.field import Field
from tracker.core.passings import wrong_by_hand
from tracker.core.race_state import Runner


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


def oddities(field: Field) -> list[Oddity]:
    """Those that fit nobody, those that a race cannot follow or that do not count yet, and those that bear another's id; unless voided."""
    field.refresh()
    store, runners = field.store, field.runners
    said = {fact.key: fact for fact in field.said}.values()
    hand_times = [(fact, runners[fact.bib]) for fact in said if isinstance(fact, HandTime) and fact.bib in runners]
    decisions = [fact for fact in said if isinstance(fact, Decision) and fact.bib in runners]
    withdrawals = [store.right_time(fact) for fact in said if isinstance(fact, Withdrawal)]
    found = [Oddity(*refused) for refused in field.refused.values()]
    found.extend(Oddity("cannot_apply", fault.fact, fault.text) for state in field.races.values() for fault in state.faults)
    found.extend(_strays(store))
    found.extend(_nowhere_timed(field, hand_times))
    found.extend(_mistimed(hand_times, field.now_ms))
    found.extend(_ahead_of_time([*decisions, *withdrawals], field.now_ms))
    found.extend(_misnamed(field, said))
    found.extend(Oddity("id_reused", fact, f"the id {fact.id} names different facts; all count") for fact in store.identities.reused())
    return [oddity for oddity in found if oddity.fact.id not in store.voided]


def _misnamed(field: Field, said: Iterable[Fact]) -> Iterator[Oddity]:
    """Words about what nobody has heard of; about a fact or a device that is yet to be heard of, until then."""
    identities = field.store.identities
    for fact in said:
        match fact:
            case Void() if not identities.facts(fact.fact):
                yield Oddity("unknown_fact", fact, f"there is no fact {fact.fact} to void")
            case ClockCorrection() | DeviceWord() if fact.at_ms <= field.now_ms + FUTURE_MS:
                if field.devices.knows(fact.device) or identities.is_device(fact.device):
                    continue
                yield Oddity("unknown_device", fact, f"nothing was ever heard of a device {fact.device}")
            case Final() if fact.race not in field.races:
                yield Oddity("unknown_race", fact, f"there is no race {fact.race}")
            case BibSwap() if fact.to_bib not in field.runners and fact.from_bib not in field.runners:
                yield Oddity("unknown_bib", fact, f"bib {fact.from_bib} was given to bib {fact.to_bib}: neither is on the roster")


def _nowhere_timed(field: Field, hand_times: Iterable[tuple[HandTime, Runner]]) -> Iterator[Oddity]:
    """Hand times at a checkpoint that the race of the runner does not have; of who came from another race, that no race has."""
    everywhere = {point.id for race in field.event.races for point in race.checkpoints}
    for fact, runner in hand_times:
        race = runner.race.race
        moved = race.id != field.roster.by_bib[fact.bib].race
        if fact.checkpoint not in (everywhere if moved else race.index_of):
            text = f"race {race.id} has no checkpoint {fact.checkpoint}, where bib {fact.bib} was timed by hand"
            yield Oddity("unknown_checkpoint", fact, text)


def _mistimed(hand_times: Iterable[tuple[HandTime, Runner]], now_ms: int) -> Iterator[Oddity]:
    """Hand times on the course before the runner's start, or in the future."""
    for fact, runner in hand_times:
        index = runner.race.race.index_of.get(fact.checkpoint)
        gun_ms = runner.race.rules.starts.gun_ms(runner.entrant.wave)
        wrong = None if index is None else wrong_by_hand(fact, index, gun_ms, now_ms + FUTURE_MS)
        if wrong is not None:
            yield Oddity("cannot_apply", fact, f"the hand time of bib {fact.bib} at {fact.checkpoint} is {wrong.value}")


def _ahead_of_time(words: Iterable[Decision | Withdrawal], now_ms: int) -> Iterator[Oddity]:
    """Decisions and withdrawals by a clock that runs ahead: they do not count before their moment has come."""
    for fact in (fact for fact in words if fact.at_ms > now_ms + FUTURE_MS):
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
