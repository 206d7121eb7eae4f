"""What late facts have changed, as it is told: only what is still so, and nothing left out in silence."""

from collections.abc import Sequence
from dataclasses import replace

from tracker.core.alert import Alert, alert
from tracker.core.changes import Change, News
from tracker.core.field import Field
from tracker.core.runner import Status

NEWS_FOR_MS = 6 * 3_600_000
LISTED_MAX = 500


def is_news(change: Change) -> bool:
    """Whether people may have been told otherwise: it is more than a flag, and not only that a runner was seen for the first time."""
    first_seen = change.before.status is Status.ENTERED and change.after.status is Status.RACING
    return change.decided and not first_seen


def is_old(field: Field, news: News) -> bool:
    """Whether it came so long ago that nobody need hear of it."""
    return field.now_ms - news.received_ms >= NEWS_FOR_MS


def told(field: Field, news: Sequence[News]) -> tuple[list[News], list[Alert]]:
    """The news to list one by one, with what each runner is by now, and an alert that counts the rest, where there is too much.

    `news`: the newest last. What is told is not old and still so: the runner is what it made of him, and its fact was not voided.
    """
    field.refresh()
    still = [one for one in news if not is_old(field, one) and _holds(field, one)]
    listed = [replace(one, change=replace(one.change, after=field.runners[one.change.bib].verdict)) for one in still[-LISTED_MAX:]]
    others = still[:-LISTED_MAX]
    return listed, [_not_listed(others)] if others else []


def _holds(field: Field, news: News) -> bool:
    change, runner = news.change, field.runners.get(news.change.bib)
    if runner is None or news.fact.id in field.store.voided:
        return False
    return (runner.race.race.id, runner.verdict.status, runner.verdict.at_cutoff) == (
        change.race,
        change.after.status,
        change.after.at_cutoff,
    )


def _not_listed(others: Sequence[News]) -> Alert:
    """One alert for what is not listed."""
    many = "1 older change by a late read is" if len(others) == 1 else f"{len(others):,} older changes by late reads are"
    todo = "ask `tracker changes` for a moment before they came: it lists them all"
    return alert("late", "others", others[-1].received_ms, f"{many} not listed", todo)
