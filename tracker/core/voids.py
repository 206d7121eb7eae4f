"""Which facts are voided, when voids can void each other.

A void acts on the fact it names; on another void only when that is older, so the newest word always stands and no circle can form.
"""

from collections.abc import Iterable

from tracker.core.facts import Void


def effective_voids(voids: Iterable[Void]) -> frozenset[str]:
    """The ids of all facts that count for nothing."""
    return frozenset(void.fact for void in in_force(voids))


def in_force(voids: Iterable[Void]) -> list[Void]:
    """The voids that act, the newest first."""
    voided: set[str] = set()
    found: list[Void] = []
    for void in sorted(voids, key=lambda void: (void.at_ms, void.key), reverse=True):
        if void.id not in voided:
            voided.add(void.fact)
            found.append(void)
    return found
