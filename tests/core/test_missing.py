"""Of whom nobody knows where they are."""

from tests.core.builders import accounts_for, reads, withdraws
from tests.core.test_alerts import field_at
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
