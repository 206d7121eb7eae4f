"""A simulated field is a believable one: the same for the same seed, and like the races it was measured on."""

from itertools import pairwise
from statistics import correlation

import pytest

from simulators.calibration import calibration, finish_share
from simulators.field import Journey, simulate_field, simulate_roster
from simulators.scanners import REALISTIC, emissions
from tests.simulators.conftest import course, roster_of
from tracker.core.course import Event, Race
from tracker.core.facts import WithdrawalReason
from tracker.core.roster import EntryStatus, Roster
from tracker.files.roster import read_roster

HOUR_MS = 3_600_000
SEEDS = range(1, 5)


def of_race(journeys: list[Journey], race: Race) -> list[Journey]:
    return [journey for journey in journeys if journey.race == race.id]


def finished_in_time(journey: Journey, race: Race) -> bool:
    limit = race.checkpoints[-1].cutoff
    assert limit is not None
    reached = bool(journey.visits) and journey.visits[-1].checkpoint == race.finish
    return reached and journey.visits[-1].arrived_ms <= race.start_ms + limit.limit_ms


def finish_hours(journeys: list[Journey], race: Race) -> list[float]:
    arrived = [journey.visits[-1].arrived_ms for journey in of_race(journeys, race) if finished_in_time(journey, race)]
    return sorted((at_ms - race.start_ms) / HOUR_MS for at_ms in arrived)


def quantile(hours: list[float], share: float) -> float:
    return hours[round(share * (len(hours) - 1))]


@pytest.fixture(scope="module", params=SEEDS)
def weekend(request: pytest.FixtureRequest, andorra: Event) -> list[Journey]:
    return simulate_field(andorra, roster_of(andorra, request.param), request.param)


def test_the_same_seed_enters_and_runs_the_same_field_and_another_seed_another(
    andorra: Event, roster: Roster, journeys: list[Journey]
) -> None:
    assert simulate_roster(andorra, 7) == simulate_roster(andorra, 7)
    assert simulate_field(andorra, roster, 7) == journeys
    assert simulate_roster(andorra, 8) != simulate_roster(andorra, 7)
    assert simulate_field(andorra, roster, 8) != journeys


def test_the_105k_looks_like_the_real_one(andorra: Event, weekend: list[Journey]) -> None:
    race = andorra.by_id["105k"]
    field = of_race(weekend, race)
    hours = finish_hours(weekend, race)
    assert len(field) == 446
    assert sum(journey.started for journey in field) == pytest.approx(400, abs=10)
    assert len(hours) == pytest.approx(305, abs=12)
    assert sum(journey.quit is not None for journey in field) == pytest.approx(91, abs=10)
    assert hours[0] == pytest.approx(14.34, abs=0.35)
    assert hours[-1] == pytest.approx(41.1, abs=0.9)
    real = {0.1: 20.35, 0.25: 23.24, 0.5: 26.19, 0.75: 29.67, 0.9: 33.49, 0.95: 36.38}
    for share, real_h in real.items():
        assert quantile(hours, share) == pytest.approx(real_h, rel=0.05)


def test_the_50k_looks_like_the_real_one(andorra: Event, weekend: list[Journey]) -> None:
    race = andorra.by_id["50k"]
    field = of_race(weekend, race)
    hours = finish_hours(weekend, race)
    out_of_time = sum(journey.started and journey.quit is None and not finished_in_time(journey, race) for journey in field)
    assert len(field) == 547
    assert sum(not journey.started for journey in field) == pytest.approx(81, abs=10)
    assert len(hours) == pytest.approx(432, abs=12)
    assert sum(journey.quit is not None for journey in field) == pytest.approx(27, abs=8)
    assert out_of_time == pytest.approx(6, abs=4)
    assert hours[0] == pytest.approx(5.37, abs=0.15)
    assert hours[-1] == pytest.approx(13.55, abs=0.45)
    for share, real_h in {0.1: 7.83, 0.5: 9.66, 0.9: 11.76}.items():
        assert quantile(hours, share) == pytest.approx(real_h, rel=0.05)


def test_nobody_is_in_two_places_and_nobody_goes_back_in_time(weekend: list[Journey]) -> None:
    for journey in weekend:
        moments = [at_ms for visit in journey.visits for at_ms in (visit.arrived_ms, visit.left_ms) if at_ms is not None]
        assert moments == sorted(moments)
        assert [visit.checkpoint for visit in journey.visits] == list(range(len(journey.visits)))
        assert all(visit.left_ms is not None for visit in journey.visits[:-1])


def test_who_gives_up_was_there_and_never_goes_on(weekend: list[Journey]) -> None:
    quitters = [journey for journey in weekend if journey.quit is not None]
    for journey in quitters:
        assert journey.quit is not None
        last = journey.visits[-1]
        assert (last.checkpoint, last.left_ms) == (journey.quit.checkpoint, None)
        assert journey.quit.at_ms > last.arrived_ms
    assert len({journey.quit.reason for journey in quitters if journey.quit}) >= len(WithdrawalReason) - 2


def test_who_comes_too_late_is_stopped_there_but_for_the_few_let_go_on(andorra: Event, weekend: list[Journey]) -> None:
    let_go = 0
    for journey in weekend:
        race = andorra.by_id[journey.race]
        for index, cutoff in race.cutoffs.items():
            later = journey.visits[index + 1 :]
            too_late = index < len(journey.visits) and journey.visits[index].arrived_ms > race.start_ms + cutoff.limit_ms
            if too_late and later:
                let_go += 1
                break
    assert let_go <= 0.02 * sum(journey.started for journey in weekend)


def test_nobody_runs_faster_than_anybody_can(andorra: Event, weekend: list[Journey]) -> None:
    for journey in weekend:
        race = andorra.by_id[journey.race]
        for before, after in pairwise(journey.visits):
            assert before.left_ms is not None
            assert after.arrived_ms - before.left_ms >= race.quickest_ms(before.checkpoint, after.checkpoint)


def test_a_better_index_is_a_faster_race(andorra: Event, roster: Roster, journeys: list[Journey]) -> None:
    race = andorra.by_id["105k"]
    indexed = [(roster.by_bib[j.bib].index, j.visits[-1].arrived_ms) for j in of_race(journeys, race) if finished_in_time(j, race)]
    pairs = [(index, float(at_ms)) for index, at_ms in indexed if index is not None]
    assert -0.95 < correlation(*zip(*pairs, strict=True)) < -0.7


def test_the_start_list_has_what_start_lists_have(andorra: Event, roster: Roster) -> None:
    races = {race.id: roster.of_race(race.id) for race in andorra.races}
    assert {race: len(entrants) for race, entrants in races.items()} == {"105k": 446, "50k": 547, "21k": 400, "7k5": 250}
    assert sum(entrant.index is not None for entrant in roster.entrants) == pytest.approx(0.8 * len(roster.entrants), rel=0.05)
    assert {entrant.status for entrant in roster.entrants} == set(EntryStatus)
    assert any(not entrant.last_name.isascii() for entrant in roster.entrants)
    assert len({entrant.name for entrant in roster.entrants}) > 0.95 * len(roster.entrants)


def test_bibs_of_different_races_do_not_mix(andorra: Event, roster: Roster) -> None:
    ranges = [sorted(int(entrant.bib) for entrant in roster.of_race(race.id)) for race in andorra.races]
    assert all(before[-1] < after[0] for before, after in pairwise(ranges))


def test_everybody_is_old_enough_for_the_race(andorra: Event, roster: Roster) -> None:
    for entrant in roster.entrants:
        race = andorra.by_id[entrant.race]
        assert entrant.birth_year is not None
        assert entrant.birth_year <= (race.max_birth_year or race.year - (race.min_age or 0))


def test_those_marked_as_not_starting_do_not_start(roster: Roster, journeys: list[Journey]) -> None:
    marked = {entrant.bib for entrant in roster.entrants if entrant.status is EntryStatus.DNS}
    assert marked
    assert not any(journey.started for journey in journeys if journey.bib in marked)


def test_fewer_or_more_runners_can_be_entered(andorra: Event) -> None:
    small = read_sizes(simulate_roster(andorra, 1, {"105k": 12, "7k5": 0}))
    assert (small["105k"], small["50k"], small.get("7k5", 0)) == (12, 547, 0)


def read_sizes(roster_csv: str) -> dict[str, int]:
    rows = [line.split(",")[1] for line in roster_csv.splitlines()[1:]]
    return {race: rows.count(race) for race in rows}


@pytest.mark.parametrize("entered", [0, 1, 2, 5])
def test_a_race_of_a_handful_is_a_race(andorra: Event, entered: int) -> None:
    counts = dict.fromkeys(andorra.by_id, entered)
    roster_csv = simulate_roster(andorra, 3, counts)
    assert len(roster_csv.splitlines()) == 1 + 4 * entered
    handful = read_roster(roster_csv, "a handful", andorra)
    journeys = simulate_field(andorra, handful, 3)
    assert [journey.bib for journey in journeys] == [entrant.bib for entrant in handful.entrants]
    emissions(andorra, handful, journeys, 3, REALISTIC)


def test_waves_start_one_after_the_other() -> None:
    event = course("grand-raid-2023")
    race = event.races[0]
    rows = "\n".join(f"{bib},{race.id},{race.waves[bib % len(race.waves)].id}" for bib in range(1, 101))
    waved = read_roster(f"bib,race,wave\n{rows}\n", "waves", event)
    journeys = simulate_field(event, waved, 1)
    for journey in journeys:
        assert [visit.checkpoint for visit in journey.visits] == list(range(len(journey.visits)))
        wave = waved.by_bib[journey.bib].wave
        if journey.started and wave is not None:
            assert 0 <= journey.visits[0].arrived_ms - race.wave_starts[wave] < 120_000


def test_a_race_between_two_measured_ones_lies_between_them() -> None:
    middle = calibration(120.0)
    assert calibration(86.0).withdrawn < middle.withdrawn < calibration(174.0).withdrawn
    assert finish_share(middle, 0.0) < finish_share(middle, 0.5) < finish_share(middle, 1.0) < 1.0
    assert calibration(5.0).finish == calibration(14.0).finish
    assert calibration(400.0).withdrawn == calibration(275.9).withdrawn
