"""The banner over a replay: which moment is shown, in which sense, and how to come back to the race as it is now.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from tracker.files.times import format_local
from tracker.text import fit

_KEYS = ("[ ] 10 min  { } 1 hour  live: ] to the end, or Esc", "[ ] 10m  { } 1h  Esc: live", "Esc: live")
_BEGIN, _ENDS = "/// REPLAY ", (" REPLAY ///", " ///")
"""As no other line has them, in whatever colours or none."""
_LOUD = "bold reverse"
_SENSES = {
    True: ("as known then", "as known then"),
    False: ("as it happened, by what is known now", "as it happened"),
}


def banner(moment_ms: int, shown_ms: int | None, timezone: str, read: int, total: int, trouble: str, width: int, *, as_known: bool) -> Text:
    """One line of `width` cells. While the moment that was asked for is not the one that is shown it says how far that is."""
    if trouble:
        return _line(trouble, _KEYS[-1:], width)
    asked = format_local(moment_ms, timezone, date=width >= 100, seconds=False)
    if moment_ms != shown_ms:
        still = "now" if shown_ms is None else format_local(shown_ms, timezone, seconds=False)
        return _line(f"to {asked}: {read:,} of {total:,} facts read, still {still}", (_KEYS[-1], ""), width)
    long, short = (f"{asked} {sense}" for sense in _SENSES[as_known])
    return _line(long if cell_len(long) <= _room(_KEYS[0] + _ENDS[0], width) else short, _KEYS, width)


def _line(said: str, keys: Sequence[str], width: int) -> Text:
    """What is said, and the first of the keys and of the ends that it leaves room for."""
    ways = [(some, end) for some in keys for end in _ENDS]
    some, end = next((way for way in ways if cell_len(said) <= _room("".join(way), width)), ways[-1])
    return Text.assemble((_BEGIN, _LOUD), (f"{fit(said, _room(some + end, width))}  {some}", "bold"), (end, _LOUD), no_wrap=True)


def _room(after: str, width: int) -> int:
    return width - cell_len(_BEGIN) - 2 - cell_len(after)
