"""`tracker qualify` of one race, and as of a moment in the middle of it, on simulated races and on facts that came late."""

from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import EVENT_TOML, GUN_MS, MINUTE_MS, Tracker, race_day, write_received
from tests.series.conftest import COURSES

SERIES = COURSES / "series-2024.toml"
MIDDLE = "2022-06-25T14:00:00"
EVENT = EVENT_TOML.replace('id = "hill"\n', 'id = "hill"\ntier = "event"\n')


@pytest.fixture
def finals(weekend: Path, tracker: Tracker) -> Any:
    """What `tracker qualify --json` says of the Finals of the weekend."""

    def of(*words: str) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = orjson.loads(tracker("qualify", weekend, "--series", SERIES, "--json", *words).out)["finals"]
        return said

    return of


def qualified(final: dict[str, Any]) -> set[str]:
    return {runner["bib"] for runner in final["runners"] if runner["qualified"]}


def test_in_the_middle_of_a_race_nobody_is_qualified_who_has_not_finished_by_then(weekend: Path, tracker: Tracker, finals: Any) -> None:
    runners = orjson.loads(tracker("status", weekend, "--race", "105k", "--json").out)["races"]["105k"]["runners"]
    then = datetime.fromisoformat(f"{MIDDLE}+02:00")
    in_by_then = {one["bib"] for one in runners if one["status"] == "finished" and datetime.fromisoformat(one["time"]) <= then}
    in_later = {one["bib"] for one in runners if one["status"] == "finished"} - in_by_then
    ended, middle = finals("--race", "105k"), finals("--race", "105k", "--at", MIDDLE)
    assert [(one["final"], one["year"]) for one in middle] == [("CCC", 2022), ("CCC", 2023)]
    for final, last in zip(middle, ended, strict=True):
        assert qualified(final) <= in_by_then
        assert qualified(last) & in_later, "the moment is one before all that qualify are in"
        assert {one["bib"] for one in final["runners"] if one["result"] == "not finished yet"} >= in_later


def test_before_the_first_is_in_nobody_is_qualified_and_all_are_still_in_the_report(finals: Any) -> None:
    for final in finals("--race", "105k", "--at", "2022-06-25T02:00:00"):
        assert qualified(final) == set()
        assert len(final["runners"]) == 446
        assert {one["result"] for one in final["runners"]} == {"not finished yet", "second-chance list not given"}


def test_of_one_race_only_that_one_is_told(weekend: Path, tracker: Tracker) -> None:
    said = tracker("qualify", weekend, "--series", SERIES, "--race", "50k", "--at", MIDDLE).out
    assert [line.split(",")[0] for line in said.splitlines() if line.startswith("Race ")] == ["Race 50k"]
    assert "Sat 2022-06-25 14:00:00 (Europe/Andorra)." in said
    assert "it qualifies nobody" not in said  # as is said of the races of Sunday
    assert "it qualifies nobody" in tracker("qualify", weekend, "--series", SERIES, "--race", "7k5").out


def test_a_race_that_is_not_there_and_no_moment_are_said_as_status_says_them(weekend: Path, tracker: Tracker) -> None:
    for words in (["--race", "106k"], ["--at", "noon"], ["--known-at", "2022-06-25"]):
        said = tracker("qualify", weekend, "--series", SERIES, *words)
        assert (said.code, said.err) == (1, tracker("status", weekend, *words).err)
        assert said.err.count("\n") == 1


def test_of_two_races_in_one_category_both_are_judged_though_one_is_shown(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(6)
    event, again, race = EVENT.partition("\n[[race]]")
    twin = event + again + race + again + race.replace('"40k"', '"41k"')
    day = day._replace(event_toml=twin, roster_csv=day.roster_csv.replace("6,40k", "6,41k"))
    journal = write_received(tmp_path / "race.db", day, None, [(GUN_MS, message) for message in day.messages])
    (final, *_) = orjson.loads(tracker("qualify", journal, "--series", SERIES, "--race", "41k", "--json").out)["finals"]
    assert [(one["bib"], one["result"]) for one in final["runners"]] == [("6", "in doubt")]
    assert final["doubt"].startswith("of the races in 50K (40k, 41k) only one qualifies")


def test_as_known_at_a_moment_nobody_is_qualified_whose_finish_had_not_come(tmp_path: Path, tracker: Tracker) -> None:
    day = race_day(6)._replace(event_toml=EVENT)
    received = [(orjson.loads(payload)["time"], (topic, payload)) for topic, payload in day.messages]
    finish = max(number for number, (_, (_, payload)) in enumerate(received) if orjson.loads(payload)["bib"] == "1")
    at_ms, message = received.pop(finish)
    journal = write_received(tmp_path / "race.db", day, None, [*received, (at_ms + 180 * MINUTE_MS, message)])

    def known(*words: str) -> set[str]:
        final, *_ = orjson.loads(tracker("qualify", journal, "--series", SERIES, "--json", *words).out)["finals"]
        return qualified(final)

    assert known("--at", "2022-06-25T12:30:00") == known("--known-at", "2022-06-25T16:00:00") == {"1", "2", "3", "4", "5", "6"}
    assert known("--known-at", "2022-06-25T12:30:00") == {"2", "3", "4", "5", "6"}
    assert known("--known-at", "2022-06-25T12:00:00") == set()
