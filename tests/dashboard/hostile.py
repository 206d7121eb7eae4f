"""A simulated race in which whatever people and devices may name themselves is as bad as it gets, and what may never reach a terminal."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import orjson

from docs.picture import MOMENT, ROOT, SEED
from simulators.field import simulate_field, simulate_roster
from simulators.scanners import REALISTIC, Emission, emissions
from tracker.clock import RaceClock
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.files.times import parse_moment
from tracker.ingest import Intake
from tracker.journal import Journal, Sources
from tracker.wire import Wire, encode

NOON_MS = parse_moment(MOMENT, "Europe/Andorra")
WIDE, COMBINING, RTL = "山田 太郎龘齾곤", "Nu\u0308n\u0303o A\u0301vi\u0323la", "שרה בת־לוי"
ESCAPES = "\x1b[31mRed\x1b]0;own\x07\x9b5m\x9d0;own\x9c\x00"
NAMES = (
    WIDE,
    COMBINING,
    RTL,
    "👩\u200d👩\u200d👧\u200d👦 Ola",
    "\u202egnirts\u202c \u200f",
    "[bold]Bo[/bold]",
    "[/nope] [@click=app.exit]x[/]",
    ESCAPES,
    "x" * 500,
    "龘" * 500,
    "",
    "e" + "\u0301" * 60,
    "\u0301",
    "🏳️\u200d🌈🇦🇩",
    "Zoë\ud7ff\uffff\ufdd0",
    "a\tb\r\nc",
)
ENTERED = {"105k": 60, "50k": 30, "21k": 20, "7k5": 20}
DEVICE = "[red]\x1b]0;own\x07山\u202e\u0301"


async def hostile_journal(path: Path, clock: RaceClock | None = None) -> None:
    """The journal of that race, as far as its clock has come (to noon, where it stands); nobody has it open."""
    clock = RaceClock(0, NOON_MS, 0) if clock is None else clock
    course = ROOT / "courses" / "andorra-2022.toml"
    toml = course.read_text(encoding="utf-8")
    toml = toml.replace('name = "Ordino"', f'name = "{WIDE}"').replace('name = "Incles"', f'name = "{RTL}"')
    toml = toml.replace('name = "Grau Roig"', f'name = "{COMBINING}"').replace('name = "Ultra 105K"', 'name = "[/nope] 超 105K"')
    event = read_event(toml, course.name)
    roster_csv = _renamed(simulate_roster(event, SEED, ENTERED))
    roster = read_roster(roster_csv, "roster.csv", event)
    said = emissions(event, roster, simulate_field(event, roster, SEED), SEED, REALISTIC)
    messages = [(one.topic, _from_worse(one)) for one in said if one.send_ms <= clock.now_ms()]
    async with await Journal.create(path, Sources(course.name, toml, "roster.csv", roster_csv, "tracker")) as journal:
        await journal.set_clock(clock)
        await Intake(journal, Wire(event.id), clock).store([*messages, *_words(event.id)])


def _renamed(roster_csv: str) -> str:
    rows = list(csv.DictReader(io.StringIO(roster_csv)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows):
        name = NAMES[number % len(NAMES)]
        writer.writerow(
            row | {"first_name": name if number % 3 else "", "last_name": name, "club": name, "index": row["index"] if number % 5 else ""}
        )
    return out.getvalue()


def _from_worse(one: Emission) -> bytes:
    """Every other device has a name that does harm, and so have the ids of what it says."""
    said = orjson.loads(one.payload)
    if "device" in said and sum(said["device"].encode()) % 2:
        said["device"] += DEVICE
        if "id" in said:
            said["id"] += "\x1b[2J"
    return encode(said)


def _words(event: str) -> Iterable[tuple[str, bytes]]:
    """What else comes: unknown bibs and stations, a withdrawal in bad words, decisions in worse ones, and what is no message."""
    root = f"tracker/{event}"
    base = {"time": NOON_MS - 3_600_000}
    for number, name in enumerate(NAMES):
        text = name[:400] or "?"
        yield f"{root}/ordino/passage", encode({"id": f"h{number}", **base, "bib": name[:20] or "0"})
        yield (
            f"{root}/incles/withdrawal",
            encode({"id": f"w{number}", **base, "bib": str(number + 1), "reason": "other", "by": text, "note": text, "transport": text}),
        )
        said = {**base, "author": text, "reason": text}
        yield f"{root}/desk/note", encode({"id": f"n{number}", **said, "text": text})
        yield f"{root}/desk/accounted", encode({"id": f"a{number}", **said, "bib": str(number + 20), "where": text})
        yield f"{root}/desk/status", encode({"id": f"s{number}", **said, "bib": str(number + 40), "status": "stopped"})
        yield f"{root}/desk/void", encode({"id": f"v{number}", **said, "fact": text[:90]})
        yield f"{root}/desk/alert", encode({"id": f"l{number}", **said, "alert": text[:90], "state": "acknowledged"})
        yield f"{root}/desk/device", encode({"id": f"d{number}", **said, "device": text[:90], "use": "retired"})
        yield f"{root}/desk/start", encode({"id": f"g{number}", **said, "race": text[:90], "at": NOON_MS})
        yield f"{root}/nowhere\x1b[31m/passage", encode({"id": f"x{number}", **base, "bib": str(number + 60)})
        yield f"{root}/incles/withdrawal", encode({"id": f"q{number}", **base, "bib": "1", "reason": text})
        yield f"{root}/{number}{name[:20]}/heartbeat", name.encode("utf-8", "replace")


def unfit(text: str) -> set[str]:
    """The characters that may not reach a terminal inside of a text: controls, and what turns the direction or joins unseen."""
    return {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs")}
