"""Hostile messages end to end, a short run: each is a fact in the journal, in quarantine, or a last will, and all can be shown."""

from pathlib import Path

import pytest

from tests.fuzz import whole
from tests.fuzz.messages import KINDS, Hostile
from tests.fuzz.race import SOURCES
from tracker.journal import Journal
from tracker.wire.desk import DESK_KINDS
from tracker.wire.payloads import DEVICE_KINDS

RUNS = 20_000


def test_every_hostile_message_is_in_the_journal_or_in_quarantine_and_the_race_can_be_shown(tmp_path: Path) -> None:
    said = whole.run(7, RUNS, tmp_path / "race.db", largest=100_000)
    assert f"{RUNS:,} messages" in said
    assert " 0 unaccounted for" in said


def test_every_command_can_show_a_race_of_hostile_messages(tmp_path: Path) -> None:
    whole.run(8, 1000, tmp_path / "race.db", largest=10_000)
    assert all(whole.commands(tmp_path / "race.db").values())


async def test_the_account_notices_a_message_that_is_missing(tmp_path: Path) -> None:
    async with await Journal.create(tmp_path / "race.db", SOURCES) as journal:
        await whole.take_in(journal, 9, 1000, 1000)
        await whole.account(journal, whole.streams(9, 1000, 1000), 1000)
        with pytest.raises(whole.Unaccounted, match="not where it should be"):
            await whole.account(journal, whole.streams(10, 1000, 1000), 1000)


def test_the_same_seed_gives_the_same_messages_and_every_kind_comes() -> None:
    messages = Hostile(3).batch(3000)
    assert messages == Hostile(3).batch(3000)
    assert messages != Hostile(4).batch(3000)
    assert {(kind.desk, kind.name) for kind in KINDS} == {(False, name) for name in DEVICE_KINDS} | {(True, name) for name in DESK_KINDS}
