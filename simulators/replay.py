"""Races that were run, from their published tables, as the messages that would have told them.

Reads a folder with checkpoints.csv, entrants.csv and passages.csv: every passage becomes one passage message, an official status the
fact that a station or the desk would have stated. Invents nothing but the ids, which follow from the content.
"""

import csv
import io
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import orjson
import pendulum

from simulators.field import SimulationError
from simulators.scanners import Emission
from tracker.core.course import Event, Race

ROUNDING_MS = 2_000
"""A finish passage (kept to the second) and the official time may differ by so much without contradicting each other."""
SIGNS_OFF_MS = 60_000
"""After a runner's last passage the withdrawal is stated."""

PENALTIES_S = {("utmb-2024", "2677"): 3600}
"""Event and bib → seconds: official time 45 h 35 min 18 s, yet ranked among those of 46 h 21 to 46 h 37; one hour puts it in its place."""

_ROSTER_COLUMNS = ("bib", "race", "sex", "category", "country", "index", "wave", "status")
_DECIDED = {"disqualified": "disqualified", "stopped": "stopped"}


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded race: the start list as CSV text, and every message in order of time."""

    roster_csv: str
    emissions: list[Emission]


@dataclass(frozen=True, slots=True)
class _Read:
    at_ms: int
    checkpoint: int
    bib: str


def recorded(directory: Path, event: Event, root: str = "tracker") -> Recording:
    """The race recorded in `directory`, which must be the event's only race. SimulationError names the row that does not fit."""
    race = event.races[0]
    entrants = _rows(directory / "entrants.csv", {"bib", "status"})
    reads = _reads(directory, event)
    by_bib: dict[str, list[_Read]] = {}
    for read in reads:
        by_bib.setdefault(read.bib, []).append(read)
    known = {row["bib"] for row in entrants}
    if strangers := sorted(by_bib.keys() - known):
        raise SimulationError(f'{directory / "passages.csv"}: bib "{strangers[0]}" is not in entrants.csv. Add it there.')
    out = _Outbox(f"{root}/{event.id}", event.id)
    stated: list[tuple[int, str, _Read]] = [(read.at_ms, "passage", read) for read in reads]
    for row in entrants:
        own = by_bib.get(row["bib"], [])
        if row["status"] == "withdrawn":
            last = own[-1] if own else _Read(race.start_ms, 0, row["bib"])
            stated.append((last.at_ms + SIGNS_OFF_MS, "withdrawal", last))
    for at_ms, kind, read in sorted(stated, key=lambda each: each[0]):
        station = race.checkpoints[read.checkpoint].station
        if kind == "passage":
            out.device(station, kind, at_ms, {"bib": read.bib, "source": "chip"})
        else:
            out.device(station, kind, at_ms, {"bib": read.bib, "reason": "other"})
    for row in entrants:
        _desk(out, event, race, row, by_bib.get(row["bib"], []))
    return Recording(_roster_csv(race, entrants, by_bib), sorted(out.emissions, key=lambda emission: emission.send_ms))


def _rows(path: Path, needed: set[str]) -> list[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SimulationError(f"{path}: no such file. A recorded race is checkpoints.csv, entrants.csv and passages.csv.") from None
    reader = csv.DictReader(io.StringIO(text))
    if missing := sorted(needed - set(reader.fieldnames or ())):
        raise SimulationError(f"{path}: column {missing[0]} is missing. Needed: {', '.join(sorted(needed))}.")
    return list(reader)


def _reads(directory: Path, event: Event) -> list[_Read]:
    """All passages in order of time. The wall-clock part of a time is the event's local time, whatever offset stands behind it."""
    race = event.races[0]
    path = directory / "checkpoints.csv"
    order = {row["seq"]: index for index, row in enumerate(_rows(path, {"seq"}))}
    if len(order) != len(race.checkpoints):
        raise SimulationError(f'{path}: {len(order)} checkpoints, but race "{race.id}" of {event.id} has {len(race.checkpoints)}.')
    local = _LocalTimes(event.timezone)
    reads, path = [], directory / "passages.csv"
    for line, row in enumerate(_rows(path, {"bib", "seq", "time"}), 2):
        try:
            reads.append(_Read(local.utc_ms(row["time"]), order[row["seq"]], row["bib"]))
        except (ValueError, KeyError) as fault:
            raise SimulationError(f"{path}, line {line}: {fault} does not fit. Correct the row.") from None
    return sorted(reads, key=lambda read: (read.at_ms, read.checkpoint))


class _LocalTimes:
    """Local time as printed → UTC milliseconds; the zone's offset is looked up once an hour of the race."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        self.offsets_ms: dict[datetime, int] = {}

    def utc_ms(self, printed: str) -> int:
        """ValueError when `printed` is no ISO date-time."""
        local = datetime.fromisoformat(printed).replace(tzinfo=None)
        hour = local.replace(minute=0, second=0, microsecond=0)
        if hour not in self.offsets_ms:
            self.offsets_ms[hour] = (pendulum.instance(local, tz=self.timezone).offset or 0) * 1000
        return round(local.replace(tzinfo=UTC).timestamp() * 1000) - self.offsets_ms[hour]


class _Outbox:
    """Messages in the making, with one device a station and its rising `seq`."""

    def __init__(self, prefix: str, name: str) -> None:
        self.prefix, self.name = prefix, name
        self.emissions: list[Emission] = []
        self.seq: dict[str, int] = {}

    def _add(self, device: str, topic: str, at_ms: int, payload: dict[str, object]) -> None:
        unique = blake2b(f"{self.name}/{topic}/".encode() + orjson.dumps([at_ms, payload]), digest_size=16).digest()
        payload = {"id": str(uuid.UUID(bytes=unique, version=4)), "time": at_ms, **payload}
        self.emissions.append(Emission(at_ms, device, f"{self.prefix}/{topic}", orjson.dumps(payload)))

    def device(self, station: str, kind: str, at_ms: int, said: dict[str, object]) -> None:
        """A fact of a station's device."""
        device = f"{station}-1"
        self.seq[device] = self.seq.get(device, 0) + 1
        self._add(device, f"{station}/{kind}", at_ms, {"device": device, "seq": self.seq[device], **said})

    def desk(self, kind: str, at_ms: int, reason: str, said: dict[str, object]) -> None:
        """A decision of the director."""
        self._add("desk", f"desk/{kind}", at_ms, {"author": "results desk", "reason": reason, **said})


def _desk(out: _Outbox, event: Event, race: Race, row: dict[str, str], own: list[_Read]) -> None:
    """What the desk must have decided, since the passages alone do not lead to the official result."""
    bib, official_s = row["bib"], row.get("time_s")
    at_ms = (own[-1].at_ms if own else race.start_ms) + SIGNS_OFF_MS
    if decided := _DECIDED.get(row["status"]):
        out.desk("status", at_ms, f"official result: {decided}", {"bib": bib, "status": decided})
    if official_s and own and own[0].checkpoint == 0 and own[-1].checkpoint == race.finish:
        finished_ms = own[0].at_ms + round(float(official_s) * 1000)
        if abs(own[-1].at_ms - finished_ms) > ROUNDING_MS:
            said: dict[str, object] = {"bib": bib, "checkpoint": race.checkpoints[-1].id, "at": finished_ms}
            out.desk("passage", at_ms, "official time; the recorded read is a later one", said)
    if (penalty_s := PENALTIES_S.get((event.id, bib))) is not None:
        out.desk("penalty", at_ms, "official rank", {"bib": bib, "seconds": penalty_s})


def _roster_csv(race: Race, entrants: list[dict[str, str]], by_bib: dict[str, list[_Read]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_ROSTER_COLUMNS)
    for row in entrants:
        own = by_bib.get(row["bib"], [])
        wave = _wave(race, own[0].at_ms) if own and own[0].checkpoint == 0 else ""
        status = "dns" if row["status"] == "dns" else "confirmed"
        kept = [row.get(column, "") for column in ("sex", "category", "country", "index")]
        writer.writerow([row["bib"], race.id, *kept, wave, status])
    return out.getvalue()


def _wave(race: Race, started_ms: int) -> str:
    """The last wave that had started when the runner crossed the start line."""
    begun = [wave for wave in race.waves if wave.start_ms <= started_ms]
    return max(begun, key=lambda wave: wave.start_ms).id if begun else ""
