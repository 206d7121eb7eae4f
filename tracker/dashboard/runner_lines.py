"""One runner in full: who, what and why, every checkpoint, and the facts that people wrote about them.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections.abc import Iterator, Sequence

from rich.text import Text

from tracker.core.course import Checkpoint
from tracker.core.facts import Accounted, Decided, Decision, HandTime, Passage, Penalty, Source, Withdrawal
from tracker.core.passings import Evidence, Split, Suspect, by_time
from tracker.core.race_state import Standing
from tracker.core.rules import Span
from tracker.core.runner import Status, Verdict, Where, limits_of
from tracker.dashboard.columns import Column, line_of, titles
from tracker.dashboard.format import UNKNOWN, full_state, race_clock
from tracker.dashboard.sheet import Sheet, raced_ms, standstills
from tracker.files.times import format_elapsed, format_local

_Written = Withdrawal | Decision | HandTime | Penalty | Accounted
"""What people write about a runner."""


def _columns(width: int) -> tuple[Column, ...]:
    """The table's columns in so many cells: what is left goes to the checkpoint's name, then to its marks."""
    name = min(30, max(12, width - 64))
    marks = max(7, width - name - 57)
    return (
        Column("km", "km", 5, 5, right=True),
        Column("name", "Checkpoint", name, name),
        Column("cutoff", "Cutoff", 9, 9),
        Column("in", "In", 12, 12),
        Column("out", "Out", 8, 8),
        Column("elapsed", "Elapsed", 8, 8, right=True),
        Column("leg", "Leg", 8, 8, right=True),
        Column("marks", "", marks, marks),
    )


def runner_text(sheet: Sheet, bib: str, seen: Evidence, width: int) -> Text:
    """Everything about a runner of the sheet's race, in lines of `width` cells. KeyError when the bib is not on it."""
    line = sheet.lines[sheet.line_of[bib]]
    text, columns = Text(), _columns(width)
    text.append(f"{_who(sheet, line)}\n", "bold")
    text.append(f"{_what(sheet, line)}\n")
    text.append(f"{_place(sheet, line.verdict, seen)}\n")
    if why := _why(sheet, line):
        text.append(f"{why}\n")
    text.append(f"\n{titles(columns).rstrip()}\n", "bold underline")
    for row in checkpoint_rows(sheet, line):
        text.append(line_of(columns, row).rstrip() + "\n")
    text.append(f"\n{_reads(seen)}\n")
    for suspect in line.verdict.suspects:
        text.append(f"{_at(sheet, suspect.read.at_ms)}  {_suspect(sheet, suspect)}\n")
    facts: list[_Written] = [*seen.withdrawals, *seen.decisions, *seen.hand_times, *seen.penalties, *seen.accounted]
    for fact in sorted(facts, key=lambda fact: (fact.at_ms, fact.key)):
        text.append(f"{_at(sheet, fact.at_ms)}  {_fact(sheet, fact)}\n")
    return text


def checkpoint_rows(sheet: Sheet, line: Standing) -> Iterator[dict[str, str]]:
    """The cells of every checkpoint, in course order. Empty: not reached; `?`: was there (seen further on), nobody knows when."""
    verdict = line.verdict
    last_ms = {limit.at: limit.last_ms for limit in limits_of(sheet.under, line.entrant, verdict.splits)}
    splits = verdict.splits or (None,) * len(sheet.race.checkpoints)
    before: Split | None = None
    still = standstills(sheet, line)
    suspect = {found.at for found in verdict.suspects}
    for index, (point, split) in enumerate(zip(sheet.race.checkpoints, splits, strict=True)):
        yield {
            "km": f"{point.km:.1f}",
            "name": point.name,
            "cutoff": format_local(last_ms[index], sheet.timezone, seconds=False) if index in last_ms else "",
            **_passing(sheet, verdict, index, before, still),
            "marks": ", ".join([*_marks(verdict, point, split), *(["suspect"] if index in suspect else [])]),
        }
        before = split if index == 0 or split is not None else before if index > verdict.furthest else None


def _passing(sheet: Sheet, verdict: Verdict, index: int, before: Split | None, still: Sequence[Span]) -> dict[str, str]:
    split = verdict.splits[index] if verdict.splits else None
    if split is None:
        unknown = UNKNOWN if index < verdict.furthest else ""
        return {"in": unknown, "out": "", "elapsed": "", "leg": unknown}
    leg, elapsed_ms = "", raced_ms(verdict, still, split.in_ms)
    if index > 0:
        leg = UNKNOWN if before is None else format_elapsed(elapsed_ms - raced_ms(verdict, still, before.out_ms or before.in_ms))
    return {
        "in": _at(sheet, split.in_ms),
        "out": _out(sheet, verdict, index, split),
        "elapsed": format_elapsed(elapsed_ms),
        "leg": leg,
    }


def _out(sheet: Sheet, verdict: Verdict, index: int, split: Split) -> str:
    if split.out_ms is None:
        return UNKNOWN if index < verdict.furthest else ""
    arrived, left = (format_local(at_ms, sheet.timezone, day=False) for at_ms in (split.in_ms, split.out_ms))
    return "" if left == arrived else left


def _marks(verdict: Verdict, point: Checkpoint, split: Split | None) -> list[str]:
    marks = [kind for kind in ("late", "missed") if f"{kind}:{point.id}" in verdict.flags]
    match split:
        case Split(reading=HandTime()):
            marks.append("hand")
        case Split(reading=Passage(source=Source.MANUAL)):
            marks.append("manual")
    return marks


def _who(sheet: Sheet, line: Standing) -> str:
    entrant = line.entrant
    known = [entrant.bib, entrant.name or UNKNOWN, entrant.sex or UNKNOWN, entrant.category or UNKNOWN, entrant.country, entrant.club]
    return "  ".join([*(part for part in known if part), sheet.race.name])


def _what(sheet: Sheet, line: Standing) -> str:
    verdict, entrant = line.verdict, line.entrant
    parts = [full_state(verdict)]
    if line.rank is not None:
        place = f"place {line.rank}"
        if line.rank_sex is not None:
            place += f", {line.rank_sex} of {entrant.sex}"
        if line.rank_category is not None:
            place += f", {line.rank_category} of {entrant.sex or UNKNOWN} {entrant.category}"
        parts.append(place)
    if verdict.official_ms is not None:
        parts.append(f"official {format_elapsed(verdict.official_ms)}")
        score = sheet.k.score(verdict.official_ms) if verdict.status is Status.FINISHED else None
        if score is not None:
            parts.append(f"score ~{score} (an estimate)")
    elif verdict.due_ms is not None and verdict.status is Status.RACING:
        parts.append(f"next cutoff {_at(sheet, verdict.due_ms - 1)}")
    return "   ".join(parts)


def _place(sheet: Sheet, verdict: Verdict, seen: Evidence) -> str:
    """Where the runner is, as far as anybody knows."""
    where, at = verdict.place
    known = "" if at is None else sheet.race.checkpoints[at].name
    match where:
        case Where.NOT_STARTED:
            return "not started"
        case Where.ON_LEG:
            return f"on the way to {known or UNKNOWN}"
        case Where.IN_STATION:
            return f"in {known or UNKNOWN}"
        case Where.OUT:
            return f"out, {f'last known at {known}' if known else 'never read'}, not accounted for"
    if (said := _safe(verdict, seen)) is not None:
        return f"in safe hands: {said.where or 'nobody said where'}, by {said.author}"
    return "at the finish" if where is Where.FINISHED else "in safe hands: read at the finish"


def _safe(verdict: Verdict, seen: Evidence) -> Accounted | None:
    """What was said last of who is in safe hands; None: nothing since he was reinstated or read."""
    reinstated_ms = max((said.at_ms for said in seen.decisions if said.status is Decided.REINSTATED), default=-1)
    since_ms = max(reinstated_ms + 1, verdict.last_read_ms)
    return max((said for said in seen.accounted if said.at_ms >= since_ms), key=by_time, default=None)


def _why(sheet: Sheet, line: Standing) -> str:
    """What decided, in words; empty where the reads alone did."""
    verdict = line.verdict
    if verdict.by is not None:
        return f"because of: {_at(sheet, verdict.by.at_ms)}  {_fact(sheet, verdict.by)}"
    if verdict.at_cutoff is None:
        return ""
    point, split = sheet.race.checkpoints[verdict.at_cutoff], verdict.splits[verdict.at_cutoff]
    limits = limits_of(sheet.under, line.entrant, verdict.splits)
    limit = next(_at(sheet, limit.last_ms) for limit in limits if limit.at == verdict.at_cutoff)
    found = "never seen there" if split is None else f"there until {_at(sheet, split.out_ms or split.in_ms)}"
    unsaid = "nobody has confirmed it yet" if verdict.provisional else "final by the race's policy"
    return f"because of: cutoff at {point.name} {limit}, {found}; {unsaid}"


def _at(sheet: Sheet, at_ms: int) -> str:
    return format_local(at_ms, sheet.timezone)


def _reads(seen: Evidence) -> str:
    number = len(seen.passages)
    return "1 read at the stations" if number == 1 else f"{number} reads at the stations"


def _suspect(sheet: Sheet, suspect: Suspect) -> str:
    where = suspect.read.station if suspect.at is None else sheet.race.checkpoints[suspect.at].name
    return f"read at {where}, which does not count: {suspect.why.value}"


def _fact(sheet: Sheet, fact: _Written) -> str:
    match fact:
        case Withdrawal():
            said = [f"withdrew at {fact.station}: {fact.reason.value}"]
            said += ["signed"] if fact.signed else []
            said += [f"by {fact.by}"] if fact.by else []
            said += [f"transport {fact.transport}"] if fact.transport else []
            said += [fact.note] if fact.note else []
            return ", ".join(said)
        case Decision():
            what = fact.status.value.replace("_", " ")
        case HandTime():
            at = sheet.race.index_of.get(fact.checkpoint)  # None: said of a race that he is no longer in
            point = fact.checkpoint if at is None else sheet.race.checkpoints[at].name
            what = f"hand time at {point} {_at(sheet, fact.passed_ms)}"
        case Penalty():
            what = f"penalty {race_clock(fact.penalty_ms)}"
        case Accounted():
            what = f"accounted for, {fact.where}" if fact.where else "accounted for"
    return f"{what}, by {fact.author}: {fact.reason}"
