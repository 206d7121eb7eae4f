"""`--format runsignup`: the results of one race for a result set of RunSignup, under the names of its results API.

What its import makes of other columns is not known: the runner's `status` and the provenance are the last.
"""

from tracker.export.cells import csv_bytes
from tracker.export.receivers import Ending, Refusal, Row, has_two_names, refusals, rows_of_one_race
from tracker.export.results import Results
from tracker.files.times import format_elapsed

HEADER = (
    "place",
    "bib_num",
    "first_name",
    "last_name",
    "gender",
    "age",
    "city",
    "state",
    "country_code",
    "clock_time",
    "chip_time",
    "status",
)
_STATUS = {Ending.FINISHED: "finished", Ending.DNF: "DNF", Ending.DISQUALIFIED: "DQ"}
_RULES = (has_two_names,)


def write(results: Results) -> bytes:
    """The one race as CSV, UTF-8; who did not start is left out. ValueError when there are several races."""
    made = results.made()
    written = (row for row in rows_of_one_race(results) if row.ending in _STATUS)
    return csv_bytes((*HEADER, *made), ([*_cells(row), *made.values()] for row in written))


def refused(results: Results) -> list[Refusal]:
    """What RunSignup would refuse."""
    return refusals(results, _RULES, _STATUS)


def _cells(row: Row) -> list[object]:
    """`clock_time` is from the gun, `chip_time` from the runner's own start, where that is what counts."""
    person = (row.bib, row.first_name, row.last_name or row.name, row.gender, row.age, row.city, row.state, row.iso2)
    clock_time, chip_time = _time(row.gun_time_ms), _time(row.time_ms if row.chip_timed else None)
    return [row.place, *person, clock_time, chip_time, "" if row.ending is None else _STATUS[row.ending]]


def _time(time_ms: int | None) -> str:
    return "" if time_ms is None else format_elapsed(time_ms)
