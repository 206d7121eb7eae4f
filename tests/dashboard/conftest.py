"""A small weekend of two races, on a clock that stands still, and its journal as another process writes it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tracker.clock import RaceClock
from tracker.core.field import Field
from tracker.files.times import parse_duration
from tracker.fold import Fold
from tracker.journal import FactRow, Journal, QuarantineRow, Sources
from tracker.wire import Wire, encode

DIRECTOR = {"author": "Dir. Ector", "reason": "storm"}
"""Who says what the desk says in a test, and why."""
START_MS = 1_718_431_200_000  # Saturday 2024-06-15 08:00 in Paris
EVENT = """
[event]
id = "two-valleys"
name = "Two Valleys"
timezone = "Europe/Paris"

[[race]]
id = "long"
name = "Long Way"
start = 2024-06-15T08:00:00
distance_km = 40.0
gain_m = 2000

[[race.checkpoint]]
id = "start"
station = "square"
name = "Square"
km = 0.0

[[race.checkpoint]]
id = "pass"
station = "pass"
name = "High Pass"
km = 15.0
cutoff = "3h"

[[race.checkpoint]]
id = "hut"
station = "hut"
name = "Old Hut"
km = 25.0
cutoff = "6h"

[[race.checkpoint]]
id = "finish"
station = "square"
name = "Square"
km = 40.0
cutoff = "10h"

[[race.category]]
code = "O19"
name = "Open"

[[race]]
id = "short"
name = "Short Way"
start = 2024-06-15T09:00:00
distance_km = 12.0
gain_m = 400

[[race.checkpoint]]
id = "start"
station = "square"
name = "Square"
km = 0.0

[[race.checkpoint]]
id = "finish"
station = "chapel"
name = "Chapel"
km = 12.0
cutoff = "4h"
"""
ROSTER = """bib,race,name,sex,index
1,long,Ada Larch,F,700
2,long,Bo Çédille,M,650
3,long,[/nope] [bold]Rowan,X,
4,long,日本 山田,M,500
5,long,שרה לוי,F,
6,long,Nu\u0308no A\u0301vila,M,
12,long,Vera \x1b[31mRed\x1b]0;own\x07,F,
101,short,Cleo Çedar,F,
102,short,Dag Birch,M,
103,short,,,
"""


class Weekend:
    """The journal of the two races, open for writing: what is read and said goes to its disk at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wire = Wire("two-valleys")
        self.at_ms = START_MS
        self.sent = 0
        self._journal: Journal | None = None

    async def begin(self, event: str = EVENT, roster: str = ROSTER) -> "Weekend":
        """Make the journal; the clock stands at the start of the long race."""
        self._journal = await Journal.create(self.path, Sources("two-valleys.toml", event, "runners.csv", roster, "tracker"))
        await self.now("0s")
        return self

    async def end(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            await self._journal.close()
            self._journal = None

    async def now(self, elapsed: str) -> None:
        """The race's clock stands so long after the start of the long race."""
        self.at_ms = START_MS + parse_duration(elapsed)
        await self.journal.set_clock(RaceClock(0, self.at_ms, 0.0))

    async def reads(self, bib: str, **stations: str) -> None:
        """A runner is read at stations, so long after the start of the long race: `reads("1", square="0s", hut="3h10")`."""
        for station, elapsed in stations.items():
            await self.say(station, "passage", elapsed, bib=bib)

    async def say(self, station: str, kind: str, elapsed: str, /, **fields: object) -> None:
        """Any message, with an id and a time."""
        self.sent += 1
        payload = encode({"id": f"m{self.sent}", "time": START_MS + parse_duration(elapsed), **fields})
        topic = self.wire.topic(station, kind)
        fact = self.wire.decode(topic, payload)
        assert await self.journal.append([FactRow(0, fact.key, self.at_ms, topic, payload)]) == 1  # type: ignore[union-attr]

    async def quarantines(self, payload: bytes, reason: str) -> None:
        """A message that is no fact."""
        await self.journal.append([], [QuarantineRow(0, self.at_ms, self.wire.topic("hut", "passage"), payload, reason)])

    async def field(self) -> Field:
        """What is known now."""
        fold = Fold(self.journal.sources)
        await fold.catch_up(self.journal)
        fold.field.advance(self.at_ms)
        return fold.field

    @property
    def journal(self) -> Journal:
        """The open journal."""
        assert self._journal is not None
        return self._journal


@pytest.fixture
async def weekend(tmp_path: Path) -> AsyncIterator[Weekend]:
    """The journal, just begun."""
    weekend = await Weekend(tmp_path / "race.db").begin()
    yield weekend
    await weekend.end()


@pytest.fixture
async def noon(weekend: Weekend) -> Weekend:
    """Five hours into the long race: one is through, two are on the way, one gave up, one came too late, two were never seen."""
    await weekend.reads("1", square="1s", **{"pass": "1h30"}, hut="2h40")
    await weekend.reads("2", square="2s", **{"pass": "1h40"})
    await weekend.reads("3", square="3s", **{"pass": "3h20"})
    await weekend.reads("4", square="4s", hut="4h30")
    await weekend.reads("5", square="5s")
    await weekend.say("square", "withdrawal", "50m", bib="5", reason="injury", by="R. Marshal", note="ankle")
    await weekend.say("square", "passage", "4h40", bib="1", way="in")
    await weekend.now("5h")
    return weekend


@pytest.fixture
async def tight(tmp_path: Path) -> AsyncIterator[Weekend]:
    """Five minutes before the pass closes; the hut closes soon after, and who was late at the pass is expected there later than that."""
    weekend = await Weekend(tmp_path / "tight.db").begin(EVENT.replace('cutoff = "6h"', 'cutoff = "4h30"'))
    await weekend.reads("1", square="1s")
    await weekend.reads("2", square="1s", **{"pass": "2h50"})
    await weekend.reads("4", square="1s", **{"pass": "1h30"})
    await weekend.now("2h55")
    yield weekend
    await weekend.end()


@pytest.fixture
async def day(weekend: Weekend) -> Weekend:
    """The long race until five hours, received as it happened; but what the pass read of 2 came an hour late."""
    for elapsed, bib, station in (
        ("1s", "1", "square"),
        ("2s", "2", "square"),
        ("3s", "3", "square"),
        ("1h30", "1", "pass"),
        ("2h40m05", "1", "hut"),
    ):
        await weekend.now(elapsed)
        await weekend.reads(bib, **{station: elapsed})
    await weekend.now("2h45")
    await weekend.reads("2", **{"pass": "1h45"})
    await weekend.quarantines(b"?", "passage message is no JSON")
    await weekend.now("4h31")
    await weekend.say("square", "withdrawal", "4h30", bib="3", reason="injury")
    await weekend.now("4h41")
    await weekend.say("square", "passage", "4h40", bib="1", way="in")
    await weekend.now("5h")
    return weekend


def texts(lines: Sequence[str]) -> str:
    """Lines as one text, as a person sees them."""
    return "\n".join(line.rstrip() for line in lines)
