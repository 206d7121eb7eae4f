"""SQLite's file format, as much of it as a journal's pages want: https://www.sqlite.org/fileformat2.html.

Everything here may be garbage: what cannot be right raises `BadPage`, and nothing is believed that does not fit to the byte.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import NamedTuple

MAGIC = b"SQLite format 3\0"
_FILE_HEADER = 100
_NO_SIZES = 12
"""Serial types from here on say how long a text or a blob is."""
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_ZERO = 8
"""The number 0, and after it the number 1, of which nothing else is written."""

Value = None | int | str | bytes
PageOf = Callable[[int], bytes]
"""The page of a number; BadPage when there is none."""


class BadPage(Exception):
    """These bytes are not what they should be."""


class Kind(IntEnum):
    """What a page of a table or an index is."""

    INDEX = 2
    TABLE = 5
    INDEX_LEAF = 10
    TABLE_LEAF = 13


class Cell(NamedTuple):
    """One row of a page: where its record begins, how long that is in all, and its number in a table."""

    at: int
    length: int
    no: int


def kind_of(page: bytes) -> Kind:
    """What a page is; BadPage when it is none of a table or an index."""
    try:
        return Kind(page[_head(page)])
    except (ValueError, IndexError):
        raise BadPage("a page of no table and no index") from None


def _head(page: bytes) -> int:
    """Where a page says what it is: on the first, which may stand anywhere by now, after the file's header."""
    return _FILE_HEADER if page.startswith(MAGIC) else 0


def _pointers(page: bytes) -> list[int]:
    """Where the cells of a page begin."""
    head = _head(page)
    first = head + (12 if page[head] in {Kind.INDEX, Kind.TABLE} else 8)
    count = int.from_bytes(page[head + 3 : head + 5], "big")
    if first + 2 * count > len(page):
        raise BadPage(f"a page without room for {count} cells")
    return [int.from_bytes(page[at : at + 2], "big") for at in range(first, first + 2 * count, 2)]


def _cell(kind: Kind, page: bytes, at: int) -> Cell:
    """The cell of a page that begins there."""
    length, at = varint(page, at + 4 if kind is Kind.INDEX else at)
    no = 0
    if kind is Kind.TABLE_LEAF:
        no, at = varint(page, at)
    return Cell(at, length, no)


def content(kind: Kind, page: bytes, one: Cell, usable: int, page_of: PageOf) -> bytes:
    """The whole record of a cell, the part too that stands on pages of its own, of `usable` bytes each."""
    least = (usable - 12) * 32 // 255 - 23
    most = usable - 35 if kind is Kind.TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    here = one.length
    if here > most:
        here = least + (one.length - least) % (usable - 4)
        here = here if here <= most else least
    found = page[one.at : one.at + here]
    if here < one.length:
        parts, missing = [found], one.length - here
        following = int.from_bytes(page[one.at + here : one.at + here + 4], "big")
        passed: set[int] = set()
        while missing > 0:
            more = page_of(following)
            if len(more) <= 4 or following in passed:
                raise BadPage("a record that has no end")
            passed.add(following)
            following = int.from_bytes(more[:4], "big")
            parts.append(more[4 : 4 + missing])
            missing -= len(parts[-1])
        found = b"".join(parts)
    if len(found) != one.length:
        raise BadPage("a record ends after its page")
    return found


def values(found: bytes) -> list[Value]:
    """The columns of a record."""
    end, at = varint(found, 0)
    body = end
    told: list[Value] = []
    while at < end:
        serial, at = varint(found, at)
        size = size_of(serial)
        raw = found[body : body + size]
        body += size
        if serial >= _NO_SIZES:
            told.append(raw.decode("utf-8", "replace") if serial & 1 else raw)
        elif serial >= _ZERO:
            told.append(serial - _ZERO)
        else:
            told.append(int.from_bytes(raw, "big", signed=True) if size else None)
    if at != end or body != len(found):
        raise BadPage("a record is not as long as its columns")
    return told


def size_of(serial: int) -> int:
    """How many bytes a column takes of this serial type. BadPage when there is no such type."""
    if serial >= _NO_SIZES:
        return (serial - _NO_SIZES) // 2
    if serial >= len(_SIZES):
        raise BadPage("a column of no known type")
    return _SIZES[serial]


def varint(found: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where what follows begins."""
    number = 0
    try:
        for place in range(at, at + 8):
            byte = found[place]
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                return number, place + 1
        return number << 8 | found[at + 8], at + 9
    except IndexError:
        raise BadPage("a number ends after its page") from None


def records(page: bytes, usable: int, page_of: PageOf) -> Iterator[tuple[Cell, list[Value] | None]]:
    """The rows of a page in order; of one that is garbled, None. BadPage when the page has no cells to speak of."""
    kind = kind_of(page)
    for at in [] if kind is Kind.TABLE else _pointers(page):
        one = Cell(at, 0, 0)
        try:
            one = _cell(kind, page, at)
            yield one, values(content(kind, page, one, usable, page_of))
        except BadPage:
            yield one, None
