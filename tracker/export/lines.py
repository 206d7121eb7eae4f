"""A race's results as people read them, one line a runner: for the page, the list to print and the certificates.

They are for the public: nothing is here of the roster's own columns, where a telephone number may be, or of why somebody gave up.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.core.cutoffs import stood
from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.core.rules import Span, stood_ms
from tracker.core.runner import Status
from tracker.text import drawable

STATUS_WORDS = {
    Status.FINISHED: "finished",
    Status.RACING: "racing",
    Status.WITHDRAWN: "withdrawn",
    Status.OUT_OF_TIME: "out of time",
    Status.STOPPED: "stopped",
    Status.DISQUALIFIED: "disqualified",
    Status.DNS: "did not start",
    Status.ENTERED: "entered",
}
"""Status → in words, in the order of a result list."""
LONGEST = 80
"""Characters of a name that are shown: the roster's own limit."""


class Line(NamedTuple):
    """A runner's standing; the name as it can be drawn; a finisher's official time, and how far behind the first (ms; None: no finish)."""

    standing: Standing
    name: str
    time_ms: int | None
    gap_ms: int | None

    @property
    def status(self) -> Status:
        """What the runner is."""
        return self.standing.verdict.status

    @property
    def status_words(self) -> str:
        """The same in words; a machine's word that nobody has confirmed is named as such."""
        words = STATUS_WORDS[self.status]
        return f"{words}, not confirmed" if self.standing.verdict.provisional else words


def lines(field: Field, race: str) -> list[Line]:
    """Every entrant of a race in the order of the standings."""
    found: list[Line] = []
    first_ms: int | None = None
    for standing in field.standings(race):
        verdict = standing.verdict
        time_ms = verdict.official_ms if verdict.status is Status.FINISHED else None
        first_ms = time_ms if first_ms is None else first_ms
        gap_ms = None if time_ms is None or first_ms is None else time_ms - first_ms
        found.append(Line(standing, shown(standing.entrant.name), time_ms, gap_ms))
    return found


def shown(text: str | None) -> str:
    """A text of the roster as it can be drawn: nothing in it that is not seen, and no longer than `LONGEST`."""
    drawn = drawable(text or "").strip()
    return drawn if len(drawn) <= LONGEST else drawn[: LONGEST - 1] + "…"


def stood_still(field: Field, race: str, standing: Standing) -> tuple[Span, ...]:
    """The stretches (UTC ms) for which the race's time stood still for a runner."""
    rules = field.conditions(race).rules
    return tuple(stood(rules, rules.starts.gun_ms(standing.entrant.wave), standing.verdict.splits))


def raced(field: Field, race: str, standing: Standing) -> Iterator[int | None]:
    """The race's time at the arrival at each checkpoint, in milliseconds; None where the runner was not seen."""
    still, start_ms = stood_still(field, race, standing), standing.verdict.start_ms
    for split in standing.verdict.splits:
        yield None if split is None else split.in_ms - start_ms - stood_ms(still, split.in_ms)
