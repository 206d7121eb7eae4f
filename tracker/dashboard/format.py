"""Words for single values: times, ages, states and flags as the screens print them.

Pure text, without Textual.
"""

from rich.cells import cell_len

from tracker.core.runner import Status, Verdict, Where
from tracker.files.times import HOUR_MS, MINUTE_MS, SECOND_MS, format_elapsed

UNKNOWN = "?"
STALE_MS = 10 * MINUTE_MS
"""Devices send a heartbeat every few minutes: a journal that heard nothing for longer is worth a look."""
_HEARD_STEP_MS = 10 * SECOND_MS

_STATES = {
    Status.ENTERED: (".", "entered"),
    Status.DNS: ("-", "dns"),
    Status.RACING: (">", "racing"),
    Status.FINISHED: ("✓", "finished"),
    Status.WITHDRAWN: ("✗", "withdrawn"),
    Status.OUT_OF_TIME: ("!", "out of time"),
    Status.DISQUALIFIED: ("#", "disqualified"),
    Status.STOPPED: ("=", "stopped"),
}


def changed_cells(old: str, new: str) -> tuple[int, int]:
    """Where two texts of one width differ: the first cell, and the one after the last. Never in the middle of a wide character."""
    most = min(len(old), len(new))
    first = next((at for at in range(most) if old[at] != new[at]), most)
    while first and not (first < len(new) and cell_len(new[first]) and first < len(old) and cell_len(old[first])):
        first -= 1  # what combines with the character before changes that one
    same = next((at for at in range(most - first) if old[-1 - at] != new[-1 - at]), most - first)
    return cell_len(new[:first]), cell_len(new) - cell_len(new[len(new) - same :])


def race_clock(elapsed_ms: int) -> str:
    """Time since a race's start, signed: `+14:20:25`, before the start `-0:30:00`."""
    shown = format_elapsed(elapsed_ms)
    return shown if elapsed_ms < 0 else f"+{shown}"


def span(duration_ms: int) -> str:
    """A duration in at most six cells, to the second below a minute, else to the minute: `42s`, `12m`, `3h05`, `-1h20`."""
    sign = "-" if duration_ms < 0 else ""
    duration_ms = abs(duration_ms)
    if duration_ms < MINUTE_MS:
        return f"{sign}{duration_ms // SECOND_MS}s"
    if duration_ms < HOUR_MS:
        return f"{sign}{duration_ms // MINUTE_MS}m"
    hours, rest_ms = divmod(duration_ms, HOUR_MS)
    return f"{sign}{hours}h{rest_ms // MINUTE_MS:02}"


def gap(behind_ms: int) -> str:
    """How far behind somebody: `+0:12:03`."""
    return race_clock(behind_ms)


def margin(left_ms: int) -> str:
    """What an expected time leaves before a limit: `+45m`, and after it `-1h20 late`."""
    return f"{span(left_ms)} late" if left_ms < 0 else f"+{span(left_ms)}"


def move(won: int) -> str:
    """Places won (`▲2`) or lost (`▼1`); empty: neither."""
    return "" if not won else f"▲{won}" if won > 0 else f"▼{-won}"


def heard(age_ms: int | None) -> str:
    """How long ago a device was last heard, below a minute in steps that are seldom sent; marked when that is long."""
    if age_ms is None:
        return "nothing heard yet"
    if age_ms < 0:
        return f"heard {span(-age_ms)} ahead of the clock"
    mark = "! " if age_ms >= STALE_MS else ""
    ago = span(age_ms - age_ms % _HEARD_STEP_MS if age_ms < MINUTE_MS else age_ms)
    return f"{mark}heard {ago if age_ms >= _HEARD_STEP_MS else '<10s'} ago"


def state_name(status: Status) -> str:
    """The status with its sign: `✓ finished`. The sign never stands alone, and neither does a colour."""
    return " ".join(_STATES[status])


def status_words(verdict: Verdict) -> str:
    """The status with its sign: `! ~out of time`.

    `~` is a machine's word that nobody has confirmed; `✓ finished, out` is still on the course, since the race was shortened behind him.
    """
    sign, name = _STATES[verdict.status]
    return f"{sign} {f'~{name}' if verdict.provisional else f'{name}, out' if _is_out_there(verdict) else name}"


def short_state(verdict: Verdict) -> str:
    """The status and the flags as a column of the board has room for: `! ~out of time`, `> racing late`.

    Of the flags for checkpoints only how many there are.
    """
    words = [status_words(verdict)]
    words += [flag.replace("_", " ") for flag in verdict.flags if ":" not in flag and flag != "provisional"]
    for kind in ("late", "missed"):
        number = sum(flag.startswith(f"{kind}:") for flag in verdict.flags)
        words += [kind if number == 1 else f"{kind} {number}"] if number else []
    return " ".join(words)


def full_state(verdict: Verdict) -> str:
    """The status and all its flags in words: `! out of time, provisional, missed botella`."""
    flags = [flag.replace(":", " ").replace("_", " ") for flag in verdict.flags]
    return ", ".join([state_name(verdict.status), *(["out there"] if _is_out_there(verdict) else []), *flags])


def _is_out_there(verdict: Verdict) -> bool:
    return verdict.status is Status.FINISHED and verdict.place.where is Where.OUT
