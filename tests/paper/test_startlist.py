"""The start list as people use it at check-in."""

from dataclasses import replace

from rich.cells import cell_len

from tests.core.builders import decides, entrant, field_of, field_of_races, moves_race, race_with, reads
from tracker.core.course import Requirement
from tracker.core.field import Field
from tracker.core.roster import EntryStatus
from tracker.paper.pages import WIDTH
from tracker.paper.runners import natural
from tracker.paper.startlist import startlist


def rows(field: Field, race: str = "105k") -> list[str]:
    """The lines of a race's entrants."""
    [section] = startlist(field, [race])
    return [block[0] for block in section.blocks[:-1]]


def test_bibs_stand_as_people_look_for_them() -> None:
    bibs = ["M7", "10", "9", "M10", "100", "9b", "9a", "m8", "1"]
    assert sorted(bibs, key=natural) == ["1", "9", "9a", "9b", "10", "100", "M7", "m8", "M10"]
    assert [line.split()[2] for line in rows(field_of(race_with(), entrants=[entrant(bib) for bib in bibs]))] == sorted(bibs, key=natural)


def test_an_entrant_is_a_line_with_a_box_to_tick() -> None:
    people = [entrant("12", name="Ada Larch", sex="F", category="O40", club="Hill Athletics Club", country="AND"), entrant("7")]
    unknown, known = rows(field_of(race_with(), entrants=people, now="-1h"))
    assert known == "[ ]  12 Ada Larch                F O40    AND Hill Athletics Cl… CONFIRMED"
    assert unknown == "[ ]   7 ?                        ? ?      ?" + " " * 22 + "CONFIRMED"


def test_the_status_is_the_rosters_until_more_is_known_and_the_sum_counts_each() -> None:
    people = [
        *(entrant(str(bib)) for bib in range(1, 6)),
        entrant("6", status=EntryStatus.PENDING),
        entrant("7", status=EntryStatus.DNS),
    ]
    said = [*(fact for bib in "123" for fact in reads(bib, start=0)), decides("dns", "-1h", "4")]
    field = field_of(race_with(), said, now="1h", entrants=people)
    assert [line.rpartition("  ")[2] for line in rows(field)] == [
        "started",
        "started",
        "started",
        "dns",
        "dns proposed",
        "dns proposed",
        "dns",
    ]
    [section] = startlist(field, ["105k"])
    assert section.blocks[-1] == ("", "7 entrants = 3 started + 2 dns + 2 dns proposed")


STRICT = replace(race_with(waves={"a": "0m"}), max_birth_year=2002, requires=tuple(Requirement))


def test_under_who_is_not_confirmed_stands_what_is_pending_or_why_he_may_not_start() -> None:
    people = [
        entrant("9", birth_year=1985, wave="a"),
        entrant("10", birth_year=2003, wave="a"),
        entrant("11", birth_year=1985, status=EntryStatus.PENDING, wave="a"),
        entrant("12", birth_year=1985, status=EntryStatus.DNS, wave="a"),
    ]
    [section] = startlist(field_of(STRICT, entrants=people, now="-1h"), ["105k"])
    first, young, waits, absent, total = section.blocks
    assert [block[0].split("  ")[-1] for block in (first, young, waits, absent)] == ["pending, a", "too young, a", "pending, a", "dns, a"]
    assert first[1:] == ("        medical certificate; licence or insurance",)
    assert young[1:] == ('        born in 2003, and race "105k" is for those born in 2002 or earlier',)
    assert waits[1:] == ("        medical certificate; licence or insurance; organiser's confirmation",)
    assert absent[1:] == ()
    assert total == ("", "4 entrants = 2 pending + 1 too young + 1 dns")


def test_nothing_is_pending_at_check_in_of_who_has_started_or_is_not_to() -> None:
    said = [*reads("1", start=0), decides("dns", "-1h", "2")]
    people = [entrant(bib, birth_year=1985) for bib in ("1", "2", "3")]
    [section] = startlist(field_of(replace(STRICT, waves=()), said, now="1m", entrants=people), ["105k"])
    assert [(block[0].split("  ")[-1], len(block)) for block in section.blocks[:-1]] == [("started", 1), ("dns", 1), ("pending", 2)]


def test_who_was_moved_needs_what_the_other_race_requires() -> None:
    races = (STRICT, race_with(id="50k"))
    people = [entrant("1", birth_year=1985), entrant("2", "50k", birth_year=1985)]
    field = field_of_races(races, people, [moves_race("50k", "1"), moves_race("105k", "2")], now="-1m")
    assert [[line.split()[-1] for line in rows(field, race)] for race in ("50k", "105k")] == [["CONFIRMED"], ["pending"]]


def test_each_race_begins_a_page_and_has_who_the_desk_has_put_there() -> None:
    races = (race_with(), race_with(id="50k"))
    people = [entrant("1"), entrant("2"), entrant("3", "50k")]
    field = field_of_races(races, people, [moves_race("50k", "2")], now="2h")
    assert all(section.new_page for section in startlist(field, ["105k", "50k"]))
    assert [[line.split()[2] for line in rows(field, race)] for race in ("105k", "50k")] == [["1"], ["2", "3"]]


def test_a_wave_is_told_where_there_are_waves() -> None:
    field = field_of(race_with(waves={"a": "0m"}), entrants=[entrant("1", wave="a")], now="-1h")
    assert rows(field)[0].endswith("CONFIRMED, a")


def test_names_of_any_script_keep_the_columns_straight() -> None:
    names = ["日本 山田", "שרה לוי", "e\u0301" * 9, "[/nope] [bold]", "👩‍👩‍👧 fam", "x" * 80]
    people = [entrant(str(number), name=name, club=name) for number, name in enumerate(names)]
    found = rows(field_of(race_with(), entrants=people, now="-1h"))
    assert {cell_len(line) for line in found} == {WIDTH - 15 + len("confirmed")}
