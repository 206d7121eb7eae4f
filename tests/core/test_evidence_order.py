"""Which evidence decides: the table of docs/status.md, row by row, each stronger than all the rows below it."""

from typing import NamedTuple

import pytest

from tests.core.builders import (
    accounts_for,
    at,
    cutoff,
    decides,
    entrant,
    field_of,
    moves_cutoff,
    race_with,
    read,
    reads,
    void,
    withdraws,
)
from tracker.core.alerts import alerts
from tracker.core.facts import Fact
from tracker.core.roster import EntryStatus
from tracker.core.runner import Status, Verdict
from tracker.core.soundness import check

RACE = race_with(cutoff("finish", "42h"))
NOW = "41h30"


class Row(NamedTuple):
    """A row of the table: its evidence in the words of the table, the facts that are such evidence, and the status."""

    evidence: str
    facts: tuple[Fact, ...]
    status: Status
    flags: tuple[str, ...] = ()


MISSED = ("missed:start", "missed:illa", "missed:grau-roig", "missed:sorteny")
ROWS = [
    Row("the director's decision", (decides("disqualified", "41h20"),), Status.DISQUALIFIED, ("late:finish", *MISSED)),
    Row("a withdrawal", (withdraws(when="30h"),), Status.WITHDRAWN, ("conflict", "late:finish", *MISSED)),
    Row(
        "a cutoff passed too late, or by the clock with nobody there",
        (moves_cutoff("finish", "40h"),),
        Status.OUT_OF_TIME,
        ("provisional", "late:finish", *MISSED),
    ),
    Row("the finish", (read("1", "ordino", "41h"),), Status.FINISHED, ("conflict", *MISSED)),
    Row("any read", (read("1", "botella", "7h"),), Status.RACING, ("conflict", "missed:start")),
    Row("the roster says `dns`", (), Status.DNS),
    Row("no read, at a start whose mat has worked", (*reads("2", start=0), *reads("3", start=0)), Status.DNS, ("provisional",)),
    Row("nothing", (), Status.ENTERED),
]
NAMES = [row.evidence for row in ROWS]
ABSENT_BY_ROSTER = NAMES.index("the roster says `dns`")


def from_row(number: int, *more: Fact, now: str = NOW) -> Verdict:
    """The verdict on the evidence of a row and of all the rows below it."""
    status = EntryStatus.DNS if number <= ABSENT_BY_ROSTER else EntryStatus.CONFIRMED
    facts = [fact for row in ROWS[number:] for fact in row.facts]
    field = field_of(RACE, [*facts, *more], now=now, entrants=[entrant("1", status=status), entrant("2"), entrant("3")])
    check(field)
    return field.verdict("1")


@pytest.mark.parametrize("number", range(len(ROWS)), ids=NAMES)
def test_each_row_is_stronger_than_all_below_it(number: int) -> None:
    found = from_row(number)
    assert found.status is ROWS[number].status
    assert tuple(flag for flag in found.flags if flag != "overdue") == ROWS[number].flags


@pytest.mark.parametrize(
    "number", [number for number, row in enumerate(ROWS) if row.facts], ids=[row.evidence for row in ROWS if row.facts]
)
def test_without_its_facts_a_row_gives_way_to_the_one_below(number: int) -> None:
    assert from_row(number, *(void(fact, when="41h25") for fact in ROWS[number].facts)).status is ROWS[number + 1].status


DECISION, WITHDRAWAL, CUTOFF = range(3)


@pytest.mark.parametrize(
    ("number", "more", "status"),
    [
        pytest.param(DECISION, decides("reinstated", "41h25"), Status.FINISHED, id="reinstated undoes the decision and all before it"),
        pytest.param(DECISION, decides("reinstated", "41h10"), Status.DISQUALIFIED, id="reinstated before the decision does not"),
        pytest.param(DECISION, decides("stopped", "41h25"), Status.STOPPED, id="a later decision stands"),
        pytest.param(DECISION, decides("stopped", "41h10"), Status.DISQUALIFIED, id="an earlier one does not"),
        pytest.param(DECISION, decides("accepted", "41h25"), Status.DISQUALIFIED, id="accepted forgives lateness, nothing else"),
        pytest.param(
            WITHDRAWAL, decides("reinstated", "30h10"), Status.OUT_OF_TIME, id="reinstated undoes the withdrawal, no later cutoff"
        ),
        pytest.param(WITHDRAWAL, decides("accepted", "41h25"), Status.WITHDRAWN, id="accepted undoes no withdrawal"),
        pytest.param(CUTOFF, decides("accepted", "41h25"), Status.FINISHED, id="accepted forgives the cutoff"),
        pytest.param(CUTOFF, decides("accepted", "39h"), Status.OUT_OF_TIME, id="accepted forgives no cutoff that comes later"),
        pytest.param(CUTOFF, decides("reinstated", "41h25"), Status.FINISHED, id="reinstated forgives the cutoff"),
        pytest.param(CUTOFF, decides("out_of_time", "41h25"), Status.OUT_OF_TIME, id="the director confirms it"),
        pytest.param(CUTOFF, withdraws(when="41h10"), Status.OUT_OF_TIME, id="who withdraws after a late finish is late"),
    ],
)
def test_what_undoes_a_row_and_what_does_not(number: int, more: Fact, status: Status) -> None:
    assert from_row(number, more).status is status


def test_accepted_undoes_an_out_of_time_of_the_director() -> None:
    facts = [decides("out_of_time", "41h10"), decides("accepted", "41h20")]
    assert from_row(NAMES.index("the finish"), *facts).status is Status.FINISHED


@pytest.mark.parametrize("row", ["the finish", "any read"])
def test_the_director_clears_up_the_conflict_of_one_who_runs_though_the_roster_says_dns(row: str) -> None:
    assert "conflict" in from_row(NAMES.index(row)).flags
    assert "conflict" not in from_row(NAMES.index(row), decides("reinstated", "41h20")).flags


OUT = [*reads("1", start=0), withdraws(when="3h")]


@pytest.mark.parametrize(
    ("facts", "conflict"),
    [
        pytest.param([*OUT, read("1", "botella", "4h")], True, id="a read after a withdrawal"),
        pytest.param([*OUT, read("1", "botella", "2h50")], False, id="a read before it, however late it came"),
        pytest.param([*OUT, read("1", "ansalonga", "4h")], True, id="a read that cannot be meant is evidence all the same"),
        pytest.param([*OUT, read("1", "botella", "4h"), decides("withdrawn", "5h")], False, id="the director knows of the read"),
        pytest.param([*OUT, read("1", "botella", "4h"), decides("reinstated", "5h")], False, id="the director lets the runner go on"),
        pytest.param([*OUT, read("1", "botella", "4h"), withdraws(when="5h")], False, id="withdrawn again after the read"),
        pytest.param(
            [*reads("1", start=0), decides("disqualified", "3h"), read("1", "botella", "4h")], False, id="disqualified, and walks on"
        ),
        pytest.param([*reads("1", start=0), decides("stopped", "3h"), read("1", "botella", "4h")], True, id="a read after being stopped"),
        pytest.param([*OUT, accounts_for(when="3h30"), read("1", "botella", "4h")], True, id="a read after being accounted for"),
        pytest.param([*reads("1", start=0, finish="15h"), withdraws(when="15h10")], True, id="a withdrawal after the finish"),
    ],
)
def test_a_conflict_is_a_fact_that_speaks_against_the_status(facts: list[Fact], conflict: bool) -> None:
    found = field_of(RACE, facts, now="16h").verdict("1")
    assert ("conflict" in found.flags) is conflict


@pytest.mark.parametrize("word", [decides("disqualified", "5h"), withdraws(when="5h")], ids=["a decision", "a withdrawal"])
def test_a_word_by_a_clock_that_runs_ahead_is_an_alert_and_counts_when_its_moment_has_come(word: Fact) -> None:
    field = field_of(RACE, [*reads(start=0), word], now="1h", count=1)
    assert field.verdict("1").status is Status.RACING
    assert [alert.kind for alert in alerts(field)] == ["cannot_apply"]
    check(field)
    field.advance(at("5h"))
    assert field.verdict("1").status in {Status.DISQUALIFIED, Status.WITHDRAWN}
    assert "cannot_apply" not in [alert.kind for alert in alerts(field)]
    check(field)
