"""What late facts have changed is told as long as it is so, and what is not listed is counted."""

from itertools import groupby
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import MINUTE_MS, Message, race_day
from tests.ingest.test_fold import BACKLOG, BIBS, Following, at, beat, begun, desk, read, withdraws
from tracker.clock import RaceClock
from tracker.commands.opening import fold as fold_of
from tracker.dashboard.tail import Tail
from tracker.fold import Fold
from tracker.journal import BATCH, FactRow, Journal


def test_news_is_told_only_while_the_fact_that_made_it_counts() -> None:
    following = begun().hears("8h", *BACKLOG)
    void = desk("void", "8h10", id="wrong bib", fact=orjson.loads(BACKLOG[0][1])["id"])
    assert [alert.bib for alert in following.hears("8h10", void).alerts("late")] == ["2"]
    following.hears("8h20", desk("void", "8h20", fact="wrong bib"))
    assert sorted(alert.bib or "" for alert in following.alerts("late")) == ["1", "2"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param([desk("status", "9h", bib="1", status="out_of_time")], id="the director decides"),
        pytest.param([withdraws("1", "hut", "8h59")], id="the runner gives up"),
        pytest.param([desk("clock", "9h", device="hut-2", offset_s=-7200)], id="the clock that read him is put right"),
        pytest.param([], id="the next cutoff strikes"),
    ],
)
def test_news_is_no_longer_told_of_who_is_something_else_by_now(more: list[Message]) -> None:
    following = begun().hears("8h", read("1", "hut", "6h30", device="hut-2"))
    assert [alert.bib for alert in following.alerts("late")] == ["1"]
    following.now("9h" if more else "10h01")
    assert [alert.text for alert in following.hears("9h", *more).alerts("late")] == []


def test_news_tells_where_the_runner_is_by_now() -> None:
    following = begun().hears("8h", BACKLOG[0]).hears("9h", read("1", "ridge", "9h")).now("9h")
    [alert] = following.alerts("late")
    assert alert.text == "bib 1: out of time at Hut no longer holds, now racing, last seen at Ridge"


@pytest.mark.parametrize(
    ("late", "told"),
    [
        pytest.param(read("1", "village", "0m"), [], id="a first read"),
        pytest.param(withdraws("1", "village", "0m"), ["1: entered -> withdrawn"], id="a withdrawal"),
    ],
)
def test_who_is_seen_for_the_first_time_is_no_news_and_who_gave_up_before_that_is(late: Message, told: list[str]) -> None:
    assert Following().hears("0m", read("2", "village", "0m")).now("11m").hears("11m", late).news == told


MANY = [str(number) for number in range(1, 601)]


def given_up() -> Following:
    """Six hundred whose withdrawals come late, one half an hour after the other."""
    following = Following(day=race_day(600)).hears("0m", *(read(bib, "village", "0m") for bib in MANY)).now("3h")
    following.hears("3h", *(withdraws(bib, "col", "1h") for bib in MANY[:300])).now("4h")
    return following.hears("4h", *(withdraws(bib, "col", "1h") for bib in MANY[300:]))


def test_of_too_much_news_the_newest_is_listed_and_the_rest_is_counted() -> None:
    found = given_up().alerts("late")
    others = [alert for alert in found if alert.id == "late/others"]
    assert {alert.bib for alert in found} == {*MANY[100:], None}
    assert [(alert.text, alert.at_ms, alert.race) for alert in others] == [
        ("100 older changes by late reads are not listed", at("3h"), None)
    ]
    assert others[0].todo == "ask `tracker changes` for a moment before they came: it lists them all"
    assert [alert.at_ms for alert in found] == sorted(alert.at_ms for alert in found)


def test_news_that_holds_no_more_takes_nobodys_place() -> None:
    following = given_up()
    voids = [desk("void", "4h10", fact=orjson.loads(withdraws(bib, "col", "1h")[1])["id"]) for bib in MANY[300:399]]
    found = following.hears("4h10", *voids).alerts("late")
    assert [alert.text for alert in found if alert.bib is None] == ["1 older change by a late read is not listed"]
    following.hears("4h11", desk("void", "4h11", fact=orjson.loads(withdraws("400", "col", "1h")[1])["id"]))
    assert sorted(alert.bib or "" for alert in following.alerts("late")) == sorted([*MANY[:300], *MANY[400:]])


def test_news_that_is_old_is_neither_listed_nor_counted_nor_kept() -> None:
    following = given_up().now("9h")
    assert {alert.bib for alert in following.alerts("late")} == set(MANY[300:])
    following.hears("9h", withdraws("1", "col", "2h"), desk("status", "9h", bib="1", status="stopped"))
    assert {one.change.bib for one in following.fold.news} == {"1", *MANY[300:]}


@pytest.mark.parametrize(
    ("said", "until_seen_again"),
    [({"state": "acknowledged"}, "15h"), ({"state": "shelved", "until": at("4h30")}, "4h30")],
    ids=["acknowledged", "shelved"],
)
def test_what_the_desk_has_seen_of_the_news_that_is_counted_bears_its_word(said: dict[str, object], until_seen_again: str) -> None:
    following = given_up().hears("4h05", desk("alert", "4h05", alert="late/others", **said)).now("4h10")

    def words() -> list[bool]:
        return [alert.word is not None for alert in following.alerts("late") if alert.id == "late/others"]

    assert words() == [True]
    following.now("4h30")
    assert words() == [until_seen_again != "4h30"]


def test_a_word_on_the_news_that_is_counted_holds_until_there_is_more_of_it() -> None:
    following = given_up().hears("3h30", desk("alert", "3h30", alert="late/others", state="acknowledged"))
    [others] = [alert for alert in following.alerts("late") if alert.bib is None]
    assert others.word is not None
    more = Following(day=race_day(600)).hears("0m", *(read(bib, "village", "0m") for bib in MANY)).now("3h")
    more.hears("3h", desk("alert", "2h59", alert="late/others", state="acknowledged"), *(withdraws(bib, "col", "1h") for bib in MANY))
    assert [alert.word for alert in more.alerts("late") if alert.bib is None] == [None]


Received = list[tuple[int, Message]]
BEGUN: Received = [(at(when), read(bib, station, when)) for station, when in (("village", "0m"), ("col", "3h")) for bib in BIBS]


def followed(received: Received, *, live: bool = True) -> Following:
    """As the ingest has it that ran all the time: nobody is told anything before the first facts came, and everybody after."""
    following = Following(live=live)
    for at_ms, group in groupby(received, lambda one: one[0]):
        if following.fold.counted:
            following.fold.field.advance(at_ms)
        following.hears(at_ms, *(message for _, message in group))
    return following


def read_at_once(received: Received, now: str, *, live: bool = True) -> Following:
    """As whoever opens the journal now."""
    following = Following(live=live, now_ms=at(now))
    rows = [FactRow(no, following.fact(*message).key, at_ms, *message) for no, (at_ms, message) in enumerate(received, start=1)]
    following.fold.take(rows)
    return following


def late(following: Following, now: str) -> list[tuple[str, str, str, int]]:
    return [(alert.id, alert.text, alert.todo, alert.at_ms) for alert in following.now(now).alerts("late")]


HOUR_BEHIND = desk("clock", "7h", id="behind", device="hut-1", offset_s=-3600)


@pytest.mark.parametrize(
    ("came", "now", "told"),
    [
        pytest.param([(at("8h"), message) for message in BACKLOG], "8h", "12", id="just now"),
        pytest.param([(at("8h"), message) for message in BACKLOG], "13h59", "", id="long ago, and the next cutoff has struck"),
        pytest.param([(at("8h"), withdraws("1", "hut", "5h"))], "13h59", "1", id="almost six hours ago"),
        pytest.param([(at("8h"), withdraws("1", "hut", "5h"))], "14h", "", id="six hours ago"),
        pytest.param([(at("8h"), BACKLOG[0]), (at("8h30"), BACKLOG[1])], "9h", "12", id="one after the other"),
        pytest.param([(at("8h"), BACKLOG[0]), (at("8h30"), read("1", "ridge", "8h29"))], "9h", "1", id="he was seen since"),
        pytest.param([(at("6h41"), message) for message in BACKLOG], "9h", "", id="in time to make no difference"),
        pytest.param(
            [(at("7h"), HOUR_BEHIND), (at("7h35"), read("1", "hut", "6h30", device="hut-1"))], "8h", "", id="of a corrected clock"
        ),
        pytest.param(
            [
                (at("7h"), HOUR_BEHIND),
                (at("7h10"), desk("void", "7h10", fact="behind")),
                (at("7h35"), read("1", "hut", "6h30", device="hut-1")),
            ],
            "8h",
            "1",
            id="of a clock that was right after all",
        ),
    ],
)
@pytest.mark.parametrize("live", [True, False], ids=["by the wall's clock", "by a simulated clock"])
def test_who_opens_the_journal_later_is_told_the_same_news_as_who_followed_it(came: Received, now: str, told: str, *, live: bool) -> None:
    received = [*BEGUN, *came]
    at_once = late(read_at_once(received, now, live=live), now)
    assert at_once == late(followed(received, live=live), now)
    assert sorted(name.partition("/")[2].partition("/")[0] for name, *_ in at_once) == list(told)


MESSAGES = st.one_of(
    st.builds(
        lambda bib, station, minute: read(bib, station, f"{minute}m"),
        st.sampled_from(BIBS),
        st.sampled_from(["col", "hut", "ridge"]),
        st.integers(120, 560),
    ),
    st.builds(lambda bib, minute: withdraws(bib, "hut", f"{minute}m"), st.sampled_from(BIBS), st.integers(120, 560)),
    st.builds(lambda bib, minute: read(bib, "hut", f"{minute}m", device="hut-1"), st.sampled_from(BIBS), st.integers(120, 560)),
    st.builds(lambda minute: beat(f"{minute}m"), st.integers(120, 560)),
    st.builds(
        lambda minute, off_s: desk("clock", f"{minute}m", id="off", device="hut-1", offset_s=off_s),
        st.integers(120, 560),
        st.sampled_from([-3600, 3600]),
    ),
    st.builds(lambda minute: desk("void", f"{minute}m", fact="off"), st.integers(120, 560)),
)


@given(st.lists(st.tuples(st.integers(190, 600), MESSAGES), max_size=12), st.booleans())
def test_whatever_came_the_news_is_the_same_for_who_followed_and_who_opens_the_journal(came: list[tuple[int, Message]], live: bool) -> None:
    later = sorted(((at("0m") + minute * MINUTE_MS, message) for minute, message in came), key=lambda one: one[0])
    received = [*BEGUN, *later]
    assert late(read_at_once(received, "10h", live=live), "10h") == late(followed(received, live=live), "10h")


def test_what_comes_in_the_first_second_of_a_race_is_no_news_for_nobody_was_told_anything() -> None:
    received = [*((at("8h"), message) for _, message in BEGUN), *((at("8h") + 900, message) for message in BACKLOG)]
    assert late(read_at_once(received, "9h"), "9h") == late(followed(received), "9h") == []


def test_a_field_that_was_received_by_a_clock_that_is_ahead_of_now_does_not_run_ahead() -> None:
    following = read_at_once([*BEGUN, (at("20h"), withdraws("1", "hut", "5h"))], "8h")
    assert following.fold.field.now_ms == at("8h")
    assert [alert.bib for alert in following.alerts("late")] == ["1"]


async def test_a_restarted_ingest_takes_the_facts_of_one_receipt_together_wherever_the_reading_pauses(tmp_path: Path) -> None:
    """The two late reads of bib 1 come at the end of one part of the journal and at the beginning of the next."""
    together = [read("1", "hut", "6h30"), read("1", "hut", "6h31")]
    for filled in (BATCH - 1, BATCH):
        notes = [(at("3h"), desk("note", "3h", text=str(number))) for number in range(filled - len(BEGUN))]
        received = [*BEGUN, *notes, *((at("8h"), message) for message in together)]
        async with await Journal.create(tmp_path / f"{filled}.db", race_day(3).sources) as journal:
            await journal.set_clock(RaceClock(0, at("8h10"), 0.0))
            wire = Fold(journal.sources).wire
            await journal.append([FactRow(0, wire.decode(*message).key, at_ms, *message) for at_ms, message in received])  # type: ignore[union-attr]
            folded = await fold_of(journal)
        tail = Tail(tmp_path / f"{filled}.db")
        await tail.read()
        await tail.close()
        assert tail.fold is not None
        assert tail.fold.news == folded.news
        [news] = folded.news
        assert (news.change.bib, news.fact.at_ms, folded.counted) == ("1", at("6h31"), len(received))
