"""One alert in full: what was found, since when, what to do, what the desk has said of it, and the evidence that it stands on.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from tracker.core.alert import Alert
from tracker.core.clocks import ClockOffset
from tracker.core.facts import Accounted, AlertState, Decision, HandTime, Passage, Penalty, Withdrawal
from tracker.core.field import Field
from tracker.core.lateness import overdue_runner
from tracker.core.passings import Why, by_time
from tracker.core.race_state import RaceState, Runner
from tracker.core.runner import Status, limits_of
from tracker.core.stations import Station
from tracker.dashboard.facts_raw import as_told
from tracker.dashboard.format import UNKNOWN, full_state, span
from tracker.dashboard.lines import MARKS
from tracker.dashboard.sheet import limit_ahead
from tracker.dashboard.station_text import station_lines
from tracker.dashboard.station_words import drift_of, exact_drift, link_words, state_words
from tracker.dashboard.triage import Line, State
from tracker.files.times import format_local
from tracker.sentences import telephones
from tracker.text import count

_READS = 4
_MANY = 40


def alert_text(
    field: Field, stations: Sequence[Station], offsets: Mapping[str, ClockOffset], offline: Mapping[str, str], line: Line
) -> Text:
    """Everything about the alert of a line, or what the line stands for. `offline`: devices with a last will."""
    text = Text()
    first = line.of[0]
    if line.alert is None:
        _put(text, f"{MARKS[first.severity]} {line.text}", "bold")
        _put(text, f"→ {first.todo}")
        if there := _where(field, line.of):
            _put(text, there)
        _put(text, f"enter {'shows only this line' if line.unfolded else 'shows each of them'}", "dim")
        for one in line.of[:_MANY]:
            _put(text, f"{span(max(field.now_ms - one.at_ms, 0)):>6} {one.text}")
        if len(line.of) > _MANY:
            _put(text, f"and {len(line.of) - _MANY} more")
        return text
    if line.state is State.SETTLED:
        _put(text, "SETTLED by itself: what it spoke of is no more. It goes when the cursor does.", "bold reverse")
    _put(text, f"{MARKS[first.severity]} {first.text}", "bold")
    names = {station.id: station.name for station in stations}
    _put(text, " · ".join(_about(field, names, first)))
    _put(text, f"→ {first.todo}")
    for words in _desk(field, first):
        _put(text, words, "" if first.word is None else "bold")
    for words in _evidence(field, stations, offsets, offline, first):
        _put(text, words)
    return text


def _where(field: Field, many: Sequence[Alert]) -> str:
    """At which places how many of the alerts are, the most first: where something is wrong for all of them."""
    counted: Counter[str] = Counter()
    for one in many:
        if one.race is not None and one.checkpoint is not None:
            race = field.event.by_id[one.race]
            counted[race.checkpoints[race.index_of[one.checkpoint]].name] += 1
    return ", ".join(f"{number} at {name}" for name, number in counted.most_common())


def _about(field: Field, names: Mapping[str, str], one: Alert) -> Iterator[str]:
    yield f"since {format_local(one.at_ms, field.event.timezone)}, {span(max(field.now_ms - one.at_ms, 0))} ago"
    if one.race is not None:
        yield f"race {one.race}"
    if one.bib in field.runners:
        yield f"enter opens bib {one.bib}"
    elif one.station is not None:
        yield f"enter opens {names.get(one.station, one.station)}"


def _desk(field: Field, one: Alert) -> Iterator[str]:
    """What the desk has said of the alert, the newest first."""
    zone = field.event.timezone
    for word in sorted((word for word in field.alert_words if word.alert == one.id), key=by_time, reverse=True):
        if word.id in field.store.voided:
            continue
        shelved = word.state is AlertState.SHELVED and word.until_ms is not None
        what = f"shelved until {format_local(word.until_ms or 0, zone, seconds=False)}" if shelved else word.state.value
        holds = "" if one.word == word else ", which no longer holds"
        yield f"{what}{holds}: {format_local(word.at_ms, zone, seconds=False)} by {word.author}, {word.reason}"


def _evidence(
    field: Field, stations: Sequence[Station], offsets: Mapping[str, ClockOffset], offline: Mapping[str, str], one: Alert
) -> Iterator[str]:
    by_id = {station.id: station for station in stations}
    if one.fact is not None:
        yield ""
        for fact in field.store.identities.facts(one.fact):
            yield f"{as_told(fact, field.event.timezone)}, id {fact.id}"
    runner = None if one.bib is None else field.runners.get(one.bib)
    if runner is not None:
        yield ""
        yield from _runner(field, by_id, runner, offline)
    elif one.race is not None and one.bib is None:
        yield ""
        yield from _of_race(field.races[one.race], one.kind)
    if one.station in by_id:
        yield ""
        yield from station_lines(field, by_id[one.station], offsets, one.device, offline)
    elif one.kind == "clock":
        yield ""
        yield from (f"{device}: clock {exact_drift(drift_of(field, device, offsets))}" for device in sorted(offsets))


def _runner(field: Field, stations: Mapping[str, Station], runner: Runner, offline: Mapping[str, str]) -> Iterator[str]:
    """Who it is and whom to call, where he should be, what is heard from there, where he was read, and what people said of him."""
    state, verdict, entrant, zone = runner.race, runner.verdict, runner.entrant, field.event.timezone
    known = (entrant.bib, entrant.name or UNKNOWN, entrant.sex or UNKNOWN, entrant.category or UNKNOWN, full_state(verdict))
    yield "  ".join(known)
    if call := telephones(entrant):
        yield "; ".join(call)
    late = overdue_runner(state, runner, field.now_ms) if "overdue" in verdict.flags else None
    if late is not None:
        due = " to ".join(format_local(at_ms, zone, day=False, seconds=False) for at_ms in (late.early_ms, late.late_ms))
        when = format_local(late.expected_ms, zone, seconds=False)
        yield from _around(field, state, stations, runner, offline)
        yield f"expected at {state.race.checkpoints[late.at].name} {when} ({due}), overdue from {format_local(late.since_ms, zone)}"
    yield from _cutoff(field, state, runner)
    yield from _reads(field, state, runner)
    if late is None:
        yield from _around(field, state, stations, runner, offline)


def _cutoff(field: Field, state: RaceState, runner: Runner) -> Iterator[str]:
    """The cutoff that decided, or the next one."""
    zone, now_ms, verdict = field.event.timezone, field.now_ms, runner.verdict
    at = verdict.at_cutoff
    if at is not None:
        limit = next(limit for limit in limits_of(state.under, runner.entrant, verdict.splits) if limit.at == at)
        yield f"cutoff at {state.race.checkpoints[at].name} {format_local(limit.last_ms, zone)}, {span(now_ms - limit.last_ms)} ago"
    elif (ahead := limit_ahead(state.under, runner.entrant, verdict, now_ms)) is not None:
        when = f"in {span(ahead.last_ms - now_ms)}" if ahead.last_ms >= now_ms else f"{span(now_ms - ahead.last_ms)} ago"
        yield f"next cutoff {state.race.checkpoints[ahead.at].name} {format_local(ahead.last_ms, zone, seconds=False)}, {when}"


def _around(field: Field, state: RaceState, stations: Mapping[str, Station], runner: Runner, offline: Mapping[str, str]) -> Iterator[str]:
    """How the stations are heard before him and behind him: who is silent may have read him."""
    at = runner.verdict.furthest
    ahead = state.rules.ahead[at] if at >= 0 and runner.verdict.status is Status.RACING else None
    spots = ((at, "last seen at"), (ahead, "then comes")) if at >= 0 else ((0, "starts at"),)
    for spot, words in spots:
        if spot is not None:
            point = state.race.checkpoints[spot]
            station = stations[point.station]
            yield f"{words} {point.name}: {state_words(station, offline)}, {link_words(station, field.now_ms)}"


def _reads(field: Field, state: RaceState, runner: Runner) -> Iterator[str]:
    """The newest reads, with why one does not count, and everything that people said of the runner, the newest first."""
    zone, seen = field.event.timezone, field.evidence(runner.entrant.bib)
    doubts = {suspect.read.key: suspect.why for suspect in runner.verdict.suspects}
    newest = sorted(seen.passages, key=by_time, reverse=True)
    if not newest:
        yield "never read"
    for read in newest[:_READS]:
        yield _read(read, doubts.get(read.key), _name(state, read.station), zone)
    if len(newest) > _READS:
        yield f"and {count(len(newest) - _READS, 'earlier read')}"
    people: list[Withdrawal | Decision | HandTime | Penalty | Accounted] = [
        *seen.withdrawals,
        *seen.decisions,
        *seen.hand_times,
        *seen.penalties,
        *seen.accounted,
    ]
    for said in sorted(people, key=by_time, reverse=True):
        yield as_told(said, zone)


def _read(read: Passage, why: Why | None, name: str, zone: str) -> str:
    way = f" {read.way.value}" if read.way is not None else ""
    by = f", {read.device}" if read.device is not None else ""
    how = f", {read.source.value}" if read.source is not None else ""
    doubt = f", does not count: {why.value}" if why is not None else ""
    return f"{format_local(read.at_ms, zone)}  read {way.strip() + ' ' if way else ''}at {name}{by}{how}{doubt}"


def _name(state: RaceState, station: str) -> str:
    return next((point.name for point in state.race.checkpoints if point.station == station), station)


def _of_race(state: RaceState, kind: str) -> Iterator[str]:
    """All bibs of whom an alert about a whole race speaks, with their names."""
    if kind == "not_started":
        named = [one for one in state.flagged() if one.verdict.status is Status.DNS and one.verdict.provisional]
    elif kind == "never_heard":
        yield f"{count(len(state.runners), 'runner')} of {state.race.name}, of none of whom is known whether he has started"
        return
    else:
        named = [one for one in state.flagged() if any(suspect.why is Why.BEFORE_START for suspect in one.verdict.suspects)]
    yield f"{count(len(named), 'runner')} of {state.race.name}: " + ", ".join(
        f"{one.entrant.bib} {one.entrant.name or UNKNOWN}" for one in named
    )


def _put(text: Text, words: str, style: str = "") -> None:
    text.append(f"{words}\n", style)
