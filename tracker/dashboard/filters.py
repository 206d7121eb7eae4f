"""Which of a race's runners the board shows: by sex, category, status, station, and whether somebody should look after them.

Pure, without Textual. A filtered board still ranks by the whole race.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from rich.text import Text

from tracker.core.course import Race
from tracker.core.race_state import RaceState
from tracker.core.runner import Status, Verdict, Where
from tracker.dashboard.format import UNKNOWN
from tracker.dashboard.sheet import Sheet, next_of
from tracker.files.times import MINUTE_MS
from tracker.text import fit

_ON_THE_COURSE = (Where.ON_LEG, Where.IN_STATION, Where.OUT)
_WITHIN = 5
"""Every so many minutes of the race a runner's forecast is looked at again for being late, and at once after a passage."""


class Concern(StrEnum):
    """Why somebody should look after a runner."""

    AT_RISK = "at risk"
    UNACCOUNTED = "unaccounted"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Filter:
    """What a runner must be to be shown; None: whatever it is. `?` stands for an unknown sex or category."""

    sex: str | None = None
    category: str | None = None
    status: Status | None = None
    concern: Concern | None = None
    station: str | None = None

    def __bool__(self) -> bool:
        """Whether anybody may be left out."""
        return self != EVERYBODY


EVERYBODY = Filter()


class _Judged(NamedTuple):
    """Whether a runner was expected too late: by which verdict, and in which five minutes."""

    verdict: Verdict
    when: int
    late: bool


class Expectations:
    """Who of a race is expected after his next cutoff, asked again only where it may have changed: it takes a forecast a runner."""

    def __init__(self) -> None:
        self._state: RaceState | None = None
        self._judged: dict[int, _Judged] = {}

    def late(self, state: RaceState, now_ms: int) -> set[int]:
        """The numbers of those who are. What others' passings change of a forecast counts within five minutes."""
        if state is not self._state:
            self._state, self._judged = state, {}
        found: set[int] = set()
        minute = now_ms // MINUTE_MS
        for runner in state.runners:
            verdict = runner.verdict
            if verdict.status is not Status.RACING:
                continue
            no = runner.no
            known, when = self._judged.get(no), (minute + no) // _WITHIN
            if known is None or known.verdict is not verdict or known.when != when:
                ahead = next_of(state, no)
                known = self._judged[no] = _Judged(verdict, when, ahead is not None and ahead.late)
            if known.late:
                found.add(no)
        return found


def lines_of(sheet: Sheet, only: Filter, expectations: Expectations, now_ms: int) -> Sequence[int]:
    """The numbers of the sheet's lines that are shown, in order."""
    if not only:
        return range(len(sheet.lines))
    return sheet.lines.among(set.intersection(*_wanted(sheet.state, only, expectations, now_ms)))


def _wanted(state: RaceState, only: Filter, expectations: Expectations, now_ms: int) -> Iterator[set[int]]:
    """For each thing that is asked for, the numbers of the runners who fit."""
    runners = state.runners
    if only.sex is not None:
        yield {runner.no for runner in runners if (runner.entrant.sex or UNKNOWN) == only.sex}
    if only.category is not None:
        yield {runner.no for runner in runners if (runner.entrant.category or UNKNOWN) == only.category}
    if only.status is not None:
        yield {runner.no for runner in runners if runner.verdict.status is only.status}
    if only.concern is not None:
        yield _concerning(state, only.concern, expectations, now_ms)
    if only.station is not None:
        stops = state.race.visits.get(only.station, ())
        yield set().union(*(nos for place, nos in state.places.items() if place.at in stops and place.where in _ON_THE_COURSE))


def _concerning(state: RaceState, concern: Concern, expectations: Expectations, now_ms: int) -> set[int]:
    """The numbers of the runners whom somebody should look after for this reason. Who is proposed as not starting is at no risk."""
    match concern:
        case Concern.AT_RISK:
            absent = {no for no in state.to_look_at if state.runners[no].verdict.status is Status.DNS}
            return (state.to_look_at - absent) | expectations.late(state, now_ms)
        case Concern.UNACCOUNTED:
            return {runner.no for runner in state.at(Where.OUT)}
        case Concern.OVERDUE:
            return {runner.no for runner in state.flagged() if "overdue" in runner.verdict.flags}


def filter_words(only: Filter, race: Race) -> str:
    """What is asked for, in words: `sex F, at risk, at or on the way to Old Hut`; empty: nothing."""
    asked = {line: getattr(only, line.name) for line in LINES}
    return ", ".join(f"{line.before}{_words(line, value, race)}" for line, value in asked.items() if value)


def _words(line: "Line", value: Any, race: Race) -> str:
    """What is asked for of one field; empty: nothing."""
    if line.name == "station" and value:
        return f"at, on the way to or last known at {station_name(race, value)}"
    return str(value or "").replace("_", " ") if isinstance(value, Status) else str(value or "")


def station_name(race: Race, station: str) -> str:
    """A station by the name that the race's first checkpoint there has, or by its id where there is none."""
    stops = race.visits.get(station)
    return race.checkpoints[stops[0]].name if stops else station


def choices(state: RaceState) -> dict[str, list[Any]]:
    """What each of a filter's fields can be in a race, beginning with whatever it is: what its runners are, and its stations."""
    return {
        "sex": [None, *sorted({runner.entrant.sex or UNKNOWN for runner in state.runners})],
        "category": [None, *sorted({runner.entrant.category or UNKNOWN for runner in state.runners})],
        "status": [None, *Status],
        "concern": [None, *Concern],
        "station": [None, *state.race.visits],
    }


def with_next(only: Filter, field: str, of: Sequence[Any], step: int) -> Filter:
    """The filter with another choice for a field: the next, after the last the first again."""
    value = getattr(only, field)
    at = of.index(value) if value in of else 0
    return replace(only, **{field: of[(at + step) % len(of)]})


class Line(NamedTuple):
    """A line of the dialog: the filter's field, its key and its title, and a word to say before what is asked for."""

    name: str
    key: str
    title: str
    before: str = ""


LINES = (
    Line("sex", "s", "Sex", "sex "),
    Line("category", "c", "Category", "category "),
    Line("status", "t", "Status"),
    Line("concern", "r", "Look for"),
    Line("station", "p", "Station"),
)
_KEYS = "↑↓ or its letter: a line   ←→ change   x everybody\nenter show   esc as it was"


def filter_lines(only: Filter, at: int, race: Race, shown: int, runners: int) -> Text:
    """The dialog: whom to show, with a mark before the line that `←→` change, and how many that leaves."""
    text = Text("Show only\n", no_wrap=True)
    for number, line in enumerate(LINES):
        value = _words(line, getattr(only, line.name), race) or "any"
        mark = "▸" if number == at else " "
        text.append(f"{mark} {line.key}  {fit(line.title, 10)}{value}\n", "reverse" if number == at else "")
    text.append(f"\n{shown:,} of {runners:,} runners\n", "bold")
    return text.append(_KEYS, "dim")
