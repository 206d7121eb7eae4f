"""SQLite's write-ahead log beside a journal, read as it lies on the disk: its frames, and up to where SQLite itself would read it.

SQLite goes as far as the first frame whose sum is wrong, drops all that comes after without a word, and soon writes over it.
"""

from array import array
from pathlib import Path
from struct import Struct
from sys import byteorder
from typing import NamedTuple

_HEADER = Struct(">8I")
_FRAME = Struct(">6I")
_MAGIC = 0x377F0682
"""With the lowest bit set the sums are of big-endian words."""
_VERSION = 3_007_000
PAGE_SIZES = frozenset(1 << power for power in range(9, 17))
_32_BITS = 0xFFFFFFFF
USUAL_PAGE = 4096


class Frame(NamedTuple):
    """A page as a commit wrote it. `ends`: the commit ends with it. `at`: where the page begins in the log."""

    page: int
    ends: bool
    salts: tuple[int, int]
    at: int


class Log(NamedTuple):
    """The whole frames of a log, and how many of them, from the first, SQLite reads. `salts` mark those of the log's present round."""

    content: bytes
    page_size: int
    salts: tuple[int, int]
    frames: list[Frame]
    sound: int

    def image(self, frame: Frame) -> bytes:
        """The page that a frame holds."""
        return self.content[frame.at : frame.at + self.page_size]

    @property
    def damaged_at(self) -> int | None:
        """The first frame that is not sound, if commits were finished after it; counted from 1. None: the log is as it should be.

        The last commit may be torn: a power cut came before it was done, and nobody was told that it was.
        """
        lost = sum(frame.ends and frame.salts == self.salts for frame in self.frames[self.sound :])
        return self.sound + 1 if lost > 1 else None


def read_log(content: bytes) -> Log:
    """The log that these bytes are, whatever has become of them."""
    header = _HEADER.unpack_from(content) if len(content) >= _HEADER.size else (0,) * 8
    magic, version, page_size, _, *salts, first, second = header
    big = bool(magic & 1)
    known = magic & ~1 == _MAGIC and version == _VERSION and page_size in PAGE_SIZES
    sums = _sums(content[: _HEADER.size - 8], (0, 0), big=big) if known else None
    if page_size not in PAGE_SIZES:
        page_size = USUAL_PAGE
    frames = _frames(content, page_size)
    if sums != (first, second):  # SQLite reads nothing of it
        return Log(content, page_size, frames[0].salts if frames else (0, 0), frames, 0)
    sound = 0
    for frame in frames:
        head = frame.at - _FRAME.size
        sums = _sums(content[head : head + 8] + content[frame.at : frame.at + page_size], sums, big=big)
        if frame.salts != tuple(salts) or sums != _FRAME.unpack_from(content, head)[4:]:
            break
        sound += 1
    return Log(content, page_size, (salts[0], salts[1]), frames, sound)


def log_path(journal: Path) -> Path:
    """Where SQLite keeps the log of a journal."""
    return journal.with_name(journal.name + "-wal")


def _frames(content: bytes, page_size: int) -> list[Frame]:
    found = []
    for at in range(_HEADER.size + _FRAME.size, len(content) - page_size + 1, _FRAME.size + page_size):
        page, size, salt, salt_too, _, _ = _FRAME.unpack_from(content, at - _FRAME.size)
        found.append(Frame(page, size > 0, (salt, salt_too), at))
    return found


def _sums(content: bytes, before: tuple[int, int], *, big: bool) -> tuple[int, int]:
    """SQLite's running sums, over whole pairs of 32-bit words."""
    words = array("I", content)
    if big is not (byteorder == "big"):
        words.byteswap()
    first, second = before
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & _32_BITS
        second = (second + other + first) & _32_BITS
    return first, second
