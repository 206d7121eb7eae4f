"""What `tracker check --series` says of a series file beside an event, as a person reads it."""

from pathlib import Path

import pytest

from tests.conftest import EVENT_TOML, Tracker, race_toml
from tests.series.builders import TOML, changed

SOUND = EVENT_TOML.replace('id = "hill"\n', 'id = "hill"\ncountry = "AD"\n')
IN_2024 = SOUND.replace("2022-06-25", "2024-06-15")
TWO = IN_2024 + race_toml("42k", 2600, ("start", "village", 0.0, None), ("end", "village", 42.0, "13h")).replace("2022-06-25", "2024-06-15")
THRESHOLDS = changed("[score_thresholds]\n", "[score_thresholds]\nF = { 50K = 1 }\nM = { 50K = 1 }\n")
RACE = 'hill.toml: race "40k": '


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(tracker: Tracker, event: str, series: str) -> tuple[int, list[str], list[str]]:
    """The exit code, the doubts and the faults of an event file and a series file."""
    Path("hill.toml").write_text(event)
    Path("s.toml").write_text(series)
    said = tracker("check", "hill.toml", "--series", "s.toml")
    return said.code, said.out.splitlines()[:-1], said.err.splitlines()


def test_a_series_file_that_says_all_of_an_event_is_content(tracker: Tracker) -> None:
    assert check(tracker, SOUND, TOML) == (0, [], [])  # scores do not count for the Finals of a race in 2022
    assert check(tracker, IN_2024, THRESHOLDS) == (0, [], [])


@pytest.mark.parametrize(
    ("event", "series", "doubt"),
    [
        pytest.param(
            IN_2024,
            TOML,
            "s.toml: score_thresholds: the threshold of the women and of the men in 50K is not configured, so no score qualifies or is "
            "refused. Add 50K, if it is public.",
            id="threshold",
        ),
        pytest.param(
            IN_2024,
            changed("[score_thresholds]\n", "[score_thresholds]\nF = { 50K = 1 }\n"),
            "s.toml: score_thresholds: the threshold of the men in 50K is not configured, so no score qualifies or is refused. "
            "Add 50K, if it is public.",
            id="threshold of one sex",
        ),
        pytest.param(
            SOUND.replace('name = "Hill 40K"\n', 'name = "Hill 40K"\nseries_category = "20K"\n'),
            TOML,
            f"{RACE}its category 20K has no final, so it qualifies nobody. If it has one, add final to the [[category]] of the series "
            "file, or correct series_category.",
            id="no final",
        ),
        pytest.param(
            SOUND.partition("\n[[race]]")[0] + race_toml("40k", 0, ("start", "village", 0.0, None), ("finish", "village", 15.0, "4h")),
            TOML,
            f"{RACE}it is too short for any category of the series, so it qualifies nobody and has no running stones. "
            "If it is in one, add its climb, or its series_category.",
            id="no category",
        ),
        pytest.param(
            TWO,
            THRESHOLDS,
            "s.toml: qualifying_races: of the races in 50K (40k, 42k) only one qualifies, and which one is not configured. "
            'Write 50K = "40k", or another of them, under [qualifying_races.hill].',
            id="two races",
        ),
        pytest.param(
            SOUND.replace('country = "AD"\n', 'country = "AD"\ntier = "index"\n'),
            TOML,
            'hill.toml: event: the tier "index" is not in the series file: its races qualify nobody and have no running stones. '
            "Correct the tier, or add [tier.index] to s.toml.",
            id="tier",
        ),
        pytest.param(
            SOUND,
            changed("stones = { 20K = 1, 50K = 2,", "stones = { 20K = 1,"),
            f'{RACE}a race of the tier "event" in 50K has no figure for running stones. Add 50K to stones of [tier.event] in s.toml.',
            id="stones",
        ),
        pytest.param(
            SOUND,
            changed("2022 = 2022-08-26\n", ""),
            f"{RACE}the day of the Finals of 2022 is not configured. Add it to [finals], or a race of 2022-06-25 is not counted for them.",
            id="day of the Finals",
        ),
        pytest.param(
            EVENT_TOML,
            TOML,
            'hill.toml: event: there is no country, and so the region of elite entries is not known. Add it, for example country = "AD".',
            id="country",
        ),
    ],
)
def test_what_the_two_do_not_say_together_is_a_doubt(event: str, series: str, doubt: str, tracker: Tracker) -> None:
    assert check(tracker, event, series) == (0, [f"doubt: {doubt}"], [])


def test_of_two_races_in_one_category_the_one_that_is_configured_leaves_no_doubt(tracker: Tracker) -> None:
    assert check(tracker, TWO, THRESHOLDS + '\n[qualifying_races.hill]\n50K = "42k"\n') == (0, [], [])


@pytest.mark.parametrize(
    ("named", "do"), [('50K = "50k"', "Write 40k"), ('100K = "40k"', "Take it out")], ids=["another race", "another category"]
)
def test_a_qualifying_race_that_the_event_does_not_have_is_a_fault(named: str, do: str, tracker: Tracker) -> None:
    code, doubts, faults = check(tracker, SOUND, TOML + f"\n[qualifying_races.hill]\n{named}\n")
    category, race = named.replace('"', "").split(" = ")
    what = f'qualifying_races."hill": {category} is "{race}", no race of the event in {category}'
    assert (code, doubts, faults) == (1, [], [f"fault: s.toml: {what}. {do}."])


def test_every_fault_of_the_series_file_is_said_though_the_event_file_has_its_own(tracker: Tracker) -> None:
    code, _, faults = check(tracker, SOUND.replace('timezone = "Europe/Andorra"', 'timezone = "Andorra"'), changed("best = 5", "best = 0"))
    assert code == 1
    assert [line.split(": ")[1] for line in faults] == ["hill.toml", "s.toml"]


def test_a_series_file_that_is_not_there_is_one_line(tracker: Tracker) -> None:
    Path("hill.toml").write_text(SOUND)
    said = tracker("check", "hill.toml", "--series", "none.toml")
    assert (said.code, said.err) == (1, "tracker: none.toml: cannot be read (No such file or directory); check the name\n")
