"""`tracker qualify` and `tracker elite`, as one types them, on a journal and on files."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, race_day, write_lines, write_received
from tests.core.builders import field_of, penalty, race_with, reads, starts_at
from tests.series.builders import RULES, TOML, changed
from tracker.cli import main
from tracker.clock import RaceClock
from tracker.series.of_runner import Series, of_race
from tracker.series.results import results_of

SHIPPED = Path(__file__).parents[2] / "courses" / "series-2024.toml"
THRESHOLDS = "[score_thresholds]\nF = { 50K = 1 }\nM = { 50K = 1000 }\n"
RUNNERS = 20  # bibs 10 and 20 withdraw; odd bibs are women
Qualify = Callable[..., dict[str, Any]]


def journal_of(folder: Path, gun: str, tier: str = "event", roster: str | None = None) -> Path:
    """The hill race's results, as of another day: 40 km and 2,400 m, so 64 km-effort."""
    day = race_day(RUNNERS)
    moved = timedelta(milliseconds=int(datetime.fromisoformat(gun).replace(tzinfo=UTC).timestamp() * 1000) - GUN_MS)
    later_ms = round(moved / timedelta(milliseconds=1)) - 2 * 3_600_000  # summer time in Andorra
    messages = []
    for topic, payload in day.messages:
        said = orjson.loads(payload)
        messages.append((topic, orjson.dumps(said | {"time": said["time"] + later_ms})))
    event = day.event_toml.replace("2022-06-25T06:00:00", gun).replace('id = "hill"\n', f'id = "hill"\ntier = "{tier}"\n')
    files = day._replace(event_toml=event, roster_csv=roster or day.roster_csv).files(folder)
    journal = folder / "race.db"
    assert main(["feed", str(journal), str(write_lines(folder / "m.jsonl", messages)), *files]) == 0
    return journal


@pytest.fixture
def qualify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Qualify:
    """What `tracker qualify --json` says of the hill race run on a day."""

    def run(gun: str, *more: str, series: str = TOML, **how: Any) -> dict[str, Any]:
        folder = tmp_path / gun[:10]
        folder.mkdir()
        (folder / "s.toml").write_text(series)
        journal = journal_of(folder, gun, **how)
        capsys.readouterr()
        assert main(["qualify", str(journal), "--series", str(folder / "s.toml"), "--json", *more]) == 0
        said: dict[str, Any] = orjson.loads(capsys.readouterr().out)
        return said

    return run


def of_final(said: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Final and year → result → bibs in order."""
    found: dict[str, dict[str, list[str]]] = {}
    for final in said["finals"]:
        results: dict[str, list[str]] = found.setdefault(f"{final['final']} {final['year']}", {})
        for runner in final["runners"]:
            results.setdefault(runner["result"], []).append(runner["bib"])
    return found


def test_the_same_results_of_three_years_qualify_as_the_rules_of_each_say(qualify: Qualify, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("bib,final,year,place\n12,OCC,2023,50\n14,OCC,2023,51\n")
    series = changed("[score_thresholds]\n", THRESHOLDS)
    found = [
        of_final(qualify(gun, "--second-chance", str(listed), series=series))
        for gun in ("2022-06-25T06:00:00", "2023-05-20T06:00:00", "2024-06-15T06:00:00")
    ]
    by_rank = ["1", "2", "3", "4", "5", "6"]  # three women, three men
    women, men = ["7", "9", "11", "13", "15", "17", "19"], ["8", "12", "14", "16", "18"]
    others, outs = sorted([*women, *men], key=int), ["10", "20"]
    fifteen_months = {
        "qualified by rank": by_rank,
        "qualified by second chance": ["12"],
        "not qualified": [bib for bib in others if bib != "12"] + outs,
    }
    nobody_listed = {"qualified by rank": by_rank, "not qualified": others + outs}
    calendar_year = {"qualified by rank": by_rank, "qualified by score": women, "not qualified": [*men, *outs]}
    assert found == [
        {"OCC 2022": nobody_listed, "OCC 2023": fifteen_months},
        {"OCC 2023": fifteen_months, "OCC 2024": calendar_year},
        {"OCC 2025": calendar_year},
    ]


def test_a_major_has_ten_places_of_each_sex(qualify: Qualify) -> None:
    found = of_final(qualify("2024-06-15T06:00:00", tier="major"))
    assert len(found["OCC 2025"]["qualified by rank"]) == 18  # all that finished: ten women and eight men


def test_without_thresholds_it_says_so_and_a_runner_has_every_reason(qualify: Qualify) -> None:
    said = qualify("2024-06-15T06:00:00")
    assert of_final(said)["OCC 2025"]["threshold not configured"][0] == "7"
    (final,) = said["finals"]
    (seventh,) = [runner for runner in final["runners"] if runner["bib"] == "7"]
    points, low, high = (seventh["score"][key] for key in ("points", "low", "high"))
    assert low < points < high
    assert seventh["score"]["estimate"] is True
    assert seventh["reasons"] == [
        "place 4 of the women, and the first 3 of an event qualify",
        f"score estimated at {points}, between {low} and {high}, and the threshold of the women in 50K is not configured",
    ]
    assert (seventh["qualified"], final["change_on_request"]) == (False, ["CCC"])
    assert said["races"] == [{"race": "40k", "date": "2024-06-15", "category": "50K", "stones": 2, "unsettled": None}]


def test_a_race_with_fewer_than_five_finishers_has_no_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for finishers, reason in [(4, "has no score: fewer than 5 have finished"), (5, "score estimated at ")]:
        day, journal = race_day(finishers), tmp_path / f"{finishers}.db"
        day = day._replace(event_toml=day.event_toml.replace('id = "hill"\n', 'id = "hill"\ntier = "major"\n'))
        (tmp_path / "s.toml").write_text(changed("score = false        # seed 19", "score = true # seed 19"))
        write_received(journal, day, None, [(GUN_MS, message) for message in day.messages])
        assert main(["qualify", str(journal), "--series", str(tmp_path / "s.toml"), "--json"]) == 0
        runners = orjson.loads(capsys.readouterr().out)["finals"][0]["runners"]
        assert [runner["reasons"][1].startswith(reason) for runner in runners] == [True] * finishers


def test_a_threshold_inside_the_estimates_interval_is_borderline(qualify: Qualify, tmp_path: Path) -> None:
    (final,) = qualify("2024-06-15T06:00:00")["finals"]
    points = {runner["bib"]: runner["score"]["points"] for runner in final["runners"] if runner["score"]}
    series = changed("[score_thresholds]\n", f"[score_thresholds]\nF = {{ 50K = {points['7']} }}\nM = {{ 50K = 1000 }}\n")
    assert "7" in of_final(qualify("2024-06-16T06:00:00", series=series))["OCC 2025"]["borderline"]


def test_the_report_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = "bib,race,name,sex\n" + "".join(f"{n},40k,Runner {n},{'MF'[n % 2] if n > 2 else ''}\n" for n in range(1, RUNNERS + 1))
    journal = journal_of(tmp_path, "2023-05-20T06:00:00", roster=roster)
    capsys.readouterr()
    assert main(["qualify", str(journal), "--series", str(SHIPPED)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Hill Race: qualification for the Finals of the UTMB World Series, by the results as of"
    assert lines[1].endswith(" (Europe/Andorra). Scores are estimates; the series decides. Every runner: --json.")
    assert lines[2:] == [
        "",
        "Race 40k, 2023-05-20, 50K: 18 finishers, running stones: 2 for each",
        "  OCC 2023: within 15 months before the Finals of 2023 (2023-09-01)",
        *(
            f"    qualified by rank: bib {bib} Runner {bib}, {sex}: place {place} of the {those}, and the first 3 of an event qualify"
            for bib, sex, place, those in (
                *((3, "F", 1, "women"), (4, "M", 1, "men"), (5, "F", 2, "women"), (6, "M", 2, "men")),
                *((7, "F", 3, "women"), (8, "M", 3, "men")),
            )
        ),
        "    second-chance list not given: 14 runners (give it with --second-chance)",
        "    change of category: CCC, on request; a committee decides",
        "  OCC 2024: 2023 is the calendar year before the Finals of 2024",
        *(line for line in lines[5:11]),
        "    threshold not configured: 10 runners (set [score_thresholds] in the series file)",
        "    no ranking: 2 runners",
        "    not qualified: 2 runners",
        "    change of category: CCC, on request; a committee decides",
    ]


def test_while_somebody_is_on_the_course_the_report_says_that_places_may_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = race_day(3)
    stands = RaceClock(0, GUN_MS + 370 * MINUTE_MS, 0.0)  # all are in by then
    received = [(GUN_MS, message) for message in day.messages]
    for journal, known, line in [
        (tmp_path / "two-are-out.db", received[:-2], "  2 runners are not in yet: places and scores may change"),
        (tmp_path / "all-are-in.db", received, None),
    ]:
        write_received(journal, day, stands, known)
        assert main(["qualify", str(journal), "--series", str(SHIPPED)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [said for said in lines if "not in yet" in said] == ([] if line is None else [line])
        assert ("    not finished yet: 2 runners" in lines) is (line is not None)


def test_a_race_that_was_put_off_past_midnight_counts_by_the_day_on_which_it_was_run() -> None:
    """As at the turn of a year, or the end of August 2023: the file's start is another period's."""
    scheduled, put_off = field_of(race_with()), field_of(race_with(), [starts_at("5h30")])
    assert [results_of(RULES, field).races[0].day for field in (scheduled, put_off)] == [date(2022, 6, 24), date(2022, 6, 25)]
    late = replace(RULES, finals={2022: date(2022, 6, 25)})
    assert [len(of_race(Series(late), field, "105k").judges) for field in (scheduled, put_off)] == [1, 0], (
        "one runner alone is judged alike"
    )


def test_a_finisher_whom_a_penalty_leaves_no_time_has_a_reason_for_no_score() -> None:
    seen = [fact for bib in "123456" for fact in reads(bib, ordino=f"{bib}m", finish=f"1{bib}h")]
    field = field_of(race_with(), [*seen, penalty(-200_000)], count=6)
    (without,) = [one for one in results_of(RULES, field).races[0].results if one.bib == "1"]
    assert (without.score, without.why) == (None, "the official time is nothing")


def test_errors_are_one_line_each_and_exit_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = journal_of(tmp_path, "2024-06-15T06:00:00")
    series, listed = tmp_path / "s.toml", tmp_path / "list.csv"
    series.write_text(TOML + '\n[qualifying_races.hill]\n50K = "50k"\n')
    listed.write_text("bib,final,year,place\n99,OCC,2023,1\n")
    capsys.readouterr()
    for words, error in [
        (["--series", "no.toml"], "tracker: no.toml: cannot be read (No such file or directory); check the name\n"),
        (
            ["--series", str(series)],
            f'tracker: {series}: qualifying_races."hill": 50K is "50k", no race of the event in 50K; write 40k\n',
        ),
        (
            ["--series", str(SHIPPED), "--second-chance", str(listed)],
            f'tracker: {listed}: line 2, column "bib": "99" is no entrant. Write the bib as in the roster.\n',
        ),
    ]:
        assert main(["qualify", str(journal), *words]) == 1
        assert capsys.readouterr().err == error


ROSTER = """\
bib,race,name,sex,index,index_50k,index_20k
1,40k,Ada Larch,F,900,710,
2,40k,Bea Stone,F,900,650,
3,40k,Cem Brook,M,900,799,900
4,40k,Dov Ridge,M,900,,900
5,40k,Eli Cairn,,,800,
"""


@pytest.fixture
def elite(tmp_path: Path) -> Callable[..., list[str]]:
    """The words of `tracker elite` for the hill race of 25 June 2022, in Andorra."""
    event = race_day(1).event_toml.replace('id = "hill"\n', 'id = "hill"\ncountry = "AD"\n')
    (tmp_path / "hill.toml").write_text(event)
    (tmp_path / "roster.csv").write_text(ROSTER)

    def words(*more: str, registered: str = "2022-03-01", closes: str = "2022-04-30") -> list[str]:
        files = [str(tmp_path / "hill.toml"), "--roster", str(tmp_path / "roster.csv"), "--series", str(SHIPPED)]
        return ["elite", *files, "--registered", registered, "--opens", "2022-01-10", "--closes", closes, *more]

    return words


def test_every_entrant_with_an_index_in_the_category_gets_a_benefit_or_a_reason(
    elite: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    sold_out = "; sold out, so the organiser may refuse"
    assert main(elite("--lottery", "--sold-out")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Race 40k, 2022-06-25, 50K",
        f"  bib 1 Ada Larch, F: direct access, free entry: index 710, and 710 is asked of women in 50K for free entry{sold_out}",
        f"  bib 2 Bea Stone, F: direct access, paid entry: index 650, and 650 is asked of women in 50K in region 1 (AD){sold_out}",
        "  bib 3 Cem Brook, M: no benefit: index 799, and 800 is asked of men in 50K in region 1 (AD)",
        "  bib 5 Eli Cairn: no benefit: the tables are for women and men, and the sex is not known",
        "  1 entrant without an index in the category of the race",
    ]


def test_without_a_lottery_no_access_is_direct(elite: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(elite()) == 0
    assert "  bib 2 Bea Stone, F: paid entry (direct access is for races with a lottery): index 650, and 650 is" in capsys.readouterr().out


def test_who_registers_too_late_is_told_by_how_much(elite: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(elite(registered="2022-04-27")) == 0
    said = "  bib 1 Ada Larch, F: no benefit: registered 2022-04-27, 59 days before the race, and 60 are asked for\n"
    assert said in capsys.readouterr().out


def test_bad_dates_are_refused(elite: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(elite(closes="2022-01-09")) == 1
    assert capsys.readouterr().err == "tracker: --closes 2022-01-09 is before --opens 2022-01-10; exchange or correct them\n"
    for text in ("2022-02-30", "1.3.2022", "20220301", ""):
        with pytest.raises(SystemExit) as ended:
            main(elite(registered=text))
        assert ended.value.code == 2
        error = capsys.readouterr().err.splitlines()[-1]
        assert error == f"tracker elite: error: argument --registered: {text!r} is no day; write year-month-day, for example 2024-02-29"
