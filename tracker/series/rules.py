"""The series' rules as a series file states them: categories and finals, places, periods, thresholds, stones, index, elite tables.

Plain frozen values. What the series does not publish is left out here, never a figure of the program's own. They are read by
`tracker/files/series`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SEXES = {"F": "women", "M": "men"}
"""Those whom the series ranks, each apart, and what they are called together."""


@dataclass(frozen=True, slots=True)
class SeriesCategory:
    """A category of races, from a km-effort on, and the final to which it leads (None: to none)."""

    name: str
    from_effort_km: float
    final: str | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """What a race of a tier gives: the first `places` of each sex qualify (None: nobody), and a finisher gets stones, by category."""

    places: int | None
    stones: Mapping[str, int]


class Window(StrEnum):
    """Which races count for a Finals."""

    MONTHS = "months"
    CALENDAR_YEAR = "calendar_year"


@dataclass(frozen=True, slots=True)
class Counting:
    """How races of a period count: for the Finals within `months` after them, or for those of the next year.

    `finals` narrows it to the Finals of one year. The places count always; the score and the second-chance list where it is said.
    """

    window: Window
    score: bool
    second_chance: bool
    months: int | None = None
    finals: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Races dated from `first` to `last`, both included (None: open), and every way in which they count."""

    first: date | None
    last: date | None
    counts: tuple[Counting, ...]

    def holds(self, day: date) -> bool:
        """Whether a race of that day is of this period."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Change:
    """So many categories up or down may be asked for; `never` are the (category, final) that may not."""

    steps: int
    never: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class IndexRule:
    """How an index is made of scores. `weights`, `month_weight`, `old_factor` and `penalties` are estimates: they are not published.

    `weights` and `penalties` have `best` entries: of the best score, the second best, …; and of an index of one score, of two, ….
    """

    best: int
    months: int
    valid_months: int
    old_months: int
    weights: tuple[float, ...]
    month_weight: float
    old_factor: float
    penalties: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The least index for each benefit, in one category and of one sex."""

    free: float
    paid_region_1: float
    paid_region_2: float


@dataclass(frozen=True, slots=True)
class EliteRule:
    """What elite runners get, at races of the `tiers`: `limits` by sex and category. `region_1` are ISO 3166-1 alpha-2 codes; all others
    are region 2.
    """

    tiers: frozenset[str]
    least_days: int
    region_1: frozenset[str]
    limits: Mapping[tuple[str, str], Limits]


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole series file. `categories` rise by km-effort; `thresholds` by sex and category, without those that are not configured.

    `finals` is the day of each year's Finals; `qualifying_races` is event id → category → the one race of it that qualifies.
    """

    name: str
    categories: tuple[SeriesCategory, ...]
    tiers: Mapping[str, Tier]
    finals: Mapping[int, date]
    periods: tuple[Period, ...]
    second_chance_places: int
    thresholds: Mapping[tuple[str, str], float]
    qualifying_races: Mapping[str, Mapping[str, str]]
    change: Change
    index: IndexRule
    elite: EliteRule

    def final_of(self, category: str) -> str | None:
        """The final of a category, None where it has none."""
        return next((one.final for one in self.categories if one.name == category), None)
