"""Who said a fact."""

import msgspec

from tests.core.builders import decides, heartbeat, read, withdraws
from tracker.core.facts import is_from_device


def test_what_the_desk_says_makes_no_silent_race_a_heard_one_nor_does_a_withdrawal_that_it_was_told_by_radio() -> None:
    assert is_from_device(read("1", "botella", "2h"))
    assert is_from_device(heartbeat("botella", "2h"))
    assert not is_from_device(decides("withdrawn", "2h"))
    assert not is_from_device(withdraws())
    assert is_from_device(msgspec.structs.replace(withdraws(), device="botella-1"))
