"""The desk's newest word on a thing, of all that were said and not voided."""

from collections.abc import Iterable
from typing import TypeVar

from tracker.core.facts import AlertWord, DeviceUse, DeviceWord, Final, StationChange, StationState

_Word = TypeVar("_Word", StationChange, AlertWord, DeviceWord, Final)


def newest(words: Iterable[_Word], voided: frozenset[str]) -> _Word | None:
    """The word that stands."""
    return max((word for word in words if word.id not in voided), key=lambda word: (word.at_ms, word.key), default=None)


def vouches(word: StationChange | None) -> bool:
    """Whether a person has said that nobody more comes to a station: swept, or closed by force. Then its silence is no doubt."""
    return word is not None and (word.state is StationState.SWEPT or (word.state is StationState.CLOSED and word.forced))


def retired(words: Iterable[DeviceWord], voided: frozenset[str]) -> frozenset[str]:
    """The devices that a person has taken out of service."""
    said: dict[str, list[DeviceWord]] = {}
    for word in words:
        said.setdefault(word.device, []).append(word)
    standing = (newest(each, voided) for each in said.values())
    return frozenset(word.device for word in standing if word is not None and word.use is DeviceUse.RETIRED)
