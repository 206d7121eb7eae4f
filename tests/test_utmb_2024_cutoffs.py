"""UTMB 2024 with its cutoffs, told by its stations alone: who was late and let go on, and everybody else, against the official result.

No hand time, no penalty, nobody accepted. Needs the data beside the checkout, which is not part of it.
"""

import pytest

from tests.recorded import LET_THROUGH, READ_AGAIN, RecordedRace, late_flags, told_by_stations
from tracker.core.facts import Passage
from tracker.core.field import Field
from tracker.core.runner import Status
from tracker.core.soundness import check

DIFFERS = {
    "1590": ("finish Sun 16:49:14 (limit Sun 16:30)", READ_AGAIN),
    "1864": ("finish Sun 16:43:10 (limit Sun 16:30)", READ_AGAIN),
    "1972": (
        "vallorcine Sun 11:15:20 (limit Sun 11:15), la-flegere Sun 14:48:35 (limit Sun 14:45), finish Sun 16:49:40 (limit Sun 16:30)",
        LET_THROUGH,
    ),
    "2199": (
        "champex Sun 02:33:06 (limit Sun 02:30), la-flegere Sun 15:02:57 (limit Sun 14:45), finish Sun 16:49:27 (limit Sun 16:30)",
        LET_THROUGH,
    ),
    "2766": ("finish Sun 16:41:57 (limit Sun 16:30)", LET_THROUGH),
}
"""Officially finishers; out of time, provisionally, by what the stations told. Each with the passages that say so, and why."""


@pytest.fixture(scope="module")
def told() -> RecordedRace:
    return told_by_stations("utmb-2024")


def test_nobody_differs_from_the_official_status_but_those_listed_with_their_passages_and_the_reason(told: RecordedRace) -> None:
    differing = told.differing(told.field)
    assert set(differing.values()) == {("finished", "out_of_time")}
    assert all(told.field.verdict(bib).provisional for bib in differing)
    assert told.explained(told.field) == DIFFERS
    assert told.table.with_a_reason() == DIFFERS.keys()


def test_every_finisher_who_passed_a_cutoff_late_and_was_let_go_on_is_finished_and_flagged(told: RecordedRace) -> None:
    late = told.table.late_finishers()
    assert len(late) == 29
    let_go_on = late - DIFFERS.keys()
    assert {bib: told.field.verdict(bib).status for bib in let_go_on} == dict.fromkeys(let_go_on, Status.FINISHED)
    assert all(late_flags(told.field.verdict(bib)) for bib in let_go_on)


def test_everybody_bears_the_late_flags_that_the_table_gives_and_no_read_is_suspect(told: RecordedRace) -> None:
    assert told.differently_late(told.field) == {}
    assert told.suspects(told.field) == []
    check(told.field)


def test_once_the_director_accepts_those_listed_the_official_result_stands_and_the_flags_stay(told: RecordedRace) -> None:
    field = told.field_after([told.accepted(bib) for bib in DIFFERS])
    assert told.differing(field) == {}
    assert told.differently_late(field) == {}


def test_who_was_late_was_out_of_time_provisionally_until_the_read_further_on(told: RecordedRace) -> None:
    """In the order in which it happened: just before the read that followed a late passage, and with it."""
    numbers: dict[str, list[int]] = {bib: [] for bib in told.table.late_finishers()}
    for number, fact in enumerate(told.facts):
        if isinstance(fact, Passage) and fact.bib in numbers:
            numbers[fact.bib].append(number)
    followed = sorted(
        (numbers[bib][place + 1], bib, at)
        for bib in numbers
        for place, (at, _) in enumerate(told.table.passages[bib][:-1])
        if at in told.table.late(bib)
    )
    assert len(followed) > 29
    field, known = Field(told.event, told.roster), 0
    for number, bib, at in followed:
        field.extend(told.facts[known:number])
        field.advance(max(field.now_ms, told.facts[number].at_ms - 1))
        struck = field.verdict(bib)
        assert (struck.status, struck.provisional, struck.at_cutoff) == (Status.OUT_OF_TIME, True, at)
        field.add(told.facts[number])
        field.advance(told.facts[number].at_ms)
        known = number + 1
        late_again = field.verdict(bib).furthest in told.table.late(bib)
        assert (field.verdict(bib).status is Status.OUT_OF_TIME) is late_again
