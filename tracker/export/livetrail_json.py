"""`--format livetrail-json`: courses, runners and passages under the names that LiveTrail's own pages give them.

LiveTrail has not published what it imports: this is the shape and the words of its public pages (`doss`, `clt`, `idpt`, …) as JSON;
docs/results.md says what each holds.
"""

from typing import Any

import orjson

from tracker.core.course import Race
from tracker.core.field import Field
from tracker.core.passings import Split
from tracker.core.race_state import Standing
from tracker.core.runner import Status
from tracker.export.lines import raced
from tracker.export.names import given_and_family
from tracker.export.results import Results
from tracker.files.times import format_elapsed, format_local, local_datetime

_STATE = {
    Status.ENTERED: "inscrit",
    Status.DNS: "np",
    Status.RACING: "course",
    Status.FINISHED: "arrive",
    Status.WITHDRAWN: "abandon",
    Status.OUT_OF_TIME: "horsdelai",
    Status.DISQUALIFIED: "disqualifie",
    Status.STOPPED: "arrete",
}
"""Status → `etat`."""


def write(results: Results) -> bytes:
    """The results as one JSON object, UTF-8, with their provenance."""
    field = results.field
    found = {
        "epreuve": field.event.id,
        "nom": field.event.name,
        "tz": field.event.timezone,
        **results.made(),
        "courses": [_course(field, field.event.by_id[race]) for race in results.races],
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def _course(field: Field, race: Race) -> dict[str, Any]:
    start = local_datetime(field.starts(race.id).race_ms, field.event.timezone)
    return {
        "id": race.id,
        "n": race.name,
        "km": race.distance_km,
        "d": race.gain_m,
        "date": f"{start:%Y-%m-%d}",
        "hd": f"{start:%H:%M:%S}",
        "points": [
            {"idpt": at, "nc": point.id, "n": point.name, "km": point.km, "d": point.gain_m, "a": point.altitude_m}
            for at, point in enumerate(race.checkpoints)
        ],
        "coureurs": [_runner(field, race.id, line) for line in field.standings(race.id)],
    }


def _runner(field: Field, race: str, line: Standing) -> dict[str, Any]:
    entrant, verdict = line.entrant, line.verdict
    given, family = given_and_family(entrant)
    return {
        "doss": entrant.bib,
        "nom": family,
        "prenom": given,
        "sx": {"M": "H", "F": "F"}.get(entrant.sex or "", entrant.sex),
        "cat": entrant.category,
        "pays": entrant.country,
        "club": entrant.club,
        "etat": _STATE[verdict.status],
        "clt": line.rank,
        "cltsx": line.rank_sex,
        "cltcat": line.rank_category,
        "tps": None if verdict.official_ms is None else format_elapsed(verdict.official_ms),
        "pass": [
            _passing(field, at, split, raced_ms)
            for at, (split, raced_ms) in enumerate(zip(verdict.splits, raced(field, race, line), strict=True))
            if split is not None and raced_ms is not None
        ],
    }


def _passing(field: Field, at: int, split: Split, raced_ms: int) -> dict[str, Any]:
    """A checkpoint passed: when in (`ha`) and out (`hd`), day and time of the event's clocks, and after how much of the race's time."""
    zone = field.event.timezone
    return {
        "idpt": at,
        "date": f"{local_datetime(split.in_ms, zone):%Y-%m-%d}",
        "ha": format_local(split.in_ms, zone, day=False),
        "hd": None if split.out_ms is None else format_local(split.out_ms, zone, day=False),
        "tps": format_elapsed(raced_ms),
    }
