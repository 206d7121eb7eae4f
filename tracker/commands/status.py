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
from tracker.core.lateness import overdue
from tracker.core.missing import missing
from tracker.core.race_state import Standing
from tracker.core.runner import Status
from tracker.core.score import KEstimate
from tracker.core.soundness import digest
from tracker.core.stations import stations
from tracker.dashboard.runner_lines import runner_text
from tracker.dashboard.sheet import make_sheet
from tracker.files.times import format_elapsed, format_local, parse_moment
from tracker.fold import Fold
from tracker.journal import Journal, QuarantineRow
from tracker.sentences import ledger_line, overdue_line, places_line, station_lines
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
    races = races_of(args.journal, args.race, state)
    if args.runner is not None:
        _print_runner(args.journal, args.runner, state, races)
    elif args.json:
        found = views.state(state.field, state.folded.alerts(), state.at_ms, state.facts, len(state.quarantined), races)
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        print_state(state, races, args.most)
    return 0


def races_of(path: Path, race: str | None, state: State) -> list[str]:
    """The ids of the races that were asked for: one, or all. UsageError when the journal at `path` has no such race."""
    known = [race.id for race in state.folded.event.races]
    if race is None:
        return known
    if race not in known:
        raise UsageError(f"{path}: has no race {race!r}; it has {', '.join(known)}")
    return [race]


def printer() -> Console:
    """Where a command prints: as wide as the screen, and in a pipe wide enough for a table."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_OF_A_PIPE)


def print_state(state: State, races: list[str], most: int | None = None) -> None:
    """The state as text: what waits for somebody, who is overdue, the stations, and per race the ledger and the standings."""
    console = printer()
    _print_head(console, state, races)
    _print_overdue(console, state, races)
    _print_stations(console, state, races)
    _print_races(console, state, races, most)


def print_result(state: State, races: list[str], most: int) -> None:
    """How it ended, as text: what waits for somebody, and per race the ledger and the first `most` of the standings."""
    console = printer()
    _print_head(console, state, races)
    _print_races(console, state, races, most)


def _print_runner(path: Path, bib: str, state: State, races: list[str]) -> None:
    """One runner in full, as the dashboard shows him. UsageError when none of these races has the bib."""
    field, console = state.field, printer()
    runner = field.runners.get(bib)
    if runner is None:
        raise UsageError(f"{path}: has no bib {bib!r} on its roster; tracker status {path} lists every bib with its name")
    race = runner.race.race.id  # the desk may have moved him
    if race not in races:
        raise UsageError(f"{path}: bib {bib} is in race {race}, not in {', '.join(races)}; leave --race out")
    console.print(Text(_moment(state)))
    console.print(runner_text(field, make_sheet(field, race), bib, console.width), end="")


def _moment(state: State) -> str:
    event = state.folded.event
    return f"{event.name}, {format_local(state.at_ms, event.timezone, date=True)} ({event.timezone})"


def _print_head(console: Console, state: State, races: list[str]) -> None:
    """The moment, who is out and not accounted for, what is wrong with the journal, and the alerts."""
    event = state.folded.event
    console.print(Text(_moment(state)))
    console.print(Text(f"{count(state.facts, 'fact')}, {len(state.quarantined)} in quarantine, digest {digest(state.field)[:16]}"))
    out = missing(state.field, races).unaccounted
    console.print(
        Text(f"Unaccounted for: {count(len(out), 'runner')} out of the race: bibs {', '.join(out)}" if out else "Unaccounted for: nobody")
    )
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


def _print_overdue(console: Console, state: State, races: list[str]) -> None:
    late = [one for one in overdue(state.field) if one.race in races]
    console.print()
    console.print(Text(f"Overdue: {count(len(late), 'runner') if late else 'nobody'}"))
    for one in late:
        console.print(Text(overdue_line(state.field, one)))


def _print_stations(console: Console, state: State, races: list[str]) -> None:
    event = state.folded.event
    passed = {station for race in races for station in event.by_id[race].visits}
    for one in stations(state.field):
        if one.id in passed:
            console.print()
            for line in station_lines(state.field, one):
                console.print(Text(line))


def _print_races(console: Console, state: State, races: list[str], most: int | None) -> None:
    event = state.folded.event
    for race in races:
        console.print()
        console.print(Text(f"{event.by_id[race].name} ({race})"))
        console.print(Text(ledger_line(state.field, race)))
        console.print(Text(places_line(state.field, race)))
        console.print(_table(state.field, race, most))


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
