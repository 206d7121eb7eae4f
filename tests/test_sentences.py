"""What a field says in sentences, each alone."""

from tests.core.builders import entrant, field_of, heartbeat, race_with, read, reads, station_word, withdraws
from tracker.core.facts import Fact
from tracker.core.lateness import overdue
from tracker.core.stations import stations
from tracker.sentences import age, overdue_line, station_lines


def about(station: str, said: list[Fact], now: str) -> list[str]:
    field = field_of(race_with(), said, now=now)
    return station_lines(field, next(one for one in stations(field) if one.id == station))


def test_a_station_says_what_it_is_who_is_behind_it_and_how_far_it_is_heard() -> None:
    said = [
        *(fact for bib in "123" for fact in reads(bib, start=0)),
        read("1", "botella", "2h", "in", device="mat-botella", seq=1),
        withdraws("2", "ordino", "1h"),
        heartbeat("botella", "2h30", 4),
    ]
    assert about("botella", said, "3h") == [
        "Botella (botella): silent",
        "  3 runners still to come or to leave, 1 of them there, 1 of them out of the race and not accounted for",
        "  last heard: Fri 21:30:00, 30m ago",
        "  everything known through: never by now",
        "  device mat-botella, heard Fri 21:30:00, 30m ago, battery ?, queue ?, missing 3 facts (number 2 to 4)",
    ]


def test_a_station_says_what_the_desk_said_of_it_and_that_nobody_monitors_it() -> None:
    said = [*reads("1", start=0), station_word("botella", "closed", "1h", forced=True)]
    assert about("botella", said, "2h") == [
        "Botella (botella): closed",
        "  the desk said closed by force at Fri 20:00, director: last sweeper through",
        "  1 runner still to come or to leave, 2 more yet to start",
        "  not monitored: no device there has sent a heartbeat",
    ]


def test_those_who_cannot_be_judged_without_a_station_are_counted_there() -> None:
    said = [*reads("1", start=0, botella="3h"), heartbeat("illa", "5h", 0)]
    assert "  1 runner cannot be judged before it is heard" in about("illa", said, "16h")


def test_who_is_overdue_is_told_in_one_sentence() -> None:
    people = [entrant("1", name="Ada Larch", sex="F", category="O40")]
    field = field_of(race_with(), reads("1", start=0, botella="3h30"), now="17h", entrants=people)
    [one] = overdue(field)
    line = overdue_line(field, one)
    assert line.startswith(
        f"bib 1 Ada Larch, F O40, race 105k: overdue at Illa by {age(one.by_ms)}, last seen at Botella Fri 22:30, 13h30 ago, "
    )
    assert ", expected Sat " in line
    assert ", between Sat " in line


def test_of_who_is_overdue_it_is_told_whom_to_call() -> None:
    phones = {"Emergency phone": "+376 1", "shirt": "M", "Tél. portable": "+33 6\x1b[1m"}
    people = [entrant("1", extra=phones)]
    field = field_of(race_with(), reads("1", start=0, botella="3h30"), now="17h", entrants=people)
    [one] = overdue(field)
    assert overdue_line(field, one).endswith("; Emergency phone +376 1; Tél. portable +33 6[1m")


def test_of_who_went_into_a_station_it_is_told_that_nobody_saw_him_leave() -> None:
    field = field_of(race_with(), [*reads("1", start=0), read("1", "botella", "3h", "in")], now="17h", count=1)
    [one] = overdue(field)
    assert "went into Botella Fri 22:00, 14h ago, not read going out, expected" in overdue_line(field, one)


def test_how_long_is_told_to_the_minute_and_never_below_none() -> None:
    assert [age(ms) for ms in (-5, 59_999, 60_000, 3_600_000, 11_100_000)] == ["0m", "0m", "1m", "1h", "3h05"]
