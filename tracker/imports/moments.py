"""Times as others write them: with an offset, local, day first, as a time of the day, since the start, or as a number."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tracker.core.course import Event, Race
from tracker.files.times import TimesError, instant_ms, local_datetime, moment_ms, parse_near
from tracker.imports.taking import Fault

_CLOCK = r"(?P<h>\d{1,3}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,9}))?)?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
_TIME = re.compile(_CLOCK, re.ASCII)
_DAY = r"(?:(?P<y>\d{4})[-/.](?P<mo>\d{1,2})[-/.](?P<d>\d{1,2})|(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<yy>\d{4}))"
_DAY_ALONE = re.compile(_DAY, re.ASCII)
_FULL = re.compile(_DAY + r"[T\s,]+" + _CLOCK + r"\s*(?P<offset>Z|z|UTC|[+-]\d{1,2}(?::?\d\d)?)?", re.ASCII)
_WEEKDAY = re.compile(r"(?P<day>[A-Za-z]{3,9})[ ,]+" + _CLOCK, re.ASCII)
_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Moments:
    """How the times of one file are read: in the event's zone; `day` is the day from whose midnight times without a date count; `elapsed`:
    they are since the start of the race.
    """

    event: Event
    day: date | None = None
    elapsed: bool = False

    def read(self, text: str, race: Race | None, day_text: str = "") -> int:
        """UTC milliseconds of a cell (and of the cell with its date, where there is one). Fault says what to write instead."""
        text = text.strip()
        try:
            found = self._read(f"{day_text.strip()} {text}".strip() if day_text.strip() else text, race)
        except TimesError as error:
            raise Fault(error.what, _sentence(error.do)) from None
        except (ValueError, OverflowError) as error:
            raise Fault(f'"{text}" is on no calendar or clock', f"Correct it ({error})") from None
        return found

    def _read(self, text: str, race: Race | None) -> int:
        zone = self.event.timezone
        if not text:
            raise Fault("the time is empty", "Write when it was, or take the line out")
        if re.fullmatch(r"\d{13}", text, re.ASCII):
            return int(text)
        if match := _FULL.fullmatch(text):
            return self._full(match, text)
        if match := _TIME.fullmatch(text):
            return self._clock(match, text, race)
        if match := _WEEKDAY.fullmatch(text):
            if race is None:
                raise Fault(f'"{text}" has no date, and the race is not known', "Write the date")
            h, m, s, ms = _parts(match)
            near_ms = parse_near(f"{match['day'][:3]} {h:02}:{m:02}:{s:02}", zone, race.start_ms + 36 * 3_600_000)
            return near_ms + ms
        raise Fault(f'"{text}" is no time', "Write 2022-06-25T03:00:00+02:00, 2022-06-25 03:00:00 (local) or 25.06.2022 03:00:00")

    def _full(self, match: re.Match[str], text: str) -> int:
        h, m, s, ms = _parts(match)
        offset = match["offset"]
        wall = datetime.combine(self._date(match, text), time(h, m, s, ms * 1000))
        if offset is None:
            return moment_ms(wall, self.event.timezone)
        return instant_ms(datetime.fromisoformat(wall.isoformat(timespec="milliseconds") + _offset(offset)))

    def _clock(self, match: re.Match[str], text: str, race: Race | None) -> int:
        h, m, s, ms = _parts(match)
        if self.elapsed:
            if race is None:
                raise Fault(f'"{text}" is since the start, and the race is not known', "Give the race in a column, or with --race")
            return race.start_ms + ((h * 60 + m) * 60 + s) * 1000 + ms
        if self.day is None:
            raise Fault(f'"{text}" has no date', "Say --date 2022-06-25 for times of that day, or --elapsed for times since the start")
        return self.since_midnight_ms(timedelta(hours=h, minutes=m, seconds=s, milliseconds=ms))

    def since_midnight_ms(self, since: timedelta) -> int:
        """UTC milliseconds of so long after the midnight with which `day` begins, by the local clocks; 26:15 is of the day after."""
        assert self.day is not None  # of whoever asks
        return moment_ms(datetime.combine(self.day, time()) + since, self.event.timezone)

    def _date(self, match: re.Match[str], text: str) -> date:
        if match["y"]:
            return date(int(match["y"]), int(match["mo"]), int(match["d"]))
        one, other, year = int(match["a"]), int(match["b"]), int(match["yy"])
        if match["sep"] == ".":
            return date(year, other, one)
        days = [date(year, month, day) for day, month in {(one, other), (other, one)} if month <= 12]
        near = days if len(days) == 1 else [day for day in days if self._is_of_event(day)]
        if len(near) != 1:
            raise Fault(f'"{text}" can be two days', "Write the year first: 2022-06-25")
        return near[0]

    def _is_of_event(self, day: date) -> bool:
        first, last = self.event.first_start_ms, self.event.last_limit_ms
        zone = self.event.timezone
        return local_datetime(first, zone).date() - _WITHIN <= day <= local_datetime(last, zone).date() + _WITHIN


def read_date(text: str) -> date:
    """A day: 1985-05-31, 31.05.1985, or 31/05/1985 where it can be no other. Fault says what to write."""
    match = _DAY_ALONE.fullmatch(text.strip())
    try:
        if match is None:
            raise Fault(f'"{text}" is no date', "Write it as year-month-day, for example 1985-05-31")
        if match["y"]:
            return date(int(match["y"]), int(match["mo"]), int(match["d"]))
        one, other, year = int(match["a"]), int(match["b"]), int(match["yy"])
        if match["sep"] != "." and one <= 12 and other <= 12 and one != other:
            raise Fault(f'"{text}" can be two days', "Say --dates day-first or --dates month-first, or write the year first")
        return date(year, other, one) if other <= 12 else date(year, one, other)
    except ValueError:
        raise Fault(f'"{text}" is on no calendar', "Correct the month or the day") from None


def _parts(match: re.Match[str]) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds and milliseconds."""
    hours = int(match["h"])
    if match["half"]:
        hours = hours % 12 + (12 if match["half"] in "pP" else 0)
    return hours, int(match["m"]), int(match["s"] or 0), int((match["f"] or "0").ljust(3, "0")[:3])


def _offset(text: str) -> str:
    """`-6:00`, `+0200`, `Z` as ISO 8601 has it."""
    if text in ("Z", "z", "UTC"):
        return "+00:00"
    digits = text[1:].replace(":", "")
    hours, minutes = (digits, "00") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    return f"{text[0]}{int(hours):02}:{minutes}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
