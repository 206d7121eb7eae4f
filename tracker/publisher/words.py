"""What the trackers of a race have told a device: the newest word of each, and what follows when all of them are to have every fact.

Pure: the moments are arguments, in seconds of one clock.
"""

from typing import NamedTuple

from tracker.wire import Acknowledged

_TRACKERS_MAX = 8
"""More than any race has; an older word gives way."""


class _Word(NamedTuple):
    ack: Acknowledged
    live: bool
    heard_s: float


class Words:
    """A tracker answers every heartbeat; `silent_s` after another's word it is taken to be gone, and what it lacks is nobody's any more.

    A retained word may be of a tracker that is long gone: it counts only until one is heard that lives.
    """

    def __init__(self, silent_s: float) -> None:
        self._silent_s = silent_s
        self._words: dict[str, _Word] = {}

    def take(self, ack: Acknowledged, now_s: float, *, live: bool) -> None:
        """Take a tracker's word; the newest counts, also if it takes back an older one."""
        before = self._words.pop(ack.by, None)
        self._words[ack.by] = _Word(ack, live or (before is not None and before.live), now_s)
        if len(self._words) > _TRACKERS_MAX:
            del self._words[next(iter(self._words))]  # the one that was heard longest ago

    @property
    def live(self) -> bool:
        """Whether a tracker was heard that was there at that moment."""
        return any(word.live for word in self._words.values())

    @property
    def through(self) -> int:
        """Up to which number each tracker has everything that is not missing."""
        return min((word.ack.through for word in self._present()), default=0)

    @property
    def missing(self) -> frozenset[int]:
        """The numbers that some tracker says it lacks."""
        return frozenset().union(*(word.ack.missing for word in self._present()))

    def _present(self) -> list[_Word]:
        live = [word for word in self._words.values() if word.live]
        newest_s = max((word.heard_s for word in live), default=0.0)
        return [word for word in live if newest_s - word.heard_s <= self._silent_s] or list(self._words.values())[-1:]
