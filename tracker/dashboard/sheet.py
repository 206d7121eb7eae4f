"""One race's standings as the board shows them: a sheet of lines, and the cells of one line.

Pure, without Textual. A sheet is made once a version of the race; lines, places and cells are made only where somebody looks.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tracker.core.course import Race
from tracker.core.cutoffs import stood
from tracker.core.field import Field
from tracker.core.lineup import Lineup
from tracker.core.look_back import LookBack
from tracker.core.overdue import expected
from tracker.core.race_state import RaceState, Runner, Standing
from tracker.core.roster import Entrant
from tracker.core.rules import Limit, Rules, Span, stood_ms
from tracker.core.runner import Conditions, Status, Verdict, Where, is_beyond, limits_of
from tracker.dashboard.format import UNKNOWN, gap, margin, move, short_state, span
from tracker.files.times import HOUR_MS, MINUTE_MS, format_elapsed, format_local

OLD_MS = HOUR_MS
"""Who is out there and was seen less long ago than this is on the way: a leg takes about as long."""
_HALF_A_DAY_MS = 12 * HOUR_MS
_OUT_THERE = frozenset((Where.ON_LEG, Where.IN_STATION, Where.OUT))


@dataclass(frozen=True)
class Sheet:
    """A race's standings at one version of the field: every entrant, in order."""

    race: Race
    timezone: str
    version: int
    state: RaceState
    lines: Lineup
    under: Conditions

    @property
    def line_of(self) -> Mapping[str, int]:
        """Bib → the number of the line."""
        return self.lines.line_of

    @cached_property
    def leader(self) -> Runner | None:
        """The first of the race; None while nobody has a place."""
        return self.lines.runner(0) if self.lines and self.lines.rank(0) is not None else None


def make_sheet(of: Field, race_id: str) -> Sheet:
    """The sheet of a race now. Costs a few nanoseconds a runner."""
    version = of.version(race_id)
    state = of.races[race_id]
    return Sheet(of.event.by_id[race_id], of.event.timezone, version, state, Lineup(state), state.under)


def standstills(rules: Rules, line: Standing | Runner) -> Sequence[Span]:
    """When the race's time stood still for a runner."""
    splits = line.verdict.splits
    return stood(rules, rules.starts.gun_ms(line.entrant.wave), splits) if splits else ()


def raced_ms(verdict: Verdict, still: Sequence[Span], at_ms: int) -> int:
    """The race's time of a runner at a moment: from the start that counts, less what time stood still."""
    return at_ms - verdict.start_ms - stood_ms(still, at_ms)


def limit_ahead(under: Conditions, entrant: Entrant, verdict: Verdict, now_ms: int) -> Limit | None:
    """The cutoff that a runner has to keep next, where he is or further on: of those that do not rise along the course the soonest.

    One that has passed only while the station there may know that he kept it. None for who is not on the course, and has none ahead.
    """
    if verdict.status is not Status.RACING or is_beyond(under.rules, verdict.splits):
        return None
    here = verdict.splits[verdict.furthest]
    stays = here is not None and here.out_ms is None
    ahead = (
        limit
        for limit in limits_of(under, entrant, verdict.splits)
        if limit.at > verdict.furthest or (limit.at == verdict.furthest and limit.on_departure and stays)
    )
    return min((one for one in ahead if one.last_ms >= now_ms or one.at == verdict.unheard), key=lambda one: one.last_ms, default=None)


class Next(NamedTuple):
    """Where a runner should be seen next: the checkpoint, when by the forecast (None: unknown), and the first cutoff from there on.

    `late_ms` is the end of the window in which he is expected.
    """

    at: int
    expected_ms: int | None
    late_ms: int | None
    limit: Limit | None

    @property
    def late(self) -> bool:
        """Whether the runner is expected after that cutoff."""
        return self.expected_ms is not None and self.limit is not None and self.expected_ms > self.limit.last_ms

    def is_over(self, now_ms: int) -> bool:
        """Whether he should have been there by now: when he will be, nobody knows any more."""
        return self.late_ms is not None and self.late_ms < now_ms


def next_of(state: RaceState, no: int) -> Next | None:
    """What is ahead of runner `no`; None for who is not on the way to a checkpoint."""
    runner, under = state.runners[no], state.under
    verdict, rules = runner.verdict, under.rules
    if verdict.status is not Status.RACING or is_beyond(rules, verdict.splits):
        return None
    at = rules.ahead[verdict.furthest]
    if at is None:
        return None
    forecast = expected(state.forecaster, rules, no, runner.entrant.wave, verdict)
    limit = next((limit for limit in limits_of(under, runner.entrant, verdict.splits) if limit.at >= at), None)
    if forecast is None:
        return Next(at, None, None, limit)
    return Next(at, forecast.expected_ms, forecast.late_ms, limit)


class Cell(NamedTuple):
    """What the text of a cell is made from: the sheet, the number of the line and who stands there, the moment, to whom the gap is told,
    and the standings of some time before.
    """

    sheet: Sheet
    no: int
    runner: Runner
    now_ms: int
    rival: Runner | None
    before: LookBack | None

    @property
    def verdict(self) -> Verdict:
        """What the runner is."""
        return self.runner.verdict

    @property
    def rank(self) -> int | None:
        """The runner's place."""
        return self.sheet.lines.rank(self.no)


def cells(
    sheet: Sheet, no: int, now_ms: int, rival: Runner | None = None, before: LookBack | None = None, keys: Collection[str] | None = None
) -> dict[str, str]:
    """The text of every column (of those in `keys`) of one line, by column key. Empty: does not apply; `?`: unknown.

    Gaps are to `rival`, or to the leader; places won and lost are told where there is a look back at what was `before`.
    """
    cell = Cell(sheet, no, sheet.lines.runner(no), now_ms, rival, before)
    return {key: make(cell) for key, make in _CELLS.items() if keys is None or key in keys}


def _place(cell: Cell) -> str:
    return "" if cell.rank is None else str(cell.rank)


def _move(cell: Cell) -> str:
    """Places won or lost: who has no place now, or had none then, has neither."""
    was, now = None if cell.before is None else cell.before.place(cell.runner.no), cell.rank
    return "" if was is None or now is None else move(was - now)


def _class(cell: Cell) -> str:
    entrant, rank = cell.runner.entrant, cell.sheet.lines.rank_category(cell.no)
    place = "" if rank is None else f" {rank}"
    return f"{entrant.sex or UNKNOWN} {entrant.category or UNKNOWN}{place}"


def _last(cell: Cell) -> str:
    verdict, sheet = cell.verdict, cell.sheet
    if verdict.started:
        return sheet.race.checkpoints[verdict.furthest].name
    has_begun = cell.now_ms >= sheet.under.rules.starts.gun_ms(cell.runner.entrant.wave)
    return UNKNOWN if has_begun and (verdict.status is Status.ENTERED or verdict.provisional) else ""


def _time(cell: Cell) -> str:
    return format_local(cell.verdict.reached_ms, cell.sheet.timezone, seconds=False) if cell.verdict.started else ""


def _age(cell: Cell) -> str:
    """How long ago somebody who is out there was last seen, where that is long."""
    verdict = cell.verdict
    split = verdict.splits[verdict.furthest] if verdict.started else None
    if split is None or verdict.place.where not in _OUT_THERE:
        return ""
    age_ms = cell.now_ms - (split.in_ms if split.out_ms is None else split.out_ms)
    return span(age_ms) if age_ms >= OLD_MS else ""


def _next(cell: Cell) -> str:
    """The time is a machine's word, and marked as one; its day is told where it could be another. Once it is past, how long ago."""
    found = next_of(cell.sheet.state, cell.runner.no)
    if found is None:
        return ""
    name, at_ms = cell.sheet.race.checkpoints[found.at].name, found.expected_ms
    if at_ms is None:
        return f"{UNKNOWN} {name}"
    if cell.now_ms - at_ms >= MINUTE_MS:
        return f"~{span(cell.now_ms - at_ms)} ago {name}"
    day = at_ms - cell.now_ms >= _HALF_A_DAY_MS
    return f"~{format_local(at_ms, cell.sheet.timezone, day=day, seconds=False)} {name}"


def _margin(cell: Cell) -> str:
    """Between the expected time at the next checkpoint and the cutoff there; who is not there by that time cannot be before now.

    Of who is not there when his window is over nobody knows it, unless it is too late already.
    """
    found = next_of(cell.sheet.state, cell.runner.no)
    if found is None or found.limit is None or found.limit.at != found.at:
        return ""
    if found.expected_ms is None:
        return UNKNOWN
    left_ms = found.limit.last_ms - max(found.expected_ms, cell.now_ms)
    return UNKNOWN if left_ms >= 0 and found.is_over(cell.now_ms) else margin(left_ms)


def _elapsed(cell: Cell) -> str:
    verdict = cell.verdict
    if verdict.official_ms is not None:
        return format_elapsed(verdict.official_ms)
    return format_elapsed(verdict.reached_ms - verdict.start_ms - verdict.stood_ms) if verdict.started else ""


def _gap(cell: Cell) -> str:
    """To the leader or the rival: by official time of finishers, else where both were seen, at the furthest checkpoint of who is behind
    (`?` when the other was missed there). Before the rival it is negative.
    """
    sheet, runner = cell.sheet, cell.runner
    rival = sheet.leader if cell.rival is None else cell.rival
    if rival is None or rival is runner or cell.rank is None or not rival.verdict.started:
        return ""
    own, other = runner.verdict, rival.verdict
    if own.official_ms is not None and other.official_ms is not None:
        return gap(own.official_ms - other.official_ms)
    at = min(own.furthest, other.furthest)
    mine, there = own.splits[at], other.splits[at]
    if mine is None or there is None:
        return UNKNOWN
    rules = sheet.under.rules
    own_ms, other_ms = raced_ms(own, standstills(rules, runner), mine.in_ms), raced_ms(other, standstills(rules, rival), there.in_ms)
    return gap(own_ms - other_ms)


def _cutoff(cell: Cell) -> str:
    limit = limit_ahead(cell.sheet.under, cell.runner.entrant, cell.verdict, cell.now_ms)
    return "" if limit is None else span(limit.last_ms - cell.now_ms)


def _score(cell: Cell) -> str:
    score = cell.sheet.state.score(cell.runner.no, cell.now_ms)
    return "" if score is None else f"~{score.points}"


_CELLS: dict[str, Callable[[Cell], str]] = {
    "place": _place,
    "move": _move,
    "bib": lambda cell: cell.runner.entrant.bib,
    "name": lambda cell: cell.runner.entrant.name or UNKNOWN,
    "class": _class,
    "state": lambda cell: short_state(cell.verdict),
    "last": _last,
    "time": _time,
    "age": _age,
    "next": _next,
    "margin": _margin,
    "elapsed": _elapsed,
    "gap": _gap,
    "cutoff": _cutoff,
    "score": _score,
}
