"""What every screen of a race has in common: it is told of the journal again and again, and shows its trouble in words."""

from rich.text import Text
from textual.message import Message
from textual.screen import Screen

from tracker.dashboard.panel import Panel
from tracker.dashboard.tail import Tail


class Following(Screen[None], inherit_bindings=False):
    """A screen that follows the journal."""

    class Resumed(Message):
        """The screen came to the front, and wants to be told at once."""

    def on_screen_resume(self) -> None:
        """Ask to be told what came meanwhile."""
        self.post_message(self.Resumed())

    def follow(self, tail: Tail) -> None:
        """Show the race as the tail has it now."""
        raise NotImplementedError

    def say(self, notice: str) -> None:
        """Show what is wrong, or going on, with the reading; empty: nothing."""
        bar = self.query_one(Notice)
        if bar.display != bool(notice):  # setting it lays the whole screen out again
            bar.display = bool(notice)
        bar.show(lambda _: Text(notice))


class Notice(Panel):
    """The line of a screen that is there only when something is wrong."""

    DEFAULT_CSS = "Notice { display: none; height: auto; max-height: 3; text-wrap: wrap; text-style: bold reverse; }"
