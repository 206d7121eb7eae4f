"""What a file of passages comes to: what each line states, as a message's fields, and each line that states nothing, with what to do.

The id of what has none follows from its content, so that the same line is the same fact however often and in whichever file it comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID, uuid5

_OURS = UUID("6f1c3a52-7f0b-5d0c-9a51-0d9a4c1f5e77")
"""The name space of ids that are made of content."""


@dataclass(frozen=True, slots=True)
class Said:
    """A passage or a withdrawal: where in the file it stands, at which station, of which `kind`, and the payload's fields."""

    where: str
    station: str
    kind: str
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that states no fact: where it stands, as it came, what is wrong, and what to do."""

    where: str
    raw: bytes
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.what}. {self.do}."


@dataclass(slots=True)
class Taken:
    """Everything of a file, in its order. `columns`: which of its columns is which, in words; `left_out`: how many lines count for nothing,
    by reason.
    """

    said: list[Said] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    columns: str = ""
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, why: str) -> None:
        """Count a line that is no fact, and no fault either."""
        self.left_out[why] = self.left_out.get(why, 0) + 1


class Fault(Exception):
    """A line, or what was said of the file, cannot be read: `what` is wrong, and what to `do`."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}. {do}.")
        self.what = what
        self.do = do


def passage(event: str, where: str, station: str, bib: str, at_ms: int, more: dict[str, object]) -> Said:
    """A passage; `more` holds what else is known of it, of which what is None is not said."""
    return _said(event, where, station, "passage", {"bib": bib, "time": at_ms, **more})


def withdrawal(event: str, where: str, station: str, bib: str, at_ms: int, more: dict[str, object]) -> Said:
    """A withdrawal, likewise; its reason is `other` where none is known."""
    return _said(event, where, station, "withdrawal", {"bib": bib, "time": at_ms, "reason": "other", **more})


def _said(event: str, where: str, station: str, kind: str, fields: dict[str, object]) -> Said:
    known = {name: value for name, value in fields.items() if value is not None and value != ""}
    if "id" not in known:
        known["id"] = str(uuid5(_OURS, "\n".join(_content(event, station, kind, known))))
    return Said(where, station, kind, known)


def _content(event: str, station: str, kind: str, known: dict[str, object]) -> Iterator[str]:
    yield from (event, station, kind)
    yield from (f"{name}={known[name]}" for name in sorted(known))
