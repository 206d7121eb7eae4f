"""What a decision is asked with: each question takes what is typed for it and nothing else, and the key that sends is always to be seen."""

import pytest
from textual import events

from tests.dashboard.conftest import Weekend
from tests.dashboard.deciding.looks import SENDS, answer, look, office, said, told
from tests.dashboard.screen import LARGE
from tracker.core import facts as f
from tracker.dashboard.deciding.form import Line


async def test_a_bib_is_typed_over_the_one_that_stands_there(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await eyes.press("slash", "1", "enter", "a", "w")
        line = eyes.app.screen.query_one("#ask-bib", Line)
        assert line.value == "1"
        line.focus()
        await eyes.press("2")
        assert line.value == "2"


async def test_what_is_pasted_of_several_lines_is_kept_whole_in_one(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await eyes.press("a", "t")
        line = eyes.app.screen.query_one("#ask-text", Line)
        line.focus()
        await eyes.type("doctor: ")
        line.post_message(events.Paste("[red]ankle[/]\r\n\x1b[31mfog\n\n\tand y"))
        await eyes.press("end")
        await look(eyes)
        await eyes.press("y")
        (note,) = said(noon)
        assert isinstance(note, f.Note)
        assert note.text == "doctor: [red]ankle[/] [31mfog and y"


@pytest.mark.parametrize("rows", [10, 24])
async def test_the_key_that_sends_is_on_the_screen_however_much_changes(noon: Weekend, rows: int) -> None:
    async with office(noon, (80, rows)) as eyes:
        await eyes.press("a", "G")
        assert "Esc: leave" in eyes.text
        await eyes.press("escape")
        await eyes.press("a", "G")
        eyes.app.screen.query_one("#ask-reason", Line).value = reason = "fog " * 120
        await look(eyes, race="long", at="08:10", reason=reason)
        await eyes.press("end")
        assert SENDS in eyes.text


async def test_what_is_typed_ahead_over_a_slow_link_lands_in_the_questions_it_was_typed_for(noon: Weekend) -> None:
    async with office(noon) as eyes:
        await eyes.press("a", "h")
        eyes.app.screen.query_one("#ask-bib", Line).focus()
        for key in [*"2", "enter", *"hut", "enter", *"12:30", "enter", *"Ector", "enter", *"radio", "enter"]:
            eyes.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await eyes.press("down")
        assert [line.value for line in eyes.app.screen.query(Line)] == ["2", "hut", "12:30", "Ector", "radio"]
        assert SENDS in eyes.text


@pytest.mark.parametrize("rows", [10, 24])
async def test_what_is_said_of_one_decision_hides_neither_the_counts_nor_what_the_next_one_asks(noon: Weekend, rows: int) -> None:
    async with office(noon, (80, rows)) as eyes:
        before = eyes.lines
        await look(eyes, "a", "w", bib="2")
        await eyes.press("y")
        assert eyes.lines[-1].endswith("Withdraw: on its way")
        assert [line for line in eyes.lines if "on its way" in line] == eyes.lines[-1:]
        assert eyes.lines[2:-1] == before[2:-1]
        await eyes.press("a", "w")
        assert not any("on its way" in line for line in eyes.lines[:-1])
        await look(eyes)


async def test_what_only_a_station_knows_is_not_lost_without_one(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await eyes.press("a", "w")
        await answer(eyes, {"bib": "2", "transport": "car"})
        assert "! transport is only asked with a station; write that too, or leave this empty" in eyes.words
        await answer(eyes, {"station": "chapel"})
        assert "! there is no station on the way 'chapel'; write one of square, pass, hut" in eyes.words
        await answer(eyes, {"station": "hut"})
        assert "! cause is missing; one of injury, illness, fatigue, time, medical, other" in eyes.words
        assert said(noon) == []


async def test_a_withdrawal_by_radio_is_asked_for_in_order_and_without_a_station_not_at_all(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await eyes.press("slash", "2", "enter", "a", "w")
        assert "may stay empty; last read at pass; one of square, pass, hut" in eyes.words
        await eyes.press("enter")
        assert eyes.app.focused is eyes.app.screen.query_one("#ask-author", Line)
        await eyes.press("shift+tab", "shift+tab", "shift+tab", "shift+tab", *"hut")
        for word in ("", "", "injury", "", "Ector", "radio"):
            await eyes.press("enter", *word)
        assert [line.value for line in eyes.app.screen.query(Line)] == ["2", "hut", "", "injury", "", "Ector", "radio"]
        await eyes.press("enter")
        assert SENDS in eyes.text


async def test_enter_stays_at_a_question_that_must_be_answered_and_at_an_answer_that_is_none(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await eyes.press("a", "h")
        line = eyes.app.screen.query_one("#ask-checkpoint", Line)
        line.focus()
        await eyes.press("enter")
        assert eyes.app.focused is line
        assert "! checkpoint is missing; one of start, pass, hut, finish" in eyes.words
        await eyes.press(*"storm", "enter")
        assert eyes.app.focused is line
        assert "! there is no checkpoint 'storm'; write one of start, pass, hut, finish" in eyes.words
        await eyes.press("ctrl+u", *"hut", "enter")
        assert eyes.app.focused is eyes.app.screen.query_one("#ask-at", Line)
        await eyes.press("shift+tab", "shift+tab", "delete", "down", "down", *"12:30")
        assert eyes.app.focused is eyes.app.screen.query_one("#ask-at", Line), "Tab and the arrows lead anywhere"


async def test_the_key_that_sends_forces_nothing_after_a_look_that_was_refused(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await eyes.press("a", "x")
        await answer(eyes, {"station": "hut", "forced": "f"})
        assert "! 'f' forces nothing; write the word forced, or leave it empty" in eyes.words
        await eyes.press("y", "enter")
        assert SENDS not in eyes.text
        await look(eyes, forced="forced")
        assert "even with somebody behind forced" in told(eyes)
        await eyes.press("y")
        (closed,) = said(noon)
        assert isinstance(closed, f.StationChange)
        assert closed.forced


async def test_a_bib_that_nobody_has_is_what_was_read_and_not_who_it_is(noon: Weekend) -> None:
    await noon.say("hut", "passage", "4h50", bib="777")
    async with office(noon, LARGE) as eyes:
        await eyes.press("2")
        while "bib 777 is not on the roster" not in eyes.under_cursor:
            await eyes.press("down")
        await eyes.press("a", "b")
        assert [line.value for line in eyes.app.screen.query(Line)][:2] == ["777", ""]
        await eyes.press(*"2", "enter")
        await look(eyes)
        await eyes.press("y")
        assert [(fact.from_bib, fact.to_bib) for fact in said(noon) if isinstance(fact, f.BibSwap)] == [("777", "2")]


async def test_a_cutoff_is_moved_at_the_station_under_the_cursor(noon: Weekend) -> None:
    async with office(noon, LARGE) as eyes:
        await eyes.press("3")
        while "Old Hut" not in eyes.under_cursor:
            await eyes.press("down")
        await look(eyes, "a", "C", cutoff="+30m")
        assert "long: cutoff at Old Hut Sat 14:00:00 -> Sat 14:30:00" in told(eyes)
