"""What the desk would change, kind by kind, as a person reads it before it is sent."""

import msgspec
import pytest

from tests.core.builders import (
    GUN_MS,
    TIMED,
    accounts_for,
    alert_word,
    at,
    clock_correction,
    decides,
    device_word,
    entrant,
    field_of_races,
    hand_time,
    heartbeat,
    key_of,
    moves_cutoff,
    moves_race,
    neutralises,
    penalty,
    race_with,
    read,
    reads,
    reroutes,
    starts_at,
    station_word,
    swaps,
    void,
    withdraws,
)
from tracker.core.clocks import ClockOffset
from tracker.core.facts import DeskWord, Fact, Note
from tracker.core.trial import trial
from tracker.core.trial_lines import trial_lines

SHORT = race_with(id="50k", points="start:ordino@0 botella@22 finish:ordino@50", gain_m=2900)
PEOPLE = [*(entrant(bib) for bib in "1234"), entrant("5", race="50k")]
STARTED = [fact for bib in "12345" for fact in reads(bib, start=0)]
THERE = [*STARTED, *reads("1", botella="5h"), *reads("2", botella="5h10"), *reads("3", botella="5h20"), *reads("4", botella="5h30")]
GAVE_UP = withdraws("1", where="botella", when="5h05")
NOTE = Note(key_of("note"), "note", at("6h"), "director", "on record", "storm")


def clock(moment_ms: int) -> str:
    """A moment as the time since the gun."""
    minutes = (moment_ms - GUN_MS) // 60_000
    return f"{minutes // 60}h{minutes % 60:02}"


def span(span_ms: int) -> str:
    return clock(GUN_MS + span_ms)


def lines(known: list[Fact], *said: DeskWord) -> list[str]:
    """What the desk is told, of two races, when it speaks."""
    field = field_of_races((TIMED, SHORT), PEOPLE, [*known, *said])
    field = field_of_races((TIMED, SHORT), PEOPLE, known, now=clock(field.now_ms))
    return trial_lines(field.event, trial(field, list(said)), clock, span)


TO_ILLA = "racing, last seen at Botella, on the way to Illa"
ON_ILLA = "racing, last seen at Illa, on the way to Grau-Roig"
TO_BOTELLA = "racing, last seen at Start, on the way to Botella"
UNCONFIRMED = "racing, last seen at Start, unconfirmed at Botella, on the way to Botella"
SILENT = "Botella is silent (mat-botella): 2 runners are still to come or to leave, 2 runners due there and not judged"
OUT = "last known at Botella, not accounted for"
UNACCOUNTED = f"bib 1 is out of the race and not accounted for ({OUT.partition(',')[0]})"
LATE_AT_BOTELLA = [*STARTED, read("1", "botella", "8h10", device="b-1"), *reads("1", illa="14h")]

OF_RUNNERS: list[tuple[str, list[Fact], DeskWord, list[str]]] = [
    (
        "a withdrawal",
        THERE,
        decides("withdrawn", "6h"),
        [f"bib 1: {TO_ILLA}, rank 1 -> withdrawn, {OUT}", f"alert: {UNACCOUNTED}"],
    ),
    (
        "a withdrawal that a station told by radio: the runner is there",
        THERE,
        withdraws("1", where="illa", when="5h50"),
        [f"bib 1: {TO_ILLA}, rank 1 -> withdrawn, {OUT.replace('Botella', 'Illa')}", f"alert: {UNACCOUNTED.replace('Botella', 'Illa')}"],
    ),
    (
        "in safe hands",
        [*THERE, GAVE_UP],
        accounts_for(when="6h"),
        [f"bib 1: withdrawn, {OUT} -> withdrawn, in safe hands", f"no alert any more: {UNACCOUNTED}"],
    ),
    (
        "in safe hands, of who is racing: that waits until he is out",
        THERE,
        accounts_for(when="6h"),
        ["bib 1 stays what he is", "nothing changes now"],
    ),
    (
        "a hand time further on",
        THERE,
        hand_time("illa", "5h50", when="6h", bib="4"),
        [f"bib 4: {TO_ILLA}, rank 4 -> {ON_ILLA}, rank 1; at Illa none -> 5h50"],
    ),
    (
        "a hand time instead of a read",
        THERE,
        hand_time("botella", "5h05", when="6h", bib="4"),
        [f"bib 4: {TO_ILLA}, rank 4 -> {TO_ILLA}, rank 2; at Botella 5h30 -> 5h05"],
    ),
    (
        "a penalty",
        [*THERE, *reads("1", illa="10h", finish="30h"), *reads("2", illa="10h", finish="30h30")],
        penalty(3600),
        ["bib 1: finished, rank 1 -> finished, rank 2; official time 30h00 -> 31h00"],
    ),
    (
        "a bib that was mixed up",
        [*STARTED, *reads("4", botella="5h")],
        swaps("4", "3", said="6h"),
        [
            f"bib 4: {TO_ILLA}, rank 1 -> proposed as not starting; at Start 0h00 -> none; at Botella 5h00 -> none",
            f"bib 3: {TO_BOTELLA}, rank 2 -> {TO_ILLA}, rank 1; at Botella none -> 5h00",
            "alert: not read at the start of race 105k, and nowhere since: bib 4",
        ],
    ),
    (
        "another race",
        [*THERE, *reads("5", botella="5h")],
        moves_race("50k", bib="4", said="6h"),
        [f"bib 4: race 105k, {TO_ILLA}, rank 4 -> race 50k, racing, last seen at Botella, on the way to Finish, rank 2"],
    ),
    (
        "a void of a withdrawal",
        [*THERE, GAVE_UP],
        void(GAVE_UP, when="6h"),
        [f"bib 1: withdrawn, {OUT} -> {TO_ILLA}, rank 1", f"no alert any more: {UNACCOUNTED}"],
    ),
    (
        "a void of a void",
        [*THERE, GAVE_UP, void(GAVE_UP, when="6h", name="back")],
        void("back", when="6h10"),
        [f"bib 1: {TO_ILLA}, rank 1 -> withdrawn, {OUT}", f"alert: {UNACCOUNTED}"],
    ),
    (
        "a void of a read",
        THERE,
        void(read("4", "botella", "5h30"), when="6h"),
        [f"bib 4: {TO_ILLA}, rank 4 -> {TO_BOTELLA}, rank 4; at Botella 5h30 -> none"],
    ),
    (
        "the confirmation that somebody is out of time",
        [*STARTED, *reads("2", botella="5h"), *reads("3", botella="5h"), *reads("4", botella="5h"), *reads("1", botella="8h10")],
        decides("out_of_time", "9h"),
        [
            f"bib 1: out of time at Botella, seen there too late, {OUT} -> out of time, late at Botella, {OUT}",
            f"alert: {UNACCOUNTED}",
            "no alert any more: bib 1 is out of time at Botella (too late), not yet confirmed",
        ],
    ),
]


@pytest.mark.parametrize(("known", "said", "told"), [case[1:] for case in OF_RUNNERS], ids=[case[0] for case in OF_RUNNERS])
def test_a_word_on_a_runner_says_what_he_would_be_and_what_follows(known: list[Fact], said: DeskWord, told: list[str]) -> None:
    assert lines(known, said) == told


OF_THE_REST: list[tuple[str, list[Fact], DeskWord, list[str]]] = [
    (
        "a cutoff, and who is expected on its other side",
        [*STARTED, *reads("1", botella="5h")],
        moves_cutoff("illa", by="-8h", said="6h"),
        ["105k: cutoff at Illa 20h00 -> 12h00", "105k bib 1 is expected at Illa at 13h41, and would be too late"],
    ),
    (
        "a void of a cutoff's move",
        [*THERE[:-3], moves_cutoff("botella", by="1h", said="7h"), *reads("2", botella="5h10"), *reads("4", botella="8h10")],
        void(moves_cutoff("botella", by="1h", said="7h"), when="8h20"),
        [
            "105k: cutoff at Botella 9h00 -> 8h00",
            f"bib 3: {TO_BOTELLA}, rank 4 -> out of time at Botella, last known at Start, not accounted for",
            f"bib 4: {TO_ILLA}, rank 3 -> out of time at Botella, seen there too late, {OUT}",
            "alert: bib 3 is out of time at Botella (never seen after Start), not yet confirmed",
            "alert: bib 4 is out of time at Botella (too late), not yet confirmed",
        ],
    ),
    (
        "a later start",
        STARTED,
        starts_at("30m", said="1h"),
        [
            "105k: start 0h00 -> 0h30",
            "105k: cutoff at Botella 8h00 -> 8h30",
            "105k: cutoff at Illa 20h00 -> 20h30",
            "105k: cutoff at Finish 42h00 -> 42h30",
        ],
    ),
    (
        "another end",
        THERE,
        reroutes(finish="grau-roig", said="6h"),
        ["105k: cutoff at Finish 42h00 -> none", "105k: ends at Grau-Roig, not at Finish"],
    ),
    (
        "a cutoff that is moved to where it is",
        THERE,
        moves_cutoff("botella", to="8h", said="6h"),
        ["105k: what is said of its rules moves no cutoff"],
    ),
    ("another way", THERE, reroutes("grau-roig", said="6h"), ["105k: Grau-Roig is skipped"]),
    ("a stop", THERE, neutralises("6h", "7h", "illa", said="6h"), ["105k: time stands still from 6h00 until 7h00 for Illa"]),
    (
        "a station that cannot close yet",
        THERE,
        station_word("illa", "closed", "6h"),
        [
            "Illa: open -> closing, still behind it: bibs 1, 2, 3, 4",
            "alert: Illa cannot close, still behind it: bibs 1, 2, 3, 4",
        ],
    ),
    (
        "a station that is swept: who was not read there is judged by that",
        [*THERE[:-2], *reads("4", botella="5h30"), heartbeat("botella", "1h", 0)],
        station_word("botella", "swept", "9h"),
        [
            f"bib 3: {UNCONFIRMED}, rank 4 -> out of time at Botella, last known at Start, not accounted for",
            f"bib 5: {UNCONFIRMED}, rank 1 -> racing, last seen at Start, overdue, on the way to Botella, rank 1",
            "Botella: silent -> swept, still behind it: bibs 3, 5",
            "alert: bib 5 is overdue at Botella by 1h03: last seen at Start 9h00 ago, expected 5h48 ago",
            "alert: bib 3 is out of time at Botella (never seen after Start), not yet confirmed",
            f"no alert any more: {SILENT}",
        ],
    ),
    (
        "a device that is retired",
        [*THERE, heartbeat("botella", "5h50", 0), heartbeat("botella", "5h55", 0, device="spare")],
        device_word("spare", "retired", "6h"),
        ["Botella: stays open, still behind it: bib 5; heard by mat-botella"],
    ),
    (
        "a clock",
        LATE_AT_BOTELLA,
        clock_correction("b-1", 900, said="14h"),
        [f"bib 1: {ON_ILLA.replace(', on', ', late at Botella, on')}, rank 1 -> {ON_ILLA}, rank 1; at Botella 8h10 -> 7h55"],
    ),
    ("an alert that was seen", [*THERE, GAVE_UP], alert_word("unaccounted/1", "acknowledged", "6h"), [f"{UNACCOUNTED}: seen by director"]),
    ("an alert for later", [*THERE, GAVE_UP], alert_word("unaccounted/1", "shelved", "6h", "7h"), [f"{UNACCOUNTED}: shelved until 7h00"]),
    (
        "a void of the word on an alert",
        [*THERE, GAVE_UP, alert_word("unaccounted/1", "acknowledged", "6h")],
        void(alert_word("unaccounted/1", "acknowledged", "6h"), when="6h10"),
        [f"{UNACCOUNTED}: open again"],
    ),
    ("a note", THERE, NOTE, ["nothing changes now"]),
]


@pytest.mark.parametrize(("known", "said", "told"), [case[1:] for case in OF_THE_REST], ids=[case[0] for case in OF_THE_REST])
def test_any_other_word_says_what_would_be_else_and_whom_it_concerns(known: list[Fact], said: DeskWord, told: list[str]) -> None:
    assert lines(known, said) == told


REFUSED: list[tuple[DeskWord, str | None, str]] = [
    (decides("withdrawn", "6h", bib="77"), "unknown_bib", "bib 77 is not on the roster"),
    (swaps("77", "78"), "unknown_bib", "bib 77 was given to bib 78: neither is on the roster"),
    (moves_race("7k", said="6h"), "unknown_race", "there is no race 7k"),
    (moves_cutoff("illa", by="1h", race="7k"), "unknown_race", "there is no race 7k"),
    (moves_cutoff("top", to="1h"), "cannot_apply", "race 105k has no checkpoint top"),
    (hand_time("top", "5h", when="6h"), "unknown_checkpoint", "race 105k has no checkpoint top, where bib 1 was timed by hand"),
    (hand_time("illa", "9h", when="6h"), "cannot_apply", "the hand time of bib 1 at illa is in the future"),
    (station_word("top", "closed", "6h"), "unknown_station", "there is no station top"),
    (device_word("spare", "retired", "5h"), "unknown_device", "nothing was ever heard of a device spare"),
    (void("nothing", when="6h"), "unknown_fact", "there is no fact nothing to void"),
    (alert_word("overdue/1/illa", "acknowledged", "6h"), None, "there is no alert overdue/1/illa"),
]


@pytest.mark.parametrize(("said", "kind", "text"), REFUSED, ids=[text for _, _, text in REFUSED])
def test_what_fits_nothing_is_refused_as_the_alert_that_it_would_become(said: DeskWord, kind: str | None, text: str) -> None:
    field = field_of_races((TIMED, SHORT), PEOPLE, THERE, now="6h")
    found = trial(field, [said])
    assert [(one.fact, one.kind, one.text) for one in found.refused] == [(said, kind, text)]
    assert (found.changes, found.new, found.gone, found.stations) == ([], [], [], [])
    assert lines(THERE, said)[0] == f"refused: {text}"


def test_an_id_that_is_taken_is_refused_and_everything_that_the_fact_would_do_is_told_all_the_same() -> None:
    known = decides("withdrawn", "5h40", bib="2")
    again = msgspec.structs.replace(decides("withdrawn", "6h"), id=known.id)
    found = trial(field_of_races((TIMED, SHORT), PEOPLE, [*THERE, known], now="6h"), [again])
    assert [(one.fact, one.kind) for one in found.refused] == [(again, "id_reused")]
    assert [one.bib for one in found.changes] == ["1"]


def test_what_is_measured_of_a_clock_is_told_before_it_is_corrected() -> None:
    field = field_of_races((TIMED, SHORT), PEOPLE, [*THERE, heartbeat("botella", "5h55", 0)], now="6h")
    clocks = {"mat-botella": ClockOffset(600_000, 500, 9)}
    assert [one.kind for one in trial(field, [clock_correction("mat-botella", 600, said="6h")], clocks).gone] == ["clock"]


def test_of_many_it_is_told_how_many_would_be_what_and_of_those_first_who_would_be_decided_upon() -> None:
    seen = [
        fact for bib in "1234567" for fact in (*reads(bib, start=0), read(bib, "botella", "8h30" if bib == "7" else "5h", device="b-1"))
    ]
    field = field_of_races((TIMED, SHORT), [entrant(bib) for bib in "1234567"], seen, now="9h")
    told = trial_lines(field.event, trial(field, [clock_correction("b-1", 3600, said="9h")]), clock, span)
    assert told[0] == "7 runners would change: 1 out of time -> racing, 6 only in details"
    assert told[1].startswith("bib 7: out of time at Botella")
    told = trial_lines(field.event, trial(field, [moves_cutoff("botella", to="4h", said="9h", since="0m")]), clock, span)
    assert told[:2] == ["105k: cutoff at Botella 8h00 -> 4h00", "6 runners would change: 6 racing -> out of time"]


@pytest.mark.parametrize(("by", "in_all"), [("-9h", "6 more would be too late, 0 fewer"), ("9h", "0 more would be too late, 6 fewer")])
def test_of_many_who_are_expected_it_is_told_how_many_and_then_who_in_the_order_in_which_they_come(by: str, in_all: str) -> None:
    minutes = {"1": 5, "2": 1, "3": 3, "4": 2, "5": 4, "6": 0}
    seen = [fact for bib, minute in minutes.items() for fact in reads(bib, start=0, botella=f"7h0{minute}")]
    early = moves_cutoff("illa", "13h", said="1h") if by == "9h" else NOTE
    field = field_of_races((TIMED, SHORT), [entrant(bib) for bib in minutes], [*seen, early], now="8h")
    told = trial_lines(field.event, trial(field, [moves_cutoff("illa", by=by, said="8h")]), clock, span)
    assert told[1] == f"by when they are expected {in_all}"
    assert [line.split()[2] for line in told[2:]] == list("624351")
