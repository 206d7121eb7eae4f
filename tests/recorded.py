"""Races that were run: what their stations told, and, apart from that, what the published table says of each runner.

The table's half knows nothing of the tracker: cutoffs, lateness and reasons come from the published files alone, in the table's own clock.
"""

import csv
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property

import pytest

from simulators.replay import recorded
from tests.core.builders import key_of
from tests.simulators.conftest import RACES_THAT_WERE_RUN as DATA
from tests.simulators.conftest import course
from tracker.core.facts import Decided, Decision, Fact
from tracker.core.field import Field
from tracker.core.roster import Roster
from tracker.core.runner import Verdict
from tracker.files.roster import read_roster
from tracker.wire import Offline, Wire

__all__ = ["DATA", "LET_THROUGH", "NOT_RANKED", "READ_AGAIN", "RecordedRace", "Table", "late_flags", "official_of", "told_by_stations"]

LET_THROUGH = "crossed the line after the limit, and the organisers let it count"
READ_AGAIN = "finished in time by the official time; the recorded read at the line is a later one"
NOT_RANKED = "crossed the line after the limit; the organisers rank nobody for it, and do not say out of time either"


def official_of(name: str) -> dict[str, dict[str, str]]:
    """The published result, by bib."""
    with (DATA / name / "entrants.csv").open(encoding="utf-8") as lines:
        return {row["bib"]: row for row in csv.DictReader(lines)}


class Table:
    """The published table of a race. `points` are the names of its checkpoints in course order; `printed` when one must have left each.

    Times are as printed. At a start nobody is late: what a table has there is the last wave's gun.
    """

    def __init__(self, name: str, points: Iterable[str]) -> None:
        self.official = official_of(name)
        self.points = list(points)
        with (DATA / name / "checkpoints.csv").open(encoding="utf-8") as lines:
            self.printed = [datetime.fromisoformat(row["cutoff"]) if row["cutoff"] else None for row in csv.DictReader(lines)]
        self.printed[0] = None
        self.passages: dict[str, list[tuple[int, datetime]]] = {bib: [] for bib in self.official}
        with (DATA / name / "passages.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                self.passages[row["bib"]].append((int(row["seq"]), datetime.fromisoformat(row["time"])))

    def late(self, bib: str) -> list[int]:
        """The checkpoints that a runner passed after the printed cutoff."""
        return [at for at, time in self.passages[bib] if (limit := self.printed[at]) is not None and time > limit]

    def late_flags(self, bib: str) -> list[str]:
        """The flags that a runner must bear for it."""
        return [f"late:{self.points[at]}" for at in self.late(bib)]

    def late_finishers(self) -> set[str]:
        """The official finishers who passed a checkpoint after its cutoff."""
        return {bib for bib, row in self.official.items() if row["status"] == "finished" and self.late(bib)}

    def explained(self, bib: str) -> str:
        """A runner's late passages, and the last one, as printed."""
        told = [(at, time) for at, time in self.passages[bib] if at in self.late(bib) or (at, time) == self.passages[bib][-1]]
        return ", ".join(f"{self.points[at]} {time:%a %H:%M:%S}{_after(self.printed[at])}" for at, time in told)

    def reason(self, bib: str) -> str | None:
        """Why a runner's own passages cannot lead to the official status: it is one of three, and None for everybody else."""
        passages, limit, last = self.passages[bib], self.printed[-1], len(self.points) - 1
        if limit is None or not passages or passages[-1][0] != last or passages[-1][1] <= limit:
            return None
        row = self.official[bib]
        if row["status"] == "UNRANKED":
            return NOT_RANKED
        if row["status"] != "finished":
            return None
        official = passages[0][1] + timedelta(seconds=float(row["time_s"])) if row["time_s"] else passages[-1][1]
        return READ_AGAIN if official <= limit else LET_THROUGH

    def with_a_reason(self) -> set[str]:
        """Everybody whose own passages cannot lead to the official status."""
        return {bib for bib in self.official if self.reason(bib) is not None}


def _after(limit: datetime | None) -> str:
    return "" if limit is None else f" (limit {limit:%a %H:%M})"


class RecordedRace:
    """A recorded race as its stations told it: passages, withdrawals, and what the jury and the organisers decided; nothing else."""

    def __init__(self, name: str) -> None:
        self.event = course(name)
        (self.race,) = self.event.races
        recording = recorded(DATA / name, self.event)
        self.roster: Roster = read_roster(recording.roster_csv, name, self.event)
        wire = Wire(self.event.id)
        corrections = ("/desk/passage", "/desk/penalty")
        told = [wire.decode(one.topic, one.payload) for one in recording.emissions if not one.topic.endswith(corrections)]
        self.facts: list[Fact] = [fact for fact in told if not isinstance(fact, Offline)]
        self.table = Table(name, [point.id for point in self.race.checkpoints])

    @property
    def after_ms(self) -> int:
        """A moment after the last limit and the last fact."""
        return max(self.event.last_limit_ms, *(fact.at_ms for fact in self.facts)) + 1

    @cached_property
    def field(self) -> Field:
        """The field after the race, before anybody accepted anything."""
        return self.field_after([])

    def field_after(self, decided: list[Fact]) -> Field:
        """The field after the race, with decisions of the director."""
        field = Field(self.event, self.roster)
        field.extend(self.facts + decided)
        field.advance(self.after_ms)
        return field

    def differing(self, field: Field) -> dict[str, tuple[str, str]]:
        """Who is not what the official result says: what it says, and what the field does."""
        both = {bib: (row["status"], field.verdict(bib).status.value) for bib, row in self.table.official.items()}
        return {bib: (official, found) for bib, (official, found) in both.items() if official != found}

    def explained(self, field: Field) -> dict[str, tuple[str, str | None]]:
        """Who is not what the official result says: the printed passages that say so, and the reason why the result does not."""
        return {bib: (self.table.explained(bib), self.table.reason(bib)) for bib in self.differing(field)}

    def differently_late(self, field: Field) -> dict[str, tuple[list[str], list[str]]]:
        """Whose `late:` flags are not those of the table: the table's, and the field's."""
        both = {bib: (self.table.late_flags(bib), late_flags(field.verdict(bib))) for bib in self.table.official}
        return {bib: (printed, found) for bib, (printed, found) in both.items() if printed != found}

    def suspects(self, field: Field) -> list[str]:
        """Every read that was taken for implausible."""
        return [f"bib {bib} at {one.read.station}: {one.why.value}" for bib in self.table.official for one in field.verdict(bib).suspects]

    def accepted(self, bib: str) -> Decision:
        """The director lets a runner's lateness pass, once the race is over."""
        return Decision(key_of("accepted", bib), f"accept-{bib}", self.after_ms, "director", "let through", bib, Decided.ACCEPTED)


def told_by_stations(name: str) -> RecordedRace:
    """A recorded race; the test is skipped where its data, which is no part of the checkout, does not lie beside it."""
    if not (DATA / name).is_dir():
        pytest.skip(f"needs the recorded race in {DATA / name}")
    return RecordedRace(name)


def late_flags(verdict: Verdict) -> list[str]:
    """A verdict's `late:` flags, in course order."""
    return [flag for flag in verdict.flags if flag.startswith("late:")]
