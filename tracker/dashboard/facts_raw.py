"""A fact as it was told: its kind and every field that it has, in words; and when and by whom.

Pure text. Nothing is judged here, and nothing that the sender said is left out.
"""

import re

import msgspec

from tracker.core.facts import Fact
from tracker.files.times import SECOND_MS, format_local

_SPANS = frozenset(("offset_ms", "extend_ms", "penalty_ms"))
_APART = frozenset(("key", "id", "at_ms"))


def as_told(fact: Fact, timezone: str) -> str:
    """`Sat 12:50:00  passage: bib 777, station hut, device hut-1, seq 17`. What was not said is left out, and so is the id."""
    said = {name: value for name, value in msgspec.structs.asdict(fact).items() if name not in _APART and value is not None}
    told = [_field(name, value, timezone) for name, value in said.items()]
    kind = re.sub(r"(?<!^)(?=[A-Z])", " ", type(fact).__name__).lower()
    return f"{format_local(fact.at_ms, timezone)}  {kind}: {', '.join(told)}"


def _field(name: str, value: object, timezone: str) -> str:
    words = name.removesuffix("_ms").replace("_", " ")
    if isinstance(value, bool):
        return words if value else f"not {words}"
    if isinstance(value, int) and name.endswith("_ms"):
        return f"{words} {f'{value / SECOND_MS:g} s' if name in _SPANS else format_local(value, timezone)}"
    if isinstance(value, tuple):
        return f"{words} {' '.join(map(str, value)) or 'none'}"
    return f"{words} {value}"
