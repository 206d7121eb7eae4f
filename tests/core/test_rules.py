"""The rules as the desk moves them on the day: cutoffs, starts, the race's time, the course."""

from dataclasses import replace

import pytest

from tests.core.builders import (
    GUN_MS,
    TIMED,
    at,
    cutoff,
    decides,
    entrant,
    field_of,
    hand_time,
    moves_cutoff,
    neutralises,
    race_with,
    read,
    reads,
    reroutes,
    starts_at,
    verdict,
    void,
)
from tracker.core.alerts import alerts
from tracker.core.course import Policy
from tracker.core.facts import CutoffMove, Fact, Neutralise, Reroute, Start
from tracker.core.field import Field
from tracker.core.passings import Why
from tracker.core.runner import Place, Status, Where, limits_of
from tracker.core.soundness import check, digest

FINISHED, OUT, RACING = Status.FINISHED, Status.OUT_OF_TIME, Status.RACING


def limits(field: Field, bib: str = "1") -> dict[str, str]:
    """A runner's cutoffs by checkpoint, the last moment in time as hours and minutes from the gun."""
    runner = field.roster.by_bib[bib]
    found = limits_of(field.conditions("105k"), runner, field.verdict(bib).splits)
    minutes = {TIMED.checkpoints[limit.at].id: (limit.last_ms - GUN_MS) // 60_000 for limit in found}
    return {name: f"{count // 60}h{count % 60:02}" for name, count in minutes.items()}


def passes_botella(when: str, *facts: Fact, grace: str = "0m") -> Status:
    """What a runner is, just after having passed Botella, whose cutoff is 8h."""
    race = race_with(cutoff("botella", "8h", grace=grace), cutoff("illa", "20h"))
    moment = max([at(when), *(fact.at_ms for fact in facts)]) - GUN_MS
    return verdict(race, [*reads(start=0, botella=when), *facts], now=f"{moment // 1000}s").status


@pytest.mark.parametrize(
    ("move", "in_time", "too_late"),
    [
        pytest.param(moves_cutoff("botella", "9h"), "9h", "9h00m01", id="to another time from the start"),
        pytest.param(moves_cutoff("botella", until="9h"), "9h", "9h00m01", id="to a moment"),
        pytest.param(moves_cutoff("botella", by="45m"), "8h45", "8h45m01", id="extended"),
        pytest.param(moves_cutoff("botella", "7h"), "7h", "7h00m01", id="sooner"),
        pytest.param(moves_cutoff("botella", by="-30m"), "7h30", "7h30m01", id="sooner by so much"),
        pytest.param(moves_cutoff("botella", "7h", since="7h20"), "7h19m59", "7h20", id="sooner, but only from a moment on"),
        pytest.param(moves_cutoff("botella", "6h", said="7h"), "6h59m59", "7h", id="nobody is late by a rule that came after him"),
        pytest.param(moves_cutoff("botella", "9h", said="8h45"), "9h", "9h00m01", id="a kinder rule that comes later forgives"),
        pytest.param(moves_cutoff("botella", "7h", said="7h30", since="6h"), "7h", "7h00m01", id="in force before it was said"),
    ],
)
def test_a_moved_cutoff_is_in_time_to_its_last_moment(move: CutoffMove, in_time: str, too_late: str) -> None:
    assert passes_botella(in_time, move) is RACING
    assert passes_botella(too_late, move) is OUT


@pytest.mark.parametrize(
    ("move", "in_time", "too_late"),
    [
        pytest.param(moves_cutoff("botella", "9h"), "9h05", "9h05m01", id="to another time"),
        pytest.param(moves_cutoff("botella", until="9h"), "9h05", "9h05m01", id="to a moment"),
        pytest.param(moves_cutoff("botella", by="1h"), "9h05", "9h05m01", id="extended"),
    ],
)
def test_a_moved_cutoff_keeps_its_grace(move: CutoffMove, in_time: str, too_late: str) -> None:
    assert passes_botella(in_time, move, grace="5m") is RACING
    assert passes_botella(too_late, move, grace="5m") is OUT


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        pytest.param([], ["8h00", "20h00", "42h00"], id="as printed"),
        pytest.param([moves_cutoff("botella", by="30m")], ["8h30", "20h00", "42h00"], id="one checkpoint"),
        pytest.param([moves_cutoff("botella", by="30m", onward=True)], ["8h30", "20h30", "42h30"], id="all from the first"),
        pytest.param([moves_cutoff("illa", "21h", onward=True)], ["8h00", "21h00", "43h00"], id="from one onwards"),
        pytest.param([moves_cutoff("illa", until="19h", onward=True)], ["8h00", "19h00", "41h00"], id="sooner, from one onwards"),
        pytest.param([moves_cutoff("finish", "43h", onward=True)], ["8h00", "20h00", "43h00"], id="nothing comes after the finish"),
        pytest.param(
            [moves_cutoff("illa", by="30m", onward=True), moves_cutoff("illa", by="30m", said="2h")],
            ["8h00", "21h00", "42h30"],
            id="each move goes on from the one before",
        ),
        pytest.param(
            [moves_cutoff("botella", by="30m", onward=True), moves_cutoff("illa", "20h15", said="2h")],
            ["8h30", "20h15", "42h30"],
            id="the newer word on a checkpoint is the one that counts",
        ),
        pytest.param(
            [moves_cutoff("illa", by="-7h", since="12h30"), moves_cutoff("illa", until="16h", said="2h", since="12h20")],
            ["8h00", "16h00", "42h00"],
            id="a time that is named stands over an earlier word that was to be in force later",
        ),
        pytest.param(
            [moves_cutoff("illa", by="-7h", since="12h30"), moves_cutoff("illa", by="1h", said="2h", since="12h20")],
            ["8h00", "14h00", "42h00"],
            id="but so much later is said of whatever it is then",
        ),
        pytest.param(
            [moves_cutoff("illa", by="-1h", since="12h30", onward=True), moves_cutoff("illa", "16h", said="2h", since="12h20")],
            ["8h00", "16h00", "41h00"],
            id="and what it was to move besides is moved as far",
        ),
        pytest.param(
            [moves_cutoff("illa", "19h", since="12h30", onward=True), moves_cutoff("illa", "16h", said="2h", since="12h20")],
            ["8h00", "16h00", "41h00"],
            id="as far as it was when that was said",
        ),
        pytest.param(
            [moves_cutoff("botella", by="-1h", since="7h", onward=True), moves_cutoff("illa", "16h", said="2h", since="6h")],
            ["7h00", "16h00", "41h00"],
            id="nor is it moved by a word on an earlier cutoff that was to be in force later",
        ),
    ],
)
def test_a_move_concerns_one_checkpoint_or_all_from_one_onwards(moves: list[CutoffMove], expected: list[str]) -> None:
    for order in (moves, moves[::-1]):
        assert limits(field_of(TIMED, [*reads(start=0), *order])) == dict(zip(("botella", "illa", "finish"), expected, strict=True))


def test_a_checkpoint_may_be_given_a_cutoff_on_the_day_and_it_is_on_departure() -> None:
    facts = [*reads(start=0, botella="7h", illa="12h"), moves_cutoff("grau-roig", "18h")]
    inside = read("1", "grau-roig", "17h50", "in")
    assert verdict(TIMED, [*facts, inside], now="18h").status is RACING
    assert verdict(TIMED, [*facts, inside], now="18h00m01").status is OUT


def test_a_moved_cutoff_acts_when_the_clock_passes_it_and_a_void_brings_the_old_one_back() -> None:
    field = field_of(TIMED, [*reads(start=0), move := moves_cutoff("botella", "9h")], now="8h30")
    assert field.verdict("1").status is RACING
    field.advance(at("9h") + 1)
    assert field.verdict("1").status is OUT
    other = field_of(TIMED, [*reads(start=0), move], now="8h30")
    other.add(void(move, when="8h30"))
    assert other.verdict("1").status is OUT
    check(other)


def test_extending_a_cutoff_takes_back_the_machines_verdict_but_not_the_directors() -> None:
    late = reads(start=0, botella="8h10")
    move = moves_cutoff("botella", by="30m", said="8h20")
    assert verdict(TIMED, [*late, move], now="8h20").status is RACING
    assert verdict(TIMED, [*late, decides("out_of_time", "8h15"), move], now="8h20").status is OUT


CANNOT: list[tuple[CutoffMove | Neutralise | Reroute | Start, str]] = [
    (moves_cutoff("nowhere", "9h"), "race 105k has no checkpoint nowhere"),
    (moves_cutoff("sorteny", by="1h"), "sorteny of race 105k has no cutoff to move from: say when it is"),
    (moves_cutoff("sorteny", "30h", onward=True), "sorteny of race 105k has no cutoff to move from: say when it is"),
    (neutralises("4h", "3h"), "the stop of race 105k ends before it begins"),
    (neutralises("3h", "4h", "botella", "nowhere"), "race 105k has no checkpoint nowhere"),
    (reroutes("nowhere"), "race 105k has no checkpoint nowhere"),
    (reroutes(finish="nowhere"), "race 105k has no checkpoint nowhere"),
    (reroutes("start"), "race 105k cannot skip its start or its finish"),
    (reroutes("finish"), "race 105k cannot skip its start or its finish"),
    (reroutes(finish="start"), "race 105k cannot end at its start"),
    (starts_at("30m", wave="z"), "race 105k has no wave z"),
]


@pytest.mark.parametrize(("fact", "words"), CANNOT, ids=[f"{fact.id.split('/')[0]}: {words}" for fact, words in CANNOT])
def test_what_a_race_cannot_follow_is_an_alert_in_words_and_changes_nothing(fact: Fact, words: str) -> None:
    seen = reads(start=0, botella="7h")
    field = field_of(TIMED, [*seen, fact], now="7h30")
    (found,) = alerts(field)
    assert (found.kind, found.text) == ("cannot_apply", words)
    assert digest(field) == digest(field_of(TIMED, seen, now="7h30"))
    field.add(void(fact, when="7h30"))
    assert alerts(field) == []


@pytest.mark.parametrize(
    ("cutoff_from", "start", "last_minute"),
    [
        ("race", "40m", "8h00"),
        ("wave", "40m", "8h30"),
        ("runner", "40m", "8h40"),
        ("runner", "20m", "8h30"),
        ("runner", None, "8h30"),
    ],
    ids=["the gun", "the wave", "the runner's own start", "never before the gun of the wave", "the wave, for one not read at the start"],
)
def test_a_cutoff_runs_from(cutoff_from: str, start: str | None, last_minute: str) -> None:
    race = race_with(cutoff("botella", "8h"), waves={"b": "30m"}, cutoff_from=cutoff_from)
    seen = reads(start=start, grau_roig="7h") if start else reads(grau_roig="7h")
    field = field_of(race, seen, entrants=[entrant("1", wave="b")])
    assert limits(field) == {"botella": last_minute}


def test_with_policy_automatic_the_machines_verdict_is_final_until_somebody_overturns_it() -> None:
    race = replace(TIMED, policy=Policy.AUTOMATIC)
    facts = reads(start=0, botella="8h10")
    found = verdict(race, facts, now="9h")
    assert (found.status, found.provisional) == (OUT, False)
    assert verdict(race, [*facts, decides("accepted", "9h")], now="9h").status is RACING
    assert verdict(race, [*facts, read("1", "illa", "15h")], now="15h").status is RACING


def test_a_time_that_stood_still_is_taken_off_the_official_time_and_given_on_every_cutoff_after_it() -> None:
    facts = [*reads(start=0, botella="8h30", illa="12h", finish="20h"), neutralises("3h", "4h")]
    found = verdict(TIMED, facts)
    assert (found.status, found.official_ms) == (FINISHED, at("19h") - GUN_MS)
    assert "late:botella" not in found.flags
    assert limits(field_of(TIMED, facts)) == {"botella": "9h00", "illa": "21h00", "finish": "43h00"}


def test_a_cutoff_that_was_over_before_the_time_stood_still_stays() -> None:
    facts = [*reads(start=0, botella="7h", illa="12h"), neutralises("10h", "11h")]
    assert limits(field_of(TIMED, facts)) == {"botella": "8h00", "illa": "21h00", "finish": "43h00"}


@pytest.mark.parametrize(
    ("seen", "stands"),
    [
        pytest.param(reads(start=0, botella="9h30"), True, id="on the leg that leads there"),
        pytest.param([*reads(start=0, botella="7h"), read("1", "illa", "9h55", "in")], True, id="in the station"),
        pytest.param([*reads(start=0, botella="7h"), read("1", "illa", "9h", "in"), read("1", "illa", "9h50", "out")], False, id="through"),
        pytest.param(reads(start=0), False, id="on an earlier leg"),
    ],
)
def test_time_stands_still_by_position_for_those_on_the_leg_and_in_the_station(seen: list[Fact], stands: bool) -> None:
    field = field_of(TIMED, [*seen, moves_cutoff("botella", "11h"), neutralises("10h", "12h", "illa")], now="10h30")
    assert limits(field)["finish"] == ("44h00" if stands else "42h00")


def test_time_stands_still_only_for_who_has_started_and_counts_once_where_stops_overlap() -> None:
    race = race_with(waves={"b": "2h"}, timing="chip")
    stops: list[Fact] = [neutralises("1h", "3h"), neutralises("2h30", "4h")]
    first = verdict(race, [*reads(start=0, finish="20h"), *stops])
    second = verdict(race, [*reads(start="2h10", finish="20h"), *stops], entrants=[entrant("1", wave="b")])
    assert first.official_ms == at("17h") - GUN_MS
    assert second.official_ms == at("20h") - at("4h")


def test_on_the_way_runners_rank_by_the_time_in_which_the_race_ran() -> None:
    stopped = reads("1", start=0, botella="9h", illa="15h")
    ahead = reads("2", start=0, botella="5h", illa="9h30")
    behind = reads("3", start=0, botella="8h", illa="13h30")
    stop = neutralises("10h", "12h", "illa")
    field = field_of(race_with(), [*stopped, *ahead, *behind, stop])
    assert field.leaders("105k", 3) == ["2", "3", "1"]
    alone = field_of(race_with(), [*stopped, *reads("3", start=0, botella="4h", illa="9h"), *reads("2", illa="14h", start=0), stop])
    assert [alone.verdict(bib).stood_ms // 3_600_000 for bib in "123"] == [2, 0, 0]


def test_a_skipped_checkpoint_is_excused_and_has_no_cutoff() -> None:
    facts = [*reads(start=0), reroute := reroutes("botella")]
    field = field_of(TIMED, facts, now="8h30")
    assert (field.verdict("1").status, field.verdict("1").place) == (RACING, Place(Where.ON_LEG, 2))
    field.add(read("1", "illa", "9h"))
    field.advance(at("9h"))
    assert field.verdict("1").flags == ()
    field.add(void(reroute, when="9h"))
    assert field.verdict("1").flags == ("missed:botella",)
    check(field)


def test_a_reroute_that_cannot_be_followed_leaves_the_others_in_force() -> None:
    field = field_of(TIMED, [*reads(start=0), reroutes("botella"), reroutes("finish", said="2h")], now="8h30", count=1)
    assert [(alert.kind, alert.id) for alert in alerts(field)] == [
        ("cannot_apply", f"cannot_apply/{reroutes('finish', said='2h').key.hex()[:12]}")
    ]
    assert (field.verdict("1").status, field.verdict("1").place) == (RACING, Place(Where.ON_LEG, 2))


def test_a_shortened_race_ends_at_the_last_common_point_and_ranks_by_the_arrivals_there() -> None:
    facts = [
        *reads("1", start=0, botella="5h", illa="10h", grau_roig="13h", sorteny="18h"),
        *reads("2", start=0, botella="6h", illa="11h", grau_roig="12h30"),
        *reads("3", start=0, botella="7h", illa="12h"),
    ]
    field = field_of(TIMED, facts, now="19h")
    assert field.leaders("105k", 3) == ["1", "2", "3"]
    field.add(cut := reroutes(finish="grau-roig", said="19h"))
    assert [(bib, field.verdict(bib).status) for bib in field.leaders("105k", 3)] == [("2", FINISHED), ("1", FINISHED), ("3", RACING)]
    assert field.verdict("1").official_ms == at("13h") - GUN_MS
    assert field.verdict("3").place == Place(Where.ON_LEG, 3)
    check(field)
    field.add(void(cut, when="19h"))
    assert field.leaders("105k", 3) == ["1", "2", "3"]
    check(field)


def test_the_finish_that_was_cut_off_has_no_cutoff_and_the_new_one_is_judged_on_arrival() -> None:
    facts = [*reads(start=0, botella="7h"), reroutes(finish="illa")]
    assert limits(field_of(TIMED, facts)) == {"botella": "8h00", "illa": "20h00"}
    stays = [*facts, read("1", "illa", "19h50"), read("1", "illa", "20h30")]
    assert verdict(TIMED, stays, now="50h").status is FINISHED


def test_who_was_seen_beyond_the_new_finish_and_not_there_is_not_out_by_the_clock() -> None:
    facts = [*reads(start=0, botella="7h", grau_roig="15h"), reroutes(finish="illa")]
    assert verdict(TIMED, facts, now="21h").status is RACING
    assert verdict(TIMED, [*facts, hand_time("illa", "13h")], now="21h").status is FINISHED


def test_in_a_restarted_race_what_was_read_before_the_new_gun_does_not_count() -> None:
    before = [*reads("1", start=0, botella="2h30"), *reads("2", start="1m", botella="2h40")]
    again = [*reads("1", start="4h", botella="8h"), *reads("2", start="4h01", botella="7h30")]
    field = field_of(race_with(), [*before, starts_at("4h", said="3h")], now="3h30", count=2)
    assert [field.verdict(bib).furthest for bib in "12"] == [0, 0]
    field.extend(again)
    field.advance(at("8h"))
    assert field.leaders("105k", 2) == ["2", "1"]
    assert [(alert.kind, alert.race) for alert in alerts(field)] == [("before_start", "105k")]
    check(field)


def test_in_a_restarted_race_the_crossing_after_the_new_gun_is_the_runners_start() -> None:
    facts = [*reads(start=0, botella="2h30"), starts_at("4h", said="3h"), read("1", "ordino", "4h05"), read("1", "botella", "8h")]
    found = verdict(race_with(timing="chip"), facts)
    assert [split.in_ms for split in found.splits if split] == [at("4h05"), at("8h")]
    assert [(suspect.read.at_ms, suspect.why) for suspect in found.suspects] == [(at("2h30"), Why.BEFORE_START)]


def test_of_two_words_on_the_start_the_later_one_stands_and_all_times_follow() -> None:
    facts = [*reads("1", start="21m", finish="15h"), *reads("2", start="25m", finish="16h")]
    field = field_of(race_with(), [*facts, starts_at("30m", said="2h"), starts_at("20m", said="1h")])
    assert [field.verdict(bib).official_ms for bib in "12"] == [at("14h30") - GUN_MS, at("15h30") - GUN_MS]
    assert field.starts("105k").race_ms == at("30m")


def test_a_forgotten_wave_started_by_the_desk_moves_its_own_cutoffs_and_nobody_elses() -> None:
    race = race_with(cutoff("botella", "8h"), waves={"a": "0m", "b": "0m"}, cutoff_from="wave")
    people = [entrant("1", wave="a"), entrant("2", wave="b")]
    facts = [*reads("1", start="1m"), *reads("2", start="46m"), starts_at("45m", wave="b")]
    field = field_of(race, facts, entrants=people, now="8h30")
    assert [field.verdict(bib).status for bib in "12"] == [OUT, RACING]
    assert limits(field, "2") == {"botella": "8h45"}
