"""Which facts are voided, when voids can void each other.

A void acts on the fact it names; on another void only when that is older, so the newest word always stands and no circle can form.
"""

from collections.abc import Iterable

from tracker.core.facts import Void


def effective_voids(voids: Iterable[Void]) -> frozenset[str]:
    """The ids of all facts that count for nothing."""
    newest_first = sorted(voids, key=lambda void: (void.at_ms, void.key), reverse=True)
    voided: set[str] = set()
    for void in newest_first:
        if void.id not in voided:
            voided.add(void.fact)
    return frozenset(voided)
