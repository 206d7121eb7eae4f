"""What a field says in plain sentences, one fact a line: for those who cannot use the screens, and for paper.

Pure: words from plain values. Words stand before signs, and what is unknown is said to be so.
"""

import re
from collections.abc import Sequence

from tracker import views
from tracker.clock import RaceClock
from tracker.core.alert import bibs
from tracker.core.changes import Turn
from tracker.core.facts import StationChange
from tracker.core.field import Field
from tracker.core.finals import by_place_alone, finality
from tracker.core.lateness import Overdue
from tracker.core.roster import Entrant
from tracker.core.runner import Where
from tracker.core.stations import Station
from tracker.core.trial_lines import turn_in_words
from tracker.files.times import MINUTE_MS, format_duration, format_elapsed, format_local
from tracker.floods import Flood
from tracker.journal import Keeping
from tracker.link import Link
from tracker.text import clean_text, count

UNKNOWN = "?"
_TELEPHONES = ("phone", "tel", "tél", "mobil", "móvil", "movil", "emergency")


def broker_line(link: Link | None, timezone: str) -> str:
    """That the ingest has no broker, since when and why, or that its broker has lost what it kept; empty: neither, as far as is known."""
    if link is None:
        return ""
    if link.fault is None and link.lost_ms:
        when = format_local(link.lost_ms, timezone, seconds=False)
        return f"BROKER LOST ITS QUEUE, found at {when}: devices with an outbox send again; ask all others for what they read before"
    if link.fault is None:
        return ""
    return f"NO BROKER since {format_local(link.since_ms, timezone, seconds=False)}: {link.fault}; devices keep what they have"


def keeping_lines(keeping: Keeping, clock: RaceClock, timezone: str) -> list[str]:
    """What wants a person in how the journal is kept, the worst first; none: all is well. Moments are told by the race's clock."""
    upkeep, room, name = keeping.upkeep, keeping.room, keeping.path.name

    def since(at_ms: int) -> str:
        return format_local(clock.at_wall(at_ms), timezone, seconds=False)

    lines = []
    if upkeep.fault is not None and "full" in upkeep.fault:
        lines.append(
            f"DISK FULL since {since(upkeep.since_ms)}: nothing is taken in, devices keep what they have; make room where {name} is"
        )
    elif upkeep.fault is not None:
        what = f"{name} CANNOT BE WRITTEN since {since(upkeep.since_ms)}: {clean_text(upkeep.fault)}"
        lines.append(f"{what}; nothing is taken in, devices keep what they have; check the disk")
    elif room is not None and room.low:
        lines.append(f"DISK NEARLY FULL: {room.free_bytes / 1e6:,.0f} MB left; make room where {name} is before nothing can be taken in")
    if upkeep.backup_fault is not None:
        lines.append(f"NO BACKUP since {since(upkeep.backup_since_ms)}: {clean_text(upkeep.backup_fault, 300)}; it is tried again")
    return lines


def flood_lines(link: Link | None) -> list[str]:
    """Who floods the tracker, where, at what pace, and what to do; none: nobody does."""
    return [] if link is None else [_flood_line(flood) for flood in link.floods]


def _flood_line(flood: Flood) -> str:
    pace = f"{count(flood.a_minute, 'message')} a minute"
    if flood.device is not None:
        return f"FLOOD: device {flood.device} at {flood.station} sends {pace}; take it off the network, what it has sent is kept"
    where = f"at {flood.station}" if flood.station else "for no station of the race"
    return f"FLOOD: somebody sends {pace} {where}; find out who (the Log shows them) and take it off the network, what was sent is kept"


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
            UNKNOWN if place["checkpoint"] is None else points[field.event.by_id[race].index_of[place["checkpoint"]]].name
        )
        for place in views.places(field, race)
        if place["where"] in names
    ]
    return "starters: " + (", ".join(parts) or "none yet")


def results_line(field: Field, race: str) -> str:
    """Whether the results of a race are final, by whom and since when; or that they were, and no longer are."""
    final, holds = finality(field, race)
    if final is None:
        return "results provisional"
    said = f"since {format_local(final.at_ms, field.event.timezone, date=True)} by {final.author}: {final.reason}"
    return f"results final {said}" if holds else f"results provisional: NO LONGER FINAL, as they were {said}"


def changed_lines(field: Field, changes: Sequence[Turn] | None) -> list[str]:
    """Whose results are others than those that were declared final, from what to what: of each whose own are, and of the others the bibs.

    None: what was declared is not what this journal held then.
    """
    if changes is None:
        return ["what was declared is not what this journal held by then: the tracker where it was said can list what changed"]
    zone = field.event.timezone

    def moment(at_ms: int) -> str:
        return format_local(at_ms, zone)

    lines = [turn_in_words(field.event, turn, moment, format_elapsed) for turn in changes if not by_place_alone(turn)]
    moved = [turn.bib for turn in changes if by_place_alone(turn)]
    return [*lines, *([f"{count(len(moved), 'other runner')} only in the place: {bibs(moved)}"] if moved else [])]


def desk_word(field: Field, word: StationChange) -> str:
    """What the desk has said of a station, when, and who said why."""
    when = format_local(word.at_ms, field.event.timezone, seconds=False)
    return f"the desk said {word.state.value}{' by force' if word.forced else ''} at {when}, {word.author}: {word.reason}"


def behind_words(one: Station) -> str:
    """How many are behind a station, and how many of them are there or out of the race."""
    parts = [f"{count(one.behind, 'runner')} still to come or to leave"]
    parts += [f"{one.inside} of them there"] if one.inside else []
    parts += [f"{one.missing} of them out of the race and not accounted for"] if one.missing else []
    parts += [f"{one.to_start} more yet to start"] if one.to_start else []
    return ", ".join(parts)


def heard_lines(field: Field, one: Station) -> list[str]:
    """When a station was last heard, and through which moment everything that it read is known."""
    if one.heard_ms is None and one.through_ms is None:
        return ["not monitored: no device there has sent a heartbeat"]
    zone, now_ms = field.event.timezone, field.now_ms
    heard, through = ("never by now" if not at_ms else _since(at_ms, now_ms, zone) for at_ms in (one.heard_ms, one.through_ms))
    return [f"last heard: {heard}", f"everything known through: {through.removesuffix(' ago')}{' behind' if one.through_ms else ''}"]


def _since(at_ms: int, now_ms: int, zone: str) -> str:
    return f"{format_local(at_ms, zone)}, {age(now_ms - at_ms)} ago"


def overdue_line(field: Field, one: Overdue) -> str:
    """Who is overdue, where, by how much, when and where he was last seen, when he was expected, four in five, and whom to call."""
    points, zone, now_ms = field.event.by_id[one.race].checkpoints, field.event.timezone, field.now_ms
    seen = points[one.seen_at].name
    last = f"went into {seen}" if one.inside else f"last seen at {seen}"
    unread = ", not read going out" if one.inside else ""
    when = format_local(one.seen_ms, zone, seconds=False)
    due, early, late = (format_local(at_ms, zone, seconds=False) for at_ms in (one.expected_ms, one.early_ms, one.late_ms))
    entrant = field.runners[one.bib].entrant
    overdue = f"overdue at {points[one.at].name} by {age(one.by_ms)}"
    ago = f"{when}, {age(now_ms - one.seen_ms)} ago{unread}"
    named = f"bib {one.bib} {entrant.name or UNKNOWN}, {class_of(entrant)}, race {one.race}"
    call = "".join(f"; {words}" for words in telephones(entrant))
    return f"{named}: {overdue}, {last} {ago}, expected {due}, between {early} and {late}{call}"


def class_of(entrant: Entrant) -> str:
    """Sex and category: `F O40`, `? ?`."""
    return f"{entrant.sex or UNKNOWN} {entrant.category or UNKNOWN}"


def telephones(entrant: Entrant) -> list[str]:
    """What the roster has under titles of its own that speak of a telephone or an emergency: `Emergency phone +376 1`."""
    return [
        f"{clean_text(title)} {text}"
        for title, value in entrant.extra.items()
        if any(word.startswith(_TELEPHONES) for word in re.split(r"[\W_]+", title.casefold())) and (text := clean_text(value))
    ]


def age(span_ms: int) -> str:
    """How long, to the minute below: `0m`, `12m`, `3h05`; what lies ahead is `0m`."""
    return format_duration(max(span_ms, 0) // MINUTE_MS * MINUTE_MS)
