"""Taking typed values out of a TOML table, and noting every fault on the way instead of stopping at the first.

A taker returns a placeholder for what is missing or of the wrong type and marks the table as unsound: what is built of it is thrown away.
Knows nothing of races.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from tracker.files.finding import Finding, doubt, fault
from tracker.text import clean_text

Choice = TypeVar("Choice", bound=StrEnum)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def said(value: object) -> str:
    """A TOML value as a person would call it, for the sentence that says what was found."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'the text "{clean_text(value)}"'
        case datetime():
            return f"the date-time {value.isoformat()}"
        case date():
            return f"the date {value.isoformat()} without a time"
        case time():
            return f"the time {value.isoformat()} without a date"
        case dict():
            return "a table"
        case list():
            return "a list"
        case int() if abs(value) > 10**15:
            return "a number beyond any race"
        case _:
            return f"the number {value}"


class Table:
    """One TOML table at the place `where` of a file; what is found goes to `found`, which all tables of a file share."""

    def __init__(self, values: dict[str, object], where: str, found: list[Finding], parent: "Table | None" = None) -> None:
        self.values = values
        self.where = where
        self.found = found
        self.sound = True
        self._parent = parent
        self._asked: list[str] = []

    def child(self, values: dict[str, object], where: str) -> "Table":
        """A table inside this one; its faults make this one unsound too."""
        return Table(values, where, self.found, self)

    def fault(self, what: str, do: str) -> None:
        """Note a fault here."""
        self._unsettle()
        self.found.append(fault(self.where, what, do))

    def doubt(self, what: str, do: str) -> None:
        """Note a doubt here."""
        self.found.append(doubt(self.where, what, do))

    def _unsettle(self) -> None:
        self.sound = False
        if self._parent is not None:
            self._parent._unsettle()  # noqa: SLF001  its own class

    def raw(self, key: str) -> object | None:
        """The value as TOML has it, None when the key is not there."""
        self._asked.append(key)
        return self.values.get(key)

    def required(self, key: str, example: str) -> object | None:
        """Like `raw`, and a fault when the key is not there."""
        value = self.raw(key)
        if value is None:
            self.fault(f'the key "{key}" is missing', f"Add it, for example {key} = {example}")
        return value

    def _text_of(self, key: str, value: object, example: str) -> str | None:
        if not isinstance(value, str):
            self.fault(f"{key} is {said(value)}", f"Write text in quotes, for example {key} = {example}")
            return None
        text = clean_text(value)
        if not text:
            self.fault(f"{key} is empty", f"Write, for example, {key} = {example}")
            return None
        return text

    def text(self, key: str, example: str) -> str:
        """Required text, cleaned."""
        value = self.required(key, example)
        return "" if value is None else self._text_of(key, value, example) or ""

    def maybe_text(self, key: str, example: str) -> str | None:
        """Optional text, cleaned."""
        value = self.raw(key)
        return None if value is None else self._text_of(key, value, example)

    def name_id(self, key: str, example: str) -> str:
        """Required id: what may stand in a topic."""
        text = self.text(key, example)
        if text and not _ID.fullmatch(text):
            self.fault(
                f'{key} "{text}" has characters that no id has', f"Use letters, digits, - _ and . alone, for example {key} = {example}"
            )
        return text

    def number(self, key: str, example: str) -> float:
        """Required number, 0 or more."""
        value = self.required(key, example)
        return 0.0 if value is None else self._number_of(key, value, example, least=0.0) or 0.0

    def maybe_number(self, key: str, example: str, least: float = 0.0) -> float | None:
        """Optional number, `least` or more."""
        value = self.raw(key)
        return None if value is None else self._number_of(key, value, example, least)

    def _number_of(self, key: str, value: object, example: str, least: float) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(f"{key} is {said(value)}", f"Write a number without quotes and units, for example {key} = {example}")
            return None
        if not least <= value < 1e6:
            self.fault(f"{key} is {said(value)}", f"Write a number that a race can have, for example {key} = {example}")
            return None
        return float(value)

    def maybe_whole(self, key: str, example: str, least: int, most: int) -> int | None:
        """Optional whole number between `least` and `most`, both included."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(f"{key} is {said(value)}", f"Write a whole number without quotes, for example {key} = {example}")
            return None
        if not least <= value <= most:
            self.fault(f"{key} is {said(value)}", f"Write a number from {least} to {most}, for example {key} = {example}")
            return None
        return value

    def choice(self, key: str, default: Choice) -> Choice:
        """Optional word out of an enum."""
        value = self.raw(key)
        words = [str(word) for word in type(default)]
        if value is None:
            return default
        if value not in words:
            self.fault(f"{key} is {said(value)}", f"Write one of {listed(words)}")
            return default
        return type(default)(value)

    def choices(self, key: str, of: type[Choice]) -> tuple[Choice, ...]:
        """Optional list of words out of an enum, each once; none when the key is not there."""
        value, words = self.raw(key), [str(word) for word in of]
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fault(f"{key} is {said(value)}", f'Write a list, for example {key} = ["{words[0]}"]')
            return ()
        for number, word in enumerate(value):
            if word not in words:
                self.fault(f"{key} has {said(word)}", f"Write {listed(words)}")
            elif word in value[:number]:
                self.fault(f"{key} has {said(word)} twice", "Take one out")
        return tuple(of(word) for word in value if word in words)

    def maybe_word(self, key: str, words: Sequence[str]) -> str | None:
        """Optional word out of `words`."""
        value = self.raw(key)
        if value is None:
            return None
        if value not in words:
            self.fault(f"{key} is {said(value)}", f"Write one of {listed(words)}")
            return None
        return str(value)

    def tables(self, key: str, header: str) -> list[dict[str, object]]:
        """The tables of an array of tables; an empty list when there is none."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fault(f"{key} is {said(value)}", f"Write each as a table of its own under [[{header}]]")
            return []
        return value

    def close(self) -> None:
        """Say every key that nobody asked for. Call it last."""
        for key in self.values:
            if key not in self._asked:
                near = get_close_matches(key, self._asked, n=1, cutoff=0.75)
                do = f'Write "{near[0]}", or take it out' if near else f"Take it out; the keys here are {', '.join(self._asked)}"
                self.fault(f'the key "{clean_text(key)}" is unknown', do)


def listed(words: Sequence[str]) -> str:
    """`"gun" or "chip"`."""
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " or " + quoted[-1]
