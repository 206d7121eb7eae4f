"""From a list's sections to pages of one size: every page says which list it is, of which moment, and which page of how many.

A4 upright at ten characters an inch. Widths are terminal cells, never characters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tracker.text import count, fit

WIDTH = 80
LINES = 59
"""Of sixty: the last stays empty, or a printer that is at the end of its page when the form feed comes feeds an empty one."""
_RULE = "-" * WIDTH
_CONTINUED = " (continued)"
_WRAPPING = Console()
"""Rich wraps no text without one."""

Block = tuple[str, ...]
"""Lines that stay on one page."""


@dataclass(frozen=True, slots=True)
class Head:
    """What every page of a list says: two sheets of different moments can be told apart. `moment`: as of when, in a line or two."""

    event: str
    title: str
    moment: Sequence[str]
    facts: int
    digest: str

    def above(self, page: int, pages: int) -> list[str]:
        """The lines above a page."""
        return [
            two_ends(self.event, f"page {page} of {pages}"),
            two_ends(self.title, f"digest {self.digest[:8]}"),
            two_ends(self.moment[0], count(self.facts, "fact")),
            *(fit(line, WIDTH).rstrip() for line in self.moment[1:]),
            _RULE,
        ]

    def below(self, page: int, pages: int) -> list[str]:
        """The lines below a page."""
        return [_RULE, two_ends(f"checked by {'_' * 24}  at __:__", f"{self.digest[:8]}, page {page} of {pages}")]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and the blocks under it. Where they go on overleaf, the heading goes with them; its first line says so."""

    heading: Block
    blocks: Sequence[Block] = ()
    new_page: bool = False


def pages_of(head: Head, sections: Iterable[Section]) -> list[list[str]]:
    """The pages, of `LINES` lines each, none wider than `WIDTH` cells. No sections: one empty page."""
    above, below = len(head.above(1, 1)), len(head.below(1, 1))
    room = LINES - above - below
    bodies = _bodies(sections, room)
    return [
        [
            *head.above(number, len(bodies)),
            *(fit(line, WIDTH).rstrip() for line in body),
            *[""] * (room - len(body)),
            *head.below(number, len(bodies)),
        ]
        for number, body in enumerate(bodies, 1)
    ]


def _bodies(sections: Iterable[Section], room: int) -> list[list[str]]:
    """What stands between head and foot, page by page. A heading is never the last of a page."""
    bodies: list[list[str]] = [[]]
    for section in sections:
        top = section.heading
        if section.new_page and bodies[-1]:
            bodies.append([])
        for block in _that_fit(section.blocks or [()], room - len(section.heading)):
            body = bodies[-1]
            apart = ("",) if body and top else ()
            if len(body) + len(apart) + len(top) + len(block) > room:
                bodies.append(body := [])
                apart = ()
                top = top or _again(section.heading)
            body.extend((*apart, *top, *block))
            top = ()
    return bodies


def _that_fit(blocks: Iterable[Block], room: int) -> Iterator[Block]:
    """The blocks; one that no page has room for in as many as it takes."""
    for block in blocks:
        for first in range(0, max(len(block), 1), room):
            yield block[first : first + room]


def _again(heading: Block) -> Block:
    if not heading:
        return heading
    return fit(heading[0], min(cell_len(heading[0]), WIDTH - len(_CONTINUED))) + _CONTINUED, *heading[1:]


def title(text: str) -> Block:
    """A section's heading, so that it is found on a page that has neither colour nor weight."""
    return wrapped(f"=== {text}")


def two_ends(left: str, right: str) -> str:
    """One text at the left end of the line and one at the right; what has no room is cut from the left one."""
    return f"{fit(left, WIDTH - cell_len(right) - 1)} {right}"


def wrapped(text: str, indent: int = 0) -> Block:
    """A text in as many lines as it takes, each indented by so many cells."""
    lines = Text(text).wrap(_WRAPPING, WIDTH - indent)
    return tuple(" " * indent + line.plain.rstrip() for line in lines)
