"""A race that never was, of any size: its event file, its start list, and its passages as facts and as messages.

The same size gives the same race. Runners spread out as they do: the last takes about twice as long as the first, one in fifty drops
out somewhere, some are late at a cutoff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import count
from random import Random
from sys import intern

from tracker.clock import RaceClock
from tracker.core.course import Event
from tracker.core.facts import Passage, Source
from tracker.core.roster import Roster
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.journal import Sources
from tracker.wire import DEFAULT_ROOT, KEY_BYTES, encode

EVENT = "synthetic"
RACE = "100k"
_START_MS = 1_719_640_800_000  # 2024-06-29T08:00 in Andorra, as below
_LEG_MIN = 40
_LEG_MS = _LEG_MIN * 60_000
_CUTOFF = 2.2
_DAYS_MS = 3 * 86_400_000
_DROPS_OUT = 0.02

_EVENT_TOML = f"""\
[event]
id = "{EVENT}"
name = "Synthetic"
timezone = "Europe/Andorra"

[[race]]
id = "{RACE}"
name = "Ultra 100K"
start = 2024-06-29T08:00:00
distance_km = 100.0
gain_m = 6000
"""


@dataclass(frozen=True)
class SyntheticRace:
    """One race of `runners` over `checkpoints` (start and finish among them), each a station of its own, and one in three with a cutoff."""

    runners: int
    checkpoints: int

    @cached_property
    def sources(self) -> Sources:
        """The event file and the roster."""
        return Sources("synthetic.toml", self._event_toml(), "synthetic.csv", self._roster_csv(), DEFAULT_ROOT)

    @cached_property
    def event(self) -> Event:
        """The event, read."""
        return read_event(self.sources.event_toml, self.sources.event_name)

    @cached_property
    def roster(self) -> Roster:
        """The start list, read."""
        return read_roster(self.sources.roster_csv, self.sources.roster_name, self.event)

    @property
    def clock(self) -> RaceClock:
        """A clock that stands days after the race: what comes is a recording, and not the backlog of a station."""
        return RaceClock(0, _START_MS + 3 * _LEG_MS * self.checkpoints + _DAYS_MS, 0.0)

    def facts(self) -> Iterator[Passage]:
        """Every passage, decoded, in order of time."""
        stations = [point.station for point in self.event.races[0].checkpoints]
        seqs = [count(1) for _ in stations]
        for number, (at_ms, runner, checkpoint) in enumerate(self._passages, 1):
            identity, seq = f"{number:032x}", next(seqs[checkpoint])
            key = blake2b(identity.encode(), digest_size=KEY_BYTES).digest()
            station = stations[checkpoint]
            yield Passage(key, identity, at_ms, str(runner), station, None, intern(f"{station}-1"), seq, Source.CHIP)

    def messages(self) -> Iterator[tuple[str, bytes]]:
        """Every passage as the topic and the payload that a scanner sends, in order of time."""
        seqs = [count(1) for _ in range(self.checkpoints)]
        for number, (at_ms, runner, checkpoint) in enumerate(self._passages, 1):
            unique, seq = blake2b(b"%d" % number, digest_size=16).hexdigest(), next(seqs[checkpoint])
            said = {"id": unique, "time": at_ms, "device": f"cp{checkpoint}-1", "seq": seq, "bib": str(runner), "source": "chip"}
            yield f"{DEFAULT_ROOT}/{EVENT}/cp{checkpoint}/passage", encode(said)

    @property
    def count(self) -> int:
        """How many passages there are."""
        return len(self._passages)

    @cached_property
    def _passages(self) -> list[tuple[int, int, int]]:
        """When, who (the bib), and the checkpoint's number, in order of time."""
        chance = Random(self.runners)
        found: list[tuple[int, int, int]] = []
        for runner in range(1, self.runners + 1):
            pace = chance.triangular(1.0, 2.3, 1.7)
            last = chance.randrange(self.checkpoints) if chance.random() < _DROPS_OUT else self.checkpoints - 1
            at_ms = _START_MS + chance.randrange(60_000)
            found.append((at_ms, runner, 0))
            for checkpoint in range(1, last + 1):
                at_ms += int(_LEG_MS * pace * chance.uniform(0.9, 1.1))
                found.append((at_ms, runner, checkpoint))
        found.sort()
        return found

    def _event_toml(self) -> str:
        parts = [_EVENT_TOML]
        finish = self.checkpoints - 1
        for number in range(self.checkpoints):
            place = f"cp{number}"
            parts.append(f'[[race.checkpoint]]\nid = "{place}"\nstation = "{place}"\nname = "{place}"\nkm = {100 * number / finish:.2f}\n')
            if number and (number % 3 == 0 or number == finish):
                parts.append(f'cutoff = "{int(number * _LEG_MIN * _CUTOFF)}m"\n')
        for code, ages in (("U40", "max_age = 39"), ("O40", "min_age = 40\nmax_age = 49"), ("O50", "min_age = 50")):
            parts.append(f'[[race.category]]\ncode = "{code}"\nname = "{code}"\n{ages}\n')
        return "\n".join(parts)

    def _roster_csv(self) -> str:
        lines = [f"{bib},{RACE},Runner {bib},{'MF'[bib % 3 == 0]},{1960 + bib % 43}" for bib in range(1, self.runners + 1)]
        return "\n".join(["bib,race,name,sex,birth_year", *lines])
