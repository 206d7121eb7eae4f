"""What the ingest says of itself, written down for every process that shows the race: no fact, and no part of the race's state.

Which process it is and where it takes messages, whether its broker is there, which devices have left a last will, and who floods it.
"""

from collections.abc import Container
from typing import NamedTuple, Self

import msgspec

from tracker.floods import Flood

_LOST_TOLD_FOR_MS = 3_600_000


class Ingesting(NamedTuple):
    """The process that takes in a race's messages, or did last: its number, and where it takes them (None: it has not said yet)."""

    pid: int
    address: str | None


class Link(msgspec.Struct, frozen=True):
    """The way in as it is. `fault`: why nothing can come, in a few words, and `since_ms` by the race's clock; None: it can.

    `offline`: devices whose last will came after anything else that they said, each with the station that it names. `floods`: who sends
    far more than a race can. `lost_ms`: when the broker was last found to have lost what it had kept for the tracker; 0: not of late.
    """

    fault: str | None = None
    since_ms: int = 0
    offline: dict[str, str] = {}
    floods: tuple[Flood, ...] = ()
    lost_ms: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; of another version's word, which nobody here understands, nothing is taken."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError:
            return cls()

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    def offline_but(self, retired: Container[str]) -> dict[str, str]:
        """The devices that are offline, without those that a person has taken out of service: they are meant to be."""
        return {device: station for device, station in self.offline.items() if device not in retired}

    def found(
        self, fault: str | None, offline: dict[str, str], now_ms: int, floods: tuple[Flood, ...] = (), *, lost: bool = False
    ) -> "Link":
        """What follows on this: a way in that is still closed has been so since then, whatever the reason by now. `lost`: only now was
        the broker found to have lost what it had kept, which is told for an hour.
        """
        since_ms = 0 if fault is None else now_ms if self.fault is None else self.since_ms
        lost_ms = now_ms if lost else self.lost_ms if now_ms - self.lost_ms < _LOST_TOLD_FOR_MS else 0
        return Link(fault, since_ms, dict(offline), floods, lost_ms)
