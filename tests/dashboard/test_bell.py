"""The terminal's bell, in a real terminal: it calls whoever looks away, once, and only to what is new."""

import pytest

from tests.conftest import until
from tests.dashboard.conftest import START_MS, Weekend
from tests.terminal import Terminal
from tests.test_terminal_manners import SEQUENCE
from tracker.clock import RaceClock
from tracker.journal import JournalError, QuarantineRow


def rung(terminal: Terminal) -> int:
    """How often the bell was rung; what ends one of the library's own sequences is none."""
    return SEQUENCE.sub(b"", terminal.shown).count(b"\x07")


async def test_it_rings_once_when_something_is_newly_to_be_acted_on_and_not_for_what_was_there_or_is_replayed(noon: Weekend) -> None:
    async with Terminal("watch", noon.path) as terminal:
        await terminal.shows("Ada Larch")
        await terminal.come_to_rest()
        assert rung(terminal) == 0, "two are out and not accounted for, but that was so when the dashboard opened"
        terminal.press("4")
        await noon.say("square", "withdrawal", "5h", bib="6", reason="illness")
        await until(lambda: rung(terminal) > 0, "the bell rings, whatever screen is in front")
        await noon.say("desk", "note", "5h", author="Ector", reason="on record", text="nothing to act on")
        await noon.now("5h01")
        await terminal.come_to_rest()
        for key in "[]":
            terminal.press(key)
            await terminal.come_to_rest()
        assert rung(terminal) == 1


async def test_a_race_that_is_played_faster_than_it_happened_rings_no_bell(weekend: Weekend) -> None:
    await weekend.reads("1", square="1s")
    await weekend.journal.set_clock(RaceClock.starting_at(START_MS + 600_000, 10.0))
    async with Terminal("watch", weekend.path) as terminal:
        await terminal.shows("Ada Larch")
        assert b"unaccounted 1" not in terminal.shown
        await weekend.say("square", "withdrawal", "10m", bib="1", reason="illness")
        await terminal.shows("unaccounted 1: 1")
        assert rung(terminal) == 0


async def test_it_rings_when_the_journal_can_no_longer_be_written_and_not_when_it_can_again(noon: Weekend) -> None:
    async with Terminal("watch", noon.path) as terminal:
        await terminal.shows("Ada Larch")
        await terminal.come_to_rest()
        await noon.journal._db.execute("PRAGMA max_page_count = 1")
        with pytest.raises(JournalError):
            await noon.journal.append([], [QuarantineRow(0, 1, "tracker/hill/col/passage", b"x" * 100_000, "no JSON")])
        await terminal.shows("DISK FULL since")
        await terminal.come_to_rest()
        assert rung(terminal) == 1
        await noon.journal._db.execute("PRAGMA max_page_count = 1000000")
        await noon.say("desk", "note", "5h", author="Ector", reason="on record", text="nothing to act on")
        await until(lambda: "DISK FULL" not in "\n".join(terminal.glass.text), "the word is gone")
        assert rung(terminal) == 1
