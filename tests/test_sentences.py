"""What a field says in sentences, each alone."""

from tests.core.builders import entrant, field_of, race_with, read, reads
from tracker.core.lateness import overdue
from tracker.sentences import age, overdue_line


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
