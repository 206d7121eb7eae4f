"""The banner over a replay: which moment is shown, in which sense, and how to come back to the race as it is now.

Pure: rich `Text` from plain values, without Textual and never from markup.
"""

from rich.cells import cell_len
from rich.text import Text

from tracker.files.times import format_local
from tracker.text import fit

_KEYS = ("[ ] 10 min  { } 1 hour  live: ] to the end, or Esc", "[ ] 10m  { } 1h  live: ] to the end or Esc")
_SENSES = {
    True: ("as known then", "as known then"),
    False: ("as it happened, by what is known now", "as it happened"),
}


def banner(moment_ms: int, shown_ms: int | None, timezone: str, read: int, total: int, trouble: str, width: int, *, as_known: bool) -> Text:
    """One reversed line of `width` cells. While the moment that was asked for is not the one that is shown it says how far that is."""
    if trouble:
        return _line(f"REPLAY {trouble}", "Esc: live", width)
    asked = format_local(moment_ms, timezone, date=width >= 100, seconds=False)
    if moment_ms != shown_ms:
        still = "now" if shown_ms is None else format_local(shown_ms, timezone, seconds=False)
        return _line(f"REPLAY to {asked}: {read:,} of {total:,} facts read, still {still}", "Esc: live", width)
    for sense, keys in zip(_SENSES[as_known], _KEYS, strict=True):
        said = f"REPLAY {asked} {sense}"
        if cell_len(said) + cell_len(keys) + 4 <= width:
            break
    return _line(said, keys, width)


def _line(said: str, keys: str, width: int) -> Text:
    room = width - cell_len(keys) - 3
    return Text(f" {fit(said, room)} {keys} ", "bold reverse", no_wrap=True)
