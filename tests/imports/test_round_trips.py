"""What is exported passage by passage and imported again is the same race: the same facts where nothing was lost, and the same digest.

The digest is that of the results (every verdict and place, as `tracker status --json` has it), of what stations told: the desk's words
and heartbeats are no passages, and in no file of them.
"""

import asyncio
import csv
import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.conftest import EVENT_TOML, PATIENCE_S, RaceDay, Tracker, digest, race_day, write_lines
from tests.core.random_races import RaceDay as RandomDay
from tests.core.random_races import race_days
from tracker.core.facts import Fact, Passage, Withdrawal
from tracker.core.field import Field
from tracker.core.soundness import digest as digest_of
from tracker.export import FORMATS
from tracker.export.results import Provenance, Results
from tracker.imports.moments import Moments
from tracker.imports.passages import context_of
from tracker.imports.places import Places, Races
from tracker.imports.reading import read_passages
from tracker.journal import Journal
from tracker.wire import Wire, encode

ROUND = ("splits-csv", "opensplittime")
END_MS = 1_656_300_000_000


def exported(tracker: Tracker, folder: Path, day: RaceDay, name: str) -> tuple[Path, Path]:
    """A journal of a day, and what it is exported as."""
    journal, out = folder / "race.db", folder / f"{name}.out"
    assert tracker("feed", journal, write_lines(folder / "m.jsonl", day.messages), *day.files(folder)).code == 0
    assert tracker("export", journal, "--format", name, "-o", out).code == 0
    return journal, out


def facts_of(path: Path) -> set[tuple[object, ...]]:
    """What a journal says, without how it was written."""

    async def read() -> set[tuple[object, ...]]:
        async with await Journal.open(path) as journal:
            wire = Wire("hill")
            found = [wire.decode(row.topic, row.payload) async for rows in journal.facts() for row in rows]
        return {tuple(getattr(fact, name) for name in fact.__struct_fields__[1:]) for fact in found}  # type: ignore[union-attr]

    return asyncio.run(read())


@pytest.mark.parametrize("name", ROUND)
def test_out_and_into_a_fresh_journal_is_the_same_race(name: str, tmp_path: Path, tracker: Tracker) -> None:
    journal, out = exported(tracker, tmp_path, race_day(40), name)
    fresh = tmp_path / "fresh.db"
    said = tracker("import", "passages", fresh, out, *race_day(40).files(tmp_path), "--digest")
    assert said.code == 0, said.err
    assert "192 new facts, 0 known already, 0 in quarantine" in said.out
    assert facts_of(fresh) == facts_of(journal)
    assert digest(tracker, fresh) == digest(tracker, journal)
    assert json.loads(tracker("status", fresh, "--json").out)["digest"] in said.out


@pytest.mark.parametrize("name", ROUND)
def test_importing_twice_or_into_the_journal_that_it_came_from_changes_nothing(name: str, tmp_path: Path, tracker: Tracker) -> None:
    journal, out = exported(tracker, tmp_path, race_day(40), name)
    before = facts_of(journal)
    for _ in range(2):
        assert "0 new facts, 192 known already, 0 in quarantine" in tracker("import", "passages", journal, out).out
    assert facts_of(journal) == before
    assert json.loads(tracker("status", journal, "--json").out)["facts"] == 192


def test_raw_times_as_open_split_time_keeps_them_are_the_same_passages_to_the_second(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(40)
    journal, out = exported(tracker, tmp_path, day, "opensplittime")
    body = json.loads(out.read_bytes())
    kept = [{"id": str(n), "type": "raw_times", "attributes": raw["attributes"]} for n, raw in enumerate(body["data"])]
    out.write_text(json.dumps({"data": kept}))
    fresh = tmp_path / "fresh.db"
    assert tracker("import", "passages", fresh, out, *day.files(tmp_path)).code == 0

    def passages(path: Path) -> set[tuple[object, ...]]:
        return {(at_ms // 1000, bib, station) for _, at_ms, bib, station, *rest in facts_of(path) if len(rest) == 4}  # type: ignore[operator]

    assert passages(fresh) == passages(journal)
    assert len(passages(fresh)) == 188


def test_a_killed_import_goes_on(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(2_000)
    journal, out = exported(tracker, tmp_path, day, "splits-csv")
    fresh = tmp_path / "fresh.db"
    words = [sys.executable, "-m", "tracker", "import", "passages", str(fresh), str(out), *day.files(tmp_path)]
    killed = 0
    for _ in range(20):
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while child.poll() is None and not (fresh.exists() and count_of(fresh) > killed):
            pass
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=PATIENCE_S)
        killed = count_of(fresh)
        if killed:
            break
    assert killed > 0
    said = tracker("import", "passages", fresh, out)
    assert said.code == 0, said.err
    assert facts_of(fresh) == facts_of(journal)


def count_of(path: Path) -> int:
    """How many facts a journal holds by now; 0 where it is only being made."""
    import sqlite3  # noqa: PLC0415

    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM fact").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def told_by_stations(day: RandomDay) -> list[Fact]:
    return [fact for fact in day.facts if isinstance(fact, Passage | Withdrawal)]


@settings(max_examples=150, deadline=None)
@given(race_days())
def test_any_race_is_the_same_after_the_way_through_splits_csv(day: RandomDay) -> None:
    """Whatever stations tell, also of bibs and places that are none, at one moment, and twice."""
    field = day.field(told_by_stations(day), END_MS)
    results = Results(field, END_MS, list(field.races), None, Provenance("provisional", digest_of(field), END_MS, "0"))
    written = FORMATS["splits-csv"](results)
    event, roster = day.event, day.roster
    context = context_of(event, roster, Moments(event), Places(event, ()), Races(event))
    taken, notes = read_passages(Path("splits.csv"), written, context, ())
    assert (taken.refused, notes, taken.left_out) == ([], [], {})
    wire = Wire(event.id)
    again = Field(event, roster)
    again.extend(wire.decode(wire.topic(one.station, one.kind), encode(one.fields)) for one in taken.said)  # type: ignore[misc]
    again.advance(END_MS)
    assert len(taken.said) == len({fact.key for fact in told_by_stations(day)})
    assert digest_of(again) == digest_of(field)


def test_what_the_desk_voided_is_in_the_file_and_stays_out(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(3)
    void = {"id": "v1", "time": "2022-06-25T20:00:00+02:00", "author": "director", "reason": "another's", "fact": ""}
    first = json.loads(day.messages[0][1])
    voiding = ("tracker/hill/desk/void", json.dumps(void | {"fact": first["id"]}).encode())
    journal, out = exported(tracker, tmp_path, RaceDay(EVENT_TOML, day.roster_csv, [*day.messages, voiding]), "splits-csv")
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [row["id"] for row in rows if row["voided"] == "yes"] == [first["id"]]
    fresh = tmp_path / "fresh.db"
    said = tracker("import", "passages", fresh, out, *day.files(tmp_path))
    assert "1 line left out: voided by the desk" in said.out
    assert digest(tracker, fresh) == digest(tracker, journal)
