"""What the series says of a runner, on the Runner screen, once a series file is given."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dashboard.conftest import EVENT, Weekend
from tests.dashboard.screen import LARGE, SMALL, Eyes, dashboard, failing
from tests.series.builders import RULES, SCORED
from tracker.core.race_state import RaceState
from tracker.series.of_runner import Series

IN_50K = EVENT.replace("gain_m = 2000", 'gain_m = 2000\nseries_category = "50K"', 1)


@pytest.fixture
async def through(tmp_path: Path) -> AsyncIterator[Weekend]:
    """Six hours into a 50K: a woman has finished, another and a man are on the way, one gave up, one has no sex, one has not come."""
    weekend = await Weekend(tmp_path / "race.db").begin(IN_50K)
    await weekend.reads("1", square="1s", **{"pass": "1h30"}, hut="2h40")
    await weekend.reads("2", square="2s", **{"pass": "1h40"}, hut="3h40")
    await weekend.reads("3", square="3s", **{"pass": "1h50"})
    await weekend.reads("12", square="3s", **{"pass": "1h45"}, hut="4h")
    await weekend.reads("5", square="5s")
    await weekend.say("square", "withdrawal", "50m", bib="5", reason="injury")
    await weekend.say("square", "passage", "4h40", bib="1", way="in")
    await weekend.now("5h")
    yield weekend
    await weekend.end()


async def opened(eyes: Eyes, bib: str) -> list[str]:
    """What is said of the series between who the runner is and the checkpoints; a line that goes on in the next is one."""
    await eyes.press("slash", *bib, "enter", "4")
    assert eyes.lines[2].startswith(f"{bib}  ")
    found = eyes.lines[3 : next(no for no, line in enumerate(eyes.lines) if line.startswith("   km Checkpoint"))]
    first = next((no for no, line in enumerate(found) if line.startswith("UTMB World Series")), len(found))
    whole: list[str] = []
    for line in found[first:-1]:
        assert len(line) < eyes.app.size.width
        if line.startswith("  "):
            whole[-1] += line.rstrip("▁▂▃▄▅▆▇█ ")[1:]
        else:
            whole.append(line.rstrip("▁▂▃▄▅▆▇█ "))
    return whole


async def test_a_finisher_gets_stones_and_a_line_for_each_of_the_finals(through: Weekend) -> None:
    async with dashboard(through.path, LARGE, series=Series(RULES)) as eyes:
        assert await opened(eyes, "1") == [
            "UTMB World Series 50K: 2 running stones",
            "OCC 2025: qualified by rank: place 1 of the women, and the first 3 of an event qualify",
            "3 runners are not in yet: places and scores may change",
        ]


async def test_who_is_on_the_course_is_told_the_place_as_it_is_now_and_never_that_it_qualifies(through: Weekend) -> None:
    async with dashboard(through.path, LARGE, series=Series(SCORED)) as eyes:
        assert await opened(eyes, "12") == [
            "UTMB World Series 50K: 2 running stones for finishing",
            (
                "OCC 2025: not finished yet: place 2 of the women now, and the first 3 of an event qualify; no score yet, and "
                "the threshold of the women in 50K is 700"
            ),
        ]


@pytest.mark.parametrize(
    ("bib", "lines"),
    [
        ("5", ["UTMB World Series 50K: no running stones, for who did not finish", "OCC 2025: not qualified: did not finish: withdrawn"]),
        ("3", ["UTMB World Series 50K: 2 running stones for finishing", "OCC 2025: not finished yet: has not finished: racing"]),
        ("6", ["UTMB World Series 50K: no running stones, for who did not finish", "OCC 2025: not qualified: did not finish: dns"]),
        (
            "101",
            [
                "UTMB World Series: no category, and no running stones",
                "race short: too short for any category of the series; it qualifies nobody",
            ],
        ),
    ],
)
async def test_what_is_said_of_who_did_not_finish_has_no_ranking_has_not_come_or_runs_a_short_race(
    bib: str, lines: list[str], through: Weekend
) -> None:
    async with dashboard(through.path, LARGE, series=Series(RULES)) as eyes:
        assert await opened(eyes, bib) == lines


async def test_without_a_series_file_nothing_of_it_is_shown(through: Weekend) -> None:
    async with dashboard(through.path, LARGE) as eyes:
        for bib in ("1", "12", "101"):
            assert await opened(eyes, bib) == []


async def test_in_eighty_columns_every_word_of_it_is_there(through: Weekend) -> None:
    found = []
    for size in (SMALL, LARGE):
        async with dashboard(through.path, size, series=Series(SCORED)) as eyes:
            found.append([await opened(eyes, bib) for bib in ("1", "2", "12")])
    assert found[0] == found[1]
    assert all(max(map(len, lines)) > 80 for lines in found[0])


async def test_it_follows_the_race(through: Weekend) -> None:
    async with dashboard(through.path, LARGE, series=Series(RULES)) as eyes:
        await opened(eyes, "12")
        await through.say("square", "passage", "4h55", bib="12", way="in")
        await eyes.look()
        assert "UTMB World Series 50K: 2 running stones" in eyes.lines
        assert "OCC 2025: qualified by rank: place 2 of the women, and the first 3 of an event qualify" in eyes.lines
        await through.say("desk", "status", "4h58", bib="12", status="disqualified", author="Dir. Ector", reason="cut a switchback")
        await eyes.look()
        assert "OCC 2025: not qualified: did not finish: disqualified" in eyes.lines


async def test_nobody_else_is_looked_at_to_judge_one_runner(through: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with dashboard(through.path, LARGE, series=Series(RULES)) as eyes:
        monkeypatch.setattr(RaceState, "standings", failing("the whole field"))
        assert len(await opened(eyes, "1")) == 3
        await eyes.look()
        assert "failed" not in eyes.text
        assert "OCC 2025: qualified by rank: place 1 of the women, and the first 3 of an event qualify" in eyes.lines


async def begun(path: Path, old: str, new: str) -> Weekend:
    """The same race by another event file; 1 and 2 have finished."""
    assert old in IN_50K
    weekend = await Weekend(path).begin(IN_50K.replace(old, new, 1))
    for bib, end in (("1", "4h"), ("2", "4h10")):
        await weekend.reads(bib, square="1s", **{"pass": "1h30"}, hut="2h40")
        await weekend.say("square", "passage", end, bib=bib, way="in")
    await weekend.now("5h")
    return weekend


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        pytest.param(
            'name = "Two Valleys"\n',
            'name = "Two Valleys"\ntier = "index"\n',
            [
                'UTMB World Series 50K: the series file has no figure for the running stones of the tier "index"',
                'race long: a race of the tier "index" qualifies nobody',
            ],
            id="no figure",
        ),
        pytest.param(
            'name = "Two Valleys"\n',
            'name = "Two Valleys"\ntier = "finals"\n',
            ["UTMB World Series 50K: no running stones", 'race long: a race of the tier "finals" qualifies nobody'],
            id="no stones",
        ),
        pytest.param(
            'name = "Short Way"\n',
            'name = "Short Way"\nseries_category = "50K"\n',
            [
                "UTMB World Series 50K: 2 running stones",
                (
                    "OCC 2025: in doubt: place 1 of the women, and the first 3 of an event qualify, but of the races in 50K (long, short) "
                    "only one qualifies, and which one is not configured: set [qualifying_races]"
                ),
                "5 runners are not in yet: places and scores may change",
            ],
            id="two races",
        ),
    ],
)
async def test_what_the_series_file_does_not_say_is_said(old: str, new: str, lines: list[str], tmp_path: Path) -> None:
    weekend = await begun(tmp_path / "race.db", old, new)
    async with dashboard(weekend.path, LARGE, series=Series(RULES)) as eyes:
        assert await opened(eyes, "1") == lines
    await weekend.end()
