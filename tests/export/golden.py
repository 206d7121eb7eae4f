"""The one small race that every format is written of, and the files that it must be written as.

It has every status, a tie, a penalty, and names in several scripts, one a formula and one empty. `GOLDEN=write pytest tests/export` writes
the files of `golden/` anew: look at the difference before it is committed.
"""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import orjson

from tests.conftest import Message, RaceDay, race_toml, write_received
from tracker.commands.status import read_state
from tracker.core.soundness import digest
from tracker.export.results import Provenance, Results

FOLDER = Path(__file__).parent / "golden"
AT = "2022-06-25T20:00:00+02:00"
AT_MS = 1_656_180_000_000
"""The moment of which the results are, and at which the files are made, by the version `0.0.0`."""
VERSION = "0.0.0"

EVENT_TOML = """\
[event]
id = "hill"
name = "Golden Hill"
timezone = "Europe/Andorra"
""" + race_toml(
    "30k",
    1800,
    ("start", "village", 0.0, None),
    ("col", "col", 10.0, "3h"),
    ("hut", "hut", 20.0, None),
    ("finish", "village", 30.0, None),  # no cutoff: who is racing then is racing whenever somebody looks
)

ROSTER_CSV = """\
bib,race,name,first_name,last_name,sex,birthdate,category,country,club,city,state,status
1,30k,,Élodie,Žižkůvka,F,1990-02-28,O19,FRA,Club des Crêtes,Chaumièreville,,confirmed
2,30k,,Алёна,Примерская,F,1985-12-01,O35,BG,,Примерск,,confirmed
3,30k,,示例,李,M,1992-07-15,O19,CHN,,示例市,,confirmed
4,30k,مثال العداء,مثال,العداء,M,1979-01-31,O40,UAE,,,,confirmed
5,30k,,=1+1,"@SUM(A1)",M,1988-08-08,O19,SUI,=cmd|' /C calc'!A0,"=HYPERLINK(""http://example.org"",""x"")",,confirmed
6,30k,,,,,,,,,,,confirmed
7,30k,,Stays,Athome,F,2000-02-29,O19,US,,Sampleton,CO,dns
8,30k,,Cuts,Corners,M,1995-05-05,O19,DEU,,,,confirmed
9,30k,Storm Halted,,,X,1970-10-10,O50,XX,,,,confirmed
10,30k,,"<b>Still</b>","O'Neil, ""Out"" & Co",F,1999-09-09,O19,BRN,,,,confirmed
11,30k,,Late 🏃,Penalty-Smith,M,1991-11-11,O19,GB,Hill \u202eRunners,Exampleham,,confirmed
12,30k,Never Seen,,,M,,O19,ES,,,,confirmed
"""

_READS = {
    "1": ("06:00:10", "07:30:00", "09:00:00.400", "10:30:15.700"),
    "2": ("06:00:12", "07:40:00", "09:10:00", "10:45:00"),
    "3": ("06:00:11", "07:41:00", "09:11:00", "10:45:00"),
    "11": ("06:00:30", "07:50:00", "09:30:00", "10:50:00"),
    "4": ("06:00:14", "08:00:00", "10:00:00", "12:00:00"),
    "5": ("06:00:15", "08:10:00"),
    "6": ("06:00:16",),
    "8": ("06:00:17", "07:35:00"),
    "9": ("06:00:18", "08:20:00"),
    "10": ("06:00:19", "08:30:00", "11:00:00"),
}
"""When each was read at the start, the col, the hut and the finish. Times are the race's, of the gun."""
_STATIONS = ("village", "col", "hut", "village")
_SAID: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("col/withdrawal", "08:15:00", {"bib": "5", "reason": "injury", "signed": True}),
    ("desk/status", "08:30:00", {"author": "director", "bib": "8", "status": "disqualified", "reason": "short cut"}),
    ("desk/status", "09:05:00", {"author": "director", "bib": "6", "status": "out_of_time", "reason": "seen back at the start"}),
    ("desk/status", "09:30:00", {"author": "director", "bib": "9", "status": "stopped", "reason": "storm over the hut"}),
    ("desk/status", "10:00:00", {"author": "director", "bib": "12", "status": "dns", "reason": "has telephoned"}),
    ("desk/penalty", "11:00:00", {"author": "director", "bib": "11", "seconds": 600, "reason": "no whistle"}),
)


def _messages() -> list[Message]:
    said: list[tuple[str, str, dict[str, object]]] = [
        (f"{_STATIONS[n]}/passage", at, {"bib": bib}) for bib, times in _READS.items() for n, at in enumerate(times)
    ]
    told = sorted([*said, *_SAID], key=lambda one: one[1])
    return [
        (f"tracker/hill/{topic}", orjson.dumps({"id": f"golden-{n:03}", "time": f"2022-06-25T{at}+02:00", **words}))
        for n, (topic, at, words) in enumerate(told, 1)
    ]


def race() -> RaceDay:
    """The race: its files, and all that was said, in order of time."""
    return RaceDay(EVENT_TOML, ROSTER_CSV, _messages())


def journal_of(day: RaceDay, path: Path) -> Path:
    """A journal in which every message of the day was received the moment that it speaks of."""
    return write_received(path, day, None, ((_at_ms(payload), (topic, payload)) for topic, payload in day.messages))


def results_of(journal: Path, *races: str) -> Results:
    """The results of a journal at 20:00, of the races named, or of all, as if made at once by version `0.0.0`."""
    state = asyncio.run(read_state(journal, at=AT))
    of = races or tuple(race.id for race in state.folded.event.races)
    return Results(state.field, AT_MS, of, None, Provenance("provisional", digest(state.field), AT_MS, VERSION))


def golden_results(folder: Path) -> Results:
    """The results of the golden race."""
    return results_of(journal_of(race(), folder / "golden.db"))


def hold(name: str, content: bytes) -> None:
    """The content is what stands in `golden/` under this name; with `GOLDEN=write` it is written there."""
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(content)
    assert path.exists(), f"{path} is not there; GOLDEN=write writes it"
    assert content == path.read_bytes()


def _at_ms(payload: bytes) -> int:
    return round(datetime.fromisoformat(orjson.loads(payload)["time"]).timestamp() * 1000)
