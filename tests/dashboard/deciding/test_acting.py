"""Every decision by its keys, on a simulated race, through a real ingest: what stands in the journal after it."""

from dataclasses import dataclass, field

import pytest
from textual.widgets import Input

from tests.dashboard.deciding.conftest import NOON_MS, Office, at_the_desk
from tests.dashboard.deciding.looks import AUTHOR, REASON, SENDS, answer
from tests.dashboard.screen import SMALL, dashboard
from tracker.core import facts as f
from tracker.core.runner import Status, Where
from tracker.dashboard.app import Dashboard
from tracker.dashboard.deciding.acts import ACTS
from tracker.dashboard.rows import Rows
from tracker.files.times import HOUR_MS, MINUTE_MS


@dataclass
class Case:
    """A decision: its key, the runner that the cursor is on, what is typed for each question, and the fields of the fact."""

    key: str
    kind: type[f.DeskFact]
    typed: dict[str, str] = field(default_factory=dict)
    bib: str | None = None
    becomes: dict[str, object] = field(default_factory=dict)
    looks: str = ""


RACING, PROVISIONAL, OUT = "84", "?out", "?unaccounted"
CASES = [
    Case("w", f.Decision, bib=RACING, becomes={"status": f.Decided.WITHDRAWN}, looks="-> withdrawn, last known at"),
    Case("a", f.Accounted, {"where": "bus 2"}, OUT, {"where": "bus 2"}, "-> withdrawn, in safe hands"),
    Case("h", f.HandTime, {"checkpoint": "fin", "at": "11:58"}, RACING, {"checkpoint": "finish", "passed_ms": NOON_MS - 2 * MINUTE_MS}),
    Case("c", f.Decision, bib=PROVISIONAL, becomes={"status": f.Decided.OUT_OF_TIME}),
    Case("o", f.Decision, bib=PROVISIONAL, becomes={"status": f.Decided.ACCEPTED}, looks="-> racing"),
    Case("r", f.Decision, bib=OUT, becomes={"status": f.Decided.REINSTATED}, looks="-> racing"),
    Case("n", f.Decision, bib=RACING, becomes={"status": f.Decided.DNS}, looks="-> dns"),
    Case("q", f.Decision, bib=RACING, becomes={"status": f.Decided.DISQUALIFIED}, looks="-> disqualified"),
    Case("s", f.Decision, bib=RACING, becomes={"status": f.Decided.STOPPED}, looks="-> stopped"),
    Case("p", f.Penalty, {"seconds": "10m"}, "215", {"penalty_ms": 600_000}, "official time"),
    Case("b", f.BibSwap, {"from": "777", "to": RACING}, becomes={"from_bib": "777", "to_bib": RACING}),
    Case("m", f.RaceMove, {"race": "50k"}, RACING, {"race": "50k"}, "race 105k, racing"),
    Case(
        "C",
        f.CutoffMove,
        {"checkpoint": "sorteny", "cutoff": "+30m", "onward": "y", "from": ""},
        becomes={"race": "105k", "checkpoint": "sorteny", "extend_ms": 30 * MINUTE_MS, "onward": True, "from_ms": None},
        looks="cutoff at Refugi Sorteny Sun 09:00:00 -> Sun 09:30:00",
    ),
    Case("G", f.Start, {"at": "Fri 19:05"}, becomes={"race": "105k", "start_ms": NOON_MS - 17 * HOUR_MS + 5 * MINUTE_MS}),
    Case(
        "N",
        f.Neutralise,
        {"from": "11:00", "until": "11:30", "checkpoints": "sorteny"},
        becomes={"from_ms": NOON_MS - HOUR_MS, "until_ms": NOON_MS - 30 * MINUTE_MS, "checkpoints": ("sorteny",)},
    ),
    Case("K", f.Reroute, {"skip": "sorteny"}, becomes={"skip": ("sorteny",), "finish": None}),
    Case("F", f.Reroute, {"finish": "sorteny"}, becomes={"skip": (), "finish": "sorteny"}),
    Case(
        "x",
        f.StationChange,
        {"station": "sorteny", "forced": "forced"},
        becomes={"state": f.StationState.CLOSED, "forced": True},
        looks="closed",
    ),
    Case(
        "S", f.StationChange, {"station": "botella"}, becomes={"station": "botella", "state": f.StationState.SWEPT}, looks="open -> swept"
    ),
    Case("O", f.StationChange, {"station": "botella"}, becomes={"state": f.StationState.OPEN}),
    Case("k", f.ClockCorrection, {"device": "botella-1", "offset_s": "-90"}, becomes={"device": "botella-1", "offset_ms": -90_000}),
    Case("d", f.DeviceWord, {"device": "botella-2"}, becomes={"device": "botella-2", "use": f.DeviceUse.RETIRED}),
    Case("D", f.DeviceWord, {"device": "botella-2"}, becomes={"use": f.DeviceUse.IN_USE}),
    Case("l", f.AlertWord, {"alert": "?alert"}, becomes={"state": f.AlertState.ACKNOWLEDGED}, looks="seen by Ector"),
    Case("z", f.AlertWord, {"alert": "?alert", "until": "18:00"}, becomes={"until_ms": NOON_MS + 6 * HOUR_MS}, looks="shelved until"),
    Case("v", f.Void, {"fact": "?fact"}),
    Case("t", f.Note, {"text": "storm is coming"}, becomes={"text": "storm is coming"}, looks="nothing changes"),
]


def found(app: Dashboard, word: str) -> str:
    """What stands for something that only the race knows: a bib, an alert, a fact."""
    fold = app.scene.fold
    assert fold is not None
    all_of = [runner for state in fold.field.races.values() for runner in state.runners]
    match word:
        case "?out":
            return next(one.entrant.bib for one in all_of if one.verdict.status is Status.OUT_OF_TIME and one.verdict.provisional)
        case "?unaccounted":
            return next(
                one.entrant.bib for one in all_of if one.verdict.status is Status.WITHDRAWN and one.verdict.place.where is Where.OUT
            )
        case "?alert":
            return next(alert.id for alert in fold.alerts() if alert.word is None)
        case "?fact":
            return fold.field.evidence(RACING).passages[-1].id
    return word


def test_every_decision_has_a_case() -> None:
    assert {case.key for case in CASES} == {act.key for act in ACTS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
async def test_a_decision_says_what_will_change_and_becomes_a_fact_in_the_journal(busy_office: Office, case: Case) -> None:
    known = await busy_office.said()
    async with at_the_desk(busy_office) as eyes:
        app = eyes.app
        if case.bib is not None:
            await eyes.press("slash", *found(app, case.bib), "enter")
        await eyes.press("a", case.key)
        await answer(eyes, {name: found(app, text) for name, text in case.typed.items()})
        assert SENDS in eyes.text, eyes.text
        assert case.looks in eyes.words, eyes.text
        looked_ms = busy_office.clock.now_ms()
        await eyes.press("y")
        fact = await busy_office.newest(len(known))
    assert isinstance(fact, case.kind)
    assert NOON_MS < fact.at_ms <= looked_ms
    said = {"author": AUTHOR, "reason": REASON, **case.becomes}
    assert {name: getattr(fact, name) for name in said} == said
    if case.bib is not None:
        assert getattr(fact, "bib", None) is not None


async def test_what_was_decided_is_undone_by_another_fact_and_that_one_too(office: Office) -> None:
    known = await office.said()
    async with at_the_desk(office, SMALL) as eyes:
        await eyes.press("slash", *"96", "enter", "a", "q")
        await answer(eyes, {})
        await eyes.press("y")
        decision = await office.newest(len(known))
        await eyes.look()
        assert "# disqualified" in eyes.line_with(" 96 ")
        await eyes.press("u")
        undo = eyes.app.screen.query_one(Rows)
        while "bib 96 disqualified, by Ector" not in undo.text_of(undo.cursor or 0):
            await eyes.press("down")
        await eyes.press("enter")
        await answer(eyes, {})
        assert "bib 96: disqualified, in safe hands -> finished" in eyes.words
        await eyes.press("y")
        void = await office.newest(len(known) + 1)
        assert isinstance(void, f.Void)
        assert void.fact == decision.id
        await eyes.look()
        assert "✓ finished" in eyes.line_with(" 96 ")


async def test_a_withdrawal_by_radio_is_the_stations_in_the_journal_and_the_ledger_has_the_runner_there(office: Office) -> None:
    known = await office.said()
    async with at_the_desk(office) as eyes:
        await eyes.press("slash", *RACING, "enter", "a", "w")
        await answer(eyes, {"station": "incles", "at": "11:50", "cause": "injury", "transport": "car", "reason": "radio: left knee"})
        assert "not accounted for (last known at Incles)" in eyes.words, eyes.text
        await eyes.press("y")
        fact = await office.newest(len(known))
        assert isinstance(fact, f.Withdrawal)
        assert (fact.station, fact.by, fact.note, fact.transport) == ("incles", AUTHOR, "radio: left knee", "car")
        assert (fact.bib, fact.reason, fact.at_ms) == (RACING, f.WithdrawalReason.INJURY, NOON_MS - 10 * MINUTE_MS)
        await eyes.look()
        await eyes.press("5")
        lines = eyes.lines
        group = next(no for no, line in enumerate(lines) if "OUT, WHERE? last known at Incles" in line)
        assert any(f" {RACING} " in line and "Incles" in line and "withdrawn" in line for line in lines[group + 1 : group + 3]), eyes.text


async def test_who_the_author_is_is_asked_once(office: Office) -> None:
    known = await office.said()
    async with at_the_desk(office, SMALL) as eyes:
        await eyes.press("a", "t")
        await answer(eyes, {"text": "first"})
        await eyes.press("y")
        await office.newest(len(known))
        await eyes.press("a", "t")
        assert eyes.app.screen.query_one("#ask-author", Input).value == AUTHOR
        await eyes.press("escape")
        assert len(await office.said()) == len(known) + 1


async def test_enter_leads_past_what_is_answered_already_so_that_no_reason_is_written_into_the_author(office: Office) -> None:
    async with at_the_desk(office, SMALL) as eyes:
        await eyes.press("a", "t")
        await answer(eyes, {"text": "first"})
        await eyes.press("y", "a", "t", *"again", "enter", *"seen", "enter")
        assert SENDS in eyes.text
        assert [line.value for line in eyes.app.screen.query(Input)] == ["again", AUTHOR, "seen"]
        await eyes.press("escape", "shift+tab", "shift+tab", "enter")
        assert eyes.app.focused is list(eyes.app.screen.query(Input))[-1]
        await eyes.press("enter")
        assert SENDS in eyes.text
        assert "Esc: leave" not in eyes.text


async def test_what_fits_nothing_is_refused_with_the_reason_and_nothing_is_lost_of_the_form(office: Office) -> None:
    known = await office.said()
    async with at_the_desk(office, SMALL) as eyes:
        await eyes.press("a", "h")
        await answer(eyes, {"bib": "99999", "checkpoint": "fin", "at": "now"})
        assert "! bib 99999 is not on the roster; / on any screen finds a runner by" in eyes.words
        await answer(eyes, {"bib": RACING, "checkpoint": "summit", "at": "now"})
        assert "! there is no checkpoint 'summit'; write one of start, botella" in eyes.words
        await answer(eyes, {"bib": RACING, "checkpoint": "fin", "at": "later"})
        assert '"later" is no moment' in eyes.words
        await eyes.press("escape")
        await eyes.press("a", "v")
        await answer(eyes, {"fact": "nothing-of-that-name"})
        assert "! not sent: " in eyes.text
        await eyes.press("escape")
    assert len(await office.said()) == len(known)


async def test_escape_goes_one_step_back_and_sends_nothing(office: Office) -> None:
    known = await office.said()
    async with at_the_desk(office, SMALL) as eyes:
        await eyes.press("a", "t")
        await answer(eyes, {"text": "nobody reads this"})
        assert SENDS in eyes.text
        await eyes.press("escape")
        assert SENDS not in eyes.text
        assert eyes.app.screen.query_one("#ask-text", Input).value == "nobody reads this"
        await eyes.press("escape")
        assert len(eyes.app.screen_stack) == 1
        await eyes.press("a")
        assert "Accounted for" in eyes.text
        await eyes.press("escape")
        assert len(eyes.app.screen_stack) == 1
    assert len(await office.said()) == len(known)


async def test_nothing_is_sent_from_a_replay_and_from_a_dashboard_for_looking_only(office: Office) -> None:
    async with at_the_desk(office, SMALL) as eyes:
        await eyes.press("left_square_bracket")
        for key in ("a", "u"):
            await eyes.press(key)
            assert len(eyes.app.screen_stack) == 1
        await eyes.look()
        assert "this is a replay" in " ".join(str(note.message) for note in eyes.app._notifications)
        assert "nothing can be sent from here" in eyes.text, eyes.text
        await eyes.press("escape", "a")
        assert "Accounted for" in eyes.text
    async with dashboard(office.path) as eyes:
        await eyes.press("a")
        assert len(eyes.app.screen_stack) == 1
        await eyes.look()
        assert "nothing can be sent from here" in eyes.text
