"""`tracker finalise`: the results of races declared final, once nothing stands in the way; else what does, a line each.

While a tracker runs on the journal it is said as the desk says everything, by way of the outbox; else it goes straight into the journal.
"""

import asyncio
import sys
from argparse import Namespace
from asyncio import timeout
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

from tracker.commands.access import access_of
from tracker.commands.declared import changes_since
from tracker.commands.opening import UsageError, fold
from tracker.commands.status import races_in
from tracker.core.clocks import FUTURE_MS
from tracker.core.facts import Final
from tracker.core.field import Field
from tracker.core.finals import finality, results_digest, still_open
from tracker.core.saying import said_at
from tracker.desk import Desk
from tracker.fold import Fold
from tracker.ingest import Intake
from tracker.journal import Journal, is_being_written
from tracker.outbox import OutboxError
from tracker.sentences import changed_lines
from tracker.text import clean_text, count

_PATIENCE_S, _PAUSE_S = 15.0, 0.05
_TRIES = 10
_UNREADABLE_MOST = 5


async def run(args: Namespace) -> int:
    """Declare results final; exit code 1 with a line for each thing that stands in the way, or that has not gone through."""
    author, reason = (_words(option, said) for option, said in (("--author", args.author), ("--reason", args.reason)))
    served = is_being_written(args.journal)
    async with await Journal.open(args.journal, writable=not served) as journal:
        desk = Desk(args.journal, access=access_of(args))
        await desk.settle(journal)
        folded, at_ms = await _whole(journal)
        races = races_in(args.journal, args.race, folded.event)
        if told := [*_in_the_way(folded, desk), *_unsettled(folded.field, races)]:
            for line in told:
                print(line, file=sys.stderr)
            return 1
        await _print_changes(args.journal, folded.field, races)
        said = [_word(folded, race, at_ms, author, reason) for race in races]
        pending = await (_by_desk(desk, journal, said) if served else _straight(journal, folded, said))
        if pending:
            print(f"tracker: {pending}", file=sys.stderr)
            return 1
        await folded.catch_up(journal)
    return _tell(folded.field, races)


def _words(option: str, said: str) -> str:
    words = clean_text(said, 500)
    if not words:
        raise UsageError(f"{option}: is blank; write who declares the results final, and why")
    return words


async def _whole(journal: Journal) -> tuple[Fold, int]:
    """All that the journal holds, and a moment by which all of it was received."""
    clock = await journal.clock()
    folded = await fold(journal)
    for _ in range(_TRIES):
        now_ms = clock.now_ms()
        if await journal.last_no() == folded.last_no:
            break
        await folded.catch_up(journal)
    span = await journal.received_span()
    last_ms = now_ms if span is None else span[1]
    folded.field.advance(max(now_ms, folded.field.now_ms))
    return folded, max(now_ms, last_ms) if last_ms <= now_ms + FUTURE_MS else now_ms


def _in_the_way(folded: Fold, desk: Desk) -> Iterator[str]:
    """What is not in the field and may be in the results."""
    if desk.pending:
        yield f"{count(len(desk.pending), 'decision')} of the desk not in the journal yet; wait, or run the tracker until they are"
    for unreadable in folded.unreadable[:_UNREADABLE_MOST]:
        yield f"fact {unreadable.row.no} cannot be read by this version ({unreadable.reason}); use the one that wrote it"


def _unsettled(field: Field, races: Sequence[str]) -> Iterator[str]:
    for race in races:
        found = still_open(field, race)
        yield from (f"{race} bib {one.bib} {one.text}; {one.todo}" for one in found)
        if found:
            yield f"{race} is not final: {count(len(found), 'thing')} to settle"


async def _print_changes(path: Path, field: Field, races: Sequence[str]) -> None:
    """What has changed since they were declared final before."""
    for race, changes in (await changes_since(path, field, races)).items():
        final = finality(field, race).final
        print(f"{race} since it was declared final by {'' if final is None else final.author}:")
        for line in changed_lines(field, changes):
            print(f"  {line}")


def _word(folded: Fold, race: str, at_ms: int, author: str, reason: str) -> dict[str, object]:
    """The fields of what is said of a race, later than what was said of any before."""
    fields = {"author": author, "reason": reason, "race": race, "results": results_digest(folded.field, race)}
    fact = folded.wire.decode(*folded.wire.said("final", {**fields, "id": uuid4().hex, "time": at_ms}))
    assert isinstance(fact, Final)
    return {**fields, "time": said_at(folded.field, fact)}


async def _straight(journal: Journal, folded: Fold, said: Sequence[dict[str, object]]) -> str:
    """Into the journal that nobody else writes."""
    messages = [folded.wire.said("final", {**fields, "id": uuid4().hex}) for fields in said]
    await Intake(journal, folded.wire, await journal.clock()).store(messages)
    return ""


async def _by_desk(desk: Desk, journal: Journal, said: Sequence[dict[str, object]]) -> str:
    """Into the outbox, and from there to the ingest; what is not in the journal then, in words; empty: nothing."""
    async with _sending(desk):
        try:
            keys = [(await desk.say("final", fields)).key for fields in said]
        except OutboxError as error:
            raise UsageError(str(error)) from error
        with suppress(TimeoutError):
            async with timeout(_PATIENCE_S):
                while not set(keys) <= await journal.known(keys):
                    await asyncio.sleep(_PAUSE_S)
                    await desk.settle(journal)
                    if refused := [one for one in desk.refused if one.fact is not None and one.fact.key in keys]:
                        return f"{journal.path}: not taken in: {refused[0].reason}"
                return ""
    return f"{journal.path}: said, and not in the journal yet ({desk.link}): it waits in the outbox for tracker watch or run to send it"


@asynccontextmanager
async def _sending(desk: Desk) -> AsyncIterator[None]:
    """The desk sends for as long as the block lasts."""
    sending = asyncio.create_task(desk.run())
    try:
        yield
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


def _tell(field: Field, races: Sequence[str]) -> int:
    """How it ended: what came meanwhile may have changed the results again."""
    code = 0
    for race in races:
        final, holds = finality(field, race)
        if holds and final is not None:
            print(
                f"{race}: results final, by {final.author}: {count(len(field.races[race].runners), 'runner')}, digest {final.results[:16]}"
            )
        else:
            print(f"{race}: a fact that came meanwhile changed the results: see tracker status, and finalise again", file=sys.stderr)
            code = 1
    return code
