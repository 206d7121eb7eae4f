"""How the commands come to a series file and a second-chance list, and that both go together with the event that is looked at."""

from argparse import Namespace
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

from tracker.commands.opening import UsageError, read_text
from tracker.core.course import Event
from tracker.core.roster import Roster
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.files.second_chance import read_second_chance
from tracker.files.series import read_series
from tracker.files.series_and_event import unknown_races
from tracker.journal import Journal, JournalError, Sources
from tracker.series.of_runner import Series
from tracker.series.rules import Rules


def read_rules(path: Path) -> Rules:
    """The rules of a series file. UsageError when it cannot be read; SeriesError with every fault when it cannot be used."""
    return read_series(read_text(path), str(path))


def need_races(rules: Rules, event: Event, path: Path) -> None:
    """UsageError where the series file names a qualifying race that the event does not have."""
    for what, do in unknown_races(rules, event):
        raise UsageError(f"{path}: {what}; {do}")


def series_for(args: Namespace, event: Event, roster: Callable[[], Roster]) -> Series | None:
    """The series file that was given (None: none was), for this event, and the second-chance list of its runners, if there is one; else
    the `roster` is not asked for. Errors as above, and SecondChanceError.
    """
    rules = _rules_given(args)
    if rules is None:
        return None
    need_races(rules, event, args.series)
    listed: Path | None = args.second_chance
    return Series(rules, None if listed is None else read_second_chance(read_text(listed), str(listed), roster(), rules))


def series_of(args: Namespace, sources: Sources) -> Series | None:
    """The same for the files of a journal."""
    event = read_event(sources.event_toml, sources.event_name)
    return series_for(args, event, lambda: read_roster(sources.roster_csv, sources.roster_name, event))


async def series_at(args: Namespace) -> Series | None:
    """The same for whoever looks at a journal, and waits for one that is not there yet: its races are learnt later, but a second-chance
    list is of its runners, and so cannot be read before (UsageError).
    """
    rules, journal = _rules_given(args), args.journal
    if rules is None:
        return None
    if not journal.exists() and args.second_chance is not None:
        raise UsageError(f"{args.second_chance}: is of the runners of {journal}, which is not there yet; begin that first, or leave it out")
    with suppress(JournalError) if args.second_chance is None else nullcontext():  # the dashboard says what is wrong with a journal
        if journal.exists():
            async with await Journal.open(journal) as opened:
                return series_of(args, opened.sources)
    return Series(rules)


def series_words(args: Namespace) -> list[str]:
    """The same options for another command."""
    words = [] if args.series is None else ["--series", str(args.series)]
    return words if args.second_chance is None else [*words, "--second-chance", str(args.second_chance)]


def _rules_given(args: Namespace) -> Rules | None:
    if args.series is None and args.second_chance is not None:
        raise UsageError("--second-chance: is for the Finals of a series file; give --series too, or leave it out")
    return None if args.series is None else read_rules(args.series)
