"""The program against a naive reading of docs/status.md: whatever is told of a race day, both say the same of a runner at every moment."""

import ast
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import GUN_MS
from tests.core.naive import HALF_AN_HOUR_MS, Reading, Run, reading, run_of
from tests.core.naive_race import Day, day_of
from tests.core.naive_story import Passing
from tests.core.random_races import GRID_MS, LAST, RaceDay, small_days
from tracker.core.runner import Verdict

PAGE = (Path(__file__).parents[2] / "docs" / "status.md").read_text(encoding="utf-8")
OTHERS = frozenset(("overdue", "unconfirmed", "too_close"))
"""Flags of the forecast and of the devices, which the naive reading knows nothing of."""


def said_of(day: Day, found: Verdict) -> Reading:
    """The program's verdict in the words of the naive reading; who was never read has no passings."""
    passings = [None if split is None else Passing(split.in_ms, split.out_ms) for split in found.splits]
    return Reading(
        found.status,
        frozenset(found.flags) - OTHERS,
        passings or [None] * len(day.race.checkpoints),
        found.place,
        found.official_ms,
        found.at_cutoff,
    )


def is_set_apart(run: Run) -> bool:
    """Where the program is known to say something else than the page."""
    return run.furthest < 0 and any(run.seen.passings)  # seen only beyond a finish that was moved: entered, and out there


def turns(told: RaceDay) -> list[int]:
    """The moments at which something happens, is over, or may be said, each a millisecond before and after as well."""
    race = told.event.races[0]
    guns_ms = [race.start_ms, *(wave.start_ms for wave in race.waves)]
    over_ms = [gun_ms + point.cutoff.limit_ms for gun_ms in guns_ms for point in race.checkpoints if point.cutoff is not None]
    moments = {*(fact.at_ms for fact in told.facts), *over_ms, *(gun_ms + HALF_AN_HOUR_MS for gun_ms in guns_ms), GUN_MS + LAST * GRID_MS}
    return sorted(moment_ms + off_ms for moment_ms in moments for off_ms in (-1, 0, 1))


@settings(max_examples=1600, deadline=None)
@given(small_days(), st.lists(st.integers(0, 999), min_size=1, max_size=8))
def test_the_program_says_of_every_runner_what_the_page_says(told: RaceDay, picked: list[int]) -> None:
    field, moments = told.field(), turns(told)
    for now_ms in sorted(moments[-1 - number % len(moments)] for number in picked):
        field.advance(now_ms)
        day = day_of(told.event.races[0], told.roster, told.facts, now_ms)
        for entrant in told.roster.entrants:
            if not is_set_apart(run_of(day, entrant)):
                assert said_of(day, field.verdict(entrant.bib)) == reading(day, entrant.bib)


def test_every_sentence_that_the_naive_reading_quotes_stands_on_the_page() -> None:
    page = " ".join(PAGE.replace("\n- ", "\n").split()).lower()
    for name in ("naive", "naive_race", "naive_story"):
        tree = ast.parse(Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8"))
        told = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        quotes = [" ".join(quote.split()).rstrip(".").lower() for text in told for quote in re.findall(r'"([^"]+)"', text)]
        assert quotes
        assert [quote for quote in quotes if quote not in page] == []
