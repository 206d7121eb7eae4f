"""What comes, in words: a message a line, what is said of each in full, and which of them are kept."""

from typing import Any

import pytest
from rich.cells import cell_len

from tests.dashboard.conftest import DIRECTOR, Weekend
from tracker.dashboard import log_table
from tracker.dashboard.fact_words import words_of
from tracker.dashboard.log_table import LogTable, about, details, is_heartbeat, key_of, lateness, safe, state_line
from tracker.dashboard.recent import KEPT, Recent, in_order
from tracker.dashboard.scene import About
from tracker.dashboard.tail import Tail
from tracker.fold import Fold
from tracker.journal import FactRow, QuarantineRow
from tracker.wire.desk import DESK_KINDS

M, H = 60_000, 3_600_000
DESK: dict[str, tuple[dict[str, Any], str]] = {
    "start": ({"race": "short", "at": 1_718_434_800_000}, "start of short Sat 09:00:00"),
    "cutoff": ({"race": "long", "checkpoint": "hut", "extend_by": "30m", "onward": True}, "cutoff long/hut and later ones +30m"),
    "void": ({"fact": "m0"}, "voids m0"),
    "passage": ({"bib": "2", "checkpoint": "hut", "at": 1_718_434_800_000}, "hand time at hut Sat 09:00:00"),
    "status": ({"bib": "2", "status": "out_of_time"}, "out of time"),
    "penalty": ({"bib": "2", "seconds": 300}, "penalty +0:05:00"),
    "bib": ({"from": "77", "to": "2"}, "was read as bib 77"),
    "clock": ({"device": "hut-1", "offset_s": -7200, "until": 1_718_434_800_000}, "clock of hut-1 2h00 behind until Sat 09:00:00"),
    "neutralise": (
        {"race": "long", "from": 1_718_434_800_000, "until": 1_718_438_400_000, "checkpoints": ["hut"]},
        "long stood still at hut from Sat 09:00:00 until Sat 10:00:00",
    ),
    "reroute": ({"race": "long", "skip": ["pass"], "finish": "hut"}, "long, skips pass, ends at hut"),
    "station": ({"station": "hut", "state": "closed", "forced": True}, "station hut closed by force"),
    "device": ({"device": "hut-1", "use": "in_use"}, "device hut-1 in use"),
    "accounted": ({"bib": "2", "where": "bus 2"}, "accounted for, bus 2"),
    "race": ({"bib": "2", "race": "short"}, "moved to race short"),
    "alert": ({"alert": "silent/hut", "state": "shelved", "until": 1_718_434_800_000}, "alert silent/hut shelved until Sat 09:00:00"),
    "final": ({"race": "long", "results": "0f" * 32}, "results of long final, 0f0f0f0f0f0f"),
    "note": ({"text": "fog"}, "note: fog"),
}


async def log_of(weekend: Weekend) -> tuple[Fold, LogTable]:
    """Everything in the journal, as the log has it."""
    tail = Tail(weekend.path)
    await tail.read()
    await tail.close()
    assert tail.fold is not None
    return tail.fold, LogTable(tail.fold, in_order(tail.recent.facts, tail.recent.quarantined))


def test_every_kind_of_desk_fact_is_tried() -> None:
    assert list(DESK) == list(DESK_KINDS)


@pytest.mark.parametrize("kind", DESK)
async def test_a_desk_fact_is_said_in_words_with_author_and_reason(weekend: Weekend, kind: str) -> None:
    fields, words = DESK[kind]
    await weekend.say("desk", kind, "0s", **fields, **DIRECTOR)
    fold, table = await log_of(weekend)
    line = " ".join(table.text(0, 160).split())
    assert line.startswith("Sat 08:00:00 Dir. Ector ")
    assert line.endswith(f"{words}: storm")
    named = "bib 2 Bo Çédille" if "bib" in fields or "to" in fields else ""
    assert details(fold, table.rows[0]).plain.startswith(f"{words}: storm {named}".rstrip() + "\nreceived Sat 08:00:00")


@pytest.mark.parametrize(
    ("station", "kind", "fields", "words"),
    [
        ("hut", "passage", {"bib": "2", "way": "out", "device": "hut-1", "source": "manual"}, "read out by hand"),
        (
            "hut",
            "withdrawal",
            {"bib": "2", "reason": "injury", "signed": True, "by": "Dr. Who", "note": "knee"},
            "withdrew: injury, signed, by Dr. Who, knee",
        ),
        ("hut", "heartbeat", {"device": "hut-1", "seq": 12, "queued": 3, "battery": 80.0}, "heartbeat, seq 12, queued 3, battery 80%"),
    ],
)
async def test_what_a_device_says_is_said_in_words(
    weekend: Weekend, station: str, kind: str, fields: dict[str, object], words: str
) -> None:
    await weekend.say(station, kind, "0s", **fields)
    fold, table = await log_of(weekend)
    fact, _ = log_table.told(fold, table.rows[0])
    assert fact is not None
    assert words_of(fact, "Europe/Paris") == words
    assert " ".join(table.text(0, 200).split()).endswith(words)


@pytest.mark.parametrize("width", [78, 118, 238])
async def test_every_line_of_a_fact_takes_exactly_the_width(noon: Weekend, width: int) -> None:
    await noon.say("desk", "status", "4h", bib="12", status="disqualified", author="x" * 90, reason="日本" * 90)
    _, table = await log_of(noon)
    assert {cell_len(table.text(no, width)) for no in range(len(table.keys))} == {width}
    assert cell_len(table.titles(width)) == width


def test_how_late_a_message_came_is_said_from_a_minute_on() -> None:
    assert [lateness(ms) for ms in (0, M - 1, M, 12 * M, -M + 1, -2 * H)] == ["", "", "late 1m", "late 12m", "", "ahead 2h00"]


async def test_a_late_message_says_so_by_the_right_clock_and_a_recorded_one_when_it_happened(weekend: Weekend) -> None:
    await weekend.now("3h")
    await weekend.reads("2", square="2h48")
    await weekend.say("hut", "passage", "5h", bib="1", device="hut-1")
    await weekend.now("72h")
    await weekend.reads("4", square="5s")
    fold, table = await log_of(weekend)
    assert [" ".join(table.text(no, 90).split()[2:4]) for no in range(3)] == ["late 12m", "ahead 2h00", "Sat 08:00"]
    assert "received Sat 11:00:00, happened Sat 10:48:00 (late 12m), from square, id m1" in details(fold, table.rows[0]).plain
    await weekend.say("desk", "clock", "72h", device="hut-1", offset_s=7200, **DIRECTOR)
    _, table = await log_of(weekend)
    assert table.text(1, 90).split()[2] == "hut-1"


async def test_a_voided_fact_is_marked_by_a_word_until_the_void_is_voided(noon: Weekend) -> None:
    await noon.say("desk", "void", "5h", fact="m1", **DIRECTOR)
    fold, table = await log_of(noon)
    assert table.text(0, 120).rstrip().endswith("VOIDED read")
    assert table.style(0) != table.style(1)
    assert details(fold, table.rows[0]).plain.startswith("VOIDED read bib 1 Ada Larch\n")
    await noon.say("desk", "void", "5h01", fact=f"m{noon.sent}", **DIRECTOR)
    _, table = await log_of(noon)
    assert table.text(0, 120).rstrip().endswith(" read")
    assert "VOIDED voids m1" in table.text(len(table.keys) - 2, 160)


async def test_what_is_no_fact_is_loud_and_says_why_and_what_to_do(noon: Weekend) -> None:
    await noon.quarantines(b'{"bib": \xff\x1b]0;own\x07 "\\u001b[2J', "passage message is no JSON: \x1b[2J")
    fold, table = await log_of(noon)
    line, shown = table.text(len(table.keys) - 1, 160), details(fold, table.rows[-1])
    assert line == "Sat 13:00:00 !! QUARANTINE tracker/two-valleys/hut/passage: passage message is no JSON: \\x1b[2J"
    assert "→ it counts for nothing: put its sender right" in shown.plain
    assert shown.plain.endswith('payload  {"bib": \\xff\\x1b]0;own\\x07 "\\u001b[2J')
    reversed_ones = [shown.plain[span.start : span.end] for span in shown.spans if span.style == "reverse"]
    assert reversed_ones == ["\\x1b", "\\xff\\x1b", "\\x07"]
    assert about(fold, table.rows[-1]) == About()


def test_bytes_are_shown_whole_with_everything_that_moves_a_cursor_as_an_escape() -> None:
    assert safe(bytes(range(32))).plain == "".join(
        f"\\x{code:02x}" if code not in (9, 10, 13) else repr(chr(code))[1:-1] for code in range(32)
    )
    assert safe("a\u202eb\u2028\x9b\U0001f469").plain == "a\\u202eb\\u2028\\x9b\U0001f469"
    assert safe("日本 é".encode()).plain == "日本 é"
    assert safe(b"\\x1b").spans == []


async def test_a_decision_on_a_message_names_its_fact_and_whom_it_is_about(noon: Weekend) -> None:
    await noon.say("hut", "passage", "4h50", bib="77", device="hut-1")
    await noon.say("hut", "heartbeat", "4h51", device="hut-1")
    await noon.say("desk", "bib", "4h52", **{"from": "77", "to": "2"}, **DIRECTOR)
    await noon.say("desk", "passage", "4h53", bib="2", checkpoint="pass", at=noon.at_ms, **DIRECTOR)
    fold, table = await log_of(noon)
    read, beat, swap, hand = (about(fold, row) for row in table.rows[-4:])
    first = noon.sent - 3
    assert read == About(bib="2", station="hut", device="hut-1", fact=f"m{first}")
    assert beat == About(station="hut", device="hut-1")
    assert swap == About(bib="2", fact=f"m{first + 2}")
    assert hand == About(bib="2", fact=f"m{first + 3}", checkpoint="pass")


def fact_row(no: int, received_ms: int) -> FactRow:
    return FactRow(no, b"%16d" % no, received_ms, "tracker/two-valleys/hut/passage", b"{}")


def test_facts_and_quarantine_are_one_list_in_the_order_in_which_they_came() -> None:
    facts = [fact_row(no, received_ms) for no, received_ms in enumerate((10, 20, 20, 40), 1)]
    rejected = [QuarantineRow(no, received_ms, "t", b"", "why") for no, received_ms in enumerate((5, 20, 50), 1)]
    keys = [key_of(row) for row in in_order(facts, rejected)]
    assert keys == ["quarantine 1", "fact 1", "fact 2", "fact 3", "quarantine 2", "fact 4", "quarantine 3"]


def test_a_bounded_number_is_kept_of_each_kind_the_newest() -> None:
    recent = Recent(fact_row(no, no) for no in range(3 * KEPT))
    assert (len(recent.facts), recent.facts[0].no, recent.facts[-1].no) == (KEPT, 2 * KEPT, 3 * KEPT - 1)
    recent.quarantined.extend(QuarantineRow(no, 0, "t", b"", "why") for no in range(2 * KEPT))
    assert len(recent.quarantined) == KEPT


@pytest.mark.parametrize("width", [60, 78, 100, 160])
def test_the_line_above_says_how_many_are_kept_and_whether_it_follows(width: int) -> None:
    follows = state_line(60_113, 2_000, 8, 0, width, follows=True, beats=False)
    assert follows.startswith("follows what comes")
    assert "2,000 of 60,113 facts" in follows
    stands = state_line(60_113, 2_000, 8, 1_234, width, follows=False, beats=False)
    assert stands.startswith("STANDS STILL, 1,234 newer, End follows")
    assert cell_len(follows) == cell_len(stands) == width
    whole = state_line(60_113, 2_000, 8, 1_234, width, follows=False, beats=False, whole=True)
    assert whole.startswith("THE MESSAGE HAS THE KEYS, d: the list · 1,234 newer")
    assert "all 1 fact " in state_line(1, 1, 0, 0, 160, follows=True, beats=True)


async def test_a_heartbeat_in_quarantine_is_never_hidden() -> None:
    assert is_heartbeat(FactRow(1, b"", 0, "tracker/two-valleys/hut/heartbeat", b""))
    assert not is_heartbeat(QuarantineRow(1, 0, "tracker/two-valleys/hut/heartbeat", b"", "why"))
    assert not is_heartbeat(fact_row(1, 0))
