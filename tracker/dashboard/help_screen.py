"""Which key does what, made from the bindings themselves, so that it is always true."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tracker.dashboard.dialog import Dialog
from tracker.text import fit

LEGEND = (
    "~       a machine's word: an estimated score or\n"
    "        time, or a verdict nobody has confirmed\n"
    "?       nobody knows\n"
    "out     beside finished: went on when the race\n"
    "        was shortened, and is still out there\n"
    "+/-     places won (▲) and lost (▼) in the last\n"
    "        15 to 20 minutes; just opened, 15 to 30\n"
    "Ago     since last seen, from an hour on\n"
    "Est.    the score, an estimate\n"
    "Margin  the next cutoff less the time expected\n"
    "        there; ? of who is not, and should be\n"
    "Gap     behind whom it names, where last seen;\n"
    "        with a minus, before\n"
    "Cutoff  time left to the next one; with a * it\n"
    "        is another race's than the one looked at\n"
    "+ -     many alerts in one line: enter shows\n"
    "        each of them, or one line again\n"
    "Lag     how long ago the last moment was up to\n"
    "        which all that a station read is known\n"
    "In      there now; ? where no read says so\n"
    "1h      expected there within the hour\n"
    "Risk    expected there after the cutoff; ? (and\n"
    "        in 1h) while nobody has it next\n"
    "Out     of the race, and last known there"
)

_FRAME = 6
"""Cells for the border, a space on each side, and a scroll bar."""


class HelpScreen(Dialog[None]):
    """The keys of the screen below."""

    CSS = """
    HelpScreen { align: center middle; }
    #help-box { max-width: 100%; height: auto; max-height: 90%; border: round; padding: 0 1; }
    #help { width: auto; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,enter,q", "dismiss", "Back", key_display="esc")]

    def __init__(self, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The list."""
        text = help_text(self._keys)
        with VerticalScroll(id="help-box") as box:
            box.styles.width = max(map(cell_len, text.plain.splitlines())) + _FRAME  # before a scroll bar comes, which cuts nothing off
            yield Static(text, id="help")


def keys_of(bindings: Iterable[tuple[str, Binding]]) -> list[tuple[str, str]]:
    """All keys of each action, and what it is called, in the order of the bindings; those without words are left out."""
    by_action: dict[str, tuple[list[str], str]] = {}
    for key, binding in bindings:
        if binding.description and not binding.system:
            by_action.setdefault(binding.action, ([], binding.description))[0].append(key)
    return [(" ".join(dict.fromkeys(keys)), words) for keys, words in by_action.values()]


def help_text(keys: list[tuple[str, str]]) -> Text:
    """The keys in two columns, what they do beside them, and how to read the signs."""
    half = -(-len(keys) // 2)
    text = Text()
    left, right = keys[:half], keys[half:]
    widths = [[max((cell_len(each[at]) for each in side), default=0) for at in (0, 1)] for side in (left, right)]
    for one, other in zip_longest(left, right, fillvalue=("", "")):
        for (key, words), (keys_wide, words_wide) in zip((one, other), widths, strict=True):
            text.append(fit(key, keys_wide), "bold").append(f"  {fit(words, words_wide)}  ")
        text.rstrip()
        text.append("\n")
    return text.append(f"\n{LEGEND}", "dim")
