"""From one style of a terminal to another in the fewest bytes: between two words of which one is bold, the colours stay. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

_NUMBER = re.compile(r"[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|\d+")
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
"""What ends bold, dim, and so on; one number ends two of them."""


class _Style(NamedTuple):
    """The numbers of a style: what is not a colour, then the colours (nothing: the terminal's own)."""

    ways: frozenset[str]
    colour: str
    behind: str


@lru_cache(4096)
def change(before: str | None, after: str) -> str:
    """What to send where one style (None: whichever) holds and another is to: each as the numbers of its control sequence."""
    if before == after:
        return ""
    anew = f"\x1b[0;{after}m" if after and before != "" else f"\x1b[{after}m"
    if before is None:
        return anew
    was, now = _read(before), _read(after)
    ended = was.ways - now.ways
    if not ended <= _OFF.keys():
        return anew
    off = {_OFF[way] for way in ended}
    begun = (now.ways - was.ways) | {way for way in now.ways if _OFF.get(way) in off}
    numbers = [*sorted(off), *sorted(begun)]
    numbers += [now.colour or "39"] if was.colour != now.colour else []
    numbers += [now.behind or "49"] if was.behind != now.behind else []
    least = f"\x1b[{';'.join(numbers)}m" if numbers else ""
    return min(least, anew, key=len)


@lru_cache(4096)
def _read(style: str) -> _Style:
    """The later of two numbers that say the same thing holds."""
    ways, colour, behind = set(), "", ""
    for number in _NUMBER.findall(style):
        if _is_colour(number, 30):
            colour = "" if number == "39" else number
        elif _is_colour(number, 40):
            behind = "" if number == "49" else number
        else:
            ways.add(number)
    return _Style(frozenset(ways), colour, behind)


def _is_colour(number: str, first: int) -> bool:
    """Whether it is one of the letters' colours (they begin at 30, and the bright ones at 90), or of what is behind them (at 40)."""
    no = int(number.partition(";")[0])
    return first <= no < first + 10 or first + 60 <= no < first + 68
