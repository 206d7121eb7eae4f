"""A field as of a moment: what had truly happened by then, by the clocks as the desk has put them right whenever it did."""

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


def as_of(moment: str, *messages: Message, received: str = "9h") -> Following:
    """The race as of a moment, by facts that came in this order."""
    return Following(until_ms=at(moment)).hears(received, *messages).now(moment)


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
        pytest.param([desk("clock", "4h06", **AHEAD)], 3, True, id="said later than the moment"),
        pytest.param([SAID, desk("void", "4h", fact="ahead")], 3, False, id="taken back"),
        pytest.param([SAID, desk("void", "4h06", fact="ahead")], 3, False, id="taken back later than the moment"),
        pytest.param([SAID, desk("void", "4h06", id="no", fact="ahead"), desk("void", "4h07", fact="no")], 5, True, id="and said again"),
        pytest.param([SAID, desk("void", "4h06", fact="another")], 3, True, id="another fact taken back later"),
        pytest.param([desk("clock", "30m", **AHEAD, until=at("5h"))], 2, False, id="put right for another stretch"),
        pytest.param([desk("clock", "30m", **AHEAD | {"device": "col-2"})], 2, False, id="another device"),
    ],
)
def test_as_of_a_moment_a_read_counts_by_the_clock_as_the_desk_has_put_it_right_whenever_it_did(
    words: list[Message], counts: int, *, seen: bool
) -> None:
    for messages in ([*words, *AT_COL], [*AT_COL, *words]):
        following = as_of("4h05", *messages)
        assert is_now(following) == ("racing, last seen at Col" if seen else "out of time at Col")
        assert following.fold.counted == following.fold.came_after(at("8h")) == counts
        assert following.fold.came_after(at("9h")) == 0
        assert not [alert for alert in following.fold.alerts() if alert.at_ms > at("4h05") or "future" in alert.text]


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


def test_as_of_a_moment_a_race_was_heard_when_the_last_happened_that_a_device_told_and_not_what_the_desk_said_since() -> None:
    following = as_of("3h", *AT_COL, SAID, desk("note", "2h"))
    assert following.fold.heard_ms == at("0m")
    following.fold.go_on(at("4h05"))
    assert following.fold.heard_ms == at("3h30"), "by the right clock"
    following.fold.go_on(at("5h"))
    assert following.fold.heard_ms == at("3h30")


def test_as_of_a_moment_a_station_is_heard_by_the_right_time_of_its_heartbeats() -> None:
    told = [read("1", "village", "0m"), beat("4h02", AS_SOON, "col-1", "col"), desk("clock", "30m", **AHEAD)]
    unheard = "racing, last seen at Village, unconfirmed at Col"
    assert is_now(as_of("4h01", *told)) == "out of time at Col"  # nothing was ever heard of a device there
    assert is_now(as_of("4h05", *told, beat("3h", AS_SOON, "col-1", "col"))) == "out of time at Col"
    assert is_now(as_of("4h01", *told, beat("3h", AS_SOON, "col-1", "col"))).startswith(unheard)


@pytest.mark.parametrize("words", [[], [desk("clock", "5h", device="col-2", offset_s=7200)]], ids=["no word", "a word on another clock"])
def test_as_of_a_moment_a_station_is_monitored_whose_heartbeats_came_by_then_from_a_clock_that_is_ahead(words: list[Message]) -> None:
    """The tracker never acts on silence there, then as now: a heartbeat from the future makes it heard no further."""
    told = [read("1", "village", "0m"), *(beat(when, AS_SOON, "col-1", "col") for when in ("3h", "4h01")), *words]
    assert is_now(as_of("4h05", *told, received="4h02")).startswith("racing, last seen at Village, unconfirmed at Col")
    assert is_now(as_of("4h05", *told, received="4h06")) == "out of time at Col"


def test_as_of_a_moment_nobody_is_out_of_time_whom_a_word_that_came_later_has_put_in_time() -> None:
    """The desk says an hour after the cutoff that the clock was ahead, of a station that was heard all the time."""
    beats = [beat(when, AS_SOON, "col-1", "col") for when in ("3h", "4h04")]
    following = as_of("4h05", *AT_COL, *beats, desk("clock", "5h", **AHEAD), received="4h05")
    assert is_now(following) == "racing, last seen at Col"
    assert following.fold.alerts() == []


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


def test_going_on_to_a_later_moment_adds_what_happened_since_as_if_it_were_taken_anew() -> None:
    words = [desk("clock", "3h", **AHEAD), desk("void", "4h06", id="no", fact="m"), desk("void", "4h30", fact="no")]
    beats = [beat(when, AS_SOON, "col-1", "col") for when in ("1h", "4h04", "8h")]
    told = [*AT_COL, *words, *beats, read("2", "village", "1s"), read("2", "col", "3h50"), read("2", "hut", "8h30")]
    going = as_of("10m", *told)
    for moment in ("10m", "3h", "3h40", "4h05", "5h", "8h10", "9h", "30h"):
        going.fold.go_on(at(moment))
        anew = as_of(moment, *told)
        assert going.fold.counted == anew.fold.counted
        assert digest(going.now(moment).fold.field) == digest(anew.fold.field)
        assert {fact.key for fact in going.fold.newest(99)} == {fact.key for fact in anew.fold.newest(99)}
    assert [fact.at_ms for fact in going.fold.newest(2)] == [at("8h30"), at("10h")]
    with pytest.raises(ValueError, match="take the facts anew"):
        going.fold.go_on(at("29h"))
