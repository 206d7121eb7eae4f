"""Who is overdue, where, and by how much: the search list.

Whether somebody is overdue is the verdict's word (`overdue.py`); here is what a person needs to know to look for him.
"""

from dataclasses import dataclass

from tracker.core.field import Field
from tracker.core.overdue import expected
from tracker.core.race_state import RaceState, Runner


@dataclass(frozen=True, slots=True)
class Overdue:
    """A runner who should have been at a checkpoint by now. Moments are UTC milliseconds, `at` and `seen_at` indices of checkpoints.

    Expected between `early_ms` and `late_ms`, four in five; overdue since `since_ms`, which is `by_ms` ago. Last seen at `seen_ms`,
    and not read going out there if `inside`.
    """

    race: str
    bib: str
    at: int
    expected_ms: int
    early_ms: int
    late_ms: int
    since_ms: int
    by_ms: int
    seen_at: int
    seen_ms: int
    inside: bool


def overdue(field: Field) -> list[Overdue]:
    """Everybody who is overdue now, the longest first."""
    field.refresh()
    found = [
        one
        for state in field.races.values()
        for runner in state.flagged()
        if "overdue" in runner.verdict.flags and (one := overdue_runner(state, runner, field.now_ms)) is not None
    ]
    return sorted(found, key=lambda one: (-one.by_ms, one.race, one.bib))


def overdue_runner(state: RaceState, runner: Runner, now_ms: int) -> Overdue | None:
    """What there is to know of a runner with the flag `overdue`; None for who is not expected anywhere."""
    verdict = runner.verdict
    forecast = expected(state.forecaster, state.rules, runner.no, runner.entrant.wave, verdict)
    at = state.rules.ahead[verdict.furthest]
    last = verdict.splits[verdict.furthest]
    since_ms = runner.overdue_ms
    if forecast is None or at is None or last is None or since_ms is None:
        return None
    seen_ms = last.in_ms if last.out_ms is None else last.out_ms
    return Overdue(
        state.race.id,
        runner.entrant.bib,
        at,
        *forecast,
        since_ms,
        now_ms - since_ms,
        verdict.furthest,
        seen_ms,
        last.out_ms is None,
    )
