"""Times as people write and read them: durations from the start, and local times of the event's zone.

The edge between text and UTC milliseconds; nothing inside the program ever holds a local time.
"""

import re
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache

import pendulum
from pendulum.tz.exceptions import AmbiguousTime, NonExistingTime
from pendulum.tz.timezone import Timezone

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
DURATION_FORMS = "8h, 12h30, 19h15m06 or 90m"
MOMENT_FORMS = "03:30, Sat 03:30, now, +30m, -10m or 2022-06-25T03:30:00"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(
    r"(?P<h>\d{1,3})h(?:(?P<hm>[0-5]\d)(?:m(?P<hms>[0-5]\d)s?|m)?|(?P<hm1>\d)m)?"
    r"|(?P<m>\d{1,4})m(?:(?P<ms>[0-5]\d)s?)?"
    r"|(?P<s>\d{1,5})s",
    re.ASCII,
)
_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?P<offset>[Zz]|[+-]\d\d:\d\d)?)?"
    r"|(?P<time_alone>\d{1,2}:\d\d(?::\d\d)?)",
    re.ASCII,
)
_NEAR = re.compile(r"(?:(?P<day>mon|tue|wed|thu|fri|sat|sun)[a-z]* +)?(?P<time>\d{1,2}:\d\d(?::\d\d)?)", re.ASCII | re.IGNORECASE)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class TimesError(ValueError):
    """Text that is no time: `what` it is, and what to `do`; `str` is both in one line."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}; {do}")
        self.what = what
        self.do = do


class TwofoldError(TimesError):
    """A local time that comes twice when summer time ends; the first time is `first_ms`, UTC milliseconds."""

    def __init__(self, what: str, do: str, first_ms: int) -> None:
        super().__init__(what, do)
        self.first_ms = first_ms


@cache
def zone_of(timezone: str) -> Timezone:
    """The zone of an IANA name. TimesError when there is none of that name."""
    known = pendulum.timezones()
    if timezone not in known:
        near = get_close_matches(timezone, sorted(known), n=1)
        raise TimesError(f'"{timezone}" is no time zone', f'write an IANA name, for example "{near[0] if near else "Europe/Andorra"}"')
    return pendulum.timezone(timezone)


def instant_ms(moment: datetime) -> int:
    """UTC milliseconds of a date-time that knows its offset."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_ms(moment: datetime, timezone: str) -> int:
    """UTC milliseconds of a date-time; a naive one is local. TimesError when the zone's clocks show it never, or twice (TwofoldError)."""
    if not 1900 <= moment.year <= 2999:
        raise TimesError(f"{moment.year:04} is no year of a race", "correct the year")
    return instant_ms(moment) if moment.tzinfo else _local_ms(moment, timezone)


def _local_ms(wall: datetime, timezone: str) -> int:
    zone = zone_of(timezone)
    try:
        return instant_ms(zone.convert(wall, raise_on_unknown_times=True))
    except NonExistingTime:
        after = zone.convert(wall.replace(fold=1))
        raise TimesError(
            f"{wall:%Y-%m-%d %H:%M} does not exist in {timezone}: summer time begins and the clocks skip it",
            f"write {after:%Y-%m-%dT%H:%M:%S} for the same moment, or correct the time",
        ) from None
    except AmbiguousTime:
        first, second = (zone.convert(wall.replace(fold=fold)) for fold in (0, 1))
        raise TwofoldError(
            f"{wall:%Y-%m-%d %H:%M} comes twice in {timezone}: summer time ends",
            f"write {first.isoformat()} or {second.isoformat()}",
            instant_ms(first),
        ) from None


def parse_moment(text: str, timezone: str) -> int:
    """UTC milliseconds of an RFC 3339 date-time, or of a local date-time of `timezone`. TimesError says what to write instead."""
    text = text.strip()
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise TimesError(f'"{text}" is no moment', "write 2022-06-25T03:00:00 (local) or 2022-06-25T03:00:00+02:00")
    if match["time_alone"]:
        raise TimesError(f'"{text}" has no date', f"write it with the day, for example 2022-06-25T{match['time_alone']:0>5}")
    if not match["time"]:
        raise TimesError(f'"{text}" has no time of day', f"write it with the time, for example {text}T03:00:00")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise TimesError(f'"{text}" is on no calendar or clock', f"correct it: {error}") from None
    return moment_ms(moment, timezone)


def parse_near(text: str, timezone: str, near_ms: int) -> int:
    """UTC milliseconds of a moment as somebody says it at `near_ms`: `now`, `-10m`, `03:30`, `Sat 03:30`, or as `parse_moment` reads it.

    A time without its date is the nearest of that name. TimesError says what to write instead.
    """
    text = text.strip()
    if text.casefold() == "now":
        return near_ms
    if text[:1] in ("+", "-"):
        return near_ms + parse_duration(text[1:]) * (-1 if text[0] == "-" else 1)
    match = _NEAR.fullmatch(text)
    if match is None and _MOMENT.fullmatch(text) is None:
        raise TimesError(f'"{text}" is no moment', f"write {MOMENT_FORMS}")
    if match is None:
        return parse_moment(text, timezone)
    here = local_datetime(near_ms, timezone).replace(tzinfo=None)
    wanted = (match["day"] or "").casefold()[:3]
    days = [day for off in range(-3, 4) if _WEEKDAYS[(day := here.date() + timedelta(days=off)).weekday()].casefold().startswith(wanted)]
    try:
        time_of_day = time.fromisoformat(f"{match['time']:0>5}")
    except ValueError as error:
        raise TimesError(f'"{text}" is on no clock', f"correct it: {error}") from None
    return moment_ms(min((datetime.combine(day, time_of_day) for day in days), key=lambda wall: abs(wall - here)), timezone)


def parse_duration(text: str) -> int:
    """Milliseconds of a duration such as 8h, 12h30, 12h30m, 19h15m06, 90m or 45s. TimesError says what to write instead."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise TimesError(f'"{text}" is no duration', f"write it as {DURATION_FORMS}")
    hours = int(match["h"] or 0)
    minutes = int(match["hm"] or match["hm1"] or match["m"] or 0)
    seconds = int(match["hms"] or match["ms"] or match["s"] or 0)
    return hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS


def format_duration(duration_ms: int) -> str:
    """A duration as the event file writes it (8h, 12h30, 19h15m06, 45m), to the second below."""
    if duration_ms < 0:
        return "-" + format_duration(-duration_ms)
    minutes, seconds = divmod(duration_ms // SECOND_MS, 60)
    hours, minutes = divmod(minutes, 60)
    if seconds:
        return f"{hours}h{minutes:02}m{seconds:02}" if hours else f"{minutes}m{seconds:02}"
    if hours:
        return f"{hours}h{minutes:02}" if minutes else f"{hours}h"
    return f"{minutes}m"


def format_elapsed(elapsed_ms: int) -> str:
    """Elapsed time as results print it (14:20:25), to the second below."""
    sign = "-" if elapsed_ms < 0 else ""
    minutes, seconds = divmod(abs(elapsed_ms) // SECOND_MS, 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def local_datetime(at_ms: int, timezone: str) -> datetime:
    """The moment on the event's own clocks."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone_of(timezone))


def format_local(at_ms: int, timezone: str, *, day: bool = True, date: bool = False, seconds: bool = True) -> str:
    """The event's local time: `Sat 03:00:00`; with `date`, `Sat 2022-06-25 03:00:00`. A moment on no calendar is shown as its number."""
    try:
        local = local_datetime(at_ms, timezone)
    except OverflowError:
        return f"{at_ms} ms"
    parts = [_WEEKDAYS[local.weekday()]] if day else []
    if date:
        parts.append(f"{local:%Y-%m-%d}")
    parts.append(f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}")
    return " ".join(parts)
