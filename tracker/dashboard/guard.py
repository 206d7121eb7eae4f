"""The one net under the screens: what fails while reading or drawing is said in its place, and the rest of the race goes on.

An exception in a Textual timer, worker or render ends the app, and a dashboard that dies of one bad row at night helps nobody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def alone(say: Callable[[str], None]) -> Iterator[None]:
    """What fails inside fails alone: `say` is told of it in words, and the program goes on after the block."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  whatever it was, the other regions are still true
        say(f"failed ({type(error).__name__}: {error})")
