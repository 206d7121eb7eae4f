"""The stations in course order, a line each: state, link, clocks, batteries, and how many are there, to come, expected and at risk.

Pure, without Textual. Cells are made only for lines that are seen; what is summed over runners comes ready.
"""

from collections.abc import Mapping, Sequence

from rich.style import Style

from tracker.core.clocks import ClockOffset
from tracker.core.field import Field
from tracker.core.stations import Station, StationStatus
from tracker.core.traffic import Traffic
from tracker.dashboard.columns import Column, fitting, line_of, titles
from tracker.dashboard.format import UNKNOWN
from tracker.dashboard.lines import is_offline
from tracker.dashboard.station_words import (
    NOT_MONITORED,
    age,
    battery,
    countdown,
    drift_words,
    next_cutoff,
    queue,
    state_words,
    worst_drift,
)
from tracker.files.times import HOUR_MS
from tracker.text import fit

OTHER_RACE = "*"
"""Behind a countdown that is another race's than the one that is looked at."""
_COLUMNS = (
    Column("name", "Station", 11, 24),
    Column("state", "State", 9, 10),
    Column("heard", "Heard", 6, 7, right=True),
    Column("lag", "Lag", 5, 7, right=True),
    Column("clock", "Clock", 5, 7, right=True),
    Column("battery", "Batt", 4, 5, right=True),
    Column("queue", "Queue", 5, 7, right=True),
    Column("inside", "In", 3, 5, right=True),
    Column("behind", "Behind", 6, 6, right=True),
    Column("due", "1h", 3, 5, right=True),
    Column("risk", "Risk", 4, 5, right=True),
    Column("missed", "Missed", 6, 6, right=True),
    Column("out", "Out", 4, 5, right=True),
    Column("cutoff", "Cutoff", 6, 7, right=True),
)
_LINK = ("heard", "lag", "clock", "battery", "queue")
_KEPT = ("name", "state", *_LINK, "behind", "cutoff", "due", "risk", "inside", "out", "missed")
_GROW = ("name", "state", "inside", "due", "risk", "out", "heard", "lag", "clock", "battery", "queue", "cutoff")
_STYLES = {
    StationStatus.SILENT: Style(bold=True),
    StationStatus.CLOSING: Style(bold=True),
    StationStatus.SWEPT: Style(dim=True),
    StationStatus.CLOSED: Style(dim=True),
}

_OFFLINE = Style(bold=True)


class StationTable:
    """The stations at a moment, as a table: by station id. `race` is whose cutoffs count first; `offline`: devices with a last will."""

    def __init__(
        self,
        field: Field,
        found: Sequence[Station],
        traffic: Mapping[str, Traffic],
        offsets: Mapping[str, ClockOffset],
        race: str,
        offline: Mapping[str, str],
    ) -> None:
        self.field = field
        self.stations = found
        self.traffic = traffic
        self.offsets = offsets
        self.race = race
        self.offline = offline
        self.keys = [one.id for one in found]

    def number(self, key: str) -> int | None:
        """The line of a station."""
        return self.keys.index(key) if key in self.keys else None

    def titles(self, width: int) -> str:
        """The columns' titles."""
        return titles(_columns(width))

    def text(self, no: int, width: int) -> str:
        """A station's line; what its devices would tell is in words where there are none that do."""
        columns = _columns(width)
        one = self.stations[no]
        cells = self.cells(one)
        if one.heard_ms is not None or one.through_ms is not None or any(device.heard_ms is not None for device in one.devices):
            return line_of(columns, cells)
        link = [column for column in columns if column.key in _LINK]
        before = [column for column in columns if column.key in ("name", "state")]
        after = [column for column in columns if column not in link and column not in before]
        words = fit(NOT_MONITORED, sum(column.least + 1 for column in link) - 1, right=True)
        return " ".join([line_of(tuple(before), cells), words, line_of(tuple(after), cells)]) if link else line_of(columns, cells)

    def style(self, no: int) -> Style:
        """Who must be acted on stands out, who is done stands back."""
        one = self.stations[no]
        return _OFFLINE if is_offline(one, self.offline) else _STYLES.get(one.status, Style.null())

    def cells(self, one: Station) -> dict[str, str]:
        """The text of every column of a station's line, by column key. `?`: nobody knows; empty: does not apply."""
        there, now_ms = self.traffic[one.id], self.field.now_ms
        devices = [device for device in one.devices if device.device not in self.field.devices.retired]
        bound = next_cutoff(there.cutoffs, self.race, now_ms)
        awaited = one.behind + one.to_start - one.inside - one.missing
        unknown = UNKNOWN if awaited and not there.coming else ""  # the forecast reaches nobody: everybody has another checkpoint before
        other = OTHER_RACE if bound is not None and bound.race != self.race else ""
        return {
            "name": one.name,
            "state": state_words(one, self.offline),
            "heard": age(one.heard_ms, now_ms),
            "lag": age(one.through_ms, now_ms),
            "clock": drift_words(worst_drift(self.field, devices, self.offsets)),
            "battery": battery(devices),
            "queue": queue(devices),
            "inside": _inside(one, there),
            "behind": f"{one.behind + one.to_start:,}",
            "due": unknown or f"{there.due_by(now_ms + HOUR_MS):,}",
            "risk": unknown or f"{there.at_risk(now_ms):,}",
            "missed": f"{len(there.missed):,}",
            "out": f"{len(there.out):,}",
            "cutoff": "" if bound is None else countdown(bound, now_ms) + other,
        }


def _inside(one: Station, there: Traffic) -> str:
    """How many are there; `?` where those who are could not be told from those who have left, or nobody would have told of them."""
    is_known = there.says_in or (there.says_in is None and one.heard_ms is not None)
    return f"{one.inside:,}" if is_known else UNKNOWN


def _columns(width: int) -> tuple[Column, ...]:
    return fitting(width, _COLUMNS, _KEPT, _GROW)
