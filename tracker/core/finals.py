"""Results that the desk has declared final: of what they are, whether they still hold, what stands in their way, and what has changed.

Results are each runner's status, official time (penalties included), splits and places. Whatever else comes in leaves them final.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from tracker.core.changes import Turn, in_words
from tracker.core.course import Race
from tracker.core.facts import Final
from tracker.core.field import Field
from tracker.core.race_state import Runner, Standing
from tracker.core.runner import Status, Verdict, Where
from tracker.core.words import newest

_RACING_TODO = "give a hand time, or say what became of him (desk status)"
_ENTERED_TODO = "confirm with a desk status dns, or give a hand time"
_DNS_TODO = "confirm with a desk status dns, or give a hand time"
_OUT_OF_TIME_TODO = "confirm with a desk status out_of_time, or let him go on with accepted"
_UNACCOUNTED_TODO = "find him, and say desk accounted when he is in safe hands"
_CONFLICT_TODO = "say desk status anew, reinstate, or void what is wrong"
_SUSPECT_TODO = "void what is wrong, or give a hand time where it is right"
_NAMED = 3


class Finality(NamedTuple):
    """What the desk has said last of a race's results (None: nothing that stands), and whether they are still those that it meant."""

    final: Final | None
    holds: bool

    @property
    def state(self) -> str:
        """`final` or `provisional`."""
        return "final" if self.holds else "provisional"


class Open(NamedTuple):
    """What is to be settled before a race's results can be final: of which runner, what it is, and what to do."""

    race: str
    bib: str
    text: str
    todo: str


def declared(field: Field, race: str) -> Final | None:
    """The word by which the results of a race were declared final, the newest that was not taken back; None: there is none."""
    return newest((fact for fact in field.said if type(fact) is Final and fact.race == race), field.store.voided)


def finality(field: Field, race: str) -> Finality:
    """Whether the results of a race are final. KeyError: the event has no such race."""
    field.refresh()
    final = declared(field, race)
    return Finality(final, final is not None and final.results == results_digest(field, race))


def results_digest(field: Field, race: str) -> str:
    """A hash of the results of a race (64 hex digits): the same results give the same, whatever else is known. KeyError as `finality`."""
    field.refresh()
    state = field.races[race]
    if state.results is None or state.results[0] != state.version:
        found = hashlib.sha256(race.encode())
        for line in sorted(state.standings(), key=lambda line: line.entrant.bib):
            found.update(repr(_result(line)).encode())
        state.results = state.version, found.hexdigest()
    return state.results[1]


def _result(line: Standing) -> tuple[object, ...]:
    return (line.entrant.bib, *_own(line.verdict), line.rank, line.rank_sex, line.rank_category)


def _own(verdict: Verdict) -> tuple[object, ...]:
    """What of a result is the runner's own, and not by what others did."""
    splits = tuple(None if split is None else (split.in_ms, split.out_ms) for split in verdict.splits)
    return verdict.status.value, verdict.official_ms, splits if any(splits) else ()


def still_open(field: Field, race: str) -> list[Open]:
    """What stands in the way of final results, in the roster's order: who is not through or out for good, by whose word, and where.

    A clock that is in doubt (`too_close`) stands in nobody's way: what the desk has decided all the same is decided.
    """
    field.refresh()
    state = field.races[race]
    return [Open(race, runner.entrant.bib, *matter) for runner in state.runners for matter in _matters(state.race, runner)]


def _matters(race: Race, runner: Runner) -> Iterator[tuple[str, str]]:
    verdict = runner.verdict
    words, flags = in_words(race, verdict), verdict.flags
    if verdict.status is Status.RACING:
        yield f"is still {words}", _RACING_TODO
    elif verdict.status is Status.ENTERED:
        yield f"is {words}, and was never read", _ENTERED_TODO
    elif verdict.provisional:
        yield f"is {words}, not confirmed", _DNS_TODO if verdict.status is Status.DNS else _OUT_OF_TIME_TODO
    if verdict.place.where is Where.OUT:
        at = verdict.place.at
        yield (
            f"is out and not accounted for, {'never read' if at is None else f'last known at {race.checkpoints[at].name}'}",
            _UNACCOUNTED_TODO,
        )
    if "conflict" in flags:
        yield f"is {words}: a fact speaks against it", _CONFLICT_TODO
    if verdict.suspects:
        reads = [f"at {suspect.read.station} ({suspect.why.value}, {suspect.read.id})" for suspect in verdict.suspects]
        more = f" and {len(reads) - _NAMED} more" if len(reads) > _NAMED else ""
        yield f"has suspect reads {', '.join(reads[:_NAMED])}{more}", _SUSPECT_TODO


def changed_results(then: Field, now: Field, race: str) -> list[Turn]:
    """Whose results in a race are others now than they were, in the order of the standings; who has come to it or left it too."""
    before, after = (_lines(field, race) for field in (then, now))
    found: list[Turn] = []
    for bib in dict.fromkeys((*after, *before)):
        one, other = before.get(bib) or _line_elsewhere(then, bib), after.get(bib) or _line_elsewhere(now, bib)
        if one is not None and other is not None and (one[0] != other[0] or _result(one[1]) != _result(other[1])):
            found.append(Turn(other[0], bib, one[1].verdict, other[1].verdict, one[0], one[1].rank, other[1].rank))
    return found


def by_place_alone(turn: Turn) -> bool:
    """Whether a result is another only because others' are."""
    return turn.race == turn.race_before and _own(turn.before) == _own(turn.after)


def _lines(field: Field, race: str) -> dict[str, tuple[str, Standing]]:
    return {line.entrant.bib: (race, line) for line in field.standings(race)}


def _line_elsewhere(field: Field, bib: str) -> tuple[str, Standing] | None:
    """The line of a runner whom the desk has in another race."""
    runner = field.runners.get(bib)
    return None if runner is None else _lines(field, runner.race.race.id).get(bib)
