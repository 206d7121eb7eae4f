"""What an organiser printed beside a cutoff or a race, read as far as it can be compared with the file.

Guides print any part of `Friday 3:00:00 24-jun Start + 8h Max`, in their own language. Nothing printed is ever used as a time of the race.
"""

import re
import unicodedata
from datetime import datetime
from typing import NamedTuple

from tracker.files.times import TimesError, format_duration, parse_duration

_DAY_NAMES = (
    ("monday", "mon", "lundi", "lun", "lunes", "dilluns", "montag", "lunedi"),
    ("tuesday", "tue", "tues", "mardi", "martes", "dimarts", "dienstag", "martedi"),
    ("wednesday", "wed", "mercredi", "mer", "miercoles", "dimecres", "mittwoch", "mercoledi"),
    ("thursday", "thu", "thur", "thurs", "jeudi", "jeu", "jueves", "dijous", "donnerstag", "giovedi"),
    ("friday", "fri", "vendredi", "ven", "viernes", "divendres", "freitag", "venerdi"),
    ("saturday", "sat", "samedi", "sam", "sabado", "dissabte", "samstag", "sabato"),
    ("sunday", "sun", "dimanche", "dim", "domingo", "diumenge", "sonntag", "domenica"),
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

_OFFSET = re.compile(r"(?:start|depart|salida|sortida)\s*\+\s*(\d+\s*h(?:\d\d)?|\d+\s*m)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d\d)(?::(\d\d))?(?!\d)(?:\s*([ap])\.?m\b)?")
_DAY_MONTH = re.compile(r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th)?[\s./-]*(?:of\s+|de\s+|d')?([a-z]{3,})")
_MONTH_DAY = re.compile(r"\b([a-z]{3,})[\s.]+(\d{1,2})(?:st|nd|rd|th)?(?![\d:])")
_ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_LENGTH = re.compile(r"(?<![\d.,+])(\d+(?:[.,]\d+)?)\s*k(?:m|\b)")
_GAIN = re.compile(r"\+\s*(\d[\d ']*)\s*m")


class Printed(NamedTuple):
    """The parts of a printed row that could be read, None for the others. `weekday` is 0 on Monday."""

    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    clock: tuple[int, int, int] | None = None
    offset_ms: int | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether there is nothing to compare."""
        return self == Printed()

    def contradictions(self, moment: datetime, offset_ms: int) -> list[str]:
        """What does not fit the local `moment`, `offset_ms` after the start, each as `Friday for Saturday`."""
        wrong: list[str] = []
        if self.weekday is not None and self.weekday != moment.weekday():
            wrong.append(f"{_WEEKDAYS[self.weekday]} for {_WEEKDAYS[moment.weekday()]}")
        if self.day is not None and (self.day, self.month) != (moment.day, moment.month):
            wrong.append(f"{self.day} {_MONTHS[(self.month or 1) - 1]} for {moment.day} {_MONTHS[moment.month - 1]}")
        if self.clock is not None and self.clock != (moment.hour, moment.minute, moment.second):
            wrong.append("{}:{:02}:{:02} for ".format(*self.clock) + f"{moment:%H:%M:%S}")
        if self.offset_ms is not None and self.offset_ms != offset_ms:
            wrong.append(f"start + {format_duration(self.offset_ms)} for start + {format_duration(offset_ms)}")
        return wrong


def read_printed(text: str) -> Printed:
    """Read whatever can be read of a printed row."""
    plain = _plain(text)
    offset = _OFFSET.search(plain)
    rest = plain[: offset.start()] + plain[offset.end() :] if offset else plain
    clock = _CLOCK.search(rest)
    day, month = _date_in(rest)
    words = re.findall(r"[a-z]+", rest)
    return Printed(
        weekday=next((_WEEKDAY_OF[word] for word in words if word in _WEEKDAY_OF), None),
        day=day,
        month=month,
        clock=_clock_of(clock) if clock else None,
        offset_ms=_offset_ms(offset[1]) if offset else None,
    )


def read_printed_distance(text: str) -> tuple[float | None, float | None]:
    """Kilometres and metres climbed of `50km / +3600m`, None for what is not there."""
    plain = _plain(text)
    length, gain = _LENGTH.search(plain), _GAIN.search(plain)
    km = float(length[1].replace(",", ".")) if length else None
    return km, float(re.sub(r"\D", "", gain[1])) if gain else None


def weekday_and_date(moment: datetime) -> str:
    """`Saturday 25 June 2022 03:00`."""
    return f"{_WEEKDAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M}"


def _plain(text: str) -> str:
    """Lower case without accents."""
    spread = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in spread if not unicodedata.combining(char))


def _date_in(plain: str) -> tuple[int | None, int | None]:
    if iso := _ISO_DATE.search(plain):
        return int(iso[3]), int(iso[2])
    said = [(match[1], match[2]) for match in _DAY_MONTH.finditer(plain)]
    said += [(match[2], match[1]) for match in _MONTH_DAY.finditer(plain)]
    for day, word in said:
        if word in _MONTH_OF and 1 <= int(day) <= 31:
            return int(day), _MONTH_OF[word]
    return None, None


def _clock_of(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match[1])
    if match[4]:
        hour = hour % 12 + (12 if match[4] == "p" else 0)
    return hour, int(match[2]), int(match[3] or 0)


def _offset_ms(text: str) -> int | None:
    try:
        return parse_duration(re.sub(r"\s", "", text))
    except TimesError:
        return None
