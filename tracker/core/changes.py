"""What a fact changes: the runners who would be something else, or have become so.

Asked before the desk moves a cutoff (`what_if`), and after a backlog has come in (`changed`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracker.core.course import Race
from tracker.core.facts import Passage, Withdrawal
from tracker.core.field import Field
from tracker.core.overdue import expected, overdue_ms, with_overdue
from tracker.core.race_state import RaceState, Runner
from tracker.core.rules import RaceFact, RuleFault, Rules, rules_of
from tracker.core.runner import Conditions, Status, Verdict, evaluate, limits_of


@dataclass(frozen=True, slots=True)
class Change:
    """A runner's verdict without and with something: `before` in `race_before`, `after` in `race`, which the desk may have changed."""

    race: str
    bib: str
    before: Verdict
    after: Verdict
    race_before: str

    @property
    def decided(self) -> bool:
        """Whether it is more than a flag: the status, the race, or the cutoff that decided."""
        return (self.race_before, self.before.status, self.before.at_cutoff) != (self.race, self.after.status, self.after.at_cutoff)


@dataclass(frozen=True, slots=True)
class News:
    """What a fact changed that came long after it happened: at `fact.at_ms` by the right clock, received at `received_ms`."""

    change: Change
    fact: Passage | Withdrawal
    received_ms: int


def matters(before: Verdict, after: Verdict) -> bool:
    """Whether a person would call the verdicts of one race different, so that they read otherwise (`in_words`).

    What counts is the status, the cutoff that decided, and every flag but two: `missed` says of no runner that he is something else, and
    `too_close` doubts a clock, not him.
    """
    return (before.status, before.at_cutoff, _counting(before)) != (after.status, after.at_cutoff, _counting(after))


def _counting(verdict: Verdict) -> list[str]:
    return [flag for flag in verdict.flags if flag != "too_close" and not flag.startswith("missed:")]


@dataclass(frozen=True, slots=True)
class Prospect:
    """A runner on the way to a checkpoint whom the forecast puts on the other side of its cutoff: `in_time` as it would be."""

    race: str
    bib: str
    at: int
    expected_ms: int
    in_time: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Who would be something else now, and who else is expected to be, in the roster's order; what could not be done; the rules by race."""

    changes: list[Change]
    prospects: list[Prospect]
    faults: list[RuleFault]
    rules: dict[str, Rules]


def what_if(field: Field, facts: Iterable[RaceFact]) -> WhatIf:
    """What would be if the desk said this of a race now. Nothing is kept: the field is as it was."""
    field.refresh()
    changes: list[Change] = []
    prospects: list[Prospect] = []
    faults: list[RuleFault] = []
    would_be: dict[str, Rules] = {}
    added: dict[str, list[RaceFact]] = {}
    for fact in facts:
        added.setdefault(fact.race, []).append(fact)
    for race, more in added.items():
        state = field.races[race]
        counting = [fact for fact in state.facts if fact.id not in field.store.voided]
        rules, not_possible = rules_of(state.race, [*counting, *more])
        would_be[race] = rules
        faults.extend(fault for fault in not_possible if fault.fact in more)
        under = _under(state, rules)
        for runner in state.runners:
            seen = replace(field.evidence(runner.entrant.bib), track=None)
            verdict = evaluate(under, runner.entrant, seen, field.now_ms, hasty=runner.no in state.hasty)
            due_ms = overdue_ms(under, state.forecaster, runner.no, runner.entrant.wave, verdict)
            verdict = with_overdue(under, verdict, due_ms, field.now_ms)
            if matters(runner.verdict, verdict):
                changes.append(Change(race, runner.entrant.bib, runner.verdict, verdict, race))
            else:
                prospects.extend(_prospect(state, runner, under))
    return WhatIf(changes, prospects, faults, would_be)


def _under(state: RaceState, rules: Rules) -> Conditions:
    """The conditions of a race under other rules; the field's own times are of the course on which they were run."""
    fresh, now = Conditions.of(rules), state.under
    same_course = (rules.finish, rules.skipped) == (state.rules.finish, state.rules.skipped)
    quick_ms = now.quick_ms if same_course else fresh.quick_ms
    return replace(fresh, quick_ms=quick_ms, through_ms=now.through_ms, worked=now.worked, doubt_ms=now.doubt_ms)


def _prospect(state: RaceState, runner: Runner, under: Conditions) -> Iterator[Prospect]:
    verdict = runner.verdict
    forecast = expected(state.forecaster, state.rules, runner.no, runner.entrant.wave, verdict)
    at = state.rules.ahead[verdict.furthest] if forecast is not None else None
    if forecast is None or at is None or verdict.status is not Status.RACING:
        return
    now, then = (
        next((limit.last_ms for limit in limits_of(each, runner.entrant, verdict.splits) if limit.at == at), None)
        for each in (state.under, under)
    )
    in_time_now, in_time_then = (last_ms is None or forecast.expected_ms <= last_ms for last_ms in (now, then))
    if in_time_now is not in_time_then:
        yield Prospect(state.race.id, runner.entrant.bib, at, forecast.expected_ms, in_time_then)


def known(field: Field, bibs: Iterable[str]) -> dict[str, tuple[str, Verdict]]:
    """What runners are now, by bib: the race and the verdict. Bibs that are not on the roster are left out."""
    field.refresh()
    found = ((bib, field.runners.get(bib)) for bib in bibs)
    return {bib: (runner.race.race.id, runner.verdict) for bib, runner in found if runner is not None}


def changed(field: Field, before: dict[str, tuple[str, Verdict]]) -> list[Change]:
    """Who is something else by now than he was in `before` (as `known` gave it), and reads otherwise; in another race or in his own."""
    races = field.event.by_id
    found: list[Change] = []
    for bib, (race, verdict) in known(field, before).items():
        race_before, old = before[bib]
        differs = race != race_before or matters(old, verdict)
        if differs and in_words(races[race_before], old) != in_words(races[race], verdict):
            found.append(Change(race, bib, old, verdict, race_before))
    return found


def in_words(race: Race, verdict: Verdict) -> str:
    """A verdict as a person says it: `out of time at Grau Roig`, `racing, last seen at Illa`. All that `matters` is in it."""
    points = race.checkpoints
    late = {at: point.name for at, point in enumerate(points) if f"late:{point.id}" in verdict.flags}
    said = verdict.status.value.replace("_", " ")
    if verdict.status is Status.OUT_OF_TIME and verdict.at_cutoff is not None:
        said = f"out of time at {points[verdict.at_cutoff].name}"
        said += ", seen there too late" if late.pop(verdict.at_cutoff, None) is not None else ""
    elif verdict.status is Status.DNS and verdict.provisional:
        said = "proposed as not starting"
    elif verdict.status is Status.RACING:
        said = f"racing, last seen at {points[verdict.furthest].name}"
    if "unconfirmed" in verdict.flags and verdict.unheard is not None:
        said += f", unconfirmed at {points[verdict.unheard].name}"
    others = [flag for flag in ("conflict", "overdue", "suspect") if flag in verdict.flags]
    return ", ".join([said, *([f"late at {' and '.join(late.values())}"] if late else []), *others])
