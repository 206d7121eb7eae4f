"""Who is out and nobody knows where, who is overdue, and if asked everybody else on the course: the worst first, to tick and to write on.

Pure: a field in, sections out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import IntEnum

from tracker.core.field import Field
from tracker.core.race_state import RaceState, Runner
from tracker.core.runner import Place, Status, Where
from tracker.paper.pages import WIDTH, Block, Section, title, wrapped
from tracker.paper.runners import CLASS_WIDTH, TICK, bib_width, contact_words, due, due_words, last_seen_ms, other_words, seen_words
from tracker.sentences import UNKNOWN, class_of, ledger_line
from tracker.text import count, fit

_NAME = 28
_LABEL, _NUMBER, _ABREAST = 40, 8, 5
_LABELS = (
    "out of the race and not accounted for",
    "overdue",
    "else on the way or in a station",
    "= neither finished nor in safe hands",
    "out of the race and in safe hands",
    "at the finish",
    "= started",
    "not started",
    "= entrants",
)
_NOBODY = "Nobody: everybody who started is finished or in safe hands."
_NOBODY_MISSING = "Nobody: who is out is in safe hands, and nobody is known to be overdue."
_LISTED = (Where.OUT, Where.IN_STATION, Where.ON_LEG)


class _Level(IntEnum):
    """How bad it is; the worst is the least."""

    OUT = 0
    OVERDUE = 1
    ON_COURSE = 2


def unaccounted(field: Field, races: Sequence[str], *, everybody: bool = True) -> list[Section]:
    """The list of some races: who is out and nobody knows where, who is overdue, the others along the course; and the sum.

    Not `everybody`: the others are only counted.
    """
    field.refresh()
    states = [field.races[race] for race in races]
    width = bib_width(runner.entrant for state in states for runner in state.runners)
    groups: dict[tuple[_Level, int, Place], list[Runner]] = defaultdict(list)
    others: list[Runner] = []
    for number, state in enumerate(states):
        for where in _LISTED:
            for runner in state.at(where):
                level = _level(runner)
                if everybody or level is not _Level.ON_COURSE:
                    groups[level, number, runner.verdict.place].append(runner)
                else:
                    others.append(runner)
    found = []
    for (level, number, place), runners in sorted(groups.items(), key=lambda group: _order(*group[0])):
        state = states[number]
        runners.sort(key=lambda runner: (_since_ms(state, runner, field.now_ms), runner.no))
        heading = title(f"{state.race.name}: {count(len(runners), 'runner')} {_where(state, level, place)}")
        found.append(Section(heading, [_block(field, state, runner, width) for runner in runners]))
    if not found:
        found.append(Section((_NOBODY if everybody else _NOBODY_MISSING,)))
    return [*found, Section(title("Sum"), [*_sum(field, states), *_unlisted(others)])]


def _unlisted(others: Sequence[Runner]) -> Iterator[Block]:
    """Who is on the course and not on the list, and how many of them nobody can judge."""
    if others:
        unheard = sum(runner.verdict.unheard is not None for runner in others)
        doubt = f", {unheard:,} of them unconfirmed: the station that would know is not heard" if unheard else ""
        yield "", *wrapped(f"Not on this list: {count(len(others), 'runner')} on the way or in a station{doubt} (--all lists them).")


def _level(runner: Runner) -> _Level:
    if runner.verdict.place.where is Where.OUT:
        return _Level.OUT
    return _Level.OVERDUE if "overdue" in runner.verdict.flags else _Level.ON_COURSE


def _since_ms(state: RaceState, runner: Runner, now_ms: int) -> int:
    """Who comes first in a group: the overdue by how long, the others who are expected by when, and else who was seen longest ago."""
    if _level(runner) is _Level.OVERDUE and runner.overdue_ms is not None:
        return runner.overdue_ms
    ahead = due(state, runner, now_ms)
    return last_seen_ms(runner) if ahead is None else ahead.expected_ms


def _order(level: _Level, number: int, place: Place) -> tuple[int, int, int, bool]:
    """By how bad it is, then by race, then along the course: on the way to a checkpoint, then there."""
    return level, number, -1 if place.at is None else place.at, place.where is not Where.ON_LEG


def _where(state: RaceState, level: _Level, place: Place) -> str:
    name = None if place.at is None else state.race.checkpoints[place.at].name
    match place.where:
        case Where.OUT:
            known = "never read" if name is None else f"last known at {name}"
            return f"OUT AND NOT ACCOUNTED FOR, {known}"
        case Where.IN_STATION:
            words = f"in {name}"
        case _:
            words = f"on the way to {name}"
    return f"OVERDUE, {words}" if level is _Level.OVERDUE else words


def _block(field: Field, state: RaceState, runner: Runner, width: int) -> Block:
    """A runner: a box to tick and a line to write on, then what is known."""
    entrant, zone, now_ms = runner.entrant, field.event.timezone, field.now_ms
    first = f"{TICK} {fit(entrant.bib, width, right=True)}  {fit(entrant.name or UNKNOWN, _NAME)} {fit(class_of(entrant), CLASS_WIDTH)}  "
    known, ahead = [seen_words(state, runner, now_ms, zone)], due(state, runner, now_ms)
    if ahead is not None:
        there = runner.verdict.place == Place(Where.ON_LEG, ahead.at)
        known.append(f"due {'' if there else f'at {state.race.checkpoints[ahead.at].name} '}{due_words(ahead, zone)}")
    elif runner.verdict.status is Status.RACING:
        known.append(f"due {UNKNOWN}")
    more = [*other_words(state, runner, now_ms, zone), *contact_words(entrant)]
    return (
        "",
        first + "_" * (WIDTH - len(TICK) - 1 - width - 2 - _NAME - 1 - CLASS_WIDTH - 2),
        *wrapped("; ".join(known), 4),
        *(wrapped("; ".join(more), 4) if more else ()),
    )


def _sum(field: Field, states: Sequence[RaceState]) -> Iterator[Block]:
    """How those on the list, those in safe hands and those who never started make up the entrants, race by race; then the ledger."""
    columns = [(state.race.id, _counts(state)) for state in states]
    if len(columns) > 1:
        columns.append(("all", [sum(numbers) for numbers in zip(*(counts for _, counts in columns), strict=True)]))
    for first in range(0, len(columns), _ABREAST):
        shown = columns[first : first + _ABREAST]
        titles = " " * _LABEL + "".join(fit(race, _NUMBER, right=True) for race, _ in shown)
        rows = (fit(label, _LABEL) + "".join(f"{counts[row]:>{_NUMBER},}" for _, counts in shown) for row, label in enumerate(_LABELS))
        yield titles, *rows, ""
    for state in states:
        yield wrapped(f"{state.race.id}: {ledger_line(field, state.race.id)}")


def _counts(state: RaceState) -> list[int]:
    """The numbers of a race beside `_LABELS`."""
    there = {where: len(state.at(where)) for where in Where}
    levels = [_level(runner) for where in _LISTED for runner in state.at(where)]
    started = len(levels) + there[Where.ACCOUNTED] + there[Where.FINISHED]
    return [
        levels.count(_Level.OUT),
        levels.count(_Level.OVERDUE),
        levels.count(_Level.ON_COURSE),
        len(levels),
        there[Where.ACCOUNTED],
        there[Where.FINISHED],
        started,
        there[Where.NOT_STARTED],
        started + there[Where.NOT_STARTED],
    ]
