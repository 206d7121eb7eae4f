"""What a director must look at: derived from the field, so an alert is gone as soon as its cause is.

One alert a cause, with what was found and what to do; nothing here is stored.
"""

from dataclasses import dataclass
from enum import IntEnum

from tracker.core.field import Field, Oddity
from tracker.core.runner import Status, Verdict


class Severity(IntEnum):
    """How soon somebody must act; the higher, the sooner."""

    LOOK = 2
    ACT = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at. `at_ms` is when its cause happened; `race` and `bib` say whom it is about, where it is about one runner."""

    kind: str
    severity: Severity
    at_ms: int
    text: str
    todo: str
    race: str | None = None
    bib: str | None = None


_ODDITIES = {
    "unknown_bib": (Severity.LOOK, "compare the bib with the roster; void this read, and give the right runner a hand time"),
    "unknown_checkpoint": (Severity.ACT, "send the hand time again with a checkpoint of the race"),
    "unknown_race": (Severity.ACT, "send it again with a race of the event"),
    "unknown_wave": (Severity.ACT, "send it again with a wave of the race"),
    "id_reused": (Severity.LOOK, "find out which of the two is right, and void the id if it is neither"),
    "recorded_only": (Severity.ACT, "decide by desk status or hand time for each runner whom it concerns"),
}


def alerts(field: Field) -> list[Alert]:
    """Everything there is to look at now, the newest first."""
    found = [_of_oddity(oddity) for oddity in field.oddities]
    for race in field.event.races:
        for bib, verdict in field.flagged(race.id):
            found.extend(_of_runner(field, race.id, bib, verdict))
    found.sort(key=lambda alert: (-alert.at_ms, alert.kind, alert.race or "", alert.bib or "", alert.text))
    return found


def _of_oddity(oddity: Oddity) -> Alert:
    severity, todo = _ODDITIES[oddity.kind]
    return Alert(oddity.kind, severity, oddity.fact.at_ms, oddity.text, todo, None, getattr(oddity.fact, "bib", None))


def _of_runner(field: Field, race: str, bib: str, verdict: Verdict) -> list[Alert]:
    found: list[Alert] = []
    points = field.event.by_id[race].checkpoints
    last = points[verdict.furthest].name if verdict.started else "the start list"
    if verdict.status is Status.OUT_OF_TIME and verdict.at_cutoff is not None:
        point = points[verdict.at_cutoff]
        split = verdict.splits[verdict.at_cutoff]
        evidence = f"never seen after {last}" if split is None else "too late"
        text = f"bib {bib} is out of time at {point.name} ({evidence}), not yet confirmed"
        todo = "confirm with a desk status out_of_time, or let the runner go on with accepted"
        at_ms = verdict.reached_ms if split is None else split.out_ms or split.in_ms
        found.append(Alert("out_of_time", Severity.ACT, at_ms, text, todo, race, bib))
    if "conflict" in verdict.flags:
        text = f"bib {bib} is {verdict.status.value.replace('_', ' ')}, but a fact speaks against it (last seen at {last})"
        found.append(Alert("conflict", Severity.ACT, verdict.reached_ms, text, "find the runner, then reinstate or void", race, bib))
    if "suspect" in verdict.flags:
        text = f"bib {bib} was read at a station that race {race} never passes"
        found.append(Alert("suspect", Severity.LOOK, verdict.reached_ms, text, "ask the station which bib it was", race, bib))
    return found
