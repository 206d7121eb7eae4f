"""The one net under the screens: what fails while drawing is said in its place, and the rest of the race goes on.

An exception in a Textual timer, worker or render ends the app, and a dashboard that dies of one bad row at night helps nobody.
"""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def attempt(make: Callable[[], T], otherwise: Callable[[str], T]) -> T:
    """What `make` returns; if it fails, what `otherwise` makes of the failure in words."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001  whatever a panel dies of, it dies alone
        return otherwise(f"cannot be shown ({type(error).__name__}: {error})")
