"""What others call our checkpoints: by id, by name, by station, or as the organiser says with `--place THEIRS=OURS`."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

from tracker.core.course import Checkpoint, Event, Race
from tracker.imports.columns import bare
from tracker.imports.taking import Fault

_WAYS = {"in": "in", "out": "out", "arrival": "in", "departure": "out", "arrivee": "in", "depart": "out", "ein": "in", "aus": "out"}


class Place(NamedTuple):
    """A station, and whether what is told there is of a finish."""

    station: str
    finish: bool


class Places:
    """The checkpoints of an event by whatever they may be called."""

    def __init__(self, event: Event, said: Sequence[str]) -> None:
        self._event = event
        self._found: dict[str, list[tuple[str, Place]]] = {}
        for race in event.races:
            for at, point in enumerate(race.checkpoints):
                for name in dict.fromkeys(map(bare, _names(point))):
                    self._found.setdefault(name, []).append((race.id, Place(point.station, at == race.finish)))
        self.only: Place | None = None
        for text in said:
            theirs, sep, ours = text.rpartition("=")
            if sep and theirs.strip():
                self._found[bare(theirs)] = self._known(ours, text)
            else:
                self.only = self._known(ours, text)[0][1]

    def _known(self, ours: str, text: str) -> list[tuple[str, Place]]:
        found = self._found.get(bare(ours))
        if not found:
            raise Fault(f'--place {text}: there is no checkpoint "{ours.strip()}"', f"The checkpoints are {self._listed(None)}")
        return found

    def find(self, text: str, race: Race | None) -> Place:
        """The place of a name, in a race where that is known. Fault when there is none, or it is not clear which."""
        name = bare(text)
        if not name and self.only is not None:
            return self.only
        found = self._found.get(name)
        if not found:
            near = get_close_matches(name, self._found, n=1, cutoff=0.8)
            hint = f', or say --place "{text}={near[0]}"' if near else f', or say --place "{text}=…"'
            raise Fault(f'"{text}" is no checkpoint' if name else "the checkpoint is empty", f"Write one of {self._listed(race)}{hint}")
        here = {place for of, place in found if race is None or of == race.id} or {place for _, place in found}
        stations = {place.station for place in here}
        if len(stations) > 1:
            raise Fault(f'"{text}" is at {" and at ".join(sorted(stations))}', "Give the race in a column, or with --race")
        return Place(stations.pop(), any(place.finish for place in here) and len(here) == 1)

    def of_title(self, title: str) -> tuple[str, str | None] | None:
        """The checkpoint's name and the way of a column such as `Botella In`; None when it is none of a checkpoint."""
        name, way = bare(title), None
        if name not in self._found:
            head, _, tail = name.rpartition(" ")
            name, way = head, _WAYS.get(tail)
            if way is None:
                return None
        return (name, way) if name in self._found else None

    def _listed(self, race: Race | None) -> str:
        races = self._event.races if race is None else (race,)
        ids = list(dict.fromkeys(point.id for each in races for point in each.checkpoints))
        return ", ".join(ids[:12]) + (" …" if len(ids) > 12 else "")


def _names(point: Checkpoint) -> tuple[str, ...]:
    return (point.id, point.name, f"{point.name} ({point.id})", point.station)


class Races:
    """The races of an event by id or name; `said` is the one that the organiser named for the whole file."""

    def __init__(self, event: Event, said: str | None = None) -> None:
        self._found = {bare(name): race for race in event.races for name in (race.name, race.id)}
        for race in event.races:  # "Ultra 105K" by its distance too, where that is one race's
            for name in re.findall(r"\d+ ?k\w*", race.name.casefold()):
                self._found.setdefault(bare(name), race)
        self._ids = ", ".join(event.by_id)
        self.said = None if said is None else self.find(said)
        self.only = event.races[0] if len(event.races) == 1 else None

    def find(self, text: str) -> Race:
        """The race of a name. Fault when there is none."""
        race = self._found.get(bare(text))
        if race is None:
            raise Fault(f'"{text}" is no race of the event', f"The races are {self._ids}")
        return race
