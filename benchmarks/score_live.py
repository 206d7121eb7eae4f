"""The score factor of a recorded race while it was on: before anybody had finished, and what scores cost whoever looks at the standings."""

import csv
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.forecast import moments
from benchmarks.measuring import Row, Scale, compare, quiet, rate
from tracker import views
from tracker.clock import RaceClock
from tracker.core import facts as f
from tracker.core.course import Event
from tracker.core.field import Field
from tracker.core.roster import Entrant, Roster
from tracker.files.event import read_event
from tracker.fold import Fold
from tracker.ingest import Intake
from tracker.journal import BATCH, Journal, Sources
from tracker.wire import DEFAULT_ROOT, encode

_FOLDER = Path(__file__).parents[2] / "shared" / "data" / "utmb-2024"
_COURSE = Path(__file__).parents[1] / "courses" / "utmb-2024.toml"
_FIRST, _SHARES = 20, (0.3, 0.5, 0.8, 0.9)
_NEAR_START_MS = 5 * 3_600_000
"""The finish is where the start was."""
_A_SECOND = 20_000
"""Passages that the ingest takes in a second; as often it tells the standings."""
_COST = "UTMB 2024 to disk, state and standings, with all scores"
_MOST_TIMES = 1.25


async def measure(scale: Scale) -> list[Row]:
    """How far off the factor was while the first twenty were on the course; and passages with scores beside the same without."""
    if not _FOLDER.is_dir():
        print(f"score: no recorded race in {_FOLDER}, nothing measured", file=sys.stderr)
        return []
    event = read_event(_COURSE.read_text(encoding="utf-8"), str(_COURSE))
    roster, passages = _roster(event), list(_passages(event))

    sources, messages = _sources(roster), [encoded(passage, event) for passage in passages]
    race = event.races[0].id

    async def taken(*, scored: bool) -> float:
        """All passages from messages to the disk and the state, and the standings as the ingest publishes them every second."""
        with TemporaryDirectory() as folder, quiet():
            async with await Journal.create(Path(folder) / "journal.db", sources) as journal:
                folded = Fold(sources)
                intake = Intake(journal, folded.wire, RaceClock())
                began_s = perf_counter()
                for first in range(0, len(messages), BATCH):
                    stored = await intake.store(messages[first : first + BATCH])
                    folded.take_new(stored.facts, stored.received_ms)
                    if first // _A_SECOND < (first + BATCH) // _A_SECOND:
                        folded.field.advance(stored.facts[-1].at_ms)
                        found = views.runners(folded.field, race) if scored else _without_scores(folded.field, race)
                        encode(found)
                return perf_counter() - began_s

    async def with_scores() -> float:
        return await taken(scored=True)

    async def without() -> float:
        return await taken(scored=False)

    found = await compare(scale.rounds, with_scores, without)
    beside = f"without scores: {rate(len(messages), found.baseline_s, 'passages')}"
    cost = Row(_COST, rate(len(messages), found.seconds, "passages"), beside, found.times, f"<= {_MOST_TIMES}", found.times <= _MOST_TIMES)
    return [*_early(event, roster, passages), cost]


def encoded(passage: f.Passage, event: Event) -> tuple[str, bytes]:
    """The passage as its scanner says it."""
    said = {"id": passage.id, "bib": passage.bib, "time": passage.at_ms}
    return f"{DEFAULT_ROOT}/{event.id}/{passage.station}/passage", encode(said)


def _without_scores(field: Field, race: str) -> list[dict[str, object]]:
    return [views.runner(field, race, line) for line in field.standings(race)]


def _sources(roster: Roster) -> Sources:
    rows = [f"{one.bib},{one.race},{one.sex},{one.index or ''}" for one in roster.entrants]
    return Sources(
        "utmb-2024.toml", _COURSE.read_text(encoding="utf-8"), "roster.csv", "\n".join(["bib,race,sex,index", *rows]), DEFAULT_ROOT
    )


def _early(event: Event, roster: Roster, passages: list[f.Passage]) -> Iterator[Row]:
    """The factor beside that of all finishers, when twenty have done so much of the course."""
    race, field = event.races[0], Field(event, roster)
    field.extend(passages)
    field.advance(passages[-1].at_ms)
    known = field.k(race.id).k
    assert known is not None  # it is a race with scores
    for share in _SHARES:
        field, there = Field(event, roster), set[str]()
        far = {point.station for at, point in enumerate(race.checkpoints) if at and race.efforts_km[at] >= share * race.effort_km}
        for passage in passages:
            field.add(passage)
            if passage.station in far and passage.at_ms - race.start_ms > _NEAR_START_MS:
                there.add(passage.bib)
            if len(there) >= _FIRST:
                field.advance(passage.at_ms)
                break
        factor = field.k(race.id)
        assert factor.k is not None  # as above
        what = f"score factor, UTMB 2024, the first {_FIRST} at {share:.0%} of the course"
        width = f"interval {factor.low / known - 1:+.1%} to {factor.high / known - 1:+.1%}"
        yield Row(what, f"{factor.k / known - 1:+.1%}", f"{width}, {factor.indexed} finishers")


def _roster(event: Event) -> Roster:
    with (_FOLDER / "entrants.csv").open(encoding="utf-8", newline="") as lines:
        race = event.races[0].id
        rows = csv.DictReader(lines)
        return Roster(tuple(Entrant(row["bib"], race, sex=row["sex"], index=float(row["index"] or 0) or None) for row in rows))


def _passages(event: Event) -> Iterator[f.Passage]:
    points = event.races[0].checkpoints
    for no, (at_ms, bib, index) in enumerate(chain.from_iterable(moments(_FOLDER, event))):
        yield f.Passage(no.to_bytes(16), str(no), at_ms, bib, points[index].station)
