"""Whole small races as files: what was published, and what the state must be at some moments. `tests/races/<name>/` has the files.

`messages.jsonl` is in the order of arrival. Where there is a `messages-later.jsonl`, it arrives after the first was looked at, and
`moments_later` says what is true then. `quarantine` is what is said of the lines that are no facts.

A moment has the complete list of alerts by their ids, and of each race the ledger, the places (in course order), and the runners in the
order of the standings, each as [bib, status, flags, place, checkpoint, elapsed_s, rank, rank_sex, rank_category]. Who is overdue is the
forecast's estimate, which nobody works out by hand: it is left out.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from simulators.play import play
from simulators.told import told
from tests.conftest import Mosquitto, RaceDay, Tracker, until
from tests.ingest.running import Running, running
from tracker.clock import RaceClock

RACES = sorted((Path(__file__).parent / "races").iterdir())
ENDS = ("checkpoint", "elapsed_s", "rank", "rank_sex", "rank_category")
LONGER_THAN_A_RACE = "2022-06-26T06:00:00"
PLAYED_IN_MS = 500

of_every_race = pytest.mark.parametrize("folder", RACES, ids=lambda folder: folder.name)


@of_every_race
def test_a_race_told_in_messages_ends_as_expected(folder: Path, tmp_path: Path, tracker: Tracker) -> None:
    expected = orjson.loads((folder / "expected.json").read_bytes())
    quarantined = feed(folder, "messages.jsonl", tmp_path, tracker)
    hold_at(expected["moments"], state_of(tmp_path / "race.db", tracker))
    if "moments_later" in expected:
        quarantined += feed(folder, "messages-later.jsonl", tmp_path, tracker)
        hold_at(expected["moments_later"], state_of(tmp_path / "race.db", tracker))
    assert quarantined == expected["quarantine"]


@of_every_race
def test_played_through_mosquitto_it_is_the_same_race(folder: Path, tmp_path: Path, mosquitto: Mosquitto, tracker: Tracker) -> None:
    expected = orjson.loads((folder / "expected.json").read_bytes())
    day = RaceDay((folder / "event.toml").read_text(), (folder / "roster.csv").read_text(), [])
    wired, fed = tmp_path / "wired", tmp_path / "fed"
    wired.mkdir()
    fed.mkdir()
    with running(day, wired, "--broker", mosquitto.url) as ingest:
        for file, moments in (("messages.jsonl", "moments"), ("messages-later.jsonl", "moments_later")):
            if moments not in expected:
                continue
            feed(folder, file, fed, tracker)
            from_file = state_of(fed / "race.db", tracker)
            whole = from_file(LONGER_THAN_A_RACE)
            asyncio.run(publish(ingest, folder / file, mosquitto, whole["facts"], whole["quarantined"]))
            from_wire = state_of(ingest.journal, tracker)
            for moment in (*expected[moments], LONGER_THAN_A_RACE):
                assert from_wire(moment) == from_file(moment), f"{file} at {moment}"
        assert ingest.stop() == 0


def feed(folder: Path, file: str, into: Path, tracker: Tracker) -> list[str]:
    """Feed a file of a race; returns what was said of the lines that are no facts."""
    said = tracker("feed", into / "race.db", folder / file, "--event", folder / "event.toml", "--roster", folder / "roster.csv")
    faults = [line.split(": ", 1)[1] for line in said.err.splitlines()]
    assert said.code == (1 if faults else 0)
    return faults


def state_of(journal: Path, tracker: Tracker) -> Callable[[str], dict[str, Any]]:
    """The state of a journal as of a moment."""

    def state(moment: str) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(tracker("status", journal, "--json", "--at", moment).out)
        return found

    return state


async def publish(ingest: Running, file: Path, mosquitto: Mosquitto, facts: int, quarantined: int) -> None:
    """Play a file as its devices would, in a fraction of a second; returns once the ingest has it all."""
    emissions = told(file)
    span_ms = emissions[-1].send_ms - emissions[0].send_ms
    journal = await ingest.opened()

    async def arrived() -> bool:
        return await journal.counts() == (facts, quarantined)

    async with journal:
        await play(emissions, mosquitto.url, RaceClock.starting_at(emissions[0].send_ms, span_ms / PLAYED_IN_MS))
        await until(arrived, f"{facts} facts and {quarantined} messages that are none are in the journal")


def hold_at(moments: dict[str, Any], state: Callable[[str], dict[str, Any]]) -> None:
    for moment, wanted in moments.items():
        found = state(moment)
        for race, parts in wanted["races"].items():
            told_of = as_written(found["races"][race])
            for part, lines in parts.items():
                assert told_of[part] == lines, f"{part} of {race} at {moment}"
        assert sorted(alert["id"] for alert in found["alerts"] if alert["kind"] != "overdue") == wanted["alerts"], f"alerts at {moment}"


def as_written(race: dict[str, Any]) -> dict[str, Any]:
    return {
        "ledger": race["ledger"],
        "places": [[place(line), line["count"]] for line in race["places"]],
        "runners": [
            [runner["bib"], runner["status"], [flag for flag in runner["flags"] if flag != "overdue"], place(runner["place"])]
            + [runner[name] for name in ENDS]
            for runner in race["runners"]
        ],
    }


def place(said: dict[str, Any]) -> str:
    return said["where"] if said["checkpoint"] is None else f"{said['where']} {said['checkpoint']}"
