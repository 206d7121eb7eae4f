"""A runner's form so far, and what it is made of: the passings as they were told."""

from collections.abc import Sequence
from math import log
from typing import Protocol

import msgspec

START_FORM_MS = 330_000
"""Milliseconds per km-effort on a first leg: the median of UTMB 2024 and of Grand Raid 2023 alike."""
START_FORM = log(START_FORM_MS)


class Arrival(Protocol):
    """A passing of a checkpoint, as far as a forecast cares."""

    @property
    def in_ms(self) -> int:
        """The moment of it, UTC milliseconds."""


class Form(msgspec.Struct, frozen=True, gc=False):
    """The sum of the weighed paces (logarithms of milliseconds per km-effort) and of the weights, and the last passing in it."""

    weighed: float
    weights: float
    last: int
    last_ms: int

    @property
    def pace(self) -> float:
        """The form: the logarithm of milliseconds per km-effort."""
        return self.weighed / self.weights if self.weights else START_FORM


class Known:
    """What is known of a runner: the passings as they were told, and the form that they come to (None: not yet asked for).

    `spot` is the last checkpoint of all with a passing, `furthest` the last of those that must be passed.
    """

    __slots__ = ("form", "furthest", "passed", "spot", "start_ms")

    def __init__(self) -> None:
        self.start_ms = 0
        self.passed: Sequence[Arrival | None] = ()
        self.furthest = self.spot = -1
        self.form: Form | None = None

    def twin(self) -> "Known":
        other = Known()
        other.start_ms, other.passed, other.form = self.start_ms, self.passed, self.form
        other.furthest, other.spot = self.furthest, self.spot
        return other

    def at_ms(self, index: int) -> int | None:
        """The moment of a passing; that of the start is not before the runner's race began."""
        one = self.passed[index] if self.passed else None
        if one is None:
            return None
        return one.in_ms if index else max(one.in_ms, self.start_ms)
