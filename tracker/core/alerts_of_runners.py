"""What is to be decided or cleared up about the runners: one by one, and of a race's many at once.

The moment of each alert is that of the newest fact, or stroke of the clock, that it speaks of; so who has seen it has seen all of it.
"""

from collections.abc import Iterator

from tracker.core.alert import Alert, alert, bibs, hours
from tracker.core.clocks import FUTURE_MS
from tracker.core.facts import HandTime
from tracker.core.field import Field
from tracker.core.lateness import overdue_runner
from tracker.core.passings import Why
from tracker.core.race_state import RaceState, Runner
from tracker.core.runner import DNS_AFTER_MS, Status, Where, is_beyond, limits_of

LONG_INSIDE_MS = 2 * 3_600_000
"""Who went into a station and was not read going out for so long has left unseen, or needs help."""

_CONFLICT_TODO = "find the runner, then reinstate or void"
_INSIDE_TODO = "look for the runner there; a hand time or a withdrawal clears it"
_OUT_OF_TIME_TODO = "confirm with a desk status out_of_time, or let the runner go on with accepted"
_OVERDUE_TODO = "ask the stations before and after; send the sweepers; a read, a hand time or a withdrawal clears it"
_TOO_CLOSE_TODO = "compare the device's clock with another, then accept the passing or confirm that it was late"
_UNACCOUNTED_TODO = "ask the stations and the bus; say desk accounted when the runner is in safe hands"


def of_runners(field: Field, state: RaceState) -> Iterator[Alert]:
    """The alerts about single runners of a race."""
    for runner in state.flagged():
        verdict = runner.verdict
        if verdict.status is Status.OUT_OF_TIME and verdict.provisional:
            yield from _out_of_time(state, runner)
        if "overdue" in verdict.flags:
            yield from _overdue(field, state, runner)
        if "conflict" in verdict.flags:
            yield _conflict(field, state, runner)
        if "too_close" in verdict.flags:
            yield from _too_close(field, state, runner)
        if verdict.suspects:
            yield from _suspect(state, runner)
    yield from _beyond(state)
    yield from _inside(field, state)
    yield from _unaccounted(state)


def of_race(state: RaceState) -> Iterator[Alert]:
    """What concerns many runners of a race at once."""
    race, flagged = state.race.id, state.flagged()
    absent = [runner for runner in flagged if runner.verdict.status is Status.DNS and runner.verdict.provisional]
    if absent:
        at_ms = max(state.rules.starts.gun_ms(runner.entrant.wave) for runner in absent) + DNS_AFTER_MS
        text = f"not read at the start of race {race}, and nowhere since: {bibs(runner.entrant.bib for runner in absent)}"
        yield alert("not_started", race, at_ms, text, "confirm with a desk status dns; a read takes it back by itself", race=race)
    early = {
        runner.entrant.bib: max(moments)
        for runner in flagged
        if (moments := [one.read.at_ms for one in runner.verdict.suspects if one.why is Why.BEFORE_START])
    }
    if early:
        text = f"read on the course of race {race} before its start, which does not count: {bibs(early)}"
        yield alert("before_start", race, max(early.values()), text, "correct the start (desk start) if it was sooner", race=race)


def _out_of_time(state: RaceState, runner: Runner) -> Iterator[Alert]:
    verdict, bib = runner.verdict, runner.entrant.bib
    at = verdict.at_cutoff
    if at is None:
        return
    point, split = state.race.checkpoints[at], verdict.splits[at]
    moment_ms, by_clock = _struck(state, runner, at)
    if not by_clock:
        evidence = "too late"
    elif split is not None:
        evidence = "went in, never seen going out"
    else:
        evidence = f"never seen after {_last_seen(state, runner)}"
    text = f"bib {bib} is out of time at {point.name} ({evidence}), not yet confirmed"
    yield alert("out_of_time", f"{bib}/{point.id}", moment_ms, text, _OUT_OF_TIME_TODO, race=state.race.id, bib=bib, checkpoint=point.id)


def _struck(state: RaceState, runner: Runner, at: int) -> tuple[int, bool]:
    """When a cutoff ended the race for a runner, and whether that was by the clock alone: else it is the passing that came too late."""
    limits = limits_of(state.under, runner.entrant, runner.verdict.splits)
    limit = next(limit for limit in limits if limit.at == at)
    split = runner.verdict.splits[at]
    passed = [] if split is None else [split.in_ms if limit.on_arrival else None, split.out_ms if limit.on_departure else None]
    too_late = [moment_ms for moment_ms in passed if moment_ms is not None and moment_ms > limit.last_ms]
    return (max(too_late), False) if too_late else (limit.last_ms + 1, True)


def _overdue(field: Field, state: RaceState, runner: Runner) -> Iterator[Alert]:
    one = overdue_runner(state, runner, field.now_ms)
    if one is None:
        return
    points, now_ms = state.race.checkpoints, field.now_ms
    point, seen = points[one.at], points[one.seen_at].name
    last = f"went into {seen} {hours(now_ms - one.seen_ms)} ago, not read going out" if one.inside else _ago(seen, now_ms - one.seen_ms)
    text = f"bib {one.bib} is overdue at {point.name} by {hours(one.by_ms)}: {last}, expected {hours(now_ms - one.expected_ms)} ago"
    yield alert("overdue", f"{one.bib}/{point.id}", one.since_ms, text, _OVERDUE_TODO, race=one.race, bib=one.bib, checkpoint=point.id)


def _ago(seen: str, span_ms: int) -> str:
    return f"last seen at {seen} {hours(span_ms)} ago"


def _conflict(field: Field, state: RaceState, runner: Runner) -> Alert:
    verdict, bib = runner.verdict, runner.entrant.bib
    against = [verdict.last_read_ms]
    if verdict.by is None:  # then it is the withdrawal that nothing came of which may speak against the status
        against += [fact.at_ms for fact in field.evidence(bib).withdrawals if fact.at_ms <= field.now_ms + FUTURE_MS]
    text = f"bib {bib} is {verdict.status.value.replace('_', ' ')}, but a fact speaks against it (last seen at {_last_seen(state, runner)})"
    return alert("conflict", bib, max(against), text, _CONFLICT_TODO, race=state.race.id, bib=bib)


def _too_close(field: Field, state: RaceState, runner: Runner) -> Iterator[Alert]:
    """A passing too near to its cutoff, until the desk has decided after it or has a time of its own there."""
    verdict, bib = runner.verdict, runner.entrant.bib
    seen, doubt_ms = field.evidence(bib), state.under.doubt_ms
    decided = [decision.at_ms for decision in seen.decisions if decision.at_ms <= field.now_ms + FUTURE_MS]
    near: list[int] = []
    for limit in limits_of(state.under, runner.entrant, verdict.splits):
        split = verdict.splits[limit.at]
        if split is None or isinstance(split.reading, HandTime):
            continue
        passed = (split.in_ms if limit.on_arrival else None, split.out_ms if limit.on_departure else None)
        near += [ms for ms in passed if ms is not None and abs(ms - limit.last_ms) < doubt_ms.get(limit.at, 0)]
    if near and max(decided, default=0) < max(near):
        text = f"bib {bib} passed a cutoff by less than the clock there may be off"
        yield alert("too_close", bib, max(near), text, _TOO_CLOSE_TODO, race=state.race.id, bib=bib)


def _suspect(state: RaceState, runner: Runner) -> Iterator[Alert]:
    verdict, bib, points = runner.verdict, runner.entrant.bib, state.race.checkpoints
    meant = [suspect for suspect in verdict.suspects if suspect.why is not Why.BEFORE_START]
    if not meant:
        return
    newest = max(meant, key=lambda suspect: (suspect.read.at_ms, suspect.read.key))
    at = newest.read.station if newest.at is None else points[newest.at].name
    more = f" (and {len(meant) - 1} more such reads)" if len(meant) > 1 else ""
    told = [suspect.read.at_ms for suspect in meant if suspect.why is not Why.FUTURE]  # nobody can have seen what is yet to come
    at_ms = max(told, default=verdict.reached_ms)
    text = f"bib {bib} was read at {at}: {newest.why.value}{more}"
    todo = f"ask the station which bib it was; void {newest.read.id}, or give a hand time where it is right"
    yield alert("suspect", bib, at_ms, text, todo, race=state.race.id, bib=bib, fact=newest.read.id)


def _beyond(state: RaceState) -> Iterator[Alert]:
    """Those whom a moved finish has left without one."""
    if state.rules.finish == state.race.finish:
        return
    finish = state.race.checkpoints[state.rules.finish].name
    for runner in state.at(Where.ON_LEG):
        if is_beyond(state.rules, runner.verdict.splits):
            bib, beyond = runner.entrant.bib, runner.verdict.splits[state.rules.finish + 1 :]
            at_ms = max(split.in_ms for split in beyond if split is not None)
            text = f"bib {bib} was seen beyond {finish}, where the race ends now, but not there"
            yield alert("beyond", bib, at_ms, text, "give a hand time there", race=state.race.id, bib=bib)


def _inside(field: Field, state: RaceState) -> Iterator[Alert]:
    """Those who have been in a station for long; of who is overdue already, that alert says it."""
    for runner in state.at(Where.IN_STATION):
        verdict, bib = runner.verdict, runner.entrant.bib
        if field.now_ms - verdict.reached_ms > LONG_INSIDE_MS and "overdue" not in verdict.flags:
            point = state.race.checkpoints[verdict.furthest]
            text = f"bib {bib} went into {point.name} and was not read going out"
            at_ms = verdict.reached_ms + LONG_INSIDE_MS
            yield alert("inside", f"{bib}/{point.id}", at_ms, text, _INSIDE_TODO, race=state.race.id, bib=bib, checkpoint=point.id)


def _unaccounted(state: RaceState) -> Iterator[Alert]:
    """Those who are out, by somebody's word or for good, and may still be on the course; who is provisionally out has an alert as that."""
    for runner in state.at(Where.OUT):
        if not runner.verdict.provisional:
            bib, at = runner.entrant.bib, runner.verdict.place.at
            where = "never read" if at is None else f"last known at {state.race.checkpoints[at].name}"
            went_on = runner.verdict.status is Status.FINISHED
            why = "had gone on when the race was shortened," if went_on else "is out of the race"
            text = f"bib {bib} {why} and not accounted for ({where})"
            yield alert("unaccounted", bib, _out_since_ms(state, runner), text, _UNACCOUNTED_TODO, race=state.race.id, bib=bib)


def _last_seen(state: RaceState, runner: Runner) -> str:
    verdict = runner.verdict
    return state.race.checkpoints[verdict.furthest].name if verdict.started else "the start list"


def _out_since_ms(state: RaceState, runner: Runner) -> int:
    """Since when it is known that a runner is out where he was last read: by the fact that decided, the cutoff, or the race's new end."""
    verdict = runner.verdict
    if verdict.by is not None:
        since_ms = verdict.by.at_ms
    elif verdict.at_cutoff is not None:
        since_ms = _struck(state, runner, verdict.at_cutoff)[0]
    else:
        since_ms = state.rules.ends_ms
    return max(since_ms, verdict.last_read_ms)
