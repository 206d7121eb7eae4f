"""What must hold of every field, and the hash that says whether two fields are the same.

`check` proves a field from the outside in: each verdict made anew, each sum counted anew, each place compared with all others.
"""

import hashlib
from collections import Counter
from dataclasses import replace

from tracker.core.field import Field
from tracker.core.finals import declared
from tracker.core.overdue import forecaster_for, learn, overdue_ms, with_overdue
from tracker.core.race_state import RaceState, Runner, Standing
from tracker.core.ranking import rank_key
from tracker.core.runner import Status, Verdict, Where, evaluate

_AT_LARGE = (Status.RACING, Status.FINISHED)
_BY_RECEPTION = "too_close"  # stems from when heartbeats were received, which two trackers need not agree on


def digest(field: Field) -> str:
    """A hash of every verdict and place, and of what the desk has declared final: the same facts give the same digest, in whatever order
    they came.
    """
    found = hashlib.sha256(field.event.id.encode())
    field.refresh()
    for race in sorted(field.races):
        for line in sorted(field.standings(race), key=lambda line: line.entrant.bib):
            found.update(repr(_fingerprint(race, line)).encode())
        final = declared(field, race)
        if final is not None:  # else it is as of a tracker that does not know this kind of fact
            found.update(repr((race, final.key)).encode())
    return found.hexdigest()


def _fingerprint(race: str, line: Standing) -> tuple[object, ...]:
    verdict = line.verdict
    splits = tuple((split.in_ms, split.out_ms) if split is not None else None for split in verdict.splits)
    ranks = (line.rank, line.rank_sex, line.rank_category)
    flags = tuple(flag for flag in verdict.flags if flag != _BY_RECEPTION)
    place = (verdict.place.where.value, verdict.place.at)
    return (race, line.entrant.bib, verdict.status.value, flags, splits, verdict.official_ms, place, ranks)


def check(field: Field) -> None:
    """Prove that the field is sound. AssertionError says what is not: a stale verdict, a ledger that does not sum, a wrong place."""
    field.refresh()
    for race, state in field.races.items():
        lines = field.standings(race)
        fresh_of = _made_anew(field, state)
        for runner in state.runners:
            bib, fresh = runner.entrant.bib, fresh_of[runner.no]
            assert fresh == runner.verdict, f"{race}: bib {bib} has a stale verdict"
            assert not fresh.started or fresh.place.where is not Where.NOT_STARTED, f"{race}: bib {bib} was read and is in no place"
            at_large = fresh.status in _AT_LARGE
            assert not at_large or fresh.started, f"{race}: bib {bib} is {fresh.status.value} and was never read"
        assert Counter(field.ledger(race)) == Counter(line.verdict.status for line in lines), f"{race}: the ledger does not sum"
        assert field.places(race) == Counter(line.verdict.place for line in lines), f"{race}: the places do not sum"
        assert sum(field.places(race).values()) == len(state.runners), f"{race}: not everybody is in one place"
        keys = [rank_key(state.rules.finish, line.verdict) for line in lines]
        placed = [key for key in keys if key is not None]
        assert placed == sorted(placed), f"{race}: the standings are out of order"
        for line, key in zip(lines, keys, strict=True):
            want = None if key is None else 1 + sum(1 for other in placed if other < key)
            assert line.rank == want, f"{race}: bib {line.entrant.bib} has rank {line.rank}, not {want}"


def _made_anew(field: Field, state: RaceState) -> list[Verdict]:
    """Every verdict of a race from the evidence alone, with nothing remembered; and the field's own times from those."""
    forecaster, under = forecaster_for(state.rules), state.under

    def judged(runner: Runner, *, hasty: bool) -> Verdict:
        unremembered = replace(field.evidence(runner.entrant.bib), track=None)
        return evaluate(under, runner.entrant, unremembered, field.now_ms, hasty=hasty)

    found = [judged(runner, hasty=False) for runner in state.runners]
    for no, verdict in enumerate(found):
        learn(forecaster, state.rules, no, state.runners[no].entrant.wave, verdict)
    forecaster.shifted()
    total_ms = 0
    for end in range(1, len(under.quick_ms)):
        total_ms += max(under.least_ms[end] - under.least_ms[end - 1], forecaster.quick_ms(end))
        assert under.quick_ms[end] == total_ms, f"{state.race.id}: the least time to checkpoint {end} is stale"
    found = [judged(runner, hasty=True) if forecaster.hasty(no) else found[no] for no, runner in enumerate(state.runners)]
    waves = (runner.entrant.wave for runner in state.runners)
    due_ms = [overdue_ms(under, forecaster, no, wave, one) for no, (wave, one) in enumerate(zip(waves, found, strict=True))]
    return [with_overdue(under, one, from_ms, field.now_ms) for one, from_ms in zip(found, due_ms, strict=True)]
