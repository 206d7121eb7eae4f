"""Places won and lost are told beside the standings of a quarter of an hour before."""

from tests.core.builders import at, entrant, field_of, neutralises, race_with, read, reads, withdraws
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.look_back import BACK_MS, EVERY_MS, LookBack

RACE = race_with(points="start:a@0 c1:b@10 c2:c@20 finish:d@30", gain_m=0)
MINUTE_MS = 60_000


def passings(*runners: str) -> list[Fact]:
    """`"7 0m 90m 150m"`: the bib, then when he was at each checkpoint."""
    told: list[Fact] = []
    for runner in runners:
        bib, *moments = runner.split()
        told += [read(bib, station, moment) for station, moment in zip("abcd", moments, strict=False)]
    return told


FACTS = passings("1 0m 90m 200m", "2 0m 95m 190m", "3 1m 96m", "4 2m 98m 180m 290m", "5 0m 90m 200m")


def field_at(now: str, facts: list[Fact]) -> Field:
    field = field_of(RACE, facts, entrants=[entrant(bib) for bib in "123456"], now=now)
    field.refresh()
    return field


def places(look: LookBack) -> dict[str, int | None]:
    return {runner.entrant.bib: look.place(runner.no) for runner in look.state.runners}


def ranks(field: Field) -> dict[str, int | None]:
    return {line.entrant.bib: line.rank for line in field.standings("105k")}


def test_before_anybody_looked_the_order_is_told_from_what_is_known() -> None:
    for minutes in (0, 10, 30, 97, 105, 180, 195, 205, 215, 300, 310):
        now = field_at(f"{minutes + 15}m", [fact for fact in FACTS if fact.at_ms <= at(f"{minutes + 15}m")])
        then = field_at(f"{minutes}m", [fact for fact in FACTS if fact.at_ms <= at(f"{minutes}m")])
        assert places(LookBack(now.races["105k"], now.now_ms)) == ranks(then)


def test_time_that_stood_still_is_left_out_then_as_it_is_now() -> None:
    """The stop held up only the second, on the way to the first checkpoint: at the next he was sooner by the race's own time."""
    facts = [*passings("1 0m 90m 200m 290m", "2 0m 118m 210m 320m"), neutralises("92m", "112m", "c1")]
    now = field_at("325m", facts)
    assert (ranks(now)["1"], ranks(now)["2"]) == (1, 2)
    told = places(LookBack(now.races["105k"], at("215m") + BACK_MS))
    assert (told["1"], told["2"]) == (2, 1)


def test_the_order_that_was_shown_a_quarter_of_an_hour_before_is_the_one_that_counts_then() -> None:
    field = field_at("100m", [fact for fact in FACTS if fact.at_ms <= at("100m")])
    look = LookBack(field.races["105k"], field.now_ms)
    shown = ranks(field)
    field.extend([fact for fact in FACTS if fact.at_ms > at("100m")])
    for minutes in range(101, 115):
        field.advance(at(f"{minutes}m"))
        field.refresh()
        look.look(field.now_ms)
    assert places(look) != shown, "a quarter of an hour before, not all had come"
    field.advance(at("115m"))
    look.look(field.now_ms)
    assert places(look) == shown


def test_who_drops_out_leaves_his_place_to_the_next() -> None:
    field = field_at("100m", [fact for fact in FACTS if fact.at_ms <= at("100m")])
    look = LookBack(field.races["105k"], field.now_ms)
    field.extend([withdraws("1", "b", "101m"), withdraws("5", "b", "101m")])
    for minutes in (105, 110, 115):
        field.advance(at(f"{minutes}m"))
        field.refresh()
        look.look(field.now_ms)
    assert (places(look)["2"], ranks(field)["2"]) == (3, 1)
    assert (places(look)["1"], ranks(field)["1"]) == (1, None)


def test_a_long_race_keeps_a_handful_of_orders() -> None:
    field = field_at("0m", reads("1", a="0m"))
    look = LookBack(field.races["105k"], field.now_ms)
    for _ in range(600):
        field.advance(field.now_ms + MINUTE_MS)
        look.look(field.now_ms)
        assert len(look._orders) <= BACK_MS // EVERY_MS + 2
        assert BACK_MS <= field.now_ms - look._orders[0].at_ms <= 2 * BACK_MS


def test_after_a_long_time_in_which_nobody_looked_the_order_is_told_again() -> None:
    field = field_at("100m", [fact for fact in FACTS if fact.at_ms <= at("100m")])
    look = LookBack(field.races["105k"], field.now_ms)
    field.extend([fact for fact in FACTS if fact.at_ms > at("100m")])
    field.advance(at("220m"))
    field.refresh()
    look.look(field.now_ms)
    assert places(look) == ranks(field_at("205m", [fact for fact in FACTS if fact.at_ms <= at("205m")]))
