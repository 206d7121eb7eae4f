"""What facts have changed: the runners who have become something else, and how a person says what somebody is.

Asked after a backlog has come in; what the desk's next words would change is told by `trial.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.core.course import Race
from tracker.core.facts import Passage, Withdrawal
from tracker.core.field import Field
from tracker.core.runner import Status, Verdict


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
class Turn(Change):
    """A runner who would be something else, or has become it, with the places in the race (None: no place)."""

    rank_before: int | None
    rank: int | None


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
