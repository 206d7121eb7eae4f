"""When the desk speaks so that its word stands: of what it answers, also by a clock that is ahead or stands still."""

import pytest

from tests.core.builders import accounts_for, alert_word, at, decides, entrant, field_of, race_with, read, reads, void, withdraws
from tracker.core.alerts import alerts
from tracker.core.facts import DeskWord, Fact
from tracker.core.saying import said_at
from tracker.core.trial import trial

NOW = "9h"
OUT = decides("withdrawn", "8h")


def moment(fact: DeskWord, *known: Fact) -> int:
    """When it is said at nine, after the gun."""
    field = field_of(race_with(), [*reads(start=0), *known], now=NOW)
    return said_at(field, fact, alerts(field)) - at(NOW)


def test_what_answers_nothing_newer_is_said_now() -> None:
    assert moment(decides("accepted", NOW), OUT, withdraws(when="7h")) == 0


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        (decides("reinstated", NOW), decides("withdrawn", NOW)),
        (decides("reinstated", NOW), withdraws(when=NOW)),
        (decides("withdrawn", NOW), read("1", "botella", NOW)),
        (void(decides("withdrawn", NOW), when=NOW), decides("withdrawn", NOW)),
        (accounts_for(when=NOW), read("1", "botella", NOW)),
        (withdraws(when=NOW), read("1", "botella", NOW)),
    ],
)
def test_of_one_moment_the_answer_is_the_later_word(answer: DeskWord, known: Fact) -> None:
    assert moment(answer, known) == 1


def test_a_word_by_a_clock_that_is_a_little_ahead_is_answered_later_still() -> None:
    assert moment(decides("reinstated", NOW), decides("withdrawn", "9h05")) == 5 * 60_000 + 1


def test_a_withdrawal_answers_no_other_runners() -> None:
    assert moment(withdraws(when=NOW), withdraws("2", when="9h05")) == 0


def test_a_word_of_the_future_is_not_answered_yet() -> None:
    assert moment(decides("reinstated", NOW), decides("withdrawn", "9h11")) == 0


def test_a_void_is_taken_back_however_far_ahead_it_was_said() -> None:
    far = void(OUT, when="30h", name="far")
    assert moment(void("far", when=NOW), OUT, far) == 21 * 3_600_000 + 1
    assert moment(void(OUT, when=NOW), OUT, far) == 0
    later = decides("withdrawn", "30h")
    assert moment(void(later, when=NOW), later) == 0


def test_an_alert_is_seen_no_sooner_than_what_it_speaks_of() -> None:
    fast = read("1", "illa", "9h04")
    known: list[Fact] = [OUT, fast]
    field = field_of(race_with(), [*reads(start=0), *known], entrants=[entrant("1")], now=NOW)
    one = next(alert for alert in alerts(field) if alert.kind == "conflict")
    assert one.at_ms == at("9h04")
    word = alert_word(one.id, "acknowledged", NOW)
    assert trial(field, [word]).words == [], "said now it would not hold"
    assert said_at(field, word, alerts(field)) == at("9h04")
