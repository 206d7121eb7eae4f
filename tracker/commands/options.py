"""What can be typed for an option: from its text to its value, or what to write instead."""

from argparse import ArgumentTypeError
from datetime import date
from math import inf

from tracker.clock import RaceClock
from tracker.files.times import TimesError, parse_duration


def clock_of(text: str) -> RaceClock:
    """A simulated clock. ArgumentTypeError says what to write."""
    try:
        return RaceClock.parse(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no clock; write what tracker simulate says, RACE_MS@WALL_MS*SPEED") from None


def port(text: str) -> int:
    """A port to listen on. ArgumentTypeError says what to write."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text!r} is no port; write a number from 1 to 65535, for example 8883")
    return int(text)


def day(text: str) -> date:
    """A day. ArgumentTypeError says what to write."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise ArgumentTypeError(f"{text!r} is no day; write year-month-day, for example 2024-02-29")
    return found


def devices(text: str) -> int:
    """How many scanners a station has. ArgumentTypeError says what to write."""
    if not text.isdecimal() or int(text) > 99:
        raise ArgumentTypeError(f"{text!r} is no number of scanners a station; write one from 0 to 99")
    return int(text)


def seconds_between(text: str) -> float:
    """A time between two copies, in seconds. ArgumentTypeError says what to write."""
    try:
        duration_ms = parse_duration(text)
    except TimesError as error:
        raise ArgumentTypeError(str(error)) from None
    if duration_ms <= 0:
        raise ArgumentTypeError(f"{text!r} is no time between two copies; write for example 5m")
    return duration_ms / 1000


def speed(text: str) -> float:
    """How many times faster than the race. ArgumentTypeError says what to write."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < inf:
        raise ArgumentTypeError(f"{text!r} is no speed; write a number above 0, for example 600")
    return number


def speed_or_max(text: str) -> str:
    """The same, or `max`: as fast as it goes. ArgumentTypeError says what to write."""
    return text if text == "max" else str(speed(text))
