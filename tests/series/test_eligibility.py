"""Who may start, by what the race requires, what the start list says was shown, and what the organiser says."""

from dataclasses import replace
from datetime import date

import pytest

from tests.core.builders import decides, entrant, field_of, race_with, reads
from tracker.core.course import Race, Requirement
from tracker.core.roster import Entrant, EntryStatus, Paper, Shown
from tracker.core.runner import Status
from tracker.series.eligibility import Entry, eligibility

RACE_DAY = date(2022, 6, 24)
CERTIFICATE, COVER = Requirement.MEDICAL_CERTIFICATE, Requirement.LICENCE_OR_INSURANCE
MEDICAL, LICENCE, INSURANCE = Paper
LONG = replace(race_with(), max_birth_year=2002, requires=(CERTIFICATE, COVER))
FAMILY = replace(race_with(id="7k5"), accompanied_under_age=14)


def grown(bib: str, status: EntryStatus = EntryStatus.CONFIRMED) -> Entrant:
    """Old enough for every race, with no paper shown."""
    return entrant(bib, birth_year=1985, status=status)


def said(race: Race, **known: object) -> str:
    """What the start list says of an entrant of whom it knows this much."""
    return str(eligibility(replace(entrant("1"), **known), race, RACE_DAY))  # type: ignore[arg-type]


def showing(**until: str | None) -> Entrant:
    """A grown runner who has shown papers, each valid until a day, or without an end."""
    papers = {Paper(name): Shown(None if day is None else date.fromisoformat(day)) for name, day in until.items()}
    return entrant("1", papers=papers, birth_year=1985)


def test_who_has_shown_everything_is_confirmed() -> None:
    for cover in (LICENCE, INSURANCE):
        found = eligibility(showing(medical_certificate=None, **{cover: None}), LONG, RACE_DAY)
        assert (found.entry, str(found), found.open) == (Entry.CONFIRMED, "CONFIRMED", ())


def test_a_race_that_requires_nothing_confirms_everybody() -> None:
    assert said(race_with()) == "CONFIRMED"


def test_what_is_not_shown_is_pending_in_words() -> None:
    found = eligibility(entrant("1", birth_year=1985), LONG, RACE_DAY)
    assert (found.entry, found.open) == (Entry.PENDING, ("medical certificate", "licence or insurance"))
    assert str(found) == "pending: medical certificate; licence or insurance"


def test_a_paper_is_valid_through_its_last_day() -> None:
    ends_that_day = showing(medical_certificate="2022-06-24", licence=None)
    assert eligibility(ends_that_day, LONG, RACE_DAY).entry is Entry.CONFIRMED
    assert str(eligibility(ends_that_day, LONG, date(2022, 6, 25))) == "pending: medical certificate (valid until 2022-06-24)"


def test_a_licence_that_has_ended_does_no_harm_beside_an_insurance_that_has_not() -> None:
    both = {"medical_certificate": None, "licence": "2021-12-31"}
    assert str(eligibility(showing(**both), LONG, RACE_DAY)) == "pending: licence or insurance (valid until 2021-12-31)"
    assert eligibility(showing(**both, insurance="2022-12-31"), LONG, RACE_DAY).entry is Entry.CONFIRMED
    assert str(eligibility(showing(**both, insurance="2022-03-01"), LONG, RACE_DAY)).endswith("(valid until 2022-03-01)")


@pytest.mark.parametrize(
    ("limits", "year", "why"),
    [
        ({"max_birth_year": 2002}, 2002, None),
        ({"max_birth_year": 2002}, 2003, 'born in 2003, and race "105k" is for those born in 2002 or earlier'),
        ({"min_age": 18}, 2004, None),
        ({"min_age": 18}, 2005, '17 years in 2022, and race "105k" is for 18 and over'),
        ({"min_age": 18, "max_birth_year": 2002}, 2005, 'born in 2005, and race "105k" is for those born in 2002 or earlier'),
    ],
)
def test_who_is_too_young_may_not_start_whatever_he_shows(limits: dict[str, int], year: int, why: str | None) -> None:
    race = replace(race_with(), requires=(COVER,), **limits)  # type: ignore[arg-type]
    found = eligibility(replace(showing(licence=None), birth_year=year), race, RACE_DAY)
    assert found.barred == (why or "")
    assert found.open == (() if why is None else (f"too young: {why}",))
    assert found.entry is (Entry.CONFIRMED if why is None else Entry.TOO_YOUNG)


def test_an_unknown_birth_is_pending_only_where_the_age_matters() -> None:
    assert said(replace(race_with(), max_birth_year=2002)) == "pending: date of birth"
    assert said(replace(race_with(), min_age=18)) == "pending: date of birth"
    assert said(FAMILY) == "pending: date of birth"
    assert said(FAMILY, accompanied_by="Ada Larch") == "CONFIRMED"


def test_a_child_needs_an_adult_to_go_along() -> None:
    assert said(FAMILY, birth_year=2007) == "CONFIRMED"
    assert said(FAMILY, birth_year=2009) == "pending: adult to go along (13 years, under 14)"
    assert said(FAMILY, birth_year=2009, accompanied_by="212") == "CONFIRMED"


def test_of_a_child_whose_year_alone_is_known_the_date_decides() -> None:
    """Born in 2008, he is 14 in the year of the race, and maybe 13 on its day."""
    open_ = "pending: date of birth (13 or 14 years on the day, and under 14 an adult has to go along)"
    assert said(FAMILY, birth_year=2008) == open_
    assert said(FAMILY, birth_year=2008, accompanied_by="Ada Larch") == "CONFIRMED"


def test_with_a_whole_date_of_birth_a_child_is_as_old_as_on_the_day() -> None:
    assert said(FAMILY, birth_year=2008, birthdate="2008-06-24") == "CONFIRMED"
    assert said(FAMILY, birth_year=2008, birthdate="2008-06-25") == "pending: adult to go along (13 years, under 14)"
    assert said(FAMILY, birth_year=2008, birthdate="2008-02-29") == "CONFIRMED"


def test_the_organisers_dns_wins() -> None:
    found = eligibility(entrant("1", status=EntryStatus.DNS, birth_year=2010), LONG, RACE_DAY)
    assert (str(found), found.open) == ("dns", ())


def test_the_organisers_pending_stays_until_the_organiser_takes_it_back() -> None:
    shown = replace(showing(medical_certificate=None, licence=None), status=EntryStatus.PENDING)
    assert str(eligibility(shown, LONG, RACE_DAY)) == "pending: organiser's confirmation"
    assert said(LONG, birth_year=1985, status=EntryStatus.PENDING, papers={MEDICAL: Shown()}) == (
        "pending: licence or insurance; organiser's confirmation"
    )


def test_what_is_pending_changes_nothing_in_the_ledger() -> None:
    """Before the start all but the organiser's dns are entered; whoever runs is racing, papers or not."""
    people = [
        grown("1"),
        grown("2", EntryStatus.PENDING),
        entrant("3", birth_year=2010),
        entrant("4", status=EntryStatus.DNS),
    ]
    assert [one.expected for one in people] == [True, True, True, False]
    bare = field_of(race_with(), [*reads("1", start=0), *reads("3", start=0)], entrants=people)
    asked = field_of(LONG, [*reads("1", start=0), *reads("3", start=0)], entrants=people)
    assert asked.ledger("105k") == bare.ledger("105k")
    assert asked.ledger("105k")[Status.RACING] == 2
    assert asked.ledger("105k")[Status.ENTERED] == 1


def test_the_desks_dns_is_the_ledgers_and_leaves_the_entry_as_it_is() -> None:
    field = field_of(LONG, [decides("dns", "-1h")], entrants=[grown("1")])
    assert field.verdict("1").status is Status.DNS
    assert eligibility(field.runners["1"].entrant, LONG, RACE_DAY).entry is Entry.PENDING
