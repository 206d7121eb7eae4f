"""A naive reading of docs/status.md: what one runner is, from a list of facts and a moment.

Written for obviousness, not for speed: each function is a sentence or a row of that page, which it quotes. Of the program it knows the
plain data only. It is told of devices that do not number their facts, and knows nothing of forecasts.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tests.core.naive_race import Day, Version, course_of, gun_of, read_as, versions_of
from tests.core.naive_story import Course, Passing, Seen, seen
from tracker.core import facts as f
from tracker.core.course import CutoffFrom, CutoffOn, Policy, Timing
from tracker.core.roster import Entrant, EntryStatus
from tracker.core.runner import Place, Status, Where

HALF_AN_HOUR_MS = 30 * 60_000
Spans = list[tuple[int, int]]


class Reading(NamedTuple):
    """What the page says that a runner is. `cutoff`: the checkpoint whose cutoff decided."""

    status: Status
    flags: frozenset[str]
    passings: list[Passing | None]
    place: Place
    official_ms: int | None
    cutoff: int | None


class Run(NamedTuple):
    """One runner's race so far. `furthest`: the last checkpoint up to the finish where he was seen (-1: none); `spans`: when time stood."""

    day: Day
    course: Course
    entrant: Entrant
    gun_ms: int
    seen: Seen
    furthest: int
    started_ms: int
    spans: Spans

    def passing(self, at: int) -> Passing | None:
        return self.seen.passings[at] if at >= 0 else None

    @property
    def is_beyond(self) -> bool:
        """Seen beyond a finish that was moved."""
        return any(self.seen.passings[self.course.finish + 1 :])

    @property
    def finished_ms(self) -> int | None:
        last = self.passing(self.furthest)
        return last.in_ms if last is not None and self.furthest == self.course.finish else None


def run_of(day: Day, entrant: Entrant) -> Run:
    course, gun_ms = course_of(day), gun_of(day, entrant.wave)
    found = seen(course, read_as(day, f.Passage, entrant.bib), hand_times(day, entrant.bib, gun_ms), gun_ms, day.now_ms)
    furthest = max((at for at, passing in enumerate(found.passings[: course.finish + 1]) if passing is not None), default=-1)
    start = found.passings[0]
    started_ms = gun_ms if start is None else max(start.in_ms, gun_ms)
    return Run(day, course, entrant, gun_ms, found, furthest, started_ms, stood(day, course, found.passings, started_ms))


def hand_times(day: Day, bib: str, gun_ms: int) -> dict[int, int]:
    """ "a hand time: the accepted reading there", undone by "a later `passage`". Not what is "before the start" or "in the future"."""
    number = {point.id: at for at, point in enumerate(day.race.checkpoints)}
    found: dict[int, int] = {}
    for hand in day.said(f.HandTime):
        at = number.get(hand.checkpoint)
        if hand.bib == bib and at is not None and hand.passed_ms <= day.known_ms and (at == 0 or hand.passed_ms >= gun_ms):
            found[at] = hand.passed_ms
    return found


def stood(day: Day, course: Course, passings: Sequence[Passing | None], started_ms: int) -> Spans:
    """ "Neutralised: for those who were on the leg to a checkpoint concerned, or in its station, when time stopped; or for all who had
    started." "Stops that overlap are one."
    """
    number = {point.id: at for at, point in enumerate(day.race.checkpoints)}
    found: Spans = []
    for still in sorted(day.said(f.Neutralise), key=lambda still: still.from_ms):
        concerned = None if still.checkpoints is None else [number.get(point) for point in still.checkpoints]
        if still.until_ms <= still.from_ms or (concerned is not None and None in concerned):
            continue
        here = max((at for at, each in enumerate(passings) if each is not None and each.in_ms <= still.from_ms), default=0)
        there = passings[here]
        inside = there is not None and there.in_ms <= still.from_ms and (there.out_ms is None or there.out_ms > still.from_ms)
        if concerned is None or course.ahead(here) in concerned or (inside and here in concerned):
            from_ms = max(still.from_ms, started_ms)
            if found and from_ms <= found[-1][1]:
                found[-1] = found[-1][0], max(found[-1][1], still.until_ms)
            elif still.until_ms > from_ms:
                found.append((from_ms, still.until_ms))
    return found


class Cutoffs:
    """The cutoffs of one runner."""

    def __init__(self, run: Run) -> None:
        self.run = run
        race = run.day.race
        starts = {CutoffFrom.RACE: gun_of(run.day, None), CutoffFrom.WAVE: run.gun_ms, CutoffFrom.RUNNER: run.started_ms}
        self.base_ms = starts[race.cutoff_from]
        left = [at for at in range(run.course.finish + 1) if at not in run.course.skipped]  # skipped checkpoints have no cutoff
        versions = versions_of(run.day)
        self.versions = {at: versions[at] for at in left if any(version.limit_ms is not None for version in versions[at])}

    def last_ms(self, version: Version) -> int | None:
        """ "The last millisecond is in time." "What stood still is given on each cutoff that was not over by then", but "from when a
        moved cutoff is in force stays, and so does a moment that the desk names for it after the stop".
        """
        if version.limit_ms is None:
            return None
        last_ms = version.limit_ms if version.is_moment else self.base_ms + version.limit_ms
        for from_ms, until_ms in self.run.spans:
            named_after = version.named_ms is not None and version.named_ms >= until_ms
            if from_ms <= last_ms and not named_after:
                last_ms += until_ms - from_ms
        return last_ms

    def is_too_late(self, at: int, moment_ms: int) -> bool:
        """ "Nobody is late by a rule that came after him. A kinder rule that comes later forgives." """
        versions = self.versions[at]
        in_force = max(number for number, each in enumerate(versions) if each.from_ms is None or each.from_ms <= moment_ms)
        limits = [self.last_ms(version) for version in versions[in_force:]]
        return all(last_ms is not None and moment_ms > last_ms for last_ms in limits)

    def strikes_ms(self, at: int) -> int:
        """The first moment that is too late."""
        versions = self.versions[at]
        ends = [last_ms + 1 for version in versions if (last_ms := self.last_ms(version)) is not None]
        turns = [*ends, *(version.from_ms for version in versions if version.from_ms is not None)]
        return min(moment_ms for moment_ms in turns if self.is_too_late(at, moment_ms))

    def on(self, at: int) -> CutoffOn:
        """ "At the finish it is the arrival." "A cutoff made on the day, where there was none, is on departure." """
        cutoff = self.run.day.race.checkpoints[at].cutoff
        return CutoffOn.ARRIVAL if at == self.run.course.finish else CutoffOn.DEPARTURE if cutoff is None else cutoff.on

    def is_late(self, at: int) -> bool:
        """ "`departure`: the last read there that is not an `in`. `arrival`: the first read. `both`: either may be late." """
        passing, on = self.run.passing(at), self.on(at)
        if passing is None:
            return False
        came_late = on is not CutoffOn.DEPARTURE and self.is_too_late(at, passing.in_ms)
        return came_late or (on is not CutoffOn.ARRIVAL and passing.out_ms is not None and self.is_too_late(at, passing.out_ms))

    def late(self) -> list[int]:
        return [at for at in self.versions if self.is_late(at)]

    def decides(self, forgiven_ms: int | None) -> int | None:
        """ "a cutoff passed too late, or by the clock with nobody there": the checkpoint. None where there is none, and for who was
        "seen further on".
        """
        run = self.run
        if run.furthest < 0 or (run.is_beyond and run.furthest < run.course.finish):
            return None  # whoever was seen only beyond it is not struck by the clock
        unforgiven = [at for at in self.versions if forgiven_ms is None or self.strikes_ms(at) > forgiven_ms + 1]
        if run.furthest in unforgiven and self.is_late(run.furthest):
            return run.furthest
        return min((at for at in unforgiven if self.is_absent(at)), key=lambda at: (self.strikes_ms(at), at), default=None)

    def is_absent(self, at: int) -> bool:
        """ "Nobody there when the clock passes the cutoff, or gone in and not out where the departure counts: `out_of_time` from that
        moment." The station is heard through it: "Only then does the clock strike there."
        """
        run, passing = self.run, self.run.passing(at)
        inside = passing is not None and passing.out_ms is None and self.on(at) is not CutoffOn.ARRIVAL
        if at < run.furthest or (at == run.furthest and not inside):
            return False
        strikes_ms = self.strikes_ms(at)
        return run.day.now_ms >= strikes_ms and is_heard(run.day, run.day.race.checkpoints[at].station, strikes_ms - 1)


def is_heard(day: Day, station: str, moment_ms: int) -> bool:
    """ "A station is heard through a moment when each of its devices has a heartbeat at or after it". "A station whose devices never sent
    a heartbeat is not monitored, and counts as heard. So does one that the desk called swept, or closed by force."
    """
    words = [word for word in day.said(f.StationChange) if word.station == station]
    if words and (words[-1].state is f.StationState.SWEPT or (words[-1].state is f.StationState.CLOSED and words[-1].forced)):
        return True
    beats = [beat for beat in day.said(f.Heartbeat) if beat.station == station]
    devices = {beat.device for beat in beats}
    return all(any(beat.device == device and moment_ms <= beat.at_ms <= day.known_ms for beat in beats) for device in devices)


class Ruling(NamedTuple):
    """What the director's decisions come to: the one in force, up to when lateness is forgiven, and everything else undone."""

    decision: f.Decision | None = None
    forgiven_ms: int | None = None
    undone_ms: int | None = None


def ruling_of(run: Run) -> Ruling:
    """ "`accepted` forgives lateness up to its own moment, and nothing later. `reinstated` does that too, and undoes every earlier decision
    and withdrawal." A decision stands, unless "`reinstated` came after it; a later decision; `accepted` after an `out_of_time`".
    """
    ruling = Ruling()
    for said in run.day.said(f.Decision):
        if said.bib != run.entrant.bib or said.at_ms > run.day.known_ms:
            continue
        if said.status is f.Decided.REINSTATED:
            ruling = Ruling(None, said.at_ms, said.at_ms)
        elif said.status is f.Decided.ACCEPTED:
            struck = ruling.decision is not None and ruling.decision.status is f.Decided.OUT_OF_TIME
            ruling = Ruling(None if struck else ruling.decision, said.at_ms, ruling.undone_ms)
        else:
            ruling = ruling._replace(decision=said)
    return ruling


def withdrawals(run: Run, ruling: Ruling) -> list[f.Withdrawal]:
    """A withdrawal stands, unless "`reinstated` came after it"."""
    said = read_as(run.day, f.Withdrawal, run.entrant.bib)
    return [each for each in said if each.at_ms <= run.day.known_ms and (ruling.undone_ms is None or each.at_ms > ruling.undone_ms)]


def status_of(run: Run, ruling: Ruling, cutoff: int | None) -> Status:
    """ "The strongest first; the first that applies is the status." """
    gave_up = withdrawals(run, ruling)
    if ruling.decision is not None:
        return Status(ruling.decision.status.value)
    if gave_up and (run.finished_ms is None or gave_up[0].at_ms <= run.finished_ms):
        return Status.WITHDRAWN
    if cutoff is not None:
        return Status.OUT_OF_TIME
    if run.finished_ms is not None:
        return Status.FINISHED
    if any(run.seen.passings):
        return Status.RACING
    if run.entrant.status is EntryStatus.DNS and ruling.undone_ms is None:
        return Status.DNS
    return Status.DNS if is_proposed_as_dns(run) else Status.ENTERED


def is_proposed_as_dns(run: Run) -> bool:
    """ "`dns` is proposed half an hour after the gun of the runner's wave, when the start mat has read half of those who were expected in
    that wave, and is heard through that half hour"; unless "`accepted` or `reinstated` was said of the runner; a suspect read; a word of
    the future".
    """
    day, wave = run.day, run.entrant.wave
    told = [*read_as(day, f.Passage, run.entrant.bib), *read_as(day, f.Withdrawal, run.entrant.bib)]
    if told or any(said.bib == run.entrant.bib for said in day.said(f.Decision)):
        return False
    others = [each for each in day.roster.entrants if each.race == day.race.id and each.wave == wave]
    at_start = [each for each in others if run_of(day, each).passing(0) is not None]
    expected = [each for each in others if each.status is not EntryStatus.DNS]
    half_an_hour_ms = run.gun_ms + HALF_AN_HOUR_MS
    works = bool(at_start) and 2 * len(at_start) >= len(expected)
    return works and day.now_ms > half_an_hour_ms and is_heard(day, day.race.checkpoints[0].station, half_an_hour_ms)


def is_conflict(run: Run, ruling: Ruling, status: Status) -> bool:
    """ "A conflict is: a read after the last withdrawal, or after the director took the runner out (disqualified ones may walk on);
    a withdrawal after the finish, unless that was moved; a read of one whom the director calls `dns`; a read of one who is `dns` on
    the roster, until the desk accepts it or row 1 to 3 decides".
    """
    gave_up, started, last_ms = withdrawals(run, ruling), run.furthest >= 0, run.seen.last_ms
    if ruling.decision is not None:
        taken_out = status in {Status.WITHDRAWN, Status.OUT_OF_TIME, Status.DNS, Status.STOPPED}
        return (taken_out and last_ms > ruling.decision.at_ms) or (status is Status.DNS and started)
    if status is Status.WITHDRAWN:
        return last_ms > gave_up[-1].at_ms
    is_moved = run.course.finish < len(run.seen.passings) - 1
    if gave_up and not (status is Status.FINISHED and is_moved):
        return True
    return status in {Status.RACING, Status.FINISHED} and run.entrant.status is EntryStatus.DNS and ruling.forgiven_ms is None


class Spot(NamedTuple):
    """Where a runner is, and whether he was read after he had been accounted for."""

    place: Place
    returned: bool = False


def spot_of(run: Run, ruling: Ruling, status: Status) -> Spot:
    """ "Every entrant is in exactly one place." """
    here = run.passing(run.furthest)
    if status is Status.RACING:
        if here is not None and here.out_ms is None and run.furthest > 0:  # at the start nobody stays
            return Spot(Place(Where.IN_STATION, run.furthest))
        return Spot(Place(Where.ON_LEG, run.course.ahead(max(run.furthest, 0))))
    last = max((at for at, passing in enumerate(run.seen.passings) if passing is not None), default=-1)
    # Who gives up before his start is not on the course.
    gave_up = next((said for said in reversed(withdrawals(run, ruling)) if said.at_ms >= run.gun_ms), None)
    if status is Status.FINISHED and not went_on(run, last, gave_up):
        return Spot(Place(Where.FINISHED))
    if last < 0 and gave_up is None:
        return Spot(Place(Where.NOT_STARTED))
    said_ms = [said.at_ms for said in run.day.said(f.Accounted) if said.bib == run.entrant.bib]
    safe_ms = max((at_ms for at_ms in said_ms if ruling.undone_ms is None or at_ms > ruling.undone_ms), default=None)
    returned = safe_ms is not None and run.seen.last_ms > safe_ms  # "a read after it, which is a `conflict`"
    if is_back(run, last, gave_up) or (safe_ms is not None and not returned):
        return Spot(Place(Where.FINISHED if status is Status.FINISHED else Where.ACCOUNTED))
    last = last if gave_up is None else gave_up_at(run, last, gave_up)
    return Spot(Place(Where.OUT, last if last >= 0 else None), returned)


def gave_up_at(run: Run, last: int, gave_up: f.Withdrawal) -> int:
    """ "Who gives up is where he said so last", also where he walked back to."""
    stops = run.course.visits(gave_up.station)
    further = [at for at in stops if at >= last]
    walked_back = stops[-1:] if gave_up.at_ms > since_ms(run, last, None)[0] else []
    return [*further, *walked_back, last][0]


def since_ms(run: Run, last: int, gave_up: f.Withdrawal | None) -> tuple[int, int]:
    """The last passing, and the last word of him."""
    there = run.passing(last)
    seen_ms = 0 if there is None else there.in_ms if there.out_ms is None else there.out_ms
    return seen_ms, seen_ms if gave_up is None else max(seen_ms, gave_up.at_ms)


def went_on(run: Run, last: int, gave_up: f.Withdrawal | None) -> bool:
    """ "Who had gone on when a race was shortened (left the new finish before that was said, was seen beyond it, or gave up since) is
    `finished` by status, and in the place `out` until he is accounted for, or read at the old finish, or again at the new one: he is out
    there."
    """
    there, finish = run.passing(last), run.course.finish
    if there is None or not finish <= last < len(run.seen.passings) - 1 or came_back(run, last):
        return False
    seen_ms, known_ms = since_ms(run, last, gave_up)
    left = there.out_ms is not None and run.course.ended_ms is not None and there.out_ms < run.course.ended_ms
    return last > finish or left or known_ms > seen_ms


def came_back(run: Run, last: int) -> bool:
    """ "read at the old finish, or again at the new one": on a course that comes back there, once it was said."""
    points, finish = run.day.race.checkpoints, run.course.finish
    again = last > finish and points[last].station == points[finish].station
    return again and run.course.ended_ms is not None and since_ms(run, last, None)[0] >= run.course.ended_ms


def is_back(run: Run, last: int, gave_up: f.Withdrawal | None) -> bool:
    """ "out of the race and in safe hands: the desk said so, or read at the finish after that", be it by a read that cannot be meant."""
    ends = (run.course.finish, len(run.seen.passings) - 1)
    if came_back(run, last) or (last in ends and not went_on(run, last, gave_up)):
        return True
    _, known_ms = since_ms(run, last, gave_up)
    return any(stray.at in ends and stray.read.at_ms > known_ms and not stray.future for stray in run.seen.strays)


def reading(day: Day, bib: str) -> Reading:
    """What a runner is."""
    run = run_of(day, day.roster.by_bib[bib])
    ruling, cutoffs = ruling_of(run), Cutoffs(run)
    cutoff = cutoffs.decides(ruling.forgiven_ms)
    status = status_of(run, ruling, cutoff)
    spot = spot_of(run, ruling, status)
    by_machine = ruling.decision is None and (status is Status.OUT_OF_TIME or (status is Status.DNS and is_proposed_as_dns(run)))
    flags = {
        "conflict": is_conflict(run, ruling, status) or spot.returned,
        "provisional": by_machine and day.race.policy is Policy.CONFIRM and (status is Status.OUT_OF_TIME or run.entrant.expected),
        "suspect": bool(run.seen.strays),
    }
    points = day.race.checkpoints
    flags |= {f"late:{points[at].id}": True for at in cutoffs.late()}
    flags |= {f"missed:{points[at].id}": True for at in missed(run)}
    struck = cutoff if by_machine and status is Status.OUT_OF_TIME else None
    return Reading(
        status, frozenset(flag for flag, holds in flags.items() if holds), run.seen.passings, spot.place, official_ms(run), struck
    )


def missed(run: Run) -> list[int]:
    """ "seen further on, not there", and not "the checkpoint skipped"."""
    until = run.course.finish + 1 if run.is_beyond else max(run.furthest, 0)
    return [at for at in range(until) if run.passing(at) is None and at not in run.course.skipped]


def official_ms(run: Run) -> int | None:
    """From the gun, or by the chip from the own start; what stood still is "taken off the official time", penalties are "added to" it."""
    if run.finished_ms is None:
        return None
    start_ms = run.gun_ms if run.day.race.timing is Timing.GUN else run.started_ms
    stood_ms = sum(min(until_ms, run.finished_ms) - from_ms for from_ms, until_ms in run.spans if from_ms < run.finished_ms)
    penalties_ms = sum(said.penalty_ms for said in run.day.said(f.Penalty) if said.bib == run.entrant.bib)
    return run.finished_ms - start_ms - stood_ms + penalties_ms
