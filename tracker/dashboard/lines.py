"""The lines around the board: the head, the race tabs, the journal's state, the ledger, the alerts, and the ticker of a small screen.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from tracker.clock import RaceClock
from tracker.core.alert_lines import alert_lines
from tracker.core.alerts import Alert, Severity
from tracker.core.runner import Place, Status, Where
from tracker.dashboard.format import STALE_MS, fit, heard, race_clock, state_name
from tracker.files.times import format_local
from tracker.text import count

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
}
_MARKS = {Severity.ACT: "!!", Severity.LOOK: "! "}


def head(event_name: str, race_name: str, race_ms: int, now_ms: int, timezone: str, clock: RaceClock, width: int) -> Text:
    """The event, the race's clock (`race_ms` is when that race started), the local time, and whether all of it is simulated."""
    date = width >= 120
    times = f"{race_name} {race_clock(now_ms - race_ms)}  {format_local(now_ms, timezone, date=date)}"
    simulated = f" SIMULATED x{clock.speed:g} " if clock.simulated else ""
    room = width - cell_len(times) - cell_len(simulated) - 3
    line = Text(no_wrap=True)
    if room >= 6:
        line.append(fit(event_name, room), "bold").append(" ")
    line.append(f"{times} ")
    line.append(simulated, "bold reverse")
    return line


def journal_state(facts: int, quarantined: int, age_ms: int | None, *, written: bool) -> Text:
    """What the journal holds, how long ago it was told anything, and whether there is an ingest that could be told."""
    line = Text(no_wrap=True)
    if not written:
        line.append("NO INGEST", "bold reverse")
        line.append(" · ")
    line.append(heard(age_ms), "bold" if age_ms is not None and age_ms >= STALE_MS else "")
    line.append(f" · {count(facts, 'fact')}")
    line.append(f" · {quarantined:,} in quarantine", "bold" if quarantined else "dim")
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


def tabs(labels: Sequence[str], current: int, width: int) -> Text:
    """The races, the current one in brackets and reversed."""
    line = Text(no_wrap=True)
    for _, _, no in tab_spans(labels, current, width):
        line.append(f"[{labels[no]}]" if no == current else f" {labels[no]} ", "bold reverse" if no == current else "")
    return line


def ledger(counts: Mapping[Status, int], places: Mapping[Place, int]) -> Text:
    """Status by status how many, and the sums; then where those are who started."""
    text = Text(no_wrap=True)
    for status in _ORDER:
        if counts[status] or status in _ALWAYS:
            text.append(f"{fit(state_name(status), 16)}{counts[status]:>6,}\n", "bold" if status in _IN_THE_RACE else "")
    entries = sum(counts.values())
    started = entries - counts[Status.ENTERED] - counts[Status.DNS]
    text.append(f"{fit('= entries', 16)}{entries:>6,}\n")
    text.append(f"{fit('  started', 16)}{started:>6,}\n")
    for where, words in _WHERES.items():
        there = sum(count for place, count in places.items() if place.where is where)
        text.append(f"{fit(words, 16)}{there:>6,}\n", "bold" if there and where is Where.OUT else "")
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


def alert_list(alerts: Sequence[Alert], timezone: str, most: int) -> Text:
    """The first `most` lines of alerts (those to act on, then the others, of each the newest first); what to do stands once a kind."""
    if not alerts:
        return Text("no alerts", "dim")
    text, kinds = Text(), set[str]()
    for line in alert_lines(alerts)[:most]:
        text.append(f"{_MARKS[line.severity]} {format_local(line.at_ms, timezone, seconds=False)} ", "bold")
        text.append(f"{line.text}\n")
        if line.kind not in kinds:
            kinds.add(line.kind)
            text.append(f"   → {line.todo}\n", "dim")
    return text


def first_alert(alerts: Sequence[Alert], timezone: str, width: int) -> Text:
    """How many alerts there are, and the first, in one line."""
    if not alerts:
        return Text(fit("no alerts", width), "dim", no_wrap=True)
    first = alerts[0]
    when = format_local(first.at_ms, timezone, seconds=False)
    line = f"{_MARKS[first.severity].strip()} {count(len(alerts), 'alert')}, first {when} {first.text}"
    return Text(fit(line, width), "bold" if first.severity is Severity.ACT else "", no_wrap=True)
