"""`--format opensplittime`: every passage as a raw time, and every entrant, as OpenSplitTime's `jsonapi_batch` takes them.

The file as it stands is the body to post to `/api/v1/event_groups/ID/import`; under `entrants` is that of each race, for
`/api/v1/events/ID/import`. Their API takes no bib that is not of one to six digits, and whole seconds: what it would refuse is under
`left_out`, with the reason, and `meta`, which it ignores, has each passage as it came.
"""

import re
from collections.abc import Iterable
from typing import Any

import orjson

from tracker.core.course import Race
from tracker.core.facts import Passage, Withdrawal
from tracker.core.roster import Entrant
from tracker.export.countries import codes_of
from tracker.export.names import given_and_family
from tracker.export.passed import Passed, passed
from tracker.export.results import Results
from tracker.files.times import local_datetime

_BIB = re.compile(r"[0-9]{1,6}", re.ASCII)
_GENDER = {"M": "male", "F": "female", "X": "nonbinary"}
_PLACES = {"city": "city", "state": "state_code"}
_NO_BIB = "a bib there is one to six digits"


def write(results: Results) -> bytes:
    """Raw times and entrants as one JSON object, UTF-8, with the results' provenance."""
    told = passed(results)
    raw_times = [_raw_time(results, one) for one in told if _goes(one)]
    _mark_stops(raw_times, told)
    found = {
        "data_format": "jsonapi_batch",
        "data": raw_times,
        "entrants": {race: _entrants(results, race) for race in results.races},
        "left_out": [*_left_out(told), *_no_entrants(results)],
        **results.made(),
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def split_name(race: Race, at: int) -> str:
    """What a checkpoint is called there: its name, and its id beside it where another of the race has the same name."""
    point = race.checkpoints[at]
    alike = [other for other in race.checkpoints if other.name == point.name]
    return point.name if len(alike) == 1 else f"{point.name} ({point.id})"


def _goes(one: Passed) -> bool:
    return isinstance(one.fact, Passage) and not one.voided and one.at is not None and _BIB.fullmatch(one.fact.bib) is not None


def _raw_time(results: Results, one: Passed) -> dict[str, Any]:
    fact, race = one.fact, one.race
    assert isinstance(fact, Passage) and race is not None and one.at is not None  # noqa: PT018  of whatever goes
    when = local_datetime(fact.at_ms, results.field.event.timezone)
    told = {
        "station": fact.station,
        "id": fact.id,
        "time": fact.at_ms,
        "way": fact.way,
        "device": fact.device,
        "seq": fact.seq,
        "source": fact.source,
    }
    return {
        "type": "raw_time",
        "attributes": {
            "source": fact.device or f"{fact.station}-unknown",
            "sub_split_kind": "in" if fact.way is None else fact.way.value,
            "with_pacer": "false",
            "entered_time": when.isoformat(sep=" ", timespec="seconds"),
            "split_name": split_name(race, one.at),
            "bib_number": fact.bib,
            "stopped_here": "false",
        },
        "meta": {"passage": {name: value for name, value in told.items() if value is not None}},
    }


def _mark_stops(raw_times: list[dict[str, Any]], told: Iterable[Passed]) -> None:
    """Who gave up stopped at the last place where he was read by then."""
    of_bib: dict[str, list[dict[str, Any]]] = {}
    for raw in raw_times:
        of_bib.setdefault(raw["attributes"]["bib_number"], []).append(raw)
    for one in told:
        if isinstance(one.fact, Withdrawal) and not one.voided:
            before = [raw for raw in of_bib.get(one.fact.bib, ()) if raw["meta"]["passage"]["time"] <= one.fact.at_ms]
            if before:
                before[-1]["attributes"]["stopped_here"] = "true"
                before[-1]["meta"]["withdrawal"] = {"station": one.fact.station, **_withdrawn(one.fact)}


def _withdrawn(fact: Withdrawal) -> dict[str, Any]:
    """The withdrawal as it came."""
    names = ("id", "reason", "signed", "by", "note", "transport", "device", "seq")
    said = {name: getattr(fact, name) for name in names}
    return {"time": fact.at_ms, **{name: value for name, value in said.items() if value is not None}}


def _entrants(results: Results, race: str) -> dict[str, Any]:
    entrants = [runner.entrant for runner in results.field.races[race].runners]
    data = [{"type": "effort", "attributes": _effort(entrant)} for entrant in entrants if _BIB.fullmatch(entrant.bib)]
    return {"data_format": "jsonapi_batch", "unique_key": ["bib_number"], "data": data}


def _effort(entrant: Entrant) -> dict[str, Any]:
    given, family = given_and_family(entrant)
    known = {
        "bib_number": entrant.bib,
        "first_name": given,
        "last_name": family,
        "gender": _GENDER.get(entrant.sex or ""),
        "birthdate": entrant.birthdate,
        "country_code": codes_of(entrant.country)[1],
    }
    places = {theirs: entrant.extra.get(ours) for ours, theirs in _PLACES.items()}
    return {name: value for name, value in (known | places).items() if value}


def _left_out(told: Iterable[Passed]) -> Iterable[dict[str, Any]]:
    """What the stations told that is no raw time there, and why."""
    for one in told:
        if isinstance(one.fact, Withdrawal) or _goes(one):
            continue
        if one.voided:
            why = "the desk has voided it"
        elif one.race is None:
            why = "the bib is not on the roster"
        elif one.at is None:
            why = f"race {one.race.id} never passes {one.fact.station}"
        else:
            why = _NO_BIB
        yield {"passage": one.fact.id, "bib": one.fact.bib, "why": why}


def _no_entrants(results: Results) -> Iterable[dict[str, Any]]:
    for race in results.races:
        for runner in results.field.races[race].runners:
            if not _BIB.fullmatch(runner.entrant.bib):
                yield {"entrant": runner.entrant.bib, "bib": runner.entrant.bib, "why": _NO_BIB}
