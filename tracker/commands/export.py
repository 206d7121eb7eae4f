"""`tracker export`: results for the pipeline, written whole or not at all."""

import sys
from argparse import Namespace

from tracker.commands.opening import UsageError
from tracker.commands.series_file import series_for
from tracker.commands.status import races_of, read_state
from tracker.durable import write_whole
from tracker.export import FORMATS


async def run(args: Namespace) -> int:
    """Write the results of a journal in a format, to a file or to standard output."""
    state = await read_state(args.journal)
    series = series_for(args, state.folded.event, lambda: state.folded.roster)
    content = FORMATS[args.format](state.field, state.at_ms, races_of(args.journal, args.race, state), series)
    if args.output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        try:
            write_whole(args.output, content)
        except OSError as error:
            raise UsageError(f"{args.output}: cannot be written ({error.strerror}); choose another place") from error
    return 0
