"""`tracker status`: the state now, as of a moment, or as known at a moment; text or JSON."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from rich.console import Console
from rich.text import Text

from tracker import views
from tracker.clock import REAL, RaceClock
from tracker.commands.declared import Changes, changes_since
from tracker.commands.opening import UsageError, fold
from tracker.commands.series_file import series_for
from tracker.commands.standings_text import standings_lines
from tracker.core.course import Event
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.lateness import overdue
from tracker.core.missing import missing
from tracker.core.soundness import digest
from tracker.core.stations import Station, StationStatus, stations
from tracker.core.traffic import traffic
from tracker.dashboard.facts_raw import as_told
from tracker.dashboard.format import heard
from tracker.dashboard.runner_lines import runner_text
from tracker.dashboard.series_lines import race_lines
from tracker.dashboard.sheet import make_sheet
from tracker.dashboard.station_table import OTHER_RACE, StationTable
from tracker.dashboard.station_text import station_text
from tracker.dashboard.station_words import link_words
from tracker.dashboard.triage import Triage, how_many, written
from tracker.desk import Desk
from tracker.files.times import format_local, parse_moment
from tracker.fold import Fold
from tracker.journal import Journal, Keeping, QuarantineRow, is_being_written, keeping
from tracker.link import Link
from tracker.sentences import (
    behind_words,
    broker_line,
    changed_lines,
    flood_lines,
    keeping_lines,
    ledger_line,
    overdue_line,
    places_line,
    results_line,
)
from tracker.series.of_runner import Series
from tracker.text import clean_text, count

_WIDTH_OF_A_PIPE = 132
_WIDTH_OF_STANDINGS = 160
"""In a pipe all their columns stand beside each other."""
_ALERTS_MOST = 20
_QUARANTINED_MOST = 5


@dataclass(frozen=True, slots=True)
class State:
    """A journal folded up to a moment; in words, how it is `kept` up to date (of a moment that is past: how it was, where that is known);
    how many messages are in quarantine, of which the newest are `rejected`; and what the desk has said that is not in it yet. `link`: how
    the ingest that runs finds its way in, and `address` is where, and `keeping` how the journal is kept; None: it is not now.
    """

    folded: Fold
    at_ms: int
    facts: int
    quarantined: int
    rejected: list[QuarantineRow]
    kept: list[str]
    pending: list[Fact]
    link: Link | None = None
    address: str | None = None
    keeping: Keeping | None = None
    clock: RaceClock = REAL

    @property
    def field(self) -> Field:
        """All runners at the moment."""
        return self.folded.field

    @property
    def offline(self) -> dict[str, str]:
        """The devices that have left a last will, each with the station that it names."""
        return {} if self.link is None else self.link.offline_but(self.field.devices.retired)


async def read_state(path: Path, at: str | None = None, known_at: str | None = None) -> State:
    """The state of a journal: now by its clock, as of `at` (facts that happened by then), or as known at `known_at` (received by then)."""
    async with await Journal.open(path) as journal:
        clock = await journal.clock()
        folded = Fold(journal.sources)
        zone = folded.event.timezone
        at_ms = None if at is None else parse_moment(at, zone)
        known_ms = None if known_at is None else parse_moment(known_at, zone)
        folded = await fold(journal, at_ms, known_ms)
        quarantined, _ = await journal.count_quarantined(until_received_ms=known_ms)
        rejected = await journal.quarantined(0, _QUARANTINED_MOST, known_ms, newest=True)
        kept: list[str] = []
        pending: list[Fact] = []
        if at_ms is None:
            kept.append(heard(None if folded.heard_ms is None else (known_ms or clock.now_ms()) - folded.heard_ms))
        if at_ms is None and known_ms is None:
            desk = Desk(path)
            await desk.settle(journal)
            pending += [one.fact for one in desk.pending]
            kept += _of_now(path, desk)
        now = at_ms is None and known_ms is None
        ingest, link = (await journal.ingest(), await journal.link()) if now else (None, None)
    moment_ms = at_ms if at_ms is not None else known_ms if known_ms is not None else clock.now_ms()
    folded.field.advance(max(moment_ms, folded.field.now_ms))  # the machine's clock may have been set back meanwhile
    return State(
        folded,
        moment_ms,
        folded.counted,
        quarantined,
        rejected,
        kept,
        pending,
        link,
        None if ingest is None else ingest.address,
        keeping(path) if now else None,
        clock,
    )


def _of_now(path: Path, desk: Desk) -> Iterator[str]:
    """Whether messages are taken in, and what of the desk's has not arrived."""
    ingest = is_being_written(path)
    yield "an ingest takes messages in" if ingest else "NO INGEST (the same tracker run brings it back)"
    if desk.pending:
        yield f"{count(len(desk.pending), 'decision')} pending"
    if desk.refused:
        yield f"! {count(len(desk.refused), 'decision')} not taken in: {desk.refused[-1].reason}"
    if desk.doubt:
        yield desk.doubt


async def run(args: Namespace) -> int:
    """Print the state of a journal."""
    state = await read_state(args.journal, args.at, args.known_at)
    races = races_of(args.journal, args.race, state)
    series = series_for(args, state.folded.event, lambda: state.folded.roster)
    if args.runner is not None:
        _print_runner(args.journal, args.runner, state, races, series)
        return 0
    changes = await changes_since(args.journal, state.field, races)
    if args.json:
        found = views.state(state.field, state.folded.alerts(), state.at_ms, state.facts, state.quarantined, races, series)
        for race, changed in changes.items():
            found["races"][race]["results"]["changes"] = None if changed is None else [views.changed_result(turn) for turn in changed]
        found["journal"] = None if state.keeping is None else views.kept(state.keeping, state.clock, state.folded.event.timezone)
        found["ingest"] = views.ingest(state.link, state.address, state.folded.event.timezone)
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        print_state(state, races, args.most, series, changes)
    return 0


def races_of(path: Path, race: str | None, state: State) -> list[str]:
    """The ids of the races that were asked for: one, or all. UsageError when the journal at `path` has no such race."""
    return races_in(path, race, state.folded.event)


def races_in(path: Path, race: str | None, event: Event) -> list[str]:
    """As `races_of`, of the event of the journal at `path`."""
    known = [race.id for race in event.races]
    if race is None:
        return known
    if race not in known:
        raise UsageError(f"{path}: has no race {race!r}; it has {', '.join(known)}")
    return [race]


def printer(in_a_pipe: int = _WIDTH_OF_A_PIPE) -> Console:
    """Where a command prints: as wide as the screen, and in a pipe wide enough for a table."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=in_a_pipe)


def print_state(
    state: State, races: list[str], most: int | None = None, series: Series | None = None, changes: Changes | None = None
) -> None:
    """The state as text, what a director asks first first: who is missing, which station is silent, what waits for somebody; then the
    stations, and per race whether its results are final, and the `changes` since they were declared so, the ledger, what the `series`
    says of it if it is given, and the standings.
    """
    console = printer(_WIDTH_OF_STANDINGS)
    found = _stations(state, races)
    _print_head(console, state, races)
    _print_missing(console, state, races, found)
    _print_alerts(console, state, races)
    _print_stations(console, state, races, found)
    _print_races(console, state, races, most, series, changes)


def print_result(state: State, races: list[str], most: int) -> None:
    """How it ended, as text: what waits for somebody, and per race the ledger and the first `most` of the standings."""
    console = printer(_WIDTH_OF_STANDINGS)
    _print_head(console, replace(state, kept=[]), races)  # nobody is to take in any more
    _print_alerts(console, state, races)
    _print_races(console, state, races, most)


def _print_runner(path: Path, bib: str, state: State, races: list[str], series: Series | None) -> None:
    """One runner in full, as the dashboard shows him. UsageError when none of these races has the bib."""
    field, console = state.field, printer()
    runner = field.runners.get(bib)
    if runner is None:
        raise UsageError(f"{path}: has no bib {bib!r} on its roster; tracker status {path} lists every bib with its name")
    race = runner.race.race.id  # the desk may have moved him
    if race not in races:
        raise UsageError(f"{path}: bib {bib} is in race {race}, not in {', '.join(races)}; leave --race out")
    console.print(Text(_moment(state)))
    console.print(runner_text(field, make_sheet(field, race), bib, console.width, series), end="")


def _moment(state: State) -> str:
    event = state.folded.event
    return f"{event.name}, {format_local(state.at_ms, event.timezone, date=True)} ({event.timezone})"


def _print_head(console: Console, state: State, races: list[str]) -> None:
    """The moment, how the journal is kept, who is out and not accounted for, and what of the messages is in no state."""
    event, zone = state.folded.event, state.folded.event.timezone
    console.print(Text(_moment(state)))
    for line in [] if state.keeping is None else keeping_lines(state.keeping, state.clock, event.timezone):
        console.print(Text(f"! {line}"))
    if away := broker_line(state.link, event.timezone):
        console.print(Text(f"! {away}"))
    for line in flood_lines(state.link):
        console.print(Text(f"! {line}"))
    facts = f"{count(state.facts, 'fact')}, {state.quarantined} in quarantine, digest {digest(state.field)[:16]}"
    console.print(Text("; ".join([facts, *state.kept])))
    out = missing(state.field, races)
    nobody = "nobody knows" if out.unheard else "nobody"
    told = f"{count(len(out.unaccounted), 'runner')} out of the race: bibs {', '.join(out.unaccounted)}" if out.unaccounted else nobody
    unheard = f"; nothing was ever heard of {', '.join(out.unheard)}" if out.unheard else ""
    console.print(Text(f"Unaccounted for: {told}{unheard}"))
    for unreadable in state.folded.unreadable[:5]:
        console.print(Text(f"unreadable fact {unreadable.row.no}: {unreadable.reason}"))
    for fact in state.pending:
        console.print(Text(f"pending: {as_told(fact, event.timezone)}"))
    for row in state.rejected:
        when = format_local(row.received_ms, zone, seconds=False)
        console.print(Text(f"in quarantine since {when}, {clean_text(row.topic)!r}: {clean_text(row.reason, 300)}"))


def _print_missing(console: Console, state: State, races: list[str], found: list[Station]) -> None:
    """Who is overdue, which stations are silent, and which devices have left a last will."""
    late = [one for one in overdue(state.field) if one.race in races]
    console.print()
    console.print(Text(f"Overdue: {count(len(late), 'runner') if late else 'nobody'}"))
    for one in late:
        console.print(Text(overdue_line(state.field, one)))
    silent = [one for one in found if one.status is StationStatus.SILENT]
    console.print(Text(f"Silent: {count(len(silent), 'station') if silent else 'no station'}"))
    for station in silent:
        console.print(Text(f"{station.name} ({station.id}): {link_words(station, state.field.now_ms)}; {behind_words(station)}"))
    if state.offline:
        gone = ", ".join(f"{device} at {station}" for device, station in sorted(state.offline.items()))
        console.print(Text(f"Offline by last will: {gone}"))


def _print_alerts(console: Console, state: State, races: list[str]) -> None:
    """The alerts as the Alerts screen has them: those to act on first, of each the oldest; at the end what the desk has seen or shelved."""
    found = [alert for alert in state.folded.alerts() if alert.race in (None, *races)]
    lines = written(found)
    table = Triage(lines, state.field.now_ms, state.folded.event.timezone)
    console.print()
    console.print(Text(f"Alerts: {how_many(found)}"))
    opened = sum(line.of[0].word is None for line in lines)
    for first, end in ((0, opened), (opened, len(lines))):
        shown = range(first, min(first + _ALERTS_MOST, end))
        for no in shown:
            line = lines[no]
            named = f" ({line.of[0].id})" if line.alert is not None else ""
            console.print(Text(f"{table.text(no, _WIDTH_OF_STANDINGS)}{named}: {line.of[0].todo}"))
        if untold := sum(len(line.of) for line in lines[shown.stop : end]):
            console.print(Text(f"and {count(untold, 'more alert')} (--json has all)"))


def _stations(state: State, races: list[str]) -> list[Station]:
    """The stations that these races pass."""
    passed = {station for race in races for station in state.folded.event.by_id[race].visits}
    return [one for one in stations(state.field) if one.id in passed]


def _print_stations(console: Console, state: State, races: list[str], found: list[Station]) -> None:
    """A line a station, and then each in full, as on the Stations screen."""
    field, offsets, there = state.field, state.folded.offsets(), traffic(state.field)
    table = StationTable(field, found, there, offsets, races[0], state.offline)
    console.print()
    console.print(Text(table.titles(console.width).rstrip()))
    for no in range(len(found)):
        console.print(Text(table.text(no, console.width).rstrip()))
    if any(OTHER_RACE in table.cells(one)["cutoff"] for one in found):
        console.print(Text(f"{OTHER_RACE} another race's cutoff than that of {races[0]}"))
    for one in found:
        first, *others = station_text(field, one, there[one.id], offsets, None, state.offline).plain.splitlines()
        console.print()
        console.print(Text(f"{one.name} ({one.id}){first.removeprefix(one.name)}"))
        for line in others:
            console.print(Text(f"  {line}"))


def _print_races(
    console: Console, state: State, races: list[str], most: int | None, series: Series | None = None, changes: Changes | None = None
) -> None:
    event = state.folded.event
    for race in races:
        console.print()
        console.print(Text(f"{event.by_id[race].name} ({race})"))
        console.print(Text(results_line(state.field, race)))
        for line in changed_lines(state.field, changes[race]) if changes and race in changes else []:
            console.print(Text(f"  {line}"))
        console.print(Text(ledger_line(state.field, race)))
        console.print(Text(places_line(state.field, race)))
        for line in [] if series is None else race_lines(series, state.field, race):
            console.print(Text(line))
        for line in standings_lines(state.field, race, console.width, most):
            console.print(Text(line))
