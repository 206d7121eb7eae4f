"""Text for people: what they wrote, made safe to draw, and how much of something there is, in words.

The roster and the wire clean every name here, once; the raw bytes stay in the journal.
"""

import unicodedata

_DROPPED = frozenset({"Cc", "Cf", "Cs"})


def clean_text(text: str, limit: int = 80) -> str:
    """One line of at most `limit` characters: NFC, single spaces, without control (Cc), format (Cf) and surrogate (Cs) code points."""
    if not (text.isascii() and text.isprintable()):
        spaced = " ".join(text.split())  # line breaks and tabs part words: they become spaces before controls go
        kept = "".join(char for char in spaced if unicodedata.category(char) not in _DROPPED)
        text = unicodedata.normalize("NFC", kept)
    return " ".join(text.split())[:limit].rstrip()


def count(number: int, one: str, many: str | None = None) -> str:
    """A count in words: `1 fact`, `58,763 facts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
