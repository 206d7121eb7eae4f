"""`tracker export`: results for the pipeline, written whole or not at all."""

import sys
from argparse import Namespace
from importlib.metadata import version

from tracker.clock import wall_ms
from tracker.commands.opening import UsageError
from tracker.commands.series_file import series_for
from tracker.commands.status import races_of, read_state
from tracker.core.soundness import digest
from tracker.durable import write_whole
from tracker.export import FORMATS
from tracker.export.results import Provenance, Results


async def run(args: Namespace) -> int:
    """Write the results of a journal in a format, to a file or to standard output."""
    state = await read_state(args.journal)
    series = series_for(args, state.folded.event, lambda: state.folded.roster)
    made = Provenance("provisional", digest(state.field), wall_ms(), version("trail-tracker"))
    content = FORMATS[args.format](Results(state.field, state.at_ms, races_of(args.journal, args.race, state), series, made))
    if args.output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        try:
            write_whole(args.output, content)
        except OSError as error:
            raise UsageError(f"{args.output}: cannot be written ({error.strerror}); choose another place") from error
    return 0
