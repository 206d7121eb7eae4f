"""What a damaged journal still holds, read page by page from the bytes of its files, without SQLite.

SQLite finds a row from the top of its table down, so one bad page can hide a thousand sound ones. Here every page is looked at by itself,
the log's too, and where one is not sound whatever looks like a fact. The files are only read.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from tracker.journal.pages import MAGIC, BadPage, Cell, Kind, PageOf, Value, content, kind_of, records, size_of, values, varint
from tracker.journal.rows import NAMES, FactRow, JournalError, QuarantineRow
from tracker.journal.wal import PAGE_SIZES, Frame, log_path, read_log

_LEAST_FACT = 30
"""No fact takes fewer bytes in a file."""
_HEAD_OF_A_FACT = re.compile(rb"(?s)(?=[\x06-\x0c]\x00\x2c[\x01-\x06])")
"""The length of the head, a number that stands elsewhere, a key of 16 bytes, a moment."""

Proof = Callable[[FactRow], bool]
"""Whether a fact is as it came: its key is that of its content."""


@dataclass(slots=True)
class Found:
    """The rows of a wreck, each once, in order of arrival as far as that is known. `garbled`: what has another key than its content.

    `missing`: the numbers of facts that there were, and that are in neither.
    """

    facts: list[FactRow] = field(default_factory=list)
    garbled: list[FactRow] = field(default_factory=list)
    quarantined: list[QuarantineRow] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)


class Wreck:
    """The files of a journal, however damaged. JournalError when they cannot be read at all.

    `log`: what became of SQLite's log beside it, in words; empty: it was read, or there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = ""
        try:
            self._file = path.read_bytes()
            log = log_path(path).read_bytes() if log_path(path).exists() else b""
        except OSError as error:
            raise JournalError(f"{path}: cannot be read ({error.strerror}); check the name and the disk") from error
        self._read = read_log(log)
        self._page_size = _page_size(self._file) or self._read.page_size
        self._frames = self._read.frames if self._read.page_size == self._page_size else []
        self._bytes = len(self._file) + len(log)
        self._newest = self._as_sqlite_reads()
        self._leave_out_the_log_of_another()

    @property
    def pages(self) -> int:
        """How many pages there are to look at."""
        return -(-len(self._file) // self._page_size) + len(self._frames)

    @property
    def pages_said(self) -> int:
        """How many pages the file says that it has; 0: it does not say."""
        return int.from_bytes(self._file[28:32], "big") if _page_size(self._file) else 0

    @property
    def pages_there(self) -> int:
        """How many pages the file has."""
        return len(self._file) // self._page_size

    def named(self) -> dict[str, str]:
        """The values that stand under names in it: the event file, the roster, and what the ingest has written down."""
        return self._named(self._images())

    def rows(self, is_true: Proof, step: Callable[[int], None]) -> Found:
        """Everything else; `step` hears how many pages were looked at."""
        return _Search(self.page, self._page_size, self._bytes // _LEAST_FACT, is_true).over(self._images(), step)

    def page(self, number: int) -> bytes:
        """The page of a number as SQLite would read it. BadPage when there is none."""
        frame = self._newest.get(number)
        if frame is not None:
            return self._read.image(frame)
        image = self._file[(number - 1) * self._page_size : number * self._page_size] if number > 0 else b""
        if not image:
            raise BadPage(f"there is no page {number}")
        return image

    def _as_sqlite_reads(self) -> dict[int, Frame]:
        """The newest frame of each page, of the commits that are sound and whole."""
        sound = self._frames[: self._read.sound]
        while sound and not sound[-1].ends:
            sound.pop()
        return {frame.page: frame for frame in sound}

    def _leave_out_the_log_of_another(self) -> None:
        """A journal keeps its session for ever: a log that tells of another was put beside this file by hand."""
        logged = self._named(self._read.image(frame) for frame in reversed(self._frames))
        frames, self._frames = self._frames, []
        newest, self._newest = self._newest, {}
        own = self._named(self._images())
        if None not in (own.get("session"), logged.get("session")) and own["session"] != logged["session"]:
            self.log = f"{log_path(self.path)}: is the log of another journal, and was left out"
        else:
            self._frames, self._newest = frames, newest

    def _images(self) -> Iterator[bytes]:
        """Every page: first as SQLite would read it, then as it was before, and what of the log SQLite would not read."""
        size = self._page_size
        in_file = range(0, len(self._file), size)
        newest = {frame.at for frame in self._newest.values()}
        for at in in_file:
            if at // size + 1 not in self._newest:
                yield self._file[at : at + size]
        for wanted in (True, False):
            yield from (self._read.image(frame) for frame in reversed(self._frames) if (frame.at in newest) is wanted)
        for at in in_file:
            if at // size + 1 in self._newest:
                yield self._file[at : at + size]

    def _named(self, images: Iterator[bytes]) -> dict[str, str]:
        found: dict[str, str] = {}
        for image in images:
            try:
                if kind_of(image) not in {Kind.INDEX, Kind.INDEX_LEAF}:
                    continue
                for _, told in records(image, self._page_size, self.page):
                    if told is not None and len(told) == 2 and isinstance(name := told[0], str) and name in NAMES:
                        found.setdefault(name, _text(told[1]))
            except BadPage:
                continue
        return found


class _Search:
    """One look through all pages for rows. `most`: a number that no fact can have had."""

    def __init__(self, page_of: PageOf, page_size: int, most: int, is_true: Proof) -> None:
        self._page_of = page_of
        self._page_size = page_size
        self._most = most
        self._is_true = is_true
        self._facts: dict[bytes, FactRow] = {}
        self._garbled: dict[tuple[str, bytes], FactRow] = {}
        self._quarantined: dict[tuple[str, bytes], QuarantineRow] = {}
        self._in_index: dict[bytes, int] = {}

    def over(self, images: Iterator[bytes], step: Callable[[int], None]) -> Found:
        """What all these pages hold."""
        for sound, run in groupby(images, self._take_page):
            ruins = []
            for image in run:
                step(1)
                if not sound:
                    ruins.append(image)
            self._dig(b"".join(ruins))
        facts = [row._replace(no=row.no or self._in_index.get(key, 0)) for key, row in self._facts.items()]
        numbers = {row.no for row in facts}
        garbled = [row for row in self._garbled.values() if row.no not in numbers]
        numbers |= {row.no for row in garbled}
        missing = {no for key, no in self._in_index.items() if key not in self._facts and no not in numbers}
        missing |= set(range(1, max(numbers, default=0))) - numbers
        return Found(sorted(facts, key=_by_arrival), sorted(garbled), sorted(self._quarantined.values()), sorted(missing))

    def _take_page(self, image: bytes) -> bool:
        """Whether a page is sound from its beginning to its end; what it holds is taken."""
        try:
            kind = kind_of(image)
            told = [*records(image, self._page_size, self._page_of)]
        except BadPage:
            return False
        if kind is Kind.TABLE_LEAF:
            steps = Counter(one.no - place for place, (one, _) in enumerate(told))
            first = steps.most_common(1)[0][0] if steps else 0  # rows are numbered without a gap: so a garbled number is known
            return all([self._take_row(first + place, row) for place, (_, row) in enumerate(told)])  # noqa: C419  each of them
        for _, row in told:
            match row:
                case [bytes(key), int(no)] if 0 < no < self._most:
                    self._in_index.setdefault(key, no)
        return None not in [row for _, row in told]

    def _take_row(self, no: int, row: list[Value] | None) -> bool:
        no = no if 0 < no < self._most else 0
        match row:
            case [None, bytes(key), int(received_ms), str(topic), bytes(payload)]:
                self._take_fact(FactRow(no, key, received_ms, topic, payload))
            case [None, int(received_ms), str(topic), bytes(payload), str(reason)]:
                self._quarantined.setdefault((topic, payload), QuarantineRow(no, received_ms, topic, payload, reason))
            case [str(), str(), str(), int(), str() | None]:
                pass  # what the tables are
            case _:
                return False
        return True

    def _take_fact(self, row: FactRow) -> None:
        if self._is_true(row):
            self._facts.setdefault(row.key, row)
        else:
            self._garbled.setdefault((row.topic, row.payload), row)

    def _dig(self, ruins: bytes) -> None:
        """Take what looks like a fact, and proves to be one."""
        for head in _HEAD_OF_A_FACT.finditer(ruins):
            at = head.start()
            try:
                length = _length(ruins, at)
                row = values(content(Kind.TABLE_LEAF, ruins, Cell(at, length, 0), self._page_size, self._page_of))
            except BadPage:
                continue
            match row:
                case [None, bytes(key), int(received_ms), str(topic), bytes(payload)]:
                    no = _number_before(ruins, at, length)
                    fact = FactRow(no if no < self._most else 0, key, received_ms, topic, payload)
                    if self._is_true(fact):
                        self._facts.setdefault(key, fact)


def _by_arrival(row: FactRow) -> tuple[bool, int, int]:
    return row.no == 0, row.no, row.received_ms


def _length(ruins: bytes, at: int) -> int:
    """How long the record is that begins there, by its head."""
    head, place = varint(ruins, at)
    length, end = head, at + head
    while place < end:
        serial, place = varint(ruins, place)
        length += size_of(serial)
    return length


def _number_before(ruins: bytes, at: int, length: int) -> int:
    """The number of the row whose record begins there: between it and the length before it; 0 when it cannot be made out."""
    for size in range(1, 10):
        for before in range(1, 4):
            start = at - size - before
            if start >= 0 and varint(ruins, start) == (length, at - size):
                no, end = varint(ruins, at - size)
                if end == at:
                    return no
    return 0


def _page_size(file: bytes) -> int:
    """The size of a journal's pages; 0 when its header is gone."""
    size = int.from_bytes(file[16:18], "big") if file.startswith(MAGIC) else 0
    return size if size in PAGE_SIZES else 0


def _text(value: Value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
