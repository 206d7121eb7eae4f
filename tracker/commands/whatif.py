"""`tracker whatif`: who would be something else if a cutoff moved; nothing is written."""

import re
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

import orjson
from rich.table import Table
from rich.text import Text

from tracker.commands.opening import UsageError
from tracker.commands.status import State, printer, read_state
from tracker.core.changes import Change, in_words, matters
from tracker.core.facts import CutoffMove
from tracker.core.rules import Rules
from tracker.core.trial import Prospect, Trial, trial
from tracker.core.trial_lines import by_time, expected_in_words, prospect_in_words
from tracker.files.times import TimesError, format_local, parse_duration, parse_moment
from tracker.text import count
from tracker.views import rfc3339

_MOVE = re.compile(r"(?P<race>[^/=]+)/(?P<checkpoint>[^/=]+)=(?P<value>.+)")
_FORM = "write RACE/CHECKPOINT=VALUE, where VALUE is 9h30 (from the start), +30m, -1h, or 2022-06-25T03:30:00"


async def run(args: Namespace) -> int:
    """List every runner whom the moved cutoffs would change, both ways."""
    state = await read_state(args.journal, args.at)
    field, zone = state.field, state.folded.event.timezone
    try:
        from_ms = None if args.from_ is None else parse_moment(args.from_, zone)
    except TimesError as error:
        raise UsageError(f"--from: {error}") from error
    try:
        moves = [_move(text, number, state, from_ms, onward=args.onward) for number, text in enumerate(args.cutoff)]
    except TimesError as error:
        raise UsageError(f"--cutoff: {error}") from error
    found = trial(field, moves)
    if found.refused:
        raise UsageError(f"--cutoff: {found.refused[0].text}")
    changes = [one for one in found.changes if matters(one.before, one.after)]
    if args.json:
        said = {"changes": [_as_json(state, one) for one in changes], "expected": [_expected(state, one) for one in found.prospects]}
        print(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(state, moves, found, changes)
    return 0


def _move(text: str, number: int, state: State, from_ms: int | None, *, onward: bool) -> CutoffMove:
    found = _MOVE.fullmatch(text)
    if found is None:
        raise UsageError(f"--cutoff: {text!r} is no move of a cutoff; {_FORM}")
    race, checkpoint, value = found["race"], found["checkpoint"], found["value"]
    races = state.folded.event.by_id
    if race not in races:
        raise UsageError(f"--cutoff: there is no race {race!r}; there are {', '.join(races)}")
    if checkpoint not in races[race].index_of:
        raise UsageError(f"--cutoff: race {race} has no checkpoint {checkpoint!r}; it has {', '.join(races[race].index_of)}")
    offset_ms = limit_at_ms = extend_ms = None
    if value[0] in "+-":
        extend_ms = parse_duration(value[1:]) * (-1 if value[0] == "-" else 1)
    elif "-" in value:
        limit_at_ms = parse_moment(value, state.folded.event.timezone)
    else:
        offset_ms = parse_duration(value)
    key = b"\xff" * 8 + number.to_bytes(8)  # of one moment the greatest key is the last word: after all that was said, and as typed
    return CutoffMove(
        key, f"what-if-{number}", state.at_ms, "what if", "what if", race, checkpoint, offset_ms, limit_at_ms, extend_ms, from_ms, onward
    )


def _as_json(state: State, change: Change) -> dict[str, Any]:
    race = state.folded.event.by_id[change.race]
    sides = {"before": change.before, "after": change.after}
    return {"race": change.race, "bib": change.bib} | {
        name: {"status": verdict.status.value, "flags": list(verdict.flags), "words": in_words(race, verdict)}
        for name, verdict in sides.items()
    }


def _print(state: State, moves: list[CutoffMove], found: Trial, changes: Sequence[Change]) -> None:
    console = printer()
    event = state.folded.event
    when = format_local(state.at_ms, event.timezone, date=True)
    console.print(Text(f"{event.name}, {when} ({event.timezone}): nothing is written"))
    for move in {(move.race, move.checkpoint): move for move in moves}.values():
        rules = state.field.races[move.race].rules
        now, then = (_limit(each, move, event.timezone) for each in found.rules.get(move.race, (rules, rules)))
        console.print(
            Text(f"cutoff {move.race}/{move.checkpoint}: {now}, would be {then}{', and every later one as much' if move.onward else ''}")
        )
    for line in expected_in_words(found.prospects):
        console.print(Text(line))
    for prospect in by_time(found.prospects):
        console.print(Text(prospect_in_words(event, prospect, lambda at_ms: format_local(at_ms, event.timezone, seconds=False))))
    if not changes:
        console.print(Text("nobody changes now"))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("race", "bib", "name", "now", "would be"):
        table.add_column(name)
    for change in changes:
        race = event.by_id[change.race]
        name = state.field.runners[change.bib].entrant.name
        table.add_row(*(Text(cell) for cell in (race.id, change.bib, name, in_words(race, change.before), in_words(race, change.after))))
    console.print(table)
    console.print(Text(count(len(changes), "runner changes now", "runners change now")))


def _expected(state: State, prospect: Prospect) -> dict[str, Any]:
    event = state.folded.event
    checkpoint = event.by_id[prospect.race].checkpoints[prospect.at].id
    expected = rfc3339(prospect.expected_ms, event.timezone)
    return {"race": prospect.race, "bib": prospect.bib, "checkpoint": checkpoint, "expected": expected, "in_time": prospect.in_time}


def _limit(rules: Rules, move: CutoffMove, timezone: str) -> str:
    at = rules.race.index_of[move.checkpoint]
    limits = (limit.last_ms for limit in rules.limits(rules.starts.race_ms) if limit.at == at)
    return next((format_local(last_ms, timezone) for last_ms in limits), "none")
