"""What an organiser printed beside a cutoff or a race, read as far as it can be compared with the file.

Guides print any part of `Friday 3:00:00 24-jun Start + 8h Max`, in their own language. Nothing printed is ever used as a time of the race.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import NamedTuple

from tracker.files.times import HOUR_MS, MINUTE_MS, SECOND_MS, TimesError, format_duration, parse_duration

_DAY_NAMES = (
    ("monday", "mon", "lundi", "lun", "lunes", "dilluns", "montag", "lunedi", "dl"),
    ("tuesday", "tue", "tues", "mardi", "martes", "dimarts", "dienstag", "martedi", "dt"),
    ("wednesday", "wed", "mercredi", "mer", "miercoles", "dimecres", "mittwoch", "mercoledi", "mie", "dc"),
    ("thursday", "thu", "thur", "thurs", "jeudi", "jeu", "jueves", "dijous", "donnerstag", "giovedi", "jue", "gio", "dj"),
    ("friday", "fri", "vendredi", "ven", "viernes", "divendres", "freitag", "venerdi", "vie", "dv", "fr"),
    ("saturday", "sat", "samedi", "sam", "sabado", "dissabte", "samstag", "sabato", "sab", "ds", "sa"),
    ("sunday", "sun", "dimanche", "dim", "domingo", "diumenge", "sonntag", "domenica", "dom", "dg", "so"),
)
_MONTH_NAMES = (
    ("january", "jan", "janvier", "janv", "enero", "gener", "januar", "gennaio"),
    ("february", "feb", "fevrier", "fevr", "febrero", "febrer", "februar", "febbraio"),
    ("march", "mar", "mars", "marzo", "marc", "marz"),
    ("april", "apr", "avril", "avr", "abril", "aprile"),
    ("may", "mai", "mayo", "maig", "maggio"),
    ("june", "jun", "juin", "junio", "juny", "juni", "giugno"),
    ("july", "jul", "juillet", "juil", "julio", "juliol", "juli", "luglio"),
    ("august", "aug", "aout", "agosto", "agost"),
    ("september", "sep", "sept", "septembre", "septiembre", "setembre", "settembre"),
    ("october", "oct", "octobre", "octubre", "oktober", "ottobre"),
    ("november", "nov", "novembre", "noviembre"),
    ("december", "dec", "decembre", "diciembre", "desembre", "dezember", "dicembre"),
)
# "mar" is left to March: as a Tuesday it would make a false doubt of every "12 mar".
_WEEKDAY_OF = {name: number for number, names in enumerate(_DAY_NAMES) for name in names}
_MONTH_OF = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = tuple(names[0].capitalize() for names in _MONTH_NAMES)

_START = r"(?:start|depart|salida|sortida)\s*\+\s*"
_OFFSET = re.compile(_START + r"(\d+\s*h(?:\d\d)?|\d+\s*m(?!ax)|\d+:\d\d)")
_OFFSET_ALONE = re.compile(_START + r"\d+(?![\d:])")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d\d)(?::(\d\d))?(?!\d)(?:\s*([ap])\.?m\b)?")
_HOURS = re.compile(r"(?<![\d+:.,])(\d{1,2})\s?h(?:\s?([0-5]\d))?(?!\d|(?!max)[a-z])")
_ISO_DATE = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
_YEAR = r"(?:[\s.,/-]*(?P<year>20\d\d)(?!\d|\s*m\b))?"
_DAY_MONTH = re.compile(r"(?<![\d:])(?<!\d[.,])(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s./-]*(?:of\s+|de\s+|d')?(?P<month>[a-z]{3,})" + _YEAR)
_MONTH_DAY = re.compile(r"\b(?P<month>[a-z]{3,})[\s.]+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:])" + _YEAR)
_NUMBERS_DATE = re.compile(
    r"(?<![\d/.])(?P<day>\d{1,2})(?:/(?P<month>\d{1,2})(?:/(?P<year>20\d\d))?|\.(?P<month2>\d{1,2})\.(?P<year2>20\d\d)?)(?![\d/])"
)
_LENGTH = re.compile(r"(?<![\d.,+])(\d+(?:[.,]\d+)?)\s*k(?:m|\b)|\bkm\s*(\d+(?:[.,]\d+)?)")
_GAIN = re.compile(r"\+\s*(\d[\d ']*)\s*m")
_LENGTH_ALONE = re.compile(r"(?<![\w.,+])(?<!\+ )\d+(?:[.,]\d+)?(?![\w.,]|\s*mi)")
_GAIN_ALONE = re.compile(r"\+\s*\d+(?![\w.,])")
_BARE = re.compile(r"(?<![\w.,:])\d+(?:[.,]\d+)?(?![\w:]|[.,]\d|\s*m\b)")


class Printed(NamedTuple):
    """The parts of a printed row that could be read, None or () for the others. `weekday` is 0 on Monday.

    `hours_ms` is `14h30`, a time of day or a time from the start. `offset_without_unit` is `start + 38`, `bare` are numbers of nothing.
    """

    weekday: int | None = None
    year: int | None = None
    day: int | None = None
    month: int | None = None
    clock: tuple[int, int, int] | None = None
    hours_ms: int | None = None
    offset_ms: int | None = None
    offset_without_unit: str | None = None
    kms: tuple[float, ...] = ()
    bare: tuple[str, ...] = ()

    @property
    def is_of_a_time(self) -> bool:
        """Whether there is a day, date, time or start + offset to compare."""
        return any(part is not None for part in (self.weekday, self.day, self.clock, self.hours_ms, self.offset_ms))

    @property
    def says_nothing(self) -> bool:
        """Whether there is nothing to compare."""
        return not self.is_of_a_time and not self.kms and self.offset_without_unit is None

    def is_without_day(self, offset_ms: int) -> bool:
        """Whether it is a time of day alone, for a cutoff `offset_ms` after the start."""
        timed = self.clock is not None or self.hours_ms is not None
        dated = self.weekday is not None or self.day is not None
        return timed and not dated and offset_ms not in (self.offset_ms, self.hours_ms)

    def contradictions(self, moment: datetime, offset_ms: int) -> list[str]:
        """What does not fit the local `moment`, `offset_ms` after the start, each as `Friday for Saturday`."""
        wrong: list[str] = []
        # 24:00 is the end of the day that is printed beside it
        at_its_end = self.clock == (24, 0, 0) and _since_midnight_ms(moment) == 0
        day = moment - timedelta(days=1) if at_its_end else moment
        if self.weekday is not None and self.weekday != day.weekday():
            wrong.append(f"{_WEEKDAYS[self.weekday]} for {_WEEKDAYS[day.weekday()]}")
        if self.day is not None and (self.day, self.month) != (day.day, day.month):
            wrong.append(f"{self.day} {_MONTHS[(self.month or 1) - 1]} for {day.day} {_MONTHS[day.month - 1]}")
        if self.year is not None and self.year != day.year:
            wrong.append(f"{self.year} for {day.year}")
        if self.clock is not None and not at_its_end and self.clock != (moment.hour, moment.minute, moment.second):
            wrong.append("{}:{:02}:{:02} for ".format(*self.clock) + f"{moment:%H:%M:%S}")
        if self.hours_ms is not None and self.hours_ms not in (offset_ms, _since_midnight_ms(moment)):
            wrong.append(f"{format_duration(self.hours_ms)} for {moment:%H:%M:%S}")
        if self.offset_ms is not None and self.offset_ms != offset_ms:
            wrong.append(f"start + {format_duration(self.offset_ms)} for start + {format_duration(offset_ms)}")
        return wrong


class PrintedDistance(NamedTuple):
    """Kilometres and metres climbed of `50km / +3600m`, None for what is not there; `without_unit` is `50` in `50 / +3600m`."""

    km: float | None
    gain_m: float | None
    without_unit: list[str]


def read_printed(text: str) -> Printed:
    """Read whatever can be read of a printed row; each part is taken out before the next is looked for."""
    offset, rest = _take(_OFFSET, _plain(text))
    offset_alone, rest = _take(_OFFSET_ALONE, rest)
    year, month, day, rest = _date_in(rest)
    clock, rest = _take(_CLOCK, rest)
    kms = tuple(_number(match[1] or match[2]) for match in _LENGTH.finditer(rest))
    hours, rest = _take(_HOURS, _LENGTH.sub(" ", rest))
    return Printed(
        weekday=next((_WEEKDAY_OF[word] for word in re.findall(r"[a-z]+", rest) if word in _WEEKDAY_OF), None),
        year=year,
        day=day,
        month=month,
        clock=_clock_of(clock) if clock else None,
        hours_ms=int(hours[1]) * HOUR_MS + int(hours[2] or 0) * MINUTE_MS if hours else None,
        offset_ms=_offset_ms(offset[1]) if offset else None,
        offset_without_unit=offset_alone[0] if offset_alone else None,
        kms=kms,
        bare=tuple(_BARE.findall(rest)),
    )


def read_printed_distance(text: str) -> PrintedDistance:
    """Read the length and climb of a race as printed."""
    gain, rest = _take(_GAIN, _plain(text))
    length, rest = _take(_LENGTH, rest)
    return PrintedDistance(
        km=_number(length[1] or length[2]) if length else None,
        gain_m=float(re.sub(r"\D", "", gain[1])) if gain else None,
        without_unit=([] if length else _LENGTH_ALONE.findall(rest)) + ([] if gain else _GAIN_ALONE.findall(rest)),
    )


def weekday_and_date(moment: datetime) -> str:
    """`Saturday 25 June 2022 03:00`."""
    return f"{_WEEKDAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M}"


def _plain(text: str) -> str:
    """Lower case without accents."""
    spread = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in spread if not unicodedata.combining(char))


def _take(pattern: re.Pattern[str], plain: str) -> tuple[re.Match[str] | None, str]:
    """The first match, and the text without it."""
    match = pattern.search(plain)
    return match, f"{plain[: match.start()]} {plain[match.end() :]}" if match else plain


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _date_in(plain: str) -> tuple[int | None, int | None, int | None, str]:
    """Year, month and day, None for what is not there, and the text without them."""
    for pattern in (_ISO_DATE, _DAY_MONTH, _MONTH_DAY, _NUMBERS_DATE):
        for match in pattern.finditer(plain):
            parts = match.groupdict()
            month_text, year = parts["month"] or parts["month2"], parts["year"] or parts.get("year2")
            month, day = _MONTH_OF.get(month_text) or (int(month_text) if month_text.isdecimal() else 0), int(parts["day"])
            if pattern is _NUMBERS_DATE and month > 12:  # 06/25: the month first
                month, day = day, month
            if 1 <= month <= 12 and 1 <= day <= 31:
                return int(year) if year else None, month, day, f"{plain[: match.start()]} {plain[match.end() :]}"
    return None, None, None, plain


def _clock_of(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4] == "p" else 0)
    return hour, int(match[2]), int(match[3] or 0)


def _since_midnight_ms(moment: datetime) -> int:
    return moment.hour * HOUR_MS + moment.minute * MINUTE_MS + moment.second * SECOND_MS


def _offset_ms(text: str) -> int | None:
    try:
        return parse_duration(re.sub(r"\s", "", text).replace(":", "h"))
    except TimesError:
        return None
