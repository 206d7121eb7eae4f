"""The race's clock: the wall's, or a simulated one that starts at a moment of the race and runs at another speed.

Every process of one race reads the same clock, because it is written down as text in the journal and on command lines.
"""

import math
import time
from dataclasses import dataclass

_LATEST_MS = 7_258_118_400_000  # the year 2200


def wall_ms() -> int:
    """Milliseconds since 1970 UTC by this machine."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class RaceClock:
    """At `wall_ms` of the machine the race's time was `race_ms`; since then it runs `speed` times as fast (0: it stands)."""

    wall_ms: int = 0
    race_ms: int = 0
    speed: float = 1.0

    @classmethod
    def starting_at(cls, race_ms: int, speed: float) -> "RaceClock":
        """A clock that shows `race_ms` now and runs at `speed`."""
        return cls(wall_ms(), race_ms, speed)

    @classmethod
    def parse(cls, text: str) -> "RaceClock":
        """Read what `str` wrote: `RACE_MS@WALL_MS*SPEED`. ValueError when it is anything else."""
        race, _, rest = text.partition("@")
        wall, _, speed = rest.partition("*")
        clock = cls(int(wall), int(race), float(speed))
        if not (math.isfinite(clock.speed) and 0 <= clock.now_ms() < _LATEST_MS):
            raise ValueError(f"a clock that shows no moment of a race: {text[:60]!r}")
        return clock

    def __str__(self) -> str:
        return f"{self.race_ms}@{self.wall_ms}*{self.speed:g}"

    @property
    def simulated(self) -> bool:
        """Whether it is not simply the machine's own time."""
        return self != REAL

    def now_ms(self) -> int:
        """The race's time now, UTC milliseconds."""
        return self.at_wall(wall_ms())

    def at_wall(self, wall_now_ms: int) -> int:
        """The race's time at a moment of the machine's clock."""
        return self.race_ms + round((wall_now_ms - self.wall_ms) * self.speed)

    def seconds_until(self, race_ms: int) -> float:
        """How many seconds of the machine's time pass until the race's time is `race_ms`; 0 when it has passed."""
        if self.speed <= 0:
            return 0.0
        return max(0.0, (race_ms - self.now_ms()) / self.speed / 1000)


REAL = RaceClock()
