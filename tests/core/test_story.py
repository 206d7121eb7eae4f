"""What the reads come to where some were missed, cannot be meant, or stand beside a hand time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.builders import GUN_MS, at, cutoff, field_of, hand_time, race_with, read, reads, reroutes, verdict
from tracker.core.course import Race
from tracker.core.facts import Fact, HandTime, Passage
from tracker.core.passings import Evidence, Passings, Why, passings
from tracker.core.rules import Rules, rules_of
from tracker.core.runner import Conditions, Status, Verdict
from tracker.core.soundness import check

LOOP = race_with(cutoff("c3", "5h"), points="start:a@0 c1:s@5 c2:col@11 c3:s@17 finish:b@30", gain_m=400)
FAR_LOOP = race_with(cutoff("c3", "6h"), points="start:a@0 c1:s@10 c2:col@30 c3:s@50 c4:d@53 finish:b@60", gain_m=3000)
NOWHERE = "nowhere"
"""A station that no race passes: a read there lets all the others be sifted."""


def arrivals(race: Race, found: Verdict) -> dict[str, int]:
    """The accepted arrivals by checkpoint."""
    return {point.id: split.in_ms for point, split in zip(race.checkpoints, found.splits, strict=True) if split is not None}


def seen(race: Race, *facts: Fact, now: str = "9h") -> dict[str, int]:
    """The accepted arrivals of bib 1, in a sound field."""
    field = field_of(race, list(facts), now=now)
    check(field)
    return arrivals(race, field.verdict("1"))


def when(**said: str) -> dict[str, int]:
    return {name: at(moment) for name, moment in said.items()}


@pytest.mark.parametrize("more", [[], [read("1", NOWHERE, "1h30")]], ids=["in order", "sifted"])
def test_who_was_not_read_at_the_start_passes_a_place_for_the_first_time_first(more: list[Fact]) -> None:
    race = race_with(cutoff("c2", "4h"), points="start:a@0 c1:b@8 c2:c@15 finish:b@25", gain_m=0)
    found = verdict(race, [read("1", "b", "1h"), *more], now="5h")
    assert (found.status, arrivals(race, found)) == (Status.OUT_OF_TIME, when(c1="1h"))


def test_where_a_checkpoint_between_two_visits_is_skipped_the_second_comes_sooner() -> None:
    facts = [*reads(a="0m", s="1h30"), read("1", "s", "3h"), reroutes("c2")]
    assert seen(FAR_LOOP, *facts) == when(start="0m", c1="1h30", c3="3h")


@pytest.mark.parametrize("skipped", ["c2", "c3"])
def test_a_second_scan_is_no_second_visit_where_the_way_between_is_skipped(skipped: str) -> None:
    twice = [read("1", "s", "1h30"), read("1", "s", "1h31"), read("1", "s", "1h50")]
    assert seen(FAR_LOOP, *reads(a="0m"), *twice, reroutes(skipped)) == when(start="0m", c1="1h30")


def test_a_second_scan_at_the_start_is_no_finish_where_all_the_course_between_is_skipped() -> None:
    race = race_with(points="start:a@0 c1:s@20 finish:a@41", gain_m=0)
    assert verdict(race, [*reads(a="0m"), read("1", "a", "3m"), reroutes("c1")], now="2h").status is Status.RACING


def test_a_skipped_checkpoint_is_not_reached_sooner_than_anybody_gets_there() -> None:
    found = verdict(FAR_LOOP, [*reads(a="0m", s="1h30", col="1h31"), reroutes("c2")], now="2h")
    assert (found.furthest, [suspect.why for suspect in found.suspects]) == (1, [Why.TOO_QUICK])
    assert verdict(FAR_LOOP, [*reads(a="0m", s="1h30", col="4h"), reroutes("c2")], now="5h").furthest == 2


def test_a_visit_that_is_left_out_with_all_that_follows_up_to_the_next_is_that_one() -> None:
    assert seen(FAR_LOOP, *reads(a="0m", s="3h"), reroutes("c1", "c2"), now="4h") == when(start="0m", c3="3h")
    before = [*reads(a="0m", s="1h30", col="4h"), read("1", "s", "6h")]
    assert seen(FAR_LOOP, *before, reroutes("c1", "c2")) == when(start="0m", c1="1h30", c2="4h", c3="6h")


@pytest.mark.parametrize("more", [[], [read("1", NOWHERE, "2h")]], ids=["in order", "sifted"])
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            [read("1", "s", "2h"), read("1", "s", "2h40"), hand_time("c2", "3h30")],
            when(start="0m", c1="2h", c2="3h30"),
            id="read twice before it",
        ),
        pytest.param(
            [hand_time("c2", "3h30"), read("1", "s", "4h30")],
            when(start="0m", c2="3h30", c3="4h30"),
            id="read after it for the first time",
        ),
        pytest.param(
            [read("1", "s", "2h"), read("1", "s", "4h55"), hand_time("c3", "5h")],
            when(start="0m", c1="2h", c3="5h"),
            id="read going in where the desk saw him leave",
        ),
        pytest.param(
            [read("1", "s", "2h"), hand_time("c2", "3h30"), read("1", "b", "3h31")],
            when(start="0m", c1="2h", c2="3h30"),
            id="read too soon after it",
        ),
        pytest.param(
            [read("1", "col", "3h"), hand_time("c1", "3h30")],
            when(start="0m", c1="3h30"),
            id="read further on before it",
        ),
        pytest.param(
            [read("1", "s", "2h"), hand_time("c3", "4h"), hand_time("c2", "5h")],
            when(start="0m", c1="2h", c2="5h", c3="4h"),
            id="against another hand time both stand",
        ),
    ],
)
def test_a_hand_time_is_in_every_story(facts: list[Fact], more: list[Fact], expected: dict[str, int]) -> None:
    assert seen(LOOP, read("1", "a", "0m"), *facts, *more) == expected


def test_a_visit_that_a_hand_time_confirms_is_not_judged_as_another() -> None:
    facts: list[Fact] = [read("1", "a", "0m"), read("1", "s", "2h"), read("1", "s", "2h40"), hand_time("c2", "3h30", when="4h")]
    found = verdict(LOOP, facts, now="5h1m")
    assert (found.status, found.suspects) == (Status.OUT_OF_TIME, ())
    assert [split and split.out_ms for split in found.splits[:2]] == [at("0m"), at("2h40")]


def test_a_read_from_nowhere_does_not_make_a_late_starter_quicker_than_anybody() -> None:
    race = race_with(points="start:a@0 c1:b@20 finish:a@39", gain_m=0, timing="chip")
    facts = [read("1", "a", "0h30"), read("1", "a", "2h")]
    for more in ([], [read("1", NOWHERE, "2h30")]):
        found = verdict(race, [*facts, *more], now="3h")
        assert (found.status, arrivals(race, found)) == (Status.RACING, when(start="30m"))


def test_who_cannot_have_left_the_start_so_late_was_not_read_there() -> None:
    race = race_with(points="start:a@0 c1:b@20 finish:c@39", gain_m=0, timing="chip")
    found = verdict(race, [read("1", "a", "1h"), read("1", "b", "1h30")], now="3h")
    assert (arrivals(race, found), found.start_ms) == (when(c1="1h30"), at(0))
    assert [(suspect.at, suspect.why) for suspect in found.suspects] == [(0, Why.OUT_OF_ORDER)]


def test_of_stories_that_explain_as_much_the_same_is_believed_whatever_cannot_be_meant_beside_them() -> None:
    race = race_with(points="start:a@0 c1:b@10 c2:c@23 c3:d@31 finish:e@60", gain_m=0)
    facts = reads(a="0m", b="1h30", c="2h", d="3h30")
    expected = when(start="0m", c1="1h30", c3="3h30")
    assert seen(race, *facts) == seen(race, *facts, read("1", "c", "20m")) == expected


@pytest.mark.parametrize("start", ["a", "z"], ids=["also the start", "another place"])
def test_at_two_places_at_once_is_at_the_nearer_though_the_farther_was_also_the_start(start: str) -> None:
    race = race_with(points=f"start:{start}@0 c1:b@10 c2:a@20 c3:c@40 finish:d@60", gain_m=0)
    both = [read("1", start, "0m"), read("1", "b", "2h"), read("1", "a", "2h")]
    found = verdict(race, [*both, read("1", "c", "5h")], now="6h")
    assert arrivals(race, found) == when(start="0m", c1="2h", c3="5h")
    assert [(suspect.at, suspect.why) for suspect in found.suspects] == [(2, Why.TOO_QUICK)]
    assert verdict(race, list(both), now="3h").suspects == found.suspects


def test_who_rests_where_he_is_read_again_and_again_has_not_gone_round() -> None:
    resting = [read("1", "s", f"{minute}m") for minute in range(60, 180, 10)]
    assert seen(LOOP, read("1", "a", "0m"), *resting) == when(start="0m", c1="1h")


PLACES = ("p", "q", "r")
MINUTES = st.integers(5, 240)
WAYS = st.sampled_from((None, None, "in", "out"))


@st.composite
def courses(draw: st.DrawFn) -> Rules:
    """A course over few places, each passed again and again, now and then with checkpoints skipped."""
    points, km, near = [], 0, ""
    count = draw(st.integers(3, 6))
    for index in range(count):
        near = draw(st.sampled_from([place for place in PLACES if place != near]))
        points.append(f"c{index}:{near}@{km}")
        km += draw(st.integers(1, 12))
    skipped = draw(st.lists(st.integers(1, count - 2), max_size=2)) if draw(st.booleans()) else []
    return rules_of(race_with(points=" ".join(points), gain_m=0), [reroutes(*(f"c{at}" for at in skipped))])[0]


@st.composite
def ways(draw: st.DrawFn, rules: Rules) -> list[Passage]:
    """A runner's reads along the course, some missed and some twice; and now and then one that does not fit."""
    found, minute = [], draw(st.integers(-5, 40))
    for point in rules.race.checkpoints[: draw(st.integers(1, len(rules.race.checkpoints)))]:
        for again in range(draw(st.integers(0, 2))):
            minute += again * draw(st.integers(0, 30))
            found.append((point.station, minute, draw(WAYS)))
        minute += draw(st.integers(1, 60))
    found += draw(st.lists(st.tuples(st.sampled_from(PLACES), MINUTES, WAYS), max_size=2)) if draw(st.booleans()) else []
    return [read("1", place, said * 60_000, way, name=str(number)) for number, (place, said, way) in enumerate(found)]


def passed(rules: Rules, reads: list[Passage], *hand_times: HandTime) -> Passings:
    return passings(rules, Evidence(reads, hand_times=hand_times), GUN_MS, Conditions.of(rules).least_ms, None, at("20h"))


def meaningless(rules: Rules) -> st.SearchStrategy[Passage]:
    """A read that cannot be meant: at no place of the course; or, at a place that comes later, before the gun or within a second of it."""
    later = sorted({point.station for point in rules.race.checkpoints} - {rules.race.checkpoints[0].station})
    soon = [place for place in later if not rules.skipped]  # else it may be the way around
    kinds = [st.tuples(st.just(NOWHERE), MINUTES.map(lambda minute: minute * 60_000))]
    kinds.append(st.tuples(st.sampled_from(later), st.integers(-60_000, -1)))
    kinds += [st.tuples(st.sampled_from(soon), st.integers(0, 1_000))] if soon else []
    return st.builds(lambda said, way: read("1", said[0], said[1], way, name="meaningless"), st.one_of(kinds), WAYS)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_read_that_cannot_be_meant_changes_nothing_of_what_the_others_mean(data: st.DataObject) -> None:
    rules = data.draw(courses())
    reads = data.draw(ways(rules))
    points = [point.id for point in rules.race.checkpoints]
    by_hand = data.draw(st.lists(st.builds(hand_time, st.sampled_from(points), MINUTES.map(lambda minute: minute * 60_000)), max_size=2))
    if data.draw(st.booleans()):
        by_hand = []
    before = passed(rules, reads, *by_hand)
    after = passed(rules, [*reads, data.draw(meaningless(rules))], *by_hand)
    assert list(after.splits) == list(before.splits)
    assert len(after.suspects) >= len(before.suspects)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_hand_time_of_what_was_read_in_order_changes_nothing_else(data: st.DataObject) -> None:
    rules = data.draw(courses())
    reads = data.draw(ways(rules))
    before = passed(rules, reads)
    confirmed = [index for index, split in enumerate(before.splits) if split is not None and (index == 0 or split.in_ms >= GUN_MS)]
    if before.track is None or not confirmed:
        return
    index = data.draw(st.sampled_from(confirmed))
    split = before.splits[index]
    assert split is not None
    after = passed(rules, reads, hand_time(rules.race.checkpoints[index].id, split.in_ms - GUN_MS))
    others = [number for number in range(len(before.splits)) if number != index]
    assert [after.splits[number] for number in others] == [before.splits[number] for number in others]
    assert not after.suspects


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_nobody_is_told_to_pass_checkpoints_out_of_order_or_quicker_than_anybody(data: st.DataObject) -> None:
    rules = data.draw(courses())
    reads = data.draw(ways(rules))
    least_ms = Conditions.of(rules).least_ms
    came = [(index, split.in_ms) for index, split in enumerate(passed(rules, reads).splits) if split is not None and index]
    for (before, left_ms), (index, at_ms) in zip([(0, GUN_MS), *came], came, strict=False):
        assert at_ms - left_ms >= least_ms[index] - least_ms[before]
