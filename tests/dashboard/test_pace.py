"""A runner's pace beside the field's: by the race's own time, and only where there is a middle of the field."""

from tests.core.builders import GUN_MS, at, cutoff, decides, field_of, neutralises, race_with, reads, reroutes
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.dashboard.pace import middle_ms, pace_plot

RACE = race_with(cutoff("botella", "20h"), timing="gun")
BOTELLA, ILLA = 1, 2
FIRST = [*reads("1", start=0, botella="3h"), *reads("2", start=0, botella="4h"), *reads("3", start=0, botella="5h")]


def middle(field: Field) -> list[int | None]:
    field.refresh()
    return middle_ms(field.races["105k"])


def first_of(count: int, *more: Fact, now: str = "6h") -> Field:
    """Three have been at the first checkpoint, all others are on the way there."""
    others = [fact for bib in range(4, count + 1) for fact in reads(str(bib), start=0)]
    return field_of(RACE, [*FIRST, *others, *more], now=now, count=count)


def test_the_first_three_of_many_are_no_middle_of_the_field() -> None:
    assert middle(first_of(3))[BOTELLA] == at("4h") - GUN_MS
    assert middle(first_of(5))[BOTELLA] == at("5h") - GUN_MS, "the third of five, whenever the other two come"
    assert middle(first_of(6))[BOTELLA] is None
    plot = pace_plot(first_of(6).runners["1"], middle(first_of(6)), 80, 12)
    assert plot.plain == "no plot yet: not half of the field was where this runner was read since the start"


def test_who_is_out_of_the_race_is_waited_for_by_nobody() -> None:
    assert middle(first_of(6, decides("stopped", "2h", "6")))[BOTELLA] == at("5h") - GUN_MS


def test_where_nobody_comes_any_more_nobody_is_waited_for() -> None:
    onward = reads("4", start=0, illa="5h")
    assert middle(first_of(3, *onward))[ILLA] is None
    skipped = first_of(7, reroutes("botella", said="5h30"))
    assert middle(skipped)[BOTELLA] == at("4h") - GUN_MS


def test_time_that_stood_still_is_nobodys_pace() -> None:
    """The first was through before it stopped, the two others stood on the way."""
    field = first_of(3, neutralises("3h30", "4h30", said="3h30"), now="10h")
    on = [*reads("1", illa="9h"), *reads("2", illa="9h30"), *reads("3", illa="9h30")]
    field.extend(on)
    assert middle(field)[BOTELLA] == at("3h30") - GUN_MS, "4h is half an hour into the stop"
    assert middle(field)[ILLA] == at("8h30") - GUN_MS
