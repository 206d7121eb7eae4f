"""The series file that ships, results in a line, and entries in a line."""

from dataclasses import replace
from datetime import date
from importlib.resources import files

from tracker.core.score import Score
from tracker.files.series import SeriesError, read_series
from tracker.series.elite import Access, Entry, Opening, access
from tracker.series.qualification import Chance, EventResults, FinalReport, Outcome, Progress, RaceResults, Report, Result, qualify
from tracker.series.rules import Rules

TOML = (files("courses") / "series-2024.toml").read_text(encoding="utf-8")
RULES = read_series(TOML, "series-2024.toml")
SCORED = replace(RULES, thresholds={(sex, category): 700.0 for sex in "FM" for category in ("50K", "100K", "100M")})
"""The same with thresholds, which are of the tests' own: the series' are an image."""


def changed(old: str, new: str) -> str:
    """The series file with one thing replaced, which must be there once."""
    assert TOML.count(old) == 1, f"{old!r} is there {TOML.count(old)} times"
    return TOML.replace(old, new)


def error_of(text: str) -> str:
    """The whole error of a series file that cannot be used."""
    try:
        read_series(text, "s.toml")
    except SeriesError as error:
        return str(error)
    raise AssertionError("the file was read without a fault")


def score(points: int, *, within: int = 0) -> Score:
    """A score, known to so many points."""
    return Score(points, points - within, points + within)


def finisher(bib: str, sex: str | None = "F", rank: int | None = 99, scored: Score | None = None, why: str = "not scored") -> Result:
    return Result(bib, sex, Progress.FINISHED, "finished", rank, scored, "" if scored else why)


def out(bib: str, status: str = "withdrawn", sex: str = "F") -> Result:
    return Result(bib, sex, Progress.OUT, status, None, None, "not finished")


def race(day: str, *results: Result, category: str | None = "100K", name: str = "105k") -> RaceResults:
    return RaceResults(name, date.fromisoformat(day), category, results)


def report(
    *races: RaceResults, rules: Rules = RULES, tier: str = "event", chances: list[Chance] | None = None, event: str = "hill"
) -> Report:
    return qualify(rules, EventResults(event, tier, races), chances)


def only(found: Report, year: int) -> FinalReport:
    """The one Finals of a year."""
    (one,) = [final for final in found.finals if final.year == year]
    return one


def outcome(final: FinalReport, bib: str) -> Outcome:
    (one,) = [each for each in final.outcomes if each.result.bib == bib]
    return one


def verdicts(final: FinalReport) -> dict[str, str]:
    """What each bib is."""
    return {each.result.bib: str(each.verdict) for each in final.outcomes}


def years(found: Report) -> list[int]:
    return [final.year for final in found.finals]


def enters(
    index: float | None = 700,
    sex: str | None = "F",
    category: str | None = "50K",
    country: str | None = "FR",
    day: str = "2024-06-14",
    registered: str = "2024-01-20",
    opens: str = "2024-01-10",
    closes: str = "2024-05-31",
    tier: str = "event",
    *,
    lottery: bool = True,
    sold_out: bool = False,
) -> Access:
    """What an entry gets."""
    opening = Opening(
        tier, category, country, date.fromisoformat(day), date.fromisoformat(opens), date.fromisoformat(closes), lottery, sold_out
    )
    return access(RULES, opening, Entry(sex, index, date.fromisoformat(registered)))
