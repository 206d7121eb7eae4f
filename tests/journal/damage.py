"""A journal of many pages, and what can become of its file: for the tests of what is said of a damaged one, and of what is saved."""

import random
from collections.abc import Callable
from pathlib import Path

from tests.conftest import RaceDay, race_day
from tracker.journal import FactRow, Journal, QuarantineRow
from tracker.wire import Wire

DAY = race_day(250)
PAGE = 4_096
_WIRE = Wire("hill")
LONG = ("tracker/hill/desk/note", b'{"id":"n-1","time":1656129600000,"author":"desk",%s"reason":"fog"}' % (b" " * 15_000))
BAD = [("tracker/hill/col/passage", b"bib %d" % number, "no JSON") for number in range(40)]

Damage = Callable[[random.Random, bytearray], None]


def facts_of_day(day: RaceDay = DAY) -> list[FactRow]:
    """Every fact of the race day as the ingest stores it, and one that is longer than a page."""
    messages = [*day.messages[:600], LONG, *day.messages[600:]]
    return [FactRow(0, _WIRE.decode(*message).key, 1_000 + n, *message) for n, message in enumerate(messages)]  # type: ignore[union-attr]


async def big_journal(path: Path) -> Journal:
    """A journal with all of them, open; what was added last is only in its log."""
    journal = await Journal.create(path, DAY.sources)
    facts = facts_of_day()
    bad = [QuarantineRow(0, 5_000 + n, *one) for n, one in enumerate(BAD)]
    await journal.append(facts[:900], bad)
    await journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for first in range(900, len(facts), 10):
        await journal.append(facts[first : first + 10])
    return journal


def flipped(chance: random.Random, content: bytearray) -> None:
    """Some bytes are others."""
    for _ in range(chance.randint(1, 40)):
        content[chance.randrange(len(content))] ^= chance.randint(1, 255)


def zeroed(chance: random.Random, content: bytearray) -> None:
    """Some pages are gone."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) // PAGE) * PAGE
        content[at : at + PAGE] = bytes(PAGE)


def truncated(chance: random.Random, content: bytearray) -> None:
    """The end is gone."""
    del content[chance.randrange(len(content)) :]


def garbage(chance: random.Random, content: bytearray) -> None:
    """Something else stands in the middle."""
    at = chance.randrange(len(content))
    content[at : at + chance.randint(100, 5 * PAGE)] = chance.randbytes(chance.randint(100, 5 * PAGE))


def swapped(chance: random.Random, content: bytearray) -> None:
    """Two pages have changed places."""
    one, other = (chance.randrange(len(content) // PAGE) * PAGE for _ in range(2))
    content[one : one + PAGE], content[other : other + PAGE] = content[other : other + PAGE], content[one : one + PAGE]


def headless(chance: random.Random, content: bytearray) -> None:
    """The first page is gone, and with it what the tables are."""
    content[: min(PAGE, len(content))] = chance.randbytes(min(PAGE, len(content)))


DAMAGES: list[Damage] = [flipped, zeroed, truncated, garbage, swapped, headless]
