"""`tracker export`: results for the pipeline, written whole or not at all, or what their receiver would refuse of them."""

import sys
from argparse import Namespace

from tracker.commands.opening import UsageError
from tracker.commands.series_file import series_for
from tracker.commands.status import races_of, read_state
from tracker.durable import write_whole
from tracker.export import FORMATS, REFUSED, WITH_COLUMNS
from tracker.export.itra import known_column
from tracker.export.receivers import Refusal
from tracker.export.results import Provenance, Results
from tracker.files.table import listed
from tracker.text import count


async def run(args: Namespace) -> int:
    """Write the results of a journal in a format, to a file or to standard output; or say what would be refused, with exit code 1 when
    something would be.
    """
    columns = _columns(args)
    state = await read_state(args.journal)
    series = series_for(args, state.folded.event, lambda: state.folded.roster)
    races = races_of(args.journal, args.race, state)
    results = Results(state.field, state.at_ms, races, series, Provenance.of(state.field, races), columns)
    refused = REFUSED[args.format](results) if args.format in REFUSED else []
    if args.check:
        several = len(results.races) > 1
        print(
            "\n".join([*(f"race {one.race}, {one}" if several else str(one) for one in refused), _summary(args.format, results, refused)])
        )
        return 1 if refused else 0
    if args.format in REFUSED and len(results.races) != 1:
        raise UsageError(f"--format {args.format} is one race a file; give --race too: {listed(list(results.races))}")
    if refused:
        print(f"{_summary(args.format, results, refused)}; --check says which, and what to do", file=sys.stderr)
    _write(args, FORMATS[args.format](results))
    return 0


def _columns(args: Namespace) -> tuple[str, ...]:
    """The titles that were asked for; none: the format's own."""
    if args.columns is None:
        return ()
    if args.format not in WITH_COLUMNS:
        raise UsageError(f"--columns: --format {args.format} has columns of its own; leave it out, or write {listed(WITH_COLUMNS)}")
    titles = tuple(title.strip() for title in args.columns.split(","))
    for title in titles:
        if known_column(title) is None:
            known = "Ranking, Time, Family Name, First Name, Gender, Birthdate, Nationality, Bib no., City, Team or Category"
            raise UsageError(f'--columns: "{title}" is not known; write {known}')
    return titles


def _summary(name: str, results: Results, refused: list[Refusal]) -> str:
    races = " and ".join(results.races)
    if not refused:
        return f"{name}: nothing would be refused in {races}"
    runners = len({(one.race, one.bib) for one in refused})
    return f"{name}: {count(len(refused), 'fault')} of {count(runners, 'runner')} in {races} would be refused"


def _write(args: Namespace, content: bytes) -> None:
    if args.output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(args.output, content)
    except OSError as error:
        raise UsageError(f"{args.output}: cannot be written ({error.strerror}); choose another place") from error
