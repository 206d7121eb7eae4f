"""How the commands come to a series file, and that it goes together with the event that is looked at."""

from pathlib import Path

from tracker.commands.opening import UsageError, read_text
from tracker.core.course import Event
from tracker.files.series import read_series
from tracker.files.series_and_event import unknown_races
from tracker.series.of_runner import Series
from tracker.series.rules import Rules


def read_rules(path: Path) -> Rules:
    """The rules of a series file. UsageError when it cannot be read; SeriesError with every fault when it cannot be used."""
    return read_series(read_text(path), str(path))


def need_races(rules: Rules, event: Event, path: Path) -> None:
    """UsageError where the series file names a qualifying race that the event does not have."""
    for _, what, do in unknown_races(rules, event):
        raise UsageError(f"{path}: {what}; {do}")


def series_for(path: Path | None, event: Event) -> Series | None:
    """The series file that was given (None: none was), for this event. Errors as above."""
    if path is None:
        return None
    rules = read_rules(path)
    need_races(rules, event, path)
    return Series(rules)
