"""Who should have been seen by now: the forecast's word on a runner on the course, and how long it goes back.

The forecaster runs on the race's own time, which may stand still; here that becomes the clock's. Like a cutoff, lateness is judged only
where the station that would know has been heard.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tracker.core.cutoffs import stood
from tracker.core.forecast import Forecast, Forecaster
from tracker.core.passings import Splits
from tracker.core.rules import Rules, Span, later, stood_ms
from tracker.core.runner import Conditions, Status, Verdict, is_beyond

_MINUTE_MS = 60_000
_RACING = Status.RACING


class _Ran(NamedTuple):
    """A passing by the race's own time."""

    in_ms: int


def forecaster_for(rules: Rules) -> Forecaster:
    """An empty forecaster of a race on the course that its rules leave."""
    course = [at for at in range(rules.finish + 1) if at not in rules.skipped]
    return Forecaster(rules.race, course)


def learn(forecaster: Forecaster, rules: Rules, no: int, wave: str | None, verdict: Verdict) -> None:
    """Let the forecaster know where a runner was by now: as the course alone tells it, and without the time that stood still."""
    starts = rules.starts
    gun_ms = starts.race_ms if wave is None else starts.gun_ms(wave)
    splits, furthest = verdict.splits, verdict.furthest
    if verdict.plain is not None:
        splits = verdict.plain
        furthest = max((at for at, split in enumerate(splits[: rules.finish + 1]) if split is not None), default=-1)
    if rules.standstills and (spans := _stood(rules, gun_ms, verdict)):
        ran = [None if split is None else _Ran(split.in_ms - stood_ms(spans, split.in_ms)) for split in splits]
        forecaster.learn(no, gun_ms, ran, furthest)
    else:
        forecaster.learn(no, gun_ms, splits, furthest)


def expected(forecaster: Forecaster, rules: Rules, no: int, wave: str | None, verdict: Verdict) -> Forecast | None:
    """The arrival at the next checkpoint by the clock; None for who is not on the way to one."""
    found = forecaster.forecast(no)
    spans = _stood(rules, rules.starts.gun_ms(wave), verdict)
    return Forecast(*(later(moment_ms, spans) for moment_ms in found)) if found is not None and spans else found


def expected_ahead(
    forecaster: Forecaster, rules: Rules, no: int, wave: str | None, verdict: Verdict, now_ms: int
) -> list[tuple[int, Forecast]]:
    """The arrival by the clock at every checkpoint that is still to come, by its index; empty for who is not on the way to one.

    Of who is not at the next one when the window is over nobody knows when he will be anywhere else.
    """
    if verdict.status is not _RACING:
        return []
    spans = _stood(rules, rules.starts.gun_ms(wave), verdict)
    ahead = [(at, Forecast(*(later(moment_ms, spans) for moment_ms in found))) for at, found in forecaster.ahead(no)]
    return ahead[:1] if ahead and ahead[0][1].late_ms < now_ms else ahead


def expected_finish(forecaster: Forecaster, rules: Rules, no: int, wave: str | None, verdict: Verdict, now_ms: int) -> Forecast | None:
    """The finish by the race's own time, as the official one is told; None for who is not on the way to it, or is lost as above."""
    if verdict.status is not _RACING or "overdue" in verdict.flags:
        return None
    found = forecaster.finish(no)
    if found is None:
        return None
    late_ms, finish = found
    if rules.standstills:
        late_ms = later(late_ms, _stood(rules, rules.starts.gun_ms(wave), verdict))
    return None if late_ms < now_ms else finish


def overdue_ms(under: Conditions, forecaster: Forecaster, no: int, wave: str | None, verdict: Verdict) -> int | None:
    """From when on a runner is overdue at the next checkpoint, to the full minute; None for who is not on the course."""
    if verdict.status is not _RACING:
        return None
    rules = under.rules
    from_ms = forecaster.overdue_from_ms(no)
    if from_ms is None or (rules.finish < rules.race.finish and is_beyond(rules, verdict.splits)):
        return None
    if rules.standstills:
        from_ms = later(from_ms, _stood(rules, rules.starts.gun_ms(wave), verdict))
    return -(-from_ms // _MINUTE_MS) * _MINUTE_MS


def with_overdue(under: Conditions, verdict: Verdict, from_ms: int | None, now_ms: int) -> Verdict:
    """The verdict with the flag `overdue` from that moment on, or `unconfirmed` where the station ahead may know better."""
    if from_ms is None or now_ms < from_ms or verdict.unheard is not None:
        return verdict
    at = under.rules.ahead[verdict.furthest]
    if at is None or under.through_ms[at] >= from_ms:
        return msgspec.structs.replace(verdict, flags=("overdue", *verdict.flags))
    return msgspec.structs.replace(verdict, flags=("unconfirmed", *verdict.flags), unheard=at)


def _stood(rules: Rules, gun_ms: int, verdict: Verdict) -> Sequence[Span]:
    """The stretches that the forecaster leaves out: by the passings that it is told of."""
    splits: Splits = verdict.splits if verdict.plain is None else verdict.plain
    return stood(rules, gun_ms, splits) if rules.standstills else ()
