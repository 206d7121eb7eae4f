"""What a stop of the race's time, and another way, do to what is known of how long the legs take."""

import pytest

from tests.core.builders import (
    at,
    cutoff,
    entrant,
    field_of,
    moves_cutoff,
    neutralises,
    race_with,
    read,
    reads,
    reroutes,
    verdict,
)
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.lateness import overdue
from tracker.core.runner import Place, Status, Where
from tracker.core.soundness import check
from tracker.core.trial import trial

OTHERS = range(2, 24)
"""As many as it takes for the field's own times to count."""


def among(race_points: str, own: list[Fact], *others: list[Fact], now: str, cutoffs: dict[str, str], said: list[Fact]) -> Field:
    race = race_with(*(cutoff(name, limit) for name, limit in cutoffs.items()), points=race_points, gain_m=0)
    crowd = [entrant(str(bib)) for bib in (1, *OTHERS)]
    return field_of(race, [*own, *(fact for each in others for fact in each), *said], entrants=crowd, now=now)


def crowd(*stations: tuple[str, int]) -> list[list[Fact]]:
    """The others' reads: stations, and minutes from the gun for the first of them; the next comes a minute later."""
    return [[read(str(bib), station, f"{minute + number}m") for station, minute in stations] for number, bib in enumerate(OTHERS)]


def test_who_comes_after_a_stop_is_not_too_quick_beside_those_who_stood() -> None:
    own: list[Fact] = [read("1", "a", "0m"), read("1", "b", "275m"), read("1", "c", "305m")]
    stood = crowd(("a", 0), ("b", 60), ("c", 275))
    field = among(
        "start:a@0 c1:b@10 c2:c@14 finish:d@30",
        own,
        *stood,
        now="306m",
        cutoffs={"c2": "6h"},
        said=[neutralises("90m", "270m", said="90m")],
    )
    found = field.verdict("1")
    assert (found.status, found.suspects, found.furthest) == (Status.RACING, (), 2)
    check(field)


def test_who_takes_the_way_around_is_not_too_quick_beside_those_who_went_the_long_way() -> None:
    own: list[Fact] = [read("1", "a", "0m"), read("1", "b", "70m"), read("1", "d", "135m")]
    over = crowd(("a", 0), ("b", 60), ("col", 200), ("d", 350))
    points = "start:a@0 c1:b@10 c2:col@20 c3:d@30 finish:e@40"
    field = among(points, own, *over, now="150m", cutoffs={"c3": "7h"}, said=[reroutes("c2")])
    found = field.verdict("1")
    assert (found.status, found.suspects, found.place) == (Status.RACING, (), Place(Where.ON_LEG, 4))
    check(field)


def test_of_the_way_around_nobody_knows_how_long_it_is() -> None:
    race = race_with(cutoff("c4", "6h"), points="start:a@0 c1:s@10 c2:col@30 c3:s@50 c4:d@53 finish:b@60", gain_m=3000)
    found = verdict(race, [*reads(a="0m", s="1h30", d="1h55"), reroutes("c2", "c3")], now="6h01")
    assert (found.status, found.suspects, found.furthest) == (Status.RACING, (), 4)


SEEN = reads("1", start=0, botella="4h", illa="9h")


def overdue_with(*stops: Fact, seen: list[Fact] = SEEN) -> tuple[int, int]:
    field = field_of(race_with(), [*seen, *stops], now="40h", count=1)
    check(field)
    (found,) = overdue(field)
    return found.expected_ms, found.since_ms


@pytest.mark.parametrize("stop", [("10h", "12h"), ("9h30", "11h30")], ids=["on his leg", "from soon after he was seen"])
def test_who_has_still_to_stand_is_overdue_by_as_much_later(stop: tuple[str, str]) -> None:
    without, stood = overdue_with(), overdue_with(neutralises(*stop))
    assert [after - before for before, after in zip(without, stood, strict=True)] == [at("2h") - at(0)] * 2


def test_a_stop_that_was_over_when_he_was_seen_makes_nobody_overdue_later() -> None:
    stood = [*reads("1", start=0, botella="4h", illa="11h"), neutralises("5h", "7h")]
    without, after = overdue_with(), overdue_with(seen=stood)
    assert [with_it - before for before, with_it in zip(without, after, strict=True)] == [at("2h") - at(0)] * 2


def test_a_trial_expects_who_stands_as_much_later_as_it_gives_him_time() -> None:
    race = race_with(cutoff("grau-roig", "10h"))
    seen = [*reads("1", start=0, botella="3h", illa="8h"), neutralises("9h", "11h", said="9h")]
    (one,) = trial(field_of(race, seen, now="9h", count=1), [moves_cutoff("grau-roig", by="-1h", said="9h")]).prospects
    assert (one.bib, one.in_time) == ("1", False)
    assert at("11h") < one.expected_ms < at("12h")


@pytest.mark.parametrize(
    ("move", "last"),
    [
        pytest.param(moves_cutoff("botella", "8h", said="9h"), "10h", id="moved to a time from the start, after the stop"),
        pytest.param(
            moves_cutoff("botella", "3h", said="7h"),
            at("7h") - at(1),
            id="moved to what was over before the stop: at once",
        ),
        pytest.param(moves_cutoff("botella", until="10h30", said="10h"), "10h30", id="moved to a moment, after the stop"),
        pytest.param(moves_cutoff("botella", until="10h30", said="5h"), "12h30", id="moved to a moment, during the stop"),
        pytest.param(moves_cutoff("botella", by="-2h", said="11h"), "12h", id="moved by so much"),
        pytest.param(moves_cutoff("botella", until="10h30", said="7h", since="3h"), "10h30", id="to a moment, said after the stop"),
        pytest.param(moves_cutoff("botella", until="10h30", said="3h", since="7h"), "12h30", id="to a moment, said before the stop"),
    ],
)
def test_of_a_cutoff_moved_and_stood_each_version_is_later_by_what_had_stood(move: Fact, last: str | int) -> None:
    race = race_with(cutoff("botella", "12h"))
    field = field_of(race, [*reads("1", start=0), neutralises("4h", "6h"), move], now="3h")
    field.advance(at(last))
    assert field.verdict("1").status is Status.RACING
    field.advance(at(last) + 1)
    assert field.verdict("1").status is Status.OUT_OF_TIME
    check(field)
