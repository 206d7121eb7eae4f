"""Reading an event file: TOML in, `tracker.core.course.Event` out, or every fault at once.

What stands in the file is read here; whether it makes sense as a race is `sense`. Durations and local times become milliseconds here.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.core.course import Category, Checkpoint, Cutoff, CutoffFrom, CutoffOn, Event, Policy, Race, Requirement, Timing, Wave
from tracker.files.cutoffs import STARTS
from tracker.files.finding import FileError, Finding, Severity, fault
from tracker.files.sense import findings_between_races, findings_in_race
from tracker.files.table import Table, said
from tracker.files.times import DURATION_FORMS, TimesError, TwofoldError, local_datetime, moment_ms, parse_duration, zone_of
from tracker.text import clean_text

SERIES_CATEGORIES = ("20K", "50K", "100K", "100M")
TIERS = ("event", "major", "finals", "index")
SEXES = ("M", "F", "X")
TOPICS_OF_THE_TRACKER = ("desk", "live")
OLDEST = 120

_EVENT_ID = re.compile(r"[a-z0-9-]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_COUNTRY_ELSEWHERE = {"UK": "GB", "EL": "GR"}
_START = "2022-06-24T19:00:00"


class CourseError(FileError):
    """An event file that cannot be used. `faults` is every fault of it; `str` is one line a fault."""


def read_event(text: str, source: str) -> Event:
    """The event of a file's `text`; `source` names the file in errors. CourseError with every fault when it cannot be used."""
    event, found = draft_event(text, source)
    faults = tuple(finding for finding in found if finding.severity is Severity.FAULT)
    if event is None or faults:
        raise CourseError(faults)
    return event


def draft_event(text: str, source: str) -> tuple[Event | None, list[Finding]]:
    """Every fault and doubt, in the order of the file, and the event when at least its keys and types are right."""
    try:
        values = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax_fault(text, source, error)]
    except (ValueError, RecursionError):
        what = "this is no event file: a number of thousands of digits, or lists without a bottom"
        return None, [fault(source, what, "Take that out, or give the right file")]
    found: list[Finding] = []
    file = Table(values, source, found)
    event = _read_event_table(file)
    tables = file.tables("race", "race")
    if not tables and file.sound:
        file.fault("there is no race", "Add a [[race]] with its [[race.checkpoint]] tables")
    file.close()
    races: list[Race] = []
    for number, table in enumerate(tables, 1):
        part = file.child(table, f"{source}: {_place('race', number, table.get('id'))}")
        race = _read_race(part, event.timezone)
        if part.sound:
            races.append(race)
            found.extend(findings_in_race(race, event.timezone, part.where, _dated_cutoffs(part)))
    found.extend(findings_between_races(races, source))
    return (replace(event, races=tuple(races)) if file.sound else None), found


def _syntax_fault(text: str, source: str, error: tomllib.TOMLDecodeError) -> Finding:
    message = str(error)
    at = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if at is None:
        line = len(text.rstrip().splitlines())
        what = message.removesuffix(" (at end of document)")
        return fault(f"{source}: line {line}", f"this is no TOML: {what} before the file ends", "Close what is open")
    what = message[: at.start()]
    do = "Texts stand in quotes, dates and numbers without; a key stands once in its table"
    return fault(f"{source}: line {at[1]}, column {at[2]}", f"this is no TOML: {what}", do)


def _read_event_table(file: Table) -> Event:
    """The event without its races."""
    values = file.raw("event")
    if not isinstance(values, dict):
        what = "the table [event] is missing" if values is None else f"event is {said(values)}"
        file.fault(what, "Begin the file with [event] and its id, name and timezone")
        return Event("", "", "UTC", ())
    table = file.child(values, f"{file.where}: event")
    event = Event(
        id=table.text("id", '"andorra-2022"'),
        name=table.text("name", '"Trail 100"'),
        timezone=table.text("timezone", '"Europe/Andorra"') or "UTC",
        races=(),
        tier=table.maybe_word("tier", TIERS) or "event",
        country=table.maybe_text("country", '"AD"'),
    )
    if event.id and not _EVENT_ID.fullmatch(event.id):
        table.fault(f'id "{event.id}" cannot stand in a topic', 'Use a-z, 0-9 and - alone, for example id = "andorra-2022"')
    if event.country is not None and not _COUNTRY.fullmatch(event.country):
        table.fault(f'country "{event.country}" is no ISO 3166-1 alpha-2 code', 'Write two capitals, for example country = "AD"')
    elif event.country in _COUNTRY_ELSEWHERE:  # or the series' rules take it for a country of region 2
        table.fault(f'country "{event.country}" is no ISO 3166-1 alpha-2 code', f'Write "{_COUNTRY_ELSEWHERE[event.country]}"')
    try:
        zone_of(event.timezone)
    except TimesError as error:
        table.fault(f"timezone {error.what}", _sentence(error.do))
        event = replace(event, timezone="UTC")
    table.close()
    return event


def _read_race(table: Table, timezone: str) -> Race:
    race_id = table.name_id("id", '"105k"')
    start_ms = _moment(table, "start", timezone)
    defaults = _Defaults(
        timezone,
        start_ms,
        table.choice("cutoff_on", CutoffOn.DEPARTURE),
        _grace(table, 0),
        table.choice("cutoff_from", CutoffFrom.RACE),
    )
    places = _parts(table, "checkpoint")
    if len(places) < 2:
        what = "there is no checkpoint" if not places else "there is one checkpoint alone"
        table.fault(what, "Add [[race.checkpoint]] tables: the first is the start, the last the finish")
    race = Race(
        id=race_id,
        name=table.text("name", '"Ultra 105K"'),
        start_ms=start_ms or 0,
        year=local_datetime(start_ms or 0, timezone).year,
        distance_km=table.number("distance_km", "105.0"),
        gain_m=table.number("gain_m", "6900"),
        timing=table.choice("timing", Timing.GUN),
        checkpoints=tuple(_read_checkpoint(part, defaults, is_finish=part is places[-1]) for part in places),
        waves=tuple(_read_wave(part, timezone) for part in _parts(table, "wave")),
        categories=tuple(_read_category(part) for part in _parts(table, "category", "code")),
        cutoff_from=defaults.cutoff_from,
        policy=table.choice("policy", Policy.CONFIRM),
        min_age=table.maybe_whole("min_age", "18", 0, OLDEST),
        max_birth_year=table.maybe_whole("max_birth_year", "2002", 1900, 2100),
        series_category=table.maybe_word("series_category", SERIES_CATEGORIES),
        printed_distance=table.maybe_text("printed_distance", '"105km / +6900m"'),
        accompanied_under_age=table.maybe_whole("accompanied_under_age", "14", 1, 21),
        requires=table.choices("requires", Requirement),
    )
    table.close()
    return race


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a checkpoint takes from its race. `start_ms` None: the start is at fault."""

    timezone: str
    start_ms: int | None
    cutoff_on: CutoffOn
    grace_ms: int
    cutoff_from: CutoffFrom


def _parts(race: Table, key: str, id_key: str = "id") -> list[Table]:
    """The race's tables of one kind, each with its place: `race "105k", checkpoint "botella"`."""
    parts = []
    for number, values in enumerate(race.tables(key, f"race.{key}"), 1):
        parts.append(race.child(values, f"{race.where}, {_place(key, number, values.get(id_key))}"))
    return parts


def _place(kind: str, number: int, named: object) -> str:
    """`checkpoint "botella"`, or `checkpoint 2` where it has no name."""
    return f'{kind} "{clean_text(named)}"' if isinstance(named, str) and named else f"{kind} {number}"


def _read_checkpoint(table: Table, race: _Defaults, *, is_finish: bool) -> Checkpoint:
    on = table.choice("cutoff_on", CutoffOn.ARRIVAL if is_finish else race.cutoff_on)  # nobody departs from a finish
    grace_ms = _grace(table, race.grace_ms)
    offset_ms = _cutoff_offset(table, race)
    alone = [key for key in ("cutoff_on", "grace") if key in table.values]
    if alone and "cutoff" not in table.values:
        named = " and ".join(alone)
        table.doubt(f"there is {named}, and no cutoff", f"Add the cutoff, or take {named} out")
    checkpoint = Checkpoint(
        id=table.name_id("id", '"botella"'),
        station=table.name_id("station", '"botella"'),
        name=table.text("name", '"Coll de la Botella"'),
        km=table.number("km", "22.5"),
        gain_m=table.maybe_number("gain_m", "1800"),
        altitude_m=table.maybe_number("altitude_m", "2064", least=-500.0),
        cutoff=None if offset_ms is None else Cutoff(offset_ms, on, grace_ms),
        printed=table.maybe_text("printed", '"Saturday 3:00:00"'),
    )
    if checkpoint.station in TOPICS_OF_THE_TRACKER:
        table.fault(f'station "{checkpoint.station}" is a topic of the tracker itself', "Give the station another id")
    table.close()
    return checkpoint


def _read_wave(table: Table, timezone: str) -> Wave:
    wave = Wave(table.name_id("id", '"a"'), _moment(table, "start", timezone) or 0)
    table.close()
    return wave


def _read_category(table: Table) -> Category:
    category = Category(
        code=table.text("code", '"O40"'),
        name=table.text("name", '"Veteran"'),
        min_age=table.maybe_whole("min_age", "40", 0, OLDEST),
        max_age=table.maybe_whole("max_age", "49", 0, OLDEST),
        sex=table.maybe_word("sex", SEXES),
    )
    if category.min_age is not None and category.max_age is not None and category.min_age > category.max_age:
        table.fault(f"min_age {category.min_age} is over max_age {category.max_age}", "Exchange or correct them")
    table.close()
    return category


def _dated_cutoffs(race: Table) -> frozenset[str]:
    """The checkpoints whose cutoff is written as a date-time, which can be a day off."""
    checkpoints = race.tables("checkpoint", "race.checkpoint")
    return frozenset(str(values["id"]) for values in checkpoints if isinstance(values.get("cutoff"), datetime))


def _grace(table: Table, default_ms: int) -> int:
    value = table.raw("grace")
    if value is None:
        return default_ms
    if not isinstance(value, str):
        table.fault(f"grace is {said(value)}", 'Write a duration in quotes, for example grace = "2m"')
        return default_ms
    return _duration(table, "grace", value) or 0


def _duration(table: Table, key: str, text: str) -> int | None:
    try:
        return parse_duration(clean_text(text))
    except TimesError as error:
        table.fault(f"{key} {error.what}", _sentence(error.do))
        return None


def _moment(table: Table, key: str, timezone: str) -> int | None:
    """A required date-time, local or with an offset, as UTC milliseconds."""
    value = table.required(key, _START)
    return None if value is None else _moment_of(table, key, value, timezone)


def _moment_of(table: Table, key: str, value: object, timezone: str) -> int | None:
    if not isinstance(value, datetime):
        how = "without quotes" if isinstance(value, str) else "with its day and its time"
        table.fault(f"{key} is {said(value)}", f"Write a date-time {how}, for example {key} = {_START}")
        return None
    try:
        at_ms = moment_ms(value, timezone)
    except TwofoldError as error:
        table.doubt(f"{key} {error.what}, and the first of the two is taken", _sentence(error.do))
        return error.first_ms
    except TimesError as error:
        table.fault(f"{key} {error.what}", _sentence(error.do))
        return None
    local = local_datetime(at_ms, timezone)
    if value.tzinfo is not None and local.utcoffset() != value.utcoffset():
        # most likely a local time with a wrong label: live tables print +00:00 for the island's own time
        what = f"{key} {value.isoformat()} has an offset that {timezone} does not have then; it is {local.isoformat()} there"
        table.doubt(what, f"Write {key} = {_wall(local)} when that is the time, or {_wall(value)} when the offset is wrong")
    return at_ms


def _wall(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def _cutoff_offset(table: Table, race: _Defaults) -> int | None:
    """Milliseconds from the start, of `8h` or of a date-time."""
    value = table.raw("cutoff")
    if value is None:
        return None
    if isinstance(value, datetime):
        if race.cutoff_from is not CutoffFrom.RACE:
            table.fault(
                f"cutoff is {said(value)}, but cutoffs run from {STARTS[race.cutoff_from]}",
                'Write a duration, for example cutoff = "8h", or cutoff_from = "race"',
            )
        limit_ms = _moment_of(table, "cutoff", value, race.timezone)
        return None if limit_ms is None or race.start_ms is None else limit_ms - race.start_ms
    if isinstance(value, str):
        if re.match(r"\d{4}-\d\d", value):
            table.fault(f"cutoff is {said(value)}", 'Write a date-time without quotes, or a duration such as "8h"')
            return None
        return _duration(table, "cutoff", value)
    table.fault(f"cutoff is {said(value)}", f"Write the time from the start in quotes ({DURATION_FORMS}), or a whole date-time without")
    return None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
