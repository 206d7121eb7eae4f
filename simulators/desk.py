"""What the race office says of the runners' true stories: who is out of time, who is in safe hands, whose finish no mat has read.

A desk that does its work, and nothing more: each word comes a while after what it is about. All chance comes from the seed.
"""

import random
from collections.abc import Collection, Sequence
from functools import cache
from typing import NamedTuple

from simulators.field import Journey
from simulators.pace import MINUTE_MS, Course, lay_course
from tracker.core.course import Event
from tracker.core.facts import Decided, WithdrawalReason
from tracker.core.roster import Roster

CONFIRMS_AFTER_MIN = (10.0, 30.0)
"""Minutes after the cutoff, or the late arrival, within which the director confirms that a runner is out of time."""
ACCOUNTS_AFTER_MIN = (20.0, 90.0)
"""Minutes after giving up, or being confirmed out of time, within which the race office knows a runner in safe hands."""
NOTICES_AFTER_MIN = (3.0, 15.0)
"""Minutes within which somebody at the finish line notices that a finisher was not read."""
_SAFE = ("on the bus", "at the finish", "fetched by the family", "gone home")


class Word(NamedTuple):
    """A fact of the desk about a runner: when it was said (true time, UTC ms), its kind, and what the kind has of its own."""

    at_ms: int
    kind: str
    bib: str
    author: str
    reason: str
    said: dict[str, object]


def desk_words(event: Event, roster: Roster, journeys: Sequence[Journey], unread: Collection[str], seed: int) -> list[Word]:
    """Everything the desk says, in the journeys' order. `unread`: the bibs that crossed the finish line without being read."""

    @cache
    def course(race: str, wave: str | None) -> Course:
        return lay_course(event, event.by_id[race], wave)

    return [
        word
        for journey in journeys
        if journey.started
        for word in _about(journey, course(journey.race, roster.by_bib[journey.bib].wave), journey.bib in unread, seed)
    ]


def _about(journey: Journey, course: Course, unread: bool, seed: int) -> list[Word]:
    rng = random.Random(f"{seed}/desk/{journey.bib}")
    bib, last, words = journey.bib, journey.visits[-1], list[Word]()

    def after(moment_ms: int, minutes: tuple[float, float]) -> int:
        return moment_ms + round(rng.uniform(*minutes) * MINUTE_MS)

    if unread:
        hand_time: dict[str, object] = {"checkpoint": course.race.checkpoints[last.checkpoint].id, "at": last.arrived_ms}
        noticed_ms = after(last.arrived_ms, NOTICES_AFTER_MIN)
        words.append(Word(noticed_ms, "passage", bib, "race office", "on the finish line's paper list", hand_time))
    out_ms = None if journey.quit is None else journey.quit.at_ms
    if out_ms is None and (stopped_ms := _stopped_ms(course, journey)) is not None:
        out_ms = after(stopped_ms, CONFIRMS_AFTER_MIN)
        words.append(Word(out_ms, "status", bib, "race director", "after the cutoff", {"status": Decided.OUT_OF_TIME.value}))
    if out_ms is not None:
        medical = journey.quit is not None and journey.quit.reason is WithdrawalReason.MEDICAL
        where = "with the doctor" if medical else rng.choice(_SAFE)
        words.append(Word(after(out_ms, ACCOUNTS_AFTER_MIN), "accounted", bib, "race office", "bib collected", {"where": where}))
    return words


def _stopped_ms(course: Course, journey: Journey) -> int | None:
    """When it was plain that a runner's time had run out; None for who finished in time. Who is stopped somewhere never leaves it."""
    last, finish = journey.visits[-1], course.race.finish
    limit_ms = course.limits_ms[finish]
    if last.checkpoint == finish and (limit_ms is None or last.arrived_ms <= limit_ms):
        return None
    stopped_at = last.checkpoint if last.left_ms is None else last.checkpoint + 1
    return max(last.left_ms or last.arrived_ms, course.limits_ms[stopped_at] or 0)
