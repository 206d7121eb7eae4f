"""The ledger's places: every starter is in exactly one, and in the right race, under the right bib."""

from itertools import permutations

import pytest

from tests.core.builders import (
    GUN_MS,
    TIMED,
    accounts_for,
    at,
    decides,
    entrant,
    field_of,
    field_of_races,
    hand_time,
    heartbeat,
    moves_race,
    penalty,
    race_with,
    read,
    reads,
    starts_at,
    swaps,
    verdict,
    void,
    withdraws,
)
from tracker.core.alerts import alerts
from tracker.core.facts import Fact
from tracker.core.field import Field
from tracker.core.roster import EntryStatus
from tracker.core.runner import Place, Status, Where
from tracker.core.soundness import check, digest

SHORT = race_with(id="50k", points="start:ordino@0 botella@22 canillo@35 finish:ordino@50", gain_m=3000)
ON_LEG, IN_STATION, OUT, ACCOUNTED = Where.ON_LEG, Where.IN_STATION, Where.OUT, Where.ACCOUNTED


@pytest.mark.parametrize(
    ("seen", "place"),
    [
        pytest.param([], Place(Where.NOT_STARTED), id="never read"),
        pytest.param([decides("dns", "1h")], Place(Where.NOT_STARTED), id="did not start"),
        pytest.param(reads(start=0), Place(ON_LEG, 1), id="on the first leg"),
        pytest.param(reads(start=0, botella="3h", illa="8h"), Place(ON_LEG, 3), id="on a leg"),
        pytest.param([*reads(start=0), read("1", "botella", "3h", "in")], Place(IN_STATION, 1), id="gone in and not come out"),
        pytest.param(
            [*reads(start=0), read("1", "botella", "3h", "in"), read("1", "botella", "3h20", "out")], Place(ON_LEG, 2), id="gone in and out"
        ),
        pytest.param([*reads(start=0), read("1", "botella", "3h20", "out")], Place(ON_LEG, 2), id="seen going out alone"),
        pytest.param([*reads(start=0, botella="3h"), withdraws(when="3h10")], Place(OUT, 1), id="out, last seen at a checkpoint"),
        pytest.param([withdraws(when="3h")], Place(OUT, 1), id="out where he gave up, never read"),
        pytest.param([*reads(start=0), decides("disqualified", "3h")], Place(OUT, 0), id="disqualified on the course"),
        pytest.param([*reads(start=0), decides("stopped", "3h"), accounts_for(when="4h")], Place(ACCOUNTED), id="stopped, and on the bus"),
        pytest.param(reads(start=0, finish="15h"), Place(Where.FINISHED), id="finished"),
        pytest.param([*reads(start=0, finish="15h"), decides("disqualified", "16h")], Place(ACCOUNTED), id="disqualified at the finish"),
        pytest.param([*reads(start=0, botella="3h"), accounts_for(when="4h")], Place(ON_LEG, 2), id="on the bus, but not said to be out"),
    ],
)
def test_a_runner_is_in_exactly_one_place(seen: list[Fact], place: Place) -> None:
    field = field_of(race_with(), seen, now="20h", count=1)
    assert field.verdict("1").place == place
    assert field.places("105k") == {place: 1}
    assert field.places("105k")[place] == 1
    check(field)


def test_the_places_sum_to_the_entrants_at_every_moment() -> None:
    facts = [
        *reads("1", start=0, botella="3h", illa="8h", grau_roig="9h30", sorteny="15h", finish="17h"),
        *reads("2", start=0, botella="4h"),
        withdraws("2", when="4h10"),
        accounts_for("2", when="6h"),
        *reads("3", start=0),
        read("4", "ordino", 0),
        read("4", "botella", "5h", "in"),
    ]
    field = field_of(TIMED, [], now="0m", count=5)
    for fact in sorted(facts, key=lambda fact: fact.at_ms):
        field.add(fact)
        field.advance(max(field.now_ms, fact.at_ms))
        assert sum(field.places("105k").values()) == 5
        check(field)
    assert field.places("105k") == {
        Place(Where.FINISHED): 1,
        Place(ACCOUNTED): 1,
        Place(OUT, 0): 1,
        Place(OUT, 1): 1,
        Place(Where.NOT_STARTED): 1,
    }


def test_a_withdrawal_has_two_steps_and_each_can_be_taken_back() -> None:
    gone = [*reads(start=0, botella="7h"), out := withdraws(when="7h05")]
    field = field_of(TIMED, gone, now="9h", count=1)
    assert field.verdict("1").place == Place(OUT, 1)
    (found,) = alerts(field)
    assert (found.id, found.text) == ("unaccounted/1", "bib 1 is out of the race and not accounted for (last known at Botella)")
    field.add(safe := accounts_for(when="9h"))
    assert (field.verdict("1").place, alerts(field)) == (Place(ACCOUNTED), [])
    field.add(void(safe, when="9h"))
    assert field.verdict("1").place == Place(OUT, 1)
    field.add(void(out, when="9h"))
    assert field.verdict("1").place == Place(ON_LEG, 2)
    check(field)


def test_who_is_read_after_being_accounted_for_is_a_conflict_and_out_again() -> None:
    safe = [*reads(start=0, botella="7h"), withdraws(when="7h05"), accounts_for(when="8h")]
    found = verdict(TIMED, [*safe, read("1", "illa", "12h")])
    assert (found.status, found.place, found.flags) == (Status.WITHDRAWN, Place(OUT, 2), ("conflict",))
    again = verdict(TIMED, [*safe, read("1", "illa", "12h"), accounts_for(when="13h")])
    assert again.place == Place(ACCOUNTED)


def test_a_machines_out_of_time_is_out_on_the_course_until_accounted_for() -> None:
    found = field_of(TIMED, reads("1", start=0), now="9h", count=1)
    assert found.verdict("1").place == Place(OUT, 0)
    found.add(accounts_for(when="9h"))
    assert found.verdict("1").place == Place(ACCOUNTED)


@pytest.mark.parametrize(
    ("seen", "place"),
    [
        pytest.param(
            [*reads(start=0, botella="2h30"), read("1", "ordino", "4h"), read("1", "illa", "8h"), withdraws(where="illa", when="9h")],
            Place(OUT, 2),
            id="read at the finish by mistake, long before he gave up",
        ),
        pytest.param(
            [*reads(start=0, botella="2h30"), read("1", "ordino", "4h"), withdraws(where="botella", when="5h")],
            Place(OUT, 1),
            id="read at the finish by mistake, before he gave up",
        ),
        pytest.param(
            [*reads(start=0, botella="2h30"), withdraws(where="botella", when="2h40"), read("1", "ordino", "4h")],
            Place(ACCOUNTED),
            id="gave up, and came down to the finish",
        ),
        pytest.param([withdraws(when="5h"), decides("withdrawn", "5h30")], Place(OUT, 1), id="gave up, as the director confirms"),
        pytest.param(
            [*reads(start=0, botella="3h"), withdraws(where="illa", when="9h"), withdraws(where="grau-roig", when="11h")],
            Place(OUT, 3),
            id="gave up twice: the last word",
        ),
        pytest.param([*reads(start=0, illa="9h"), withdraws(when="12h")], Place(OUT, 1), id="walked back, and gave up there"),
        pytest.param(
            [*reads(start=0, botella="3h"), withdraws(when="3h30"), read("1", "ordino", "30h")],
            Place(OUT, 1),
            id="read at the finish by a clock that is a day fast",
        ),
        pytest.param(
            [*reads(start=0, botella="3h"), withdraws(where="grau-roig", when="9h"), decides("withdrawn", "10h")],
            Place(OUT, 3),
            id="gave up further on than he was read, as the director confirms",
        ),
        pytest.param(
            [
                *reads(start=0),
                withdraws(when="5h"),
                accounts_for(when="6h"),
                decides("reinstated", "7h"),
                withdraws(where="illa", when="12h"),
            ],
            Place(OUT, 2),
            id="accounted for, sent back into the race, and out again",
        ),
    ],
)
def test_who_is_out_is_where_he_was_last_known_to_be(seen: list[Fact], place: Place) -> None:
    field = field_of(race_with(), seen, now="13h", count=1)
    assert field.verdict("1").place == place
    check(field)


@pytest.mark.parametrize(("gun", "when", "where"), [("1h", "30m", Where.NOT_STARTED), ("-1h", "-30m", OUT)], ids=["later", "sooner"])
def test_who_gives_up_has_started_if_his_own_wave_has(gun: str, when: str, where: Where) -> None:
    race = race_with(waves={"b": gun})
    assert verdict(race, [withdraws(when=when)], now="2h", entrants=[entrant("1", wave="b")]).place.where is where


@pytest.mark.parametrize("wrong", [hand_time("nowhere", "3h", when="4h"), hand_time("illa", "-1h", when="4h")])
def test_a_hand_time_that_does_not_count_starts_nobody_who_is_absent(wrong: Fact) -> None:
    assert verdict(race_with(), [wrong], entrants=[entrant("1", status=EntryStatus.DNS)]).status is Status.DNS


def test_of_one_who_runs_though_absent_by_the_roster_the_desk_may_accept_it() -> None:
    absent = [entrant("1", status=EntryStatus.DNS)]
    assert "conflict" in verdict(race_with(), reads(start=0), entrants=absent).flags
    assert verdict(race_with(), [*reads(start=0), decides("accepted", "1h")], entrants=absent).flags == ()


def test_who_went_in_and_was_not_seen_going_out_becomes_an_alert_after_two_hours() -> None:
    facts = [*reads("1", start=0), read("1", "botella", "3h", "in")]
    field = field_of(race_with(), facts, now="5h", count=1)
    assert alerts(field) == []
    field.advance(at("5h") + 1)
    (found,) = alerts(field)
    assert (found.id, found.at_ms) == ("inside/1/botella", at("5h"))
    assert found.text == "bib 1 went into Botella and was not read going out"
    field.add(read("1", "botella", "4h", "out"))
    assert alerts(field) == []


PEOPLE = [entrant("1"), entrant("2"), entrant("3")]
STARTED = [*reads("2", start=0), *reads("3", start="1m")]


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(STARTED, "30m", (Status.ENTERED, ()), id="half an hour after the gun nobody is judged"),
        pytest.param(STARTED, "30m01", (Status.DNS, ("provisional",)), id="later, who was not read is proposed"),
        pytest.param(reads("2", start=0), "1h", (Status.ENTERED, ()), id="a mat that read fewer than half has not worked"),
        pytest.param(
            [*STARTED, heartbeat("ordino", "20m", 0)], "1h", (Status.ENTERED, ("unconfirmed",)), id="the start mat is not heard through it"
        ),
        pytest.param([*STARTED, heartbeat("ordino", "40m", 0)], "1h", (Status.DNS, ("provisional",)), id="it is heard"),
        pytest.param([*STARTED, starts_at("45m", said="5m")], "1h", (Status.ENTERED, ()), id="the gun was later"),
        pytest.param([*STARTED, *reads("1", start="2m")], "1h", (Status.RACING, ()), id="read at the start"),
        pytest.param([*STARTED, *reads("1", botella="3h")], "3h", (Status.RACING, ("missed:start",)), id="missed at the start"),
        pytest.param([*STARTED, decides("dns", "1h")], "2h", (Status.DNS, ()), id="confirmed by the director"),
        pytest.param([*STARTED, decides("reinstated", "1h")], "2h", (Status.ENTERED, ()), id="the director knows that he is there"),
        pytest.param([*STARTED, withdraws("1", when="1h")], "2h", (Status.WITHDRAWN, ()), id="withdrawn before the start"),
        pytest.param(
            [*STARTED, *reads("1", start="2m"), void("1/ordino/2m/None")], "41h", (Status.DNS, ("provisional",)), id="the read was voided"
        ),
    ],
)
def test_who_was_not_read_is_proposed_as_not_starting_once_the_start_mat_has_worked(
    facts: list[Fact], now: str, expected: tuple[Status, tuple[str, ...]]
) -> None:
    for order in (facts, facts[::-1]):
        field = field_of(race_with(), order, now=now, entrants=PEOPLE)
        found = field.verdict("1")
        assert (found.status, found.flags) == expected
        check(field)


def test_each_wave_has_a_mat_that_must_work_and_who_is_absent_by_the_roster_is_not_expected() -> None:
    race = race_with(waves={"a": "0m", "b": "1h"})
    people = [entrant("1", wave="a"), entrant("2", wave="a"), entrant("3", wave="b"), entrant("4", wave="b", status=EntryStatus.DNS)]
    people.append(entrant("5", wave="b"))
    field = field_of(race, reads("1", start=0), entrants=people, now="2h")
    assert [field.verdict(bib).status for bib in "235"] == [Status.DNS, Status.ENTERED, Status.ENTERED]
    field.add(read("3", "ordino", "1h01"))
    assert [field.verdict(bib).status for bib in "245"] == [Status.DNS, Status.DNS, Status.DNS]
    assert not field.verdict("4").provisional


def test_the_first_read_undoes_a_proposed_dns_and_one_alert_names_who_is_missing() -> None:
    field = field_of(race_with(), STARTED, now="1h", entrants=PEOPLE)
    (found,) = alerts(field)
    assert (found.id, found.text) == ("not_started/105k", "not read at the start of race 105k, and nowhere since: bib 1")
    field.add(read("1", "botella", "3h"))
    field.advance(at("3h"))
    assert (field.verdict("1").status, alerts(field)) == (Status.RACING, [])


def two_races(facts: list[Fact], now: str = "20h") -> Field:
    return field_of_races((TIMED, SHORT), [entrant("1"), entrant("2"), entrant("3", "50k")], facts, now=now)


def test_a_runner_who_turns_off_to_another_race_takes_the_times_along() -> None:
    mine = [*reads("1", start=0, botella="3h"), read("1", "canillo", "5h"), read("1", "ordino", "8h"), penalty(60)]
    other = reads("3", start=0, botella="4h", finish="9h")
    field = two_races([*mine, *other, move := moves_race("50k", said="9h")])
    assert (field.verdict("1").status, field.verdict("1").official_ms) == (Status.FINISHED, at("8h01") - GUN_MS)
    assert field.leaders("50k", 2) == ["1", "3"]
    assert [len(field.standings(race)) for race in ("105k", "50k")] == [1, 2]
    check(field)
    field.add(void(move, when="10h"))
    assert [len(field.standings(race)) for race in ("105k", "50k")] == [2, 1]
    assert field.verdict("1").official_ms is None
    check(field)


@pytest.mark.parametrize(
    "checkpoint", ["canillo", "illa", "botella", "nowhere"], ids=["of the new race", "of the old race", "of both", "of none"]
)
def test_a_hand_time_counts_in_the_race_that_the_runner_is_in_whatever_was_said_first(checkpoint: str) -> None:
    facts = [*reads(start=0), hand_time(checkpoint, "6h"), moves_race("50k")]
    digests = {digest(two_races(list(order))) for order in permutations(facts)}
    assert len(digests) == 1
    field = two_races(facts)
    check(field)
    assert field.verdict("1").furthest == {"canillo": 2, "illa": 0, "botella": 1, "nowhere": 0}[checkpoint]
    assert [alert.kind for alert in alerts(field) if alert.bib == "1" and alert.kind != "overdue"] == (
        ["unknown_checkpoint"] if checkpoint == "nowhere" else []
    )


def test_of_two_moves_the_later_stands_and_one_to_nowhere_is_an_alert() -> None:
    there, back = moves_race("50k", said="2h"), moves_race("105k", said="3h")
    for order in ([there, back], [back, there]):
        assert [line.entrant.bib for line in two_races([*order]).standings("50k")] == ["3"]
    found = alerts(two_races([moves_race("100k"), moves_race("50k", bib="99")]))
    assert [alert.kind for alert in found if alert.kind != "never_heard"] == ["unknown_race", "unknown_bib"]


def test_two_runners_who_wear_each_others_bibs_get_their_own_times() -> None:
    facts = [*reads("1", start=0, botella="3h"), *reads("2", start=0, botella="4h", illa="9h")]
    swapped: list[Fact] = [there := swaps("1", "2"), swaps("2", "1")]
    for order in ([*facts, *swapped], [*swapped, *facts]):
        field = field_of(TIMED, order, now="9h")
        assert [field.verdict(bib).furthest for bib in "12"] == [2, 1]
        check(field)
    field.add(void(there, when="9h"))
    assert [field.verdict(bib).furthest for bib in "12"] == [2, -1]
    check(field)


def test_a_bib_that_nobody_has_is_given_to_its_runner_with_everything_read_before_and_after() -> None:
    facts = [*reads("1", start=0), read("99", "botella", "3h"), withdraws("99", when="9h")]
    field = field_of(TIMED, facts, now="9h")
    assert [alert.kind for alert in alerts(field) if alert.bib == "99"] == ["unknown_bib", "unknown_bib"]
    field.add(swaps("99", "1", said="9h"))
    assert (field.verdict("1").status, field.verdict("1").furthest) == (Status.WITHDRAWN, 1)
    assert [alert for alert in alerts(field) if alert.bib == "99"] == []
    field.add(read("99", "illa", "10h"))
    field.advance(at("10h"))
    assert (field.verdict("1").furthest, field.verdict("1").flags) == (2, ("conflict",))
    check(field)


def test_a_swap_concerns_what_was_read_and_not_what_the_desk_said_of_a_runner() -> None:
    facts = [*reads("1", start=0, finish="15h"), penalty(60, "1"), decides("accepted", "16h", "2"), swaps("1", "2")]
    field = field_of(race_with(), facts, now="41h")
    assert field.verdict("2").official_ms == at("15h") - GUN_MS
    assert field.verdict("1").furthest == -1


def test_a_swap_to_a_bib_that_nobody_has_hides_no_read() -> None:
    field = field_of(race_with(), [*reads("1", start=0, botella="3h"), swaps("1", "99", said="4h")], count=1)
    assert {alert.kind for alert in alerts(field)} == {"unknown_bib"}
    assert field.verdict("1").furthest == -1
