"""What the series says of one runner, in a few lines: stones and category, and a line for each of the Finals for which the race counts.

Pure: lines from plain values, as `tracker qualify` words them.
"""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.series.of_runner import FinalOfRunner, OfRace, Series, of_race
from tracker.series.qualification import Progress, Verdict
from tracker.series.results import unsettled
from tracker.text import count

_INDENT = 2
_WRAPPING = Console()
"""Rich wraps no text without one."""


def series_lines(series: Series, field: Field, race: str, line: Standing, width: int) -> Iterator[str]:
    """A runner of the race, whose line in the standings it is: lines of at most `width` cells, what goes on in the next indented."""
    found = of_race(series, field, race)
    said = found.of_line(field, line)
    yield from _wrapped(f"{_named(series, found)}: {_stones(found, said.progress)}", width)
    for final in said.finals:
        yield from _wrapped(_final(final), width)
    if said.progress is Progress.FINISHED and said.finals and (waiting := unsettled(field, race)):
        yield from _wrapped(waiting, width)
    for note in found.notes:
        yield from _wrapped(f"race {race}: {note}", width)


def race_lines(series: Series, field: Field, race: str) -> Iterator[str]:
    """A race as a whole: what it is in the series, for which of the Finals it counts, and why it qualifies nobody."""
    found = of_race(series, field, race)
    finals = ", ".join(f"{judge.final} {judge.counted.year}" for judge in found.judges)
    counts = f"; it counts for {finals} (who qualifies: tracker qualify)" if finals else ""
    yield f"{_named(series, found)}: {_stones(found, Progress.ON_THE_WAY)}{counts}"
    yield from found.notes


def _named(series: Series, race: OfRace) -> str:
    return series.rules.name if race.category is None else f"{series.rules.name} {race.category}"


def _stones(race: OfRace, progress: Progress) -> str:
    if race.category is None:
        return "no category, and no running stones"
    if race.stones is None:
        return f'the series file has no figure for the running stones of the tier "{race.tier}"'
    if race.stones == 0:
        return "no running stones"
    match progress:
        case Progress.FINISHED:
            return count(race.stones, "running stone")
        case Progress.ON_THE_WAY:
            return f"{count(race.stones, 'running stone')} for finishing"
        case Progress.OUT:
            return "no running stones, for who did not finish"


def _final(final: FinalOfRunner) -> str:
    """Of who is still on the way it is said too why a place may come to nothing (with another verdict the reasons have it), and where
    the second-chance list would decide, what the other rules say.
    """
    outcome = final.outcome
    reasons = outcome.deciding
    if outcome.verdict is Verdict.NO_LIST:
        reasons = tuple(reason for verdict, reason in outcome.said if verdict is not Verdict.NO_LIST)
    elif outcome.verdict is Verdict.NOT_YET and final.doubt is not None:
        reasons = (*reasons, final.doubt)
    return f"{final.final} {final.year}: {outcome.verdict}: {'; '.join(reasons)}"


def _wrapped(line: str, width: int) -> Iterator[str]:
    parts = Text(line).wrap(_WRAPPING, max(1, width - _INDENT))
    for no, part in enumerate(parts):
        yield f"{' ' * _INDENT if no else ''}{part.plain.rstrip()}"
