"""Finding a runner by bib or by name, whatever the case and the accents.

Pure, without Textual.
"""

import unicodedata
from typing import NamedTuple

from tracker.core.roster import Entrant, Roster


class Index:
    """A roster, folded once for searching."""

    def __init__(self, roster: Roster) -> None:
        self._folded = [_Folded(fold(entrant.bib), fold(entrant.name), entrant) for entrant in roster.entrants]

    def matches(self, query: str, race: str) -> list[Entrant]:
        """Who fits: the bib itself, then bibs that begin so, then names with every word of the query (at the beginning of a name first).

        Within each, the runners of `race` come first, then the roster's order. A blank query fits nobody.
        """
        sought = fold(query)
        words = sought.split()
        if not words:
            return []
        found = []
        for no, (bib, name, entrant) in enumerate(self._folded):
            kind = _kind(sought, words, bib, name)
            if kind is not None:
                found.append((kind, entrant.race != race, no, entrant))
        return [entrant for *_, entrant in sorted(found, key=lambda match: match[:3])]


class _Folded(NamedTuple):
    bib: str
    name: str
    entrant: Entrant


def _kind(sought: str, words: list[str], bib: str, name: str) -> int | None:
    if bib == sought:
        return 0
    if bib.startswith(sought):
        return 1
    if not all(word in name for word in words):
        return None
    starts = name.split()
    return 2 if all(any(start.startswith(word) for start in starts) for word in words) else 3


def fold(text: str) -> str:
    """Text without case and accents, as it is compared."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
