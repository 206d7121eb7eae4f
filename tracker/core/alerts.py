"""What a director must look at: derived from the field, so an alert is gone as soon as its cause is.

One alert a cause, with what was found and what to do: a silent station speaks for the runners who cannot be judged without it. The desk's
words on an alert (seen, or not now) are facts, and stand beside it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from tracker.core.changes import News, in_words
from tracker.core.clocks import CLOCK_OFF_MS, ClockOffset
from tracker.core.facts import AlertState, AlertWord
from tracker.core.field import Field
from tracker.core.oddities import Oddity
from tracker.core.passings import Why
from tracker.core.race_state import RaceState, Runner
from tracker.core.runner import DNS_AFTER_MS, Status, Verdict, Where, is_beyond
from tracker.core.stations import SILENT_AFTER_MS, Station, StationStatus, behind, stations
from tracker.core.words import newest

LONG_INSIDE_MS = 2 * 3_600_000
"""Who went into a station and was not read going out for so long has left unseen, or needs help."""
NEWS_FOR_MS = 6 * 3_600_000
_NAMED = 6


class Severity(IntEnum):
    """How soon somebody must act; the higher, the sooner."""

    LOOK = 2
    ACT = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `id` names its cause for good; `at_ms` is when that began.

    `race`, `bib` and `station` say whom or what it is about, where it is about one. `word` is what the desk has said of it, if that holds.
    """

    id: str
    kind: str
    severity: Severity
    at_ms: int
    text: str
    todo: str
    race: str | None = None
    bib: str | None = None
    station: str | None = None
    word: AlertWord | None = None


_ODDITIES = {
    "unknown_bib": (Severity.LOOK, "compare the bib with the roster; say whose bib it is (desk bib), or void this read"),
    "unknown_checkpoint": (Severity.ACT, "send the hand time again with a checkpoint of the race"),
    "unknown_race": (Severity.ACT, "send it again with a race of the event"),
    "unknown_station": (Severity.ACT, "send it again with a station of the event"),
    "cannot_apply": (Severity.ACT, "void it, and send it again as it is meant"),
    "id_reused": (Severity.LOOK, "find out which of the two is right, and void the id if it is neither"),
}
_SUSPECT_TODO = "ask the station which bib it was; void the read, or give a hand time where it is right"


def alerts(field: Field, clocks: Mapping[str, ClockOffset] | None = None, news: Iterable[News] = ()) -> list[Alert]:
    """Everything there is to look at now, the newest first.

    `clocks`: how far devices are off, where that was measured. `news`: what late facts have changed, of which the last hours are told.
    """
    field.refresh()
    now = stations(field)
    found = [_of_oddity(oddity) for oddity in field.oddities]
    for state in field.races.values():
        found.extend(_of_race(field, state))
        for runner in state.flagged():
            found.extend(_of_runner(state, runner))
    for station in now:
        found.extend(_of_station(field, station))
        found.extend(_of_clocks(field, station, clocks or {}))
    found.extend(_of_news(field, one) for one in news if field.now_ms - one.received_ms < NEWS_FOR_MS)
    found.sort(key=lambda alert: (-alert.at_ms, alert.kind, alert.id))
    return _with_words(field, found)


def _with_words(field: Field, found: list[Alert]) -> list[Alert]:
    """The alerts with the desk's words. Seen: what began after that is new again. Shelved: until the moment that was said."""
    if not field.alert_words:
        return found
    said: dict[str, list[AlertWord]] = {}
    for word in field.alert_words:
        said.setdefault(word.alert, []).append(word)
    out: list[Alert] = []
    for alert in found:
        standing = newest(said.get(alert.id, ()), field.store.voided)
        holds = standing is not None and _holds(standing, alert, field.now_ms)
        out.append(replace(alert, word=standing) if holds else alert)
    return out


def _holds(word: AlertWord, alert: Alert, now_ms: int) -> bool:
    if word.state is AlertState.ACKNOWLEDGED:
        return alert.at_ms <= word.at_ms
    return word.until_ms is not None and now_ms < word.until_ms


def _of_oddity(oddity: Oddity) -> Alert:
    severity, todo = _ODDITIES[oddity.kind]
    fact = oddity.fact
    return Alert(f"{oddity.kind}/{fact.id}", oddity.kind, severity, fact.at_ms, oddity.text, todo, None, getattr(fact, "bib", None))


def _of_runner(state: RaceState, runner: Runner) -> Iterator[Alert]:
    """What is to be decided or cleared up about one runner."""
    race, bib, verdict = state.race, runner.entrant.bib, runner.verdict
    points = race.checkpoints
    last = points[verdict.furthest].name if verdict.started else "the start list"

    def alert(cause: str, severity: Severity, at_ms: int, text: str, todo: str) -> Alert:
        kind, _, where = cause.partition("/")
        return Alert("/".join(filter(None, (kind, bib, where))), kind, severity, at_ms, f"bib {bib} {text}", todo, race.id, bib)

    if verdict.status is Status.OUT_OF_TIME and verdict.provisional and verdict.at_cutoff is not None:
        point, split = points[verdict.at_cutoff], verdict.splits[verdict.at_cutoff]
        evidence = f"never seen after {last}" if split is None else "too late"
        todo = "confirm with a desk status out_of_time, or let the runner go on with accepted"
        at_ms = verdict.reached_ms if split is None else split.out_ms or split.in_ms
        text = f"is out of time at {point.name} ({evidence}), not yet confirmed"
        yield alert(f"out_of_time/{point.id}", Severity.ACT, at_ms, text, todo)
    if "conflict" in verdict.flags:
        text = f"is {verdict.status.value.replace('_', ' ')}, but a fact speaks against it (last seen at {last})"
        yield alert("conflict", Severity.ACT, verdict.reached_ms, text, "find the runner, then reinstate or void")
    if "too_close" in verdict.flags:
        todo = "compare the device's clock with another, then accept the passing or confirm that it was late"
        yield alert("too_close", Severity.LOOK, verdict.reached_ms, "passed a cutoff by less than the clock there may be off", todo)
    meant = [suspect for suspect in verdict.suspects if suspect.why is not Why.BEFORE_START]
    if meant:
        newest_one = max(meant, key=lambda suspect: (suspect.read.at_ms, suspect.read.key))
        at = newest_one.read.station if newest_one.at is None else points[newest_one.at].name
        more = f" (and {len(meant) - 1} more such reads)" if len(meant) > 1 else ""
        yield alert("suspect", Severity.LOOK, newest_one.read.at_ms, f"was read at {at}: {newest_one.why.value}{more}", _SUSPECT_TODO)


def _of_race(field: Field, state: RaceState) -> Iterator[Alert]:
    """What concerns many runners of a race at once."""
    race = state.race.id

    def alert(kind: str, severity: Severity, at_ms: int, text: str, todo: str) -> Alert:
        return Alert(f"{kind}/{race}", kind, severity, at_ms, text, todo, race)

    flagged = state.flagged()
    absent = [runner.entrant.bib for runner in flagged if runner.verdict.status is Status.DNS and runner.verdict.provisional]
    if absent:
        at_ms = min(state.rules.starts.gun_ms(runner.entrant.wave) for runner in flagged) + DNS_AFTER_MS
        text = f"not read at the start of race {race}, and nowhere since: {_bibs(absent)}"
        yield alert("not_started", Severity.LOOK, at_ms, text, "confirm with a desk status dns; a read takes it back by itself")
    early = [runner.entrant.bib for runner in flagged if any(one.why is Why.BEFORE_START for one in runner.verdict.suspects)]
    if early:
        text = f"read on the course of race {race} before its start, which does not count: {_bibs(early)}"
        yield alert("before_start", Severity.LOOK, state.rules.starts.race_ms, text, "correct the start (desk start) if it was sooner")
    decided = (runner for runner in state.at(Where.OUT) if not runner.verdict.provisional)  # the others have an alert of their own
    out = sorted((_out_since_ms(runner.verdict), runner.entrant.bib) for runner in decided)
    if out:
        text = f"out of race {race} and not accounted for: {_bibs([bib for _, bib in out])}"
        todo = "ask the stations and the bus; say desk accounted for each who is in safe hands"
        yield alert("unaccounted", Severity.ACT, out[-1][0], text, todo)  # the newest: whoever has seen the alert has not seen him
    if state.rules.finish < state.race.finish:
        finish = state.race.checkpoints[state.rules.finish].name
        for runner in state.at(Where.ON_LEG):
            if is_beyond(state.rules, runner.verdict.splits):
                bib, at_ms = runner.entrant.bib, runner.verdict.reached_ms
                text = f"bib {bib} was seen beyond {finish}, where the race ends now, but not there"
                yield Alert(f"beyond/{bib}", "beyond", Severity.ACT, at_ms, text, "give a hand time there", race, bib)
    for runner in state.at(Where.IN_STATION):
        since_ms = runner.verdict.reached_ms
        if field.now_ms - since_ms <= LONG_INSIDE_MS:
            continue
        name = state.race.checkpoints[runner.verdict.furthest].name
        text = f"bib {runner.entrant.bib} went into {name} and was not read going out"
        todo = "look for the runner there; a hand time or a withdrawal clears it"
        yield Alert(f"inside/{runner.entrant.bib}", "inside", Severity.LOOK, since_ms, text, todo, race, runner.entrant.bib)


def _of_station(field: Field, station: Station) -> Iterator[Alert]:
    """What is wrong at a station: its silence, what of its reads is not known, a closing that cannot be."""

    def alert(kind: str, severity: Severity, at_ms: int, text: str, todo: str, of: str | None = None) -> Alert:
        return Alert(f"{kind}/{of or station.id}", kind, severity, at_ms, text, todo, station=station.id)

    if station.status is StationStatus.SILENT:
        unjudged = sum(1 for state in field.races.values() for runner in state.flagged() if _waits_for(runner, station.id))
        due = f", {unjudged} of them due there and not judged" if unjudged else ""
        text = f"{station.name} is silent: {station.behind} runners are still to come or to leave{due}"
        yield alert("silent", Severity.ACT, station.heard_ms or 0, text, "reach the station by radio; its backlog will settle the rest")
    if station.status is StationStatus.CLOSING and station.word is not None:
        who = _bibs(behind(field, station.id))
        todo = "wait, decide on each of them, or close it by force with a reason"
        yield alert("closing", Severity.ACT, station.word.at_ms, f"{station.name} cannot close, still behind it: {who}", todo)
    for device in station.devices:
        lags = device.heard_ms is None or device.heard_ms - (device.through_ms or 0) > SILENT_AFTER_MS
        if device.missing and lags:
            count = sum(last - first + 1 for first, last in device.missing)
            numbers = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in device.missing[:_NAMED])
            text = f"{device.device} at {station.name} has told of {count} facts that never came (seq {numbers})"
            at_ms = device.through_ms or device.heard_ms or 0
            todo = "let the device send them again, or ask what it shows"
            yield alert("missing", Severity.ACT, at_ms, text, todo, f"{device.device}/{device.missing[-1][1]}")


def _of_clocks(field: Field, station: Station, clocks: Mapping[str, ClockOffset]) -> Iterator[Alert]:
    for device in station.devices:
        offset = clocks.get(device.device)
        if offset is None:
            continue
        off_ms = field.store.right_moment(device.device, field.now_ms + offset.offset_ms) - field.now_ms
        if abs(off_ms) - offset.uncertainty_ms > CLOCK_OFF_MS:
            way = "ahead" if off_ms > 0 else "behind"
            text = f"the clock of {device.device} at {station.name} is {round(abs(off_ms) / 1000)} s {way}"
            todo = "set it right, and correct what it has read (desk clock)"
            at_ms = device.heard_ms or 0
            yield Alert(f"clock/{device.device}", "clock", Severity.ACT, at_ms, text, todo, station=station.id)


def _out_since_ms(verdict: Verdict) -> int:
    return verdict.reached_ms if verdict.by is None else verdict.by.at_ms


def _of_news(field: Field, news: News) -> Alert:
    change, fact = news.change, news.fact
    race = field.event.by_id[change.race]
    text = f"bib {change.bib}: {in_words(race, change.before)} no longer holds, now {in_words(race, change.after)}"
    where = next((point.name for point in race.checkpoints if point.station == fact.station), fact.station)
    hours, minutes = divmod((news.received_ms - fact.at_ms) // 60_000, 60)
    todo = f"read at {where}, and arrived here {hours}h{minutes:02} later: tell who was told otherwise"
    return Alert(f"late/{change.bib}/{fact.id}", "late", Severity.LOOK, news.received_ms, text, todo, race.id, change.bib)


def _waits_for(runner: Runner, station: str) -> bool:
    at = runner.verdict.unheard
    return at is not None and "unconfirmed" in runner.verdict.flags and runner.race.race.checkpoints[at].station == station


def _bibs(bibs: Iterable[str]) -> str:
    """`bib 12`, `bibs 12, 40`, or the first few `and 3 more`."""
    named = list(bibs)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"bib{'s' if len(named) > 1 else ''} {', '.join(named[:_NAMED])}{more}"
