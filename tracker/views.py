"""What the outside is told of a field, as plain values: status, live topics and exports say the same words.

Times go out as RFC 3339 in the event's zone, durations in seconds; nothing here decides anything.
"""

from functools import lru_cache
from typing import Any

from tracker.clock import RaceClock
from tracker.core.alert_lines import first_of
from tracker.core.alerts import Alert
from tracker.core.changes import Turn
from tracker.core.facts import AlertWord
from tracker.core.field import Field
from tracker.core.finals import finality
from tracker.core.lateness import Overdue, overdue
from tracker.core.race_state import Standing
from tracker.core.roster import Entrant
from tracker.core.runner import Place, Verdict, Where
from tracker.core.soundness import digest
from tracker.core.stations import Station, stations
from tracker.files.times import local_datetime
from tracker.journal import Keeping
from tracker.link import Link
from tracker.series.eligibility import Eligibility, eligibility
from tracker.series.of_runner import OfRace, Series, of_race

_MINUTE_MS = 60_000


def rfc3339(at_ms: int, timezone: str) -> str:
    """The moment as RFC 3339 with the zone's offset, to the millisecond."""
    minute, rest_ms = divmod(at_ms, _MINUTE_MS)
    found = _minute(minute, timezone)
    if found is None:
        return local_datetime(at_ms, timezone).isoformat(timespec="milliseconds")
    return f"{found[0]}{rest_ms // 1000:02}.{rest_ms % 1000:03}{found[1]}"


@lru_cache(maxsize=8192)
def _minute(minute: int, timezone: str) -> tuple[str, str] | None:
    """What stands before the seconds and after them: many moments are in few minutes. None: the offset has seconds, as before 1972."""
    said = local_datetime(minute * _MINUTE_MS, timezone).isoformat(timespec="milliseconds")
    seconds = said.find(":00.000", -len(":00.000+00:00"))
    return None if seconds < 0 else (said[: seconds + 1], said[seconds + len(":00.000") :])


def state(
    field: Field, found: list[Alert], at_ms: int, facts: int, quarantined: int, races: list[str], series: Series | None = None
) -> dict[str, Any]:
    """The whole state as `status --json` prints it (contract, section 5), with the alerts that were found; with what the `series` says of
    each race and runner where it is given.
    """
    return {
        "event": field.event.id,
        "at": rfc3339(at_ms, field.event.timezone),
        "facts": facts,
        "quarantined": quarantined,
        "digest": digest(field),
        "alerts": [alert(field, one) for one in found],
        "stations": [station(field, one) for one in stations(field)],
        "overdue": [late_runner(field, one) for one in overdue(field) if one.race in races],
        "races": {race: _race(field, race, None if series is None else of_race(series, field, race)) for race in races},
    }


def _race(field: Field, race: str, of: OfRace | None) -> dict[str, Any]:
    return {
        "results": results(field, race),
        "ledger": ledger(field, race),
        "places": places(field, race),
        "score": score_basis(field, race),
        **race_in_series(of),
        "runners": [
            runner(field, race, line)
            | score(field, line.entrant.bib)
            | {"pending": pending(field, race, line.entrant)}
            | in_series(of, field, line)
            for line in field.standings(race)
        ],
    }


def results(field: Field, race: str) -> dict[str, Any]:
    """Whether the results of a race are `final` or `provisional`, and what the desk has declared (null: nothing). Of provisional ones
    `final` says what was declared and no longer holds, since a fact that came later changed them.
    """
    known = finality(field, race)
    said = known.final
    when = "" if said is None else rfc3339(said.at_ms, field.event.timezone)
    return {"state": known.state, "final": None if said is None else {"by": said.author, "at": when, "reason": said.reason}}


def changed_result(turn: Turn) -> dict[str, Any]:
    """A runner whose result is another than the one that was declared final: what it was, and what it is."""

    def side(race: str, verdict: Verdict, rank: int | None) -> dict[str, Any]:
        official_s = None if verdict.official_ms is None else verdict.official_ms / 1000
        return {"race": race, "status": verdict.status.value, "elapsed_s": official_s, "rank": rank}

    return {
        "bib": turn.bib,
        "was": side(turn.race_before, turn.before, turn.rank_before),
        "is": side(turn.race, turn.after, turn.rank),
    }


def race_in_series(of: OfRace | None) -> dict[str, Any]:
    """What the series says of a race: its category, the stones for each who finishes (null: not known), and why it qualifies nobody, or
    what is not configured. Nothing where no series is given.
    """
    return {} if of is None else {"series": {"category": of.category, "stones": of.stones, "notes": list(of.notes)}}


def in_series(of: OfRace | None, field: Field, line: Standing) -> dict[str, Any]:
    """What the series says of one runner of a race: its category, the stones that he has by now (null: not known), and each of the Finals
    for which the race counts. Nothing where no series is given.
    """
    if of is None:
        return {}
    said = of.of_line(field, line)
    finals = [
        {"final": each.final, "year": each.year, "result": each.outcome.verdict.value, "reasons": list(each.outcome.reasons)}
        for each in said.finals
    ]
    return {"series_category": said.category, "stones": said.stones, "qualification": finals}


def ingest(link: Link | None, address: str | None, timezone: str) -> dict[str, Any]:
    """Whether an ingest runs (`link` is its word), where it takes messages or did last, since when it has no broker and why, which
    devices have left a last will, who floods it, and when its broker was found to have lost what it kept (null: not in the last hour).
    """
    said = Link() if link is None else link
    away = None if said.fault is None else {"since": rfc3339(said.since_ms, timezone), "reason": said.fault}
    lost = rfc3339(said.lost_ms, timezone) if said.lost_ms else None
    return {
        "running": link is not None,
        "address": address,
        "no_broker": away,
        "queue_lost": lost,
        "offline": said.offline,
        "floods": floods(said),
    }


def floods(link: Link) -> list[dict[str, Any]]:
    """Who sends far more than a race can: the station (empty: none of the race), the device (null: none is named), messages a minute."""
    return [{"station": flood.station, "device": flood.device, "a_minute": flood.a_minute} for flood in link.floods]


def kept(keeping: Keeping, clock: RaceClock, timezone: str) -> dict[str, Any]:
    """How the journal is kept: since when it cannot be written and why (null: it can), how much room is left where that is little,
    and how its backups go."""
    upkeep, room = keeping.upkeep, keeping.room

    def moment(at_ms: int) -> str | None:
        return rfc3339(clock.at_wall(at_ms), timezone) if at_ms else None

    return {
        "unwritten": None if upkeep.fault is None else {"since": moment(upkeep.since_ms), "reason": upkeep.fault},
        "nearly_full": {"free_mb": room.free_bytes // 1_000_000} if room is not None and room.low else None,
        "backup": moment(upkeep.backup_ms),
        "no_backup": None if upkeep.backup_fault is None else {"since": moment(upkeep.backup_since_ms), "reason": upkeep.backup_fault},
    }


def station(field: Field, one: Station) -> dict[str, Any]:
    """What a station is, how many are still behind it or have yet to start, and how far it and each of its devices are heard (null: not
    monitored, or never).
    """

    def moment(at_ms: int | None) -> str | None:
        return rfc3339(at_ms, field.event.timezone) if at_ms else None

    devices = [
        {"device": each.device, "heard": moment(each.heard_ms), "missing": each.missing, "queued": each.queued, "battery": each.battery}
        for each in one.devices
    ]
    return {
        "station": one.id,
        "status": one.status.value,
        "behind": one.behind,
        "inside": one.inside,
        "unaccounted": one.missing,
        "to_start": one.to_start,
        "heard": moment(one.heard_ms),
        "heard_through": moment(one.through_ms),
        "devices": devices,
    }


def late_runner(field: Field, one: Overdue) -> dict[str, Any]:
    """Who is overdue, where, since when, and between when and when he was expected there, four in five."""
    points, zone = field.event.by_id[one.race].checkpoints, field.event.timezone
    return {
        "race": one.race,
        "bib": one.bib,
        "checkpoint": points[one.at].id,
        "overdue_s": one.by_ms // 1000,
        "expected": rfc3339(one.expected_ms, zone),
        "early": rfc3339(one.early_ms, zone),
        "late": rfc3339(one.late_ms, zone),
        "last_seen": points[one.seen_at].id,
        "last_seen_at": rfc3339(one.seen_ms, zone),
    }


def ledger(field: Field, race: str) -> dict[str, int]:
    """How many entrants are what; they sum to the entrants."""
    return {status.value: count for status, count in field.ledger(race).items()}


def places(field: Field, race: str) -> list[dict[str, Any]]:
    """How many entrants are where, in course order: before the start, at and on the way to each checkpoint, then those who are through."""
    found = sorted(field.places(race).items(), key=lambda line: _along_the_course(line[0]))
    return [place_of(field, race, place) | {"count": count} for place, count in found]


def _along_the_course(place: Place) -> tuple[bool, int, int]:
    return place.where in (Where.FINISHED, Where.ACCOUNTED), -1 if place.at is None else place.at, list(Where).index(place.where)


def place_of(field: Field, race: str, place: Place) -> dict[str, Any]:
    """Where a runner is, and the id of the checkpoint that says more; None where there is nothing more to say."""
    return {"where": place.where.value, "checkpoint": None if place.at is None else field.event.by_id[race].checkpoints[place.at].id}


def runners(field: Field, race: str) -> list[dict[str, Any]]:
    """Every entrant of a race, in the order of the standings."""
    return [runner(field, race, line) | score(field, line.entrant.bib) for line in field.standings(race)]


def score_basis(field: Field, race: str) -> dict[str, Any]:
    """On what the runners' scores stand: an estimate of the race's factor `k` (points · hours; null: no scores, for the `reason`) with
    its 80 % interval, from so many finishers whose index is known, and so many such runners who are still ahead; `final`: nobody is.
    """
    factor = field.k(race)
    k, low, high = (None, None, None) if factor.k is None else (round(factor.k, 1), round(factor.low, 1), round(factor.high, 1))
    return {
        "estimate": True,
        "k": k,
        "k_low": low,
        "k_high": high,
        "indexed_finishers": factor.indexed,
        "indexed_ahead": factor.ahead,
        "final": factor.final,
        "reason": factor.why or None,
    }


def score(field: Field, bib: str) -> dict[str, Any]:
    """The score that a finisher has, or that who is racing is on the way to, and between what it is four times in five."""
    found = field.score(bib)
    points, low, high = (None, None, None) if found is None else found
    return {"score": points, "score_low": low, "score_high": high}


def runner(field: Field, race: str, line: Standing) -> dict[str, Any]:
    """One runner: who, what, where, when, and which place."""
    verdict, entrant = line.verdict, line.entrant
    points = field.event.by_id[race].checkpoints
    return {
        "bib": entrant.bib,
        "name": entrant.name,
        "sex": entrant.sex,
        "category": entrant.category,
        "status": verdict.status.value,
        "flags": list(verdict.flags),
        "place": place_of(field, race, verdict.place),
        "checkpoint": points[verdict.furthest].id if verdict.started else None,
        "time": rfc3339(verdict.reached_ms, field.event.timezone) if verdict.started else None,
        "elapsed_s": elapsed_s(line),
        "rank": line.rank,
        "rank_sex": line.rank_sex,
        "rank_category": line.rank_category,
    }


def entry(field: Field, race: str, entrant: Entrant) -> Eligibility:
    """How an entrant stands for the race that he is in now, on the day of its scheduled start."""
    of = field.event.by_id[race]
    return eligibility(entrant, of, local_datetime(of.start_ms, field.event.timezone).date())


def pending(field: Field, race: str, entrant: Entrant) -> list[str]:
    """What stands between an entrant and the start; empty: nothing. Not in the live topics: papers are for the organiser alone."""
    return list(entry(field, race, entrant).open)


def elapsed_s(line: Standing) -> float | None:
    """A finisher's official time, or the race's time at a runner's furthest checkpoint (less what it stood still by then), in seconds."""
    verdict = line.verdict
    if verdict.official_ms is not None:
        return verdict.official_ms / 1000
    return (verdict.reached_ms - verdict.start_ms - verdict.stood_ms) / 1000 if verdict.started else None


def standings(field: Field, race: str, at_ms: int) -> dict[str, Any]:
    """The payload of the live topic `standings`."""
    return {
        "race": race,
        "at": rfc3339(at_ms, field.event.timezone),
        "results": results(field, race),
        "score": score_basis(field, race),
        "runners": runners(field, race),
    }


def alert(field: Field, found: Alert) -> dict[str, Any]:
    """One alert as it goes out, with the desk's word on it."""
    return {
        "id": found.id,
        "kind": found.kind,
        "severity": found.severity.name.lower(),
        "at": rfc3339(found.at_ms, field.event.timezone),
        "race": found.race,
        "bib": found.bib,
        "station": found.station,
        "text": found.text,
        "todo": found.todo,
        "word": None if found.word is None else word(field, found.word),
    }


def word(field: Field, said: AlertWord) -> dict[str, Any]:
    """What the desk has said of an alert; `until` None: it is seen, and not shelved."""
    until = None if said.until_ms is None else rfc3339(said.until_ms, field.event.timezone)
    return {"state": said.state.value, "author": said.author, "reason": said.reason, "until": until}


def alert_list(field: Field, found: list[Alert], at_ms: int, most: int) -> dict[str, Any]:
    """The payload of the live topic `alerts`: the first `most`, those to act on before the others and of them some of each kind, and how
    many there are.
    """
    return {
        "at": rfc3339(at_ms, field.event.timezone),
        "count": len(found),
        "alerts": [alert(field, one) for one in first_of(found, most)],
    }
