"""A captain's sheets of one station: who is still to come, when and how long before the cutoff, with boxes for the times; and who is not.

Pure: a field in, sections out.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from tracker.core.facts import Withdrawal
from tracker.core.field import Field
from tracker.core.race_state import RaceState, Runner
from tracker.core.rules import Limit
from tracker.core.runner import Status, Where, limits_of
from tracker.core.stations import Station, StationStatus, behind
from tracker.files.times import format_local
from tracker.paper.pages import Block, Section, title, wrapped
from tracker.paper.runners import (
    CLASS_WIDTH,
    TO_WRITE,
    Due,
    bib_list,
    bib_width,
    due,
    due_words,
    dues,
    last_seen_ms,
    natural,
    other_words,
    read_at,
    seen_words,
)
from tracker.sentences import UNKNOWN, age, behind_words, class_of, desk_word, heard_lines
from tracker.text import count, fit

_ROOM = 34
"""Cells of the bib and the name together."""


@dataclass(slots=True)
class _Visit:
    """A race at one of its checkpoints: every entrant is in exactly one list. `cutoffs`: of those who are awaited, or else of the race."""

    state: RaceState
    at: int
    inside: list[Runner] = field(default_factory=list)
    awaited: list[Runner] = field(default_factory=list)
    out: list[Runner] = field(default_factory=list)
    been: list[Runner] = field(default_factory=list)
    absent: list[Runner] = field(default_factory=list)
    cutoffs: list[Limit] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.state.race.name} at {self.state.race.checkpoints[self.at].name}"


def station(of: Field, one: Station, races: Sequence[str]) -> list[Section]:
    """The sheets of one station for some races, which begin on a new page; none where none of the races passes there."""
    of.refresh()
    states = [of.races[race] for race in races if one.id in of.races[race].race.visits]
    visits = [
        _visit(state, at, of.now_ms)
        for state in states
        for at in state.race.visits[one.id]
        if at <= state.rules.finish and at not in state.rules.skipped
    ]
    left_out = [state for state in states if all(visit.state is not state for visit in visits)]
    if not states:
        return []
    width = bib_width(runner.entrant for state in states for runner in state.runners)
    found = [Section(title(f"{one.name} ({one.id}): {one.status.value}"), [_about(of, one, visits)], new_page=True)]
    for visit in visits:
        found += _sheet(of, visit, width)
    for state in left_out:
        found += _no_more(of, state, one.id, width)
    return found


def _visit(state: RaceState, at: int, now_ms: int) -> _Visit:
    found = _Visit(state, at)
    for runner in state.runners:
        _list_of(found, runner).append(runner)
    found.inside.sort(key=lambda runner: (last_seen_ms(runner), runner.no))
    found.awaited.sort(key=lambda runner: _when(found, runner, now_ms))
    found.cutoffs = [limit for runner in (*found.awaited, *found.inside) if (limit := _limit(found, runner)) is not None]
    found.cutoffs = found.cutoffs or [limit for limit in state.rules.limits(state.rules.starts.race_ms) if limit.at == at]
    return found


def _list_of(visit: _Visit, runner: Runner) -> list[Runner]:
    verdict, at = runner.verdict, visit.at
    where, last = verdict.place
    match where:
        case Where.NOT_STARTED:
            return visit.awaited if verdict.status is Status.ENTERED else visit.absent
        case Where.IN_STATION if last == at:
            return visit.inside
        case Where.ON_LEG | Where.IN_STATION:
            return visit.awaited if last is not None and last <= at else visit.been
        case Where.OUT:
            gone = last is not None and (last > at or (last == at and not _stopped_here(visit.state, runner, at)))
            return visit.been if gone else visit.out
        case _:
            return visit.been if verdict.furthest >= at else visit.absent


def _stopped_here(state: RaceState, runner: Runner, at: int) -> bool:
    """Whether who is out was last known to be in the station: not read going out, or gave up there."""
    by, split = runner.verdict.by, read_at(runner, at)
    gave_up_here = isinstance(by, Withdrawal) and by.station == state.race.checkpoints[at].station
    return gave_up_here or split is None or split.out_ms is None


def _when(visit: _Visit, runner: Runner, now_ms: int) -> tuple[bool, float, int, object]:
    """Who comes first: who is expected first; of whom nobody can tell the nearest on the course; who was not read at the start last."""
    verdict, here = runner.verdict, _due_here(visit, runner, now_ms)
    return not verdict.started, inf if here is None else here.expected_ms, -verdict.furthest, natural(runner.entrant.bib)


def _due_here(visit: _Visit, runner: Runner, now_ms: int) -> Due | None:
    return next((each for each in dues(visit.state, runner, now_ms) if each.at == visit.at), None)


def _limit(visit: _Visit, runner: Runner) -> Limit | None:
    limits = limits_of(visit.state.under, runner.entrant, runner.verdict.splits)
    return next((limit for limit in limits if limit.at == visit.at), None)


def _about(of: Field, one: Station, visits: Sequence[_Visit]) -> Block:
    """What the station is now, how far it is heard, and when it may close; of all races."""
    lines = [] if one.word is None else [desk_word(of, one.word)]
    lines += [*heard_lines(of, one), behind_words(one)]
    last = max(((limit.last_ms, visit.state.race.name) for visit in visits for limit in visit.cutoffs), default=None)
    if last is not None:
        lines.append(f"last cutoff here: {format_local(last[0], of.event.timezone)} ({last[1]})")
    return tuple(line for said in (*lines, _may_close(one)) for line in wrapped(said))


def _may_close(one: Station) -> str:
    if one.status in (StationStatus.CLOSED, StationStatus.SWEPT):
        return "it is closed: who comes all the same is told to the race office"
    awaited = one.behind + one.to_start
    through = f"{count(awaited, 'runner')} {'is' if awaited == 1 else 'are'} through or in safe hands"
    if one.status is StationStatus.CLOSING:
        return f"it closes as soon as {through}"
    if awaited:
        return f"may close: when {through}, and the race office says so"
    return "may close: nobody has still to come or to leave; ask the race office"


def _sheet(of: Field, visit: _Visit, width: int) -> Iterator[Section]:
    race, at = visit.state.race, visit.at
    yield Section(title(f"{visit.name}, km {race.checkpoints[at].km:g}"), [(line,) for line in _sums(of, visit)])
    if visit.inside:
        rows = [_inside(of, visit, runner, width) for runner in visit.inside]
        yield Section((*title(f"{visit.name}: {len(rows)} there now"), _titles(width, "in", "left", "", "out")), rows)
    if visit.awaited and at > 0:  # who is to start stands on the start list
        own = len({limit.last_ms for limit in visit.cutoffs}) > 1
        rows = [_awaited(of, visit, runner, width, own=own) for runner in visit.awaited]
        boxes = ("in", "" if at == visit.state.rules.finish else "out")
        yield Section((*title(f"{visit.name}: {len(rows)} still to come"), _titles(width, "expected", "margin", *boxes)), rows)
    if visit.out:
        what = f"{visit.name}: {len(visit.out)} out and not accounted for, may be there or come"
        yield _out(of, visit.state, what, visit.out, width)


def _sums(of: Field, visit: _Visit) -> Iterator[str]:
    """Cutoff, counts, and those who need not be waited for."""
    zone, runners = of.event.timezone, visit.state.runners
    if visit.at == 0:
        yield f"start: {format_local(visit.state.rules.starts.race_ms, zone)} (who is to start: tracker print … startlist)"
    else:
        yield from wrapped(_cutoff(visit, zone))
    parts = {
        "have been there": visit.been,
        "there now": visit.inside,
        "still to come": visit.awaited,
        "out and not accounted for": visit.out,
        "not to be waited for": visit.absent,
    }
    yield from wrapped(f"{count(len(runners), 'entrant')} = " + " + ".join(f"{len(them)} {words}" for words, them in parts.items()))
    missed = [runner for runner in visit.been if read_at(runner, visit.at) is None]
    if missed:
        yield from wrapped(f"have been there, not read ({len(missed)}): {bib_list(missed)}")
    absent: dict[str, list[Runner]] = defaultdict(list)
    for runner in visit.absent:
        unsaid = ", nobody has confirmed it" if runner.verdict.provisional else ""
        absent[runner.verdict.status.value.replace("_", " ") + unsaid].append(runner)
    for words, them in absent.items():
        yield from wrapped(f"not to be waited for, {words} ({len(them)}): {bib_list(them)}")


def _cutoff(visit: _Visit, zone: str) -> str:
    if not visit.cutoffs:
        return "no cutoff"
    first, last = (format_local(pick(limit.last_ms for limit in visit.cutoffs), zone) for pick in (min, max))
    limit = visit.cutoffs[0]
    on = "arrival and departure" if limit.on_arrival and limit.on_departure else "arrival" if limit.on_arrival else "departure"
    return f"cutoff: {first} on {on}" if first == last else f"cutoff: each runner's own, from {first} to {last}, on {on}"


def _titles(width: int, *columns: str) -> str:
    return _row(width, "bib", "name", "class", *columns)


def _row(width: int, bib: str, name: str, runner_class: str, when: str, margin: str, *boxes: str) -> str:
    """One line; the titles stand over the columns."""
    cells = (
        fit(bib, width, right=True),
        fit(name, max(_ROOM - width, CLASS_WIDTH)),
        fit(runner_class, CLASS_WIDTH),
        fit(when, 9),
        fit(margin, 6, right=True),
        *(fit(f" {box}", len(TO_WRITE) + 1) for box in boxes),
    )
    return " ".join(cells).rstrip()


def _line(runner: Runner, width: int, when: str, margin: str, *boxes: str) -> str:
    entrant = runner.entrant
    return _row(width, entrant.bib, entrant.name or UNKNOWN, class_of(entrant), when, margin, *boxes)


def _inside(of: Field, visit: _Visit, runner: Runner, width: int) -> Block:
    """Who is there: since when, how long until the cutoff, and a box for the time of leaving."""
    zone, limit = of.event.timezone, _limit(visit, runner)
    left = "" if limit is None or not limit.on_departure else _signed(limit.last_ms - of.now_ms)
    when = format_local(last_seen_ms(runner), zone, seconds=False)
    more = other_words(visit.state, runner, of.now_ms, zone)
    return _line(runner, width, when, left, "", TO_WRITE), *_beneath([f"for {age(of.now_ms - last_seen_ms(runner))}", *more])


def _awaited(of: Field, visit: _Visit, runner: Runner, width: int, *, own: bool) -> Block:
    """Who is still to come: when, how long before the cutoff that is, and boxes for the times. `own`: not all have one cutoff."""
    zone, now_ms, state = of.event.timezone, of.now_ms, visit.state
    ahead, here, limit = due(state, runner, now_ms), _due_here(visit, runner, now_ms), _limit(visit, runner)
    when, margin = UNKNOWN, "" if limit is None else UNKNOWN
    known = [seen_words(state, runner, now_ms, zone) if runner.verdict.started else _before_the_start(state, runner, now_ms, zone)]
    if here is not None:
        when = format_local(here.expected_ms, zone, seconds=False)
        margin = "" if limit is None else _signed(limit.last_ms - here.expected_ms)
        early, late = (format_local(at_ms, zone, day=False, seconds=False) for at_ms in (here.early_ms, here.late_ms))
        known.append(f"between {early} and {late}")
    if ahead is not None and ahead.at != visit.at:
        known.append(f"due at {state.race.checkpoints[ahead.at].name} {due_words(ahead, zone)}")
    if own and limit is not None:
        known.append(f"cutoff {format_local(limit.last_ms, zone, seconds=False)}")
    boxes = (TO_WRITE, "" if visit.at == state.rules.finish else TO_WRITE)
    return _line(runner, width, when, margin, *boxes), *_beneath([*known, *other_words(state, runner, now_ms, zone)])


def _before_the_start(state: RaceState, runner: Runner, now_ms: int, zone: str) -> str:
    gun_ms = state.rules.starts.gun_ms(runner.entrant.wave)
    return f"starts {format_local(gun_ms, zone, seconds=False)}" if now_ms < gun_ms else "not read at the start"


def _out(of: Field, state: RaceState, what: str, runners: Sequence[Runner], width: int) -> Section:
    """Those who are out of the race and of whom nobody knows where they are."""
    rows = []
    for runner in runners:
        line = _line(runner, width, UNKNOWN, "", TO_WRITE, TO_WRITE)
        known = [seen_words(state, runner, of.now_ms, of.event.timezone), *other_words(state, runner, of.now_ms, of.event.timezone)]
        rows.append((line, *_beneath(known)))
    return Section((*title(what), _titles(width, "expected", "", "in", "out")), rows)


def _no_more(of: Field, state: RaceState, at: str, width: int) -> Iterator[Section]:
    """A race that no longer comes here, and those who had gone on before that was said."""
    yield Section(title(f"{state.race.name}: does not come here any more"), [("its course was changed by the desk",)])
    coming = set(behind(of, at))
    runners = [runner for runner in state.at(Where.OUT) if runner.entrant.bib in coming]
    if runners:
        yield _out(of, state, f"{state.race.name}: {len(runners)} had gone on, may still come", runners, width)


def _beneath(said: Sequence[str]) -> Block:
    return wrapped("; ".join(said), 4)


def _signed(span_ms: int) -> str:
    return f"-{age(-span_ms)}" if span_ms < 0 else age(span_ms)
