"""`tracker index`, as one types it, on lists of scores and on journals of simulated races."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import GUN_MS, Tracker, race_day, write_received
from tests.series.builders import RULES
from tests.series.conftest import COURSES
from tracker.clock import RaceClock
from tracker.series.index import Scored, index_of

SERIES = COURSES / "series-2024.toml"
HEADER = "bib,date,category,score\n"
SCORES = f"""{HEADER}\
7,2024-02-03,50K,700
7,2022-09-10,100K,640
7,2023-06-24,100M,
8,2021-08-01,50K,650
9,2021-05-01,100K,650
"""
Index = Callable[..., dict[str, Any]]


@pytest.fixture
def listed(tmp_path: Path) -> Callable[[str], Path]:
    """A file with a list of scores."""

    def write(text: str) -> Path:
        (tmp_path / "scores.csv").write_text(text)
        return tmp_path / "scores.csv"

    return write


@pytest.fixture
def index(listed: Callable[[str], Path], tracker: Tracker) -> Index:
    """What `tracker index --json` says of a list."""

    def of(text: str, *words: object) -> dict[str, Any]:
        said: dict[str, Any] = orjson.loads(tracker("index", listed(text), "--series", SERIES, "--json", *words).out)
        return said

    return of


def runner(said: dict[str, Any], bib: str) -> dict[str, Any]:
    (one,) = [each for each in said["runners"] if each["bib"] == bib]
    return dict(one)


def hill(folder: Path, runners: int = 20) -> Path:
    """The journal of the hill race of 2022-06-25: 40 km and 2,400 m, so a 50K."""
    day = race_day(runners)
    return write_received(folder / "hill.db", day, None, [(GUN_MS, message) for message in day.messages])


def test_each_runner_has_a_general_index_and_one_of_each_category_or_the_reason(listed: Callable[[str], Path], tracker: Tracker) -> None:
    said = tracker("index", listed(SCORES), "--series", SERIES, "--at", "2024-06-01")
    assert said.out.splitlines() == [
        "Index by the rules of the UTMB World Series, as of 2024-06-01. Every index is an estimate (~): the weights are not public.",
        "",
        "bib 7",
        "  general: index ~672, on 1 score, valid through 2026-02-02",
        "  50K: index ~672, on 1 score, valid through 2026-02-02",
        "  100K: index ~602, on 1 score, valid through 2024-09-09",
        "  20K, 100M: no index: no score of the last 36 months",
        "",
        "bib 8",
        "  general, 50K: no index: the newest score, of 2021-08-01, is not younger than 24 months",
        "  20K, 100K, 100M: no index: no score of the last 36 months",
        "",
        "bib 9",
        "  general, 20K, 50K, 100K, 100M: no index: no score of the last 36 months",
    ]
    assert (said.code, said.err) == (0, "")


def test_as_json_it_is_the_same(index: Index) -> None:
    said = index(SCORES, "--at", "2024-06-01")
    assert (said["at"], said["estimate"], said["races"]) == ("2024-06-01", True, [])
    seventh = runner(said, "7")
    assert seventh["race"] is None
    assert seventh["index"]["50K"] == {
        "estimate": True,
        "points": 672,
        "scores": 1,
        "last_valid_day": "2026-02-02",
        "reason": None,
        "before": None,
    }
    assert runner(said, "8")["index"]["general"] == {
        "estimate": True,
        "points": None,
        "scores": 0,
        "last_valid_day": None,
        "reason": "the newest score, of 2021-08-01, is not younger than 24 months",
        "before": None,
    }


@pytest.mark.parametrize(("at", "valid"), [("2026-02-02", True), ("2026-02-03", False)])
def test_the_last_valid_day_is_the_last(index: Index, at: str, valid: bool) -> None:
    assert (runner(index(SCORES, "--at", at), "7")["index"]["50K"]["points"] is not None) is valid


def test_a_race_that_was_not_finished_changes_nothing(index: Index) -> None:
    words = ["--at", "2024-06-01"]
    assert index(SCORES, *words) == index(SCORES.replace("7,2023-06-24,100M,\n", ""), *words)


def test_without_a_day_the_index_is_of_today(index: Index) -> None:
    before = date.today()
    said = date.fromisoformat(index(SCORES)["at"])
    assert before <= said <= date.today()


def test_scores_after_the_day_do_not_count_and_are_told(listed: Callable[[str], Path], index: Index, tracker: Tracker) -> None:
    later = f"{SCORES}7,2024-06-02,50K,999\n"
    said = index(later, "--at", "2024-06-01")
    assert said["later_scores"] == 1
    assert said["runners"] == index(SCORES, "--at", "2024-06-01")["runners"]
    lines = tracker("index", listed(later), "--series", SERIES, "--at", "2024-06-01").out.splitlines()
    assert lines[1] == "1 score of the list is of a later day, and counts for nothing here."


def test_a_score_of_a_day_that_has_not_come_is_a_fault_unless_the_index_of_a_day_to_come_is_asked_for(
    listed: Callable[[str], Path], tracker: Tracker
) -> None:
    path = listed(f"{HEADER}7,2999-06-01,50K,700\n")
    said = tracker("index", path, "--series", SERIES)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(
        f'tracker: {path}: line 2, column "date": 2999-06-01 is still to come (the last day that can have scores is 2'
    )
    assert tracker("index", path, "--series", SERIES, "--at", "2999-06-30").code == 0


def test_the_scores_of_a_journals_finishers_count_and_before_and_after_is_told(weekend: Path, index: Index, tracker: Tracker) -> None:
    standings = orjson.loads(tracker("status", weekend, "--race", "105k", "--json").out)["races"]["105k"]["runners"]
    first, second = (one["bib"] for one in standings[:2])
    past = [Scored(date(2021, 6, 24), "100K", 600.0), Scored(date(2022, 1, 22), "50K", 640.0)]
    said = index(f"{HEADER}{first},2021-06-24,100K,600\n{first},2022-01-22,50K,640\n", "--journal", weekend)
    at = date(2022, 6, 26)  # the day of the last race
    assert said["at"] == str(at)
    found = runner(said, first)
    assert found["race"]["race"] == "105k"
    assert found["race"]["score"] == {"estimate": True} | {
        key: standings[0][name] for key, name in (("points", "score"), ("low", "score_low"), ("high", "score_high"))
    }
    with_race = [*past, Scored(date(2022, 6, 24), "100K", standings[0]["score"])]
    for name, category in (("general", None), ("100K", "100K")):
        before, after = (index_of(RULES.index, scores, at, category) for scores in (past, with_race))
        assert before is not None
        assert after is not None
        assert found["index"][name]["before"] == {"points": round(before.points)}
        assert (found["index"][name]["points"], found["index"][name]["scores"]) == (round(after.points), after.scores)
        assert after.points > before.points
    assert found["index"]["50K"]["before"] is None
    assert runner(said, second)["index"]["general"]["before"] == {"points": None}
    finished = {one["bib"] for one in standings if one["status"] == "finished"}
    assert {one["bib"] for one in said["runners"] if one["race"] and one["race"]["race"] == "105k"} == finished


def test_before_and_after_as_text(weekend: Path, listed: Callable[[str], Path], tracker: Tracker) -> None:
    standings = orjson.loads(tracker("status", weekend, "--race", "105k", "--json").out)["races"]["105k"]["runners"]
    bib, points, low, high = (standings[0][key] for key in ("bib", "score", "score_low", "score_high"))
    path = listed(f"{HEADER}{bib},2022-01-22,50K,640\n")
    out = tracker("index", path, "--series", SERIES, "--journal", weekend).out
    assert out.splitlines()[:5] == [
        "Index by the rules of the UTMB World Series, as of 2022-06-26. Every index is an estimate (~): the weights are not public.",
        *(
            f"Race {race}: scores are estimates, but for those that the list has of that day and category"
            for race in ("105k, 2022-06-24, 100K", "50k, 2022-06-25, 50K", "21k, 2022-06-26, 20K")
        ),
        "Race 7k5, 2022-06-26, no category: too short for any category of the series, and without scores",
    ]
    (block,) = [part.splitlines() for part in out.split("\n\n") if part.startswith(f"bib {bib} ")]
    assert block[1] == f"  race 105k: score ~{points} ({low} to {high})"
    after = round(points * RULES.index.penalties[0])
    assert block[2:5] == [
        f"  general: index ~614 → ~{after} with race 105k, on 1 score, valid through 2024-06-23",
        "  50K: index ~614, on 1 score, valid through 2024-01-21",
        f"  100K: index none → ~{after} with race 105k, on 1 score, valid through 2024-06-23",
    ]


def test_a_score_that_the_list_has_of_the_race_goes_before_the_estimate_and_counts_once(tmp_path: Path, index: Index) -> None:
    journal = hill(tmp_path)
    past = f"{HEADER}1,2022-01-22,50K,640\n"
    listed = runner(index(f"{past}1,2022-06-25,50K,660\n", "--journal", journal), "1")
    assert listed["race"] == {"race": "40k", "score": {"estimate": False, "points": 660.0}, "reason": None}
    assert (
        listed["index"]["50K"]["before"] == runner(index(f"{past}1,2022-06-25,50K,\n", "--journal", journal), "1")["index"]["50K"]["before"]
    )
    alone = runner(index(f"{past}1,2022-06-25,50K,660\n", "--at", "2022-06-25"), "1")
    assert listed["index"]["50K"]["points"] == alone["index"]["50K"]["points"]
    still_empty = runner(index(f"{past}1,2022-06-25,50K,\n", "--journal", journal), "1")
    assert still_empty["race"]["score"]["estimate"] is True


def test_who_has_not_finished_has_no_score_of_the_race(tmp_path: Path, index: Index) -> None:
    said = index(f"{HEADER}10,2022-01-22,50K,640\n", "--journal", hill(tmp_path))  # bib 10 gives up
    assert runner(said, "10")["race"] is None
    assert runner(said, "10")["index"]["50K"]["before"] is None
    assert "20" not in [one["bib"] for one in said["runners"]]


def test_a_race_without_scores_says_why_and_moves_no_index(
    tmp_path: Path, index: Index, listed: Callable[[str], Path], tracker: Tracker
) -> None:
    journal = hill(tmp_path, runners=4)
    said = index(f"{HEADER}1,2022-01-22,50K,640\n", "--journal", journal)
    assert said["races"][0]["reason"] == "fewer than 5 have finished"
    assert runner(said, "1")["race"] == {"race": "40k", "score": None, "reason": "fewer than 5 have finished"}
    assert runner(said, "1")["index"]["50K"]["before"] is None
    out = tracker("index", listed(HEADER), "--series", SERIES, "--journal", journal).out
    assert "Race 40k, 2022-06-25, 50K: no scores: fewer than 5 have finished\n" in out
    assert "  race 40k: no score: fewer than 5 have finished\n  general, 20K, 50K, 100K, 100M: no index: no score of the last 36" in out


def test_a_race_after_the_day_counts_for_nothing(tmp_path: Path, listed: Callable[[str], Path], tracker: Tracker) -> None:
    words = ["--series", SERIES, "--journal", hill(tmp_path), "--at", "2022-06-24"]
    out = tracker("index", listed(f"{HEADER}1,2022-01-22,50K,640\n"), *words).out.splitlines()
    assert out[1:5] == [
        "Race 40k, 2022-06-25, 50K: after 2022-06-24, and counts for nothing here",
        "",
        "bib 1 Runner 1",
        "  general: index ~614, on 1 score, valid through 2024-01-21",
    ]
    assert not [line for line in out if "→" in line]


def test_while_runners_are_out_it_says_that_scores_may_change(tmp_path: Path, listed: Callable[[str], Path], tracker: Tracker) -> None:
    day = race_day(8)
    last = max(orjson.loads(payload)["time"] for _, payload in day.messages)
    in_by_then = [(GUN_MS, message) for message in day.messages if orjson.loads(message[1])["time"] < last]
    journal = write_received(tmp_path / "hill.db", day, RaceClock(0, last, 0.0), in_by_then)
    out = tracker("index", listed(HEADER), "--series", SERIES, "--journal", journal).out
    assert "of that day and category; not all are in yet, so they may change\n" in out


def test_errors_are_one_line_each_and_exit_with_1(tmp_path: Path, listed: Callable[[str], Path], tracker: Tracker) -> None:
    journal, path = hill(tmp_path), listed(f"{HEADER}99,2022-01-22,50K,640\n")
    for words, error in [
        ((path, "--series", "no.toml"), "no.toml: cannot be read (No such file or directory); check the name"),
        (("no.csv", "--series", SERIES), "no.csv: cannot be read (No such file or directory); check the name"),
        (
            (path, "--series", SERIES, "--journal", journal),
            f'{path}: line 2, column "bib": "99" is no entrant. Write the bib as in the roster.',
        ),
        ((path, "--series", SERIES, "--at", "0001-01-01"), "--at 0001-01-01: 0001 is no year of a race; correct it"),
    ]:
        said = tracker("index", *words)
        assert (said.code, said.out, said.err) == (1, "", f"tracker: {error}\n")
