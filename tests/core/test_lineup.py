"""A line-up is the standings, made only where somebody looks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import entrant, field_of, race_with, reads, withdraws
from tests.core.random_races import RaceDay, race_days
from tests.core.test_properties import NOWS
from tracker.core.field import Field
from tracker.core.lineup import Lineup
from tracker.core.runner import Status
from tracker.core.score import estimate_k


def lineup_of(field: Field, race: str = "105k") -> Lineup:
    field.refresh()
    return Lineup(field.races[race])


@settings(max_examples=200, deadline=None)
@given(race_days(), NOWS, st.integers(1, 9))
def test_every_line_is_that_of_the_standings_however_the_facts_came(day: RaceDay, now_ms: int, at_once: int) -> None:
    field = day.field([], now_ms)
    for first in range(0, len(day.facts) + 1, at_once):
        field.extend(day.facts[first : first + at_once])
        for race in field.event.by_id:
            standings, lineup = field.standings(race), lineup_of(field, race)
            assert list(lineup) == standings
            assert [lineup.line_of[line.entrant.bib] for line in standings] == list(range(len(standings)))
            assert dict(lineup.line_of) == {line.entrant.bib: number for number, line in enumerate(standings)}
            assert [lineup.runner(number).entrant for number in range(len(lineup))] == [line.entrant for line in standings]


@settings(max_examples=100, deadline=None)
@given(race_days(), NOWS)
def test_the_factor_is_that_of_all_finishers(day: RaceDay, now_ms: int) -> None:
    field = day.field(now_ms=now_ms)
    field.refresh()
    for state in field.races.values():
        if state.rules.skipped or state.rules.finish != state.race.finish:
            continue
        everybody = [
            (runner.verdict.official_ms, runner.entrant.index)
            for runner in state.runners
            if runner.verdict.status is Status.FINISHED and runner.verdict.official_ms is not None
        ]
        assert state.factor() == estimate_k(state.race, everybody)


def test_the_factor_stands_on_the_first_with_an_index_and_of_those_who_tie_at_the_end_on_the_lowest() -> None:
    race = race_with(points="start:a@0 finish:b@50", gain_m=1000)
    finished = {str(number): 300 + min(number, 5) for number in range(1, 31)}
    entrants = [entrant(bib, index=None if int(bib) % 11 == 0 else 900.0 - 9 * int(bib)) for bib in finished]
    facts = [fact for bib, minutes in finished.items() for fact in reads(bib, a="0m", b=f"{minutes}m")]
    state = lineup_of(field_of(race, facts, entrants=entrants, now="20h")).state
    everybody = [(runner.verdict.official_ms or 0, runner.entrant.index) for runner in state.runners]
    in_order = [one for one in everybody if one[1]]
    assert state.factor() == estimate_k(race, everybody)
    assert state.factor().indexed == 20
    assert state.factor() != estimate_k(race, in_order[:20])


def test_who_has_moved_on_since_is_still_found_on_the_line_where_he_was() -> None:
    field = field_of(race_with(), reads("1", ordino="0m"), entrants=[entrant("1"), entrant("2"), entrant("3")], now="1h")
    before = lineup_of(field)
    assert [before.line_of[bib] for bib in "123"] == [0, 1, 2]
    field.extend([*reads("2", ordino="0m", botella="5h"), withdraws("1")])
    field.advance(field.now_ms + 9 * 3_600_000)
    assert [lineup_of(field).line_of[bib] for bib in "123"] == [1, 0, 2]
    assert [before.line_of[bib] for bib in "123"] == [0, 1, 2]


def test_only_the_lines_of_some_are_found_in_order() -> None:
    facts = [*reads("3", ordino="0m", botella="4h"), *reads("1", ordino="0m"), *reads("2", ordino="1m")]
    lineup = lineup_of(field_of(race_with(), facts, entrants=[entrant(bib) for bib in "1234"], now="5h"))
    assert [lineup.runner(line).entrant.bib for line in lineup.among({0, 2})] == ["3", "1"]
    assert [line.entrant.bib for line in lineup[1:]] == ["1", "2", "4"]
    assert lineup[-1].rank is None
