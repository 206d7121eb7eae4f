"""`--format ultrasignup`: the results of one race for UltraSignup's results loader (help.ultrasignup.com, "Formatting results files").

Its columns and no other: an upload with more may fail, so that there is no room for the provenance.
"""

from tracker.export.cells import csv_bytes
from tracker.export.receivers import (
    Ending,
    Refusal,
    Row,
    has_birthdate,
    has_gender,
    has_two_names,
    refusals,
    rows_of_one_race,
)
from tracker.export.results import Results
from tracker.files.times import format_elapsed

HEADER = ("place", "time", "first", "last", "age", "gender", "dob", "bib", "city", "state", "status")
_STATUS = {Ending.FINISHED: 1, Ending.DNF: 2, Ending.DNS: 3, Ending.DISQUALIFIED: 5}
_RULES = (has_two_names, has_gender, has_birthdate)


def write(results: Results) -> bytes:
    """The one race as CSV, UTF-8. ValueError when there are several races."""
    return csv_bytes(HEADER, (_cells(row, row.ending) for row in rows_of_one_race(results) if row.ending is not None))


def refused(results: Results) -> list[Refusal]:
    """What UltraSignup would refuse."""
    return refusals(results, _RULES, _STATUS)


def _cells(row: Row, ending: Ending) -> list[object]:
    time = "" if row.time_ms is None else format_elapsed(row.time_ms)
    person = (row.first_name, row.last_name or row.name, row.age, row.gender, row.birthdate, row.bib, row.city, row.state)
    return [row.place, time, *person, _STATUS[ending]]
