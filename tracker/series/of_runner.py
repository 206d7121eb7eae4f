"""What the series says of a race, and of one of its runners: category, running stones, and each of the Finals for which it counts.

A runner is judged by his own line of the standings alone: what the race is in the series is found without looking at anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.series.qualification import Chance, Judge, Outcome, Progress, Result, judges_of
from tracker.series.results import event_as_run, result_of
from tracker.series.rules import Rules
from tracker.series.stones import stones_of


@dataclass(frozen=True, slots=True)
class Series:
    """A series file, and the second-chance list of this event's runners; None: there is none to be had."""

    rules: Rules
    chances: Sequence[Chance] | None = None


@dataclass(frozen=True, slots=True)
class FinalOfRunner:
    """What a runner's result means for one final of one year. `doubt`: why whoever seems to qualify may not."""

    final: str
    year: int
    doubt: str | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OfRunner:
    """What the series says of one runner. `stones` are those that he has by now; None: the series file has no figure."""

    progress: Progress
    category: str | None
    stones: int | None
    finals: tuple[FinalOfRunner, ...]


@dataclass(frozen=True, slots=True)
class OfRace:
    """What the series says of a race. `stones` are for each who finishes; None: the series file has no figure. `notes`: why the race
    qualifies nobody, or what is not configured.
    """

    race: str
    tier: str
    category: str | None
    stones: int | None
    judges: tuple[Judge, ...]
    notes: tuple[str, ...]

    def of(self, result: Result) -> OfRunner:
        """What it says of one of the runners."""
        finals = tuple(FinalOfRunner(judge.final, judge.counted.year, judge.doubt, judge.outcome(result)) for judge in self.judges)
        stones = self.stones if self.stones is None or result.progress is Progress.FINISHED else 0
        return OfRunner(result.progress, self.category, stones, finals)

    def of_line(self, field: Field, line: Standing) -> OfRunner:
        """The same of a line of the field's standings."""
        return self.of(result_of(field, self.race, line))


def of_race(series: Series, field: Field, race: str) -> OfRace:
    """What the series says of a race of the field's event. KeyError when there is no such race."""
    rules, event = series.rules, event_as_run(series.rules, field)
    found = {one.race: one for one in event.races}[race]
    judges, notes = judges_of(rules, event, found, series.chances)
    return OfRace(race, event.tier, found.category, stones_of(rules, event.tier, found.category), tuple(judges), tuple(notes))
