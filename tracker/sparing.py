"""A log that a flood cannot fill the disk with: so many lines in so long, and then how many more there were."""

import logging
from time import monotonic

_LINES = 100
_EVERY_S = 60.0


class SparingLog:
    """Warnings to `log`, at most 100 a minute; what is left out is counted, and the count is told when the minute is over."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._began_s = monotonic()
        self._said = self._held = 0

    def warning(self, words: str, *args: object) -> None:
        """Say it, or count it."""
        if self._said >= _LINES:
            self.settle()
        if self._said < _LINES:
            self._said += 1
            self._log.warning(words, *args)
        else:
            self._held += 1

    def settle(self) -> None:
        """Begin a new minute when one is over, and say how much of the last one was left out."""
        if monotonic() - self._began_s < _EVERY_S:
            return
        if self._held:
            self._log.warning("and %d more such messages in a minute; all that is no fact is in the journal's quarantine", self._held)
        self._began_s = monotonic()
        self._said = self._held = 0
