"""How the commands come to a series file, and that it goes together with the event that is looked at."""

from contextlib import suppress
from pathlib import Path

from tracker.commands.opening import UsageError, read_text
from tracker.core.course import Event
from tracker.files.event import read_event
from tracker.files.series import read_series
from tracker.files.series_and_event import unknown_races
from tracker.journal import Journal, JournalError
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


async def series_at(path: Path | None, journal: Path) -> Series | None:
    """The series file for whatever event a journal is of. Where there is none yet, whoever waits for it learns its races later."""
    if path is None:
        return None
    rules = read_rules(path)
    with suppress(JournalError):  # who looks at the journal says what is wrong with it, and waits
        if journal.exists():
            async with await Journal.open(journal) as opened:
                need_races(rules, read_event(opened.sources.event_toml, opened.sources.event_name), path)
    return Series(rules)
