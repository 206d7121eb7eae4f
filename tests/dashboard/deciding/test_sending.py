"""From the look to the outbox: what is sent is what was read, also when keys are held, the race goes on, or the disk says no."""

import pytest

from tests.dashboard.conftest import START_MS, Weekend
from tests.dashboard.deciding.looks import SENDS, answer, look, office, said, told
from tests.dashboard.screen import LARGE, SMALL, dashboard
from tracker.clock import RaceClock
from tracker.core import facts as f
from tracker.dashboard.deciding import decisions
from tracker.dashboard.tail import Tail
from tracker.files.times import MINUTE_MS, parse_duration
from tracker.outbox import outbox_path


async def test_enter_alone_sends_nothing_however_long_it_is_held(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2")
        await eyes.press(*["enter"] * 20)
        assert SENDS in eyes.text
        assert said(noon) == []
        await eyes.press("y")
        assert [fact.bib for fact in said(noon) if isinstance(fact, f.Decision)] == ["2"]


async def test_what_would_change_something_else_by_now_is_looked_at_again(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2")
        assert "bib 2: racing, last seen at High Pass" in told(eyes)
        await noon.say("hut", "withdrawal", "4h58", bib="2", reason="injury")
        await eyes.look()
        await eyes.press("y")
        assert "NOT SENT: the race has gone on since you looked" in told(eyes)
        assert said(noon) == []
        await eyes.press("y")
        assert len(said(noon)) == 1


async def test_a_race_that_goes_on_elsewhere_holds_nobody_up(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2")
        await noon.reads("101", square="1h00", chapel="2h30")
        await noon.reads("2", hut="4h50")
        await eyes.look()
        await eyes.press("y")
        assert [type(fact) for fact in said(noon)] == [f.Decision]


async def test_long_after_the_last_reading_a_decision_is_of_the_moment_of_the_look_that_was_agreed_to(
    noon: Weekend, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall_ms = 0
    monkeypatch.setattr("tracker.clock.wall_ms", lambda: wall_ms)
    await noon.journal.set_clock(RaceClock(0, noon.at_ms, 1.0))
    async with office(noon) as eyes:
        noon.path.rename(noon.path.with_name("away.db"))
        wall_ms = 20 * MINUTE_MS
        await look(eyes, "a", "w", bib="2")
        assert "bib 2: racing, last seen at High Pass" in told(eyes)
        wall_ms = 50 * MINUTE_MS
        await eyes.press("y")
        assert [fact.at_ms - noon.at_ms for fact in said(noon)] == [20 * MINUTE_MS]
        await look(eyes, "a", "h", bib="4", checkpoint="pass", at="now")
        assert "Sat 2024-06-15 13:50:00" in told(eyes), "now is now"


async def test_what_has_struck_since_the_last_reading_is_weighed_too(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    wall_ms = 0
    monkeypatch.setattr("tracker.clock.wall_ms", lambda: wall_ms)
    await noon.journal.set_clock(RaceClock(0, noon.at_ms, 1.0))
    async with office(noon) as eyes:
        noon.path.rename(noon.path.with_name("away.db"))
        await look(eyes, "a", "w", bib="2")
        wall_ms = 70 * MINUTE_MS
        await eyes.press("y")
        assert "NOT SENT: the race has gone on since you looked" in told(eyes)
        assert "bib 2: out of time" in told(eyes)
        await eyes.press("y")
        assert [fact.at_ms - noon.at_ms for fact in said(noon)] == [70 * MINUTE_MS]


async def test_nothing_is_weighed_against_half_a_journal(noon: Weekend) -> None:
    tail, meanwhile = Tail(noon.path), []
    try:
        await tail.read(lambda _: meanwhile.append(tail.at_present()))
        assert meanwhile == [None]
        assert tail.at_present() is tail.fold is not None
    finally:
        await tail.close()


async def test_of_two_decisions_while_the_clock_stands_the_second_one_holds(noon: Weekend) -> None:
    async with office(noon) as eyes:
        for key, status in [("w", "withdrawn"), ("r", "racing"), ("w", "withdrawn"), ("r", "racing")]:
            await look(eyes, "a", key, bib="2")
            assert f"-> {status}" in told(eyes)
            await eyes.press("y")
            await eyes.look()
    moments = [fact.at_ms for fact in said(noon)]
    assert moments == sorted(set(moments))


async def test_what_is_pending_is_counted_as_done_and_can_be_undone(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2")
        await eyes.press("y")
        await eyes.look()
        assert "1 pending" in eyes.text
        await look(eyes, "a", "a", bib="2", where="bus")
        assert "not accounted for -> withdrawn, in safe hands" in told(eyes)
        assert "(counted as done: 1 decision that is pending)" in told(eyes)
        await eyes.press("escape", "escape")
        await look(eyes, "u", "enter")
        assert "-> racing, last seen at High Pass" in told(eyes)
        await eyes.press("y")
        withdrawal, void = said(noon)
        assert isinstance(void, f.Void)
        assert void.fact == withdrawal.id


async def test_below_what_was_undone_the_list_goes_on(noon: Weekend) -> None:
    async with office(noon) as eyes:
        for bib in ("2", "4"):
            await look(eyes, "a", "w", bib=bib)
            await eyes.press("y")
            await eyes.look()
        await look(eyes, "u", "enter")
        await eyes.press("y")
        await eyes.look()
        await look(eyes, "u", "down", "down", "enter")
        assert "bib 2: withdrawn" in told(eyes)
        await eyes.press("y")
        assert [fact.fact for fact in said(noon) if isinstance(fact, f.Void)] == [fact.id for fact in reversed(said(noon)[:2])]


async def test_the_look_says_whom_it_is_about_by_name_and_what_a_time_was_taken_for(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "h", bib="2", checkpoint="hut", at="12:30")
        assert "bib 2, Bo Çédille, Long Way, > racing" in told(eyes)
        assert "checkpoint hut, Old Hut" in told(eyes)
        assert "passed at 12:30, Sat 2024-06-15 12:30:00" in told(eyes)


async def test_what_cannot_be_written_is_said_and_can_be_sent_when_there_is_room(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2", reason="knee")
        outbox_path(noon.path).mkdir()
        await eyes.press("y")
        assert "cannot be written (Is a directory), so nothing was said" in eyes.words
        outbox_path(noon.path).rmdir()
        await eyes.press("enter", "y")
        assert [fact.reason for fact in said(noon)] == ["knee"]


async def test_what_fails_while_it_is_weighed_is_said_and_the_dashboard_lives(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(noon) as eyes:
        monkeypatch.setattr(decisions, "trial", lambda *_: 1 / 0)
        await eyes.press("a", "w")
        await answer(eyes, {"bib": "2"})
        assert "! failed (ZeroDivisionError: division by zero)" in eyes.words
        assert said(noon) == []


async def test_who_only_looks_can_ask_for_nothing(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL) as eyes:
        await eyes.press("a", "w", "u", "y")
        assert len(eyes.app.screen_stack) == 1
    assert not outbox_path(noon.path).exists()


BY_RADIO = {"station": "hut", "at": "12:40", "cause": "inj", "transport": "car", "reason": "radio: knee"}


async def test_a_withdrawal_that_the_radio_tells_is_the_stations_and_the_runner_is_there(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2", **BY_RADIO)
        assert "cause inj, injury" in told(eyes)
        assert "-> withdrawn, last known at Old Hut, not accounted for" in told(eyes)
        await eyes.press("y")
        (fact,) = said(noon)
        assert isinstance(fact, f.Withdrawal)
        assert (fact.bib, fact.station, fact.reason, fact.by) == ("2", "hut", f.WithdrawalReason.INJURY, "Ector")
        assert (fact.note, fact.transport, fact.at_ms) == ("radio: knee", "car", START_MS + parse_duration("4h40"))
        await eyes.look()
        assert "1 pending" in eyes.text
        await look(eyes, "a", "a", bib="2", where="bus")
        assert "withdrawn, last known at Old Hut, not accounted for -> withdrawn, in safe hands" in told(eyes)


async def test_who_is_withdrawn_without_a_station_or_a_moment_is_so_by_the_desk_and_now(noon: Weekend) -> None:
    await noon.reads("4", **{"pass": "5h01"})
    async with office(noon) as eyes:
        await look(eyes, "a", "w", bib="2")
        await eyes.press("y")
        await look(eyes, "a", "w", bib="4", station="pass", cause="time")
        await eyes.press("y")
    decision, withdrawal = said(noon)
    assert (type(decision), type(withdrawal)) == (f.Decision, f.Withdrawal)
    assert withdrawal.at_ms > START_MS + parse_duration("5h01"), "later than the read by a clock that is ahead"


async def test_a_withdrawal_is_undone_in_its_own_words_whoever_sent_it(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await look(eyes, "a", "w", bib="2", **BY_RADIO)
        await eyes.press("y")
        await eyes.look()
        await eyes.press("u")
        assert "bib 2 withdrew at hut: injury, by Ector, transport car" in eyes.words
        assert "bib 5 withdrew at square: injury, by R. Marshal, ankle" in eyes.words
        await look(eyes, "enter")
        assert "-> racing, last seen at High Pass" in told(eyes)
        await eyes.press("y")
        await eyes.look()
        await look(eyes, "u", "end", "enter")
        assert "bib 5: withdrawn" in told(eyes)
        await eyes.press("y")
        withdrawal, *voids = said(noon)
        assert [void.fact for void in voids if isinstance(void, f.Void)] == [withdrawal.id, "m11"]


async def test_what_was_undone_says_of_its_undoing_what_that_undid(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await look(eyes, "a", "w", bib="2", reason="radio")
        await eyes.press("y")
        await eyes.look()
        await look(eyes, "u", "enter", reason="wrong bib")
        await eyes.press("y")
        await eyes.look()
        await eyes.press("u")
        assert "undoes: bib 2 withdrawn, by Ector: wrong bib" in eyes.words
        assert "UNDONE bib 2 withdrawn, by Ector: radio" in eyes.words
        await look(eyes, "down", "enter")
        assert "Let it count again" in eyes.text
