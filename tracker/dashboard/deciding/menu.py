"""The list of decisions: one key each, in groups; a key picks one."""

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tracker.dashboard.deciding.acts import ACTS, BY_KEY, Act
from tracker.dashboard.dialog import Dialog
from tracker.dashboard.scene import About
from tracker.text import fit

_COLUMN = 32


class Menu(Dialog[Act | None]):
    """Which decision it is to be; None: none."""

    CSS = """
    Menu { align: center middle; }
    #menu-box { width: auto; max-width: 95%; height: auto; max-height: 95%; border: round; padding: 0 2; }
    #menu { width: auto; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", key_display="esc")]

    def __init__(self, about: About) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """The list."""
        with VerticalScroll(id="menu-box"):
            yield Static(menu_text(ACTS, self._about), id="menu")

    def on_key(self, event: events.Key) -> None:
        """A key of the list picks."""
        act = BY_KEY.get(event.character or "")
        if act is not None:
            event.stop()
            self.dismiss(act)


def menu_text(acts: Sequence[Act], about: About) -> Text:
    """The decisions in two columns (the first group, then the others) under what they would be about."""
    blocks: dict[str, list[str]] = {}
    for act in acts:
        blocks.setdefault(act.group, [act.group]).append(f"  {act.key}  {act.name}")
    left, *others = blocks.values()
    text = Text(f"about {about_words(about)}\n", "bold", no_wrap=True)
    for one, other in zip_longest(left, chain(*others), fillvalue=""):
        text.append(f"{fit(one, _COLUMN)}{other}\n")
    text.rstrip()
    return text


def about_words(about: About) -> str:
    """What a decision would be about, in words."""
    named = [f"{name} {value}" for name, value in about._asdict().items() if value]
    return ", ".join(named) or "nothing in particular"
