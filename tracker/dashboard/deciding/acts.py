"""Every decision that can be taken at the dashboard: its key, its words, the desk kind that it becomes, and what must be asked for it.

Only a list; what an answer means is in `answers`. Author and reason are asked for each, and are not repeated here.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """What sort of thing an answer names."""

    BIB = auto()
    VERDICT = auto()
    RACE = auto()
    OTHER_RACE = auto()
    CHECKPOINT = auto()
    CHECKPOINTS = auto()
    LIMIT = auto()
    WAVE = auto()
    STATION = auto()
    STATION_ON_THE_WAY = auto()
    CAUSE = auto()
    DEVICE = auto()
    FACT = auto()
    ALERT = auto()
    MOMENT = auto()
    LATER = auto()
    SECONDS = auto()
    YES = auto()
    FORCED = auto()
    NO_ENTRANT = auto()
    TEXT = auto()


class Ask(NamedTuple):
    """A question: the field of the payload that it fills, how it is put, whether it must be answered, and in how many characters at most:
    what is longer the wire would cut off, or not take. `of` is the field without which it is not asked.
    """

    field: str
    label: str
    kind: Kind
    needed: bool = True
    most: int = 100
    of: str = ""


class Act(NamedTuple):
    """A decision. `fixed` are the fields that are not asked."""

    key: str
    group: str
    name: str
    kind: str
    asks: tuple[Ask, ...]
    fixed: Mapping[str, object] = {}


_BIB = Ask("bib", "bib", Kind.BIB)
_RACE = Ask("race", "race", Kind.RACE)
_STATION = Ask("station", "station", Kind.STATION)
_DEVICE = Ask("device", "device", Kind.DEVICE)
_ALERT = Ask("alert", "alert", Kind.ALERT)
AUTHOR = Ask("author", "author", Kind.TEXT, most=80)
REASON = Ask("reason", "reason", Kind.TEXT, most=500)
_FORCED = Ask("forced", "even with somebody behind", Kind.FORCED, needed=False)
_GAVE_UP = (
    Ask("station", "station", Kind.STATION_ON_THE_WAY, needed=False),
    Ask("at", "when", Kind.MOMENT, needed=False, of="station"),
    Ask("cause", "cause", Kind.CAUSE, of="station"),
    Ask("transport", "transport", Kind.TEXT, needed=False, of="station"),
)
"""Of a withdrawal that the radio tells: it is the station's then, and the ledger has the runner there."""


def _status(key: str, name: str, status: str) -> Act:
    return Act(key, "Runner", name, "status", (_BIB,), {"status": status})


ACTS = (
    Act("w", "Runner", "Withdraw", "status", (_BIB, *_GAVE_UP), {"status": "withdrawn"}),
    Act("a", "Runner", "Accounted for", "accounted", (_BIB, Ask("where", "where", Kind.TEXT, needed=False, most=80))),
    Act(
        "h", "Runner", "Hand time", "passage", (_BIB, Ask("checkpoint", "checkpoint", Kind.CHECKPOINT), Ask("at", "passed at", Kind.MOMENT))
    ),
    Act("c", "Runner", "Confirm the verdict", "status", (_BIB, Ask("status", "verdict", Kind.VERDICT))),
    _status("o", "Overturn it: accepted", "accepted"),
    _status("r", "Reinstate", "reinstated"),
    _status("n", "Did not start", "dns"),
    _status("q", "Disqualify", "disqualified"),
    _status("s", "Stop", "stopped"),
    Act("p", "Runner", "Penalty", "penalty", (_BIB, Ask("seconds", "seconds", Kind.SECONDS))),
    Act("b", "Runner", "Bib swap", "bib", (Ask("from", "was read as", Kind.NO_ENTRANT, most=20), Ask("to", "is bib", Kind.BIB))),
    Act("m", "Runner", "Move to a race", "race", (_BIB, Ask("race", "to race", Kind.OTHER_RACE))),
    Act(
        "C",
        "Race",
        "Move a cutoff",
        "cutoff",
        (
            _RACE,
            Ask("checkpoint", "checkpoint", Kind.CHECKPOINT),
            Ask("cutoff", "new cutoff", Kind.LIMIT),
            Ask("onward", "and all later ones", Kind.YES, needed=False),
            Ask("from", "in force from", Kind.MOMENT, needed=False),
        ),
    ),
    Act(
        "G",
        "Race",
        "Start (gun)",
        "start",
        (_RACE, Ask("wave", "wave", Kind.WAVE, needed=False), Ask("at", "started at", Kind.MOMENT)),
    ),
    Act(
        "N",
        "Race",
        "Neutralise",
        "neutralise",
        (
            _RACE,
            Ask("from", "from", Kind.MOMENT),
            Ask("until", "until", Kind.MOMENT),
            Ask("checkpoints", "on the way to", Kind.CHECKPOINTS, needed=False),
        ),
    ),
    Act("K", "Race", "Skip checkpoints", "reroute", (_RACE, Ask("skip", "skipped", Kind.CHECKPOINTS))),
    Act("F", "Race", "Move the finish", "reroute", (_RACE, Ask("finish", "finish at", Kind.CHECKPOINT))),
    Act("x", "Station", "Close", "station", (_STATION, _FORCED), {"state": "closed"}),
    Act("S", "Station", "Swept", "station", (_STATION,), {"state": "swept"}),
    Act("O", "Station", "Open", "station", (_STATION,), {"state": "open"}),
    Act(
        "k",
        "Station",
        "Correct a clock",
        "clock",
        (
            _DEVICE,
            Ask("offset_s", "seconds ahead", Kind.SECONDS),
            Ask("from", "from", Kind.MOMENT, needed=False),
            Ask("until", "until", Kind.MOMENT, needed=False),
        ),
    ),
    Act("d", "Station", "Retire a device", "device", (_DEVICE,), {"use": "retired"}),
    Act("D", "Station", "Device in use again", "device", (_DEVICE,), {"use": "in_use"}),
    Act("l", "Desk", "Acknowledge an alert", "alert", (_ALERT,), {"state": "acknowledged"}),
    Act("z", "Desk", "Shelve an alert", "alert", (_ALERT, Ask("until", "until", Kind.LATER)), {"state": "shelved"}),
    Act("v", "Desk", "Void a fact", "void", (Ask("fact", "fact id", Kind.FACT),)),
    Act("t", "Desk", "Note", "note", (Ask("text", "note", Kind.TEXT, most=500),)),
)
BY_KEY = {act.key: act for act in ACTS}
VOID = BY_KEY["v"]
