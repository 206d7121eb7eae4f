"""A field as of a moment: what had happened by then, by the clocks as the desk had put them right by then."""

from itertools import permutations

import pytest

from tests.conftest import Message
from tests.ingest.test_fold import Following, at, beat, desk, read, says
from tracker.core.changes import in_words
from tracker.core.soundness import digest
from tracker.files.times import parse_duration

AHEAD = {"device": "col-1", "offset_s": 7200}
AS_SOON = parse_duration("2h")
"""The col's clock is two hours ahead, and the desk says so."""


def as_of(moment: str, *messages: Message) -> Following:
    """The race as of a moment, by facts that came in this order."""
    return Following(until_ms=at(moment)).hears("9h", *messages).now(moment)


def is_now(following: Following, bib: str = "1") -> str:
    field = following.fold.field
    return in_words(field.event.races[0], field.verdict(bib))


AT_COL = [read("1", "village", "0m"), read("1", "col", at("3h30") + AS_SOON, device="col-1")]
"""In time for the cutoff after four hours, by a clock that says half past five."""


SAID = desk("clock", "30m", id="ahead", **AHEAD)


@pytest.mark.parametrize(
    ("words", "counts", "seen"),
    [
        pytest.param([], 1, False, id="nobody has put the clock right"),
        pytest.param([SAID], 3, True, id="said before"),
        pytest.param([desk("clock", "4h04", **AHEAD)], 3, True, id="said since the read"),
        pytest.param([desk("clock", "4h06", **AHEAD)], 1, False, id="said later than the moment"),
        pytest.param([SAID, desk("void", "4h", fact="ahead")], 3, False, id="taken back"),
        pytest.param([SAID, desk("void", "4h06", fact="ahead")], 3, True, id="taken back later than the moment"),
        pytest.param([desk("clock", "30m", **AHEAD, until=at("5h"))], 2, False, id="put right for another stretch"),
        pytest.param([desk("clock", "30m", **AHEAD | {"device": "col-2"})], 2, False, id="another device"),
    ],
)
def test_as_of_a_moment_a_read_counts_by_the_clock_as_the_desk_had_put_it_right_by_then(
    words: list[Message], counts: int, *, seen: bool
) -> None:
    for messages in ([*words, *AT_COL], [*AT_COL, *words]):
        following = as_of("4h05", *messages)
        assert is_now(following) == ("racing, last seen at Col" if seen else "out of time at Col")
        assert following.fold.counted == following.fold.came_after(at("8h")) == counts
        assert following.fold.came_after(at("9h")) == 0


@pytest.mark.parametrize(
    ("behind", "counts"),
    [
        pytest.param(read("1", "col", at("6h") - AS_SOON, device="col-1"), 2, id="a passage"),
        pytest.param(says("col", "withdrawal", at("6h") - AS_SOON, bib="1", reason="injury", device="col-1"), 2, id="a withdrawal"),
        pytest.param(beat("6h", -AS_SOON, "col-1", "col"), 2, id="a heartbeat"),
        pytest.param(read("1", "col", at("6h") - AS_SOON), 3, id="a read of no device"),
    ],
)
def test_what_was_yet_to_come_by_the_right_clock_does_not_count_and_is_not_from_the_future(behind: Message, counts: int) -> None:
    """A clock two hours behind: at five it tells of what happens at six, and calls it four o'clock."""
    word = desk("clock", "30m", device="col-1", offset_s=-7200)
    assert as_of("5h", read("1", "village", "0m"), behind, word).fold.counted == counts
    assert [alert.kind for alert in as_of("5h", read("1", "village", "0m"), behind, word).alerts("suspect", "cannot_apply")] == []
    assert as_of("6h", read("1", "village", "0m"), behind, word).fold.counted == 3


def test_a_withdrawal_by_a_clock_that_is_ahead_is_not_dated_in_the_future_once_it_is_put_right() -> None:
    gives_up = says("col", "withdrawal", at("3h30") + AS_SOON, bib="1", reason="injury", device="col-1")
    told = [read("1", "village", "0m"), gives_up, desk("clock", "30m", **AHEAD)]
    for following in (as_of("3h40", *told), Following().hears("3h31", *told).now("3h40")):
        assert is_now(following) == "withdrawn"
        assert following.alerts("cannot_apply") == []


def test_as_of_a_moment_a_station_is_heard_by_the_right_time_of_its_heartbeats() -> None:
    told = [read("1", "village", "0m"), beat("4h02", AS_SOON, "col-1", "col"), desk("clock", "30m", **AHEAD)]
    assert is_now(as_of("4h01", *told)) == "out of time at Col"  # nothing was ever heard of a device there
    assert is_now(as_of("4h05", *told, beat("3h", AS_SOON, "col-1", "col"))) == "out of time at Col"
    assert is_now(as_of("4h01", *told, beat("3h", AS_SOON, "col-1", "col"))).startswith("racing, last seen at Village, unconfirmed at Col")


def test_as_of_a_moment_the_field_is_the_same_in_whatever_order_the_rows_come_and_in_how_many_parts() -> None:
    hut = read("2", "hut", at("6h") - AS_SOON, device="hut-1")
    words = [desk("clock", "30m", **AHEAD), desk("clock", "40m", device="hut-1", offset_s=-7200)]
    whole = digest(as_of("4h05", *AT_COL, hut, *words).fold.field)
    for order in permutations([*AT_COL, hut, *words]):
        following = Following(until_ms=at("4h05")).now("4h05")
        for message in order:
            following.hears("9h", message)
        assert digest(following.fold.field) == whole
        assert following.fold.counted == 4
