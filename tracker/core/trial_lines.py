"""What a trial comes to, in lines for people. How a moment and a span of time are written is the caller's."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from tracker.core.alert import Alert, bibs
from tracker.core.alert_lines import alert_lines
from tracker.core.changes import Turn, in_words
from tracker.core.course import Event, Race
from tracker.core.facts import AlertState
from tracker.core.passings import Split
from tracker.core.rules import Rules
from tracker.core.runner import Place, Verdict, Where
from tracker.core.trial import Prospect, StationTurn, Trial, heard_by

_Written = Callable[[int], str]
_AT_A_GLANCE = 5


def trial_lines(event: Event, found: Trial, moment: _Written, span: _Written) -> list[str]:
    """What would be refused, the rules, the runners who would be something else, the stations, and the alerts; or that nothing changes.

    The rules come first, for they can change hundreds of runners. Of many it is told how many would be what, and then of each: of those
    first who would be decided upon, and of who is expected somewhere in the order in which they are. `moment` writes UTC milliseconds as a
    time of day, `span` milliseconds as an official time.
    """
    lines = [f"refused: {refusal.text}" for refusal in found.refused]
    for race, (before, after) in found.rules.items():
        lines += list(rules_in_words(before, after, moment)) or [f"{race}: what is said of its rules moves no cutoff"]
    lines += [*sums_in_words(found.changes), *expected_in_words(found.prospects)]
    lines += [turn_in_words(event, turn, moment, span) for turn in sorted(found.changes, key=lambda turn: not turn.decided)]
    lines += [f"bib {bib} stays what he is" for bib in found.unchanged]
    lines += [prospect_in_words(event, prospect, moment) for prospect in by_time(found.prospects)]
    lines += [station_in_words(turn) for turn in found.stations]
    lines += [f"{race}: results {after.state}, were {before.state}" for race, (before, after) in found.finals.items()]
    lines += [f"alert: {line.text}" for line in alert_lines(found.new)]
    lines += [f"no alert any more: {line.text}" for line in alert_lines(found.gone)]
    lines += [f"{alert.text}: {_word(alert, moment)}" for _, alert in found.words]
    return [*lines, *(["nothing changes now"] if found.nothing else [])]


def sums_in_words(turns: Sequence[Turn]) -> list[str]:
    """`309 runners would change: 32 racing -> out of time, 277 only in details`, of more than fit a glance; of few, nothing."""
    if len(turns) <= _AT_A_GLANCE:
        return []
    sides = Counter((_in_short(turn.before), _in_short(turn.after)) for turn in turns)
    sums = [f"{number} {before} -> {after}" for (before, after), number in sides.most_common() if before != after]
    details = sum(number for (before, after), number in sides.items() if before == after)
    return [f"{len(turns)} runners would change: {', '.join([*sums, *([f'{details} only in details'] if details else [])])}"]


def expected_in_words(prospects: Sequence[Prospect]) -> list[str]:
    """`by when they are expected 105 more would be too late, 0 fewer`, of more than fit a glance; of few, nothing."""
    if len(prospects) <= _AT_A_GLANCE:
        return []
    fewer = sum(prospect.in_time for prospect in prospects)
    return [f"by when they are expected {len(prospects) - fewer} more would be too late, {fewer} fewer"]


def turn_in_words(event: Event, turn: Turn, moment: _Written, span: _Written) -> str:
    """`bib 4: withdrawn, last known at Illa, not accounted for -> withdrawn, in safe hands`; times that would be others come after that."""
    race_before, race = event.by_id[turn.race_before], event.by_id[turn.race]
    moved = race is not race_before
    before = _side(race_before, turn.before, turn.rank_before, named=moved)
    after = _side(race, turn.after, turn.rank, named=moved)
    more = [] if moved else list(_details(race, turn.before, turn.after, moment))
    if turn.before.official_ms != turn.after.official_ms:
        times = (None if ms is None else span(ms) for ms in (turn.before.official_ms, turn.after.official_ms))
        more.insert(0, "official time {} -> {}".format(*(time or "none" for time in times)))
    return "; ".join([f"bib {turn.bib}: {before if before == after else f'{before} -> {after}'}", *more])


def by_time(prospects: Iterable[Prospect]) -> list[Prospect]:
    """In the order in which they are expected."""
    return sorted(prospects, key=lambda prospect: prospect.expected_ms)


def prospect_in_words(event: Event, prospect: Prospect, moment: _Written) -> str:
    """`105k bib 4 is expected at Illa at Sat 03:10, and would be too late`."""
    name = event.by_id[prospect.race].checkpoints[prospect.at].name
    which = "in time" if prospect.in_time else "too late"
    return f"{prospect.race} bib {prospect.bib} is expected at {name} at {moment(prospect.expected_ms)}, and would be {which}"


def rules_in_words(before: Rules, after: Rules, moment: _Written) -> Iterator[str]:
    """`105k: cutoff at Illa 15:00 -> 16:00`: each start, cutoff, end, way and stop that would be another."""
    race, points = before.race, before.race.checkpoints
    starts = [("start", before.starts.race_ms, after.starts.race_ms)]
    starts += [(f"start of wave {wave}", at_ms, after.starts.waves_ms[wave]) for wave, at_ms in before.starts.waves_ms.items()]
    yield from (f"{race.id}: {name} {moment(now_ms)} -> {moment(then_ms)}" for name, now_ms, then_ms in starts if now_ms != then_ms)
    now, then = ({limit.at: moment(limit.last_ms) for limit in rules.limits(rules.starts.race_ms)} for rules in (before, after))
    for at, point in enumerate(points):
        if now.get(at) != then.get(at):
            yield f"{race.id}: cutoff at {point.name} {now.get(at, 'none')} -> {then.get(at, 'none')}"
    if before.finish != after.finish:
        yield f"{race.id}: ends at {points[after.finish].name}, not at {points[before.finish].name}"
    for at in sorted(before.skipped ^ after.skipped):
        yield f"{race.id}: {points[at].name} is {'skipped' if at in after.skipped else 'passed again'}"
    for still in before.standstills + after.standstills:
        if (still in before.standstills) is not (still in after.standstills):
            stands = "stands still" if still in after.standstills else "does not stand still"
            where = "" if still.at is None else f" for {', '.join(points[at].name for at in sorted(still.at))}"
            yield f"{race.id}: time {stands} from {moment(still.from_ms)} until {moment(still.until_ms)}{where}"


def station_in_words(turn: StationTurn) -> str:
    """`Botella: open -> closing, still behind it: bibs 4, 12; 3 not started yet`."""
    before, after = turn.before.status.value, turn.after.status.value
    said = f"{turn.after.name}: {before} -> {after}" if before != after else f"{turn.after.name}: stays {after}"
    said += f", still behind it: {bibs(turn.behind)}" if turn.behind else ", nobody is behind it"
    said += f"; {turn.after.to_start} not started yet" if turn.after.to_start else ""
    return said if heard_by(turn.before) == heard_by(turn.after) else f"{said}; heard by {', '.join(heard_by(turn.after)) or 'nobody'}"


def _in_short(verdict: Verdict) -> str:
    return verdict.status.value.replace("_", " ") + (" but unconfirmed" if "unconfirmed" in verdict.flags else "")


def where_in_words(race: Race, place: Place) -> str:
    """The line of the ledger as it stands after a verdict: `on the way to Illa`, `in safe hands`; nothing where the verdict says it."""
    name = "" if place.at is None else race.checkpoints[place.at].name
    match place.where:
        case Where.ON_LEG:
            return f"on the way to {name}"
        case Where.IN_STATION:
            return f"in {name}"
        case Where.OUT:
            return f"last known at {name}, not accounted for" if name else "never read, not accounted for"
        case Where.ACCOUNTED:
            return "in safe hands"
        case _:
            return ""


def _side(race: Race, verdict: Verdict, rank: int | None, *, named: bool) -> str:
    place = "" if rank is None else f"rank {rank}"
    return ", ".join(
        filter(None, (f"race {race.id}" if named else "", in_words(race, verdict), where_in_words(race, verdict.place), place))
    )


def _details(race: Race, before: Verdict, after: Verdict, moment: _Written) -> Iterator[str]:
    """What of a verdict is not in its words: the passings, the checkpoints missed, a doubted clock, how many reads cannot be meant."""
    for at, point in enumerate(race.checkpoints):
        was, would_be = (_passing(verdict.splits[at] if verdict.splits else None, moment) for verdict in (before, after))
        if was != would_be:
            yield f"at {point.name} {was} -> {would_be}"
    for flag, words in (*((f"missed:{point.id}", f"missed at {point.name}") for point in race.checkpoints), ("too_close", "too close")):
        if (flag in before.flags) is not (flag in after.flags):
            yield words if flag in after.flags else f"no longer {words}"
    if len(before.suspects) != len(after.suspects):
        yield f"suspect reads {len(before.suspects)} -> {len(after.suspects)}"


def _passing(split: Split | None, moment: _Written) -> str:
    if split is None:
        return "none"
    if split.out_ms is None:
        return f"in {moment(split.in_ms)}"
    return moment(split.in_ms) if split.in_ms == split.out_ms else f"in {moment(split.in_ms)} out {moment(split.out_ms)}"


def _word(one: Alert, moment: _Written) -> str:
    if one.word is None:
        return "open again"
    if one.word.state is AlertState.ACKNOWLEDGED:
        return f"seen by {one.word.author}"
    return "shelved" if one.word.until_ms is None else f"shelved until {moment(one.word.until_ms)}"
