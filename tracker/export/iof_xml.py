"""`--format iof-xml`: a ResultList of the IOF data standard 3.0, each race a class, each checkpoint between start and finish a control.

What the standard has no word for (category, flags, provenance) is in its Extensions, in a namespace of our own.
"""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tracker import views
from tracker.core.course import Race
from tracker.core.field import Field
from tracker.core.race_state import Standing
from tracker.core.roster import Entrant
from tracker.core.runner import Status
from tracker.export.countries import codes_of
from tracker.export.lines import raced
from tracker.export.names import given_and_family
from tracker.export.results import Results
from tracker.files.times import local_datetime

IOF = "http://www.orienteering.org/datastandard/3.0"
OURS = "urn:trail-tracker:results"
_STATUS = {
    Status.ENTERED: "Inactive",
    Status.DNS: "DidNotStart",
    Status.RACING: "Active",
    Status.FINISHED: "OK",
    Status.WITHDRAWN: "DidNotFinish",
    Status.OUT_OF_TIME: "OverTime",
    Status.DISQUALIFIED: "Disqualified",
    Status.STOPPED: "DidNotFinish",
}
_DOUBTS = frozenset({"provisional", "conflict", "unconfirmed", "suspect"})
"""A finisher with one of these flags has finished and is not validated."""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(results: Results) -> bytes:
    """The results as XML, UTF-8: a snapshot while they are provisional, complete when they are final."""
    field, made = results.field, results.made()
    whole = "Complete" if results.provenance.state == "final" else "Snapshot"
    head = {"iofVersion": "3.0", "createTime": made["made"], "creator": made["made_by"], "status": whole}
    root = Element("ResultList", {"xmlns": IOF, "xmlns:t": OURS, **head})
    _event(root, field)
    for race in results.races:
        _class(root, field, field.event.by_id[race])
    _extend(root, made)
    indent(root)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _add(parent: Element, tag: str, text: object) -> None:
    """A child with a text; XML has no place for control codes, which a name from elsewhere may hold."""
    SubElement(parent, tag).text = _NO_XML.sub("", str(text))


def _extend(parent: Element, said: dict[str, str]) -> None:
    """Extensions with what is not empty."""
    if any(said.values()):
        extensions = SubElement(parent, "Extensions")
        for name, value in said.items():
            if value:
                _add(extensions, f"t:{name}", value)


def _event(root: Element, field: Field) -> None:
    event = SubElement(root, "Event")
    _add(event, "Id", field.event.id)
    _add(event, "Name", field.event.name)
    first = local_datetime(min(field.starts(race.id).race_ms for race in field.event.races), field.event.timezone)
    start = SubElement(event, "StartTime")
    _add(start, "Date", first.date().isoformat())
    _add(start, "Time", first.isoformat().partition("T")[2])


def _class(root: Element, field: Field, race: Race) -> None:
    result = SubElement(root, "ClassResult")
    of = SubElement(result, "Class")
    _add(of, "Id", race.id)
    _add(of, "Name", race.name)
    course = SubElement(result, "Course")
    _add(course, "Length", round(race.distance_km * 1000))
    _add(course, "Climb", round(race.gain_m))
    controls = _controls(field, race)
    _add(course, "NumberOfControls", len(controls))
    lines = field.standings(race.id)
    best_s = next((views.elapsed_s(line) for line in lines if line.rank == 1), None)
    for line in lines:
        _person(result, field, race, line, controls, best_s)


def _controls(field: Field, race: Race) -> list[int]:
    """The checkpoints that the course has by now between start and finish."""
    rules = field.conditions(race.id).rules
    return [at for at in range(1, rules.finish) if at not in rules.skipped]


def _person(parent: Element, field: Field, race: Race, line: Standing, controls: list[int], best_s: float | None) -> None:
    entrant, verdict = line.entrant, line.verdict
    result = SubElement(parent, "PersonResult")
    _who(result, entrant)
    if entrant.club:
        _add(SubElement(result, "Organisation"), "Name", entrant.club)
    run = SubElement(result, "Result")
    _add(run, "BibNumber", entrant.bib)
    if verdict.started:
        _add(run, "StartTime", views.rfc3339(verdict.start_ms, field.event.timezone))
    finish = field.conditions(race.id).rules.finish
    ended = verdict.splits[finish] if verdict.started and verdict.official_ms is not None else None
    if ended is not None:
        _add(run, "FinishTime", views.rfc3339(ended.in_ms, field.event.timezone))
    elapsed_s = views.elapsed_s(line)
    status = _STATUS[verdict.status]
    if status == "OK" and not _DOUBTS.isdisjoint(verdict.flags):
        status = "Finished"
    if verdict.official_ms is not None and elapsed_s is not None:
        _add(run, "Time", int(elapsed_s))
        if best_s is not None and status == "OK":
            _add(run, "TimeBehind", int(elapsed_s) - int(best_s))
    if status == "OK" and line.rank is not None:
        _add(run, "Position", line.rank)
    _add(run, "Status", status)
    at_ms = [*raced(field, race.id, line)]
    for at in controls:
        _split(run, race, at, at_ms[at] if verdict.started else None)
    places = {"CategoryPosition": str(line.rank_category or ""), "SexPosition": str(line.rank_sex or "")}
    _extend(run, {"Status": verdict.status.value, "Flags": " ".join(verdict.flags), "Category": entrant.category or "", **places})


def _who(result: Element, entrant: Entrant) -> None:
    person = SubElement(result, "Person", {"sex": entrant.sex} if entrant.sex in ("F", "M") else {})
    name = SubElement(person, "Name")
    given, family = given_and_family(entrant)
    _add(name, "Family", family)
    _add(name, "Given", given)
    if entrant.birthdate:
        _add(person, "BirthDate", entrant.birthdate)
    ioc, _ = codes_of(entrant.country)
    if ioc:
        SubElement(person, "Nationality", {"code": ioc}).text = ioc


def _split(run: Element, race: Race, at: int, raced_ms: int | None) -> None:
    """Every control of the course is named, seen or not; when, by the race's time, as the official time is."""
    element = SubElement(run, "SplitTime", {"status": "Missing"} if raced_ms is None else {})
    _add(element, "ControlCode", race.checkpoints[at].id)
    if raced_ms is not None:
        _add(element, "Time", raced_ms // 1000)
