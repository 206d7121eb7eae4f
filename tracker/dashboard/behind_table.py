"""Who is still to come to a station or to leave it, a line each: those first of whom nobody knows, then by when they are expected.

Pure, without Textual.
"""

from collections.abc import Sequence
from copy import copy

from rich.style import Style

from tracker.core.field import Field
from tracker.core.race_state import Runner
from tracker.core.runner import Where
from tracker.core.stations import behind
from tracker.core.traffic import Coming, Traffic
from tracker.dashboard.columns import Column, fitting, line_of, titles
from tracker.dashboard.format import UNKNOWN, short_state, span
from tracker.files.times import format_local

_COLUMNS = (
    Column("bib", "Bib", 4, 6, right=True),
    Column("name", "Name", 13, 30),
    Column("race", "Race", 5, 8),
    Column("state", "State", 14, 22),
    Column("seen", "Last seen", 11, 22),
    Column("at", "At", 9, 9),
    Column("expected", "Expected", 9, 9),
    Column("margin", "Margin", 6, 7, right=True),
)
_KEPT = ("bib", "name", "state", "expected", "margin", "seen", "at", "race")
_GROW = ("bib", "name", "state", "seen", "race", "margin")


class BehindTable:
    """The runners behind a station, as a table: by bib.

    It stands until a verdict changes; only how long ago and how long until is asked of the moment.
    """

    def __init__(self, field: Field, station: str, there: Traffic) -> None:
        self.field = field
        self.station = station
        self.there = there
        self.coming = {one.bib: one for one in there.coming}
        self.keys = self._in_order(behind(field, station))
        self.awaited = len(self.keys)
        self._number = {key: no for no, key in enumerate(self.keys)}

    def keeping(self, bib: str | None) -> "BehindTable":
        """The same with a runner at its end who is not behind the station, if he is not: nobody takes his place under a cursor."""
        if bib is None or bib in self._number or bib not in self.field.runners:
            return self
        more = copy(self)
        more.keys = [*self.keys, bib]
        more._number = {**self._number, bib: self.awaited}  # noqa: SLF001  its own
        return more

    def number(self, key: str) -> int | None:
        """The line of a bib."""
        return self._number.get(key)

    def titles(self, width: int) -> str:
        """The columns' titles."""
        return titles(_columns(width))

    def text(self, no: int, width: int) -> str:
        """A runner's line."""
        return line_of(_columns(width), self.cells(no))

    def style(self, no: int) -> Style:
        """Of whom nobody knows where they are stand out."""
        runner = self.field.runners[self.keys[no]]
        return Style(bold=True) if _rank(runner, self.coming.get(self.keys[no])) < 2 else Style.null()

    def cells(self, no: int) -> dict[str, str]:
        """The text of every column, by column key. `?`: nobody can say yet."""
        runner = self.field.runners[self.keys[no]]
        entrant, verdict, race = runner.entrant, runner.verdict, runner.race.race
        zone, one = self.field.event.timezone, self.coming.get(entrant.bib)
        return {
            "bib": entrant.bib,
            "name": entrant.name or UNKNOWN,
            "race": race.id,
            "state": "not awaited here" if no >= self.awaited else short_state(verdict),
            "seen": race.checkpoints[verdict.furthest].name if verdict.started else UNKNOWN,
            "at": format_local(verdict.reached_ms, zone, seconds=False) if verdict.started else "",
            "expected": UNKNOWN if one is None else format_local(one.expected_ms, zone, seconds=False),
            "margin": _margin(one, self.field.now_ms),
        }

    def _in_order(self, bibs: Sequence[str]) -> list[str]:
        runners = [self.field.runners[bib] for bib in bibs]
        runners.sort(key=lambda runner: _order(runner, self.coming.get(runner.entrant.bib)))
        return [runner.entrant.bib for runner in runners]


def _margin(one: Coming | None, now_ms: int) -> str:
    """How long before the cutoff the runner will be there; after it with a minus and a mark."""
    if one is None:
        return UNKNOWN
    left_ms = one.margin_ms(now_ms)
    if left_ms is None:
        return ""
    if left_ms >= 0 and one.is_over(now_ms):
        return UNKNOWN
    return f"{'!' if left_ms < 0 else ''}{span(left_ms)}"


def _rank(runner: Runner, one: Coming | None) -> int:
    """Out of the race and not accounted for, overdue, next to come, in the station, further away."""
    verdict = runner.verdict
    if verdict.place.where is Where.OUT:
        return 0
    if "overdue" in verdict.flags:
        return 1
    if one is not None:
        return 2
    return 3 if verdict.place.where is Where.IN_STATION else 4


def _order(runner: Runner, one: Coming | None) -> tuple[int, int, int, int]:
    rank, verdict = _rank(runner, one), runner.verdict
    if one is not None and rank == 2:
        return rank, one.expected_ms, 0, runner.no
    return rank, -verdict.furthest, verdict.reached_ms, runner.no


def _columns(width: int) -> tuple[Column, ...]:
    return fitting(width, _COLUMNS, _KEPT, _GROW)
