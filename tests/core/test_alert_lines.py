"""The list that people are shown: many alerts of one kind and race take no more room than a few, and hide no other."""

from tests.core.builders import at, entrant, field_of, field_of_races, heartbeat, race_with, read, reads, withdraws
from tracker.core.alert import Alert, Severity, alert
from tracker.core.alert_lines import FEW, alert_lines, first_of
from tracker.core.alerts import alerts
from tracker.core.facts import Fact


def who_gave_up(count: int, race: str = "105k", first: int = 1) -> list[Alert]:
    """So many runners of a race who are out, the oldest first."""
    bibs = [str(first + number) for number in range(count)]
    return [alert("unaccounted", bib, at("9h") + int(bib), f"bib {bib} is out", "ask", race=race, bib=bib) for bib in bibs]


SILENT = alert("silent", "illa", at("2h"), "Illa is silent", "reach it", station="illa")


def test_a_few_alerts_of_a_kind_stand_each_in_its_line() -> None:
    found = [*who_gave_up(FEW + 1), SILENT]
    assert [(line.text, line.at_ms, line.of) for line in alert_lines(found)] == [(one.text, one.at_ms, (one,)) for one in found]


def test_a_hundred_of_one_kind_and_race_are_a_few_lines_and_one_that_names_the_rest() -> None:
    found = [*who_gave_up(100), SILENT]
    lines = alert_lines(found)
    assert [line.text for line in lines[:3]] == ["bib 1 is out", "bib 2 is out", "bib 3 is out"]
    named = ", ".join(str(bib) for bib in range(4, 24))
    assert lines[3].text == f"97 more in race 105k out of the race and not accounted for: bibs {named} and 77 more"
    assert (lines[3].severity, lines[3].at_ms, lines[3].todo) == (Severity.ACT, found[3].at_ms, "ask")
    assert [line.of for line in lines[3:]] == [tuple(found[3:-1]), (SILENT,)]


def test_the_bibs_of_one_line_stand_as_people_count() -> None:
    found = [
        alert("unaccounted", bib, at("9h"), "out", "ask", race="105k", bib=bib) for bib in ("5", "6", "7", "12", "B2", "2", "103", "3")
    ]
    assert alert_lines(found)[3].text.endswith(": bibs 2, 3, 12, B2, 103")


def test_races_and_kinds_are_told_apart() -> None:
    late = [alert("overdue", bib, at("8h"), f"bib {bib} is overdue", "ask", race="105k", bib=bib) for bib in "12345"]
    found = [*who_gave_up(5), *who_gave_up(4, "50k", 50), *late]
    assert [len(line.of) for line in alert_lines(found)] == [1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2]


def test_what_is_of_no_race_is_told_line_by_line() -> None:
    strangers = [alert("unknown_bib", str(bib), at("3h"), f"bib {bib} is not on the roster", "compare", bib=str(bib)) for bib in range(9)]
    assert [line.text for line in alert_lines(strangers)] == [one.text for one in strangers]


def test_every_alert_is_in_exactly_one_line() -> None:
    facts: list[Fact] = [fact for bib in range(1, 30) for fact in (*reads(str(bib), start=0), withdraws(str(bib), when="3h"))]
    facts += [read("99", "botella", "3h"), heartbeat("illa", "2h", 0), *reads("31", start=0)]
    found = alerts(field_of(race_with(), facts, now="4h", count=31))
    told = [one for line in alert_lines(found) for one in line.of]
    assert sorted(one.id for one in told) == sorted(one.id for one in found)
    assert len(alert_lines(found)) == len(found) - 29 + FEW + 1


def test_what_a_program_is_told_first_has_some_of_every_kind() -> None:
    strangers = [alert("unknown_bib", str(bib), at("3h"), "who?", "compare", bib=str(bib)) for bib in range(9)]
    found = [*who_gave_up(100), SILENT, *strangers]
    assert first_of(found, 50) == [*found[:49], SILENT]
    assert first_of(found, 200) == found
    assert [one.kind for one in first_of([*who_gave_up(5), *strangers], 6)] == ["unaccounted"] * 5 + ["unknown_bib"]


def test_of_two_races_neither_hides_the_others_runners() -> None:
    races = (race_with(), race_with(id="50k"))
    people = [entrant(str(bib), "105k" if bib < 10 else "50k") for bib in range(1, 19)]
    facts = [fact for one in people for fact in (*reads(one.bib, start=0), withdraws(one.bib, when=f"3h{int(one.bib):02}"))]
    found = alerts(field_of_races(races, people, facts, now="4h"))
    assert [one.bib for one in first_of(found, 6)] == ["1", "2", "3", "10", "11", "12"]
