"""The lines around the board: the head, race tabs, the journal's state, who is missing, the ledger, the alerts, a small screen's ticker.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tracker.clock import RaceClock
from tracker.core.alert import Alert, Severity, urgency
from tracker.core.alert_lines import AlertLine, alert_lines
from tracker.core.finals import Finality
from tracker.core.missing import Missing
from tracker.core.runner import Place, Status, Where
from tracker.core.stations import Station, StationStatus
from tracker.dashboard.format import STALE_MS, UNKNOWN, heard, race_clock, span, state_name
from tracker.files.times import format_local
from tracker.text import count, fit

_IN_THE_RACE = (Status.RACING,)
_ALWAYS = (Status.RACING, Status.FINISHED, Status.WITHDRAWN, Status.OUT_OF_TIME)
_ORDER = (
    Status.RACING,
    Status.FINISHED,
    Status.WITHDRAWN,
    Status.OUT_OF_TIME,
    Status.STOPPED,
    Status.DISQUALIFIED,
    Status.ENTERED,
    Status.DNS,
)
_WHERES = {
    Where.ON_LEG: "  on a leg",
    Where.IN_STATION: "  in a station",
    Where.OUT: "  out, where?",
    Where.ACCOUNTED: "  out, safe",
    Where.FINISHED: "  at the finish",
}
_FROM_WORST = (Where.OUT, Where.ON_LEG, Where.IN_STATION, Where.ACCOUNTED, Where.FINISHED)
_WRAPPING = Console()
"""Rich wraps no text without one."""
_URGENT = (StationStatus.SILENT, StationStatus.CLOSING)
STATION_SIGNS = {
    StationStatus.OPEN: "o",
    StationStatus.SILENT: "!!",
    StationStatus.CLOSING: "!",
    StationStatus.SWEPT: "=",
    StationStatus.CLOSED: "x",
}
OFFLINE_SIGN = "!"
NOT_HEARD = "?"
"""The sign of an open station that has never told that it lives."""
MARKS = {Severity.ACT: "!!", Severity.LOOK: "! "}


def head(
    event_name: str, race_name: str, race_ms: int, now_ms: int, timezone: str, clock: RaceClock, width: int, *, live: bool = True
) -> Text:
    """The event, the race's clock (`race_ms` is when that race started), the local time, and whether all of it is simulated or, where it
    is not `live`, only the past.
    """
    date = width >= 120
    times = f"{race_name} {race_clock(now_ms - race_ms)}  {format_local(now_ms, timezone, date=date)}"
    simulated = f" SIMULATED x{clock.speed:g} " if clock.simulated else ""
    replayed = "" if live else " REPLAY "
    room = width - cell_len(times) - cell_len(simulated) - cell_len(replayed) - (3 if live else 4)
    line = Text(no_wrap=True)
    if room >= 6:
        line.append(fit(event_name, room), "bold").append(" ")
    line.append(replayed, "bold reverse").append("" if live else " ")
    line.append(f"{times} ")
    line.append(simulated, "bold reverse")
    return line


def journal_state(facts: int, quarantined: int, age_ms: int | None, pending: int, to_act_on: int, *, written: bool) -> Text:
    """What the journal holds, how long ago a device was heard, whether there is an ingest that could be told, how many of the desk's
    words it does not have yet, and how many alerts somebody must act on. What wants a person stands first: a short line ends sooner.
    """
    line = Text(no_wrap=True)
    if not written:
        line.append("NO INGEST", "bold reverse")
        line.append(" · ")
    if pending:
        line.append(f"{pending:,} pending", "bold")
        line.append(" · ")
    if to_act_on:
        line.append(f"{MARKS[Severity.ACT]} {to_act_on:,}", "bold")
        line.append(" · ")
    if quarantined:
        line.append(f"{quarantined:,} in quarantine", "bold")
        line.append(" · ")
    line.append(heard(age_ms), "bold" if age_ms is not None and age_ms >= STALE_MS else "")
    line.append(f" · {count(facts, 'fact')}")
    if not quarantined:
        line.append(" · 0 in quarantine", "dim")
    return line


def tab_spans(labels: Sequence[str], current: int, width: int) -> list[tuple[int, int, int]]:
    """Where each race's tab stands: (first cell, cell after the last, number of the race). The current one is always among them."""
    sizes = [cell_len(label) + 2 for label in labels]
    first = 0
    while first < current and sum(sizes[first : current + 1]) > width:
        first += 1
    spans, at = [], 0
    for no in range(first, len(labels)):
        if at + sizes[no] > width and no > current:
            break
        spans.append((at, at + sizes[no], no))
        at += sizes[no]
    return spans


def results_state(known: Finality) -> str:
    """Whether a race's results are final, for its tab: nothing while nobody has said so."""
    return "" if known.final is None else "final" if known.holds else "!NOT FINAL"


def tabs(labels: Sequence[str], current: int, width: int) -> Text:
    """The races, the current one in brackets and reversed."""
    line = Text(no_wrap=True)
    for _, _, no in tab_spans(labels, current, width):
        line.append(f"[{labels[no]}]" if no == current else f" {labels[no]} ", "bold reverse" if no == current else "")
    return line


def missing_line(of: Missing, found: Sequence[Station], now_ms: int, width: int) -> Text:
    """Of whom nobody knows where they are, and which station would know and is silent: each counted, then as many named as fit.

    Where nothing was ever heard of a race, nobody knows how many more there are: `?`, never 0.
    """
    silent = [f"{one.name}{_unheard(one, now_ms)}" for one in found if one.status is StationStatus.SILENT]
    counted = (("unaccounted", of.unaccounted), ("overdue", of.overdue), ("silent", silent))
    groups = [(f"{words} {_number(len(names), sure=not of.unheard)}", names) for words, names in counted]
    groups += [("never heard", of.unheard)] * bool(of.unheard)
    mark = "!! " if any(names for _, names in groups) else ""
    shown, full = [0] * len(groups), set[int]()
    for no in range(max(len(names) for _, names in groups)):
        for group, (_, names) in enumerate(groups):
            if no < len(names) and group not in full:
                shown[group] = no + 1
                if cell_len(mark + _named(groups, shown)) > width:
                    shown[group] = no
                    full.add(group)
        if len(full) == len(groups):
            break
    return Text(fit(mark + _named(groups, shown), width), "bold reverse" if mark else "", no_wrap=True)


def _number(known: int, *, sure: bool) -> str:
    """How many are known, and whether there may be more: `3`, `3+?`, `?`."""
    return f"{known:,}" if sure else f"{known:,}+?" if known else UNKNOWN


def _named(groups: Sequence[tuple[str, Sequence[str]]], shown: Sequence[int]) -> str:
    """`unaccounted 3: 7, 12 …`: of each group its words, and the first of it by name."""
    parts = []
    for (words, names), most in zip(groups, shown, strict=True):
        named = ": " + ", ".join(names[:most]) if most else ""
        parts.append(f"{words}{named}{' …' if 0 < most < len(names) else ''}")
    return "  ".join(parts)


def ledger(counts: Mapping[Status, int], places: Mapping[Place, int]) -> Text:
    """Status by status how many, and their sum; then how many started, and where those are."""
    text = Text(no_wrap=True)
    for status in _ORDER:
        if counts[status] or status in _ALWAYS:
            text.append(f"{fit(state_name(status), 16)}{counts[status]:>6,}\n", "bold" if status in _IN_THE_RACE else "")
    there = _there(places)
    text.append(f"{fit('= entries', 16)}{sum(counts.values()):>6,}\n")
    text.append(f"{fit('  started', 16)}{sum(there.values()):>6,}\n")
    for where, words in _WHERES.items():
        text.append(f"{fit(words, 16)}{there[where]:>6,}\n", "bold" if there[where] and where is Where.OUT else "")
    text.rstrip()
    return text


def ticker(counts: Mapping[Status, int], width: int) -> Text:
    """The ledger in one line, in as many words as fit; the sum stands last."""
    shown = [status for status in _ORDER if counts[status] or status in _ALWAYS]
    total = f"= {sum(counts.values()):,}"
    words = [state_name(status) for status in shown]
    forms = (
        "  ".join([*(f"{word} {counts[status]:,}" for word, status in zip(words, shown, strict=True)), total]),
        ", ".join(f"{word[2:]} {counts[status]:,}" for word, status in zip(words, shown, strict=True)) + f" {total}",
        " ".join([*(f"{word[0]}{counts[status]:,}" for word, status in zip(words, shown, strict=True)), total]),
    )
    return Text(fit(next((form for form in forms if cell_len(form) <= width), forms[-1]), width), no_wrap=True)


def places_line(places: Mapping[Place, int], width: int) -> Text:
    """Where those are who started, in one line: those first of whom nobody knows."""
    there = _there(places)
    words = "  ".join(f"{_WHERES[where].strip()} {there[where]:,}" for where in _FROM_WORST)
    return Text(fit(words, width), "bold" if there[Where.OUT] else "", no_wrap=True)


def alert_list(alerts: Sequence[Alert], timezone: str, width: int, height: int) -> Text:
    """As many alerts as fit, each whole (those to act on, then the others, of each the oldest first).

    What to do stands once a kind, in the room that is left when every alert has its own. The last line counts the alerts that found none.
    Where the first finds none, it is cut.
    """
    if not alerts:
        return Text("no alerts", "dim")
    found, shown = alert_lines(alerts), list[Text]()
    told = [_found(line, timezone, width) for line in found]
    if (left := height - sum(map(len, told))) >= 0:
        return Text("\n").join(_with_todo(found, told, width, left))
    for no, words in enumerate(told):
        room = height - len(shown) - (no + 1 < len(found))
        if len(words) > room:
            if shown:
                shown.append(_and_more(found[no:]))
                break
            if room < 2:
                return first_alert(alerts, timezone, width)
            shown += [*words[: room - 1], Text("   …")]
        else:
            shown += words
    return Text("\n").join(shown)


def _found(line: AlertLine, timezone: str, width: int) -> list[Text]:
    """Since when, and what was found."""
    when = Text(f"{MARKS[line.severity]} {format_local(line.at_ms, timezone, seconds=False)} ", "bold")
    return list(Text.assemble(when, line.text).wrap(_WRAPPING, width))


def _with_todo(found: Sequence[AlertLine], told: Sequence[list[Text]], width: int, left: int) -> Iterator[Text]:
    """The alerts, and below the first of each kind what to do, as far as `left` lines go."""
    kinds = set[str]()
    for line, words in zip(found, told, strict=True):
        yield from words
        todo = list(Text(f"   → {line.todo}", "dim").wrap(_WRAPPING, width))
        if line.kind not in kinds and len(todo) <= left:
            left -= len(todo)
            yield from todo
        kinds.add(line.kind)


def _and_more(hidden: Sequence[AlertLine]) -> Text:
    return Text(f"and {count(sum(len(line.of) for line in hidden), 'more alert')}", "bold")


def first_alert(alerts: Sequence[Alert], timezone: str, width: int) -> Text:
    """How many alerts there are to act on and to look at, and the one to begin with, the oldest, in one line."""
    if not alerts:
        return Text(fit("no alerts", width), "dim", no_wrap=True)
    act = sum(one.severity is Severity.ACT for one in alerts)
    first = min(alerts, key=urgency)
    parts = [f"{act:,} to act on"] * (act > 0) + [f"{len(alerts) - act:,} to look at"] * (act < len(alerts))
    when = format_local(first.at_ms, timezone, seconds=False)
    line = f"{MARKS[first.severity].strip()} {', '.join(parts)}; since {when} {first.text}"
    return Text(fit(line, width), "bold" if first.severity is Severity.ACT else "", no_wrap=True)


def is_offline(one: Station, offline: Mapping[str, str]) -> bool:
    """Whether a station that is open has a device whose last will has come (`offline`: such devices, and the station that each names)."""
    return one.status is StationStatus.OPEN and one.id in offline.values()


def station_strip(found: Sequence[Station], now_ms: int, width: int, offline: Mapping[str, str]) -> Text:
    """How many have still to come to each station or to leave it, along the course: a silent or closing one says so before the others,
    and then one that is offline.

    One that nobody has to come to is left out, and one that has never told that it lives has a `?`.
    """
    waiting = [one for one in found if one.status in _URGENT or one.behind or one.to_start]
    worst = sorted(waiting, key=lambda one: (one.status not in _URGENT, not is_offline(one, offline)))
    return Text(fit("  ".join(["to come:", *(_station(one, now_ms, offline) for one in worst)]), width), no_wrap=True)


def _station(one: Station, now_ms: int, offline: Mapping[str, str]) -> str:
    if is_offline(one, offline):
        return f"{OFFLINE_SIGN} {one.name} offline {one.behind + one.to_start:,}"
    status = "" if one.status is StationStatus.OPEN else f" {one.status.value}"
    silent_for = _unheard(one, now_ms) if one.status is StationStatus.SILENT else ""
    sign = NOT_HEARD if one.status is StationStatus.OPEN and one.heard_ms is None else STATION_SIGNS[one.status]
    return f"{sign} {one.name}{status}{silent_for} {one.behind + one.to_start:,}"


def _unheard(one: Station, now_ms: int) -> str:
    return "" if one.heard_ms is None else f" {span(now_ms - one.heard_ms)}"


def _there(places: Mapping[Place, int]) -> dict[Where, int]:
    """How many of those who started are where."""
    there = dict.fromkeys(_WHERES, 0)
    for place, number in places.items():
        if place.where in there:
            there[place.where] += number
    return there
