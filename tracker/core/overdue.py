"""Who should have been seen by now: the forecast's word on a runner on the course, and how long it goes back.

Like a cutoff it is judged only where the station that would know has been heard.
"""

import msgspec

from tracker.core.cutoffs import later, stood
from tracker.core.forecast import Forecaster
from tracker.core.rules import Rules
from tracker.core.runner import Conditions, Status, Verdict, is_beyond

_MINUTE_MS = 60_000
_RACING = Status.RACING


def overdue_ms(under: Conditions, forecaster: Forecaster, no: int, verdict: Verdict) -> int | None:
    """From when on a runner is overdue at the next checkpoint, to the full minute; None for who is not on the course."""
    if verdict.status is not _RACING:
        return None
    rules = under.rules
    from_ms = forecaster.overdue_from_ms(no)
    if from_ms is None or (rules.finish < rules.race.finish and is_beyond(rules, verdict.splits)):
        return None
    if rules.standstills:
        from_ms = later(from_ms, stood(rules, verdict.splits, verdict.start_ms))
    return -(-from_ms // _MINUTE_MS) * _MINUTE_MS


def with_overdue(under: Conditions, verdict: Verdict, from_ms: int | None, now_ms: int) -> Verdict:
    """The verdict with the flag `overdue` from that moment on, or `unconfirmed` where the station ahead may know better."""
    if from_ms is None or now_ms < from_ms or verdict.unheard is not None:
        return verdict
    at = under.rules.ahead[verdict.furthest]
    if at is None or under.through_ms[at] >= from_ms:
        return msgspec.structs.replace(verdict, flags=("overdue", *verdict.flags))
    return msgspec.structs.replace(verdict, flags=("unconfirmed", *verdict.flags), unheard=at)


def forecaster_for(rules: Rules) -> Forecaster:
    """An empty forecaster of a race on the course that its rules leave."""
    course = [at for at in range(rules.finish + 1) if at not in rules.skipped]
    return Forecaster(rules.race, course)
