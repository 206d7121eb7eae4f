"""From a file of messages to the standings: read, decode, commit, fold; beside the least that anybody has to do.

That is `orjson.loads` of each line and one bare sqlite3 commit of the same rows for each of ours.
"""

from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import orjson

from benchmarks.measuring import Row, Scale, compare, quiet, rate
from benchmarks.storing import bare_journal, rows_of, store_bare
from benchmarks.synthetic import RACE, SyntheticRace
from tracker.fold import Fold
from tracker.ingest import Intake
from tracker.journal import BATCH, Journal
from tracker.wire import message_of_line


async def measure(scale: Scale) -> list[Row]:
    """Feed → journal → state."""
    race = SyntheticRace(scale.fed // 9, 10)
    rows = rows_of(race, scale.fed)
    with TemporaryDirectory() as home:
        messages_path = Path(home) / "messages.jsonl"
        write_messages(messages_path, race, scale.fed)

        async def ours() -> float:
            with TemporaryDirectory() as folder, quiet():
                async with await Journal.create(Path(folder) / "journal.db", race.sources) as journal:
                    folded = Fold(race.sources)
                    intake = Intake(journal, folded.wire, race.clock)
                    began_s = perf_counter()
                    lines = messages_path.read_bytes().splitlines()
                    for first in range(0, len(lines), BATCH):
                        stored = await intake.store([message_of_line(line) for line in lines[first : first + BATCH]])
                        folded.take_new(stored.facts, stored.received_ms)
                    folded.field.advance(race.clock.now_ms())
                    folded.field.standings(RACE)
                    return perf_counter() - began_s

        async def bare() -> float:
            with TemporaryDirectory() as folder, quiet(), closing(await bare_journal(Path(folder) / "bare.db", race.sources)) as db:
                began_s = perf_counter()
                lines = messages_path.read_bytes().splitlines()
                for first in range(0, len(lines), BATCH):
                    for line in lines[first : first + BATCH]:
                        orjson.loads(line)
                    store_bare(db, rows[first : first + BATCH])
                return perf_counter() - began_s

        found = await compare(scale.rounds, ours, bare)
    beside = f"orjson.loads and sqlite3: {rate(len(rows), found.baseline_s, 'messages')}"
    return [Row("feed to journal to state", rate(len(rows), found.seconds, "passages"), beside, found.speed)]


def write_messages(path: Path, race: SyntheticRace, count: int) -> None:
    """The race's first `count` messages, one a line, as `tracker feed` reads them."""
    with path.open("wb") as file:
        for topic, payload in islice(race.messages(), count):
            file.write(b'{"topic": %b, "payload": %b}\n' % (orjson.dumps(topic), payload))
