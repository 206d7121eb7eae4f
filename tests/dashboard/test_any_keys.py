"""Thousands of keys that nobody would press in this order, on a race of hostile names, in a terminal that never keeps its size.

Seeded: a failure names the seed and the last things done. Nothing is sent anywhere from here.
"""

import asyncio
import random
from collections import deque
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key

from tests.dashboard.hostile import NAMES, hostile_journal, unfit
from tests.dashboard.screen import Eyes
from tracker.dashboard.app import Dashboard
from tracker.dashboard.deciding.acts import ACTS
from tracker.desk import Desk
from tracker.mqtt.address import Broker
from tracker.outbox import outbox_path

NOWHERE = Broker.parse("mqtt://127.0.0.1:1")
STEPS, BURST = 60, 20
KEYS = [
    *"1234autnjkfFgsdxpcrb?/",
    *("left", "right", "up", "down", "tab", "shift+tab", "pageup", "pagedown", "home", "end", "space", "enter", "enter", "enter"),
    *("escape", "escape", "backspace", "delete", "ctrl+n", "ctrl+u", "ctrl+w", "ctrl+a", "ctrl+k", "f1", "insert"),
]
ANSWERS = [
    *("9", "84", "now", "-10m", "y", "n", "+30m", "Sat 03:30", "12:00", "99h99", "h", "m", "+", "-", "1e9", "nan", "inf", "1_0", "٣", "²"),
    *(
        "sort",
        "ordino",
        "105k",
        "50k",
        "finish",
        "2022-06-25T03:00:00",
        "9999-12-31T23:59:59",
        "9999999999999999999h",
        "0",
        "%s",
        "{}",
        "\\",
    ),
    *NAMES,
]


class Fingers:
    """Somebody who presses anything. `done` is what was done last."""

    def __init__(self, eyes: Eyes, seed: int, *, decides: bool) -> None:
        self.eyes = eyes
        self.chance = random.Random(seed)
        self.done: deque[str] = deque(maxlen=12)
        self._decides = decides

    def press(self, key: str) -> None:
        """A key, without waiting for what it does."""
        self.done.append(key)
        driver = self.eyes.app._driver
        assert driver is not None
        name = _character_to_key(key) if len(key) == 1 else key
        event = events.Key(name, key if len(key) == 1 else " " if key == "space" else None)
        event.set_sender(self.eyes.app)
        driver.send_message(event)

    def paste(self, text: str) -> None:
        """Text from anywhere, into whatever has the keys."""
        self.done.append(repr(text[:20]))
        driver = self.eyes.app._driver
        assert driver is not None
        driver.send_message(events.Paste(text))

    async def go_on(self) -> None:
        """Something or other, and wait until it is done."""
        what = self.chance.random()
        if what < 0.2:
            narrow = self.chance.randint(1, 30), self.chance.randint(1, 8)
            any_size = self.chance.randint(20, 240), self.chance.randint(5, 70)
            width, height = self.chance.choice([narrow, any_size, any_size, (80, 24)])
            self.done.append(f"{width}x{height}")
            await self.eyes.pilot.resize_terminal(width, height)
        elif what < 0.5 and self._decides:
            self.decide()
        elif what < 0.55:
            size = self.eyes.app.size
            at = self.chance.randrange(max(1, size.width)), self.chance.randrange(max(1, size.height))
            self.done.append(f"click {at}")
            await self.eyes.pilot.click(offset=at)
        else:
            for _ in range(BURST):
                self.press(self.chance.choice(KEYS))
        while not self.eyes.app._typed._waiting.empty():
            await asyncio.sleep(0)
        await self.eyes.pilot.pause()

    def decide(self) -> None:
        """A decision, answered with whatever there is."""
        for key in ("escape", "escape", "escape", "a", self.chance.choice(ACTS).key):
            self.press(key)
        for _ in range(self.chance.randrange(10)):
            if self.chance.random() < 0.8:
                self.paste(self.chance.choice(ANSWERS))
            self.press("enter")
        self.press("y")

    def look(self) -> None:
        """Whatever was done, it stands, nothing on it has failed, and no name does anything but be read."""
        app, told = self.eyes.app, f"after {' '.join(self.done)} at {self.eyes.app.size}:\n{self.eyes.text}"
        assert not app._exit, told
        assert "failed (" not in self.eyes.text, told
        assert not unfit(self.eyes.text.replace("\n", "")), told


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "race.db"
    asyncio.run(hostile_journal(path))
    return path


async def press_anything(path: Path, seed: int, desk: Desk | None, steps: int = STEPS) -> None:
    app = Dashboard(path, desk)
    async with app.run_test(size=(80, 24)) as pilot:
        eyes = Eyes(app, pilot)
        await eyes.look()
        fingers = Fingers(eyes, seed, decides=desk is not None)
        for step in range(steps):
            await fingers.go_on()
            if step % 4 == 0:
                await eyes.look()
            fingers.look()


@pytest.mark.parametrize("seed", [1])
async def test_whatever_is_pressed_and_answered_the_dashboard_stands_and_nothing_fails_on_it(hostile: Path, seed: int) -> None:
    desk = Desk(hostile, NOWHERE)
    await press_anything(hostile, seed, desk)
    assert desk.pending


async def test_whatever_is_pressed_where_nothing_can_be_sent_nothing_is(hostile: Path) -> None:
    outbox_path(hostile).unlink(missing_ok=True)
    await press_anything(hostile, 3, None)
    assert not outbox_path(hostile).exists()
