"""Which reads can be meant: what is suspect and why, and that it never silently wins."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.core.builders import (
    at,
    clock_correction,
    decides,
    entrant,
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
from tracker.core.oddities import oddities
from tracker.core.passings import Track, Why
from tracker.core.rules import rules_of
from tracker.core.runner import Conditions, Place, Status, Where
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


LAPS = "start:camp@0 lap-1:camp@5 lap-2:camp@10 finish:camp@15"
TWICE = "start:camp@0 hut@24 aid-1:aid@30 aid-2:aid@36 finish:valley@50"
ASTRAY = read("1", "nowhere", "1m")
"""A read that lets all the others be sifted."""


@pytest.mark.parametrize("more", [[], [ASTRAY]], ids=["in order", "sifted"])
@pytest.mark.parametrize(
    ("points", "seen", "expected"),
    [
        pytest.param(LAPS, "camp 30m in, camp 45m out", {"lap-1": ("30m", "45m")}, id="a rest between laps"),
        pytest.param(LAPS, "camp 30m in, camp 32m in, camp 45m out", {"lap-1": ("30m", "45m")}, id="scanned twice going in"),
        pytest.param(LAPS, "camp 30m in, camp 45m out, camp 46m out", {"lap-1": ("30m", "46m")}, id="scanned twice going out"),
        pytest.param(
            LAPS,
            "camp 30m in, camp 45m out, camp 75m in, camp 100m out, camp 130m in",
            {"lap-1": ("30m", "45m"), "lap-2": ("75m", "100m"), "finish": ("130m", None)},
            id="all laps with their rests",
        ),
        pytest.param(
            LAPS, "camp 30m in, camp 45m out, camp 100m out", {"lap-1": ("30m", "45m"), "lap-2": ("100m", "100m")}, id="second lap out only"
        ),
        pytest.param(
            TWICE, "hut 3h, aid 4h in, aid 265m out", {"hut": ("3h", "3h"), "aid-1": ("4h", "265m")}, id="before and after a loop"
        ),
        pytest.param(
            TWICE,
            "hut 3h, aid 4h in, aid 265m out, aid 6h in, aid 370m out",
            {"hut": ("3h", "3h"), "aid-1": ("4h", "265m"), "aid-2": ("6h", "370m")},
            id="both visits of the aid station",
        ),
    ],
)
def test_an_out_belongs_to_the_visit_that_the_runner_went_in_for(
    points: str, seen: str, expected: dict[str, tuple[str, str | None]], more: list[Fact]
) -> None:
    race = race_with(points=points, gain_m=0)
    said = [each.split() for each in seen.split(", ")]
    reads = [read("1", station, when, way[0] if way else None) for station, when, *way in said]
    found = verdict(race, [read("1", "camp", 0), *reads, *more])
    splits = {
        point.id: split for point, split in zip(race.checkpoints, found.splits, strict=True) if split is not None and point.id != "start"
    }
    assert {name: (split.in_ms, split.out_ms) for name, split in splits.items()} == {
        name: (at(arrived), None if left is None else at(left)) for name, (arrived, left) in expected.items()
    }


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(20, 300), st.integers(2, 300), st.booleans(), st.booleans()), max_size=3),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_every_lap_is_told_with_its_rest_however_long_and_in_whatever_order_it_was_heard(
    laps: list[tuple[int, int, bool, bool]], chance: Random, sifted: bool
) -> None:
    facts, expected, minute = [read("1", "camp", 0), *([ASTRAY] if sifted else [])], [], 0
    for leg, rest, again_in, again_out in laps:
        arrived, left = minute + leg, minute + leg + rest
        minute = left + again_out
        scans = [(arrived, "in"), (left, "out"), *([(arrived + 1, "in")] if again_in else []), *([(minute, "out")] if again_out else [])]
        facts += [read("1", "camp", f"{when}m", way) for when, way in scans]
        expected.append((at(f"{arrived}m"), at(f"{minute}m")))
    chance.shuffle(facts)
    splits = verdict(race_with(points=LAPS, gain_m=0), list(facts), now="40h").splits
    assert [(split.in_ms, split.out_ms) for split in splits[1:] if split is not None] == expected


def test_who_lingers_on_the_line_before_he_is_seen_further_on_is_followed_without_sifting() -> None:
    rules, _ = rules_of(LOOP)
    track = Track(rules, at(0), Conditions.of(rules).least_ms)
    seen = [("ordino", "0m"), ("east", "2h"), ("ordino", "4h"), ("ordino", "7h"), ("west", "8h"), ("ordino", "10h")]
    assert track.follow([read("1", *said) for said in seen])
    assert [split and split.in_ms for split in track.splits] == [at("0m"), at("2h"), at("4h"), at("8h"), at("10h")]


def test_an_out_is_believed_where_going_in_cannot_be_meant() -> None:
    facts = [read("1", "camp", 0), read("1", "aid", "20m", "in"), read("1", "aid", "4h", "out")]
    found = verdict(race_with(points=TWICE, gain_m=0), list(facts))
    assert (found.furthest, found.reached_ms) == (2, at("4h"))
    assert [suspect.why for suspect in found.suspects] == [Why.TOO_QUICK]


def test_a_chip_that_lies_on_the_line_between_reads_of_another_tells_the_same_story() -> None:
    lying = [read("1", "ordino", f"{minute}m") for minute in range(60)]
    field = field_of(RACE, [*lying, read("1", "botella", "3h"), *reads(botella="4h", illa="9h"), read("1", "illa", "3h30")])
    assert [split and split.in_ms for split in field.verdict("1").splits] == [at(0), at("3h"), at("9h"), None, None, None]
    check(field)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        pytest.param(hand_time("finish", "-1h", when="2h"), Why.BEFORE_START, id="before the gun"),
        pytest.param(hand_time("finish", -at(0), when="2h"), Why.BEFORE_START, id="in 1970"),
        pytest.param(hand_time("finish", "300h", when="2h"), Why.FUTURE, id="days ahead"),
    ],
)
def test_a_hand_time_that_cannot_be_is_not_believed_and_somebody_is_told(wrong: HandTime, why: Why) -> None:
    facts = [*reads(start=0, botella="3h"), *reads("2", start=0, botella="3h", illa="8h")]
    field = field_of(RACE, [*facts, wrong], now="9h")
    assert digest(field) == digest(field_of(RACE, facts, now="9h"))
    assert field.leaders("105k", 2) == ["2", "1"]
    check(field)
    (oddity,) = oddities(field_of(RACE, [*facts, wrong, wrong], now="9h"))
    assert (oddity.kind, oddity.fact, oddity.text) == ("cannot_apply", wrong, f"the hand time of bib 1 at finish is {why.value}")


def test_a_hand_time_before_the_gun_counts_at_the_start_and_for_nobody_of_a_later_wave_beyond() -> None:
    race = race_with(points="start:ordino@0 botella@1 finish:illa@2", gain_m=0, waves={"late": "1h"})
    early = [hand_time("start", "30m"), hand_time("botella", "40m")]
    field = field_of(race, list(early), entrants=[entrant("1", wave="late")])
    assert [split and split.in_ms for split in field.verdict("1").splits] == [at("30m"), None, None]
    (oddity,) = oddities(field)
    assert oddity.fact is early[1]


def test_a_hand_time_from_the_future_counts_once_its_moment_has_come_and_not_the_last_of_several_sooner() -> None:
    by_hand = [hand_time("illa", "8h", when="4h"), hand_time("grau-roig", "9h30", when="4h")]
    field = field_of(RACE, [*reads(start=0, botella="3h", sorteny="15h"), *by_hand], now="4h")
    furthest, still_ahead = [], []
    for now in ("7h49m59", "7h50", "9h19m59", "9h20", "14h49m59", "14h50"):
        field.advance(at(now))
        furthest.append(field.verdict("1").furthest)
        still_ahead.append(len(oddities(field)))
        check(field)
    assert furthest == [1, 2, 2, 3, 3, 4]
    assert still_ahead == [2, 1, 1, 0, 0, 0]


def test_a_hand_time_that_cannot_be_settles_no_suspect_read() -> None:
    wrong = read("1", "illa", "4h")
    field = field_of(RACE, [*reads(start=0, botella="3h"), wrong, hand_time("illa", "-8h", when="9h")], now="9h")
    assert [suspect.read for suspect in field.verdict("1").suspects] == [wrong]


def test_a_bib_given_to_nobody_on_the_roster_is_said_so() -> None:
    texts = [oddity.text for oddity in oddities(field_of(RACE, [read("1", "botella", "3h"), swaps("1", "99"), read("98", "illa", "8h")]))]
    assert texts == [
        "bib 98 is not on the roster, read at illa",
        "bib 1 was given to bib 99, which is not on the roster, read at botella",
    ]


def test_two_facts_of_one_id_are_two_oddities_with_names_of_their_own() -> None:
    twins = [read("98", "botella", "3h", name="same"), read("98", "illa", "8h", name="same")]
    found = [oddity for oddity in oddities(field_of(RACE, list(twins))) if oddity.kind == "unknown_bib"]
    assert {oddity.fact.id for oddity in found} == {"same"}
    assert [oddity.name for oddity in found] == [twin.key.hex()[:12] for twin in twins]
    assert len({oddity.name for oddity in found}) == 2


def test_a_read_that_cannot_be_meant_does_not_move_the_next_one_on_to_a_later_visit() -> None:
    facts = [read("1", "ordino", 0), read("1", "east", "2h"), read("1", "west", "2h10"), read("1", "ordino", "4h")]
    found = verdict(LOOP, list(facts))
    assert (found.status, found.furthest) == (Status.RACING, 2)
    assert [suspect.read.station for suspect in found.suspects] == ["west"]


@pytest.mark.parametrize(("first", "then", "again"), [*permutations([b"1", b"2", b"3"])])
def test_of_two_places_at_one_moment_the_course_tells_which_was_first_however_often_read(first: bytes, then: bytes, again: bytes) -> None:
    at_botella, at_illa = (replace(read("1", station, "9h"), key=key) for station, key in (("botella", first), ("illa", then)))
    once = field_of(RACE, [*reads(start=0, botella="3h"), at_botella, at_illa])
    assert (once.verdict("1").furthest, once.verdict("1").suspects) == (2, ())
    for one in (at_botella, at_illa):
        twice = [at_botella, at_illa, replace(one, key=again, id="again")]
        assert digest(field_of(RACE, [*reads(start=0, botella="3h"), *twice])) == digest(once)


def test_several_suspects_of_one_runner_are_one_alert() -> None:
    facts = [*reads(start=0, botella="3h"), read("1", "sorteny", "4h"), read("1", "ansalonga", "3h30")]
    (found,) = alerts(field_of(RACE, facts))
    assert (found.id, found.kind) == ("suspect/1", "suspect")
    assert found.text == "bib 1 was read at Sorteny: quicker than anybody gets there (and 1 more such reads)"
