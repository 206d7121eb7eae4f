"""What had happened by a moment, as far as it is known now: by the right clocks, whenever the desk has put them right.

Whatever else the desk says counts from its own moment on.
"""

from collections.abc import Iterable, Iterator

from tracker.core.clocks import ClockWords
from tracker.core.facts import ClockCorrection, Fact, Heartbeat, Passage, Void, Withdrawal
from tracker.core.voids import effective_voids

_Word = ClockCorrection | Void
_ALWAYS_MS = -1
"""No moment of a race is sooner."""


class AsOf:
    """Takes facts in any order, and tells which of them had happened by `moment_ms`.

    Every fact is kept, since the desk may yet say that the clock of its device is off: as much as the journal holds.
    """

    def __init__(self, moment_ms: int) -> None:
        self.moment_ms = moment_ms
        self._facts: list[Fact] = []
        self._received: list[int] = []

    def take(self, facts: Iterable[Fact], received_ms: Iterable[int]) -> None:
        """Take facts, and when each of them was received."""
        self._facts.extend(facts)
        self._received.extend(received_ms)

    def happened(self) -> list[Fact]:
        """The facts that count, as they were taken; among them every word on a clock, for it tells when they happened."""
        return [fact for fact, _ in self._counting()]

    def came_after(self, received_ms: int) -> int:
        """How many of the facts that count were received later than a moment."""
        return sum(came_ms > received_ms for _, came_ms in self._counting())

    def go_on(self, moment_ms: int) -> list[Fact]:
        """Go on to a later moment, and tell which facts count since. ValueError when it is sooner."""
        if moment_ms < self.moment_ms:
            raise ValueError(f"what had happened by {moment_ms} cannot be told after {self.moment_ms}: take the facts anew")
        before_ms, self.moment_ms = self.moment_ms, moment_ms
        return [fact for fact, _, from_ms in self._from() if before_ms < from_ms <= moment_ms]

    def _counting(self) -> list[tuple[Fact, int]]:
        return [(fact, came_ms) for fact, came_ms, from_ms in self._from() if from_ms <= self.moment_ms]

    def _from(self) -> Iterator[tuple[Fact, int, int]]:
        """Each fact, when it was received, and from which moment on it counts."""
        words = _on_clocks(self._facts)
        said, keys = _in_force(words), {word.key for word in words}
        for fact, came_ms in zip(self._facts, self._received, strict=True):
            from_ms = _right_ms(fact, said) if said else fact.at_ms
            if type(fact) is Heartbeat:
                from_ms = min(from_ms, came_ms)  # by a clock that is ahead: a station that has devices is monitored
            elif isinstance(fact, _Word) and fact.key in keys:
                from_ms = _ALWAYS_MS
            yield fact, came_ms, from_ms


def _on_clocks(facts: Iterable[Fact]) -> list[_Word]:
    """What the desk says of clocks, what takes such a word back, and what takes that back."""
    words = [fact for fact in facts if isinstance(fact, _Word)]
    found: list[_Word] = [word for word in words if isinstance(word, ClockCorrection)]
    voids: dict[str, list[Void]] = {}
    for word in words:
        if isinstance(word, Void):
            voids.setdefault(word.fact, []).append(word)
    for word in found:  # grows meanwhile
        found.extend(voids.pop(word.id, ()))
    return found


def _in_force(words: Iterable[_Word]) -> dict[str, ClockWords]:
    """What the desk says of each device's clock, less what it took back."""
    words = list(words)
    voided = effective_voids(word for word in words if isinstance(word, Void))
    found: dict[str, list[ClockCorrection]] = {}
    for word in words:
        if isinstance(word, ClockCorrection) and word.id not in voided:
            found.setdefault(word.device, []).append(word)
    return {device: ClockWords(said) for device, said in found.items()}


def _right_ms(fact: Fact, said: dict[str, ClockWords]) -> int:
    device = _device(fact)
    words = None if device is None else said.get(device)
    return fact.at_ms if words is None else words.right_ms(fact.at_ms)


def _device(fact: Fact) -> str | None:
    """By whose clock the fact is dated; the desk's own is right."""
    return fact.device if isinstance(fact, Passage | Withdrawal | Heartbeat) else None
