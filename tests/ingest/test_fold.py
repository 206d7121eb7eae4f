"""What a field that follows a journal tells beside its verdicts: what late facts have changed, and whose clocks are off."""

import asyncio
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path

import orjson
import pytest

from tests.conftest import GUN_MS, MINUTE_MS, PATIENCE_S, Message, RaceDay, race_day, until
from tests.ingest.test_ingest import Waiting
from tests.test_whatif_and_changes import TWO_RACES
from tracker.clock import RaceClock
from tracker.commands.opening import fold as fold_of
from tracker.core.alerts import Alert
from tracker.core.changes import in_words
from tracker.core.facts import Fact
from tracker.core.runner import Status
from tracker.files.times import parse_duration
from tracker.fold import Fold
from tracker.ingest import Ingest
from tracker.journal import FactRow, Journal
from tracker.mqtt.inlet import Delivery
from tracker.wire import Offline

BIBS = ("1", "2", "3")
DAY_MS = 86_400_000


def at(said: str) -> int:
    """UTC milliseconds of a time from the gun."""
    return GUN_MS + parse_duration(said)


def says(station: str, kind: str, when: int | str, **said: object) -> Message:
    """A message, with an id of its own."""
    at_ms = at(when) if isinstance(when, str) else when
    name = "/".join(str(each) for each in (station, kind, at_ms, *said.values()))
    return f"tracker/hill/{station}/{kind}", orjson.dumps({"id": name, "time": at_ms, **said})


def read(bib: str, station: str, when: int | str, **said: object) -> Message:
    return says(station, "passage", when, bib=bib, **said)


def withdraws(bib: str, station: str, when: str) -> Message:
    return says(station, "withdrawal", when, bib=bib, reason="fatigue")


def beat(when: int | str, ahead_ms: int = 0, device: str = "hut-1", station: str = "hut", seq: int = 0) -> Message:
    """A heartbeat sent at a true moment by a clock that is ahead."""
    at_ms = at(when) if isinstance(when, str) else when
    return f"tracker/hill/{station}/heartbeat", orjson.dumps({"device": device, "time": at_ms + ahead_ms, "seq": seq})


def desk(kind: str, when: str, **said: object) -> Message:
    return says("desk", kind, when, author="race office", reason="seen", **said)


class Following:
    """A fold of the hill race that is told messages as they are received."""

    def __init__(self, *, live: bool = True, until_ms: int | None = None, day: RaceDay | None = None, now_ms: int | None = None) -> None:
        self.fold = Fold((day or race_day(3)).sources, until_ms, live=live, now_ms=now_ms)
        self._no = 0

    def hears(self, received: int | str, *messages: Message) -> "Following":
        """Rows of the journal, all received at one moment."""
        received_ms = at(received) if isinstance(received, str) else received
        rows = []
        for topic, payload in messages:
            self._no += 1
            rows.append(FactRow(self._no, self.fact(topic, payload).key, received_ms, topic, payload))
        self.fold.take(rows)
        return self

    def takes_in(self, received: str, *messages: Message) -> "Following":
        """Facts that the ingest itself has just stored."""
        self.fold.take_new([self.fact(*message) for message in messages], at(received))
        return self

    def now(self, said: str) -> "Following":
        self.fold.field.advance(at(said))
        return self

    def alerts(self, *kinds: str) -> list[Alert]:
        return [alert for alert in self.fold.alerts() if alert.kind in kinds]

    @property
    def news(self) -> list[str]:
        """What late facts have changed, in words."""
        races, found = self.fold.event.by_id, [one.change for one in self.fold.news]
        return [
            f"{change.bib}: {in_words(races[change.race_before], change.before)} -> {in_words(races[change.race], change.after)}"
            for change in found
        ]

    def fact(self, topic: str, payload: bytes) -> Fact:
        """A message as a fact."""
        fact = self.fold.wire.decode(topic, payload)
        assert not isinstance(fact, Offline)
        return fact


def begun(**more: object) -> Following:
    """Three set out and came through the col; by the clock all of them are out of time at the hut, from which nothing was heard."""
    following = Following(**more)  # type: ignore[arg-type]
    for station, when in (("village", "0m"), ("col", "3h")):
        following.hears(when, *(read(bib, station, when) for bib in BIBS))
    return following.now("8h")


BACKLOG = [read("1", "hut", "6h30"), read("2", "hut", "6h40")]
BACK = [f"{bib}: out of time at Hut -> racing, last seen at Hut" for bib in "12"]


def test_a_backlog_gives_one_news_for_each_runner_whom_it_changes() -> None:
    following = begun().hears("8h", *BACKLOG)
    assert following.news == BACK
    assert [(one.fact.station, one.received_ms) for one in following.fold.news] == [("hut", at("8h"))] * 2


def test_what_the_ingest_has_just_stored_is_news_like_what_is_read_from_its_journal() -> None:
    assert begun().takes_in("8h", *BACKLOG).news == BACK


def test_news_is_an_alert_in_words_with_where_it_was_read_and_how_late_it_came() -> None:
    first, second = sorted(begun().hears("8h", *BACKLOG).alerts("late"), key=lambda alert: alert.text)
    assert first.text == "bib 1: out of time at Hut no longer holds, now racing, last seen at Hut"
    assert first.todo == "read at Hut, and arrived here 1h30 later: tell who was told otherwise"
    assert second.todo == "read at Hut, and arrived here 1h20 later: tell who was told otherwise"
    assert (first.race, first.bib, first.at_ms) == ("40k", "1", at("8h"))


def test_an_alert_of_news_is_told_for_six_hours() -> None:
    following = begun().hears("8h", *(withdraws(bib, "hut", "5h") for bib in "12"))
    assert len(following.now("13h59").alerts("late")) == 2
    assert following.now("14h").alerts("late") == []


def test_what_the_desk_has_seen_of_news_bears_its_word() -> None:
    following = begun().hears("8h", BACKLOG[0])
    [alert] = following.alerts("late")
    following.hears("8h", desk("alert", "8h01", alert=alert.id, state="acknowledged"))
    [seen] = following.alerts("late")
    assert seen.word is not None


def test_a_late_withdrawal_is_news() -> None:
    following = begun().hears("8h", withdraws("3", "hut", "5h"))
    assert following.news == ["3: out of time at Hut -> withdrawn"]
    [alert] = following.alerts("late")
    assert alert.todo.startswith("gave up at Hut, and arrived here 3h00 later")


@pytest.mark.parametrize(
    ("after_ms", "count"),
    [
        pytest.param(0, 0, id="at once"),
        pytest.param(10 * MINUTE_MS, 0, id="ten minutes"),
        pytest.param(10 * MINUTE_MS + 1, 1, id="more than ten minutes"),
        pytest.param(2 * DAY_MS - 1, 1, id="almost two days"),
        pytest.param(2 * DAY_MS, 0, id="a recording that somebody feeds"),
        pytest.param(-3_600_000, 0, id="from the future"),
    ],
)
def test_what_comes_late_is_news_and_what_is_punctual_or_a_recording_is_not(after_ms: int, count: int) -> None:
    following = begun().hears(at("6h30") + after_ms, BACKLOG[0])
    assert following.fold.field.verdict("1").status is Status.RACING
    assert len(following.fold.news) == count


def test_what_changes_nothing_is_no_news_however_late_it_comes() -> None:
    late = [read("1", "col", "3h01"), read("99", "hut", "6h"), desk("note", "2h", text="storm"), beat("7h")]
    assert begun().hears("8h", *late).news == []


def test_what_is_read_from_the_journal_at_the_start_is_no_news() -> None:
    following = Following()
    for station, when in (("village", "0m"), ("col", "3h")):
        following.hears(when, *(read(bib, station, when) for bib in BIBS))
    following.hears("8h", *BACKLOG).now("8h")
    assert following.news == []
    assert following.hears("8h05", read("3", "hut", "6h45")).news == ["3: out of time at Hut -> racing, last seen at Hut"]


async def test_what_waited_at_the_broker_while_the_tracker_was_down_is_news(tmp_path: Path) -> None:
    """It is delivered in the first second after the start, before anything else happens."""
    day, stop, clock = race_day(3), asyncio.Event(), RaceClock(0, at("8h"), 0.0)
    inlet = Waiting(day)
    inlet.waiting = [Delivery(topic, payload, None) for topic, payload in BACKLOG]
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal, asyncio.timeout(PATIENCE_S):
        await journal.set_clock(clock)
        wire = Fold(day.sources).wire
        before = [(at(when), read(bib, station, when)) for station, when in (("village", "0m"), ("col", "3h")) for bib in BIBS]
        rows = [FactRow(0, wire.decode(*message).key, at_ms, *message) for at_ms, message in before]  # type: ignore[union-attr]
        assert await journal.append(rows) == len(rows)
        ingest = asyncio.create_task(Ingest(inlet, journal, await fold_of(journal), clock).run(stop))
        await until(lambda: len(inlet.acknowledged) == len(BACKLOG), "the backlog is acknowledged")
        stop.set()
        await ingest
    told = b"".join(payload for topic, payload in inlet.live.items() if topic.endswith("/live/alerts")).decode()
    assert [bib for bib in BIBS if f"bib {bib}: out of time at Hut no longer holds" in told] == ["1", "2"]


def test_a_field_as_of_a_moment_has_no_news() -> None:
    assert begun(until_ms=at("9h")).hears("8h", *BACKLOG).news == []


def test_a_runner_of_whom_a_batch_tells_twice_is_told_once_by_what_was_read_last() -> None:
    backlog = [read("1", "hut", "6h30"), read("1", "col", "3h01"), read("1", "col", "3h02")]
    for order in permutations(backlog):
        [one] = begun().hears("8h", *order).fold.news
        assert one.fact.station == "hut"


def test_news_is_of_who_wore_the_bib() -> None:
    following = begun().hears("8h", desk("bib", "8h", **{"from": "98", "to": "2"}), desk("note", "8h", text="-"))
    assert following.hears("8h", read("98", "hut", "6h30")).news == ["2: out of time at Hut -> racing, last seen at Hut"]


def test_news_of_who_was_moved_to_a_shorter_race_meanwhile_is_told_in_words_of_both() -> None:
    """What he was, he was at a checkpoint that his race of now has not."""
    following = begun(day=TWO_RACES).hears("6h50", read("1", "hut", "6h50"))
    following.hears("8h", desk("race", "8h", bib="1", race="15k"), read("1", "village", "1s"))
    [told] = following.news
    assert told.startswith("1: racing, last seen at Hut")
    assert "-> finished" in told
    [alert] = following.alerts("late")
    assert alert.text.startswith("bib 1: racing, last seen at Hut")
    assert "no longer holds, now finished" in alert.text


def test_who_is_read_punctually_by_a_clock_that_the_desk_has_corrected_is_no_news() -> None:
    """The clock is two hours behind, and the read comes a second after it was made."""
    following = begun().hears("5h", desk("clock", "5h", device="hut-1", offset_s=-7200))
    following.hears("8h", read("1", "hut", at("6h30") - parse_duration("2h"), device="hut-1"))
    assert len(following.fold.news) == 1
    following.hears("8h", read("2", "hut", at("7h59") - parse_duration("2h"), device="hut-1"))
    assert [one.change.bib for one in following.fold.news] == ["1"]


def test_how_late_a_read_came_is_told_by_the_right_clock() -> None:
    following = begun().hears("5h", desk("clock", "5h", device="hut-1", offset_s=-7200))
    [news] = following.hears("8h", read("1", "hut", at("6h30") - parse_duration("2h"), device="hut-1")).fold.news
    assert (news.fact.at_ms, news.received_ms) == (at("6h30"), at("8h"))


def test_a_gap_that_a_late_read_fills_is_no_news() -> None:
    following = begun().hears("6h", read("1", "ridge", "6h"))
    assert "missed:hut" in following.fold.field.verdict("1").flags
    assert following.hears("8h", read("1", "hut", "4h")).news == []
    assert following.fold.field.verdict("1").flags == ()


def beats(ahead_ms: int, minutes: Iterable[int]) -> list[Message]:
    """A heartbeat a minute from the hut, by a clock that is so much ahead."""
    return [beat(f"{minute}m", ahead_ms) for minute in minutes]


def with_beats(ahead_ms: int, minutes: Iterable[int], *, live: bool = True, following: Following | None = None) -> Following:
    """Each heartbeat is received in the moment in which it was sent."""
    following = following or Following(live=live).now("0m")
    for minute in minutes:
        following.hears(f"{minute}m", beat(f"{minute}m", ahead_ms)).now(f"{minute}m")
    return following


@pytest.mark.parametrize(
    ("ahead_ms", "text"),
    [
        (180_000, "the clock of hut-1 at Hut is 180 s ahead"),
        (-180_000, "the clock of hut-1 at Hut is 180 s behind"),
        (20_000, None),
        (0, None),
    ],
)
def test_a_clock_that_is_off_is_an_alert_after_some_heartbeats(ahead_ms: int, text: str | None) -> None:
    found = with_beats(ahead_ms, range(1, 6)).alerts("clock")
    assert [(alert.text, alert.station) for alert in found] == ([(text, "hut")] if text else [])


def test_a_clock_is_not_told_by_a_first_heartbeat_that_may_have_waited() -> None:
    assert with_beats(-180_000, [1]).alerts("clock") == []


def test_a_corrected_clock_is_no_alert_any_more() -> None:
    following = with_beats(180_000, range(1, 6))
    assert following.alerts("clock")
    following.hears("6m", desk("clock", "6m", device="hut-1", offset_s=180))
    assert following.alerts("clock") == []


def test_under_a_simulated_clock_no_device_is_off() -> None:
    following = with_beats(180_000, range(1, 6), live=False)
    assert (following.alerts("clock"), following.fold.offsets()) == ([], {})


@pytest.mark.parametrize(("clock", "off"), [(None, ["hut"]), (RaceClock(0, at("10m"), 0.0), [])], ids=["the wall's", "simulated"])
async def test_whether_clocks_can_be_told_is_said_by_the_journals_own_clock(
    clock: RaceClock | None, off: list[str], tmp_path: Path
) -> None:
    async with await Journal.create(tmp_path / "race.db", race_day(3).sources) as journal:
        if clock is not None:
            await journal.set_clock(clock)
        empty = Fold(journal.sources)
        rows = [
            FactRow(0, empty.wire.decode(topic, payload).key, at(f"{minute}m"), topic, payload)  # type: ignore[union-attr]
            for minute in range(1, 6)
            for topic, payload in [beat(f"{minute}m", 180_000)]
        ]
        assert await journal.append(rows) == 5
        folded = await fold_of(journal)
    folded.field.advance(at("10m"))
    assert [alert.station for alert in folded.alerts() if alert.kind == "clock"] == off


def nearly(*more: Message, live: bool = True) -> Following:
    """Bib 1 was read at the hut two minutes before its cutoff, by a device that sends a heartbeat a minute."""
    following = Following(live=live)
    following.hears("0m", *(read(bib, "village", "0m") for bib in BIBS)).now("6h")
    return following.hears("6h58", read("1", "hut", "6h58", device="hut-1"), *more)


def is_too_close(following: Following) -> bool:
    return "too_close" in following.fold.field.verdict("1").flags


@pytest.mark.parametrize(
    ("ahead_ms", "minutes", "close"),
    [
        pytest.param(180_000, range(419, 423), True, id="three minutes ahead"),
        pytest.param(-180_000, range(419, 423), True, id="three minutes behind"),
        pytest.param(180_000, range(419, 421), False, id="three minutes ahead, by two heartbeats"),
        pytest.param(90_000, range(419, 423), True, id="a minute and a half, told as up to five"),
        pytest.param(5_000, range(419, 423), False, id="five seconds ahead"),
    ],
)
def test_a_passing_at_a_cutoff_by_a_clock_that_is_off_is_too_close(ahead_ms: int, minutes: range, *, close: bool) -> None:
    following = with_beats(ahead_ms, minutes, following=nearly())
    assert is_too_close(following) is close
    assert [alert.id for alert in following.alerts("too_close")] == (["too_close/1"] if close else [])


def test_under_a_simulated_clock_nothing_is_too_close() -> None:
    assert not is_too_close(with_beats(180_000, range(419, 423), following=nearly(live=False)))


def test_the_desks_word_on_the_clock_clears_what_was_too_close() -> None:
    following = with_beats(180_000, range(419, 423), following=nearly())
    assert is_too_close(following)
    word = desk("clock", "7h03", device="hut-1", offset_s=180)
    assert not is_too_close(following.hears("7h03", word))
    assert not is_too_close(with_beats(180_000, [424], following=following))
    following.hears("7h05", desk("void", "7h05", fact=orjson.loads(word[1])["id"]))
    assert is_too_close(following)


@pytest.mark.parametrize("said", [{}, {"from": at("6h")}], ids=["for all that it read", "from a moment on"])
def test_a_journal_read_from_its_beginning_doubts_a_corrected_clock_no_more_than_one_that_was_followed(said: dict[str, int]) -> None:
    """The heartbeats come after the desk's word; the passing is a minute before the cutoff by the right clock."""
    told = [(f"{minute}m", beat(f"{minute}m", 180_000)) for minute in range(419, 423)]
    word = desk("clock", "6h58", device="hut-1", offset_s=180, **said)
    passing = read("1", "hut", at("6h59") + 180_000, device="hut-1")
    followed, at_once = Following().now("6h"), Following()
    for following in (followed, at_once):
        following.hears("6h58", read("1", "village", "0m"), word).hears("6h59", passing)
        for received, message in told:
            following.hears(received, message)
        following.now("7h05")
    assert is_too_close(followed) is is_too_close(at_once) is False


def test_a_clock_that_was_set_to_1970_is_doubted_by_a_day_and_no_more() -> None:
    following = Following().now("0m")
    for minute in range(1, 6):
        following.hears(f"{minute}m", beat(minute * MINUTE_MS)).now(f"{minute}m")
    assert following.fold.field.conditions("40k").doubt_ms == {2: DAY_MS}


def test_a_recording_of_heartbeats_fed_at_once_says_nothing_of_clocks() -> None:
    following = Following().now("0m").hears(at("0m") + 900 * DAY_MS, *beats(0, range(1, 300)))
    assert following.alerts("clock") == []
    assert following.fold.field.conditions("40k").doubt_ms == {}
