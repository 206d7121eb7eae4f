"""What late facts have changed is told as long as it is so, and what is not listed is counted."""

import orjson
import pytest

from tests.conftest import Message, race_day
from tests.ingest.test_fold import BACKLOG, Following, at, begun, desk, read, withdraws


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
    assert Following().now("11m").hears("11m", late).news == told


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
    assert [alert.at_ms for alert in found] == sorted((alert.at_ms for alert in found), reverse=True)


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
