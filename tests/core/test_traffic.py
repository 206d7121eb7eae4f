"""Who comes through each station: expected by the forecast, at risk by the cutoff, passed unread, and last known there."""

from tests.core.builders import at, cutoff, decides, field_of, neutralises, race_with, read, reads, withdraws
from tracker.core.course import Race
from tracker.core.field import Field
from tracker.core.traffic import traffic

RACE = race_with(cutoff("botella", "8h"), cutoff("illa", "15h"))
M = 60_000


def on_the_way(race: Race = RACE, now: str = "6h") -> Field:
    """One has left Botella, two are on the way there, one gave up there."""
    facts = [*reads("1", start=0, botella="4h"), *reads("2", start=0), *reads("3", start="2m"), *reads("4", start=0, botella="4h30")]
    return field_of(race, [*facts, withdraws("4", where="botella", when="5h")], now=now, count=4)


def test_who_has_a_station_next_is_expected_there_and_nowhere_else() -> None:
    found = traffic(on_the_way())
    assert {station: sorted(one.bib for one in there.coming) for station, there in found.items() if there.coming} == {
        "botella": ["2", "3"],
        "illa": ["1"],
    }


def test_those_expected_are_in_order_of_their_time_and_counted_up_to_any_moment() -> None:
    there = traffic(on_the_way())["botella"]
    first, second = there.coming
    assert first.expected_ms < second.expected_ms
    assert [there.due_by(ms) for ms in (first.expected_ms - 1, first.expected_ms, second.expected_ms)] == [0, 1, 2]


def test_at_risk_is_who_is_expected_after_the_cutoff_and_who_has_not_come_when_it_has_passed() -> None:
    soon = traffic(on_the_way(race_with(cutoff("botella", "1h")), now="30m"))["botella"]
    assert all(one.expected_ms > at("1h") for one in soon.coming)
    assert soon.at_risk(at("30m")) == len(soon.coming) == 4
    in_time = traffic(on_the_way(now="7h"))["botella"]
    assert [in_time.at_risk(ms) for ms in (at("7h"), at("8h"), at("8h") + 1)] == [0, 0, 2]
    assert [one.margin_ms(at("7h50")) for one in in_time.coming] == [10 * M, 10 * M]
    assert [one.is_over(ms) for one in in_time.coming for ms in (one.late_ms, one.late_ms + 1)] == [False, True] * 2


def test_where_there_is_no_cutoff_nobody_is_at_risk() -> None:
    there = traffic(on_the_way(race_with()))["botella"]
    assert (there.at_risk(at("90h")), there.coming[0].margin_ms(at("90h")), there.cutoffs) == (0, None, ())


def test_who_is_inside_can_be_told_only_where_somebody_was_read_going_in() -> None:
    field = field_of(RACE, [*reads("1", start=0), read("1", "botella", "4h", "in"), read("1", "illa", "9h", "out")], now="9h30", count=2)
    found = traffic(field)
    assert [found[station].says_in for station in ("ordino", "botella", "illa", "grau-roig")] == [False, True, False, None]


def test_who_was_seen_further_on_was_missed_here() -> None:
    field = field_of(RACE, reads("1", start=0, illa="10h"), now="11h", count=1)
    assert {station: there.missed for station, there in traffic(field).items() if there.missed} == {"botella": ("1",)}


def test_who_is_out_is_counted_where_he_gave_up_or_was_last_seen() -> None:
    field = on_the_way(now="8h01")
    field.add(decides("stopped", "7h", "1"))
    assert {station: set(there.out) for station, there in traffic(field).items() if there.out} == {
        "botella": {"1", "4"},
        "ordino": {"2", "3"},
    }


def test_the_cutoff_of_a_station_is_that_of_those_who_come_where_time_stood_still_for_them() -> None:
    field = on_the_way()
    assert [(one.first_ms, one.last_ms) for one in traffic(field)["botella"].cutoffs] == [(at("8h"), at("8h"))]
    field.add(neutralises("5h", "5h30", "botella"))
    assert [(one.first_ms, one.last_ms) for one in traffic(field)["botella"].cutoffs] == [(at("8h30"), at("8h30"))]
    assert [(one.first_ms, one.last_ms) for one in traffic(field)["illa"].cutoffs] == [(at("15h"), at("15h"))]


def test_by_waves_a_station_has_a_first_and_a_last_cutoff() -> None:
    race = race_with(cutoff("botella", "8h"), waves={"a": "0h", "b": "30m"}, cutoff_from="wave")
    assert [(one.first_ms, one.last_ms) for one in traffic(field_of(race, [], now="1h", count=2))["botella"].cutoffs] == [
        (at("8h"), at("8h30"))
    ]
