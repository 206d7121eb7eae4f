"""The forecast on recorded races, live: the next checkpoint of every runner at every passage, from what had been read by then.

Beside it what a director does without it: the pace so far, by distance or by km-effort, and the median ratio of the hundred nearest
runners who have done the leg. Scored from the first checkpoint on, where the runner was read at the next one; at the start there is no
pace to compare with. Overdue is counted as a caller lives it: from the moment known before each passage, asked again only where it shifted.
"""

import csv
import sys
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.measuring import Row, Scale
from tracker.core.course import Event
from tracker.core.forecast import Forecast, Forecaster
from tracker.files.event import read_event

_DATA = Path(__file__).parents[2] / "shared" / "data"
_COURSES = Path(__file__).parents[1] / "courses"
_RACES = {"UTMB 2024": "utmb-2024", "Grand Raid 2023": "grand-raid-2023"}
_NEAREST = 100
_MINUTE_MS = 60_000
_PROMISED, _LEAST, _MOST = 0.8, 0.74, 0.86
_MOST_OVERDUE = 0.01
_FAR = 4
_ONE_IN = 7
"""Of so many runners one is asked about every checkpoint ahead."""
_CONSTANT, _EFFORT, _NEAR = "constant pace", "constant km-effort pace", f"the {_NEAREST} nearest"

Passage = tuple[int, str, int]
"""UTC milliseconds, bib, checkpoint."""


class _Arrival(NamedTuple):
    in_ms: int


async def measure(scale: Scale) -> list[Row]:
    """The error, the windows and the overdue of each recorded race that is there. The quick run takes one of them."""
    rows: list[Row] = []
    for name, folder in list(_RACES.items())[: 1 if scale.rounds < 5 else None]:
        if not (_DATA / folder).is_dir():
            print(f"forecast: no recorded race in {_DATA / folder}, nothing measured", file=sys.stderr)
            continue
        course = _COURSES / f"{folder}.toml"
        event = read_event(course.read_text(encoding="utf-8"), str(course))
        rows += _live(name, event, moments(_DATA / folder, event))
    return rows


def _live(name: str, event: Event, moments: Iterable[Sequence[Passage]]) -> list[Row]:
    """The race as it unfolds: score what was said of the passages of one moment, learn all of them, then look ahead."""
    forecaster = Forecaster(event.races[0])
    errors, overdue, far = _Errors(event, forecaster), _Overdue(event, forecaster), _FarAhead(forecaster)
    times_ms: dict[str, list[int | None]] = {}
    nos: dict[str, int] = {}
    for together in moments:
        for at_ms, bib, index in together:
            own_ms = times_ms.setdefault(bib, [None] * len(event.races[0].checkpoints))
            own_ms[index] = at_ms
            no = nos.setdefault(bib, len(nos))
            errors.come(no, index, own_ms)
            overdue.come(no, index, own_ms)
            far.come(no, index, at_ms)
            passed = [None if own is None else _Arrival(own) for own in own_ms]
            forecaster.learn(no, own_ms[0] or event.races[0].start_ms, passed, index)
        for _, bib, index in together:
            errors.look_ahead(nos[bib], index, times_ms[bib])
            overdue.look_ahead(nos[bib], index)
            far.look_ahead(nos[bib], index)
        overdue.look_again(together[0][0])
    return errors.rows(name) + far.rows(name) + overdue.rows(name)


def moments(folder: Path, event: Event) -> Iterator[list[Passage]]:
    """The recorded passages in order of time, those of one moment together. Printed times are local, whatever offset they carry."""
    zone = ZoneInfo(event.timezone)
    passages: list[Passage] = []
    with (folder / "passages.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["time"]).replace(tzinfo=zone)
            passages.append((round(at.timestamp() * 1000), row["bib"], int(row["seq"])))
    for _, together in groupby(sorted(passages), key=lambda passage: passage[0]):
        yield list(together)


class _Baselines:
    """Three ways to tell the next leg's time, in milliseconds, from the time since the runner's own start."""

    def __init__(self, event: Event) -> None:
        race = event.races[0]
        self.km = [point.km for point in race.checkpoints]
        self.efforts_km = race.efforts_km
        self.ratios: list[list[tuple[int, float]]] = [[] for _ in self.km]

    def learn(self, end: int, before_ms: int, leg_ms: int) -> None:
        """Somebody ended a leg that he began so long after his start."""
        insort(self.ratios[end], (before_ms, leg_ms / before_ms))

    def forecast(self, end: int, before_ms: int) -> dict[str, float]:
        """The leg that ends there, for a runner who begins it now."""
        by_effort_ms = before_ms * (self.efforts_km[end] / self.efforts_km[end - 1] - 1)
        done = self.ratios[end]
        here = bisect_left(done, (before_ms, 0.0))
        near = sorted(done[max(here - _NEAREST, 0) : here + _NEAREST], key=lambda each: abs(each[0] - before_ms))[:_NEAREST]
        return {
            _CONSTANT: before_ms * (self.km[end] / self.km[end - 1] - 1),
            _EFFORT: by_effort_ms,
            _NEAR: before_ms * median(ratio for _, ratio in near) if near else by_effort_ms,
        }


class _Errors:
    """What was said of the next checkpoint, scored when the runner comes there."""

    def __init__(self, event: Event, forecaster: Forecaster) -> None:
        self.forecaster = forecaster
        self.baselines = _Baselines(event)
        self.said: dict[tuple[int, int], tuple[Forecast, dict[str, float]]] = {}  # no, checkpoint → ours, and the baselines' arrivals
        self.errors_ms: list[float] = []
        self.baseline_errors_ms: dict[str, list[float]] = {_CONSTANT: [], _EFFORT: [], _NEAR: []}
        self.held: list[bool] = []

    def come(self, no: int, index: int, times_ms: Sequence[int | None]) -> None:
        """The runner is at a checkpoint: score what was said, and teach the baselines."""
        started_ms, left_ms, at_ms = times_ms[0], times_ms[index - 1], times_ms[index]
        if at_ms is None or left_ms is None or started_ms is None or index < 2:
            return
        said, others_ms = self.said.pop((no, index))
        self.errors_ms.append(abs(said.expected_ms - at_ms))
        self.held.append(said.early_ms <= at_ms <= said.late_ms)
        for way, expected_ms in others_ms.items():
            self.baseline_errors_ms[way].append(abs(expected_ms - at_ms))
        self.baselines.learn(index, left_ms - started_ms, at_ms - left_ms)

    def look_ahead(self, no: int, index: int, times_ms: Sequence[int | None]) -> None:
        """What is said of the checkpoint after this one."""
        said, started_ms, at_ms = self.forecaster.forecast(no), times_ms[0], times_ms[index]
        if said is None or started_ms is None or at_ms is None or index < 1:
            return
        legs_ms = self.baselines.forecast(index + 1, at_ms - started_ms)
        self.said[no, index + 1] = said, {way: at_ms + leg_ms for way, leg_ms in legs_ms.items()}

    def rows(self, name: str) -> list[Row]:
        """The mean error beside each baseline's, and how many arrived within the window."""
        ours = fmean(self.errors_ms) / _MINUTE_MS
        rows: list[Row] = []
        for way, errors_ms in self.baseline_errors_ms.items():
            theirs = fmean(errors_ms) / _MINUTE_MS
            what = f"forecast, {name}, mean error"
            rows.append(Row(what, f"{ours:.1f} min", f"{way}: {theirs:.1f} min", ours / theirs, "< 1", ours < theirs))
        held = fmean(self.held)
        what, bound = f"forecast, {name}, within the window", f"{_LEAST:.0%} to {_MOST:.0%}"
        return [*rows, Row(what, f"{held:.1%}", f"promised: {_PROMISED:.0%}", held / _PROMISED, bound, _LEAST <= held <= _MOST)]


class _FarAhead:
    """What was said of the checkpoints beyond the next four, of some of the runners."""

    def __init__(self, forecaster: Forecaster) -> None:
        self.forecaster = forecaster
        self.said: dict[tuple[int, int], list[Forecast]] = {}  # no, checkpoint → what was said of it, at every passage before
        self.errors_ms: list[int] = []
        self.held: list[bool] = []

    def come(self, no: int, index: int, at_ms: int) -> None:
        """The runner is at a checkpoint: score all that was said."""
        for said in self.said.pop((no, index), ()):
            self.errors_ms.append(abs(said.expected_ms - at_ms))
            self.held.append(said.early_ms <= at_ms <= said.late_ms)

    def look_ahead(self, no: int, index: int) -> None:
        """What is said of the checkpoints after the next ones."""
        if no % _ONE_IN == 0 and index:
            for end, said in self.forecaster.ahead(no)[_FAR:]:
                self.said.setdefault((no, end), []).append(said)

    def rows(self, name: str) -> list[Row]:
        """The mean error, and how many arrived within the window."""
        held = fmean(self.held)
        figure, what = f"{fmean(self.errors_ms) / _MINUTE_MS:.0f} min", f"forecast, {name}, five and more checkpoints ahead"
        return [Row(what, figure, f"within the window: {held:.0%}", held / _PROMISED, ">= 1", held >= _PROMISED)]


class _Overdue:
    """From when on each runner is overdue, asked for at a passage and again when the leg's step shifts; and who arrived all the same."""

    def __init__(self, event: Event, forecaster: Forecaster) -> None:
        self.forecaster = forecaster
        self.legs = len(event.races[0].checkpoints) - 1
        self.due_ms: list[dict[int, int]] = [{} for _ in event.races[0].checkpoints]  # by checkpoint to come: no → overdue from
        self.alarmed: set[tuple[int, int]] = set()
        self.came: list[bool] = []
        self.after_ms: list[int] = []
        self.shifts = 0

    def come(self, no: int, index: int, times_ms: Sequence[int | None]) -> None:
        """The runner is at a checkpoint, not yet learned: was he called overdue before?"""
        at_ms = times_ms[index]
        for ahead in range(1, index + 1):
            due_ms = self.due_ms[ahead].pop(no, None)
            if due_ms is not None and at_ms is not None and ahead == index:
                self.came.append(due_ms <= at_ms or (no, index) in self.alarmed)

    def look_ahead(self, no: int, index: int) -> None:
        """From when on he is overdue at the checkpoint after this one."""
        said, due_ms = self.forecaster.forecast(no), self.forecaster.overdue_from_ms(no)
        if said is not None and due_ms is not None:
            self.due_ms[index + 1][no] = due_ms
            self.after_ms.append(due_ms - said.expected_ms)

    def look_again(self, now_ms: int) -> None:
        """Ask again for the runners on the legs whose step has shifted."""
        for index in self.forecaster.shifted():
            self.shifts += 1
            for no, due_ms in self.due_ms[index].items():
                if due_ms <= now_ms:
                    self.alarmed.add((no, index))
                self.due_ms[index][no] = self.forecaster.overdue_from_ms(no) or due_ms

    def rows(self, name: str) -> list[Row]:
        """How many were called overdue and arrived, how long after the expected time that is, and how often a leg shifts."""
        share = fmean(self.came)
        after = sorted(after_ms / _MINUTE_MS for after_ms in self.after_ms)
        figure, least = f"{median(after):.0f} min", f"99 in 100: over {after[len(after) // 100]:.0f} min"
        return [
            Row(
                f"overdue, {name}, yet arrived",
                f"{share:.2%}",
                f"at most: {_MOST_OVERDUE:.0%}",
                share / _MOST_OVERDUE,
                "<= 1",
                share <= _MOST_OVERDUE,
            ),
            Row(f"overdue, {name}, after the expected time", figure, least),
            Row(f"overdue, {name}, shifts of a leg", f"{self.shifts / self.legs:.0f}"),
        ]
