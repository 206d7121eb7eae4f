"""A runner's pace against the field's, as a plot: how far ahead of the middle of the field, or behind it, at each checkpoint.

Pure, without Textual. Times are the race's own: from a runner's start, without what time stood still. The middle is the median of who came
to a checkpoint and who may still come, so that there is none before half of them have: the first alone are no field.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import ceil, floor
from statistics import median

import plotille
from rich.text import Text

from tracker.core.race_state import RaceState, Runner
from tracker.core.runner import Status
from tracker.dashboard.sheet import raced_ms, standstills
from tracker.files.times import MINUTE_MS

_LEAST = 3
"""Of fewer runners there is no middle to speak of."""
_AXIS = 22
"""Cells that the plot's own axis takes on the left and right."""
_MOST = 100


def middle_ms(state: RaceState) -> list[int | None]:
    """The field's middle time at each checkpoint, in milliseconds; None where too few have been."""
    race, rules = state.race, state.rules
    times: list[list[int]] = [[] for _ in race.checkpoints]
    coming = [0] * len(race.checkpoints)
    for runner in state.runners:
        for there, own_ms in zip(times, _raced(runner), strict=False):
            if own_ms is not None:
                there.append(own_ms)
        if runner.verdict.status is Status.RACING and runner.verdict.furthest < rules.finish:
            coming[runner.verdict.furthest + 1] += 1
    to_come = [0 if at in rules.skipped or at > rules.finish else many for at, many in enumerate(accumulate(coming))]
    return [_middle(there, many) for there, many in zip(times, to_come, strict=True)]


def _middle(times_ms: list[int], to_come: int) -> int | None:
    """The median of the times and of as many that will be longer than all of them; None while it may be one of those."""
    if len(times_ms) < _LEAST or len(times_ms) <= to_come:
        return None
    return round(median([*times_ms, *[max(times_ms)] * to_come]))


def _raced(runner: Runner) -> list[int | None]:
    """The race's time of a runner at each checkpoint; None where he was not seen."""
    verdict, still = runner.verdict, standstills(runner.race.rules, runner)
    if not still:
        return [None if split is None else split.in_ms - verdict.start_ms for split in verdict.splits]
    return [None if split is None else raced_ms(verdict, still, split.in_ms) for split in verdict.splits]


def pace_plot(runner: Runner, middle: Sequence[int | None], width: int, height: int) -> Text:
    """The plot in so many cells and lines, or in words why there is none."""
    race = runner.race.race
    points = [
        (point.km, (there_ms - own_ms) / MINUTE_MS)
        for point, own_ms, there_ms in zip(race.checkpoints[1:], _raced(runner)[1:], middle[1:], strict=False)
        if own_ms is not None and there_ms is not None
    ]
    if not points:
        return Text("no plot yet: not half of the field was where this runner was read since the start", "dim")
    points = [(race.checkpoints[0].km, 0.0), *points]
    most = max(10, *(ceil(abs(minutes) / 10) * 10 for _, minutes in points))
    figure = plotille.Figure()
    figure.width, figure.height, figure.with_colors = min(_MOST, max(20, width - _AXIS)), height, False
    figure.set_x_limits(0, race.distance_km)
    figure.set_y_limits(-most, most)
    figure.x_label, figure.y_label = "km", "min"
    figure.x_ticks_fkt, figure.y_ticks_fkt = _whole, _signed
    figure.plot([0, race.distance_km], [0, 0])
    figure.plot([km for km, _ in points], [minutes for _, minutes in points])
    text = Text("Minutes ahead of the middle of the field (+), or behind it (-)\n", "bold")
    return text.append("\n".join(line.rstrip() for line in str(figure.show()).splitlines()))


def _whole(low: float, high: float) -> str:  # noqa: ARG001  the library hands over both ends of a tick
    return str(floor(low))


def _signed(low: float, high: float) -> str:  # noqa: ARG001  as above
    return f"{low:+.0f}" if round(low) else "0"
