"""`tracker status`: the state now, as of a moment, or as known at a moment; text or JSON."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracker import views
from tracker.commands.opening import UsageError, fold
from tracker.core.alert_lines import alert_lines
from tracker.core.alerts import Severity
from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.core.runner import Status, Where
from tracker.core.score import KEstimate
from tracker.core.soundness import digest
from tracker.files.times import format_elapsed, format_local, parse_moment
from tracker.fold import Fold
from tracker.journal import Journal, QuarantineRow
from tracker.text import clean_text, count

_WIDTH_OF_A_PIPE = 132
_ALERTS_MOST = 20
_QUARANTINED_MOST = 5


@dataclass(frozen=True, slots=True)
class State:
    """A journal folded up to a moment."""

    folded: Fold
    at_ms: int
    facts: int
    quarantined: list[QuarantineRow]

    @property
    def field(self) -> Field:
        """All runners at the moment."""
        return self.folded.field


async def read_state(path: Path, at: str | None = None, known_at: str | None = None) -> State:
    """The state of a journal: now by its clock, as of `at` (facts that happened by then), or as known at `known_at` (received by then)."""
    async with await Journal.open(path) as journal:
        clock = await journal.clock()
        folded = Fold(journal.sources)
        zone = folded.event.timezone
        at_ms = None if at is None else parse_moment(at, zone)
        known_ms = None if known_at is None else parse_moment(known_at, zone)
        folded = await fold(journal, at_ms, known_ms)
        quarantined = await journal.quarantined()
    if known_ms is not None:
        quarantined = [row for row in quarantined if row.received_ms <= known_ms]
    moment_ms = at_ms if at_ms is not None else known_ms if known_ms is not None else clock.now_ms()
    folded.field.advance(max(moment_ms, folded.field.now_ms))  # the machine's clock may have been set back meanwhile
    return State(folded, moment_ms, folded.counted, quarantined)


async def run(args: Namespace) -> int:
    """Print the state of a journal."""
    state = await read_state(args.journal, args.at, args.known_at)
    known = [race.id for race in state.folded.event.races]
    if args.race is not None and args.race not in known:
        raise UsageError(f"{args.journal}: has no race {args.race!r}; it has {', '.join(known)}")
    races = known if args.race is None else [args.race]
    if args.json:
        found = views.state(state.field, state.folded.alerts(), state.at_ms, state.facts, len(state.quarantined), races)
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        print_state(state, races, most=args.most)
    return 0


def printer() -> Console:
    """Where a command prints: as wide as the screen, and in a pipe wide enough for a table."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_OF_A_PIPE)


def print_state(state: State, races: list[str], most: int | None = None) -> None:
    """The state as text: per race the ledger and the standings (the first `most` lines)."""
    console = printer()
    event = state.folded.event
    when = format_local(state.at_ms, event.timezone, date=True)
    console.print(Text(f"{event.name}, {when} ({event.timezone})"))
    console.print(Text(f"{count(state.facts, 'fact')}, {len(state.quarantined)} in quarantine, digest {digest(state.field)[:16]}"))
    for unreadable in state.folded.unreadable[:5]:
        console.print(Text(f"unreadable fact {unreadable.row.no}: {unreadable.reason}"))
    for row in state.quarantined[-_QUARANTINED_MOST:]:
        when = format_local(row.received_ms, event.timezone, seconds=False)
        console.print(Text(f"in quarantine since {when}, {clean_text(row.topic)!r}: {clean_text(row.reason, 300)}"))
    waiting = [alert for alert in state.folded.alerts() if alert.word is None and alert.race in (None, *races)]
    lines = alert_lines(waiting)
    for line in lines[:_ALERTS_MOST]:
        when = format_local(line.at_ms, event.timezone, seconds=False)
        named = f" ({line.of[0].id})" if len(line.of) == 1 else ""
        console.print(Text(f"{'!!' if line.severity is Severity.ACT else '!'} {when} {line.text}{named}: {line.todo}"))
    if untold := sum(len(line.of) for line in lines[_ALERTS_MOST:]):
        console.print(Text(f"and {count(untold, 'more alert')} (--json has all)"))
    for race in races:
        console.print()
        console.print(Text(f"{event.by_id[race].name} ({race})"))
        console.print(Text(ledger_line(state.field, race)))
        console.print(Text(places_line(state.field, race)))
        console.print(_table(state.field, race, most))


def ledger_line(field: Field, race: str) -> str:
    """The ledger in a line: `446 entrants = 46 dns + 305 finished + …`."""
    ledger = field.ledger(race)
    parts = [f"{count} {status.value.replace('_', ' ')}" for status, count in ledger.items() if count]
    return f"{sum(ledger.values())} entrants = " + " + ".join(parts)


def places_line(field: Field, race: str) -> str:
    """Where the starters are, in a line: `12 on leg to Illa, 3 in Botella, 1 out after Botella, 7 accounted for, 305 finished`."""
    points = field.event.by_id[race].checkpoints
    names = {
        Where.ON_LEG: "on leg to {}",
        Where.IN_STATION: "in {}",
        Where.OUT: "out, last known at {}, not accounted for",
        Where.ACCOUNTED: "accounted for",
        Where.FINISHED: "finished",
    }
    parts = [
        f"{place['count']} "
        + names[Where(place["where"])].format(
            "?" if place["checkpoint"] is None else points[field.event.by_id[race].index_of[place["checkpoint"]]].name
        )
        for place in views.places(field, race)
        if place["where"] in names
    ]
    return "starters: " + (", ".join(parts) or "none yet")


def _table(field: Field, race: str, most: int | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("rank", "bib", "name", "cat", "in cat", "status", "last seen", "at", "time", "score~", "flags"):
        numeric = name in ("rank", "in cat", "time", "score~")
        table.add_column(name, justify="right" if numeric else "left", no_wrap=name != "flags")
    factor = field.k(race)
    lines = field.standings(race)
    for line in lines[:most]:
        table.add_row(*(Text(cell) for cell in _cells(field, race, line, factor)))
    return table


def _cells(field: Field, race: str, line: Standing, factor: KEstimate) -> tuple[str, ...]:
    verdict, entrant = line.verdict, line.entrant
    points = field.event.by_id[race].checkpoints
    elapsed: Any = views.elapsed_s(line)
    score = views.score(factor, line)
    return (
        "" if line.rank is None else str(line.rank),
        entrant.bib,
        entrant.name,
        f"{entrant.category or '?'} {entrant.sex or '?'}",
        "" if line.rank_category is None else str(line.rank_category),
        verdict.status.value.replace("_", " ") + (" ?" if verdict.provisional else ""),
        points[verdict.furthest].name if verdict.started else "",
        format_local(verdict.reached_ms, field.event.timezone) if verdict.started else "",
        "" if elapsed is None or verdict.status is Status.ENTERED else format_elapsed(round(elapsed * 1000)),
        "" if score is None else str(score),
        " ".join(flag for flag in verdict.flags if flag != "provisional"),
    )
