"""A restart: everything a journal holds folded into standings, beside reading its rows alone; and a dashboard, killed in the middle of a
race of a real one's size, beside that restart.
"""

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.back import back
from benchmarks.measuring import Row, Scale, compare, quiet
from benchmarks.synthetic import EVENT, RACE, SyntheticRace
from tracker.fold import Fold
from tracker.ingest import Intake
from tracker.journal import BATCH, Journal
from tracker.memory import loading
from tracker.wire import Wire

_CHECKPOINTS = 25
_MOST_TIMES = 4.0
_TIMES_BACK = 3
_OF_A_RACE = 60_000
"""Facts of a dashboard's race: UTMB 2024 had 58,763."""


async def measure(scale: Scale) -> list[Row]:
    """From a journal on the disk to standings."""
    race, shown_count = _race_of(scale.restarted), min(scale.restarted, _OF_A_RACE)
    with TemporaryDirectory() as folder:
        path, shown_path = Path(folder) / "journal.db", Path(folder) / "shown.db"
        await _fill(path, race, scale.restarted)
        await _fill(shown_path, _race_of(shown_count), shown_count)

        async def ours() -> float:
            folded = Fold(race.sources)
            async with await Journal.open(path) as journal:
                with quiet():
                    began_s = perf_counter()
                    with loading():
                        await folded.catch_up(journal)
                    folded.field.advance(race.clock.now_ms())
                    folded.field.standings(RACE)
                    return perf_counter() - began_s

        async def bare() -> float:
            async with await Journal.open(path) as journal:
                with quiet():
                    began_s = perf_counter()
                    async for _ in journal.facts():
                        pass
                    return perf_counter() - began_s

        async def dashboard() -> float:
            return await back(shown_path)

        found = await compare(scale.rounds, ours, bare)
        shown = await compare(_TIMES_BACK, dashboard, ours)
    bound, holds = f"<= {_MOST_TIMES:g}", found.times <= _MOST_TIMES
    what, beside = f"restart from {scale.restarted:,} facts", f"reading the rows: {found.baseline_s:.2f} s"
    return [
        Row(what, f"{found.seconds:.2f} s", beside, found.times, bound, holds),
        Row(
            f"dashboard back after kill -9, {shown_count:,} facts",
            f"{shown.seconds:.2f} s",
            f"{what}: {shown.baseline_s:.2f} s",
            shown.times,
            "<= 1" if shown_count < scale.restarted else "",
            shown.times <= 1 if shown_count < scale.restarted else None,
        ),
    ]


def _race_of(facts: int) -> SyntheticRace:
    return SyntheticRace(facts // _CHECKPOINTS + facts // 1000, _CHECKPOINTS)


async def _fill(path: Path, race: SyntheticRace, count: int) -> None:
    messages = islice(race.messages(), count)
    async with await Journal.create(path, race.sources) as journal:
        intake = Intake(journal, Wire(EVENT), race.clock)
        while batch := list(islice(messages, BATCH)):
            await intake.store(batch)
        assert intake.counts.facts == count
