"""What all screens look at: the journal as far as it was read, the race and the runner somebody is at, and what is made of them once.

Pure but for the machine's clock, without Textual. A screen changes nothing here but the race, the runner and the station that were chosen.
"""

from pathlib import Path
from time import monotonic
from typing import NamedTuple, Protocol

from rich.text import Text

from tracker.clock import RaceClock
from tracker.core.alerts import Alert, Severity
from tracker.core.course import Race
from tracker.core.traffic import Traffic, traffic
from tracker.dashboard.find import Index
from tracker.dashboard.recent import Recent
from tracker.dashboard.sheet import Sheet, make_sheet
from tracker.fold import Fold
from tracker.journal import FactRow
from tracker.link import Link
from tracker.series.of_runner import Series

_ALERTS_AGE_S = 5


class Source(Protocol):
    """A journal as far as it was read: followed, or scrubbed. `fold` is None until there is one; another one is another race."""

    @property
    def path(self) -> Path: ...
    @property
    def fold(self) -> Fold | None: ...
    @property
    def clock(self) -> RaceClock: ...
    @property
    def facts(self) -> int: ...
    @property
    def quarantined(self) -> int: ...
    @property
    def heard_ms(self) -> int | None: ...
    @property
    def written(self) -> bool: ...
    @property
    def link(self) -> Link | None: ...
    @property
    def troubles(self) -> frozenset[str]:
        """What is amiss in how the journal is kept, each by a word of its own."""

    @property
    def recent(self) -> Recent: ...
    @property
    def live(self) -> bool:
        """Whether it is the race as it is now; else nothing may be sent from what is shown."""

    def banner(self, width: int) -> Text:
        """What stands over every screen, in so many cells; empty: nothing."""

    async def before(self, no: int, count: int) -> list[FactRow]:
        """The facts before number `no`, the last `count` of them, in order of arrival. DashboardError when they cannot be read now."""


class About(NamedTuple):
    """What somebody is looking at, for a decision about it: each by its name on the wire, None where it is none."""

    bib: str | None = None
    station: str | None = None
    device: str | None = None
    alert: str | None = None
    fact: str | None = None
    checkpoint: str | None = None


class Scene:
    """The source, the number of the race, the bib and the station that were chosen (None: none yet), and how many decisions are pending.

    `read_only`: it is only looked at, so nothing is sent, and no file written. `series`: what is told of each runner; None: nothing.
    """

    def __init__(self, source: Source, *, read_only: bool = False, series: Series | None = None) -> None:
        self.source = source
        self.read_only = read_only
        self.series = series
        self.race_no = 0
        self.bib: str | None = None
        self.pending = 0
        self.station: str | None = None
        self._fold: Fold | None = None
        self._sheets: dict[str, Sheet] = {}
        self._alerts: list[Alert] = []
        self._alerts_of: object = None
        self._index: Index | None = None
        self._traffic: dict[str, Traffic] = {}
        self._traffic_of: object = None

    @property
    def fold(self) -> Fold | None:
        """What is known; what was made of another fold is forgotten."""
        fold = self.source.fold
        if fold is not self._fold:
            self._fold, self._sheets, self._alerts_of, self._index, self._traffic_of = fold, {}, None, None, None
            if fold is not None:
                self.race_no = min(self.race_no, len(fold.event.races) - 1)
        return fold

    @property
    def race(self) -> Race | None:
        """The race that is looked at; None while there is no journal."""
        fold = self.fold
        return None if fold is None else fold.event.races[self.race_no]

    def choose(self, bib: str) -> None:
        """Look at a runner, in whatever race he is by now. A bib that is not on the roster is kept: the screen says so."""
        self.bib = bib
        fold = self.fold
        runner = None if fold is None else fold.field.runners.get(bib)
        if fold is not None and runner is not None:
            self.race_no = [race.id for race in fold.event.races].index(runner.race.race.id)

    def sheet(self, fold: Fold, race_id: str) -> Sheet:
        """A race's sheet, made anew only when a verdict changed."""
        sheet = self._sheets.get(race_id)
        if sheet is None or sheet.version != fold.field.version(race_id):
            sheet = self._sheets[race_id] = make_sheet(fold.field, race_id)
        return sheet

    def index(self, fold: Fold) -> Index:
        """The roster, ready to be searched."""
        if self._index is None:
            self._index = Index(fold.roster)
        return self._index

    def alerts(self, fold: Fold) -> list[Alert]:
        """Every alert, made anew when a verdict changed, when the desk said something of one, and every few seconds of the race and of
        the wall: silence grows, and a clock that stands still does not stop what comes in.
        """
        field = fold.field
        versions = (field.version(race.id) for race in field.event.races)
        of = (*versions, len(field.said), field.now_ms // (_ALERTS_AGE_S * 1000), int(monotonic()) // _ALERTS_AGE_S)
        if of != self._alerts_of:
            self._alerts, self._alerts_of = fold.alerts(), of
        return self._alerts

    def traffic(self, fold: Fold) -> dict[str, Traffic]:
        """Who comes through each station, made anew only when a verdict changed."""
        of = [fold.field.version(race.id) for race in fold.event.races]
        if of != self._traffic_of:
            self._traffic, self._traffic_of = traffic(fold.field), of
        return self._traffic

    def offline(self, fold: Fold) -> dict[str, str]:
        """The devices with a last will that are in use, and the station that each names; none in a replay."""
        link = self.source.link
        return {} if link is None else link.offline_but(fold.field.devices.retired)

    def open_alerts(self, fold: Fold) -> list[Alert]:
        """The alerts of which the desk has said nothing yet."""
        return [alert for alert in self.alerts(fold) if alert.word is None]

    def to_act_on(self, fold: Fold) -> list[Alert]:
        """Those of them that somebody must act on."""
        return [alert for alert in self.open_alerts(fold) if alert.severity is Severity.ACT]
