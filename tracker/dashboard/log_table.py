"""The log: facts and quarantine as they came, a message a line, and one of them in full, byte for byte.

Pure, without Textual. A message is decoded only when somebody looks at it.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from tracker.core import facts as f
from tracker.dashboard.columns import Column, line_of, titles
from tracker.dashboard.fact_words import words_of
from tracker.dashboard.format import UNKNOWN, full_state, span
from tracker.dashboard.recent import LogRow
from tracker.dashboard.scene import About
from tracker.files.times import HOUR_MS, MINUTE_MS, format_local
from tracker.fold import Fold
from tracker.journal import QuarantineRow
from tracker.text import count, fit
from tracker.wire import Offline, WireError

_MUCH_MS = MINUTE_MS
"""A message on its way for longer says so."""
_RECORDED_MS = 48 * HOUR_MS
"""What was received so long after it happened was recorded: then the moment itself says more than how late it came."""
_SHOWN = 4_000
_IN_A_LINE = 200
_QUARANTINE = Style(bold=True, color="red")
_DESK = Style(bold=True)
_VOIDED = Style(dim=True, strike=True)
_PLAIN = Style.null()
_FROM_DEVICE = f.Passage | f.Withdrawal | f.Heartbeat
_TODO = "it counts for nothing: put its sender right and let it send that again, or say by hand what it would have said"


class Told(NamedTuple):
    """What a row of the journal says: a fact; or None, and the reason why it is none."""

    fact: f.Fact | None
    reason: str = ""


def told(fold: Fold, row: LogRow) -> Told:
    """A row, decoded."""
    if isinstance(row, QuarantineRow):
        return Told(None, row.reason)
    try:
        fact = fold.wire.decode(row.topic, row.payload, row.key)
    except WireError as error:
        return Told(None, f"this version cannot read it: {error}")
    return Told(None, "a last will, which is no fact") if isinstance(fact, Offline) else Told(fact)


def key_of(row: LogRow) -> str:
    """A row's own name among the lines: facts and quarantine are numbered each from 1."""
    return f"{'quarantine' if isinstance(row, QuarantineRow) else 'fact'} {row.no}"


def is_heartbeat(row: LogRow) -> bool:
    """Whether a fact is one of the many that only say that a device is there."""
    return not isinstance(row, QuarantineRow) and row.topic.endswith("/heartbeat")


class LogTable:
    """Rows of a journal, in order, as a table: a message a line."""

    def __init__(self, fold: Fold, rows: Sequence[LogRow]) -> None:
        self._fold = fold
        self.rows = rows
        self.keys = [key_of(row) for row in rows]
        self._number = {key: no for no, key in enumerate(self.keys)}

    def number(self, key: str) -> int | None:
        """The line of a row."""
        return self._number.get(key)

    def titles(self, width: int) -> str:
        """The columns' titles."""
        return titles(columns_for(width))

    def text(self, no: int, width: int) -> str:
        """A message in a line."""
        row = self.rows[no]
        fact, reason = told(self._fold, row)
        received = _at(self._fold, row.received_ms)
        if fact is None:
            kind = "QUARANTINE" if isinstance(row, QuarantineRow) else "UNREADABLE"
            return f"{received} !! {kind} {safe(row.topic[:_IN_A_LINE]).plain}: {safe(reason).plain}"
        columns = columns_for(width)
        return line_of(columns, cells(self._fold, fact, row.received_ms, both=columns[2].least > 20))

    def style(self, no: int) -> Style:
        """What is no fact is loud, what the desk says stands out, what was voided is struck through."""
        fact, _ = told(self._fold, self.rows[no])
        if fact is None:
            return _QUARANTINE
        if fact.id in self._fold.field.store.voided:
            return _VOIDED
        return _PLAIN if isinstance(fact, _FROM_DEVICE) else _DESK


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns in so many cells: what is left goes to who sent it, to the names, and to what it says."""
    more = max(0, width - 78)
    sender, name = 12 + min(16, more // 3), 14 + min(16, more // 3)
    what = max(0, width - sender - name - 33)
    return (
        Column("received", "Received", 12, 12),
        Column("happened", "Happened", 10, 10),
        Column("from", "From", sender, sender),
        Column("bib", "Bib", 6, 6, right=True),
        Column("name", "Name", name, name),
        Column("what", "What", what, what),
    )


def cells(fold: Fold, fact: f.Fact, received_ms: int, *, both: bool) -> dict[str, str]:
    """The text of every column of a fact's line. `both`: there is room for the device and its station."""
    bib = bib_of(fact)
    return {
        "received": _at(fold, received_ms),
        "happened": when(fold, fact, received_ms),
        "from": _sender(fact, both=both),
        "bib": bib or "",
        "name": "" if bib is None else _name(fold, bib),
        "what": _what(fold, fact),
    }


def when(fold: Fold, fact: f.Fact, received_ms: int) -> str:
    """By how much a message came after what it tells, by the right clock; of a recording, when that was. Empty: at once."""
    happened = happened_ms(fold, fact)
    if abs(received_ms - happened) >= _RECORDED_MS:
        return format_local(happened, fold.event.timezone, seconds=False)
    return lateness(received_ms - happened)


def lateness(late_ms: int) -> str:
    """How long a message was on its way, if that was much; below 0: sent by a clock that is ahead."""
    if abs(late_ms) < _MUCH_MS:
        return ""
    return f"late {span(late_ms)}" if late_ms > 0 else f"ahead {span(-late_ms)}"


def happened_ms(fold: Fold, fact: f.Fact) -> int:
    """When what a fact tells happened, by the right clock."""
    device = fact.device if isinstance(fact, _FROM_DEVICE) else None
    return fact.at_ms if device is None else fold.field.store.right_moment(device, fact.at_ms)


def bib_of(fact: f.Fact) -> str | None:
    """Whom a fact is about, as it was read or said."""
    return fact.to_bib if isinstance(fact, f.BibSwap) else getattr(fact, "bib", None)


def about(fold: Fold, row: LogRow) -> About:
    """What a decision about a row would be about."""
    fact, _ = told(fold, row)
    if fact is None:
        return About()
    bib = bib_of(fact)
    return About(
        bib=None if bib is None else fold.field.store.owner(bib),
        station=getattr(fact, "station", None),
        device=getattr(fact, "device", None),
        alert=getattr(fact, "alert", None),
        fact=None if isinstance(fact, f.Heartbeat) else fact.id,  # nobody named it, so that nobody can void it
        checkpoint=getattr(fact, "checkpoint", None),
    )


def details(fold: Fold, row: LogRow) -> Text:
    """One message in full: what it says and when, whether it counts, and its topic and payload byte for byte."""
    fact, reason = told(fold, row)
    text = Text()
    if fact is None:
        text.append("!! in quarantine: " if isinstance(row, QuarantineRow) else "!! ", "bold").append_text(safe(reason)).append("\n")
        text.append(f"   → {_TODO}\n").append(f"received {_at(fold, row.received_ms)}\n")
    else:
        _tell(text, fold, fact, row.received_ms)
    text.append("topic    ", "bold").append_text(_beginning(row.topic)).append("\n")
    return text.append("payload  ", "bold").append_text(_beginning(row.payload))


def _beginning(said: str | bytes) -> Text:
    """What somebody sent; of more than a screen can show, the beginning: a message may have a megabyte."""
    left = len(said) - _SHOWN
    text = safe(said[:_SHOWN])
    return text if left <= 0 else text.append(f"… and {left:,} more; the journal has them all", "bold")


def _tell(text: Text, fold: Fold, fact: f.Fact, received_ms: int) -> None:
    bib, happened = bib_of(fact), happened_ms(fold, fact)
    late = lateness(received_ms - happened)
    text.append(" ".join([_what(fold, fact), *([] if bib is None else [f"bib {bib} {_name(fold, bib)}"])]) + "\n", "bold")
    times = f"received {_at(fold, received_ms)}, happened {_at(fold, happened)}{f' ({late})' if late else ''}"
    text.append(f"{times}, from {_sender(fact, both=True)}, id {fact.id}\n")
    runner = None if bib is None else fold.field.runners.get(fold.field.store.owner(bib))
    if runner is not None:
        text.append(f"the runner is now: {full_state(runner.verdict)}\n")


def safe(said: str | bytes) -> Text:
    """What somebody sent, made safe for a terminal: whatever is no printable character stands as a reversed escape, and so stays apart
    from the same signs written out.
    """
    shown = said if isinstance(said, str) else said.decode("utf-8", "surrogateescape")
    text = Text()
    for printable, chars in groupby(shown, str.isprintable):
        if printable:
            text.append("".join(chars))
        else:
            text.append("".join(map(_escape, chars)), "reverse")
    return text


def _escape(char: str) -> str:
    is_byte = "\udc80" <= char <= "\udcff"  # one that is no UTF-8
    return f"\\x{ord(char) - 0xDC00:02x}" if is_byte else char.encode("unicode_escape").decode()


def _what(fold: Fold, fact: f.Fact) -> str:
    voided = "VOIDED " if fact.id in fold.field.store.voided else ""
    reason = "" if isinstance(fact, _FROM_DEVICE) else f": {fact.reason}"
    return f"{voided}{words_of(fact, fold.event.timezone)}{reason}"


def _sender(fact: f.Fact, *, both: bool) -> str:
    if not isinstance(fact, _FROM_DEVICE):
        return fact.author or UNKNOWN
    if fact.device is None:
        return fact.station
    return f"{fact.station}/{fact.device}" if both else fact.device


def _name(fold: Fold, bib: str) -> str:
    runner = fold.field.runners.get(fold.field.store.owner(bib))
    return UNKNOWN if runner is None else runner.entrant.name or UNKNOWN


def _at(fold: Fold, at_ms: int) -> str:
    return format_local(at_ms, fold.event.timezone)


def state_line(facts: int, held: int, quarantined: int, newer: int, width: int, *, follows: bool, beats: bool, whole: bool = False) -> str:
    """Whether the newest line is shown as it comes, of how many messages these lines are, and whether heartbeats are among them.

    `whole`: one message has most of the screen and the keys, and nothing comes before that.
    """
    state = "follows what comes" if follows else f"STANDS STILL, {newer:,} newer, End follows"
    if whole:
        state = f"THE MESSAGE HAS THE KEYS, d: the list{'' if follows else f' · {newer:,} newer'}"
    kept = f"the newest {held:,} of {facts:,} facts are kept, up reads older" if held < facts else f"all {count(facts, 'fact')}"
    hidden = "with heartbeats (h)" if beats else "no heartbeats (h)"
    forms = (
        f"{state} · {kept} · {quarantined:,} in quarantine · {hidden}",
        f"{state} · {held:,} of {facts:,} facts kept, up: older · {hidden}",
        f"{state} · {held:,} of {facts:,} facts kept, up: older",
    )
    return fit(next((form for form in forms if cell_len(form) <= width), forms[-1]), width)
