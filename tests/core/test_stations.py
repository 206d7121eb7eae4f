"""What a station is, and who is behind it: nobody's station closes while he may be walking to it."""

import pytest
from hypothesis import given, settings

from tests.core.builders import (
    accounts_for,
    decides,
    field_of,
    heartbeat,
    race_with,
    read,
    reads,
    reroutes,
    station_word,
    withdraws,
)
from tests.core.random_races import RaceDay, race_days
from tests.core.test_alerts import field_at, only
from tests.core.test_properties import NOWS
from tracker.core.alerts import alerts
from tracker.core.facts import Accounted, Fact, StationChange
from tracker.core.field import Field
from tracker.core.runner import Status, Where
from tracker.core.stations import Station, StationStatus, behind, stations

TWO = [*reads("1", start=0, botella="3h"), *reads("2", start=0)]


def status(field: Field, station: str = "botella") -> StationStatus:
    return next(found.status for found in stations(field) if found.id == station)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], StationStatus.OPEN, id="nothing said"),
        pytest.param([station_word("botella", "closed", "5h")], StationStatus.CLOSING, id="closed with somebody behind is refused"),
        pytest.param([station_word("botella", "closed", "5h", forced=True)], StationStatus.CLOSED, id="forced"),
        pytest.param([station_word("botella", "swept", "5h")], StationStatus.SWEPT, id="swept"),
        pytest.param(
            [station_word("botella", "closed", "5h"), station_word("botella", "open", "5h10")], StationStatus.OPEN, id="opened again"
        ),
    ],
)
def test_a_station_is_what_the_desk_says_unless_somebody_is_behind(words: list[StationChange], expected: StationStatus) -> None:
    for order in (words, words[::-1]):
        assert status(field_at("6h", *TWO, *order, count=2)) is expected


def test_where_a_race_was_shortened_the_stations_beyond_wait_for_those_who_had_gone_on_and_for_nobody_else() -> None:
    gone_on = [*reads("1", start=0, botella="4h", illa="8h", grau_roig="11h"), *reads("2", start=0, botella="4h", illa="9h")]
    others = [*reads("3", start=0, botella="5h"), *reads("4", start=0), withdraws("4", where="botella", when="6h")]
    field = field_of(race_with(), [*gone_on, *others, reroutes(finish="illa", said="10h")], now="12h", count=4)
    assert {station: behind(field, station) for station in field.event.stations} == {
        "ordino": ["1", "2"],
        "botella": [],
        "illa": ["3", "4"],
        "grau-roig": ["2"],
        "sorteny": ["1", "2"],
    }


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(read("2", "botella", "6h"), id="the last one has left"),
        pytest.param(withdraws("2", when="6h"), id="the last one has withdrawn"),
        pytest.param(read("2", "illa", "6h"), id="the last one was seen further on"),
        pytest.param(accounts_for("2", "6h"), id="the last one was stopped, and is in safe hands"),
    ],
)
def test_a_station_that_is_to_close_is_closed_as_soon_as_nobody_is_behind(gone: Fact) -> None:
    stopped = [decides("stopped", "5h30", "2")] if isinstance(gone, Accounted) else []
    field = field_at("6h", *TWO, *stopped, station_word("botella", "closed", "5h"), count=2)
    assert behind(field, "botella") == ["2"]
    assert only(field, "closing").text.startswith("Botella cannot close, still behind it: bib 2")
    field.add(gone)
    assert (status(field), behind(field, "botella")) == (StationStatus.CLOSED, [])


def station(field: Field, name: str = "botella") -> Station:
    return next(found for found in stations(field) if found.id == name)


INTO = read("2", "botella", "7h", "in")
WALKING: list[tuple[str, list[Fact], str, int, int]] = [
    ("out of time by the clock on the way to it", [], "botella", 1, 1),
    ("and accounted for", [accounts_for("2", "9h")], "botella", 0, 0),
    ("the same at a later station", [], "illa", 2, 1),
    ("gone in and never come out", [INTO], "botella", 1, 1),
    ("gone in, and gave up there", [INTO, withdraws("2", when="7h30")], "botella", 0, 0),
    ("gone in, and withdrawn by the desk", [INTO, decides("withdrawn", "7h30", "2")], "botella", 0, 0),
    ("gave up there without a read", [withdraws("2", when="7h30")], "botella", 0, 0),
    ("gave up at the station before", [withdraws("2", when="7h30")], "illa", 2, 1),
    ("passed it too late", [read("2", "botella", "8h30")], "botella", 0, 0),
    ("gave up further on", [withdraws("2", "illa", "7h30")], "botella", 0, 0),
    ("stopped on the way to it", [decides("stopped", "7h", "2")], "botella", 1, 1),
    ("disqualified on the way to it", [decides("disqualified", "7h", "2")], "botella", 1, 1),
    ("still racing", [decides("accepted", "8h30", "2")], "botella", 1, 0),
]


@pytest.mark.parametrize(("facts", "name", "count", "missing"), [each[1:] for each in WALKING], ids=[each[0] for each in WALKING])
def test_who_is_out_and_not_accounted_for_is_behind_the_stations_that_he_may_still_walk_to(
    facts: list[Fact], name: str, count: int, missing: int
) -> None:
    found = field_at("9h", *TWO, *facts, count=2)
    assert (station(found, name).behind, station(found, name).missing) == (count, missing)
    assert len(behind(found, name)) == count


def test_a_station_does_not_close_over_who_is_out_of_time_and_still_walking_to_it() -> None:
    field = field_at("9h", *TWO, station_word("botella", "closed", "8h05"), count=2)
    assert field.verdict("2").status is Status.OUT_OF_TIME
    assert (status(field), only(field, "closing").id) == (StationStatus.CLOSING, "closing/botella")
    assert only(field, "closing").text == ("Botella cannot close, still behind it: bib 2 (1 of them out of the race and not accounted for)")
    field.add(accounts_for("2", "9h"))
    assert status(field) is StationStatus.CLOSED


def test_a_silent_station_speaks_for_who_is_out_of_time_and_still_walking_to_it() -> None:
    field = field_at("9h", *TWO, heartbeat("botella", "8h05", 0), count=2)
    assert only(field, "silent").text == "Botella is silent (mat-botella): 1 runner is still to come or to leave"
    field.add(accounts_for("2", "9h"))
    assert "silent" not in [alert.kind for alert in alerts(field)]


def test_on_a_loop_who_gave_up_at_the_first_visit_is_not_behind_the_second() -> None:
    loop = race_with(points="start:a@0 c1:s@10 c2:b@20 c3:s@30 finish:a@40", gain_m=0)
    seen = [read(bib, station, when) for bib in "12" for station, when in (("a", 0), ("s", "1h"))]
    field = field_of(loop, [*seen, withdraws("1", "s", "1h10"), withdraws("2", "b", "2h")], now="3h", count=2)
    assert behind(field, "s") == ["2"]


def test_who_is_in_a_station_is_behind_it_and_a_place_passed_twice_waits_for_the_last_visit() -> None:
    field = field_at("6h", *TWO, read("2", "botella", "5h", "in"), count=2)
    (botella,) = [found for found in stations(field) if found.id == "botella"]
    assert (botella.behind, botella.inside) == (1, 1)
    assert behind(field, "ordino") == ["1", "2"]


@settings(max_examples=100, deadline=None)
@given(race_days(), NOWS)
def test_on_any_race_day_no_two_alerts_have_one_id_and_who_is_behind_a_station_is_counted(day: RaceDay, now_ms: int) -> None:
    field = day.field(now_ms=now_ms)
    found = [alert.id for alert in alerts(field)]
    assert len(set(found)) == len(found)
    for known in stations(field):
        named = behind(field, known.id)
        out = [bib for bib in named if field.verdict(bib).place.where is Where.OUT]
        assert (known.behind, known.missing) == (len(named), len(out))
