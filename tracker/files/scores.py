"""Reading a list of past scores: CSV in, each runner's scores out, or every fault at once.

A line for each race that a runner has run; without a score in it, the runner did not finish, and that never hurts.
"""

from collections.abc import Container, Mapping
from datetime import date
from functools import partial

from tracker.files.cells import ListLine, list_lines, read_day, read_points
from tracker.files.finding import FileError, Finding, fault
from tracker.files.roster import LONGEST_BIB
from tracker.files.table import listed
from tracker.series.index import Scored
from tracker.series.rules import Rules

COLUMNS = ("bib", "date", "category", "score")
_FIRST_YEAR = 1990


class ScoresError(FileError):
    """A list of scores that cannot be used. `faults` is every fault of it; `str` is one line a fault."""


def read_scores(text: str, source: str, rules: Rules, last: date, bibs: Container[str] | None = None) -> Mapping[str, list[Scored]]:
    """Each bib's scores, of a CSV's `text`; `source` names the file in errors. ScoresError with every fault when it cannot be used.

    `last` is the last day of which there can be scores; `bibs` are all that there are (None: any).
    """
    found: list[Finding] = []
    line_of: dict[tuple[str, date, str], int] = {}
    scores: dict[str, list[Scored]] = {}
    for line in list_lines(text, source, COLUMNS, found):
        bib, scored = _bib(line, bibs), _scored(line, rules, last)
        if scored is None:
            continue
        first = line_of.setdefault((bib, scored.day, scored.category), line.number)
        if first != line.number:
            what = f"bib {bib} and a {scored.category} of {scored.day} stand in line {first} already"
            found.append(fault(line.where, what, "Take one out"))
        scores.setdefault(bib, []).append(scored)
    if found:
        raise ScoresError(tuple(found))
    return scores


def _bib(line: ListLine, bibs: Container[str] | None) -> str:
    bib = line.cells["bib"]
    if not bib:
        line.fault("bib", "it is empty", "Write the bib as in the roster")
    elif len(bib) > LONGEST_BIB:
        line.fault("bib", f'"{bib}" has more than {LONGEST_BIB} characters', "Write the bib as in the roster")
    elif bibs is not None and bib not in bibs:
        line.fault("bib", f'"{bib}" is no entrant', "Write the bib as in the roster")
    return bib


def _scored(line: ListLine, rules: Rules, last: date) -> Scored | None:
    """What a line says of one race; None where it does not say of which."""
    day, category = _day(line, last), _category(line, rules)
    points = read_points(line.cells["score"], "score", partial(line.fault, "score"))
    return None if day is None or category is None else Scored(day, category, points)


def _day(line: ListLine, last: date) -> date | None:
    text = line.cells["date"]
    if not text:
        line.fault("date", "it is empty", "Write the day of the race, for example 2023-06-24")
        return None
    day = read_day(text, "2023-06-24", partial(line.fault, "date"))
    if day is not None and day > last:
        line.fault("date", f"{day} is still to come (the last day that can have scores is {last})", "Correct it, or take the line out")
    elif day is not None and day.year < _FIRST_YEAR:
        line.fault("date", f"{day.year:04} is no year of a score", "Correct the year")
    return day


def _category(line: ListLine, rules: Rules) -> str | None:
    text, names = line.cells["category"], [one.name for one in rules.categories]
    found = next((name for name in names if name.casefold() == text.casefold()), None)
    if found is None:
        line.fault("category", f'"{text}" is no category' if text else "it is empty", f"Write {listed(names)}")
    return found
