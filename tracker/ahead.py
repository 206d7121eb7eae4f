"""A long journal read by two processes: a second one reads and decodes ahead, while this one folds.

The second one is `python -m tracker.ahead`. Whatever becomes of it, this one has every row, once.
"""

import asyncio
import gc
import logging
import marshal
import os
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from operator import itemgetter
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryFile
from typing import BinaryIO

from tracker.core.facts import Passage
from tracker.journal import FactRow, Journal, JournalError, PlainRow, read_facts
from tracker.text import clean_text
from tracker.wire import Wire
from tracker.wire.columns import columns, passages

log = logging.getLogger(__name__)

MANY_FACTS = 100_000
"""Of fewer a second process would not have begun before the first is done."""
ReadRow = tuple[int, Passage, int]
"""A fact that was decoded ahead: its number, what it states, and when it was received."""
Row = FactRow | ReadRow
_MODULE = ("-m", "tracker.ahead")
_MARK = b"rows"
_HEAD_BYTES = len(_MARK) + 4
_PIPE_BYTES = 1 << 18
_LINE_MOST = 500
_NO = itemgetter(0)
_TOPIC = itemgetter(3)


class _AheadError(Exception):
    """What became of the second process, in words that go on from it."""


async def read(journal: Journal, wire: Wire, since: int = 0, known_ms: int | None = None) -> AsyncGenerator[Sequence[Row], None]:
    """The facts after number `since` as `Journal.facts` has them, in order of arrival; of a whole long journal most are decoded."""
    if since == 0 and await journal.last_no() > MANY_FACTS:
        told = (str(journal.path.absolute()), await journal.session(), wire.event, wire.root, "" if known_ms is None else str(known_ms))
        try:
            async with aclosing(_from_second(told)) as blocks:
                async for block in blocks:
                    rows = _rows(block)
                    since = rows[-1][0]
                    yield rows
        except _AheadError as error:
            log.warning("%s: the second process that reads it %s; this one reads on alone, which takes longer", journal.path, error)
    async with aclosing(journal.facts(since, known_ms)) as batches:  # what is left, and what has come meanwhile
        async for batch in batches:
            yield batch


async def _from_second(told: Sequence[str]) -> AsyncGenerator[bytes, None]:
    """What the second process writes, block by block. It writes no further ahead than a pipe holds, and does not outlive who listens."""
    with TemporaryFile() as complaints:
        try:
            second = await asyncio.create_subprocess_exec(
                *(sys.executable, *_MODULE, *told),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=complaints,
                limit=_PIPE_BYTES,
                pipesize=_PIPE_BYTES,
                process_group=0,  # a Ctrl-C is for the first, which ends the second
            )
        except OSError as error:
            raise _AheadError(f"could not be started ({error.strerror})") from error
        assert second.stdout is not None
        try:
            while head := await _exactly(second.stdout, _HEAD_BYTES):
                if not head.startswith(_MARK):
                    raise _AheadError(f"wrote what is no row ({head!r})")
                yield await _exactly(second.stdout, int.from_bytes(head[len(_MARK) :]), begun=True)
            await second.wait()
        finally:
            if second.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(second.pid, signal.SIGKILL)  # its own `kill` would take the word of its end from asyncio
            await second.communicate()  # to its end: a pipe that is full would never tell that the process has ended
        if second.returncode:
            raise _AheadError(f"has ended ({second.returncode}: {_last_line(complaints)})")


def _last_line(complaints: BinaryIO) -> str:
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - _LINE_MOST))
    lines = complaints.read().decode(errors="replace").split("\n")
    return clean_text(next((line for line in reversed(lines) if line), "no word"), _LINE_MOST)


async def _exactly(reader: asyncio.StreamReader, count: int, *, begun: bool = False) -> bytes:
    """So many bytes; none at the end, unless a block has `begun`."""
    try:
        return await reader.readexactly(count)
    except asyncio.IncompleteReadError as error:
        if error.partial or begun:
            raise _AheadError("has ended in the middle of a row") from error
        return b""


def _rows(block: bytes) -> list[Row]:
    """What `_block` made a block of. _AheadError when this is none."""
    try:
        numbers, received, told, others = marshal.loads(block)  # noqa: S302  from a process of our own
        rows: list[Row] = list(zip(numbers, passages(told), received, strict=True))
        if others:
            rows += map(FactRow._make, others)
            rows.sort(key=_NO)
        rows[-1][0]
    except (EOFError, LookupError, TypeError, ValueError) as error:
        raise _AheadError(f"wrote what are no rows ({error})") from error
    return rows


def _block(wire: Wire, rows: list[PlainRow]) -> bytes:
    """Rows, those that are plain passages decoded; the list is used up."""
    topics = set(map(_TOPIC, rows))
    stations = {topic: station for topic in topics if (station := wire.plain_station(topic)) is not None}
    plain, others = rows, []
    if len(stations) < len(topics):
        plain, others = [row for row in rows if row[3] in stations], [row for row in rows if row[3] not in stations]
    numbers, keys, received, told_at, payloads = zip(*plain, strict=True) if plain else ((),) * 5
    told = columns(keys, [stations[topic] for topic in told_at], payloads)
    if told is None:  # there is one among them that needs a closer look
        return marshal.dumps(((), (), columns((), (), ()), rows))
    plain.clear()  # what nobody else holds `marshal` need not look for again
    return marshal.dumps((numbers, received, told, others))


def _tell(path: str, session: str, event: str, root: str, known_ms: str) -> None:
    """Write the facts of a journal to the standard output."""
    with open(os.dup(1), "wb") as out:  # noqa: PTH123  no path
        os.dup2(2, 1)  # nothing else is written there
        wire = Wire(event, root)
        for rows in read_facts(Path(path), session, int(known_ms) if known_ms else None):
            block = _block(wire, rows)
            out.write(_MARK + len(block).to_bytes(4))
            out.write(block)
            out.flush()


if __name__ == "__main__":
    gc.disable()  # nothing here refers to itself in a circle
    try:
        _tell(*sys.argv[1:])
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)
    except JournalError as error:
        sys.exit(str(error))
