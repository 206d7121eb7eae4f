"""Which cutoffs a runner passed late, which one ends the race for him, and when the clock will strike next.

Absence is judged only where the station that would know has been heard; until then the runner is unconfirmed.
"""

from collections.abc import Sequence

import msgspec

from tracker.core.course import CutoffFrom
from tracker.core.passings import Splits
from tracker.core.rules import Limit, Rules, Span, Standstill

_FROM_RACE = CutoffFrom.RACE


class Judged(msgspec.Struct, frozen=True, gc=False):
    """`late` and `struck` are checkpoints; `due_ms` is the first moment at which the clock alone changes this.

    `unheard` is the first checkpoint whose cutoff has passed and whose station may still have to say that the runner was there.
    `in_time`: so many of the first cutoffs lie behind the runner and were kept.
    """

    late: Sequence[int] = ()
    struck: int | None = None
    due_ms: int | None = None
    unheard: int | None = None
    in_time: int = 0


def judge(
    limits: Sequence[Limit], splits: Splits, furthest: int, forgiven_ms: int, through_ms: Sequence[int], now_ms: int, in_time: int = 0
) -> Judged:
    """The judgement of a runner who was seen up to the checkpoint `furthest`.

    A late passing ends the race only where the runner was not seen further on. A cutoff ahead strikes when the clock has passed it and
    its station is heard through it (`through_ms`, by checkpoint). What the director forgave (limits up to `forgiven_ms`) never strikes.
    The first `in_time` cutoffs are known to have been kept.
    """
    late: list[int] = []
    struck: int | None = None
    unheard: list[tuple[int, int]] = []
    due_ms: int | None = None
    absent: tuple[int, int] | None = None  # of the cutoffs that the clock has passed the first in time, and where
    for number in range(in_time, len(limits)):
        at, last_ms, on_arrival, on_departure, first_ms = limits[number]
        split = splits[at]
        if split is not None and (
            (on_arrival and split.in_ms > last_ms) or (on_departure and split.out_ms is not None and split.out_ms > last_ms)
        ):
            late.append(at)
            if at == furthest and last_ms > forgiven_ms:
                struck = at
        elif at < furthest and number == in_time:
            in_time += 1
        elif last_ms <= forgiven_ms or struck is not None:
            continue
        elif at > furthest or (at == furthest and on_departure and split is not None and split.out_ms is None):
            if now_ms <= first_ms:
                due_ms = first_ms + 1 if due_ms is None else min(first_ms + 1, due_ms)
                break
            if now_ms <= last_ms:
                due_ms = last_ms + 1 if due_ms is None else min(last_ms + 1, due_ms)
                continue
            if through_ms[at] >= last_ms:
                absent = min(absent or (last_ms, at), (last_ms, at))
                continue
            unheard.append((last_ms, at))
    if struck is not None:
        return Judged(late, struck, None, None, in_time)
    if absent is not None:  # a cutoff that passed sooner would decide, if its station were heard
        return Judged(late, absent[1], None, next((at for last_ms, at in unheard if (last_ms, at) < absent), None), in_time)
    return Judged(late, None, due_ms, unheard[0][1] if unheard else None, in_time)


def limits_from(rules: Rules, gun_ms: int, start_ms: int, spans: Sequence[Span]) -> tuple[Limit, ...]:
    """Every cutoff of a runner, from the gun or his own start; later by as long as time stood still."""
    cutoff_from = rules.race.cutoff_from
    if cutoff_from is _FROM_RACE:
        return rules.limits(rules.starts.race_ms, spans)
    return rules.limits(gun_ms if cutoff_from is CutoffFrom.WAVE else start_ms, spans)


def stood(rules: Rules, gun_ms: int, splits: Splits) -> Sequence[Span]:
    """The stretches for which the race's time stood still for a runner, merged and in order.

    By position: where he was when it stopped, at a checkpoint concerned or on the way to one. Time stands still only for who has started.
    """
    if not rules.standstills:
        return ()
    start = splits[0] if splits else None
    start_ms = gun_ms if start is None else max(start.in_ms, gun_ms)
    found: list[Span] = []
    for still in rules.standstills:
        if still.until_ms > start_ms and _concerns(rules, still, splits):
            begins_ms = max(still.from_ms, start_ms)
            if found and begins_ms <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], still.until_ms))
            else:
                found.append((begins_ms, still.until_ms))
    return found


def _concerns(rules: Rules, still: Standstill, splits: Splits) -> bool:
    if still.at is None:
        return True
    here, inside = 0, False
    for index, split in enumerate(splits):
        if split is not None and split.in_ms <= still.from_ms:
            here, inside = index, split.out_ms is None or split.out_ms > still.from_ms
    return rules.ahead[here] in still.at or (inside and here in still.at)


def too_close(limits: Sequence[Limit], splits: Splits, doubt_ms: dict[int, int]) -> bool:
    """Whether a passing is nearer to its cutoff than the clocks there can be trusted (`doubt_ms`, by checkpoint)."""
    for at, last_ms, on_arrival, on_departure, _ in limits:
        doubt, split = doubt_ms.get(at), splits[at]
        if doubt is None or split is None:
            continue
        if (on_arrival and abs(split.in_ms - last_ms) < doubt) or (
            on_departure and split.out_ms is not None and abs(split.out_ms - last_ms) < doubt
        ):
            return True
    return False
