"""What the lists say of one runner: who it is, when and where last seen, when expected next, and what else there is to know.

Pure: words from plain values.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len

from tracker.core.course import Race
from tracker.core.facts import Decision, Withdrawal
from tracker.core.lateness import overdue_runner
from tracker.core.overdue import expected_ahead
from tracker.core.passings import Split
from tracker.core.race_state import RaceState, Runner
from tracker.core.roster import Entrant
from tracker.core.runner import Status, Where, is_beyond
from tracker.files.times import format_local
from tracker.sentences import age, telephones

TICK = "[ ]"
TO_WRITE = "[__:__]"
CLASS_WIDTH = 8


class Due(NamedTuple):
    """Where a runner should be seen next, and when; four in five come between `early_ms` and `late_ms`."""

    at: int
    expected_ms: int
    early_ms: int
    late_ms: int


def natural(bib: str) -> tuple[list[tuple[bool, int, str]], str]:
    """A key that puts bibs in the order in which people look for them: 9 before 10, and numbers before letters (`M7`)."""
    parts = re.findall(r"\d+|\D+", bib)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part.casefold()) for part in parts], bib


def bib_width(entrants: Iterable[Entrant]) -> int:
    """In how many cells every bib, and the word, stands whole: a cropped bib is somebody else's."""
    return max([cell_len("bib"), *(cell_len(entrant.bib) for entrant in entrants)])


def last_split(runner: Runner) -> tuple[int, Split] | None:
    """The last checkpoint of all at which a runner was seen, and the passing; None: never seen."""
    splits = runner.verdict.splits
    return next(((at, split) for at, split in reversed(list(enumerate(splits))) if split is not None), None)


def read_at(runner: Runner, at: int) -> Split | None:
    """A runner's passing of a checkpoint; None: not seen there."""
    splits = runner.verdict.splits
    return splits[at] if splits else None


def last_seen_ms(runner: Runner) -> int:
    """When a runner was last seen; 0: never."""
    found = last_split(runner)
    return 0 if found is None else found[1].out_ms or found[1].in_ms


def dues(state: RaceState, runner: Runner, now_ms: int) -> list[Due]:
    """Where a runner on the course is expected, checkpoint by checkpoint; none for who is not, or of whom nobody can tell."""
    if is_beyond(state.rules, runner.verdict.splits):
        return []
    ahead = expected_ahead(state.forecaster, state.rules, runner.no, runner.entrant.wave, runner.verdict, now_ms)
    return [Due(at, *forecast) for at, forecast in ahead]


def due(state: RaceState, runner: Runner, now_ms: int) -> Due | None:
    """Where a runner on the course is expected next; None as in `dues`."""
    return next(iter(dues(state, runner, now_ms)), None)


def due_words(ahead: Due, zone: str) -> str:
    """When a runner is expected, and between when and when, four in five: `Sat 05:30 (04:50-06:20)`."""
    early, late = (format_local(at_ms, zone, day=False, seconds=False) for at_ms in (ahead.early_ms, ahead.late_ms))
    return f"{format_local(ahead.expected_ms, zone, seconds=False)} ({early}-{late})"


def seen_words(state: RaceState, runner: Runner, now_ms: int, zone: str) -> str:
    """Where and when a runner was last seen, and how long ago."""
    found = last_split(runner)
    if found is None:
        return "never read"
    seen_ms, name = last_seen_ms(runner), state.race.checkpoints[found[0]].name
    when = f"{format_local(seen_ms, zone, seconds=False)}, {age(now_ms - seen_ms)} ago"
    inside = runner.verdict.place.where is Where.IN_STATION
    return f"went into {name} {when}, not read going out" if inside else f"seen at {name} {when}"


def other_words(state: RaceState, runner: Runner, now_ms: int, zone: str) -> list[str]:
    """What else there is to know of where a runner is: why out of the race, how long overdue, and the flags."""
    verdict = runner.verdict
    said = [] if verdict.place.where is not Where.OUT else [_why_out(state.race, runner, zone)]
    late = overdue_runner(state, runner, now_ms) if "overdue" in verdict.flags else None
    said += [] if late is None else [f"OVERDUE by {age(late.by_ms)}"]
    said += [] if verdict.unheard is None else [f"unconfirmed, {state.race.checkpoints[verdict.unheard].name} is not heard so far"]
    others = (flag for flag in verdict.flags if flag not in ("overdue", "provisional", "unconfirmed"))
    return said + [flag.replace(":", " ").replace("_", " ") for flag in others]


def _why_out(race: Race, runner: Runner, zone: str) -> str:
    verdict = runner.verdict
    status = verdict.status.value.replace("_", " ")
    match verdict.by:
        case Withdrawal(at_ms=at_ms, station=station, reason=reason, transport=transport):
            where = next((point.name for point in race.checkpoints if point.station == station), station)
            moved = f", transport {transport}" if transport else ""
            return f"gave up at {where} {format_local(at_ms, zone, seconds=False)} ({reason.value}{moved})"
        case Decision(at_ms=at_ms, author=author, reason=reason):
            return f"{status} by {author} {format_local(at_ms, zone, seconds=False)} ({reason})"
    if verdict.at_cutoff is not None:
        unsaid = ", nobody has confirmed it" if verdict.provisional else ""
        return f"{status} at {race.checkpoints[verdict.at_cutoff].name}{unsaid}"
    return "had gone on when the race was shortened" if verdict.status is Status.FINISHED else status


def contact_words(entrant: Entrant) -> list[str]:
    """The club, and whom to call."""
    return [*([entrant.club] if entrant.club else []), *telephones(entrant)]


def bib_list(runners: Iterable[Runner]) -> str:
    """Bibs in the order in which people look for them: `9, 10, M7`."""
    return ", ".join(sorted((runner.entrant.bib for runner in runners), key=natural))
