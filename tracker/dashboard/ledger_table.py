"""Who is where in one race: every entrant in one group, along the course, those first of whom nobody knows.

Pure, without Textual. The groups are made once a version of the race; lines are made only when somebody looks at them.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style

from tracker.core.course import Race
from tracker.core.facts import Withdrawal
from tracker.core.overdue import expected
from tracker.core.race_state import Runner
from tracker.core.runner import Place, Status, Verdict, Where
from tracker.dashboard.columns import Column, line_of, titles
from tracker.dashboard.format import UNKNOWN, short_state, span
from tracker.dashboard.sheet import Sheet
from tracker.files.times import format_local
from tracker.fold import Fold
from tracker.text import count, fit

_ORDER = (Where.OUT, Where.IN_STATION, Where.ON_LEG, Where.NOT_STARTED, Where.ACCOUNTED, Where.FINISHED)
_SUMS = {
    Where.OUT: ("out, where?", "out?"),
    Where.IN_STATION: ("in a station", "in"),
    Where.ON_LEG: ("on a leg", "on leg"),
    Where.NOT_STARTED: ("not started", "to start"),
    Where.ACCOUNTED: ("out, safe", "safe"),
    Where.FINISHED: ("at the finish", "finish"),
}
_AHEAD = (Where.ON_LEG, Where.IN_STATION)
_FRESH_FIRST = (Where.NOT_STARTED, Where.FINISHED)
_GROUP = Style(bold=True)
_LOST = Style(bold=True, underline=True)
_PLAIN = Style.null()
_RUNNER, _PLACE = "bib ", "in "


class Group(NamedTuple):
    """Those who are in one place, in the order in which they are to be asked about: who is overdue, then who was seen longest ago."""

    place: Place
    runners: Sequence[Runner]

    @property
    def key(self) -> str:
        """The group's own name."""
        return f"{_PLACE}{self.place.where}{'' if self.place.at is None else f' {self.place.at}'}"


def groups(sheet: Sheet) -> list[Group]:
    """Every entrant of the sheet's race in one group."""
    found: dict[Place, list[Runner]] = {}
    for line in range(len(sheet.lines)):
        runner = sheet.lines.runner(line)
        found.setdefault(runner.verdict.place, []).append(runner)
    for place, there in found.items():
        if place.where not in _FRESH_FIRST:
            there.sort(key=lambda runner: ("overdue" not in runner.verdict.flags, last_known(runner.verdict)[1] or 0))
    return [Group(place, found[place]) for place in sorted(found, key=_along_the_course)]


def last_known(verdict: Verdict) -> tuple[int | None, int | None]:
    """The checkpoint at which anybody knew last where a runner was, and when that was; None: nobody ever did."""
    split = verdict.splits[verdict.furthest] if verdict.started else None
    seen_ms = None if split is None else split.in_ms if split.out_ms is None else split.out_ms
    gave_up = verdict.by
    if isinstance(gave_up, Withdrawal) and (seen_ms is None or gave_up.at_ms > seen_ms):
        return verdict.place.at, gave_up.at_ms
    return (None if split is None else verdict.furthest), seen_ms


def title(race: Race, place: Place) -> str:
    """A group in words."""
    point = None if place.at is None else race.checkpoints[place.at]
    known = UNKNOWN if point is None else f"{point.name} km {point.km:g}"
    match place.where:
        case Where.OUT:
            return f"OUT, WHERE? {'never read' if point is None else f'last known at {known}'}"
        case Where.IN_STATION:
            return f"in {known}"
        case Where.ON_LEG:
            return f"on the way to {known}"
        case Where.ACCOUNTED:
            return "out, in safe hands"
        case Where.NOT_STARTED:
            return "not started"
        case Where.FINISHED:
            return "at the finish"


def sum_line(found: Sequence[Group], entries: int, width: int) -> str:
    """The groups' numbers, and that they add up to the entries of the race as it counts them itself; or, loudly, that they do not.

    In as few words as it takes to fit the width, where there are so few.
    """
    there = dict.fromkeys(_ORDER, 0)
    for group in found:
        there[group.place.where] += len(group.runners)
    total = sum(there.values())
    proof = f"= {count(total, 'entry', 'entries')}" if total == entries else f"= {total:,}, BUT {count(entries, 'ENTRY', 'ENTRIES')}!"
    forms = [" + ".join(f"{there[where]:,} {_SUMS[where][form]}" for where in _ORDER) + f" {proof}" for form in (0, 1)]
    return next((form for form in forms if cell_len(form) <= width), forms[-1])


class LedgerTable:
    """The groups at a moment, those of `opened` with their runners, as a table: a line has the key of its group or of its runner.

    A runner whose group is closed stands in the group's line.
    """

    def __init__(self, fold: Fold, sheet: Sheet, found: Sequence[Group], opened: Collection[Place]) -> None:
        self._sheet = sheet
        self._now_ms = fold.field.now_ms
        self._opened = opened
        self._rows: list[Group | Runner] = []
        self._number: dict[str, int] = {}
        self.keys: list[str] = []
        for group in found:
            open_here = group.place in opened
            self._add(group.key, group)
            for runner in group.runners:
                if open_here:
                    self._add(runner_key(runner.entrant.bib), runner)
                else:
                    self._number[runner_key(runner.entrant.bib)] = len(self.keys) - 1

    def number(self, key: str) -> int | None:
        """The line of a group or of a runner."""
        return self._number.get(key)

    def titles(self, width: int) -> str:
        """The columns' titles."""
        return f"  {titles(columns_for(width - 2))}"

    def text(self, no: int, width: int) -> str:
        """A group with its number, or a runner's line."""
        row = self._rows[no]
        if isinstance(row, Group):
            sign = "-" if row.place in self._opened else "+"
            return fit(f"{sign} {len(row.runners):>5,}  {title(self._sheet.race, row.place)}", width)
        return f"  {line_of(columns_for(width - 2), cells(self._sheet, row, self._now_ms))}"

    def style(self, no: int) -> Style:
        """Groups stand out, that of those of whom nobody knows most."""
        row = self._rows[no]
        if isinstance(row, Group):
            return _LOST if row.place.where is Where.OUT else _GROUP
        return _PLAIN

    def place_of(self, key: str) -> Place | None:
        """The place of a group, by its key; None: it is a runner's, or there is none."""
        no = self._number.get(key)
        row = None if no is None or self.keys[no] != key else self._rows[no]
        return row.place if isinstance(row, Group) else None

    def _add(self, key: str, row: Group | Runner) -> None:
        self._number[key] = len(self.keys)
        self.keys.append(key)
        self._rows.append(row)


def runner_key(bib: str) -> str:
    """The key of a runner's line."""
    return f"{_RUNNER}{bib}"


def bib_of(key: str | None) -> str | None:
    """The bib of the runner whose line has the key; None: it is a group's."""
    return key.removeprefix(_RUNNER) if key is not None and key.startswith(_RUNNER) else None


def cells(sheet: Sheet, runner: Runner, now_ms: int) -> dict[str, str]:
    """The text of every column of a runner's line, by column key. Empty: does not apply; `?`: unknown."""
    verdict, zone = runner.verdict, sheet.timezone
    at, seen_ms = last_known(verdict)
    is_over = verdict.status is Status.FINISHED and verdict.place.where is Where.FINISHED
    unknown = "" if verdict.place.where is Where.NOT_STARTED else UNKNOWN
    return {
        "bib": runner.entrant.bib,
        "name": runner.entrant.name or UNKNOWN,
        "last": unknown if at is None else sheet.race.checkpoints[at].name,
        "at": unknown if seen_ms is None else format_local(seen_ms, zone, seconds=False),
        "ago": unknown if seen_ms is None else "" if is_over else span(now_ms - seen_ms),
        "next": _next(runner, zone) if verdict.place.where in _AHEAD else "",
        "state": short_state(verdict),
    }


def _next(runner: Runner, timezone: str) -> str:
    """When the runner is expected at the next checkpoint, by the forecast."""
    found = expected(runner.race.forecaster, runner.race.rules, runner.no, runner.entrant.wave, runner.verdict)
    return UNKNOWN if found is None else f"~{format_local(found.expected_ms, timezone, seconds=False)}"


@cache
def columns_for(width: int) -> tuple[Column, ...]:
    """The columns in so many cells: what is left goes to the names, the places and the state."""
    more = max(0, width - 76)
    name, last = 14 + min(16, more // 3), 11 + min(11, more // 4)
    state = max(0, width - name - last - 36)
    return (
        Column("bib", "Bib", 5, 5, right=True),
        Column("name", "Name", name, name),
        Column("last", "Last seen", last, last),
        Column("at", "At", 9, 9),
        Column("ago", "Ago", 6, 6, right=True),
        Column("next", "Expected", 10, 10),
        Column("state", "State", state, state),
    )


def _along_the_course(place: Place) -> tuple[int, int]:
    return _ORDER.index(place.where), -1 if place.at is None else place.at


def ledger_text(fold: Fold, sheets: Sequence[Sheet], *, live: bool) -> str:
    """The ledger of these races on paper, 80 cells wide, every group with its runners. What is not `live` says that it is a replay."""
    return "\n".join(line.rstrip() for line in _lines_on_paper(fold, sheets, live=live)) + "\n"


def _lines_on_paper(fold: Fold, sheets: Sequence[Sheet], *, live: bool) -> Iterator[str]:
    now_ms, zone, width = fold.field.now_ms, fold.event.timezone, 80
    for sheet in sheets:
        found = groups(sheet)
        table = LedgerTable(fold, sheet, found, {group.place for group in found})
        yield f"{fold.event.name}: {sheet.race.name}"
        yield f"who is where, {format_local(now_ms, zone, date=True)} ({zone})"
        if not live:
            yield "REPLAY: as it was then, and NOT as it is now"
        yield sum_line(found, sum(fold.field.ledger(sheet.race.id).values()), width)
        yield ""
        yield table.titles(width)
        yield from (table.text(no, width) for no in range(len(table.keys)))
        yield ""
