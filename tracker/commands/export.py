"""`tracker export`: results for the pipeline, written whole or not at all."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from tracker.commands.opening import UsageError
from tracker.commands.status import races_of, read_state
from tracker.export import FORMATS


async def run(args: Namespace) -> int:
    """Write the results of a journal in a format, to a file or to standard output."""
    state = await read_state(args.journal)
    content = FORMATS[args.format](state.field, state.at_ms, races_of(args.journal, args.race, state))
    if args.output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(args.output, content)
    return 0


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it. UsageError when it cannot be written."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
