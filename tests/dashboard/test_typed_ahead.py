"""Keys that come all at once, as they do behind a link that stood still; what is pasted; and how the screens look."""

import os
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from tests.conftest import until
from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import SMALL, Eyes, dashboard
from tracker.core.facts import Decided, Decision
from tracker.dashboard.deciding.menu import Menu
from tracker.desk import Desk
from tracker.mqtt.address import Broker


def at_once(eyes: Eyes, *keys: str) -> None:
    """Keys, the next without waiting for what the one before does."""
    driver = eyes.app._driver
    assert driver is not None
    for key in keys:
        event = events.Key(key, key if len(key) == 1 else None)
        event.set_sender(eyes.app)
        driver.send_message(event)


def nowhere(path: Path) -> Desk:
    return Desk(path, Broker.parse("mqtt://127.0.0.1:1"))


async def test_a_key_that_is_still_on_its_way_when_the_dashboard_ends_does_nothing(noon: Weekend) -> None:
    async with dashboard(noon.path) as eyes:
        late = events.Key("2", "2")
        late._set_forwarded()  # a screen had it, and knew nothing to do with it
        eyes.app.exit()
    await eyes.app.on_event(late)


async def test_a_whole_decision_may_be_typed_before_its_dialog_is_there(noon: Weekend) -> None:
    desk = nowhere(noon.path)
    async with dashboard(noon.path, SMALL, desk) as eyes:
        at_once(eyes, "slash", "2", "enter", "1", "a", "q", *"Ector", "enter", *"late", "enter", "y")
        await until(lambda: len(desk.pending) == 1, "it is pending")
        fact = desk.pending[0].fact
        assert isinstance(fact, Decision)
        assert (fact.bib, fact.status, fact.author, fact.reason) == ("2", Decided.DISQUALIFIED, "Ector", "late")


async def test_a_key_behind_the_one_that_closes_a_dialog_is_for_the_screen_below(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL, nowhere(noon.path), asks=True) as eyes:
        at_once(eyes, "u", "escape", "question_mark", "q", "slash", "escape", "a", "q")
        await until(lambda: "Disqualify (desk status)" in eyes.text, "the form is there")


async def test_a_dialog_that_is_closed_twice_closes_nothing_else(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL, nowhere(noon.path)) as eyes:
        await eyes.press("a")
        menu = eyes.app.screen
        assert isinstance(menu, Menu)
        menu.dismiss()
        menu.dismiss()
        await eyes.look()
        assert [type(screen).__name__ for screen in eyes.app.screen_stack] == ["RaceScreen"]


async def test_of_what_is_pasted_only_what_can_be_seen_stays(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL, nowhere(noon.path)) as eyes:
        await eyes.press("a", "t")
        driver = eyes.app._driver
        assert driver is not None
        driver.send_message(events.Paste("a\x1b]0;own\x07\u202eb\x9b5m 山"))
        line = eyes.app.screen.query_one("#ask-text", Input)
        await until(lambda: bool(line.value), "it is pasted")
        assert line.value == "a]0;ownb5m 山"


async def test_t_shows_the_same_in_all_colours_and_in_none(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown: dict[str, str] = {}
    async with dashboard(noon.path) as eyes:
        for _ in range(3):
            shown[eyes.app.theme] = eyes.text
            await eyes.press("t")
        assert eyes.app.theme in shown, "and the first again"
    assert len(shown) == 3
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    async with dashboard(noon.path) as eyes:
        shown["none"] = eyes.text
    assert len(set(shown.values())) == 1


async def test_every_screen_says_the_same_without_colours(noon: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[list[str]] = []
    for none in ("", "1"):
        with monkeypatch.context() as env:
            if none:
                env.setenv("NO_COLOR", none)
            else:
                env.delenv("NO_COLOR", raising=False)
            async with dashboard(noon.path, SMALL, nowhere(noon.path)) as eyes:
                seen = []
                for key in ("1", "2", "3", "enter", "4", "a", "w"):
                    await eyes.press(key)
                    seen.append(eyes.text)
                shown.append(seen)
    assert shown[0] == shown[1]


async def test_nothing_moves_by_itself(noon: Weekend) -> None:
    async with dashboard(noon.path, SMALL, nowhere(noon.path)) as eyes:
        assert eyes.app.animation_level == "none"
        await eyes.press("a", "w")
        assert {line.cursor_blink for line in eyes.app.screen.query(Input)} == {False}
