"""Of whom nobody knows where they are."""

import pytest

from tests.core.builders import accounts_for, alert_word, hand_time, heartbeat, read, reads, starts_at, withdraws
from tests.core.test_alerts import field_at, ids, only
from tracker.core.alerts import alerts
from tracker.core.facts import Fact
from tracker.core.missing import Missing, missing


def test_who_is_out_is_missing_until_he_is_in_safe_hands_and_who_was_read_longest_ago_stands_first() -> None:
    seen = (*reads("1", start=0, botella="3h30"), *reads("2", start=0, botella="3h"), *reads("3", start=0, botella="4h"))
    field = field_at("6h", *seen, withdraws("1", when="4h"), withdraws("2", when="5h"), count=3)
    assert missing(field, field.races) == Missing(("2", "1"), ())
    field.add(accounts_for("2", when="5h30"))
    assert missing(field, field.races) == Missing(("1",), ())


def test_who_is_overdue_is_missing_the_longest_first_and_only_in_his_own_race() -> None:
    field = field_at("17h", *reads("1", start=0, botella="3h30"), *reads("2", start=0, botella="3h"), count=2)
    assert missing(field, ["105k"]) == Missing((), ("2", "1"))
    assert missing(field, []) == Missing((), ())


def test_a_race_of_which_nothing_was_ever_heard_is_told_a_quarter_of_an_hour_after_the_gun() -> None:
    field = field_at("14m59")
    assert (ids(field), missing(field, field.races)) == ([], Missing((), ()))
    field.advance(field.now_ms + 1_000)
    assert missing(field, field.races) == Missing((), (), ("105k",))
    (found,) = alerts(field)
    assert (found.id, found.severity.name, found.race) == ("never_heard/105k", "ACT", "105k")
    field.advance(field.now_ms + 16 * 3_600_000)
    assert only(field, "never_heard").text == "nothing was ever heard of race 105k; the gun was 16h15 ago"


def test_the_desk_can_say_that_it_knows_but_nothing_that_it_says_makes_a_race_heard() -> None:
    word = alert_word("never_heard/105k", "acknowledged", "20m")
    field = field_at("1h", hand_time("start", 0, when="10m"), word)
    assert only(field, "never_heard").word == word


@pytest.mark.parametrize(
    "fact",
    [
        read("1", "botella", "-2h"),
        read("99", "botella", "20m"),
        withdraws("1", when="20m"),
        heartbeat("illa", "-5h", 0),
        starts_at("50m", said="30m"),
    ],
    ids=["a read, if only of a trial", "a read of a stranger", "a withdrawal", "a heartbeat of any station", "a later gun"],
)
def test_a_race_is_no_longer_unheard_with(fact: Fact) -> None:
    field = field_at("1h")
    assert "never_heard/105k" in ids(field)
    field.add(fact)
    assert "never_heard/105k" not in ids(field)
    assert missing(field, field.races).unheard == ()


def test_of_what_is_read_in_another_race_at_other_stations_no_race_is_heard() -> None:
    field = field_at("1h", read("99", "ansalonga", "20m"))
    assert missing(field, field.races).unheard == ("105k",)
