"""One station in full: how it is heard, what the desk has said of it, its devices, its cutoffs, and who is expected there next.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from tracker.core.alert import bibs
from tracker.core.clocks import ClockOffset
from tracker.core.devices import DeviceState
from tracker.core.field import Field
from tracker.core.race_state import RaceState
from tracker.core.runner import Status
from tracker.core.stations import Station, StationStatus, behind
from tracker.core.traffic import Coming, Traffic
from tracker.dashboard.format import UNKNOWN, span
from tracker.dashboard.station_words import age, cutoff_words, drift_of, exact_drift, link_words, state_words
from tracker.files.times import SECOND_MS, format_local
from tracker.text import count, fit

_NEXT = 5
_NAMED = 12
_GAPS = 5
_DEVICES = 40
_NAME = 18
_CHOSEN = "»"


def station_text(
    field: Field, one: Station, there: Traffic, offsets: Mapping[str, ClockOffset], device: str | None, offline: Mapping[str, str]
) -> Text:
    """Everything about a station; `device` is the one that was chosen, if any, and `offline` are those with a last will."""
    text = Text()
    lines = station_lines(field, one, offsets, device, offline)
    text.append(f"{next(lines)}\n", "bold")
    for words in _races(field, one, there):
        text.append(f"{words}\n")
    if there.coming:
        text.append("expected next, of those whose next checkpoint this is\n", "underline")
        for coming in there.coming[:_NEXT]:
            text.append(f"{_coming(field, coming)}\n")
    for words in lines:
        text.append(f"{words}\n")
    for words, named in (("not read here, and seen further on", there.missed), ("out of the race, last known here", there.out)):
        if named:
            text.append(f"{words} ({len(named)}): {bibs(named, _NAMED)}\n")
    return text


def station_lines(
    field: Field, one: Station, offsets: Mapping[str, ClockOffset], device: str | None, offline: Mapping[str, str]
) -> Iterator[str]:
    """A station's state first; then why it is silent or cannot close, the desk's word, and its devices one by one."""
    now_ms = field.now_ms
    gone = sorted(device for device, station in offline.items() if station == one.id)
    wills = f", last will of {', '.join(gone)}" if gone else ""
    yield f"{one.name}: {state_words(one, offline)}{wills}, {link_words(one, now_ms)}"
    yield from _why(field, one)
    if (word := one.word) is not None:
        forced = " by force" if word.forced else ""
        when = format_local(word.at_ms, field.event.timezone, seconds=False)
        yield f"the desk: {word.state.value}{forced}, {when} by {word.author}, {word.reason}"
    for found in _worth_a_line(one.devices, device):
        mark = _CHOSEN if found.device == device else "·"
        yield f"{mark} {found.device}: {', '.join(_device(field, found, offsets))}"
    if len(one.devices) > _DEVICES:
        yield f"· and {count(len(one.devices) - _DEVICES, 'more device')}: so many names are no devices, see the Log"
    for keeper in [keeper for keeper in one.keepers if not keeper.there][:_DEVICES]:
        through = age(keeper.through_ms, now_ms)
        yield f"· {keeper.device}: carried on to {keeper.now_at}, and not all that it read here has come (known up to {through} ago)"


def _worth_a_line(devices: Sequence[DeviceState], chosen: str | None) -> Sequence[DeviceState]:
    """All of them; where more are named than a station can have, the chosen one and those that were heard."""
    if len(devices) <= _DEVICES:
        return devices
    return sorted(devices, key=lambda found: (found.device != chosen, found.heard_ms is None))[:_DEVICES]


def _why(field: Field, one: Station) -> Iterator[str]:
    """What keeps a station from being heard, or from closing."""
    for keeper in one.silent[:_DEVICES]:
        yield f"silent: {keeper.device} was last heard {age(keeper.last_ms, field.now_ms)} ago"
    if one.unjudged:
        yield f"{count(one.unjudged, 'runner')} cannot be judged before it is heard"
    if one.status in (StationStatus.SILENT, StationStatus.CLOSING):
        awaited = behind(field, one.id)
        missing = f", {one.missing} of them out of the race and not accounted for" if one.missing else ""
        start = f"; {one.to_start} have yet to start" if one.to_start else ""
        yield f"still to come or to leave ({len(awaited)}{missing}): {bibs(awaited, _NAMED) if awaited else 'nobody'}{start}"


def _device(field: Field, device: DeviceState, offsets: Mapping[str, ClockOffset]) -> Iterator[str]:
    now_ms = field.now_ms
    if device.heard_ms is None:
        yield "no heartbeat"
    else:
        yield f"heard {age(device.heard_ms, now_ms)} ago" if device.heard_ms else "never heard by now"
        yield f"known up to {age(device.through_ms, now_ms)} ago" if device.through_ms else "nothing known whole"
        yield f"{UNKNOWN if device.queued is None else f'{device.queued:,}'} queued"
        yield f"battery {UNKNOWN if device.battery is None else f'{device.battery:.0f}%'}"
    yield f"clock {exact_drift(drift_of(field, device.device, offsets))}{_put_right(field, device.device, offsets)}"
    yield count(device.facts, "fact")
    if device.missing:
        gaps = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in device.missing[:_GAPS])
        yield f"! missing seq {gaps}{' …' if len(device.missing) > _GAPS else ''}"
    if device.reuses:
        yield f"! {count(device.reuses, 'number')} given twice"
    if device.device in field.devices.retired:
        yield "retired by the desk"


def _put_right(field: Field, device: str, offsets: Mapping[str, ClockOffset]) -> str:
    """The desk's correction that is in force for what the device reads now, and whose word it is; empty: none is."""
    offset = offsets.get(device)
    word = field.store.correction(device, field.now_ms + (0 if offset is None else offset.offset_ms))
    if word is None:
        return ""
    when = format_local(word.at_ms, field.event.timezone, seconds=False)
    return f" beyond the {word.offset_ms / SECOND_MS:+g}s put right by {word.author} {when} ({word.reason})"


def _races(field: Field, one: Station, there: Traffic) -> Iterator[str]:
    """A line a race that passes here: its cutoff with the time left, and how many of it are still to come or to leave."""
    still = Counter(field.runners[bib].race.race.id for bib in behind(field, one.id))
    for race, state in field.races.items():
        visits = [at for at in state.race.visits.get(one.id, ()) if at <= state.rules.finish and at not in state.rules.skipped]
        if not visits:
            continue
        bounds = [bound for bound in there.cutoffs if bound.race == race]
        told = [cutoff_words(bound, field.now_ms, field.event.timezone) + _visit(state, bound.at, visits) for bound in bounds]
        risk = sum((coming.margin_ms(field.now_ms) or 0) < 0 for coming in there.coming if coming.race == race)
        left = f"{still[race]:,} still to come or to leave"
        left += f", {risk:,} at risk" if risk else ""
        left += f", {state.statuses[Status.ENTERED]:,} yet to start" if state.statuses[Status.ENTERED] else ""
        yield f"{race}: {'; '.join([left, *(told or ['no cutoff here'])])}"


def _visit(state: RaceState, at: int, visits: Sequence[int]) -> str:
    return f" (as {state.race.checkpoints[at].id})" if len(visits) > 1 else ""


def _coming(field: Field, one: Coming) -> str:
    """Bib and name, when expected, how long ago if so, between when and when, and how long before the cutoff that is."""
    zone = field.event.timezone
    early, late = (format_local(at_ms, zone, day=False, seconds=False) for at_ms in (one.early_ms, one.late_ms))
    ago = f", {span(field.now_ms - one.expected_ms)} ago" if one.expected_ms < field.now_ms else ""
    when = f"{format_local(one.expected_ms, zone, seconds=False)}{ago} ({early} to {late})"
    name = field.runners[one.bib].entrant.name or UNKNOWN
    return f"{fit(one.bib, 6, right=True)} {fit(name, _NAME)} {when}{_margin(one, field.now_ms)}"


def _margin(one: Coming, now_ms: int) -> str:
    """How long before the cutoff a runner will be there; marked when after it. Empty: there is none."""
    left_ms = one.margin_ms(now_ms)
    if left_ms is None:
        return ""
    if left_ms >= 0 and one.is_over(now_ms):
        return f", margin {UNKNOWN}"
    return f", ! {span(-left_ms)} too late" if left_ms < 0 else f", margin {span(left_ms)}"
