"""The verdict on one runner: one rule of the road a test."""

import pytest

from tests.core.builders import (
    TIMED,
    at,
    cutoff,
    decides,
    entrant,
    hand_time,
    penalty,
    race_with,
    read,
    reads,
    starts_at,
    verdict,
    void,
    withdraws,
)
from tracker.core.roster import EntryStatus
from tracker.core.runner import Status

RACE = race_with()


def test_an_entrant_who_was_never_read_is_entered_and_nothing_is_known_of_them() -> None:
    found = verdict(TIMED, [], now="50h")
    assert (found.status, found.flags, found.started) == (Status.ENTERED, (), False)


def test_an_entrant_who_did_not_collect_the_bib_is_dns_until_read() -> None:
    absent = [entrant("1", status=EntryStatus.DNS)]
    assert verdict(RACE, [], entrants=absent).status is Status.DNS
    seen = verdict(RACE, reads(start=0), entrants=absent)
    assert (seen.status, seen.flags) == (Status.RACING, ("conflict",))


def test_the_first_read_makes_a_runner_racing() -> None:
    found = verdict(TIMED, reads(start="1m"), now="2m")
    assert (found.status, found.furthest, found.reached_ms) == (Status.RACING, 0, at("1m"))


def test_a_finisher_has_the_time_from_the_gun() -> None:
    found = verdict(TIMED, reads(start="1m", botella="4h", illa="9h", finish="15h30"), now="16h")
    assert (found.status, found.official_ms) == (Status.FINISHED, at("15h30") - at(0))


def test_with_chip_timing_the_time_runs_from_the_runners_own_start() -> None:
    race = race_with(timing="chip")
    assert verdict(race, reads(start="5m", finish="15h30")).official_ms == at("15h25") - at(0)


def test_a_chip_read_on_the_mat_before_the_gun_counts_from_the_gun() -> None:
    race = race_with(timing="chip")
    assert verdict(race, reads(start="-2m", finish="15h30")).official_ms == at("15h30") - at(0)


def test_of_several_reads_at_the_start_the_first_after_the_gun_is_the_crossing() -> None:
    race = race_with(timing="chip")
    facts = [read("1", "ordino", when) for when in ("-10m", "-1m", "2m", "3m")] + reads(botella="4h", finish="15h")
    assert verdict(race, facts).start_ms == at("2m")


def test_a_chip_time_without_a_start_read_runs_from_the_gun() -> None:
    found = verdict(race_with(timing="chip"), reads(botella="4h", finish="15h"))
    assert (found.official_ms, found.flags[0]) == (at("15h") - at(0), "missed:start")


def test_a_wave_has_a_gun_of_its_own() -> None:
    race = race_with(waves={"a": "0m", "b": "30m"})
    second = [entrant("1", wave="b")]
    assert verdict(race, reads(start="31m", finish="15h30"), entrants=second).official_ms == at("15h") - at(0)


def test_a_start_corrected_by_the_desk_moves_times_and_cutoffs() -> None:
    late = reads(start="21m", botella="8h10")
    assert verdict(TIMED, late, now="8h30").status is Status.OUT_OF_TIME
    assert verdict(TIMED, [*late, starts_at("20m")], now="8h30").status is Status.RACING


def test_a_forgotten_wave_is_started_by_the_desk() -> None:
    race = race_with(waves={"a": "0m", "b": "30m"})
    facts = [*reads(start="46m", finish="15h45"), starts_at("45m", wave="b")]
    assert verdict(race, facts, entrants=[entrant("1", wave="b")]).official_ms == at("15h") - at(0)


def test_the_first_read_is_the_arrival_and_the_last_the_departure() -> None:
    facts = [*reads(start=0), *(read("1", "botella", when) for when in ("4h", "4h01", "4h20"))]
    split = verdict(RACE, facts).splits[1]
    assert split is not None
    assert (split.in_ms, split.out_ms) == (at("4h"), at("4h20"))


def test_in_and_out_are_taken_at_their_word() -> None:
    facts = [*reads(start=0), read("1", "botella", "4h", "in"), read("1", "botella", "4h05", "in"), read("1", "botella", "4h20", "out")]
    split = verdict(RACE, facts).splits[1]
    assert split is not None
    assert (split.in_ms, split.out_ms) == (at("4h"), at("4h20"))


def test_who_was_only_seen_going_in_has_not_left() -> None:
    split = verdict(RACE, [*reads(start=0), read("1", "botella", "4h", "in")]).splits[1]
    assert split is not None
    assert split.out_ms is None


def test_missed_checkpoints_are_named_and_cost_nothing() -> None:
    found = verdict(TIMED, reads(start=0, illa="9h", finish="15h"), now="42h")
    assert (found.status, found.flags) == (Status.FINISHED, ("missed:botella", "missed:grau-roig", "missed:sorteny"))


def test_a_late_departure_ends_the_race_provisionally() -> None:
    found = verdict(TIMED, reads(start=0, botella="8h00m01"), now="8h01")
    assert (found.status, found.flags, found.at_cutoff) == (Status.OUT_OF_TIME, ("provisional", "late:botella"), 1)


def test_the_last_second_is_in_time() -> None:
    assert verdict(TIMED, reads(start=0, botella="8h"), now="8h01").status is Status.RACING


def test_arriving_in_time_and_leaving_late_is_late_where_departure_counts() -> None:
    facts = [*reads(start=0), read("1", "botella", "7h50", "in"), read("1", "botella", "8h10", "out")]
    assert verdict(TIMED, facts, now="8h11").status is Status.OUT_OF_TIME
    on_arrival = race_with(cutoff("botella", "8h", on="arrival"))
    assert verdict(on_arrival, facts, now="8h11").status is Status.RACING


def test_where_both_count_either_may_be_late() -> None:
    race = race_with(cutoff("botella", "8h", on="both"))
    assert verdict(race, [*reads(start=0), read("1", "botella", "8h10", "in")], now="8h11").status is Status.OUT_OF_TIME
    assert (
        verdict(race, [*reads(start=0), read("1", "botella", "7h", "in"), read("1", "botella", "8h10", "out")]).status is Status.OUT_OF_TIME
    )


def test_grace_is_still_in_time() -> None:
    race = race_with(cutoff("botella", "8h", grace="2m"))
    assert verdict(race, reads(start=0, botella="8h02"), now="9h").status is Status.RACING
    assert verdict(race, reads(start=0, botella="8h02m01"), now="9h").status is Status.OUT_OF_TIME


def test_a_runner_let_through_after_the_cutoff_stays_in_the_race_and_is_flagged() -> None:
    found = verdict(TIMED, reads(start=0, botella="8h15", illa="18h"), now="18h30")
    assert (found.status, found.flags) == (Status.RACING, ("late:botella",))


def test_who_never_comes_is_out_of_time_when_the_clock_passes_the_cutoff_and_not_before() -> None:
    facts = reads(start=0)
    assert verdict(TIMED, facts, now="8h").status is Status.RACING
    found = verdict(TIMED, facts, now="8h00m01")
    assert (found.status, found.flags, found.at_cutoff) == (Status.OUT_OF_TIME, ("provisional",), 1)


def test_a_late_backlog_takes_the_clocks_verdict_back() -> None:
    assert verdict(TIMED, reads(start=0), now="12h").status is Status.OUT_OF_TIME
    assert verdict(TIMED, reads(start=0, botella="7h30"), now="12h").status is Status.RACING


def test_who_is_still_in_the_station_at_a_departure_cutoff_is_out_of_time() -> None:
    inside = [*reads(start=0), read("1", "botella", "7h50", "in")]
    assert verdict(TIMED, inside, now="8h00m01").status is Status.OUT_OF_TIME


def test_at_the_finish_the_arrival_counts_however_long_the_runner_stays() -> None:
    race = race_with(cutoff("finish", "42h"))
    facts = [*reads(start=0, sorteny="38h"), read("1", "ordino", "41h59"), read("1", "ordino", "42h30")]
    assert verdict(race, facts, now="43h").status is Status.FINISHED


def test_crossing_the_line_after_the_limit_is_provisional_until_accepted() -> None:
    facts = reads(start=0, botella="7h", illa="19h", finish="42h10")
    late = verdict(TIMED, facts, now="43h")
    assert (late.status, late.provisional) == (Status.OUT_OF_TIME, True)
    accepted = verdict(TIMED, [*facts, decides("accepted", "42h30")], now="43h")
    assert (accepted.status, accepted.flags) == (Status.FINISHED, ("late:finish", "missed:grau-roig", "missed:sorteny"))
    assert accepted.official_ms == at("42h10") - at(0)


def test_accepted_forgives_what_is_past_and_not_the_next_cutoff() -> None:
    facts = [*reads(start=0), decides("accepted", "8h30")]
    assert verdict(TIMED, facts, now="19h").status is Status.RACING
    assert verdict(TIMED, facts, now="20h00m01").status is Status.OUT_OF_TIME


def test_a_confirmed_out_of_time_is_no_longer_provisional() -> None:
    found = verdict(TIMED, [*reads(start=0, botella="8h10"), decides("out_of_time", "8h30")], now="9h")
    assert (found.status, found.flags) == (Status.OUT_OF_TIME, ("late:botella",))


def test_a_withdrawal_ends_the_race() -> None:
    found = verdict(TIMED, [*reads(start=0, botella="7h"), withdraws(when="7h05")], now="30h")
    assert (found.status, found.flags) == (Status.WITHDRAWN, ())


def test_a_withdrawal_is_stronger_than_the_clock() -> None:
    found = verdict(TIMED, [*reads(start=0), withdraws(where="botella", when="9h")], now="30h")
    assert (found.status, found.provisional) == (Status.WITHDRAWN, False)


def test_a_read_after_a_withdrawal_is_a_conflict_and_is_kept() -> None:
    found = verdict(TIMED, [*reads(start=0, botella="7h"), withdraws(when="7h05"), read("1", "illa", "12h")], now="13h")
    assert (found.status, found.flags) == (Status.WITHDRAWN, ("conflict",))
    assert found.splits[2] is not None


def test_a_withdrawal_after_the_finish_is_a_conflict_and_takes_nothing_away() -> None:
    found = verdict(
        TIMED, [*reads(start=0, botella="7h", illa="10h", grau_roig="12h", sorteny="16h", finish="18h"), withdraws(when="18h05")]
    )
    assert (found.status, found.flags) == (Status.FINISHED, ("conflict",))


def test_reinstated_undoes_what_came_before_and_not_what_comes_after() -> None:
    gone = [*reads(start=0, botella="7h"), withdraws(when="7h05")]
    assert verdict(TIMED, [*gone, decides("reinstated", "7h30")], now="8h").status is Status.RACING
    again = withdraws(when="7h45", name="again")
    assert verdict(TIMED, [*gone, decides("reinstated", "7h30"), again], now="8h").status is Status.WITHDRAWN


@pytest.mark.parametrize("status", ["withdrawn", "disqualified", "dns", "stopped", "out_of_time"])
def test_the_directors_word_is_the_strongest_and_reinstated_takes_it_back(status: str) -> None:
    facts = [*reads(start=0, botella="7h"), decides(status, "7h30")]
    assert verdict(TIMED, facts, now="8h").status.value == status
    assert verdict(TIMED, [*facts, decides("reinstated", "7h40")], now="8h").status is Status.RACING


def test_a_read_after_the_director_stopped_a_runner_is_a_conflict() -> None:
    facts = [*reads(start=0, botella="7h"), decides("stopped", "7h30"), read("1", "illa", "12h")]
    assert verdict(TIMED, facts, now="13h").flags == ("conflict",)


def test_of_two_decisions_the_later_one_stands_whichever_came_first() -> None:
    early, late = decides("disqualified", "7h30"), decides("withdrawn", "7h40")
    for facts in ([early, late], [late, early]):
        assert verdict(TIMED, [*reads(start=0), *facts], now="8h").status is Status.WITHDRAWN


def test_a_hand_time_is_the_accepted_reading_and_the_read_stays_in_evidence() -> None:
    facts = [*reads(start=0, finish="27h"), hand_time("finish", "15h")]
    found = verdict(TIMED, facts, now="42h")
    assert found.official_ms == at("15h") - at(0)


def test_a_hand_time_stands_in_for_a_missed_read() -> None:
    found = verdict(TIMED, [*reads(start=0), hand_time("botella", "7h", when="9h")], now="10h")
    assert (found.status, found.furthest) == (Status.RACING, 1)


def test_a_penalty_is_added_to_the_official_time() -> None:
    found = verdict(RACE, [*reads(start=0, finish="15h"), penalty(3600)])
    assert found.official_ms == at("16h") - at(0)


def test_what_is_voided_counts_for_nothing() -> None:
    wrong = read("1", "botella", "2h")
    assert verdict(RACE, [*reads(start=0), wrong, void(wrong)]).furthest == 0


def test_a_read_where_the_race_never_passes_is_suspect() -> None:
    found = verdict(RACE, [*reads(start=0), read("1", "ansalonga", "2h")])
    assert (found.status, found.furthest, found.flags) == (Status.RACING, 0, ("suspect",))


def test_cutoffs_run_from_the_wave_where_the_race_says_so() -> None:
    late_wave = [entrant("1", wave="b")]
    facts = reads(start="31m", botella="8h20")
    from_race = race_with(cutoff("botella", "8h"), waves={"b": "30m"})
    from_wave = race_with(cutoff("botella", "8h"), waves={"b": "30m"}, cutoff_from="wave")
    assert verdict(from_race, facts, now="9h", entrants=late_wave).status is Status.OUT_OF_TIME
    assert verdict(from_wave, facts, now="8h25", entrants=late_wave).status is Status.RACING
