"""One race's standings as the board shows them: a sheet of lines, and the cells of one line.

Pure, without Textual. A sheet is made once a version of the race; cells are made only for lines that somebody looks at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tracker.core.course import Race
from tracker.core.cutoffs import stood
from tracker.core.field import Field
from tracker.core.passings import Split
from tracker.core.race_state import Standing
from tracker.core.rules import Span, stood_ms
from tracker.core.runner import Conditions, Status, Verdict
from tracker.core.score import KEstimate
from tracker.dashboard.format import UNKNOWN, gap, short_state, span
from tracker.files.times import format_elapsed, format_local


@dataclass(frozen=True)
class Sheet:
    """A race's standings at one version of the field: every entrant, in order."""

    race: Race
    timezone: str
    version: int
    lines: list[Standing]
    under: Conditions
    k: KEstimate
    line_of: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "line_of", {line.entrant.bib: no for no, line in enumerate(self.lines)})

    @cached_property
    def leader(self) -> Standing | None:
        """The first of the race; None while nobody has a place."""
        return self.lines[0] if self.lines and self.lines[0].rank is not None else None


def make_sheet(of: Field, race_id: str) -> Sheet:
    """The sheet of a race now. Costs about a microsecond a runner."""
    version = of.version(race_id)
    return Sheet(of.event.by_id[race_id], of.event.timezone, version, of.standings(race_id), of.conditions(race_id), of.k(race_id))


def standstills(sheet: Sheet, line: Standing) -> Sequence[Span]:
    """When the race's time stood still for a runner."""
    rules, splits = sheet.under.rules, line.verdict.splits
    return stood(rules, rules.starts.gun_ms(line.entrant.wave), splits) if splits else ()


def raced_ms(verdict: Verdict, still: Sequence[Span], at_ms: int) -> int:
    """The race's time of a runner at a moment: from the start that counts, less what time stood still."""
    return at_ms - verdict.start_ms - stood_ms(still, at_ms)


def cells(sheet: Sheet, no: int, now_ms: int) -> dict[str, str]:
    """The text of every column of one line, by column key. Empty: does not apply; `?`: unknown."""
    line = sheet.lines[no]
    entrant, verdict = line.entrant, line.verdict
    return {
        "place": "" if line.rank is None else str(line.rank),
        "bib": entrant.bib,
        "name": entrant.name or UNKNOWN,
        "class": _class(line),
        "state": short_state(verdict),
        "last": _last(sheet, verdict, now_ms),
        "time": format_local(verdict.reached_ms, sheet.timezone, seconds=False) if verdict.started else "",
        "elapsed": _elapsed(verdict),
        "gap": _gap(sheet, line),
        "cutoff": span(verdict.due_ms - 1 - now_ms) if verdict.due_ms is not None and verdict.status is Status.RACING else "",
        "score": _score(sheet, verdict),
    }


def _class(line: Standing) -> str:
    entrant = line.entrant
    place = "" if line.rank_category is None else f" {line.rank_category}"
    return f"{entrant.sex or UNKNOWN} {entrant.category or UNKNOWN}{place}"


def _last(sheet: Sheet, verdict: Verdict, now_ms: int) -> str:
    if verdict.started:
        return sheet.race.checkpoints[verdict.furthest].name
    has_begun = now_ms >= sheet.under.rules.starts.race_ms
    return UNKNOWN if has_begun and (verdict.status is Status.ENTERED or verdict.provisional) else ""


def _elapsed(verdict: Verdict) -> str:
    if verdict.official_ms is not None:
        return format_elapsed(verdict.official_ms)
    return format_elapsed(verdict.reached_ms - verdict.start_ms - verdict.stood_ms) if verdict.started else ""


def _gap(sheet: Sheet, line: Standing) -> str:
    """Behind the leader: by official time for finishers, else where the runner was last seen (`?` when the leader was missed there)."""
    verdict, leader = line.verdict, sheet.leader
    if leader is None or line.rank is None or verdict is leader.verdict:
        return ""
    if verdict.official_ms is not None and leader.verdict.official_ms is not None:
        return gap(verdict.official_ms - leader.verdict.official_ms)
    there: Split | None = leader.verdict.splits[verdict.furthest]
    if there is None:
        return UNKNOWN
    led_ms = raced_ms(leader.verdict, standstills(sheet, leader), there.in_ms)
    return gap(verdict.reached_ms - verdict.start_ms - verdict.stood_ms - led_ms)


def _score(sheet: Sheet, verdict: Verdict) -> str:
    if verdict.status is not Status.FINISHED or verdict.official_ms is None:
        return ""
    score = sheet.k.score(verdict.official_ms)
    return "" if score is None else f"~{score}"
