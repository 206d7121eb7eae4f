"""A runner's pace against the field's, as a plot: how far ahead of the middle of the field, or behind it, at each checkpoint.

Pure, without Textual. The middle is the median of the race's times of all who were read there so far.
"""

from collections.abc import Iterable
from math import ceil, floor
from statistics import median

import plotille
from rich.text import Text

from tracker.core.course import Race
from tracker.core.runner import Verdict
from tracker.files.times import MINUTE_MS

_LEAST = 3
"""Of fewer runners there is no middle to speak of."""
_AXIS = 22
"""Cells that the plot's own axis takes on the left and right."""
_MOST = 100


def middle_ms(race: Race, verdicts: Iterable[Verdict]) -> list[int | None]:
    """The field's middle time at each checkpoint, milliseconds from each runner's own start; None where too few have been."""
    times: list[list[int]] = [[] for _ in race.checkpoints]
    for verdict in verdicts:
        for index, split in enumerate(verdict.splits):
            if split is not None:
                times[index].append(split.in_ms - verdict.start_ms)
    return [round(median(there)) if len(there) >= _LEAST else None for there in times]


def pace_plot(race: Race, verdict: Verdict, middle: list[int | None], width: int, height: int) -> Text:
    """The plot in so many cells and lines, or in words why there is none."""
    points = [
        (race.checkpoints[index].km, (there - (split.in_ms - verdict.start_ms)) / MINUTE_MS)
        for index, (split, there) in enumerate(zip(verdict.splits, middle, strict=False))
        if index and split is not None and there is not None
    ]
    if not points:
        return Text("no plot yet: nobody to compare with, or not read since the start", "dim")
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
