"""One runner in full: who, what and why, every checkpoint, and the facts that people wrote about them.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from tracker import views
from tracker.core.facts import Accounted, Decided, Decision, HandTime, Passage, Penalty, Source, Withdrawal
from tracker.core.field import Field
from tracker.core.forecast import Forecast
from tracker.core.overdue import expected_ahead
from tracker.core.passings import Evidence, Split, by_time
from tracker.core.race_state import Runner, Standing
from tracker.core.rules import Rules, Span
from tracker.core.runner import Status, Verdict, Where, limits_of
from tracker.dashboard.columns import Column, line_of, titles
from tracker.dashboard.fact_words import withdrew, words_of
from tracker.dashboard.format import UNKNOWN, full_state, span
from tracker.dashboard.reads import read_lines
from tracker.dashboard.series_lines import series_lines
from tracker.dashboard.sheet import Sheet, limit_ahead, next_of, raced_ms, standstills
from tracker.files.times import format_elapsed, format_local
from tracker.sentences import telephones
from tracker.series.eligibility import Entry
from tracker.series.of_runner import Series
from tracker.text import count

_Written = Withdrawal | Decision | HandTime | Penalty | Accounted
"""What people write about a runner."""


def _columns(width: int) -> tuple[Column, ...]:
    """The table's columns in so many cells: what is left goes to the marks, then to the checkpoint's name."""
    name = min(30, max(11, width - 84))
    marks = max(11, width - name - 56)
    return (
        Column("km", "km", 5, 5, right=True),
        Column("name", "Checkpoint", name, name),
        Column("cutoff", "Cutoff", 9, 9),
        Column("in", "In, or ~", 12, 12),
        Column("out", "Out", 8, 8),
        Column("elapsed", "Elapsed", 8, 8, right=True),
        Column("leg", "Leg", 7, 7, right=True),
        Column("marks", "Window", marks, marks),
    )


def runner_text(of: Field, sheet: Sheet, bib: str, width: int, series: Series | None = None) -> Text:
    """Everything about a runner of the sheet's race, in lines of `width` cells, with what the `series` says of him if it is given. KeyError
    when the bib is not on the sheet.
    """
    line, seen = sheet.lines[sheet.line_of[bib]], of.evidence(bib)
    text, columns = Text(), _columns(width)
    text.append(f"{_who(sheet, line)}\n", "bold")
    if call := telephones(line.entrant):
        text.append(f"{'; '.join(call)}\n")
    text.append(f"{_what(sheet, line, of.now_ms)}\n")
    text.append(f"{_place(sheet, line.verdict, seen)}{_late(of.runners[bib], of.now_ms)}\n")
    text.append(f"{_why(sheet, line)}\n")
    if score := _score(of, sheet, line):
        text.append(f"{score}\n")
    entry = views.entry(of, sheet.race.id, line.entrant)
    if entry.open or (entry.entry is Entry.CONFIRMED and not line.verdict.started):
        text.append(f"entry {entry}\n")
    if series is not None:
        text.append("".join(f"{told}\n" for told in series_lines(series, of, sheet.race.id, line, width)))
    text.append(f"\n{titles(columns).rstrip()}\n", "bold underline")
    for row in checkpoint_rows(sheet, line, _expected(of, line), of.now_ms, columns[-1].most):
        text.append(line_of(columns, row).rstrip() + "\n")
    facts: list[_Written] = [*seen.withdrawals, *seen.decisions, *seen.hand_times, *seen.penalties, *seen.accounted]
    if facts:
        text.append("\nsaid of the runner\n", "bold")
    for fact in sorted(facts, key=lambda fact: (fact.at_ms, fact.key)):
        text.append(f"{_at(sheet, fact.at_ms)}  {_fact(sheet, fact)}  ({fact.id})\n")
    reads = list(read_lines(sheet, line, of.store))
    text.append(f"\n{count(len(reads), 'read')} at the stations\n", "bold")
    return text.append("\n".join(reads))


def _expected(of: Field, line: Standing) -> dict[int, Forecast]:
    """When the runner is expected at each checkpoint that is still to come."""
    runner = of.runners[line.entrant.bib]
    state = runner.race
    return dict(expected_ahead(state.forecaster, state.rules, runner.no, line.entrant.wave, line.verdict, of.now_ms))


def checkpoint_rows(sheet: Sheet, line: Standing, expected: Mapping[int, Forecast], now_ms: int, room: int) -> Iterator[dict[str, str]]:
    """The cells of every checkpoint, in course order. Empty: not reached; `?`: was there (seen further on), nobody knows when.

    `~`: expected then, four in five within the window; `!`: after the cutoff there. In words too where `room` cells are enough.
    """
    verdict = line.verdict
    last_ms = {limit.at: limit.last_ms for limit in limits_of(sheet.under, line.entrant, verdict.splits)}
    splits = verdict.splits or (None,) * len(sheet.race.checkpoints)
    before: Split | None = None
    next_up = min(expected, default=0)
    lost = next_up in expected and expected[next_up].late_ms < now_ms
    rules = sheet.under.rules
    still = standstills(rules, line)
    suspect = {found.at for found in verdict.suspects}
    for index, (point, split) in enumerate(zip(sheet.race.checkpoints, splits, strict=True)):
        ahead = expected.get(index)
        if ahead is not None:
            cells = _ahead(sheet, ahead, None if lost else last_ms.get(index), room)
        elif lost and next_up < index <= rules.finish and index not in rules.skipped:
            cells = {"in": UNKNOWN, "out": "", "elapsed": "", "leg": ""}
        else:
            cells = _passing(sheet, verdict, index, before, still)
        marks = [*_marks(rules, verdict, index, split), *(["suspect"] if index in suspect else [])]
        yield {
            "km": f"{point.km:.1f}",
            "name": point.name,
            "cutoff": format_local(last_ms[index], sheet.timezone, seconds=False) if index in last_ms else "",
            **cells,
            "marks": ", ".join([*([cells["marks"]] if "marks" in cells else []), *marks]),
        }
        if index == 0 or split is not None:
            before = split
        elif index < verdict.furthest and index not in rules.skipped:
            before = None


def _ahead(sheet: Sheet, expected: Forecast, last_ms: int | None, room: int) -> dict[str, str]:
    """The cells of a checkpoint that is still to come."""
    early, late = (format_local(at_ms, sheet.timezone, day=False, seconds=False) for at_ms in (expected.early_ms, expected.late_ms))
    window, margin = f"{early}-{late}", ""
    if last_ms is not None:
        margin = f", {span(abs(last_ms - expected.expected_ms))} {'to spare' if expected.expected_ms <= last_ms else 'too late'}"
    late_sign = " !" if last_ms is not None and expected.expected_ms > last_ms else ""
    about = f"~{format_local(expected.expected_ms, sheet.timezone, seconds=False)}{late_sign}"
    return {"in": about, "out": "", "elapsed": "", "leg": "", "marks": window + (margin if len(window + margin) <= room else "")}


def _passing(sheet: Sheet, verdict: Verdict, index: int, before: Split | None, still: Sequence[Span]) -> dict[str, str]:
    split = verdict.splits[index] if verdict.splits else None
    if split is None:
        unknown = UNKNOWN if index < verdict.furthest and index not in sheet.under.rules.skipped else ""
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


def _marks(rules: Rules, verdict: Verdict, index: int, split: Split | None) -> list[str]:
    point = rules.race.checkpoints[index]
    marks = ["skipped"] if index in rules.skipped else ["after the finish"] if index > rules.finish else []
    marks += [kind for kind in ("late", "missed") if f"{kind}:{point.id}" in verdict.flags]
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


def _what(sheet: Sheet, line: Standing, now_ms: int) -> str:
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
    elif (limit := limit_ahead(sheet.under, entrant, verdict, now_ms)) is not None:
        parts.append(f"next cutoff {_at(sheet, limit.last_ms)}")
    return "   ".join(parts)


def _score(of: Field, sheet: Sheet, line: Standing) -> str:
    """The estimated score, how sure it is, and on what it stands."""
    factor = sheet.state.factor()
    score = of.score(line.entrant.bib)
    if score is None:
        return f"no score: {factor.why}" if factor.why and line.verdict.official_ms is not None else ""
    what = "score" if line.verdict.official_ms is not None else "on the way to a score of"
    told = [count(factor.indexed, "finisher")] if factor.indexed else []
    told += [f"{factor.ahead} still out"] if factor.ahead else []
    return f"{what} ~{score.points} ({score.low}-{score.high}, 80 %), from {', '.join(told) or 'the course alone'}"


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


def _late(runner: Runner, now_ms: int) -> str:
    """Since when nobody has seen a runner whose window at the next checkpoint is over, and by how much he is overdue."""
    found, verdict = next_of(runner.race, runner.no), runner.verdict
    last = verdict.splits[verdict.furthest] if verdict.started else None
    if found is None or found.expected_ms is None or last is None or not found.is_over(now_ms):
        return ""
    since_ms = runner.overdue_ms if "overdue" in verdict.flags else None
    by = "" if since_ms is None else f"overdue by {span(now_ms - since_ms)}, "
    seen_ms = last.in_ms if last.out_ms is None else last.out_ms
    return f": {by}expected {span(now_ms - found.expected_ms)} ago, last seen {span(now_ms - seen_ms)} ago"


def _safe(verdict: Verdict, seen: Evidence) -> Accounted | None:
    """What was said last of who is in safe hands; None: nothing since he was reinstated or read."""
    reinstated_ms = max((said.at_ms for said in seen.decisions if said.status is Decided.REINSTATED), default=-1)
    since_ms = max(reinstated_ms + 1, verdict.last_read_ms)
    return max((said for said in seen.accounted if said.at_ms >= since_ms), key=by_time, default=None)


def _why(sheet: Sheet, line: Standing) -> str:
    """What decided, in words: the rule (docs/status.md, which evidence decides) and what it found."""
    verdict = line.verdict
    if verdict.by is not None:
        rule = "the director's decision" if isinstance(verdict.by, Decision) else "a withdrawal"
        return f"because of {rule}: {_at(sheet, verdict.by.at_ms)}  {_fact(sheet, verdict.by)}"
    if verdict.at_cutoff is not None:
        point, split = sheet.race.checkpoints[verdict.at_cutoff], verdict.splits[verdict.at_cutoff]
        limits = limits_of(sheet.under, line.entrant, verdict.splits)
        limit = next(_at(sheet, limit.last_ms) for limit in limits if limit.at == verdict.at_cutoff)
        found = "never seen there" if split is None else f"there until {_at(sheet, split.out_ms or split.in_ms)}"
        unsaid = "nobody has confirmed it yet" if verdict.provisional else "final by the race's policy"
        return f"because of the cutoff at {point.name} {limit}, {found}; {unsaid}"
    if verdict.status is Status.DNS:
        mat = "no read at a start whose mat has worked; nobody has confirmed it yet"
        return f"because of {mat if verdict.provisional else 'the roster'}"
    if not verdict.started:
        return "because of no read so far"
    at = sheet.race.checkpoints[verdict.furthest].name
    return f"because of {'the finish' if verdict.status is Status.FINISHED else 'the read'} at {at} {_at(sheet, verdict.reached_ms)}"


def _at(sheet: Sheet, at_ms: int) -> str:
    return format_local(at_ms, sheet.timezone)


def _fact(sheet: Sheet, fact: _Written) -> str:
    match fact:
        case Withdrawal():
            return withdrew(fact, f" at {fact.station}")
        case HandTime():
            at = sheet.race.index_of.get(fact.checkpoint)  # None: said of a race that he is no longer in
            point = fact.checkpoint if at is None else sheet.race.checkpoints[at].name
            what = f"hand time at {point} {_at(sheet, fact.passed_ms)}"
        case Decision() | Penalty() | Accounted():
            what = words_of(fact, sheet.timezone)
    return f"{what}, by {fact.author}: {fact.reason}"
