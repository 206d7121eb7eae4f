"""What had happened by a moment: by the right clocks, as far as the desk had put them right by then.

What the desk says counts from its own moment on, and a correction of a clock or its void is such a word.
"""

from collections.abc import Iterable

from tracker.core.clocks import corrected
from tracker.core.facts import ClockCorrection, Fact, Heartbeat, Passage, Void, Withdrawal
from tracker.core.voids import effective_voids


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
        """The facts that count, as they were taken."""
        moment_ms = self.moment_ms
        by_then = [fact for fact in self._facts if fact.at_ms <= moment_ms]
        said = _in_force(by_then)
        return [fact for fact in self._facts if _right_ms(fact, said) <= moment_ms] if said else by_then

    def came_after(self, received_ms: int) -> int:
        """How many of the facts that count were received later than a moment."""
        happened = {fact.key for fact in self.happened()}
        pairs = zip(self._facts, self._received, strict=True)
        return sum(came_ms > received_ms and fact.key in happened for fact, came_ms in pairs)


def _in_force(facts: Iterable[Fact]) -> dict[str, list[ClockCorrection]]:
    """What the desk says of each device's clock, less what it took back."""
    words = [fact for fact in facts if type(fact) is ClockCorrection or type(fact) is Void]
    voided = effective_voids(word for word in words if isinstance(word, Void))
    found: dict[str, list[ClockCorrection]] = {}
    for word in words:
        if isinstance(word, ClockCorrection) and word.id not in voided:
            found.setdefault(word.device, []).append(word)
    return found


def _right_ms(fact: Fact, said: dict[str, list[ClockCorrection]]) -> int:
    device = _device(fact)
    words = None if device is None else said.get(device)
    return fact.at_ms if words is None else corrected(fact.at_ms, words)


def _device(fact: Fact) -> str | None:
    """By whose clock the fact is dated; the desk's own is right."""
    return fact.device if isinstance(fact, Passage | Withdrawal | Heartbeat) else None
