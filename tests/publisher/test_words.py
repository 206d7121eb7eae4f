"""What a device makes of the words of one tracker, and of two."""

from tracker.publisher.words import Words
from tracker.wire import Acknowledged

SILENT_S = 180.0


def word(through: int, *missing: int, by: str = "a") -> Acknowledged:
    return Acknowledged("col-1", through, list(missing), by)


def test_nothing_is_acknowledged_while_nobody_has_spoken() -> None:
    words = Words(SILENT_S)
    assert (words.through, words.missing, words.live) == (0, frozenset(), False)


def test_a_retained_word_counts_until_a_tracker_speaks_and_is_none_that_lives() -> None:
    words = Words(SILENT_S)
    words.take(word(40, by="of a journal that is gone"), 0.0, live=False)
    assert (words.through, words.live) == (40, False)
    words.take(word(0), 1.0, live=True)
    assert (words.through, words.live) == (0, True)
    words.take(word(40, by="of a journal that is gone"), 2.0, live=False)
    assert words.through == 0


def test_what_one_of_two_trackers_lacks_is_not_acknowledged() -> None:
    words = Words(SILENT_S)
    words.take(word(9), 0.0, live=True)
    words.take(word(7, 3, by="b"), 0.5, live=True)
    assert (words.through, words.missing) == (7, frozenset({3}))
    words.take(word(9, by="b"), 1.0, live=True)
    assert (words.through, words.missing) == (9, frozenset())


def test_the_newest_word_of_a_tracker_takes_back_an_older_one() -> None:
    words = Words(SILENT_S)
    words.take(word(9), 0.0, live=True)
    words.take(word(4), 1.0, live=True)
    assert words.through == 4


def test_a_tracker_that_is_gone_is_waited_for_only_as_long_as_it_may_be_late() -> None:
    words = Words(SILENT_S)
    words.take(word(5, 1, by="b"), 0.0, live=True)
    words.take(word(9), SILENT_S, live=True)
    assert (words.through, words.missing) == (5, frozenset({1}))
    words.take(word(9), SILENT_S + 1, live=True)
    assert (words.through, words.missing) == (9, frozenset())
    words.take(word(6, by="b"), SILENT_S + 2, live=True)
    assert words.through == 6, "it is back"


def test_however_many_trackers_are_made_up_only_some_are_remembered() -> None:
    words = Words(SILENT_S)
    for number in range(1_000):
        words.take(word(number, by=str(number)), 0.0, live=True)
    assert len(words._words) < 10
