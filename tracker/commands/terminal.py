"""Whether the dashboard can be shown where a command was started: control characters go to nobody who cannot use them."""

import os
import sys

_NAMED = (("standard input", "__stdin__"), ("standard output", "__stdout__"), ("standard error", "__stderr__"))
_CANNOT_DRAW = ("dumb", "unknown")


class NoTerminalError(Exception):
    """The dashboard was asked for where it cannot be shown: why, and what says the same without it, in one line."""


def why_no_screen() -> str:
    """Why no dashboard can be shown here, in words; empty: it can. One that is drawn elsewhere (a browser's) brings a driver of its own."""
    if "TEXTUAL_DRIVER" in os.environ:
        return ""
    if (term := os.environ.get("TERM", "")) in _CANNOT_DRAW:
        return f"TERM={term} can draw nothing"
    return next((f"{words} is no terminal" for words, name in _NAMED if not _is_terminal(name)), "")


def need_screen(instead: str) -> None:
    """NoTerminalError where no dashboard can be shown; `instead` is what to use there."""
    if why := why_no_screen():
        raise NoTerminalError(f"the dashboard cannot be shown here ({why}); {instead}")


def _is_terminal(name: str) -> bool:
    stream = getattr(sys, name)  # the ones that Textual reads and writes, whatever stands in their place
    return stream is not None and not stream.closed and stream.isatty()
