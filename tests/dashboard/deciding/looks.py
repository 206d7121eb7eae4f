"""A decision asked for, answered and looked at by its keys, and an office that nobody takes messages in for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.widgets import Input

from tests.dashboard.conftest import Weekend
from tests.dashboard.screen import SMALL, Eyes, dashboard
from tracker.core import facts as f
from tracker.dashboard.panel import Panel
from tracker.desk import Desk
from tracker.outbox import outbox_path
from tracker.wire import message_of_line

AUTHOR, REASON = "Ector", "seen"
SENDS = "y SENDS this"


@asynccontextmanager
async def office(weekend: Weekend, size: tuple[int, int] = SMALL) -> AsyncIterator[Eyes]:
    """The dashboard of a race that nobody takes messages in for: what is said stays in the outbox."""
    async with dashboard(weekend.path, size, Desk(weekend.path)) as eyes:
        yield eyes


def said(weekend: Weekend) -> list[f.DeskWord]:
    """What stands in the outbox."""
    path = outbox_path(weekend.path)
    lines = path.read_bytes().splitlines() if path.exists() else []
    facts = [weekend.wire.decode(*message_of_line(line)) for line in lines]
    return [fact for fact in facts if isinstance(fact, f.DeskWord)]


def told(eyes: Eyes) -> str:
    """What the look says."""
    return " ".join(eyes.app.screen.query_one("#form-weighed", Panel)._text.plain.split())


async def answer(eyes: Eyes, typed: dict[str, str]) -> None:
    """Type the answers, each into its line; author and reason too where they are missing; then Enter for the look."""
    for line in eyes.app.screen.query(Input):
        name = (line.id or "").removeprefix("ask-")
        text = {"author": AUTHOR, "reason": REASON, **typed}.get(name)
        if text is not None and line.value != text:
            line.focus()
            await eyes.press("end", "ctrl+u")
            await eyes.type(text)
    list(eyes.app.screen.query(Input))[-1].focus()
    await eyes.press("enter")


async def look(eyes: Eyes, *keys: str, **typed: str) -> None:
    """Ask for a decision, answer, and come to the look."""
    await eyes.press(*keys)
    await answer(eyes, typed)
    assert SENDS in eyes.text, eyes.text
