"""What an organiser fixes before the race: the event, its races, their checkpoints, cutoffs, waves and categories.

Plain frozen values in UTC milliseconds and kilometres; reading them from a file, and doubting them, is `tracker/files`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

HOUR_MS = 3_600_000
FASTEST_EFFORT_KMH = 25.0
"""km-effort an hour that nobody runs (the flat 10 km record is 23): quicker than this, two reads are not two visits."""


class Timing(StrEnum):
    """What the official time runs from."""

    GUN = "gun"
    CHIP = "chip"


class CutoffOn(StrEnum):
    """Which passing of the checkpoint must be in time."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"
    BOTH = "both"


class CutoffFrom(StrEnum):
    """Which start the cutoff is counted from. `RUNNER`: the runner's own start passage, never before the gun of the wave."""

    RACE = "race"
    WAVE = "wave"
    RUNNER = "runner"


class Policy(StrEnum):
    """Who has the last word on a verdict that the tracker derives by itself."""

    CONFIRM = "confirm"
    AUTOMATIC = "automatic"


class Requirement(StrEnum):
    """What a race requires of everybody before the start; of a licence and an insurance, either is enough."""

    MEDICAL_CERTIFICATE = "medical_certificate"
    LICENCE_OR_INSURANCE = "licence_or_insurance"


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A limit `offset_ms` after the start; a read up to and with `offset_ms + grace_ms` is in time."""

    offset_ms: int
    on: CutoffOn
    grace_ms: int = 0

    @property
    def limit_ms(self) -> int:
        """Milliseconds after the start that are still in time."""
        return self.offset_ms + self.grace_ms


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in the course's order, where a runner is expected once. `gain_m` is cumulative from the start."""

    id: str
    station: str
    name: str
    km: float
    gain_m: float | None = None
    altitude_m: float | None = None
    cutoff: Cutoff | None = None
    printed: str | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """A group of runners with a start of its own."""

    id: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Category:
    """An age group; both ages inclusive, None is open. Age is the year of the race minus the year of birth."""

    code: str
    name: str
    min_age: int | None = None
    max_age: int | None = None
    sex: str | None = None

    def fits(self, age: int | None, sex: str | None) -> bool:
        """Whether a runner of this age and sex belongs here; an unknown age fits only a category without ages."""
        if self.sex is not None and self.sex != sex:
            return False
        if age is None:
            return self.min_age is None and self.max_age is None
        return (self.min_age is None or age >= self.min_age) and (self.max_age is None or age <= self.max_age)


@dataclass(frozen=True)
class Race:
    """One race of the event. `checkpoints` are in course order: the first is the start, the last the finish."""

    id: str
    name: str
    start_ms: int
    year: int
    distance_km: float
    gain_m: float
    timing: Timing
    checkpoints: tuple[Checkpoint, ...]
    waves: tuple[Wave, ...] = ()
    categories: tuple[Category, ...] = ()
    cutoff_from: CutoffFrom = CutoffFrom.RACE
    policy: Policy = Policy.CONFIRM
    min_age: int | None = None
    max_birth_year: int | None = None
    series_category: str | None = None
    printed_distance: str | None = None
    accompanied_under_age: int | None = None
    requires: tuple[Requirement, ...] = ()

    @cached_property
    def visits(self) -> dict[str, tuple[int, ...]]:
        """Station → the indices of its checkpoints, in course order; more than one where the course comes back."""
        found: dict[str, list[int]] = {}
        for index, checkpoint in enumerate(self.checkpoints):
            found.setdefault(checkpoint.station, []).append(index)
        return {station: tuple(indices) for station, indices in found.items()}

    @cached_property
    def only_visit(self) -> dict[str, int]:
        """Station → the index of its checkpoint, of the stations that are passed once."""
        return {station: indices[0] for station, indices in self.visits.items() if len(indices) == 1}

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Checkpoint id → its index in course order."""
        return {checkpoint.id: index for index, checkpoint in enumerate(self.checkpoints)}

    @cached_property
    def wave_starts(self) -> dict[str, int]:
        """Wave id → its scheduled start, UTC milliseconds."""
        return {wave.id: wave.start_ms for wave in self.waves}

    @cached_property
    def finish(self) -> int:
        """The index of the finish."""
        return len(self.checkpoints) - 1

    @cached_property
    def cutoffs(self) -> dict[int, Cutoff]:
        """Every cutoff as the event file has it, by the checkpoint's index, in course order."""
        return {index: point.cutoff for index, point in enumerate(self.checkpoints) if point.cutoff is not None}

    @property
    def effort_km(self) -> float:
        """km-effort of the whole course: km + gain_m / 100 (shared rule of the series: scores.md)."""
        return self.distance_km + self.gain_m / 100

    @cached_property
    def efforts_km(self) -> tuple[float, ...]:
        """km-effort from the start to each checkpoint; climb that no checkpoint states is spread by distance."""
        total_km = self.checkpoints[-1].km or 1.0
        efforts: list[float] = []
        for checkpoint in self.checkpoints:
            gain_m = self.gain_m * checkpoint.km / total_km if checkpoint.gain_m is None else checkpoint.gain_m
            efforts.append(max(checkpoint.km + gain_m / 100, efforts[-1] if efforts else 0.0))
        return tuple(efforts)

    def quickest_ms(self, from_index: int, to_index: int) -> int:
        """The least time, in milliseconds, in which anybody gets from one checkpoint to another."""
        effort_km = self.efforts_km[to_index] - self.efforts_km[from_index]
        return int(effort_km / FASTEST_EFFORT_KMH * HOUR_MS)

    def category_of(self, birth_year: int | None, sex: str | None) -> str | None:
        """The code of the first category that fits, or None."""
        age = None if birth_year is None else self.year - birth_year
        return next((category.code for category in self.categories if category.fits(age, sex)), None)


@dataclass(frozen=True)
class Event:
    """A weekend's races, in one time zone (IANA name). `tier` and `country` matter to the series' rules."""

    id: str
    name: str
    timezone: str
    races: tuple[Race, ...]
    tier: str = "event"
    country: str | None = None
    by_id: dict[str, Race] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {race.id: race for race in self.races})

    @cached_property
    def stations(self) -> tuple[str, ...]:
        """Every place where scanners stand, in order of first mention."""
        return tuple(dict.fromkeys(checkpoint.station for race in self.races for checkpoint in race.checkpoints))

    @property
    def first_start_ms(self) -> int:
        """The first scheduled start of any race."""
        return min(race.start_ms for race in self.races)

    @property
    def last_limit_ms(self) -> int:
        """The moment after which no cutoff of any race is still to come (the last start where there is none)."""
        return max(
            race.start_ms + (checkpoint.cutoff.limit_ms if checkpoint.cutoff else 0)
            for race in self.races
            for checkpoint in race.checkpoints
        )
