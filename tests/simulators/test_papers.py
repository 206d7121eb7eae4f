"""What simulated runners have shown is what a start list looks like on the morning of the race: most all of it, some not yet."""

from collections import Counter

import pytest

from tests.simulators.conftest import course, roster_of
from tracker.core.course import Event
from tracker.core.roster import EntryStatus, Paper, Roster
from tracker.files.check import check_roster
from tracker.files.times import local_datetime
from tracker.series.eligibility import Eligibility, Entry, Kind, eligibility


@pytest.fixture(scope="module")
def found(andorra: Event, roster: Roster) -> dict[str, Eligibility]:
    days = {race.id: local_datetime(race.start_ms, andorra.timezone).date() for race in andorra.races}
    return {one.bib: eligibility(one, andorra.by_id[one.race], days[one.race]) for one in roster.entrants}


def test_most_are_confirmed_and_a_few_have_something_pending(roster: Roster, found: dict[str, Eligibility]) -> None:
    said = Counter(one.entry for one in found.values())
    assert said[Entry.CONFIRMED] > 0.88 * len(found)
    assert 0.03 * len(found) < said[Entry.PENDING] < 0.09 * len(found)
    assert said[Entry.TOO_YOUNG] == 0
    by_hand = [found[one.bib].entry for one in roster.entrants if one.status is EntryStatus.CONFIRMED]
    assert 0 < by_hand.count(Entry.PENDING) < 0.05 * len(by_hand)


def test_there_is_one_of_everything_that_can_be_pending(found: dict[str, Eligibility]) -> None:
    pending = [each for one in found.values() for each in one.pending]
    assert {each.kind for each in pending} == set(Kind)
    assert any(each.why.startswith("valid until 20") for each in pending)


def test_everybody_shows_what_the_race_asks_for_and_no_more(andorra: Event, roster: Roster) -> None:
    for race_id, has_certificates in {"105k": True, "50k": True, "21k": False, "7k5": False}.items():
        shown = [set(one.papers) for one in roster.of_race(race_id)]
        assert any(Paper.MEDICAL_CERTIFICATE in papers for papers in shown) is has_certificates
        assert not any({Paper.LICENCE, Paper.INSURANCE} <= papers for papers in shown)
        assert 0.2 < sum(Paper.LICENCE in papers for papers in shown) / len(shown) < 0.5
    accompanied = [one for one in roster.entrants if one.accompanied_by]
    assert len(accompanied) > 10
    assert all(one.race == "7k5" and one.birth_year is not None and 2022 - one.birth_year < 14 for one in accompanied)


def test_a_race_that_asks_for_nothing_is_shown_nothing() -> None:
    event = course("utmb-2024")
    assert not any(one.papers or one.accompanied_by for one in roster_of(event, 1).entrants)
    bare = check_roster(event, "bib,race\n1,utmb\n", "roster.csv")
    assert not any("pending" in str(finding) for finding in bare)
