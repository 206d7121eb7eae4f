"""Which reads can be meant: what is suspect and why, and that it never silently wins."""

import pytest

from tests.core.builders import (
    at,
    clock_correction,
    decides,
    field_of,
    hand_time,
    moves_cutoff,
    race_with,
    read,
    reads,
    swaps,
    verdict,
    void,
    withdraws,
)
from tracker.core.alerts import alerts
from tracker.core.facts import Fact, HandTime
from tracker.core.passings import Why
from tracker.core.runner import Place, Status, Where
from tracker.core.soundness import check, digest

RACE = race_with()
LOOP = race_with(points="start:ordino@0 east@10 mid:ordino@20 west@30 finish:ordino@40", gain_m=2000)


def passed(facts: list[Fact], race_points: str | None = None) -> dict[str, int]:
    """The accepted arrivals by checkpoint."""
    race = RACE if race_points is None else race_with(points=race_points)
    splits = verdict(race, facts).splits
    return {point.id: split.in_ms for point, split in zip(race.checkpoints, splits, strict=True) if split is not None}


@pytest.mark.parametrize(
    ("seen", "why", "furthest"),
    [
        pytest.param([*reads(start=0), read("1", "ansalonga", "2h")], Why.ASTRAY, 0, id="a station the race never passes"),
        pytest.param([*reads(start=0), read("1", "botella", "-5m")], Why.BEFORE_START, 0, id="before the start"),
        pytest.param([*reads(start=0), read("1", "botella", "40m")], Why.TOO_QUICK, 0, id="quicker than anybody gets there"),
        pytest.param(
            [*reads(start=0, botella="3h", illa="8h"), read("1", "botella", "9h")],
            Why.OUT_OF_ORDER,
            2,
            id="back where the runner was before",
        ),
    ],
)
def test_a_read_that_cannot_be_meant_is_no_progress_and_shown_with_its_reason(seen: list[Fact], why: Why, furthest: int) -> None:
    field = field_of(RACE, seen, now="10h")
    found = field.verdict("1")
    assert [suspect.why for suspect in found.suspects] == [why]
    assert (found.status, found.furthest) == (Status.RACING, furthest)
    assert "suspect" in found.flags
    check(field)


def test_a_read_from_the_future_waits_until_its_time_has_come() -> None:
    field = field_of(RACE, [*reads(start=0, botella="3h"), read("1", "illa", "12h")], now="4h")
    assert [suspect.why for suspect in field.verdict("1").suspects] == [Why.FUTURE]
    assert field.verdict("1").furthest == 1
    field.advance(at("12h"))
    assert (field.verdict("1").furthest, field.verdict("1").flags) == (2, ())
    check(field)


def test_a_clock_a_few_minutes_ahead_makes_no_read_from_the_future() -> None:
    assert verdict(RACE, reads(start=0, botella="3h05"), now="3h").flags == ()


def test_a_suspect_read_at_the_finish_neither_finishes_nor_wins() -> None:
    honest = reads("2", start=0, botella="3h", illa="8h", grau_roig="9h30", sorteny="15h", finish="17h")
    quick = [*reads("1", start=0, botella="3h", illa="8h"), read("1", "ordino", "8h30")]
    field = field_of(RACE, [*honest, *quick])
    assert field.verdict("1").status is Status.RACING
    assert field.leaders("105k", 1) == ["2"]
    assert field.verdict("1").place == Place(Where.ON_LEG, 3)
    (found,) = [alert for alert in alerts(field) if alert.kind == "suspect"]
    assert found.text == "bib 1 was read at Finish: quicker than anybody gets there"


def test_a_suspect_read_does_not_excuse_a_runner_at_a_cutoff() -> None:
    facts = [*reads(start=0), moves_cutoff("botella", "8h", said="0m"), read("1", "sorteny", "2h")]
    found = verdict(RACE, facts, now="8h00m01")
    assert (found.status, found.flags) == (Status.OUT_OF_TIME, ("provisional", "suspect"))


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            [*reads(start=0, sorteny="2h", botella="3h", illa="8h", grau_roig="9h30")],
            {"start": 0, "botella": "3h", "illa": "8h", "grau-roig": "9h30"},
            id="one read too far ahead, and the rest of the way after it",
        ),
        pytest.param(
            [*reads(start=0, botella="3h", grau_roig="7h30", illa="8h", sorteny="15h"), read("1", "grau-roig", "9h30")],
            {"start": 0, "botella": "3h", "illa": "8h", "grau-roig": "9h30", "sorteny": "15h"},
            id="another's chip an hour before, and then the runner",
        ),
        pytest.param(
            [*reads(start=0, illa="8h", botella="9h")],
            {"start": 0, "botella": "9h"},
            id="one word against another: what claims less of the course",
        ),
        pytest.param(
            [*reads(start=0, illa="8h", botella="9h", grau_roig="9h30", sorteny="15h")],
            {"start": 0, "illa": "8h", "grau-roig": "9h30", "sorteny": "15h"},
            id="which of the two it was, the reads after it tell",
        ),
    ],
)
def test_of_two_stories_the_one_that_explains_more_checkpoints_is_believed(seen: list[Fact], expected: dict[str, str]) -> None:
    assert passed(seen) == {name: at(when) for name, when in expected.items()}


def test_one_bib_at_two_places_at_once_is_believed_at_the_nearer_until_later_reads_settle_it() -> None:
    twice = [*reads(start=0, botella="3h"), read("1", "illa", "8h"), read("1", "sorteny", "8h")]
    field = field_of(RACE, twice, now="9h")
    assert [suspect.at for suspect in field.verdict("1").suspects] == [4]
    assert field.verdict("1").furthest == 2
    field.add(read("1", "grau-roig", "9h30"))
    field.advance(at("9h30"))
    assert (field.verdict("1").furthest, field.verdict("1").flags) == (3, ("suspect",))
    other = field_of(RACE, [*twice, read("1", "ordino", "10h")])
    assert (other.verdict("1").status, other.verdict("1").splits[2]) == (Status.FINISHED, None)
    check(field)
    check(other)


def test_reads_in_a_burst_give_the_same_story_as_reads_one_by_one() -> None:
    facts = reads(start=0, sorteny="2h", botella="3h", illa="8h", grau_roig="9h30")
    one_by_one = field_of(RACE, [], now="10h")
    for fact in facts[::-1]:
        one_by_one.add(fact)
        check(one_by_one)
    assert digest(one_by_one) == digest(field_of(RACE, facts, now="10h"))


@pytest.mark.parametrize(
    ("settles", "furthest"),
    [
        pytest.param(hand_time("illa", "8h", when="9h"), 2, id="the desk's own time there is believed"),
        pytest.param(void("wrong", when="9h"), 1, id="the read is voided"),
        pytest.param(swaps("1", "2", said="9h"), -1, id="the bib was another's"),
        pytest.param(clock_correction("mat", -4 * 3600, said="9h"), 2, id="the clock was four hours behind"),
    ],
)
def test_the_desk_settles_a_suspect_read(settles: Fact, furthest: int) -> None:
    wrong = read("1", "illa", "4h", name="wrong", device="mat", seq=1)
    field = field_of(RACE, [*reads(start=0, botella="3h"), wrong], now="9h")
    assert field.verdict("1").flags == ("suspect",)
    field.add(settles)
    assert (field.verdict("1").furthest, field.verdict("1").suspects) == (furthest, ())
    check(field)


def test_a_hand_time_is_believed_however_quick() -> None:
    quick: HandTime = hand_time("illa", "1h", when="2h")
    assert verdict(RACE, [*reads(start=0), quick], now="2h").furthest == 2


@pytest.mark.parametrize("out", [decides("stopped", "4h"), withdraws(when="4h")], ids=["stopped", "withdrawn"])
def test_a_suspect_read_is_evidence_against_who_is_said_to_be_out(out: Fact) -> None:
    found = verdict(RACE, [*reads(start=0, botella="3h"), out, read("1", "sorteny", "4h30")])
    assert found.flags == ("conflict", "suspect")
    assert found.furthest == 1


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"start": "0m"}, ["start"]),
        ({"start": "0m", "half": "5h"}, ["start", "mid"]),
        ({"start": "0m", "east": "2h", "half": "5h"}, ["start", "east", "mid"]),
        ({"start": "0m", "east": "2h", "half": "5h", "west": "7h", "end": "9h"}, ["start", "east", "mid", "west", "finish"]),
        ({"start": "0m", "east": "2h", "west": "7h", "end": "9h"}, ["start", "east", "west", "finish"]),
    ],
    ids=["out", "a read there half way, and nothing else", "after the first loop", "both loops", "not read half way"],
)
def test_a_place_that_is_passed_three_times_is_visited_in_course_order(when: dict[str, str], expected: list[str]) -> None:
    seen = [read("1", {"start": "ordino", "half": "ordino", "end": "ordino"}.get(name, name), said) for name, said in when.items()]
    found = verdict(LOOP, list(seen))
    assert [point.id for point, split in zip(LOOP.checkpoints, found.splits, strict=True) if split is not None] == expected


def test_a_read_that_cannot_be_meant_does_not_move_the_next_one_on_to_a_later_visit() -> None:
    facts = [read("1", "ordino", 0), read("1", "east", "2h"), read("1", "west", "2h10"), read("1", "ordino", "4h")]
    found = verdict(LOOP, list(facts))
    assert (found.status, found.furthest) == (Status.RACING, 2)
    assert [suspect.read.station for suspect in found.suspects] == ["west"]


def test_several_suspects_of_one_runner_are_one_alert() -> None:
    facts = [*reads(start=0, botella="3h"), read("1", "sorteny", "4h"), read("1", "ansalonga", "3h30")]
    (found,) = alerts(field_of(RACE, facts))
    assert (found.id, found.kind) == ("suspect/1", "suspect")
    assert found.text == "bib 1 was read at Sorteny: quicker than anybody gets there (and 1 more such reads)"
