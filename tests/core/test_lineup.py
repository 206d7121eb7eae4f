"""A line-up is the standings, made only where somebody looks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import entrant, field_of, race_with, reads, withdraws
from tests.core.random_races import RaceDay, race_days
from tests.core.test_properties import NOWS
from tracker.core.field import Field
from tracker.core.lineup import Lineup


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
