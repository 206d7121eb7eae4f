"""Text for people: what they wrote, made safe to draw; how much of something there is, in words; and text in so many cells.

The roster and the wire clean every name here, once; the raw bytes stay in the journal. Widths are terminal cells, never characters.
"""

import unicodedata

from rich.cells import cell_len, set_cell_size

_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_PICTURED = "\ufe0e\ufe0f"
"""Ask for a sign as text or as a picture: terminals do not agree how wide it is then."""


def clean_text(text: str, limit: int = 80) -> str:
    """One line of at most `limit` characters: NFC, single spaces, without control (Cc), format (Cf) and surrogate (Cs) code points, and
    without what makes a picture of a sign.
    """
    if not (text.isascii() and text.isprintable()):
        spaced = " ".join(text.split())  # line breaks and tabs part words: they become spaces before controls go
        kept = "".join(char for char in spaced if char not in _PICTURED and unicodedata.category(char) not in _DROPPED)
        text = unicodedata.normalize("NFC", kept)
    return " ".join(text.split())[:limit].rstrip()


def drawable(text: str) -> str:
    """The text without what is not seen when it is drawn: control, format and surrogate code points, and what no font knows."""
    return text if text.isprintable() else "".join(char for char in text if char.isprintable())


def count(number: int, one: str, many: str | None = None) -> str:
    """A count in words: `1 fact`, `58,763 facts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells: cropped with an ellipsis, or padded (on the left with `right`)."""
    length = cell_len(text)
    if length > width:
        return "" if width <= 0 else set_cell_size(text, width - 1) + "…"
    gap = " " * (width - length)
    return gap + text if right else text + gap
